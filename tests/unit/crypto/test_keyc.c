/* test_keyc.c - the client side, against a keyd that this test plays itself. */
#include "names.h"
#include "tap.h"

#include "base/clock.h"
#include "crypto/keyc/keyc.h"
#include "crypto/wire/wire.h"
#include "net/loop/loop.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[64], path[100], address[128];
static int listener = -1, peer = -1;
static struct loop *loop;
static struct keyc *kc;
static uint8_t in[WIRE_PACKET_MAX];
static struct keyc_call calls[64];
static size_t n_done, n_ok, n_again, n_items;
static bool was_named;
static char last[256];

static void on_done(struct keyc_call *c, const struct keyc_reply *r)
{
	(void)c;
	n_done++;
	n_ok += r->err == SC_OK;
	n_again += r->err == SC_AGAIN;
	n_items += r->n;
	was_named = r->named;
	if (r->n > 0)
		snprintf(last, sizeof(last), "%.*s", SC_SPAN_ARG(r->results[r->n - 1].value));
}

static void reset(void)
{
	memset(calls, 0, sizeof(calls));
	calls[0].done = on_done;
	n_done = n_ok = n_again = n_items = 0;
	last[0] = '\0';
}

static void turns(int n)
{
	while (n-- > 0)
		CHECK(loop_turn_once(loop, 5) == SC_OK);
}

/* The next packet from keyc, or an empty span. */
static struct sc_span take(void)
{
	uint64_t end = clock_mono_ms() + 5000;
	ssize_t n = -1;

	while (clock_mono_ms() < end) {
		turns(1);
		if (peer < 0)
			peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (peer >= 0 && (n = recv(peer, in, sizeof(in), MSG_DONTWAIT)) > 0)
			break;
	}
	return sc_span(in, n > 0 ? (size_t)n : 0);
}

static bool say_hello(void)
{
	const struct wire_hello h = { .version = WIRE_VERSION, .policy_hash = { 7 } };
	struct sc_span p = take();
	struct wire_frame f;
	struct sc_buf b;
	size_t at;
	bool ok;
	int i;

	sc_buf_init(&b, 1024);
	ok = wire_frame_decode(&p, &f) == SC_OK && f.op == WIRE_HELLO && p.n == 0 &&
	    wire_frame_begin(&b, WIRE_HELLO | WIRE_REPLY, f.req_id, &at) == SC_OK &&
	    wire_hello_encode(&b, true, &h) == SC_OK;
	if (ok) {
		wire_frame_end(&b, at, 0);
		ok = send(peer, b.p, b.n, 0) == (ssize_t)b.n;
	}
	sc_buf_fini(&b);
	for (i = 0; i < 200 && ok && !keyc_ready(kc); i++)
		turns(1);
	return ok && keyc_ready(kc);
}

static const struct asking_proof *shown; /* by who seals */

static enum sc_err seal(struct keyc_call *c, size_t n, size_t size)
{
	static struct keyc_item it[CRYPTO_ITEMS_MAX];
	static uint8_t value[CRYPTO_VALUE_MAX];
	static const uint8_t hash[ASKING_HASH];
	const struct asking ctx = { .tenant = a_name("demo"),
		.principal = a_name("oms"),
		.proof = shown,
		.policy_hash = hash };
	size_t i;

	for (i = 0; i < n; i++) {
		it[i] = (struct keyc_item){ .class_id = 1, .subject = SC_LIT("cust-1") };
		it[i].value = sc_span(value, size);
	}
	return keyc_seal(kc, c, &ctx, it, n);
}

/* Answer one request frame with N results of TEXT. */
static void put_answer(struct sc_buf *b, uint64_t req_id, uint16_t n, const char *text,
    uint16_t flags)
{
	const struct wire_result r = { .action = 4, .class_id = 1, .value = sc_span_str(text) };
	const struct wire_reply end = { .record = 5, .n_results = n };
	size_t at;
	uint16_t i;

	CHECK(wire_reply_begin(b, WIRE_SEAL, req_id, &at) == SC_OK);
	for (i = 0; i < n; i++)
		CHECK(wire_result_encode(b, &r) == SC_OK);
	CHECK(wire_reply_end(b, at, &end, flags) == SC_OK);
}

static void answer(struct sc_buf *b)
{
	CHECK(send(peer, b->p, b->n, 0) == (ssize_t)b->n);
	sc_buf_clear(b);
	turns(3);
}

static void test_address(void)
{
	struct keyc *none = kc;

	CHECK(keyc_new(loop, "tcp:1.2.3.4", NULL, &none) == SC_SYNTAX && none == NULL);
	CHECK(keyc_new(loop, "unix:", NULL, &none) == SC_SYNTAX && none == NULL);
}

