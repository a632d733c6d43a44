/*
 * test_keyd_limits.c - a real keyd: who may be shown how many, what a context may
 * ask for at all, and that its own log tells all of it.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

#include "base/bytes.h"
#include "crypto/settings/settings.h"
#include "crypto/wire/wire.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct fixture fx;

static struct asking as(const char *name, uint8_t role, uint8_t purpose, uint8_t op,
    uint64_t request)
{
	struct asking c = fixture_context(&fx, role, purpose, op);

	c.principal = a_name(name);
	c.request_id = request;
	return c;
}

static enum wire_status first_status(struct answer *a)
{
	enum wire_status s = a->err == SC_OK && a->n > 0 ? a->r[0].status : WIRE_STATUS_COUNT;

	answer_free(a);
	return s;
}

/* ---- people a day ---- */

#define PEOPLE 5
static char *token[PEOPLE]; /* addresses under the class key: each counts as a person */

static struct answer *look(const char *name, char *const tokens[], size_t n)
{
	struct asking c = as(name, ROLE_SUPPORT, FOR_SERVICE, POLICY_READ, 50);
	struct keyc_item it[16];

	for (size_t i = 0; i < n; i++)
		it[i] = item_of(0, 0, NULL, tokens[i]);
	return fixture_ask(&fx, keyc_open, &c, it, n);
}

static size_t count(const struct answer *a, enum wire_status s)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->r[i].status == s;
	return n;
}

static void test_class_tokens_count(void)
{
	char value[32];
	struct answer *a;

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(value, sizeof(value), "%d Test Road", i);
		NEED((token[i] = fixture_seal(&fx, CLASS_ADDRESS, 0, NULL, value)) != NULL);
	}
	a = look("in-one", token, PEOPLE);
	CHECK(count(a, WIRE_OK) == 3 && count(a, WIRE_QUOTA) == 2);
	CHECK(a->n == PEOPLE && a->r[2].status == WIRE_OK && a->r[3].status == WIRE_QUOTA);
	CHECK(a->n_subjects == 0);
	answer_free(a);
	for (int i = 0; i < PEOPLE; i++)
		CHECK(first_status(look("one-by-one", &token[i], 1)) ==
		    (i < 3 ? WIRE_OK : WIRE_QUOTA));
	/* the same person again costs nothing, within a frame and after */
	a = look("again", (char *[]){ token[0], token[0], token[1], token[0], token[2], token[1] },
	    6);
	CHECK(count(a, WIRE_OK) == 6);
	answer_free(a);
	CHECK(first_status(look("again", &token[3], 1)) == WIRE_QUOTA);
	CHECK(first_status(look("again", &token[2], 1)) == WIRE_OK);
}

/* A token nobody sealed, whose SIV begins with the victim's but for MASK. */
static char *forged_beside(const char *victim, uint64_t mask)
{
	struct token_parts t;
	struct sc_buf scratch, bytes, text;
	char *out = NULL;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX), sc_buf_init(&bytes, TOKEN_BYTES_MAX);
	sc_buf_init(&text, TOKEN_TEXT_MAX);
	if (token_parse(sc_span_str(victim), &scratch, &t) == SC_OK &&
	    sc_buf_put_span(&bytes, t.siv_ct) == SC_OK) {
		sc_be64_store(bytes.p, sc_be64_load(bytes.p) ^ mask);
		bytes.p[bytes.n - 1] ^= 1;
		t.siv_ct = sc_buf_span(&bytes);
		if (token_print(&t, &text) == SC_OK)
			out = strndup((char *)text.p, text.n);
	}
	sc_buf_fini(&scratch), sc_buf_fini(&bytes), sc_buf_fini(&text);
	return out;
}

/* A token nobody sealed makes nobody count as shown. */
static void test_forged_neighbours(void)
{
	static const uint64_t masks[] = { 0, 0xa5a5a5a5a5a5a5a5u };
	struct answer *a = look("forger", token, 3);

	CHECK(count(a, WIRE_OK) == 3);
	answer_free(a);
	for (size_t i = 0; i < 2; i++) {
		char *bad = forged_beside(token[3], masks[i]);

		NEED(bad != NULL);
		a = look("forger", (char *[]){ bad, token[3] }, 2);
		CHECK(a->n == 2 && a->r[0].status != WIRE_OK && a->r[1].status == WIRE_QUOTA);
		CHECK(a->n == 2 && a->r[0].len == 0 && a->r[1].len == 0);
		answer_free(a);
		/* and it counts as nobody either */
		a = look(i == 0 ? "hasty" : "hastier",
		    (char *[]){ bad, token[0], bad, token[1], token[2] }, 5);
		CHECK(count(a, WIRE_OK) == 3 && count(a, WIRE_BAD_TOKEN) == 2);
		answer_free(a);
		free(bad);
	}
}

