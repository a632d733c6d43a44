/*
 * test_statement.c - a signed statement has one spelling, and its signature covers all of it.
 */
#include "tap.h"

#include "base/text/hex.h"
#include "crypto/statement/statement.h"

/* A refund, signed by the key whose seed is 32 times 0x07; docs/FORMATS.md has the same one. */
#define TOKEN_ONE "sct1-0000one"
#define TOKEN_TWO "sct1-0000two"
static const char vector[] =
    "736372696d2d73746174656d656e7431"                                 /* scrim-statement1 */
    "01"                                                               /* OPEN */
    "0464656d6f"                                                       /* demo */
    "0f736372696d2f64656d6f2f6b657964"                                 /* scrim/demo/keyd */
    "a036b345d3bf88f31463ff77acb228e66636fbcbfed289209ee6a738b56ff1e5" /* root over the two tokens */
    "000102030405060708090a0b0c0d0e0f"                                 /* nonce */
    "000001a1ee873200"                                                 /* 2026-11-18T12:00:00Z */
    "000001a1ee881c60"                                                 /* a minute later */
    "0472656164"                                                       /* read */
    "0a736574746c656d656e74"                                           /* settlement */
    "0766696e616e6365"                                                 /* finance */
    "0000"                                                             /* no recipient, no reason */
    "04542d3137"                                                       /* T-17 */
    "21f96811a62178c3ae741ca8e9c6fe7c9839144c6cdf658a85cb4d0ef75e9940"
    "ef7a41103e6281f5df07c0a6e79fb9cea295b59a15f1d2cae93615e92f9b300d";

static void keys(struct sign_public *pk, struct sign_secret *sk)
{
	uint8_t seed[SIGN_SEED_BYTES];

	memset(seed, 7, sizeof(seed));
	sign_keypair_from_seed(seed, pk, sk);
}

static struct statement refund(void)
{
	struct statement s = { .type = STATEMENT_OPEN,
		.tenant = SC_LIT("demo"),
		.keyd = SC_LIT("scrim/demo/keyd"),
		.not_before_ms = 1795003200000,
		.not_after_ms = 1795003260000,
		.words = { .op = SC_LIT("read"),
		    .purpose = SC_LIT("settlement"),
		    .principal = SC_LIT("finance"),
		    .ticket = SC_LIT("T-17") } };
	struct statement_scope scope = { .leaves = { .size = 0 } };

	for (uint8_t i = 0; i < sizeof(s.nonce); i++)
		s.nonce[i] = i;
	statement_scope_add(&scope, sc_span_str(TOKEN_ONE));
	statement_scope_add(&scope, sc_span_str(TOKEN_TWO));
	statement_scope_root(&scope, s.scope);
	return s;
}

static bool same(const struct statement *a, const struct statement *b)
{
	return a->type == b->type && sc_span_eq(a->tenant, b->tenant) &&
	    sc_span_eq(a->keyd, b->keyd) && memcmp(a->scope, b->scope, HASH_BYTES) == 0 &&
	    memcmp(a->nonce, b->nonce, STATEMENT_NONCE_BYTES) == 0 &&
	    a->not_before_ms == b->not_before_ms && a->not_after_ms == b->not_after_ms &&
	    sc_span_eq(a->words.op, b->words.op) &&
	    sc_span_eq(a->words.purpose, b->words.purpose) &&
	    sc_span_eq(a->words.principal, b->words.principal) &&
	    sc_span_eq(a->words.recipient, b->words.recipient) &&
	    sc_span_eq(a->words.reason, b->words.reason) &&
	    sc_span_eq(a->words.ticket, b->words.ticket);
}

static void print_hex(struct sc_span s)
{
	printf("# ");
	for (size_t i = 0; i < s.n; i++)
		printf("%02x", s.p[i]);
	printf("\n");
}

/* Bytes and signature are what they were when the format was written down. */
static void test_vector(void)
{
	const struct statement want = refund();
	uint8_t bytes[sizeof(vector) / 2];
	struct sign_public pk;
	struct sign_secret sk;
	struct statement got;
	struct sc_buf b;

	keys(&pk, &sk);
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	NEED(statement_sign(&want, &sk, &b) == SC_OK);
	NEED(hex_parse(sc_span_str(vector), bytes, sizeof(bytes)));
	CHECK(b.n == sizeof(bytes) && memcmp(b.p, bytes, sizeof(bytes)) == 0);
	if (b.n != sizeof(bytes) || memcmp(b.p, bytes, sizeof(bytes)) != 0)
		print_hex(sc_buf_span(&b));
	NEED(statement_decode(sc_span(bytes, sizeof(bytes)), &got) == SC_OK);
	CHECK(same(&got, &want) && statement_is_by(sc_span(bytes, sizeof(bytes)), &pk));
	sc_buf_fini(&b);
}

