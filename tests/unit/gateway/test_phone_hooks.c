/*
 * test_phone_hooks.c - events reach those who want them: signed, at least once,
 * whatever fails in between. The store is a real one, in which the test makes times
 * pass.
 */
#include "hooks_stage.h"

/* ---- what is told ---------------------------------------------------------------------- */

static void test_told(void)
{
	static const struct sc_name pool = { "labels" };
	const struct phone_binding b = { .id = { 0x1f, 0x81, 0xeb, 0x52 },
		.mode = PHONE_AXE,
		.ext = 471108,
		.a = SC_LIT("token"),
		.a_party = 77,
		.expires_at = 1800000000 };
	const struct phone_told t = { .event = PHONE_EVENT_CALL_ENDED,
		.binding = &b,
		.pool = &pool,
		.x = "+441632960001",
		.call = "0a0b",
		.cause = "normal",
		.seconds = 63 };
	const struct seen *s = &receiver.v[0];
	const char *data;

	begin();
	hook("shop", "/in/hooks/", ALL);
	NEED(up());
	hooks_tell(h, &t);
	NEED(run_seen(1) && run_counted(1, 0, 0));
	CHECK(s->signed_well && s->json && strcmp(s->path, "/in/hooks/") == 0);
	CHECK(strncmp(s->id, "msg_", 4) == 0 && strlen(s->id) == 36);
	CHECK(strncmp(s->body, "{\"type\":\"call.ended\",\"timestamp\":\"2", 35) == 0);
	NEED((data = strstr(s->body, ",\"data\":")) != NULL);
	CHECK(data[-1] == '"' && data[-2] == 'Z' && data[-6] == '.');
	CHECK(strcmp(data,
		  ",\"data\":{\"binding\":\"1f81eb52000000000000000000000000\",\"mode\":\"AXE\","
		  "\"expires_at\":1800000000,\"pool\":\"labels\",\"x\":\"+441632960001\","
		  "\"call\":\"0a0b\",\"cause\":\"normal\",\"seconds\":63}}") == 0);
	CHECK(stats().waiting == 0 && sql_number("SELECT count(*) FROM hook") == 0);
	hooks_tell(NULL, &t);
	down();
}

static void test_who_wants(void)
{
	begin();
	hook("all", "/all", ALL);
	hook("late", "/late", ONLY(PHONE_EVENT_CALL_LATE));
	NEED(up());
	tell(PHONE_EVENT_CALL_LATE);
	NEED(run_seen(2) && run_counted(2, 0, 0));
	CHECK(strcmp(receiver.v[0].id, receiver.v[1].id) == 0);
	CHECK(strcmp(receiver.v[0].path, receiver.v[1].path) != 0);
	tell(PHONE_EVENT_GUESS_BLOCKED);
	NEED(run_seen(3) && run_counted(3, 0, 0));
	CHECK(strcmp(receiver.v[2].path, "/all") == 0);
	CHECK(strcmp(receiver.v[2].type, "guess.blocked") == 0);
	down();
	/* nobody wants it: no row is made */
	begin();
	hook("late", "/late", ONLY(PHONE_EVENT_CALL_LATE));
	NEED(up());
	tell(PHONE_EVENT_GUESS_BLOCKED);
	run_ms(100);
	CHECK(receiver.n == 0 && sql_number("SELECT count(*) FROM hook") == 0);
	down();
}

static void test_many(void)
{
	begin();
	hook("shop", "/", ALL);
	NEED(up());
	for (unsigned i = 0; i < 40; i++)
		tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(40, 0, 0));
	CHECK(receiver.n == 40 && stats().waiting == 0);
	for (size_t i = 1; i < 40; i++) /* in the order in which they were told */
		CHECK(strcmp(receiver.v[i].id, receiver.v[i - 1].id) > 0);
	down();
}

/* ---- what fails ---------------------------------------------------------------------------- */

