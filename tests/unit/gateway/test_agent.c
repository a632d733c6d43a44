/*
 * test_agent.c - programs and people by what they send as their User-Agent, and networks
 * by address.
 */
#include "gateway/take/take.h"

#include "tap.h"

#include <arpa/inet.h>
#include <unistd.h>

static struct collect_bots *bots;

static struct collect_agent agent(const char *text)
{
	struct collect_agent a;

	collect_agent_of(bots, sc_span_str(text), &a);
	return a;
}

#define WINDOWS "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
#define ANDROID "Mozilla/5.0 (Linux; Android 14; "
#define IPHONE \
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "

static bool is(const char *text, uint8_t family, bool mobile, bool app, bool hints)
{
	struct collect_agent a = agent(text);
	bool ok = a.family == family && a.mobile == mobile && a.app == app &&
	    a.hints_due == hints && !a.bot && !a.library;

	if (!ok)
		printf("# %s: %u %d %d %d %d %d\n", text, a.family, a.mobile, a.app, a.hints_due,
		    a.bot, a.library);
	return ok;
}

static void test_people(void)
{
	CHECK(is(WINDOWS "Chrome/140.0.0.0 Safari/537.36", FEED_CHROME, false, false, true));
	CHECK(is(WINDOWS "Chrome/89.0.4389.72 Safari/537.36", FEED_CHROME, false, false, true));
	CHECK(is(WINDOWS "Chrome/88.0.4324.150 Safari/537.36", FEED_CHROME, false, false, false));
	CHECK(is(WINDOWS "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", FEED_EDGE, false, false,
	    true));
	CHECK(is("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
	    FEED_FIREFOX, false, false, false));
	CHECK(is(ANDROID "Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
			 "Safari/537.36",
	    FEED_CHROME, true, false, true));
	CHECK(
	    is(IPHONE "Version/17.5 Mobile/15E148 Safari/604.1", FEED_SAFARI, true, false, false));
	CHECK(is(IPHONE "CriOS/140.0.0.0 Mobile/15E148 Safari/604.1", FEED_CHROME, true, false,
	    false));
	CHECK(
	    is("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
	       "Gecko) Version/17.5 Safari/605.1.15",
		FEED_SAFARI, false, false, false));
	CHECK(is("Opera/9.80 (Windows NT 6.1) Presto/2.12 Version/12.16", FEED_OTHER_BROWSER, false,
	    false, false));
}

static void test_apps(void)
{
	CHECK(is(ANDROID "Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
			 "Chrome/140.0.0.0 Mobile Safari/537.36",
	    FEED_WEBVIEW, true, true, false));
	CHECK(is(ANDROID "V2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile "
			 "Safari/537.36 MicroMessenger/8.0",
	    FEED_WEBVIEW, true, true, false));
	CHECK(is(IPHONE "Mobile/15E148", FEED_WEBVIEW, true, true, false));
	CHECK(is(ANDROID "V2) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36 "
			 "ToutiaoMicroApp/2.48.0 PluginVersion/2480",
	    FEED_WEBVIEW, true, true, false));
}

static void test_cubot(void)
{
	CHECK(is(ANDROID "CUBOT_X18_Plus Build/O11019) AppleWebKit/537.36 (KHTML, like Gecko) "
			 "Chrome/140.0.0.0 Mobile Safari/537.36",
	    FEED_CHROME, true, false, true));
	CHECK(!agent("x CUBOT; CUBOT/1 CUBOT.").bot && agent("x CUBOT; xbot; CUBOT").bot);
}

