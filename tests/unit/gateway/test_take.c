/*
 * test_take.c - what client libraries post, and what is left of it.
 *
 * Bodies are the libraries' own shapes, from the fuzzer's corpus.
 */
#include "take_stage.h"

/* ---- libraries -------------------------------------------------------------------------- */

static void test_segment_browser(void)
{
	const struct collect_taken *x = on.v;

	take_stage_at(WEB);
	NEED(take_file("segment_browser") == SC_OK && on.n == 1);
	CHECK(x->what == COLLECT_AN_EVENT && x->refused == 0 && x->event.kind == FEED_PRODUCT);
	CHECK(x->event.shop == 1 && x->event.flags == 0 && on.index[0] == 0 && x->line == 0);
	CHECK(span_is(x->message, "ajs-next-1795687200250-1b2c3d4e"));
	CHECK(span_is(x->device, "2a8f1f4e-6d0e-4b2f-9c3d-000000000001"));
	CHECK(x->account.n == 0 && !x->account_vouched && span_is(x->product, "sku-1"));
	CHECK(x->event.category == 1 && x->event.price == 20 && x->event.quantity == 2);
	CHECK(x->event.page == 3 && x->event.channel == 3 && x->event.campaign == 1);
	/* sent at :01.250 by its clock, here at :05 */
	CHECK(x->event.at_ms == 1795687204000 && x->raw_ms == 1795687200250);
	CHECK(x->event.late_s == 1 && x->event.offset == 32);
	CHECK(x->consent_version == 0 && x->inputs == 255 && !x->webdriver && !x->honeypot);
	CHECK(strcmp(on.dropped, "name brand ") == 0);
}

static void test_segment_batch(void)
{
	take_stage_at(WEB);
	NEED(take_file("segment_batch") == SC_OK && on.n == 2);
	CHECK(on.v[0].event.kind == FEED_PAGE && on.v[0].event.page == 1 && on.index[0] == 0);
	CHECK(on.v[0].consent_version == 3); /* the manager granted it, to the text of now */
	CHECK(on.v[0].event.at_ms == TAKE_NOW - 3500);
	/* identify left nothing, the order no lines: the site takes none */
	CHECK(on.v[1].event.kind == FEED_PURCHASE && on.index[1] == 2 && on.v[1].account.n == 0);
	CHECK(span_is(on.v[1].order, "o-77") && on.v[1].event.price == 130);
	CHECK(on.v[1].consent_version == 0 && on.v[1].product.n == 0);
	CHECK(strcmp(on.dropped, "name email name coupon ") == 0);
}

static void test_lines_of_an_order(void)
{
	take_stage_at(IOS);
	NEED(take_file("segment_batch") == SC_OK && on.n == 5);
	CHECK(on.v[1].event.kind == FEED_LOGIN && on.index[1] == 1 && on.v[1].account.n == 0);
	CHECK(span_is(on.v[1].device, "anon-1"));
	CHECK(on.v[2].event.kind == FEED_PURCHASE && on.v[2].line == 0 && on.v[2].product.n == 0);
	CHECK(on.v[3].event.kind == FEED_ITEM && on.v[3].line == 1 && on.index[3] == 2);
	CHECK(span_is(on.v[3].product, "sku-1") && span_is(on.v[3].order, "o-77"));
	CHECK(on.v[3].event.price == 20 && on.v[3].event.quantity == 2);
	CHECK(on.v[3].event.category == 1);
	CHECK(on.v[4].event.kind == FEED_ITEM && on.v[4].line == 2);
	CHECK(span_is(on.v[4].product, "sku-2") && on.v[4].event.price == 90);
	CHECK(on.v[4].event.category == 0 && span_is(on.v[4].message, "m-3"));
}

