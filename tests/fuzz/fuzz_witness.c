/*
 * fuzz_witness.c - no bytes crash the reading of what a witness is sent, nor of what it answers; a
 * submission that was read prints to the same bytes; nobody's cosignature is found in what nobody
 * signed. The input is a body of add-checkpoint; its checkpoint is taken as an answer as well.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The key that the first signature names, of which nobody has the other half. */
static bool nobodys(const struct note *n, struct note_key *key)
{
	memset(key, 0, sizeof(*key));
	if (n->n_sigs == 0 || n->sigs[0].name.n > NOTE_NAME_MAX)
		return false;
	key->type = NOTE_COSIGNATURE;
	memcpy(key->id, n->sigs[0].id, sizeof(key->id));
	memcpy(key->name, n->sigs[0].name.p, n->sigs[0].name.n);
	memset(key->pub, 7, sizeof(key->pub));
	return true;
}

static void check_note(struct sc_span raw)
{
	struct note *n = malloc(sizeof(*n));
	struct note_key key;
	struct cosigned c;
	struct sc_buf out;
	uint64_t time;

	if (n == NULL)
		abort();
	sc_buf_init(&out, NOTE_MAX);
	if (note_parse(raw, n) == SC_OK && nobodys(n, &key)) {
		if (cosignature_check(n, &key, 1, 0, &c) == SC_OK && c.state != COSIGNED_BAD)
			abort();
		if (cosignature_take(raw, n->sigs[n->n_sigs - 1].line, &key, &out, &time) ==
			SC_OK &&
		    (time != 0 || out.n != 0))
			abort();
	}
	sc_buf_fini(&out);
	free(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct submission *s = malloc(sizeof(*s));
	struct sc_buf again;

	if (s == NULL)
		abort();
	sc_buf_init(&again, SUBMISSION_MAX);
	if (submission_parse(sc_span(data, size), s) == SC_OK) {
		if (submission_print(s, &again) != SC_OK ||
		    !sc_span_eq(sc_buf_span(&again), sc_span(data, size)))
			abort();
		check_note(s->checkpoint);
	} else {
		check_note(sc_span(data, size));
	}
	sc_buf_fini(&again);
	free(s);
	return 0;
}
