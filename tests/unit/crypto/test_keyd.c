/* test_keyd.c - scrim-keyd end to end, through keyc and a real socket. */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct fixture fx;

static void test_round_trip(void)
{
	static const struct {
		uint8_t class_id, flags;
		const char *subject, *value;
	} rows[] = {
		{ CLASS_PHONE, TOKEN_STRING, "cust-1", "07700 900123" },
		{ CLASS_PHONE, TOKEN_NUMBER, "cust-1", "7700900123" },
		{ CLASS_NAME, TOKEN_LITERAL, "cust-1", "true" },
		{ CLASS_NAME, TOKEN_STRING, "cust-1", "" },
		{ CLASS_NAME, TOKEN_STRING, NULL, "Ann Example" },
		{ CLASS_ADDRESS, TOKEN_RANDOM, "cust-2", "1 Test Road" },
		{ CLASS_EMAIL, TOKEN_EMAIL_SHAPE, "cust-2", "ann@example.org" },
		{ 64, TOKEN_STRING, "cust-2", "L-0001" },
		{ CLASS_NAME, TOKEN_RANDOM | TOKEN_NUMBER, NULL, "12" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *t = fixture_seal(&fx, rows[i].class_id, rows[i].flags, rows[i].subject,
		    rows[i].value);
		struct answer *a;

		NEED(t != NULL);
		CHECK(strstr(t, "sct1-") == t);
		/* two or three characters stand in a random token by chance */
		CHECK(strlen(rows[i].value) < 8 || strstr(t, rows[i].value) == NULL);
		a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
		CHECK(a->err == SC_OK);
		NEED(a->n == 1);
		CHECK(a->r[0].status == WIRE_OK && a->r[0].action == ACTION_REVEAL);
		CHECK(a->r[0].class_id == rows[i].class_id);
		CHECK(a->r[0].kind == (rows[i].flags & TOKEN_KIND_MASK));
		CHECK(strcmp(a->r[0].text, rows[i].value) == 0);
		CHECK(a->record != WIRE_NO_RECORD);
		CHECK(a->n_subjects == (rows[i].subject != NULL));
		answer_free(a);
		free(t);
	}
}

static void test_deterministic(void)
{
	char *a = fixture_seal(&fx, CLASS_PHONE, 0, "cust-a", "07700 900124");
	char *again = fixture_seal(&fx, CLASS_PHONE, 0, "cust-a", "07700 900124");
	char *b = fixture_seal(&fx, CLASS_PHONE, 0, "cust-b", "07700 900124");
	char *r1 = fixture_seal(&fx, CLASS_PHONE, TOKEN_RANDOM, "cust-a", "07700 900124");
	char *r2 = fixture_seal(&fx, CLASS_PHONE, TOKEN_RANDOM, "cust-a", "07700 900124");

	NEED(a && again && b && r1 && r2);
	CHECK(strcmp(a, again) == 0);
	CHECK(strcmp(a, b) != 0);
	CHECK(strcmp(r1, r2) != 0);
	CHECK(fixture_opens_to(&fx, a, "07700 900124"));
	CHECK(fixture_opens_to(&fx, b, "07700 900124"));
	free(a), free(again), free(b), free(r1), free(r2);
}

static void test_sealing_twice(void)
{
	char *t = fixture_seal(&fx, CLASS_PHONE, 0, "cust-1", "07700 900125"), *tt, *other;

	NEED(t != NULL);
	tt = fixture_seal(&fx, CLASS_PHONE, 0, "cust-1", t);
	other = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", t);
	NEED(tt != NULL && other != NULL);
	CHECK(strcmp(t, tt) == 0);
	CHECK(strcmp(t, other) != 0); /* as a name it is just text */
	CHECK(fixture_opens_to(&fx, other, t));
	free(t), free(tt), free(other);
}

static void test_forged(void)
{
	char *t = fixture_seal(&fx, CLASS_PHONE, 0, "cust-1", "07700 900126");
	struct answer *a;
	size_t n;

	NEED(t != NULL);
	n = strlen(t);
	t[n - 3] = t[n - 3] == 'a' ? 'b' : 'a';
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
	NEED(a->err == SC_OK && a->n == 1);
	CHECK(a->r[0].status == WIRE_BAD_TOKEN && a->r[0].len == 0);
	answer_free(a);
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, "sct1-notatoken");
	NEED(a->err == SC_OK && a->n == 1);
	CHECK(a->r[0].status == WIRE_BAD_TOKEN);
	answer_free(a);
	free(t);
}

