/*
 * fuzz_config.c - any bytes as scrim.json: refused with a diagnosis or loaded,
 * never a crash, and a loaded one is safe to ask.
 */
#include "gateway/config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a service takes for granted of virtual numbers. */
static void check_phone(const struct config *c)
{
	const struct phone_settings *p = c->phone;

	if (c->store == NULL || p->n_pools == 0 || p->n_lines == 0)
		abort();
	for (size_t i = 0; i < p->n_pools; i++) {
		const struct phone_pool *pool = &p->pools[i];
		size_t at = i, steps = 0;

		for (; p->pools[at].next != PHONE_NO_POOL; at = p->pools[at].next)
			if (p->pools[at].next >= p->n_pools || ++steps > p->n_pools)
				abort();
		if (pool->cooldown_s < PHONE_COOLDOWN_MIN_S || pool->ttl_s > pool->ttl_max_s ||
		    pool->n_dial == 0 || !phone_display_ok(pool->display) ||
		    (pool->mode == PHONE_AXE) != (pool->ext_digits >= 3))
			abort();
	}
	for (size_t i = 0; i < p->n_lines; i++)
		if (p->lines[i].pool >= p->n_pools ||
		    !phone_number_is_e164(sc_span_str(p->lines[i].e164)))
			abort();
}

/* And of collecting. */
static void check_collect(const struct config *c)
{
	const struct collect_settings *s = c->collect;

	if (s->words == NULL || s->n_sites == 0 || s->purposes[0] != s->purpose ||
	    s->spool_max < 1 << 20)
		abort();
	for (size_t i = 0; i < s->n_sites; i++)
		if ((s->sites[i].write_key != NULL) == (s->sites[i].principal.s[0] != '\0') ||
		    s->sites[i].zone == NULL || s->sites[i].per_minute == 0)
			abort();
	for (size_t i = 0; i < s->n_orders; i++)
		if (s->orders[i].shop < 1 || s->orders[i].shop > s->n_sites ||
		    s->orders[i].order == NULL ||
		    config_route_find(c, sc_span_str(s->orders[i].route.s)) == NULL)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	uint8_t digest[32] = { 0 };
	enum sc_err err;

	err = config_parse(sc_span(data, size), "policy/scrim.json", &all, &c);
	if ((err == SC_OK) != (c != NULL))
		abort();
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].text[0] == '\0')
			abort();
	if ((all.n == 0) != (err == SC_OK))
		abort();
	if (c != NULL) {
		if (c->n_listeners == 0 || c->policy == NULL)
			abort();
		if (c->phone != NULL)
			check_phone(c);
		if (c->collect != NULL)
			check_collect(c);
		(void)config_route_match(c, sc_span_str("GET"), sc_span_str("/orders"));
		(void)config_route_find(c, sc_span_str("checkout"));
		(void)policy_principal_find(c->principals.v, c->principals.n, POLICY_AUTH_API_KEY,
		    digest, 1);
		config_free(c);
	}
	return 0;
}
