/*
 * test_phone_text.c - what stands in a text message, and what is left of it.
 */
#include "gateway/number/text.h"

#include "base/text/utf8.h"
#include "tap.h"

static bool becomes(const char *body, const char *want, bool hides)
{
	struct sc_buf out;
	bool found = !hides, same;

	sc_buf_init(&out, 8192);
	same = phone_text_redact(sc_span_str(body), &out, &found) == SC_OK &&
	    sc_span_is(sc_buf_span(&out), want) && found == hides;
	if (!same)
		printf("# '%s': '%.*s', %d\n", body, SC_SPAN_ARG(sc_buf_span(&out)), found);
	sc_buf_fini(&out);
	return same;
}
#define HIDDEN(body, want) CHECK(becomes(body, want, true))
#define SHOWN(body) CHECK(becomes(body, body, false))

static void test_hidden(void)
{
	HIDDEN("call 07700900123 now", "call *********** now");
	HIDDEN("+44 7700 900-123", "+** **** ***-***");
	HIDDEN("0.7.7.0.0.9.0.0", "*.*.*.*.*.*.*.*");
	SHOWN("0 - 7 - 7");
}

static void test_edges(void)
{
	/* six digits, seven; two separators, three; a letter between */
	SHOWN("");
	SHOWN("no digits");
	SHOWN("123456");
	HIDDEN("1234567", "*******");
	HIDDEN("123--4567", "***--****");
	SHOWN("123---4567");
	SHOWN("123a4567");
	SHOWN("123456a");
	HIDDEN("a1234567b1234567", "a*******b*******");
	HIDDEN("1234567---1", "*******---1");
	HIDDEN("123456---1234567", "123456---*******");
	SHOWN("1 2 3 4 5 6");
	HIDDEN("1 2 3 4 5 6 7", "* * * * * * *");
	HIDDEN("12\n34\n567", "**\n**\n***");
	HIDDEN("Room 4, +447700900123.", "Room 4, +************.");
}

/* Every Nd of every script, mixed as one likes. */
static void test_scripts(void)
{
	HIDDEN("\xD9\xA0\xD9\xA7\xD9\xA7\xD9\xA0\xD9\xA0\xD9\xA9\xD9\xA0", "*******"); /* Arabic */
	HIDDEN(
	    "\xE0\xA5\xA6\xE0\xA5\xA7\xE0\xA5\xA8\xE0\xA5\xA9\xE0\xA5\xAA\xE0\xA5\xAB\xE0\xA5\xAC",
	    "*******"); /* Devanagari */
	HIDDEN("\xEF\xBC\x90\xEF\xBC\x91\xEF\xBC\x92"
	       "3456",
	    "*******"); /* full width */
	HIDDEN("\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA2"
	       "4567",
	    "*******"); /* circled */
	HIDDEN("\xC2\xB9\xC2\xB2\xC2\xB3"
	       "4567",
	    "*******"); /* raised */
	HIDDEN("\xF0\x9D\x9F\x8E\xF0\x9D\x9F\xBF"
	       "34567",
	    "*******"); /* mathematical */
	HIDDEN("\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89"
	       "4567",
	    "*******"); /* Chinese */
	HIDDEN(
	    "\xE5\xA3\xB9\xE8\xB4\xB0\xE5\x8F\x81\xE8\x82\x86\xE4\xBC\x8D\xE9\x99\x86\xE6\x9F\x92",
	    "*******"); /* as on a cheque */
	HIDDEN(
	    "\xE5\xB9\xBA\xE4\xB8\x89\xE5\x85\xAB\xE5\xB9\xBA\xE4\xB8\xA4\xE5\xB9\xBA\xE4\xB9\x9D",
	    "*******"); /* as read out */
	HIDDEN(
	    "\xE3\x8A\x80\xE3\x8A\x81\xE3\x88\xA2\xE3\x80\xA1\xE3\x80\xA9\xE2\x85\xA6\xF0\x9F\x84\x8B",
	    "*******"); /* circled, bracketed, Hangzhou, Roman, a nought */
	HIDDEN("\xE2\x91\xA9\xE2\x91\xB3\xE3\x89\x91"
	       "1",
	    "****"); /* two to a circle */
	HIDDEN("\xE3\x8A\xBF\xE2\x93\xAB\xE2\x92\x9B"
	       "1",
	    "****");
	SHOWN("\xE2\x91\xA9\xE2\x91\xB3\xE3\x89\x91");
	SHOWN("\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89 \xE5\x85\xAC\xE6\x96\xA4");
}

