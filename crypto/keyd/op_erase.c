/*
 * op_erase.c - ERASE_SUBJECT: a person's keys destroyed, in the order in which it happens.
 *
 *	op_erase()		policy; then, whose keys are they?
 *	on_ids()		the intent, which lists their ids, is handed to the log
 *	engine_durable()	it is on disk: the keys are destroyed
 *	on_erased()		told as done, and answered when that is on disk too
 *
 * Where keyd.json has a grace the intent says that the erasure waits, and the keys are kept from
 * everybody (people_leaving.c) in place of being destroyed: answered when that stands. When their
 * time has come, erase_due() begins with the second step, in nobody's name.
 *
 * A crash behind the third leaves an intent that the next start carries out
 * (keystore_replay()): never a destroyed key of which nothing tells.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUE_BITE 64 /* begun in a second */

enum erase_way { ERASE_NOW, ERASE_LEAVES, ERASE_DUE };

struct erase {
	struct erase *next; /* waits for its intent to be durable */
	struct reply_address address;
	struct logged_erasure what; /* its ids are these: */
	uint64_t ids[PEOPLE_SLOTS_MAX];
	uint8_t told[HANDLE_BYTES]; /* what its records call them */
	struct asking_kept who;     /* outlives the request: its records come later */
	enum erase_way way;
	uint64_t waited_since; /* of one that is DUE: the entry that told of it */
	uint32_t per_day;      /* people who may be erased through the gateway that it came by */
};

/* ---- the end ---- */

/* With what it did not reach: values that were sealed for nobody may be of anybody. */
static void answer_erase(const struct erase *x, enum wire_status status, uint64_t intent,
    uint64_t done)
{
	const bool over = status == WIRE_OK || status == WIRE_GONE;
	struct sc_buf unowned;
	enum sc_err err = SC_OK;

	sc_buf_init(&unowned, CRYPTO_VALUE_MAX);
	/* what was sealed a moment ago counts, too */
	keylog_tell(x->address.e->p.keylog);
	if (over)
		err = unowned_print(x->address.e->unowned, &unowned);
	if (err != SC_OK)
		reply_fail(&x->address, err);
	else
		reply_people(&x->address, status, sc_buf_span(&unowned), intent, done, x->told, 1);
	sc_buf_fini(&unowned);
}

static enum sc_err record(struct erase *x, enum audit_outcome outcome, const char *why,
    uint64_t *index)
{
	const struct asking *a = x->way == ERASE_DUE ? NULL : &x->who.asking;

	if (x->way == ERASE_LEAVES)
		return keylog_leaving(x->address.e->p.keylog, a, "erasure.waits", &x->what, outcome,
		    index);
	return keylog_erase(x->address.e->p.keylog, a, &x->what, outcome, why, index);
}

/* Role and purpose are numbers of the policy that it was asked under; the intent names them. */
static void forget_roles(struct erase *x)
{
	if (memcmp(x->who.policy_hash, x->address.e->hash, HASH_BYTES) != 0)
		x->who.asking.role = x->who.asking.purpose = ASKING_UNSET;
}

static void fail(struct erase *x, enum sc_err err)
{
	uint64_t done;

	log_event(LOG_ERROR, "keyd.erase_failed", LOG_ERR("err", err), LOG_END);
	if (record(x, AUDIT_FAILED, "the store failed", &done) != SC_OK)
		err = SC_LIMIT;
	if (x->way == ERASE_DUE)
		people_leaving_failed(x->address.e->p.people, x->waited_since);
	reply_fail(&x->address, err);
}

static void on_erased(void *owner, enum sc_err err, bool found)
{
	struct erase *x = owner;
	char why[64] = "erased";
	uint64_t done;

	/* the working key, if it was this subject's */
	engine_rest(x->address.e);
	forget_roles(x);
	if (x->way == ERASE_DUE)
		snprintf(why, sizeof(why), "erased, waited since entry %llu",
		    (unsigned long long)x->waited_since);
	if (err != SC_OK)
		fail(x, err);
	else if (record(x, AUDIT_OK, found ? why : "no key", &done) != SC_OK)
		reply_fail(&x->address, SC_LIMIT);
	else
		answer_erase(x, found ? WIRE_OK : WIRE_GONE, x->what.intent, done);
	free(x);
}

