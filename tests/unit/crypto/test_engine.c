/*
 * test_engine.c - the engine on a real store and log in this process, with the
 * log's writing in the test's hands: what may happen before a record is on disk,
 * and what only after it.
 */
#include "names.h"
#include "tap.h"

#include "base/clock.h"
#include "crypto/keyc/keyc.h"
#include "crypto/keyd/engine.h"
#include "crypto/keyd/key_request.h"
#include "crypto/keyring/root.h"
#include "crypto/keytree/slot_id.h"
#include "crypto/prim/hash.h"
#include "crypto/rows/signed_heads.h"
#include "crypto/statement/statement.h"

#include <pthread.h>
#include <unistd.h>

static const char policy_text_one[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\", \"stores\": true, \"indexes_per_day\": 100000 } },\n"
    "  \"purposes\": [\"orders\"],\n"
    "  \"rules\": [\n"
    "    { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" },\n"
    "    { \"id\": \"see\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"read\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"erase\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"delete\", \"effect\": \"reveal\" }\n"
    "  ] }\n";

/* What is seen is signed for, but numbers. */
static const char policy_text_signed[] =
    "{ \"scrim_policy\": 1, \"version\": \"t3\",\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\" } },\n"
    "  \"purposes\": [\"orders\"],\n"
    "  \"rules\": [\n"
    "    { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" },\n"
    "    { \"id\": \"see\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"name\", \"op\": \"read\", \"effect\": \"reveal\",\n"
    "      \"require\": [{ \"signature\": true }] }\n"
    "  ] }\n";

static const struct sc_name tenant = { "demo" };
static char dir[64];
static struct loop *loop;
static struct inbox inbox;
static struct store *store;
static struct keyring *kr;
static struct keystore *ks;
static struct people *pp;
static struct tlog *tlog;
static struct keylog *kl;
static struct engine *engine;
static struct peer peer;
static uint8_t hash[32];

static struct peer *find(void *arg, uint64_t id)
{
	(void)arg;
	return peer.id == id ? &peer : NULL;
}

static uint64_t people(void)
{
	struct people_counts c;

	people_count(pp, &c);
	return c.people;
}

/* What the server does at the end of each turn, but for sending. */
static void turns(unsigned n)
{
	while (n-- > 0) {
		CHECK(loop_turn_once(loop, 5) == SC_OK);
		engine_rest(engine);
		engine_durable(engine, tlog_durable(tlog), tlog_failed(tlog));
		CHECK(peer_release(&peer, tlog_durable(tlog), tlog_failed(tlog)) == SC_OK);
	}
}

static bool answered(void)
{
	uint64_t end = clock_mono_ms() + 10000;

	while (peer.out.n == 0 && clock_mono_ms() < end)
		turns(1);
	return peer.out.n > 0;
}

static struct wire_reply reply;
static struct wire_result result;

/* Take the one answer in `out` apart; its spans live until the next ask(). */
static bool take(uint16_t op)
{
	struct sc_span out = sc_buf_span(&peer.out);
	struct wire_frame f;

	memset(&result, 0, sizeof(result));
	if (!answered())
		return false;
	out = sc_buf_span(&peer.out);
	if (wire_frame_decode(&out, &f) != SC_OK || f.op != (op | WIRE_REPLY) || out.n != 0 ||
	    wire_reply_decode(f.body, &reply) != SC_OK)
		return false;
	if (reply.n_results > 0)
		wire_reply_result(&reply, &result);
	return true;
}

static struct sc_span statement; /* of what is asked next */

static void context(struct sc_buf *b, uint8_t op)
{
	const struct asking c = { .tenant = a_name("demo"),
		.principal = a_name("shop-1"),
		.op = op,
		.records = 1,
		.request_id = 9,
		.policy_hash = hash,
		.statement = statement };

	if (wire_asking_encode(b, &c) != SC_OK)
		abort();
}

static uint8_t item_flags; /* of what is asked next */

