/*
 * key_request.c - what ops do alike: go through items, find keys, leave less of a value,
 * and find the way back to a peer when the answer comes later.
 */
#include "crypto/keyd/key_request.h"

#include "base/log.h"
#include "policy/mask/mask.h"

#include <string.h>

/* ---- items that are told together ---- */

/* What the list says of its order, if the op may say so. Its person stands behind the others. */
static enum sc_err take_order(struct key_request *req, const struct wire_list *l)
{
	struct engine *e = req->e;
	const unsigned i = l->n_subjects;

	if (req->op != WIRE_SEAL &&
	    (req->op != WIRE_OPEN || (l->order.flags & WIRE_ORDER_SAYS) != 0))
		return SC_SYNTAX;
	req->order.said = l->order;
	req->order.subject = l->n_subjects;
	e->subject[i].known = e->subject[i].wanted = e->subject[i].told = false;
	return SC_OK;
}

enum sc_err key_request_list(struct key_request *req, struct sc_reader *r, struct wire_list *l)
{
	struct engine *e = req->e;
	struct sc_reader names;

	if (wire_list_decode(r, l) != SC_OK)
		return SC_SYNTAX;
	names = sc_reader(l->subjects);
	for (unsigned i = 0; i < l->n_subjects; i++) {
		e->subject_name[i] = sc_read_field16(&names);
		e->subject[i].known = e->subject[i].wanted = e->subject[i].told = false;
	}
	tally_reset(&e->tally);
	return l->order.id.n == 0 ? SC_OK : take_order(req, l);
}

void key_request_name(struct key_request *req, uint16_t subject)
{
	struct engine *e = req->e;

	people_handle(e->p.people, e->subject_name[subject], e->subject[subject].handle);
	e->subject[subject].known = true;
}

enum sc_err key_request_refuse(struct key_request *req, const struct wire_item *it,
    enum wire_status status)
{
	struct audit_counts *c = &req->e->tally.counts;

	req->e->tally.refused++;
	if (status == WIRE_DENIED)
		c->denied++;
	else if (status == WIRE_BROKEN_KEY)
		c->broken++;
	else if (status == WIRE_FOREIGN)
		c->foreign++;
	else
		c->bad++;
	return answer_put(&req->answer, status, ACTION_DENY, it->class_id, 0, sc_span(NULL, 0));
}

enum sc_err key_request_each(struct key_request *req, struct sc_reader *r, key_item_fn *one)
{
	struct wire_list l;
	struct wire_item it;
	enum sc_err err;

	if ((err = key_request_list(req, r, &l)) != SC_OK ||
	    (err = answer_begin(&req->answer, &req->peer->out, req->op, req->req_id)) != SC_OK)
		return err;
	for (unsigned i = 0; i < l.n_items; i++) {
		wire_list_item(&l, &it);
		if ((err = one(req, &it)) != SC_OK)
			return err == SC_SYNTAX ? SC_BUG : err;
	}
	if (req->fetch != NULL)
		return SC_AGAIN;
	keylog_sealing(req->e->p.keylog, &req->who.asking, &req->e->tally);
	return answer_end(&req->answer, WIRE_NO_RECORD, NULL, 0);
}

/* ---- keys ---- */

enum sc_err key_request_want(struct key_request *req, uint64_t id, const uint8_t *handle)
{
	enum sc_err err;

	if (req->fetch == NULL && (err = key_fetch_new(req->e->p.people, &req->fetch)) != SC_OK)
		return err;
	return handle == NULL ? key_fetch_id(req->fetch, id) : key_fetch_handle(req->fetch, handle);
}

enum sc_err key_request_use(struct key_request *req, const struct person_key *k)
{
	struct engine *e = req->e;
	enum sc_err err;

	if (e->siv_set && e->siv_id == k->id)
		return SC_OK;
	e->siv_set = false;
	if ((err = people_use(e->p.people, k, e->siv)) != SC_OK)
		return err;
	e->siv_id = k->id;
	e->siv_set = true;
	return SC_OK;
}

#define WRONG_TOLD_MS 60000u

/* Somebody's keys are lost or damaged, and others' may be. */
static void tell_wrong(struct engine *e, uint64_t now_ms)
{
	struct people_counts c;

	e->store_wrong = true;
	if (e->wrong_told_ms != 0 && now_ms - e->wrong_told_ms < WRONG_TOLD_MS)
		return;
	e->wrong_told_ms = now_ms;
	people_count(e->p.people, &c);
	log_event(LOG_ERROR, "keyd.store_wrong", LOG_U64("unknown", c.unknown),
	    LOG_U64("broken", c.broken), LOG_U64("lost", c.lost),
	    LOG_STR("do", "docs/OPERATIONS.md, Erasing: when the store is wrong"), LOG_END);
}

