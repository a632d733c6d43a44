/*
 * test_index.c - a search finds the values people mean, and an entry tells
 * nothing without the key.
 */
#include "crypto/prim/index.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text/utf8.h"
#include "policy/detect/detect.h"
#include "policy/words/class.h"
#include "tap.h"

#include <ctype.h>
#include <stdlib.h>

static const uint8_t raw_key[32] = { 1, 2, 3 };
static struct hmac_key key;

static const char names[INDEX_KIND_COUNT][3] = { "l4", "pf", "nf", "ef", "wf" };

/* Does VALUE have the normal form WANT ("" for none)? */
static bool normal_is(enum index_kind kind, const char *value, const char *want)
{
	struct sc_buf out;
	bool same;

	sc_buf_init(&out, 4096);
	same = index_normalise(kind, sc_span_str(value), &out) == SC_OK &&
	    sc_span_is(sc_buf_span(&out), want);
	if (!same)
		printf("# %s of '%s' is '%.*s'\n", names[kind], value,
		    SC_SPAN_ARG(sc_buf_span(&out)));
	sc_buf_fini(&out);
	return same;
}

/* What the scanner finds in a text, a search for the number finds in a column. */
static void found_and_found_again(void)
{
	static const char *const texts[] = { "07700 900123", "call 447700900123",
		"ring 44 7700 900123", "https://wa.me/447700900123", "+44 7700 900123",
		"0044 7700 900123", "00447700900123", "+44 (0)7700 900123", "07700900123 ext. 2" };
	static const char *const american[] = { "(202) 555-0123", "1-202-555-0123",
		"+1 202 555 0123", "001 202 555 0123", "whatsapp 12025550123", "202.555.0123 x9" };
	struct detect_hits h;
	char hit[64];

	detect_hits_init(&h);
	for (size_t i = 0; i < 9 + 6; i++) {
		const char *text = i < 9 ? texts[i] : american[i - 9];

		NEED(detect_scan(sc_span_str(text), &h) == SC_OK && h.n == 1);
		snprintf(hit, sizeof(hit), "%.*s", (int)(h.v[0].end - h.v[0].start),
		    text + h.v[0].start);
		CHECK(normal_is(INDEX_PF, hit, i < 9 ? "7700900123" : "2025550123"));
	}
	detect_hits_fini(&h);
}

