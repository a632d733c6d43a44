/*
 * fuzz_root.c - no bytes crash the reading of a root key; what is read is 32 bytes, and what
 * is refused says why.
 */
#include "crypto/keyring/root.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_secret *strict = NULL, *demo = NULL;
	struct sc_diag d = { .text = "" };
	enum sc_err err = root_parse(sc_span(data, size), "root.json", false, &d, &strict), with;

	if ((err == SC_OK) != (strict != NULL) || (err != SC_OK && d.text[0] == '\0'))
		abort();
	with = root_parse(sc_span(data, size), "root.json", true, &d, &demo);
	/* a demo key is all that the permission changes */
	if ((with == SC_OK) != (demo != NULL) || (err == SC_OK && with != SC_OK) ||
	    (with == SC_OK && err != SC_OK && err != SC_AUTH))
		abort();
	sc_secret_free(strict);
	sc_secret_free(demo);
	return 0;
}
