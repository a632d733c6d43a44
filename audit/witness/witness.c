/*
 * witness.c - judging a submission: parse -> whose log -> signed by it -> from where we are
 * -> an extension of what we saw -> cosigned -> kept -> answered.
 */
#include "audit/witness/witness.h"

#include "base/log.h"
#include "base/weak.h"
#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/submission.h"

#include <stdlib.h>
#include <string.h>

/* One submission on its way. */
struct judging {
	struct witness *w;
	struct submission s;
	struct note note;
	struct note_head head;
	struct seen_log *log;
	struct witness_answer *out;
};

static bool refuse(struct judging *j, unsigned status, const char *why)
{
	j->out->status = status;
	j->out->why = why;
	return false;
}

/* The three lines, the empty tree's root, and whose it is. */
static bool read_all(struct judging *j, struct sc_span body)
{
	if (submission_parse(body, &j->s) != SC_OK ||
	    note_parse(j->s.checkpoint, &j->note) != SC_OK ||
	    note_head_parse(j->note.text, &j->head) != SC_OK)
		return refuse(j, 400, "this is no add-checkpoint request (c2sp.org/tlog-witness)");
	if ((j->log = seen_find(&j->w->seen, j->head.origin)) == NULL)
		return refuse(j, 404, "this witness does not know that log");
	return true;
}

static bool check_signature(struct judging *j)
{
	bool found = false;

	if (note_verify(&j->note, &j->log->settings->key, &found) == SC_OK && found)
		return true;
	return refuse(j, 403, "the checkpoint is not signed by the log's key");
}

/* 409: where we are, for whoever does not know. */
static bool check_old(struct judging *j)
{
	if (j->s.old > j->head.size)
		return refuse(j, 400, "the old size is larger than the checkpoint's");
	if (j->s.old == j->log->size)
		return true;
	j->out->status = 409;
	if (sc_buf_printf(&j->out->body, "%llu\n", (unsigned long long)j->log->size) != SC_OK)
		return refuse(j, 500, "there is no memory");
	return false;
}

static bool extends(const struct judging *j)
{
	struct merkle_hash root, empty;

	memcpy(root.b, j->head.root, sizeof(root.b));
	merkle_empty(&empty);
	if (j->head.size == 0 && memcmp(root.b, empty.b, sizeof(root.b)) != 0)
		return false;
	/* a log of which nothing was seen has an empty tree as well */
	return merkle_check_consistency(j->s.old, j->head.size,
		   j->log->size == 0 ? &empty : &j->log->root, j->head.size == 0 ? &empty : &root,
		   j->s.proof, j->s.n_proof) == SC_OK;
}

/* The checkpoint with the signature that was verified and OURS, no other. */
static enum sc_err put_note(const struct judging *j, struct sc_span ours, struct sc_buf *out)
{
	const struct note_key *key = &j->log->settings->key;
	enum sc_err err;

	if ((err = sc_buf_put_span(out, j->note.text)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		return err;
	for (size_t i = 0; i < j->note.n_sigs; i++) {
		const struct note_sig *s = &j->note.sigs[i];

		if (sc_span_is(s->name, key->name) && memcmp(s->id, key->id, sizeof(s->id)) == 0)
			return (err = sc_buf_put_span(out, s->line)) != SC_OK ?
			    err :
			    sc_buf_put_span(out, ours);
	}
	return SC_BUG;
}

/*
 * Two signed roots of one size are proof of what the log did, and kept. A larger tree without a
 * good proof is not: anybody can send the log's own next checkpoint with a proof that is none.
 */
static void keep_fork(const struct judging *j)
{
	struct sc_buf note;

	if (j->head.size != j->log->size)
		return;
	sc_buf_init(&note, NOTE_MAX);
	if (put_note(j, sc_span(NULL, 0), &note) == SC_OK)
		seen_keep_fork(&j->w->seen, j->log, sc_buf_span(&note));
	sc_buf_fini(&note);
}

static bool check_proof(struct judging *j)
{
	if (extends(j) || WEAK("witness-fork-cosigned"))
		return true;
	log_event(LOG_ERROR, "witness.refused", LOG_U64("have", j->log->size),
	    LOG_U64("asked", j->head.size), LOG_END);
	if (memcmp(j->log->root.b, j->head.root, sizeof(j->head.root)) != 0)
		keep_fork(j);
	return refuse(j, 422, "it is not proved that this tree extends the one that was seen");
}

/* On disk before it is answered: whatever happens then, no smaller or other tree is cosigned. */
static bool cosign(struct judging *j, uint64_t now)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf note;
	enum sc_err err;

	sc_buf_init(&note, NOTE_MAX);
	if ((err = cosignature_make(j->note.text, &j->w->key.signer, now, &j->out->body)) ==
		SC_OK &&
	    (err = put_note(j, sc_buf_span(&j->out->body), &note)) == SC_OK)
		err = seen_advance(&j->w->seen, j->log, &j->head, sc_buf_span(&note), &d);
	sc_buf_fini(&note);
	if (err == SC_OK) {
		j->out->status = 200;
		return true;
	}
	sc_buf_clear(&j->out->body);
	log_event(LOG_ERROR, "witness.not_kept", LOG_END);
	return refuse(j, 500, "what was to be cosigned could not be kept");
}

void witness_add(struct witness *w, struct sc_span body, uint64_t now, struct witness_answer *out)
{
	struct judging *j = calloc(1, sizeof(*j));

	out->why = NULL;
	if (j == NULL) {
		out->status = 500;
		out->why = "there is no memory";
		return;
	}
	j->w = w;
	j->out = out;
	if (read_all(j, body) && check_signature(j) && check_old(j) && check_proof(j) &&
	    cosign(j, now))
		w->cosigned++;
	else
		w->refused++;
	free(j);
}

enum sc_err witness_open(const struct witness_settings *settings, struct sc_diags *all,
    struct witness *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	out->settings = settings;
	out->seen.dirfd = out->seen.lockfd = -1;
	if ((err = witness_key_load(settings->key, settings->name, all, &out->key)) != SC_OK)
		return err;
	if ((err = seen_open(settings, &out->key.signer.key, &all->v[0], &out->seen)) != SC_OK)
		witness_close(out);
	return err;
}

void witness_close(struct witness *w)
{
	seen_close(&w->seen);
	witness_key_fini(&w->key);
	w->settings = NULL;
}
