/*
 * test_detect.c - the plain standard forms are found, exactly; look-alikes are
 * not; checksums decide; hostile text costs what its length says.
 */
#include "tap.h"

#include "policy/words/class.h"
#include "policy/detect/detect.h"
#include "policy/detect/verify.h"

struct example {
	const char *text;
	const char *hit; /* the only hit; NULL: there is none */
	uint8_t class_id;
};

/* Is EXAMPLE's hit found, and nothing else? */
static bool found(const struct example *e)
{
	struct detect_hits h;
	struct sc_span text = sc_span_str(e->text);
	bool right;

	detect_hits_init(&h);
	right = detect_scan(text, &h) == SC_OK && h.n == (e->hit != NULL);
	if (right && e->hit != NULL)
		right = h.v[0].class_id == e->class_id &&
		    sc_span_is(sc_span(text.p + h.v[0].start, h.v[0].end - h.v[0].start), e->hit);
	if (!right) {
		printf("# %s: %zu hits", e->text, h.n);
		for (size_t i = 0; i < h.n; i++)
			printf(" [%u,%u)=%u", h.v[i].start, h.v[i].end, h.v[i].class_id);
		printf("\n");
	}
	/* a glance never misses what a look finds */
	if (e->hit != NULL && detect_nothing(text)) {
		printf("# %s: called nothing\n", e->text);
		right = false;
	}
	detect_hits_fini(&h);
	return right;
}

#define DIANHUA "\xE7\x94\xB5\xE8\xAF\x9D" /* "telephone" */
#define XIEXIE "\xE8\xB0\xA2\xE8\xB0\xA2"  /* "thanks" */
#define ZHUAN "\xE8\xBD\xAC"               /* "extension" */

static void check_all(const struct example *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK(found(&e[i]));
}
#define CHECK_ALL(a) check_all(a, sizeof(a) / sizeof((a)[0]))

static void test_mobile(void)
{
	static const struct example all[] = {
		{ "16400001234", "16400001234", CLASS_PHONE },
		{ DIANHUA "16400001234" XIEXIE, "16400001234", CLASS_PHONE },
		{ "164-0000-1234", "164-0000-1234", CLASS_PHONE },
		{ "164 0000 1234", "164 0000 1234", CLASS_PHONE },
		{ "1640-000-1234", "1640-000-1234", CLASS_PHONE },
		{ "+8616400001234", "+8616400001234", CLASS_PHONE },
		{ "+86 164 0000 1234", "+86 164 0000 1234", CLASS_PHONE },
		{ "+86-164-0000-1234,", "+86-164-0000-1234", CLASS_PHONE },
		{ "(+86)16400001234", "(+86)16400001234", CLASS_PHONE },
		{ "008616400001234", "008616400001234", CLASS_PHONE },
		{ "86 16400001234", "86 16400001234", CLASS_PHONE },
		{ "tel16400001234", "16400001234", CLASS_PHONE },
		{ "TEL16400001234", "16400001234", CLASS_PHONE },
		{ "16400001234-567", "16400001234-567", CLASS_PHONE },
		{ "16400001234" ZHUAN "8021", "16400001234" ZHUAN "8021", CLASS_PHONE },
		{ "2 16400001234", "16400001234", CLASS_PHONE },
		{ "164\xE2\x80\x93"
		  "0000\xE2\x80\x93"
		  "1234",
		    "164\xE2\x80\x93"
		    "0000\xE2\x80\x93"
		    "1234",
		    CLASS_PHONE },
		{ "(010)00001234", "(010)00001234", CLASS_PHONE },
		{ "0750-0001234-801", "0750-0001234-801", CLASS_PHONE },
		{ "16400001234.", "16400001234", CLASS_PHONE },
	};

	CHECK_ALL(all);
}

