/*
 * test_seal.c - a token opens to what was sealed, in its own place only.
 */
#include "crypto/token/seal.h"

#include "crypto/prim/random.h"
#include "samples.h"

static struct siv_ctx *siv;
static struct sc_buf text, scratch, value;

static void seal_opens(void)
{
	static const uint8_t key[64] = { 1 };
	struct sc_span tenant = sc_span_str("demo");
	uint8_t plain[100];
	struct token_parts t, head = { .class_id = 2, .tier = 2, .key_id = 77 };
	bool ok;

	NEED(siv_set_key(siv, key) == SC_OK);
	random_bytes(plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] &= 0x7f;
	for (unsigned flags = 0; flags < 32; flags++) {
		if (!valid_flags(flags))
			continue;
		head.flags = (uint8_t)flags;
		head.class_id = flags & TOKEN_EMAIL_SHAPE ? CLASS_EMAIL : CLASS_PHONE;
		head.domain = sc_span_str(TOKEN_DOMAIN);
		for (size_t n = 0; n <= sizeof(plain); n += 7) {
			sc_buf_clear(&text);
			sc_buf_clear(&value);
			NEED(sc_buf_put_str(&value, "kept") == SC_OK);
			NEED(token_seal(siv, &head, tenant, sc_span(plain, n), &text) == SC_OK);
			NEED(token_parse(sc_buf_span(&text), &scratch, &t) == SC_OK);
			/* a shape that does not fit is left out */
			CHECK(t.flags == (n > 96 ? flags & ~TOKEN_EMAIL_SHAPE : flags));
			CHECK(t.class_id == head.class_id && t.tier == 2 && t.key_id == 77);
			CHECK(text.n == token_text_length(&head, n));
			NEED(token_open(siv, &t, tenant, &value, &ok) == SC_OK && ok);
			CHECK(value.n == 4 + n && memcmp(value.p, "kept", 4) == 0 &&
			    (n == 0 || memcmp(value.p + 4, plain, n) == 0));
		}
	}
}

/* Does T open for TENANT? And if not, is nothing appended? */
static bool opens(const struct token_parts *t, const char *tenant)
{
	bool ok = true;

	sc_buf_clear(&value);
	CHECK(sc_buf_put_str(&value, "kept") == SC_OK);
	CHECK(token_open(siv, t, sc_span_str(tenant), &value, &ok) == SC_OK);
	CHECK(ok || sc_span_is(sc_buf_span(&value), "kept"));
	return ok;
}

static void bound_to_place(void)
{
	static const uint8_t key[64] = { 1 }, other_key[64] = { 2 };
	struct token_parts head = { .flags = TOKEN_RANDOM, .class_id = 2, .tier = 2, .key_id = 77 };
	struct token_parts t, moved;
	uint8_t nonce[16];

	NEED(siv_set_key(siv, key) == SC_OK);
	sc_buf_clear(&text);
	NEED(token_seal(siv, &head, sc_span_str("demo"), sc_span_str("07700 900123"), &text) ==
	    SC_OK);
	NEED(token_parse(sc_buf_span(&text), &scratch, &t) == SC_OK);
	NEED(opens(&t, "demo"));
	CHECK(!opens(&t, "dem") && !opens(&t, "demp") && !opens(&t, ""));
	moved = t;
	moved.class_id = 6;
	CHECK(!opens(&moved, "demo"));
	moved = t;
	moved.tier = 1;
	CHECK(!opens(&moved, "demo"));
	moved = t;
	moved.key_id ^= UINT64_C(1) << 63;
	CHECK(!opens(&moved, "demo"));
	for (uint8_t bit = 1; bit < TOKEN_EMAIL_SHAPE; bit = (uint8_t)(bit << 1)) {
		moved = t;
		moved.flags ^= bit;
		CHECK(!opens(&moved, "demo"));
	}
	moved = t;
	moved.nonce = sc_span(NULL, 0);
	CHECK(!opens(&moved, "demo"));
	memcpy(nonce, t.nonce.p, 16);
	nonce[15] ^= 1;
	moved.nonce = sc_span(nonce, 16);
	CHECK(!opens(&moved, "demo"));
	moved = t;
	moved.flags |= TOKEN_EMAIL_SHAPE; /* only a way of writing it */
	CHECK(opens(&moved, "demo"));
	moved = t;
	moved.siv_ct.n = 15;
	CHECK(!opens(&moved, "demo"));
	NEED(siv_set_key(siv, other_key) == SC_OK);
	CHECK(!opens(&t, "demo"));
}

