/*
 * keylog.c - records for keyd's log. No function here takes a value.
 */
#include "crypto/keyd/keylog_int.h"
#include "crypto/keyd/keylog_people.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 64  /* sealings told apart within one period */
#define PERIOD_MS 40 /* and the log itself commits at once */

/* Sealings, or searches, of one principal for one purpose on one route, of people who granted the same. */
struct row {
	struct sc_name principal, route, node; /* "" when there is none */
	uint8_t role, purpose, op, auth;
	uint32_t consents;
	uint64_t counted_ms;
	struct key_tally tally;
};

/* ---- printing ---- */

enum sc_err keylog_append(struct keylog *kl, const struct audit_record *r, bool urgent,
    uint64_t *index)
{
	enum sc_err err;

	sc_buf_clear(&kl->text);
	if ((err = audit_record_print(r, &kl->text)) != SC_OK)
		return err;
	return tlog_append(kl->log, sc_buf_span(&kl->text), urgent, index);
}

void keylog_begin(const struct keylog *kl, struct audit_record *r, enum audit_kind kind,
    const struct asking *a)
{
	static const enum audit_auth auths[] = { [ASKING_ASSERTED] = AUDIT_AUTH_ASSERTED,
		[ASKING_PROVED] = AUDIT_AUTH_PROVED,
		[ASKING_SIGNED] = AUDIT_AUTH_SIGNED };

	audit_record_init(r, kind);
	if (a != NULL) {
		r->asking = *a;
		r->auth = auths[a->auth];
		r->node = a->node;
	}
	r->asking.tenant = &kl->tenant;
	r->asking.policy_hash = NULL;
	if (kl->policy == NULL)
		return;
	r->asking.policy_hash = kl->hash;
	r->policy = kl->policy;
	r->role = policy_role_name(kl->policy, r->asking.role);
	r->purpose = policy_purpose_name(kl->policy, r->asking.purpose);
	if (r->asking.op != POLICY_SHARE)
		return;
	r->recipient_role = policy_role_name(kl->policy, r->asking.recipient_role);
	r->recipient_purpose = policy_purpose_name(kl->policy, r->asking.recipient_purpose);
}

/* What T came to, into R; the classes are kept in OUT. */
static void put_tally(const struct keylog *kl, struct audit_record *r, const struct key_tally *t,
    struct audit_class out[AUDIT_CLASSES_MAX])
{
	for (size_t i = 0; i < t->n_touched; i++) {
		out[i].id = t->touched[i];
		out[i].n = t->classes[t->touched[i]];
		out[i].by = NULL;
		out[i].name =
		    out[i].id < CLASS_FILE_FIRST ? NULL : policy_class_name(kl->policy, out[i].id);
	}
	r->tier = t->tier;
	r->shown = t->shown;
	r->classes = out;
	r->n_classes = t->n_touched;
	r->counts = t->counts;
	r->outcome = t->refused == 0 ? AUDIT_OK :
	    t->refused < t->items    ? AUDIT_PARTIAL :
				       AUDIT_REFUSED;
}

static void put_subjects(struct audit_record *r, const struct key_tally *t)
{
	r->subjects = t->handles;
	r->n_subjects = t->n_handles;
	r->subjects_total = t->subjects > t->n_handles ? t->subjects : 0;
}

enum sc_err keylog_opening(struct keylog *kl, const struct asking *a, const struct key_tally *t,
    uint64_t *record)
{
	struct audit_class classes[AUDIT_CLASSES_MAX];
	struct audit_record r;

	keylog_begin(kl, &r,
	    t->items > 0 && t->refused == t->items ? AUDIT_DENIAL :
		a->op == POLICY_EXPORT             ? AUDIT_EXPORT :
						     AUDIT_REVEAL,
	    a);
	put_tally(kl, &r, t, classes);
	for (size_t i = 0; i < r.n_classes; i++)
		classes[i].by = t->by[classes[i].id];
	put_subjects(&r, t);
	r.unnamed = t->subjects - t->n_handles - t->n_more;
	r.subjects_total = t->n_more == 0 ? 0 : t->n_handles + t->n_more;
	r.action = t->action;
	r.why = t->why;
	for (unsigned i = 0; i < t->n_rules; i++)
		r.rules[i] = policy_rule_name(kl->policy, t->rules[i]);
	return t->n_more == 0 ? keylog_append(kl, &r, true, record) :
				keylog_people_append(kl->log, &r, t->more, t->n_more, record);
}

