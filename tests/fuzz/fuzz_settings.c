/*
 * fuzz_settings.c - any bytes as keyd.json: refused with a diagnosis, or what keyd and `scrim`
 * take for granted of it holds.
 */
#include "crypto/settings/settings.h"

#include "base/text/shape.h"
#include "crypto/token/token.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static void must_be_place(const char *path)
{
	must(path != NULL && strlen(path) < SETTINGS_PATH_MAX);
}

/* Each gateway is known in one way, and no two in the same. */
static void check_gateways(const struct settings *s)
{
	must(s->n_gateways >= 1 && s->n_gateways <= SETTINGS_GATEWAYS_MAX);
	for (size_t i = 0; i < s->n_gateways; i++) {
		const struct settings_gateway *g = &s->gateways[i];

		must(g->node.s[0] != '\0');
		if (g->uid == SETTINGS_NO_UID)
			must(settings_far_gateway(s, g->spki) == g);
		for (size_t k = 0; k < i; k++)
			must(strcmp(g->node.s, s->gateways[k].node.s) != 0);
	}
}

/* A credential is one caller's. */
static void check_principals(const struct policy_principals *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct policy_principal *p = &all->v[i];

		must(policy_principal_named(all->v, all->n, &p->name) == p);
		if (p->auth == POLICY_AUTH_API_KEY || p->auth == POLICY_AUTH_CERT)
			must(policy_principal_find(all->v, all->n, p->auth, p->digest, 1) == p);
		if (p->previous.until_ms > 1)
			must(policy_principal_find(all->v, all->n, POLICY_AUTH_API_KEY,
				 p->previous.digest, 1) == p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_diags all = { .n = 0 };
	struct settings s;
	struct shape_ctx c = { .arena = &s.arena, .all = &all };
	enum sc_err err;

	memset(&s, 0, sizeof(s));
	/* the file of callers that it may name is looked for where none is */
	err = shape_load(&c, sc_span(data, size), "/nowhere/keyd.json", &settings_shape, &s);
	must((all.n == 0) == (err == SC_OK));
	for (size_t i = 0; i < all.n; i++)
		must(all.v[i].text[0] != '\0');
	if (err == SC_OK) {
		must_be_place(s.socket);
		must_be_place(s.store);
		must_be_place(s.log);
		must_be_place(s.policy);
		must_be_place(s.epoch);
		must(s.root != NULL && s.backup_keys != NULL && s.origin != NULL);
		must((s.mirror == NULL) || s.epoch_twin != NULL);
		must(token_domain_ok(sc_span_str(s.email_domain)));
		must((s.listen.address == NULL) == (s.listen.key == NULL));
		check_gateways(&s);
		check_principals(&s.principals);
	}
	settings_fini(&s);
	return 0;
}
