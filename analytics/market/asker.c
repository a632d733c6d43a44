/*
 * asker.c - a request, the loop until its answer is there, and what the status means.
 */
#include "analytics/market/asker.h"

#include "base/private_file.h"
#include "base/text/jsonw.h"
#include "net/http/client.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 512
#define SQL_MAX 4096

struct market_asker {
	struct loop *loop;
	struct tls_context *tls;
	struct http_client *client;
	struct http_origin *origin;
	struct sc_buf key; /* "Bearer ..." */
	const char *purpose;
	struct asker_account account;
	/* of the one exchange that is under way */
	struct http_exchange *exchange;
	bool done, failed;
	enum http_client_error why;
	struct sc_span body;
};

/* ---- the exchange -------------------------------------------------------------------- */

static void on_head(struct http_exchange *x)
{
	http_exchange_buffer_body(x, ANSWER_BYTES_MAX);
}

static void on_end(struct http_exchange *x, struct sc_span body)
{
	struct market_asker *k = x->user;

	k->body = body;
	k->done = true;
}

static void on_error(struct http_exchange *x, enum http_client_error why)
{
	struct market_asker *k = x->user;

	k->failed = k->done = true;
	k->why = why;
}

static const struct http_client_handler handler = {
	.on_head = on_head,
	.on_end = on_end,
	.on_error = on_error,
};

static enum sc_err no_answer(enum http_client_error why, struct sc_diag *d)
{
	static const char *const said[] = {
		[HTTP_ERR_CONNECT] = "the server cannot be reached: see its address, and --ca",
		[HTTP_ERR_TIMEOUT] = "the server did not answer in time: try again",
		[HTTP_ERR_PROTOCOL] = "what answered is no HTTP server: is its address right?",
		[HTTP_ERR_CLOSED] = "the server closed the connection before its answer was whole",
		[HTTP_ERR_TOO_LARGE] = "the server's answer is too long to be one",
		[HTTP_ERR_HEAD] = "what the server says before its answer is too long",
		[HTTP_ERR_MEMORY] = "there is no memory for the server's answer",
	};

	sc_diag_set(d, "%s", said[why]);
	return why == HTTP_ERR_TOO_LARGE ? SC_LIMIT : why == HTTP_ERR_MEMORY ? SC_NOMEM : SC_IO;
}

static enum sc_err refused(unsigned status, struct sc_diag *d)
{
	static const struct {
		unsigned status;
		enum sc_err err;
		const char *said;
	} rows[] = {
		{ 400, SC_SYNTAX, "the server does not take the question" },
		{ 401, SC_AUTH, "the server does not know the key: is --key the right file?" },
		{ 403, SC_AUTH, "not granted for this purpose: ask for scrim views grant" },
		{ 404, SC_STALE, "nothing of the name is published yet" },
		{ 413, SC_LIMIT, "the server finds the question too long" },
		{ 422, SC_SYNTAX, "the server cannot run the question" },
		{ 429, SC_LIMIT, "too many questions for now: try again later" },
		{ 503, SC_IO, "the server is not ready: try again" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status != status)
			continue;
		sc_diag_set(d, "%s (status %u)", rows[i].said, status);
		return rows[i].err;
	}
	sc_diag_set(d, "the server answered with status %u", status);
	return SC_IO;
}

/* Send R and wait; k->body is then what came, until the exchange is released. */
static enum sc_err exchange(struct market_asker *k, struct http_client_req *r, struct sc_diag *d)
{
	const struct http_field fields[] = {
		{ SC_LIT("Authorization"), sc_buf_span(&k->key) },
		{ SC_LIT("Content-Type"), SC_LIT("application/json") },
		{ SC_LIT("Accept"), SC_LIT("application/json") },
	};
	enum sc_err err;

	r->fields = fields;
	r->n_fields = sizeof(fields) / sizeof(fields[0]);
	k->done = k->failed = false;
	if ((err = http_client_request(k->client, k->origin, r, &handler, k, &k->exchange)) !=
	    SC_OK) {
		sc_diag_set(d, "the question cannot be sent: the key has bytes that no key has");
		return err;
	}
	while (!k->done)
		if ((err = loop_turn_once(k->loop, -1)) != SC_OK)
			return err;
	if (k->failed)
		return no_answer(k->why, d);
	return k->exchange->head->status == 200 ? SC_OK : refused(k->exchange->head->status, d);
}