static void equality(void)
{
	static const uint8_t key[64] = { 1 };
	struct token_parts head = { .class_id = 2, .tier = 2, .key_id = 77 };
	struct sc_buf other;

	sc_buf_init(&other, 1000);
	NEED(siv_set_key(siv, key) == SC_OK);
	for (int random = 0; random < 2; random++) {
		head.flags = random ? TOKEN_RANDOM : 0;
		sc_buf_clear(&text);
		sc_buf_clear(&other);
		NEED(token_seal(siv, &head, sc_span_str("demo"), sc_span_str("value"), &text) ==
		    SC_OK);
		NEED(token_seal(siv, &head, sc_span_str("demo"), sc_span_str("value"), &other) ==
		    SC_OK);
		CHECK(sc_span_eq(sc_buf_span(&text), sc_buf_span(&other)) == !random);
	}
	sc_buf_fini(&other);
}

static void ceilings(void)
{
	static uint8_t big[CRYPTO_VALUE_MAX + 1];
	static char tenant[TOKEN_TENANT_MAX + 2];
	static const uint8_t key[64] = { 1 };
	struct token_parts t,
	    head = { .flags = TOKEN_RANDOM | TOKEN_EMAIL_SHAPE,
		    .class_id = CLASS_EMAIL,
		    .domain = SC_LIT(TOKEN_DOMAIN) };
	uint8_t aad[TOKEN_AAD_MAX];
	bool ok;
	size_t n;

	NEED(siv_set_key(siv, key) == SC_OK);
	sc_buf_clear(&text);
	memset(tenant, 'a', TOKEN_TENANT_MAX + 1);
	CHECK(token_aad(&head, sc_span_str(tenant), aad, &n) == SC_LIMIT && n == 0);
	CHECK(token_seal(siv, &head, sc_span_str(tenant), sc_span(big, 1), &text) == SC_LIMIT);
	tenant[TOKEN_TENANT_MAX] = '\0';
	CHECK(token_aad(&head, sc_span_str(tenant), aad, &n) == SC_OK && n == TOKEN_AAD_MAX);
	CHECK(token_seal(siv, &head, sc_span_str(tenant), sc_span(big, sizeof(big)), &text) ==
	    SC_LIMIT);
	CHECK(text.n == 0);
	NEED(token_seal(siv, &head, sc_span_str(tenant), sc_span(big, CRYPTO_VALUE_MAX), &text) ==
	    SC_OK);
	CHECK(text.n == TOKEN_TEXT_MAX);
	NEED(token_parse(sc_buf_span(&text), &scratch, &t) == SC_OK);
	CHECK(scratch.n == TOKEN_BYTES_MAX);
	sc_buf_clear(&value);
	CHECK(token_open(siv, &t, sc_span_str(tenant), &value, &ok) == SC_OK && ok);
	CHECK(value.n == CRYPTO_VALUE_MAX && memcmp(value.p, big, value.n) == 0);
}

/* Whoever has the key could fill up as they like; what they made is not ours. */
static void only_our_filling(void)
{
	static const uint8_t key[64] = { 1 };
	struct token_parts t = { .class_id = CLASS_NAME, .tier = 2, .key_id = 77 };
	uint8_t aad[TOKEN_AAD_MAX], sealed[16 + 32];
	struct sc_span ad = { aad, 0 };
	bool ok;

	NEED(siv_set_key(siv, key) == SC_OK);
	NEED(token_aad(&t, sc_span_str("demo"), aad, &ad.n) == SC_OK);
	t.siv_ct = sc_span(sealed, sizeof(sealed));
	for (size_t n = 0; n <= 32; n++) {
		memset(sealed + 16, 'x', n);
		memset(sealed + 16 + n, 0xff, 32 - n);
		NEED(siv_seal(siv, &ad, 1, sc_span(sealed + 16, 32), sealed) == SC_OK);
		sc_buf_clear(&value);
		NEED(token_open(siv, &t, sc_span_str("demo"), &value, &ok) == SC_OK);
		CHECK(ok == (n > 16) && value.n == (ok ? n : 0));
	}
	CHECK(!token_value_ok(sc_span_str("x\xff")) && token_value_ok(sc_span_str("")));
	sc_buf_clear(&text);
	CHECK(token_seal(siv, &t, sc_span_str("demo"), sc_span_str("x\xff"), &text) == SC_SYNTAX);
	CHECK(text.n == 0);
}

int main(void)
{
	if (siv_ctx_new(&siv) != SC_OK)
		return 1;
	sc_buf_init(&text, TOKEN_TEXT_MAX);
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	sc_buf_init(&value, CRYPTO_VALUE_MAX);
	RUN(seal_opens, "open undoes seal");
	RUN(bound_to_place,
	    "a token opens only for its tenant, class, tier, flags, key id and key");
	RUN(equality, "equal values have equal tokens, unless they are to be random");
	RUN(only_our_filling, "what fills a value up is checked as strictly as it is written");
	RUN(ceilings, "the largest value fits, a larger one is refused");
	siv_ctx_free(siv);
	sc_buf_fini(&text);
	sc_buf_fini(&scratch);
	sc_buf_fini(&value);
	return tap_done();
}
