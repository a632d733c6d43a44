/*
 * op_open.c - OPEN: tokens in, and out what the policy leaves of the values.
 *
 * The record of an opening is handed to the log before the answer is
 * complete, and the answer stands in the peer's held queue until the disk has
 * the record. When the log cannot take it, the answer is taken back.
 */
#include "crypto/keyd/ceiling.h"

#include "base/bytes.h"
#include "base/weak.h"

#include <string.h>

/* What one opening collects beside its answer. */
struct opening {
	struct quota_book *book;
	uint32_t shown_new; /* people shown here who are not in the book */
	uint32_t n_shown;   /* of e->shown_list */
	uint32_t consents;  /* as told: of the person whom an item names */
	uint32_t idle;      /* of the item in work, whole weeks; 0 until it is known whose it is */
	bool ceilings;      /* there are some for this gateway */
	unsigned year;      /* in which it counts */
	struct statement statement; /* the caller's, where asking.signature_checked */
	struct sign_public sign_key;
};

/* Where ID is among those seen, or would go. */
static size_t slot_of(const struct seen_people *s, uint64_t id)
{
	uint64_t i = id * 0x9e3779b97f4a7c15u >> 40;

	while (s->slot[i & (SEEN_SLOTS - 1)].round == s->round &&
	    s->slot[i & (SEEN_SLOTS - 1)].id != id)
		i++;
	return i & (SEEN_SLOTS - 1);
}

static bool is_seen(const struct seen_people *s, uint64_t id)
{
	return s->slot[slot_of(s, id)].round == s->round;
}

/* True when ID was not seen in this frame yet. */
static bool see(struct seen_people *s, uint64_t id)
{
	size_t at = slot_of(s, id);

	if (s->slot[at].round == s->round)
		return false;
	s->slot[at].round = s->round;
	s->slot[at].id = id;
	return true;
}

static void see_nobody(struct seen_people *s)
{
	if (++s->round == 0) {
		memset(s->slot, 0, sizeof(s->slot));
		s->round = 1;
	}
}

static enum sc_err refuse(struct key_request *req, uint8_t class_id, enum wire_status status)
{
	struct audit_counts *c = &req->e->tally.counts;

	req->e->tally.refused++;
	switch (status) {
	case WIRE_GONE: c->gone++; break;
	case WIRE_BAD_TOKEN: c->bad++; break;
	case WIRE_UNKNOWN_KEY: c->unknown++; break;
	case WIRE_BROKEN_KEY: c->broken++; break;
	case WIRE_FOREIGN: c->foreign++; break;
	case WIRE_DORMANT: c->dormant++; break;
	case WIRE_QUEUED: c->queued++; break;
	default: c->denied++;
	}
	return answer_put(&req->answer, status, ACTION_DENY, class_id, 0, sc_span(NULL, 0));
}

/*
 * What counts as a person: by what the day's records call them, from which the count is made again.
 * A token under a class key is one of its own.
 */
static uint64_t subject_of(const struct token_parts *t, const uint8_t *told)
{
	return sc_be64_load(told != NULL ? told : t->siv_ct.p);
}

static bool in_book(const struct opening *o, uint64_t subject)
{
	return quota_count_with(o->book, subject) == quota_count(o->book);
}

static void decide(const struct key_request *req, const struct opening *o,
    const struct token_parts *t, uint32_t subjects_today, struct policy_verdict *v)
{
	const struct policy_item it = { .class_id = t->class_id,
		.tier = t->tier,
		.subjects_today = subjects_today,
		.idle_weeks = o->idle };

	policy_ask(req->e->policy, &req->who.asking, &it, v);
}

/* Decide again, now that the subject is known, where the number of people counts. */
static void count_people(struct key_request *req, struct opening *o, uint64_t subject,
    const struct token_parts *t, struct policy_verdict *v)
{
	bool fresh;

	if (v->limits.subjects == POLICY_LIMIT_NONE)
		return;
	fresh = !in_book(o, subject) && !is_seen(&req->e->shown, subject);
	decide(req, o, t, quota_count(o->book) + o->shown_new + fresh, v);
}

