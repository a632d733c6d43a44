/*
 * test_config_phone.c - what the phone section may say, and where each refusal
 * points.
 *
 * Every refusal is made by replacing one fragment of tests/data/phone.json. In
 * fragments ' stands for ".
 */
#include "gateway/number/event.h"

#include "config_file.h"

/* ---- what comes out --------------------------------------------------------------- */

static void test_pools(void)
{
	struct config *c = loaded("", "");
	const struct phone_pool *p;

	NEED(c != NULL && c->phone != NULL);
	CHECK(is(c->phone->home, "44") && c->phone->n_pools == 4);
	p = &c->phone->pools[0];
	CHECK(is(p->name.s, "labels") && p->mode == PHONE_AXE && p->next == 1);
	CHECK(p->ttl_s == 10 * 86400 && p->ttl_max_s == 60 * 86400 && p->after_s == 2 * 86400);
	CHECK(p->cooldown_s == 8 * 86400 && p->callback_s == 86400 && p->max_call_s == 1200);
	CHECK(!p->loose && !p->callback && p->voice && !p->sms && p->sms_digits == PHONE_SMS_HOLD);
	CHECK(is(p->hotline, "+441632960900") && p->max_parallel == 3 && p->max_calls_day == 40);
	CHECK(p->watermarks[0] == 60 && p->watermarks[1] == 80 && p->watermarks[2] == 90);
	CHECK(p->n_dial == 2 && is(p->dial[0], "44") && is(p->dial[1], "8613"));
	CHECK(is(p->display, "Call {national} ext {ext}"));
	p = &c->phone->pools[1];
	CHECK(is(p->name.s, "labels-long") && p->ext_digits == 5 && p->next == PHONE_NO_POOL);
	CHECK(p[1].mode == PHONE_AXB && p[1].ext_digits == 0 && is(p[1].display, "{number}"));
	CHECK(p[2].mode == PHONE_AXN && p[2].ext_digits == 0 && is(p[2].display, "{number}"));
	config_free(c);
}

static void test_usual(void)
{
	struct config *c = loaded("'guard': { 'caller_line': 4, 'block': '2h' },", "");
	const struct phone_pool *p;
	const struct phone_guard_settings *g;

	NEED(c != NULL);
	p = &c->phone->pools[1];
	CHECK(p->ttl_s == 15 * 86400 && p->ttl_max_s == 90 * 86400 && p->after_s == 3 * 86400);
	CHECK(p->cooldown_s == 7 * 86400 && p->callback_s == 3 * 86400 && p->max_call_s == 1800);
	CHECK(p->loose && p->callback && p->voice && p->sms && p->sms_digits == PHONE_SMS_REDACT);
	CHECK(p->hotline == NULL && p->max_parallel == 2 && p->max_calls_day == 50);
	CHECK(p->watermarks[0] == 70 && p->watermarks[1] == 85 && p->watermarks[2] == 95);
	CHECK(is(p->display, "{number}-{ext}"));
	g = &c->phone->guard;
	CHECK(g->caller_line == 3 && g->caller == 10 && g->line == 30 && g->pool == 30);
	CHECK(g->block_s == 3600);
	config_free(c);
	c = loaded("'ext_digits': 5, ", "");
	NEED(c != NULL); /* the keypad's are six, the others' four */
	CHECK(c->phone->pools[0].ext_digits == 6 && c->phone->pools[1].ext_digits == 4);
	CHECK(c->phone->guard.caller_line == 4 && c->phone->guard.block_s == 7200);
	CHECK(c->phone->guard.caller == 10);
	config_free(c);
}

