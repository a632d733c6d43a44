/*
 * test_config_collect.c - what the collect section may say, and where each
 * refusal points.
 *
 * Every refusal is made by replacing one fragment of tests/data/collect.json. In
 * fragments ' stands for ".
 */
#include "base/feed/rule.h"

#include "config_file.h"
#include "schema.h"

/* ---- what comes out --------------------------------------------------------------- */

static void test_section(void)
{
	struct config *c = loaded("", "");
	const struct collect_settings *s;

	NEED(c != NULL && c->collect != NULL);
	s = c->collect;
	CHECK(is(s->feed, "policy/run/feed.sock") && is(s->store, "sqlite:policy/run/collect.db"));
	CHECK(is(s->spool, "policy/run/spool") && s->spool_max == (uint64_t)64 << 20);
	CHECK(is(s->bots_file, "policy/bots.txt"));
	CHECK(is(s->datacentre_file, "/etc/scrim/networks.txt"));
	CHECK(s->snapshot_hour == 3 && s->n_operators == 1 && is(s->operators[0].s, "privacy"));
	CHECK(is(policy_role_name(c->policy, s->role)->s, "shop"));
	CHECK(is(policy_purpose_name(c->policy, s->purpose)->s, "analytics"));
	CHECK(s->purposes[0] == s->purpose);
	CHECK(is(policy_purpose_name(c->policy, s->purposes[1])->s, "campaign"));
	CHECK(s->words->categories.n == 3 && s->words->text_version == 3);
	CHECK(s->honeypots.n == 1 && feed_list_find(&s->honeypots, sc_span_str("sku-trap")) == 1);
	CHECK(s->rules[FEED_FOCUS].threshold == 9 && !s->rules[FEED_FOCUS].off);
	CHECK(s->rules[FEED_AWAKE].off && s->rules[FEED_BARREN].threshold == 0);
	config_free(c);
}

static void test_usual(void)
{
	struct config *c = loaded(", 'spool_max': '64MiB'", "");

	NEED(c != NULL);
	CHECK(c->collect->spool_max == (uint64_t)256 << 20);
	CHECK(c->collect->sites[2].per_minute == 60000 && c->collect->sites[2].write_key == NULL);
	config_free(c);
	NEED((c = loaded(", 'snapshot_hour': 3", "")) != NULL);
	CHECK(c->collect->snapshot_hour == 4);
	config_free(c);
	NEED((c = loaded("'snapshot_hour': 3", "'snapshot_hour': 0")) != NULL);
	CHECK(c->collect->snapshot_hour == 0);
	config_free(c);
}

static void test_sites(void)
{
	struct config *c = loaded("", "");
	const struct collect_site *s;

	NEED(c != NULL && c->collect->n_sites == 3);
	s = c->collect->sites;
	CHECK(is(s[0].name.s, "web") && is(s[0].write_key, "wk_web_0001") && !s[0].app);
	CHECK(s[0].n_origins == 2 && is(s[0].origins[0], "https://shop.example"));
	CHECK(s[0].kinds == (1u << FEED_PAGE | 1u << FEED_PRODUCT | 1u << FEED_PURCHASE));
	CHECK(s[0].per_minute == 600 && zone_offset_s(s[0].zone, 1790000000) == 8 * 3600);
	CHECK(s[1].app && s[1].n_origins == 0 && s[1].principal.s[0] == '\0');
	CHECK(s[1].kinds == ((1u << FEED_KIND_END) - 2));
	CHECK(zone_offset_s(s[1].zone, 0) == -12600);
	CHECK(is(s[2].principal.s, "oms") && s[2].kinds == (1u << FEED_REFUND | 1u << FEED_LOGIN));
	CHECK(zone_offset_s(s[2].zone, 0) == 0);
	config_free(c);
}

static void test_maps(void)
{
	struct config *c = loaded("", "");
	const struct collect_settings *s;

	NEED(c != NULL);
	s = c->collect;
	CHECK(s->n_aliases == 2 && is(s->aliases[1].name, "sign_in"));
	CHECK(s->aliases[0].kind == FEED_PRODUCT && s->aliases[1].kind == FEED_LOGIN);
	CHECK(s->n_pages == 3 && is(s->pages[0].text, "/c/") && s->pages[0].number == 2);
	CHECK(is(s->pages[1].text, "/p/") && s->pages[1].number == 3);
	CHECK(is(s->pages[2].text, "/") && s->pages[2].number == 1);
	CHECK(s->n_referrers == 2 && is(s->referrers[0].text, "mail.google."));
	CHECK(s->referrers[0].number == 3 && s->referrers[1].number == 1);
	CHECK(s->n_queries == 1 && s->queries[0].number == 2);
	CHECK(s->n_consents == 2 && is(s->consents[0].text, "Advertising"));
	CHECK(s->consents[0].number == 2 && s->consents[1].number == 1);
	CHECK(is(s->trait_members[0], "birthday") && is(s->trait_members[1], "city"));
	CHECK(s->trait_members[2] == NULL);
	config_free(c);
}

