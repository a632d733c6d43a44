/*
 * test_guess.c - a real keyd, and somebody who has a token and every value that it may stand for:
 * who does not store learns nothing by sealing, who stores tries 32 values a person, class and
 * day, and an index comes beside a sealing alone.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

#include "crypto/marks/marks.h"

static struct fixture fx;

#define SUPPORT_SEALS \
	"    { \"id\": \"staff\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": " \
	"[\"phone\", \"email\"], \"op\": \"write\", \"effect\": \"tokenise\" },\n"

/* The fixture's policy, and support may seal phones; INDEXES a day for it. */
static bool policy(const char *support)
{
	static char text[FIXTURE_POLICY_MAX + 400];
	static const char role[] = "\"support\": { \"max_tier\": \"T3\", ";
	const char *at = strstr(fixture_policy, role), *rules;

	if (at == NULL || (rules = strstr(at, "    { \"id\": \"seal\"")) == NULL)
		return false;
	at += sizeof(role) - 1;
	snprintf(text, sizeof(text), "%.*s%s%.*s%s%s", (int)(at - fixture_policy), fixture_policy,
	    support, (int)(rules - at), at, SUPPORT_SEALS, rules);
	return fixture_reload(&fx, text);
}

static struct asking as(const char *name, uint8_t role)
{
	struct asking c =
	    fixture_context(&fx, role, role == ROLE_SHOP ? FOR_ORDERS : FOR_SERVICE, POLICY_WRITE);

	c.principal = a_name(name);
	return c;
}

#define GUESSES 200
static char guess[GUESSES][24];
static struct keyc_item items[GUESSES];
static size_t tries = GUESSES;

/* The first TRIES guesses of SUBJECT's number, sealed by C. */
static struct answer *try_all(const struct asking *c, const char *subject, uint8_t flags)
{
	for (size_t i = 0; i < tries; i++) {
		snprintf(guess[i], sizeof(guess[i]), "07700 900%03zu", i);
		items[i] = item_of(CLASS_PHONE, flags, subject, guess[i]);
	}
	return fixture_ask(&fx, keyc_seal, c, items, tries);
}

/* How many of A are tokens by which two equal values could be known. */
static unsigned comparable(const struct answer *a)
{
	struct token_parts t;
	struct sc_buf scratch;
	unsigned n = 0;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	for (size_t i = 0; i < a->n; i++) {
		struct wire_indexed x = wire_indexed(sc_span(a->r[i].text, a->r[i].len));

		if (token_parse(x.token, &scratch, &t) != SC_OK)
			abort();
		n += (t.flags & TOKEN_RANDOM) == 0;
	}
	sc_buf_fini(&scratch);
	return n;
}

static unsigned indexes(const struct answer *a)
{
	unsigned n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += wire_indexed(sc_span(a->r[i].text, a->r[i].len)).given;
	return n;
}

static void expect(struct answer *a, unsigned tokens, unsigned indexed)
{
	CHECK(a->err == SC_OK && a->n == tries);
	for (size_t i = 0; i < a->n; i++)
		CHECK(a->r[i].status == WIRE_OK && a->r[i].action == ACTION_TOKENISE);
	if (comparable(a) != tokens || indexes(a) != indexed)
		printf("# %u tokens, %u indexes\n", comparable(a), indexes(a));
	CHECK(comparable(a) == tokens && indexes(a) == indexed);
	answer_free(a);
}

static void test_who_stores_nothing(void)
{
	struct asking c = as("agent", ROLE_SUPPORT);

	NEED(policy(""));
	expect(try_all(&c, "victim", 0), 0, 0);
	expect(try_all(&c, NULL, 0), 0, 0);
	/* whatever is asked for beside it */
	expect(try_all(&c, "victim", KEYC_INDEXED), 0, 0);
	expect(try_all(&c, "victim", TOKEN_RANDOM), 0, 0);
}