static void test_lines(void)
{
	static const char *const want[] = { "+441632960001", "+441632960010", "+441632960011",
		"+441632960012", "+441632960100", "+441632960101", "+12025550100", "+61491570156" };
	struct config *c = loaded("", "");
	const struct phone_line *l;

	NEED(c != NULL && c->phone->n_lines == 8);
	l = c->phone->lines;
	for (size_t i = 0; i < 8; i++)
		CHECK(is(l[i].e164, want[i]));
	CHECK(is(l[0].region.s, "0571") && l[0].state == PHONE_LINE_DRAINING && l[0].pool == 0);
	CHECK(is(l[3].region.s, "") && l[3].state == PHONE_LINE_ACTIVE && l[3].pool == 0);
	CHECK(l[5].state == PHONE_LINE_SUSPENDED && l[5].pool == 1 && l[7].pool == 3);
	config_free(c);
}

static void test_vendors(void)
{
	struct config *c = loaded("", "");
	const struct phone_vendor *v;
	uint8_t id;

	NEED(c != NULL && c->phone->n_vendors == 1);
	v = &c->phone->vendors[0];
	CHECK(is(v->name.s, "rented") && is(v->kind, "twilio") && v->sha256 && v->retries);
	CHECK(is(v->account, "AC0123456789abcdef0123456789abcdef"));
	CHECK(is(v->base, "https://gw.example:8443") && is(v->language, "zh-CN"));
	CHECK(is(v->key_files[0], "policy/keys/old.token") && v->key_until[0] == 1801440000);
	CHECK(is(v->key_files[1], "/etc/new.token") && v->key_until[1] == 0);
	CHECK(v->pools[0] && !v->pools[1] && v->pools[2] && !v->pools[3]);
	CHECK(policy_role(c->policy, sc_span_str("carrier"), &id) && v->role == id);
	CHECK(policy_purpose(c->policy, sc_span_str("delivery"), &id) && v->purpose == id);
	config_free(c);
	c = loaded("'signature': 'sha256', 'retries': true,", "");
	NEED(c != NULL);
	CHECK(!c->phone->vendors[0].sha256 && !c->phone->vendors[0].retries);
	config_free(c);
	c = loaded("'role': 'carrier', 'purpose': 'delivery', 'pools'", "'pools'");
	NEED(c != NULL);
	CHECK(policy_role(c->policy, sc_span_str("telephony"), &id));
	CHECK(c->phone->vendors[0].role == id);
	CHECK(policy_purpose(c->policy, sc_span_str("delivery"), &id));
	CHECK(c->phone->vendors[0].purpose == id);
	config_free(c);
}

static void test_hooks(void)
{
	struct config *c = loaded("", "");
	const struct phone_hook *h;

	NEED(c != NULL && c->phone->n_hooks == 2);
	h = c->phone->hooks;
	CHECK(is(h->name.s, "shop") && is(h->url, "https://shop.example/in/hooks"));
	CHECK(is(h->ca, "policy/ca.pem") && is(h->secret_file, "policy/keys/hook.secret"));
	CHECK(h->events ==
	    (1u << PHONE_EVENT_BINDING_EXPIRED | 1u << PHONE_EVENT_BINDING_ENDED |
		1u << PHONE_EVENT_CALL_ENDED));
	CHECK(h[1].events == (1u << PHONE_EVENT_COUNT) - 1 && h[1].ca == NULL);
	CHECK(is(c->phone->event_secret_file, "policy/keys/events.secret"));
	config_free(c);
	c = loaded("['binding.*', 'call.ended']", "['guess.*', 'pool.exhausted']");
	NEED(c != NULL);
	CHECK(c->phone->hooks[0].events ==
	    (1u << PHONE_EVENT_GUESS_BLOCKED | 1u << PHONE_EVENT_POOL_EXHAUSTED));
	config_free(c);
	c = loaded("['binding.*', 'call.ended']", "['*']");
	NEED(c != NULL);
	CHECK(c->phone->hooks[0].events == (1u << PHONE_EVENT_COUNT) - 1);
	config_free(c);
}

/* ---- what is refused ---------------------------------------------------------------- */

