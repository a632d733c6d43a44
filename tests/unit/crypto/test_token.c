/*
 * test_token.c - tokens print and parse strictly: one text, one token.
 */
#include "crypto/token/token.h"

#include <ctype.h>

#include "crypto/prim/crockford.h"
#include "samples.h"

static struct sc_buf text, scratch;

static bool same_parts(const struct token_parts *a, const struct token_parts *b)
{
	return a->flags == b->flags && a->class_id == b->class_id && a->tier == b->tier &&
	    a->key_id == b->key_id && sc_span_eq(a->nonce, b->nonce) &&
	    sc_span_eq(a->siv_ct, b->siv_ct) && a->domain.n == b->domain.n;
}

static void known_text(void)
{
	uint8_t sealed[16 + 32];
	struct token_parts t = { .flags = 0,
		.class_id = CLASS_PHONE,
		.tier = 2,
		.key_id = 0x0102030405060708 };

	for (size_t i = 0; i < sizeof(sealed); i++)
		sealed[i] = (uint8_t)(0xa0 + i);
	t.siv_ct = sc_span(sealed, sizeof(sealed));
	sc_buf_clear(&text);
	NEED(token_print(&t, &text) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&text),
	    "sct1-001040820c20a1g712ga38n3mjjtd9x8n6naqb5dntqv1cdjpetbbdnqq2wvnexwqpzbzg61rb1w9he6"
	    "rz4ckjpbsk6wxkr"));
	t.flags = TOKEN_STRING | TOKEN_CLASS_KEY | TOKEN_EMAIL_SHAPE;
	t.class_id = CLASS_EMAIL;
	t.domain = sc_span_str("mail.shop.example");
	sc_buf_clear(&text);
	NEED(token_print(&t, &text) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&text),
	    "sct1-2g3040820c20a1g712ga38n3mjjtd9x8n6naqb5dntqv1cdjpetbbdnqq2w@vnexwqpzbzg61rb1w9he6"
	    "rz4ckjpbsk6wxkrd.mail.shop.example"));
}

static void inverses(void)
{
	struct token_parts t, back;

	for (unsigned flags = 0; flags < 256; flags++) {
		for (size_t n = 0; n <= (flags & TOKEN_EMAIL_SHAPE ? 19 : 40); n++) {
			t = parts_of((uint8_t)flags, 5 * n);
			sc_buf_clear(&text);
			if (!valid_flags(flags)) {
				CHECK(token_print(&t, &text) == SC_BUG && text.n == 0);
				continue;
			}
			NEED(token_print(&t, &text) == SC_OK);
			CHECK(text.n == token_text_length(&t, 5 * n));
			CHECK(text.n >= TOKEN_TEXT_MIN && token_seems(sc_buf_span(&text)));
			NEED(token_parse(sc_buf_span(&text), &scratch, &back) == SC_OK);
			CHECK(same_parts(&t, &back));
			for (size_t i = 0; i < text.n; i++)
				text.p[i] = (uint8_t)toupper(text.p[i]);
			NEED(token_parse(sc_buf_span(&text), &scratch, &back) == SC_OK);
			CHECK(same_parts(&t, &back));
		}
	}
}

static void print_refuses(void)
{
	struct token_parts t = parts_of(TOKEN_RANDOM, 5);

	sc_buf_clear(&text);
	t.nonce.n = 15;
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(0, 5);
	t.nonce = sc_span(t.siv_ct.p, 16);
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(0, 5);
	t.siv_ct.n = 15;
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(0, 5);
	t.siv_ct.n++; /* no value of the class is filled up to that */
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(TOKEN_EMAIL_SHAPE, 5);
	t.class_id = CLASS_NAME;
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(TOKEN_EMAIL_SHAPE, 5);
	t.domain = sc_span_str("localhost");
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(TOKEN_EMAIL_SHAPE, 97); /* no address has room for it */
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(0, 5);
	t.domain = sc_span_str(TOKEN_DOMAIN);
	CHECK(token_print(&t, &text) == SC_BUG);
	t = parts_of(0, 5);
	t.siv_ct.n = 16 + CRYPTO_VALUE_MAX + 1;
	CHECK(token_print(&t, &text) == SC_LIMIT);
	CHECK(text.n == 0);
}