static void test_robots(void)
{
	static const char *const list[] = { "",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		ANDROID "Nexus 5X) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36 "
			"(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
		"Mozilla/5.0 (compatible; bingbot/2.0)", "SomeBot/1.0", "bot", "a +bot",
		"curl/8.5.0", "CURL/8", "Wget/1.21", "python-requests/2.32.3", "Go-http-client/2.0",
		"Java/17.0.1", "Scrapy/2.11 (+https://scrapy.org)",
		WINDOWS "HeadlessChrome/140.0.0.0 Safari/537.36", "facebookexternalhit/1.1",
		"node-fetch/1.0", "Mozilla/5.0 (compatible; AhrefsBot/7.0)" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (!agent(list[i]).bot) {
			printf("# %s\n", list[i]);
			CHECK(false);
		}
	/* beginnings are beginnings */
	CHECK(!agent("Shop/2.0 curl/8.5.0").bot && !agent("Shop ^curl/8.5.0").bot);
	CHECK(!agent("\xff"
		     "curl/8")
		   .bot);
}

static void test_libraries(void)
{
	static const char *const list[] = { "okhttp/4.12.0", "Dart/3.3 (dart:io)",
		"Dalvik/2.1.0 (x)", "Shop/12 CFNetwork/1494.0.7 Darwin/23.4.0" };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		CHECK(agent(list[i]).library && !agent(list[i]).bot);
		CHECK(agent(list[i]).family == FEED_OTHER_BROWSER);
	}
	CHECK(!agent("Shop/1.0 okhttp/4.12.0").library); /* its own name comes first */
	CHECK(agent("okhttp/4 Googlebot/2").library && agent("okhttp/4 Googlebot/2").bot);
}

static void test_long_agent(void)
{
	static char text[1100];

	memset(text, 'x', sizeof(text) - 1);
	CHECK(!agent(text).bot);
	memcpy(text + 1017, "crawler", 7);
	CHECK(agent(text).bot);
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text + 1018, "crawler", 7);
	CHECK(!agent(text).bot);
}

/* ---- files ------------------------------------------------------------------------------ */

static char path[] = "/tmp/test_agent_XXXXXX";

/* The path of a file with TEXT in it. */
static const char *file(const char *text)
{
	int fd;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
	return path;
}

static enum sc_err load_bots(const char *text, struct sc_diag *d, struct collect_bots **b)
{
	enum sc_err err;

	*d = (struct sc_diag){ .line = 0 };
	err = collect_bots_new(file(text), d, b);
	unlink(path);
	return err;
}

static void test_bots_file(void)
{
	struct collect_bots *b;
	struct collect_agent a;
	struct sc_diag d;

	NEED(load_bots("# ours\n\nabcd\r\nbcx\n^start\n~library\n!xabcdx\ncd!", &d, &b) == SC_OK);
	collect_agent_of(b, sc_span_str("xxabcdxx"), &a);
	CHECK(a.bot); /* abcd ends before xabcdx does */
	collect_agent_of(b, sc_span_str("abcx"), &a);
	CHECK(a.bot); /* from abc to its suffix bc */
	collect_agent_of(b, sc_span_str("abc abc cd"), &a);
	CHECK(!a.bot);
	collect_agent_of(b, sc_span_str("ccd!"), &a);
	CHECK(a.bot);
	collect_agent_of(b, sc_span_str("STARTed library"), &a);
	CHECK(a.bot && !a.library);
	collect_agent_of(b, sc_span_str("restart my Library"), &a);
	CHECK(!a.bot && a.library);
	collect_agent_of(b, sc_span_str("Googlebot/2.1"), &a);
	CHECK(!a.bot); /* its words instead of ours */
	collect_bots_free(b);
}

static void test_bots_wrong(void)
{
	struct collect_bots *b;
	struct sc_diag d;

	CHECK(load_bots("good\nab\n", &d, &b) == SC_SYNTAX && b == NULL && d.line == 2);
	CHECK(load_bots("a\xc3\xa4"
			"b\n",
		  &d, &b) == SC_SYNTAX &&
	    load_bots("!ab\n", &d, &b) == SC_SYNTAX);
	CHECK(load_bots("a\tb\n", &d, &b) == SC_SYNTAX && strstr(d.text, "3 to 128") != NULL);
	CHECK(load_bots("", &d, &b) == SC_OK);
	collect_bots_free(b);
	d = (struct sc_diag){ .line = 0 };
	CHECK(collect_bots_new("/tmp/none/none", &d, &b) == SC_IO && b == NULL);
	CHECK(strcmp(d.file, "/tmp/none/none") == 0 && d.text[0] != '\0');
}

/* Words of 100 letters behind three digits, to exactly N states and the root; the last may be shorter. */
static void fill_states(char *p, size_t n)
{
	char last[4] = "   ";

	for (unsigned i = 0; n > 0; i++) {
		char digits[12];
		size_t shared = 0, more;

		snprintf(digits, sizeof(digits), "%03u", i);
		while (digits[shared] == last[shared])
			shared++;
		more = n < 103 - shared ? n : 103 - shared;
		memcpy(last, digits, 3);
		p += sprintf(p, "%s", digits);
		memset(p, 'a' + (int)(i % 26), shared + more - 3);
		p += shared + more - 3;
		*p++ = '\n';
		n -= more;
	}
	*p = '\0';
}

