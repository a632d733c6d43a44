/*
 * test_phone_calls.c - calls are opened once, moved on, raised to one end; who was
 * connected is remembered, and who wants no texts.
 */
#include "gateway/phone/calls.h"
#include "gateway/phone/optout.h"
#include "phone_rig.h"

#include "tap.h"

static struct phone_rig rig;
static uint16_t labels, pairs;
#define LINE 0
static const uint8_t no_call[CALL_KEY_BYTES];

static void begin(void)
{
	rig_init(&rig);
	labels = rig_pool(&rig, PHONE_AXE, 4, 2);
	pairs = rig_pool(&rig, PHONE_AXB, 0, 1);
	if (!rig_open(&rig))
		exit(1);
}

/* ---- calls, waited for ---------------------------------------------------------------------- */

static enum sc_err how;

static void on_done(struct phone_write *wr, enum sc_err err)
{
	(void)wr;
	how = err;
}

typedef enum sc_err write_fn(struct phone_service *, struct worker *, struct phone_call_write *);

/* What CW becomes; true when it became durable. */
static bool made(write_fn *fn, struct phone_call_write *cw)
{
	how = SC_BUG;
	cw->write = (struct phone_write){ .done = on_done };
	if (fn(rig.s, NULL, cw) != SC_OK)
		return false;
	rig_settle(&rig);
	return how == SC_OK;
}

static struct phone_call_write a_call(uint8_t id, enum call_state state, enum phone_answer answer)
{
	return (struct phone_call_write){ .call = { .key = { id },
					      .digest = { 1, id },
					      .line = LINE,
					      .caller = rig_party(100),
					      .state = (uint8_t)state,
					      .answer = (uint8_t)answer,
					      .step = state == CALL_ASKED } };
}

static void test_open(void)
{
	struct phone_call_write cw = a_call(1, CALL_DIALLED, PHONE_CONNECT), other;

	begin();
	cw.call.bound = true;
	memset(cw.call.binding, 7, PHONE_ID_BYTES);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	CHECK(cw.call.opened_at >= RIG_NOON && cw.call.opened_at < RIG_NOON + 60);
	CHECK(cw.call.moved_at == cw.call.opened_at && cw.call.repeats == 0);
	/* the same key: the call as it was, once more */
	for (uint8_t i = 1; i <= 3; i++) {
		other = a_call(1, CALL_REFUSED, PHONE_NOBODY);
		other.call.digest[0] = 9;
		other.call.caller = rig_party(101);
		CHECK(made(phone_call_open, &other) && !other.fresh && other.call.repeats == i);
		CHECK(other.call.digest[0] == 1 && other.call.caller == rig_party(100) &&
		    other.call.state == CALL_DIALLED && other.call.answer == PHONE_CONNECT &&
		    other.call.bound && other.call.binding[15] == 7 && other.call.line == LINE);
	}
	rig_close(&rig);
	NEED(rig_open(&rig));
	other = a_call(1, CALL_REFUSED, PHONE_NOBODY);
	CHECK(made(phone_call_open, &other) && !other.fresh && other.call.repeats == 4);
	other = a_call(2, CALL_REFUSED, PHONE_NOBODY);
	CHECK(made(phone_call_open, &other) && other.fresh && !other.call.bound);
	other.call.line = 3;
	CHECK(!made(phone_call_open, &other));
	rig_fini(&rig);
}

