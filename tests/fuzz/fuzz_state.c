/*
 * fuzz_state.c - no bytes crash the reading of a log's state; what was read prints as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/tlog/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t text[STATE_MAX + 1];
	struct tlog_state s;
	struct sc_buf again;

	if (size > STATE_MAX)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!state_parse(sc_span(text, size), &s))
		return 0;
	sc_buf_init(&again, STATE_MAX);
	if (s.signed_size > s.size || strlen(s.origin) > NOTE_NAME_MAX ||
	    state_print(&s, &again) != SC_OK || again.n != size || memcmp(again.p, data, size) != 0)
		abort();
	sc_buf_fini(&again);
	return 0;
}