static void put_progress(struct audit_record *r, struct audit_store *out,
    const struct store_progress *p)
{
	*out = (struct audit_store){ p->gen, p->high, p->lease };
	r->store = out;
}

/* ---- sealings, together ---- */

/*
 * How far the store has come, where that is news: whoever puts an older one back within the
 * second that keylog_progress() leaves is known by it too.
 */
static void put_news(struct keylog *kl, struct audit_record *r, struct audit_store *out)
{
	struct people_counts c;

	if (kl->people == NULL)
		return;
	people_count(kl->people, &c);
	if (c.gen == kl->gen)
		return;
	kl->gen = c.gen;
	put_progress(r, out, &(struct store_progress){ c.gen, c.slots, c.lease });
}

static void tell(struct keylog *kl)
{
	struct audit_class classes[AUDIT_CLASSES_MAX];
	struct audit_store store;
	struct audit_record r;
	uint64_t record;
	enum sc_err err;

	for (size_t i = 0; i < kl->n; i++) {
		struct row *row = &kl->rows[i];
		const struct asking a = { .principal = &row->principal,
			.role = row->role,
			.purpose = row->purpose,
			.op = row->op,
			.consents = row->consents,
			.counted_ms = row->counted_ms,
			.auth = row->auth,
			.node = row->node.s[0] == '\0' ? NULL : &row->node,
			.route = row->route.s[0] == '\0' ? NULL : &row->route };

		keylog_begin(kl, &r, row->op == POLICY_SEARCH ? AUDIT_SEARCH : AUDIT_SEAL, &a);
		put_tally(kl, &r, &row->tally, classes);
		put_subjects(&r, &row->tally);
		put_news(kl, &r, &store);
		if ((err = keylog_append(kl, &r, true, &record)) != SC_OK) {
			kl->lost++;
			log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
		}
		if (r.counts.unowned != 0 && kl->unowned != NULL)
			kl->unowned(kl->unowned_arg, &row->route, row->counted_ms,
			    r.counts.unowned);
		tally_reset(&row->tally);
	}
	kl->n = 0;
	loop_timer_clear(kl->loop, &kl->due);
}

void keylog_unowned(struct keylog *kl, keylog_unowned_fn *fn, void *arg)
{
	kl->unowned = fn;
	kl->unowned_arg = arg;
}

void keylog_tell(struct keylog *kl)
{
	tell(kl);
}

static void on_due(struct loop_timer *t)
{
	tell(loop_owner(t, struct keylog, due));
}

static const char *text_of(const struct sc_name *name)
{
	return name == NULL ? "" : name->s;
}

static bool same(const struct row *row, const struct asking *a)
{
	return row->role == a->role && row->purpose == a->purpose && row->op == a->op &&
	    row->consents == a->consents && row->auth == a->auth &&
	    row->counted_ms / AUDIT_DAY_MS == a->counted_ms / AUDIT_DAY_MS &&
	    strcmp(row->principal.s, a->principal->s) == 0 &&
	    strcmp(row->route.s, text_of(a->route)) == 0 &&
	    strcmp(row->node.s, text_of(a->node)) == 0;
}

void keylog_sealing(struct keylog *kl, const struct asking *a, const struct key_tally *t)
{
	struct row *row;
	size_t i;

	for (i = 0; i < kl->n && !same(&kl->rows[i], a); i++)
		;
	if (i == ROWS_MAX) {
		tell(kl);
		i = 0;
	}
	row = &kl->rows[i];
	if (i == kl->n) {
		row->principal = *a->principal;
		row->role = a->role;
		row->purpose = a->purpose;
		row->op = a->op;
		row->consents = a->consents;
		row->counted_ms = a->counted_ms;
		row->auth = a->auth;
		memcpy(row->route.s, text_of(a->route), strlen(text_of(a->route)) + 1);
		memcpy(row->node.s, text_of(a->node), strlen(text_of(a->node)) + 1);
		kl->n++;
	}
	tally_add(&row->tally, t);
	if (!loop_timer_is_set(&kl->due))
		loop_timer_set(kl->loop, &kl->due, PERIOD_MS);
}