static void test_hello(void)
{
	reset();
	CHECK(!keyc_log_ok(kc) && !keyc_space_ok(kc));
	CHECK(seal(&calls[0], 1, 4) == SC_AGAIN);
	NEED(say_hello());
	CHECK(keyc_policy_hash(kc) != NULL && keyc_policy_hash(kc)[0] == 7);
	CHECK(seal(&calls[0], 0, 4) == SC_BUG);
	CHECK(n_done == 0);
}

/* keyd's word, also unasked for, on what is wrong with it. */
static void test_trouble(void)
{
	static const struct {
		uint8_t trouble;
		bool log, space, store;
	} rows[] = {
		{ 0, true, true, true },
		{ WIRE_LOG_FAILED, false, true, true },
		{ WIRE_SPACE_LOW, true, false, true },
		{ WIRE_STORE_WRONG, true, true, false },
		{ 0, true, true, true },
	};
	struct wire_hello h = { .version = WIRE_VERSION, .policy_hash = { 7 } };
	struct sc_buf b;
	size_t at;

	reset();
	CHECK(keyc_log_ok(kc) && keyc_space_ok(kc) && keyc_store_ok(kc));
	sc_buf_init(&b, 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		h.trouble = rows[i].trouble;
		sc_buf_clear(&b);
		NEED(wire_frame_begin(&b, WIRE_HELLO | WIRE_REPLY, 0, &at) == SC_OK &&
		    wire_hello_encode(&b, true, &h) == SC_OK);
		wire_frame_end(&b, at, 0);
		NEED(send(peer, b.p, b.n, 0) == (ssize_t)b.n);
		CHECK(loop_turn_once(loop, 1000) == SC_OK);
		CHECK(keyc_ready(kc));
		CHECK(keyc_log_ok(kc) == rows[i].log && keyc_space_ok(kc) == rows[i].space);
		CHECK(keyc_store_ok(kc) == rows[i].store);
	}
	sc_buf_fini(&b);
}

static void test_one_packet(void)
{
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;
	size_t i, frames = 0;

	reset();
	sc_buf_init(&b, 1 << 20);
	for (i = 0; i < 10; i++) {
		calls[i].done = on_done;
		CHECK(seal(&calls[i], 2, 10) == SC_OK);
	}
	CHECK(keyc_pending(kc) == 10 && n_done == 0);
	for (p = take(); p.n > 0 && wire_frame_decode(&p, &f) == SC_OK; frames++)
		put_answer(&b, f.req_id, 2, "sct1-x", 0);
	CHECK(frames == 10);
	answer(&b);
	CHECK(n_done == 10 && n_ok == 10 && n_items == 20 && keyc_pending(kc) == 0);
	sc_buf_fini(&b);
}

static void test_more(void)
{
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;

	reset();
	sc_buf_init(&b, 1 << 20);
	CHECK(seal(&calls[0], 5, 10) == SC_OK);
	p = take();
	NEED(wire_frame_decode(&p, &f) == SC_OK);
	put_answer(&b, f.req_id, 2, "first", WIRE_F_MORE);
	answer(&b);
	CHECK(n_done == 0);
	put_answer(&b, f.req_id, 3, "second", 0);
	answer(&b);
	CHECK(n_done == 1 && n_ok == 1 && n_items == 5 && strcmp(last, "second") == 0);
	sc_buf_fini(&b);
}

/* That the words said with it are somebody's is heard, in one frame or in several, and each time anew. */
static void test_named(void)
{
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;

	sc_buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < 4; i++) {
		const uint16_t named = i % 2 == 0 ? WIRE_F_NAMED : 0;

		reset();
		CHECK(seal(&calls[0], 2, 10) == SC_OK);
		p = take();
		NEED(wire_frame_decode(&p, &f) == SC_OK);
		if (i >= 2)
			put_answer(&b, f.req_id, 1, "first", WIRE_F_MORE);
		put_answer(&b, f.req_id, i < 2 ? 2 : 1, "last", named);
		answer(&b);
		CHECK(n_done == 1 && n_ok == 1 && n_items == 2 && was_named == (named != 0));
	}
	sc_buf_fini(&b);
}

