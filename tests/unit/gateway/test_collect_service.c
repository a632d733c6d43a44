/*
 * test_collect_service.c - what becomes of what was sent: each fate, the frames that go on,
 * what keyd is asked, and what stands when something is away.
 */
#include "policy/words/class.h"

#include "collect_stage.h"

#include <arpa/inet.h>

static struct feed_frame last;

/* ---- pages ---------------------------------------------------------------------------- */

static void test_page(void)
{
	struct collect_handle dev = who_is(KEYC_DEVICE, "dev-1");

	stage_fresh();
	batch_begin(APP);
	put(FEED_PAGE, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	put(FEED_PAGE, "m-2", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK);
	CHECK(keyd.calls == 1 && keyd.n == 1 && keyd.items[0].flags == KEYC_DEVICE &&
	    keyd.items[0].class_id == CLASS_CUSTOMER_ID &&
	    sc_span_is(keyd.items[0].value, "dev-1"));
	CHECK(sent.fate[0] == COLLECT_IN && sent.fate[1] == COLLECT_IN && sent.why[0] == 0);
	CHECK(count_of(FEED_EVENT, &last) == 2 && last.u.event.device == dev.pseudonym &&
	    last.u.event.person == 0 && last.u.event.kind == FEED_PAGE &&
	    last.u.event.product != 0 && last.u.event.at_ms == STAGE_NOW - 1002);
	CHECK(last.u.event.id == collect_event_id(service, APP, sc_span_str("m-2")));
	/* its grant, as of the earliest event that it was believed for */
	CHECK(count_of(FEED_CONSENT, &last) == 1 && last.u.consent.who == dev.pseudonym &&
	    last.u.consent.version == STAGE_TEXT && last.u.consent.kind == FEED_DEVICE &&
	    last.u.consent.word == FEED_GRANT && !last.u.consent.verified &&
	    last.u.consent.purpose == 1 && last.u.consent.at_ms == STAGE_NOW - 1001);
	CHECK(service->stats.taken == 2 && service->stats.in == 2);
}

static void test_remembered(void)
{
	stage_fresh();
	for (unsigned i = 0; i < 3; i++) {
		batch_begin(APP);
		put(FEED_PAGE,
		    i == 0     ? "m-1" :
			i == 1 ? "m-2" :
				 "m-3",
		    "dev-1", NULL)
		    ->consent_version = STAGE_TEXT;
		keyd.policy[0] = i == 2;
		CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
		CHECK(keyd.calls == (i < 2 ? 1 : 2)); /* under another policy it is asked again */
	}
	CHECK(count_of(FEED_CONSENT, NULL) == 2);
}

static void test_grant_anew(void)
{
	stage_fresh();
	for (uint32_t v = STAGE_TEXT; v < STAGE_TEXT + 2; v++) {
		batch_begin(APP);
		put(FEED_PAGE, v == STAGE_TEXT ? "m-1" : "m-2", "dev-1", NULL)->consent_version = v;
		CHECK(batch_send() == SC_OK);
		CHECK(count_of(FEED_CONSENT, &last) == v - STAGE_TEXT + 1 &&
		    last.u.consent.version == v);
	}
}

static void test_unwanted(void)
{
	stage_fresh();
	batch_begin(APP);
	put(FEED_PRODUCT, "m-1", "dev-1", NULL);
	put(FEED_PRODUCT, "m-2", "dev-1", NULL)->consent_version = STAGE_TEXT - 1;
	put(FEED_PRODUCT, "m-3", NULL, NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK);
	for (size_t i = 0; i < 3; i++)
		CHECK(sent.fate[i] == COLLECT_REFUSED && sent.why[i] == FEED_NO_CONSENT);
	CHECK(count_of(FEED_EVENT, NULL) == 0 && count_of(FEED_CONSENT, NULL) == 0);
	/* told in numbers, with the answer */
	CHECK(count_of(FEED_COUNT, &last) == 1 && last.u.count.n == 3 &&
	    last.u.count.reason == FEED_NO_CONSENT && last.u.count.kind == FEED_PRODUCT);
	CHECK(service->stats.refused[FEED_NO_CONSENT] == 3 && service->stats.in == 0);
	CHECK(service->stats.traffic.seen == 0);
}

static void test_browser_says_no(void)
{
	stage_fresh();
	batch_begin(APP);
	sent.b.visit.says_no = true;
	put(FEED_PRODUCT, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_NO_CONSENT);
}

static void test_form(void)
{
	stage_fresh();
	batch_begin(APP);
	put(FEED_PRODUCT, "m-1", "dev-1", NULL)->refused = FEED_UNDECLARED;
	CHECK(batch_send() == SC_OK && keyd.calls == 0);
	CHECK(sent.fate[0] == COLLECT_REFUSED && sent.why[0] == FEED_UNDECLARED);
	CHECK(count_of(FEED_COUNT, &last) == 1 && last.u.count.reason == FEED_UNDECLARED);
}

static void test_twice(void)
{
	struct feed_frame first;

	stage_fresh();
	for (unsigned i = 0; i < 2; i++) {
		batch_begin(APP);
		put(FEED_PRODUCT, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
		CHECK(batch_send() == SC_OK);
		CHECK(sent.fate[0] == (i == 0 ? COLLECT_IN : COLLECT_TWICE));
		/* whether the log has it is the log's to say */
		CHECK(count_of(FEED_EVENT, i == 0 ? &first : &last) == i + 1);
	}
	CHECK(memcmp(&first.u.event, &last.u.event, sizeof(first.u.event)) == 0);
	CHECK(service->stats.in == 1);
	/* the same content under another id is refused */
	batch_begin(APP);
	put(FEED_PRODUCT, "m-other", "dev-1", NULL)->consent_version = STAGE_TEXT;
	sent.taken[0].product = sc_span_str("m-1");
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_TWICE &&
	    sent.why[0] == FEED_SAME_CONTENT);
	CHECK(count_of(FEED_EVENT, NULL) == 2);
}

static void test_robot(void)
{
	stage_fresh();
	batch_begin(WEB);
	put(FEED_PRODUCT, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	sent.taken[0].webdriver = true;
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_REFUSED &&
	    sent.why[0] == FEED_WEBDRIVER);
	batch_begin(WEB);
	sent.b.visit.agent.hints_due = sent.b.visit.tls = true;
	put(FEED_PRODUCT, "m-2", "dev-2", NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_SET_ASIDE &&
	    sent.why[0] == FEED_NO_HINTS);
	CHECK(count_of(FEED_VERDICT, &last) == 1 && last.u.verdict.action == FEED_QUARANTINE &&
	    last.u.verdict.event == collect_event_id(service, WEB, sc_span_str("m-2")));
	CHECK(service->stats.set_aside == 1 && service->stats.in == 0);
}

static void say_no(const char *device, uint8_t word)
{
	struct collect_taken *t = put(0, "w", device, NULL);

	t->what = COLLECT_A_WORD;
	t->word = word;
}

static void test_word(void)
{
	stage_fresh();
	batch_begin(APP);
	say_no("dev-1", FEED_WITHDRAW);
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
	CHECK(count_of(FEED_CONSENT, &last) == 1 && last.u.consent.word == FEED_WITHDRAW &&
	    last.u.consent.who == who_is(KEYC_DEVICE, "dev-1").pseudonym &&
	    last.u.consent.at_ms >= STAGE_NOW && last.u.consent.kind == FEED_DEVICE);
	/* said again it is no news; said by nobody, nothing */
	batch_begin(APP);
	say_no("dev-1", FEED_WITHDRAW);
	say_no(NULL, FEED_REFUSE);
	say_no("dev-2", FEED_GRANT);
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_TWICE && sent.fate[2] == COLLECT_IN);
	CHECK(sent.why[1] == FEED_BAD_FORM);
	CHECK(count_of(FEED_CONSENT, NULL) == 1);
}

