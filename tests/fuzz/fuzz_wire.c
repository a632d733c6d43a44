/*
 * fuzz_wire.c - a packet from a peer: whatever it holds, decoding stays inside
 * it, and what was accepted encodes to the same bytes again.
 */
#include "crypto/wire/wire.h"

#include "policy/words/words.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sink;

static void look_at(struct sc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		sink += s.p[i];
}

/* Of all but a share nothing is said of who receives it; what a packet says so all the same
 * is the engine's to refuse, and no encoder's to repeat. */
static bool can_be_said(const struct asking *a)
{
	return a->op == POLICY_SHARE ||
	    (a->recipient_role == ASKING_UNSET && a->recipient_purpose == ASKING_UNSET);
}

/* What stands behind the items is O, or nothing. */
static bool is_order(const struct wire_order *o, struct sc_span rest)
{
	struct sc_buf b;
	bool same;

	sc_buf_init(&b, 2 * CRYPTO_SUBJECT_MAX + 8);
	if (o->id.n > 0 && wire_order_encode(&b, o) != SC_OK)
		abort();
	same = sc_span_eq(sc_buf_span(&b), rest);
	sc_buf_fini(&b);
	return same;
}

static void try_request(struct sc_span body)
{
	struct sc_reader r = sc_reader(body);
	struct asking_kept c;
	struct wire_list l;
	struct wire_item it;
	struct wire_head h;
	struct sc_buf b;
	unsigned i;

	if (wire_asking_decode(&r, &c) != SC_OK)
		return;
	sc_buf_init(&b, WIRE_ASKING_MAX);
	if (can_be_said(&c.asking) &&
	    (wire_asking_encode(&b, &c.asking) != SC_OK || memcmp(b.p, body.p, b.n) != 0))
		abort();
	sc_buf_fini(&b);
	look_at(c.asking.statement);
	{
		struct sc_reader copy = r;

		if (wire_head_decode(&copy, &h) == SC_OK) {
			look_at(h.origin);
			look_at(sc_span(h.proof, (size_t)h.n_proof * 32));
		}
	}
	if (wire_list_decode(&r, &l) != SC_OK)
		return;
	for (i = 0; i < l.n_items; i++) {
		wire_list_item(&l, &it);
		look_at(it.value);
	}
	if (l.items.bad ||
	    !is_order(&l.order, sc_span(l.items.p, (size_t)(l.items.end - l.items.p))))
		abort();
}

/* What asks nothing: a gateway's hello, and a caller's key. */
static void try_greeting(struct sc_span body)
{
	struct wire_proof proof;
	struct wire_hello hi;
	struct sc_buf b;

	sc_buf_init(&b, ASKING_SESSION + 1 + ASKING_KEY_MAX);
	if (wire_hello_decode(body, false, &hi) == SC_OK &&
	    (wire_hello_encode(&b, false, &hi) != SC_OK || !sc_span_eq(sc_buf_span(&b), body)))
		abort();
	sc_buf_clear(&b);
	if (wire_proof_decode(body, &proof) == SC_OK &&
	    (wire_proof_encode(&b, &proof) != SC_OK || !sc_span_eq(sc_buf_span(&b), body)))
		abort();
	sc_buf_fini(&b);
}

static void try_reply(struct sc_span body)
{
	struct wire_reply rep;
	struct wire_result res;
	struct wire_hello hi;
	unsigned i;

	if (wire_hello_decode(body, true, &hi) == SC_OK)
		sink += hi.policy_hash[31];
	if (wire_reply_decode(body, &rep) != SC_OK)
		return;
	for (i = 0; i < rep.n_results; i++) {
		wire_reply_result(&rep, &res);
		look_at(res.value);
	}
	look_at(sc_span(rep.handles, (size_t)rep.n_handles * 16));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span packet = sc_span(data, size);
	struct wire_frame f;

	try_request(packet);
	try_greeting(packet);
	try_reply(packet);
	while (packet.n > 0 && wire_frame_decode(&packet, &f) == SC_OK) {
		try_request(f.body);
		try_greeting(f.body);
		try_reply(f.body);
	}
	return 0;
}