/*
 * A class key is of its class: a token that names it for another was altered. One whose key
 * the keyring never had is not told to be gone, as if it had been destroyed.
 */
static void test_class_key_of_another(void)
{
	static const enum wire_status want[] = { WIRE_BAD_TOKEN, WIRE_UNKNOWN_KEY };
	struct asking c = as("mixer", ROLE_SHOP, FOR_ORDERS, POLICY_READ, 55);
	struct token_parts t;
	struct sc_buf scratch, text;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX), sc_buf_init(&text, TOKEN_TEXT_MAX + 1);
	for (int i = 0; i < 2; i++) {
		NEED(token_parse(sc_span_str(token[0]), &scratch, &t) == SC_OK);
		NEED((t.flags & TOKEN_CLASS_KEY) != 0);
		if (i == 0)
			t.class_id = CLASS_NAME;
		else
			t.key_id ^= 1;
		sc_buf_truncate(&text, 0);
		NEED(token_print(&t, &text) == SC_OK && sc_buf_put(&text, "", 1) == SC_OK);
		struct keyc_item it = item_of(0, 0, NULL, (const char *)text.p);
		CHECK(first_status(fixture_ask(&fx, keyc_open, &c, &it, 1)) == want[i]);
	}
	/* anybody can write such an id: it does not turn the store red */
	CHECK(keyc_store_ok(fx.kc));
	sc_buf_fini(&scratch), sc_buf_fini(&text);
}

/* Masks, refusals and what stays a token are of nobody's quota. */
static void test_masks_do_not_count(void)
{
	char *t[6], subject[16];
	struct answer *a;

	for (int i = 0; i < 6; i++) {
		snprintf(subject, sizeof(subject), "masked-%d", i);
		NEED((t[i] = fixture_seal(&fx, CLASS_NAME, 0, subject, "Ann Example")) != NULL);
	}
	a = look("masker", t, 6);
	CHECK(count(a, WIRE_OK) == 6 && a->r[0].action == ACTION_MASK);
	CHECK(a->n_subjects == 6);
	answer_free(a);
	a = look("masker", token, 3);
	CHECK(count(a, WIRE_OK) == 3);
	answer_free(a);
	for (int i = 0; i < 6; i++)
		free(t[i]);
}

static struct answer *search(const char *name, const char *value)
{
	struct asking c = as(name, ROLE_SUPPORT, FOR_SERVICE, POLICY_SEARCH, 60);
	struct keyc_item it = item_of(CLASS_PHONE, 0, NULL, value);

	return fixture_ask(&fx, keyc_index, &c, &it, 1);
}

static void test_searches_count(void)
{
	char phone[32];

	for (int i = 0; i < 5; i++) {
		snprintf(phone, sizeof(phone), "07700 90012%d", i);
		CHECK(first_status(search("seeker", phone)) == (i < 3 ? WIRE_OK : WIRE_QUOTA));
	}
	CHECK(first_status(search("seeker", "07700 900120")) == WIRE_OK);
	CHECK(first_status(search("seeker", "07700 900125")) == WIRE_QUOTA);
	/* what finds nobody is no search for anybody */
	CHECK(first_status(search("fumbler", "N/A")) == WIRE_BAD_VALUE);
	CHECK(first_status(search("fumbler", "-")) == WIRE_BAD_VALUE);
	for (int i = 0; i < 3; i++) {
		snprintf(phone, sizeof(phone), "07700 90013%d", i);
		CHECK(first_status(search("fumbler", phone)) == WIRE_OK);
	}
	CHECK(first_status(search("fumbler", "07700 900139")) == WIRE_QUOTA);
	CHECK(first_status(search("fumbler", "N/A")) == WIRE_QUOTA);
}