static void test_word_again_waits(void)
{
	uint64_t before;

	stage_fresh();
	for (unsigned i = 0; i < 3; i++) {
		before = service->put;
		batch_begin(APP);
		say_no("dev-1", FEED_WITHDRAW);
		CHECK(
		    batch_send() == SC_OK && sent.fate[0] == (i == 0 ? COLLECT_IN : COLLECT_TWICE));
		CHECK(service->put == before + 1);
	}
	CHECK(count_of(FEED_CONSENT, NULL) == 1 && count_of(FEED_COUNT, &last) == 2);
	CHECK(last.u.count.reason == FEED_SAME_CONTENT && last.u.count.kind == 0);
}

static void test_word_tells_grant_anew(void)
{
	stage_fresh();
	for (unsigned i = 0; i < 2; i++) {
		batch_begin(APP);
		put(FEED_PAGE, i == 0 ? "m-1" : "m-2", "dev-1", NULL)->consent_version = STAGE_TEXT;
		say_no("dev-1", FEED_REFUSE);
		CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
	}
	/* grant, no, grant; the second no says nothing new */
	CHECK(count_of(FEED_CONSENT, NULL) >= 3);
}

static void test_words_have_a_ceiling(void)
{
	static const char *const devices[] = { "d-1", "d-2", "d-3", "d-4" };

	stage_fresh();
	batch_begin(WEB);
	for (size_t i = 0; i < 4; i++)
		say_no(devices[i], FEED_WITHDRAW);
	CHECK(batch_send() == SC_OK);
	CHECK(sent.fate[2] == COLLECT_IN && sent.why[3] == FEED_OVER_CEILING);
	CHECK(count_of(FEED_CONSENT, NULL) == 3);
	/* a minute later there is room again */
	batch_begin(WEB);
	sent.b.visit.received_ms += 60000;
	say_no("d-4", FEED_WITHDRAW);
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
}