static void test_policy_decides(void)
{
	static const struct {
		uint8_t class_id;
		const char *value, *want;
		enum policy_action action;
		enum wire_status status;
	} rows[] = {
		{ CLASS_PHONE, "07700900123", NULL, ACTION_MASK, WIRE_OK },
		{ CLASS_DOB, "1990-05-17", "1990", ACTION_GENERALISE, WIRE_OK },
		{ CLASS_QQ, "123456789", "", ACTION_DROP, WIRE_OK },
		{ CLASS_LICENSE_PLATE, "AB12 CDE", "", ACTION_DENY, WIRE_DENIED },
	};
	struct answer *a;
	char *t;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = fixture_seal(&fx, rows[i].class_id, 0, "cust-1", rows[i].value);
		NEED(t != NULL);
		a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t);
		NEED(a->err == SC_OK && a->n == 1);
		CHECK(a->r[0].status == rows[i].status);
		CHECK(a->r[0].action == rows[i].action);
		CHECK(strcmp(a->r[0].text, rows[i].value) != 0);
		if (rows[i].want != NULL)
			CHECK(strcmp(a->r[0].text, rows[i].want) == 0);
		else
			CHECK(strchr(a->r[0].text, '*') != NULL);
		answer_free(a);
		free(t);
	}
	t = fixture_seal(&fx, CLASS_BANK_CARD, 0, "cust-1", "6222020000000000");
	NEED(t != NULL);
	a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t);
	NEED(a->err == SC_OK && a->n == 1);
	CHECK(a->r[0].action == ACTION_TOKENISE && strcmp(a->r[0].text, t) == 0);
	answer_free(a);
	free(t);
}

static void test_refused_contexts(void)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE), bad;
	struct keyc_item it = item_of(CLASS_NAME, 0, "cust-1", "Ann");
	uint8_t other[ASKING_HASH];
	struct answer *a;

	bad = c;
	memcpy(other, c.policy_hash, sizeof(other));
	other[31] ^= 1;
	bad.policy_hash = other;
	a = fixture_ask(&fx, keyc_seal, &bad, &it, 1);
	CHECK(a->err == SC_STALE && a->n == 0);
	answer_free(a);
	bad = c;
	bad.tenant = a_name("other");
	a = fixture_ask(&fx, keyc_seal, &bad, &it, 1);
	CHECK(a->err == SC_AUTH);
	answer_free(a);
	bad = c;
	bad.role = 9;
	a = fixture_ask(&fx, keyc_seal, &bad, &it, 1);
	CHECK(a->err == SC_AUTH);
	answer_free(a);
	bad = c;
	bad.op = POLICY_READ; /* sealing is not reading */
	a = fixture_ask(&fx, keyc_seal, &bad, &it, 1);
	CHECK(a->err == SC_AUTH);
	answer_free(a);
	it.class_id = 200;
	a = fixture_ask(&fx, keyc_seal, &c, &it, 1);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_UNKNOWN_CLASS);
	answer_free(a);
}

static void test_quota(void)
{
	char *t[4];
	struct answer *a;
	int i;

	for (i = 0; i < 4; i++) {
		char subject[16];

		snprintf(subject, sizeof(subject), "quota-%d", i);
		t[i] = fixture_seal(&fx, CLASS_ADDRESS, 0, subject, "2 Test Road");
		NEED(t[i] != NULL);
		a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t[i]);
		NEED(a->err == SC_OK && a->n == 1);
		CHECK(a->r[0].status == (i < 3 ? WIRE_OK : WIRE_QUOTA));
		answer_free(a);
	}
	/* someone already seen today costs nothing more */
	a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t[0]);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK);
	answer_free(a);
	/* and a restart gives nobody a second quota */
	CHECK(fixture_stop(&fx, SIGKILL) == -1);
	NEED(fixture_start(&fx));
	a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t[3]);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_QUOTA);
	answer_free(a);
	a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, t[1]);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK);
	answer_free(a);
	for (i = 0; i < 4; i++)
		free(t[i]);
}

