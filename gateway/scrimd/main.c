/*
 * main.c - scrimd, the gateway: composition root.
 *
 *	options -> configuration -> hardening -> listeners -> log -> numbers -> workers
 *	-> signals -> drain -> close in reverse
 */
#include "base/log.h"
#include "base/version.h"
#include "gateway/changes/changes.h"
#include "gateway/protect/tap.h"
#include "gateway/scrimd/collecting.h"
#include "gateway/scrimd/confine.h"
#include "gateway/scrimd/dispatch.h"
#include "gateway/scrimd/numbers.h"
#include "gateway/scrimd/process.h"
#include "gateway/scrimd/started.h"
#include "gateway/serve/heads.h"
#include "gateway/serve/keyd_past.h"
#include "gateway/serve/kept_logs.h"
#include "gateway/serve/access_log.h"
#include "gateway/serve/drift.h"
#include "gateway/serve/worker.h"
#include "gateway/witness/witnesses.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TAP_LISTENERS_MAX 4

struct scrimd {
	struct worker_shared shared;
	struct worker **workers;
	unsigned n_workers;
	struct heads *heads;
	struct numbers *numbers;       /* NULL: no virtual numbers */
	struct collecting *collecting; /* NULL: nothing is collected */
	struct changes *changes;       /* NULL: no route tells of any */
	struct tap_listener listeners[TAP_LISTENERS_MAX];
	struct started *started;
	struct sc_name listener_principals[CONFIG_LISTENERS_MAX];
	const char *config_path;
};

static struct http_limits limits_of(const struct config *c, unsigned threads)
{
	struct http_limits out = c->limits.http;

	out.call_ms = out.total_ms;
	out.max_connections = process_connections(out.max_connections, threads);
	if (out.max_connections < c->limits.http.max_connections)
		log_event(LOG_WARN, "gateway.few_descriptors",
		    LOG_U64("connections", out.max_connections), LOG_END);
	return out;
}

static void on_committed(void *arg)
{
	struct scrimd *d = arg;

	for (unsigned i = 0; i < d->n_workers; i++)
		if (d->workers[i] != NULL)
			worker_log_committed(d->workers[i]);
}

static enum sc_err open_log(struct scrimd *d, struct sc_diag *diag)
{
	const struct config *c = d->shared.next->config;
	char origin[2 * SC_NAME_MAX + 2], path[4096], vkey[512] = "";
	struct tlog_options o = {
		.dir = c->log_dir,
		.origin = origin,
		.sign = heads_sign,
		.confirm = true,
	};
	enum sc_err err;

	snprintf(origin, sizeof(origin), "%s/%s", c->tenant.s, c->node.s);
	snprintf(path, sizeof(path), "%s/vkey", c->log_dir);
	if (process_read_line(path, vkey, sizeof(vkey)))
		o.vkey = vkey;
	if ((err = heads_new(path, &d->heads)) != SC_OK)
		return err;
	o.sign_arg = d->heads;
	return tlog_open(&o, diag, &d->shared.log);
}

/* Those of other processes, keyd first, and who is told of heads. */
static enum sc_err open_logs(struct scrimd *d, struct sc_diag *diag)
{
	const struct config *c = d->shared.next->config;
	char heads[4096];
	enum sc_err err;

	if ((err = keyd_past_new(c->log_dir, &d->shared, diag, &d->shared.past)) != SC_OK)
		return err;
	kept_logs_folder(c->log_dir, heads, sizeof(heads));
	if ((err = kept_logs_new(c, heads, &d->shared, diag, &d->shared.logs)) != SC_OK)
		return err;
	return witnesses_new(c, heads, &d->shared, diag, &d->shared.witnesses);
}

static enum sc_err load_listeners(struct scrimd *d, struct sc_diag *diag)
{
	const struct config *c = d->shared.next->config;
	enum sc_err err = SC_OK;

	d->shared.listener_tls = calloc(c->n_listeners, sizeof(struct tls_context *));
	if (d->shared.listener_tls == NULL)
		return SC_NOMEM;
	d->shared.n_listeners = c->n_listeners;
	for (size_t i = 0; i < c->n_listeners && err == SC_OK; i++) {
		const struct config_listener *l = &c->listeners[i];
		struct tls_options o = {
			.cert = l->tls_cert,
			.key = l->tls_key,
			.ca = l->tls_client_ca,
		};

		d->listener_principals[i] = l->principal;
		if (l->tls_cert != NULL)
			err = tls_server_new(&o, diag, &d->shared.listener_tls[i]);
	}
	d->shared.listener_principals = d->listener_principals;
	return err;
}

static enum sc_err start_workers(struct scrimd *d, struct sc_diag *diag)
{
	unsigned n = d->shared.next->config->threads;
	enum sc_err err = SC_OK;

