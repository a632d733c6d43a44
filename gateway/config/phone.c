/*
 * phone.c - virtual numbers: the section as a whole.
 */
#include "gateway/config/phone.h"

#include "crypto/prim/hash.h"

#include <string.h>

#define HOUR_S 3600u

/* A calling code, which is digits without a plus. */
static bool code_ok(const char *s, size_t max)
{
	size_t n = strspn(s, "0123456789");

	return s[n] == '\0' && n >= 1 && n <= max && s[0] != '0';
}

static bool read_home(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **home = field;

	if (!shape_text(c, node, home))
		return false;
	return code_ok(*home, c->row->max) ||
	    shape_must(c, node, "be a calling code without its plus, such as \"44\"");
}

/* ---- the section -------------------------------------------------------------------- */

#define GUARD(field) SHAPE_AT(struct phone_guard_settings, field)
static const struct shape_row guard_rows[] = {
	{ "caller_line", shape_count, GUARD(caller_line), .usual = 3, .min = 1, .max = 1000 },
	{ "caller", shape_count, GUARD(caller), .usual = 10, .min = 1, .max = 10000 },
	{ "line", shape_count, GUARD(line), .usual = 30, .min = 1, .max = 100000 },
	{ "pool", shape_count, GUARD(pool), .usual = 30, .min = 1, .max = 100000 },
	{ "block", shape_seconds, GUARD(block_s), .usual = HOUR_S, .min = 60, .max = 30 * 86400 },
	{ .key = NULL },
};
static const struct shape guard = { .what = "section", .rows = guard_rows };

#define AT(field) SHAPE_AT(struct phone_settings, field)
#define LIST(field) SHAPE_LIST(struct phone_settings, field, n_##field), .shape
static const struct shape_row rows[] = {
	{ "home", read_home, AT(home), .need = true, .max = 3 },
	{ "pools", config_read_pools, LIST(pools) = &config_pool_shape, .need = true, .min = 1,
	    .max = PHONE_POOLS_MAX },
	{ "guard", shape_object, AT(guard), .shape = &guard },
	{ "vendors", config_read_vendors, LIST(vendors) = &config_vendor_shape,
	    .max = PHONE_VENDORS_MAX },
	{ "hooks", shape_list, LIST(hooks) = &config_hook_shape, .max = PHONE_HOOKS_MAX },
	{ "event_secret", shape_path, AT(event_secret_file), .max = CONFIG_PATH_MAX },
	{ .key = NULL },
};
const struct shape config_phone_shape = { .what = "phone section", .rows = rows };

bool config_read_phone(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct phone_settings **phone = field;
	bool ok;

	if ((*phone = shape_alloc(c, sizeof(struct phone_settings))) == NULL)
		return false;
	hash_sha256(sc_span(c->doc.text.p + node->at, node->end - node->at),
	    ((struct config *)c->arg)->phone_hash);
	ok = shape_fill(c, c->row->shape, node, *phone);
	if (doc_find(c->doc.root, "store") == NULL)
		ok = shape_wrong_at(c, node->key_at,
		    "\"phone\" needs \"store\": bindings must survive a crash, such as "
		    "\"store\": \"sqlite:run/scrim.db\"");
	return ok;
}
