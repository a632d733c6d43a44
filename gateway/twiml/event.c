/*
 * event.c - what became of a call: the end of what was dialled, and how its leg
 * goes meanwhile. In any order and any number: a state only rises.
 *
 * The leg's To is the number that we hide. It is not read.
 */
#include "gateway/twiml/visit.h"

#include <stdlib.h>

struct twiml_event {
	struct phone_call_write cw;
	struct twiml_write of;
	bool hangs_up; /* the vendor asks what to do next */
};

static void on_raised(struct phone_write *w, enum sc_err err)
{
	struct twiml_event *e =
	    loop_owner(loop_owner(w, struct phone_call_write, write), struct twiml_event, cw);
	static const struct twiml_answer hangup = { .verb = TWIML_DO_HANGUP };
	struct twiml_visit *v = e->of.visit;
	bool hangs_up = e->hangs_up;

	free(e);
	if (v == NULL)
		return;
	v->write = NULL;
	if (err != SC_OK) {
		served_refuse(v->rq, 503, "phone-unavailable",
		    "events cannot be kept at the moment");
	} else if (!hangs_up) {
		twiml_heard(v);
	} else {
		v->rq->record.outcome = AUDIT_OK;
		twiml_answer(v, &hangup);
	}
}

/* Raise call PARENT to STATE, told of its leg CHILD (empty: not said). */
static void raise(struct twiml_visit *v, struct sc_span parent, struct sc_span child,
    enum call_state state, bool hangs_up)
{
	struct twiml_event *e = calloc(1, sizeof(*e));
	const uint64_t now = phone_now_s(v->phone);

	if (e == NULL) {
		served_refuse_busy(v->rq);
		return;
	}
	*e = (struct twiml_event){ .of.visit = v, .hangs_up = hangs_up };
	e->cw.write.done = on_raised;
	e->cw.call.state = (uint8_t)state;
	e->cw.call.rung_at = state == CALL_RINGING ? now : 0;
	e->cw.call.answered_at = state == CALL_ANSWERED ? now : 0;
	e->cw.call.ended_at = state == CALL_ENDED ? now : 0;
	twiml_key(v, parent, e->cw.call.key);
	if (child.n != 0)
		twiml_key(v, child, e->cw.call.child);
	v->write = &e->of;
	v->rq->record.act = "phone.event";
	if (phone_call_raise(v->phone, v->rq->worker, &e->cw) == SC_OK)
		return;
	v->write = NULL;
	free(e);
	served_refuse_busy(v->rq);
}

void twiml_on_dial(struct twiml_visit *v)
{
	raise(v, v->read.v[TWIML_CALL], v->read.v[TWIML_DIAL_CALL], CALL_ENDED, true);
}

static enum call_state state_of(struct sc_span status)
{
	static const struct {
		const char *word;
		enum call_state state;
	} rows[] = {
		{ "queued", CALL_DIALLED },
		{ "initiated", CALL_DIALLED },
		{ "ringing", CALL_RINGING },
		{ "in-progress", CALL_ANSWERED },
		{ "answered", CALL_ANSWERED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sc_span_is(status, rows[i].word))
			return rows[i].state;
	return CALL_ENDED;
}

void twiml_on_status(struct twiml_visit *v)
{
	raise(v, v->read.v[TWIML_PARENT], v->read.v[TWIML_CALL],
	    state_of(v->read.v[TWIML_CALL_STATUS]), false);
}
