/*
 * test_peer.c - the rule "no answer before its record is on disk" where it is
 * kept: the two queues of a peer.
 */
#include "tap.h"

#include "crypto/keyd/peer.h"

static struct peer p;

static void fresh(void)
{
	peer_fini(&p);
	peer_init(&p, 7);
}

/* An answer of one line for RECORD into `held`. */
static void hold(const char *text, uint64_t record, uint64_t req_id)
{
	size_t start = p.held.n;

	CHECK(sc_buf_put_str(&p.held, text) == SC_OK);
	CHECK(peer_hold(&p, start, record, WIRE_OPEN, req_id) == SC_OK);
}

static bool out_is(const char *text)
{
	return sc_span_is(sc_buf_span(&p.out), text);
}

/* Whatever stood in the storage before. */
static void test_init(void)
{
	static struct peer q;

	memset(&q, 0xa5, sizeof(q));
	peer_init(&q, 9);
	CHECK(q.id == 9 && q.io.fd == -1 && q.owner == NULL && !q.helloed && !q.broken);
	CHECK(q.sent == 0 && q.queue == NULL && q.head == 0 && q.n == 0 && q.cap == 0);
	CHECK(q.out.n == 0 && q.held.n == 0);
	CHECK(q.out.max == PEER_OUT_MAX && q.held.max == PEER_OUT_MAX);
	peer_fini(&q);
	CHECK(q.id == 0 && q.io.fd == -1);
}

static void test_durable_edge(void)
{
	fresh();
	hold("value of record five", 5, 1);
	CHECK(p.out.n == 0);
	CHECK(peer_release(&p, 0, false) == SC_OK && p.out.n == 0);
	CHECK(peer_release(&p, 5, false) == SC_OK && p.out.n == 0 && p.n == 1);
	CHECK(peer_release(&p, 6, false) == SC_OK && p.n == 0);
	CHECK(out_is("value of record five") && p.held.n == 0);
	CHECK(peer_release(&p, 100, false) == SC_OK && out_is("value of record five"));
}

static void test_order(void)
{
	fresh();
	hold("a", 1, 1);
	hold("bb", 2, 2);
	hold("ccc", 2, 3);
	hold("dddd", 9, 4);
	CHECK(peer_release(&p, 2, false) == SC_OK && out_is("a") && p.n == 3);
	CHECK(sc_span_is(sc_buf_span(&p.held), "bbcccdddd"));
	CHECK(peer_release(&p, 3, false) == SC_OK && out_is("abbccc") && p.n == 1);
	hold("e", 10, 5);
	CHECK(peer_release(&p, 10, false) == SC_OK && out_is("abbcccdddd") && p.n == 1);
	CHECK(peer_release(&p, 11, false) == SC_OK && out_is("abbcccdddde") && p.n == 0);
}

/* The one reply in `out`, taken apart. */
static bool reply_is(struct sc_span *out, uint64_t req_id, enum sc_err err)
{
	struct wire_frame f;
	struct wire_reply r;

	return wire_frame_decode(out, &f) == SC_OK && f.op == (WIRE_OPEN | WIRE_REPLY) &&
	    f.req_id == req_id && f.flags == 0 && wire_reply_decode(f.body, &r) == SC_OK &&
	    r.err == err && r.n_results == 0 && r.n_handles == 0 && r.record == WIRE_NO_RECORD;
}

/* A dead log: what was on disk before leaves, of the rest only that it failed. */
static void test_failed(void)
{
	struct sc_span out;

	fresh();
	hold("recorded", 3, 1);
	hold("Ann Example", 4, 2);
	hold("07700 900123", 5, 3);
	CHECK(peer_release(&p, 4, true) == SC_OK);
	CHECK(p.n == 0 && p.held.n == 0);
	CHECK(memmem(p.out.p, p.out.n, "Ann", 3) == NULL);
	CHECK(memmem(p.out.p, p.out.n, "07700", 5) == NULL);
	out = sc_buf_span(&p.out);
	NEED(sc_span_starts(out, "recorded"));
	out = sc_span_from(out, strlen("recorded"));
	CHECK(reply_is(&out, 2, SC_LIMIT));
	CHECK(reply_is(&out, 3, SC_LIMIT));
	CHECK(out.n == 0);
}

static void test_answer(void)
{
	struct sc_span out;

	fresh();
	CHECK(peer_answer(&p, WIRE_OPEN, 77, SC_AUTH) == SC_OK);
	out = sc_buf_span(&p.out);
	CHECK(reply_is(&out, 77, SC_AUTH) && out.n == 0);
}

/* The ring against a list, with odd batches so that it turns round and grows while turned. */
static void test_ring(void)
{
	uint64_t put = 0, got = 0, line = 0;
	char text[32];
	size_t at = 0;

	fresh();
	for (unsigned round = 0; round < 400; round++) {
		for (unsigned i = 0; i < 1 + round % 7 * (round / 40); i++, put++) {
			snprintf(text, sizeof(text), "line %llu\n", (unsigned long long)put);
			hold(text, put, put);
		}
		got += (put - got) / 2;
		NEED(peer_release(&p, got, false) == SC_OK);
		NEED(p.n == put - got);
	}
	NEED(peer_release(&p, put, false) == SC_OK);
	CHECK(p.n == 0 && p.held.n == 0 && put > 1000);
	for (; at < p.out.n; line++) {
		snprintf(text, sizeof(text), "line %llu\n", (unsigned long long)line);
		NEED(p.out.n - at >= strlen(text) && memcmp(p.out.p + at, text, strlen(text)) == 0);
		at += strlen(text);
	}
	CHECK(line == put);
}

static void test_ceiling(void)
{
	size_t i;

	fresh();
	for (i = 0; i < PEER_HELD_MAX; i++)
		NEED(peer_hold(&p, 0, i, WIRE_OPEN, i) == SC_OK);
	CHECK(peer_hold(&p, 0, i, WIRE_OPEN, i) == SC_LIMIT);
	CHECK(p.n == PEER_HELD_MAX);
	CHECK(peer_release(&p, PEER_HELD_MAX, false) == SC_OK && p.n == 0);
	CHECK(peer_hold(&p, 0, i, WIRE_OPEN, i) == SC_OK);
}

static void test_fini(void)
{
	fresh();
	CHECK(p.id == 7 && p.io.fd == -1 && !p.helloed && !p.broken);
	hold("x", 1, 1);
	peer_fini(&p);
	CHECK(p.id == 0 && p.io.fd == -1 && p.n == 0 && p.queue == NULL && p.held.p == NULL);
	peer_init(&p, 1);
}

int main(void)
{
	peer_init(&p, 1);
	RUN(test_init, "a peer begins with nothing, and ends with nothing");
	RUN(test_durable_edge,
	    "an answer leaves when its record is on disk, not one entry earlier");
	RUN(test_order, "answers leave whole and in order, and those behind wait");
	RUN(test_failed, "when the log has failed no value leaves, and the asker is told");
	RUN(test_answer, "an answer without results says its error and nothing else");
	RUN(test_ring, "a thousand waiting answers keep their order");
	RUN(test_ceiling, "so many may wait and not one more");
	RUN(test_fini, "nothing is left of a peer that went");
	peer_fini(&p);
	return tap_done();
}
