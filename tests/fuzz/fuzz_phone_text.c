/*
 * fuzz_phone_text.c - text messages: what is let through is UTF-8 without a run of
 * digits, and letting it through again changes nothing.
 */
#include "base/text/utf8.h"
#include "gateway/number/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span body = sc_span(data, size), rest = body;
	struct sc_buf once, twice;
	bool found, again;
	uint32_t ext = 0;
	uint8_t digits = 0;

	sc_buf_init(&once, 1 << 20);
	sc_buf_init(&twice, 1 << 20);
	if (phone_text_redact(body, &once, &found) != SC_OK ||
	    phone_text_redact(sc_buf_span(&once), &twice, &again) != SC_OK)
		abort();
	if (again || !sc_span_eq(sc_buf_span(&once), sc_buf_span(&twice)) ||
	    !utf8_valid(sc_buf_span(&once)))
		abort();
	if (!found && utf8_valid(body) && !sc_span_eq(body, sc_buf_span(&once)))
		abort();
	(void)phone_text_word(body);
	if (phone_text_take_ext(&rest, &ext, &digits)) {
		if (digits == 0 || digits > 6 || ext >= 1000000 || rest.n >= body.n)
			abort();
	} else if (rest.p != body.p || rest.n != body.n) {
		abort();
	}
	sc_buf_fini(&once);
	sc_buf_fini(&twice);
	return 0;
}