static void test_orders(void)
{
	struct config *c = loaded("", "");
	const struct collect_order *o;

	NEED(c != NULL && c->collect->n_orders == 1);
	o = c->collect->orders;
	CHECK(is(o->route.s, "checkout") && o->shop == 3);
	CHECK(is(o->order, "$.id") && is(o->customer, "$.buyer.id") && is(o->total, "$.total"));
	CHECK(is(o->product, "$.items[*].sku") && is(o->status, "$.status"));
	CHECK(o->at == NULL && o->category == NULL && o->price == NULL && o->quantity == NULL);
	CHECK(o->address == NULL && is(o->traits[0], "$.buyer.birthday") && o->traits[1] == NULL);
	CHECK(o->cancelled.n == 1 && is(o->cancelled.v[0], "void"));
	config_free(c);
}

static void test_hash(void)
{
	struct config *a = loaded("", ""), *b = loaded("'snapshot_hour': 3", "'snapshot_hour': 5");
	struct config *other = loaded("'tenant': 'demo'", "'tenant': 'demo2'");

	NEED(a != NULL && b != NULL && other != NULL);
	CHECK(memcmp(a->collect_hash, b->collect_hash, HASH_BYTES) != 0);
	CHECK(memcmp(a->collect_hash, other->collect_hash, HASH_BYTES) == 0);
	config_free(a);
	config_free(b);
	config_free(other);
}

/* ---- what is refused ------------------------------------------------------------------ */

static void test_refuse_section(void)
{
	REFUSED("'spool_max': '64MiB'", "'spool_max': |'1023KiB'", "full at once");
	REFUSED("'spool_max': '64MiB'", "'spool_max': |'2TiB'", "bytes such as");
	CHECK(loads("'spool_max': '64MiB'", "'spool_max': '1MiB'"));
	REFUSED("'feed': 'unix:run/feed.sock'", "'feed': |'run/feed.sock'",
	    "be unix:PATH, such as 'unix:run/feed.sock'");
	REFUSED("'store': 'sqlite:run/collect.db'", "'store': |'run/collect.db'", "sqlite:PATH");
	REFUSED("'snapshot_hour': 3", "'snapshot_hour': |24", "from 0 to 23");
	REFUSED("'operators': ['privacy']", "'operators': [|'nobody']", "no principal nobody");
	REFUSED("'operators': ['privacy']", "'operators': |[]", "list of principals");
	REFUSED("'role': 'shop', 'snapshot", "'role': |'shops', 'snapshot", "role");
	REFUSED("'words': '../tests/data/words.json'", "'words': |'../tests/data/none.json'",
	    "cannot be read");
}

static void test_refuse_own_store(void)
{
	CHECK(loads("'tenant': 'demo',", "'tenant': 'demo', 'store': 'sqlite:run/scrim.db',"));
	REFUSED("'collect': {\n    'feed': 'unix:run/feed.sock', 'store': ",
	    "'store': 'sqlite:run/collect.db', 'collect': {\n    'feed': 'unix:run/feed.sock', "
	    "'store': |",
	    "has one of its own");
}

static void test_refuse_purposes(void)
{
	REFUSED("'purpose': 'analytics'", "'purpose': |'delivery'", "there it is analytics");
	REFUSED("'purpose': 'analytics'", "'purpose': |'analysis'", "purpose");
}

static void test_refuse_sites(void)
{
	REFUSED("'name': 'ios'", "'name': |'web'", "the same 'name'");
	REFUSED("'wk_ios_0001'", "'wk_web_0001'", "same write_key");
	REFUSED("{ 'name': 'erp', 'principal': 'oms', ", "|{ 'name': 'erp', ",
	    "either 'write_key'");
	REFUSED("{ 'name': 'erp', 'principal': 'oms', ",
	    "|{ 'name': 'erp', 'principal': 'oms', 'write_key': 'wk_erp_0001', ",
	    "either 'write_key'");
	REFUSED("'principal': 'oms'", "'principal': |'shop'", "no principal shop");
	REFUSED("'principal': 'oms', ", "'principal': 'oms', 'origins': |['https://a.example'], ",
	    "a back end has none");
	REFUSED("'principal': 'oms', ", "'principal': 'oms', 'app': |false, ", "a site with a");
	REFUSED("{ 'name': 'web', 'write_key': 'wk_web_0001', 'origins': ['https://shop.example', "
		"'http://127.0.0.1:8080'],",
	    "|{ 'name': 'web', 'write_key': 'wk_web_0001',", "pages need 'origins'");
	REFUSED("'wk_web_0001'", "|'wk web 0001'", "letters, digits");
	REFUSED("'wk_web_0001'", "|'wk_1234'", "8 to 64");
	CHECK(loads("'wk_web_0001'", "'wk_12345'"));
	REFUSED("'https://shop.example'", "|'https://shop.example/'", "without a path");
	REFUSED("'https://shop.example'", "|'https://Shop.example'", "small letters");
	REFUSED("'https://shop.example'", "|'http://shop.example'", "begin with https");
	REFUSED("'https://shop.example'", "|'null'", "https://HOST");
	REFUSED("'events': ['page', 'product', 'purchase']", "'events': ['page', |'pages']",
	    "kind of event");
	REFUSED("'per_minute': 600", "'per_minute': |0", "from 1 to");
	REFUSED("'Asia/Shanghai'", "|'Asia/Shangai'", "no time zone of that name");
	REFUSED("'Asia/Shanghai'", "|'../zoneinfo/Asia/Shanghai'", "no time zone of that name");
	REFUSED("'-03:30'", "|'-3:30'", "no time zone of that name");
}