static void test_other_phones(void)
{
	static const struct example all[] = {
		{ "+44 7700 900123", "+44 7700 900123", CLASS_PHONE },
		{ "+44 (0)7700 900123", "+44 (0)7700 900123", CLASS_PHONE },
		{ "07700 900123", "07700 900123", CLASS_PHONE },
		{ "07700 900 123", "07700 900 123", CLASS_PHONE },
		{ "07700900123", "07700900123", CLASS_PHONE },
		{ "+442079460123", "+442079460123", CLASS_PHONE },
		{ "call 212-555-0123 now", "212-555-0123", CLASS_PHONE },
		{ "(212) 555-0123", "(212) 555-0123", CLASS_PHONE },
		{ "212.555.0123", "212.555.0123", CLASS_PHONE },
		{ "+1 212 555 0123", "+1 212 555 0123", CLASS_PHONE },
		{ "+12125550123", "+12125550123", CLASS_PHONE },
		{ "1-212-555-0123 x456", "1-212-555-0123 x456", CLASS_PHONE },
		{ "+1 (212) 555-0123", "+1 (212) 555-0123", CLASS_PHONE },
		{ "+61 491 570 156 2 items", "+61 491 570 156", CLASS_PHONE },
		{ "0151 23456789", "0151 23456789", CLASS_PHONE },
		/* two zeros for the plus */
		{ "0044 7700 900123", "0044 7700 900123", CLASS_PHONE },
		{ "00447700900123", "00447700900123", CLASS_PHONE },
		{ "00 44 7700 900123", "00 44 7700 900123", CLASS_PHONE },
		{ "0044 (0)7700 900123", "0044 (0)7700 900123", CLASS_PHONE },
		{ "001 212 555 0123", "001 212 555 0123", CLASS_PHONE },
		{ "0061 491 570 156", "0061 491 570 156", CLASS_PHONE },
		/* nothing for it, but a word before it */
		{ "call 447700900123", "447700900123", CLASS_PHONE },
		{ "Call me on 447700900123.", "447700900123", CLASS_PHONE },
		{ "whatsapp: 44 7700 900123", "44 7700 900123", CLASS_PHONE },
		{ "https://wa.me/447700900123?text=hi", "447700900123", CLASS_PHONE },
		{ "send?phone=447700900123", "447700900123", CLASS_PHONE },
		{ "tel:12125550123", "12125550123", CLASS_PHONE },
		{ DIANHUA "447700900123", "447700900123", CLASS_PHONE },
		{ "ring 61491570156 please", "61491570156", CLASS_PHONE },
		{ "447700900123", NULL, 0 },
		{ "order 447700900123", NULL, 0 },
		{ "recall 447700900123", NULL, 0 },
		{ "call about order 447700900123", NULL, 0 },
		{ "call 4477009001234", NULL, 0 },
		{ "call 337700900123", NULL, 0 },
		{ "serial 00123456789", NULL, 0 },
		{ "000044 7700", NULL, 0 },
		{ "00 99 1234567890", NULL, 0 },
		{ "+ 1 point", NULL, 0 },
		{ "+1 point", NULL, 0 },
		{ "2125550123", NULL, 0 },
		{ "112-555-0123", NULL, 0 },
	};

	CHECK_ALL(all);
}

static void test_no_phone(void)
{
	static const struct example all[] = {
		{ "164000012345", NULL, 0 },
		{ "12900001234", NULL, 0 },
		{ "1640000123", NULL, 0 },
		{ "16400001234.00", NULL, 0 },
		{ "0.16400001234", NULL, 0 },
		{ "SF16400001234", NULL, 0 },
		{ "a3f16400001234", NULL, 0 },
		{ "16400001234abc", NULL, 0 },
		{ "order_16400001234", NULL, 0 },
		{ "1700000000000", NULL, 0 },
		{ "2024-01-15 10:30:59", NULL, 0 },
		{ "1.2.3.4", NULL, 0 },
		{ "550e8400-e29b-41d4-a716-446655440000", NULL, 0 },
		{ "69012345678901234567890123456789012345678901234567", NULL, 0 },
		{ "164*****234", NULL, 0 },
		{ "", NULL, 0 },
		{ "@", NULL, 0 },
	};

	CHECK_ALL(all);
}

static void test_email(void)
{
	static const struct example all[] = {
		{ "mail zhang.san+x@example.com!", "zhang.san+x@example.com", CLASS_EMAIL },
		{ DIANHUA "a@b.cn" XIEXIE, "a@b.cn", CLASS_EMAIL },
		{ "<a_b%c-d@mail.example.co.uk>", "a_b%c-d@mail.example.co.uk", CLASS_EMAIL },
		{ "a@example.com.", "a@example.com", CLASS_EMAIL },
		{ ".a@example.com", "a@example.com", CLASS_EMAIL },
		{ "16400001234@example.com", "16400001234@example.com", CLASS_EMAIL },
		{ "x@xn--fiqs8s.xn--p1ai", "x@xn--fiqs8s.xn--p1ai", CLASS_EMAIL },
		{ "x@example.com2", "x@example.com", CLASS_EMAIL },
		{ "'o'brien@example.com'", "o'brien@example.com", CLASS_EMAIL },
		{ "a@b", NULL, 0 },
		{ "@example.com", NULL, 0 },
		{ "a.@example.com", NULL, 0 },
		{ "a@-b.com", NULL, 0 },
		{ "a@1.2", NULL, 0 },
		{ "a@b..com", NULL, 0 },
		{ "look @ this.now", NULL, 0 },
	};

	CHECK_ALL(all);
}