static void test_step(void)
{
	struct phone_call_write cw = a_call(1, CALL_ASKED, PHONE_COLLECT), step;

	begin();
	CHECK(made(phone_call_open, &cw) && cw.fresh && cw.call.step == 1);
	rig_pass(20);
	/* another step, line or caller is another call's */
	for (int i = 0; i < 3; i++) {
		step = a_call(1, CALL_DIALLED, PHONE_CONNECT);
		step.call.step = (uint8_t)(i == 0 ? 2 : 1);
		step.call.line = i == 1;
		step.call.caller += i == 2;
		CHECK(made(phone_call_step, &step) && !step.fresh &&
		    step.call.state == CALL_ASKED && step.call.answer == PHONE_COLLECT &&
		    step.call.repeats == i + 1);
	}
	step = a_call(1, CALL_ASKED, PHONE_NOBODY);
	step.call.digest[0] = 5;
	CHECK(made(phone_call_step, &step) && step.fresh && step.call.step == 2);
	CHECK(step.call.digest[0] == 5 && step.call.repeats == 0 &&
	    step.call.moved_at >= step.call.opened_at + 20);
	step = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	step.call.step = 2;
	CHECK(made(phone_call_step, &step) && step.fresh && step.call.state == CALL_DIALLED);
	/* once */
	step = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	step.call.step = 3;
	CHECK(made(phone_call_step, &step) && !step.fresh);
	step = a_call(9, CALL_DIALLED, PHONE_CONNECT);
	step.call.step = 1;
	CHECK(made(phone_call_step, &step) && !step.fresh);
	rig_fini(&rig);
}

/* ---- events --------------------------------------------------------------------------------- */

static struct phone_call_write an_event(uint8_t id, enum call_state state, uint64_t at)
{
	struct phone_call_write cw = { .call = { .key = { id }, .state = (uint8_t)state } };

	cw.call.rung_at = state == CALL_RINGING ? at : 0;
	cw.call.answered_at = state == CALL_ANSWERED ? at : 0;
	cw.call.ended_at = state == CALL_ENDED ? at : 0;
	return cw;
}

static const struct {
	enum call_state state;
	uint64_t after;
} events[] = {
	{ CALL_RINGING, 1 },
	{ CALL_ANSWERED, 5 },
	{ CALL_ENDED, 65 },
	{ CALL_RINGING, 1 },
	{ CALL_ENDED, 65 },
};
#define EVENTS 5

/* The five in the order ORDER, all under way at once; how often the state was raised to the end. */
static unsigned tell_all(uint8_t id, const unsigned order[EVENTS])
{
	struct phone_call_write cw[EVENTS];
	unsigned ends = 0;

	for (unsigned i = 0; i < EVENTS; i++) {
		cw[i] =
		    an_event(id, events[order[i]].state, RIG_NOON + 100 + events[order[i]].after);
		cw[i].write.done = on_done;
		if (phone_call_raise(rig.s, NULL, &cw[i]) != SC_OK)
			abort();
	}
	rig_settle(&rig);
	for (unsigned i = 0; i < EVENTS; i++)
		ends += cw[i].fresh && cw[i].call.state == CALL_ENDED;
	return ends;
}

/* Number N of the 5! orders. */
static void permute(unsigned n, unsigned order[EVENTS])
{
	unsigned left[EVENTS] = { 0, 1, 2, 3, 4 };

	for (unsigned i = 0; i < EVENTS; i++) {
		unsigned k = n % (EVENTS - i);

		n /= EVENTS - i;
		order[i] = left[k];
		memmove(left + k, left + k + 1, (EVENTS - k - 1) * sizeof(left[0]));
	}
}

static void test_shuffled(void)
{
	struct phone_call_write cw;
	unsigned order[EVENTS];

	begin();
	for (unsigned n = 0; n < 120; n++) {
		cw = a_call((uint8_t)n, CALL_DIALLED, PHONE_CONNECT);
		NEED(made(phone_call_open, &cw) && cw.fresh);
		permute(n, order);
		CHECK(tell_all((uint8_t)n, order) == 1);
		cw = a_call((uint8_t)n, CALL_REFUSED, PHONE_NOBODY);
		NEED(made(phone_call_open, &cw) && !cw.fresh);
		CHECK(cw.call.state == CALL_ENDED && cw.call.rung_at == RIG_NOON + 101 &&
		    cw.call.answered_at == RIG_NOON + 105 && cw.call.ended_at == RIG_NOON + 165);
	}
	rig_fini(&rig);
}