static void test_retry(void)
{
	static const unsigned statuses[] = { 500, 404, 302, 503, 100 + 299 };
	int64_t due, now;

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	receiver.status = 500;
	now = (int64_t)(clock_unix_ms() / 1000);
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 1, 0));
	due = sql_number("SELECT due_at FROM hook");
	CHECK(due >= now + 5 && due <= now + 5 + 2 + WAIT_MS / 1000);
	CHECK(stats().waiting == 1 && sql_number("SELECT tries FROM hook") == 1);
	run_ms(300);
	CHECK(receiver.n == 1);
	for (unsigned i = 1; i < 5; i++) {
		receiver.status = statuses[i];
		make_due();
		NEED(run_counted(0, i + 1, 0));
	}
	receiver.status = 299;
	make_due();
	NEED(run_counted(1, 5, 0));
	for (size_t i = 0; i < 6; i++)
		CHECK(receiver.v[i].signed_well && strcmp(receiver.v[i].id, receiver.v[0].id) == 0);
	CHECK(stats().waiting == 0 && sql_number("SELECT count(*) FROM hook") == 0);
	down();
}

static void test_retry_after(void)
{
	int64_t due, now;

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	receiver.status = 429;
	receiver.retry_after = "7000";
	now = (int64_t)(clock_unix_ms() / 1000);
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 1, 0));
	due = sql_number("SELECT due_at FROM hook");
	CHECK(due >= now + 7000 && due <= now + 7000 + WAIT_MS / 1000);
	/* nor is it asked for another event meanwhile */
	tell(PHONE_EVENT_CALL_ENDED);
	run_ms(300);
	CHECK(receiver.n == 1 && stats().waiting == 2);
	receiver.status = 200;
	receiver.retry_after = NULL;
	make_due();
	NEED(run_counted(2, 1, 0));
	down();
}

static void test_given_up(void)
{
	begin();
	hook("shop", "/", ALL);
	NEED(up());
	receiver.status = 500;
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 1, 0));
	CHECK(sql("UPDATE hook SET tries = 8", NULL));
	make_due();
	NEED(run_counted(0, 2, 0)); /* the last but one */
	make_due();
	NEED(run_counted(0, 2, 1));
	CHECK(receiver.n == 3 && stats().waiting == 0);
	CHECK(sql_number("SELECT count(*) FROM hook") == 0);
	down();
}

static void test_gone(void)
{
	begin();
	hook("shop", "/", ALL);
	hook("other", "http://127.0.0.1:1/", ALL); /* nobody is there */
	NEED(up());
	receiver.status = 500;
	tell(PHONE_EVENT_CALL_STARTED);
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_seen(1));
	receiver.status = 410;
	while (!(stats().given_up == 2) && receiver.n < 9) {
		make_due();
		run_ms(50);
	}
	CHECK(stats().given_up == 2 && stats().delivered == 0);
	CHECK(sql_number("SELECT count(*) FROM hook WHERE name = 'shop'") == 0);
	CHECK(sql_number("SELECT count(*) FROM hook WHERE name = 'other'") == 2);
	CHECK(stats().waiting == 2);
	/* and for good: not for the next event, not after a start */
	receiver.status = 200;
	receiver.n = 0;
	tell(PHONE_EVENT_CALL_ENDED);
	again();
	tell(PHONE_EVENT_CALL_LATE);
	run_ms(200);
	CHECK(receiver.n == 0);
	CHECK(sql_number("SELECT count(*) FROM hook WHERE name = 'shop'") == 0);
	down();
	/* another URL is another receiver */
	settings.n_hooks = 0;
	hook("shop", "/new", ALL);
	NEED(up());
	tell(PHONE_EVENT_CALL_LATE);
	NEED(run_seen(1));
	CHECK(strcmp(receiver.v[0].path, "/new") == 0);
	down();
}

/* One that is dead, one that never answers and one that is well: the last is told as ever. */
static void test_apart(void)
{
	begin();
	hook("dead", "http://127.0.0.1:1/", ALL);
	hook("nowhere", "http://no-such-name.invalid/", ALL);
	hook("well", "/", ALL);
	NEED(up());
	for (unsigned i = 0; i < 20; i++)
		tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_seen(20));
	CHECK(sql_number("SELECT count(*) FROM hook WHERE name = 'well'") <= 1);
	CHECK(sql_number("SELECT count(*) FROM hook WHERE name = 'dead'") == 20);
	down();
}

/* ---- what survives ---------------------------------------------------------------------------- */