/* The check character of the 17 digits at P (GB 11643 §6). */
static char id_check(const char *p)
{
	unsigned sum = 0;

	/* the weight of place i is 2^(17-i) mod 11 */
	for (int i = 0; i < 17; i++) {
		unsigned weight = 1;

		for (int k = 0; k < 17 - i; k++)
			weight = weight * 2 % 11;
		sum += (unsigned)(p[i] - '0') * weight;
	}
	return "0123456789X"[(12 - sum % 11) % 11];
}

static void test_resident_id(void)
{
	/* before, between the parts, behind */
	static const char *const forms[][3] = { { "", "", "" }, { DIANHUA, "", XIEXIE },
		{ "", " ", "" }, { "", "-", "." }, { "ID", "", "" } };
	size_t with_x = 0;

	for (int i = 0; i < 200; i++) {
		char id[64], text[96];

		snprintf(id, sizeof(id), "%02d%04d%04d%02d%02d%03d", 11 + i % 5, 100 + i,
		    1950 + i % 60, 1 + i % 12, 1 + i % 28, i);
		id[17] = id_check(id);
		id[18] = '\0';
		with_x += id[17] == 'X';
		for (char c = '0'; c <= '9'; c++) {
			struct example bad = { text, NULL, 0 };

			snprintf(text, sizeof(text), "%.17s%c", id, c);
			CHECK(c == id[17] || found(&bad));
		}
		for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			struct detect_hits h;

			snprintf(text, sizeof(text), "%s%.6s%s%.8s%s%.4s%s", forms[f][0], id,
			    forms[f][1], id + 6, forms[f][1], id + 14, forms[f][2]);
			detect_hits_init(&h);
			CHECK(detect_scan(sc_span_str(text), &h) == SC_OK);
			CHECK(h.n == 1 && h.v[0].class_id == CLASS_RESIDENT_ID);
			CHECK(h.n == 1 && memcmp(text + h.v[0].start, id, 6) == 0 &&
			    text[h.v[0].end - 1] == id[17]);
			detect_hits_fini(&h);
		}
	}
	CHECK(with_x > 0);
}

static void test_no_resident_id(void)
{
	/* area, date and sequence; the check character is computed */
	static const char *const bad[] = { "00010119900101001", "16010119900101001",
		"11010119901301001", "11010119900230001", "11010117000101001",
		"55010119900101001" };
	char good[] = "11010119900101001?";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char id[19];
		struct example e = { id, NULL, 0 };

		snprintf(id, sizeof(id), "%s%c", bad[i], id_check(bad[i]));
		CHECK(found(&e));
	}
	good[17] = id_check(good);
	for (int i = 0; i < 2; i++) {
		char text[32];
		struct example e = { text, NULL, 0 };

		snprintf(text, sizeof(text), i == 0 ? "%s7" : "SF%s", good);
		CHECK(found(&e));
	}
	/* a lower-case x is an X */
	for (unsigned n = 0; n < 100; n++) {
		char id[64];

		snprintf(id, sizeof(id), "11010119900101%03u", n);
		if (id_check(id) == 'X') {
			struct example e = { id, id, CLASS_RESIDENT_ID };

			memcpy(id + 17, "x", 2);
			CHECK(found(&e));
			return;
		}
	}
	CHECK(!"no id with X among a hundred");
}

/* PREFIX filled up with made-up digits to N with a right Luhn digit. */
static void make_card(const char *prefix, size_t n, unsigned seed, char *out)
{
	unsigned sum = 0;

	snprintf(out, 20, "%s", prefix);
	for (size_t i = strlen(prefix); i < n; i++)
		out[i] = (char)('0' + (seed = seed * 1103515245 + 12345) / 65536 % 10);
	out[n] = '\0';
	for (size_t i = 1; i < n; i++) {
		unsigned v = (unsigned)(out[n - 1 - i] - '0');

		v = i % 2 == 1 ? v * 2 : v;
		sum += v > 9 ? v - 9 : v;
	}
	out[n - 1] = (char)('0' + (10 - sum % 10) % 10);
}

