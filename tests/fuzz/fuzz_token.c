/*
 * fuzz_token.c - any bytes through the token parser and finder.
 *
 * What parses must print to the same text in lower case; what the finder
 * finds must parse, in order and without overlap.
 */
#include <ctype.h>
#include <stdlib.h>

#include "crypto/token/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Parse and print again; whether TEXT was a token. */
static bool round_trip(struct sc_span text)
{
	struct sc_buf scratch, again;
	struct token_parts t;
	bool token;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	sc_buf_init(&again, TOKEN_TEXT_MAX);
	token = token_parse(text, &scratch, &t) == SC_OK;
	if (token) {
		must(token_print(&t, &again) == SC_OK && again.n == text.n);
		for (size_t i = 0; i < text.n; i++)
			must(again.p[i] == tolower(text.p[i]));
		must(token_text_length(&t, t.siv_ct.n - 16) == text.n);
	}
	sc_buf_fini(&scratch);
	sc_buf_fini(&again);
	return token;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span text = sc_span(data, size), hit;
	bool whole = round_trip(text);
	size_t at = 0, start, hits = 0;

	for (; token_find(text, at, &hit); hits++) {
		start = (size_t)(hit.p - data);
		must(start >= at && start + hit.n <= size);
		must(round_trip(hit));
		if (whole)
			must(start == 0 && hit.n == size);
		at = start + hit.n;
	}
	must(!whole || hits == 1);
	return 0;
}