static void test_parts(void)
{
	uint64_t ids[16];
	uint16_t items[16];
	struct wire_frame f;
	struct asking_kept c;
	struct wire_list l;
	struct sc_reader r;
	struct sc_span p;
	struct sc_buf b;
	size_t n = 0, total = 0;

	reset();
	sc_buf_init(&b, 1 << 20);
	CHECK(seal(&calls[0], 20, 60000) == SC_OK); /* 1.2 MB: several packets */
	while (total < 20 && n < 16) {
		p = take();
		NEED(p.n > 0 && p.n <= WIRE_PACKET_MAX);
		while (p.n > 0 && n < 16) {
			NEED(wire_frame_decode(&p, &f) == SC_OK);
			r = sc_reader(f.body);
			NEED(wire_asking_decode(&r, &c) == SC_OK &&
			    wire_list_decode(&r, &l) == SC_OK);
			CHECK(l.n_subjects == 1);
			ids[n] = f.req_id;
			items[n++] = l.n_items;
			total += l.n_items;
		}
	}
	CHECK(total == 20 && n > 1);
	while (n > 0) { /* answered in another order */
		n--;
		put_answer(&b, ids[n], items[n], n == 0 ? "low" : "high", 0);
	}
	answer(&b);
	CHECK(n_done == 1 && n_ok == 1 && n_items == 20 && strcmp(last, "high") == 0);
	sc_buf_fini(&b);
}

/* What is signed fits one packet or is not asked: parts of it are not what was signed. */
static void test_signed_whole(void)
{
	static const uint8_t hash[ASKING_HASH];
	const struct asking ctx = { .tenant = a_name("demo"),
		.principal = a_name("oms"),
		.policy_hash = hash,
		.statement = SC_LIT("signed") };
	static char big[60000];
	struct keyc_item it[4];
	struct wire_frame f;
	struct sc_span p;

	reset();
	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < 4; i++)
		it[i] = (struct keyc_item){ .value = sc_span(big, sizeof(big)) };
	CHECK(keyc_open(kc, &calls[0], &ctx, it, 4) == SC_LIMIT);
	CHECK(keyc_pending(kc) == 0);
	CHECK(keyc_open(kc, &calls[0], &ctx, it, 3) == SC_OK);
	p = take();
	NEED(wire_frame_decode(&p, &f) == SC_OK && f.op == WIRE_OPEN && p.n == 0);
	keyc_cancel(&calls[0]);
}

static void test_cancel(void)
{
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;

	reset();
	sc_buf_init(&b, 1 << 20);
	CHECK(seal(&calls[0], 1, 10) == SC_OK);
	keyc_cancel(&calls[0]);
	keyc_cancel(&calls[0]);
	CHECK(keyc_pending(kc) == 0);
	p = take();
	NEED(wire_frame_decode(&p, &f) == SC_OK);
	put_answer(&b, f.req_id, 1, "late", 0);
	answer(&b);
	CHECK(n_done == 0 && keyc_ready(kc));
	sc_buf_fini(&b);
}

static void test_lost(void)
{
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;

	reset();
	sc_buf_init(&b, 1 << 20);
	CHECK(seal(&calls[0], 1, 10) == SC_OK);
	CHECK(take().n > 0);
	close(peer);
	peer = -1;
	turns(5);
	CHECK(n_done == 1 && n_again == 1 && !keyc_ready(kc));
	CHECK(seal(&calls[0], 1, 10) == SC_AGAIN);
	NEED(say_hello()); /* it came back by itself, and sent nothing again */
	/* a wrong number of results is no answer */
	CHECK(seal(&calls[0], 2, 10) == SC_OK);
	p = take();
	NEED(wire_frame_decode(&p, &f) == SC_OK);
	put_answer(&b, f.req_id, 1, "only one", 0);
	answer(&b);
	CHECK(n_done == 2 && n_again == 2 && !keyc_ready(kc));
	sc_buf_fini(&b);
}

static unsigned n_met;

static void on_met(void *arg)
{
	CHECK(arg == &n_met && keyc_ready(kc));
	n_met++;
}