uint64_t keylog_lost(const struct keylog *kl)
{
	return kl->lost;
}

/* ---- events ---- */

static void put_last(struct audit_record *r, const struct signed_head *last)
{
	if (last->size == 0)
		return;
	r->head_origin = last->origin;
	r->head_size = last->size;
	r->head_root = last->root;
}

/* ---- the store ---- */

void keylog_people(struct keylog *kl, const struct people *pp)
{
	kl->people = pp;
}

void keylog_names(struct keylog *kl, const struct keyring *kr)
{
	kl->keyring = kr;
}

void keylog_leased(struct keylog *kl, uint64_t lease)
{
	atomic_store(&kl->lease, lease);
}

/* Into the log from any thread: touches nothing that is the loop's, its buffer least of all. */
static enum sc_err append_beside(struct keylog *kl, struct audit_record *r, bool urgent,
    uint64_t *record)
{
	struct sc_buf text;
	enum sc_err err;

	r->asking.tenant = &kl->tenant;
	sc_buf_init(&text, AUDIT_RECORD_MAX);
	if ((err = audit_record_print(r, &text)) == SC_OK)
		err = tlog_append(kl->log, sc_buf_span(&text), urgent, record);
	sc_buf_fini(&text);
	return err;
}

enum sc_err keylog_month(struct keylog *kl, uint32_t month)
{
	struct audit_record r;
	char why[32];
	uint64_t record;

	snprintf(why, sizeof(why), "destroyed, of month %04u-%02u", month / 12 % 10000,
	    month % 12 + 1);
	audit_record_init(&r, AUDIT_ADMIN);
	r.act = "keys.backup-key";
	r.outcome = AUDIT_OK;
	r.why = why;
	return append_beside(kl, &r, true, &record);
}

/* Nothing of the policy's either. */
enum sc_err keylog_progress(void *arg, const struct store_progress *p, uint64_t *record)
{
	struct keylog *kl = arg;
	bool lease = p->lease > atomic_load(&kl->lease);
	struct audit_store store;
	struct audit_record r;
	enum sc_err err;

	audit_record_init(&r, AUDIT_ADMIN);
	r.act = lease ? "keys.lease" : "keys.progress";
	put_progress(&r, &store, p);
	if ((err = append_beside(kl, &r, lease, record)) == SC_OK)
		atomic_store(&kl->lease, p->lease);
	return err;
}

