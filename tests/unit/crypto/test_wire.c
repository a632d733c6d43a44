/* test_wire.c - frames: decode is the inverse of encode, and takes nothing on trust. */
#include "tap.h"

#include "crypto/wire/packet.h"
#include "policy/words/words.h"

#include <sys/socket.h>
#include <unistd.h>
#include "names.h"

static const uint8_t hash[ASKING_HASH] = { 0x5a, 0x5b };

static const uint8_t session[ASKING_SESSION] = { 0x77, [15] = 0x78 };
static const uint8_t longest[CRYPTO_STATEMENT_MAX + 1] = { 7, [CRYPTO_STATEMENT_MAX - 1] = 9 };

static struct asking question(void)
{
	return (struct asking){ .tenant = a_name("demo"),
		.principal = a_name("oms"),
		.session = session,
		.role = 3,
		.purpose = 4,
		.op = POLICY_SHARE,
		.approvals = 2,
		.recipient_role = 5,
		.recipient_purpose = 6,
		.consents = 0x80000501,
		.records = 0x01020304,
		.reason = a_reason("parcel is lost"),
		.route = a_name("checkout"),
		.request_id = 0x0102030405060708u,
		.policy_hash = hash,
		.statement = sc_span(longest, 5) };
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

#define SAME_TEXT(a, b, field) \
	same_text((a)->field == NULL ? NULL : (a)->field->s, \
	    (b)->field == NULL ? NULL : (b)->field->s)

static bool same_question(const struct asking *a, const struct asking *b)
{
	return memcmp(a->session == NULL ? (const uint8_t[ASKING_SESSION]){ 0 } : a->session,
		   b->session, ASKING_SESSION) == 0 &&
	    SAME_TEXT(a, b, tenant) && SAME_TEXT(a, b, principal) && a->role == b->role &&
	    a->purpose == b->purpose && a->op == b->op && a->approvals == b->approvals &&
	    a->recipient_role == b->recipient_role &&
	    a->recipient_purpose == b->recipient_purpose && a->consents == b->consents &&
	    a->records == b->records && a->request_id == b->request_id && SAME_TEXT(a, b, route) &&
	    SAME_TEXT(a, b, recipient) && SAME_TEXT(a, b, reason) && SAME_TEXT(a, b, ticket) &&
	    memcmp(a->policy_hash, b->policy_hash, ASKING_HASH) == 0 &&
	    sc_span_eq(a->statement, b->statement);
}

/* A SEAL request of two subjects and three items. */
static void put_request(struct sc_buf *b)
{
	static const char *const subjects[] = { "cust-1", "cust-2" };
	const struct wire_item items[] = { { 1, 0, 0, SC_LIT("Ann Example") },
		{ 2, 1, 1, SC_LIT("") }, { 2, 8, WIRE_NO_SUBJECT, SC_LIT("07700 900123") } };
	const struct asking c = question();
	size_t at, i;

	CHECK(wire_frame_begin(b, WIRE_SEAL, 77, &at) == SC_OK);
	CHECK(wire_asking_encode(b, &c) == SC_OK);
	CHECK(sc_buf_put_be16(b, 2) == SC_OK);
	for (i = 0; i < 2; i++)
		CHECK(sc_buf_put_field16(b, sc_span_str(subjects[i])) == SC_OK);
	CHECK(sc_buf_put_be16(b, 3) == SC_OK);
	for (i = 0; i < 3; i++)
		CHECK(wire_item_encode(b, &items[i]) == SC_OK);
	wire_frame_end(b, at, 0);
}

/* Decode a body as a request with a list; true when all of it is well-formed. */
static bool take_request(struct sc_span body, struct asking_kept *c, struct wire_list *l)
{
	struct sc_reader r = sc_reader(body);

	return wire_asking_decode(&r, c) == SC_OK && wire_list_decode(&r, l) == SC_OK;
}

/* A request of one item of SUBJECT, with O behind it (NULL: nothing) and TAIL bytes more. */
static bool order_taken(uint16_t subject, const struct wire_order *o, size_t tail,
    struct wire_list *l)
{
	const struct wire_item it = { 1, 0, subject, SC_LIT("Ann Example") };
	struct sc_reader r;
	struct sc_buf b;
	bool ok;

