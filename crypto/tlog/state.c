/*
 * state.c - the `state` and `checkpoint` files of a log.
 */
#include "crypto/tlog/state.h"

#include "crypto/tlog/files.h"

#include <stdio.h>
#include <string.h>

#define TITLE "scrim.tlog/state@v1"

enum sc_err state_print(const struct tlog_state *s, struct sc_buf *out)
{
	enum sc_err err;

	if ((err = sc_buf_printf(out, TITLE "\n%s\n%llu\n", s->origin,
		 (unsigned long long)s->size)) != SC_OK ||
	    (err = note_base64_print(s->root.b, HASH_BYTES, out)) != SC_OK)
		return err;
	return sc_buf_printf(out, "\nsigned %llu\njournal %llu\n",
	    (unsigned long long)s->signed_size, (unsigned long long)s->journal_bytes);
}

/* Read it loosely, print it again, and accept only the same bytes. */
bool state_parse(struct sc_span text, struct tlog_state *s)
{
	unsigned long long size, sig, journal;
	char root[64];
	size_t n = HASH_BYTES;
	struct sc_buf again;
	bool same;

	memset(s, 0, sizeof(*s));
	if (sscanf((const char *)text.p,
		TITLE "\n%127s\n%19llu\n%63s\nsigned %19llu\njournal %19llu\n", s->origin, &size,
		root, &sig, &journal) != 5 ||
	    note_base64_parse(sc_span_str(root), s->root.b, &n) != SC_OK || n != HASH_BYTES)
		return false;
	s->size = size;
	s->signed_size = sig;
	s->journal_bytes = journal;
	sc_buf_init(&again, STATE_MAX);
	same = state_print(s, &again) == SC_OK && sc_span_eq(sc_buf_span(&again), text);
	sc_buf_fini(&again);
	return same && size <= INT64_MAX && sig <= size;
}

enum sc_err state_read(int dirfd, struct tlog_state *out, bool *found, struct sc_diag *d)
{
	uint8_t text[STATE_MAX + 1];
	size_t n = STATE_MAX;
	enum sc_err err = files_read(dirfd, "state", text, &n, found, d);

	if (err != SC_OK || !*found)
		return err;
	text[n] = '\0';
	return state_parse(sc_span(text, n), out) ?
	    SC_OK :
	    files_say(d, "state", SC_CORRUPT, "is malformed");
}

enum sc_err state_write(int dirfd, const struct tlog_state *s, struct sc_diag *d)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, STATE_MAX);
	if ((err = state_print(s, &text)) == SC_OK)
		err = files_replace(dirfd, "state", sc_buf_span(&text), d);
	sc_buf_fini(&text);
	return err;
}

enum sc_err checkpoint_read(int dirfd, const char *name, const struct note_key *key,
    struct tlog_checkpoint *out, bool *found, struct sc_diag *d)
{
	bool by_key = false;
	enum sc_err err;

	out->n = sizeof(out->raw);
	err = files_read(dirfd, name, out->raw, &out->n, found, d);
	if (err != SC_OK || !*found)
		return err;
	if (note_parse(sc_span(out->raw, out->n), &out->note) != SC_OK ||
	    note_head_parse(out->note.text, &out->head) != SC_OK)
		return files_say(d, name, SC_CORRUPT, "is malformed");
	if (key == NULL)
		return SC_OK;
	if ((err = note_verify(&out->note, key, &by_key)) != SC_OK)
		return files_say(d, name, err, "has a signature that does not verify");
	return by_key ?
	    SC_OK :
	    files_say(d, name, SC_AUTH, "is not signed by the key it should be signed by");
}