static void test_segment_node(void)
{
	take_stage_at(ERP);
	NEED(take_file("segment_node") == SC_OK && on.n == 4);
	CHECK(on.v[0].what == COLLECT_A_LINK && on.v[0].account_vouched);
	CHECK(span_is(on.v[0].device, "anon-1") && span_is(on.v[0].account, "u-1"));
	CHECK(on.v[1].what == COLLECT_AN_EVENT && on.v[1].event.kind == FEED_LOGIN);
	CHECK(on.v[1].event.flags == FEED_VOUCHED && on.index[1] == 0);
	CHECK(on.v[2].what == COLLECT_TRAITS && on.index[2] == 1 && on.v[2].n_traits == 2);
	CHECK(on.v[2].traits[0].attribute == 1 && on.v[2].traits[0].value == 4);
	CHECK(on.v[2].traits[1].attribute == 2 && on.v[2].traits[1].value == 1);
	CHECK(on.v[3].event.kind == FEED_REFUND && span_is(on.v[3].order, "o-77"));
	CHECK(on.v[3].event.price == 130 && span_is(on.v[3].account, "u-1"));
	CHECK(strcmp(on.dropped, "email ") == 0);
}

static void test_rudder_browser(void)
{
	take_stage_at(IOS);
	NEED(take_file("rudder_browser") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.kind == FEED_CART_ADD && span_is(on.v[0].product, "sku-9"));
	CHECK(span_is(on.v[0].device, "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"));
	CHECK(on.v[0].event.price == 5 && on.v[0].event.page == 3 && on.v[0].event.channel == 0);
	CHECK(on.v[0].consent_version == 3 && on.v[0].raw_ms == 1795687200000);
	CHECK(strcmp(on.dropped, "referring_domain tab_url initial_referrer ") == 0);
}

static void test_rudder_node(void)
{
	take_stage_at(ERP);
	NEED(take_file("rudder_node") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_UNDECLARED && on.v[0].event.kind == FEED_PAGE);
	on.visit.site = &on.settings.sites[IOS]; /* which takes all */
	NEED(take_file("rudder_node") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0 && on.v[0].event.page == 2 && span_is(on.v[0].account, "u-2"));
	CHECK(on.v[0].event.at_ms == TAKE_NOW - 60000 && on.v[0].event.late_s == 60);
	CHECK(on.v[0].event.offset == -14);
}

static void test_collect_js(void)
{
	take_stage_at(IOS);
	NEED(take_file("collect_js") == SC_OK && on.n == 3);
	CHECK(on.v[0].consent_version == 3 && on.v[0].inputs == 4 && !on.v[0].webdriver);
	CHECK(on.v[0].event.page == 2);
	CHECK(on.v[1].event.kind == FEED_SEARCH && on.v[1].event.page == 2);
	CHECK(on.v[1].inputs == 99 && on.v[1].webdriver && on.v[1].consent_version == 3);
	CHECK(on.v[2].what == COLLECT_A_WORD && on.v[2].word == FEED_WITHDRAW);
	CHECK(span_is(on.v[2].device, "5b3f") && on.dropped[0] == '\0');
}

static void test_lines(void)
{
	take_stage_at(ERP);
	on.visit.site = &on.settings.sites[IOS];
	NEED(take_file("lines") == SC_OK && on.n == 3);
	CHECK(on.v[0].event.kind == FEED_PRODUCT && span_is(on.v[0].product, "sku-4"));
	CHECK(on.v[0].line == 0 && on.v[0].event.price == 3 && !on.v[0].honeypot);
	CHECK(on.v[1].line == 1 && span_is(on.v[1].product, "sku-trap") && on.v[1].honeypot);
	CHECK(on.v[1].event.price == 100 && on.index[1] == 0 && on.index[2] == 1);
	CHECK(on.v[0].raw_ms == 1795687200000);
	CHECK(on.v[2].event.kind == FEED_PURCHASE && span_is(on.v[2].account, "7001"));
	CHECK(span_is(on.v[2].order, "9001") && on.v[2].raw_ms == TAKE_NOW);
}

static void test_list(void)
{
	take_stage_at(WEB);
	NEED(take_file("list") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.kind == FEED_PAGE && on.v[0].message.n == 64);
}

/* ---- who ---------------------------------------------------------------------------------- */

