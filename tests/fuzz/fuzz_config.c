/*
 * fuzz_config.c - any bytes as scrim.json: refused with a diagnosis or loaded,
 * never a crash, and a loaded one is safe to ask.
 */
#include "gateway/config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
		(void)config_route_match(c, sc_span_str("GET"), sc_span_str("/orders"));
		(void)config_route_find(c, sc_span_str("checkout"));
		(void)policy_principal_find(c->principals, c->n_principals, POLICY_AUTH_API_KEY,
		    digest);
		config_free(c);
	}
	return 0;
}
