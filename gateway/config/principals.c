/*
 * principals.c - who may call: a name, a role and the hash of a credential.
 *
 * The file holds hashes only, so reading it gives nobody a credential.
 */
#include "gateway/config/sections.h"

#include <string.h>

static bool check_principal(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct policy_principal *p = into;
	bool key = doc_find(object, "api_key_sha256") != NULL;

	if (key == (doc_find(object, "cert_spki_sha256") != NULL))
		return shape_wrong(c, object,
		    "a principal needs exactly one of \"api_key_sha256\" and "
		    "\"cert_spki_sha256\"");
	p->auth = key ? POLICY_AUTH_API_KEY : POLICY_AUTH_CERT;
	p->any_purpose = doc_find(object, "purposes") == NULL;
	return true;
}

#define AT(field) SHAPE_AT(struct policy_principal, field)

static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "role", config_read_known, AT(role), .need = true, .words = &config_roles },
	{ "purposes", config_read_known_set, AT(purposes), .words = &config_purposes },
	{ "api_key_sha256", shape_digest, AT(digest) },
	{ "cert_spki_sha256", shape_digest, AT(digest) },
	{ .key = NULL },
};
const struct shape config_principal_shape = { "principal", rows, sizeof(struct policy_principal),
	.check = check_principal };

bool config_read_principals(struct shape_ctx *c, const struct shape_row *row,
    const struct doc_node *node, void *field)
{
	const struct config *config = c->arg;
	const struct doc_node *e = node->first;
	bool ok = shape_list(c, row, node, field);

	for (size_t i = 0; ok && i < config->n_principals; i++, e = e->next) {
		const struct policy_principal *p = &config->principals[i], *old;

		old = policy_principal_find(config->principals, config->n_principals, p->auth,
		    p->digest);
		if (old != p)
			ok = shape_wrong(c, e, "\"%s\" has the same credential as \"%s\"",
			    p->name.s, old->name.s);
	}
	return ok;
}