static void test_raise(void)
{
	struct phone_call_write cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);

	begin();
	NEED(made(phone_call_open, &cw));
	cw = an_event(1, CALL_ANSWERED, RIG_NOON + 9);
	CHECK(made(phone_call_raise, &cw) && cw.fresh && cw.call.state == CALL_ANSWERED);
	cw = an_event(1, CALL_RINGING, 5);
	CHECK(made(phone_call_raise, &cw) && !cw.fresh && cw.call.state == CALL_ANSWERED);
	/* told before the call was: it was then, and stays so */
	CHECK(cw.call.rung_at == cw.call.opened_at);
	cw = an_event(1, CALL_RINGING, RIG_NOON + 99);
	CHECK(made(phone_call_raise, &cw) && cw.call.rung_at == cw.call.opened_at);
	/* of no call, and of one that was never dialled */
	cw = an_event(2, CALL_ENDED, RIG_NOON);
	CHECK(made(phone_call_raise, &cw) && !cw.fresh && cw.call.state == CALL_NEW &&
	    cw.call.key[0] == 2 && cw.call.ended_at == 0);
	for (uint8_t id = 3; id <= 4; id++) {
		cw = a_call(id, id == 3 ? CALL_ASKED : CALL_REFUSED, PHONE_NOBODY);
		NEED(made(phone_call_open, &cw));
		cw = an_event(id, CALL_ENDED, RIG_NOON);
		CHECK(made(phone_call_raise, &cw) && !cw.fresh && cw.call.ended_at == 0 &&
		    cw.call.state < CALL_DIALLED);
	}
	/* the first child is the call's, and another's end is not its own */
	cw = an_event(1, CALL_RINGING, RIG_NOON);
	cw.call.child[0] = 8;
	CHECK(made(phone_call_raise, &cw) && cw.call.child[0] == 8);
	cw = an_event(1, CALL_ENDED, RIG_NOON + 50);
	cw.call.child[0] = 9;
	CHECK(made(phone_call_raise, &cw) && !cw.fresh && cw.call.state == CALL_ANSWERED &&
	    cw.call.child[0] == 8);
	cw.call.child[0] = 8;
	cw.call.state = CALL_ENDED;
	cw.call.ended_at = RIG_NOON + 50;
	CHECK(made(phone_call_raise, &cw) && cw.fresh && cw.call.state == CALL_ENDED);
	rig_fini(&rig);
}

/* ---- connected ------------------------------------------------------------------------------ */

static struct phone_binding bound(uint16_t pool, const char *order, uint32_t a, uint32_t b)
{
	struct phone_want want = rig_want(pool, order, a, b);

	if (!rig_bind_one(&rig, &want) || want.got != PHONE_BOUND_NEW)
		exit(1);
	return want.binding;
}

static struct phone_asked asks(const struct phone_binding *b, uint32_t caller)
{
	return (struct phone_asked){ b->line, b->ext, rig_party(caller), PHONE_VOICE,
		b->ext != PHONE_NO_EXT };
}

/* What CALLER is answered, and then, when it is to be connected, is connected with. */
static enum phone_answer calls(const struct phone_binding *b, uint32_t caller)
{
	struct phone_asked q = asks(b, caller);
	struct phone_decision d;
	enum phone_answer got;

	phone_decide(rig.s, &q, &d);
	if (d.answer != PHONE_CONNECT)
		return d.answer;
	if (phone_connected(rig.s, &q, &d, sc_span_str(rig_token(caller)), 0, no_call, &got) !=
	    SC_OK)
		return PHONE_ANSWER_COUNT;
	return got;
}

/* A call of B under ID is opened as dialled, and ended: true when that was new. */
static bool open_call(uint8_t id, const struct phone_binding *b)
{
	struct phone_call_write cw = a_call(id, CALL_DIALLED, PHONE_CONNECT);

	cw.call.bound = true;
	memcpy(cw.call.binding, b->id, PHONE_ID_BYTES);
	return made(phone_call_open, &cw) && cw.fresh;
}

