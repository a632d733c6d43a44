/*
 * optout.c - who wants no texts from an X, or wants them again.
 *
 * The vendor answers such words itself, and blocks what we would send; what we
 * keep tells us not to try. It says the same of a text of ours that it blocked
 * (21610), and there names the person: whose number goes to keyd for its blind
 * index and nowhere else.
 *
 *	who is it (keyd) ---> the message's id, durable: once ---> kept
 */
#include "gateway/twiml/visit.h"

#include <stdlib.h>

/* Two writes, one after the other. */
struct opting {
	struct phone_call_write id;
	struct phone_optout opt;
	struct twiml_write of;
};

/* The sender is answered with a document, a report of the vendor's with nothing. */
static void over(struct twiml_visit *v)
{
	v->rq->record.outcome = AUDIT_OK;
	if (v->path.hook == TWIML_MESSAGE_SENT)
		twiml_heard(v);
	else
		twiml_nothing(v);
}

static void fail(struct twiml_visit *v)
{
	served_refuse(v->rq, 503, "phone-unavailable", "this cannot be kept at the moment");
}

/* It is done with, and with E: answered, if the vendor still waits. */
static void finish(struct opting *o, enum sc_err err)
{
	struct twiml_visit *v = o->of.visit;

	free(o);
	if (v == NULL)
		return;
	v->write = NULL;
	if (err == SC_OK)
		over(v);
	else
		fail(v);
}

static void on_opted(struct phone_write *w, enum sc_err err)
{
	finish(loop_owner(loop_owner(w, struct phone_optout, write), struct opting, opt), err);
}

/* A word that came before changes nothing any more: who has it in his hands could say it for ever. */
static void on_id(struct phone_write *w, enum sc_err err)
{
	struct opting *o =
	    loop_owner(loop_owner(w, struct phone_call_write, write), struct opting, id);

	if (err == SC_OK && o->id.fresh &&
	    (err = phone_opt(w->service, w->worker, &o->opt)) == SC_OK)
		return;
	finish(o, err);
}

static void write_opt(struct twiml_visit *v, uint64_t person, bool out)
{
	struct opting *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		served_refuse_busy(v->rq);
		return;
	}
	o->of.visit = v;
	o->id.write.done = on_id;
	twiml_key(v, v->read.v[TWIML_MESSAGE], o->id.call.key);
	twiml_digest(v, o->id.call.digest);
	o->id.call.line = v->line;
	o->id.call.caller = person;
	o->id.call.state = CALL_REFUSED;
	o->id.call.answer = PHONE_NOBODY;
	o->opt.write.done = on_opted;
	o->opt.line = v->line;
	o->opt.person = person;
	o->opt.out = out;
	v->write = &o->of;
	if (phone_call_open(v->phone, v->rq->worker, &o->id) != SC_OK)
		finish(o, SC_IO);
}

static void known(const struct phone_attempt *a, struct twiml_visit *v, bool out)
{
	v->rq->record.act = out ? "phone.stop" : "phone.start";
	if (a->answer == PHONE_DOWN)
		fail(v);
	else if (a->caller_party == 0)
		over(v); /* withheld: there is nobody to be kept */
	else
		write_opt(v, a->caller_party, out);
}

static void on_stop(struct phone_attempt *a, void *arg)
{
	known(a, arg, true);
}

static void on_start(struct phone_attempt *a, void *arg)
{
	known(a, arg, false);
}

/* Whose blind index is NUMBER's? */
static void ask_who(struct twiml_visit *v, struct sc_span number, bool out)
{
	const struct phone_attempt_in in = {
		.rq = v->rq,
		.line = v->line,
		.ext = PHONE_NO_EXT,
		.caller = number,
		.channel = PHONE_SMS,
		.pass = PHONE_WHO,
		.done = out ? on_stop : on_start,
		.arg = v,
	};

	if (phone_attempt_new(&in, &v->attempt) != SC_OK)
		served_refuse_busy(v->rq);
}

void twiml_on_optout(struct twiml_visit *v, bool out)
{
	ask_who(v, twiml_caller(v->read.v[TWIML_FROM]), out);
}

#define BLOCKED_BY_STOP "21610"

void twiml_on_message_sent(struct twiml_visit *v)
{
	struct twiml_read *r = &v->read;
	const struct sc_span to = r->v[TWIML_TO];

	v->rq->record.act = "phone.event";
	/* of what we sent, X is the sender */
	r->v[TWIML_TO] = r->v[TWIML_FROM];
	if (sc_span_is(r->v[TWIML_ERROR_CODE], BLOCKED_BY_STOP) && to.n != 0 && twiml_find_line(v))
		ask_who(v, to, true);
	else
		twiml_heard(v);
}