static void phones(void)
{
	static const struct {
		const char *value, *whole, *last;
	} rows[] = {
		{ "07700 900123", "7700900123", "0123" },
		{ "+44 7700 900123", "7700900123", "0123" },
		{ "+44 (0)7700-900.123", "7700900123", "0123" },
		{ "0044 7700 900123", "7700900123", "0123" },
		{ " 07700900123 ext 44", "7700900123", "0123" },
		{ "07700900123#2", "7700900123", "0123" },
		{ "07700900123 / 07700900456", "7700900123", "0123" },
		{ "\xef\xbc\x8b\xef\xbc\x94\xef\xbc\x94 7700 900123", "7700900123", "0123" },
		{ "(202) 555-0123", "2025550123", "0123" },
		{ "+1 202 555 0123", "2025550123", "0123" },
		{ "+61 491 570 156", "491570156", "0156" },
		{ "0491 570 156", "491570156", "0156" },
		/* 142 is not given to any carrier */
		{ "14200001234", "4200001234", "1234" },
		{ "142 0000 1234", "4200001234", "1234" },
		{ "+86 142-0000-1234", "4200001234", "1234" },
		{ "8614200001234", "4200001234", "1234" },
		{ "14200001234-5678", "4200001234", "1234" },
		{ "+86 14200001234-5678", "4200001234", "1234" },
		{ "008614200001234-5678", "4200001234", "1234" },
		{ "+1 202-555-0123", "2025550123", "0123" },
		{ "14200001234\xe8\xbd\xac"
		  "5678",
		    "4200001234", "1234" },
		/* a calling code that nothing marks */
		{ "447700900123", "7700900123", "0123" },
		{ "44 7700 900123", "7700900123", "0123" },
		{ "+4407700900123", "7700900123", "0123" },
		{ "7700900123", "7700900123", "0123" },
		{ "1-202-555-0123", "2025550123", "0123" },
		{ "12025550123", "2025550123", "0123" },
		{ "001 202 555 0123", "2025550123", "0123" },
		{ "61491570156", "491570156", "0156" },
		{ "0061 491 570 156", "491570156", "0156" },
		/* eleven digits with a 1: of North America, or of China */
		{ "1-312-555-0123", "3125550123", "0123" },
		{ "(312) 555-0123", "3125550123", "0123" },
		{ "+1 312 555 0123", "3125550123", "0123" },
		/* a zero before them, and they are none */
		{ "0447700900123", "447700900123", "0123" },
		/* not as long as theirs */
		{ "4477009001", "4477009001", "9001" },
		{ "+358 50 5550123", "505550123", "0123" },
		{ "0123", "", "0123" },
		{ "012345", "", "2345" },
		{ "123", "", "" },
		{ "", "", "" },
		{ "000000000000000000000000000000001", "", "" }, /* 33 digits */
		{ "none", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(normal_is(INDEX_PF, rows[i].value, rows[i].whole));
		CHECK(normal_is(INDEX_L4, rows[i].value, rows[i].last));
	}
}

static void texts(void)
{
	CHECK(normal_is(INDEX_NF, "Anna  Example", "annaexample"));
	CHECK(normal_is(INDEX_NF, "ANNA EXAMPLE\t", "annaexample"));
	CHECK(normal_is(INDEX_NF,
	    "\xef\xbc\xa1\xef\xbd\x8ena\xe3\x80\x80"
	    "Example",
	    "annaexample"));
	CHECK(normal_is(INDEX_NF, "J\xc3\xb6rg", "jorg"));
	CHECK(normal_is(INDEX_NF, "J\xc3\x96RG", "jorg"));
	CHECK(normal_is(INDEX_NF, "Jo\xcc\x88rg", "jorg")); /* o, combining diaeresis */
	CHECK(normal_is(INDEX_NF, "\xc5\x81ukasz", "lukasz"));
	CHECK(normal_is(INDEX_NF, "\xe5\xbc\xa0 \xe4\xb8\x89", "\xe5\xbc\xa0\xe4\xb8\x89"));
	CHECK(normal_is(INDEX_NF, "\xd0\x98\xd0\x92\xd0\x90\xd0\x9d",
	    "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd"));
	CHECK(normal_is(INDEX_NF, "Smith-Jones", "smith-jones"));
	CHECK(normal_is(INDEX_NF, " \t", ""));
	CHECK(normal_is(INDEX_EF, "  Anna.Example@Example.COM ", "anna.example@example.com"));
	CHECK(normal_is(INDEX_EF, "   ", ""));
	CHECK(normal_is(INDEX_WF, "AB-12 34", "ab1234"));
}

static void refused(void)
{
	static char longest[INDEX_VALUE_MAX + 2];
	struct sc_buf out;

	sc_buf_init(&out, 64);
	NEED(sc_buf_put_str(&out, "kept") == SC_OK);
	for (int kind = 0; kind < INDEX_KIND_COUNT; kind++) {
		CHECK(index_print(&key, 'a', (enum index_kind)kind,
			  sc_span_str("0770090012345\xff"), &out) == SC_SYNTAX);
		CHECK(index_print(&key, 'a', (enum index_kind)kind, sc_span_str("\xc3"), &out) ==
		    SC_SYNTAX);
		memset(longest, '7', INDEX_VALUE_MAX + 1);
		CHECK(index_print(&key, 'a', (enum index_kind)kind, sc_span_str(longest), &out) ==
		    SC_LIMIT);
		CHECK(index_print(&key, 'l', (enum index_kind)kind, sc_span_str("07700900123"),
			  &out) == SC_BUG);
		CHECK(index_print(&key, '\0', (enum index_kind)kind, sc_span_str("07700900123"),
			  &out) == SC_BUG);
	}
	CHECK(index_print_class(&key, 'a', CLASS_PHONE, sc_span_str("07700900123\xff"), &out) ==
	    SC_SYNTAX);
	CHECK(sc_span_is(sc_buf_span(&out), "kept"));
	sc_buf_fini(&out);
}

/* The entry, the slow way: one-shot HMAC, five bits at a time. */
static void model(enum index_kind kind, const char *normal, size_t digits, char *out)
{
	const char *name = names[kind];
	uint8_t text[100], mac[32];
	size_t n = strlen(normal);

	text[0] = 2;
	memcpy(text + 1, name, 2);
	text[3] = 0;
	text[4] = (uint8_t)n;
	memcpy(text + 5, normal, n);
	HMAC(EVP_sha256(), raw_key, sizeof(raw_key), text, n + 5, mac, NULL);
	out += sprintf(out, ".%sb", name);
	for (size_t i = 0; i < digits; i++) {
		unsigned v = 0;

		for (size_t bit = 5 * i; bit < 5 * i + 5; bit++)
			v = v << 1 | (mac[bit / 8] >> (7 - bit % 8) & 1);
		*out++ = "0123456789abcdefghjkmnpqrstvwxyz"[v];
	}
	strcpy(out, ".");
}

static void entries(void)
{
	static const struct {
		enum index_kind kind;
		const char *value, *normal;
		size_t digits;
	} rows[] = {
		{ INDEX_L4, "+44 7700 900123", "0123", 3 },
		{ INDEX_PF, "+44 7700 900123", "7700900123", 8 },
		{ INDEX_NF, "Anna Example", "annaexample", 5 },
		{ INDEX_EF, "Anna@example.com", "anna@example.com", 8 },
		{ INDEX_WF, "AB-12 34", "ab1234", 8 },
	};
	struct sc_buf out;
	char want[32];

	sc_buf_init(&out, 64);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sc_buf_clear(&out);
		CHECK(index_print(&key, 'b', rows[i].kind, sc_span_str(rows[i].value), &out) ==
		    SC_OK);
		model(rows[i].kind, rows[i].normal, rows[i].digits, want);
		CHECK(sc_span_is(sc_buf_span(&out), want));
		CHECK(out.n <= INDEX_ENTRY_MAX);
	}
	sc_buf_fini(&out);
}

