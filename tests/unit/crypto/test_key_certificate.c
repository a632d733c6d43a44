/*
 * test_key_certificate.c - one text for each certificate: what prints parses back, and
 * nothing else does.
 */
#include "tap.h"

#include "crypto/record/key_certificate.h"

#include <string.h>

static const struct key_certificate one = { .tenant = { "demo" },
	.class = { "phone" },
	.store = { 0x6f, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0xcd },
	.version = 'a',
	.key = 0x86ad2eeab21d1862,
	.epoch = 17,
	.at_s = 1795741020,
	.record = 1742 };

static const char text[] = "scrim-key-destroyed/1\n"
			   "tenant demo\n"
			   "store 6f3e0102030405060708090a0b0c0dcd\n"
			   "class phone\n"
			   "version a\n"
			   "key 86ad2eeab21d1862\n"
			   "epoch 17\n"
			   "time 2026-11-27T00:57:00Z\n"
			   "record 1742\n";

static void test_text(void)
{
	struct key_certificate back;
	struct sc_buf out;

	sc_buf_init(&out, KEY_CERTIFICATE_MAX);
	CHECK(key_certificate_print(&one, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out), text));
	CHECK(key_certificate_parse(sc_span_str(text), &back) == SC_OK);
	CHECK(memcmp(&back, &one, sizeof(one)) == 0);
	back.at_s = UINT64_C(253402300800);
	CHECK(key_certificate_print(&back, &out) == SC_BUG);
	back.at_s--;
	CHECK(key_certificate_print(&back, &out) == SC_OK);
	sc_buf_fini(&out);
}

/* TEXT with FROM turned into TO, at its first place. */
static enum sc_err parse_with(const char *from, const char *to)
{
	struct key_certificate c;
	const char *at = strstr(text, from);
	char changed[2 * sizeof(text)];

	if (at == NULL)
		abort();
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
	return key_certificate_parse(sc_span_str(changed), &c);
}

static void test_refused(void)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "destroyed/1", "destroyed/2" },
		{ "tenant demo\n", "" },
		{ "tenant demo", "tenant de mo" },
		{ "tenant demo", "tenant " },
		{ "tenant ", "Tenant " },
		{ "store 6f", "store 6F" },
		{ "store 6f", "store " },
		{ "version a", "version i" },
		{ "version a", "version ab" },
		{ "version a", "version A" },
		{ "key 86", "key 8" },
		{ "epoch 17", "epoch 017" },
		{ "epoch 17", "epoch -1" },
		{ "2026-11-27", "2026-11-31" },
		{ "T00:57", "T24:57" },
		{ "2026-11-27T", "2026-11-27t" },
		{ "record 1742\n", "record 1742" },
		{ "record 1742\n", "record 1742\n\n" },
		{ "record 1742\n", "record 1742\nrecord 1742\n" },
		{ "class phone\nversion a", "version a\nclass phone" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(parse_with(rows[i].from, rows[i].to) == SC_SYNTAX);
	CHECK(parse_with("version a", "version 9") == SC_OK);
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct key_certificate c;

		CHECK(key_certificate_parse(sc_span(text, n), &c) == SC_SYNTAX);
	}
}

int main(void)
{
	RUN(test_text, "a certificate is one text, and that text is the certificate");
	RUN(test_refused, "whatever differs in one byte is none, or another");
	return tap_done();
}
