/*
 * callers.c - who a question is from, by keyd's own file and what was proved to it.
 */
#include "crypto/keyd/callers.h"

#include "base/clock.h"
#include "base/weak.h"
#include "crypto/prim/hash.h"

#include <stdlib.h>
#include <string.h>

struct callers {
	struct settings file;
	struct caller_gateway *gateways; /* of file.gateways, in their order */
};

/* ---- the file ------------------------------------------------------------------------------- */

static enum sc_err resolve_gateway(struct caller_gateway *g, const struct policy *p,
    struct sc_diag *d)
{
	const struct policy_names *roles = &g->row->asserts;
	uint8_t id;

	for (size_t i = 0; i < roles->n; i++) {
		if (!policy_role(p, sc_span_str(roles->v[i].s), &id)) {
			sc_diag_set(d, "gateway %s: the policy has no role %s", g->row->node.s,
			    roles->v[i].s);
			return SC_AUTH;
		}
		g->asserts[id] = true;
	}
	return SC_OK;
}

enum sc_err callers_load(const char *path, const struct policy *p, struct sc_diags *all,
    struct callers **out)
{
	struct callers *c = calloc(1, sizeof(*c));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (c == NULL)
		return SC_NOMEM;
	if ((err = settings_load(path, all, &c->file)) != SC_OK ||
	    (err = policy_principals_resolve(c->file.principals.v, c->file.principals.n, p,
		 &all->v[0])) != SC_OK)
		goto out;
	err = SC_NOMEM;
	if ((c->gateways = calloc(c->file.n_gateways, sizeof(*c->gateways))) == NULL)
		goto out;
	err = SC_OK;
	for (size_t i = 0; i < c->file.n_gateways && err == SC_OK; i++) {
		c->gateways[i].row = &c->file.gateways[i];
		err = resolve_gateway(&c->gateways[i], p, &all->v[0]);
	}
	if (err != SC_OK)
		goto out;
	*out = c;
	c = NULL;
out:
	callers_free(c);
	return err;
}

void callers_free(struct callers *c)
{
	if (c == NULL)
		return;
	settings_fini(&c->file);
	free(c->gateways);
	free(c);
}

/* ---- gateways ----------------------------------------------------------------------------------- */

bool callers_has_uid(const struct callers *c, uint32_t uid)
{
	for (size_t i = 0; i < c->file.n_gateways; i++)
		if (c->file.gateways[i].uid == uid || WEAK("any-peer"))
			return true;
	return false;
}

bool callers_has_key(const struct callers *c, const uint8_t spki[static 32])
{
	return settings_far_gateway(&c->file, spki) != NULL || WEAK("any-far-peer");
}

/* Who came from another host has no uid that counts, and who has a key there none of this host. */
static bool may_be(const struct settings_gateway *row, uint32_t uid, const uint8_t *spki)
{
	if (spki == NULL)
		return row->uid == uid || WEAK("any-peer");
	return row->uid == SETTINGS_NO_UID &&
	    (memcmp(row->spki, spki, sizeof(row->spki)) == 0 || WEAK("any-far-peer"));
}

const struct caller_gateway *callers_gateway(const struct callers *c, const struct sc_name *node,
    uint32_t uid, const uint8_t *spki)
{
	for (size_t i = 0; i < c->file.n_gateways; i++)
		if (strcmp(c->file.gateways[i].node.s, node->s) == 0 &&
		    may_be(&c->file.gateways[i], uid, spki))
			return &c->gateways[i];
	return NULL;
}

/* ---- who asks --------------------------------------------------------------------------------------- */

const struct policy_principal *callers_named(const struct callers *c, const struct sc_name *name)
{
	return policy_principal_named(c->file.principals.v, c->file.principals.n, name);
}

const struct policy_principal *callers_by_key(const struct callers *c, struct sc_span key,
    const struct sc_name *node)
{
	const struct policy_principal *who;
	uint8_t digest[HASH_BYTES];

	hash_sha256(key, digest);
	who = policy_principal_find(c->file.principals.v, c->file.principals.n, POLICY_AUTH_API_KEY,
	    digest, clock_unix_ms());
	sc_wipe(digest, sizeof(digest));
	return who != NULL && policy_principal_at(who, node) ? who : NULL;
}

static bool is_theirs(const struct policy_principal *who, const struct asking *a)
{
	return strcmp(who->name.s, a->principal->s) == 0 &&
	    (who->role == a->role || WEAK("role-believed")) &&
	    policy_principal_may(who, a->purpose);
}

static enum sc_err judge_proved(const struct sessions *s, struct asking *a)
{
	const struct session *session = sessions_find(s, a->session, clock_mono_ms());

	a->auth = ASKING_PROVED;
	if (session == NULL)
		return SC_STALE;
	return session->who != NULL && is_theirs(session->who, a) ? SC_OK : SC_AUTH;
}

/*
 * Whoever has an API key proves it: nobody can be asserted who can. In its own name a gateway
 * asks what nobody came for.
 */
static enum sc_err judge_asserted(const struct callers *c, const struct caller_gateway *g,
    struct asking *a)
{
	const struct policy_principal *who = callers_named(c, a->principal);

	a->auth = ASKING_ASSERTED;
	if (WEAK("callers-believed"))
		return SC_OK;
	if (!g->asserts[a->role])
		return SC_AUTH;
	if (who == NULL)
		return strcmp(a->principal->s, g->row->node.s) == 0 ? SC_OK : SC_AUTH;
	return who->auth != POLICY_AUTH_API_KEY && is_theirs(who, a) &&
		policy_principal_at(who, &g->row->node) ?
	    SC_OK :
	    SC_AUTH;
}

enum sc_err callers_judge(const struct callers *c, const struct caller_gateway *g,
    const struct sessions *s, struct asking *a)
{
	static const uint8_t none[ASKING_SESSION];

	return memcmp(a->session, none, ASKING_SESSION) != 0 ? judge_proved(s, a) :
							       judge_asserted(c, g, a);
}
