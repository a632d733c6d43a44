/*
 * test_signed.c - a caller's statement is good for one question, in its minute, once.
 */
#include "names.h"
#include "tap.h"

#include "crypto/keyd/signed.h"

static const char rules_text[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"roles\": { \"finance\": { \"max_tier\": \"T3\", \"group\": \"use\" } },\n"
    "  \"purposes\": [\"settlement\", \"audit\"], \"rules\": [] }\n";

#define NOW 1795003200000u
#define START (NOW - 1000)

static struct policy *policy;
static struct sign_public pk;
static struct sign_secret sk;
static struct signed_used *used;

/* What is asked, and what was signed of it: alike until a test alters one. */
static struct asking asking;
static struct statement statement;
static struct signed_question question;
static struct statement_scope scope;
static struct sc_buf bytes;

static void begin(void)
{
	asking = (struct asking){ .tenant = a_name("demo"),
		.principal = a_name("anna"),
		.op = POLICY_READ,
		.reason = a_reason("refund"),
		.ticket = a_reason("T-17"),
		.now_ms = NOW };
	memset(&scope, 0, sizeof(scope));
	statement_scope_add(&scope, sc_span_str("sct1-one"));
	statement_scope_add(&scope, sc_span_str("sct1-two"));
	statement = (struct statement){ .type = STATEMENT_OPEN,
		.tenant = SC_LIT("demo"),
		.keyd = SC_LIT("scrim/demo/keyd"),
		.nonce = { 1 },
		.not_before_ms = NOW,
		.not_after_ms = NOW + STATEMENT_OPEN_MS,
		.words = { .op = SC_LIT("read"),
		    .purpose = SC_LIT("settlement"),
		    .principal = SC_LIT("anna"),
		    .reason = SC_LIT("refund"),
		    .ticket = SC_LIT("T-17") } };
	statement_scope_root(&scope, statement.scope);
	question = (struct signed_question){ .tenant = asking.tenant,
		.keyd = "scrim/demo/keyd",
		.policy = policy,
		.asking = &asking,
		.key = &pk,
		.scope = &scope };
	signed_used_free(used);
	used = NULL;
	CHECK(signed_used_new(START, &used) == SC_OK);
}

/* Sign what stands, and ask. */
static const char *check(void)
{
	struct statement got;

	sc_buf_clear(&bytes);
	if (statement_sign(&statement, &sk, &bytes) != SC_OK)
		return "not signed";
	asking.statement = sc_buf_span(&bytes);
	return signed_check(used, &question, &got);
}

static bool refused(const char *says)
{
	const char *why = check();

	if (why != NULL && strstr(why, says) != NULL)
		return true;
	printf("# %s (wanted: %s)\n", why == NULL ? "good" : why, says);
	return false;
}

static void test_good(void)
{
	begin();
	CHECK(check() == NULL);
	/* checking uses nothing up */
	CHECK(check() == NULL);
}

/* Each thing that it says, said otherwise by the gateway, or by who signed. */
static void test_another_question(void)
{
	static const struct sc_name other = { "other" };
	struct sign_public other_key = pk;

	begin(), question.tenant = &other;
	CHECK(refused("another keyd"));
	begin(), question.keyd = "scrim/demo/keyd2";
	CHECK(refused("another keyd"));
	begin(), asking.principal = &other;
	CHECK(refused("another question"));
	begin(), asking.recipient = &other;
	CHECK(refused("another question"));
	begin(), asking.op = POLICY_EXPORT;
	CHECK(refused("another question"));
	begin(), asking.op = 200;
	CHECK(refused("another question"));
	begin(), asking.purpose = 1;
	CHECK(refused("another question"));
	begin(), asking.purpose = 9;
	CHECK(refused("another question"));
	begin(), asking.reason = a_reason("curiosity");
	CHECK(refused("another question"));
	begin(), asking.reason = NULL;
	CHECK(refused("another question"));
	begin(), asking.ticket = a_reason("T-18");
	CHECK(refused("another question"));
	begin(), asking.role = 1;
	CHECK(refused("another question"));
	begin(), question.key = NULL;
	CHECK(refused("no key"));
	begin(), other_key.b[3] ^= 1, question.key = &other_key;
	CHECK(refused("does not hold"));
	begin(), statement.words.principal = (struct sc_span)SC_LIT("ann");
	CHECK(refused("another question"));
}

static void test_other_tokens(void)
{
	begin();
	statement_scope_add(&scope, sc_span_str("sct1-three"));
	CHECK(refused("other tokens"));
	begin();
	memset(&scope, 0, sizeof(scope));
	statement_scope_add(&scope, sc_span_str("sct1-two"));
	statement_scope_add(&scope, sc_span_str("sct1-one"));
	CHECK(refused("other tokens"));
	begin();
	memset(&scope, 0, sizeof(scope));
	statement_scope_add(&scope, sc_span_str("sct1-one"));
	CHECK(refused("other tokens"));
}

static void test_nonsense(void)
{
	struct statement got;

	begin();
	CHECK(check() == NULL);
	asking.statement.n--;
	CHECK(signed_check(used, &question, &got) != NULL);
	asking.statement = sc_span_str("scrim-statement1");
	CHECK(signed_check(used, &question, &got) != NULL);
	asking.statement = sc_span(NULL, 0);
	CHECK(signed_check(used, &question, &got) != NULL);
}

static void test_time(void)
{
	begin(), asking.now_ms = NOW - 1;
	CHECK(refused("not good yet"));
	begin(), asking.now_ms = NOW + STATEMENT_OPEN_MS - 1;
	CHECK(check() == NULL);
	begin(), asking.now_ms = NOW + STATEMENT_OPEN_MS;
	CHECK(refused("too old"));
	begin(), asking.now_ms = 0;
	CHECK(refused("clock"));
	begin(), statement.not_before_ms = START - 1;
	statement.not_after_ms = NOW + 1000;
	CHECK(refused("before the start"));
	begin(), statement.not_before_ms = START;
	statement.not_after_ms = NOW + 1000;
	CHECK(check() == NULL);
	/* a clock that is put back brings no statement back */
	begin();
	CHECK(check() == NULL);
	asking.now_ms = NOW + STATEMENT_OPEN_MS;
	CHECK(refused("too old"));
	asking.now_ms = NOW;
	CHECK(refused("too old"));
}

static void test_once(void)
{
	struct sign_public another = pk;

	begin();
	CHECK(check() == NULL && signed_use(used, &statement, &pk));
	CHECK(refused("used already"));
	/* until it is too old, however often the sets take turns */
	for (uint64_t t = 1000; t < STATEMENT_OPEN_MS; t += 1000) {
		asking.now_ms = NOW + t;
		CHECK(refused("used already"));
	}
	asking.now_ms = NOW;
	/* the same number is another's own */
	another.b[0] ^= 1;
	begin();
	CHECK(signed_use(used, &statement, &another) && check() == NULL);
	statement.nonce[15] = 1;
	CHECK(check() == NULL);
}

/* One used at the end of a set's minute is known in the next. */
static void test_turns(void)
{
	begin();
	asking.now_ms = START + STATEMENT_OPEN_MS - 1;
	statement.not_before_ms = asking.now_ms;
	statement.not_after_ms = asking.now_ms + STATEMENT_OPEN_MS;
	CHECK(check() == NULL && signed_use(used, &statement, &pk));
	asking.now_ms += 1;
	CHECK(refused("used already"));
	asking.now_ms += STATEMENT_OPEN_MS - 2;
	CHECK(refused("used already"));
	/* and what was forgotten is too old by itself */
	asking.now_ms += 10 * STATEMENT_OPEN_MS;
	CHECK(refused("too old"));
	statement.not_before_ms = asking.now_ms;
	statement.not_after_ms = asking.now_ms + 1;
	CHECK(check() == NULL);
}

static void test_full(void)
{
	struct statement s;

	begin();
	s = statement;
	for (uint32_t i = 0; i < SIGNED_MAX; i++) {
		memcpy(s.nonce, &i, sizeof(i));
		s.nonce[15] = 9;
		if (!signed_use(used, &s, &pk))
			break;
	}
	CHECK(refused("too many"));
	CHECK(!signed_use(used, &statement, &pk));
	/* a minute later there is room again, and those are still known */
	asking.now_ms = START + STATEMENT_OPEN_MS;
	CHECK(check() == NULL);
	statement = s;
	statement.not_after_ms = asking.now_ms + 1;
	statement.not_before_ms = asking.now_ms;
	CHECK(refused("used already"));
	asking.now_ms += 2 * STATEMENT_OPEN_MS;
	statement.not_before_ms = asking.now_ms;
	statement.not_after_ms = asking.now_ms + 1;
	CHECK(check() == NULL);
}

int main(void)
{
	uint8_t seed[SIGN_SEED_BYTES] = { 4 };

	sign_keypair_from_seed(seed, &pk, &sk);
	sc_buf_init(&bytes, CRYPTO_STATEMENT_MAX);
	if (policy_load(sc_span_str(rules_text), "policy", NULL, &policy) != SC_OK) {
		printf("Bail out! no policy\n");
		return 1;
	}
	RUN(test_good, "a statement of this question is good");
	RUN(test_another_question, "whatever the gateway says otherwise, or who signed, it is not");
	RUN(test_other_tokens, "nor for more tokens, for fewer, or in another order");
	RUN(test_nonsense, "what is no statement is none");
	RUN(test_time,
	    "it is good in its time, and neither a restart nor the clock brings it back");
	RUN(test_once, "it is good once, and of its signer alone");
	RUN(test_turns, "what was used is known for as long as it would be good");
	RUN(test_full, "when no more can be remembered, none is good");
	signed_used_free(used);
	sc_buf_fini(&bytes);
	policy_free(policy);
	return tap_done();
}