/*
 * A consent is one person's: it counts for the tokens of whom the item names. Who asks knows
 * whom a document is about, not whose each token in it is, and may name anybody.
 */
static bool is_theirs(struct key_request *req, const struct wire_item *it, const uint8_t *handle)
{
	return handle != NULL && it->subject != WIRE_NO_SUBJECT &&
	    memcmp(key_request_handle(req, it->subject), handle, HANDLE_BYTES) == 0;
}

/* Everybody is named, whoever has room in the record itself or stands before it. */
static void name_subject(struct engine *e, const uint8_t *told)
{
	struct key_tally *y = &e->tally;

	if (y->n_handles < AUDIT_HANDLES_MAX) {
		memcpy(y->handles[y->n_handles++], told, HANDLE_BYTES);
		return;
	}
	y->more = (const uint8_t(*)[HANDLE_BYTES])e->more;
	memcpy(e->more[y->n_more++], told, HANDLE_BYTES);
}

/*
 * Write down whom this is about, and whose value was shown. Only of tokens that
 * verified: a forged one names whom its maker likes, and whoever counts as shown
 * already in this frame is not counted against the limit again.
 */
static void note_subject(struct key_request *req, struct opening *o, uint64_t subject,
    const uint8_t *told, bool shown)
{
	struct engine *e = req->e;
	struct key_tally *y = &e->tally;

	if (see(&e->about, subject)) {
		y->subjects++;
		if (told != NULL)
			name_subject(e, told);
	}
	if (shown && see(&e->shown, subject)) {
		e->shown_list[o->n_shown++] = subject;
		o->shown_new += !in_book(o, subject);
	}
}

/* The value itself, opened straight into the answer. */
static enum sc_err put_value(struct key_request *req, const struct token_parts *t,
    struct siv_ctx *siv, bool *ok)
{
	struct answer_frames *a = &req->answer;
	enum sc_err err;
	size_t at;

	if ((err = answer_value_begin(a, t->siv_ct.n, ACTION_REVEAL, t->class_id,
		 t->flags & TOKEN_KIND_MASK, &at)) != SC_OK ||
	    (err = token_open(siv, t, req->tenant, a->b, ok)) != SC_OK)
		return err;
	if (!*ok) {
		sc_buf_truncate(a->b, at);
		return SC_OK;
	}
	answer_value_end(a, at);
	(void)said_meets(&req->e->said, sc_span_from(sc_buf_span(a->b), at + WIRE_RESULT_HEAD));
	req->e->tally.counts.revealed++;
	return SC_OK;
}

/* What the policy leaves of it. */
static enum sc_err put_poorer(struct key_request *req, const struct token_parts *t,
    struct siv_ctx *siv, const struct policy_verdict *v, bool *ok)
{
	struct sc_buf *plain = &req->e->plain;
	struct answer_frames *a = &req->answer;
	enum sc_err err;
	size_t at;

	sc_buf_clear(plain);
	if ((err = token_open(siv, t, req->tenant, plain, ok)) != SC_OK || !*ok)
		goto out;
	(void)said_meets(&req->e->said, sc_buf_span(plain));
	/* a mask is never longer than its value, but for short ones */
	if ((err = answer_value_begin(a, t->siv_ct.n + 256, v->action, t->class_id, 0, &at)) !=
		SC_OK ||
	    (err = key_request_mask(req, v, t->class_id, sc_buf_span(plain), a->b)) != SC_OK)
		goto out;
	answer_value_end(a, at);
out:
	sc_buf_clear(plain);
	return err;
}

/*
 * A token of somebody else than the item names stays closed. It says so only of one that
 * verifies, and then also whose it is: they may want to know.
 */