/* What it is given is a token all the same, and opens. */
static void test_random_opens(void)
{
	struct asking c = as("agent", ROLE_SUPPORT);
	struct keyc_item it = item_of(CLASS_PHONE, 0, "victim", "07700 900123");
	struct answer *a = fixture_ask(&fx, keyc_seal, &c, &it, 1);

	NEED(a->err == SC_OK && a->n == 1);
	CHECK(fixture_opens_to(&fx, a->r[0].text, "07700 900123"));
	answer_free(a);
}

/*
 * 32 of a person and class, whoever seals them, and what there was costs nothing; one more, and
 * none compares, the true one least of all.
 */
static void test_who_stores(void)
{
	struct asking one = as("shop-1", ROLE_SHOP), two = as("shop-2", ROLE_SHOP);
	char *true_one = fixture_seal(&fx, CLASS_PHONE, 0, "buyer", "07700 900190");
	struct answer *a;

	NEED(true_one != NULL);
	/* 31 beside the true one */
	tries = MARKS_VALUES_MAX - 1;
	expect(try_all(&one, "buyer", 0), tries, 0);
	expect(try_all(&two, "buyer", KEYC_INDEXED), tries, tries);
	tries = GUESSES;
	a = try_all(&two, "buyer", KEYC_INDEXED);
	CHECK(a->err == SC_OK && a->n == GUESSES && comparable(a) == MARKS_VALUES_MAX - 1);
	CHECK(indexes(a) == MARKS_VALUES_MAX - 1);
	for (size_t i = 0; i < a->n; i++)
		CHECK(strncmp(a->r[i].text, true_one, strlen(true_one)) != 0);
	answer_free(a);
	expect(try_all(&one, "buyer", 0), 0, 0);
	expect(try_all(&one, "buyer", KEYC_INDEXED), 0, 0);
	expect(try_all(&two, "buyer-2", 0), MARKS_VALUES_MAX, 0);
	/* a number is a value of its own */
	tries = MARKS_VALUES_MAX / 2;
	expect(try_all(&one, "buyer-3", 0), tries, 0);
	expect(try_all(&one, "buyer-3", TOKEN_NUMBER), tries, 0);
	tries = MARKS_VALUES_MAX / 2 + 1;
	expect(try_all(&one, "buyer-3", 0), tries - 1, 0);
	tries = GUESSES;
	free(true_one);
}

static void test_restart(void)
{
	struct asking c = as("shop-1", ROLE_SHOP);

	NEED(policy(""));
	tries = MARKS_VALUES_MAX - 1;
	expect(try_all(&c, "buyer-4", 0), tries, 0);
	for (int i = 0; i < 2; i++) {
		CHECK(fixture_stop(&fx, SIGTERM) == 0);
		NEED(fixture_start(&fx));
		expect(try_all(&c, "buyer", 0), 0, 0);
		expect(try_all(&c, "buyer-4", 0), tries, 0);
	}
	tries = GUESSES;
	expect(try_all(&c, "buyer-4", 0), MARKS_VALUES_MAX, 0);
}

