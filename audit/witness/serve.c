/*
 * serve.c - the witness's HTTP side.
 *
 * A submission is judged and synced to the disk inside its callback, and nothing else happens
 * meanwhile. That is meant: one at a time is what makes a witness, and its logs come once in a
 * second or less.
 */
#include "audit/witness/serve.h"

#include "audit/witness/confine.h"
#include "audit/witness/witness.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "crypto/tlog/submission.h"
#include "net/http/server.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DRAIN_MS 5000
#define CONNECTIONS_MAX 256
#define SIZE_TYPE "text/x.tlog.size"
#define TEXT_TYPE "text/plain; charset=utf-8"

struct serving {
	struct witness witness;
	struct loop *loop;
	struct http_server *server;
	struct tls_context *tls;
	struct loop_io signals;
	struct loop_timer late;
	bool draining;
};

static void answer(struct http_call *call, unsigned status, const char *type, struct sc_span body)
{
	const struct http_field field = { SC_LIT("Content-Type"), sc_span_str(type) };

	http_call_respond(call, status, &field, 1, body);
}

static void answer_line(struct http_call *call, unsigned status, const char *text)
{
	struct sc_buf b;

	sc_buf_init(&b, 256);
	if (sc_buf_printf(&b, "%s\n", text) != SC_OK)
		sc_buf_clear(&b);
	answer(call, status, TEXT_TYPE, sc_buf_span(&b));
	sc_buf_fini(&b);
}

/* A method that nobody here knows, or that the path, which takes ALLOWED, does not take. */
static void refuse_method(struct http_call *call, const char *allowed)
{
	static const struct sc_span text = SC_LIT("this path takes another method: see Allow\n");
	const struct http_field fields[] = { { SC_LIT("Content-Type"), SC_LIT(TEXT_TYPE) },
		{ SC_LIT("Allow"), sc_span_str(allowed) } };

	if (call->head->method_id == HTTP_OTHER)
		answer_line(call, 501, "no such method is understood here");
	else
		http_call_respond(call, 405, fields, 2, text);
}

/* ---- what is asked ------------------------------------------------------------------------ */

static void answer_submission(struct http_call *call, struct sc_span body)
{
	struct serving *s = call->arg;
	struct witness_answer a = { .status = 500 };

	sc_buf_init(&a.body, WITNESS_ANSWER_MAX);
	witness_add(&s->witness, body, clock_unix_ms() / 1000, &a);
	if (a.why != NULL)
		answer_line(call, a.status, a.why);
	else
		answer(call, a.status, a.status == 409 ? SIZE_TYPE : TEXT_TYPE,
		    sc_buf_span(&a.body));
	sc_buf_fini(&a.body);
}

/* "/<hash>/checkpoint" */
static void answer_checkpoint(struct http_call *call, struct sc_span target)
{
	static const char end[] = "/checkpoint";
	const size_t hash = SEEN_NAME_BYTES - 1;
	struct serving *s = call->arg;
	const struct seen_log *l = NULL;
	struct sc_buf b;

	if (target.n == 1 + hash + strlen(end) && sc_span_is(sc_span_from(target, 1 + hash), end))
		l = seen_named(&s->witness.seen, sc_span(target.p + 1, hash));
	if (l == NULL || !l->any) {
		answer_line(call, 404, "there is no such checkpoint");
		return;
	}
	sc_buf_init(&b, NOTE_MAX);
	if (seen_read(&s->witness.seen, l, &b) == SC_OK && b.n > 0)
		answer(call, 200, TEXT_TYPE, sc_buf_span(&b));
	else
		answer_line(call, 500, "it cannot be read");
	sc_buf_fini(&b);
}

static void on_head(struct http_call *call)
{
	const struct sc_span target = call->head->target, method = call->head->method;
	const bool add = sc_span_is(target, "/add-checkpoint");

	if (add && sc_span_is(method, "POST"))
		http_call_buffer_body(call, SUBMISSION_MAX);
	else if (add)
		refuse_method(call, "POST");
	else if (!sc_span_is(method, "GET"))
		refuse_method(call, "GET");
	else if (sc_span_is(target, "/healthz"))
		answer_line(call, 200, "ok");
	else
		answer_checkpoint(call, target);
}

static const struct http_handler handler = { .on_head = on_head, .on_end = answer_submission };