/* SUBJECT may be NULL. Erasing has a subject only. */
static void ask(uint16_t op, uint8_t policy_op, const char *subject, struct sc_span value)
{
	struct wire_item it = { .class_id = CLASS_NAME,
		.value = value,
		.flags = item_flags,
		.subject = subject == NULL ? WIRE_NO_SUBJECT : 0 };
	struct wire_frame f = { .op = op, .req_id = 3 };
	struct sc_buf b;
	enum sc_err err;

	sc_buf_init(&b, 1 << 16);
	context(&b, policy_op);
	if (op == WIRE_ERASE_SUBJECT)
		err = sc_buf_put_field16(&b, sc_span_str(subject));
	else if ((err = sc_buf_put_be16(&b, subject != NULL)) == SC_OK &&
	    (subject == NULL || sc_buf_put_field16(&b, sc_span_str(subject)) == SC_OK) &&
	    sc_buf_put_be16(&b, 1) == SC_OK)
		err = wire_item_encode(&b, &it);
	f.body = sc_buf_span(&b);
	sc_buf_clear(&peer.out);
	CHECK(err == SC_OK && engine_frame(engine, &peer, &f) == SC_OK);
	sc_buf_fini(&b);
}

static char token[200];

static bool seal(const char *subject)
{
	ask(WIRE_SEAL, POLICY_WRITE, subject, sc_span_str("Ann Example"));
	if (!take(WIRE_SEAL) || reply.err != SC_OK || result.status != WIRE_OK ||
	    result.value.n >= sizeof(token))
		return false;
	memcpy(token, result.value.p, result.value.n);
	token[result.value.n] = '\0';
	return true;
}

/* All that was appended before this is on disk, so that the test's own waits alone count. */
static void settle(void)
{
	uint64_t end = clock_mono_ms() + 10000;

	turns(20);
	while ((tlog_durable(tlog) < tlog_next(tlog) || engine_pending(engine) > 0) &&
	    clock_mono_ms() < end)
		turns(1);
	CHECK(tlog_durable(tlog) == tlog_next(tlog) && engine_pending(engine) == 0);
}

static void test_open_waits(void)
{
	NEED(seal("cust-1"));
	settle();
	tlog_gather(tlog);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_span_str(token));
	turns(20);
	CHECK(peer.out.n == 0 && peer.held.n > 0); /* the value is there, and waits */
	CHECK(tlog_durable(tlog) + 1 == tlog_next(tlog));
	tlog_go(tlog);
	NEED(take(WIRE_OPEN));
	CHECK(reply.err == SC_OK && reply.record + 1 == tlog_durable(tlog));
	CHECK(result.status == WIRE_OK && sc_span_is(result.value, "Ann Example"));
	CHECK(reply.n_handles == 1);
}

/* While the store's thread stands still. */
struct still {
	struct store_job job;
	pthread_mutex_t held;
};

static enum sc_err stand_still(struct store_job *j, struct store_tx *tx)
{
	struct still *s = (struct still *)j;

	(void)tx;
	pthread_mutex_lock(&s->held);
	pthread_mutex_unlock(&s->held);
	return SC_OK;
}

static void stood(struct store_job *j, enum sc_err err)
{
	(void)j;
	CHECK(err == SC_OK);
}

/* A made-up id is known without asking anybody; one that could be somebody's is not. */
static void test_forged(void)
{
	static struct still s = { .job = { .run = stand_still, .done = stood },
		.held = PTHREAD_MUTEX_INITIALIZER };
	struct token_parts t = { .flags = TOKEN_STRING, .class_id = CLASS_NAME, .tier = TIER_T2 };
	uint8_t key[SIV_KEY_BYTES] = { 3 };
	struct people_counts c;
	struct slot_ids *ids;
	struct siv_ctx *siv;
	struct sc_buf forged;

	NEED(siv_ctx_new(&siv) == SC_OK && siv_set_key(siv, key) == SC_OK);
	NEED(slot_ids_new(keyring_slot_key(kr), &ids) == SC_OK);
	sc_buf_init(&forged, 4096);
	pthread_mutex_lock(&s.held);
	store_submit(store, &s.job);
	t.key_id = 4711;
	NEED(token_seal(siv, &t, sc_span_str("demo"), sc_span_str("x"), &forged) == SC_OK);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_buf_span(&forged));
	NEED(take(WIRE_OPEN));
	CHECK(reply.err == SC_OK && result.status == WIRE_BAD_TOKEN);
	/* the store is held: it was not asked */
	CHECK(engine_trouble(engine) == 0);
	/* a slot that was never given out: red, once it was looked at */
	sc_buf_clear(&forged);
	NEED(slot_id_of(ids, 1000000, &t.key_id) == SC_OK &&
	    token_seal(siv, &t, sc_span_str("demo"), sc_span_str("x"), &forged) == SC_OK);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_buf_span(&forged));
	turns(5);
	CHECK(peer.out.n == 0);
	pthread_mutex_unlock(&s.held);
	NEED(take(WIRE_OPEN));
	CHECK(reply.err == SC_OK && result.status == WIRE_UNKNOWN_KEY && result.value.n == 0);
	people_count(pp, &c);
	CHECK(engine_trouble(engine) == WIRE_STORE_WRONG && c.unknown == 1 && c.broken == 0);
	engine->store_wrong = false;
	sc_buf_fini(&forged);
	slot_ids_free(ids);
	siv_ctx_free(siv);
}