static bool end_call(uint8_t id)
{
	struct phone_call_write cw = an_event(id, CALL_ENDED, 0);

	cw.call.ended_at = phone_now_s(rig.s);
	return made(phone_call_raise, &cw) && cw.fresh;
}

static void test_places(void)
{
	struct phone_binding b;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	CHECK(open_call(1, &b) && calls(&b, 100) == PHONE_CONNECT);
	CHECK(open_call(2, &b) && calls(&b, 101) == PHONE_CONNECT);
	CHECK(calls(&b, 102) == PHONE_BUSY);
	CHECK(end_call(1) && !end_call(1));
	/* one place, not two */
	CHECK(calls(&b, 102) == PHONE_CONNECT && calls(&b, 103) == PHONE_BUSY);
	/* of a call that began before the start none: it has none now */
	rig_settle(&rig);
	rig_pass(5);
	rig_close(&rig);
	NEED(rig_open(&rig));
	CHECK(calls(&b, 100) == PHONE_CONNECT && calls(&b, 101) == PHONE_CONNECT);
	CHECK(end_call(2));
	CHECK(calls(&b, 102) == PHONE_BUSY);
	rig_fini(&rig);
}

/* Many decided at once, and no more connected than may be. */
static void test_race(void)
{
	struct phone_decision d[5];
	struct phone_asked q[5];
	enum phone_answer got;
	struct phone_binding b;
	unsigned connected = 0;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	for (uint32_t i = 0; i < 5; i++) {
		q[i] = asks(&b, 100 + i);
		phone_decide(rig.s, &q[i], &d[i]);
		CHECK(d[i].answer == PHONE_CONNECT);
	}
	for (uint32_t i = 0; i < 5; i++) {
		CHECK(phone_connected(rig.s, &q[i], &d[i], sc_span_str(rig_token(100 + i)), 0,
			  no_call, &got) == SC_OK);
		CHECK(got == (i < 2 ? PHONE_CONNECT : PHONE_BUSY));
		connected += got == PHONE_CONNECT;
	}
	CHECK(connected == 2);
	rig_fini(&rig);
}

/* Ended, changed, somebody else's between the judgement and the connection. */
static void test_meanwhile(void)
{
	struct phone_patch p = { .change = { .parties = true } };
	struct phone_asked q;
	struct phone_decision d;
	enum phone_answer got;
	struct phone_binding b;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	q = asks(&b, 100);
	phone_decide(rig.s, &q, &d);
	NEED(d.answer == PHONE_CONNECT && strcmp(d.to, rig_token(1)) == 0);
	memcpy(p.id, b.id, PHONE_ID_BYTES);
	p.change.a = sc_span_str(rig_token(2));
	p.change.a_party = rig_party(2);
	NEED(rig_change(&rig, &p) == SC_OK && p.got == PHONE_CHANGED);
	CHECK(phone_connected(rig.s, &q, &d, sc_span_str(rig_token(100)), 0, no_call, &got) ==
		SC_OK &&
	    got == PHONE_DOWN);
	phone_decide(rig.s, &q, &d);
	NEED(d.answer == PHONE_CONNECT && strcmp(d.to, rig_token(2)) == 0);
	NEED(rig_end_order(&rig, "SO-1", false) == 1);
	CHECK(phone_connected(rig.s, &q, &d, sc_span_str(rig_token(100)), 0, no_call, &got) ==
		SC_OK &&
	    got == PHONE_NOBODY);
	CHECK(phone_connected(rig.s, &q, &d, sc_span_str("no token"), 0, no_call, &got) ==
		SC_SYNTAX &&
	    got == PHONE_DOWN);
	rig_fini(&rig);
}