static void test_index(void)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_SEARCH);
	struct keyc_item it[3] = { item_of(CLASS_PHONE, 0, NULL, "07700 900123"),
		item_of(CLASS_PHONE, 0, NULL, "+44 7700 900123"),
		item_of(CLASS_PHONE, 0, NULL, "07700 900124") };
	struct answer *a = fixture_ask(&fx, keyc_index, &c, it, 3);

	NEED(a->err == SC_OK && a->n == 3);
	CHECK(a->r[0].len > 5 && a->r[0].text[0] == '.');
	CHECK(strcmp(a->r[0].text, a->r[1].text) == 0);
	CHECK(strcmp(a->r[0].text, a->r[2].text) != 0);
	answer_free(a);
}

/* An empty index text would be found in every row. */
static void test_index_of_nothing(void)
{
	static const struct {
		uint8_t class_id;
		const char *value;
	} rows[] = {
		{ CLASS_PHONE, "" },
		{ CLASS_PHONE, "abc" },
		{ CLASS_PHONE, "N/A" },
		{ CLASS_PHONE, "-" },
		{ CLASS_PHONE, "   " },
		{ CLASS_PHONE, "\xe2\x80\x8b" },
		{ CLASS_NAME, "" },
		{ CLASS_NAME, " \t " },
		{ CLASS_NAME, "\xe2\x80\x8b\xef\xbb\xbf" },
		{ CLASS_NAME, "\xff" },
		{ CLASS_EMAIL, "  " },
		{ CLASS_ADDRESS, " - " },
	};
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_SEARCH);
	struct keyc_item it[2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer *a;

		it[0] = item_of(rows[i].class_id, 0, NULL, rows[i].value);
		it[1] = item_of(CLASS_PHONE, 0, NULL, "07700 900123");
		a = fixture_ask(&fx, keyc_index, &c, it, 2);
		NEED(a->err == SC_OK && a->n == 2);
		CHECK(a->r[0].status == WIRE_BAD_VALUE && a->r[0].len == 0);
		CHECK(a->r[1].status == WIRE_OK && a->r[1].len > 5);
		answer_free(a);
	}
}

static void test_large(void)
{
	static struct keyc_item it[CRYPTO_ITEMS_MAX], back[CRYPTO_ITEMS_MAX];
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	struct answer *sealed, *opened;
	char *big = malloc(CRYPTO_VALUE_MAX + 2);
	static char subject[CRYPTO_ITEMS_MAX][16], value[CRYPTO_ITEMS_MAX][48];
	size_t i, wrong = 0;

	NEED(big != NULL);
	for (i = 0; i < CRYPTO_ITEMS_MAX; i++) {
		snprintf(subject[i], 16, "many-%zu", i / 3);
		snprintf(value[i], 48, "%zu Test Road, a long enough street name", i);
		it[i] = item_of(CLASS_ADDRESS, 0, subject[i], value[i]);
	}
	sealed = fixture_ask(&fx, keyc_seal, &c, it, CRYPTO_ITEMS_MAX);
	NEED(sealed->err == SC_OK && sealed->n == CRYPTO_ITEMS_MAX);
	for (i = 0; i < CRYPTO_ITEMS_MAX; i++)
		back[i] = item_of(0, 0, NULL, sealed->r[i].text);
	c.op = POLICY_READ;
	opened = fixture_ask(&fx, keyc_open, &c, back, CRYPTO_ITEMS_MAX);
	NEED(opened->err == SC_OK && opened->n == CRYPTO_ITEMS_MAX);
	for (i = 0; i < CRYPTO_ITEMS_MAX; i++)
		wrong += strcmp(opened->r[i].text, value[i]) != 0;
	CHECK(wrong == 0);
	answer_free(sealed);
	answer_free(opened);

	memset(big, 'x', CRYPTO_VALUE_MAX + 1);
	big[CRYPTO_VALUE_MAX] = '\0';
	it[0] = item_of(CLASS_ADDRESS, 0, "cust-1", big);
	it[1] = it[0];
	c.op = POLICY_WRITE;
	sealed = fixture_ask(&fx, keyc_seal, &c, it, 2);
	NEED(sealed->err == SC_OK && sealed->n == 2);
	CHECK(sealed->r[1].status == WIRE_OK);
	CHECK(fixture_opens_to(&fx, sealed->r[1].text, big));
	answer_free(sealed);
	big[CRYPTO_VALUE_MAX] = 'x';
	big[CRYPTO_VALUE_MAX + 1] = '\0';
	it[0] = item_of(CLASS_ADDRESS, 0, "cust-1", big);
	sealed = fixture_ask(&fx, keyc_seal, &c, it, 1);
	CHECK(sealed->err == SC_OK && sealed->r[0].status == WIRE_TOO_LARGE);
	answer_free(sealed);
	it[0] = item_of(CLASS_ADDRESS, 0, "cust-1", "1 High Street\xff"); /* as if filled up */
	sealed = fixture_ask(&fx, keyc_seal, &c, it, 1);
	CHECK(sealed->err == SC_OK && sealed->r[0].status == WIRE_BAD_VALUE);
	answer_free(sealed);
	free(big);
}

