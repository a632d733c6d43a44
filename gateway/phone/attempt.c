/*
 * attempt.c - the walk of one attempt. Its functions stand in the order in which
 * they happen:
 *
 *	phone_attempt_new  ask_index          keyd: who calls, as a blind index
 *	on_indexed         judge              book and guard
 *	                   write_call         store: the call's id, durable
 *	on_written         go_on, repeat      of one that was known already
 *	                   ask_open           keyd: whom to reach, and the caller's token
 *	on_opened          ask_party          keyd: the blind index of whom it reaches,
 *	on_party                              once for a binding
 *	                   connect_it         book, asked again; memory of the caller
 *	end
 *
 * Wherever it fails, nobody is connected and no number is left.
 */
#include "gateway/phone/attempt.h"

#include "base/weak.h"
#include "gateway/codec/json.h"
#include "gateway/number/party.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX 1024 /* two tokens, or two numbers, and what codecs read beyond */

#define CALLERS_OF "call:"

struct attempt_write;

struct attempt_work {
	struct phone_attempt a;
	struct phone_attempt_in in;
	struct phone_service *s;
	char caller[PHONE_E164_MAX + 1]; /* "" when withheld */
	struct phone_asked q;
	struct phone_decision d;
	char token[PHONE_TOKEN_TEXT_MAX]; /* of the caller's number, */
	char whose[sizeof(CALLERS_OF) +
	    2 * PHONE_ID_BYTES]; /* under the key of all of that binding */
	struct attempt_write *writing;
	/* what keyd is asked for */
	struct protect_value v[2];
	struct sc_buf asked, got;
};

/* The call's write lives until it is durable, also when the attempt is forgotten meanwhile. */
struct attempt_write {
	struct phone_call_write cw;
	struct attempt_work *k; /* NULL: forgotten */
};

static struct attempt_work *work_of(struct phone_attempt *a)
{
	return loop_owner(a, struct attempt_work, a);
}

static void end(struct attempt_work *k, enum phone_answer answer)
{
	k->a.answer = answer;
	if (answer != PHONE_CONNECT)
		sc_wipe(k->a.to, sizeof(k->a.to));
	k->in.done(&k->a, k->in.arg);
}

/* ---- keyd ------------------------------------------------------------------------------- */

/* Number I of what keyd is asked for: FORM of TEXT. */
static bool wants(struct attempt_work *k, size_t i, const struct form *form, const char *text)
{
	enum sc_err err = protect_text(&k->v[i], form, CLASS_PHONE, sc_span_str(text), &k->asked);

	k->v[i].rule.random = true; /* equal callers are not told from their tokens */
	return err == SC_OK;
}

static void ask(struct attempt_work *k, size_t n, protect_done_fn *done)
{
	struct served_request *rq = k->in.rq;
	const struct protect_input in = {
		.keyc = rq->worker->keyc,
		.policy = rq->gen->config->policy,
		.codec = &codec_json,
		.way = PLAN_STORE,
		.caller = &rq->record.asking,
		.reader = &rq->reader,
		.out = &k->got,
		.done = done,
		.arg = k,
	};

	sc_buf_clear(&k->got);
	if (protect_texts(rq->job, &in, &k->asked, k->v, n) != SC_OK)
		end(k, PHONE_DOWN);
}

/* What became of number I: a text, done as ACTION; empty when it was not. */
static struct sc_span given(const struct attempt_work *k, size_t i, uint8_t action)
{
	const struct protect_value *v = &k->v[i];

	if (v->status != WIRE_OK || v->kind != CODEC_TEXT || v->action != action || v->n == 0)
		return sc_span(NULL, 0);
	return sc_span(k->got.p + v->at, v->n);
}

static bool answered(struct attempt_work *k)
{
	const struct protect_result *r = protect_result(k->in.rq->job);

	served_note_result(k->in.rq, r);
	if (r->record != WIRE_NO_RECORD)
		k->a.record = r->record;
	return r->outcome == PROTECT_DONE;
}

