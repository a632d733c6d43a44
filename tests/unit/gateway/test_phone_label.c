/*
 * test_phone_label.c - numbers for labels: what is asked of the service for a want,
 * and what its answer is to whoever wanted it.
 */
#include "gateway/phone/label.h"
#include "gateway/phone/service.h"
#include "tap.h"

#define NOW 1700000000u

/* ---- a service that writes down what it is asked ---- */

static struct phone_line lines[] = {
	{ .e164 = "+441632960001", .pool = 0 },
	{ .e164 = "+441632960002", .pool = 1 },
};
static struct phone_pool pools[] = {
	{ .name = { "labels" },
	    .mode = PHONE_AXE,
	    .ext_digits = 4,
	    .voice = true,
	    .sms = true,
	    .next = 1,
	    .ttl_s = 100,
	    .ttl_max_s = 1000,
	    .display = "{number}-{ext}" },
	{ .name = { "more" },
	    .mode = PHONE_AXE,
	    .ext_digits = 6,
	    .voice = true,
	    .next = PHONE_NO_POOL,
	    .ttl_s = 200,
	    .ttl_max_s = 1000,
	    .display = "{national} / {ext} ({masked})" },
	{ .name = { "alone" },
	    .mode = PHONE_AXN,
	    .sms = true,
	    .next = PHONE_NO_POOL,
	    .ttl_s = 300,
	    .ttl_max_s = 1000,
	    .display = "{number}" },
};
static struct phone_settings settings = { .home = "44",
	.pools = pools,
	.n_pools = 3,
	.lines = lines,
	.n_lines = 2 };

static struct {
	enum sc_err fail, err;
	size_t n;
	struct phone_want want[4];
	struct worker *worker;
	/* and what becomes of each */
	enum phone_bound got[4];
	struct phone_binding binding[4];
	uint64_t retry_at;
} asked;

const struct phone_settings *phone_settings_of(const struct phone_service *s)
{
	(void)s;
	return &settings;
}

uint16_t phone_pool_find(const struct phone_service *s, struct sc_span name)
{
	(void)s;
	for (uint16_t i = 0; i < settings.n_pools; i++)
		if (sc_span_is(name, pools[i].name.s))
			return i;
	return PHONE_NO_POOL;
}

uint64_t phone_now_s(const struct phone_service *s)
{
	(void)s;
	return NOW;
}

enum sc_err phone_bind(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_want *v, size_t n)
{
	asked.worker = w;
	asked.n = n;
	CHECK(n <= 4 && wr->service == s);
	if (asked.fail != SC_OK)
		return asked.fail;
	for (size_t i = 0; i < n; i++) {
		asked.want[i] = v[i];
		v[i].got = asked.got[i];
		v[i].binding = asked.binding[i];
		v[i].retry_at = asked.retry_at;
	}
	wr->done(wr, asked.err);
	return SC_OK;
}

/* ---- an ask ---- */

static struct worker_shared shared;
static struct worker worker = { .shared = &shared };
static int heard;
static enum sc_err heard_err;

static void on_done(struct label_ask *ask, enum sc_err err)
{
	(void)ask;
	heard++;
	heard_err = err;
}

static struct label_rule rule = { .pool = "labels", .ttl_s = 50 };
static struct label_want want[2];
static struct label_ask ask;

static enum sc_err bind_wants(size_t n)
{
	struct label_binder b;

	shared.phone = (struct phone_service *)&shared; /* never looked into */
	b = phone_label_binder(&worker);
	memset(want, 0, sizeof(want));
	for (size_t i = 0; i < n; i++)
		want[i] = (struct label_want){ .next = i + 1 < n ? &want[i + 1] : NULL,
			.rule = &rule,
			.order = SC_LIT("o1"),
			.subject = SC_LIT("c1"),
			.token = SC_LIT("sct1-x") };
	ask = (struct label_ask){ .wants = want, .n = n, .done = on_done };
	heard = 0;
	return b.bind(&b, &ask);
}

static const char *printed(const struct label_want *w)
{
	static char text[128];
	struct label_binder b = phone_label_binder(&worker);
	struct sc_buf out;

	sc_buf_init(&out, sizeof(text) - 1);
	CHECK(b.print(&b, w, sc_span_str("077****123"), &out) == SC_OK);
	snprintf(text, sizeof(text), "%.*s", SC_SPAN_ARG(sc_buf_span(&out)));
	sc_buf_fini(&out);
	return text;
}

static void reset(void)
{
	memset(&asked, 0, sizeof(asked));
	rule = (struct label_rule){ .pool = "labels", .ttl_s = 50 };
	pools[0].hotline = pools[1].hotline = NULL;
}

