/*
 * Names from configuration: a narrow alphabet, so that logs may carry them.
 */
#include "base/name.h"
#include "tap.h"

static void test_alphabet(void)
{
	struct sc_name n;

	for (unsigned c = 0; c < 256; c++) {
		uint8_t s[3] = { 'a', (uint8_t)c, 'z' };
		bool ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';

		CHECK((sc_name_parse(sc_span(s, 3), &n) == SC_OK) == ok);
		CHECK(ok ? memcmp(n.s, s, 3) == 0 && n.s[3] == '\0' : n.s[0] == '\0');
	}
}

static void test_length(void)
{
	struct sc_name n;
	char s[65];

	memset(s, 'x', sizeof(s));
	CHECK(sc_name_parse(sc_span(s, 0), &n) == SC_SYNTAX && n.s[0] == '\0');
	CHECK(sc_name_parse(sc_span(s, 1), &n) == SC_OK && strlen(n.s) == 1);
	CHECK(sc_name_parse(sc_span(s, SC_NAME_MAX), &n) == SC_OK && strlen(n.s) == SC_NAME_MAX);
	CHECK(sc_name_parse(sc_span(s, SC_NAME_MAX + 1), &n) == SC_SYNTAX && n.s[0] == '\0');
}

int main(void)
{
	RUN(test_alphabet, "letters, digits, dot, underscore, hyphen and nothing else");
	RUN(test_length, "1 to 63 characters");
	return tap_done();
}
