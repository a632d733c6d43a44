/*
 * test_phone_number.c - numbers as people write them: one number, or none.
 */
#include "gateway/number/number.h"
#include "gateway/number/party.h"

#include "tap.h"

struct spelling {
	const char *text, *home, *e164; /* NULL: none */
	const char *ext;                /* NULL: none */
};

static void check(const struct spelling *s)
{
	struct phone_number no;
	char ext[256] = "";
	bool ok = phone_number_parse(sc_span_str(s->text), s->home, &no) == SC_OK;

	if (no.ext != PHONE_NO_EXT)
		snprintf(ext, sizeof(ext), "%0*u", no.ext_digits, (unsigned)no.ext);
	if (ok != (s->e164 != NULL) ||
	    (ok && (strcmp(no.e164, s->e164) != 0 || strcmp(ext, s->ext ? s->ext : "") != 0))) {
		printf("# '%s' at %s: %s %s %s\n", s->text, s->home, ok ? "read" : "refused",
		    ok ? no.e164 : "", ok ? ext : "");
		tap_ok = false;
	}
	if (!ok)
		CHECK(no.e164[0] == '\0' && no.ext == 0 && no.ext_digits == 0);
}

static void check_all(const struct spelling *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&s[i]);
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof(rows[0]))

static void test_spellings(void)
{
	static const struct spelling rows[] = {
		{ "+447700900123", "86", "+447700900123", NULL },
		{ "00447700900123", "86", "+447700900123", NULL },
		{ "+44 (0)7700 900 123", "86", "+447700900123", NULL },
		{ "+44 07700 900123", "86", "+447700900123", NULL },
		{ "+44 007700 90012", "86", NULL, NULL }, /* one zero, not two */
		{ "+44-7700-900-123", "86", "+447700900123", NULL },
		{ "07700 900123", "44", "+447700900123", NULL },
		{ "7700900123", "44", "+447700900123", NULL }, /* a table lost the zero */
		{ "447700900123", "44", "+447700900123", NULL },
		{ "(01632) 960001", "44", "+441632960001", NULL },
		{ "020 7946 0123", "44", "+442079460123", NULL },
		{ "(202) 555-0143", "1", "+12025550143", NULL },
		{ "1-202-555-0143", "1", "+12025550143", NULL },
		{ "202.555.0143", "1", "+12025550143", NULL },
		{ "+1/202/555/0143", "86", "+12025550143", NULL },
		{ "0491 570 156", "61", "+61491570156", NULL },
		{ "\t+44\xC2\xA0"
		  "7700\xE3\x80\x80"
		  "900123 ",
		    "86", "+447700900123", NULL },
		/* full width, and U+2011 */
		{ "\xEF\xBC\x8B\xEF\xBC\x94\xEF\xBC\x94 7700\xE2\x80\x91"
		  "900123",
		    "86", "+447700900123", NULL },
		/* marks of direction */
		{ "\xE2\x80\xAA+447700900123\xE2\x80\xAC", "86", "+447700900123", NULL },
		/* no row for the country: as long as E.164 lets it be */
		{ "+35699999999", "86", "+35699999999", NULL },
		{ "+2991234", "86", "+2991234", NULL },
		{ "+299123456789012", "86", "+299123456789012", NULL },
	};

	CHECK_ALL(rows);
}

