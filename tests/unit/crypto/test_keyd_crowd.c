/*
 * test_keyd_crowd.c - a real keyd: a packet full of people is counted to the last of
 * them, and what is of a class its policy does not have is refused, one by one.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

static struct fixture fx;

#define LOYALTY 64
#define CROWD 1024 /* tokens under a class key, each a person; all twice fill one packet */

static char *token[CROWD];

/* The fixture's policy and one rule: support may see one person fewer than there are. */
static bool limit_the_crowd(void)
{
	static char text[FIXTURE_POLICY_MAX + 400];
	const char *rest = strstr(fixture_policy, "    { \"id\": \"see\"");

	snprintf(text, sizeof(text),
	    "%.*s    { \"id\": \"crowd\", \"role\": [\"support\"], "
	    "\"purpose\": [\"service\"], \"class\": [\"loyalty_no\"], \"op\": \"read\", "
	    "\"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": %d } },\n%s",
	    (int)(rest - fixture_policy), fixture_policy, CROWD - 1, rest);
	return fixture_reload(&fx, text);
}

static struct asking as(const char *name, uint8_t role, uint8_t op)
{
	struct asking c =
	    fixture_context(&fx, role, role == ROLE_SHOP ? FOR_ORDERS : FOR_SERVICE, op);

	c.principal = a_name(name);
	return c;
}

static size_t count(const struct answer *a, enum wire_status s)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->r[i].status == s;
	return n;
}

static void seal_the_crowd(void)
{
	static struct keyc_item it[CROWD];
	static char value[CROWD][8];
	struct asking c = as("shop", ROLE_SHOP, POLICY_WRITE);
	struct answer *a;

	for (size_t i = 0; i < CROWD; i++) {
		snprintf(value[i], sizeof(value[i]), "L-%zu", i);
		it[i] = item_of(LOYALTY, 0, NULL, value[i]);
	}
	a = fixture_ask(&fx, keyc_seal, &c, it, CROWD);
	NEED(a->err == SC_OK && count(a, WIRE_OK) == CROWD);
	for (size_t i = 0; i < CROWD; i++)
		token[i] = strdup(a->r[i].text);
	answer_free(a);
}

/* Everybody twice, far apart; 769 and 513 have no factor in common with CROWD. */
static size_t nth(size_t i)
{
	return i < CROWD ? i * 769 % CROWD : (i * 513 + 77) % CROWD;
}

static struct answer *look(const char *name, uint8_t role)
{
	static struct keyc_item it[2 * CROWD];
	struct asking c = as(name, role, POLICY_READ);

	for (size_t i = 0; i < 2 * CROWD; i++)
		it[i] = item_of(0, 0, NULL, token[nth(i)]);
	return fixture_ask(&fx, keyc_open, &c, it, 2 * CROWD);
}

static void test_crowd(void)
{
	struct answer *a;
	size_t last = nth(CROWD - 1), wrong = 0;

	NEED(limit_the_crowd());
	seal_the_crowd();
	a = look("unlimited", ROLE_SHOP);
	CHECK(a->err == SC_OK && count(a, WIRE_OK) == 2 * CROWD);
	answer_free(a);
	/* all but the one that came last are shown, both times */
	a = look("limited", ROLE_SUPPORT);
	NEED(a->err == SC_OK && a->n == 2 * CROWD);
	for (size_t i = 0; i < a->n; i++)
		wrong += a->r[i].status != (nth(i) == last ? WIRE_QUOTA : WIRE_OK);
	CHECK(wrong == 0);
	answer_free(a);
	/* and again on the same day, out of the book */
	a = look("limited", ROLE_SUPPORT);
	CHECK(count(a, WIRE_OK) == 2 * CROWD - 2 && count(a, WIRE_QUOTA) == 2);
	answer_free(a);
}

/* A class nobody has ever named, amid others. */
static void test_no_such_class(void)
{
	static ask_fn *const asks[] = { keyc_seal, keyc_index };
	static const char *const names[] = { "stranger-seals", "stranger-seeks" };
	static const uint8_t ops[] = { POLICY_WRITE, POLICY_SEARCH };

	for (size_t i = 0; i < 2; i++) {
		struct asking c = as(names[i], ROLE_SHOP, ops[i]);
		struct keyc_item it[] = { item_of(CLASS_PHONE, 0, NULL, "07700 900123"),
			item_of(200, 0, NULL, "07700 900124"),
			item_of(CLASS_PHONE, 0, NULL, "07700 900125") };
		struct answer *a = fixture_ask(&fx, asks[i], &c, it, 3);

		NEED(a->err == SC_OK && a->n == 3);
		CHECK(a->r[0].status == WIRE_OK && a->r[2].status == WIRE_OK);
		CHECK(a->r[0].len > 0 && a->r[2].len > 0);
		CHECK(a->r[1].status == WIRE_UNKNOWN_CLASS && a->r[1].len == 0);
		CHECK(a->r[1].class_id == 200 && a->r[1].action == ACTION_DENY);
		answer_free(a);
		a = fixture_ask(&fx, asks[i], &c, &it[1], 1);
		CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_UNKNOWN_CLASS);
		answer_free(a);
	}
}