static void test_every_bit(void)
{
	const struct statement want = refund();
	unsigned passed = 0, holds = 0;
	struct sign_public pk;
	struct sign_secret sk;
	struct statement got;
	struct sc_buf b;

	keys(&pk, &sk);
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	NEED(statement_sign(&want, &sk, &b) == SC_OK);
	for (size_t n = 0; n < b.n; n++)
		passed += statement_decode(sc_span(b.p, n), &got) == SC_OK &&
		    statement_is_by(sc_span(b.p, n), &pk);
	for (size_t i = 0; i < 8 * b.n; i++) {
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
		holds += statement_is_by(sc_buf_span(&b), &pk);
		/* what is read, whether or not it holds, is never what was signed */
		passed += statement_decode(sc_buf_span(&b), &got) == SC_OK && same(&got, &want) &&
		    i / 8 < b.n - SIGN_BYTES;
		b.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	CHECK(passed == 0 && holds == 0);
	CHECK(statement_is_by(sc_buf_span(&b), &pk));
	pk.b[0] ^= 1;
	CHECK(!statement_is_by(sc_buf_span(&b), &pk));
	CHECK(!statement_is_by(sc_span(b.p, SIGN_BYTES), &pk));
	CHECK(sc_buf_put_be8(&b, 0) == SC_OK);
	CHECK(statement_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	sc_buf_fini(&b);
}

/* What nobody would read is not signed, and what was signed so all the same is not read. */
static void test_bounds(void)
{
	static const char long_text[STATEMENT_FIELD_MAX + 2] = { [0 ... STATEMENT_FIELD_MAX] =
								     'x' };
	struct statement s = refund(), got;
	struct sign_public pk;
	struct sign_secret sk;
	struct sc_buf b;

	keys(&pk, &sk);
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	for (unsigned type = 0; type < 256; type++) {
		const bool is_read = type == STATEMENT_OPEN || type == STATEMENT_ANEW;

		s.type = (uint8_t)type;
		CHECK((statement_sign(&s, &sk, &b) == SC_OK) == is_read);
		CHECK((b.n > 0) == is_read);
		sc_buf_clear(&b);
	}
	s = refund();
	s.not_after_ms = s.not_before_ms + STATEMENT_OPEN_MS + 1;
	CHECK(statement_sign(&s, &sk, &b) == SC_SYNTAX && b.n == 0);
	s.not_after_ms = s.not_before_ms;
	CHECK(statement_sign(&s, &sk, &b) == SC_SYNTAX && b.n == 0);
	s.not_after_ms = s.not_before_ms + 1;
	NEED(statement_sign(&s, &sk, &b) == SC_OK);
	b.p[b.n - SIGN_BYTES - 32] ^= 1; /* not_after's last byte */
	CHECK(statement_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	b.p[b.n - SIGN_BYTES - 32] ^= 1;
	CHECK(statement_decode(sc_buf_span(&b), &got) == SC_OK);
	b.p[16] = STATEMENT_APPROVAL;
	CHECK(statement_decode(sc_buf_span(&b), &got) == SC_SYNTAX);
	sc_buf_clear(&b);
	s = refund();
	s.words.reason = sc_span_str(long_text);
	CHECK(statement_sign(&s, &sk, &b) == SC_SYNTAX && b.n == 0);
	/* the longest there is */
	s.words.reason = s.words.ticket = s.words.op = s.words.purpose = s.words.principal =
	    s.words.recipient = s.tenant = s.keyd = sc_span(long_text, STATEMENT_FIELD_MAX);
	CHECK(statement_sign(&s, &sk, &b) == SC_OK && b.n == CRYPTO_STATEMENT_MAX);
	CHECK(statement_decode(sc_buf_span(&b), &got) == SC_OK && same(&got, &s));
	sc_buf_fini(&b);
}

/* RFC 6962: of none, of one, and the order counts, and where one ends and the next begins. */
static void test_scope(void)
{
	static const char *const batches[][3] = { { NULL }, { "a" }, { "a", "b" }, { "b", "a" },
		{ "ab" }, { "", "ab" }, { "a", "b", "" }, { "a", "a", "b" } };
	uint8_t roots[8][HASH_BYTES];
	struct merkle_hash one;

	for (unsigned i = 0; i < 8; i++) {
		struct statement_scope s = { .leaves = { .size = 0 } };

		for (unsigned k = 0; k < 3 && batches[i][k] != NULL; k++)
			statement_scope_add(&s, sc_span_str(batches[i][k]));
		statement_scope_root(&s, roots[i]);
		for (unsigned k = 0; k < i; k++)
			CHECK(memcmp(roots[i], roots[k], HASH_BYTES) != 0);
	}
	merkle_leaf(sc_span_str("a"), &one);
	CHECK(memcmp(roots[1], one.b, HASH_BYTES) == 0);
}

int main(void)
{
	RUN(test_vector, "a statement's bytes are those that are written down");
	RUN(test_every_bit, "no bit of it can be changed, and none left out or added");
	RUN(test_bounds, "what nobody reads is not signed, and the other way round");
	RUN(test_scope, "the root tells every batch of tokens from every other");
	return tap_done();
}