/* A value's entry of KIND as a C string. */
static void entry(const struct hmac_key *k, char epoch, enum index_kind kind, const char *value,
    char out[32])
{
	struct sc_buf b;

	sc_buf_init(&b, 31);
	CHECK(index_print(k, epoch, kind, sc_span_str(value), &b) == SC_OK);
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
	sc_buf_fini(&b);
}

static void columns(void)
{
	char l4[32], pf[32], nf[32], other[32], column[100];
	struct sc_buf out;

	sc_buf_init(&out, sizeof(column) - 1);
	CHECK(
	    index_print_class(&key, 'a', CLASS_PHONE, sc_span_str("07700 900123"), &out) == SC_OK);
	CHECK(index_print_class(&key, 'a', CLASS_NAME, sc_span_str("Anna Example"), &out) == SC_OK);
	NEED(out.n == 8 + 12 + 9);
	memcpy(column, out.p, out.n);
	column[out.n] = '\0';
	sc_buf_fini(&out);
	entry(&key, 'a', INDEX_L4, "0123", l4);
	entry(&key, 'a', INDEX_PF, "+447700900123", pf);
	entry(&key, 'a', INDEX_NF, "ANNA EXAMPLE", nf);
	entry(&key, 'a', INDEX_L4, "0124", other);
	CHECK(strstr(column, l4) == column);
	CHECK(strstr(column, pf) != NULL && strstr(column, nf) != NULL);
	CHECK(strstr(column, other) == NULL);
	CHECK(strstr(column, "..") == NULL && column[strlen(column) - 1] == '.');
	CHECK(strspn(column, ".0123456789abcdefghjkmnpqrstvwxyzl") == strlen(column));
}

