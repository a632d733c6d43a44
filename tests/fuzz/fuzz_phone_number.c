/*
 * fuzz_phone_number.c - telephone numbers: what is read is E.164, read again it is the
 * same, and its extension has as many digits as were written.
 */
#include "gateway/number/number.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct sc_span text, const char *home)
{
	static const struct phone_number none;
	const char *const codes[] = { "44", "86" };
	struct phone_number no, again;

	if (phone_number_parse(text, home, &no) != SC_OK) {
		if (memcmp(&no, &none, sizeof(no)) != 0)
			abort();
		return;
	}
	if (!phone_number_is_e164(sc_span_str(no.e164)) ||
	    (no.ext == PHONE_NO_EXT) != (no.ext_digits == 0) ||
	    no.ext_digits > PHONE_EXT_DIGITS_MAX)
		abort();
	if (no.ext != PHONE_NO_EXT && no.ext >= 1000000)
		abort();
	if (phone_number_parse(sc_span_str(no.e164), home, &again) != SC_OK ||
	    strcmp(again.e164, no.e164) != 0 || again.ext != PHONE_NO_EXT)
		abort();
	(void)phone_number_kind(no.e164);
	if (phone_number_within(no.e164, codes, 2) !=
	    (strncmp(no.e164, "+44", 3) == 0 || strncmp(no.e164, "+86", 3) == 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const homes[] = { "86", "44", "1", "49", "39", "7", "356" };

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		check(sc_span(data, size), homes[i]);
	return 0;
}
