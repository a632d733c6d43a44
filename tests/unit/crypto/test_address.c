/*
 * test_address.c - tokens written as e-mail addresses are ones to whoever checks them,
 * are found whole in a text, and say themselves where they end.
 *
 * The rules are what validators in use ask for, each written here anew: RFC 5321 and
 * 5322 as PHP's filter_var has them, npm's validator, joi (@hapi/address),
 * email-validator, Python's email_validator, Django's and HTML's input fields.
 */
#include <ctype.h>

#include "crypto/token/seal.h"
#include "samples.h"

static struct sc_buf text, scratch;

/* ---- what validators ask for ---- */

struct address {
	const char *all, *local, *domain, *tld; /* LOCAL is not ended, it goes on to DOMAIN - 1 */
	size_t local_n;
};

static bool one_at(const struct address *a)
{
	return strchr(a->all, '@') == strrchr(a->all, '@');
}

static bool local_64(const struct address *a)
{
	return a->local_n >= 1 && a->local_n <= 64;
}

static bool whole_254(const struct address *a)
{
	return strlen(a->all) <= 254;
}

static bool domain_253(const struct address *a)
{
	return strlen(a->domain) <= 253;
}

/* RFC 5322 §3.2.3 without what needs no quotes but is refused by many */
static bool local_plain_atom(const struct address *a)
{
	for (size_t i = 0; i < a->local_n; i++)
		if (!isalnum((unsigned char)a->local[i]) &&
		    (a->local[i] != '-' || i == 0 || i == a->local_n - 1))
			return false;
	return true;
}

/* RFC 1035 §2.3.4, RFC 1123 §2.1: 1 to 63, letters, digits and hyphens inside */
static bool labels_63(const struct address *a)
{
	for (const char *p = a->domain;; p++) {
		size_t n = strcspn(p, ".");

		if (n < 1 || n > 63 || p[0] == '-' || p[n - 1] == '-')
			return false;
		for (size_t i = 0; i < n; i++)
			if (!isalnum((unsigned char)p[i]) && p[i] != '-')
				return false;
		if (*(p += n) == '\0')
			return true;
	}
}

static bool two_labels(const struct address *a)
{
	return strchr(a->domain, '.') != NULL;
}

static bool tld_letters(const struct address *a)
{
	size_t n = strlen(a->tld);

	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)a->tld[i]))
			return false;
	return n >= 2 && n <= 24;
}

/* joi and email_validator: no special-use name at its end; of the root zone's, ours is com */
static bool tld_exists(const struct address *a)
{
	return strcmp(a->tld, "com") == 0;
}

static const struct {
	const char *who, *what;
	bool (*holds)(const struct address *a);
	bool of_default; /* of the domain that is there when none was chosen */
} rules[] = {
	{ "all", "one @", one_at, false },
	{ "filter_var, validator, email-validator", "at most 64 before it", local_64, false },
	{ "filter_var, email_validator, Django", "at most 254 in all", whole_254, false },
	{ "joi, validator", "at most 253 behind it", domain_253, false },
	{ "HTML, Django", "an atom before it", local_plain_atom, false },
	{ "all", "labels of 1 to 63, no hyphen outside", labels_63, false },
	{ "joi, validator", "two labels or more", two_labels, false },
	{ "validator, Django", "the last of letters", tld_letters, false },
	{ "joi, email_validator", "the last one that there is", tld_exists, true },
};

static bool valid(const char *s, bool of_default)
{
	struct address a = { .all = s, .local = s };
	bool ok = strchr(s, '@') != NULL;

	if (!ok)
		return false;
	a.local_n = strcspn(s, "@");
	a.domain = s + a.local_n + 1;
	a.tld = strrchr(s, '.') == NULL ? "" : strrchr(s, '.') + 1;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((of_default || !rules[i].of_default) && !rules[i].holds(&a)) {
			printf("# %s: %s (%s)\n", s, rules[i].what, rules[i].who);
			ok = false;
		}
	return ok;
}

/* ---- and what we make ---- */