/* A rule for so many records in one request: its documents, however many values a call has. */
static void test_records(void)
{
	struct asking c = as("few", ROLE_SUPPORT, FOR_SERVICE, POLICY_READ, 65);
	char *t = fixture_seal(&fx, CLASS_EMAIL, 0, "cust-1", "ann@example.org");
	struct keyc_item it[3];
	struct answer *a;

	NEED(t != NULL);
	for (size_t n = 1; n <= 3; n++) {
		c.records = (uint32_t)n;
		it[n - 1] = item_of(0, 0, NULL, t);
		a = fixture_ask(&fx, keyc_open, &c, it, n);
		CHECK(count(a, n <= 2 ? WIRE_OK : WIRE_DENIED) == n);
		answer_free(a);
	}
	c.op = POLICY_SEARCH;
	for (size_t n = 1; n <= 3; n++) {
		c.records = (uint32_t)n;
		it[n - 1] = item_of(CLASS_EMAIL, 0, NULL, "ann@example.org");
		a = fixture_ask(&fx, keyc_index, &c, it, n);
		CHECK(count(a, n <= 2 ? WIRE_OK : WIRE_DENIED) == n);
		answer_free(a);
	}
	c.op = POLICY_WRITE;
	for (size_t n = 1; n <= 3; n++) {
		c.records = (uint32_t)n;
		it[n - 1] = item_of(CLASS_WECHAT, 0, "cust-1", "ann_example");
		a = fixture_ask(&fx, keyc_seal, &c, it, n);
		CHECK(count(a, n <= 2 ? WIRE_OK : WIRE_DENIED) == n);
		answer_free(a);
	}
	c.op = POLICY_READ;
	c.records = 2;
	a = fixture_ask(&fx, keyc_seal, &c, it, 3);
	CHECK(a->err == SC_AUTH);
	answer_free(a);
	for (size_t n = 0; n < 3; n++)
		it[n] = item_of(0, 0, NULL, t);
	a = fixture_ask(&fx, keyc_open, &c, it, 3);
	CHECK(count(a, WIRE_OK) == 3);
	answer_free(a);
	free(t);
}

/* ---- approvals ---- */

static void test_approvals(void)
{
	struct asking c = as("migrator", ROLE_OFFICER, FOR_AUDIT, POLICY_EXPORT, 70);
	struct keyc_item it = item_of(0, 0, NULL, token[0]);

	for (unsigned n = 0; n <= 255; n += 51) {
		c.approvals = (uint8_t)n;
		CHECK(first_status(fixture_ask(&fx, keyc_open, &c, &it, 1)) == WIRE_DENIED);
	}
}

/* ---- consents ---- */

#define CLOSED ACTION_DENY /* whose it is stands in its way before any consent does */

/* What becomes of tokens of two people and of nobody when SUBJECT has granted CONSENTS. */
static void check_consents(char *const tokens[3], uint32_t consents, const char *subject,
    uint8_t flags, const enum policy_action want[3])
{
	struct asking c = as("wanted", ROLE_SUPPORT, FOR_SERVICE, POLICY_READ, 71);
	struct keyc_item it[3];
	struct answer *a;

	c.consents = consents;
	for (int i = 0; i < 3; i++)
		it[i] = item_of(0, flags, subject, tokens[i]);
	a = fixture_ask(&fx, keyc_open, &c, it, 3);
	NEED(a->err == SC_OK && a->n == 3);
	for (int i = 0; i < 3; i++)
		CHECK(a->r[i].status == (want[i] == CLOSED ? WIRE_FOREIGN : WIRE_OK) &&
		    a->r[i].action == want[i]);
	answer_free(a);
}

static void test_consents(void)
{
	static const uint32_t both = 1u << FOR_SERVICE | 1u << FOR_AUDIT;
	static const enum policy_action first[] = { ACTION_REVEAL, CLOSED, CLOSED },
					adopts[] = { ACTION_REVEAL, CLOSED, ACTION_MASK },
					second[] = { CLOSED, ACTION_REVEAL, CLOSED },
					masked[] = { ACTION_MASK, CLOSED, CLOSED },
					nobody[] = { CLOSED, CLOSED, CLOSED },
					none[] = { ACTION_MASK, ACTION_MASK, ACTION_MASK };
	char *const tokens[] = { fixture_seal(&fx, CLASS_PASSPORT, 0, "consents-1", "X1234567"),
		fixture_seal(&fx, CLASS_PASSPORT, 0, "consents-2", "X1234568"),
		fixture_seal(&fx, CLASS_PASSPORT, 0, NULL, "X1234569") };

	NEED(tokens[0] != NULL && tokens[1] != NULL && tokens[2] != NULL);
	check_consents(tokens, both, "consents-1", 0, first);
	check_consents(tokens, both | 1, "consents-2", 0, second);
	check_consents(tokens, both, "consents-3", 0, nobody);
	/* a class's token may be taken for theirs, but nobody's consent counts for it */
	check_consents(tokens, both, "consents-1", KEYC_ADOPT, adopts);
	check_consents(tokens, both, NULL, 0, none);
	check_consents(tokens, 1u << FOR_SERVICE, "consents-1", 0, masked);
	check_consents(tokens, 1u << FOR_AUDIT, "consents-1", 0, masked);
	check_consents(tokens, 0, "consents-1", 0, masked);
	check_consents(tokens, 0, NULL, 0, none);
	for (int i = 0; i < 3; i++)
		free(tokens[i]);
}

