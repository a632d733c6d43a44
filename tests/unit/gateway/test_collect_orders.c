/*
 * test_collect_orders.c - orders that the tap heard: what is made of their fields, and that
 * none is lost while keyd is away.
 */
#include "collect_stage.h"

#include "gateway/collect/orders.h"

static struct tap_field fields[64];
static uint32_t n_fields;
static struct order_read read_;

/* The gateway's loop has no clock here: what is set is gone off by hand. */
static struct loop_timer *timer_set;
void loop_timer_init(struct loop_timer *t, void (*on_due)(struct loop_timer *t))
{
	t->on_due = on_due;
	t->due_ms = 0;
}
void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t delay_ms)
{
	(void)l;
	CHECK(delay_ms == ORDERS_AGAIN_MS);
	t->due_ms = 1;
	timer_set = t;
}
void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	(void)l;
	t->due_ms = 0;
	timer_set = NULL;
}

struct generation *generation_hold(struct generation *g)
{
	return g;
}
void generation_release(struct generation *g)
{
	(void)g;
}

static void told_kind(const char *at, const char *text, uint32_t record, uint8_t kind)
{
	fields[n_fields++] = (struct tap_field){ .at = sc_span_str(at),
		.text = sc_span_str(text),
		.kind = kind,
		.record = record };
}

static void told(const char *at, const char *text, uint32_t record)
{
	told_kind(at, text, record, 0);
}

static const struct tap_body *body(void)
{
	static struct tap_body b;

	b = (struct tap_body){ .route = { "orders" },
		.at_ms = STAGE_NOW,
		.way = PLAN_STORE,
		.fields = fields,
		.n_fields = n_fields };
	return &b;
}

static void begin(void)
{
	n_fields = 0;
	told("$.id", "O-1", 0);
	told("$.buyer", "u-1", 0);
}

static bool reads(uint32_t record)
{
	sc_arena_fini(&read_.arena);
	memset(&read_, 0, sizeof(read_));
	return order_read(&stage_settings, &stage_order, body(), record, &read_);
}

static void test_order(void)
{
	const struct collect_taken *t;

	begin();
	told("$.total", "99.50", 0);
	told("$.at", "2026-11-26T09:59:00Z", 0);
	told("$.status", "paid", 0);
	told("$.items[*].sku", "sku-1", 0);
	told("$.items[*].category", "cups", 0);
	told("$.items[*].price", "12", 0);
	told("$.items[*].n", "2", 0);
	told("$.items[*].sku", "sku-2", 0);
	told("$.items[*].category", "other", 0);
	told("$.items[*].price", "3.49", 0);
	told("$.items[*].n", "300", 0);
	told("$.region", "south", 0);
	told_kind("$.address", "12345678", 0, TAP_TAG);
	NEED(reads(0) && read_.n == 4);
	t = read_.taken;
	CHECK(t[0].what == COLLECT_AN_EVENT && t[0].event.kind == FEED_PURCHASE && t[0].line == 0);
	CHECK(
	    t[0].event.price == 100 && t[0].event.shop == ERP && t[0].event.flags == FEED_VOUCHED);
	CHECK(t[0].event.at_ms == STAGE_NOW - 65000 && t[0].event.late_s == 65 &&
	    t[0].event.offset == 32 && t[0].raw_ms == t[0].event.at_ms);
	CHECK(sc_span_is(t[0].order, "O-1") && sc_span_is(t[0].account, "u-1") &&
	    t[0].account_vouched && t[0].product.n == 0 && t[0].inputs == 255);
	CHECK(t[1].event.kind == FEED_ITEM && t[1].line == 1 && sc_span_is(t[1].product, "sku-1") &&
	    t[1].event.price == 12 && t[1].event.quantity == 2 && t[1].event.category == 2);
	CHECK(t[2].line == 2 && sc_span_is(t[2].product, "sku-2") && t[2].event.price == 3 &&
	    t[2].event.quantity == 255 && t[2].event.category == 0);
	CHECK(sc_span_is(t[2].order, "O-1") && t[2].refused == 0);
	CHECK(t[3].what == COLLECT_TRAITS && t[3].n_traits == 1 && t[3].traits[0].attribute == 1 &&
	    t[3].traits[0].value == 2);
	CHECK(sc_span_is(read_.address, "12345678"));
}