static void test_remembered(void)
{
	struct phone_binding b;
	struct phone_asked back;
	struct phone_decision d;
	enum phone_answer got;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	CHECK(calls(&b, 100) == PHONE_CONNECT);
	rig_settle(&rig);
	for (int i = 0; i < 2; i++) {
		/* the buyer calls back, also after a restart */
		back = asks(&b, 1);
		back.ext = PHONE_NO_EXT;
		back.keyed = false;
		phone_decide(rig.s, &back, &d);
		CHECK(d.answer == PHONE_CONNECT && d.callback && strcmp(d.to, rig_token(100)) == 0);
		rig_close(&rig);
		NEED(rig_open(&rig));
	}
	NEED(rig_end_order(&rig, "SO-1", false) == 1);
	CHECK(calls(&b, 100) == PHONE_LATE && calls(&b, 101) == PHONE_NOBODY);
	/* a person whose index was not known is known from the first call on */
	{
		struct phone_want want = rig_want(labels, "SO-2", 5, 0);

		want.a_party = 0;
		NEED(rig_bind_one(&rig, &want));
		b = want.binding;
	}
	back = asks(&b, 100);
	phone_decide(rig.s, &back, &d);
	NEED(d.answer == PHONE_CONNECT && !d.party_known);
	CHECK(phone_connected(rig.s, &back, &d, sc_span_str(rig_token(100)), rig_party(5), no_call,
		  &got) == SC_OK &&
	    got == PHONE_CONNECT);
	rig_settle(&rig);
	for (int i = 0; i < 2; i++) {
		phone_decide(rig.s, &back, &d);
		CHECK(d.party_known);
		rig_close(&rig);
		NEED(rig_open(&rig));
	}
	rig_fini(&rig);
}

/* A text is over at once, and holds no place. */
static void test_texts(void)
{
	struct phone_binding b;
	struct phone_asked q;
	struct phone_decision d;
	enum phone_answer got;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	q = asks(&b, 100);
	q.channel = PHONE_SMS;
	for (int i = 0; i < 5; i++) {
		phone_decide(rig.s, &q, &d);
		CHECK(d.answer == PHONE_CONNECT);
		CHECK(phone_connected(rig.s, &q, &d, sc_span_str(rig_token(100)), 0, no_call,
			  &got) == SC_OK &&
		    got == PHONE_CONNECT);
	}
	CHECK(calls(&b, 101) == PHONE_CONNECT && calls(&b, 102) == PHONE_CONNECT);
	rig_fini(&rig);
}

/* A call that may be connected is refused until it is, and a text is over then. */
static void test_dialled(void)
{
	struct phone_call_write cw;
	struct phone_binding b;
	struct phone_decision d;
	struct phone_asked q;
	enum phone_answer got;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	for (uint8_t i = 1; i <= 2; i++) {
		q = asks(&b, 100);
		q.channel = i == 1 ? PHONE_VOICE : PHONE_SMS;
		phone_decide(rig.s, &q, &d);
		cw = a_call(i, CALL_REFUSED, PHONE_CONNECT);
		CHECK(made(phone_call_open, &cw) && cw.fresh);
		/* its end, as long as it has no place, frees none */
		CHECK(!end_call(i));
		CHECK(phone_connected(rig.s, &q, &d, sc_span_str(rig_token(100)), 0, cw.call.key,
			  &got) == SC_OK);
		cw = a_call(i, CALL_REFUSED, PHONE_CONNECT);
		CHECK(made(phone_call_open, &cw) && !cw.fresh &&
		    cw.call.state == (i == 1 ? CALL_DIALLED : CALL_ENDED));
		CHECK(end_call(i) == (i == 1));
	}
	/* what was judged otherwise stays so */
	cw = a_call(3, CALL_REFUSED, PHONE_BUSY);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	CHECK(phone_connected(rig.s, &q, &d, sc_span_str(rig_token(100)), 0, cw.call.key, &got) ==
	    SC_OK);
	CHECK(made(phone_call_open, &cw) && cw.call.state == CALL_REFUSED);
	rig_fini(&rig);
}