static void separated(void)
{
	static const uint8_t raw_other[32] = { 9 };
	struct hmac_key other;
	char a[32], b[32];

	hmac_key_init(&other, raw_other, sizeof(raw_other));
	entry(&key, 'a', INDEX_WF, "7700900123", a);
	entry(&other, 'a', INDEX_WF, "7700900123", b);
	CHECK(strcmp(a, b) != 0);
	entry(&key, 'a', INDEX_PF, "7700900123", b);
	CHECK(strcmp(a + 4, b + 4) != 0); /* kinds differ in more than the label */
	entry(&key, 'b', INDEX_WF, "7700900123", b);
	CHECK(a[3] == 'a' && b[3] == 'b');
	entry(&key, 'a', INDEX_WF, "7700900124", b);
	CHECK(strcmp(a, b) != 0);
}

/* Is a value of CLASS_ID indexed by the kinds of which the bits in WANT are set, in their order? */
static bool kinds_are(uint8_t class_id, unsigned want)
{
	struct sc_buf out;
	const uint8_t *at;
	bool ok;

	sc_buf_init(&out, 200);
	ok = index_print_class(&key, 'a', class_id, sc_span_str("07700900123"), &out) == SC_OK;
	at = out.p;
	for (unsigned k = 0; k < INDEX_KIND_COUNT && ok; k++) {
		const uint8_t *is = memmem(out.p, out.n, names[k], 2);

		ok = (is != NULL) == ((want & 1u << k) != 0) && (is == NULL || is >= at);
		at = is != NULL ? is : at;
	}
	sc_buf_fini(&out);
	return ok;
}

static void kinds(void)
{
	CHECK(kinds_are(CLASS_PHONE, 1u << INDEX_L4 | 1u << INDEX_PF));
	CHECK(kinds_are(CLASS_NAME, 1u << INDEX_NF));
	CHECK(kinds_are(CLASS_EMAIL, 1u << INDEX_EF));
	CHECK(kinds_are(CLASS_CUSTOMER_ID, 1u << INDEX_WF));
}

/* TEXT's form of KIND, NUL-ended; static. */
static const char *form_of(enum index_kind kind, struct sc_span text)
{
	static char form[64];
	struct sc_buf out;

	sc_buf_init(&out, 64);
	if (index_normalise(kind, text, &out) != SC_OK || out.n >= sizeof(form))
		abort();
	snprintf(form, sizeof(form), "%.*s", (int)out.n, (const char *)out.p);
	sc_buf_fini(&out);
	return form;
}

/* Every character means the same alone, among others, and to who is in a hurry. */
static void every_character(void)
{
	uint8_t text[16], whole[INDEX_VALUE_MAX + INDEX_WHOLE_SPARE];
	char want[64];
	unsigned wrong = 0;

	for (uint32_t cp = 1; cp <= 0x10ffff; cp++) {
		size_t n, len;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		text[0] = 'x';
		n = utf8_encode(cp, text + 1);
		memcpy(text + 1 + n, "\xe5\x8c\x97y", 4);
		for (enum index_kind kind = INDEX_NF; kind <= INDEX_WF; kind += 2) {
			snprintf(want, sizeof(want), "x%s\xe5\x8c\x97y",
			    form_of(kind, sc_span(text + 1, n)));
			wrong += strcmp(form_of(kind, sc_span(text, n + 5)), want) != 0;
			if (cp >= 0x80)
				continue;
			want[0] = (char)tolower((int)cp);
			want[1] = '\0';
			if (isspace((int)cp) || (cp == '-' && kind == INDEX_WF))
				want[0] = '\0';
			wrong += strcmp(form_of(kind, sc_span(text + 1, n)), want) != 0;
		}
		if (cp >= 0x4000 && cp < 0xa000) {
			snprintf(want, sizeof(want), "%.*s", (int)n, (const char *)text + 1);
			wrong += strcmp(form_of(INDEX_WF, sc_span(text + 1, n)), want) != 0;
		}
		len = index_whole(sc_span(text, n + 5), whole);
		snprintf(want, sizeof(want), "%s", form_of(INDEX_WF, sc_span(text, n + 5)));
		wrong += len != strlen(want) || memcmp(whole, want, len) != 0;
	}
	CHECK(wrong == 0);
}

