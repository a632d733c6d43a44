/*
 * test_take_values.c - moments, amounts, names and places: from texts to numbers.
 */
#include "take_stage.h"

#include "gateway/take/private.h"

/* ---- moments ------------------------------------------------------------------------------- */

static int64_t moment(const char *text)
{
	int64_t ms;

	return take_moment(sc_span_str(text), &ms) ? ms : INT64_MIN;
}

static void test_moment(void)
{
	CHECK(moment("1970-01-01T00:00:00Z") == 0 && moment("1970-01-01t00:00:00.001z") == 1);
	CHECK(moment("2026-11-26T10:00:05Z") == TAKE_NOW);
	CHECK(moment("2026-11-26 18:00:05.25+08:00") == TAKE_NOW + 250);
	CHECK(moment("2026-11-26T06:30:05.9999999-03:30") == TAKE_NOW + 999);
	CHECK(moment("2024-02-29T23:59:60Z") == 1709251199000);
	CHECK(moment("1969-12-31T23:59:59.5Z") == -500);
	CHECK(moment("0000-01-01T00:00:00Z") == -62167219200000);
	CHECK(moment("9999-12-31T23:59:59.999Z") == 253402300799999);
	CHECK(moment("2026-01-01T00:00:00+23:59") == 1767225600000 - 86340000);
}