static enum sc_err refuse_foreign(struct key_request *req, struct opening *o,
    const struct token_parts *t, struct siv_ctx *siv, const uint8_t *told)
{
	struct sc_buf *plain = &req->e->plain;
	bool ok;
	enum sc_err err;

	sc_buf_clear(plain);
	err = token_open(siv, t, req->tenant, plain, &ok);
	sc_buf_clear(plain);
	if (err != SC_OK)
		return err;
	tally_item(&req->e->tally, t->class_id, t->tier, ACTION_DENY);
	if (ok)
		note_subject(req, o, subject_of(t, told), told, false);
	return refuse(req, t->class_id, ok ? WIRE_FOREIGN : WIRE_BAD_TOKEN);
}

/* What needs no key: nothing, or the token as it came, or a refusal. */
static enum sc_err put_closed(struct key_request *req, const struct wire_item *it,
    const struct token_parts *t, const struct policy_verdict *v, uint32_t people)
{
	struct key_tally *y = &req->e->tally;

	tally_item(y, t->class_id, t->tier, (uint8_t)v->action);
	if (v->action == ACTION_DROP) {
		y->counts.dropped++;
		return answer_put(&req->answer, WIRE_OK, ACTION_DROP, t->class_id, 0,
		    sc_span(NULL, 0));
	}
	if (v->action == ACTION_TOKENISE) {
		y->counts.tokenised++;
		return answer_put(&req->answer, WIRE_OK, ACTION_TOKENISE, t->class_id,
		    t->flags & TOKEN_KIND_MASK, it->value);
	}
	if (policy_wants_signature(v))
		return refuse(req, t->class_id, WIRE_UNSIGNED);
	return refuse(req, t->class_id,
	    v->limits.subjects != POLICY_LIMIT_NONE && people > v->limits.subjects ? WIRE_QUOTA :
										     WIRE_DENIED);
}

static bool shows(const struct policy_verdict *v)
{
	return v->action == ACTION_REVEAL || v->action == ACTION_MASK ||
	    v->action == ACTION_GENERALISE;
}

/*
 * Decide again, now that it is known when something of K's was sealed last, where that counts: by
 * keyd's own rows, whatever the gateway says. A class key's tokens are nobody's: nothing tells
 * their age, so no window reaches them. What WIRE_OK is not, refuses.
 */
static enum wire_status judge_weeks(struct key_request *req, struct opening *o,
    const struct person_key *k, const struct token_parts *t, struct policy_verdict *v)
{
	const enum policy_action lately = v->action;

	if (v->limits.weeks == POLICY_LIMIT_NONE || WEAK("old-people-open"))
		return WIRE_OK;
	o->idle = k == NULL ? POLICY_WEEKS_UNKNOWN :
			      people_idle_weeks(req->e->p.people, k, req->who.asking.now_ms);
	if (o->idle <= v->limits.weeks)
		return WIRE_OK;
	decide(req, o, t, quota_count(o->book), v);
	if (v->action < lately && k != NULL && k->returns)
		return WIRE_QUEUED;
	return v->action == ACTION_DENY ? WIRE_DORMANT : WIRE_OK;
}

/* The token's own, or its class's of today when that is more. */
static uint8_t tier_of(const struct key_request *req, const struct token_parts *t)
{
	const uint8_t today = (uint8_t)policy_class_tier(req->e->policy, t->class_id);

	return today > t->tier ? today : t->tier;
}