static void test_asked(void)
{
	const struct phone_want *w = &asked.want[0];

	reset();
	CHECK(bind_wants(2) == SC_OK && heard == 1 && heard_err == SC_OK);
	CHECK(asked.n == 2 && asked.worker == &worker);
	CHECK(w->pool == 0 && w->line == PHONE_NO_LINE && w->ext == PHONE_NO_EXT &&
	    w->region == NULL);
	CHECK(sc_span_is(w->order_ref, "o1") && sc_span_is(w->subject, "c1") &&
	    sc_span_is(w->a, "sct1-x") && w->b.n == 0 && w->key.n == 0);
	CHECK(w->expires_at == NOW + 50 && w->ttl_s == 50 && w->a_party == 0);
	CHECK(
	    w->directions == (PHONE_TO_A | PHONE_TO_B) && w->channels == (PHONE_VOICE | PHONE_SMS));
	/* the pool's own, where the rule says nothing */
	rule = (struct label_rule){ .pool = "alone" };
	CHECK(bind_wants(1) == SC_OK && w->pool == 2 && w->expires_at == NOW + 300);
	CHECK(w->channels == PHONE_SMS);
}

static void test_number(void)
{
	reset();
	asked.got[0] = PHONE_BOUND_NEW;
	asked.binding[0] = (struct phone_binding){ .line = 0, .ext = 42, .expires_at = NOW + 50 };
	/* of another pool of the ladder, with its own way of writing */
	asked.got[1] = PHONE_BOUND_SAME;
	asked.binding[1] =
	    (struct phone_binding){ .pool = 1, .line = 1, .ext = 4711, .expires_at = 9 };
	CHECK(bind_wants(2) == SC_OK);
	CHECK(want[0].got == LABEL_NUMBER && strcmp(want[0].number, "+441632960001") == 0);
	CHECK(strcmp(want[0].extension, "0042") == 0 && want[0].expires_at == NOW + 50);
	CHECK(strcmp(printed(&want[0]), "+441632960001-0042") == 0);
	CHECK(want[1].got == LABEL_NUMBER && strcmp(want[1].extension, "004711") == 0);
	CHECK(strcmp(printed(&want[1]), "01632960002 / 004711 (077****123)") == 0);
	/* as the rule says, where it says it */
	rule.display = "{ext}@{number} until {until}";
	CHECK(strcmp(printed(&want[0]), "0042@+441632960001 until 2023-11-14") == 0);
	/* a number without an extension */
	asked.binding[0].pool = 2;
	asked.binding[0].ext = PHONE_NO_EXT;
	rule = (struct label_rule){ .pool = "alone" };
	CHECK(bind_wants(1) == SC_OK && want[0].extension[0] == '\0');
	CHECK(strcmp(printed(&want[0]), "+441632960001") == 0);
	/* the longest extension there is */
	asked.binding[0].pool = 1;
	asked.binding[0].ext = 999999;
	CHECK(bind_wants(1) == SC_OK && strcmp(want[0].extension, "999999") == 0);
}

static void test_exhausted(void)
{
	static const enum phone_bound none[] = { PHONE_BOUND_EXHAUSTED, PHONE_BOUND_CONFLICT,
		PHONE_BOUND_TAKEN, PHONE_BOUND_KEY };

	for (size_t i = 0; i < 4; i++) {
		reset();
		asked.got[0] = none[i];
		asked.retry_at = NOW + 7;
		CHECK(
		    bind_wants(1) == SC_OK && want[0].got == LABEL_NONE && want[0].number == NULL);
		CHECK(want[0].retry_at == NOW + 7);
	}
	/* the first hotline of the ladder, and the order */
	pools[1].hotline = "+441632960901";
	CHECK(bind_wants(1) == SC_OK && want[0].got == LABEL_HOTLINE);
	CHECK(strcmp(printed(&want[0]), "+441632960901 o1") == 0 && want[0].extension[0] == '\0');
	pools[0].hotline = "+441632960900";
	CHECK(bind_wants(1) == SC_OK && strcmp(printed(&want[0]), "+441632960900 o1") == 0);
	/* of another ladder it is not */
	rule.pool = "alone";
	CHECK(bind_wants(1) == SC_OK && want[0].got == LABEL_NONE);
	rule.pool = "labels";
}

static void test_fails(void)
{
	reset();
	asked.fail = SC_LIMIT;
	CHECK(bind_wants(1) == SC_LIMIT && heard == 0);
	asked.fail = SC_OK;
	asked.err = SC_IO;
	asked.got[0] = PHONE_BOUND_NEW;
	CHECK(bind_wants(1) == SC_OK && heard == 1 && heard_err == SC_IO &&
	    want[0].got == LABEL_NONE);
	/* a reload has named a pool that the service does not have */
	rule.pool = "new";
	asked.n = 7;
	CHECK(bind_wants(1) == SC_IO && heard == 1 - 1 && asked.n == 7);
	shared.phone = NULL;
	CHECK(phone_label_binder(&worker).bind == NULL);
}

int main(void)
{
	RUN(test_asked, "a want is bound to its order, for as long as its rule says");
	RUN(test_number,
	    "a number comes with its extension's zeros, and as its own pool writes it");
	RUN(test_exhausted, "none left: the hotline and the order, or nothing, never a number");
	RUN(test_fails, "what is not durable is no number");
	return tap_done();
}
