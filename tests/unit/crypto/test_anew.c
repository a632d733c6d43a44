/*
 * test_anew.c - whose word it is that a log begins anew, about which loss, and when.
 */
#include "crypto/statement/anew.h"

#include "crypto/tlog/note.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1000000u
#define WHY(text, want) ((text) != NULL && strstr((text), (want)) != NULL)

static struct sign_secret key, other_key;
static struct policy_principal people[3];
static struct sc_name names[2] = { { "owner" }, { "gone" } };
static const struct policy_names named = { names, 2 };
static const struct policy_principals all = { .v = people, .n = 3 };
static const struct anew_signers signers = { &named, &all };
static const struct sc_name tenant = { "demo" };
static struct anew_lost lost;
static struct statement statement;
static struct anew_word word;

static void person(size_t i, const char *name, const struct sign_public *pk)
{
	snprintf(people[i].name.s, sizeof(people[i].name.s), "%s", name);
	people[i].signs = pk != NULL;
	if (pk != NULL)
		memcpy(people[i].sign_key, pk->b, sizeof(people[i].sign_key));
}

/* What is good, to be spoilt. */
static void begin(void)
{
	lost = (struct anew_lost){ .tenant = &tenant,
		.keyd = "scrim/demo/keyd",
		.origin = "demo/scrimd",
		.size = 77 };
	memset(lost.root, 0x5a, sizeof(lost.root));
	statement = (struct statement){ .type = STATEMENT_ANEW,
		.tenant = sc_span_str("demo"),
		.keyd = sc_span_str("scrim/demo/keyd"),
		.nonce = { 1 },
		.not_before_ms = NOW,
		.not_after_ms = NOW + STATEMENT_ANEW_MS,
		.words = { .op = sc_span_str("anew"),
		    .principal = sc_span_str("owner"),
		    .reason = sc_span_str("the disk was lost"),
		    .ticket = sc_span_str("T-1") } };
	anew_scope(&lost, statement.scope);
}

static void setup(void)
{
	struct sign_public pk, other;

	sign_keypair_from_seed((const uint8_t[SIGN_SEED_BYTES]){ 1 }, &pk, &key);
	sign_keypair_from_seed((const uint8_t[SIGN_SEED_BYTES]){ 2 }, &other, &other_key);
	person(0, "owner", &pk);
	person(1, "other", &other);
	person(2, "mute", NULL);
}

/* The statement as a file has it, by BY, at NOW + AFTER. */
static const char *judged_by(const struct sign_secret *by, uint64_t after, const char *end)
{
	struct sc_buf b, text;
	const char *why = "unsigned";

	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	sc_buf_init(&text, ANEW_TEXT_MAX);
	if (statement_sign(&statement, by, &b) == SC_OK &&
	    note_base64_print(b.p, b.n, &text) == SC_OK && sc_buf_put_str(&text, end) == SC_OK)
		why = anew_check(&lost, &signers, sc_buf_span(&text), NOW + after, &word);
	sc_buf_fini(&b);
	sc_buf_fini(&text);
	return why;
}

static const char *judged(void)
{
	return judged_by(&key, 0, "\n");
}

static void test_good(void)
{
	begin();
	CHECK(judged() == NULL);
	CHECK(strcmp(word.principal.s, "owner") == 0 && word.asking.principal == &word.principal &&
	    word.asking.auth == ASKING_SIGNED);
	CHECK(strcmp(word.asking.reason->s, "the disk was lost") == 0 &&
	    strcmp(word.asking.ticket->s, "T-1") == 0);
	CHECK(word.asking.op == ASKING_UNSET && word.asking.role == ASKING_UNSET);
	CHECK(judged_by(&key, STATEMENT_ANEW_MS - 1, "") == NULL);
	CHECK(judged_by(&key, 0, "\r\n") == NULL);
	statement.words.ticket = sc_span_str("");
	CHECK(judged() == NULL && word.asking.ticket == NULL);
}