static void test_examined(void)
{
	static const uint8_t hash[ASKING_HASH], root[HASH_BYTES];
	const struct asking ctx = { .tenant = a_name("demo"),
		.principal = a_name("oms"),
		.policy_hash = hash };
	const struct wire_head head = { .origin = SC_LIT("demo/scrimd"), .size = 1, .root = root };

	reset();
	for (int i = 0; i < 5; i++)
		calls[i].done = on_done;
	n_met = 0;
	keyc_examine(kc, on_met, &n_met);
	for (int met = 1; met <= 2; met++) {
		close(peer);
		peer = -1;
		for (int i = 0; i < 1000 && peer < 0; i++) {
			turns(1);
			peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		}
		CHECK(peer >= 0 && say_hello() && n_met == (unsigned)met);
		CHECK(seal(&calls[0], 1, 10) == SC_AGAIN);
		CHECK(keyc_sign_head(kc, &calls[0], &ctx, &head) == SC_AGAIN);
		CHECK(keyc_erase_subject(kc, &calls[0], &ctx, sc_span_str("c")) == SC_AGAIN);
		CHECK(keyc_prove_log(kc, &calls[0], &ctx, 0) == SC_OK);
		CHECK(keyc_status(kc, &calls[1], &ctx) == SC_OK);
		keyc_admit(kc, true);
		CHECK(seal(&calls[2], 1, 10) == SC_OK);
		CHECK(keyc_sign_head(kc, &calls[3], &ctx, &head) == SC_OK);
		keyc_admit(kc, false);
		CHECK(seal(&calls[4], 1, 10) == SC_AGAIN);
		keyc_admit(kc, true); /* which ends with the connection */
	}
	for (int i = 0; i < 4; i++)
		keyc_cancel(&calls[i]);
	keyc_examine(kc, NULL, NULL);
	close(peer); /* with what was asked of it */
	peer = -1;
	CHECK(say_hello());
}

/* A keyd that refuses an item and sends its value all the same is not to be believed. */
static void test_refused_with_value(void)
{
	static const struct {
		enum wire_status status;
		uint8_t action, kind;
		const char *value;
		bool ok;
	} rows[] = {
		{ WIRE_DENIED, ACTION_DENY, 0, "", true },
		{ WIRE_DENIED, ACTION_DENY, 0, "Ann", false },
		{ WIRE_QUOTA, ACTION_DENY, 0, "Ann", false },
		{ WIRE_OK, ACTION_REVEAL, 2, "Ann", true },
		{ WIRE_OK, ACTION_REVEAL, 3, "Ann", false },
		{ WIRE_OK, ACTION_REVEAL + 1, 0, "Ann", false },
		{ WIRE_BAD_VALUE, ACTION_DENY, 0, "", true },
		{ WIRE_STATUS_COUNT, ACTION_DENY, 0, "", false },
	};
	struct wire_frame f;
	struct sc_span p;
	struct sc_buf b;
	size_t at;

	sc_buf_init(&b, 1 << 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct wire_result r = { .status = (uint8_t)rows[i].status,
			.action = rows[i].action,
			.kind = rows[i].kind,
			.class_id = 1,
			.value = sc_span_str(rows[i].value) };
		const struct wire_reply end = { .record = 5, .n_results = 1 };

		reset();
		if (!keyc_ready(kc)) {
			close(peer);
			peer = -1;
			NEED(say_hello());
		}
		CHECK(seal(&calls[0], 1, 10) == SC_OK);
		p = take();
		NEED(wire_frame_decode(&p, &f) == SC_OK);
		CHECK(wire_reply_begin(&b, WIRE_SEAL, f.req_id, &at) == SC_OK &&
		    wire_result_encode(&b, &r) == SC_OK &&
		    wire_reply_end(&b, at, &end, 0) == SC_OK);
		answer(&b);
		CHECK(n_done == 1 && n_ok == rows[i].ok && n_again == !rows[i].ok);
		CHECK(keyc_ready(kc) == rows[i].ok);
	}
	sc_buf_fini(&b);
}

/* What the next packet says: is the key of PROOF in it, and the session of its question. */
static bool takes(const struct asking_proof *proof, uint8_t session[ASKING_SESSION])
{
	struct sc_span p = take();
	struct asking_kept who;
	struct wire_proof seen;
	struct wire_frame f;
	struct sc_reader r;

	memset(session, 0, ASKING_SESSION);
	if (wire_frame_decode(&p, &f) != SC_OK)
		return false;
	if (proof != NULL &&
	    (f.op != WIRE_PROVE || wire_proof_decode(f.body, &seen) != SC_OK ||
		!sc_span_eq(seen.key, proof->key) || wire_frame_decode(&p, &f) != SC_OK))
		return false;
	r = sc_reader(f.body);
	if (f.op != WIRE_SEAL || p.n != 0 || wire_asking_decode(&r, &who) != SC_OK)
		return false;
	memcpy(session, who.asking.session, ASKING_SESSION);
	keyc_cancel(&calls[0]);
	return proof == NULL || memcmp(session, seen.handle, ASKING_SESSION) == 0;
}

static bool seals(const struct asking_proof *by, bool with_key, uint8_t session[ASKING_SESSION])
{
	reset();
	shown = by;
	return seal(&calls[0], 1, 4) == SC_OK && takes(with_key ? by : NULL, session);
}