static void test_less(void)
{
	begin();
	NEED(reads(0) && read_.n == 1);
	CHECK(read_.taken[0].event.at_ms == STAGE_NOW && read_.taken[0].event.late_s == 0 &&
	    read_.taken[0].event.price == 0);
	/* an address that no rule made a tag of is none of ours */
	told("$.address", "1 Street", 0);
	CHECK(reads(0) && read_.address.n == 0);
	/* traits of nobody */
	begin();
	n_fields = 1;
	told("$.region", "south", 0);
	CHECK(reads(0) && read_.n == 1 && !read_.taken[0].account_vouched);
	/* nor an order without its number */
	begin();
	fields[0].text = sc_span_str("");
	CHECK(!reads(0) && read_.taken == NULL);
	begin();
	CHECK(!reads(1));
}

static void test_lists_go_together(void)
{
	begin();
	told("$.items[*].sku", "sku-1", 0);
	told("$.items[*].sku", "sku-2", 0);
	told("$.items[*].price", "12", 0); /* of which? */
	told("$.items[*].n", "1", 0);
	told("$.items[*].n", "2", 0);
	NEED(reads(0) && read_.n == 3);
	CHECK(read_.taken[1].event.price == 0 && read_.taken[2].event.price == 0);
	CHECK(read_.taken[1].event.quantity == 1 && read_.taken[2].event.quantity == 2);
	begin();
	told("$.items[*].sku", "", 0);
	CHECK(reads(0) && read_.n == 2 && read_.taken[1].refused == FEED_BAD_FORM);
}

static void test_cancelled(void)
{
	begin();
	told("$.status", "void", 0);
	told("$.total", "5", 0);
	told("$.items[*].sku", "sku-1", 0);
	CHECK(reads(0) && read_.n == 1 && read_.taken[0].event.kind == FEED_REFUND &&
	    read_.taken[0].event.price == 5);
}

static void test_times(void)
{
	begin();
	told("$.at", "2026-11-26T10:00:06Z", 0); /* not yet */
	CHECK(reads(0) && read_.taken[0].event.at_ms == STAGE_NOW);
	begin();
	told("$.at", "yesterday", 0);
	CHECK(reads(0) && read_.taken[0].event.at_ms == STAGE_NOW);
	begin();
	told("$.at", "2026-11-23T10:00:04Z", 0);
	CHECK(reads(0) && read_.taken[0].event.flags == (FEED_VOUCHED | FEED_LATE));
	begin();
	told("$.at", "2026-11-23T10:00:05Z", 0);
	CHECK(reads(0) && read_.taken[0].event.flags == FEED_VOUCHED);
	begin();
	told("$.at", "2025-10-22T10:00:04Z", 0);
	CHECK(reads(0) && read_.taken[0].refused == FEED_TOO_OLD && read_.n == 1);
	begin();
	told("$.at", "2025-10-22T10:00:05Z", 0);
	CHECK(reads(0) && read_.taken[0].refused == 0);
}

static void test_undeclared(void)
{
	begin();
	told("$.items[*].sku", "sku-1", 0);
	stage_sites[ERP - 1].kinds = 1u << FEED_ITEM;
	CHECK(reads(0) && read_.n == 1 && read_.taken[0].refused == FEED_UNDECLARED);
	stage_sites[ERP - 1].kinds = 1u << FEED_PURCHASE;
	CHECK(reads(0) && read_.n == 1 && read_.taken[0].refused == 0);
	stage_sites[ERP - 1].kinds = ~0u;
}