static void test_bank_card(void)
{
	static const struct {
		const char *prefix;
		size_t n;
	} kinds[] = { { "622202", 16 }, { "621700", 19 }, { "4", 16 }, { "51", 16 }, { "2221", 16 },
		{ "37", 15 }, { "3528", 16 }, { "36", 14 }, { "6011", 16 } };

	for (unsigned i = 0; i < 200; i++) {
		size_t k = i % (sizeof(kinds) / sizeof(kinds[0])), n = kinds[k].n;
		char card[20], text[64];
		struct example e = { text, text, CLASS_BANK_CARD };

		make_card(kinds[k].prefix, n, i, card);
		snprintf(text, sizeof(text), "%s", card);
		CHECK(found(&e));
		if (n == 15)
			snprintf(text, sizeof(text), "%.4s %.6s %s", card, card + 4, card + 10);
		else if (n == 14)
			snprintf(text, sizeof(text), "%.4s-%.6s-%s", card, card + 4, card + 10);
		else
			snprintf(text, sizeof(text), "%.4s %.4s %.4s %.4s%s%s", card, card + 4,
			    card + 8, card + 12, n > 16 ? " " : "", card + 16);
		CHECK(found(&e));
		/* another last digit: no card (a part of it is no card either) */
		snprintf(text, sizeof(text), "%s", card);
		text[n - 1] = (char)('0' + (text[n - 1] - '0' + 1) % 10);
		e.hit = NULL;
		CHECK(found(&e));
	}
}

static void test_no_bank_card(void)
{
	char card[20], text[64];
	struct example none = { text, NULL, 0 };

	make_card("1234", 16, 1, text); /* no issuer */
	CHECK(found(&none));
	make_card("4", 13, 2, text); /* nobody issues it any more */
	CHECK(found(&none));
	make_card("37", 16, 3, text); /* another length */
	CHECK(found(&none));
	make_card("622202", 16, 4, card);
	snprintf(text, sizeof(text), "YT%s", card);
	CHECK(found(&none));
	snprintf(text, sizeof(text), "%s0000", card);
	CHECK(found(&none));
	/* area and date of a resident id whose check character is wrong */
	for (unsigned seed = 0; seed < 20; seed++) {
		make_card("62220219900101", 18, seed, text);
		if (text[17] != id_check(text))
			CHECK(found(&none));
	}
}

static void test_several(void)
{
	static const char text[] = "A 16400001234 b@example.com/+44 7700 900123,"
				   "164-0000-5678 07700 900456 c@example.org";
	static const char *const want[] = { "16400001234", "b@example.com", "+44 7700 900123",
		"164-0000-5678", "07700 900456", "c@example.org" };
	struct detect_hits h;

	detect_hits_init(&h);
	CHECK(detect_scan(sc_span_str(text), &h) == SC_OK);
	NEED(h.n == 6);
	for (size_t i = 0; i < 6; i++) {
		CHECK(sc_span_is(sc_span(text + h.v[i].start, h.v[i].end - h.v[i].start), want[i]));
		CHECK(i == 0 || h.v[i - 1].end <= h.v[i].start);
	}
	detect_hits_fini(&h);
}

static void test_two_addresses(void)
{
	static const char text[] = "a@b.cn.c@d.cn";
	struct detect_hits h;

	detect_hits_init(&h);
	CHECK(detect_scan(sc_span_str(text), &h) == SC_OK);
	NEED(h.n == 2);
	CHECK(h.v[0].start == 0 && h.v[0].end == 6);
	CHECK(h.v[1].start == 7 && h.v[1].end == 13);
	detect_hits_fini(&h);
}

/* An address takes over what was found inside of it, and cuts what reaches in. */
static void test_email_wins(void)
{
	static const char text[] = "164 0000 1234@example.com";
	struct detect_hits h;

	detect_hits_init(&h);
	CHECK(detect_scan(sc_span_str(text), &h) == SC_OK);
	NEED(h.n == 2);
	CHECK(h.v[0].start == 0 && h.v[0].end == 9);
	CHECK(h.v[1].start == 9 && h.v[1].end == sizeof(text) - 1);
	CHECK(h.v[1].class_id == CLASS_EMAIL);
	detect_hits_fini(&h);
}

