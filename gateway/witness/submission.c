/*
 * submission.c - one log's head to one witness, in the order in which it happens:
 *
 *	begin -> go -> (POST) -> on_head -> on_end -> agreed | elsewhere | trouble -> rest
 *
 * 409 tells where the witness is: what lies behind us is proved from there at once, what lies
 * before us nobody can prove, for it has seen more than there is.
 */
#include "gateway/witness/private.h"

#include "base/log.h"
#include "base/weak.h"
#include "crypto/tlog/witnessed.h"

#include <stdatomic.h>
#include <string.h>

#define EVERY_MS 900 /* so that the next tick finds it due */
#define WAIT_MAX_MS 60000
#define CONFLICTS_MAX 3 /* in a row: then it is no use */
#define ANSWER_MAX 16384

static void set_trouble(struct submitting *s, enum witness_trouble t)
{
	static const struct log_field what[] = {
		[WITNESS_NEW] = LOG_STR("is", "new"),
		[WITNESS_WELL] = LOG_STR("is", "well"),
		[WITNESS_AWAY] = LOG_STR("is", "away, or answers what is of no use"),
		[WITNESS_STRANGER] = LOG_STR("is",
		    "without this log, or with another key of it: name both in its witness.json"),
		[WITNESS_DISAGREES] = LOG_STR("is",
		    "certain of another past: an older copy was put back, or the log was "
		    "rewritten"),
	};
	const struct log_field log = s->log->keyds ? LOG_STR("log", "keyd's") :
						     LOG_STR("log", "own");
	enum log_level level = LOG_INFO;

	if (atomic_exchange(&s->trouble, (int)t) == (int)t)
		return;
	if (t != WITNESS_WELL)
		level = t == WITNESS_DISAGREES ? LOG_ERROR : LOG_WARN;
	log_event(level, "gateway.witness", LOG_U64("witness", s->witness + 1), log,
	    LOG_U64("has", s->from), what[t], LOG_END);
}

/* Over, for now. Who does not get through waits longer each time. */
static void end(struct submitting *s, bool well)
{
	http_exchange_release(s->exchange);
	s->exchange = NULL;
	s->busy = false;
	s->wait_ms = well ? EVERY_MS : 2 * s->wait_ms < WAIT_MAX_MS ? 2 * s->wait_ms : WAIT_MAX_MS;
	s->due_ms = loop_now_ms(s->all->loop) + s->wait_ms;
}

/* Who disagreed does so until it agrees: not to be reached is no other word. */
static void fail(struct submitting *s, enum witness_trouble t)
{
	s->conflicts = 0;
	if (t == WITNESS_DISAGREES && WEAK("witness-not-heard"))
		t = WITNESS_AWAY;
	if (atomic_load(&s->trouble) != WITNESS_DISAGREES)
		set_trouble(s, t);
	end(s, false);
}

/* Nothing to tell, or nothing to tell it with. */
static void rest(struct submitting *s)
{
	end(s, true);
}

/* ---- what it answers ------------------------------------------------------------------------ */

static void agreed(struct submitting *s, struct sc_span body)
{
	const struct note_key *key = &s->all->config->witnesses[s->witness].key;
	struct sc_buf line;
	uint64_t time = 0;

	sc_buf_init(&line, NOTE_MAX);
	if (cosignature_take(sc_buf_span(&s->sent), body, key, &line, &time) != SC_OK || time == 0)
		fail(s, WITNESS_AWAY);
	else {
		s->last = s->head;
		s->from = s->head.size;
		s->conflicts = 0;
		cosigned_keep(s, sc_buf_span(&line));
		atomic_store(&s->size, s->head.size);
		atomic_store(&s->time, time);
		set_trouble(s, WITNESS_WELL);
		end(s, true);
	}
	sc_buf_fini(&line);
}

static void elsewhere(struct submitting *s, struct sc_span body)
{
	struct sc_span line;
	uint64_t has;

	if (!note_line(&body, &line) || body.n > 0 || !note_number(line, &has)) {
		fail(s, WITNESS_AWAY);
		return;
	}
	s->from = has;
	if (has > s->head.size)
		fail(s, WITNESS_DISAGREES);
	else if (++s->conflicts > CONFLICTS_MAX)
		fail(s, WITNESS_AWAY);
	else {
		end(s, true);
		s->due_ms = 0;
		loop_timer_set(s->all->loop, &s->all->tick, 0);
	}
}

static void on_head(struct http_exchange *x)
{
	http_exchange_buffer_body(x, ANSWER_MAX);
}

static void on_end(struct http_exchange *x, struct sc_span body)
{
	struct submitting *s = x->user;

	switch (x->head->status) {
	case 200: agreed(s, body); break;
	case 409: elsewhere(s, body); break;
	case 422: fail(s, WITNESS_DISAGREES); break;
	case 400:
	case 403:
	case 404: fail(s, WITNESS_STRANGER); break;
	default: fail(s, WITNESS_AWAY);
	}
}

static void on_error(struct http_exchange *x, enum http_client_error why)
{
	(void)why;
	fail(x->user, WITNESS_AWAY);
}

static const struct http_client_handler handler = { .on_head = on_head,
	.on_end = on_end,
	.on_error = on_error };

/* ---- asking ------------------------------------------------------------------------------------ */

static enum sc_err post(struct submitting *s, const struct merkle_proof *proof)
{
	const struct http_field type = { SC_LIT("Content-Type"), SC_LIT("text/plain") };
	struct http_client_req req = { .method = SC_LIT("POST"),
		.target = SC_LIT("/add-checkpoint"),
		.fields = &type,
		.n_fields = 1,
		.has_body = true };
	struct submission what = { .old = s->from, .n_proof = proof->n };
	struct sc_buf body;
	enum sc_err err;

	if (proof->n > SUBMISSION_PROOF_MAX)
		return SC_LIMIT;
	memcpy(what.proof, proof->h, proof->n * sizeof(proof->h[0]));
	what.checkpoint = sc_buf_span(&s->sent);
	sc_buf_init(&body, SUBMISSION_MAX);
	if ((err = submission_print(&what, &body)) == SC_OK) {
		req.body = sc_buf_span(&body);
		err =
		    http_client_request(s->all->client, s->origin, &req, &handler, s, &s->exchange);
	}
	sc_buf_fini(&body);
	return err;
}

static bool is_known(const struct submitting *s)
{
	return atomic_load(&s->trouble) == WITNESS_WELL && s->head.size == s->last.size &&
	    memcmp(s->head.root, s->last.root, HASH_BYTES) == 0;
}

static void go(struct submitting *s, struct sc_span note, const struct merkle_proof *proof)
{
	static const struct merkle_proof none = { .n = 0 };

	sc_buf_clear(&s->sent);
	if (note.n == 0 || cosigned_bare(note, &s->sent, &s->head) != SC_OK || is_known(s)) {
		rest(s);
		return;
	}
	/* nobody can prove that: ask it where it is once more */
	if (s->from > s->head.size) {
		s->from = 0;
		proof = &none;
	}
	if (post(s, proof) != SC_OK)
		fail(s, WITNESS_AWAY);
}

void submission_begin(struct submitting *s)
{
	struct merkle_proof proof;
	struct sc_buf note;

	if (s->log->keyds) {
		s->busy = keyd_head_ask(&s->all->keyd, s, go);
		return;
	}
	s->busy = true;
	sc_buf_init(&note, NOTE_MAX);
	if (tlog_prove(s->all->shared->log, s->from, &note, &proof) == SC_OK)
		go(s, sc_buf_span(&note), &proof);
	else
		rest(s);
	sc_buf_fini(&note);
}
