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
	bool cert = doc_find(object, "cert_spki_sha256") != NULL;
	bool socket = doc_find(object, "socket") != NULL;

	if (key + cert + socket != 1)
		return shape_wrong(c, object,
		    "a principal needs exactly one of \"api_key_sha256\", "
		    "\"cert_spki_sha256\" and \"socket\"");
	p->auth = key ? POLICY_AUTH_API_KEY : cert ? POLICY_AUTH_CERT : POLICY_AUTH_SOCKET;
	p->any_purpose = doc_find(object, "purposes") == NULL;
	return true;
}

static const char *same_credential(const void *a, const void *b)
{
	const struct policy_principal *x = a, *y = b;

	return x->auth == y->auth && x->auth != POLICY_AUTH_SOCKET &&
		memcmp(x->digest, y->digest, sizeof(x->digest)) == 0 ?
	    "credential" :
	    NULL;
}

/* Said in so many words, so that a credential forgotten is no open door. */
static bool read_socket(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	bool yes = false;

	(void)field;
	return shape_true(c, node, &yes);
}

#define AT(field) SHAPE_AT(struct policy_principal, field)

static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "role", config_read_known, AT(role), .need = true, .words = &config_roles },
	{ "purposes", config_read_known_set, AT(purposes), .words = &config_purposes },
	{ "api_key_sha256", shape_digest, AT(digest) },
	{ "cert_spki_sha256", shape_digest, AT(digest) },
	{ "socket", read_socket, SHAPE_HERE },
	{ .key = NULL },
};
const struct shape config_principal_shape = { "principal", rows, sizeof(struct policy_principal),
	.check = check_principal, .twin = same_credential };