/* The blind index of number 0. */
static uint64_t party_given(const struct attempt_work *k)
{
	const struct protect_value *v = &k->v[0];

	if (v->status != WIRE_OK || v->kind != CODEC_TEXT)
		return 0;
	return phone_party(sc_span(k->got.p + v->at, v->n));
}

/* ---- whom it reaches ----------------------------------------------------------------------- */

static bool wants_no_texts(struct attempt_work *k, uint64_t person)
{
	k->a.opted_out = k->q.channel == PHONE_SMS && person != 0 &&
	    phone_opted_out(k->s, k->q.line, person);
	return k->a.opted_out;
}

static void end_missed(struct attempt_work *k)
{
	phone_missed(k->s, &k->q, k->in.key, k->in.collects);
	end(k, PHONE_NOBODY);
}

/* A stranger is not told that there is somebody who wants no texts. */
static void end_unwanted(struct attempt_work *k)
{
	if (phone_acquainted(k->s, &k->q, &k->d))
		end(k, PHONE_ONE_WAY);
	else
		end_missed(k);
}

/* The book is asked once more, and remembers. */
static void connect_it(struct attempt_work *k)
{
	enum phone_answer got;
	uint64_t party = k->d.callback ? 0 : k->a.to_party;

	if (wants_no_texts(k, k->a.to_party))
		end_unwanted(k);
	else if (k->a.again)
		end(k, PHONE_CONNECT);
	else if (phone_connected(k->s, &k->q, &k->d, sc_span_str(k->token), party, k->in.key,
		     &got) == SC_OK)
		end(k, got);
	else
		end(k, PHONE_DOWN);
}

static void on_party(struct protect_job *job, void *arg)
{
	struct attempt_work *k = arg;

	(void)job;
	if (!answered(k) || (k->a.to_party = party_given(k)) == 0)
		end(k, PHONE_DOWN);
	else
		connect_it(k);
}

static void ask_party(struct attempt_work *k)
{
	sc_buf_clear(&k->asked);
	if (wants(k, 0, &form_party, k->a.to))
		ask(k, 1, on_party);
	else
		end(k, PHONE_DOWN);
}

/*
 * A number that may be dialled by its pool, judged as it is now: what was sealed
 * long ago, or by somebody else, may be another. Never one of our own: that would go round.
 */
static bool take_number(struct attempt_work *k, struct sc_span text)
{
	const struct phone_settings *set = phone_settings_of(k->s);
	const struct phone_pool *pool = &set->pools[k->d.pool];
	struct phone_number no;
	bool ok;

	ok = phone_number_parse(text, set->home, &no) == SC_OK &&
	    phone_number_kind(no.e164) == PHONE_KIND_PERSON &&
	    phone_number_within(no.e164, pool->dial, pool->n_dial) &&
	    phone_line_find(k->s, sc_span_str(no.e164)) == PHONE_NO_LINE;
	if (ok)
		memcpy(k->a.to, no.e164, sizeof(k->a.to));
	sc_wipe(&no, sizeof(no));
	return ok;
}

static bool take_token(struct attempt_work *k, struct sc_span text)
{
	if (text.n == 0 || text.n >= sizeof(k->token))
		return false;
	memcpy(k->token, text.p, text.n);
	k->token[text.n] = '\0';
	return true;
}

static void on_opened(struct protect_job *job, void *arg)
{
	struct attempt_work *k = arg;
	bool ok = answered(k);

	(void)job;
	/* erased while the book still has the binding: the same to all as if it had not */
	if (ok && k->v[0].status == WIRE_GONE) {
		end_missed(k);
		return;
	}
	ok = ok && take_number(k, given(k, 0, ACTION_REVEAL)) &&
	    (k->a.again || take_token(k, given(k, 1, ACTION_TOKENISE)));
	sc_buf_clear(&k->got);
	if (!ok)
		end(k, PHONE_DOWN);
	else if (!k->d.party_known || (k->d.callback && k->q.channel == PHONE_SMS))
		ask_party(k);
	else
		connect_it(k);
}