static void test_bots_many(void)
{
	static char text[400000];
	struct collect_bots *b;
	struct collect_agent a;
	struct sc_diag d;

	fill_states(text, 32767);
	NEED(load_bots(text, &d, &b) == SC_OK);
	collect_agent_of(b, sc_span(text + 104 * 20, 103), &a);
	CHECK(a.bot);
	collect_agent_of(b, sc_span(text + 104 * 20, 102), &a);
	CHECK(!a.bot);
	collect_bots_free(b);
	fill_states(text, 32768);
	CHECK(load_bots(text, &d, &b) == SC_LIMIT && b == NULL && strstr(d.text, "room") != NULL);
}

static void test_word_lengths(void)
{
	struct collect_bots *b;
	char text[256];
	struct sc_diag d;

	for (size_t n = 127; n <= 129; n++) {
		memset(text, 'x', n);
		memcpy(text + n, "\n", 2);
		CHECK((load_bots(text, &d, &b) == SC_OK) == (n <= 128));
		collect_bots_free(b);
	}
}

/* ---- networks ------------------------------------------------------------------------------ */

static enum sc_err load_networks(const char *text, struct sc_diag *d, struct collect_networks **n)
{
	enum sc_err err;

	*d = (struct sc_diag){ .line = 0 };
	err = collect_networks_new(file(text), d, n);
	unlink(path);
	return err;
}

static bool inside(const struct collect_networks *n, const char *text)
{
	uint8_t a[16];
	bool six = strchr(text, ':') != NULL;

	return inet_pton(six ? AF_INET6 : AF_INET, text, a) == 1 &&
	    collect_networks_has(n, sc_span(a, six ? 16 : 4));
}

static void test_networks(void)
{
	struct collect_networks *n;
	struct sc_diag d;

	NEED(load_networks("# clouds\n192.0.2.0/24\n198.51.100.128/25 ; half\n\n2001:db8::/33\r\n"
			   "203.0.113.7\n192.0.2.64/26\n192.0.3.0/24\n0.0.0.0/32\n",
		 &d, &n) == SC_OK);
	CHECK(inside(n, "192.0.2.0") && inside(n, "192.0.2.255") && inside(n, "192.0.2.80"));
	CHECK(inside(n, "192.0.3.0") && !inside(n, "192.0.1.255") && !inside(n, "192.0.4.0"));
	CHECK(!inside(n, "198.51.100.127") && inside(n, "198.51.100.128"));
	CHECK(inside(n, "198.51.100.255") && !inside(n, "198.51.101.0"));
	CHECK(inside(n, "203.0.113.7") && !inside(n, "203.0.113.6") && !inside(n, "203.0.113.8"));
	CHECK(inside(n, "2001:db8::") && inside(n, "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"));
	CHECK(!inside(n, "2001:db8:8000::") && !inside(n, "2001:db7:ffff::"));
	CHECK(inside(n, "::ffff:192.0.2.1") && inside(n, "0.0.0.0") && !inside(n, "0.0.0.1"));
	CHECK(!inside(n, "255.255.255.255") && !inside(n, "::"));
	CHECK(!collect_networks_has(n, sc_span("abc", 3)) &&
	    !collect_networks_has(n, sc_span("", 0)));
	collect_networks_free(n);
}

static void test_networks_all(void)
{
	struct collect_networks *n;
	struct sc_diag d;

	NEED(load_networks("0.0.0.0/0\n", &d, &n) == SC_OK);
	CHECK(inside(n, "0.0.0.0") && inside(n, "255.255.255.255") && !inside(n, "::1"));
	collect_networks_free(n);
	NEED(load_networks("::/0\n10.0.0.0/8\n", &d, &n) == SC_OK);
	CHECK(inside(n, "::1") && inside(n, "10.0.0.1") && inside(n, "ffff::"));
	collect_networks_free(n);
	NEED(load_networks("", &d, &n) == SC_OK);
	CHECK(!inside(n, "10.0.0.1"));
	collect_networks_free(n);
}

