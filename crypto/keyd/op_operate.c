/*
 * op_operate.c - OPERATE: what operators do with keys, by their own socket.
 *
 * An act goes like an erasure, one at a time:
 *
 *	begin()          the change is made ready, its intent handed to the log
 *	operate_go_on()  the intent is on disk: off it goes to the store
 *	on_changed()     it is durable and in effect: recorded as done
 *	answer()         when that record is on disk too
 *
 * What is refused is answered at once, in words.
 */
#include "crypto/keyd/key_request.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text/jsonw.h"
#include "crypto/keyd/key_report.h"
#include "crypto/keyring/key_change.h"
#include "crypto/keystore/people.h"
#include "crypto/record/key_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (128u << 10)

struct operation {
	struct reply_address address;
	struct asking_kept who;
	const char *act;             /* as the record has it */
	struct key_change *change;   /* NULL: the epoch turns, and no more */
	struct key_certificate died; /* of an act that destroys: class.s is set */
	uint64_t ids[AUDIT_KEYS_MAX];
	size_t n_ids;
	struct inbox_job job;
	uint64_t intent;
	bool begun; /* its intent is on disk */
};

/* ---- status ---- */

static void put_epoch(struct jsonw *w, const struct engine *e)
{
	struct people_counts n;

	people_count(e->p.people, &n);
	jsonw_key(w, "epoch");
	jsonw_object(w);
	jsonw_ku64(w, "number", n.epoch);
	jsonw_ku64(w, "people", n.people);
	if (n.turned_ms > 0)
		jsonw_ku64(w, "turned_ms", n.turned_ms);
	jsonw_object_end(w);
}

static enum sc_err run_status(struct key_request *req, struct sc_span words)
{
	struct engine *e = req->e;
	struct sc_buf text;
	struct jsonw w;
	uint64_t from = 0;
	enum sc_err err;