	if ((d->workers = calloc(n, sizeof(struct worker *))) == NULL)
		return SC_NOMEM;
	d->n_workers = d->shared.n_workers = n;
	d->shared.workers = d->workers;
	for (unsigned i = 0; i < n && err == SC_OK; i++)
		if ((err = worker_new(&d->shared, i, diag, &d->workers[i])) == SC_OK)
			err = keyd_past_bind(d->shared.past, d->workers[i]);
	if (err != SC_OK)
		return err;
	heads_bind(d->heads, d->workers[0]);
	if ((err = kept_logs_start(d->shared.logs, d->workers[0])) != SC_OK ||
	    (err = witnesses_start(d->shared.witnesses, d->workers[0])) != SC_OK)
		return err;
	if ((err = numbers_bind(d->numbers, d->workers[0], diag)) != SC_OK)
		return err;
	collecting_bind(d->collecting, d->workers[0]);
	/* only now: it looks at all of them */
	err = tlog_on_durable(d->shared.log, on_committed, d);
	/* before anything of this run: what stands in front of it is the last one's, and its end */
	if (err == SC_OK)
		access_log_event(&d->shared, AUDIT_START);
	for (unsigned i = 0; i < n && err == SC_OK; i++)
		err = worker_start(d->workers[i]);
	return err;
}

/* SIGHUP: all or nothing. What cannot be loaded leaves the old one in force. */
static void reload(struct scrimd *d)
{
	struct sc_diags all = { .n = 0 };
	struct generation *g, *old;
	struct http_limits limits;

	if (generation_load(d->config_path, &all, &g) != SC_OK ||
	    worker_check(g, &all.v[0]) != SC_OK ||
	    numbers_reload(d->numbers, g->config, &all.v[0]) != SC_OK) {
		generation_release(g);
		process_say(&all, "configuration not reloaded, the old one stays");
		log_event(LOG_ERROR, "gateway.reload_refused", LOG_END);
		return;
	}
	limits = limits_of(g->config, d->n_workers);
	pthread_mutex_lock(&d->shared.lock);
	old = d->shared.next;
	d->shared.next = g;
	d->shared.limits = limits;
	pthread_mutex_unlock(&d->shared.lock);
	http_shared_set_limits(d->shared.http, &limits);
	generation_release(old);
	for (unsigned i = 0; i < d->n_workers; i++)
		worker_notify(d->workers[i]);
	metric_add(&d->shared.metrics, METRIC_RELOADS, 1);
	access_log_event(&d->shared, AUDIT_RELOAD);
	log_event(LOG_INFO, "gateway.reloaded", LOG_END);
	started_tell(d->started, g->config);
	started_tell_observing(g->config);
}

static void serve_until_told(struct scrimd *d, const sigset_t *signals)
{
	int sig;

	for (;;) {
		if (sigwait(signals, &sig) != 0)
			continue;
		if (sig == SIGHUP)
			reload(d);
		else
			break;
	}
	log_event(LOG_INFO, "gateway.draining", LOG_END);
	atomic_store(&d->shared.draining, true);
	for (unsigned i = 0; i < d->n_workers; i++)
		worker_notify(d->workers[i]);
	for (unsigned i = 0; i < d->n_workers; i++)
		worker_join(d->workers[i]);
}

/* Who examines it writes into the log too. */
static void forget_keyd(struct scrimd *d)
{
	for (unsigned i = 0; i < d->n_workers; i++)
		if (d->workers[i] != NULL)
			keyd_past_unbind(d->workers[i]);
}

static void *close_log(void *arg)
{
	struct scrimd *d = arg;

	tlog_close(d->shared.log);
	loop_stop(d->workers[0]->loop);
	return NULL;
}

/*
 * The log's last head is signed by way of the first worker's loop, which
 * therefore runs once more, without a listener, until the log is closed.
 */
static void close_log_signed(struct scrimd *d)
{
	pthread_t closer;

	if (pthread_create(&closer, NULL, close_log, d) != 0)
		return;
	if (loop_run(d->workers[0]->loop) != SC_OK)
		log_event(LOG_ERROR, "gateway.loop_failed", LOG_END);
	pthread_join(closer, NULL);
	d->shared.log = NULL;
}

/* Whoever listens hears what passed last. */
static void end_tap(struct scrimd *d)
{
	collecting_tap(d->collecting, NULL);
	tap_free(d->shared.tap);
	d->shared.tap = NULL;
	changes_free(d->changes);
	d->changes = NULL;
	drift_free(d->shared.drift);
	d->shared.drift = NULL;
}

/*
 * The log tells workers of its commits and takes their records: it goes between. So
 * does the store of virtual numbers, whose answers workers wait for.
 */
static void free_all(struct scrimd *d)
{
	for (unsigned i = 0; i < d->n_workers; i++) {
		if (d->workers[i] == NULL)
			continue;
		if (d->workers[i]->running)
			loop_stop(d->workers[i]->loop);
		worker_join(d->workers[i]);
	}
	end_tap(d);
	kept_logs_stop(d->shared.logs);
	witnesses_stop(d->shared.witnesses);
	forget_keyd(d);
	heads_unbind(d->heads);
	numbers_stop(d->numbers);
	collecting_free(d->collecting);
	tlog_close(d->shared.log);
	for (unsigned i = 0; i < d->n_workers; i++)
		worker_free(d->workers[i]);
	free(d->workers);
	keyd_past_free(d->shared.past);
	numbers_free(d->numbers);
	heads_free(d->heads);
	kept_logs_free(d->shared.logs);
	witnesses_free(d->shared.witnesses);
	for (size_t i = 0; i < d->shared.n_listeners; i++)
		tls_context_free(d->shared.listener_tls[i]);
	free(d->shared.listener_tls);
	http_shared_free(d->shared.http);
	started_free(d->started);
	generation_release(d->shared.next);
}

