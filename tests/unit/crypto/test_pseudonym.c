/*
 * test_pseudonym.c - PSEUDONYM through keyc and a real scrim-keyd: who gets one, of what, and
 * what keyd's log says of it.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

static struct fixture fx, other;

#define VALUE (HANDLE_BYTES + KEYC_PSEUDONYM_BYTES)

static struct asking as_shop(const struct fixture *f)
{
	return fixture_context(f, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
}

/* The one pseudonym of ID; its status when there is none. */
static enum wire_status one(struct fixture *f, uint8_t whose, const char *id, uint8_t out[VALUE])
{
	struct asking c = as_shop(f);
	struct keyc_item it = item_of(CLASS_CUSTOMER_ID, whose, NULL, id);
	struct answer *a = fixture_ask(f, keyc_pseudonym, &c, &it, 1);
	enum wire_status st = a->err != SC_OK || a->n != 1 ? WIRE_STATUS_COUNT : a->r[0].status;

	CHECK(st == WIRE_STATUS_COUNT || a->r[0].len == (st == WIRE_OK ? VALUE : 0));
	if (st == WIRE_OK)
		memcpy(out, a->r[0].text, VALUE);
	answer_free(a);
	return st;
}

/* Neither half of two values agrees. */
static bool strangers(const uint8_t a[VALUE], const uint8_t b[VALUE])
{
	return memcmp(a, b, HANDLE_BYTES) != 0 &&
	    memcmp(a + HANDLE_BYTES, b + HANDLE_BYTES, KEYC_PSEUDONYM_BYTES) != 0;
}

static void test_stable(void)
{
	uint8_t a[VALUE], again[VALUE], device[VALUE], b[VALUE], longer[VALUE];

	NEED(one(&fx, KEYC_ACCOUNT, "cust-1", a) == WIRE_OK);
	NEED(one(&fx, KEYC_ACCOUNT, "cust-1", again) == WIRE_OK);
	NEED(one(&fx, KEYC_DEVICE, "cust-1", device) == WIRE_OK);
	NEED(one(&fx, KEYC_ACCOUNT, "cust-2", b) == WIRE_OK);
	NEED(one(&fx, KEYC_ACCOUNT, "cust-1 ", longer) == WIRE_OK);
	CHECK(memcmp(a, again, VALUE) == 0);
	CHECK(strangers(a, device) && strangers(a, b) && strangers(a, longer));
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	NEED(one(&fx, KEYC_ACCOUNT, "cust-1", again) == WIRE_OK);
	CHECK(memcmp(a, again, VALUE) == 0);
	/* whose class is asked of the policy changes nothing */
	struct asking c = as_shop(&fx);
	struct keyc_item it = item_of(CLASS_NAME, KEYC_ACCOUNT, NULL, "cust-1");
	struct answer *n = fixture_ask(&fx, keyc_pseudonym, &c, &it, 1);

	NEED(n->err == SC_OK && n->n == 1 && n->r[0].len == VALUE);
	CHECK(memcmp(n->r[0].text, a, VALUE) == 0 && n->r[0].class_id == CLASS_NAME);
	answer_free(n);
}

static void test_another_keyd(void)
{
	uint8_t a[VALUE], b[VALUE];

	NEED(fixture_make(&other) && fixture_start(&other));
	NEED(one(&fx, KEYC_ACCOUNT, "cust-1", a) == WIRE_OK);
	NEED(one(&other, KEYC_ACCOUNT, "cust-1", b) == WIRE_OK);
	CHECK(strangers(a, b));
	fixture_remove(&other);
}

/* It is not the handle that stands in records, and not a piece of a blind index. */
static void test_unlike_others(void)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	struct asking c = as_shop(&fx), officer;
	struct keyc_item it = item_of(CLASS_CUSTOMER_ID, 0, NULL, "cust-9");
	struct answer *a;
	uint8_t mine[VALUE];
	char start[9] = { 0 };

	NEED(one(&fx, KEYC_ACCOUNT, "cust-9", mine) == WIRE_OK);
	free(fixture_seal(&fx, CLASS_NAME, 0, "cust-9", "Ann Example"));
	officer = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	a = answer_new();
	NEED(keyc_erase_subject(fx.kc, &a->call, &officer, sc_span_str("cust-9")) == SC_OK);
	NEED(fixture_turn_until(&fx, answer_is_over, a) && a->n_subjects == 1);
	CHECK(memcmp(a->subjects[0], mine, HANDLE_BYTES) != 0);
	answer_free(a);
	c.op = POLICY_SEARCH;
	a = fixture_ask(&fx, keyc_index, &c, &it, 1);
	NEED(a->err == SC_OK && a->n == 1 && a->r[0].len == 13);
	for (int half = 0; half < 2; half++) {
		const uint8_t *p = mine + half * HANDLE_BYTES;
		uint64_t bits = (uint64_t)p[0] << 32 | (uint64_t)p[1] << 24 | (uint64_t)p[2] << 16 |
		    (uint64_t)p[3] << 8 | p[4];

		for (int i = 0; i < 8; i++)
			start[i] = digits[bits >> (35 - 5 * i) & 31];
		CHECK(strstr(a->r[0].text, start) == NULL);
	}
	answer_free(a);
}

static void test_lengths(void)
{
	static char id[1100];
	uint8_t v[VALUE];

	CHECK(one(&fx, KEYC_DEVICE, "", v) == WIRE_BAD_VALUE);
	CHECK(one(&fx, KEYC_DEVICE, "x", v) == WIRE_OK);
	memset(id, 'x', 512);
	CHECK(one(&fx, KEYC_DEVICE, id, v) == WIRE_OK);
	id[512] = 'x';
	CHECK(one(&fx, KEYC_DEVICE, id, v) == WIRE_TOO_LARGE);
	memset(id, 'x', sizeof(id) - 1);
	CHECK(one(&fx, KEYC_DEVICE, id, v) == WIRE_TOO_LARGE);
}

