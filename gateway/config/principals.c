/*
 * principals.c - who may call: a name, a role and the hash of a credential.
 *
 * The file holds hashes only, so reading it gives nobody a credential.
 */
#include "gateway/config/read.h"

#include <stdlib.h>

static enum sc_err read_credential(struct config_reader *r, const cJSON *it,
    struct config_principal *p)
{
	const cJSON *key = config_get(it, "api_key_sha256");
	const cJSON *cert = config_get(it, "cert_spki_sha256");

	if ((key == NULL) == (cert == NULL))
		return config_refuse(r, it,
		    "a principal needs exactly one of "
		    "\"api_key_sha256\" and \"cert_spki_sha256\"");
	p->auth = key != NULL ? CONFIG_AUTH_API_KEY : CONFIG_AUTH_CERT;
	return key != NULL ? config_digest(r, key, "api_key_sha256", p->digest) :
			     config_digest(r, cert, "cert_spki_sha256", p->digest);
}

static enum sc_err read_purposes(struct config_reader *r, const cJSON *it,
    struct config_principal *p)
{
	const cJSON *e;
	size_t n;
	uint8_t id;
	enum sc_err err;

	if (it == NULL) {
		p->any_purpose = true;
		return SC_OK;
	}
	if ((err = config_list(r, it, 256, &n)) != SC_OK)
		return err;
	if (n == 0)
		return config_refuse(r, it,
		    "\"purposes\" is empty, so this "
		    "principal could do nothing; leave it out to allow all");
	cJSON_ArrayForEach(e, it)
	{
		if ((err = config_purpose(r, e, &id)) != SC_OK)
			return err;
		p->purposes[id] = true;
	}
	return SC_OK;
}

static enum sc_err read_one(struct config_reader *r, const cJSON *it, struct config_principal *p)
{
	static const char *const allowed[] = { "name", "role", "purposes", "api_key_sha256",
		"cert_spki_sha256", NULL };
	const cJSON *name, *role;
	enum sc_err err;

	if ((err = config_keys(r, it, "a principal", allowed)) != SC_OK ||
	    (err = config_need(r, it, "a principal", "name", &name)) != SC_OK ||
	    (err = config_need(r, it, "a principal", "role", &role)) != SC_OK ||
	    (err = config_name(r, name, &p->name)) != SC_OK ||
	    (err = config_role(r, role, &p->role)) != SC_OK ||
	    (err = read_credential(r, it, p)) != SC_OK)
		return err;
	return read_purposes(r, config_get(it, "purposes"), p);
}

static enum sc_err check_new(struct config_reader *r, const cJSON *it,
    const struct config_principal *p)
{
	const struct config_principal *old = r->c->principals;

	for (; old < p; old++) {
		if (strcmp(old->name.s, p->name.s) == 0)
			return config_refuse(r, config_get(it, "name"),
			    "there are two principals called \"%s\"", p->name.s);
		if (old->auth == p->auth && memcmp(old->digest, p->digest, sizeof(p->digest)) == 0)
			return config_refuse(r, it,
			    "\"%s\" has the same "
			    "credential as \"%s\"",
			    p->name.s, old->name.s);
	}
	return SC_OK;
}

enum sc_err config_read_principals(struct config_reader *r, const cJSON *it)
{
	struct config *c = r->c;
	const cJSON *e;
	size_t n;
	enum sc_err err;

	if ((err = config_list(r, it, CONFIG_PRINCIPALS_MAX, &n)) != SC_OK)
		return err;
	if ((c->principals = config_alloc(r->box, n * sizeof(*c->principals))) == NULL)
		return SC_NOMEM;
	cJSON_ArrayForEach(e, it)
	{
		struct config_principal *p = &c->principals[c->n_principals];

		if ((err = read_one(r, e, p)) != SC_OK || (err = check_new(r, e, p)) != SC_OK)
			return err;
		c->n_principals++;
	}
	return SC_OK;
}
