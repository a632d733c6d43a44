/*
 * signing.c - the publisher's talk with whoever signs heads: one head at a time
 * is asked for, again until it is answered, and only a note that verifies
 * becomes the checkpoint.
 */
#include "crypto/tlog/writer_int.h"

#include <stdlib.h>
#include <string.h>

/* Is NOTE the answer to what was asked, with a signature that holds? */
static bool answers(const struct tlog *w, struct sc_span text)
{
	struct note_head head;
	struct note *note;
	bool ok = false, found = !w->has_key;

	if (!w->ask.active || (note = malloc(sizeof(*note))) == NULL)
		return false;
	if (note_parse(text, note) == SC_OK && note_head_parse(note->text, &head) == SC_OK &&
	    strcmp(head.origin, w->origin) == 0 && head.size == w->ask.size &&
	    memcmp(head.root, w->ask.root.b, HASH_BYTES) == 0 &&
	    (!w->has_key || note_verify(note, &w->key, &found) == SC_OK))
		ok = found;
	free(note);
	return ok;
}

static enum sc_err accept(struct tlog *w, struct sc_span text, struct sc_diag *d)
{
	struct tlog_state state = w->state;
	enum sc_err err;

	if (!watch_head(w, d))
		return SC_CORRUPT;
	if ((err = files_replace(w->dirfd, "checkpoint", text, d)) != SC_OK)
		return err;
	watch_set(w, WATCH_CHECKPOINT, "checkpoint");
	state.signed_size = w->ask.size;
	if ((err = state_write(w->dirfd, &state, d)) != SC_OK)
		return err;
	watch_set(w, WATCH_STATE, "state");
	w->state = state;
	w->signer_size = w->ask.size;
	w->ask.active = w->confirm = false;
	atomic_store(&w->signed_size, state.signed_size);
	pthread_mutex_lock(&w->lock);
	sc_buf_clear(&w->checkpoint);
	err = sc_buf_put_span(&w->checkpoint, text);
	pthread_mutex_unlock(&w->lock);
	return err;
}

void sign_take_note(struct tlog *w)
{
	struct sc_diag d = { .text = "" };
	enum sc_err err = SC_OK;
	struct sc_buf note;

	pthread_mutex_lock(&w->lock);
	note = w->note;
	sc_buf_init(&w->note, NOTE_MAX);
	pthread_mutex_unlock(&w->lock);
	if (note.n == 0 || atomic_load(&w->failed))
		goto out;
	if (answers(w, sc_buf_span(&note)))
		err = accept(w, sc_buf_span(&note), &d);
	else
		atomic_fetch_add(&w->bad_notes, 1);
	/* no space: this head stays unsigned for now and is asked for again */
	if (err == SC_IO || err == SC_CORRUPT)
		writer_fail(w, &d);
out:
	sc_buf_fini(&note);
}

static enum sc_err ask(struct tlog *w, uint64_t now, struct sc_diag *d)
{
	struct tlog_head head = { .origin = w->origin, .size = w->ask.size };
	struct merkle_proof proof;
	struct tile_reader r;
	enum sc_err err;

	w->ask.old_size = w->signer_size;
	w->ask.asked_ms = now;
	tile_reader_init(&r, w->dirfd, w->state.size);
	err = merkle_prove_consistency(w->ask.old_size, w->ask.size, tile_get, &r, &proof);
	if (err != SC_OK)
		*d = r.diag;
	tile_reader_fini(&r);
	if (err != SC_OK)
		return err;
	memcpy(head.root, w->ask.root.b, HASH_BYTES);
	head.old_size = w->ask.old_size;
	_Static_assert(sizeof(struct merkle_hash) == HASH_BYTES, "an array of hashes");
	head.proof = (const uint8_t(*)[HASH_BYTES]) & proof.h[0].b;
	head.n_proof = proof.n;
	w->sign(w->sign_arg, w, &head);
	return SC_OK;
}

/* The signer told what it signed last. True when that is news. */
static bool learn(struct tlog *w)
{
	struct sc_diag d = { .file = "state" };
	uint64_t from;
	bool has;

	pthread_mutex_lock(&w->lock);
	has = w->has_sign_from;
	from = w->sign_from;
	w->has_sign_from = false;
	pthread_mutex_unlock(&w->lock);
	if (!has || from == w->signer_size)
		return false;
	if (from > w->state.size) {
		sc_diag_set(&d, "%llu entries were signed, the log holds %llu: it was cut back",
		    (unsigned long long)from, (unsigned long long)w->state.size);
		writer_fail(w, &d);
		return false;
	}
	w->signer_size = from;
	return true;
}

void sign_ask(struct tlog *w, uint64_t now)
{
	struct sc_diag d = { .text = "" };
	bool news;

	if (w->sign == NULL || atomic_load(&w->failed))
		return;
	news = learn(w);
	if (atomic_load(&w->failed) || (w->state.size <= w->state.signed_size && !w->confirm))
		return;
	if (w->ask.active && !news && now < w->ask.asked_ms + w->resign_ms)
		return;
	if (!w->ask.active || w->ask.size < w->signer_size) {
		w->ask.active = true;
		w->ask.size = w->state.size;
		w->ask.root = w->state.root;
	}
	if (ask(w, now, &d) != SC_OK)
		writer_fail(w, &d);
}