/* Sealed under a class that the policy of today does not have any more. */
static void test_class_taken_away(void)
{
	static char text[FIXTURE_POLICY_MAX];
	const char *from = strstr(fixture_policy, "  \"classes\"");
	const char *rest = strstr(fixture_policy, "  \"roles\"");
	char *name = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	struct asking c;
	struct keyc_item it[2];
	struct answer *a;

	NEED(name != NULL && token[0] != NULL && fixture_opens_to(&fx, token[0], "L-0"));
	snprintf(text, sizeof(text), "%.*s%s", (int)(from - fixture_policy), fixture_policy, rest);
	NEED(fixture_reload(&fx, text));
	c = as("late", ROLE_SHOP, POLICY_READ);
	it[0] = item_of(0, 0, NULL, token[0]);
	it[1] = item_of(0, 0, NULL, name);
	a = fixture_ask(&fx, keyc_open, &c, it, 1);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_UNKNOWN_CLASS);
	CHECK(a->n == 1 && a->r[0].len == 0 && a->r[0].class_id == LOYALTY);
	CHECK(a->n == 1 && a->r[0].action == ACTION_DENY && a->record != WIRE_NO_RECORD);
	answer_free(a);
	a = fixture_ask(&fx, keyc_open, &c, it, 2);
	CHECK(a->err == SC_OK && a->n == 2 && a->r[0].status == WIRE_UNKNOWN_CLASS);
	CHECK(a->n == 2 && a->r[1].status == WIRE_OK && strcmp(a->r[1].text, "Ann Example") == 0);
	answer_free(a);
	/* nor is anything sealed or searched under it, though its key is there */
	c.op = POLICY_WRITE;
	it[0] = item_of(LOYALTY, 0, NULL, "L-1");
	a = fixture_ask(&fx, keyc_seal, &c, it, 1);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_UNKNOWN_CLASS);
	answer_free(a);
	c.op = POLICY_SEARCH;
	a = fixture_ask(&fx, keyc_index, &c, it, 1);
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_UNKNOWN_CLASS);
	answer_free(a);
	NEED(fixture_reload(&fx, fixture_policy));
	CHECK(fixture_opens_to(&fx, token[0], "L-0"));
	free(name);
}

static void test_log(void)
{
	char people[64], shown[64];

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	/* all of a call in one record, so it was one packet */
	snprintf(people, sizeof(people), "\"unnamed\":%d}", CROWD);
	snprintf(shown, sizeof(shown), "\"revealed\":%d", 2 * CROWD);
	CHECK(LOGGED(&fx, "\"principal\":\"unlimited\"") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"unlimited\"", people, shown) == 1);
	snprintf(people, sizeof(people), "\"unnamed\":%d}", CROWD - 1);
	snprintf(shown, sizeof(shown), "\"revealed\":%d,\"denied\":2", 2 * CROWD - 2);
	CHECK(LOGGED(&fx, "\"principal\":\"limited\"") == 2);
	CHECK(LOGGED(&fx, "\"principal\":\"limited\"", people, shown) == 2);
	CHECK(LOGGED(&fx, "\"principal\":\"late\"", "\"kind\":\"denial\"", "\"records\":1",
		  "\"result\":\"refused\",\"denied\":1") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"late\"", "\"kind\":\"reveal\"", "\"records\":1",
		  "\"result\":\"partial\",\"revealed\":1,\"denied\":1",
		  "\"classes\":{\"name\":1}") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"stranger-seals\"", "\"bad\":", "\"sealed\":2") == 1);
	CHECK(LOGGED(&fx, "\"principal\":\"stranger-seeks\"", "\"bad\":", "\"indexed\":2") == 1);
}

int main(void)
{
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	RUN(test_crowd, "a packet full of people is counted to the last of them");
	RUN(test_no_such_class, "an item of no class is refused alone");
	RUN(test_class_taken_away, "a class the policy has no more opens, seals and finds nothing");
	RUN(test_log, "the log tells how many they were, and what was refused");
	for (size_t i = 0; i < CROWD; i++)
		free(token[i]);
	fixture_remove(&fx);
	return tap_done();
}