/* ---- signals -------------------------------------------------------------------------------- */

static void on_drained(void *arg)
{
	struct serving *s = arg;

	loop_stop(s->loop);
}

static void on_late(struct loop_timer *t)
{
	loop_stop(loop_owner(t, struct serving, late)->loop);
}

static void on_signal(struct loop_io *io, uint32_t events)
{
	struct serving *s = loop_owner(io, struct serving, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(io->fd, &info, sizeof(info)) != sizeof(info) || info.ssi_signo == SIGHUP ||
	    s->draining)
		return;
	s->draining = true;
	loop_timer_set(s->loop, &s->late, DRAIN_MS);
	http_server_drain(s->server, on_drained, s);
}

/* ---- making everything, in order ---------------------------------------------------------------- */

static enum sc_err prepare(struct serving *s, const struct witness_settings *set,
    struct sc_diags *all)
{
	const struct tls_options tls = { .cert = set->listen.cert, .key = set->listen.key };
	struct sc_diag *d = &all->v[0];
	enum sc_err err;

	if ((err = sandbox_process(d)) != SC_OK ||
	    (err = witness_open(set, all, &s->witness)) != SC_OK)
		return err;
	if (tls.cert != NULL && (err = tls_server_new(&tls, d, &s->tls)) != SC_OK)
		return err;
	if ((err = program_signals(&s->signals.fd, d)) != SC_OK ||
	    (err = witness_confine_files(set, d)) != SC_OK || (err = loop_new(&s->loop)) != SC_OK)
		return err;
	s->signals.on_ready = on_signal;
	loop_timer_init(&s->late, on_late);
	return loop_add(s->loop, &s->signals, EPOLLIN);
}

static enum sc_err listen_at(struct serving *s, const struct witness_settings *set, uint16_t *port,
    struct sc_diag *d)
{
	struct http_limits limits = http_limits_default;
	const struct http_server_options o = { .loop = s->loop,
		.handler = &handler,
		.arg = s,
		.limits = &limits };
	enum sc_err err;

	limits.max_connections = CONNECTIONS_MAX;
	limits.max_body = SUBMISSION_MAX;
	limits.max_buffered = (size_t)CONNECTIONS_MAX * SUBMISSION_MAX;
	if ((err = http_address_vacant(set->listen.address, d)) != SC_OK ||
	    (err = http_server_new(&o, &s->server)) != SC_OK)
		return err;
	return http_server_listen(s->server, set->listen.address, s->tls, d, port);
}

static enum sc_err tell(const struct serving *s, witness_up_fn *up, uint16_t port)
{
	struct sc_buf vkey;
	enum sc_err err;

	sc_buf_init(&vkey, NOTE_VKEY_MAX + 1);
	if ((err = note_key_print(&s->witness.key.signer.key, &vkey)) == SC_OK &&
	    (err = sc_buf_put(&vkey, "", 1)) == SC_OK)
		up((const char *)vkey.p, port);
	sc_buf_fini(&vkey);
	log_event(LOG_INFO, "witness.up", LOG_U64("logs", s->witness.seen.n), LOG_END);
	return err;
}

static void free_all(struct serving *s)
{
	http_server_free(s->server);
	if (s->loop != NULL) {
		loop_timer_clear(s->loop, &s->late);
		loop_remove(s->loop, &s->signals);
	}
	if (s->signals.fd >= 0)
		close(s->signals.fd);
	loop_free(s->loop);
	tls_context_free(s->tls);
	if (s->witness.settings != NULL)
		witness_close(&s->witness);
}

enum sc_err witness_serve(const struct witness_settings *set, witness_up_fn *up,
    struct sc_diags *all)
{
	struct serving s = { .signals.fd = -1 };
	uint16_t port = 0;
	enum sc_err err;

	if ((err = prepare(&s, set, all)) == SC_OK &&
	    (err = listen_at(&s, set, &port, &all->v[0])) == SC_OK &&
	    (err = witness_confine(&all->v[0])) == SC_OK && (err = tell(&s, up, port)) == SC_OK)
		err = loop_run(s.loop);
	if (err == SC_OK)
		log_event(LOG_INFO, "witness.down", LOG_U64("cosigned", s.witness.cosigned),
		    LOG_U64("refused", s.witness.refused), LOG_END);
	free_all(&s);
	return err;
}