static void test_erase_waits(void)
{
	NEED(seal("cust-2"));
	settle();
	CHECK(people() == 2);
	tlog_gather(tlog);
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-2", sc_span(NULL, 0));
	for (int i = 0; i < 2000 && erase_waiting(engine) < 1; i++)
		turns(1);
	turns(20);
	CHECK(people() == 2 && erase_waiting(engine) == 1 && peer.out.n == 0);
	/* somebody else's erasure behind it keeps its place */
	tlog_go(tlog);
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(reply.err == SC_OK && result.status == WIRE_OK && reply.n_handles == 1);
	CHECK(reply.record + 1 <= tlog_durable(tlog));
	CHECK(people() == 1 && erase_waiting(engine) == 0);
}

/* What was sealed for nobody a moment ago is in the answer. */
static void test_erase_tells_unowned(void)
{
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "nobody-1", sc_span(NULL, 0));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(result.status == WIRE_GONE && sc_span_is(result.value, "[]"));
	ask(WIRE_SEAL, POLICY_WRITE, NULL, sc_span_str("Ann Example"));
	NEED(take(WIRE_SEAL));
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "nobody-1", sc_span(NULL, 0));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(result.value.n > 0 &&
	    memmem(result.value.p, result.value.n, "{\"route\":null,\"values\":1,", 25) != NULL);
	ask(WIRE_ERASE_SUBJECT, POLICY_READ, "nobody-1", sc_span(NULL, 0));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(result.value.n == 0);
}

static void test_erase_twice(void)
{
	NEED(seal("cust-3"));
	settle();
	tlog_gather(tlog);
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-3", sc_span(NULL, 0));
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-3", sc_span(NULL, 0));
	for (int i = 0; i < 2000 && erase_waiting(engine) < 2; i++)
		turns(1);
	CHECK(erase_waiting(engine) == 2);
	tlog_go(tlog);
	settle();
	struct sc_span out = sc_buf_span(&peer.out);
	struct wire_frame f;
	static const enum wire_status want[] = { WIRE_OK, WIRE_GONE };

	for (int i = 0; i < 2; i++) {
		NEED(wire_frame_decode(&out, &f) == SC_OK &&
		    wire_reply_decode(f.body, &reply) == SC_OK && reply.n_results == 1);
		wire_reply_result(&reply, &result);
		CHECK(result.status == want[i]);
	}
	CHECK(out.n == 0);
}

static const uint8_t caller_seed[SIGN_SEED_BYTES] = { 5 };
static bool caller_signs; /* it has a key to sign with */

static void print_sign_key(FILE *f)
{
	struct sign_public key;
	struct sign_secret sk;

	if (!caller_signs)
		return;
	sign_keypair_from_seed(caller_seed, &key, &sk);
	fprintf(f, ",\"sign_key\":\"");
	for (size_t i = 0; i < sizeof(key.b); i++)
		fprintf(f, "%02x", key.b[i]);
	fprintf(f, "\"");
}