static struct answer *erase(const char *subject, uint8_t role)
{
	struct asking c = fixture_context(&fx, role, role == ROLE_OFFICER ? FOR_AUDIT : FOR_ORDERS,
	    POLICY_DELETE);
	struct answer *a = answer_new();

	if ((a->err = keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject))) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

static struct answer *merge(const char *name, uint8_t role, const char *from, const char *into)
{
	struct asking c =
	    fixture_context(&fx, role, role == ROLE_OFFICER ? FOR_AUDIT : FOR_ORDERS, POLICY_MERGE);
	struct answer *a = answer_new();

	c.principal = a_name(name);
	if ((a->err = keyc_merge_subjects(fx.kc, &a->call, &c, sc_span_str(from),
		 sc_span_str(into))) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

static enum wire_status merged(const char *name, uint8_t role, const char *from, const char *into)
{
	struct answer *a = merge(name, role, from, into);
	enum wire_status s = a->err == SC_OK && a->n == 1 ? a->r[0].status : WIRE_STATUS_COUNT;

	CHECK(a->n_subjects == 2 && a->record != WIRE_NO_RECORD);
	answer_free(a);
	return s;
}

/* A guest who registers: what was sealed before opens as it did, and goes with the account. */
static void test_merge(void)
{
	char *guest = fixture_seal(&fx, CLASS_NAME, 0, "guest:1", "Gus Example");
	char *account = fixture_seal(&fx, CLASS_NAME, 0, "account-1", "Gus Example"), *later;
	struct answer *a;

	NEED(guest != NULL && account != NULL);
	CHECK(merged("shop", ROLE_SHOP, "guest:1", "account-1") == WIRE_DENIED);
	CHECK(merged("officer", ROLE_OFFICER, "guest:1", "account-1") == WIRE_OK);
	CHECK(fixture_opens_to(&fx, guest, "Gus Example"));
	CHECK(fixture_opens_to(&fx, account, "Gus Example"));
	/* again there is nothing left, and whoever goes counts once */
	CHECK(merged("officer", ROLE_OFFICER, "guest:1", "account-1") == WIRE_GONE);
	CHECK(merged("officer", ROLE_OFFICER, "guest:2", "account-1") == WIRE_GONE);
	/* into somebody who has no key yet */
	later = fixture_seal(&fx, CLASS_NAME, 0, "guest:3", "Eve Example");
	NEED(later != NULL);
	CHECK(merged("officer", ROLE_OFFICER, "guest:3", "account-3") == WIRE_OK);
	CHECK(fixture_opens_to(&fx, later, "Eve Example"));
	/* the day's limit is the role's, whoever asks in it */
	CHECK(merged("another", ROLE_OFFICER, "guest:4", "account-4") == WIRE_QUOTA);
	/* also where all of them become one */
	CHECK(merged("invented", ROLE_OFFICER, "guest:6", "account-1") == WIRE_QUOTA);
	CHECK(merged("invented", ROLE_OFFICER, "guest:2", "account-1") == WIRE_GONE);
	a = erase("account-1", ROLE_OFFICER);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK);
	answer_free(a);
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, guest);
	CHECK(a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, account);
	CHECK(a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	a = erase("guest:1", ROLE_OFFICER);
	CHECK(a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	/* nobody becomes themselves, and nobody nobody */
	a = merge("officer", ROLE_OFFICER, "account-3", "account-3");
	CHECK(a->err == SC_BUG);
	answer_free(a);
	a = merge("officer", ROLE_OFFICER, "", "account-3");
	CHECK(a->err == SC_BUG);
	answer_free(a);
	free(guest), free(account), free(later);
}

static void test_erase(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-erased", "Ann Example"), *u;
	char *other = fixture_seal(&fx, CLASS_NAME, 0, "cust-kept", "Bob Example");
	struct answer *a;

	NEED(t != NULL && other != NULL);
	a = erase("cust-erased", ROLE_SHOP);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_DENIED);
	CHECK(a->n_subjects == 1);
	answer_free(a);
	CHECK(fixture_opens_to(&fx, t, "Ann Example"));

	a = erase("cust-erased", ROLE_OFFICER);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK);
	CHECK(a->record != WIRE_NO_RECORD);
	answer_free(a);
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	CHECK(fixture_opens_to(&fx, other, "Bob Example"));
	a = erase("cust-erased", ROLE_OFFICER);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);

	u = fixture_seal(&fx, CLASS_NAME, 0, "cust-erased", "Ann Example");
	NEED(u != NULL);
	CHECK(strcmp(t, u) != 0);
	CHECK(fixture_opens_to(&fx, u, "Ann Example"));
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	/* and none of it is forgotten by a keyd that starts again */
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_GONE);
	answer_free(a);
	CHECK(
	    fixture_opens_to(&fx, u, "Ann Example") && fixture_opens_to(&fx, other, "Bob Example"));
	free(t), free(u), free(other);
}