static void test_extensions(void)
{
	static const struct spelling rows[] = {
		{ "+441632960001*4711", "86", "+441632960001", "4711" },
		{ "+441632960001-4711", "86", "+441632960001", "4711" },
		{ "+44 1632 960 001 - 4711", "86", "+441632960001", "4711" },
		{ "01632 960001-4711", "44", "+441632960001", "4711" },
		{ "01632960001\xE8\xBD\xAC"
		  "4711",
		    "44", "+441632960001", "4711" },
		{ "01632960001 \xE8\xBD\x89 4711", "44", "+441632960001", "4711" },
		{ "01632960001\xE5\x88\x86\xE6\x9C\xBA"
		  "4711",
		    "44", "+441632960001", "4711" },
		{ "+441632960001,4711", "86", "+441632960001", "4711" },
		{ "+441632960001,,4711#", "86", "+441632960001", "4711" },
		{ "+441632960001\xEF\xBC\x8C"
		  "4711",
		    "86", "+441632960001", "4711" },
		{ "+441632960001;ext=4711", "86", "+441632960001", "4711" },
		{ "+441632960001 ext 4711", "86", "+441632960001", "4711" },
		{ "+441632960001 Ext. 4711", "86", "+441632960001", "4711" },
		{ "+441632960001 extension 4711", "86", "+441632960001", "4711" },
		{ "+441632960001x4711", "86", "+441632960001", "4711" },
		{ "+441632960001#4711", "86", "+441632960001", "4711" },
		{ "+441632960001*0007", "86", "+441632960001", "0007" },
		{ "+441632960001*7", "86", "+441632960001", "7" },
		{ "+441632960001*123456", "86", "+441632960001", "123456" },
		{ "+1 202-555-0143-4711", "86", "+12025550143", "4711" },
		/* the longer number, where both can be read */
		{ "+49 30 123456-78", "86", "+493012345678", NULL },
		{ "020 7946-0123", "44", "+442079460123", NULL },
		{ "+44 1632 960001-1234567", "86", NULL, NULL },
		{ "+441632960001*1234567", "86", NULL, NULL },
		{ "+441632960001*", "86", NULL, NULL },
		{ "+441632960001-", "86", "+441632960001", NULL },
		{ "+441632960001*47*11", "86", NULL, NULL },
		{ "+441632960001*4711 or so", "86", NULL, NULL },
		{ "+441632960001-47 11", "86", NULL, NULL },
		{ "*4711", "86", NULL, NULL },
	};

	CHECK_ALL(rows);
}

static void test_china(void)
{
	/* No range of China is set aside for fiction: these have prefixes nobody was given. */
	static const struct spelling rows[] = {
		{ "14200001234", "86", "+8614200001234", NULL },
		{ "8614200001234", "86", "+8614200001234", NULL },
		{ "+86 142 0000 1234", "1", "+8614200001234", NULL },
		{ "0086-142-0000-1234", "1", "+8614200001234", NULL },
		{ "014200001234", "86", "+8614200001234", NULL },
		{ "16400001234-4711", "86", "+8616400001234", "4711" },
		{ "16400001234\xE8\xBD\xAC"
		  "4711",
		    "86", "+8616400001234", "4711" },
		{ "0755-2000000", "86", "+867552000000", NULL },
		{ "0755-20000000", "86", "+8675520000000", NULL },
		{ "010 2000 0000", "86", "+861020000000", NULL },
		{ "+86 010 20000000", "86", "+861020000000", NULL },
		{ "0951-2000000", "86", "+869512000000", NULL },
		{ "12000000000", "86", NULL, NULL },
		{ "1420000123", "86", NULL, NULL },
		{ "142000012340", "86", NULL, NULL },
		{ "20000000", "86", NULL, NULL }, /* an area code is missing */
		{ "95588", "86", NULL, NULL },
		{ "+8695588", "86", NULL, NULL },
		{ "9501300000", "86", NULL, NULL },
		{ "4002000000", "86", NULL, NULL },
		{ "+864002000000", "86", NULL, NULL },
		{ "8002000000", "86", NULL, NULL },
		{ "10102000", "86", NULL, NULL },
		{ "110", "86", NULL, NULL },
	};

	CHECK_ALL(rows);
}