/* What may be sealed may be numbered; what policy wants poorer, or not at all, may not. */
static void test_policy(void)
{
	static const struct {
		uint8_t class_id;
		enum wire_status status;
	} rows[] = {
		{ CLASS_WECHAT, WIRE_OK }, /* tokenise */
		{ CLASS_NAME, WIRE_DENIED },
		{ CLASS_DOB, WIRE_DENIED },
		{ CLASS_QQ, WIRE_DENIED },
		{ CLASS_CUSTOMER_ID, WIRE_DENIED }, /* no rule */
		{ 200, WIRE_UNKNOWN_CLASS },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct asking c = fixture_context(&fx, ROLE_SUPPORT, FOR_SERVICE, POLICY_WRITE);
	struct keyc_item it[N];
	struct answer *a;

	for (size_t i = 0; i < N; i++)
		it[i] = item_of(rows[i].class_id, KEYC_ACCOUNT, NULL, "cust-1");
	a = fixture_ask(&fx, keyc_pseudonym, &c, it, N);
	NEED(a->err == SC_OK && a->n == N);
	for (size_t i = 0; i < N; i++) {
		CHECK(a->r[i].status == rows[i].status && a->r[i].class_id == rows[i].class_id);
		CHECK(a->r[i].len == (rows[i].status == WIRE_OK ? VALUE : 0));
		CHECK(
		    a->r[i].action == (rows[i].status == WIRE_OK ? ACTION_TOKENISE : ACTION_DENY));
	}
	answer_free(a);
	/* refused before it is looked at */
	it[0] = item_of(CLASS_CUSTOMER_ID, KEYC_ACCOUNT, NULL, "");
	a = fixture_ask(&fx, keyc_pseudonym, &c, it, 1);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_DENIED);
	answer_free(a);
}

/* As many as one call may have, in more packets than one, in their order. */
static void test_many(void)
{
	static struct keyc_item it[CRYPTO_ITEMS_MAX];
	static char id[CRYPTO_ITEMS_MAX][CRYPTO_IDENTIFIER_MAX];
	struct asking c = as_shop(&fx);
	struct answer *a;
	uint8_t v[VALUE];

	for (size_t i = 0; i < CRYPTO_ITEMS_MAX; i++) {
		memset(id[i], '.', sizeof(id[i]));
		snprintf(id[i], sizeof(id[i]), "many-%zu", i / 2);
		id[i][strlen(id[i])] = '.';
		id[i][sizeof(id[i]) - 1] = '\0';
		it[i] = item_of(CLASS_CUSTOMER_ID, i % 2 == 0 ? KEYC_ACCOUNT : KEYC_DEVICE, NULL,
		    id[i]);
	}
	a = fixture_ask(&fx, keyc_pseudonym, &c, it, CRYPTO_ITEMS_MAX);
	NEED(a->err == SC_OK && a->n == CRYPTO_ITEMS_MAX);
	for (size_t i = 0; i < CRYPTO_ITEMS_MAX; i++)
		CHECK(a->r[i].status == WIRE_OK && a->r[i].len == VALUE);
	for (size_t i = 0; i < CRYPTO_ITEMS_MAX; i += 819) {
		NEED(one(&fx, it[i].flags, id[i], v) == WIRE_OK);
		CHECK(memcmp(v, a->r[i].text, VALUE) == 0);
	}
	answer_free(a);
	a = fixture_ask(&fx, keyc_pseudonym, &c, it, 0);
	CHECK(a->err == SC_BUG);
	answer_free(a);
}

/* Told of as sealing is: how many, by whom and what for, and never of whom. */
static void test_recorded(void)
{
	static const char *const names[] = { "told-1", "told-2", "told-3" };
	struct asking c = as_shop(&fx);
	struct keyc_item it[4];
	struct answer *a;

	for (int i = 0; i < 3; i++)
		it[i] = item_of(CLASS_CUSTOMER_ID, KEYC_DEVICE, NULL, names[i]);
	it[3] = item_of(CLASS_CUSTOMER_ID, KEYC_DEVICE, NULL, "");
	c.principal = a_name("door");
	a = fixture_ask(&fx, keyc_pseudonym, &c, it, 4);
	NEED(a->err == SC_OK && a->n == 4 && a->n_subjects == 0 && a->record == WIRE_NO_RECORD);
	answer_free(a);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"door\"", "\"role\":\"shop\"",
		  "\"purpose\":\"orders\"", "\"classes\":{\"customer_id\":4}", "\"op\":\"write\"",
		  "\"result\":\"partial\",\"bad\":1,\"pseudonymised\":3") == 1);
	CHECK(LOGGED(&fx, "told-") == 0);
	NEED(fixture_start(&fx));
}

int main(void)
{
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! no keyd\n");
		return 1;
	}
	RUN(test_stable, "an identifier has one pseudonym, whatever it is asked for, for ever");
	RUN(test_another_keyd, "another keyd's pseudonyms are others");
	RUN(test_unlike_others,
	    "it is neither a record's handle nor an index of the order table's");
	RUN(test_lengths, "an identifier has 1 to 512 bytes");
	RUN(test_policy, "who may not seal a class gets no pseudonym of it");
	RUN(test_many, "thousands at once come back in their order");
	RUN(test_recorded, "keyd's log tells how many were asked for, and of nobody");
	fixture_remove(&fx);
	return tap_done();
}