static void let_go(struct market_asker *k)
{
	http_exchange_release(k->exchange);
	k->exchange = NULL;
}

/* ---- questions ----------------------------------------------------------------------- */

static void count(struct asker_account *a, uint64_t record)
{
	a->first = a->questions++ == 0 ? record : a->first;
	a->last = record;
}

enum sc_err asker_query(struct market_asker *k, const char *dataset, const char *sql,
    struct sc_arena *a, struct sc_diag *d, struct market_answer *out)
{
	struct http_client_req r = { .method = SC_LIT("POST"), .target = SC_LIT("/v1/query") };
	struct sc_buf body;
	struct jsonw w = jsonw(&body);
	enum sc_err err;

	sc_buf_init(&body, SQL_MAX);
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", dataset);
	jsonw_kstr(&w, "sql", sql);
	jsonw_kstr(&w, "purpose", k->purpose);
	jsonw_object_end(&w);
	r.has_body = true;
	r.body = sc_buf_span(&body);
	if ((err = w.err) == SC_OK && (err = exchange(k, &r, d)) == SC_OK &&
	    (err = answer_parse(a, k->body, d, out)) == SC_OK)
		count(&k->account, out->record);
	let_go(k);
	sc_buf_fini(&body);
	return err;
}

enum sc_err asker_manifest(struct market_asker *k, const char *dataset, struct sc_arena *a,
    struct sc_diag *d, struct market_manifest *out)
{
	struct http_client_req r = { .method = SC_LIT("GET") };
	struct sc_buf target;
	enum sc_err err;

	sc_buf_init(&target, 256);
	err = sc_buf_printf(&target, "/v1/datasets/%s/manifest", dataset);
	r.target = sc_buf_span(&target);
	if (err == SC_OK && (err = exchange(k, &r, d)) == SC_OK)
		err = answer_manifest_parse(a, k->body, d, out);
	let_go(k);
	sc_buf_fini(&target);
	return err;
}

struct asker_account asker_account_of(const struct market_asker *k)
{
	return k->account;
}

/* ---- opening ------------------------------------------------------------------------- */

static enum sc_err read_key(struct market_asker *k, const char *path, struct sc_diag *d)
{
	enum sc_err err;

	sc_buf_init(&k->key, KEY_MAX);
	if ((err = sc_buf_put_str(&k->key, "Bearer ")) != SC_OK ||
	    (err = private_file_read(path, "key", &k->key, d)) != SC_OK)
		return err;
	for (size_t i = 0; i < k->key.n; i++)
		if (k->key.p[i] == '\n' || k->key.p[i] == '\r')
			sc_buf_truncate(&k->key, i);
	return SC_OK;
}

enum sc_err asker_open(const struct asker_settings *s, struct sc_diag *d, struct market_asker **out)
{
	struct market_asker *k = calloc(1, sizeof(*k));
	const struct tls_options tls = { .ca = s->ca };
	enum sc_err err;

	*out = NULL;
	if (k == NULL)
		return SC_NOMEM;
	k->purpose = s->purpose;
	if ((err = read_key(k, s->key, d)) != SC_OK || (err = loop_new(&k->loop)) != SC_OK ||
	    (strncmp(s->url, "https:", 6) == 0 &&
		(err = tls_client_new(&tls, d, &k->tls)) != SC_OK) ||
	    (err = http_client_new(k->loop, NULL, NULL, &k->client)) != SC_OK ||
	    (err = http_client_origin(k->client, s->url, k->tls, d, &k->origin)) != SC_OK) {
		asker_close(k);
		return err;
	}
	*out = k;
	return SC_OK;
}

void asker_close(struct market_asker *k)
{
	if (k == NULL)
		return;
	http_client_free(k->client);
	tls_context_free(k->tls);
	loop_free(k->loop);
	sc_buf_fini(&k->key);
	free(k);
}
