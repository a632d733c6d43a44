/*
 * consent.c - asking keyd for the handle of whoever a document is about, and the
 * registry for what they granted.
 *
 * keyd is asked as the door to analysis asks it, in the gateway's own name: the handle is of
 * the key that analytics alone has, and no caller's role has a right to it.
 */
#include "gateway/protect/consent.h"

#include "gateway/protect/job.h"

static struct asking as_collector(const struct protect_job *job)
{
	struct asking a = job->writer;

	a.principal = job->in.consents.node;
	a.proof = NULL;
	a.role = job->in.consents.role;
	a.purpose = job->in.consents.purpose;
	a.op = POLICY_WRITE;
	a.consents = 0;
	return a;
}

static bool names_somebody(struct sc_span subject)
{
	return subject.n != 0 && subject.n <= CRYPTO_IDENTIFIER_MAX;
}

static struct keyc_item item_of(struct sc_span subject)
{
	return (struct keyc_item){ .class_id = CLASS_CUSTOMER_ID,
		.flags = KEYC_ACCOUNT,
		.value = subject };
}

/* What whom R is the pseudonym of has granted. */
static uint32_t granted(const struct protect_job *job, const struct wire_result *r)
{
	const struct consent_source *s = &job->in.consents;

	if (r->status != WIRE_OK || r->value.n != HANDLE_BYTES + KEYC_PSEUDONYM_BYTES)
		return 0;
	return s->granted(s, job->in.policy, r->value.p);
}

/* BITS are what one more person has granted: of all together is told what all did. */
static void note(struct protect_job *job, uint32_t bits)
{
	job->result.consents = job->result.n_consents++ == 0 ? bits : job->result.consents & bits;
}

static bool ask(struct protect_job *job, size_t n,
    void (*done)(struct keyc_call *, const struct keyc_reply *))
{
	void (*before)(struct keyc_call *, const struct keyc_reply *) = job->call.done;
	const struct asking a = as_collector(job);

	job->call.done = done;
	if (keyc_pseudonym(job->in.keyc, &job->call, &a, job->items, n) == SC_OK)
		return true;
	job->call.done = before;
	return false;
}

/* ---- a document ------------------------------------------------------------------------ */

static void on_subject(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct protect_job *job = loop_owner(call, struct protect_job, call);

	if (reply->err == SC_OK && reply->n == 1)
		job->granted = granted(job, &reply->results[0]);
	job->writer.consents = job->reader.consents = job->granted;
	note(job, job->granted);
	job->consented(job);
}

bool consent_ask_record(struct protect_job *job)
{
	job->writer.consents = job->reader.consents = job->granted = 0;
	if (plan_whose(&job->plan, &job->terms, job->record) == SC_OK &&
	    names_somebody(job->plan.subject)) {
		job->items[0] = item_of(job->plan.subject);
		if (ask(job, 1, on_subject))
			return true;
	}
	note(job, 0);
	return false;
}

/* ---- values ------------------------------------------------------------------------------ */

/* Is value I, of those from FROM on, the first of its person in a row of them? */
static bool is_first(const struct protect_job *job, size_t from, size_t i)
{
	return i == from || !sc_span_eq(job->values[i].subject, job->values[i - 1].subject);
}

static void on_subjects(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct protect_job *job = loop_owner(call, struct protect_job, call);
	size_t from = job->consents_from, answered = 0;

	for (size_t i = from; i < job->consents_end; i++) {
		struct protect_value *v = &job->values[i];

		if (!names_somebody(v->subject))
			continue;
		if (!is_first(job, from, i))
			v->consents = job->values[i - 1].consents;
		else if (reply->err == SC_OK && answered < reply->n)
			v->consents = granted(job, &reply->results[answered++]);
	}
	if (!consent_ask_values(job))
		job->consented(job);
}

/* The people of the values from FROM on, as many as one call has room for. */
static size_t gather(struct protect_job *job, size_t from)
{
	size_t n = 0, i;

	for (i = from; i < job->n_values; i++) {
		struct protect_value *v = &job->values[i];

		v->consents = 0; /* whatever the caller left there */
		if (!names_somebody(v->subject) || !is_first(job, from, i))
			continue;
		if (n == WINDOW_ITEMS)
			break;
		job->items[n++] = item_of(v->subject);
	}
	job->consents_from = from;
	job->consents_end = i;
	return n;
}

bool consent_ask_values(struct protect_job *job)
{
	size_t n = gather(job, job->consents_end);

	if (n != 0 && ask(job, n, on_subjects))
		return true;
	for (size_t i = 0; i < job->n_values; i++)
		note(job, job->values[i].consents);
	return false;
}