static void test_again(void)
{
	struct phone_call call = { .bound = true };
	struct phone_binding b, pair;
	struct phone_decision d;
	struct phone_asked q;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	pair = bound(pairs, "SO-2", 1, 2);
	CHECK(calls(&b, 100) == PHONE_CONNECT);
	memcpy(call.binding, b.id, PHONE_ID_BYTES);
	q = asks(&b, 100);
	CHECK(phone_again(rig.s, &q, &call, &d) && d.answer == PHONE_CONNECT &&
	    strcmp(d.to, rig_token(1)) == 0 && memcmp(d.id, b.id, PHONE_ID_BYTES) == 0);
	/* also when that very call has taken the last place */
	CHECK(calls(&b, 101) == PHONE_CONNECT && calls(&b, 102) == PHONE_BUSY);
	CHECK(phone_again(rig.s, &q, &call, &d) && strcmp(d.to, rig_token(1)) == 0);
	/* nothing is counted */
	CHECK(calls(&b, 102) == PHONE_BUSY);
	CHECK(d.party_known && !d.callback);
	/* another binding's, nobody's, and what has ended */
	memcpy(call.binding, pair.id, PHONE_ID_BYTES);
	CHECK(!phone_again(rig.s, &q, &call, &d));
	memcpy(call.binding, b.id, PHONE_ID_BYTES);
	q.ext = (q.ext + 1) % 10000;
	CHECK(!phone_again(rig.s, &q, &call, &d));
	q = asks(&b, 100);
	NEED(rig_end_order(&rig, "SO-1", false) == 1);
	CHECK(!phone_again(rig.s, &q, &call, &d));
	/* both ends of a pair that is busy */
	CHECK(calls(&pair, 1) == PHONE_CONNECT && calls(&pair, 2) == PHONE_CONNECT &&
	    calls(&pair, 1) == PHONE_BUSY);
	memcpy(call.binding, pair.id, PHONE_ID_BYTES);
	q = asks(&pair, 1);
	CHECK(phone_again(rig.s, &q, &call, &d) && strcmp(d.to, rig_token(2)) == 0);
	q = asks(&pair, 2);
	CHECK(phone_again(rig.s, &q, &call, &d) && strcmp(d.to, rig_token(1)) == 0);
	call.bound = false;
	CHECK(!phone_again(rig.s, &q, &call, &d));
	rig_fini(&rig);
}

/* A request that was charged before is not charged again. */
static void test_uncharged(void)
{
	struct phone_binding b;
	struct phone_asked q;
	struct phone_decision d;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	q = asks(&b, 100);
	q.ext = (q.ext + 1) % 10000;
	for (int i = 0; i < 10; i++) {
		phone_decide(rig.s, &q, &d);
		CHECK(d.answer == PHONE_NOBODY);
		phone_uncharge(rig.s, &q);
	}
	for (int i = 0; i < 4; i++)
		phone_decide(rig.s, &q, &d);
	CHECK(d.answer == PHONE_BLOCKED);
	rig_fini(&rig);
}

/* ---- given up, forgotten ------------------------------------------------------------------------ */

static void test_tend(void)
{
	struct phone_call_write cw;
	struct phone_binding b;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	CHECK(open_call(1, &b) && calls(&b, 100) == PHONE_CONNECT);
	CHECK(open_call(2, &b) && calls(&b, 101) == PHONE_CONNECT);
	/* half an hour is the longest call, and two minutes more */
	rig_pass(1800 + 110);
	phone_calls_tend(rig.s, NULL);
	rig_settle(&rig);
	CHECK(calls(&b, 102) == PHONE_BUSY);
	rig_pass(20);
	phone_calls_tend(rig.s, NULL);
	rig_settle(&rig);
	CHECK(calls(&b, 102) == PHONE_CONNECT && calls(&b, 103) == PHONE_CONNECT &&
	    calls(&b, 104) == PHONE_BUSY);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	CHECK(made(phone_call_open, &cw) && !cw.fresh && cw.call.state == CALL_ENDED &&
	    cw.call.ended_at >= RIG_NOON + 1930);
	CHECK(!end_call(1));
	/* ids are known for as long as an URL may be replayed */
	rig_pass(CALL_KEPT_S - 1930 - 60);
	phone_calls_tend(rig.s, NULL);
	CHECK(made(phone_call_open, &cw) && !cw.fresh);
	rig_pass(120);
	phone_calls_tend(rig.s, NULL);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig_fini(&rig);
}