/* ---- shares ---- */

static struct answer *send_to(const char *name, uint8_t sender, uint8_t to, uint8_t purpose,
    char *const tokens[], size_t n)
{
	struct asking c = as(name, sender, FOR_SERVICE, POLICY_SHARE, 56);
	struct keyc_item it[16];

	asking_share(&c, to, purpose, a_name("parcels"));
	for (size_t i = 0; i < n; i++)
		it[i] = item_of(0, 0, NULL, tokens[i]);
	return fixture_ask(&fx, keyc_open, &c, it, n);
}

/* Two yeses, the less revealing of which counts; the people are the sender's, read or sent. */
static void test_shares(void)
{
	char *name = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	char *phone = fixture_seal(&fx, CLASS_PHONE, 0, "cust-1", "07700 900123");
	struct answer *a;

	NEED(name != NULL && phone != NULL);
	a = send_to("sender", ROLE_SUPPORT, ROLE_SHOP, FOR_SERVICE,
	    (char *[]){ token[0], name, phone }, 3);
	CHECK(a->n == 3 && a->r[0].action == ACTION_REVEAL && a->r[1].action == ACTION_MASK &&
	    a->r[2].status == WIRE_DENIED);
	answer_free(a);
	/* one yes alone is none */
	CHECK(first_status(send_to("shop", ROLE_SHOP, ROLE_SHOP, FOR_SERVICE, token, 1)) ==
	    WIRE_DENIED);
	CHECK(first_status(send_to("sender", ROLE_SUPPORT, ROLE_SUPPORT, FOR_SERVICE, token, 1)) ==
	    WIRE_DENIED);
	/* a share to nobody, or for no purpose, is no question at all */
	a = send_to("sender", ROLE_SUPPORT, ASKING_UNSET, FOR_SERVICE, token, 1);
	CHECK(a->err == SC_AUTH && a->n == 0);
	answer_free(a);
	a = send_to("sender", ROLE_SUPPORT, ROLE_SHOP, 9, token, 1);
	CHECK(a->err == SC_AUTH && a->n == 0);
	answer_free(a);
	/* whom it read counts for what it sends, whoever it is sent to */
	a = look("both", token, 2);
	CHECK(count(a, WIRE_OK) == 2);
	answer_free(a);
	a = send_to("both", ROLE_SUPPORT, ROLE_SHOP, FOR_SERVICE, token, PEOPLE);
	CHECK(count(a, WIRE_OK) == 3 && count(a, WIRE_QUOTA) == PEOPLE - 3);
	answer_free(a);
	free(name), free(phone);
}

/* ---- what may be asked at all ---- */

static void test_ops(void)
{
	static const struct {
		ask_fn *ask;
		unsigned allowed;
	} rows[] = {
		{ keyc_seal, 1u << POLICY_WRITE },
		{ keyc_open, 1u << POLICY_READ | 1u << POLICY_SHARE | 1u << POLICY_EXPORT },
		{ keyc_index, 1u << POLICY_SEARCH },
		{ keyc_pseudonym, 1u << POLICY_WRITE },
	};

	for (size_t i = 0; i < 4; i++)
		for (uint8_t op = 0; op <= POLICY_OP_COUNT; op++) {
			struct asking c = as("asker", ROLE_SHOP, FOR_ORDERS, op, 80);
			struct keyc_item it = item_of(CLASS_PHONE, i == 3 ? KEYC_ACCOUNT : 0, NULL,
			    i == 1 ? token[0] : "07700 900123");
			struct answer *a = fixture_ask(&fx, rows[i].ask, &c, &it, 1);

			CHECK(a->err == ((rows[i].allowed >> op & 1) != 0 ? SC_OK : SC_AUTH));
			answer_free(a);
		}
}