enum wire_status key_request_status(struct key_request *req, const struct person_key *k)
{
	static const enum wire_status of_state[] = {
		[PERSON_LIVE] = WIRE_OK,
		[PERSON_NONE] = WIRE_BAD_TOKEN,
		[PERSON_GONE] = WIRE_GONE,
		[PERSON_UNKNOWN] = WIRE_UNKNOWN_KEY,
		[PERSON_BROKEN] = WIRE_BROKEN_KEY,
	};

	if (k->state == PERSON_UNKNOWN || k->state == PERSON_BROKEN)
		tell_wrong(req->e, req->who.asking.now_ms);
	return of_state[k->state];
}

/*
 * Anybody can write down a class key's id that the keyring never had, so it does not by
 * itself say that the store is wrong, as a person's id does, which is out of a permutation.
 */
static enum wire_status class_key_status(const struct class_key *c, const struct token_parts *t)
{
	if (c == NULL)
		return WIRE_UNKNOWN_KEY;
	if (c->class_id != t->class_id)
		return WIRE_BAD_TOKEN; /* was altered: no key seals for two classes */
	return c->seal == NULL ? WIRE_GONE : WIRE_OK;
}

enum sc_err key_request_token_key(struct key_request *req, const struct token_parts *t,
    struct siv_ctx **siv, enum wire_status *status, const struct person_key **person)
{
	struct engine *e = req->e;
	const struct class_key *c;
	const struct person_key *k;
	enum sc_err err;

	*siv = NULL;
	*status = WIRE_OK;
	if (person != NULL)
		*person = NULL;
	if ((t->flags & TOKEN_CLASS_KEY) != 0) {
		c = keyring_class_by_id(e->p.keyring, t->key_id);
		if ((*status = class_key_status(c, t)) == WIRE_OK)
			*siv = c->seal;
		return SC_OK;
	}
	if ((k = people_by_id(e->p.people, t->key_id)) == NULL)
		return key_request_want(req, t->key_id, NULL);
	if ((*status = key_request_status(req, k)) != WIRE_OK)
		return SC_OK;
	if (person != NULL)
		*person = k;
	if ((err = key_request_use(req, k)) == SC_OK)
		*siv = e->siv;
	return err;
}

enum sc_err key_request_told(const struct key_request *req,
    const uint8_t handle[static HANDLE_BYTES], uint8_t out[static HANDLE_BYTES])
{
	return keyring_year_handle(req->e->p.keyring, key_year_of(req->who.asking.counted_ms),
	    handle, out);
}

/* ---- less than the value ---- */

enum sc_err key_request_mask(struct key_request *req, const struct policy_verdict *v,
    uint8_t class_id, struct sc_span value, struct sc_buf *out)
{
	struct audit_counts *c = &req->e->tally.counts;

	switch (v->action) {
	case ACTION_DROP: c->dropped++; return SC_OK;
	case ACTION_GENERALISE: c->generalised++; return mask_generalise(class_id, value, out);
	default: c->masked++; return mask_value_as(v->mask, class_id, value, out);
	}
}

/* ---- answers that come later ---- */

struct reply_address key_request_address(const struct key_request *req)
{
	const struct reply_address to = { req->e, req->peer->id, req->req_id, req->op };

	return to;
}

struct peer *reply_peer(const struct reply_address *to)
{
	return to->e->p.find(to->e->p.arg, to->peer);
}

void reply_error(struct peer *p, uint16_t op, uint64_t req_id, enum sc_err err)
{
	if (peer_answer(p, op, req_id, err) != SC_OK)
		p->broken = true;
}

void reply_fail(const struct reply_address *to, enum sc_err err)
{
	struct peer *p = reply_peer(to);

	if (p != NULL)
		reply_error(p, to->op, to->req_id, err);
}

void reply_hold(const struct reply_address *to, struct peer *p, size_t start, uint64_t record)
{
	enum sc_err err = peer_hold(p, start, record, to->op, to->req_id);

	if (err != SC_OK) {
		sc_buf_truncate(&p->held, start);
		reply_fail(to, err);
	}
}

void reply_people(const struct reply_address *to, enum wire_status status, struct sc_span value,
    uint64_t intent, uint64_t done, const uint8_t *handles, uint8_t n)
{
	struct peer *p = reply_peer(to);
	struct answer_frames a;
	enum sc_err err;

	if (p == NULL)
		return;
	if ((err = answer_begin(&a, &p->held, to->op, to->req_id)) != SC_OK ||
	    (err = answer_put(&a, status, ACTION_DENY, CLASS_NONE, 0, value)) != SC_OK ||
	    (err = answer_end(&a, intent, handles, n)) != SC_OK) {
		sc_buf_truncate(&p->held, a.start);
		reply_fail(to, err);
		return;
	}
	reply_hold(to, p, a.start, done);
}