static void test_whose(void)
{
	begin();
	CHECK(WHY(judged_by(&other_key, 0, ""), "signature"));
	statement.words.principal = sc_span_str("other"); /* signs, and is not named */
	CHECK(WHY(judged_by(&other_key, 0, ""), "among"));
	statement.words.principal = sc_span_str("gone"); /* is named, and nobody */
	CHECK(WHY(judged_by(&key, 0, ""), "among"));
	statement.words.principal = sc_span_str("");
	CHECK(WHY(judged(), "among"));
	snprintf(names[1].s, sizeof(names[1].s), "mute"); /* somebody, and has no key */
	statement.words.principal = sc_span_str("mute");
	CHECK(WHY(judged(), "signature"));
	snprintf(names[1].s, sizeof(names[1].s), "gone");
}

static void test_what(void)
{
	begin(), lost.size = 78;
	CHECK(WHY(judged(), "another end"));
	begin(), lost.root[31] ^= 1;
	CHECK(WHY(judged(), "another end"));
	begin(), lost.origin = "demo/scrimc";
	CHECK(WHY(judged(), "another end"));
	begin(), lost.keyd = "scrim/demo/keye";
	CHECK(WHY(judged(), "another keyd"));
	begin(), statement.tenant = sc_span_str("demos");
	CHECK(WHY(judged(), "another keyd"));
	begin(), statement.words.op = sc_span_str("read");
	CHECK(WHY(judged(), "no statement to"));
	begin(), statement.type = STATEMENT_OPEN;
	statement.not_after_ms = NOW + STATEMENT_OPEN_MS;
	CHECK(WHY(judged(), "no statement to"));
	begin(), lost.size = 0;
	memset(lost.root, 0, sizeof(lost.root));
	anew_scope(&lost, statement.scope);
	CHECK(judged() == NULL);
}

static void test_when(void)
{
	begin();
	CHECK(WHY(judged_by(&key, STATEMENT_ANEW_MS, ""), "not of now"));
	statement.not_before_ms = NOW + 1;
	CHECK(WHY(judged(), "not of now"));
	begin(), statement.not_after_ms++; /* nobody signs for longer */
	CHECK(WHY(judged(), "unsigned"));
}

static void test_why(void)
{
	begin(), statement.words.reason = sc_span_str("");
	CHECK(WHY(judged(), "no reason"));
	begin(), statement.words.reason = sc_span_str("call +44 7700 900123");
	CHECK(WHY(judged(), "no reason"));
	begin(), statement.words.ticket = sc_span_str("a@example.org");
	CHECK(WHY(judged(), "no reason"));
}

/* Every byte of it counts, and what is cut is none. */
static void test_bytes(void)
{
	struct sc_buf b, text;
	unsigned good = 0, n = 0;

	begin();
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	sc_buf_init(&text, ANEW_TEXT_MAX);
	NEED(statement_sign(&statement, &key, &b) == SC_OK &&
	    note_base64_print(b.p, b.n, &text) == SC_OK);
	for (size_t i = 0; i < text.n; i++) {
		const uint8_t was = text.p[i];

		text.p[i] = was == 'A' ? 'B' : 'A';
		good += anew_check(&lost, &signers, sc_buf_span(&text), NOW, &word) == NULL;
		text.p[i] = was;
		good += anew_check(&lost, &signers, sc_span(text.p, i), NOW, &word) == NULL;
		n += 2;
	}
	CHECK(n > 400 && good == 0);
	CHECK(anew_check(&lost, &signers, sc_buf_span(&text), NOW, &word) == NULL);
	CHECK(anew_check(&lost, &signers, sc_span(NULL, 0), NOW, &word) != NULL);
	sc_buf_fini(&b);
	sc_buf_fini(&text);
}

int main(void)
{
	setup();
	RUN(test_good, "the word of an owner is good, and says who and why");
	RUN(test_whose, "of nobody else");
	RUN(test_what, "about this log and this end of it alone");
	RUN(test_when, "for an hour");
	RUN(test_why, "for a reason that may stand in a log");
	RUN(test_bytes, "and none of its bytes is another");
	return tap_done();
}