/* UNIT repeated to 1 MB; the hits found. */
static size_t repeated(const char *unit, struct detect_hits *h)
{
	enum { size = 1 << 20 };
	size_t len = strlen(unit), n = 0;
	char *text = malloc(size);

	if (text == NULL)
		abort();
	for (; n + len <= size; n += len)
		memcpy(text + n, unit, len);
	CHECK(detect_scan(sc_span(text, n), h) == SC_OK);
	for (size_t i = 1; i < h->n; i++)
		if (h->v[i - 1].end > h->v[i].start || h->v[i].end <= h->v[i].start ||
		    h->v[i].end > n)
			CHECK(!"hits overlap or leave the text");
	free(text);
	return h->n;
}

static void test_hostile(void)
{
	static const char *const units[] = { "1", "1 ", "1-", "a@", "@", "1a", "a@a.",
		"16400001234", "138-138-", "138 1234 567 ", "1.", "+1 ", "+", "(1)", "6222 ", "x",
		"\xE4\xB8\x80", "\xFF", "1@", "86 ", "0" };
	struct detect_hits h;

	detect_hits_init(&h);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		(void)repeated(units[i], &h);
	/* nothing is dropped for lack of room */
	CHECK(repeated("16400001234,", &h) == (1 << 20) / 12);
	CHECK(repeated("a@b.cn ", &h) == (1 << 20) / 7);
	/* many numbers, then many @: the way back to the last address is short */
	CHECK(repeated("16400001234 @ @ ", &h) == (1 << 20) / 16);
	detect_hits_fini(&h);
}

/* Every cut of a text with everything in it: no read beyond, hits in bounds. */
static void test_cuts(void)
{
	static const char text[] = "+86 164-0000-1234 x12 a.b@example.co.uk (212)"
				   " 555-0123" ZHUAN
				   "3 110101 19900101 001X 6222 0212 3456 7890 123";
	struct detect_hits h;

	detect_hits_init(&h);
	for (size_t from = 0; from < sizeof(text); from++) {
		for (size_t n = 0; n < sizeof(text) - from; n++) {
			char *copy = malloc(n + 1);

			NEED(copy != NULL);
			memcpy(copy, text + from, n);
			copy = realloc(copy, n == 0 ? 1 : n);
			NEED(copy != NULL);
			CHECK(detect_scan(sc_span(copy, n), &h) == SC_OK);
			for (size_t i = 0; i < h.n; i++)
				CHECK(h.v[i].start < h.v[i].end && h.v[i].end <= n);
			free(copy);
		}
	}
	detect_hits_fini(&h);
}

static void test_nothing(void)
{
	static const char *const nothing[] = { "", "Blue mug", "A-12345", "19.90",
		"2024-02-29T23:59:59Z", "2024-02-29 23:59:59",
		"2024-02-29T23:59:59.123456789+08:00" };
	static const char *const perhaps[] = { "a@b", "123456", "2024-02-29T23:59:59 07700900123",
		"2024-02-29T23:59:59.1234567890123", "2024-02-29T23:59:59+08:00 1", "2024-02-29" };

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		CHECK(detect_nothing(sc_span_str(nothing[i])));
	for (size_t i = 0; i < sizeof(perhaps) / sizeof(perhaps[0]); i++)
		CHECK(!detect_nothing(sc_span_str(perhaps[i])));
}

int main(void)
{
	RUN(test_nothing, "what holds nothing is seen at a glance");
	RUN(test_mobile, "Chinese numbers are found in their plain forms, with extension");
	RUN(test_other_phones, "E.164, British, North American and German forms are found");
	RUN(test_no_phone, "serial numbers, amounts, hashes and dates are no telephones");
	RUN(test_email, "e-mail addresses are found and end where they end");
	RUN(test_resident_id, "resident ids are found by checksum, and by nothing less");
	RUN(test_no_resident_id, "a wrong area, date or neighbour is no resident id");
	RUN(test_bank_card, "bank cards are found whole, grouped or not");
	RUN(test_no_bank_card, "a right check digit alone is no bank card");
	RUN(test_several, "several values in one text, in order, disjoint");
	RUN(test_two_addresses, "an address does not begin inside of the one before");
	RUN(test_email_wins, "an address takes over what was found inside of it");
	RUN(test_hostile, "a megabyte of anything is scanned, and every hit kept");
	RUN(test_cuts, "texts that end anywhere are not read beyond");
	return tap_done();
}