/* A log of N leaves "0", "1", ... of our own, and its heads. */
struct fake_log {
	struct merkle_hash node[64][512]; /* whole subtrees by level */
	struct merkle_frontier edge;
};

static enum sc_err fake_done(void *arg, unsigned level, uint64_t index, const struct merkle_hash *h)
{
	struct fake_log *l = arg;

	l->node[level][index] = *h;
	return SC_OK;
}

static enum sc_err fake_get(void *arg, unsigned level, uint64_t index, struct merkle_hash *out)
{
	*out = ((struct fake_log *)arg)->node[level][index];
	return SC_OK;
}

static bool fake_grow(struct fake_log *l, uint64_t size, const char *word)
{
	struct merkle_hash leaf;
	char text[64];

	while (l->edge.size < size) {
		snprintf(text, sizeof(text), "%s %llu", word, (unsigned long long)l->edge.size);
		merkle_leaf(sc_span_str(text), &leaf);
		l->node[0][l->edge.size] = leaf;
		if (merkle_push(&l->edge, &leaf, fake_done, l) != SC_OK)
			return false;
	}
	return true;
}

static struct answer *sign_head(const char *origin, struct fake_log *l, uint64_t from)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct answer *a = answer_new();
	struct merkle_proof proof = { .n = 0 };
	struct merkle_hash root;
	uint8_t raw[CRYPTO_PROOF_MAX][32];
	struct wire_head h = { .origin = sc_span_str(origin),
		.size = l->edge.size,
		.root = root.b,
		.proof = raw[0] };

	merkle_root(&l->edge, &root);
	if (merkle_prove_consistency(from, l->edge.size, fake_get, l, &proof) != SC_OK)
		return a;
	memcpy(raw, proof.h, proof.n * 32);
	h.n_proof = (uint8_t)proof.n;
	if ((a->err = keyc_sign_head(fx.kc, &a->call, &c, &h)) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

/* Is the first result a checkpoint of SIZE that the third's key verifies? */
static bool signed_for(const struct answer *a, uint64_t size)
{
	struct note_key key;
	struct note_head head;
	struct note n;
	bool found = false;

	return a->n == 3 && note_key_parse(sc_span_str(a->r[2].text), &key) == SC_OK &&
	    note_parse(sc_span(a->r[0].text, a->r[0].len), &n) == SC_OK &&
	    note_verify(&n, &key, &found) == SC_OK && found &&
	    note_head_parse(n.text, &head) == SC_OK && head.size == size;
}

static void test_sign_head(void)
{
	/* keyd's own log, and those that keyd.json does not name */
	static const char *const others[] = { "scrim/demo/keyd", "demo/keyd", "demo/other",
		"demo/scrimd2", "demo/scrim", "demo", "demo/", "dem/scrimd", "demo2/scrimd",
		"scrim/demo/scrimd" };
	static struct fake_log log, other;
	struct answer *a;

	NEED(fake_grow(&log, 5, "entry"));
	a = sign_head("demo/scrimd", &log, 0);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_OK && signed_for(a, 5));
	answer_free(a);
	NEED(fake_grow(&log, 12, "entry"));
	a = sign_head("demo/scrimd", &log, 5);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_OK && signed_for(a, 12));
	answer_free(a);

	/* another past, of 12 and of 20 entries; a shorter log; a wrong proof */
	NEED(fake_grow(&other, 12, "forged"));
	a = sign_head("demo/scrimd", &other, 12);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_DENIED);
	CHECK(signed_for(a, 12)); /* the last good one, to prove from */
	answer_free(a);
	NEED(fake_grow(&other, 20, "forged"));
	a = sign_head("demo/scrimd", &other, 12);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_DENIED);
	answer_free(a);
	NEED(fake_grow(&log, 20, "entry"));
	a = sign_head("demo/scrimd", &log, 5);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_DENIED);
	answer_free(a);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		a = sign_head(others[i], &log, 0);
		CHECK(a->err == SC_AUTH);
		answer_free(a);
	}

	CHECK(fixture_stop(&fx, SIGKILL) == -1);
	NEED(fixture_start(&fx));
	memset(&other, 0, sizeof(other));
	NEED(fake_grow(&other, 5, "forged"));
	a = sign_head("demo/scrimd", &other, 0);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_DENIED);
	answer_free(a);
	a = sign_head("demo/scrimd", &log, 12);
	CHECK(a->err == SC_OK && a->r[0].status == WIRE_OK && signed_for(a, 20));
	CHECK(a->n == 3 && strstr(a->r[1].text, "scrim/demo/keyd") == a->r[1].text);
	answer_free(a);
}