/* The peer's process is the gateway, which asserts its one caller. */
static struct callers *load_callers(const struct policy *p)
{
	struct sc_diags all = { .n = 0 };
	struct callers *c = NULL;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/keyd.json", dir);
	if ((f = fopen(path, "w")) == NULL)
		return NULL;
	fprintf(f,
	    "{\"tenant\":\"demo\",\"socket\":\"s\",\"store\":\"k\",\"log\":\"l\",\"root\":\"r\","
	    "\"policy\":\"p\",\"principals\":[{\"name\":\"shop-1\",\"role\":\"%s\",\"asserted\":true",
	    policy_role_name(p, 0)->s);
	print_sign_key(f);
	fprintf(f,
	    "}],\"gateways\":[{\"node\":\"other\",\"uid\":0,\"asserts\":[\"%s\"],"
	    "\"people_per_day\":{\"T2\":1000,\"T3\":1000}}]}",
	    policy_role_name(p, 0)->s);
	fclose(f);
	return callers_load(path, p, &all, &c) == SC_OK ? c : NULL;
}

static bool load_policy(const char *text)
{
	struct policy *p = NULL;
	struct callers *c = NULL;

	hash_sha256(sc_span_str(text), hash);
	if (policy_load(sc_span_str(text), "policy", NULL, &p) != SC_OK ||
	    (c = load_callers(p)) == NULL || engine_policy(engine, p, c) != SC_OK)
		return false;
	engine_rejoin(engine, &peer);
	return true;
}

/* What was judged by a policy that is not in force any more, once it is known whose keys they are. */
static void test_erase_stale(void)
{
	char other[sizeof(policy_text_one)];
	uint64_t before;

	memcpy(other, policy_text_one, sizeof(other));
	memcpy(strstr(other, "\"t1\""), "\"t2\"", 4);
	NEED(seal("cust-5"));
	settle();
	before = people();
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-5", sc_span(NULL, 0));
	NEED(load_policy(other));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(reply.err == SC_STALE && reply.n_results == 0);
	CHECK(people() == before && erase_waiting(engine) == 0);
	NEED(load_policy(policy_text_one));
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-5", sc_span(NULL, 0));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(result.status == WIRE_OK && people() == before - 1);
}

/* Open TOKEN with a statement about ABOUT; its status. */
static enum wire_status open_signed(const char *about, uint8_t nonce)
{
	struct statement_scope scope = { .leaves = { .size = 0 } };
	struct statement s = { .type = STATEMENT_OPEN,
		.tenant = SC_LIT("demo"),
		.keyd = SC_LIT("demo/keyd"),
		.nonce = { nonce },
		.not_before_ms = clock_unix_ms(),
		.words = { .op = SC_LIT("read"),
		    .purpose = SC_LIT("orders"),
		    .principal = SC_LIT("shop-1") } };
	struct sign_public pk;
	struct sign_secret sk;
	struct sc_buf b;
	bool ok;

	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	sign_keypair_from_seed(caller_seed, &pk, &sk);
	s.not_after_ms = s.not_before_ms + STATEMENT_OPEN_MS;
	statement_scope_add(&scope, sc_span_str(about));
	statement_scope_root(&scope, s.scope);
	CHECK(statement_sign(&s, &sk, &b) == SC_OK);
	statement = sc_buf_span(&b);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_span_str(token));
	statement = sc_span(NULL, 0);
	sc_buf_fini(&b);
	ok = take(WIRE_OPEN) && reply.err == SC_OK;
	CHECK(ok && (result.status == WIRE_OK || result.value.n == 0));
	return ok ? (enum wire_status)result.status : WIRE_STATUS_COUNT;
}

static void test_signed(void)
{
	NEED(load_policy(policy_text_signed));
	NEED(seal("cust-6"));
	/* the newest moment that is before all that follows */
	while (clock_unix_ms() <= engine->started_ms)
		usleep(1000);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_span_str(token));
	NEED(take(WIRE_OPEN));
	CHECK(reply.err == SC_OK && result.status == WIRE_UNSIGNED && result.value.n == 0);
	CHECK(open_signed(token, 0) == WIRE_UNSIGNED);
	caller_signs = true;
	NEED(load_policy(policy_text_signed));
	CHECK(open_signed("another token", 1) == WIRE_UNSIGNED);
	/* which has not used up anything */
	CHECK(open_signed(token, 1) == WIRE_OK && sc_span_is(result.value, "Ann Example"));
	CHECK(open_signed(token, 1) == WIRE_UNSIGNED);
	CHECK(open_signed(token, 2) == WIRE_OK);
	NEED(load_policy(policy_text_one));
}