static void in_a_hurry(void)
{
	static const char *const bad[] = { "", " - ", "\xe5\x8c", "a\xe5\x8c", "\xe5\x8cz",
		"\xe9\xc0\x80", "\xe4\x80\xc0", "\xff", "ab\xed\xa0\x80" };
	static uint8_t text[INDEX_VALUE_MAX + 1];
	uint8_t whole[INDEX_VALUE_MAX + INDEX_WHOLE_SPARE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(index_whole(sc_span_str(bad[i]), whole) == 0);
	memset(text, 'A', sizeof(text));
	CHECK(index_whole(sc_span(text, INDEX_VALUE_MAX), whole) == INDEX_VALUE_MAX);
	CHECK(whole[0] == 'a' && whole[INDEX_VALUE_MAX - 1] == 'a');
	CHECK(index_whole(sc_span(text, INDEX_VALUE_MAX + 1), whole) == 0);
}

/* Many bytes in a step, or one after the other: the same, at every length and place. */
static void in_steps(void)
{
	static const char *const letters[] = { "A", "b", "Z", "z", "@", "[", "`", "{", "0", "\x1f",
		"\x7f", "\x01", ",", "+", ".", "!", " ", "-", "\t", "\r", "\x08", "\x0e" };
	static const char *const rare[] = { "\xc3\x84", "\xe5\x8c\x97", "\xe3\x80\x80" };
	uint8_t text[128], whole[INDEX_VALUE_MAX + INDEX_WHOLE_SPARE];
	struct sc_buf want;
	uint32_t r = 1;
	unsigned wrong = 0;

	sc_buf_init(&want, INDEX_VALUE_MAX);
	for (unsigned round = 0; round < 50000; round++) {
		size_t n = 0, len, max = round % 100;

		while (n < max) {
			const char *c = letters[(r >> 8) % 22];

			r = r * 1664525 + 1013904223;
			if (round % 3 == 0 && r >> 27 == 0)
				c = rare[(r >> 8) % 3];
			memcpy(text + n, c, strlen(c));
			n += strlen(c);
		}
		sc_buf_clear(&want);
		CHECK(index_normalise(INDEX_WF, sc_span(text, n), &want) == SC_OK);
		memset(whole, 0xaa, sizeof(whole));
		len = index_whole(sc_span(text, n), whole);
		wrong += len != want.n || (len != 0 && memcmp(whole, want.p, len) != 0);
		/* nothing is left of it where its caller does not wipe */
		for (size_t i = len + INDEX_WHOLE_SPARE; i < sizeof(whole); i++)
			wrong += whole[i] != 0xaa;
	}
	CHECK(wrong == 0);
	sc_buf_fini(&want);
}

int main(void)
{
	hmac_key_init(&key, raw_key, sizeof(raw_key));
	RUN(found_and_found_again, "scanner and index agree on every way of writing a number");
	RUN(phones, "spellings of one phone number have one normal form");
	RUN(every_character, "every character is folded alike wherever it stands");
	RUN(in_a_hurry, "a whole value's form without a buffer has the same edges");
	RUN(in_steps, "whole values fold the same many bytes at a time and one by one");
	RUN(texts, "names and addresses are folded by width, case, accents and spaces");
	RUN(refused, "what is not UTF-8, too long or of no epoch is refused, and nothing appended");
	RUN(entries, "entries are the first digits of the HMAC");
	RUN(columns, "a search entry is found in the column it belongs to, and no other is");
	RUN(separated, "keys, kinds and epochs do not mix");
	RUN(kinds, "names and classes of the kinds");
	return tap_done();
}
