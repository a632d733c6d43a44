/*
 * tool.c - what the tools share: how they begin, tell and stop.
 */
#include "crypto/keyd/tool.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "crypto/keyd/confine.h"
#include "crypto/keyring/root.h"
#include "crypto/prim/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TELL_MS 250

/* ---- being stopped ---- */

static atomic_bool stop;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&stop, true);
}

static void take_signals(void)
{
	const struct sigaction stops = { .sa_handler = on_signal },
			       none = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &stops, NULL);
	sigaction(SIGTERM, &stops, NULL);
	sigaction(SIGHUP, &stops, NULL);
	sigaction(SIGPIPE, &none, NULL);
}

/* ---- telling ---- */

static void tell(void *arg, const char *what, uint64_t done, uint64_t all)
{
	struct tool_run *r = arg;
	const uint64_t now = clock_mono_ms();

	if (what == r->what && now < r->told_ms + TELL_MS)
		return;
	r->what = what;
	r->told_ms = now;
	if (done > all && all > 0)
		done = all;
	if (r->options->json)
		fprintf(stderr, "{\"doing\":\"%s\",\"done\":%llu,\"of\":%llu}\n", what,
		    (unsigned long long)done, (unsigned long long)all);
	else if (r->terminal && all > 0)
		fprintf(stderr, "\r\033[K%s: %llu%%", what,
		    (unsigned long long)((double)done / (double)all * 100));
	else if (r->terminal)
		fprintf(stderr, "\r\033[K%s", what);
	r->drawn = r->terminal && !r->options->json;
}

void tool_quiet(struct tool_run *r)
{
	if (r->drawn)
		fputs("\r\033[K", stderr);
	r->drawn = false;
}

const char tool_time[] = "";

static enum sc_err tell_json(FILE *f, const struct tool_fact *facts, size_t n)
{
	struct sc_buf text;
	struct jsonw w;
	enum sc_err err;

	sc_buf_init(&text, 1 << 16);
	w = jsonw(&text);
	jsonw_object(&w);
	for (size_t i = 0; i < n; i++) {
		if (facts[i].text != NULL && facts[i].text != tool_time)
			jsonw_kstr(&w, facts[i].name, facts[i].text);
		else
			jsonw_ku64(&w, facts[i].name, facts[i].number);
	}
	jsonw_object_end(&w);
	if ((err = w.err) == SC_OK)
		fprintf(f, "%.*s\n", SC_SPAN_ARG(sc_buf_span(&text)));
	sc_buf_fini(&text);
	return err;
}

static void tell_line(FILE *f, const struct tool_fact *fact)
{
	const time_t at = (time_t)(fact->number / 1000);
	char text[32];
	struct tm tm;

	if (fact->text == tool_time && gmtime_r(&at, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		fprintf(f, "%-16s %s\n", fact->name, text);
	else if (fact->text == NULL)
		fprintf(f, "%-16s %llu\n", fact->name, (unsigned long long)fact->number);
	else if (fact->text[0] != '\0')
		fprintf(f, "%-16s %s\n", fact->name, fact->text);
}

enum sc_err tool_tell(struct tool_run *r, const struct tool_fact *facts, size_t n)
{
	enum sc_err err;

	tool_quiet(r);
	if (r->options->json && (err = tell_json(r->out, facts, n)) != SC_OK)
		return err;
	for (size_t i = 0; i < n && !r->options->json; i++)
		tell_line(r->out, &facts[i]);
	return fflush(r->out) == 0 ? SC_OK : SC_IO;
}

/* ---- beginning ---- */

enum sc_err tool_open(struct tool_run *r, const struct tool_options *o, struct sc_diags *all)
{
	struct sc_diag *d = &all->v[0];
	enum sc_err err;
	bool locked;

	memset(r, 0, sizeof(*r));
	r->options = o;
	r->watch = (struct work_watch){ tell, r, &stop };
	r->terminal = isatty(STDERR_FILENO) == 1;
	/* what a backup is written to is not for words */
	r->out = o->backup != NULL && strcmp(o->backup, "-") == 0 ? stderr : stdout;
	take_signals();
	/* of the events those alone that whoever asked should act upon */
	log_setup("scrim-keyd", LOG_WARN);
	if ((err = vault_open(VAULT_BYTES, &locked, d)) != SC_OK)
		return err;
	(void)confine_memory(locked);
	if ((err = settings_load(o->config, all, &r->settings)) != SC_OK ||
	    (err = sandbox_process(d)) != SC_OK)
		return err;
	return root_load(r->settings.root, o->demo, d, &r->root);
}

void tool_close(struct tool_run *r)
{
	tool_quiet(r);
	sc_secret_free(r->root);
	settings_fini(&r->settings);
}

enum sc_err tool_vkey(const char *path, struct sc_diag *d, struct sign_public *key, bool *has)
{
	char text[NOTE_VKEY_MAX + 2];
	struct note_key k;
	ssize_t n;
	int fd;

	*has = path != NULL;
	if (path == NULL)
		return SC_OK;
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		sc_diag_set(d, "it cannot be opened: %s", strerror(errno));
		return SC_IO;
	}
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0 || note_key_parse(sc_span(text, (size_t)n), &k) != SC_OK ||
	    k.type != NOTE_ED25519) {
		sc_diag_set(d, "this is no vkey of a log");
		return SC_SYNTAX;
	}
	memcpy(key->b, k.pub, SIGN_PUBLIC_BYTES);
	d->file[0] = '\0';
	return SC_OK;
}