static void test_contexts(void)
{
	static const struct policy_reason personal = { "call 07700 900123" };
	struct asking good = as("asker", ROLE_SHOP, FOR_ORDERS, POLICY_READ, 81), c;
	struct keyc_item it = item_of(0, 0, NULL, token[0]);
	uint8_t other[ASKING_HASH];

	CHECK(first_status(fixture_ask(&fx, keyc_open, &good, &it, 1)) == WIRE_OK);
	for (int i = 0; i < 5; i++) {
		struct answer *a;

		c = good;
		if (i == 0)
			c.purpose = 9;
		else if (i == 1)
			c.role = 9;
		else if (i == 2)
			c.reason = &personal; /* keyd reads reasons itself */
		else if (i == 3)
			c.ticket = &personal;
		else
			c.tenant = a_name("dem");
		a = fixture_ask(&fx, keyc_open, &c, &it, 1);
		CHECK(a->err == SC_AUTH && a->n == 0);
		answer_free(a);
	}
	c = good;
	memcpy(other, c.policy_hash, sizeof(other));
	other[0] ^= 1;
	c.policy_hash = other;
	c.role = 9; /* another file's number: it is not refused for that */
	struct answer *a = fixture_ask(&fx, keyc_open, &c, &it, 1);
	CHECK(a->err == SC_STALE && a->n == 0);
	answer_free(a);
}

/* What policy wants poorer on its way in never becomes a token of the value. */
static void test_poorer_in(void)
{
	static const struct {
		uint8_t class_id;
		const char *value, *want;
		enum policy_action action;
	} rows[] = {
		{ CLASS_NAME, "Ann Example", NULL, ACTION_MASK },
		{ CLASS_DOB, "1990-05-17", "1990", ACTION_GENERALISE },
		{ CLASS_QQ, "123456789", "", ACTION_DROP },
	};
	struct asking c = as("poorer", ROLE_SUPPORT, FOR_SERVICE, POLICY_WRITE, 82);

	for (size_t i = 0; i < 3; i++) {
		struct keyc_item it = item_of(rows[i].class_id, 0, "cust-1", rows[i].value);
		struct answer *a = fixture_ask(&fx, keyc_seal, &c, &it, 1);

		NEED(a->err == SC_OK && a->n == 1);
		CHECK(a->r[0].status == WIRE_OK && a->r[0].action == rows[i].action);
		CHECK(strcmp(a->r[0].text, rows[i].value) != 0);
		CHECK(rows[i].want == NULL ? strchr(a->r[0].text, '*') != NULL :
					     strcmp(a->r[0].text, rows[i].want) == 0);
		answer_free(a);
	}
	struct keyc_item email = item_of(CLASS_EMAIL, 0, "cust-1", "ann@example.org");
	CHECK(first_status(fixture_ask(&fx, keyc_seal, &c, &email, 1)) == WIRE_DENIED);
}

/* One statement of the export and one of a refused one, for the log. */
static void test_export(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "exported", "Ann Example");
	struct asking c = as("exporter", ROLE_SHOP, FOR_ORDERS, POLICY_EXPORT, 90);
	struct keyc_item it = item_of(0, 0, NULL, t);

	NEED(t != NULL);
	CHECK(first_status(fixture_ask(&fx, keyc_open, &c, &it, 1)) == WIRE_OK);
	free(t);
}

static struct answer *erase_as(uint8_t role, uint64_t request, const char *subject)
{
	struct asking c = as(role == ROLE_OFFICER ? "eraser" : "shop", role,
	    role == ROLE_OFFICER ? FOR_AUDIT : FOR_ORDERS, POLICY_DELETE, request);
	struct answer *a = answer_new();

	if ((a->err = keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject))) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

/* ---- what stands in the log of all this ---- */