static bool parses(const char *s)
{
	struct token_parts t;
	enum sc_err err = token_parse(sc_span_str(s), &scratch, &t);

	CHECK(err == SC_OK || (err == SC_SYNTAX && t.siv_ct.p == NULL && scratch.n == 0));
	return err == SC_OK;
}

static void strictness(void)
{
	char good[300], bad[320];

	for (size_t n = 0; n < 12; n++) {
		sample(0, n, good);
		NEED(parses(good));
		for (size_t i = 0; i < strlen(good); i++) { /* aliases and strangers */
			for (const char *c = "iIlLoOuU-_ .@\x80"; *c != '\0'; c++) {
				strcpy(bad, good);
				bad[i] = *c;
				CHECK(!parses(bad) || good[i] == *c);
			}
		}
		for (size_t i = 0; i < strlen(good); i++) { /* cut anywhere */
			memcpy(bad, good, i);
			bad[i] = '\0';
			/* of some classes a number of digits less may be a size, too */
			if (crockford_length(crockford_bytes(i < 5 ? 0 : i - 5)) != i - 5 ||
			    i < TOKEN_TEXT_MIN)
				CHECK(!parses(bad));
		}
		snprintf(bad, sizeof(bad), " %s", good);
		CHECK(!parses(bad));
		snprintf(bad, sizeof(bad), "%s ", good);
		CHECK(!parses(bad));
		snprintf(bad, sizeof(bad), "%s@" TOKEN_DOMAIN, good);
		CHECK(!parses(bad));
	}
	sample(TOKEN_EMAIL_SHAPE, 5, good);
	CHECK(parses(good) && good[64] == '@');
	for (size_t i = 64; i < strlen(good); i++) { /* cut anywhere, or less well-formed */
		strcpy(bad, good);
		bad[i] = '\0';
		CHECK(!parses(bad));
		bad[i] = '@';
		CHECK(!parses(bad) || i == 64);
	}
	snprintf(bad, sizeof(bad), "%s.", good);
	CHECK(!parses(bad));
	snprintf(bad, sizeof(bad), "%.64s%.37s", good, strchr(good, '@') + 1);
	bad[100] = '\0'; /* its digits alone: the flag says that it is an address */
	CHECK(!parses(bad));
	sample(TOKEN_RANDOM, 0, good);
	CHECK(parses(good));
	good[TOKEN_TEXT_MIN] = '\0'; /* the nonce is missing: SIV is too short */
	CHECK(!parses(good));
	CHECK(!parses("") && !parses("sct1-") && !parses("sct2-"));
	CHECK(!parses("sct1-@" TOKEN_DOMAIN));
}

/* One text a token: no other text than case variants gives the same parts. */
static void one_text(void)
{
	struct token_parts t, back;
	struct sc_buf again;
	char good[200], other[200];

	sc_buf_init(&again, 400);
	for (size_t n = 0; n < 6; n++) {
		sample(0, n, good);
		for (size_t i = 5; i < strlen(good); i++) {
			strcpy(other, good);
			other[i] = crockford_digits[draw(32)];
			if (token_parse(sc_span_str(other), &scratch, &t) != SC_OK)
				continue;
			back = t;
			sc_buf_clear(&again);
			NEED(token_print(&back, &again) == SC_OK);
			CHECK(sc_span_is(sc_buf_span(&again), other));
		}
	}
	sc_buf_fini(&again);
}

static void aad_layout(void)
{
	static const char want[] = "\x06scrim1\x04"
				   "demo\x02\x03\x0d\x00\x00\x00\x00\x00\x00\x01\x02";
	struct token_parts t = { .flags = 0x1d, .class_id = 2, .tier = 3, .key_id = 0x102 };
	uint8_t aad[TOKEN_AAD_MAX];
	size_t n;

	CHECK(token_aad(&t, sc_span_str("demo"), aad, &n) == SC_OK);
	CHECK(n == sizeof(want) - 1 && memcmp(aad, want, n) == 0);
}

int main(void)
{
	sc_buf_init(&text, TOKEN_TEXT_MAX);
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	RUN(known_text, "a token's text never changes");
	RUN(inverses, "parse undoes print, in any letter case, for all flags");
	RUN(print_refuses, "parts that do not agree are not printed");
	RUN(strictness, "what is not exactly one token is refused");
	RUN(one_text, "a token has one text");
	RUN(aad_layout, "the associated data never change");
	sc_buf_fini(&text);
	sc_buf_fini(&scratch);
	return tap_done();
}