/* Their keys are kept from everybody: told, with the time until which that is so. */
static void on_left(void *owner, enum sc_err err, bool found)
{
	struct erase *x = owner;
	struct engine *e = x->address.e;
	char until[24];

	(void)found;
	engine_rest(e);
	forget_roles(x);
	snprintf(until, sizeof(until), "%llu",
	    (unsigned long long)((x->who.asking.now_ms + people_grace_ms(e->p.people)) / 1000));
	if (err != SC_OK)
		fail(x, err);
	else
		reply_people(&x->address, WIRE_LEAVING, sc_span_str(until), x->what.intent,
		    x->what.intent, x->told, 1);
	free(x);
}

/* ---- the middle ---- */

static enum sc_err leave(struct erase *x)
{
	struct people_leaver who = { .n = x->what.n,
		.intent = x->what.intent,
		.asked_ms = x->who.asking.now_ms };

	memcpy(who.handle, x->what.handle, sizeof(who.handle));
	memcpy(who.ids, x->ids, x->what.n * sizeof(x->ids[0]));
	return people_leave(x->address.e->p.people, &who, x, on_left);
}

/* The intent is on disk. Of nobody there is nothing to destroy. */
static void carry_out(struct erase *x)
{
	struct people *pp = x->address.e->p.people;
	enum sc_err err = SC_OK;

	if (x->what.n > 0)
		err = x->way == ERASE_LEAVES ?
		    leave(x) :
		    people_erase(pp, x->ids, x->what.n, x->what.intent, x, on_erased);
	if (x->what.n > 0 && err == SC_OK)
		return;
	people_let_go(pp);
	on_erased(x, err, false);
}

static void wait_for_intent(struct engine *e, struct erase *x)
{
	struct erase **p = &e->intents;

	while (*p != NULL)
		p = &(*p)->next;
	*p = x;
}

size_t erase_waiting(const struct engine *e)
{
	size_t n = 0;

	for (const struct erase *x = e->intents; x != NULL; x = x->next)
		n++;
	return n;
}

void erase_forget(struct engine *e)
{
	struct erase *x;

	while ((x = e->intents) != NULL) {
		e->intents = x->next;
		free(x);
	}
}

/* ---- those whose time has come ---- */

static bool begin_due(struct engine *e, const struct people_leaver *who)
{
	struct erase *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return false;
	x->address.e = e;
	x->way = ERASE_DUE;
	x->waited_since = who->intent;
	memcpy(x->ids, who->ids, who->n * sizeof(x->ids[0]));
	memcpy(x->what.handle, who->handle, sizeof(x->what.handle));
	x->what.ids = x->ids;
	x->what.n = who->n;
	people_intend(e->p.people);
	if (record(x, AUDIT_OUTCOME_NONE, NULL, &x->what.intent) == SC_OK) {
		wait_for_intent(e, x);
		return true;
	}
	people_let_go(e->p.people);
	free(x);
	return false;
}

/* Each second, and nothing at all where nobody waits. */
static void erase_due(struct engine *e)
{
	const uint64_t ran = people_ran(e->p.people);
	struct people_leaver who;

	if (people_leaving_count(e->p.people) == 0 || ran == e->due_ran || tlog_failed(e->p.log))
		return;
	e->due_ran = ran;
	for (unsigned i = 0; i < DUE_BITE && people_leaving_due(e->p.people, &who); i++)
		if (!begin_due(e, &who)) {
			people_leaving_failed(e->p.people, who.intent);
			return;
		}
}

void engine_durable(struct engine *e, uint64_t durable, bool failed)
{
	struct erase *x;

	erase_due(e);
	operate_go_on(e, durable, failed);
	merge_go_on(e, durable, failed);
	staying_go_on(e, durable, failed);
	while ((x = e->intents) != NULL && (x->what.intent < durable || failed)) {
		e->intents = x->next;
		if (x->what.intent < durable) {
			carry_out(x);
			continue;
		}
		people_let_go(e->p.people);
		if (x->way == ERASE_DUE)
			people_leaving_failed(e->p.people, x->waited_since);
		reply_fail(&x->address, SC_LIMIT);
		free(x);
	}
}