static void test_restart(void)
{
	char id[64];

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	receiver.status = 500;
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 1, 0));
	snprintf(id, sizeof(id), "%s", receiver.v[0].id);
	CHECK(sql("UPDATE hook SET due_at = 1", NULL));
	receiver.status = 200;
	again();
	CHECK(stats().waiting == 1);
	NEED(run_counted(1, 0, 0));
	CHECK(receiver.n == 2 && strcmp(receiver.v[1].id, id) == 0 && stats().waiting == 0);
	/* a request under way, and no answer: sent once more after the start */
	receiver.status = 0;
	tell(PHONE_EVENT_CALL_ENDED);
	NEED(run_until(held));
	snprintf(id, sizeof(id), "%s", receiver.v[2].id);
	down();
	run_ms(50);
	receiver.status = 200;
	NEED(up());
	NEED(run_counted(1, 0, 0));
	CHECK(receiver.n == 4 && strcmp(receiver.v[3].id, id) == 0);
	down();
}

/* Told, and stopped at once: what was told is in the outbox. */
static void test_told_and_stopped(void)
{
	begin();
	hook("shop", "/", ALL);
	NEED(up());
	for (unsigned i = 0; i < 30; i++)
		tell(PHONE_EVENT_CALL_STARTED);
	down();
	CHECK(sql_number("SELECT count(*) FROM hook") + (int64_t)receiver.n >= 30);
	NEED(up());
	NEED(run_counted((uint64_t)sql_number("SELECT count(*) FROM hook") + stats().delivered, 0,
	    0));
	run_ms(50);
	CHECK(stats().waiting == 0);
	down();
}

static void test_forgotten(void)
{
	begin();
	hook("shop", "http://127.0.0.1:1/", ALL);
	NEED(up());
	tell(PHONE_EVENT_CALL_STARTED);
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 1, 0));
	down();
	/* one hook was taken out of the file: its events wait a while, not for ever */
	CHECK(sql("UPDATE hook SET name = 'removed', made_at = made_at - 7 * 86400", NULL));
	NEED(up());
	CHECK(stats().waiting == 2);
	down();
	CHECK(sql("UPDATE hook SET made_at = made_at - 86410", NULL));
	NEED(up());
	CHECK(stats().waiting == 0);
	down();
}

static void test_bad_secret(void)
{
	struct sc_diag d = { .line = 0 };

	begin();
	hook("shop", "/", ALL);
	NEED(store_open(url, &phone_tables, &d, &service.store) == SC_OK);
	CHECK(chmod(secret_path, 0644) == 0);
	CHECK(hooks_new(&service, &d, &h) == SC_AUTH && h == NULL && d.text[0] != '\0');
	CHECK(chmod(secret_path, 0600) == 0);
	hooks[0].ca = "/nowhere/ca.pem";
	urls[0][0] = '\0';
	hooks[0].url = "https://127.0.0.1/";
	CHECK(hooks_new(&service, &d, &h) != SC_OK && h == NULL);
	hooks[0].ca = NULL;
	hooks_free(NULL);
	hooks_unbind(NULL);
	store_close(service.store);
	service.store = NULL;
}

static void test_reload(void)
{
	struct sc_diag d = { .line = 0 };

	begin();
	put_secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
	hook("shop", "/", ALL);
	NEED(up());
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(1, 0, 0));
	CHECK(!receiver.v[0].signed_well);
	put_secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n" SECRET);
	CHECK(hooks_reload(h, &d) == SC_OK);
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(2, 0, 0));
	CHECK(receiver.v[1].signed_well);
	put_secret("whsec_");
	CHECK(hooks_reload(h, &d) == SC_SYNTAX); /* the ones it has stay */
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(3, 0, 0));
	CHECK(receiver.v[2].signed_well);
	put_secret(SECRET);
	down();
}

/* ---- when --------------------------------------------------------------------------------------- */

static void test_schedule(void)
{
	static const uint64_t want[HOOK_RETRIES] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000,
		86400 };

	for (unsigned i = 0; i < HOOK_RETRIES; i++) {
		CHECK(hook_delay_s(i, 0) == want[i]);
		CHECK(hook_delay_s(i, UINT32_MAX) >= want[i] + want[i] / 5 - 1);
		CHECK(hook_delay_s(i, UINT32_MAX) <= want[i] + want[i] / 5);
		CHECK(hook_delay_s(i, UINT32_MAX / 2) <= want[i] + want[i] / 10);
	}
}