/* ---- back ends ----------------------------------------------------------------------------- */

static bool said_done;
static enum sc_err said_err;
static void on_said(struct collect_said *said, enum sc_err err)
{
	(void)said;
	said_done = true;
	said_err = err;
}

static struct collect_said saying;
static bool grant(const char *account)
{
	said_done = false;
	memset(&saying, 0, sizeof(saying));
	saying.done = on_said;
	saying.write.said = (struct consent_said){ .who = who_is(KEYC_ACCOUNT, account),
		.word = { .at_ms = STAGE_NOW - 5000,
		    .version = STAGE_TEXT,
		    .kind = FEED_PERSON,
		    .purpose = 1,
		    .word = FEED_GRANT,
		    .verified = true },
		.source = { "web" },
		.method = { "box" } };
	saying.write.said.word.who = saying.write.said.who.pseudonym;
	if (collect_say(service, stage_worker, &saying) != SC_OK)
		return false;
	while (!said_done && turn())
		continue;
	return said_done && said_err == SC_OK;
}

static void test_account(void)
{
	struct collect_handle who = who_is(KEYC_ACCOUNT, "u-1");

	stage_fresh();
	CHECK(grant("u-1"));
	CHECK(count_of(FEED_CONSENT, &last) == 1 && last.u.consent.who == who.pseudonym &&
	    last.u.consent.verified && last.u.consent.kind == FEED_PERSON);
	batch_begin(ERP);
	put(FEED_PRODUCT, "m-1", NULL, "u-1");
	put(FEED_PRODUCT, "m-2", NULL, "u-2");
	CHECK(batch_send() == SC_OK);
	CHECK(sent.fate[0] == COLLECT_IN && sent.why[1] == FEED_NO_CONSENT);
	CHECK(count_of(FEED_EVENT, &last) == 1 && last.u.event.person == who.pseudonym &&
	    last.u.event.device == 0);
	/* a page's word on whose account it is goes nowhere */
	batch_begin(APP);
	put(FEED_PRODUCT, "m-3", "dev-1", "u-1")->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK && keyd.n == 1 && keyd.items[0].flags == KEYC_DEVICE);
	CHECK(count_of(FEED_EVENT, &last) == 2 && last.u.event.person == 0);
	CHECK(collect_granted(service, who.handle) != 0);
}

