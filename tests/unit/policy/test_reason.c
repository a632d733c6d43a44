/*
 * Reasons: text that logs may carry.
 */
#include "policy/reason.h"
#include "tap.h"

static bool taken(const char *s, size_t n)
{
	struct policy_reason r;
	struct sc_diag d = { .line = 0 };
	enum sc_err err = policy_reason_parse(sc_span(s, n), &r, &d);

	if (err == SC_OK)
		return strlen(r.s) == n && memcmp(r.s, s, n) == 0;
	CHECK(err == SC_SYNTAX && r.s[0] == '\0' && d.text[0] != '\0');
	CHECK(n < 4 || strstr(d.text, s) == NULL);
	return false;
}

static bool takes(const char *s)
{
	return taken(s, strlen(s));
}

static void test_plain(void)
{
	CHECK(takes("ticket 88"));
	CHECK(takes("客户来电，核对地址"));
	CHECK(takes("x"));
	CHECK(!takes(""));
	CHECK(!takes("   "));
	CHECK(!takes("\xE3\x80\x80"));
	CHECK(!takes("two\nlines"));
	CHECK(!takes("tab\there"));
	CHECK(!taken("nul\0inside", 10));
	CHECK(!takes("bad \xFF byte"));
	CHECK(!takes("turn \xE2\x80\xAE round")); /* right-to-left override */
	CHECK(!takes("\xC2\x85"));
}

static void test_length(void)
{
	char s[202];

	memset(s, 'a', sizeof(s));
	CHECK(taken(s, 200));
	s[201] = '\0';
	CHECK(!taken(s, 201));
}

static void test_personal(void)
{
	CHECK(!takes("call 07700 900123 back"));
	CHECK(!takes("wrote from someone@example.com"));
	CHECK(!takes("card 4111 1111 1111 1111"));
	CHECK(!takes("请打+44 7700 900123"));
}

int main(void)
{
	RUN(test_plain, "visible UTF-8 text on one line, nothing else");
	RUN(test_length, "at most 200 bytes");
	RUN(test_personal, "personal data is not a reason");
	return tap_done();
}