static struct answer *prove_log(uint64_t old)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct answer *a = answer_new();

	if ((a->err = keyc_prove_log(fx.kc, &a->call, &c, old)) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

/* Does A extend the tree of OLD entries with OLD_ROOT? Its own head goes to HEAD. */
static bool proves(const struct answer *a, uint64_t old, const uint8_t *old_root,
    struct note_head *head)
{
	struct merkle_hash from, to, proof[CRYPTO_PROOF_MAX];
	struct note n;

	if (a->err != SC_OK || a->n != 3 || a->r[1].len > sizeof(proof) ||
	    note_parse(sc_span(a->r[0].text, a->r[0].len), &n) != SC_OK ||
	    note_head_parse(n.text, head) != SC_OK)
		return false;
	if (a->r[1].len > 0)
		memcpy(proof, a->r[1].text, a->r[1].len);
	memcpy(from.b, old_root, sizeof(from.b));
	memcpy(to.b, head->root, sizeof(to.b));
	return merkle_check_consistency(old, head->size, &from, &to, proof,
		   a->r[1].len / HASH_BYTES) == SC_OK;
}

static void test_prove_log(void)
{
	static struct fake_log log;
	struct note_head first, later;
	struct merkle_hash empty;
	struct answer *a = prove_log(0);
	unsigned tries = 0;

	merkle_empty(&empty);
	NEED(proves(a, 0, empty.b, &first) && first.size > 0);
	answer_free(a);
	/* each head that is signed is an entry of keyd's own log */
	NEED(fake_grow(&log, 64, "entry"));
	do {
		usleep(20000);
		answer_free(sign_head("demo/scrimd", &log, 20));
		a = prove_log(first.size);
		CHECK(proves(a, first.size, first.root, &later));
		answer_free(a);
	} while (later.size <= first.size + 2 && ++tries < 500);
	CHECK(later.size > first.size + 2);
	/* more than there is: told how much there is, and nothing is proved */
	a = prove_log(later.size + 1000);
	CHECK(
	    a->err == SC_OK && a->n == 3 && a->r[1].len == 0 && a->r[0].len > 0 && a->r[2].len > 0);
	answer_free(a);
}

/* TEXT with every number as 0 and every hash as H, into OUT. */
static void without_numbers(const char *text, char *out)
{
	for (; *text != '\0'; text++) {
		size_t hex = strspn(text, "0123456789abcdef"), n = strspn(text, "0123456789");

		if (hex == 64) {
			*out++ = 'H';
			text += hex - 1;
		} else if (n > 0) {
			*out++ = '0';
			text += n - 1;
		} else
			*out++ = *text;
	}
	*out = '\0';
}

static uint64_t number_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at == NULL ? UINT64_MAX : strtoull(at + strlen(key), NULL, 10);
}