static void test_orders_are_one(void)
{
	uint64_t ids[3];

	stage_fresh();
	CHECK(grant("u-1"));
	batch_begin(ERP);
	for (uint16_t i = 0; i < 3; i++) {
		struct collect_taken *t =
		    put(i == 0 ? FEED_PURCHASE : FEED_ITEM, "m-1", NULL, "u-1");

		t->order = sc_span_str("O-1");
		t->line = i;
	}
	CHECK(batch_send() == SC_OK);
	read_spool();
	for (size_t i = 0, n = 0; i < n_spooled && n < 3; i++)
		if (spooled[i].type == FEED_EVENT)
			ids[n++] = spooled[i].u.event.id;
	CHECK(ids[0] != ids[1] && ids[1] != ids[2]);
	CHECK(ids[0] == door_order(&service->keys, sc_span_str("O-1"), FEED_PURCHASE, 0));
	CHECK(ids[2] == door_order(&service->keys, sc_span_str("O-1"), FEED_ITEM, 2));
	/* a page's word of that order has a number of its own, and does not forestall it */
	batch_begin(APP);
	put(FEED_PURCHASE, "p-1", "dev-1", NULL)->order = sc_span_str("O-1");
	sent.taken[0].consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK);
	CHECK(sent.fate[0] != COLLECT_TWICE);
}

static void test_unwanted_order_is_known(void)
{
	stage_fresh();
	batch_begin(ERP);
	put(FEED_PURCHASE, "m-1", NULL, "u-1")->order = sc_span_str("O-1");
	put(FEED_ITEM, "m-1", NULL, "u-1")->order = sc_span_str("O-1");
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_NO_CONSENT);
	/* that there was one is all that the rules hear */
	CHECK(count_of(FEED_EVENT, NULL) == 0);
	traffic_count(service->traffic, &service->stats.traffic);
	CHECK(service->stats.traffic.seen == 1);
}

static void test_link(void)
{
	struct collect_taken *t;

	stage_fresh();
	for (unsigned i = 0; i < 2; i++) {
		batch_begin(ERP);
		t = put(0, "m-1", "dev-1", "u-1");
		t->what = COLLECT_A_LINK;
		t->event.at_ms = STAGE_NOW - 7000 + i;
		CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
		CHECK(count_of(FEED_LINK, &last) == 1);
	}
	CHECK(last.u.link.device == who_is(KEYC_DEVICE, "dev-1").pseudonym &&
	    last.u.link.person == who_is(KEYC_ACCOUNT, "u-1").pseudonym &&
	    last.u.link.from_ms == STAGE_NOW - 7000 && last.u.link.to_ms == 0);
	/* its account did not consent: a device's own yes is not enough any more */
	batch_begin(APP);
	put(FEED_PAGE, "p-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_NO_CONSENT);
	/* nobody but a back end links */
	batch_begin(APP);
	put(0, "m-2", "dev-2", "u-2")->what = COLLECT_A_LINK;
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_BAD_FORM);
	batch_begin(ERP);
	put(0, "m-3", NULL, "u-2")->what = COLLECT_A_LINK;
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_BAD_FORM);
}

static void test_traits(void)
{
	struct collect_taken *t;

	stage_fresh();
	CHECK(grant("u-1"));
	batch_begin(ERP);
	for (unsigned i = 0; i < 2; i++) {
		t = put(0, "m-1", NULL, i == 0 ? "u-1" : "u-2");
		t->what = COLLECT_TRAITS;
		t->traits[0] = (struct collect_trait){ 1, 2 };
		t->n_traits = 1;
	}
	put(0, "m-2", "dev-1", NULL)->what = COLLECT_TRAITS;
	CHECK(batch_send() == SC_OK);
	CHECK(sent.fate[0] == COLLECT_IN && sent.why[1] == FEED_NO_CONSENT &&
	    sent.why[2] == FEED_BAD_FORM);
	CHECK(count_of(FEED_ATTRIBUTE, &last) == 1 && last.u.attribute.attribute == 1 &&
	    last.u.attribute.value == 2 && last.u.attribute.at_ms == STAGE_NOW - 1001 &&
	    last.u.attribute.person == who_is(KEYC_ACCOUNT, "u-1").pseudonym);
}

