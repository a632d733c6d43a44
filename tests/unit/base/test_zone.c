/*
 * test_zone.c - what clocks showed: held against another library's word, and against rules
 * and files made by hand.
 */
#include "base/bytes.h"
#include "base/zone.h"
#include "base/zone_rule.h"

#include "tap.h"

#define FILE_MAX 1024

/* ---- another library ------------------------------------------------------------------ */

/* Each line of F is what we say; *N of them. */
static bool agrees(FILE *f, size_t *n)
{
	char line[128], name[64], last[64] = "";
	struct zone *z = NULL;
	struct sc_diag d;
	long long at;
	int offset;
	bool ok = true;

	for (*n = 0; fgets(line, sizeof(line), f) != NULL; ++*n) {
		if (sscanf(line, "%63s %lld %d", name, &at, &offset) != 3)
			return false;
		if (strcmp(name, last) != 0) {
			zone_free(z);
			if (zone_load(name, &d, &z) != SC_OK) {
				printf("# %s: %s\n", name, d.text);
				return false;
			}
			snprintf(last, sizeof(last), "%s", name);
		}
		if (zone_offset_s(z, at) != offset && ok) {
			printf("# %s at %lld: %d, not %d\n", name, at, zone_offset_s(z, at),
			    offset);
			ok = false;
		}
	}
	zone_free(z);
	return ok;
}

static void test_oracle(void)
{
	FILE *f = popen("python3 tests/unit/base/zone_oracle.py", "r");
	size_t n = 0;

	NEED(f != NULL);
	CHECK(agrees(f, &n) && n > 16000);
	CHECK(pclose(f) == 0);
}

/* ---- by name ---------------------------------------------------------------------------- */

static enum sc_err load(const char *name)
{
	struct sc_diag d = { .text = "" };
	struct zone *z;
	enum sc_err err = zone_load(name, &d, &z);

	CHECK((err == SC_OK) == (z != NULL) && (err == SC_OK || d.text[0] != '\0'));
	zone_free(z);
	return err;
}

static int32_t fixed(const char *name)
{
	struct sc_diag d;
	struct zone *z;
	int32_t s;

	if (zone_load(name, &d, &z) != SC_OK)
		return -1;
	s = zone_offset_s(z, 1790000000);
	zone_free(z);
	return s;
}

static void test_fixed(void)
{
	CHECK(fixed("UTC") == 0 && fixed("+00:00") == 0 && fixed("+08:00") == 28800);
	CHECK(fixed("-03:30") == -12600 && fixed("+18:59") == 68340 && fixed("+14:00") == 50400);
	CHECK(load("+19:00") == SC_SYNTAX && load("+08:60") == SC_SYNTAX);
	CHECK(load("+8:00") == SC_SYNTAX && load("08:00") == SC_SYNTAX);
	CHECK(load("+08:000") == SC_SYNTAX && load("+0800") == SC_SYNTAX);
	CHECK(load("+08:0x") == SC_SYNTAX && load("+08 00") == SC_SYNTAX);
}