static void test_refuse_section(void)
{
	CHECK(loads("'phone': {", "'$schema': 'x', 'phone': {"));
	REFUSED("'store': 'sqlite:run/scrim.db',\n  'phone'", "|'phone'", "'phone' needs 'store'");
	REFUSED("'home': '44',\n    'pools': [", "'home': '44',\n    |'pols': [], 'pools': [",
	    "did you mean 'pools'?");
	REFUSED("'phone': {\n    'home': '44',", "'phone': |{", "'home' is missing");
	REFUSED("'home': '44'", "'home': |'+44'", "a calling code without its plus");
	REFUSED("'home': '44'", "'home': |'044'", "a calling code");
	REFUSED("'home': '44'", "'home': |'4444'", "bytes long");
	REFUSED("'caller_line': 4", "'caller_line': |0", "from 1 to 1000");
	REFUSED("'block': '2h'", "'block': |'59s'", "from 1m to 30d");
	REFUSED("'block': '2h'", "'block': |'31d'", "from 1m to 30d");
	CHECK(loads("'block': '2h'", "'block': '30d'") && loads("'block': '2h'", "'block': '1m'"));
	REFUSED("'block': '2h'", "'block': |'120000ms'", "from 1m to 30d");
	REFUSED("'block': '2h'", "'block': |7200", "a time such as");
	REFUSED("'block'", "|'blok'", "did you mean 'block'?");
}

static void test_refuse_pools(void)
{
	REFUSED("'name': 'desk'", "'name': |'labels-long'", "two pools have the same 'name'");
	REFUSED("'mode': 'AXN'", "'mode': |'AXG'", "did you mean 'AXE' or 'AXB' or 'AXN'?");
	REFUSED("'ext_digits': 5", "'ext_digits': |2", "from 3 to 6");
	REFUSED("'ext_digits': 5", "'ext_digits': |7", "from 3 to 6");
	REFUSED("'mode': 'AXN', 'dial'", "'mode': 'AXN', 'ext_digits': |4, 'dial'",
	    "'ext_digits' is for mode AXE: in AXN");
	REFUSED("'mode': 'AXB', 'dial'", "'mode': 'AXB', 'ext_digits': |4, 'dial'",
	    "'ext_digits' is for mode AXE: in AXB");
	REFUSED("'mode': 'AXE', 'ttl': '10d'", "'mode': 'AXE', 'ext_digits': |5, 'ttl': '10d'",
	    "'ext_digits' must be 6");
	REFUSED("'ttl': '10d'", "'ttl': |'61d'", "longer than 'ttl_max'");
	REFUSED("'ttl': '10d', 'ttl_max': '60d'", "'ttl_max': |'14d'",
	    "it is 15d when nothing is said");
	REFUSED("'ttl': '10d'", "'ttl': |'59s'", "from 1m to 366d");
	REFUSED("'cooldown': '8d'", "'cooldown': |'86399s'", "from 1d to 366d");
	REFUSED("'cooldown': '8d'", "'cooldown': |'23h'", "from 1d to 366d");
	CHECK(loads("'cooldown': '8d'", "'cooldown': '86400s'"));
	CHECK(loads("'ttl': '10d'", "'ttl': '60d'") && loads("'after': '2d'", "'after': '0s'"));
	REFUSED("'region_match': 'strict'", "'region_match': |'any'", "one of strict, loose");
	REFUSED("'callback': false", "'callback': |'no'", "true or false");
	REFUSED("'channels': ['voice']", "'channels': [|'vice']", "did you mean 'voice'?");
	REFUSED("'channels': ['voice']", "'channels': |[]", "empty");
	REFUSED("'sms_digits': 'hold'", "'sms_digits': |'pass'", "one of redact, hold, discard");
	REFUSED("'max_call': '20m'", "'max_call': |'25h'", "from 1m to 1d");
	REFUSED("'max_parallel': 3", "'max_parallel': |0", "from 1 to 1000");
	REFUSED("'max_calls_per_day': 40", "'max_calls_per_day': |10001", "from 1 to 10000");
	REFUSED("[60, 80, 90]", "|[60, 80]", "3 per cents");
	REFUSED("[60, 80, 90]", "[60, |60, 90]", "watermarks ascend");
	REFUSED("[60, 80, 90]", "[60, 80, |79]", "watermarks ascend");
	REFUSED("[60, 80, 90]", "[60, 80, |101]", "from 1 to 100");
	REFUSED("[60, 80, 90]", "[|0, 80, 90]", "from 1 to 100");
	REFUSED("'dial': ['44', '8613']", "'dial': |[]", "1 to 64 calling codes");
	REFUSED("'dial': ['44', '8613']", "'dial': ['44', |'+86']", "digits without a plus");
	REFUSED("'dial': ['44', '8613']", "'dial': ['44', |'086']", "digits without a plus");
	REFUSED("'dial': ['44', '8613']", "'dial': ['44', |86]", "text in quotes");
	REFUSED("{ 'name': 'desk', 'mode': 'AXN', 'dial': ['61'],",
	    "|{ 'name': 'desk', 'mode': 'AXN',", "'dial' is missing in this pool");
	REFUSED("'Call {national} ext {ext}'", "|'Call {national} ext {extension}'",
	    "nothing in braces");
	REFUSED("'Call {national} ext {ext}'", "|'Call {national}'", "say {ext}");
	REFUSED("'Call {national} ext {ext}'", "|'{masked} {ext}'", "say {number} or {national}");
	REFUSED("'mode': 'AXB', 'dial'", "'mode': 'AXB', 'display': |'{number}-{ext}', 'dial'",
	    "not say {ext}");
}