	sc_buf_init(&b, 65536);
	CHECK(sc_buf_put_be16(&b, 0) == SC_OK && sc_buf_put_be16(&b, 1) == SC_OK);
	CHECK(wire_item_encode(&b, &it) == SC_OK);
	if (o != NULL)
		CHECK(wire_order_encode(&b, o) == SC_OK);
	CHECK(sc_buf_put(&b, "0123", tail) == SC_OK);
	r = sc_reader(sc_buf_span(&b));
	ok = wire_list_decode(&r, l) == SC_OK;
	if (ok && o != NULL)
		ok = sc_span_eq(l->order.id, o->id) && l->order.flags == o->flags &&
		    sc_span_eq(l->order.person, o->person);
	sc_buf_fini(&b);
	return ok;
}

static void test_order(void)
{
	static const uint8_t much[CRYPTO_SUBJECT_MAX + 1];
	const struct wire_order asks = { SC_LIT("A-1"), WIRE_ORDER_REQUIRED, SC_LIT("") },
				guest = { SC_LIT("A-1"), 0, SC_LIT("guest:A-1") },
				says = { SC_LIT("A-1"), WIRE_ORDER_SAYS, SC_LIT("c1") },
				of_nobody = { SC_LIT("A-1"), WIRE_ORDER_SAYS, SC_LIT("") },
				unnamed = { SC_LIT(""), 0, SC_LIT("c1") },
				odd = { SC_LIT("A-1"), 4, SC_LIT("c1") };
	struct wire_order most = { sc_span(much, CRYPTO_SUBJECT_MAX), 0, sc_span(NULL, 0) };
	struct wire_list l;
	struct sc_buf b;

	CHECK(
	    order_taken(WIRE_OF_ORDER, &asks, 0, &l) && order_taken(WIRE_OF_ORDER, &guest, 0, &l));
	CHECK(order_taken(WIRE_NO_SUBJECT, &says, 0, &l) &&
	    order_taken(WIRE_NO_SUBJECT, &asks, 0, &l));
	CHECK(order_taken(WIRE_NO_SUBJECT, NULL, 0, &l) && l.order.id.n == 0);
	/* of an order that is not there, or whose person the document names itself */
	CHECK(
	    !order_taken(WIRE_OF_ORDER, NULL, 0, &l) && !order_taken(WIRE_OF_ORDER, &says, 0, &l));
	CHECK(!order_taken(WIRE_NO_SUBJECT, &of_nobody, 0, &l));
	CHECK(!order_taken(WIRE_NO_SUBJECT, &unnamed, 0, &l));
	CHECK(!order_taken(WIRE_NO_SUBJECT, &odd, 0, &l));
	for (size_t tail = 1; tail < 4; tail++)
		CHECK(!order_taken(WIRE_NO_SUBJECT, &says, tail, &l) &&
		    !order_taken(WIRE_NO_SUBJECT, NULL, tail, &l));
	CHECK(order_taken(WIRE_OF_ORDER, &most, 0, &l));
	most.id.n = CRYPTO_SUBJECT_MAX + 1;
	most.id.p = much;
	sc_buf_init(&b, 65536);
	CHECK(wire_order_encode(&b, &most) == SC_LIMIT);
	most.person = most.id;
	most.id = sc_span(much, 1);
	CHECK(wire_order_encode(&b, &most) == SC_LIMIT);
	sc_buf_fini(&b);
}

static void test_request(void)
{
	struct asking_kept c;
	struct asking want = question();
	struct wire_frame f;
	struct wire_list l;
	struct wire_item it;
	struct sc_span rest;
	struct sc_buf b;

	sc_buf_init(&b, 65536);
	put_request(&b);
	rest = sc_buf_span(&b);
	NEED(wire_frame_decode(&rest, &f) == SC_OK);
	CHECK(rest.n == 0 && f.op == WIRE_SEAL && f.req_id == 77 && f.flags == 0);
	NEED(take_request(f.body, &c, &l));
	CHECK(same_question(&c.asking, &want));
	CHECK(l.n_subjects == 2 && l.n_items == 3 && l.subjects.n == 16);
	wire_list_item(&l, &it);
	CHECK(it.class_id == 1 && it.subject == 0 && sc_span_is(it.value, "Ann Example"));
	wire_list_item(&l, &it);
	CHECK(it.class_id == 2 && it.flags == 1 && it.subject == 1 && it.value.n == 0);
	wire_list_item(&l, &it);
	CHECK(
	    it.flags == 8 && it.subject == WIRE_NO_SUBJECT && sc_span_is(it.value, "07700 900123"));
	/* nobody but a share has a recipient to speak of */
	sc_buf_clear(&b);
	want.op = POLICY_READ;
	NEED(wire_asking_encode(&b, &want) == SC_OK);
	NEED(wire_asking_decode(&(struct sc_reader){ .p = b.p, .end = b.p + b.n }, &c) == SC_OK);
	CHECK(
	    c.asking.recipient_role == ASKING_UNSET && c.asking.recipient_purpose == ASKING_UNSET);
	sc_buf_fini(&b);
}

static void test_truncated(void)
{
	struct asking_kept c;
	struct wire_frame f;
	struct wire_list l;
	struct sc_buf b;
	struct sc_span s;
	size_t n, accepted = 0;

	sc_buf_init(&b, 65536);
	put_request(&b);
	for (n = 0; n < b.n; n++) {
		s = sc_span(b.p, n);
		accepted += wire_frame_decode(&s, &f) == SC_OK;
	}
	CHECK(accepted == 0);
	s = sc_buf_span(&b);
	NEED(wire_frame_decode(&s, &f) == SC_OK);
	for (n = 0; n < f.body.n; n++)
		accepted += take_request(sc_span(f.body.p, n), &c, &l);
	CHECK(accepted == 0);
	CHECK(take_request(f.body, &c, &l));
	CHECK(sc_buf_put_be8(&b, 0) == SC_OK); /* one byte too many */
	CHECK(!take_request(sc_span(b.p + WIRE_HEAD, b.n - WIRE_HEAD), &c, &l));
	sc_buf_fini(&b);
}

static void test_bounds(void)
{
	struct asking_kept c;
	struct wire_list l;
	struct wire_frame f;
	struct sc_buf b;
	struct sc_span s;

	sc_buf_init(&b, 65536);
	put_request(&b);
	b.p[0] ^= 1;
	s = sc_buf_span(&b);
	CHECK(wire_frame_decode(&s, &f) == SC_SYNTAX);
	b.p[0] ^= 1;
	b.p[7] = 4; /* unknown flag */
	s = sc_buf_span(&b);
	CHECK(wire_frame_decode(&s, &f) == SC_SYNTAX);
	b.p[7] = 0;
	b.p[b.n - 12 - 6] = 0x00; /* subject of the last item: 0x00ff, not there */
	CHECK(!take_request(sc_span(b.p + WIRE_HEAD, b.n - WIRE_HEAD), &c, &l));
	b.p[b.n - 12 - 6] = 0xff;
	CHECK(take_request(sc_span(b.p + WIRE_HEAD, b.n - WIRE_HEAD), &c, &l));
	b.p[WIRE_HEAD + 6] = ' '; /* no name has a space: "oms" */
	CHECK(!take_request(sc_span(b.p + WIRE_HEAD, b.n - WIRE_HEAD), &c, &l));
	sc_buf_fini(&b);
}

/* A statement is at most so long, at both ends of the wire; what is none is none. */
static void test_statement(void)
{
	struct asking a = question();
	struct asking_kept c;
	struct sc_reader r;
	struct sc_buf b;

	sc_buf_init(&b, 65536);
	for (size_t n = 0; n <= CRYPTO_STATEMENT_MAX; n += CRYPTO_STATEMENT_MAX) {
		a.statement = sc_span(longest, n);
		sc_buf_clear(&b);
		NEED(wire_asking_encode(&b, &a) == SC_OK && b.n <= WIRE_ASKING_MAX);
		r = sc_reader(sc_buf_span(&b));
		CHECK(wire_asking_decode(&r, &c) == SC_OK && sc_reader_done(&r));
		CHECK(sc_span_eq(c.asking.statement, a.statement));
		CHECK(!c.asking.signature_checked);
	}
	CHECK(sc_buf_put_be8(&b, 0) == SC_OK);
	sc_be16_store(b.p + b.n - CRYPTO_STATEMENT_MAX - 3, CRYPTO_STATEMENT_MAX + 1);
	r = sc_reader(sc_buf_span(&b));
	CHECK(wire_asking_decode(&r, &c) == SC_SYNTAX);
	sc_buf_clear(&b);
	a.statement = sc_span(longest, CRYPTO_STATEMENT_MAX + 1);
	CHECK(wire_asking_encode(&b, &a) == SC_LIMIT && b.n == 0);
	sc_buf_fini(&b);
}

static void test_reply(void)
{
	static const uint8_t handles[2 * 16] = { 1, [16] = 2 };
	const struct wire_result one = { 0, 5, 1, 0, SC_LIT("Ann") },
				 two = { .status = 2, .class_id = 2 };
	const struct wire_reply end = { .err = 0,
		.record = 99,
		.n_results = 3,
		.n_handles = 2,
		.handles = handles };
	struct wire_reply rep;
	struct wire_result res;
	struct wire_frame f;
	struct sc_span s;
	struct sc_buf b;
	size_t at, part, n, accepted = 0;

	sc_buf_init(&b, 65536);
	NEED(wire_reply_begin(&b, WIRE_OPEN, 5, &at) == SC_OK);
	CHECK(wire_result_encode(&b, &one) == SC_OK);
	CHECK(wire_result_encode(&b, &two) == SC_OK);
	CHECK(wire_result_begin(&b, &one, &part) == SC_OK);
	CHECK(sc_buf_put_str(&b, "later") == SC_OK);
	wire_result_end(&b, part);
	CHECK(wire_reply_end(&b, at, &end, WIRE_F_MORE) == SC_OK);
	s = sc_buf_span(&b);
	NEED(wire_frame_decode(&s, &f) == SC_OK);
	CHECK(f.op == (WIRE_OPEN | WIRE_REPLY) && f.flags == WIRE_F_MORE && f.req_id == 5);
	NEED(wire_reply_decode(f.body, &rep) == SC_OK);
	CHECK(rep.record == end.record && rep.n_results == 3 && rep.n_handles == 2);
	CHECK(rep.handles[16] == 2);
	wire_reply_result(&rep, &res);
	CHECK(res.action == 5 && sc_span_is(res.value, "Ann"));
	wire_reply_result(&rep, &res);
	CHECK(res.status == 2 && res.class_id == 2 && res.value.n == 0);
	wire_reply_result(&rep, &res);
	CHECK(sc_span_is(res.value, "later"));
	for (n = 0; n < f.body.n; n++)
		accepted += wire_reply_decode(sc_span(f.body.p, n), &rep) == SC_OK;
	CHECK(accepted == 0);
	sc_buf_fini(&b);
}

static void test_head_and_hello(void)
{
	static const uint8_t root[32] = { 9 }, proof[3 * 32] = { [32] = 7 };
	const struct wire_head in = { SC_LIT("scrim/demo/scrimd"), 17, root, proof, 3 };
	const struct wire_hello hi = { .version = 1,
		.policy_hash = { 4 },
		.trouble = WIRE_LOG_FAILED | WIRE_SPACE_LOW | WIRE_STORE_WRONG };
	struct wire_head out;
	struct wire_hello back;
	struct sc_reader r;
	struct sc_buf b;
	size_t n, accepted = 0;

	sc_buf_init(&b, 65536);
	NEED(wire_head_encode(&b, &in) == SC_OK);
	r = sc_reader(sc_buf_span(&b));
	NEED(wire_head_decode(&r, &out) == SC_OK);
	CHECK(sc_span_eq(out.origin, in.origin) && out.size == 17 && out.n_proof == 3);
	CHECK(memcmp(out.root, root, 32) == 0 && memcmp(out.proof, proof, 96) == 0);
	for (n = 0; n < b.n; n++) {
		r = sc_reader(sc_span(b.p, n));
		accepted += wire_head_decode(&r, &out) == SC_OK;
	}
	sc_buf_clear(&b);
	NEED(wire_hello_encode(&b, true, &hi) == SC_OK);
	CHECK(wire_hello_decode(sc_buf_span(&b), true, &back) == SC_OK);
	CHECK(back.version == 1 && back.policy_hash[0] == 4);
	CHECK(back.trouble == (WIRE_LOG_FAILED | WIRE_SPACE_LOW | WIRE_STORE_WRONG));
	for (n = 0; n < b.n; n++)
		accepted += wire_hello_decode(sc_span(b.p, n), true, &back) == SC_OK;
	CHECK(accepted == 0);
	b.p[b.n - 1] = 16; /* trouble nobody knows */
	CHECK(wire_hello_decode(sc_buf_span(&b), true, &back) == SC_SYNTAX);
	CHECK(wire_hello_decode(sc_span("\0\1\0", 3), false, &back) == SC_OK && back.version == 1 &&
	    back.node.s[0] == '\0');
	sc_buf_fini(&b);
}

static void test_packets(void)
{
	struct sc_buf b;
	static uint8_t in[WIRE_PACKET_MAX + 1];
	size_t at, i, n, sent = 0, frames = 0, packets = 0;
	bool full;
	int fd[2];

	sc_buf_init(&b, 4 << 20);
	for (i = 0; i < 40; i++) {
		uint8_t *p;

		NEED(wire_frame_begin(&b, WIRE_STATUS, i, &at) == SC_OK);
		NEED(sc_buf_grow(&b, i * 1000, &p) == SC_OK);
		memset(p, 0, i * 1000);
		wire_frame_end(&b, at, 0);
	}
	NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) == 0);
	CHECK(packet_receive(fd[1], in, &n) == SC_AGAIN);
	do {
		NEED(packet_send(fd[0], &b, &sent, &full) == SC_OK);
		CHECK(full == (b.n > 0));
		while (packet_receive(fd[1], in, &n) == SC_OK) {
			struct sc_span s = sc_span(in, n);
			struct wire_frame f;

			packets++;
			while (s.n > 0) {
				NEED(wire_frame_decode(&s, &f) == SC_OK);
				CHECK(f.req_id == frames && f.body.n == frames * 1000);
				frames++;
			}
		}
	} while (full);
	CHECK(frames == 40 && packets > 1 && packets < 40 && sent == 0);
	/* a byte too many, and nobody there any more */
	CHECK(send(fd[0], in, WIRE_PACKET_MAX, 0) == (ssize_t)WIRE_PACKET_MAX);
	CHECK(packet_receive(fd[1], in, &n) == SC_OK && n == WIRE_PACKET_MAX);
	CHECK(send(fd[0], in, WIRE_PACKET_MAX + 1, 0) == (ssize_t)WIRE_PACKET_MAX + 1);
	CHECK(packet_receive(fd[1], in, &n) == SC_SYNTAX);
	close(fd[0]);
	CHECK(packet_receive(fd[1], in, &n) == SC_IO);
	CHECK(sc_buf_put_be64(&b, WIRE_MAGIC) == SC_OK);
	CHECK(packet_send(fd[1], &b, &sent, &full) == SC_IO);
	close(fd[1]);
	sc_buf_fini(&b);
}