static void test_no_number(void)
{
	static const struct spelling rows[] = {
		{ "", "86", NULL, NULL },
		{ "+", "86", NULL, NULL },
		{ "0", "86", NULL, NULL },
		{ "00", "86", NULL, NULL },
		{ "+0", "86", NULL, NULL },
		{ "call me", "86", NULL, NULL },
		{ "anonymous", "86", NULL, NULL },
		{ "++447700900123", "86", NULL, NULL },
		{ "+44+7700900123", "86", NULL, NULL },
		{ "+447700900123 or +447700900124", "86", NULL, NULL },
		{ "+44770090012", "86", "+44770090012", NULL }, /* some have nine */
		{ "+4477009001", "86", NULL, NULL },
		{ "+4477009001234", "86", NULL, NULL },
		{ "+299123", "86", NULL, NULL },
		{ "+2991234567890123", "86", NULL, NULL },
		{ "142****1234", "86", NULL, NULL },
		{ "+447700900123\n", "86", NULL, NULL },
		{ "+4477009\xFF"
		  "00123",
		    "86", NULL, NULL },
		{ "sip:+447700900123@gw", "86", NULL, NULL },
		{ "1234567890123456789012345678901234567890", "86", NULL, NULL },
		/* a home without a row: only what says its country */
		{ "99999999", "356", NULL, NULL },
		{ "+35699999999", "356", "+35699999999", NULL },
	};

	CHECK_ALL(rows);
}

/* What is NUL-ended is not read past a NUL, and what is long not past its end. */
static void test_bytes(void)
{
	static const char nul[] = "+447700900123\0"
				  "4";
	struct phone_number no;
	char text[200];

	CHECK(phone_number_parse(sc_span(nul, sizeof(nul) - 1), "86", &no) == SC_SYNTAX);
	memset(text, ' ', sizeof(text));
	memcpy(text, "+447700900123", 13);
	CHECK(phone_number_parse(sc_span(text, 128), "86", &no) == SC_OK);
	CHECK(phone_number_parse(sc_span(text, 129), "86", &no) == SC_SYNTAX);
}