static void test_judge(void)
{
	static const struct {
		struct hook_try t;
		enum hook_outcome want;
	} rows[] = {
		{ { 200, 0, 0 }, HOOK_DELIVERED },
		{ { 204, 9, 0 }, HOOK_DELIVERED },
		{ { 299, 9, HOOK_AGE_MAX_S + 1 }, HOOK_DELIVERED },
		{ { 199, 0, 0 }, HOOK_RETRY },
		{ { 300, 0, 0 }, HOOK_RETRY },
		{ { 301, 0, 0 }, HOOK_RETRY },
		{ { 409, 0, 0 }, HOOK_RETRY },
		{ { 410, 0, 0 }, HOOK_OVER },
		{ { 410, 9, 0 }, HOOK_OVER },
		{ { 411, 0, 0 }, HOOK_RETRY },
		{ { 0, 0, 0 }, HOOK_RETRY },
		{ { 0, 8, HOOK_AGE_MAX_S }, HOOK_RETRY },
		{ { 0, 9, 0 }, HOOK_GIVEN_UP },
		{ { 0, 0, HOOK_AGE_MAX_S + 1 }, HOOK_GIVEN_UP },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hook_judge(&rows[i].t) != rows[i].want) {
			printf("# row %zu\n", i);
			tap_ok = false;
		}
}

static void test_rest(void)
{
	CHECK(hook_rest_ms(1, 500) == 250 && hook_rest_ms(2, 500) == 500);
	CHECK(hook_rest_ms(8, 0) == 32000 && hook_rest_ms(9, 0) == 60000);
	CHECK(hook_rest_ms(1000000, 0) == 60000);
	CHECK(hook_rest_ms(1, 429) == 5000 && hook_rest_ms(1, 502) == 5000);
	CHECK(hook_rest_ms(1, 503) == 5000 && hook_rest_ms(1, 504) == 5000);
	CHECK(hook_rest_ms(1, 501) == 250 && hook_rest_ms(1, 505) == 250);
	CHECK(hook_rest_ms(7, 503) == 16000);
}

static void test_after(void)
{
	const uint64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

#define AFTER(text) hook_retry_after(sc_span_str(text), now)
	CHECK(AFTER("120") == 120 && AFTER("0") == 0 && AFTER("86400") == 86400);
	CHECK(AFTER("86401") == 86400 && AFTER("999999999999") == 86400);
	CHECK(AFTER("99999999999999999999999") == 0);
	CHECK(AFTER("Sun, 06 Nov 1994 08:50:37 GMT") == 60);
	CHECK(AFTER("Sun, 06 Nov 1994 08:49:37 GMT") == 0);
	CHECK(AFTER("Sat, 05 Nov 1994 08:49:37 GMT") == 0);
	CHECK(AFTER("Tue, 08 Nov 1994 08:49:38 GMT") == 86400);
	CHECK(AFTER("Sun, 06 Nov 1994 08:50:37 CET") == 0);
	CHECK(AFTER("soon") == 0 && AFTER("") == 0 && AFTER("-5") == 0 && AFTER("1.5") == 0);
	CHECK(AFTER(NULL) == 0);
}

int main(void)
{
	char dir[] = "/tmp/hooks-XXXXXX", rm[64];

	if (mkdtemp(dir) == NULL || !stage_begin(dir))
		return 1;
	RUN(test_told, "an event is told as it is documented, signed, and names nobody");
	RUN(test_who_wants, "each hook is told what it wants, under one id");
	RUN(test_many,
	    "each event has an id of its own, and arrives once, in its order, while all is well");
	RUN(test_retry, "what is not 2xx is tried again under the same id; redirects are failures");
	RUN(test_retry_after, "a receiver that names a time is left in peace until then");
	RUN(test_given_up, "after ten tries an event is given up, and counted");
	RUN(test_gone,
	    "a receiver that is gone is told nothing any more, until it has another URL");
	RUN(test_apart, "a dead receiver is nobody else's trouble");
	RUN(test_restart, "what waits, and what was under way, is sent after a start");
	RUN(test_told_and_stopped, "what was told before a stop is told after it");
	RUN(test_forgotten, "events of a hook that was taken out are forgotten in time");
	RUN(test_bad_secret, "hooks that could not be signed or trusted are not begun");
	RUN(test_reload, "a secret is replaced without a stop, whole or not at all");
	RUN(test_schedule, "the schedule is the published one, and jitter a fifth of it");
	RUN(test_judge, "an answer means what Standard Webhooks says");
	RUN(test_rest, "a failing receiver rests longer each time, up to a minute");
	RUN(test_after, "Retry-After is read as seconds and as a date, up to a day");
	stage_end();
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
