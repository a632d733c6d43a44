/*
 * phone.c - virtual numbers: the section as a whole, and what more than one of
 * its parts reads.
 */
#include "gateway/config/phone.h"

#include "crypto/prim/hash.h"

#include <string.h>

#define HOUR_S 3600u

/* ---- readers --------------------------------------------------------------------- */

bool config_read_e164(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *number;

	if (!shape_text(c, node, &number))
		return false;
	if (!phone_number_is_e164(sc_span_str(number)))
		return shape_must(c, node,
		    "be a number in E.164: a plus and 7 to 15 digits, such as "
		    "\"+441632960001\"");
	*(const char **)field = number;
	return true;
}

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

/* Who URL leads to, if it may have a path or has none; empty when it is no URL of that kind. */
static struct sc_span authority_of(const char *url, bool path_ok)
{
	const char *at = strstr(url, "://"), *path;

	if (at == NULL || strpbrk(url, "@?#\\\"<> ") != NULL)
		return sc_span("", 0);
	path = strchr(at + 3, '/');
	if (path != NULL && !path_ok)
		return sc_span("", 0);
	return path == NULL ? sc_span_str(at + 3) : sc_span(at + 3, (size_t)(path - at - 3));
}

bool config_read_public_url(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool path_ok = c->row->min != 0;
	struct sockaddr_storage addr;
	const char **url = field;
	struct sc_span port;

	if (!shape_text(c, node, url))
		return false;
	if (!config_authority(authority_of(*url, path_ok), &addr, &port))
		return shape_must(c, node, "be https://HOST or https://HOST:PORT%s",
		    path_ok ? ", and a path without a query" : ", without a path");
	if (strncmp(*url, "https://", 8) == 0 ||
	    (strncmp(*url, "http://", 7) == 0 && config_loopback(&addr)))
		return true;
	return shape_must(c, node,
	    "begin with https:// (http:// is for 127.0.0.1 and [::1] alone, to try things out)");
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
