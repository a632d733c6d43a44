/*
 * principal_file.c - who may call, as scrim.json and keyd.json say it, or one file for both.
 *
 *	{ "name": "oms", "role": "order_system", "purposes": ["order_processing"],
 *	  "api_key_sha256": "HEX", "previous": { "api_key_sha256": "HEX", "until": "2027-01-31" },
 *	  "nodes": ["east"], "sign_key": "HEX" }
 *
 * The file holds hashes and public keys only, so reading it gives nobody a credential.
 */
#include "policy/principal/principal.h"

#include "base/civil.h"
#include "policy/decide/decide.h"

#include <string.h>

#define DAY_MS 86400000u
#define NODES_MAX 64
#define PURPOSES_MAX 256
#define PATH_MAX_BYTES 1024

/* ---- names of the policy's --------------------------------------------------------------- */

static const char *role_called(const void *policy, unsigned i)
{
	const struct sc_name *name = policy_role_name(policy, (uint8_t)i);

	return i > UINT8_MAX || name == NULL ? NULL : name->s;
}

static const char *purpose_called(const void *policy, unsigned i)
{
	const struct sc_name *name = policy_purpose_name(policy, (uint8_t)i);

	return i > UINT8_MAX || name == NULL ? NULL : name->s;
}

static const struct shape_words roles = { "role", .name = role_called };
static const struct shape_words purposes = { "purpose", .name = purpose_called };

static bool read_role(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct policy_principal *p = field;

	if (!shape_name(c, node, &p->role_name))
		return false;
	if (c->arg == NULL)
		return true;
	return shape_read(c,
	    &(struct shape_row){ .read = shape_word, .size = sizeof(p->role), .words = &roles },
	    node, &p->role);
}

bool policy_names_read(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct policy_names *names = field;
	bool ok = true;

	if (node->kind != DOC_LIST)
		return shape_must(c, node, "be a list [ ]");
	if (node->n < c->row->min)
		return shape_must(c, node, "not be an empty list: nothing would be allowed");
	if (node->n > c->row->max)
		return shape_must(c, node, "not have more than %llu entries",
		    (unsigned long long)c->row->max);
	if ((names->v = shape_alloc(c, (node->n + 1) * sizeof(*names->v))) == NULL)
		return false;
	names->n = 0;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= shape_name(c, e, &names->v[names->n++]);
	return ok;
}

bool policy_names_sign(struct shape_ctx *c, const struct doc_node *node,
    const struct policy_names *names, const struct policy_principals *all)
{
	const struct doc_node *at = node == NULL ? NULL : node->first;
	bool ok = true;

	for (size_t i = 0; at != NULL && i < names->n; i++, at = at->next) {
		const struct policy_principal *p =
		    policy_principal_named(all->v, all->n, &names->v[i]);

		if (p == NULL || !p->signs)
			ok = shape_must(c, at, "name principals that have a \"sign_key\"");
	}
	return ok;
}

static bool read_purposes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct policy_principal *p = field;
	unsigned i;
	bool ok = policy_names_read(c, node, &p->purpose_names);

	for (const struct doc_node *e = ok && c->arg != NULL ? node->first : NULL; e != NULL;
	     e = e->next)
		if (shape_find_word(c, e, &i))
			p->purposes[i] = true;
		else
			ok = false;
	return ok;
}

/* ---- credentials --------------------------------------------------------------------------- */

/* Said in so many words, so that a credential forgotten is no open door. */
static bool read_yes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool yes = false;

	(void)field;
	return shape_true(c, node, &yes);
}

static bool two_digits(const char *s, unsigned *out)
{
	*out = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
	return s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9';
}

/* A day; what ends with it ends when the day is over (UTC). */
static bool read_day(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	uint64_t *until_ms = field;
	unsigned century, year, month, day;
	const char *s = node->kind == DOC_TEXT ? node->text : "";

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' || !two_digits(s, &century) ||
	    !two_digits(s + 2, &year) || !two_digits(s + 5, &month) || !two_digits(s + 8, &day) ||
	    century < 20 || month < 1 || month > 12 || day < 1 ||
	    day > civil_month_days(century * 100 + year, (uint8_t)month))
		return shape_must(c, node, "be a day such as \"2027-01-31\"");
	*until_ms = (uint64_t)(civil_days((struct civil_date){ century * 100 + year, (uint8_t)month,
				   (uint8_t)day }) +
			1) *
	    DAY_MS;
	return true;
}

static const struct shape_row before_rows[] = {
	{ "api_key_sha256", shape_digest, SHAPE_AT(struct policy_key_before, digest),
	    .need = true },
	{ "until", read_day, SHAPE_AT(struct policy_key_before, until_ms), .need = true },
	{ .key = NULL },
};
static const struct shape before_shape = { .what = "previous key", .rows = before_rows };