/*
 * Whose a caller's number is: whoever called the same binding. Under a class key it were nobody's,
 * whom nothing tells the age of, so that no window of the policy's reaches it.
 */
static struct sc_span callers_of(struct attempt_work *k)
{
	size_t n = (size_t)snprintf(k->whose, sizeof(k->whose), CALLERS_OF);

	for (size_t i = 0; i < PHONE_ID_BYTES; i++)
		n += (size_t)snprintf(k->whose + n, sizeof(k->whose) - n, "%02x", k->d.id[i]);
	return sc_span(k->whose, n);
}

static void ask_open(struct attempt_work *k)
{
	bool fits;

	if (wants_no_texts(k, k->a.to_party)) {
		end_unwanted(k);
		return;
	}
	sc_buf_clear(&k->asked);
	fits = wants(k, 0, &form_policy, k->d.to) &&
	    (k->a.again || wants(k, 1, &form_seal, k->caller));
	if (!k->a.again)
		k->v[1].subject = callers_of(k);
	if (fits)
		ask(k, k->a.again ? 1 : 2, on_opened);
	else
		end(k, PHONE_DOWN);
}

/* ---- the call's id ------------------------------------------------------------------------- */

static void take_decision(struct attempt_work *k)
{
	struct phone_binding b;

	k->a.bound = k->d.bound;
	memcpy(k->a.binding, k->d.id, PHONE_ID_BYTES);
	if (k->d.pool != PHONE_NO_POOL)
		k->a.max_call_s = phone_settings_of(k->s)->pools[k->d.pool].max_call_s;
	if (k->d.bound && k->d.party_known && !k->d.callback && phone_find(k->s, k->d.id, &b))
		k->a.to_party = k->d.to_b ? b.b_party : b.a_party;
}

static void follow(struct attempt_work *k)
{
	take_decision(k);
	if (k->d.answer == PHONE_CONNECT)
		ask_open(k);
	else
		end(k, k->d.answer);
}

/* How far a call may be whose request is answered once more; a text is over at once. */
static enum call_state furthest(const struct attempt_work *k)
{
	if (k->a.call.answer != PHONE_CONNECT)
		return CALL_REFUSED;
	return k->q.channel == PHONE_SMS ? CALL_ENDED : CALL_DIALLED;
}

/* Has nothing come of the first delivery yet, and is this one soon enough? */
static bool may_repeat(const struct attempt_work *k)
{
	const struct phone_call *c = &k->a.call;
	bool same = memcmp(c->digest, k->in.digest, CALL_DIGEST_BYTES) == 0 &&
	    (k->in.known == NULL || c->step == k->in.known->step + 1);

	if (WEAK("number-replayed"))
		return same;
	/* a text may be asked about as long as it is held */
	if (k->in.pass == PHONE_HOLD && c->state == CALL_ASKED)
		return same;
	return k->in.again && same && c->repeats <= PHONE_AGAIN_MAX &&
	    phone_latest_s(k->s) - c->moved_at <= PHONE_AGAIN_S && c->state <= furthest(k);
}

/* A second delivery: its answer is the first one's, and its number opened anew. */
static void repeat(struct attempt_work *k)
{
	enum phone_answer first = (enum phone_answer)k->a.call.answer;

	if (!may_repeat(k)) {
		end(k, PHONE_REPLAYED);
		return;
	}
	if (k->d.answer == PHONE_NOBODY)
		phone_uncharge(k->s, &k->q);
	/* the first went wrong at the end: this one goes all the way, and is counted */
	if (first == PHONE_CONNECT && k->a.call.state < CALL_DIALLED) {
		follow(k);
		return;
	}
	if (first == PHONE_CONNECT && !phone_again(k->s, &k->q, &k->a.call, &k->d)) {
		end(k, PHONE_REPLAYED);
		return;
	}
	k->a.again = true;
	k->d.answer = first;
	follow(k);
}

static void write_call(struct attempt_work *k, const struct phone_call *known);

