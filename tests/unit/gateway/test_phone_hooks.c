/*
 * test_phone_hooks.c - events reach those who want them: signed, at least once,
 * whatever fails in between.
 *
 * The receiver is a server on the same loop; the store is a real one on a disk,
 * in which the test makes times pass. Of the service there is only what hooks
 * use of it.
 */
#include "base/clock.h"
#include "gateway/phone/hooks_private.h"

#include "tap.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define WAIT_MS 10000
#define SEEN_MAX 64

/* ---- what stands in for the service --------------------------------------------------- */

struct store_value phone_tenant(const struct phone_service *s)
{
	return store_text(s->tenant.s);
}

struct store_value phone_id_value(const uint8_t id[static PHONE_ID_BYTES])
{
	return store_blob(id, PHONE_ID_BYTES);
}

/* ---- a receiver ------------------------------------------------------------------------ */

struct seen {
	char path[64], id[64], body[1024], type[32];
	bool signed_well, json;
};

static struct {
	struct seen v[SEEN_MAX];
	size_t n;
	unsigned status;         /* what it answers; 0: nothing, ever */
	const char *retry_after; /* NULL: not said */
	struct http_call *held;
} receiver;

static void copy_field(const struct http_head *h, const char *name, char *out, size_t size)
{
	struct sc_span s = http_head_find(h, name);

	snprintf(out, size, "%.*s", SC_SPAN_ARG(s));
}

static void on_head(struct http_call *call)
{
	http_call_buffer_body(call, 4096);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	const struct http_head *h = call->head;
	struct seen *s = &receiver.v[receiver.n < SEEN_MAX ? receiver.n : SEEN_MAX - 1];
	struct webhook_secret secret;
	struct http_field after = { SC_LIT("retry-after"), sc_span_str(receiver.retry_after) };

	receiver.n++;
	snprintf(s->path, sizeof(s->path), "%.*s", SC_SPAN_ARG(h->target));
	snprintf(s->body, sizeof(s->body), "%.*s", SC_SPAN_ARG(body));
	copy_field(h, "webhook-id", s->id, sizeof(s->id));
	sscanf(s->body, "{\"type\":\"%31[a-z.]\"", s->type);
	s->json = sc_span_is(http_head_find(h, "content-type"), "application/json");
	CHECK(webhook_secret_parse(sc_span_str(SECRET), &secret) == SC_OK);
	s->signed_well = h->method_id == HTTP_POST &&
	    webhook_verify(&secret, http_head_find(h, "webhook-id"),
		http_head_find(h, "webhook-timestamp"), http_head_find(h, "webhook-signature"),
		body, clock_unix_ms() / 1000);
	webhook_secret_fini(&secret);
	if (receiver.status == 0)
		receiver.held = call;
	else
		http_call_respond(call, receiver.status, &after, receiver.retry_after != NULL,
		    sc_span_str("{}"));
}

static void on_abort(struct http_call *call)
{
	(void)call;
	receiver.held = NULL;
}

static const struct http_handler handler = { .on_head = on_head,
	.on_end = on_end,
	.on_abort = on_abort };

/* ---- a deployment ------------------------------------------------------------------------ */

static char dir[] = "/tmp/hooks-XXXXXX";
static char db_path[64], url[80], secret_path[64], urls[PHONE_HOOKS_MAX][64];
static struct worker worker;
static uint16_t port;
static struct phone_hook hooks[PHONE_HOOKS_MAX];
static struct phone_settings settings = { .hooks = hooks };
static struct phone_service service = { .settings = &settings, .tenant = { "demo" } };
static struct phone_hooks *h;

/* A hook at PATH of the receiver, or at a URL of its own. */
static void hook(const char *name, const char *path, uint64_t events)
{
	size_t i = settings.n_hooks++;

	if (path[0] == '/')
		snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1:%u%s", port, path);
	else
		snprintf(urls[i], sizeof(urls[i]), "%s", path);
	snprintf(hooks[i].name.s, sizeof(hooks[i].name.s), "%s", name);
	hooks[i].url = urls[i];
	hooks[i].secret_file = secret_path;
	hooks[i].events = events;
}

static bool up(void)
{
	struct sc_diag d = { .line = 0 };
	bool ok = store_open(url, &phone_tables, &d, &service.store) == SC_OK &&
	    http_client_new(worker.loop, NULL, NULL, &worker.client) == SC_OK &&
	    hooks_new(&service, &d, &h) == SC_OK && hooks_bind(h, &worker, &d) == SC_OK;

	if (!ok)
		printf("# %s\n", d.text);
	return ok;
}