	if (words.n > 0 && (!note_number(words, &from) || from > CLASS_MAX))
		return SC_SYNTAX;
	sc_buf_init(&text, ANSWER_MAX);
	w = jsonw(&text);
	jsonw_object(&w);
	key_report(&w, e->p.keyring, e->policy, (unsigned)from);
	put_epoch(&w, e);
	jsonw_object_end(&w);
	err = w.err != SC_OK ? w.err : operate_answer(req, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

/* ---- an act, to its end ---- */

static void operation_free(struct operation *x)
{
	x->address.e->operation = NULL;
	free(x);
}

/* What keyd says of a key that it destroyed, signed as its log's heads are. */
static enum sc_err put_certificate(const struct operation *x, uint64_t record, struct jsonw *w)
{
	struct key_certificate c = x->died;
	struct sc_buf text, note;
	enum sc_err err;

	c.record = record;
	sc_buf_init(&text, KEY_CERTIFICATE_MAX);
	sc_buf_init(&note, NOTE_MAX);
	if ((err = key_certificate_print(&c, &text)) == SC_OK &&
	    (err = note_sign(sc_buf_span(&text), &x->address.e->signer, &note)) == SC_OK) {
		jsonw_key(w, "certificate");
		jsonw_span(w, sc_buf_span(&note));
	}
	sc_buf_fini(&text);
	sc_buf_fini(&note);
	return err;
}

/* What was done, and the record of it. */
static enum sc_err print_done(const struct operation *x, uint64_t record, struct sc_buf *out)
{
	const struct engine *e = x->address.e;
	const struct class_key *k;
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_kstr(&w, "done", x->act);
	jsonw_ku64(&w, "record", record);
	jsonw_key(&w, "made");
	jsonw_array(&w);
	for (size_t i = 0; i < x->n_ids; i++)
		if ((k = keyring_class_by_id(e->p.keyring, x->ids[i])) != NULL &&
		    k->state == KEY_ACTIVE)
			key_report_name(&w, e->policy, k);
	jsonw_array_end(&w);
	if (x->died.class.s[0] != '\0' && w.err == SC_OK)
		w.err = put_certificate(x, record, &w);
	jsonw_object_end(&w);
	return w.err;
}

static void answer(const struct operation *x, uint64_t record)
{
	const struct reply_address *to = &x->address;
	struct peer *p = reply_peer(to);
	struct answer_frames a;
	struct sc_buf text;
	enum sc_err err;

	if (p == NULL)
		return;
	sc_buf_init(&text, ANSWER_MAX);
	a.start = p->held.n;
	if ((err = print_done(x, record, &text)) == SC_OK &&
	    (err = operate_put(&a, &p->held, to->op, to->req_id, sc_buf_span(&text))) == SC_OK &&
	    (err = answer_end(&a, record, NULL, 0)) == SC_OK)
		reply_hold(to, p, a.start, record);
	else {
		sc_buf_truncate(&p->held, a.start);
		reply_fail(to, err);
	}
	sc_buf_fini(&text);
}

/* Each new version by itself, as for those that were made for a policy. */
static void tell_made(const struct operation *x)
{
	const struct keyring *kr = x->address.e->p.keyring;

	for (size_t i = 0; i < x->n_ids; i++) {
		const struct class_key *k = keyring_class_by_id(kr, x->ids[i]);

		if (k != NULL && k->state == KEY_ACTIVE)
			keylog_made_key(x->address.e->p.keylog, k, k->tier);
	}
}

static void on_changed(void *owner, enum sc_err err)
{
	struct operation *x = owner;
	struct keylog *kl = x->address.e->p.keylog;
	uint64_t record;

	if (x->change != NULL) {
		const struct key_change_store *s = key_change_store(x->change);

		memcpy(x->died.store, s->id, sizeof(s->id));
		x->died.epoch = s->epoch;
		x->died.at_s = clock_unix_ms() / 1000;
		key_change_end(x->change, err);
	}
	if (err == SC_OK)
		tell_made(x);
	else
		log_event(LOG_ERROR, "keyd.keys_not_changed", LOG_ERR("err", err), LOG_END);
	if (keylog_keys(kl, &x->who.asking, x->act, x->ids, x->n_ids,
		err == SC_OK ? AUDIT_OK : AUDIT_FAILED, &record) != SC_OK)
		reply_fail(&x->address, SC_LIMIT);
	else if (err != SC_OK)
		reply_fail(&x->address, err);
	else
		answer(x, record);
	operation_free(x);
}

static enum sc_err run_job(struct store_job *j, struct store_tx *tx)
{
	struct operation *x = loop_owner(j, struct operation, job.job);

	return key_change_run(x->change, tx, NULL);
}

static enum sc_err run_turn(void *owner, struct store_tx *tx,
    const uint8_t ring[static TREE_SECRET_BYTES])
{
	struct operation *x = owner;

	return x->change == NULL ? SC_OK : key_change_run(x->change, tx, ring);
}

static void on_job(struct inbox_job *j, enum sc_err err)
{
	on_changed(loop_owner(j, struct operation, job), err);
}

static void carry_out(struct operation *x)
{
	const struct engine *e = x->address.e;
	const uint8_t *ring = x->change == NULL ? NULL : key_change_ring(x->change);
	enum sc_err err;

	if (x->change != NULL && ring == NULL) {
		x->job.job.run = run_job;
		x->job.on_loop = on_job;
		inbox_submit(e->p.inbox, &x->job);
	} else if ((err = people_turn(e->p.people, ring, run_turn, x, on_changed)) != SC_OK)
		on_changed(x, err);
}

void operate_go_on(struct engine *e, uint64_t durable, bool failed)
{
	struct operation *x = e->operation;

	if (x == NULL || x->begun || (x->intent >= durable && !failed))
		return;
	x->begun = true;
	if (x->intent >= durable) {
		on_changed(x, SC_LIMIT);
		return;
	}
	carry_out(x);
}

size_t operate_waiting(const struct engine *e)
{
	return e->operation != NULL;
}

void operate_forget(struct engine *e)
{
	if (e->operation == NULL)
		return;
	if (e->operation->change != NULL)
		key_change_end(e->operation->change, SC_AGAIN);
	operation_free(e->operation);
}

/* CHANGE may be NULL; DIED too: nothing is destroyed. */
static enum sc_err begin(struct key_request *req, const char *act, struct key_change *change,
    const struct key_certificate *died)
{
	struct engine *e = req->e;
	struct operation *x = calloc(1, sizeof(*x));
	const uint64_t *ids;

	if (x == NULL)
		goto out;
	asking_keep(&x->who, &req->who.asking);
	operate_name(req, &x->who.principal);
	x->address = key_request_address(req);
	x->act = act;
	x->change = change;
	if (died != NULL)
		x->died = *died;
	if (change != NULL) {
		ids = key_change_ids(change, &x->n_ids);
		x->n_ids = x->n_ids > AUDIT_KEYS_MAX ? AUDIT_KEYS_MAX : x->n_ids;
		memcpy(x->ids, ids, x->n_ids * sizeof(*ids));
	}
	if (keylog_keys(e->p.keylog, &x->who.asking, act, x->ids, x->n_ids, AUDIT_OUTCOME_NONE,
		&x->intent) == SC_OK) {
		e->operation = x;
		return SC_OK;
	}
out:
	free(x);
	if (change != NULL)
		key_change_end(change, SC_LIMIT);
	return SC_LIMIT;
}

/* ---- rotating ---- */

static enum sc_err change_class(const struct engine *e, struct sc_span name, struct sc_diag *d,
    struct key_change **out)
{
	struct key_change_class v;

	*out = NULL;
	if (!policy_class(e->policy, name, &v.class_id)) {
		sc_diag_set(d, "the policy has no such class: scrim keys status lists them");
		return SC_LIMIT;
	}
	v.tier = (uint8_t)policy_class_tier(e->policy, v.class_id);
	return key_change_classes(e->p.keyring, &v, 1, d, out);
}

static enum sc_err change_all(const struct engine *e, struct sc_span name, struct sc_diag *d,
    struct key_change **out)
{
	struct key_change_class v[CLASS_MAX];
	size_t n = 0;

	(void)name;
	for (unsigned id = 1; id <= CLASS_MAX; id++)
		if (policy_class_name(e->policy, (uint8_t)id) != NULL &&
		    keyring_class(e->p.keyring, (uint8_t)id) != NULL)
			v[n++] = (struct key_change_class){ (uint8_t)id,
				(uint8_t)policy_class_tier(e->policy, (uint8_t)id) };
	return key_change_classes(e->p.keyring, v, n, d, out);
}

static enum sc_err change_tier(const struct engine *e, struct sc_span name, struct sc_diag *d,
    struct key_change **out)
{
	const bool is_tier = name.n == 2 && name.p[0] == 'T' && name.p[1] >= '0' &&
	    name.p[1] <= '4';

	*out = NULL;
	if (!is_tier) {
		sc_diag_set(d, "there is no such tier: tiers are T0 to T4");
		return SC_LIMIT;
	}
	return key_change_tier(e->p.keyring, (uint8_t)(name.p[1] - '0'), d, out);
}

/* The epoch's key is above all others: its turn changes none of them. */
static enum sc_err change_epoch(const struct engine *e, struct sc_span name, struct sc_diag *d,
    struct key_change **out)
{
	(void)e, (void)name, (void)d;
	*out = NULL;
	return SC_OK;
}

/* What `rotate` can be said of. */
static const struct rotation {
	const char *word;
	bool named; /* a name follows */
	enum sc_err (*change)(const struct engine *e, struct sc_span name, struct sc_diag *d,
	    struct key_change **out);
} rotations[] = {
	{ "class", true, change_class },
	{ "classes", false, change_all },
	{ "tier", true, change_tier },
	{ "epoch", false, change_epoch },
};

/* The first word of TEXT, and what follows the blank behind it. */
static struct sc_span first_word(struct sc_span text, struct sc_span *rest)
{
	const uint8_t *blank = text.n == 0 ? NULL : memchr(text.p, ' ', text.n);
	size_t n = blank == NULL ? text.n : (size_t)(blank - text.p);

	*rest = sc_span_from(text, n + (blank != NULL));
	return sc_span(text.p, n);
}

static enum sc_err run_rotate(struct key_request *req, struct sc_span words)
{
	static const char act[] = "keys.rotate";
	struct sc_diag d = { .text = "there is no memory" };
	struct sc_span name, word = first_word(words, &name);
	struct key_change *change;

	for (size_t i = 0; i < sizeof(rotations) / sizeof(rotations[0]); i++) {
		const struct rotation *r = &rotations[i];

		if (!sc_span_is(word, r->word) || (name.n > 0) != r->named)
			continue;
		return r->change(req->e, name, &d, &change) != SC_OK ?
		    operate_refuse(req, act, &d) :
		    begin(req, act, change, NULL);
	}
	sc_diag_set(&d, "rotate what: class NAME, classes, tier T0 to T4, or epoch");
	return operate_refuse(req, act, &d);
}

/* ---- destroying ---- */

static const char act_destroy[] = "keys.destroy";

/*
 * From then on nobody can say of whom that year's records are. Which year it is the believed time
 * says (people_clock.c): no clock that was set makes one old.
 */
static enum sc_err destroy_year(struct key_request *req, struct sc_span text)
{
	const unsigned now = key_year_of(req->who.asking.counted_ms);
	struct sc_diag d = { .text = "there is no memory" };
	struct key_change *change;
	uint64_t year;

	if (text.n != 4 || !note_number(text, &year))
		sc_diag_set(&d, "destroy which year: scrim keys status lists them");
	else if (year + 1 >= now)
		sc_diag_set(&d, "records of this year and the last one keep their names");
	else if (key_change_destroy_year(req->e->p.keyring, (unsigned)year, &d, &change) == SC_OK)
		return begin(req, act_destroy, change, NULL);
	return operate_refuse(req, act_destroy, &d);
}

static enum sc_err run_destroy(struct key_request *req, struct sc_span words)
{
	const struct engine *e = req->e;
	struct sc_diag d = { .text = "there is no memory" };
	struct sc_span version, name = first_word(words, &version);
	struct key_certificate died = { .tenant = *e->p.tenant };
	struct key_change *change;
	uint8_t class_id;
	size_t n;

	if (version.n > 1 && sc_span_is(name, "year"))
		return destroy_year(req, version);
	if (version.n != 1 || !policy_class(e->policy, name, &class_id)) {
		sc_diag_set(&d,
		    "destroy what: a class of the policy and a version, such as "
		    "phone a; scrim keys status lists them");
		return operate_refuse(req, act_destroy, &d);
	}
	died.class = *policy_class_name(e->policy, class_id);
	died.version = (char)version.p[0];
	if (key_change_destroy(e->p.keyring, class_id, died.version, &d, &change) != SC_OK)
		return operate_refuse(req, act_destroy, &d);
	died.key = key_change_ids(change, &n)[0];
	return begin(req, act_destroy, change, &died);
}

/* ---- dispatch ---- */

static const struct verb {
	uint8_t verb;
	enum sc_err (*run)(struct key_request *req, struct sc_span words);
	bool changes; /* one at a time, and nothing while the log is dead */
} verbs[] = {
	{ WIRE_KEYS_STATUS, run_status, false },
	{ WIRE_KEYS_ROTATE, run_rotate, true },
	{ WIRE_KEYS_DESTROY, run_destroy, true },
	{ WIRE_KEYS_DORMANT, operate_dormant, false },
	{ WIRE_KEYS_ERASURES, operate_erasures, false },
	{ WIRE_KEYS_HANDLES, operate_handles, false },
};

enum sc_err op_operate(struct key_request *req, struct sc_reader *r)
{
	const uint8_t verb = sc_read_u8(r);
	const struct sc_span words = sc_read_field16(r);

	if (!sc_reader_done(r))
		return SC_SYNTAX;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (verbs[i].verb != verb)
			continue;
		if (verbs[i].changes && tlog_failed(req->e->p.log))
			return SC_LIMIT;
		if (verbs[i].changes && req->e->operation != NULL)
			return SC_AGAIN;
		return verbs[i].run(req, words);
	}
	return SC_SYNTAX;
}