/* Digits for a call that was asked for them, or the word that a held text may go? */
static bool goes_on(const struct attempt_work *k)
{
	const struct phone_call *c = &k->a.call;
	bool same = memcmp(c->digest, k->in.digest, CALL_DIGEST_BYTES) == 0;

	if (k->in.known != NULL || c->state != CALL_ASKED || c->answer != PHONE_COLLECT ||
	    c->line != k->q.line || c->caller != k->q.caller)
		return false;
	if (k->in.pass == PHONE_CONFIRMED)
		return same;
	return k->in.goes_on && k->in.pass == PHONE_PASS && k->q.keyed && !same;
}

static void on_written(struct phone_write *wr, enum sc_err err)
{
	struct attempt_write *w =
	    loop_owner(loop_owner(wr, struct phone_call_write, write), struct attempt_write, cw);
	struct attempt_work *k = w->k;
	bool fresh = w->cw.fresh;

	if (k != NULL) {
		k->writing = NULL;
		k->a.call = w->cw.call;
	}
	free(w);
	if (k == NULL)
		return;
	if (err != SC_OK) {
		end(k, PHONE_DOWN);
	} else if (fresh && k->in.pass == PHONE_CONFIRMED && k->a.call.answer == PHONE_COLLECT) {
		end(k, PHONE_COLLECT); /* it was never held */
	} else if (fresh) {
		follow(k);
	} else if (goes_on(k)) {
		const struct phone_call known = k->a.call;

		k->in.pass = PHONE_PASS;
		write_call(k, &known);
	} else {
		repeat(k);
	}
}

/* What state the answer leaves a call in; one that is connected is dialled when it is. */
static enum call_state state_of(const struct attempt_work *k, enum phone_answer answer)
{
	bool miss = answer == PHONE_NOBODY || answer == PHONE_ONE_WAY;

	return answer == PHONE_COLLECT || (miss && k->in.collects) ? CALL_ASKED : CALL_REFUSED;
}

static void write_call(struct attempt_work *k, const struct phone_call *known)
{
	enum phone_answer answer = k->in.pass == PHONE_PASS ? k->d.answer : PHONE_COLLECT;
	struct worker *worker = k->in.rq->worker;
	struct attempt_write *w = calloc(1, sizeof(*w));
	struct phone_call *c;
	enum sc_err err;

	if (w == NULL) {
		end(k, PHONE_DOWN);
		return;
	}
	c = &w->cw.call;
	memcpy(c->key, k->in.key, CALL_KEY_BYTES);
	memcpy(c->digest, k->in.digest, CALL_DIGEST_BYTES);
	c->line = k->q.line;
	c->caller = k->q.caller;
	c->answer = (uint8_t)answer;
	c->state = (uint8_t)state_of(k, answer);
	c->step = known != NULL ? known->step : c->state == CALL_ASKED;
	c->bound = k->d.bound;
	memcpy(c->binding, k->d.id, PHONE_ID_BYTES);
	w->cw.write.done = on_written;
	w->k = k;
	k->writing = w;
	err = known != NULL ? phone_call_step(k->s, worker, &w->cw) :
			      phone_call_open(k->s, worker, &w->cw);
	if (err != SC_OK) {
		k->writing = NULL;
		free(w);
		end(k, PHONE_DOWN);
	}
}

/* ---- judged ---------------------------------------------------------------------------------- */

static bool is_kept(const struct attempt_work *k)
{
	return k->in.keep_refusals || k->in.known != NULL || k->in.pass != PHONE_PASS ||
	    k->d.answer == PHONE_CONNECT || k->d.answer == PHONE_COLLECT;
}

/* The answer, and the call's id durable before it; a number that is none of ours has no calls. */
static void judged(struct attempt_work *k)
{
	if (k->q.line == PHONE_NO_LINE || !is_kept(k))
		follow(k);
	else
		write_call(k, k->in.known);
}

