/*
 * order.c - of whom items are whose document names an order and nobody, and whose an order is from
 * now on.
 *
 * The store is asked once a request, and what it says is kept for the tries that follow
 * (engine.c): an item that waits for it is passed over until then, as one whose key is missing.
 */
#include "crypto/keyd/key_request.h"

#include <string.h>

/* It goes with the keys that are fetched; HANDLE is whom the frame names, if anybody. */
static enum sc_err want(struct key_request *req, const uint8_t *handle, bool keep)
{
	struct order_person *o = &req->order.ask;
	enum sc_err err;

	if (req->order.wanted)
		return SC_OK;
	if (req->fetch == NULL && (err = key_fetch_new(req->e->p.people, &req->fetch)) != SC_OK)
		return err;
	memset(o, 0, sizeof(*o));
	people_alias(req->e->p.people, req->order.said.id, o->alias);
	o->named = handle != NULL;
	if (o->named)
		memcpy(o->handle, handle, HANDLE_BYTES);
	o->says = (req->order.said.flags & WIRE_ORDER_SAYS) != 0;
	o->keep = keep;
	req->order.wanted = true;
	return SC_OK;
}

/* What is remembered is what somebody stores: nobody else says whose an order is. */
static bool keeps(const struct key_request *req)
{
	return req->op == WIRE_SEAL && req->sealing.stores;
}

/* The number of the order's person, who is found. */
static uint16_t known_subject(struct key_request *req)
{
	const uint16_t i = req->order.subject;

	memcpy(req->e->subject[i].handle, req->order.known->who, HANDLE_BYTES);
	req->e->subject[i].known = true;
	return i;
}

enum sc_err key_request_of_order(struct key_request *req, struct wire_item *it,
    enum wire_status *status)
{
	static const struct person_key broken = { .state = PERSON_BROKEN };
	const struct wire_order *said = &req->order.said;
	const struct order_person *o = req->order.known;
	uint8_t handle[HANDLE_BYTES];

	*status = WIRE_OK;
	if (o == NULL) {
		if (said->person.n != 0)
			people_handle(req->e->p.people, said->person, handle);
		return want(req, said->person.n != 0 ? handle : NULL, keeps(req));
	}
	if (o->found)
		it->subject = known_subject(req);
	else if (o->broken)
		*status = key_request_status(req, &broken);
	else if ((said->flags & WIRE_ORDER_REQUIRED) != 0)
		*status = WIRE_UNKNOWN_ORDER;
	else
		it->subject = WIRE_NO_SUBJECT;
	return SC_OK;
}

enum sc_err key_request_claim(struct key_request *req, const uint8_t handle[static HANDLE_BYTES])
{
	const struct wire_order *said = &req->order.said;
	uint8_t named[HANDLE_BYTES];

	if ((said->flags & WIRE_ORDER_SAYS) == 0 || !keeps(req))
		return SC_OK;
	if (req->order.known != NULL) {
		req->e->tally.counts.claimed += req->order.known->other && !req->order.counted;
		req->order.counted = true;
		return SC_OK;
	}
	people_handle(req->e->p.people, said->person, named);
	/* of others whom the document names the order is not */
	return memcmp(named, handle, HANDLE_BYTES) == 0 ? want(req, named, true) : SC_OK;
}