static void test_proof(void)
{
	const struct asking_proof ann = { { 1 }, SC_LIT("ann's key") };
	const struct asking_proof bob = { { 1, 2 }, SC_LIT("bob's key") };
	static const uint8_t none[ASKING_SESSION];
	struct wire_hello h = { .version = WIRE_VERSION, .policy_hash = { 7 } };
	uint8_t first[ASKING_SESSION], s[ASKING_SESSION];
	struct sc_buf b;
	size_t at;

	sc_buf_init(&b, 1024);
	if (!keyc_ready(kc)) {
		close(peer);
		peer = -1;
		NEED(say_hello());
	}
	/* each key goes ahead of the first question, once; who has none has no session */
	NEED(seals(&ann, true, first) && memcmp(first, none, sizeof(none)) != 0);
	CHECK(seals(&ann, false, s) && memcmp(first, s, sizeof(s)) == 0);
	CHECK(seals(&bob, true, s) && memcmp(first, s, sizeof(s)) != 0);
	CHECK(seals(&ann, false, s) && memcmp(first, s, sizeof(s)) == 0);
	CHECK(seals(NULL, false, s) && memcmp(none, s, sizeof(s)) == 0);
	/* again when keyd says hello again: it may know others now */
	NEED(wire_frame_begin(&b, WIRE_HELLO | WIRE_REPLY, 0, &at) == SC_OK &&
	    wire_hello_encode(&b, true, &h) == SC_OK);
	wire_frame_end(&b, at, 0);
	answer(&b);
	CHECK(seals(&ann, true, s) && memcmp(first, s, sizeof(s)) != 0);
	/* and on another connection */
	close(peer);
	peer = -1;
	NEED(say_hello());
	CHECK(seals(&ann, true, s));
	/* or when keyd does not know the handle (any more) */
	reset();
	shown = &ann;
	NEED(seal(&calls[0], 1, 4) == SC_OK);
	{
		struct sc_span p = take();
		struct wire_frame f;
		const struct wire_reply stale = { .err = SC_STALE, .record = WIRE_NO_RECORD };

		NEED(wire_frame_decode(&p, &f) == SC_OK && f.op == WIRE_SEAL &&
		    wire_reply_begin(&b, WIRE_SEAL, f.req_id, &at) == SC_OK &&
		    wire_reply_end(&b, at, &stale, 0) == SC_OK);
		answer(&b);
	}
	CHECK(n_done == 1 && n_ok == 0 && seals(&ann, true, s));
	/* very many, each of whom comes once and again */
	for (uint32_t i = 0; i < 9000; i++) {
		struct asking_proof one = { { 3 }, SC_LIT("key") };

		memcpy(one.digest + 4, &i, sizeof(i));
		if (!seals(&one, true, first) || !seals(&one, false, s) ||
		    memcmp(first, s, sizeof(s)) != 0) {
			CHECK(i == 9000);
			break;
		}
	}
	shown = NULL;
	sc_buf_fini(&b);
}

int main(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(dir, sizeof(dir), "/tmp/scrim-keyc-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/k.sock", dir);
	snprintf(address, sizeof(address), "unix:%s", path);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(listener, 8) != 0 ||
	    loop_new(&loop) != SC_OK || keyc_new(loop, address, a_name("scrimd"), &kc) != SC_OK) {
		printf("Bail out! no socket\n");
		return 1;
	}
	RUN(test_address, "an address of another kind is refused");
	RUN(test_hello, "nothing is asked before keyd said hello");
	RUN(test_trouble, "what keyd says is wrong with it is known, from its last word");
	RUN(test_one_packet, "the calls of one turn leave in one packet");
	RUN(test_more, "an answer that goes on in another frame is one answer");
	RUN(test_named, "whether the words said with it are somebody's is heard");
	RUN(test_parts, "a call larger than a packet is split, and its answers joined in order");
	RUN(test_signed_whole, "a call that is signed is one packet, or none");
	RUN(test_cancel, "a cancelled call is never told");
	RUN(test_lost, "when keyd is lost calls end with SC_AGAIN, and keyc comes back");
	RUN(test_examined, "a keyd that is examined is asked for nothing before it is admitted");
	RUN(test_refused_with_value,
	    "a refused item has no value, and what is out of range is no answer");
	RUN(test_proof,
	    "a key is shown once a connection, ahead of the first question of whose it is");
	keyc_free(kc);
	loop_free(loop);
	close(listener);
	if (peer >= 0)
		close(peer);
	unlink(path);
	rmdir(dir);
	return tap_done();
}