/* Digits that were typed late: the call begins then. */
static void test_tend_moved(void)
{
	struct phone_call_write cw = a_call(1, CALL_ASKED, PHONE_COLLECT);
	struct phone_binding b;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig_pass(1700);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	cw.call.step = 1;
	cw.call.bound = true;
	memcpy(cw.call.binding, b.id, PHONE_ID_BYTES);
	CHECK(made(phone_call_step, &cw) && cw.fresh);
	CHECK(calls(&b, 100) == PHONE_CONNECT && calls(&b, 101) == PHONE_CONNECT);
	rig_pass(1700);
	phone_calls_tend(rig.s, NULL);
	rig_settle(&rig);
	CHECK(calls(&b, 102) == PHONE_BUSY);
	rig_pass(230);
	phone_calls_tend(rig.s, NULL);
	rig_settle(&rig);
	CHECK(!end_call(1));
	rig_fini(&rig);
}

static void test_tend_clock(void)
{
	struct phone_call_write cw;
	struct phone_binding b;

	begin();
	b = bound(labels, "SO-1", 1, 0);
	CHECK(open_call(1, &b) && calls(&b, 100) == PHONE_CONNECT);
	CHECK(open_call(2, &b) && calls(&b, 101) == PHONE_CONNECT);
	rig_wall_ms += INT64_C(400) * RIG_DAY * 1000;
	phone_calls_tend(rig.s, NULL);
	rig_settle(&rig);
	rig_wall_ms -= INT64_C(400) * RIG_DAY * 1000;
	CHECK(calls(&b, 102) == PHONE_BUSY);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	CHECK(made(phone_call_open, &cw) && !cw.fresh && cw.call.state == CALL_DIALLED);
	/* nor does one that is behind make an id older than it is */
	rig_wall_ms -= INT64_C(20) * RIG_DAY * 1000;
	cw = a_call(3, CALL_REFUSED, PHONE_NOBODY);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig_wall_ms += INT64_C(20) * RIG_DAY * 1000;
	phone_calls_tend(rig.s, NULL);
	CHECK(made(phone_call_open, &cw) && !cw.fresh);
	rig_fini(&rig);
}

/* A vendor's requests have no time in them. */
static void test_kept(void)
{
	static struct phone_vendor vendor;
	struct phone_call_write cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	uint64_t life;

	begin();
	rig.settings.vendors = &vendor;
	rig.settings.n_vendors = 1;
	rig.settings.pools[labels].ttl_max_s = 120 * 86400;
	life = 120 * 86400 + rig.settings.pools[labels].cooldown_s;
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig_pass(life - 60);
	phone_calls_tend(rig.s, NULL);
	CHECK(made(phone_call_open, &cw) && !cw.fresh);
	rig_pass(120);
	phone_calls_tend(rig.s, NULL);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig.settings.n_vendors = 0;
	rig_fini(&rig);
}

static void test_disk(void)
{
	struct phone_call_write cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);

	begin();
	rig_disk_full(&rig, true);
	CHECK(!made(phone_call_open, &cw) && !cw.fresh && how == SC_IO);
	rig_disk_full(&rig, false);
	cw = a_call(1, CALL_DIALLED, PHONE_CONNECT);
	CHECK(made(phone_call_open, &cw) && cw.fresh);
	rig_fini(&rig);
}

/* ---- no more texts ------------------------------------------------------------------------------- */

