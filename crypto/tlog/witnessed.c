/*
 * witnessed.c - a log's head for witnesses, and their cosignatures into its checkpoint.
 */
#include "crypto/tlog/witnessed.h"

#include "crypto/tlog/writer_int.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* The files of a tree that was signed stay what they are: nothing is locked meanwhile. */
static enum sc_err prove(const struct tlog *w, uint64_t old, uint64_t size,
    struct merkle_proof *proof)
{
	struct tile_reader r;
	enum sc_err err;

	tile_reader_init(&r, w->dirfd, size);
	err = merkle_prove_consistency(old, size, tile_get, &r, proof);
	tile_reader_fini(&r);
	return err;
}

enum sc_err tlog_prove(struct tlog *w, uint64_t old, struct sc_buf *note,
    struct merkle_proof *proof)
{
	const size_t from = note->n;
	struct note *parsed;
	struct note_head head;
	enum sc_err err;

	proof->n = 0;
	if ((err = tlog_checkpoint(w, note)) != SC_OK || note->n == from)
		return err;
	if ((parsed = malloc(sizeof(*parsed))) == NULL)
		return SC_NOMEM;
	if ((err = note_parse(sc_span_from(sc_buf_span(note), from), parsed)) == SC_OK &&
	    (err = note_head_parse(parsed->text, &head)) == SC_OK && old <= head.size)
		err = prove(w, old, head.size, proof);
	free(parsed);
	return err;
}

enum sc_err tlog_cosigned(struct tlog *w, struct sc_span note)
{
	enum sc_err err;

	pthread_mutex_lock(&w->lock);
	sc_buf_clear(&w->cosigned);
	err = sc_buf_put_span(&w->cosigned, note);
	pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
	return err;
}

/* Is TEXT the checkpoint that stands there, with our own signature and others'? */
static bool is_same_head(struct tlog *w, struct sc_span text)
{
	struct note *both = malloc(2 * sizeof(*both));
	struct sc_buf now;
	bool ok = false, found = !w->has_key;

	sc_buf_init(&now, NOTE_MAX);
	if (both != NULL && tlog_checkpoint(w, &now) == SC_OK && now.n > 0 &&
	    note_parse(text, &both[0]) == SC_OK &&
	    note_parse(sc_buf_span(&now), &both[1]) == SC_OK &&
	    sc_span_eq(both[0].text, both[1].text) &&
	    (!w->has_key || note_verify(&both[0], &w->key, &found) == SC_OK))
		ok = found;
	sc_buf_fini(&now);
	free(both);
	return ok;
}

void sign_take_cosigned(struct tlog *w)
{
	struct sc_diag d = { .text = "" };
	struct sc_buf note;

	pthread_mutex_lock(&w->lock);
	note = w->cosigned;
	sc_buf_init(&w->cosigned, NOTE_MAX);
	pthread_mutex_unlock(&w->lock);
	if (note.n == 0 || atomic_load(&w->failed) || !is_same_head(w, sc_buf_span(&note)))
		goto out;
	switch (watch_head(w, &d) ? files_replace(w->dirfd, "checkpoint", sc_buf_span(&note), &d) :
				    SC_CORRUPT) {
	case SC_OK:
		watch_set(w, WATCH_CHECKPOINT, "checkpoint");
		pthread_mutex_lock(&w->lock);
		sc_buf_clear(&w->checkpoint);
		if (sc_buf_put_span(&w->checkpoint, sc_buf_span(&note)) != SC_OK)
			sc_buf_clear(&w->checkpoint);
		pthread_mutex_unlock(&w->lock);
		break;
	case SC_LIMIT: break; /* no space: it stands there without them */
	default: writer_fail(w, &d);
	}
out:
	sc_buf_fini(&note);
}