static void test_proof(void)
{
	const struct wire_proof want = { session, SC_LIT("a key") };
	static const uint8_t long_key[256];
	struct wire_proof got;
	struct sc_buf b;
	size_t accepted = 0;

	sc_buf_init(&b, 1024);
	NEED(wire_proof_encode(&b, &want) == SC_OK);
	CHECK(wire_proof_decode(sc_buf_span(&b), &got) == SC_OK &&
	    memcmp(got.handle, session, ASKING_SESSION) == 0 && sc_span_eq(got.key, want.key));
	for (size_t n = 0; n < b.n; n++)
		accepted += wire_proof_decode(sc_span(b.p, n), &got) == SC_OK;
	CHECK(accepted == 0 && sc_buf_put_str(&b, "x") == SC_OK);
	CHECK(wire_proof_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	/* no key, none that is too long, and no handle that means nobody */
	sc_buf_clear(&b);
	NEED(wire_proof_encode(&b, &(struct wire_proof){ session, { NULL, 0 } }) == SC_OK);
	CHECK(wire_proof_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	CHECK(wire_proof_encode(&b, &(struct wire_proof){ session, { long_key, 256 } }) != SC_OK);
	sc_buf_clear(&b);
	NEED(wire_proof_encode(&b, &(struct wire_proof){ long_key, SC_LIT("k") }) == SC_OK);
	CHECK(wire_proof_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	sc_buf_fini(&b);
}

int main(void)
{
	RUN(test_order, "an order stands behind the items, and is somebody's whom they may be of");
	RUN(test_request, "a request decodes to what was encoded");
	RUN(test_truncated, "a request cut at any byte is refused, and so is one with a byte more");
	RUN(test_statement, "a statement is carried as it is, up to its ceiling");
	RUN(test_bounds, "wrong magic, flags, names and subject numbers are refused");
	RUN(test_reply, "a reply decodes to what was encoded, and cut at any byte is refused");
	RUN(test_proof, "a proof has a key and a handle, or is none");
	RUN(test_head_and_hello, "heads and hellos too");
	RUN(test_packets, "packets are cut between frames and never too large");
	return tap_done();
}
