/*
 * test_pad.c - a token's length tells its class and one of few sizes, and nothing else.
 */
#include "crypto/token/seal.h"

#include "policy/words/class.h"
#include "tap.h"

static struct siv_ctx *siv;
static struct sc_buf text, scratch, value;

/* The sizes as FORMATS.md has them: the class's first, then these. */
static size_t naive_size(uint8_t class_id, size_t n)
{
	static const size_t first[CLASS_BUILTIN_END] = { 16, 16, 16, 32, 16, 8, 32, 18, 16, 19, 34,
		16, 16, 16, 16, 10, 16, 16, 16 };
	static const size_t then[] = { 16, 32, 64, 96, 128 };

	if (n <= (class_id < CLASS_BUILTIN_END ? first[class_id] : 16))
		return class_id < CLASS_BUILTIN_END ? first[class_id] : 16;
	for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++)
		if (n <= then[i])
			return then[i];
	for (size_t size = 256;; size += 128)
		if (n <= size)
			return size;
}

static void sizes(void)
{
	for (unsigned class_id = 1; class_id <= CLASS_MAX; class_id++)
		for (size_t n = 0; n <= CRYPTO_VALUE_MAX; n += n < 700 ? 1 : 97) {
			size_t size = token_padded((uint8_t)class_id, n);

			NEED(size == naive_size((uint8_t)class_id, n));
			NEED(size >= n && token_padded((uint8_t)class_id, size) == size);
		}
	CHECK(token_padded(CLASS_NAME, CRYPTO_VALUE_MAX) == CRYPTO_VALUE_MAX);
}

/* Length of the token of S. */
static size_t length_of(uint8_t class_id, uint8_t flags, const char *s)
{
	struct token_parts t,
	    head = { .flags = flags,
		    .class_id = class_id,
		    .tier = 2,
		    .key_id = 7,
		    .domain = sc_span_str(TOKEN_DOMAIN) };
	bool ok = false;

	sc_buf_clear(&text);
	sc_buf_clear(&value);
	if (token_seal(siv, &head, sc_span_str("demo"), sc_span_str(s), &text) != SC_OK ||
	    token_parse(sc_buf_span(&text), &scratch, &t) != SC_OK ||
	    token_open(siv, &t, sc_span_str("demo"), &value, &ok) != SC_OK)
		return 0;
	CHECK(ok && sc_span_is(sc_buf_span(&value), s));
	return text.n;
}

static void short_names(void)
{
	static const char *const one[] = { "a", "\xc3\x89", "\xe5\xbc\xa0", "\xf0\xa0\xae\xb7" };
	char name[5 * 4];

	for (uint8_t flags = 0; flags <= TOKEN_RANDOM; flags += TOKEN_RANDOM)
		for (size_t script = 0; script < 4; script++) {
			name[0] = '\0';
			for (int n = 1; n <= 4; n++) {
				strcat(name, one[script]);
				CHECK(length_of(CLASS_NAME, flags, name) ==
				    length_of(CLASS_NAME, flags, "Ann"));
			}
		}
	CHECK(length_of(CLASS_NAME, 0, "Maeve Fennimore") == length_of(CLASS_NAME, 0, "A"));
	CHECK(length_of(CLASS_NAME, 0, "Maeve Quillfeather") > length_of(CLASS_NAME, 0, "A"));
}

/* Of these, none tells from the other in its row what the row says. */
static void alike(void)
{
	static const struct {
		uint8_t class_id, flags;
		const char *a, *b;
	} rows[] = {
		{ CLASS_PHONE, 0, "16400001234", "+447700900123" },     /* the country */
		{ CLASS_PHONE, 0, "+447700900123", "+44 7700 900123" }, /* a way of writing */
		{ CLASS_ADDRESS, 0, "1 High Street", "17 Saltmarsh Lane, Flat 4" }, /* a flat */
		{ CLASS_POSTCODE, 0, "20417", "SW1A 1AA" },                        /* the country */
		{ CLASS_BANK_CARD, 0, "4000000000000002", "6200000000000000003" }, /* the issuer */
		{ CLASS_IBAN, 0, "NO9386011117947", "MT84MALT011000012345MTLCAST001S" },
		{ CLASS_DOB, 0, "3/4/1908", "12/11/1908" },
		{ CLASS_QQ, 0, "10000", "1234567890" },                   /* the account's age */
		{ CLASS_CUSTOMER_ID, TOKEN_NUMBER, "7", "716500000001" }, /* how early a customer */
		{ CLASS_EMAIL, TOKEN_EMAIL_SHAPE, "a@b.cn", "maeve.fennimore@example.com" },
		{ CLASS_FILE_FIRST, TOKEN_LITERAL, "true", "false" },
		{ CLASS_NAME, TOKEN_STRING, "", "x" }, /* whether it is empty */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t a = length_of(rows[i].class_id, rows[i].flags, rows[i].a);

		CHECK(a != 0 && a == length_of(rows[i].class_id, rows[i].flags, rows[i].b));
	}
}

int main(void)
{
	static const uint8_t key[SIV_KEY_BYTES] = { 1 };

	if (siv_ctx_new(&siv) != SC_OK || siv_set_key(siv, key) != SC_OK)
		return 1;
	sc_buf_init(&text, TOKEN_TEXT_MAX);
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	sc_buf_init(&value, CRYPTO_VALUE_MAX);
	RUN(sizes, "sizes are those of the table, for every class and length");
	RUN(short_names, "names of one to four characters have tokens of one length");
	RUN(alike, "a token's length does not tell what its class would");
	siv_ctx_free(siv);
	sc_buf_fini(&text);
	sc_buf_fini(&scratch);
	sc_buf_fini(&value);
	return tap_done();
}