static void test_log(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "logged", "Ann Example");
	struct answer *a;
	char text[32];

	NEED(t != NULL);
	CHECK(first_status(erase_as(ROLE_SHOP, 0x51, "logged")) == WIRE_DENIED);
	CHECK(first_status(erase_as(ROLE_OFFICER, 0x52, "logged")) == WIRE_OK);
	CHECK(first_status(erase_as(ROLE_OFFICER, 0x53, "logged")) == WIRE_GONE);
	a = look("reader", (char *[]){ t, token[0], (char *)(uintptr_t) "nonsense" }, 3);
	NEED(a->err == SC_OK && a->n == 3);
	CHECK(a->r[0].status == WIRE_GONE && a->r[1].status == WIRE_OK);
	CHECK(a->r[2].status == WIRE_BAD_TOKEN);
	answer_free(a);
	free(t);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(LOGGED(&fx, "\"kind\":\"start\"", "keyd.start") == 1);
	CHECK(LOGGED(&fx, "\"kind\":\"stop\"", "keyd.stop") == 1);
	/* the stop, behind it how far the store has come, and nothing else */
	NEED(LAST_LOGGED(&fx, "keyd.stop") < UINT64_MAX);
	CHECK(LAST_LOGGED(&fx, "\"act\":\"keys.progress\"") == LAST_LOGGED(&fx, "keyd.stop") + 1);
	CHECK(LAST_LOGGED(&fx, "\"kind\"") == LAST_LOGGED(&fx, "keyd.stop") + 1);
	/* 19 classes have keys, each told once */
	CHECK(LOGGED(&fx, "\"act\":\"keys.create\"") == 19);
	/* an erasure: what is about to be done, and what was */
	CHECK(LOGGED(&fx, "\"kind\":\"erase\"", "\"req\":\"0000000000000051\"") == 1);
	CHECK(LOGGED(&fx, "\"req\":\"0000000000000051\"", "\"result\":\"refused\"",
		  "denied by policy") == 1);
	CHECK(LOGGED(&fx, "\"kind\":\"erase\"", "\"req\":\"0000000000000052\"") == 2);
	CHECK(LOGGED(&fx, "\"req\":\"0000000000000052\"", "\"outcome\"") == 1);
	CHECK(LOGGED(&fx, "\"req\":\"0000000000000052\"", "\"result\":\"ok\",\"why\":\"erased\"",
		  "\"principal\":\"eraser\"", "\"role\":\"officer\"", "\"purpose\":\"audit\"",
		  "\"op\":\"delete\"", "\"route\":\"checkout\"") == 1);
	CHECK(LOGGED(&fx, "\"req\":\"0000000000000053\"", "\"why\":\"no key\"") == 1);
	/* openings */
	CHECK(LOGGED(&fx, "\"principal\":\"in-one\"", "\"kind\":\"reveal\"", "\"records\":1",
		  "\"result\":\"partial\",\"revealed\":3,\"denied\":2",
		  "\"classes\":{\"address\":{\"deny\":2,\"reveal\":3}}", "\"unnamed\":3") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"one-by-one\"", "\"kind\":\"reveal\"") == 3);
	CHECK(LOGGED(&fx, "\"principal\":\"one-by-one\"", "\"kind\":\"denial\"") == 2);
	CHECK(LOGGED(&fx, "\"principal\":\"masker\"", "\"masked\":6", "\"action\":\"mask\"",
		  "\"rules\":[\"masked\"]") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"reader\"", "\"revealed\":1", "\"gone\":1,\"bad\":1",
		  "\"result\":\"partial\"", "\"records\":1") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"exporter\"", "\"kind\":\"export\"", "\"op\":\"export\"",
		  "\"revealed\":1") == 1);
	for (unsigned n = 51; n <= 255; n += 51) {
		snprintf(text, sizeof(text), "\"approvals\":%u}", n);
		CHECK(LOGGED(&fx, "\"principal\":\"migrator\"", "\"kind\":\"denial\"", text) == 1);
	}
	/* sealings and searches */
	CHECK(LOGGED(&fx, "\"kind\":\"search\"", "\"principal\":\"seeker\"", "\"indexed\"") >= 1);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"seeker\"") == 0);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"poorer\"") >= 1);
	NEED(fixture_start(&fx));
}

/* ---- packets no honest peer sends ---- */

static int dial(bool hello)
{
	static const uint8_t greeting[] = { 'S', 'K', 'D', '1', 0, WIRE_HELLO, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 9, 0, WIRE_VERSION, 6, 's', 'c', 'r', 'i', 'm', 'd' };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 10 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	uint8_t in[256];

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.90s/run/k.sock", fx.dir);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    (hello &&
		(send(fd, greeting, sizeof(greeting), 0) != (ssize_t)sizeof(greeting) ||
		    recv(fd, in, sizeof(in), 0) != WIRE_HEAD + 2 + 32 + 1)))
		abort();
	return fd;
}

/* Is the peer dropped that sends BODY as OP? It is told nothing. */
static bool dropped(bool hello, uint16_t op, uint16_t flags, struct sc_span body)
{
	struct sc_buf b;
	uint8_t in[4096];
	size_t at;
	bool gone;
	int fd = dial(hello);

	sc_buf_init(&b, 1 << 20);
	if (wire_frame_begin(&b, op, 1, &at) != SC_OK || sc_buf_put_span(&b, body) != SC_OK)
		abort();
	wire_frame_end(&b, at, flags);
	if (send(fd, b.p, b.n, 0) != (ssize_t)b.n)
		abort();
	gone = recv(fd, in, sizeof(in), 0) == 0;
	close(fd);
	sc_buf_fini(&b);
	return gone;
}