static void test_back_ends_words(void)
{
	struct collect_taken *t;

	stage_fresh();
	CHECK(grant("u-1"));
	batch_begin(ERP);
	t = put(0, "w-1", NULL, "u-1");
	t->what = COLLECT_A_WORD;
	t->word = FEED_WITHDRAW;
	t = put(0, "w-2", NULL, "u-2");
	t->what = COLLECT_A_WORD;
	t->word = FEED_GRANT; /* which needs what proves it */
	put(FEED_PRODUCT, "m-1", NULL, "u-1");
	CHECK(batch_send() == SC_OK);
	CHECK(sent.fate[0] == COLLECT_IN && sent.why[1] == FEED_BAD_FORM &&
	    sent.why[2] == FEED_NO_CONSENT);
	CHECK(count_of(FEED_CONSENT, &last) == 2 && last.u.consent.verified &&
	    last.u.consent.kind == FEED_PERSON && last.u.consent.word == FEED_WITHDRAW);
}

/* ---- erased --------------------------------------------------------------------------------- */

static void on_erased(struct collect_erasing *e, enum sc_err err)
{
	(void)e;
	said_done = true;
	said_err = err;
}

static void test_erased(void)
{
	static struct collect_erasing e;
	struct collect_handle who = who_is(KEYC_ACCOUNT, "u-1");

	stage_fresh();
	CHECK(grant("u-1"));
	batch_begin(ERP);
	put(FEED_PRODUCT, "m-1", NULL, "u-1");
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN && keyd.calls == 1);
	said_done = false;
	e = (struct collect_erasing){ .done = on_erased, .write.person = who };
	CHECK(collect_erase(service, stage_worker, &e) == SC_OK);
	while (!said_done && turn())
		continue;
	CHECK(said_done && said_err == SC_OK);
	CHECK(count_of(FEED_ERASE, &last) == 1 && last.u.erase.who == who.pseudonym &&
	    last.u.erase.kind == FEED_PERSON);
	batch_begin(ERP);
	put(FEED_PRODUCT, "m-2", NULL, "u-1");
	CHECK(batch_send() == SC_OK && sent.why[0] == FEED_NO_CONSENT);
	CHECK(keyd.calls == 2); /* nothing of them is remembered */
}

/* ---- away --------------------------------------------------------------------------------------- */