/* An asker that left meanwhile is not written to, and its erasure goes on. */
static void test_left(void)
{
	NEED(seal("cust-4"));
	settle();
	uint64_t before = people(), id = peer.id;

	tlog_gather(tlog);
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-4", sc_span(NULL, 0));
	peer.id = 77;
	tlog_go(tlog);
	settle();
	CHECK(people() == before - 1 && peer.out.n == 0 && peer.held.n == 0);
	peer.id = id;
}

/* Two values of N and 100000 bytes, and all the handles a reply may have: how many frames. */
static unsigned frames_of(size_t n)
{
	static const uint8_t handles[16 * HANDLES_MAX] = { 7 };
	static const uint8_t value[WIRE_TEXT_MAX];
	struct answer_frames a;
	struct sc_buf b;
	struct sc_span left;
	struct wire_frame f;
	unsigned frames = 0, results = 0;

	sc_buf_init(&b, 1 << 20);
	CHECK(answer_begin(&a, &b, WIRE_OPEN, 5) == SC_OK &&
	    answer_put(&a, WIRE_OK, ACTION_REVEAL, 1, 0, sc_span(value, 100000)) == SC_OK &&
	    answer_put(&a, WIRE_OK, ACTION_REVEAL, 1, 0, sc_span(value, n)) == SC_OK &&
	    answer_end(&a, 8, handles, HANDLES_MAX) == SC_OK);
	left = sc_buf_span(&b);
	while (left.n > 0) {
		size_t before = left.n;

		if (wire_frame_decode(&left, &f) != SC_OK ||
		    wire_reply_decode(f.body, &reply) != SC_OK)
			return 99;
		CHECK(before - left.n <= WIRE_PACKET_MAX);
		CHECK(f.flags == (left.n > 0 ? WIRE_F_MORE : 0) && f.req_id == 5);
		CHECK(left.n > 0 || (reply.record == 8 && reply.n_handles == HANDLES_MAX));
		results += reply.n_results;
		frames++;
	}
	CHECK(results == 2);
	answer_drop(&a);
	CHECK(b.n == 0);
	sc_buf_fini(&b);
	return frames;
}

static void test_frames(void)
{
	size_t fits = WIRE_PACKET_MAX - WIRE_HEAD - (1 + 8 + 2) - 2 * WIRE_RESULT_HEAD -
	    (1 + 16 * HANDLES_MAX) - 100000;

	CHECK(frames_of(fits) == 1);
	CHECK(frames_of(fits + 1) == 2);
	CHECK(frames_of(WIRE_TEXT_MAX) == 2);
	CHECK(frames_of(0) == 1);
}

static void test_greeting(void)
{
	struct sc_span out;
	struct wire_frame f;
	struct wire_hello h;

	sc_buf_clear(&peer.out);
	engine_greet(engine, &peer);
	out = sc_buf_span(&peer.out);
	NEED(wire_frame_decode(&out, &f) == SC_OK && f.req_id == 0 &&
	    f.op == (WIRE_HELLO | WIRE_REPLY));
	NEED(wire_hello_decode(f.body, true, &h) == SC_OK);
	CHECK(h.version == WIRE_VERSION && memcmp(h.policy_hash, hash, 32) == 0 && h.trouble == 0);
	/* behind what waits already */
	engine_greet(engine, &peer);
	out = sc_buf_span(&peer.out);
	for (unsigned i = 0; i < 2; i++)
		CHECK(wire_frame_decode(&out, &f) == SC_OK && f.flags == 0 &&
		    wire_hello_decode(f.body, true, &h) == SC_OK);
	CHECK(out.n == 0);
	peer.helloed = false;
	sc_buf_clear(&peer.out);
	engine_greet(engine, &peer);
	CHECK(peer.out.n == 0); /* whoever has not said hello is told nothing */
	peer.helloed = true;
}