static void context_into(struct sc_buf *b, uint8_t op)
{
	const struct asking c = { .tenant = a_name("demo"),
		.principal = a_name("raw"),
		.role = ROLE_SHOP,
		.op = op,
		.policy_hash = fx.policy_hash };

	if (wire_asking_encode(b, &c) != SC_OK)
		abort();
}

static void test_bad_frames(void)
{
	struct wire_head head = { SC_LIT("demo/raw"), (uint64_t)INT64_MAX + 1, fx.policy_hash, NULL,
		0 };
	struct wire_item it = { .class_id = CLASS_NAME, .value = SC_LIT("x") };
	struct sc_buf b;

	sc_buf_init(&b, 1 << 16);
	context_into(&b, POLICY_READ);
	CHECK(!dropped(true, WIRE_STATUS, 0, sc_buf_span(&b)));
	CHECK(dropped(false, WIRE_STATUS, 0, sc_buf_span(&b))); /* no hello */
	CHECK(dropped(true, WIRE_STATUS, WIRE_F_MORE, sc_buf_span(&b)));
	CHECK(dropped(true, WIRE_OP_END, 0, sc_buf_span(&b)));
	CHECK(dropped(true, 0, 0, sc_buf_span(&b)));
	CHECK(dropped(true, WIRE_STATUS | WIRE_REPLY, 0, sc_buf_span(&b)));
	CHECK(dropped(true, WIRE_STATUS, 0, sc_span(b.p, b.n - 1)));
	CHECK(sc_buf_put_str(&b, "x") == SC_OK);
	CHECK(dropped(true, WIRE_STATUS, 0, sc_buf_span(&b))); /* one byte too many */
	CHECK(dropped(true, WIRE_HELLO, 0, sc_span_str("xyz")));

	/* an item of a subject that is not there */
	sc_buf_clear(&b);
	context_into(&b, POLICY_READ);
	it.subject = 1;
	NEED(sc_buf_put_be16(&b, 1) == SC_OK && sc_buf_put_field16(&b, sc_span_str("c")) == SC_OK &&
	    sc_buf_put_be16(&b, 1) == SC_OK && wire_item_encode(&b, &it) == SC_OK);
	CHECK(dropped(true, WIRE_OPEN, 0, sc_buf_span(&b)));

	/* heads: a size that cannot be, a name that is none, and the last that can be */
	sc_buf_clear(&b);
	context_into(&b, POLICY_READ);
	NEED(wire_head_encode(&b, &head) == SC_OK);
	CHECK(dropped(true, WIRE_SIGN_HEAD, 0, sc_buf_span(&b)));
	sc_buf_clear(&b);
	context_into(&b, POLICY_READ);
	head.size = 5;
	head.origin = sc_span_str("no name");
	NEED(wire_head_encode(&b, &head) == SC_OK);
	CHECK(dropped(true, WIRE_SIGN_HEAD, 0, sc_buf_span(&b)));
	sc_buf_clear(&b);
	context_into(&b, POLICY_READ);
	head.size = INT64_MAX;
	head.origin = sc_span_str("demo/raw");
	NEED(wire_head_encode(&b, &head) == SC_OK);
	CHECK(!dropped(true, WIRE_SIGN_HEAD, 0, sc_buf_span(&b)));

	/* an erasure of nobody, and of a name too long */
	sc_buf_clear(&b);
	context_into(&b, POLICY_DELETE);
	NEED(sc_buf_put_be16(&b, 0) == SC_OK);
	CHECK(dropped(true, WIRE_ERASE_SUBJECT, 0, sc_buf_span(&b)));
	for (int over = 0; over < 2; over++) {
		sc_buf_clear(&b);
		context_into(&b, POLICY_DELETE);
		NEED(sc_buf_put_be16(&b, (uint16_t)(CRYPTO_SUBJECT_MAX + over)) == SC_OK);
		for (unsigned i = 0; i < CRYPTO_SUBJECT_MAX + (unsigned)over; i++)
			NEED(sc_buf_put_str(&b, "x") == SC_OK);
		CHECK(dropped(true, WIRE_ERASE_SUBJECT, 0, sc_buf_span(&b)) == (over == 1));
	}
	sc_buf_fini(&b);
}

