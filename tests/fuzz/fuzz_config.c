/*
 * fuzz_config.c - any bytes as scrim.json: refused with a diagnosis or loaded,
 * never a crash, and a loaded one is safe to ask.
 */
#include "gateway/config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_diag d = { .line = 0 };
	struct config *c = NULL;
	uint8_t digest[32] = { 0 };
	enum sc_err err;

	err = config_parse(sc_span(data, size), "policy/scrim.json", &d, &c);
	if ((err == SC_OK) != (c != NULL))
		abort();
	if (err != SC_OK && d.text[0] == '\0')
		abort();
	if (c != NULL) {
		if (c->n_listeners == 0 || c->policy == NULL)
			abort();
		(void)config_route_match(c, sc_span_str("GET"), sc_span_str("/orders"));
		(void)config_route_find(c, sc_span_str("checkout"));
		(void)config_principal_find(c, CONFIG_AUTH_API_KEY, digest);
		config_free(c);
	}
	return 0;
}