static struct answer *status(void)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct answer *a = answer_new();

	a->err = keyc_status(fx.kc, &a->call, &c);
	if (a->err == SC_OK && !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

/* Its rows of backups are looked at beside all else, behind the start. */
static struct answer *status_with_backups(void)
{
	const struct timespec wait = { .tv_nsec = 5000000 };
	struct answer *a = status();

	for (int i = 0; i < 2000 && a->n == 1 && strstr(a->r[0].text, "\"backups\"") == NULL; i++) {
		answer_free(a);
		nanosleep(&wait, NULL);
		a = status();
	}
	return a;
}

static void test_status(void)
{
	static const char shape[] =
	    "{\"tenant\":\"demo\",\"uptime_s\":0,\"policy\":\"t0\",\"policy_hash\":\"H\","
	    "\"keks\":{\"active\":0},\"class_keys\":{\"active\":0},\"people\":0,"
	    "\"store\":{\"ok\":true,\"epoch\":0,\"gen\":0,\"slots\":0,\"lease\":0,\"lost\":0,"
	    "\"skipped\":0,\"unknown\":0,\"broken\":0},"
	    "\"returning\":{\"returned\":0,\"waiting\":0},\"believed_ms\":0,\"leaving\":0,\"check\":{\"result\":\"none\"},"
	    "\"backups\":{\"taken\":0,\"drills\":0},\"backup_keys\":{\"result\":\"none\"},\"waiting\":0,"
	    "\"log\":{\"origin\":\"scrim/demo/keyd\",\"entries\":0,\"durable\":0,\"signed\":0,\"lost\":0,"
	    "\"space_low\":false,\"failed\":false}}";
	struct answer *a = status_with_backups(), *then;
	char plain[4096], *t;

	CHECK(a->err == SC_OK);
	NEED(a->n == 1 && a->r[0].status == WIRE_OK && a->r[0].len < sizeof(plain));
	CHECK(a->r[0].action == ACTION_REVEAL && a->r[0].class_id == CLASS_NONE &&
	    a->n_subjects == 0);
	CHECK(a->record == WIRE_NO_RECORD);
	without_numbers(a->r[0].text, plain);
	if (strcmp(plain, shape) != 0)
		printf("# %s\n# %s\n", plain, shape);
	CHECK(strcmp(plain, shape) == 0);
	CHECK(number_of(a->r[0].text, "\"uptime_s\":") < 600);
	CHECK(strstr(a->r[0].text, "\"class_keys\":{\"active\":19}") != NULL);
	CHECK(number_of(a->r[0].text, "\"keks\":{\"active\":") >= 1);
	CHECK(number_of(a->r[0].text, "\"lost\":") == 0 &&
	    number_of(a->r[0].text, "\"waiting\":") == 0);
	CHECK(number_of(a->r[0].text, "\"entries\":") >= number_of(a->r[0].text, "\"durable\":"));
	CHECK(number_of(a->r[0].text, "\"durable\":") >= number_of(a->r[0].text, "\"signed\":"));
	/* one person more is one person more, and an opening one entry more */
	NEED((t = fixture_seal(&fx, CLASS_NAME, 0, "cust-status", "Ann Example")) != NULL);
	CHECK(fixture_opens_to(&fx, t, "Ann Example"));
	then = status();
	NEED(then->n == 1);
	CHECK(number_of(then->r[0].text, "\"people\":") ==
	    number_of(a->r[0].text, "\"people\":") + 1);
	CHECK(number_of(then->r[0].text, "\"entries\":") > number_of(a->r[0].text, "\"entries\":"));
	CHECK(number_of(then->r[0].text, "\"durable\":") > number_of(a->r[0].text, "\"durable\":"));
	free(t);
	answer_free(then);
	answer_free(a);
}

static void test_malformed(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	static const char junk[] = "SKD1 but not really";
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann"), byte;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	NEED(t != NULL && fd >= 0);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.90s/run/k.sock", fx.dir);
	NEED(connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	NEED(send(fd, junk, sizeof(junk), 0) == (ssize_t)sizeof(junk));
	CHECK(recv(fd, &byte, 1, 0) == 0); /* dropped */
	close(fd);
	CHECK(fixture_opens_to(&fx, t, "Ann")); /* we go on */
	free(t);
}

static void test_reload(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann");
	char text[FIXTURE_POLICY_MAX + 2];
	int i;

	NEED(t != NULL);
	NEED(fixture_write(&fx, "policy.json", "{ not a policy"));
	kill(fx.pid, SIGHUP);
	for (i = 0; i < 200 && !fixture_said(&fx, "policy_refused"); i++)
		usleep(20000);
	CHECK(fixture_said(&fx, "policy_refused"));
	CHECK(fixture_opens_to(&fx, t, "Ann")); /* the old one goes on */
	snprintf(text, sizeof(text), "%s\n", fixture_policy);
	NEED(fixture_write(&fx, "policy.json", text));
	kill(fx.pid, SIGHUP);
	for (i = 0; i < 200 && !fixture_said(&fx, "policy_loaded"); i++)
		usleep(20000);
	CHECK(!fixture_opens_to(&fx, t, "Ann")); /* ours is the old one now */
	hash_sha256(sc_span_str(text), fx.policy_hash);
	CHECK(fixture_opens_to(&fx, t, "Ann"));
	free(t);
}

static void test_restart(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	char *c = fixture_seal(&fx, CLASS_NAME, 0, NULL, "Ann Example");

	NEED(t != NULL && c != NULL);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	CHECK(fixture_opens_to(&fx, t, "Ann Example"));
	CHECK(fixture_opens_to(&fx, c, "Ann Example"));
	free(t), free(c);
}

static void test_another_uid(void)
{
	struct answer *a = answer_new();
	struct keyc *kc = NULL;
	char address[300];
	int i;

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_config(&fx, (unsigned)geteuid() + 4242));
	fx.pid = fixture_spawn(&fx, (const char *const[]){ "--demo", NULL });
	snprintf(address, sizeof(address), "unix:%s/run/k.sock", fx.dir);
	NEED(keyc_new(fx.loop, address, a_name("scrimd"), &kc) == SC_OK);
	for (i = 0; i < 200 && !fixture_said(&fx, "\"why\":\"uid\""); i++)
		CHECK(loop_turn_once(fx.loop, 20) == SC_OK);
	CHECK(fixture_said(&fx, "\"why\":\"uid\""));
	CHECK(!keyc_ready(kc) && !keyc_ready(fx.kc));
	keyc_free(kc);
	answer_free(a);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_config(&fx, (unsigned)geteuid()));
	NEED(fixture_start(&fx));
}