/* What an agent sealed and the order system stores compares there, under the limit. */
static void test_own_random(void)
{
	struct asking agent = as("agent", ROLE_SUPPORT), shop = as("shop-3", ROLE_SHOP);
	struct keyc_item it = item_of(CLASS_PHONE, 0, "moved", "07700 900123");
	char *plain = fixture_seal(&fx, CLASS_PHONE, 0, "moved", "07700 900123");
	struct answer *a = fixture_ask(&fx, keyc_seal, &agent, &it, 1), *b;

	NEED(plain != NULL && a->err == SC_OK && a->n == 1 && strcmp(a->r[0].text, plain) != 0);
	it.value = sc_span_str(a->r[0].text);
	b = fixture_ask(&fx, keyc_seal, &shop, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, plain) == 0);
	answer_free(b);
	/* the agent gets both as they are; so does the shop where it wants a nonce */
	b = fixture_ask(&fx, keyc_seal, &agent, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, a->r[0].text) == 0);
	answer_free(b);
	it.flags = TOKEN_RANDOM;
	b = fixture_ask(&fx, keyc_seal, &shop, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, a->r[0].text) == 0);
	answer_free(b);
	/* ... but of somebody else it is only a text */
	it = item_of(CLASS_PHONE, 0, "somebody", a->r[0].text);
	b = fixture_ask(&fx, keyc_seal, &shop, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, a->r[0].text) != 0);
	answer_free(b);
	it = item_of(CLASS_PHONE, KEYC_INDEXED, "moved", plain);
	b = fixture_ask(&fx, keyc_seal, &agent, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, plain) == 0);
	answer_free(b);
	/* past the limit it stays what it was */
	expect(try_all(&shop, "buyer", 0), 0, 0);
	it = item_of(CLASS_PHONE, 0, "buyer", "07700 900999");
	answer_free(a);
	a = fixture_ask(&fx, keyc_seal, &agent, &it, 1);
	NEED(a->err == SC_OK && a->n == 1);
	it.value = sc_span_str(a->r[0].text);
	b = fixture_ask(&fx, keyc_seal, &shop, &it, 1);
	CHECK(b->err == SC_OK && b->n == 1 && strcmp(b->r[0].text, a->r[0].text) == 0);
	answer_free(a), answer_free(b);
	free(plain);
}

/* Of nobody: 4,096 of a principal, here counted in full. */
static void test_nobodys(void)
{
	static char value[CRYPTO_ITEMS_MAX][32];
	static struct keyc_item it[CRYPTO_ITEMS_MAX];
	struct asking one = as("walk-in", ROLE_SHOP), two = as("walk-by", ROLE_SHOP);
	struct answer *a;

	for (size_t i = 0; i < CRYPTO_ITEMS_MAX; i++) {
		snprintf(value[i], sizeof(value[i]), "Person Number %zu", i);
		it[i] = item_of(CLASS_NAME, 0, NULL, value[i]);
	}
	for (int again = 0; again < 2; again++) {
		a = fixture_ask(&fx, keyc_seal, &one, it, CRYPTO_ITEMS_MAX);
		CHECK(a->err == SC_OK && comparable(a) == CRYPTO_ITEMS_MAX);
		answer_free(a);
	}
	expect(try_all(&one, NULL, 0), 0, 0);
	a = fixture_ask(&fx, keyc_seal, &one, it, 1);
	CHECK(a->err == SC_OK && comparable(a) == 0);
	answer_free(a);
	expect(try_all(&two, NULL, 0), GUESSES, 0);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	expect(try_all(&one, NULL, 0), 0, 0);
}

/* A ceiling of indexes for a principal, invented people and nobody included, across a restart. */
static void test_index_ceiling(void)
{
	struct asking c = as("caller", ROLE_SUPPORT), other = as("other", ROLE_SUPPORT);
	char who[16];

	NEED(policy("\"indexes_per_day\": 100, "));
	tries = MARKS_VALUES_MAX;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(who, sizeof(who), "invented-%u", i);
		expect(try_all(&c, who, KEYC_INDEXED), 0, tries);
	}
	expect(try_all(&c, "invented-1", KEYC_INDEXED), 0, tries);
	expect(try_all(&c, NULL, KEYC_INDEXED), 0, 100 - 3 * MARKS_VALUES_MAX);
	/* and from there on none, of those before either */
	expect(try_all(&c, "invented-9", KEYC_INDEXED), 0, 0);
	expect(try_all(&c, "invented-1", KEYC_INDEXED), 0, 0);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	expect(try_all(&c, "invented-9", KEYC_INDEXED), 0, 0);
	expect(try_all(&c, "invented-1", KEYC_INDEXED), 0, 0);
	tries = GUESSES;
	expect(try_all(&other, NULL, KEYC_INDEXED), 0, 100);
	NEED(policy(""));
}

