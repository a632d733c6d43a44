/*
 * hooks_stage.h - hooks, their store in a folder and their receiver, a server on the
 * same loop. A test includes this once.
 */
#ifndef TESTS_HOOKS_STAGE_H
#define TESTS_HOOKS_STAGE_H

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

static char db_path[128], url[144], secret_path[128], urls[PHONE_HOOKS_MAX][64];
static struct worker worker;
static uint16_t port;
static struct phone_hook hooks[PHONE_HOOKS_MAX];
static struct phone_settings settings = { .hooks = hooks };
static struct phone_service service = { .settings = &settings, .tenant = { "demo" } };
static struct phone_hooks *h;

/* A hook at PATH of the receiver, or at a URL of its own. */
static inline void hook(const char *name, const char *path, uint64_t events)
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

static inline bool up(void)
{
	struct sc_diag d = { .line = 0 };
	bool ok = store_open(url, &phone_tables, &d, &service.store) == SC_OK &&
	    http_client_new(worker.loop, NULL, NULL, &worker.client) == SC_OK &&
	    hooks_new(&service, &d, &h) == SC_OK && hooks_bind(h, &worker, &d) == SC_OK;

	if (!ok)
		printf("# %s\n", d.text);
	return ok;
}

static inline void down(void)
{
	hooks_unbind(h);
	http_client_free(worker.client);
	store_close(service.store);
	service.store = NULL;
	hooks_free(h);
	h = NULL;
}

/* As after kill -9 and a start: what is on the disk is all there is. */
static inline void again(void)
{
	down();
	CHECK(up());
}

static inline void begin(void)
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
static inline void run_ms(unsigned ms)
{
	const uint64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		if (loop_turn_once(worker.loop, 20) != SC_OK)
			return;
}

/* In the store's file, while nobody has it: it is opened again behind it. */
static inline bool sql(const char *statement, int64_t *out)
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

static inline int64_t sql_number(const char *statement)
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

static inline void tell(enum phone_event event)
{
	const struct phone_told t = { .event = event, .x = "+441632960001" };

	hooks_tell(h, &t);
}

/* Every event is as due as it can be, and every receiver has rested; then look. */
static inline void make_due(void)
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
static inline bool run_seen(size_t n)
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
static inline bool run_counted(uint64_t delivered, uint64_t retried, uint64_t given_up)
{
	wanted_delivered = delivered;
	wanted_retried = retried;
	wanted_given_up = given_up;
	return run_until(counted);
}

static inline bool held(void)
{
	return receiver.held != NULL;
}

#define ALL UINT64_MAX
#define ONLY(event) ((uint64_t)1 << (event))

static inline void put_secret(const char *text)
{
	int fd = open(secret_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* ---- the stage ---------------------------------------------------------------------------- */

static struct http_server *server;

/* FOLDER is there. */
static inline bool stage_begin(const char *folder)
{
	struct http_server_options o = { .handler = &handler };
	struct sc_diag d = { .line = 0 };

	snprintf(db_path, sizeof(db_path), "%s/scrim.db", folder);
	snprintf(url, sizeof(url), "sqlite:%s", db_path);
	snprintf(secret_path, sizeof(secret_path), "%s/secret", folder);
	put_secret(SECRET);
	return loop_new(&worker.loop) == SC_OK && (o.loop = worker.loop) != NULL &&
	    http_server_new(&o, &server) == SC_OK &&
	    http_server_listen(server, "127.0.0.1:0", NULL, &d, &port) == SC_OK;
}

static inline void stage_end(void)
{
	http_server_free(server);
	loop_free(worker.loop);
}

#endif