/* What keyd's two keys make of an identifier, worked out once more. */
static void test_pseudonym(void)
{
	static const char *const ids[] = { "c", "cust-1", "\xff\x01 any bytes" };
	uint8_t full[32], again[32];

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		for (item_flags = WIRE_ACCOUNT; item_flags < WIRE_IDENTIFIER_END; item_flags++) {
			const struct sc_span parts[] = { sc_span(&item_flags, 1),
				sc_span_str(ids[i]) };
			const struct sc_span handle = sc_span(full, 16);

			ask(WIRE_PSEUDONYM, POLICY_WRITE, NULL, parts[1]);
			NEED(take(WIRE_PSEUDONYM));
			CHECK(reply.err == SC_OK && reply.n_results == 1);
			CHECK(reply.n_handles == 0 && reply.record == WIRE_NO_RECORD);
			CHECK(result.status == WIRE_OK && result.action == ACTION_TOKENISE);
			CHECK(result.class_id == CLASS_NAME && result.kind == 0);
			NEED(result.value.n == 24);
			hmac_sha256(keyring_analytics_key(kr), parts, 2, full);
			hmac_sha256(keyring_dataset_key(kr), &handle, 1, again);
			CHECK(memcmp(result.value.p, full, 16) == 0);
			CHECK(memcmp(result.value.p + 16, again, 8) == 0);
			/* and not by the key of the handles that stand in records and rows */
			hmac_sha256(keyring_handle_key(kr), parts, 2, full);
			CHECK(memcmp(result.value.p, full, 16) != 0);
		}
	item_flags = 0;
}

static void test_pseudonym_number(void)
{
	uint8_t none[32] = { 0 };

	memset(none + 8, 0xff, 24);
	CHECK(pseudonym_number(none) == 1);
	none[7] = 2;
	CHECK(pseudonym_number(none) == 2);
	none[0] = 0x80;
	CHECK(pseudonym_number(none) == (UINT64_C(1) << 63) + 2);
}