/* ---- heads ---- */

#define OTHER_LOGS (SETTINGS_LOGS_MAX - 2)

/* "first", "raw" and as many more as keyd.json may name. */
static bool name_logs(void)
{
	char logs[4096] = "{\"name\":\"first\"},{\"name\":\"raw\"}";

	for (int i = 0; i < OTHER_LOGS; i++)
		snprintf(logs + strlen(logs), sizeof(logs) - strlen(logs), ",{\"name\":\"log-%d\"}",
		    i);
	return fixture_config_logs(&fx, (unsigned)getuid(), logs);
}

static struct answer *sign(const char *origin, uint64_t size, const uint8_t root[32],
    size_t n_proof)
{
	static const uint8_t proof[4][32] = { { 1 } };
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct wire_head h = { sc_span_str(origin), size, root, proof[0], (uint8_t)n_proof };
	struct answer *a = answer_new();

	if ((a->err = keyc_sign_head(fx.kc, &a->call, &c, &h)) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

static void test_heads(void)
{
	static const uint8_t root[32] = { 1 }, other[32] = { 2 };
	char origin[32];
	struct answer *a;

	/* the first is taken as it is; but a proof of nothing is none */
	CHECK(first_status(sign("demo/first", 4, root, 1)) == WIRE_DENIED);
	CHECK(first_status(sign("demo/first", 4, root, 0)) == WIRE_OK);
	/* the same again, whatever it is proved from; another of that size, and a shorter one */
	CHECK(first_status(sign("demo/first", 4, root, 0)) == WIRE_OK);
	CHECK(first_status(sign("demo/first", 4, root, 2)) == WIRE_OK);
	CHECK(first_status(sign("demo/first", 4, other, 0)) == WIRE_DENIED);
	CHECK(first_status(sign("demo/first", 3, root, 0)) == WIRE_DENIED);
	CHECK(first_status(sign("demo/first", 5, root, 0)) == WIRE_DENIED);
	CHECK(first_status(sign("demo/first", 4, root, 0)) == WIRE_OK);
	/* all that keyd.json can name, beside scrimd's and keyd's own; "demo/raw" has its row */
	CHECK(first_status(sign("demo/scrimd", 1, root, 0)) == WIRE_OK);
	for (int i = 0; i < OTHER_LOGS; i++) {
		snprintf(origin, sizeof(origin), "demo/log-%d", i);
		CHECK(first_status(sign(origin, 1, root, 0)) == WIRE_OK);
	}
	/* they are remembered after others are named, and not one more is */
	CHECK(fixture_stop(&fx, SIGTERM) == 0 &&
	    fixture_config_logs(&fx, (unsigned)getuid(), "{\"name\":\"late\"}"));
	NEED(fixture_start(&fx));
	a = sign("demo/late", 1, root, 0);
	CHECK(a->err == SC_LIMIT);
	answer_free(a);
	a = sign("demo/first", 4, root, 0);
	CHECK(a->err == SC_AUTH);
	answer_free(a);
	CHECK(first_status(sign("demo/scrimd", 1, root, 0)) == WIRE_OK);
}

int main(void)
{
	if (!fixture_make(&fx) || !name_logs() || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	RUN(test_class_tokens_count,
	    "tokens without a person count as people, to the edge of the limit");
	RUN(test_forged_neighbours, "a token nobody sealed makes nobody count as shown");
	RUN(test_class_key_of_another, "a class's key opens nothing of another class");
	RUN(test_masks_do_not_count, "who was shown masked is of nobody's quota");
	RUN(test_shares, "a share needs the sender's yes and the recipient's");
	RUN(test_searches_count,
	    "searches are counted, each person once, and those for nobody not");
	RUN(test_records, "a rule for few records at once sees how many there are");
	RUN(test_consents, "a consent opens tokens of the person who gave it, and no other's");
	RUN(test_approvals, "approvals that are told open nothing");
	RUN(test_ops, "each question may be asked under its own operations only");
	RUN(test_contexts,
	    "a context keyd cannot name is refused, another policy is another error");
	RUN(test_poorer_in, "what policy wants poorer on its way in is poorer");
	RUN(test_export, "an export is one");
	RUN(test_log, "keyd's log tells all of it, once");
	RUN(test_bad_frames, "what no honest peer sends drops the peer");
	RUN(test_heads, "heads are signed by the rule, for so many logs");
	for (int i = 0; i < PEOPLE; i++)
		free(token[i]);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_remove(&fx);
	return tap_done();
}