static void test_networks_wrong(void)
{
	static const char *const wrong[] = { "192.0.2.0/33", "192.0.2.1/24", "2001:db8::/129",
		"2001:db8::1/64", "192.0.2/24", "192.0.2.0/", "192.0.2.0/2x", "cloud",
		"192.0.2.0 /24", "192.0.2.0/-1", "::ffff:0:0/96/3" };
	struct collect_networks *n;
	char text[256];
	struct sc_diag d;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "10.0.0.0/8\n%s\n", wrong[i]);
		CHECK(load_networks(text, &d, &n) == SC_SYNTAX && n == NULL && d.line == 2);
	}
	memset(text, ' ', sizeof(text));
	memcpy(text, "10.0.0.0/8", 10);
	text[120] = '\0';
	CHECK(load_networks(text, &d, &n) == SC_SYNTAX && d.line == 1);
	d = (struct sc_diag){ .line = 0 };
	CHECK(collect_networks_new("/tmp/none/none", &d, &n) == SC_IO && n == NULL);
	CHECK(strcmp(d.file, "/tmp/none/none") == 0 && d.text[0] != '\0');
}

static void test_networks_many(void)
{
	static char text[3 * 500001 + 1];
	struct collect_networks *n;
	struct sc_diag d;

	for (size_t i = 0; i < 500001; i++)
		memcpy(text + 3 * i, "::\n", 4);
	CHECK(load_networks(text, &d, &n) == SC_LIMIT && n == NULL && d.line == 500001);
	text[3 * 500000] = '\0';
	NEED(load_networks(text, &d, &n) == SC_OK);
	CHECK(inside(n, "::") && !inside(n, "::1"));
	collect_networks_free(n);
}

/* Against one network after the other. */
static void test_networks_model(void)
{
	static char text[20000];
	static uint32_t first[400], last[400];
	struct collect_networks *n;
	struct sc_diag d;
	uint32_t x = 7;
	char *p = text;

	for (size_t i = 0; i < 400; i++) {
		unsigned bits;

		x = x * 1664525u + 1013904223u;
		bits = 10 + (x >> 24) % 23;
		last[i] = bits == 32 ? 0 : UINT32_MAX >> bits;
		x = x * 1664525u + 1013904223u;
		first[i] = x & ~last[i];
		last[i] |= first[i];
		p += sprintf(p, "%u.%u.%u.%u/%u\n", first[i] >> 24, first[i] >> 16 & 255,
		    first[i] >> 8 & 255, first[i] & 255, bits);
	}
	NEED(load_networks(text, &d, &n) == SC_OK);
	for (size_t i = 0; i < 40000; i++) {
		uint32_t a = i < 1600 ?
		    (i % 2 == 0 ? first : last)[i / 4] + i / 2 % 2 * (i % 2 == 0 ? UINT32_MAX : 1) :
		    (x = x * 1664525u + 1013904223u);
		uint8_t b[4] = { (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8),
			(uint8_t)a };
		bool want = false;

		for (size_t k = 0; k < 400; k++)
			want |= a >= first[k] && a <= last[k];
		CHECK(collect_networks_has(n, sc_span(b, 4)) == want);
	}
	collect_networks_free(n);
}

int main(void)
{
	struct sc_diag d = { .line = 0 };

	if (collect_bots_new(NULL, &d, &bots) != SC_OK) {
		printf("Bail out! our own words are none\n");
		return 1;
	}
	RUN(test_people, "browsers are what they say, and send hints since 89");
	RUN(test_apps, "a browser in an app owes no hints");
	RUN(test_cubot, "a telephone's name is no robot's");
	RUN(test_robots, "programs that say so are robots, and who says nothing");
	RUN(test_libraries, "libraries of apps are told apart");
	RUN(test_long_agent, "a header is looked at for 1024 bytes");
	RUN(test_bots_file,
	    "an operator's words are instead of ours, each found wherever it begins");
	RUN(test_bots_wrong, "a word that could be anybody's is refused");
	RUN(test_bots_many, "there is room for thousands of words, and an end to it");
	RUN(test_word_lengths, "a word has its ceiling");
	RUN(test_networks, "an address is in a network from its first to its last");
	RUN(test_networks_all, "a network may be all of them, a list none");
	RUN(test_networks_wrong, "a line that is no network is refused");
	RUN(test_networks_many, "a list has its ceiling");
	RUN(test_networks_model, "joined ranges know what each network knows");
	collect_bots_free(bots);
	return tap_done();
}