static void test_e164(void)
{
	static const char *const good[] = { "+447700900123", "+1234567", "+123456789012345" };
	static const char *const bad[] = { "", "+", "447700900123", "+123456", "+1234567890123456",
		"+0447700900123", "+44 7700900123", "+44770090012a", " +447700900123" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(phone_number_is_e164(sc_span_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!phone_number_is_e164(sc_span_str(bad[i])));
	CHECK(!phone_number_is_e164(sc_span("+1234567\0", 9)));
}

static void test_kind(void)
{
	static const char *const persons[] = { "+447700900123", "+441632960001", "+12025550143",
		"+61491570156", "+8614200001234", "+861020000000", "+35699999999", "+8801700000000",
		"+886912345678" };
	static const char *const services[] = { "+449098790000", "+448450000000", "+447000000000",
		"+19005550100", "+18005550100", "+12110000000", "+12029110100", "+61190000000",
		"+864002000000", "+8695588000", "+8610102000", "+80012345678", "+88213000000",
		"+979123456789", "+870123456789", "+44770090", "447700900123", "" };

	for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++)
		CHECK(phone_number_kind(persons[i]) == PHONE_KIND_PERSON);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		CHECK(phone_number_kind(services[i]) == PHONE_KIND_SERVICE);
}

static void test_within(void)
{
	static const char *const codes[] = { "44", "1202", "" };

	CHECK(phone_number_within("+447700900123", codes, 3));
	CHECK(phone_number_within("+12025550143", codes, 3));
	CHECK(!phone_number_within("+13035550143", codes, 3));
	CHECK(!phone_number_within("+8614200001234", codes, 3));
	CHECK(!phone_number_within("+447700900123", codes, 0));
}

static bool displays(const char *template, const struct phone_display *d, const char *want)
{
	struct sc_buf out;
	bool same;

	sc_buf_init(&out, 256);
	same = phone_display_print(template, d, &out) == SC_OK &&
	    sc_span_is(sc_buf_span(&out), want);
	if (!same)
		printf("# '%.*s'\n", SC_SPAN_ARG(sc_buf_span(&out)));
	sc_buf_fini(&out);
	return same;
}

static void test_display(void)
{
	struct phone_display d = { "+8616400001234", "86", 11, 4, SC_LIT("142****1234"),
		1798761600 };

	CHECK(displays("{number}-{ext}", &d, "+8616400001234-0011"));
	CHECK(displays("{national}\xE8\xBD\xAC{ext}", &d,
	    "16400001234\xE8\xBD\xAC"
	    "0011"));
	CHECK(displays("{masked} [{ext}] {until}", &d, "142****1234 [0011] 2026-12-31"));
	CHECK(displays("", &d, ""));
	CHECK(displays("none", &d, "none"));
	d.until++;
	CHECK(displays("{until}", &d, "2027-01-01"));
	d.until = 0;
	CHECK(displays("{until}", &d, "1970-01-01"));
	d.ext = PHONE_NO_EXT;
	CHECK(displays("{number},{ext}", &d, "+8616400001234,"));
	d.x = "+861020000000";
	CHECK(displays("{national}", &d, "01020000000"));
	d.x = "+441632960001";
	CHECK(displays("{national}", &d, "+441632960001"));
	d.home = "44";
	CHECK(displays("{national}", &d, "01632960001"));
	d.x = "+12025550143";
	d.home = "1";
	CHECK(displays("{national}", &d, "2025550143"));
	d.x = "+35699999999";
	d.home = "356";
	CHECK(displays("{national}", &d, "+35699999999"));
}

static void test_display_ok(void)
{
	CHECK(phone_display_ok("{number}-{ext} {national}{masked} {until}"));
	CHECK(phone_display_ok(""));
	CHECK(!phone_display_ok("{numbers}"));
	CHECK(!phone_display_ok("{number"));
	CHECK(!phone_display_ok("number}"));
	CHECK(!phone_display_ok("{{number}}"));
	CHECK(!phone_display_ok("{}"));
}

static void test_display_full(void)
{
	const struct phone_display d = { "+8616400001234", "86", 11, 4, SC_LIT(""), 0 };
	struct sc_buf out;

	sc_buf_init(&out, 4);
	CHECK(phone_display_print("{number}", &d, &out) == SC_LIMIT);
	CHECK(phone_display_print("too long", &d, &out) == SC_LIMIT);
	sc_buf_fini(&out);
}

static void test_party(void)
{
	CHECK(phone_party(sc_span_str(".l4a7k2.pfa00000001.")) == (UINT64_C(11) << 40 | 1));
	CHECK(phone_party(sc_span_str(".pfa00000001.")) == (UINT64_C(11) << 40 | 1));
	CHECK(phone_party(sc_span_str(".pf0zzzzzzzz.")) ==
	    (UINT64_C(1) << 40 | UINT64_C(0xFFFFFFFFFF)));
	CHECK(
	    phone_party(sc_span_str(".pfa10000000.")) == (UINT64_C(11) << 40 | UINT64_C(1) << 35));
	CHECK(phone_party(sc_span_str("")) == 0);
	CHECK(phone_party(sc_span_str(".l4a7k2.")) == 0);
	CHECK(phone_party(sc_span_str(".pfa0000000.")) == 0);
	CHECK(phone_party(sc_span_str(".pfa000000001.")) == 0);
	CHECK(phone_party(sc_span_str(".pfa0000000u.")) == 0);
	CHECK(phone_party(sc_span_str(".pfu00000001.")) == 0);
	CHECK(phone_party(sc_span(".pf\0"
				  "00000001.",
		  13)) == 0);
	CHECK(phone_party(sc_span_str(".pfa00000001.pfa00000002.")) == 0);
}

int main(void)
{
	RUN(test_spellings, "every spelling of a number is one number");
	RUN(test_extensions, "an extension is read, and nothing else is taken for one");
	RUN(test_china, "Chinese mobiles and landlines are numbers, services and short codes none");
	RUN(test_no_number, "what is no number is refused");
	RUN(test_bytes, "bytes that are no text, and long ones, are refused");
	RUN(test_e164, "E.164 is exactly that");
	RUN(test_kind, "a service is no person");
	RUN(test_within, "a number is within the codes that may be dialled, or not");
	RUN(test_display, "a template is filled in");
	RUN(test_display_ok, "a template with an unknown brace is known as such");
	RUN(test_display_full, "a full buffer is told");
	RUN(test_party, "a party is the one whole-number entry of an index");
	return tap_done();
}