static void test_refuse_ladder(void)
{
	REFUSED("'next': 'labels-long'", "'next': |'label-long'", "did you mean 'labels-long'?");
	REFUSED("'next': 'labels-long'", "'next': |'pairs'", "pool pairs has mode AXB");
	REFUSED("'next': 'labels-long'", "'next': |'labels'", "in a circle, back to labels");
	REFUSED(
	    "'next': 'labels-long',\n        'hotline': '+441632960900', 'max_call': '20m', "
	    "'max_parallel': 3, 'max_calls_per_day': 40,\n        'watermarks': [60, 80, 90], "
	    "'dial': ['44', '8613'], 'display': 'Call {national} ext {ext}',\n        'numbers': [\n"
	    "          { 'number': '+441632960001', 'region': '0571', 'state': 'draining' },\n"
	    "          { 'number': '+441632960010', 'count': 3 } ] },\n"
	    "      { 'name': 'labels-long', 'mode': 'AXE', 'ext_digits': 5,",
	    "'next': |'labels-long', 'dial': ['44'], 'numbers': [{ 'number': '+441632960001' }] },\n"
	    "      { 'name': 'labels-long', 'mode': 'AXE', 'ext_digits': 5, 'next': 'labels',",
	    "in a circle, back to labels");
}

static void test_refuse_numbers(void)
{
	REFUSED("'+61491570156'", "|'61491570156'", "E.164");
	REFUSED("'+61491570156'", "|'+61 491 570 156'", "E.164");
	REFUSED("'+61491570156'", "|'+6149'", "E.164");
	REFUSED("'+61491570156'", "|'+441632960011'", "+441632960011 stands twice");
	REFUSED("'+441632960010', 'count': 3", "|'+441632959999', 'count': 100",
	    "+441632960001 stands twice");
	REFUSED("[{ 'number': '+61491570156' }]", "|[]", "empty list");
	REFUSED("'count': 3", "'count': |0", "from 1 to 65536");
	REFUSED("'numbers': [{ 'number': '+61491570156' }]",
	    "'numbers': |[{ 'number': '+61491570156', 'count': 65530 }]",
	    "more than 65536 numbers");
	CHECK(loads("'numbers': [{ 'number': '+61491570156' }]",
	    "'numbers': [{ 'number': '+61491570156', 'count': 65529 }]"));
	REFUSED("'number': '+12025550100'", "'number': '+99999998', 'count': |3",
	    "only 2 numbers from +99999998 on");
	CHECK(loads("'number': '+12025550100'", "'number': '+99999998', 'count': 2"));
	REFUSED("'state': 'draining'", "'state': |'closed'", "one of active, draining, suspended");
	REFUSED("'region': '0571'", "'region': |'a b'", "be a name");
	REFUSED("'hotline': '+441632960900'", "'hotline': |'+441632960012'",
	    "is a number of pool labels");
	REFUSED("'hotline': '+441632960900'", "'hotline': |'999'", "E.164");
}