/* Policy allows to see something of it: find the key, and out with it. */
static enum sc_err open_token(struct key_request *req, struct opening *o,
    const struct wire_item *it, const struct token_parts *t, struct policy_verdict *v)
{
	const struct person_key *person;
	const uint8_t *handle, *told = NULL;
	struct siv_ctx *siv;
	const uint8_t tier = tier_of(req, t);
	uint64_t subject;
	enum wire_status status;
	bool ok = false, over = false;
	enum sc_err err;

	if ((err = key_request_token_key(req, t, &siv, &status, &person)) != SC_OK)
		return err;
	if (siv == NULL && status == WIRE_OK)
		return SC_OK; /* it will be there when we start over */
	handle = person == NULL ? NULL : person->handle;
	if (person != NULL &&
	    (err = people_told(req->e->p.people, person, o->year, &told)) != SC_OK)
		return err;
	if (siv != NULL && key_request_foreign(req, it, handle))
		return refuse_foreign(req, o, t, siv, told);
	if (siv != NULL)
		status = judge_weeks(req, o, person, t, v);
	if (status != WIRE_OK) {
		tally_item(&req->e->tally, t->class_id, t->tier, ACTION_DENY);
		return refuse(req, t->class_id, status);
	}
	subject = subject_of(t, told);
	if (o->consents != 0 && !is_theirs(req, it, handle)) {
		req->who.asking.consents = 0;
		decide(req, o, t, quota_count(o->book), v);
	}
	count_people(req, o, subject, t, v);
	if (!shows(v))
		return put_closed(req, it, t, v,
		    quota_count(o->book) + o->shown_new + !in_book(o, subject));
	if ((o->ceilings || tier >= TIER_X) &&
	    (err = ceiling_ask(req, tier, subject, &over)) != SC_OK)
		return err;
	if (over) {
		tally_item(&req->e->tally, t->class_id, t->tier, ACTION_DENY);
		return refuse(req, t->class_id, WIRE_QUOTA);
	}
	err = v->action == ACTION_REVEAL ? put_value(req, t, siv, &ok) :
					   put_poorer(req, t, siv, v, &ok);
	if (err != SC_OK)
		return err;
	tally_item(&req->e->tally, t->class_id, t->tier, ok ? (uint8_t)v->action : ACTION_DENY);
	if (!ok && WEAK("mark-unverified"))
		(void)see(&req->e->shown, subject);
	if (!ok)
		return refuse(req, t->class_id, WIRE_BAD_TOKEN);
	if ((t->flags & TOKEN_CLASS_KEY) != 0)
		keyring_opened(req->e->p.keyring, keyring_class_by_id(req->e->p.keyring, t->key_id),
		    req->who.asking.now_ms);
	note_subject(req, o, subject, told, v->action == ACTION_REVEAL);
	req->e->tally.shown |= (uint8_t)(1u << tier);
	return o->ceilings ? ceiling_note(req, tier, subject) : SC_OK;
}

/* IT must be of whoever its order is somebody's. */
static enum sc_err open_of_order(struct key_request *req, struct opening *o,
    const struct wire_item *it, const struct token_parts *t, struct policy_verdict *v)
{
	struct wire_item of = *it;
	enum wire_status status;
	enum sc_err err = key_request_of_order(req, &of, &status);

	if (err != SC_OK)
		return err;
	if (status != WIRE_OK) {
		tally_item(&req->e->tally, t->class_id, t->tier, ACTION_DENY);
		return refuse(req, t->class_id, status);
	}
	return of.subject == WIRE_OF_ORDER ? SC_OK : open_token(req, o, &of, t, v);
}

static enum sc_err open_item(struct key_request *req, struct opening *o, const struct wire_item *it)
{
	struct key_tally *y = &req->e->tally;
	struct policy_verdict v;
	struct token_parts t;
	enum sc_err err;

	if ((it->flags & ~WIRE_ADOPT) != 0)
		return SC_BUG;
	if (token_parse(it->value, &req->e->token, &t) != SC_OK) {
		tally_item(y, CLASS_NONE, 0, ACTION_DENY);
		return refuse(req, CLASS_NONE, WIRE_BAD_TOKEN);
	}
	if (policy_class_name(req->e->policy, t.class_id) == NULL) {
		tally_item(y, CLASS_NONE, 0, ACTION_DENY);
		return refuse(req, t.class_id, WIRE_UNKNOWN_CLASS);
	}
	req->who.asking.consents = o->consents;
	o->idle = 0;
	decide(req, o, &t, quota_count(o->book), &v);
	err = !shows(&v)                 ? put_closed(req, it, &t, &v, quota_count(o->book)) :
	    it->subject == WIRE_OF_ORDER ? open_of_order(req, o, it, &t, &v) :
					   open_token(req, o, it, &t, &v);
	tally_rules(y, &v);
	return err;
}