static void test_moment_wrong(void)
{
	static const char *const wrong[] = { "", "2026-11-26", "2026-11-26T10:00Z",
		"2026-11-26T10:00:05", "2026-11-26T10:00:05Z ", "2026-11-26T10:00:05+0800",
		"2026-11-26T10:00:05+08:60", "2026-11-26T10:00:05+24:00", "2026-11-26T24:00:00Z",
		"2026-11-26T10:60:05Z", "2026-11-26T10:00:61Z", "2026-02-29T10:00:05Z",
		"2026-00-26T10:00:05Z", "2026-13-26T10:00:05Z", "2026-11-00T10:00:05Z",
		"2026-11-31T10:00:05Z", "26-11-26T10:00:05Z", "2026-11-26T10:00:05.Z",
		"2026-11-26T10:00:05,1Z", "2026/11/26T10:00:05Z", "2026-11-26X10:00:05Z",
		"+026-11-26T10:00:05Z", "2026-11-26T10:00:05 08:00", "2026-11-26T1 :00:05Z" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(moment(wrong[i]) == INT64_MIN);
}

/* ---- amounts -------------------------------------------------------------------------------- */

static uint32_t amount(const char *text, uint32_t step)
{
	return take_amount(sc_span_str(text), step);
}

static void test_amount(void)
{
	CHECK(amount("19.9", 1) == 1990 && amount("19.90", 100) == 20 && amount("19", 100) == 19);
	CHECK(amount("19.49", 100) == 19 && amount("19.5", 100) == 20);
	CHECK(amount("19.4999999999999999999999", 100) == 19);
	CHECK(amount("19.50000000000000000000000001", 100) == 20);
	CHECK(amount("0.005", 1) == 1 && amount("1.005", 1) == 101 && amount("1.0049", 1) == 100);
	CHECK(amount("2.675", 1) == 268); /* which a float has below the half */
	CHECK(amount("0", 100) == 0 && amount("0.00", 100) == 0 && amount("0e5", 100) == 0);
	/* what costs anything costs a step */
	CHECK(amount("0.01", 100) == 1 && amount("0.0000001", 100) == 1 && amount("1e-9", 1) == 1);
	CHECK(amount("1.5", 300) == 1 && amount("1.4", 300) == 1 && amount("4.5", 300) == 2);
	CHECK(amount("4.49", 300) == 1);
}

static void test_amount_written(void)
{
	CHECK(amount("1e2", 100) == 100 && amount("1.25E2", 1) == 12500);
	CHECK(amount("1250e-1", 100) == 125 && amount("1e+1", 100) == 10);
	CHECK(amount("0.00012e6", 100) == 120 && amount("12345.678e-3", 1) == 1235);
	CHECK(amount("00012", 100) == 12);
	CHECK(amount("42949672.95", 1) == UINT32_MAX && amount("42949672.94", 1) == UINT32_MAX - 1);
	CHECK(amount("42949672.96", 1) == UINT32_MAX && amount("1e18", 1) == UINT32_MAX);
	CHECK(amount("1e9999999999", 1000000) == UINT32_MAX);
	CHECK(amount("42949672950000", 1000000) == UINT32_MAX);
	CHECK(amount("42949672940000", 1000000) == UINT32_MAX - 1);
	CHECK(amount("99999999999999999999999999999999999999", 1000000) == UINT32_MAX);
	CHECK(amount("1e-99999999999", 1) == 1);
}

static void test_amount_wrong(void)
{
	static const char *const wrong[] = { "", "-5", "+5", ".5", "5.", "1,299.00", "CNY 5", "5 ",
		"5e", "5e+", "5e1.0", "5.5.5", "0x10", "NaN", "5f", "5.e1", "e5" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(amount(wrong[i], 100) == 0);
}

/* ---- names ------------------------------------------------------------------------------------ */

static uint8_t kind(const char *name)
{
	return take_kind(&on.settings, sc_span_str(name));
}

static void test_kinds(void)
{
	CHECK(kind("Product Viewed") == FEED_PRODUCT && kind("Product List Viewed") == FEED_PAGE);
	CHECK(kind("Products Searched") == FEED_SEARCH && kind("Product Added") == FEED_CART_ADD);
	CHECK(kind("Product Removed") == FEED_CART_REMOVE && kind("Cart Viewed") == FEED_PAGE);
	CHECK(
	    kind("Checkout Started") == FEED_CHECKOUT && kind("Order Completed") == FEED_PURCHASE);
	CHECK(kind("Order Refunded") == FEED_REFUND && kind("Order Cancelled") == FEED_REFUND);
	CHECK(
	    kind("Promotion Viewed") == FEED_EXPOSURE && kind("Promotion Clicked") == FEED_OUTCOME);
	CHECK(kind("Email Link Clicked") == FEED_OUTCOME && kind("Signed In") == FEED_LOGIN);
	CHECK(kind("view_item") == FEED_PRODUCT && kind("view_item_list") == FEED_PAGE);
	CHECK(kind("add_to_cart") == FEED_CART_ADD && kind("remove_from_cart") == FEED_CART_REMOVE);
	CHECK(kind("begin_checkout") == FEED_CHECKOUT && kind("purchase") == FEED_PURCHASE);
	CHECK(kind("refund") == FEED_REFUND && kind("search") == FEED_SEARCH);
	CHECK(kind("view_promotion") == FEED_EXPOSURE && kind("select_promotion") == FEED_OUTCOME);
	CHECK(kind("login") == FEED_LOGIN && kind("page_view") == FEED_PAGE);
	/* of our own all but the lines of an order, which come with it */
	for (uint8_t i = 1; i < FEED_KIND_END; i++)
		CHECK(kind(feed_kind_names[i]) == (i == FEED_ITEM ? 0 : i));
	CHECK(kind("Product Clicked") == 0 && kind("select_item") == 0 &&
	    kind("product viewed") == 0);
	CHECK(kind("Jane") == 0 && kind("") == 0);
	/* the configuration's */
	CHECK(kind("Product Viewed Special") == FEED_PRODUCT && kind("sign_in") == FEED_LOGIN);
}

static void test_undeclared(void)
{
	take_stage_at(WEB);
	NEED(take("{'type':'track','event':'Article Read','anonymousId':'a'}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].refused == FEED_UNDECLARED && on.v[0].event.kind == 0);
	CHECK(strcmp(on.dropped, "Article Read ") == 0);
	NEED(take("{'type':'track','event':'search','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_UNDECLARED && on.v[0].event.kind == FEED_SEARCH);
	CHECK(on.dropped[0] == '\0');
}

static void test_dropped(void)
{
	take_stage_at(WEB);
	NEED(take("{'type':'page','anonymousId':'a','properties':{'Card No. 1':1,'jane@shop':2,"
		  "'x12345':3,'x1234y5678':4,'':5,'a$b.c-d_e':6,'\xe8\x8c\xb6':7},"
		  "'context':{'ip':1,'secret':2}}") == SC_OK);
	CHECK(strcmp(on.dropped, "Card No. 1 ? ? x1234y5678 ? a$b.c-d_e ? secret ") == 0);
	NEED(take("{'type':'page','anonymousId':'a','properties':{"
		  "'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd':1,"
		  "'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddE':2}}") == SC_OK);
	CHECK(strcmp(on.dropped, "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd ? ") == 0);
	/* a number is one however its digits are grouped, as a member's name or an event's */
	NEED(take("{'type':'page','anonymousId':'a','properties':{'202-555-0143':1,"
		  "'4111 1111 1111 1111':2,'Tel. 202.555.0143':3,'id_1-2-3-4':4,'v1_2-3-4-5':5,"
		  "'a1234-b5678':6}}") == SC_OK);
	CHECK(strcmp(on.dropped, "? ? ? id_1-2-3-4 ? a1234-b5678 ") == 0);
	NEED(take("{'type':'track','event':'202-555-0143','anonymousId':'a'}") == SC_OK);
	CHECK(strcmp(on.dropped, "? ") == 0);
}

/* ---- places ------------------------------------------------------------------------------------ */

/* A page with these properties and this context. */
static const struct feed_event *page(const char *properties, const char *context)
{
	char text[8192];

	snprintf(text, sizeof(text),
	    "{'type':'page','anonymousId':'a','properties':{%s},'context':{%s}}", properties,
	    context);
	return take(text) == SC_OK && on.n == 1 && on.v[0].refused == 0 ? &on.v[0].event : NULL;
}
#define PAGE_IS(number, properties, context) \
	CHECK((e = page(properties, context)) != NULL && e->page == (number))
#define CHANNEL_IS(number, properties, context) \
	CHECK((e = page(properties, context)) != NULL && e->channel == (number))
#define CAMPAIGN_IS(number, properties, context) \
	CHECK((e = page(properties, context)) != NULL && e->campaign == (number))

static void test_pages(void)
{
	const struct feed_event *e;

	take_stage_at(WEB);
	PAGE_IS(3, "'path':'/p/7'", "");
	PAGE_IS(2, "'path':'/c/'", "");
	PAGE_IS(1, "'path':'/about'", ""); /* the longest that fits */
	PAGE_IS(0, "'path':'p/7'", "");
	PAGE_IS(3, "'path':'/p/7?next=/c/'", "");
	PAGE_IS(2, "'url':'https://shop.example/c/1?x=/p/'", "");
	PAGE_IS(0, "'url':'https://shop.example'", "");
	PAGE_IS(3, "'url':'/p/7#x'", "");
	PAGE_IS(3, "'path':'/p/7','url':'https://shop.example/c/'", "");
	PAGE_IS(2, "", "'page':{'path':'/c/'}");
	PAGE_IS(3, "'path':'/p/7'", "'page':{'path':'/c/'}");
	PAGE_IS(3, "'path':null", "'page':{'path':'/p/'}");
	PAGE_IS(0, "", "");
	NEED(take("{'type':'screen','name':'/c/','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.page == 2);
	NEED(take("{'type':'screen','name':'/c/','anonymousId':'a','properties':{'path':'x'}}") ==
		SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].event.page == 0);
}

static void test_channels(void)
{
	const struct feed_event *e;

	take_stage_at(WEB);
	CHANNEL_IS(1, "'referrer':'https://www.google.com/x'", "");
	CHANNEL_IS(1, "'referrer':'https://WWW.Google.com'", "");
	CHANNEL_IS(3, "'referrer':'https://mail.google.com'", "");
	CHANNEL_IS(0, "'referrer':'https://shop.example/?from=google.com'", "");
	CHANNEL_IS(0, "'referrer':'google.com'", ""); /* no host: nobody says where it ends */
	CHANNEL_IS(1, "", "'page':{'referrer':'http://google.com'}");
	CHANNEL_IS(2, "'referrer':'https://www.google.com/'", "'campaign':{'medium':'social'}");
	CHANNEL_IS(3, "", "'campaign':{'medium':'x','source':'mail'}");
	CHANNEL_IS(4, "'url':'/?utm_source=partner'", "");
	CHANNEL_IS(3, "'url':'/?utm_source=partner&utm_medium=mail'", "");
	CHANNEL_IS(3, "'url':'/?a=b&utm_medium=m%61il#utm_medium=x'", "");
	CHANNEL_IS(0, "'url':'/?utm_medium=m%6'", "");
	CHANNEL_IS(0, "'url':'/?utm_medium=m%6xil'", "");
	CHANNEL_IS(0, "'url':'/?xutm_medium=mail&utm_mediumx=mail'", "");
	CHANNEL_IS(0, "'url':'/#?utm_medium=mail'", "");
}

static void test_campaigns(void)
{
	const struct feed_event *e;

	take_stage_at(WEB);
	CAMPAIGN_IS(2, "'campaign':'double-eleven'", "");
	CAMPAIGN_IS(1, "'campaign_id':'spring'", "");
	CAMPAIGN_IS(1, "'promotion_id':'spring'", "'campaign':{'name':'double-eleven'}");
	CAMPAIGN_IS(2, "", "'campaign':{'name':'double-eleven'}");
	CAMPAIGN_IS(1, "'url':'/?utm_campaign=spring'", "");
	CAMPAIGN_IS(2, "'url':'/?utm_campaign=double%2Deleven'", "");
	CAMPAIGN_IS(0, "'url':'/?utm_campaign=Spring'", "");
	CAMPAIGN_IS(0, "'campaign':'winter'", "'campaign':'spring'");
	CAMPAIGN_IS(0,
	    "'url':'/?utm_campaign="
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
	    "");
}

static void test_queries(void)
{
	take_stage_at(IOS);
	NEED(take("{'type':'track','event':'search','anonymousId':'a','properties':"
		  "{'search_term':'nice GIFTS','path':'/p/'}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].event.page == 2);
	NEED(take("{'type':'track','event':'search','anonymousId':'a','properties':"
		  "{'query':'gif'}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].event.page == 0);
}

static void test_heads(void)
{
	take_stage_at(WEB);
	on.visit.agent = (struct collect_agent){ .family = FEED_SAFARI, .mobile = true };
	on.visit.datacentre = true;
	NEED(take("{'type':'page','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.flags == (FEED_MOBILE | FEED_DATACENTRE));
	CHECK(on.v[0].event.family == FEED_SAFARI);
	on.visit.agent.app = true;
	NEED(take("{'type':'page','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.flags == (FEED_MOBILE | FEED_APP | FEED_DATACENTRE));
	on.visit.agent.app = false;
	on.visit.site = &on.settings.sites[IOS];
	NEED(take("{'type':'page','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.flags == (FEED_MOBILE | FEED_APP | FEED_DATACENTRE));
	CHECK(on.v[0].event.family == FEED_OWN_APP);
	on.visit.vouched = true; /* whose agent is the back end's */
	NEED(take("{'type':'page','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].event.flags == (FEED_VOUCHED | FEED_DATACENTRE) && on.v[0].event.family == 0);
}

static void test_products(void)
{
	take_stage_at(IOS);
	NEED(take("{'type':'track','event':'cart_add','anonymousId':'a','properties':{'products':"
		  "[{'sku':'s1','quantity':'300','value':7},{'name':'x'},5,"
		  "{'product_id':'p','sku':'s2','quantity':0}]}}") == SC_OK &&
	    on.n == 4);
	CHECK(span_is(on.v[0].product, "s1") && on.v[0].event.quantity == 255);
	CHECK(on.v[0].event.price == 7 && on.v[0].line == 0);
	CHECK(on.v[1].refused == FEED_BAD_FORM && on.v[1].line == 1);
	CHECK(on.v[2].refused == FEED_BAD_FORM && on.v[2].line == 2);
	CHECK(span_is(on.v[3].product, "p") && on.v[3].event.quantity == 0 && on.v[3].line == 3);
	NEED(take("{'type':'track','event':'product','anonymousId':'a','properties':{'products':[],"
		  "'sku':'s'}}") == SC_OK &&
	    on.n == 1);
	CHECK(span_is(on.v[0].product, "s") && on.v[0].refused == 0);
	NEED(take("{'type':'track','event':'product','anonymousId':'a'}") == SC_OK && on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM);
	/* a list that was looked at is one page */
	NEED(take("{'type':'track','event':'view_item_list','anonymousId':'a','properties':"
		  "{'items':[{'item_id':'a'},{'item_id':'b'}]}}") == SC_OK);
	CHECK(on.n == 1 && on.v[0].event.kind == FEED_PAGE && on.v[0].product.n == 0);
	NEED(take("{'type':'track','event':'exposure','anonymousId':'a','properties':{'arm':2,"
		  "'campaign':'spring'}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].event.arm == 2 && on.v[0].event.campaign == 1);
	NEED(take("{'type':'track','event':'cart_add','anonymousId':'a','properties':{'sku':'s',"
		  "'arm':2}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].event.arm == 0);
}

static void test_orders(void)
{
	take_stage_at(IOS);
	NEED(take("{'type':'track','event':'purchase','anonymousId':'a','properties':{'total':5,"
		  "'products':[{'sku':'s'}]}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].refused == FEED_BAD_FORM); /* an order without a number is none */
	NEED(take("{'type':'track','event':'purchase','anonymousId':'a','properties':{'value':5,"
		  "'order_id':'o','products':5}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].refused == 0 && on.v[0].event.price == 5);
	NEED(take("{'type':'track','event':'refund','anonymousId':'a','properties':{'revenue':6,"
		  "'value':5,'order_id':'o','products':[{'sku':'s'}]}}") == SC_OK &&
	    on.n == 1);
	CHECK(on.v[0].refused == 0 && on.v[0].event.price == 6);
	NEED(take("{'type':'track','event':'purchase','anonymousId':'a','properties':{'total':5,"
		  "'order_id':'o','products':[{'x':'s'},{'sku':'s'}]}}") == SC_OK &&
	    on.n == 3);
	CHECK(on.v[1].refused == FEED_BAD_FORM && on.v[2].refused == 0 && on.v[2].line == 2);
	CHECK(on.v[2].event.price == 0);
}

/* ---- the key of a body ---------------------------------------------------------------------- */

static bool key_is(const char *text, const char *key)
{
	char body[512];

	snprintf(body, sizeof(body), "%s", text);
	for (char *p = body; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return span_is(collect_body_key(sc_span_str(body)), key);
}

static void test_body_key(void)
{
	CHECK(key_is("{'writeKey':'wk'}", "wk") && key_is(" { 'a' : 1 , 'writeKey' : 'wk' ", "wk"));
	CHECK(key_is("{'batch':[{'writeKey':'no','x':[{}]}],'writeKey':'wk'}", "wk"));
	CHECK(key_is("{'a':'}\\',','b':{'c':'\\\\'},'writeKey':'wk'}", "wk"));
	CHECK(key_is("{'a':-1.5e3,'b':null,'writeKey':'wk'}\n{'writeKey':'no'}", "wk"));
	CHECK(key_is("{'batch':[{'writeKey':'no'}]}", "") && key_is("{'writeKey':5}", ""));
	CHECK(key_is("{'writeKey':'w\\u006b'}", "") && key_is("{'writekey':'wk'}", ""));
	CHECK(key_is("[{'writeKey':'wk'}]", "") && key_is("", "") && key_is("{}", ""));
	CHECK(key_is("{'a':1 'writeKey':'wk'}", "") && key_is("{'a':]'writeKey':'wk'}", ""));
	CHECK(
	    key_is("{'writeKey':'wk", "") && key_is("{'writeKey':", "") && key_is("{'a':'\\", ""));
	CHECK(key_is("{'writeKey''wk'}", "") && key_is("{'a':{,'writeKey':'wk'}", ""));
}

int main(void)
{
	if (!take_stage_open())
		return 1;
	RUN(test_moment, "moments are read to the millisecond, whatever their offset");
	RUN(test_moment_wrong, "what is no moment is none");
	RUN(test_amount, "amounts become steps exactly");
	RUN(test_amount_written, "however they are written, up to the largest");
	RUN(test_amount_wrong, "what is no amount is nothing");
	RUN(test_kinds, "names of three lists are kinds of event");
	RUN(test_undeclared, "an event that nobody declared is refused, its name counted");
	RUN(test_dropped, "names are counted if they are a program's");
	RUN(test_pages, "a path is a page by its beginning");
	RUN(test_channels, "a link's words come before a referrer's host");
	RUN(test_campaigns, "a campaign is the first that is a word");
	RUN(test_queries, "a query is a group by a part of it");
	RUN(test_heads, "what a browser's head says of all its events");
	RUN(test_products, "several products are several events");
	RUN(test_orders, "an order has a number, a total and lines");
	RUN(test_body_key, "the key is the first object's own");
	take_stage_close();
	return tap_done();
}