static void test_refuse_vendors(void)
{
	static const char *const bases[] = { "http://gw.example", "ftp://gw.example", "gw.example",
		"http://10.0.0.1" };
	static const char *const paths[] = { "https://gw.example/", "https://gw.example/x",
		"https://u@gw.example", "https://gw.example?x", "https://gw.example#x",
		"https://gw.example:0", "https://", "https://gw example" };
	char text[FRAGMENT_MAX];

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		snprintf(text, sizeof(text), "|'%s'", bases[i]);
		REFUSED("'https://gw.example:8443'", text, "'base' must be");
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(text, sizeof(text), "|'%s'", paths[i]);
		REFUSED("'https://gw.example:8443'", text, "without a path");
	}
	REFUSED("'kind': 'twilio'", "'kind': |'twillio'", "did you mean 'twilio'?");
	REFUSED("'AC0123456789abcdef0123456789abcdef'", "|'AC 01'", "exactly as the vendor");
	REFUSED("'signature': 'sha256'", "'signature': |'md5'", "one of sha1, sha256");
	REFUSED("'role': 'carrier'", "'role': |'carier'", "did you mean 'carrier'?");
	REFUSED("'purpose': 'delivery', 'pools'", "'purpose': |'x', 'pools'", "unknown purpose");
	REFUSED("['labels', 'pairs']", "['labels', |'pair']", "did you mean 'pairs'?");
	REFUSED("['labels', 'pairs']", "|[]", "a list of the pools");
	REFUSED("'zh-CN'", "|'zh_CN'", "a language such as");
	REFUSED("'2027-01-31'", "|'2027-02-30'", "the last day");
	REFUSED("'2027-01-31'", "|'2027-1-31'", "the last day");
	REFUSED("'2027-01-31'", "|'soon'", "the last day");
	REFUSED("{ 'file': '/etc/new.token' }", "{ |'fil': '/etc/new.token', 'file': 'x' }", "fil");
	REFUSED(
	    "[{ 'file': 'keys/old.token', 'until': '2027-01-31' }, { 'file': '/etc/new.token' }]",
	    "|[]", "empty list");
	REFUSED("'keys': [", "'keys': |[{ 'file': 'a' }, ", "not have more than 2");
	REFUSED("'keys': [{ 'file': 'keys/old.token', 'until': '2027-01-31' }, "
		"{ 'file': '/etc/new.token' }] }",
	    "'keys': [{ 'file': 'a' }] },\n      { 'name': 'other', 'kind': 'twilio', "
	    "'account': 'AC1', 'role': 'carrier', 'base': 'https://gw.example', "
	    "'keys': [{ 'file': 'b' }], 'pools': ['desk', |'pairs'] }",
	    "pool pairs belongs to vendor rented");
	REFUSED("'keys': [{ 'file': 'keys/old.token', 'until': '2027-01-31' }, "
		"{ 'file': '/etc/new.token' }] }",
	    "'keys': [{ 'file': 'a' }] },\n      { 'name': 'other', 'kind': 'twilio', "
	    "'account': |'AC0123456789abcdef0123456789abcdef', 'role': 'carrier', "
	    "'base': 'https://gw.example', 'keys': [{ 'file': 'b' }], 'pools': ['desk'] }",
	    "the same account as number 1");
}