/* Whose an identifier is must be said, and it has no subject: no honest peer asks otherwise. */
static void test_pseudonym_form(void)
{
	static const struct {
		uint8_t flags;
		const char *subject;
	} rows[] = { { 0, NULL }, { WIRE_IDENTIFIER_END, NULL }, { 255, NULL },
		{ WIRE_ACCOUNT, "cust-1" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		item_flags = rows[i].flags;
		ask(WIRE_PSEUDONYM, POLICY_WRITE, rows[i].subject, sc_span_str("cust-1"));
		NEED(take(WIRE_PSEUDONYM));
		CHECK(reply.err == SC_BUG && reply.n_results == 0);
	}
	item_flags = 0;
}

static void ask_head(uint64_t size)
{
	const struct wire_head h = { SC_LIT("demo/other"), size, hash, NULL, 0 };
	struct wire_frame f = { .op = WIRE_SIGN_HEAD, .req_id = 4 };
	struct sc_buf b;

	sc_buf_init(&b, 1 << 12);
	context(&b, POLICY_READ);
	CHECK(wire_head_encode(&b, &h) == SC_OK);
	f.body = sc_buf_span(&b);
	CHECK(engine_frame(engine, &peer, &f) == SC_OK);
	sc_buf_fini(&b);
}

/* Two heads at once: the second is judged by the first, though that is not answered yet. */
static void test_busy_head(void)
{
	struct store_job last = { .run = NULL };
	struct signed_head kept;
	struct sc_span out;
	struct wire_frame f;

	settle();
	sc_buf_clear(&peer.out);
	tlog_gather(tlog);
	ask_head(4);
	ask_head(9); /* comes without a proof from 4 */
	CHECK(peer.out.n == 0 && store_run(store, &last) == SC_OK);
	turns(20);
	CHECK(peer.out.n == 0 && peer.held.n > 0); /* signed, and not out before it is told of */
	CHECK(tlog_durable(tlog) + 2 == tlog_next(tlog));
	tlog_go(tlog);
	settle();
	out = sc_buf_span(&peer.out);
	NEED(wire_frame_decode(&out, &f) == SC_OK && wire_reply_decode(f.body, &reply) == SC_OK);
	wire_reply_result(&reply, &result);
	CHECK(reply.err == SC_OK && reply.n_results == 3 && result.status == WIRE_OK);
	NEED(wire_frame_decode(&out, &f) == SC_OK && wire_reply_decode(f.body, &reply) == SC_OK);
	wire_reply_result(&reply, &result);
	CHECK(reply.err == SC_OK && reply.n_results == 3 && result.status == WIRE_DENIED);
	CHECK(signed_heads_read(store, "demo/other", &kept) == SC_OK && kept.size == 4);
	CHECK(memcmp(kept.root, hash, 32) == 0);
	CHECK(signed_heads_read(store, "demo/nobody", &kept) == SC_OK && kept.size == 0);
}

static void test_dead_log(void)
{
	struct signed_head kept;

	uint64_t end = clock_mono_ms() + 10000, before;
	struct policy *p = NULL;
	struct callers *c;
	char path[128];

	NEED(seal("cust-1"));
	settle();
	before = people();
	tlog_gather(tlog);
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-1", sc_span(NULL, 0));
	snprintf(path, sizeof(path), "%s/log/state", dir);
	/* again and again: what is published meanwhile brings a new one */
	for (; !tlog_failed(tlog) && clock_mono_ms() < end; usleep(10000))
		(void)unlink(path);
	NEED(tlog_failed(tlog));
	/* its intent will never be on disk: it is not carried out */
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(reply.err == SC_LIMIT && reply.n_results == 0);
	CHECK(engine_trouble(engine) == WIRE_LOG_FAILED);
	CHECK(people() == before && erase_waiting(engine) == 0);
	ask(WIRE_OPEN, POLICY_READ, NULL, sc_span_str(token));
	NEED(take(WIRE_OPEN));
	CHECK(reply.err == SC_LIMIT && reply.n_results == 0);
	ask(WIRE_ERASE_SUBJECT, POLICY_DELETE, "cust-1", sc_span(NULL, 0));
	NEED(take(WIRE_ERASE_SUBJECT));
	CHECK(reply.err == SC_LIMIT && people() == before);
	/* a head that nothing tells of is not remembered as signed */
	CHECK(signed_heads_forget(store, "demo/other") == SC_OK);
	sc_buf_clear(&peer.out);
	ask_head(4);
	NEED(take(WIRE_SIGN_HEAD));
	CHECK(reply.err == SC_LIMIT && reply.n_results == 0);
	CHECK(signed_heads_read(store, "demo/other", &kept) == SC_OK && kept.size == 0);
	CHECK(seal("cust-1"));
	ask(WIRE_SEAL, POLICY_WRITE, "cust-new", sc_span_str("Bob Example"));
	NEED(take(WIRE_SEAL));
	CHECK(reply.err == SC_LIMIT && people() == before);
	NEED(policy_load(sc_span_str(policy_text_one), "policy", NULL, &p) == SC_OK);
	NEED((c = load_callers(p)) != NULL);
	CHECK(engine_policy(engine, p, c) == SC_LIMIT);
	callers_free(c);
	policy_free(p);
	CHECK(seal("cust-1")); /* the old policy is in force */
}

static bool say_hello(void)
{
	static const uint8_t node[] = { 0, WIRE_VERSION, 5, 'o', 't', 'h', 'e', 'r' };
	const struct wire_frame hello = { .op = WIRE_HELLO, .body = { node, sizeof(node) } };

	return engine_frame(engine, &peer, &hello) == SC_OK && peer.gateway != NULL;
}

static bool build(struct sc_diag *d)
{
	struct tlog_options lo = { .origin = "demo/keyd", .publish_ms = 50 };
	static const struct sc_name other = { "other" };
	static struct engine_parts parts = { .tenant = &tenant,
		.origin = "demo/keyd",
		.logs = &other,
		.n_logs = 1,
		.email_domain = SC_LIT(TOKEN_DOMAIN),
		.find = find };
	static char db[128], log_dir[128], epoch[128], root[128];
	const struct keystore_place at = { .tenant = &tenant,
		.store = db,
		.epoch = epoch,
		.node = "demo/keyd" };
	struct keystore_replay_from from = { .dir = log_dir };
	struct keystore_replayed replayed;
	struct people_log tell = { .progress = keylog_progress };
	struct sc_secret *key = NULL;
	struct policy *policy = NULL;
	struct callers *callers = NULL;
	bool ok;

	snprintf(dir, sizeof(dir), "/tmp/scrim-engine-XXXXXX");
	if (mkdtemp(dir) == NULL || loop_new(&loop) != SC_OK)
		return false;
	snprintf(db, sizeof(db), "sqlite:%s/keyd.db", dir);
	snprintf(log_dir, sizeof(log_dir), "%s/log", dir);
	lo.dir = log_dir;
	snprintf(epoch, sizeof(epoch), "%s/keyd.epoch", dir);
	snprintf(root, sizeof(root), "%s/root.json", dir);
	if (root_make(root, true, d) != SC_OK || root_load(root, true, d, &key) != SC_OK ||
	    keystore_open(&at, key, true, d, &ks) != SC_OK)
		return false;
	sc_secret_free(key);
	store = keystore_store(ks);
	inbox_init(&inbox, loop, store);
	ok = keyring_open(store, keystore_ring(ks), &tenant, true, d, &kr) == SC_OK &&
	    tlog_open(&lo, d, &tlog) == SC_OK && keylog_new(loop, tlog, &tenant, &kl) == SC_OK;
	tell.arg = kl;
	from.slot_key = ok ? keyring_slot_key(kr) : NULL;
	from.keyring = kr;
	if (ok)
		keylog_names(kl, kr);
	ok = ok && keystore_replay(ks, &from, d, &replayed) == SC_OK &&
	    people_new(ks, kr, &inbox, tlog, &tell, &pp) == SC_OK;
	parts.keyring = kr, parts.people = pp, parts.inbox = &inbox, parts.loop = loop;
	parts.log = tlog, parts.keylog = kl;
	/* class keys are wrapped by KEKs that --init made */
	ok = ok && engine_new(&parts, d, &engine) == SC_OK &&
	    policy_load(sc_span_str(policy_text_one), "policy", NULL, &policy) == SC_OK &&
	    (callers = load_callers(policy)) != NULL &&
	    engine_policy(engine, policy, callers) == SC_OK &&
	    engine_restore(engine, log_dir, d) == SC_OK;
	hash_sha256(sc_span_str(policy_text_one), hash);
	peer_init(&peer, 1);
	return ok && say_hello();
}

int main(void)
{
	struct sc_diag d = { .text = "" };
	char cmd[128];

	if (!build(&d)) {
		printf("Bail out! %s\n", d.text);
		return 1;
	}
	RUN(test_open_waits, "a value waits for its record, in keyd, and leaves with it");
	RUN(test_forged,
	    "a made-up key id never reaches the store, an unknown one is told as such");
	RUN(test_erase_waits, "no key is destroyed before the intent is on disk");
	RUN(test_erase_tells_unowned, "an erasure tells what it did not reach, up to now");
	RUN(test_erase_twice, "two erasures keep their order");
	RUN(test_erase_stale, "an erasure that another policy judged is not carried out");
	RUN(test_signed, "what is to be signed for opens by its caller's statement, once");
	RUN(test_left, "whoever left is not answered, and what was begun is done");
	RUN(test_frames, "an answer fills its packet to the last byte and goes on in the next");
	RUN(test_pseudonym, "a pseudonym is what analytics' two keys make of an identifier");
	RUN(test_pseudonym_number, "no pseudonym is 0");
	RUN(test_pseudonym_form, "an identifier is an account's or a device's, and nobody's item");
	RUN(test_greeting, "a greeting says policy and trouble, to those who said hello");
	RUN(test_busy_head, "one head of a log at a time, and none before its record is on disk");
	RUN(test_dead_log, "with a dead log nothing is opened, destroyed or made");
	people_free(pp);
	keylog_free(kl);
	tlog_close(tlog);
	keystore_close(ks);
	engine_free(engine);
	inbox_fini(&inbox);
	peer_fini(&peer);
	loop_free(loop);
	keyring_free(kr);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# could not remove %s\n", dir);
	return tap_done();
}