static void test_unseen(void)
{
	HIDDEN("1\xE2\x80\x8B"
	       "2\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B"
	       "34567",
	    "*******");
	/* fillers, marks that are drawn over what is before them, a blank of braille */
	HIDDEN("1\xE3\x85\xA4\xE3\x85\xA4\xE3\x85\xA4"
	       "2\xE1\x85\x9F"
	       "3\xE1\xAA\xB0\xE1\xB7\x80"
	       "4\xE2\xA0\x80\xE2\xA0\x80\xE2\xA0\x80"
	       "5\xEF\xBE\xA0"
	       "67",
	    "*******");
	/* key caps: a digit, a variation selector, a cap */
	HIDDEN("1\xEF\xB8\x8F\xE2\x83\xA3 2\xEF\xB8\x8F\xE2\x83\xA3 34567", "* * *****");
	HIDDEN("1\xF0\x9F\x98\x80"
	       "2\xF0\x9F\x98\x80"
	       "34567",
	    "*\xF0\x9F\x98\x80*\xF0\x9F\x98\x80*****");
	/* where nothing is hidden they stay */
	SHOWN("1\xE2\x80\x8B"
	      "2");
}

static void test_bytes(void)
{
	struct sc_buf out;
	bool found;

	HIDDEN("123\xFF"
	       "4567",
	    "***\xEF\xBF\xBD****");
	CHECK(becomes("\xC3", "\xEF\xBF\xBD", false));
	sc_buf_init(&out, 3);
	CHECK(phone_text_redact(sc_span_str("1234"), &out, &found) == SC_LIMIT);
	sc_buf_fini(&out);
}

/* Against the tables: each digit makes seven of itself, and no letter does. */
static void test_all_digits(void)
{
	static const uint32_t zeros[] = { '0', 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6,
		0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090,
		0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
		0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
		0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0,
		0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
		0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0 };
	char text[32];
	size_t n;

	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		for (uint32_t d = 0; d < 10; d++) {
			n = 0;
			for (int k = 0; k < 7; k++)
				n += utf8_encode(zeros[i] + d, (uint8_t *)text + n);
			text[n] = '\0';
			HIDDEN(text, "*******");
		}
	for (uint32_t cp = 'A'; cp <= 'z'; cp++) {
		memset(text, (int)cp, 7);
		text[7] = '\0';
		SHOWN(text);
	}
}

static void test_words(void)
{
	static const char *const stop[] = { "STOP", "stop", " Stop ", "STOPALL", "UNSUBSCRIBE",
		"CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "\r\nstop\t",
		"\302\240END\343\200\200", "\xE2\x80\x8BSTOP" };
	static const char *const start[] = { "START", "yes", " UNSTOP\n" };
	static const char *const none[] = { "", " ", "STOP.", "please stop", "STOP IT", "STO",
		"STOPP", "OPT OUT", "YES I AM", "HELP", "\xFFSTOP" };

	for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
		CHECK(phone_text_word(sc_span_str(stop[i])) == PHONE_TEXT_STOP);
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		CHECK(phone_text_word(sc_span_str(start[i])) == PHONE_TEXT_START);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK(phone_text_word(sc_span_str(none[i])) == PHONE_TEXT_NONE);
}

static void test_ext(void)
{
	static const struct {
		const char *body, *rest; /* NULL: none */
		uint32_t ext;
		uint8_t digits;
	} cases[] = {
		{ "4711 I am at the gate", "I am at the gate", 4711, 4 },
		{ "  4711\tgate ", "gate", 4711, 4 },
		{ "0007: gate", "gate", 7, 4 },
		{ "4711", "", 4711, 4 },
		{ "4711#", "", 4711, 4 },
		{ "123456,x", "x", 123456, 6 },
		{ "4711\xE3\x80\x82\xE9\x97\xA8", "\xE9\x97\xA8", 4711, 4 },
		{ "\xEF\xBC\x94\xEF\xBC\x97\xEF\xBC\x91\xEF\xBC\x91 x", "x", 4711, 4 },
		{ "4711x", NULL, 0, 0 },
		{ "1234567 x", NULL, 0, 0 },
		{ "gate 4711", NULL, 0, 0 },
		{ "", NULL, 0, 0 },
		{ " ", NULL, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sc_span body = sc_span_str(cases[i].body);
		uint32_t ext = 0;
		uint8_t digits = 0;
		bool got = phone_text_take_ext(&body, &ext, &digits);

		CHECK(got == (cases[i].rest != NULL));
		CHECK(sc_span_is(body, got ? cases[i].rest : cases[i].body));
		CHECK(ext == cases[i].ext && digits == cases[i].digits);
	}
}

int main(void)
{
	RUN(test_hidden, "a number in a text is hidden");
	RUN(test_edges, "seven digits are a number, six or a letter between are none");
	RUN(test_scripts, "digits of all scripts are digits");
	RUN(test_all_digits, "each of them, and no letter");
	RUN(test_unseen, "what is not seen keeps no digits apart");
	RUN(test_bytes, "bytes that are no text, and a full buffer");
	RUN(test_words, "a word that stops texts is exactly that");
	RUN(test_ext, "an extension in front is taken off");
	return tap_done();
}