static void test_alias_and_group(void)
{
	take_stage_at(WEB);
	CHECK(take_file("alias") == SC_OK && on.n == 0);
	CHECK(take_file("group") == SC_OK && on.n == 0);
	take_stage_at(ERP);
	NEED(take_file("alias") == SC_OK && on.n == 1);
	CHECK(on.v[0].what == COLLECT_A_LINK && span_is(on.v[0].device, "anon-1"));
	CHECK(span_is(on.v[0].account, "u-1") && on.v[0].refused == 0);
	CHECK(take_file("group") == SC_OK && on.n == 0 && strcmp(on.dropped, "employees ") == 0);
	NEED(take("{'type':'alias','userId':'u-1'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("{'type':'alias','previousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
}

static void test_identify(void)
{
	take_stage_at(ERP);
	NEED(take("{'type':'identify','anonymousId':'a','userId':'u'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].what == COLLECT_A_LINK);
	NEED(take("{'type':'identify','userId':'u','traits':{'birthday':'soon'}}") == SC_OK);
	CHECK(on.n == 0);
	NEED(take("{'type':'identify','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("{'type':'identify','anonymousId':'a','userId':'u','traits':{'city':'south',"
		  "'birthday':1990}}") == SC_OK &&
	    on.n == 2);
	CHECK(on.v[1].what == COLLECT_TRAITS && on.v[1].n_traits == 2);
	CHECK(on.v[1].traits[1].value == 2 && on.v[1].event.at_ms == TAKE_NOW);
}

static void test_nobody(void)
{
	static const char *const ids[] = { "''", "'none'", "'nil'", "'NaN'", "'true'", "'false'",
		"'guest'", "'id'", "'unknown'", "'distinct_id'", "'0'", "null", "'null'",
		"'UNDEFINED'", "'Anonymous'", "0", "true", "{}", "['a']", "'[object Object]'",
		"'a\\u0007b'", "'\\ud800'", "'00000000-0000-0000-0000-000000000000'" };
	char text[256];

	take_stage_at(WEB);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(text, sizeof(text), "{'type':'page','anonymousId':%s}", ids[i]);
		NEED(take(text) == SC_OK && on.n == 1);
		CHECK(on.v[0].refused == FEED_BAD_FORM && on.v[0].device.n == 0);
	}
	NEED(take("{'type':'page','anonymousId':10}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0 && span_is(on.v[0].device, "10"));
}

static void test_long_id(void)
{
	char text[512], id[258];

	take_stage_at(WEB);
	memset(id, 'a', sizeof(id));
	for (int n = 256; n <= 257; n++) {
		snprintf(text, sizeof(text), "{'type':'page','anonymousId':'%.*s'}", n, id);
		NEED(take(text) == SC_OK && on.n == 1);
		CHECK((on.v[0].refused == 0) == (n == 256));
		snprintf(text, sizeof(text), "{'type':'page','anonymousId':'b','messageId':'%.*s'}",
		    n, id);
		NEED(take(text) == SC_OK && on.n == 1);
		CHECK((on.v[0].refused == 0) == (n == 256));
	}
}

static void test_message(void)
{
	struct sc_span first;
	char kept[64];

	take_stage_at(WEB);
	NEED(take("{'type':'page','anonymousId':'a','name':'x'}") == SC_OK && on.n == 1);
	first = on.v[0].message;
	NEED(first.n == 64);
	memcpy(kept, first.p, 64);
	NEED(take("[{'type':'page','anonymousId':'a','name':'x'},"
		  " {'type':'page','anonymousId':'a','name':'y'}]") == SC_OK &&
	    on.n == 2);
	CHECK(memcmp(on.v[0].message.p, kept, 64) == 0 && memcmp(on.v[1].message.p, kept, 64) != 0);
	NEED(take("{'type':'page','anonymousId':'a','messageId':null}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0 && on.v[0].message.n == 64);
	NEED(take("{'type':'page','anonymousId':'a','messageId':''}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("{'type':'page','anonymousId':'a','messageId':5}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0 && span_is(on.v[0].message, "5"));
}

/* ---- when ----------------------------------------------------------------------------------- */

/* Of a page with these times. */
static const struct collect_taken *timed(const char *times)
{
	char text[256];

	take_stage_at(WEB);
	snprintf(text, sizeof(text), "{'type':'page','anonymousId':'a'%s}", times);
	return take(text) == SC_OK && on.n == 1 ? on.v : NULL;
}

static void test_clock(void)
{
	const struct collect_taken *x;

	/* a clock that is ten minutes slow, and one that is a minute more than fifteen fast */
	NEED((x = timed(",'timestamp':'2026-11-26T09:50:00Z','sentAt':'2026-11-26T09:50:05Z'")));
	CHECK(x->event.at_ms == TAKE_NOW - 5000 && x->event.flags == 0 && x->event.late_s == 5);
	CHECK(x->raw_ms == 1795686600000);
	NEED((x = timed(",'timestamp':'2026-11-26T10:15:00Z','sentAt':'2026-11-26T10:15:06Z'")));
	CHECK(x->event.at_ms == TAKE_NOW - 6000 && x->event.flags == FEED_CLOCK_OFF);
	NEED((x = timed(",'timestamp':'2026-11-26T10:15:00Z','sentAt':'2026-11-26T10:15:05Z'")));
	CHECK(x->event.flags == 0);
	NEED((x = timed(",'timestamp':'2026-11-26T09:45:00Z','sentAt':'2026-11-26T09:45:05Z'")));
	CHECK(x->event.flags == 0);
	NEED(
	    (x = timed(",'timestamp':'2026-11-26T09:45:00Z','sentAt':'2026-11-26T09:45:04.999Z'")));
	CHECK(x->event.flags == FEED_CLOCK_OFF);
	/* what is not sent yet happens now */
	NEED((x = timed(",'timestamp':'2026-11-26T10:15:05Z'")));
	CHECK(x->event.at_ms == TAKE_NOW && x->event.flags == 0 && x->event.late_s == 0);
	NEED((x = timed(",'timestamp':'2026-11-26T10:15:05.001Z'")));
	CHECK(x->event.at_ms == TAKE_NOW && x->event.flags == FEED_CLOCK_OFF);
	NEED((x = timed("")));
	CHECK(x->event.at_ms == TAKE_NOW && x->raw_ms == TAKE_NOW);
	NEED((x = timed(",'timestamp':null,'sentAt':null")));
	CHECK(x->event.at_ms == TAKE_NOW && x->raw_ms == TAKE_NOW);
}

static void test_late(void)
{
	const struct collect_taken *x;

	NEED((x = timed(",'timestamp':'2026-11-23T10:00:05Z'"))); /* 72 hours */
	CHECK(x->event.flags == 0 && x->event.late_s == 72 * 3600);
	NEED((x = timed(",'timestamp':'2026-11-23T10:00:04.999Z'")));
	CHECK(x->event.flags == FEED_LATE && x->refused == 0);
	NEED((x = timed(",'timestamp':'2025-10-22T10:00:05Z'"))); /* 400 days */
	CHECK(x->event.flags == FEED_LATE && x->refused == 0);
	NEED((x = timed(",'timestamp':'2025-10-22T10:00:04.999Z'")));
	CHECK(x->refused == FEED_TOO_OLD);
	NEED((x = timed(",'timestamp':'0001-01-01T00:00:00Z'")));
	CHECK(x->refused == FEED_TOO_OLD);
	NEED((x = timed(",'originalTimestamp':'2026-11-26T10:00:00Z','timestamp':'x'")));
	CHECK(x->refused == 0 && x->raw_ms == 1795687200000);
	NEED((x = timed(",'originalTimestamp':null,'timestamp':'2026-11-26T10:00:00Z'")));
	CHECK(x->refused == 0 && x->raw_ms == 1795687200000);
	NEED((x = timed(",'timestamp':'yesterday'")));
	CHECK(x->refused == FEED_BAD_FORM);
	NEED((x = timed(",'sentAt':'yesterday'")));
	CHECK(x->refused == FEED_BAD_FORM);
	NEED((x = timed(",'timestamp':1795687200000")));
	CHECK(x->refused == FEED_BAD_FORM);
}

/* ---- consent ---------------------------------------------------------------------------------- */

static uint32_t version_of(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "{'type':'page','anonymousId':'a'%s}", more);
	return take(text) == SC_OK && on.n == 1 && on.v[0].refused == 0 ? on.v[0].consent_version :
									  99;
}
#define MANAGER(x) ",'context':{'consent':{'categoryPreferences':" x "}}"
#define RUDDER(x) ",'context':{'consentManagement':" x "}"

static void test_consent(void)
{
	take_stage_at(WEB);
	CHECK(version_of("") == 0 && version_of(",'c':3") == 3 && version_of(",'c':2") == 2);
	CHECK(version_of(",'c':'yes'") == 0 && version_of(",'c':-1") == 0);
	CHECK(version_of(",'c':null") == 0 && version_of(",'c':3.5") == 0);
	CHECK(version_of(",'c':3,'g':true") == 0 && version_of(",'c':3,'g':false") == 3);
	on.visit.says_no = true;
	CHECK(version_of(",'c':3") == 0 && version_of(MANAGER("{'Analytics':true}")) == 0);
	take_stage_at(WEB);
	NEED(take("{'g':true,'c':3,'batch':[{'type':'page','anonymousId':'a'}]}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].consent_version == 0);
	NEED(take("{'c':3,'batch':[{'type':'page','anonymousId':'a','c':2}]}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].consent_version == 2);
	NEED(take("{'w':true,'batch':[{'type':'page','anonymousId':'a','i':99}]}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].webdriver && on.v[0].inputs == 99);
}

static void test_managers(void)
{
	take_stage_at(WEB);
	CHECK(version_of(MANAGER("{'Analytics':true}")) == 3);
	CHECK(version_of(MANAGER("{'Analytics':true,'Other':false}")) == 3);
	CHECK(version_of(MANAGER("{'Analytics':false}")) == 0);
	CHECK(version_of(MANAGER("{'Analytics':'true'}")) == 0);
	CHECK(version_of(MANAGER("{'Advertising':true}")) == 0); /* another purpose */
	CHECK(version_of(MANAGER("{'Other':true}")) == 0);       /* nobody mapped it */
	CHECK(version_of(MANAGER("[]")) == 0);
	CHECK(version_of(",'context':{'consent':{}},'c':3") == 0);
	CHECK(version_of(",'context':{'consent':{}}") == 0);
	CHECK(version_of(",'c':2" MANAGER("{'Analytics':true}")) == 2);
	CHECK(version_of(RUDDER("{'allowedConsentIds':['x','Analytics']}")) == 3);
	CHECK(version_of(RUDDER("{'allowedConsentIds':['Analytics'],'deniedConsentIds':"
				"['Analytics']}")) == 0);
	CHECK(version_of(RUDDER("{'allowedConsentIds':['x']}")) == 0);
	CHECK(version_of(RUDDER("{'allowedConsentIds':'Analytics'}")) == 0);
	CHECK(version_of(RUDDER("{}") ",'c':3") == 0);
	on.settings.n_consents = 0;
	CHECK(version_of(MANAGER("{'Analytics':true}")) == 0);
	on.settings.n_consents = on.config->collect->n_consents;
}

static void test_two_categories(void)
{
	static const struct collect_match both[] = { { "A", 1 }, { "B", 1 } };

	take_stage_at(WEB);
	on.settings.consents = both;
	CHECK(version_of(MANAGER("{'A':true,'B':true}")) == 3);
	CHECK(version_of(MANAGER("{'A':true,'B':false}")) == 0);
	CHECK(version_of(MANAGER("{'B':true}")) == 3);
	on.settings.consents = on.config->collect->consents;
}

static void test_words(void)
{
	take_stage_at(WEB);
	NEED(take("{'type':'consent','word':'grant','anonymousId':'a','c':3}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].what == COLLECT_A_WORD && on.v[0].word == FEED_GRANT);
	CHECK(on.v[0].refused == 0 && on.v[0].consent_version == 3);
	NEED(take("{'type':'consent','word':'refuse','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0 && on.v[0].word == FEED_REFUSE);
	NEED(take("{'type':'consent','word':'grant','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("{'type':'consent','word':'yes','anonymousId':'a','c':3}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("{'type':'consent','word':'withdraw','userId':'u'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM); /* a page speaks for its device alone */
}

/* ---- what is in a body -------------------------------------------------------------------- */

static void test_bodies(void)
{
	take_stage_at(WEB);
	CHECK(take_file("torn") == SC_SYNTAX && on.n == 0 && on.d.text[0] != '\0');
	CHECK(take_file("deep") == SC_SYNTAX && take("") == SC_SYNTAX && take("  ") == SC_SYNTAX);
	CHECK(take("{'batch':{}}") == SC_SYNTAX && take("{'batch':[],'batch':[]}") == SC_SYNTAX);
	CHECK(take("{'batch':null}") == SC_SYNTAX);
	CHECK(take("{'batch':[]}") == SC_OK && on.n == 0);
	CHECK(take("{'type':'page','anonymousId':'a'} x") == SC_SYNTAX);
	CHECK(take("{'type':'page','anonymousId':'\xff'}") == SC_SYNTAX);
	NEED(take("5") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	NEED(take("[1,{'type':'page','anonymousId':'a'},[]]") == SC_OK && on.n == 3);
	CHECK(on.v[0].refused == FEED_BAD_FORM && on.v[1].refused == 0 && on.index[2] == 2);
	NEED(take("{'type':'page',\n'anonymousId':'a'}\n") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == 0);
}

static void test_ndjson(void)
{
	take_stage_at(WEB);
	NEED(take("\n{'type':'page','anonymousId':'a'} \r\n\n {'type':'page','anonymousId':'b'}") ==
		SC_OK &&
	    on.n == 2);
	CHECK(on.index[0] == 0 && on.index[1] == 1 && span_is(on.v[1].device, "b"));
	CHECK(take("{'type':'page','anonymousId':'a'}\n{'type':") == SC_SYNTAX && on.n == 0);
	CHECK(take("{'type':'page','anonymousId':'a'}\n[]") == SC_SYNTAX);
}

static void test_twice(void)
{
	static const char *const bodies[] = { "{'type':'page','anonymousId':'a','anonymousId':'a'}",
		"{'type':'page','anonymousId':'a','properties':{'path':'/','path':'/'}}",
		"{'type':'page','anonymousId':'a','context':{'page':{},'page':{}}}",
		"{'type':'page','anonymousId':'a','userId':null,'userId':'b'}",
		"{'type':'page','anonymousId':'a','context':{'page':{'url':'/','url':'/'}}}",
		"{'type':'page','anonymousId':'a','properties':[]}",
		"{'type':'page','anonymousId':'a','context':'x'}", "{'anonymousId':'a'}",
		"{'type':'delete','anonymousId':'a'}", "{'type':'track','anonymousId':'a'}" };

	take_stage_at(WEB);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		NEED(take(bodies[i]) == SC_OK && on.n == 1);
		CHECK(on.v[0].refused == FEED_BAD_FORM);
	}
	/* two names for one thing are no contradiction: the first of the table counts */
	NEED(take("{'type':'track','event':'view_item','anonymousId':'a','properties':"
		  "{'item_id':'x','sku':'y','name':'n'}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].refused == 0 && span_is(on.v[0].product, "y"));
}

static void test_untyped(void)
{
	take_stage_at(IOS);
	NEED(
	    take("{'event':'Product Viewed','anonymousId':'a','properties':{'sku':'s'}}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].event.kind == FEED_PRODUCT);
	NEED(take("{'name':'Home','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.kind == FEED_PAGE);
	NEED(take("{'traits':{},'anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.kind == FEED_LOGIN);
	CHECK(take("{'groupId':'g','traits':{},'anonymousId':'a'}") == SC_OK && on.n == 0);
	CHECK(take("{'previousId':'g','traits':{},'anonymousId':'a'}") == SC_OK && on.n == 0);
	NEED(take("{'type':'screen','name':'Home','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.kind == FEED_PAGE && on.v[0].event.family == FEED_OWN_APP);
}

/* ---- limits -------------------------------------------------------------------------------- */

static char large[COLLECT_BODY_MAX + 4096];

static void test_many(void)
{
	static const char one[] = "{\"type\":\"page\",\"anonymousId\":\"a\"},";
	char *p = large;

	take_stage_at(WEB);
	*p++ = '[';
	for (size_t i = 0; i < COLLECT_EVENTS_MAX; i++, p += sizeof(one) - 1)
		memcpy(p, one, sizeof(one));
	p[-1] = ']';
	CHECK(take_span(sc_span(large, (size_t)(p - large))) == SC_OK);
	CHECK(on.n == COLLECT_EVENTS_MAX && on.index[COLLECT_EVENTS_MAX - 1] == 1023);
	p[-1] = ',';
	memcpy(p, one, sizeof(one));
	p[sizeof(one) - 2] = ']';
	CHECK(take_span(sc_span(large, (size_t)(p - large) + sizeof(one) - 1)) == SC_LIMIT);
	CHECK(on.n == 0 && strstr(on.d.text, "1024") != NULL);
}

/* A body of one event of N bytes, with SPACE bytes behind it. */
static enum sc_err sized(size_t n, size_t space)
{
	static const char head[] = "[{\"type\":\"page\",\"anonymousId\":\"a\",\"x\":\"";

	memset(large, 'x', n + 2);
	memcpy(large, head, sizeof(head) - 1);
	memcpy(large + n - 1, "\"}]", 3);
	memset(large + n + 2, ' ', space);
	if (space > 0)
		large[n + 1 + space] = ']', large[n + 1] = ' ';
	return take_span(sc_span(large, n + 2 + space));
}

static void test_sizes(void)
{
	take_stage_at(WEB);
	CHECK(sized(COLLECT_EVENT_MAX, 0) == SC_OK && on.n == 1);
	CHECK(sized(COLLECT_EVENT_MAX + 1, 0) == SC_LIMIT && on.n == 0 && on.d.offset == 1);
	CHECK(sized(100, COLLECT_BODY_MAX - 102) == SC_OK && on.n == 1);
	CHECK(sized(100, COLLECT_BODY_MAX - 101) == SC_LIMIT && on.n == 0);
}

static void test_nodes(void)
{
	size_t n = 65535 - 3;
	char *p = large;

	take_stage_at(WEB);
	/* a list of one event whose property is a list of numbers */
	p += sprintf(p, "[{\"x\":[");
	memset(p, '0', 2 * n);
	for (size_t i = 1; i < 2 * n; i += 2)
		p[i] = ',';
	memcpy(p + 2 * n - 1, "]}]", 4);
	CHECK(take_span(sc_span(large, strlen(large))) == SC_LIMIT); /* its bytes */
	/* lines share one allowance */
	p = large;
	for (size_t line = 0; line < 20; line++) {
		p += sprintf(p, "{\"x\":[");
		for (size_t i = 0; i < 4000; i++)
			p += sprintf(p, "0,");
		p += sprintf(p, "0]}\n");
	}
	CHECK(take_span(sc_span(large, (size_t)(p - large))) == SC_LIMIT);
	CHECK(take_span(sc_span(large, (size_t)(p - large) / 2)) == SC_OK && on.n == 10);
}

int main(void)
{
	if (!take_stage_open())
		return 1;
	RUN(test_segment_browser, "Segment's browser library: a product, and nothing of Jane");
	RUN(test_segment_batch, "its batch: what a page says of itself, orders and consent");
	RUN(test_lines_of_an_order, "an order has its lines, where they are taken");
	RUN(test_segment_node, "Segment's back-end library: who logged in, and their bands");
	RUN(test_rudder_browser, "RudderStack's browser library");
	RUN(test_rudder_node, "RudderStack's back-end library");
	RUN(test_collect_js, "our own: versions, inputs, a withdrawal");
	RUN(test_lines, "lines of objects, GA4's names");
	RUN(test_list, "a bare list");
	RUN(test_alias_and_group, "an alias is a back end's word, a group nobody's");
	RUN(test_identify, "who somebody is, a back end says");
	RUN(test_nobody, "what programs send for nobody is nobody");
	RUN(test_long_id, "an identifier has its ceiling");
	RUN(test_message, "a message without an id has its text's");
	RUN(test_clock, "what happened when, by our clock");
	RUN(test_late, "what is late is marked, what is too old refused");
	RUN(test_consent, "a page's yes counts for its version, a browser's no before it");
	RUN(test_managers, "a consent manager's no counts, and all that nobody mapped");
	RUN(test_two_categories, "of two categories each must be granted");
	RUN(test_words, "a word is for the device that says it");
	RUN(test_bodies, "a body is JSON, or is refused whole");
	RUN(test_ndjson, "lines are told from one text by what they are");
	RUN(test_twice, "an event that contradicts itself is refused, and no other");
	RUN(test_untyped, "without a type it is what it has");
	RUN(test_many, "a body has at most 1024 events");
	RUN(test_sizes, "bodies and events have their ceilings, to the byte");
	RUN(test_nodes, "a body has at most 65536 values, lines together");
	take_stage_close();
	return tap_done();
}
