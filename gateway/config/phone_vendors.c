/*
 * phone_vendors.c - who rents out numbers and asks our webhooks what to do
 * with a call.
 *
 * A vendor asks under a role and a purpose like anybody else; its keys are
 * files, so that reading the configuration gives nobody a key.
 */
#include "gateway/config/phone.h"

#include "policy/lang/window.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNT_MAX 64
#define DAY_S 86400u
#define KEYPAD_DIGITS 6 /* of an extension that a keypad asks for: it can be guessed by ringing */
#define LANGUAGE_MAX 16

/* ---- keys ---------------------------------------------------------------------------- */

struct vendor_key {
	const char *file;
	uint64_t until; /* Unix seconds */
};
struct vendor_keys {
	struct vendor_key *v;
	size_t n;
};

/* The last day on which a key is taken, in UTC. */
static bool read_until(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	char moment[sizeof("YYYY-MM-DDT00:00:00Z")];
	uint64_t *until = field, ms;
	const char *day;

	if (!shape_text(c, node, &day))
		return false;
	snprintf(moment, sizeof(moment), "%sT00:00:00Z", day);
	if (strlen(day) != strlen("YYYY-MM-DD") || !lang_time_parse(sc_span_str(moment), &ms))
		return shape_must(c, node,
		    "be the last day on which the key is taken, such as \"2027-01-31\"");
	*until = ms / 1000 + DAY_S;
	return true;
}

static const struct shape_row key_rows[] = {
	{ "file", shape_path, SHAPE_AT(struct vendor_key, file), .need = true,
	    .max = CONFIG_PATH_MAX },
	{ "until", read_until, SHAPE_AT(struct vendor_key, until), .max = 10 },
	{ .key = NULL },
};
static const struct shape key_shape = { .what = "key",
	.rows = key_rows,
	.size = sizeof(struct vendor_key) };

static bool read_keys(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct phone_vendor *v = field;
	struct shape_row row = *c->row;
	struct vendor_keys keys = { .n = 0 };

	row.read = shape_list;
	if (!shape_read(c, &row, node, &keys.v))
		return false;
	for (size_t i = 0; i < keys.n; i++) {
		v->key_files[i] = keys.v[i].file;
		v->key_until[i] = keys.v[i].until;
	}
	return true;
}

/* ---- a vendor by itself ------------------------------------------------------------------ */

static bool read_account(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **account = field;

	if (!shape_text(c, node, account))
		return false;
	return strpbrk(*account, " \"<>&") == NULL ||
	    shape_must(c, node, "be the account's id exactly as the vendor writes it");
}

static bool read_language(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **language = field;

	if (!shape_text(c, node, language))
		return false;
	return (*language)[strspn(*language,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] == '\0' ||
	    shape_must(c, node, "be a language such as \"en-GB\" or \"zh-CN\"");
}

static bool read_pool_set(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool *set = field, ok = true;
	unsigned i;

	if (node->kind != DOC_LIST || node->n == 0)
		return shape_must(c, node,
		    "be a list of the pools whose numbers are this vendor's");
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		if (shape_find_word(c, e, &i))
			set[i] = true;
		else
			ok = false;
	return ok;
}

/* What nobody said: a vendor of numbers is telephony's, and delivers. */
static void begin_vendor(struct shape_ctx *c, void *into)
{
	(void)c;
	((struct phone_vendor *)into)->language = "en-GB";
}

static bool check_vendor(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct policy *policy = ((struct config *)c->arg)->policy;
	struct phone_vendor *v = into;

	if (policy == NULL) /* which was told */
		return false;
	if (doc_find(object, "role") == NULL &&
	    !policy_role(policy, (struct sc_span)SC_LIT("telephony"), &v->role))
		return shape_wrong(c, object,
		    "the policy has no role telephony: say under which \"role\" vendor %s asks",
		    v->name.s);
	if (doc_find(object, "purpose") == NULL &&
	    !policy_purpose(policy, (struct sc_span)SC_LIT("delivery"), &v->purpose))
		return shape_wrong(c, object,
		    "the policy has no purpose delivery: say for which \"purpose\" vendor %s asks",
		    v->name.s);
	return true;
}

static const char *same_account(const void *a, const void *b)
{
	const struct phone_vendor *x = a, *y = b;

	return sc_span_eq(sc_span_str(x->account), sc_span_str(y->account)) &&
		sc_span_eq(sc_span_str(x->kind), sc_span_str(y->kind)) ?
	    "account" :
	    NULL;
}

static const struct shape_words kinds = { "kind of vendor", .list = phone_vendor_kinds };

static bool read_kind(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	unsigned i;

	if (!shape_find_word(c, node, &i))
		return false;
	*(const char **)field = phone_vendor_kinds[i];
	return true;
}

static const char *const signature_names[] = { "sha1", "sha256", NULL };
static const struct shape_words signatures = { "\"signature\"", .list = signature_names };

#define AT(field) SHAPE_AT(struct phone_vendor, field)
static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "kind", read_kind, AT(kind), .need = true, .words = &kinds },
	{ "account", read_account, AT(account), .need = true, .max = ACCOUNT_MAX },
	{ "base", config_read_public_url, AT(base), .need = true, .max = 256 },
	{ "keys", read_keys, SHAPE_LIST(struct vendor_keys, v, n), .need = true, .min = 1, .max = 2,
	    .shape = &key_shape },
	{ "signature", shape_word, AT(sha256), .words = &signatures },
	{ "retries", shape_bool, AT(retries) },
	{ "role", config_read_known, AT(role), .words = &config_roles },
	{ "purpose", config_read_known, AT(purpose), .words = &config_purposes },
	{ "pools", read_pool_set, AT(pools), .need = true, .words = &config_pools },
	{ "language", read_language, AT(language), .max = LANGUAGE_MAX },
	{ .key = NULL },
};
const struct shape config_vendor_shape = { "vendor", rows, sizeof(struct phone_vendor),
	.begin = begin_vendor, .check = check_vendor, .twin = same_account };