static void every_length(void)
{
	static const char *const domains[] = { TOKEN_DOMAIN, "a.cn", "mail.shop.co.uk",
		"tokens.a-shop-of-a-longer-name.com" };
	struct token_parts t, back;
	struct sc_span hit;
	size_t shaped = 0;

	for (size_t d = 0; d < sizeof(domains) / sizeof(domains[0]); d++)
		for (unsigned flags = TOKEN_EMAIL_SHAPE; flags < 0x20; flags += TOKEN_RANDOM)
			for (size_t n = 0; n <= 320; n++) {
				const struct token_parts parts = parts_of((uint8_t)flags, n);
				char s[300];

				t = parts;
				t.domain = sc_span_str(domains[d]);
				sc_buf_clear(&text);
				if (token_print(&t, &text) != SC_OK) {
					CHECK(n > 64); /* it has no shape, then */
					continue;
				}
				CHECK(text.n == token_text_length(&t, n));
				snprintf(s, sizeof(s), "%.*s", (int)text.n, (const char *)text.p);
				CHECK(valid(s, d == 0));
				NEED(token_parse(sc_buf_span(&text), &scratch, &back) == SC_OK);
				CHECK(sc_span_is(back.domain, domains[d]) &&
				    sc_span_eq(back.siv_ct, t.siv_ct));
				CHECK(token_find(sc_buf_span(&text), 0, &hit) && hit.n == text.n);
				shaped += d == 0;
			}
	CHECK(shaped == 2 * 97); /* addresses of up to 96 bytes */
}

/* Sealed by the real thing, one longer than that stays whole and has no shape. */
static void too_long(void)
{
	static const uint8_t key[SIV_KEY_BYTES] = { 1 };
	struct token_parts t,
	    head = { .flags = TOKEN_EMAIL_SHAPE,
		    .class_id = CLASS_EMAIL,
		    .domain = sc_span_str(TOKEN_DOMAIN) };
	struct siv_ctx *siv;
	struct sc_buf value;
	char address[255];
	bool ok;

	NEED(siv_ctx_new(&siv) == SC_OK && siv_set_key(siv, key) == SC_OK);
	sc_buf_init(&value, 300);
	memset(address, 'a', 254);
	memcpy(address + 64, "@", 1);
	for (size_t n = 90; n <= 254; n++) {
		sc_buf_clear(&text);
		sc_buf_clear(&value);
		NEED(token_seal(siv, &head, sc_span_str("demo"), sc_span(address, n), &text) ==
		    SC_OK);
		CHECK(text.n == token_text_length(&head, n));
		NEED(token_parse(sc_buf_span(&text), &scratch, &t) == SC_OK);
		CHECK((t.flags == TOKEN_EMAIL_SHAPE) == (n <= 96));
		NEED(token_open(siv, &t, sc_span_str("demo"), &value, &ok) == SC_OK && ok);
		CHECK(sc_span_eq(sc_buf_span(&value), sc_span(address, n)));
	}
	sc_buf_fini(&value);
	siv_ctx_free(siv);
}

static void whole_in_text(void)
{
	static const char *const behind[] = { "", ".", " ", ">", ".Next", "x", ".au", "-x", "@",
		"\xe5\xbc\xa0", ".sct1-", "," };
	struct sc_span hit;
	char one[300], s[400];

	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		sample(TOKEN_EMAIL_SHAPE, 20, one);
		snprintf(s, sizeof(s), "Mail <%s%s", one, behind[i]);
		CHECK(token_find(sc_span_str(s), 0, &hit) && sc_span_is(hit, one));
		/* whatever case a mail program made of it */
		for (char *c = s; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		CHECK(token_find(sc_span_str(s), 0, &hit) && hit.n == strlen(one));
	}
	sample(TOKEN_EMAIL_SHAPE, 20, one);
	for (size_t n = 0; n < strlen(one); n++)
		CHECK(!token_find(sc_span(one, n), 0, &hit)); /* a part is none */
}

static void domains(void)
{
	static const char *const good[] = { "a.cn", TOKEN_DOMAIN, "x-y.example.co.uk", "a--b.de",
		"1.2.3x.org", "tokens.a-shop-of-a-longer-name.com", "xn--fiqs8s.xn--p1ai" };
	static const char *const bad[] = { "", "com", "a.c", "localhost", ".a.com", "a..com",
		"a.com.", "-a.com", "a-.com", "a.-com", "a.com-", "a b.com", "a@b.com", "a_b.com",
		"\xc3\xa9.com", "192.0.2.1", "tokens.a-shop-of-a-longer-name.co.uk", "a.b/c" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(token_domain_ok(sc_span_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!token_domain_ok(sc_span_str(bad[i])));
}

int main(void)
{
	sc_buf_init(&text, TOKEN_TEXT_MAX);
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	RUN(every_length, "an address of any length becomes one that every validator takes");
	RUN(too_long, "one that is too long for that is sealed without the shape");
	RUN(whole_in_text, "it is found whole, whatever stands behind it");
	RUN(domains, "a domain that no address could have is refused");
	sc_buf_fini(&text);
	sc_buf_fini(&scratch);
	return tap_done();
}