/* Stars for the words of the question that are somebody's. The statement was checked before. */
static void star_words(struct key_request *req)
{
	if (!WEAK("reason-names-people") && said_star(&req->e->said, &req->who))
		req->answer.flags |= WIRE_F_NAMED;
}

/* The record first; the answer is held until it is on disk. */
static enum sc_err finish(struct key_request *req, struct opening *o)
{
	struct engine *e = req->e;
	uint64_t record;
	enum sc_err err;

	/* whatever came of it: good once */
	if (o->statement.type != 0 && e->tally.why == NULL &&
	    !signed_use(e->signed_, &o->statement, &o->sign_key))
		return SC_LIMIT;
	req->who.asking.consents = o->consents;
	for (uint32_t i = 0; i < o->n_shown; i++)
		if ((err = quota_add(o->book, e->shown_list[i])) != SC_OK)
			return err;
	star_words(req);
	if (keylog_opening(e->p.keylog, &req->who.asking, &e->tally, &record) != SC_OK)
		return SC_LIMIT;
	if ((err = answer_end(&req->answer, record, e->tally.handles[0], e->tally.n_handles)) !=
	    SC_OK)
		return err;
	return peer_hold(req->peer, req->answer.start, record, req->op, req->req_id);
}

/*
 * Who asks brought a statement of the caller's: what of this frame it covers it covers whole, or
 * nothing. Its value under a rule that wants none does not depend on it.
 */
static void check_statement(struct key_request *req, struct opening *o, struct wire_list l)
{
	struct engine *e = req->e;
	struct asking *a = &req->who.asking;
	const struct policy_principal *p = callers_named(e->callers, a->principal);
	struct statement_scope scope = { .leaves = { .size = 0 } };
	struct signed_question q = { .tenant = e->p.tenant,
		.keyd = e->p.origin,
		.policy = e->policy,
		.asking = a,
		.role = ASKING_UNSET,
		.scope = &scope };
	struct wire_item it;

	if (p != NULL && p->signs) {
		_Static_assert(sizeof(p->sign_key) == sizeof(o->sign_key.b), "a public key");
		memcpy(o->sign_key.b, p->sign_key, sizeof(o->sign_key.b));
		q.key = &o->sign_key;
		q.role = p->role;
	}
	for (unsigned i = 0; i < l.n_items; i++) {
		wire_list_item(&l, &it);
		statement_scope_add(&scope, it.value);
	}
	e->tally.why = signed_check(e->signed_, &q, &o->statement);
	a->signature_checked = e->tally.why == NULL;
	if (a->signature_checked)
		a->auth = ASKING_SIGNED;
}

enum sc_err op_open(struct key_request *req, struct sc_reader *r)
{
	struct engine *e = req->e;
	struct opening o = { .consents = req->who.asking.consents,
		.ceilings = ceiling_counts(req),
		.year = people_year(e->p.people, req->who.asking.counted_ms) };
	struct wire_list l;
	struct wire_item it;
	enum sc_err err;

	if (key_request_list(req, r, &l) != SC_OK)
		return SC_SYNTAX;
	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	if ((err = quota_book(e->quota, req->who.asking.principal, req->who.asking.counted_ms,
		 &o.book)) != SC_OK ||
	    (err = answer_begin(&req->answer, &req->peer->held, req->op, req->req_id)) != SC_OK)
		return err;
	if (req->who.asking.statement.n != 0)
		check_statement(req, &o, l);
	if (WEAK("unsigned-opens"))
		req->who.asking.signature_checked = true;
	see_nobody(&e->about);
	see_nobody(&e->shown);
	said_of(&req->who.asking, &e->said);
	for (unsigned i = 0; i < l.n_items; i++) {
		wire_list_item(&l, &it);
		if ((err = open_item(req, &o, &it)) != SC_OK)
			return err == SC_SYNTAX ? SC_BUG : err;
	}
	return req->fetch != NULL ? SC_AGAIN : finish(req, &o);
}