static void test_two_of_one_principal(void)
{
	REFUSED("'zone': 'UTC' }",
	    "'zone': 'UTC' }, { 'name': 'erp2', 'principal': |'oms', "
	    "'events': '*', 'zone': 'UTC' }",
	    "same principal as number 3");
}

static void test_refuse_maps(void)
{
	REFUSED("'sign_in': 'login'", "'sign_in': |'logins'", "kind of event");
	REFUSED("'/c/': 'list'", "'/c/': |'lists'", "page of the words");
	REFUSED("'google.': 'search'", "'google.': |'tea'", "channel of the words");
	REFUSED("'gift': 'gifts'", "'gift': |'gift'", "query of the words");
	REFUSED("'Analytics': 'analytics'", "'Analytics': |'delivery'", "purpose of the words");
	REFUSED("'gift': 'gifts'", "|'': 'gifts'", "1 to 128 bytes");
	REFUSED("'queries': { 'gift': 'gifts' }", "'queries': |{ }", "1 to 256 members");
	REFUSED("'queries': { 'gift': 'gifts' }", "'queries': |[]", "1 to 256 members");
	REFUSED("'city': 'region'", "'city': |'age'", "'birthday' tells this trait already");
	REFUSED("'city': 'region'", "'city': |'town'", "trait of the words");
	REFUSED("'honeypots': ['sku-trap']", "'honeypots': |[]", "list of 1 to 256");
}

static void test_refuse_orders(void)
{
	REFUSED("'route': 'checkout'", "'route': |'checkin'", "no route 'checkin'");
	REFUSED("'site': 'erp'", "'site': |'erp2'", "site");
	REFUSED("'order': '$.id'", "'order': |'$.no'",
	    "no rule of route 'checkout' has 'do': 'collect' at $.no");
	REFUSED("'customer': '$.buyer.id'", "'customer': |'$.buyer.phone'", "at $.buyer.phone");
	REFUSED("'order': '$.id', ", "'order': |'id', ", "JSONPath of a rule");
	REFUSED("'$.buyer.birthday': 'age' } } ]", "|'$.buyer.born': 'age' } } ]",
	    "at $.buyer.born");
	REFUSED("'status': '$.status', 'cancelled': ", "'cancelled': |", "words of 'status'");
	CHECK(loads("'status': '$.status', 'cancelled': ['void'],", ""));
}

static void test_refuse_rules(void)
{
	REFUSED("'awake': 'off'", "|'asleep': 'off'", "rule");
	REFUSED("'awake': 'off'", "'awake': |'on'", "be 'off' or");
	REFUSED("{ 'threshold': 9 }", "{ 'threshold': |0 }", "from 1 to 1000000");
	REFUSED("{ 'threshold': 9 }", "|{ }", "'threshold' is missing");
	REFUSED("'awake': 'off'", "|'same_id': 'off'", "rule");
}

static void test_schema(void)
{
	schema_agrees("docs/words.schema.json", &feed_words_shape);
}

int main(void)
{
	if (!read_text("tests/data/collect.json", good, sizeof(good)))
		return 1;
	RUN(test_section, "the section comes out as written");
	RUN(test_usual, "what nobody said is as documented");
	RUN(test_sites, "sites come out as written, their zones loaded");
	RUN(test_maps, "names become numbers of the words, the longest first");
	RUN(test_orders, "an order's row names paths that its route collects");
	RUN(test_hash, "a change of the section is known, one elsewhere is not");
	RUN(test_refuse_section, "a section that nothing could stand on is refused");
	RUN(test_refuse_own_store, "two stores are never one file");
	RUN(test_refuse_purposes, "a purpose that is not asked for is refused");
	RUN(test_refuse_sites, "a site that nobody, or anybody, could send as is refused");
	RUN(test_two_of_one_principal, "two sites of one principal are refused");
	RUN(test_refuse_maps, "a word that is none is refused");
	RUN(test_refuse_orders, "a path that nobody collects is refused");
	RUN(test_refuse_rules, "a rule that is none, or may not be off, is refused");
	RUN(test_schema, "docs/words.schema.json has the keys that are read, and no other");
	return tap_done();
}