/* ---- the beginning ---- */

static enum sc_err refuse(struct erase *x, enum wire_status status, const char *why)
{
	uint64_t index;

	x->what.n = 0; /* no key of theirs is touched */
	if (record(x, AUDIT_REFUSED, why, &index) != SC_OK)
		return SC_LIMIT;
	answer_erase(x, status, index, index);
	return SC_OK;
}

/*
 * Count X among the day's erasures of its gateway: what cannot be undone is not to happen to
 * everybody in an hour. Rows follow the log, whose intents name the gateway: a crash forgets none.
 */
static enum sc_err count(struct erase *x, bool *used_up)
{
	struct engine *e = x->address.e;
	const struct sc_name *node = x->who.asking.node;
	struct quota_book *book;
	enum sc_err err;

	*used_up = false;
	if (x->what.n == 0 || node == NULL || WEAK("erasures-unlimited"))
		return SC_OK;
	if ((err = quota_book(e->erased, node, x->who.asking.counted_ms, &book)) != SC_OK)
		return err;
	/* every key that goes: whom a merge made one counts as those they were */
	*used_up = quota_count(book) + x->what.n > x->per_day;
	for (size_t i = 0; err == SC_OK && !*used_up && i < x->what.n; i++)
		err = quota_add(book, x->ids[i]);
	return err;
}

static enum sc_err intend(struct erase *x)
{
	struct engine *e = x->address.e;
	bool used_up;
	enum sc_err err;

	/* judged by a policy that is not in force any more */
	if (memcmp(x->who.policy_hash, e->hash, HASH_BYTES) != 0)
		return SC_STALE;
	if ((err = count(x, &used_up)) != SC_OK)
		return err;
	if (used_up) {
		err = refuse(x, WIRE_QUOTA, "over the day's erasures");
		if (err == SC_OK)
			free(x);
		return err;
	}
	if (people_grace_ms(e->p.people) > 0 && x->what.n > 0 && !WEAK("erasures-at-once"))
		x->way = ERASE_LEAVES;
	people_intend(e->p.people);
	if (record(x, AUDIT_OUTCOME_NONE, NULL, &x->what.intent) != SC_OK) {
		people_let_go(e->p.people);
		return SC_LIMIT;
	}
	if (WEAK("commit-before-intent"))
		carry_out(x);
	else
		wait_for_intent(e, x);
	return SC_OK;
}

static void on_ids(void *owner, enum sc_err err, const uint64_t *ids, size_t n)
{
	struct erase *x = owner;

	if (err == SC_OK && n > PEOPLE_SLOTS_MAX)
		err = SC_BUG;
	if (err == SC_OK) {
		memcpy(x->ids, ids, n * sizeof(*ids));
		x->what.ids = x->ids;
		x->what.n = n;
		err = intend(x);
	}
	if (err == SC_OK)
		return;
	reply_fail(&x->address, err);
	free(x);
}

enum sc_err op_erase(struct key_request *req, struct sc_reader *r)
{
	struct engine *e = req->e;
	struct sc_span subject = sc_read_field16(r);
	struct policy_verdict v;
	struct erase *x;
	enum sc_err err;

	if (!sc_reader_done(r) || subject.n == 0 || subject.n > CRYPTO_SUBJECT_MAX)
		return SC_SYNTAX;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return SC_NOMEM;
	x->address = key_request_address(req);
	people_handle(e->p.people, subject, x->what.handle);
	asking_keep(&x->who, &req->who.asking);
	if (req->peer->gateway != NULL)
		x->per_day = req->peer->gateway->row->erasures_per_day;
	policy_ask(e->policy, &req->who.asking, &(struct policy_item){ .class_id = CLASS_NONE },
	    &v);
	if ((err = key_request_told(req, x->what.handle, x->told)) != SC_OK)
		;
	else if (v.action != ACTION_REVEAL)
		err = refuse(x, WIRE_DENIED, "denied by policy");
	else if (tlog_failed(e->p.log))
		err = SC_LIMIT; /* before the store is bothered */
	else if ((err = people_ids(e->p.people, x->what.handle, x, on_ids)) == SC_OK)
		return SC_OK;
	free(x);
	return err;
}