static bool check_principal(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	static const char *const credentials[] = { [POLICY_AUTH_API_KEY] = "api_key_sha256",
		[POLICY_AUTH_CERT] = "cert_spki_sha256",
		[POLICY_AUTH_SOCKET] = "socket",
		[POLICY_AUTH_ASSERTED] = "asserted" };
	struct policy_principal *p = into;
	unsigned n = 0;

	for (unsigned i = POLICY_AUTH_API_KEY; i <= POLICY_AUTH_ASSERTED; i++)
		if (doc_find(object, credentials[i]) != NULL) {
			p->auth = (enum policy_auth)i;
			n++;
		}
	if (n != 1)
		return shape_wrong(c, object,
		    "a principal needs exactly one of \"api_key_sha256\", "
		    "\"cert_spki_sha256\", \"socket\" and \"asserted\"");
	if (p->previous.until_ms != 0 && p->auth != POLICY_AUTH_API_KEY)
		return shape_wrong(c, object, "\"previous\" is of an API key: there is none here");
	p->any_purpose = doc_find(object, "purposes") == NULL;
	p->signs = doc_find(object, "sign_key") != NULL;
	return true;
}

static bool same_digest(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, 32) == 0;
}

/* A key that opens for two would be one's or the other's by the order of the file. */
static const char *same_credential(const void *a, const void *b)
{
	const struct policy_principal *x = a, *y = b;

	if (x->auth != y->auth || x->auth > POLICY_AUTH_CERT)
		return NULL;
	return same_digest(x->digest, y->digest) ||
		(y->previous.until_ms != 0 && same_digest(x->digest, y->previous.digest)) ||
		(x->previous.until_ms != 0 &&
		    (same_digest(x->previous.digest, y->digest) ||
			(y->previous.until_ms != 0 &&
			    same_digest(x->previous.digest, y->previous.digest)))) ?
	    "credential" :
	    NULL;
}

#define AT(field) SHAPE_AT(struct policy_principal, field)

static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "role", read_role, SHAPE_HERE, .need = true, .words = &roles },
	{ "purposes", read_purposes, SHAPE_HERE, .min = 1, .max = PURPOSES_MAX,
	    .words = &purposes },
	{ "nodes", policy_names_read, AT(nodes), .min = 1, .max = NODES_MAX },
	{ "api_key_sha256", shape_digest, AT(digest) },
	{ "previous", shape_object, AT(previous), .shape = &before_shape },
	{ "cert_spki_sha256", shape_digest, AT(digest) },
	{ "socket", read_yes, SHAPE_HERE },
	{ "asserted", read_yes, SHAPE_HERE },
	{ "sign_key", shape_digest, AT(sign_key) },
	{ .key = NULL },
};
const struct shape policy_principal_shape = { "principal", rows, sizeof(struct policy_principal),
	.check = check_principal, .twin = same_credential };

/* ---- the list, here or in a file of its own ---------------------------------------------- */

static bool read_list(struct shape_ctx *c, const struct doc_node *node,
    struct policy_principals *out)
{
	const struct shape_row list = { .read = shape_list,
		SHAPE_LIST(struct policy_principals, v, n),
		.shape = &policy_principal_shape,
		.max = SC_PRINCIPALS_MAX };

	return shape_read(c, &list, node, &out->v);
}

/* The document in the file, in place of the one that names it while it is read. */
static bool read_file(struct shape_ctx *c, struct policy_principals *out)
{
	const struct doc outer = c->doc;
	struct sc_diag d, *told;
	enum sc_err err = doc_load_file(c->arena, out->file, &d, &c->doc);
	bool ok = false;

	if (err == SC_OK)
		ok = read_list(c, c->doc.root, out);
	else if (err == SC_NOMEM)
		c->err = err;
	else if (c->all != NULL && (told = sc_diags_add(c->all, d.file, d.offset)) != NULL)
		*told = d;
	c->doc = outer;
	return ok;
}

bool policy_principals_read(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row path = { .read = shape_path, .max = PATH_MAX_BYTES };
	struct policy_principals *out = field;

	if (node->kind != DOC_TEXT)
		return read_list(c, node, out);
	return shape_read(c, &path, node, &out->file) && read_file(c, out);
}

/* ---- later ---------------------------------------------------------------------------------- */

static enum sc_err resolve(struct policy_principal *x, const struct policy *p, struct sc_diag *d)
{
	uint8_t id;

	if (!policy_role(p, sc_span_str(x->role_name.s), &x->role)) {
		sc_diag_set(d, "principal %s: the policy has no role %s", x->name.s,
		    x->role_name.s);
		return SC_AUTH;
	}
	memset(x->purposes, 0, sizeof(x->purposes));
	for (size_t i = 0; i < x->purpose_names.n; i++) {
		if (!policy_purpose(p, sc_span_str(x->purpose_names.v[i].s), &id)) {
			sc_diag_set(d, "principal %s: the policy has no purpose %s", x->name.s,
			    x->purpose_names.v[i].s);
			return SC_AUTH;
		}
		x->purposes[id] = true;
	}
	return SC_OK;
}

enum sc_err policy_principals_resolve(struct policy_principal *v, size_t n, const struct policy *p,
    struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = resolve(&v[i], p, d);
	return err;
}