static void down(void)
{
	hooks_unbind(h);
	http_client_free(worker.client);
	store_close(service.store);
	service.store = NULL;
	hooks_free(h);
	h = NULL;
}

/* As after kill -9 and a start: what is on the disk is all there is. */
static void again(void)
{
	down();
	CHECK(up());
}

static void begin(void)
{
	unlink(db_path);
	settings.n_hooks = 0;
	memset(&receiver, 0, sizeof(receiver));
	receiver.status = 204;
}

static bool run_until(bool (*done)(void))
{
	const uint64_t end = clock_mono_ms() + WAIT_MS;

	while (!done() && clock_mono_ms() < end)
		if (loop_turn_once(worker.loop, 20) != SC_OK)
			return false;
	return done();
}

/* For what must not happen. */
static void run_ms(unsigned ms)
{
	const uint64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		if (loop_turn_once(worker.loop, 20) != SC_OK)
			return;
}

/* In the store's file, while nobody has it: it is opened again behind it. */
static bool sql(const char *statement, int64_t *out)
{
	bool is_up = service.store != NULL;
	struct sc_diag d = { .line = 0 };
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int rc = SQLITE_ERROR;

	store_close(service.store);
	service.store = NULL;
	if (sqlite3_open(db_path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, statement, -1, &st, NULL) == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW && out != NULL)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return (rc == SQLITE_DONE || rc == SQLITE_ROW) &&
	    (!is_up || store_open(url, &phone_tables, &d, &service.store) == SC_OK);
}

static int64_t sql_number(const char *statement)
{
	int64_t n = -1;

	return sql(statement, &n) ? n : -1;
}

static struct hooks_stats stats(void)
{
	struct hooks_stats s;

	hooks_stats(h, &s);
	return s;
}

static void tell(enum phone_event event)
{
	const struct phone_told t = { .event = event, .x = "+441632960001" };

	hooks_tell(h, &t);
}

/* Every event is as due as it can be, and every receiver has rested; then look. */
static void make_due(void)
{
	CHECK(sql("UPDATE hook SET due_at = 1", NULL));
	for (size_t i = 0; i < h->n; i++) {
		h->lines[i].rest_until_ms = 0;
		if (h->lines[i].state == LINE_IDLE)
			hook_line_ask(&h->lines[i]);
	}
}

static size_t wanted;
static bool seen_wanted(void)
{
	return receiver.n >= wanted;
}
static bool run_seen(size_t n)
{
	wanted = n;
	return run_until(seen_wanted);
}

static uint64_t wanted_delivered, wanted_retried, wanted_given_up;
static bool counted(void)
{
	struct hooks_stats s = stats();

	return s.delivered == wanted_delivered && s.retried == wanted_retried &&
	    s.given_up == wanted_given_up;
}
static bool run_counted(uint64_t delivered, uint64_t retried, uint64_t given_up)
{
	wanted_delivered = delivered;
	wanted_retried = retried;
	wanted_given_up = given_up;
	return run_until(counted);
}

static bool held(void)
{
	return receiver.held != NULL;
}

#define ALL UINT64_MAX
#define ONLY(event) ((uint64_t)1 << (event))

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
	for (size_t i = 1; i < 40; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(receiver.v[i].id, receiver.v[j].id) != 0);
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

static void put_secret(const char *text)
{
	int fd = open(secret_path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
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
	struct http_server_options o = { .handler = &handler };
	struct http_server *server = NULL;
	struct sc_diag d = { .line = 0 };
	char rm[64];
	int fd;

	if (mkdtemp(dir) == NULL || loop_new(&worker.loop) != SC_OK)
		return 1;
	snprintf(db_path, sizeof(db_path), "%s/scrim.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", db_path);
	snprintf(secret_path, sizeof(secret_path), "%s/secret", dir);
	fd = open(secret_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, SECRET, strlen(SECRET)) < 0)
		return 1;
	close(fd);
	o.loop = worker.loop;
	if (http_server_new(&o, &server) != SC_OK ||
	    http_server_listen(server, "127.0.0.1:0", NULL, &d, &port) != SC_OK)
		return 1;
	RUN(test_told, "an event is told as it is documented, signed, and names nobody");
	RUN(test_who_wants, "each hook is told what it wants, under one id");
	RUN(test_many, "each event has an id of its own, and arrives once while all is well");
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
	http_server_free(server);
	loop_free(worker.loop);
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