/* ---- vendors and pools ------------------------------------------------------------------- */

/* The entry of the I-th of LIST's "pools", or that itself. */
static const struct doc_node *pool_node(const struct doc_node *vendor, const char *name)
{
	const struct doc_node *list = doc_find(vendor, "pools");

	for (const struct doc_node *e = list->first; e != NULL; e = e->next)
		if (e->kind == DOC_TEXT && strcmp(e->text, name) == 0)
			return e;
	return list;
}

/* No two vendors have one pool: a call's vendor is who answers for its number. */
static bool check_shared(struct shape_ctx *c, const struct doc_node *list)
{
	const struct phone_settings *s = config_phone_of(c);
	const struct doc_node *e;
	bool ok = true;

	for (size_t p = 0; p < s->n_pools; p++) {
		const struct phone_vendor *first = NULL;

		e = list->first;
		for (size_t i = 0; i < s->n_vendors; i++, e = e->next) {
			if (s->vendors[i].pools[p] && first != NULL)
				ok = shape_wrong(c, pool_node(e, s->pools[p].name.s),
				    "pool %s belongs to vendor %s", s->pools[p].name.s,
				    first->name.s);
			else if (s->vendors[i].pools[p])
				first = &s->vendors[i];
		}
	}
	return ok;
}

static bool has_vendor(const struct phone_settings *s, size_t pool)
{
	for (size_t i = 0; i < s->n_vendors; i++)
		if (s->vendors[i].pools[pool])
			return true;
	return false;
}

/* Whoever rings a vendor's number is asked for the extension, and can try some: it is a long one. */
static bool check_keypads(struct shape_ctx *c)
{
	struct phone_settings *s = config_phone_of(c);
	const struct doc_node *e = doc_find(doc_find(c->doc.root, "phone"), "pools"), *said;
	bool ok = true;

	e = e == NULL ? NULL : e->first;
	for (size_t p = 0; p < s->n_pools; p++, e = e->next) {
		if (s->pools[p].mode != PHONE_AXE || !has_vendor(s, p))
			continue;
		if ((said = doc_find(e, "ext_digits")) == NULL)
			s->pools[p].ext_digits = KEYPAD_DIGITS;
		else if (s->pools[p].ext_digits < KEYPAD_DIGITS)
			ok = shape_must(c, said,
			    "be %d or more: a vendor's keypad asks for it, and lets anybody try",
			    KEYPAD_DIGITS);
	}
	return ok;
}

bool config_read_vendors(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct shape_row row = *c->row;
	bool ok;

	row.read = shape_list;
	ok = shape_read(c, &row, node, field);
	if (config_phone_of(c)->n_vendors == 0 || c->err != SC_OK)
		return ok;
	ok &= check_shared(c, node);
	return check_keypads(c) && ok;
}
