/*
 * test_find.c - tokens in free text are found, and only tokens.
 */
#include <ctype.h>

#include "crypto/prim/crockford.h"
#include "samples.h"

static struct sc_buf scratch;

/* The naive finder: every place, the whole run of digits, then token_parse(). */
static bool naive_find(struct sc_span s, size_t from, struct sc_span *hit)
{
	struct token_parts t;
	struct sc_span try;
	size_t end;

	for (size_t at = from; at + 5 <= s.n; at++) {
		if (strncasecmp((const char *)s.p + at, "sct1-", 5) != 0)
			continue;
		for (end = at + 5; end < s.n && crockford_is_digit(s.p[end]); end++)
			;
		if (end < s.n && s.p[end] == '-' && end >= at + 9 &&
		    strncasecmp((const char *)s.p + end - 4, "sct1", 4) == 0)
			end -= 4;
		try = sc_span(s.p + at, end - at);
		if (end < s.n && s.p[end] == '@') { /* an address: whatever end makes it one */
			while (try.n < s.n - at && try.n < 254 &&
			    token_parse(try, &scratch, &t) != SC_OK)
				try.n++;
		}
		if (token_parse(try, &scratch, &t) != SC_OK)
			continue;
		*hit = try;
		return true;
	}
	return false;
}

/* Append one of the things that texts with tokens are made of. */
static size_t put_piece(char *out)
{
	static const char *const pieces[] = { "sct1-", "SCT1-", "sct1", "-", " ", "a", "i",
		"@scrim.example.com", ".scrim.EXAMPLE.com", "\xe5\xbc\xa0", "Deliver to ", ".", "0",
		"sct1-00000000000000000000" };
	unsigned kind = draw(20);

	if (kind < 14) {
		strcpy(out, pieces[kind]);
	} else {
		sample((uint8_t)(draw(2) * TOKEN_EMAIL_SHAPE + draw(2) * TOKEN_RANDOM), draw(90),
		    out);
		if (kind == 14) /* cut short */
			out[draw((unsigned)strlen(out))] = '\0';
		if (kind == 15)
			for (char *c = out; *c != '\0'; c++)
				*c = (char)toupper(*c);
	}
	return strlen(out);
}

static void finder_model(void)
{
	char s[4000];
	struct sc_span got, want;
	size_t n, at;
	int hits = 0;
	bool a, b;

	for (int round = 0; round < 4000; round++) {
		n = 0;
		for (unsigned i = draw(8); i > 0; i--)
			n += put_piece(s + n);
		at = n == 0 ? 0 : draw(3) == 0 ? draw((unsigned)n) : 0;
		do {
			a = token_find(sc_span(s, n), at, &got);
			b = naive_find(sc_span(s, n), at, &want);
			NEED(a == b);
			NEED(!a || token_hinted(sc_span(s, n)));
			if (!a)
				break;
			NEED(got.p == want.p && got.n == want.n);
			at = (size_t)(got.p - (const uint8_t *)s) + got.n;
			hits++;
		} while (true);
	}
	CHECK(hits > 2000);
}

static void found_in_text(void)
{
	char one[300], two[300], s[1300];
	struct sc_span hit;
	size_t at = 0;

	sample(0, 11, one);
	sample(TOKEN_EMAIL_SHAPE, 16, two);
	snprintf(s, sizeof(s), "Call %s, mail\xe5\xbc\xa0%s%s%s.", one, two, one, one);
	for (int i = 0; i < 4; i++) {
		const char *want = i == 1 ? two : one;

		NEED(token_find(sc_span_str(s), at, &hit));
		CHECK(sc_span_is(hit, want));
		at = (size_t)(hit.p - (const uint8_t *)s) + hit.n;
	}
	CHECK(!token_find(sc_span_str(s), at, &hit) && hit.p == NULL);
	/* what stands before the @ are digits, all of them */
	two[40] = '@';
	CHECK(!token_find(sc_span_str(two), 0, &hit));
	CHECK(!token_find(sc_span_str(s), 100000, &hit));
	CHECK(!token_find(sc_span(NULL, 0), 0, &hit));
	/* of a document it is told at once that there is none */
	CHECK(token_hinted(sc_span_str("a-b {\"x\":\"SCT1-\"}")) &&
	    token_hinted(sc_span_str("sct1-")));
	CHECK(!token_hinted(sc_span_str("a-sct1 ct1- sct1")) && !token_hinted(sc_span(NULL, 0)));
}

int main(void)
{
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	RUN(finder_model, "the finder finds what a naive finder finds");
	RUN(found_in_text, "tokens are found in free text, also side by side");
	sc_buf_fini(&scratch);
	return tap_done();
}