/* Who listens to what passed (gateway/protect/tap.h); those without a name do not. */
static enum sc_err start_tap(struct scrimd *d)
{
	const struct tap_listener all[] = {
		collecting_listener(d->collecting),
		changes_listener(d->changes),
	};
	size_t n = 0;

	_Static_assert(sizeof(all) / sizeof(all[0]) <= TAP_LISTENERS_MAX, "room for all");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].name != NULL)
			d->listeners[n++] = all[i];
	return n == 0 ? SC_OK : tap_new(d->listeners, n, TAP_SPOOL_BYTES, &d->shared.tap);
}

static enum sc_err set_up(struct scrimd *d, struct sc_diags *all)
{
	struct sc_diag *diag = &all->v[0];
	enum sc_err err;

	if ((err = process_harden(diag)) != SC_OK)
		return err;
	confine_names();
	if ((err = generation_load(d->config_path, all, &d->shared.next)) != SC_OK)
		return err;
	if ((err = process_confine(d->shared.next->config, diag)) != SC_OK)
		return err;
	d->shared.limits = limits_of(d->shared.next->config, d->shared.next->config->threads);
	if ((err = http_shared_new(&d->shared.limits, &d->shared.http)) != SC_OK)
		return err;
	if ((err = started_new(d->shared.next, &d->started)) != SC_OK)
		return err;
	if ((err = load_listeners(d, diag)) != SC_OK)
		return err;
	if ((err = collecting_new(d->shared.next->config, diag, &d->collecting)) != SC_OK)
		return err;
	d->shared.collect = collecting_service(d->collecting);
	if ((err = changes_new(d->shared.next->config, &d->shared, diag, &d->changes)) != SC_OK)
		return err;
	if ((err = start_tap(d)) != SC_OK)
		return err;
	if ((d->shared.drift = drift_new(&d->shared)) == NULL)
		return SC_NOMEM;
	collecting_tap(d->collecting, d->shared.tap);
	if ((err = open_log(d, diag)) != SC_OK || (err = open_logs(d, diag)) != SC_OK)
		return err;
	if ((err = numbers_new(d->shared.next->config, diag, &d->numbers)) != SC_OK)
		return err;
	d->shared.phone = numbers_service(d->numbers);
	d->shared.twiml = numbers_twiml(d->numbers);
	if ((err = start_workers(d, diag)) != SC_OK)
		return err;
	return confine_calls(diag);
}

static const char help[] =
    "usage: scrimd --config FILE [--verbose]\n"
    "\n"
    "The gateway: orders pass through it, the personal data in them does not.\n"
    "\n"
    "  --config FILE  the configuration, usually scrim.json\n"
    "  --verbose      log debugging events too\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGHUP reloads configuration and policy, SIGTERM drains and stops.\n"
    "`scrim config check FILE` tells beforehand what scrimd would refuse.\n";

/* True to go on; false to exit with *CODE. */
static bool parse_options(int argc, char **argv, const char **config, enum log_level *level,
    int *code)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*code = 0;
	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (c) {
		case 'c': *config = optarg; continue;
		case 'v': *level = LOG_DEBUG; continue;
		case 'V': printf("scrimd %s\n", SCRIM_VERSION); return false;
		case 'h': fputs(help, stdout); return false;
		}
		break;
	}
	if (c == -1 && *config != NULL && optind == argc)
		return true;
	*code = 2;
	fputs(help, stderr);
	return false;
}

int main(int argc, char **argv)
{
	struct scrimd d = { .shared.lock = PTHREAD_MUTEX_INITIALIZER,
		.shared.handler = &dispatch_handler };
	struct sc_diags all = { .n = 0 };
	enum log_level level = LOG_INFO;
	sigset_t signals;
	int code;

	if (!parse_options(argc, argv, &d.config_path, &level, &code))
		return code;
	code = 1;
	log_setup("scrimd", level);
	process_block_signals(&signals);
	if (set_up(&d, &all) != SC_OK) {
		process_say(&all, "scrimd cannot start");
		goto out;
	}
	log_event(LOG_INFO, "gateway.up", LOG_U64("threads", d.n_workers), LOG_END);
	started_tell_observing(d.shared.next->config);
	serve_until_told(&d, &signals);
	end_tap(&d);
	collecting_drained(d.collecting);
	/* they write into the log that is closed next */
	kept_logs_stop(d.shared.logs);
	witnesses_stop(d.shared.witnesses);
	forget_keyd(&d);
	access_log_event(&d.shared, AUDIT_STOP);
	close_log_signed(&d);
	log_event(LOG_INFO, "gateway.down", LOG_END);
	code = 0;
out:
	free_all(&d);
	return code;
}