static void test_names(void)
{
	static const char *const wrong[] = {
		"", "/etc/passwd", "../zoneinfo/UTC", "Asia", "Asia/", "Asia//Shanghai",
		"Asia/Shanghai/x", "Asia/Shanghai.", "zone.tab", "Nowhere/None",
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(load(wrong[i]) == SC_SYNTAX);
}

/* ---- rules --------------------------------------------------------------------------------- */

static bool parses(const char *text)
{
	struct zone_rule r;

	return zone_rule_parse(sc_span_str(text), &r);
}

/* Of the rule TEXT at AT; a value that no clock shows where it is none. */
static int32_t at(const char *text, int64_t unix_s)
{
	struct zone_rule r;

	return zone_rule_parse(sc_span_str(text), &r) ? zone_rule_offset_s(&r, unix_s) : INT32_MAX;
}

static void test_rule_text(void)
{
	static const char *const wrong[] = { "", "CS-8", "CST", "CST-", "CST-25", "CST-8:60",
		"CST-8:00:60", "<+08-8", "<+0>-8", "CST-8 ", "CET-1CEST", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,M10.5.0,", "CET-1CEST,M0.5.0,M10.5.0",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,J1,J366",
		"CET-1CEST,0,366", "CET-1CEST,M3.5.0/168,J1", "CET-1CEST;M3.5.0,M10.5.0",
		"CET-1CEST,M3.5,M10.5.0", "CET-1CE,J1,J2", "C1T-1" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!parses(wrong[i]));
	CHECK(parses("CST-8") && parses("<+0845>-8:45") && parses("CET-1CEST,M3.5.0,M10.5.0/3"));
	CHECK(parses("AAA24BBB-24,J1/-167,365/167") && parses("IST-1GMT0,M10.5.0,M3.5.0/1"));
}

static void test_rule_offsets(void)
{
	CHECK(at("CST-8", 0) == 28800 && at("<-0330>3:30:15", 0) == -12615);
	/* 2026: from 29 March 01:00 UTC to 25 October 01:00 UTC */
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", 1774746000 - 1) == 3600);
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", 1774746000) == 7200);
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", 1792890000 - 1) == 7200);
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", 1792890000) == 3600);
	/* in the south summer is over the turn of the year: 2026-04-05 and 2026-10-04, 16:00 UTC before */
	CHECK(at("AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318400 - 1) == 39600);
	CHECK(at("AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318400) == 36000);
	CHECK(at("AEST-10AEDT,M10.1.0,M4.1.0/3", 1791043200) == 39600);
	CHECK(at("AEST-10AEDT,M10.1.0,M4.1.0/3", 1767225600) == 39600);
	/* all the year (RFC 8536 §3.3.1) */
	for (int64_t day = 0; day < 800; day++)
		CHECK(at("EST5EDT,0/0,J365/25", 1767225600 + day * 86400 - 18000) == -14400);
}

static void test_rule_days(void)
{
	/* J60 is 1 March in every year; 59 (from 0) is 29 February in a leap year */
	CHECK(at("AAA0BBB,J60/0,J61/0", 1772323200) == 3600); /* 2026-03-01 */
	CHECK(at("AAA0BBB,J60/0,J61/0", 1772323200 - 1) == 0);
	CHECK(at("AAA0BBB,J60/0,J61/0", 1835481600) == 3600); /* 2028-03-01 */
	CHECK(at("AAA0BBB,J60/0,J61/0", 1835481600 - 1) == 0);
	CHECK(at("AAA0BBB,59/0,60/0", 1835395200) == 3600); /* 2028-02-29 */
	CHECK(at("AAA0BBB,59/0,60/0", 1835395200 - 1) == 0);
	CHECK(at("AAA0BBB,59/0,60/0", 1772323200) == 3600);   /* 2026-03-01 */
	CHECK(at("AAA0BBB,J59/0,J60/0", 1835308800) == 3600); /* 2028-02-28 */
}

static void test_rule_far(void)
{
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", INT64_MAX) == 3600);
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", INT64_MIN) == 3600);
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", -1) == 3600);
	/* 1969-07-01 */
	CHECK(at("CET-1CEST,M3.5.0,M10.5.0/3", -15897600) == 7200);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A file of one type before, and of one after a change at AT. */
struct tzif {
	uint8_t b[FILE_MAX];
	size_t n;
};

static void put32(struct tzif *f, uint32_t v)
{
	sc_be32_store(f->b + f->n, v);
	f->n += 4;
}

static void put_header(struct tzif *f, char version, uint32_t leap, uint32_t times, uint32_t types)
{
	memcpy(f->b + f->n, "TZif", 4);
	f->b[f->n + 4] = (uint8_t)version;
	f->n += 20;
	put32(f, 0);
	put32(f, 0);
	put32(f, leap);
	put32(f, times);
	put32(f, types);
	put32(f, 0);
}

static void put_type(struct tzif *f, int32_t offset)
{
	put32(f, (uint32_t)offset);
	f->n += 2; /* no saving, no name */
}

/* The second block alone counts. */
static void make(struct tzif *f, int64_t change, int32_t before, int32_t after, const char *footer)
{
	*f = (struct tzif){ .n = 0 };
	put_header(f, '2', 0, 0, 1);
	put_type(f, 123);
	put_header(f, '2', 0, 1, 2);
	sc_be64_store(f->b + f->n, (uint64_t)change);
	f->n += 8;
	f->b[f->n++] = 1;
	put_type(f, before);
	put_type(f, after);
	memcpy(f->b + f->n, footer, strlen(footer));
	f->n += strlen(footer);
}

static enum sc_err parse(const struct tzif *f, size_t n, struct zone **z)
{
	struct sc_diag d = { .text = "" };
	enum sc_err err = zone_parse(sc_span(f->b, n), &d, z);

	CHECK((err == SC_OK) == (*z != NULL) && (err == SC_OK || d.text[0] != '\0'));
	return err;
}

static bool refused(const struct tzif *f)
{
	struct zone *z;
	bool ok = parse(f, f->n, &z) == SC_SYNTAX;

	zone_free(z);
	return ok;
}

static void test_file(void)
{
	struct zone *z;
	struct tzif f;

	make(&f, 1000, 3600, 7200, "\n\n");
	NEED(parse(&f, f.n, &z) == SC_OK);
	CHECK(zone_offset_s(z, INT64_MIN) == 3600 && zone_offset_s(z, 999) == 3600);
	CHECK(zone_offset_s(z, 1000) == 7200 && zone_offset_s(z, INT64_MAX) == 7200);
	zone_free(z);
	make(&f, 1000, 3600, 7200, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
	NEED(parse(&f, f.n, &z) == SC_OK); /* behind the last change the rule counts */
	CHECK(zone_offset_s(z, 999) == 3600 && zone_offset_s(z, 1000) == 3600);
	CHECK(zone_offset_s(z, 1774746000) == 7200);
	zone_free(z);
}

static void test_version_1(void)
{
	struct zone *z;
	struct tzif f = { .n = 0 };

	put_header(&f, '\0', 0, 1, 2);
	put32(&f, (uint32_t)-5);
	f.b[f.n++] = 1;
	put_type(&f, -3600);
	put_type(&f, 60);
	NEED(parse(&f, f.n, &z) == SC_OK);
	CHECK(zone_offset_s(z, -6) == -3600 && zone_offset_s(z, -5) == 60);
	zone_free(z);
}

static void test_torn(void)
{
	struct zone *z;
	struct tzif f;

	make(&f, 1000, 3600, 7200, "\nCST-8\n");
	for (size_t n = 0; n < f.n; n++) {
		CHECK(parse(&f, n, &z) == SC_SYNTAX);
		zone_free(z);
	}
	NEED(parse(&f, f.n, &z) == SC_OK);
	zone_free(z);
}

static void test_wrong(void)
{
	struct tzif f;

	make(&f, 0, 26 * 3600, 0, "\n\n");
	CHECK(refused(&f));
	make(&f, 0, 26 * 3600 - 1, 1 - 26 * 3600, "\n\n");
	CHECK(!refused(&f));
	make(&f, 0, 0, -26 * 3600, "\n\n");
	CHECK(refused(&f));
	make(&f, 0, 0, 0, "\nCST\n");
	CHECK(refused(&f));
	make(&f, 0, 0, 0, "CST-8\n");
	CHECK(refused(&f));
	make(&f, 0, 0, 0, "\n\n");
	f.b[44 + 6 + 44 + 8] = 2; /* a type that is not there */
	CHECK(refused(&f));
	make(&f, 0, 0, 0, "\n\n");
	f.b[44 + 6] = 'U'; /* the second header */
	CHECK(refused(&f));
}

static void test_order(void)
{
	struct tzif f = { .n = 0 };

	put_header(&f, '\0', 0, 2, 1);
	put32(&f, 7);
	put32(&f, 7);
	f.n += 2;
	put_type(&f, 0);
	CHECK(refused(&f));
	sc_be32_store(f.b + 44 + 4, 8);
	CHECK(!refused(&f));
	f = (struct tzif){ .n = 0 };
	put_header(&f, '\0', 0, 0, 0); /* no offset at all */
	CHECK(refused(&f));
	f = (struct tzif){ .n = 0 };
	put_header(&f, '\0', 1, 0, 1);
	put_type(&f, 0);
	f.n += 8; /* a leap second */
	CHECK(refused(&f));
}

static void test_large(void)
{
	struct sc_diag d;
	struct zone *z;
	uint8_t *big = calloc(1, 65537);
	struct tzif f;

	NEED(big != NULL);
	make(&f, 1000, 3600, 7200, "\nCST-8\n");
	memcpy(big, f.b, f.n);
	CHECK(zone_parse(sc_span(big, 65536), &d, &z) == SC_OK);
	zone_free(z);
	CHECK(zone_parse(sc_span(big, 65537), &d, &z) == SC_SYNTAX && z == NULL);
	free(big);
}

int main(void)
{
	const char *oracle =
	    "zones are as Python's zoneinfo has them, from 1990 to 2060, at every change";

	if (system(
		"python3 -c 'import zoneinfo; zoneinfo.ZoneInfo(\"Asia/Shanghai\")' 2>/dev/null") ==
	    0)
		RUN(test_oracle, oracle);
	else
		tap_skip(oracle, "there is no Python with zoneinfo and tzdata here");
	RUN(test_fixed, "a fixed offset needs no file");
	RUN(test_names, "a name leads to no other file");
	RUN(test_rule_text, "a rule is all of POSIX's, or none");
	RUN(test_rule_offsets, "clocks change to the second, north and south of the equator");
	RUN(test_rule_days, "a day of the year is counted with or without 29 February");
	RUN(test_rule_far, "any moment has an offset");
	RUN(test_file, "between changes a file counts, behind them its rule");
	RUN(test_version_1, "a file of version 1 has only its times");
	RUN(test_torn, "a torn file is none");
	RUN(test_wrong, "an offset that no clock shows, or that is not there, is refused");
	RUN(test_order, "times that do not ascend, and leap seconds, are refused");
	RUN(test_large, "a file has its ceiling");
	return tap_done();
}
