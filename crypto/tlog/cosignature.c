/*
 * cosignature.c - cosignatures of Ed25519 witnesses, made, checked and taken over.
 */
#include "crypto/tlog/cosignature.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

static bool is_by(const struct note_sig *s, const struct note_key *key)
{
	return sc_span_is(s->name, key->name) && memcmp(s->id, key->id, sizeof(s->id)) == 0;
}

/* note_verify() has the last word on each line; here it is asked which, and when. */
static struct cosigned check_one(const struct note *note, const struct note_key *key,
    uint64_t latest)
{
	struct cosigned c = { .state = COSIGNED_NOT };
	uint64_t time;
	bool found;

	if (note_verify(note, key, &found) != SC_OK)
		return (struct cosigned){ .state = COSIGNED_BAD };
	for (size_t i = 0; i < note->n_sigs && found; i++) {
		if (!is_by(&note->sigs[i], key))
			continue;
		time = sc_be64_load(note->sigs[i].sig);
		if (latest != 0 && time > latest)
			return (struct cosigned){ .state = COSIGNED_BAD };
		c.state = COSIGNED_HOLDS;
		c.time = time > c.time ? time : c.time;
	}
	return c;
}

enum sc_err cosignature_check(const struct note *note, const struct note_key *witnesses, size_t n,
    uint64_t latest, struct cosigned *out)
{
	struct note_head head;
	enum sc_err err;

	if ((err = note_head_parse(note->text, &head)) != SC_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (witnesses[i].type != NOTE_COSIGNATURE)
			return SC_SYNTAX;
		out[i] = check_one(note, &witnesses[i], latest);
	}
	return SC_OK;
}

enum sc_err cosignature_make(struct sc_span text, const struct note_signer *s, uint64_t time,
    struct sc_buf *out)
{
	uint8_t raw[4 + NOTE_COSIG_BYTES];
	const size_t from = out->n;
	struct note_head head;
	struct sc_buf m;
	enum sc_err err;

	if (s->key.type != NOTE_COSIGNATURE || note_head_parse(text, &head) != SC_OK)
		return SC_SYNTAX;
	memcpy(raw, s->key.id, 4);
	sc_be64_store(raw + 4, time);
	sc_buf_init(&m, NOTE_MAX + 64);
	if ((err = note_cosigned_text(text, time, &m)) == SC_OK)
		err = s->sign(s->arg, sc_buf_span(&m), raw + 12);
	sc_buf_fini(&m);
	if (err != SC_OK)
		return err;
	if ((err = sc_buf_printf(out, "\xe2\x80\x94 %s ", s->key.name)) != SC_OK ||
	    (err = note_base64_print(raw, sizeof(raw), out)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		sc_buf_truncate(out, from);
	return err;
}

enum sc_err cosignature_take(struct sc_span raw, struct sc_span answer,
    const struct note_key *witness, struct sc_buf *out, uint64_t *time)
{
	const size_t from = out->n;
	struct cosigned c = { .state = COSIGNED_NOT };
	struct note *note = malloc(sizeof(*note));
	struct sc_buf both;
	enum sc_err err = SC_NOMEM;

	*time = 0;
	sc_buf_init(&both, NOTE_MAX);
	if (note == NULL || (err = sc_buf_put_span(&both, raw)) != SC_OK ||
	    (err = sc_buf_put_span(&both, answer)) != SC_OK ||
	    (err = note_parse(sc_buf_span(&both), note)) != SC_OK ||
	    (err = cosignature_check(note, witness, 1, 0, &c)) != SC_OK)
		goto out;
	if (c.state == COSIGNED_BAD)
		err = SC_AUTH;
	for (size_t i = 0; i < note->n_sigs && err == SC_OK && c.state == COSIGNED_HOLDS; i++)
		/* those of the answer alone: RAW may have an older one */
		if (note->sigs[i].line.p >= both.p + raw.n && is_by(&note->sigs[i], witness)) {
			err = sc_buf_put_span(out, note->sigs[i].line);
			*time = c.time;
		}
out:
	if (err != SC_OK) {
		sc_buf_truncate(out, from);
		*time = 0;
	}
	sc_buf_fini(&both);
	free(note);
	return err;
}