static void test_keyd_away(void)
{
	stage_fresh();
	keyd.away = true;
	batch_begin(APP);
	put(FEED_PAGE, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(batch_send() == SC_AGAIN && sent.done == 0);
	keyd.away = false;
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	keyd_answers(SC_AGAIN, WIRE_OK);
	CHECK(turn() && sent.done == 1 && sent.err == SC_AGAIN);
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	keyd_answers(SC_STALE, WIRE_OK);
	CHECK(turn() && sent.done == 2 && sent.err == SC_AGAIN);
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	keyd_answers(SC_AUTH, WIRE_OK);
	CHECK(turn() && sent.done == 3 && sent.err == SC_AUTH);
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	keyd_answers(SC_OK, WIRE_DENIED);
	CHECK(turn() && sent.done == 4 && sent.err == SC_AUTH);
	/* nothing was taken meanwhile: it is heard as if for the first time */
	sent.done = 0;
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
}

static void test_nameless(void)
{
	stage_fresh();
	batch_begin(APP);
	put(FEED_PAGE, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	keyd_answers(SC_OK, WIRE_BAD_VALUE);
	CHECK(turn() && sent.err == SC_OK && sent.why[0] == FEED_NO_CONSENT);
}

static void test_given_up(void)
{
	stage_fresh();
	batch_begin(APP);
	put(FEED_PAGE, "m-1", "dev-1", NULL)->consent_version = STAGE_TEXT;
	CHECK(collect_take_in(service, stage_worker, &sent.b) == SC_OK);
	CHECK(collect_give_up(&sent.b) && keyd.cancelled && sent.done == 0);
	CHECK(count_of(FEED_EVENT, NULL) == 0);
	/* and once it is judged it is too late */
	CHECK(batch_send() == SC_OK && !collect_give_up(&sent.b));
}

static void test_full(void)
{
	static char names[4096][12];
	enum sc_err err = SC_OK;
	size_t n = 0;

	stage_settings.spool_max = 0; /* the least there is */
	stage_fresh();
	stage_stop();
	stage_settings.spool_max = 65536;
	NEED(stage_start());
	while (err == SC_OK && n < 4096) {
		batch_begin(APP);
		snprintf(names[n], sizeof(names[n]), "m-%zu", n);
		put(FEED_PRODUCT, names[n++], "dev-1", NULL)->consent_version = STAGE_TEXT;
		err = batch_send();
	}
	CHECK(err == SC_LIMIT);
	/* it was not judged, so that it is no repetition later */
	traffic_count(service->traffic, &service->stats.traffic);
	CHECK(service->stats.traffic.seen == n - 1);
	/* a no finds room all the same */
	batch_begin(APP);
	say_no("dev-1", FEED_WITHDRAW);
	CHECK(batch_send() == SC_OK && sent.fate[0] == COLLECT_IN);
}

static void test_starts_anew(void)
{
	uint64_t id, order;
	uint32_t product;
	uint8_t tag[DOOR_KEY_BYTES];

	stage_fresh();
	id = collect_event_id(service, APP, sc_span_str("m-1"));
	order = door_order(&service->keys, sc_span_str("O-1"), FEED_PURCHASE, 0);
	product = door_product(&service->keys, sc_span_str("sku-1"));
	memcpy(tag, service->keys.tag, sizeof(tag));
	stage_stop();
	NEED(stage_start());
	CHECK(id == collect_event_id(service, APP, sc_span_str("m-1")));
	CHECK(order == door_order(&service->keys, sc_span_str("O-1"), FEED_PURCHASE, 0));
	CHECK(product == door_product(&service->keys, sc_span_str("sku-1")));
	CHECK(memcmp(tag, service->keys.tag, sizeof(tag)) == 0);
	CHECK(id != collect_event_id(service, WEB, sc_span_str("m-1")));
	CHECK(id != door_message(&service->keys, APP, sc_span_str("m-1"), 1));
	CHECK(order != door_order(&service->keys, sc_span_str("O-1"), FEED_REFUND, 0));
	CHECK(order != door_order(&service->keys, sc_span_str("O-1"), FEED_PURCHASE, 1));
}

static void test_tag_keys(void)
{
	struct door_keys one, two;
	const uint64_t now = 1795687205, days = (uint64_t)DOOR_TAG_DAYS * 86400;

	stage_fresh();
	CHECK(door_keys_load(&one, service->store, "other", now) == SC_OK && one.tag_from_s == now);
	CHECK(door_keys_load(&two, service->store, "other", now + days - 1) == SC_OK);
	CHECK(two.tag_from_s == now && memcmp(one.tag, two.tag, DOOR_KEY_BYTES) == 0);
	CHECK(door_keys_load(&two, service->store, "other", now + days) == SC_OK);
	CHECK(two.tag_from_s == now + days && memcmp(one.tag, two.tag, DOOR_KEY_BYTES) != 0);
	CHECK(memcmp(one.event, two.event, DOOR_KEY_BYTES) == 0);
	CHECK(memcmp(one.event, one.tag, DOOR_KEY_BYTES) != 0);
	door_tap_key(&one, two.event);
	CHECK(memcmp(two.event, one.tag, DOOR_KEY_BYTES) != 0);
}

/* ---- where from ------------------------------------------------------------------------------- */

static uint64_t from(const char *address)
{
	struct sockaddr_storage s;
	struct collect_visit v = { .datacentre = true };
	struct in6_addr six;
	struct in_addr four;
	uint64_t tag;

	memset(&s, 0, sizeof(s));
	if (inet_pton(AF_INET, address, &four) == 1) {
		s.ss_family = AF_INET;
		memcpy((uint8_t *)&s + offsetof(struct sockaddr_in, sin_addr), &four, sizeof(four));
	} else if (inet_pton(AF_INET6, address, &six) == 1) {
		s.ss_family = AF_INET6;
		memcpy((uint8_t *)&s + offsetof(struct sockaddr_in6, sin6_addr), &six, sizeof(six));
	} else {
		s.ss_family = AF_UNIX;
	}
	tag = collect_sender(service, &s, &v);
	CHECK(!v.datacentre);
	return tag;
}

static void test_networks(void)
{
	static const char *const ours[] = { "10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.9.9", "169.254.1.1", "100.64.0.1", "100.127.0.1", "::1", "fc00::1",
		"fdff::1", "fe80::1", "febf::1", "::ffff:10.0.0.1", "unix" };
	static const char *const theirs[] = { "11.1.2.3", "128.0.0.1", "172.15.0.1", "172.32.0.1",
		"192.169.9.9", "169.253.1.1", "100.63.0.1", "100.128.0.1", "::2", "fb00::1",
		"fe7f::1", "fec0::1", "203.0.113.9", "2001:db8::1" };

	stage_fresh();
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		CHECK(from(ours[i]) == 0);
	for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		CHECK(from(theirs[i]) != 0);
	CHECK(from("203.0.113.9") == from("203.0.113.250"));
	CHECK(from("203.0.113.9") != from("203.0.112.9"));
	CHECK(from("203.0.113.9") == from("::ffff:203.0.113.7"));
	CHECK(from("2001:db8:1::1") == from("2001:db8:1:ffff::1"));
	CHECK(from("2001:db8:1::1") != from("2001:db8:2::1"));
}

int main(void)
{
	RUN(test_page, "a page's events go on, with its grant and without its account");
	RUN(test_remembered, "an identifier is asked for once, and anew under another policy");
	RUN(test_grant_anew, "a grant of another text is told too");
	RUN(test_unwanted, "who did not consent is counted, and nothing else");
	RUN(test_browser_says_no, "what the browser says goes before the page's yes");
	RUN(test_form, "nobody is asked for of what has not the form");
	RUN(test_twice, "what comes again is for the log to judge; the same content is refused");
	RUN(test_robot, "robots are refused, and who may be one is set aside with the verdict");
	RUN(test_word, "a page's no is told at once, and once");
	RUN(test_word_again_waits, "a no that was said before is waited for as long as a new one");
	RUN(test_word_tells_grant_anew, "a yes after a no is told again");
	RUN(test_words_have_a_ceiling, "a page cannot say no without end");
	RUN(test_account, "an account is a back end's to say");
	RUN(test_orders_are_one, "an order has one number, which no page can take");
	RUN(test_unwanted_order_is_known,
	    "of an order that nobody wants collected the number is known");
	RUN(test_link, "a link is told once, and binds the device to its account's word");
	RUN(test_traits, "traits go on where their person consented");
	RUN(test_back_ends_words, "a back end's no is verified, its yes goes elsewhere");
	RUN(test_erased, "who is erased is forgotten here and told there");
	RUN(test_keyd_away, "without keyd nothing is taken, and nothing remembered");
	RUN(test_nameless, "what keyd has no name for is nobody's");
	RUN(test_given_up, "a batch is given up until it is judged");
	RUN(test_full, "what finds no room is not judged; a no finds room");
	RUN(test_starts_anew, "numbers are the same after a start");
	RUN(test_tag_keys, "tags have a new key every fifteen days");
	RUN(test_networks, "a sender is a network, and a proxy of ours is none");
	stage_end();
	return tap_done();
}