static bool opt(uint32_t line, uint32_t person, bool out)
{
	struct phone_optout o = { .write.done = on_done,
		.line = line,
		.person = rig_party(person),
		.out = out };

	how = SC_BUG;
	if (phone_opt(rig.s, NULL, &o) != SC_OK)
		return false;
	rig_settle(&rig);
	return how == SC_OK;
}

static void test_optout(void)
{
	begin();
	CHECK(!phone_opted_out(rig.s, 0, rig_party(1)));
	CHECK(opt(0, 1, true) && opt(0, 1, true) && opt(1, 2, true));
	for (int i = 0; i < 2; i++) {
		CHECK(phone_opted_out(rig.s, 0, rig_party(1)) &&
		    phone_opted_out(rig.s, 1, rig_party(2)));
		CHECK(!phone_opted_out(rig.s, 1, rig_party(1)) &&
		    !phone_opted_out(rig.s, 0, rig_party(2)));
		CHECK(!phone_opted_out(rig.s, 0, 0));
		rig_close(&rig);
		NEED(rig_open(&rig));
	}
	CHECK(opt(0, 1, false) && !phone_opted_out(rig.s, 0, rig_party(1)));
	rig_close(&rig);
	NEED(rig_open(&rig));
	CHECK(!phone_opted_out(rig.s, 0, rig_party(1)) && phone_opted_out(rig.s, 1, rig_party(2)));
	CHECK(!opt(3, 1, true) && !opt(0, 0, true));
	rig_fini(&rig);
}

/* Against the plainest of sets. */
static void test_optout_set(void)
{
	static bool is[4][512];
	struct optout_set t = { .n = 0 };
	uint64_t luck = 1;
	size_t n = 0;

	for (unsigned i = 0; i < 200000; i++) {
		uint32_t line, person;

		luck = luck * UINT64_C(6364136223846793005) + 1442695040888963407u;
		line = (uint32_t)(luck >> 33) % 4;
		person = (uint32_t)(luck >> 40) % 512;
		if ((luck >> 60) % 2 == 0) {
			NEED(optout_put(&t, line, person + 1) == SC_OK);
			is[line][person] = true;
		} else {
			optout_drop(&t, line, person + 1);
			is[line][person] = false;
		}
	}
	for (uint32_t line = 0; line < 4; line++)
		for (uint32_t person = 0; person < 512; person++) {
			CHECK(optout_has(&t, line, person + 1) == is[line][person]);
			n += is[line][person];
		}
	CHECK(t.n == n && !optout_has(&t, 0, 0));
	optout_fini(&t);
}

int main(void)
{
	RUN(test_open, "a call is opened once, and known ever after");
	RUN(test_step, "it is moved on from where it is, once");
	RUN(test_shuffled, "events in any order end in one state");
	RUN(test_raise, "a state only rises, of what was dialled, by its own child");
	RUN(test_places, "the end of a call frees one place");
	RUN(test_race, "no more are connected than may be, however many were decided");
	RUN(test_meanwhile, "what was ended or changed meanwhile is not reached");
	RUN(test_remembered, "who was connected is remembered, also after a restart");
	RUN(test_texts, "a text holds no place");
	RUN(test_dialled, "a call is dialled when it is connected, and not before");
	RUN(test_again, "a second delivery leads where the first did, or nowhere");
	RUN(test_uncharged, "what was charged before is not charged again");
	RUN(test_tend, "a call whose end is never told is given up, an old one forgotten");
	RUN(test_tend_moved, "one that was asked for digits long ago is as young as its last step");
	RUN(test_tend_clock, "a clock that is set for a moment gives up no call and forgets no id");
	RUN(test_kept, "a vendor's ids are known until what they led to is over");
	RUN(test_disk, "what is not durable is no call");
	RUN(test_optout, "who wants no texts gets none, until they want them again");
	RUN(test_optout_set, "the set of those is a set");
	return tap_done();
}