static void test_wrong_root(void)
{
	char root[256], kept[256];

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(fixture_run(&fx, (const char *const[]){ NULL }) == 1);
	CHECK(fixture_said(&fx, "demo key"));
	fixture_path(&fx, "keys/root.json", root);
	fixture_path(&fx, "keys/kept.json", kept);
	NEED(rename(root, kept) == 0);
	NEED(fixture_write(&fx, "keys/root.json",
	    "{\"scrim_root\":1,\"kind\":\"file\","
	    "\"key\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"));
	CHECK(fixture_run(&fx, (const char *const[]){ "--demo", NULL }) == 1);
	CHECK(fixture_said(&fx, "mode must be 0600"));
	NEED(chmod(root, 0600) == 0);
	CHECK(fixture_run(&fx, (const char *const[]){ "--demo", NULL }) == 1);
	CHECK(fixture_said(&fx, "the root key"));
	NEED(rename(kept, root) == 0);
	NEED(fixture_start(&fx));
}

int main(void)
{
	if (!fixture_bin(fx.bin)) {
		tap_skip("scrim-keyd end to end", "scrim-keyd is not built");
		return tap_done();
	}
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	RUN(test_round_trip, "a token opens to what was sealed, of every kind");
	RUN(test_deterministic, "equal values are equal tokens for one subject and no other");
	RUN(test_sealing_twice, "an authentic token of the class is given back unchanged");
	RUN(test_forged, "a changed token is refused");
	RUN(test_policy_decides, "keyd masks, generalises, keeps and drops by itself");
	RUN(test_refused_contexts, "another policy, tenant, role or operation is refused");
	RUN(test_quota, "the fourth person of a day is refused where three are allowed");
	RUN(test_index, "two spellings of a number have one blind index");
	RUN(test_index_of_nothing, "what has no normal form has no index, never an empty one");
	RUN(test_large, "4096 items and 64 KiB values go both ways");
	RUN(test_merge,
	    "a guest who registers keeps their tokens, which are erased with the account");
	RUN(test_erase,
	    "an erased subject's tokens never open again, new ones do, also after a restart");
	RUN(test_prove_log, "keyd proves that its own log only grew");
	RUN(test_sign_head,
	    "a head is signed only when it extends the last one signed, also after kill -9");
	RUN(test_status, "status counts keys");
	RUN(test_malformed, "a malformed packet drops its sender only");
	RUN(test_reload, "a bad policy file leaves the old one in force");
	RUN(test_restart, "tokens outlive a restart");
	RUN(test_another_uid, "a peer of another uid is refused");
	RUN(test_wrong_root, "a wrong, open or demo root key is refused clearly");
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_remove(&fx);
	return tap_done();
}