/* The index beside a sealing is what a search looks for; asked for by itself it is refused. */
static void test_index(void)
{
	struct asking c = as("shop-4", ROLE_SHOP);
	struct keyc_item it[] = { item_of(CLASS_PHONE, KEYC_INDEXED, "indexed", "07700 900123"),
		item_of(CLASS_PHONE, KEYC_INDEXED, "indexed", "N/A"),
		item_of(CLASS_PHONE, KEYC_INDEXED | TOKEN_RANDOM, NULL, "+44 7700 900123") };
	struct answer *a = fixture_ask(&fx, keyc_seal, &c, it, 3), *b;
	struct wire_indexed x, y;

	NEED(a->err == SC_OK && a->n == 3);
	c.op = POLICY_SEARCH;
	it[0].flags = 0;
	b = fixture_ask(&fx, keyc_index, &c, it, 1);
	NEED(b->err == SC_OK && b->n == 1);
	x = wire_indexed(sc_span(a->r[0].text, a->r[0].len));
	y = wire_indexed(sc_span(a->r[2].text, a->r[2].len));
	CHECK(x.given && sc_span_is(x.newest, b->r[0].text) && sc_span_eq(x.newest, x.oldest));
	CHECK(y.given && sc_span_eq(x.newest, y.newest) && !sc_span_eq(x.token, y.token));
	x = wire_indexed(sc_span(a->r[1].text, a->r[1].len));
	CHECK(x.given && x.newest.n == 0 && x.oldest.n == 0);
	answer_free(b);
	c.op = POLICY_WRITE;
	b = fixture_ask(&fx, keyc_index, &c, it, 1);
	CHECK(b->err == SC_AUTH && b->n == 0);
	answer_free(a), answer_free(b);
}

/* Whom it was of, how many values were too many, and a search by itself. */
static void test_log(void)
{
	struct asking c = as("both-seal-and-seek", ROLE_SHOP);
	struct keyc_item it[20];
	char who[20][16];

	for (int i = 0; i < 20; i++) {
		snprintf(who[i], sizeof(who[i]), "told-%d", i);
		it[i] = item_of(CLASS_NAME, 0, who[i], "Ann Example");
	}
	answer_free(fixture_ask(&fx, keyc_seal, &c, it, 20));
	c.op = POLICY_SEARCH;
	it[0].subject = sc_span(NULL, 0);
	answer_free(fixture_ask(&fx, keyc_index, &c, it, 1));
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"both-seal-and-seek\"",
		  "\"op\":\"write\"", "\"sealed\":20", "\"subjects\":[\"",
		  "\"subjects_total\":20") == 1);
	CHECK(LOGGED(&fx, "\"kind\":\"search\"", "\"principal\":\"both-seal-and-seek\"",
		  "\"op\":\"search\"", "\"indexed\":1") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"both-seal-and-seek\"") == 2);
	/* 168 of 200 were one too many of one person */
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"shop-1\"", "\"subjects\":[\"",
		  "\"limit\":") >= 1);
	/* and who stores nothing is told of with whom it was about */
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"principal\":\"agent\"", "\"subjects\":[\"") >= 1);
	CHECK(LOGGED(&fx, "\"principal\":\"agent\"", "\"limit\":") == 0);
	NEED(fixture_start(&fx));
}

int main(void)
{
	if (!fixture_make(&fx) || !fixture_start(&fx))
		return 1;
	RUN(test_who_stores_nothing, "who stores nothing seals nothing that compares");
	RUN(test_random_opens, "and what it seals opens");
	RUN(test_who_stores, "who stores has 32 values of a person, class and day");
	RUN(test_restart, "a restart gives no second allowance");
	RUN(test_own_random, "a token with a nonce is stored as one without");
	RUN(test_nobodys, "values of nobody are counted for who seals them");
	RUN(test_index_ceiling, "indexes have a ceiling, for people that there are and others");
	RUN(test_index, "an index to store comes beside the sealing alone");
	RUN(test_log, "the log says whose values were sealed, and who searched");
	fixture_remove(&fx);
	return tap_done();
}
