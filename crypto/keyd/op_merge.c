/*
 * op_merge.c - MERGE: the keys of one person become another's, as when a guest registers.
 *
 *	op_merge()	policy and the day's limit; the intent is handed to the log
 *	merge_go_on()	it is on disk: the store gives the keys, in one commit
 *	on_merged()	told as done, and answered when that is on disk too
 *
 * Nothing is destroyed, so nothing has to be carried out after a crash: it was done or it was
 * not, and whoever asks again is told that there is nothing left to merge, or has it done.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

struct merge {
	struct merge *next; /* waits for its intent to be durable */
	struct reply_address address;
	uint64_t intent;
	uint8_t handles[2][HANDLE_BYTES]; /* from, into */
	uint8_t told[2][HANDLE_BYTES];    /* as records and the answer call them */
	struct asking_kept who;
};

/* ---- the end ---- */

static void answer_merge(const struct merge *x, enum wire_status status, uint64_t intent,
    uint64_t done)
{
	reply_people(&x->address, status, sc_span(NULL, 0), intent, done, x->told[0], 2);
}

static enum sc_err record(const struct merge *x, enum audit_outcome outcome, const char *why,
    uint64_t *index)
{
	return keylog_merge(x->address.e->p.keylog, &x->who.asking, x->handles[0], x->handles[1],
	    outcome, why, index);
}

static void on_merged(void *owner, enum sc_err err, bool found)
{
	struct merge *x = owner;
	struct engine *e = x->address.e;
	enum audit_outcome outcome = err == SC_OK ? AUDIT_OK : AUDIT_FAILED;
	const char *why = err == SC_LIMIT ? "too many keys of one person" :
	    err != SC_OK                  ? "the store failed" :
	    found                         ? "merged" :
					    "no key";
	uint64_t done;

	engine_rest(e); /* the working key, if it was either's */
	if (memcmp(x->who.policy_hash, e->hash, HASH_BYTES) != 0)
		x->who.asking.role = x->who.asking.purpose = ASKING_UNSET;
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.merge_failed", LOG_ERR("err", err), LOG_END);
	if (record(x, outcome, why, &done) != SC_OK)
		reply_fail(&x->address, SC_LIMIT);
	else if (err == SC_LIMIT)
		answer_merge(x, WIRE_TOO_LARGE, x->intent, done);
	else if (err != SC_OK)
		reply_fail(&x->address, err);
	else
		answer_merge(x, found ? WIRE_OK : WIRE_GONE, x->intent, done);
	free(x);
}

/* ---- the middle ---- */

static void carry_out(struct merge *x)
{
	enum sc_err err =
	    people_merge(x->address.e->p.people, x->handles[0], x->handles[1], x, on_merged);

	if (err != SC_OK)
		on_merged(x, err, false);
}

void merge_go_on(struct engine *e, uint64_t durable, bool failed)
{
	struct merge *x;

	while ((x = e->merges) != NULL && (x->intent < durable || failed)) {
		e->merges = x->next;
		if (x->intent < durable) {
			carry_out(x);
			continue;
		}
		reply_fail(&x->address, SC_LIMIT);
		free(x);
	}
}

size_t merge_waiting(const struct engine *e)
{
	size_t n = 0;

	for (const struct merge *x = e->merges; x != NULL; x = x->next)
		n++;
	return n;
}

void merge_forget(struct engine *e)
{
	struct merge *x;

	while ((x = e->merges) != NULL) {
		e->merges = x->next;
		free(x);
	}
}

/* ---- the beginning ---- */

/* Whoever goes: many that become one are many. By what the log calls them, which counts behind a crash. */
static uint64_t counted(const struct merge *x)
{
	return sc_be64_load(x->told[WEAK("merges-by-who-stays") ? 1 : 0]);
}

/* What policy says, and how many people have become others by this role today, this one too. */
static enum sc_err judge(struct key_request *req, const struct merge *x, struct quota_book **book,
    enum wire_status *status)
{
	const struct asking *a = &req->who.asking;
	const uint64_t who = counted(x);
	struct policy_item it = { .class_id = CLASS_NONE };
	struct policy_verdict v;
	enum sc_err err;

	/* by role: a principal's name is free to choose, a role is not */
	if ((err = quota_book(req->e->merged, policy_role_name(req->e->policy, a->role),
		 a->counted_ms, book)) != SC_OK)
		return err;
	it.subjects_today = quota_count_with(*book, who);
	policy_ask(req->e->policy, a, &it, &v);
	*status = v.action == ACTION_REVEAL       ? WIRE_OK :
	    it.subjects_today > v.limits.subjects ? WIRE_QUOTA :
						    WIRE_DENIED;
	if (WEAK("merge-by-anybody"))
		*status = WIRE_OK;
	return SC_OK;
}

static enum sc_err refuse(struct merge *x, enum wire_status status)
{
	uint64_t index;

	if (record(x, AUDIT_REFUSED,
		status == WIRE_QUOTA ? "the limit of the day" : "denied by policy",
		&index) != SC_OK)
		return SC_LIMIT;
	answer_merge(x, status, index, index);
	return SC_OK;
}

/* X is the engine's when this succeeds. */
static enum sc_err intend(struct merge *x, struct quota_book *book)
{
	struct engine *e = x->address.e;
	struct merge **p = &e->merges;
	enum sc_err err;

	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	if ((err = quota_add(book, counted(x))) != SC_OK)
		return err;
	if (record(x, AUDIT_OUTCOME_NONE, NULL, &x->intent) != SC_OK)
		return SC_LIMIT;
	while (*p != NULL)
		p = &(*p)->next;
	*p = x;
	return SC_OK;
}

static enum sc_err take(struct key_request *req, struct sc_reader *r, struct merge *x)
{
	struct sc_span from = sc_read_field16(r), into = sc_read_field16(r);
	enum sc_err err = SC_OK;

	if (!sc_reader_done(r) || from.n == 0 || from.n > CRYPTO_SUBJECT_MAX || into.n == 0 ||
	    into.n > CRYPTO_SUBJECT_MAX || sc_span_eq(from, into))
		return SC_SYNTAX;
	people_handle(req->e->p.people, from, x->handles[0]);
	people_handle(req->e->p.people, into, x->handles[1]);
	for (int i = 0; i < 2 && err == SC_OK; i++)
		err = key_request_told(req, x->handles[i], x->told[i]);
	return err;
}

enum sc_err op_merge(struct key_request *req, struct sc_reader *r)
{
	struct merge *x = calloc(1, sizeof(*x));
	enum wire_status status = WIRE_DENIED;
	struct quota_book *book;
	enum sc_err err;

	if (x == NULL)
		return SC_NOMEM;
	if ((err = take(req, r, x)) != SC_OK) {
		free(x);
		return err;
	}
	x->address = key_request_address(req);
	asking_keep(&x->who, &req->who.asking);
	if ((err = judge(req, x, &book, &status)) == SC_OK && status == WIRE_OK &&
	    (err = intend(x, book)) == SC_OK)
		return SC_OK;
	if (err == SC_OK)
		err = refuse(x, status);
	free(x);
	return err;
}