void keylog_returned(void *arg, uint64_t returned, uint64_t waiting)
{
	struct audit_record r;
	uint64_t record;
	enum sc_err err;

	audit_record_init(&r, AUDIT_ADMIN);
	r.act = waiting == 0 ? "people.returned" : "people.return_queued";
	r.subjects_total = waiting == 0 ? returned : waiting;
	r.outcome = waiting == 0 ? AUDIT_OK : AUDIT_PARTIAL;
	if ((err = append_beside(arg, &r, false, &record)) != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

enum sc_err keylog_start_anew(struct keylog *kl, const struct asking *by,
    const struct signed_head *last, const struct store_progress *now)
{
	struct audit_store store;
	struct audit_record r;
	uint64_t record;

	keylog_begin(kl, &r, AUDIT_ADMIN, by);
	r.act = "store.start_anew";
	put_last(&r, last);
	if (now != NULL) {
		put_progress(&r, &store, now);
		r.outcome = AUDIT_OK;
	}
	return keylog_append(kl, &r, true, &record);
}

/* ---- other events ---- */

enum sc_err keylog_head(struct keylog *kl, const struct asking *a, const char *origin,
    uint64_t size, const uint8_t root[static HASH_BYTES], enum audit_outcome outcome,
    uint64_t *record)
{
	struct audit_record r;

	keylog_begin(kl, &r, AUDIT_HEAD, a);
	r.asking.op = ASKING_UNSET;
	r.head_origin = origin;
	r.head_size = size;
	r.head_root = root;
	r.outcome = outcome;
	return keylog_append(kl, &r, outcome != AUDIT_OK, record);
}

enum sc_err keylog_forget(struct keylog *kl, const struct asking *by,
    const struct signed_head *last)
{
	struct audit_record r;
	uint64_t record;

	keylog_begin(kl, &r, AUDIT_ADMIN, by);
	r.act = "head.forget";
	put_last(&r, last);
	r.outcome = AUDIT_OK;
	return keylog_append(kl, &r, true, &record);
}

enum sc_err keylog_event(struct keylog *kl, enum audit_kind kind, const char *act,
    enum audit_outcome outcome)
{
	struct audit_record r;
	uint64_t record;

	keylog_begin(kl, &r, kind, NULL);
	r.act = act;
	r.outcome = outcome;
	return keylog_append(kl, &r, true, &record);
}

enum sc_err keylog_turned_away(struct keylog *kl, const struct asking *a, const char *act,
    uint64_t n)
{
	struct audit_record r;
	uint64_t record;

	keylog_begin(kl, &r, AUDIT_DENIAL, a);
	if (a->principal == NULL)
		r.auth = AUDIT_AUTH_NONE;
	r.act = act == NULL ? "others.refused" : act;
	r.outcome = AUDIT_REFUSED;
	r.why = "turned away";
	r.counts.denied = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	return keylog_append(kl, &r, true, &record);
}

enum sc_err keylog_stop(struct keylog *kl)
{
	tell(kl);
	return keylog_event(kl, AUDIT_STOP, "keyd.stop", AUDIT_OK);
}

enum sc_err keylog_keys(struct keylog *kl, const struct asking *a, const char *act,
    const uint64_t *ids, size_t n, enum audit_outcome outcome, uint64_t *record)
{
	struct audit_record r;

	keylog_begin(kl, &r, AUDIT_ADMIN, a);
	r.act = act;
	r.keys = ids;
	r.n_keys = n;
	r.outcome = outcome;
	return keylog_append(kl, &r, true, record);
}

void keylog_made_key(void *keylog, const struct class_key *k, uint8_t tier)
{
	struct keylog *kl = keylog;
	struct audit_class c = { .id = k->class_id, .n = 1 };
	struct audit_record r;
	uint64_t record;
	enum sc_err err;

	keylog_begin(kl, &r, AUDIT_ADMIN, NULL);
	r.act = "keys.create";
	r.tier = tier;
	if (c.id >= CLASS_FILE_FIRST)
		c.name = policy_class_name(kl->policy, c.id);
	r.classes = &c;
	r.n_classes = 1;
	if ((err = keylog_append(kl, &r, true, &record)) != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

void keylog_made_year(void *keylog, const struct year_key *y)
{
	struct keylog *kl = keylog;
	struct audit_record r;
	uint64_t record;
	char why[32];
	enum sc_err err;

	snprintf(why, sizeof(why), "handles of %u", y->year);
	keylog_begin(kl, &r, AUDIT_ADMIN, NULL);
	r.act = "keys.create";
	r.why = why;
	r.keys = &y->id;
	r.n_keys = 1;
	r.outcome = AUDIT_OK;
	if ((err = keylog_append(kl, &r, true, &record)) != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

/* ---- life ---- */

enum sc_err keylog_new(struct loop *l, struct tlog *log, const struct sc_name *tenant,
    struct keylog **out)
{
	struct keylog *kl = calloc(1, sizeof(*kl));

	*out = kl;
	if (kl == NULL)
		return SC_NOMEM;
	kl->loop = l;
	kl->log = log;
	kl->tenant = *tenant;
	loop_timer_init(&kl->due, on_due);
	sc_buf_init(&kl->text, AUDIT_RECORD_MAX);
	if ((kl->rows = calloc(ROWS_MAX, sizeof(*kl->rows))) != NULL)
		return SC_OK;
	keylog_free(kl);
	*out = NULL;
	return SC_NOMEM;
}

void keylog_free(struct keylog *kl)
{
	if (kl == NULL)
		return;
	if (kl->rows != NULL)
		tell(kl);
	sc_buf_fini(&kl->text);
	free(kl->rows);
	free(kl);
}

void keylog_policy(struct keylog *kl, const struct policy *p, const uint8_t hash[static HASH_BYTES])
{
	if (kl->policy != NULL)
		tell(kl); /* what the old policy named */
	kl->policy = p;
	memcpy(kl->hash, hash, HASH_BYTES);
}