static void judge(struct attempt_work *k)
{
	if (k->in.pass == PHONE_HOLD)
		k->d.answer = PHONE_COLLECT;
	else
		phone_decide(k->s, &k->q, &k->d);
	if (k->in.pass != PHONE_HOLD && k->d.answer == PHONE_COLLECT && !k->in.collects)
		k->d.answer = PHONE_NOBODY;
	judged(k);
}

static void on_indexed(struct protect_job *job, void *arg)
{
	struct attempt_work *k = arg;

	(void)job;
	if (!answered(k) || (k->q.caller = k->a.caller_party = party_given(k)) == 0)
		end(k, PHONE_DOWN);
	else if (k->in.pass == PHONE_WHO)
		end(k, PHONE_NOBODY);
	else
		judge(k);
}

/* ---- begun ------------------------------------------------------------------------------------ */

static void ask_index(struct attempt_work *k)
{
	if (k->caller[0] == '\0') {
		k->in.pass = PHONE_PASS;
		k->d.answer = PHONE_WITHHELD;
		judged(k);
	} else if (wants(k, 0, &form_party, k->caller)) {
		ask(k, 1, on_indexed);
	} else {
		end(k, PHONE_DOWN);
	}
}

enum sc_err phone_attempt_new(const struct phone_attempt_in *in, struct phone_attempt **out)
{
	struct attempt_work *k = calloc(1, sizeof(*k));

	*out = NULL;
	if (k == NULL)
		return SC_NOMEM;
	k->in = *in;
	k->s = in->rq->worker->shared->phone;
	k->q = (struct phone_asked){ in->line, in->ext, 0, in->channel, in->ext != PHONE_NO_EXT };
	k->d.pool = PHONE_NO_POOL;
	k->d.at = BOOK_NONE;
	k->a.line = in->line;
	k->a.record = WIRE_NO_RECORD;
	sc_buf_init(&k->asked, TEXTS_MAX);
	sc_buf_init(&k->got, TEXTS_MAX);
	/* one of ours calls nobody: such a call has gone round, or says what is not so */
	if (phone_number_is_e164(in->caller) && phone_line_find(k->s, in->caller) == PHONE_NO_LINE)
		memcpy(k->caller, in->caller.p, in->caller.n);
	k->in.caller = sc_span_str(k->caller);
	*out = &k->a;
	ask_index(k);
	return SC_OK;
}

void phone_attempt_free(struct phone_attempt *a)
{
	struct attempt_work *k;

	if (a == NULL)
		return;
	k = work_of(a);
	protect_cancel(k->in.rq->job);
	if (k->writing != NULL)
		k->writing->k = NULL;
	sc_buf_fini(&k->asked);
	sc_buf_fini(&k->got);
	sc_wipe(k, sizeof(*k));
	free(k);
}

/* ---- told ------------------------------------------------------------------------------------- */

_Static_assert(METRIC_CALL_DOWN - METRIC_CALL_CONNECT == PHONE_DOWN &&
	METRIC_CALL_LATE - METRIC_CALL_CONNECT == PHONE_LATE &&
	PHONE_ANSWER_COUNT == PHONE_DOWN + 1,
    "a counter for each answer");

void phone_attempt_note(struct served_request *rq, const struct phone_attempt *a)
{
	struct audit_record *r = &rq->record;

	metric_add(&rq->worker->shared->metrics, METRIC_CALL_CONNECT + (unsigned)a->answer, 1);
	r->act = phone_answer_row(a->answer)->act;
	r->asking.records = 1;
	r->outcome = a->answer == PHONE_CONNECT || a->answer == PHONE_COLLECT ? AUDIT_OK :
	    a->answer == PHONE_DOWN                                           ? AUDIT_FAILED :
										AUDIT_REFUSED;
	if (a->bound) {
		memcpy(rq->binding, a->binding, sizeof(rq->binding));
		r->binding = rq->binding;
	}
}

bool phone_peer_ok(const struct served_request *rq)
{
	return rq->record.auth == AUDIT_AUTH_CERTIFICATE || rq->record.auth == AUDIT_AUTH_PEER ||
	    rq->record.auth == AUDIT_AUTH_SIGNATURE;
}