static void test_refuse_hooks(void)
{
	REFUSED("'https://shop.example/in/hooks'", "|'http://shop.example/in/hooks'", "https://");
	REFUSED("'https://shop.example/in/hooks'", "|'https://shop.example/in?x=1'", "a query");
	REFUSED("'https://shop.example/in/hooks'", "|'https://u:p@shop.example/'", "a query");
	REFUSED("'https://shop.example/in/hooks'", "|'shop.example/in'", "https://HOST");
	REFUSED("'http://127.0.0.1:9009'", "|'http://127.0.0.1.example/'", "https://");
	REFUSED("'http://127.0.0.1:9009'", "'http://127.0.0.1:9009', 'ca': |'ca.pem'",
	    "'ca' needs an https:// URL");
	REFUSED("'call.ended'", "|'call.end'", "did you mean 'call.ended'?");
	REFUSED("'call.ended'", "|'calls.*'", "did you mean 'call.*'?");
	REFUSED("['binding.*', 'call.ended']", "|[]", "a list of events");
	REFUSED("['binding.*', 'call.ended']", "|'*'", "a list of events");
	REFUSED("'name': 'watch'", "'name': |'shop'", "two hooks have the same 'name'");
	REFUSED(
	    "{ 'name': 'watch', 'url': 'http://127.0.0.1:9009', 'secret': 'keys/watch.secret' }",
	    "|{ 'name': 'watch', 'url': 'http://127.0.0.1:9009' }", "'secret' is missing");
}

/* All of it in one go, each at its place. */
static void test_all_at_once(void)
{
	CHECK(refused("'dial': ['1'], 'numbers': [{ 'number': '+12025550100' }] }",
	    "'dial': [|'+1'], 'next': 'desk', 'cooldown': '1h',\n"
	    "  'numbers': [{ 'number': '+61491570156' }, { 'number': 'x' }] }",
	    "digits without a plus", 5));
}

/* The section that docs/PHONE.md shows is one, and says what holds anyway. */
static void test_documented(void)
{
	static char document[262144];
	const char *begin, *end, *before = strstr(good, "\"phone\": {");
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	struct sc_buf text;

	NEED(read_text("docs/PHONE.md", document, sizeof(document)));
	NEED((begin = strstr(document, "```jsonc\n\"phone\": {")) != NULL);
	begin += strlen("```jsonc\n");
	NEED((end = strstr(begin, "\n```\n")) != NULL && before != NULL);
	sc_buf_init(&text, 65536);
	CHECK(sc_buf_put(&text, good, (size_t)(before - good)) == SC_OK);
	CHECK(sc_buf_put(&text, begin, (size_t)(end - begin)) == SC_OK);
	CHECK(sc_buf_put_str(&text, "}") == SC_OK);
	if (config_parse(sc_buf_span(&text), FILE_NAME, &all, &c) != SC_OK)
		printf("# %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	sc_buf_fini(&text);
	NEED(c != NULL && c->phone->n_pools == 2 && c->phone->n_lines == 102);
	CHECK(c->phone->pools[0].ttl_s == c->phone->pools[1].ttl_s);
	CHECK(c->phone->pools[0].cooldown_s == c->phone->pools[1].cooldown_s);
	CHECK(c->phone->pools[0].max_calls_day == c->phone->pools[1].max_calls_day);
	config_free(c);
}

int main(void)
{
	if (!read_text("tests/data/phone.json", good, sizeof(good)))
		return 1;
	RUN(test_pools, "pools come out as written");
	RUN(test_usual, "what nobody said is as documented");
	RUN(test_lines, "ranges of numbers are spelt out, in the order of the file");
	RUN(test_vendors, "vendors come out as written");
	RUN(test_hooks, "hooks come out as written, their events as bits");
	RUN(test_refuse_section, "a section that nothing could stand on is refused");
	RUN(test_refuse_pools, "a pool that would not work is refused");
	RUN(test_refuse_ladder, "a ladder that leads nowhere, or round, is refused");
	RUN(test_refuse_numbers, "a number that is none, or stands twice, is refused");
	RUN(test_refuse_vendors, "a vendor that could not be verified is refused");
	RUN(test_refuse_hooks, "a hook that could not be told is refused");
	RUN(test_all_at_once, "all that is wrong is told at once");
	RUN(test_documented, "the section that is documented is one, and its defaults are told");
	return tap_done();
}