/* ---- on their way ------------------------------------------------------------------------ */

static struct config config;
static struct generation generation;

static void stage_bind(void)
{
	stage_fresh();
	generation.config = &config;
	stage_worker->current = &generation;
	collect_service_bind(service, stage_worker);
	begin();
}

static uint64_t waiting(void)
{
	struct collect_stats s;

	collect_count(service, &s);
	return s.tap_waiting;
}

static void test_heard(void)
{
	stage_bind();
	told("$.id", "O-2", 1);
	told("$.buyer", "u-2", 1);
	told("$.buyer", "u-3", 2); /* no number: no order */
	collect_on_order(service, body());
	CHECK(service->stats.tap_orders == 2 && service->stats.tap_unreadable == 1);
	CHECK(waiting() == 2 && turn() && keyd.calls == 2);
	/* nobody came to the door: it asks for itself */
	CHECK(keyd.asking.principal == &config.node && keyd.asking.op == POLICY_WRITE);
}

static void test_other_bodies(void)
{
	struct tap_body b;

	stage_bind();
	b = *body();
	b.way = PLAN_READ;
	collect_on_order(service, &b);
	b.way = PLAN_STORE;
	b.route = (struct sc_name){ "others" };
	collect_on_order(service, &b);
	CHECK(service->stats.tap_orders == 0 && service->stats.tap_unreadable == 0);
}

static void test_waits(void)
{
	stage_bind();
	keyd.away = true;
	collect_on_order(service, body());
	CHECK(turn() && waiting() == 1 && timer_set != NULL);
	timer_set->due_ms = 0;
	timer_set->on_due(timer_set); /* still away */
	CHECK(waiting() == 1 && timer_set != NULL && keyd.calls == 0);
	keyd.away = false;
	timer_set->due_ms = 0;
	timer_set->on_due(timer_set);
	CHECK(keyd.calls == 1);
	keyd_answers(SC_AGAIN, WIRE_OK); /* and lost again */
	CHECK(turn() && waiting() == 1);
	timer_set->due_ms = 0;
	timer_set->on_due(timer_set);
	keyd_answers(SC_OK, WIRE_OK);
	while (waiting() == 1 && turn())
		continue;
	CHECK(waiting() == 0 && service->stats.tap_dropped == 0);
	CHECK(service->stats.refused[FEED_NO_CONSENT] == 1);
}

static void test_not_allowed(void)
{
	stage_bind();
	collect_on_order(service, body());
	CHECK(turn());
	keyd_answers(SC_OK, WIRE_DENIED);
	CHECK(turn() && waiting() == 0 && service->stats.tap_dropped == 1);
}

static void test_bound(void)
{
	stage_bind();
	keyd.away = true;
	for (unsigned i = 0; i <= ORDERS_WAITING_MAX; i++)
		collect_on_order(service, body());
	CHECK(waiting() == ORDERS_WAITING_MAX && service->stats.tap_dropped == 1);
	CHECK(service->stats.tap_orders == ORDERS_WAITING_MAX + 1);
	turn();
}

int main(void)
{
	stage_fresh();
	RUN(test_order, "an order is a purchase, its lines, and its buyer's traits");
	RUN(test_less, "what is not told is not there; an order without a number is none");
	RUN(test_lists_go_together,
	    "a list that has not as many as there are products is nobody's");
	RUN(test_cancelled, "a cancelled order is a refund");
	RUN(test_times, "times: not in the future, late after three days, too old after 400");
	RUN(test_undeclared, "what the site does not take is refused, or left out");
	RUN(test_heard, "each order of a body is heard, and asked for as its site");
	RUN(test_other_bodies, "answers, and other routes, are not");
	RUN(test_waits, "while keyd is away an order waits");
	RUN(test_not_allowed, "what the policy forbids does not wait for ever");
	RUN(test_bound, "what finds no room is counted");
	sc_arena_fini(&read_.arena);
	stage_end();
	return tap_done();
}
