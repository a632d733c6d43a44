/*
 * rewrite.c - `scrim rewrite`: NDJSON through a route of a running scrimd.
 *
 * Lines go up and come back at the same time, so memory stays bounded however
 * long the input is. Nothing is rewritten here: scrimd is the one enforcement
 * point, and this is only its pipe.
 *
 *	stdin -> POST /v1/rewrite/ROUTE -> answer -> stdout
 *	                                     \-> with --hits: {"f","l","hits"}
 *
 * With hits, every answered line is followed by one line {"hits":[...]}. A
 * line that could not be rewritten comes back as {"scrim_error":{...}}; it is
 * printed in its place, told on standard error, and sets the exit code.
 */
#include "base/clock.h"
#include "base/name.h"
#include "base/text/doc.h"
#include "cli/lines.h"
#include "cli/remote.h"
#include "cli/signed_lines.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_LINE_MAX (80u << 20)
#define ERRORS_TOLD 10

struct rewrite {
	const struct cli_call *call;
	FILE *hits;
	CURL *h;
	struct signed_lines *signs; /* NULL: lines go up as they are */
	struct sc_buf line;         /* an answered line that is not whole yet */
	struct sc_buf problem;      /* an answer that is not NDJSON: the refusal */
	uint64_t up, n, failed;     /* bytes sent, lines answered, of them errors */
	uint64_t told_ms;           /* progress was shown last */
	bool want_hits;             /* the next answered line tells hits */
	bool paused, ended, stdin_bad, unsignable;
	int rc;
};

/* Which exit code a failed line deserves, by the problem scrimd names. */
static int code_of(const char *problem)
{
	if (strcmp(problem, "policy") == 0 || strcmp(problem, "key-service-refused") == 0)
		return CLI_REFUSED;
	return strcmp(problem, "keys-unavailable") == 0 || strcmp(problem, "policy-mismatch") == 0 ?
	    CLI_UNREACHABLE :
	    CLI_NO;
}

/* Tell one failed line: scrimd's own words, which hold no value. */
static void tell_error(struct rewrite *r, struct sc_span line)
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	const struct doc_node *e = doc_load(&arena, line, NULL, NULL, &doc) == SC_OK ?
	    doc_find(doc.root, "scrim_error") :
	    NULL;
	const struct doc_node *offset = doc_find(e, "offset");
	const char *problem = doc_find_text(e, "problem"), *detail = doc_find_text(e, "detail");
	char where[32] = "";
	int code = problem == NULL ? CLI_NO : code_of(problem);

	if (offset != NULL && offset->kind == DOC_NUMBER)
		snprintf(where, sizeof(where), ", byte %.20s", offset->text);
	if (++r->failed <= ERRORS_TOLD)
		cli_fail(code, "line %llu%s: %.80s%s%.160s", (unsigned long long)r->n, where,
		    problem == NULL ? "refused" : problem, detail == NULL ? "" : ": ",
		    detail == NULL ? "" : detail);
	if (code > r->rc)
		r->rc = code;
	sc_arena_fini(&arena);
}

/* {"hits":[...]} of the line before, to {"f":LABEL,"l":N,"hits":[...]}. */
static bool put_hits(struct rewrite *r, struct sc_span line)
{
	struct sc_buf b;
	struct jsonw w;
	bool ok;

	if (!sc_span_starts(line, "{\"hits\":"))
		return false;
	sc_buf_init(&b, ANSWER_LINE_MAX);
	w = jsonw(&b);
	jsonw_object(&w);
	jsonw_kstr(&w, "f", r->call->label);
	jsonw_ku64(&w, "l", r->n);
	jsonw_key(&w, "hits");
	jsonw_raw(&w, sc_span(line.p + 8, line.n - 9));
	jsonw_object_end(&w);
	ok = w.err == SC_OK && fwrite(b.p, 1, b.n, r->hits) == b.n && fputc('\n', r->hits) != EOF;
	sc_buf_fini(&b);
	return ok;
}

/* One whole answered LINE, without its newline. */
static int take_line(void *arg, struct sc_span line)
{
	struct rewrite *r = arg;

	if (r->want_hits) {
		r->want_hits = false;
		return put_hits(r, line) ? CLI_GO_ON : CLI_NO;
	}
	r->n++;
	if (sc_span_starts(line, "{\"scrim_error\":"))
		tell_error(r, line);
	r->want_hits = r->hits != NULL;
	return fwrite(line.p, 1, line.n, stdout) == line.n && putchar('\n') != EOF ? CLI_GO_ON :
										     CLI_NO;
}

static void show_progress(struct rewrite *r, bool last)
{
	uint64_t now = clock_mono_ms();

	if (!isatty(STDERR_FILENO) || (!last && now < r->told_ms + 250))
		return;
	r->told_ms = now;
	fprintf(stderr, "\r%llu lines, %.1f MiB sent%s%s", (unsigned long long)r->n,
	    (double)r->up / (1 << 20), r->failed > 0 ? ", some failed" : "", last ? "\n" : "");
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct rewrite *r = arg;
	struct sc_span in = sc_span(p, size * n);
	long status = 0;

	curl_easy_getinfo(r->h, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 400)
		return sc_buf_put_span(&r->problem, in) == SC_OK ? in.n : 0;
	if (lines_put(&r->line, in, take_line, r) != CLI_GO_ON)
		return 0;
	show_progress(r, false);
	return in.n;
}

/* What was read into P goes up with statements before its lines, of which P has as much as it can. */
static size_t give_signed(struct rewrite *r, char *p, size_t room, size_t got)
{
	int rc = signed_lines_put(r->signs, sc_span(p, got), r->ended);

	if (rc != CLI_GO_ON) {
		r->unsignable = true;
		r->rc = rc;
		return CURL_READFUNC_ABORT;
	}
	if (signed_lines_left(r->signs) > 0)
		return signed_lines_take(r->signs, p, room);
	/* no whole line yet */
	r->paused = !r->ended;
	return r->ended ? 0 : CURL_READFUNC_PAUSE;
}

/* libcurl wants more to send: give what is there, never wait for it. */
static size_t give(char *p, size_t size, size_t n, void *arg)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	struct rewrite *r = arg;
	ssize_t got;

	if (r->signs != NULL && signed_lines_left(r->signs) > 0)
		return signed_lines_take(r->signs, p, size * n);
	if (r->ended)
		return 0;
	if (poll(&in, 1, 0) == 0) {
		r->paused = true;
		return CURL_READFUNC_PAUSE;
	}
	do
		got = read(STDIN_FILENO, p, size * n);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		r->stdin_bad = true;
		return CURL_READFUNC_ABORT;
	}
	r->ended = got == 0;
	r->up += (uint64_t)got;
	return r->signs == NULL ? (size_t)got : give_signed(r, p, size * n, (size_t)got);
}

static bool prepare(struct rewrite *r, struct remote *remote)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/rewrite/%s?side=%s%s%s%s", r->call->route,
	    r->call->response ? "response" : "request", r->hits != NULL ? "&hits=1" : "",
	    r->call->restore ? "&restore=1" : "", r->signs != NULL ? "&signed=1" : "");
	r->h = remote_handle(remote, path);
	return r->h != NULL && curl_easy_setopt(r->h, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(r->h, CURLOPT_POSTFIELDSIZE, -1L) == CURLE_OK &&
	    curl_easy_setopt(r->h, CURLOPT_READFUNCTION, give) == CURLE_OK &&
	    curl_easy_setopt(r->h, CURLOPT_READDATA, r) == CURLE_OK &&
	    curl_easy_setopt(r->h, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
	    curl_easy_setopt(r->h, CURLOPT_WRITEDATA, r) == CURLE_OK;
}

/* Drive the transfer until it ends, going on whenever input arrives. */
static CURLcode drive(struct rewrite *r, CURLM *m)
{
	struct curl_waitfd in = { .fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN };
	int running = 1, left;
	CURLMsg *msg;

	while (running > 0) {
		in.revents = 0;
		if (curl_multi_perform(m, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (running == 0)
			break;
		if (curl_multi_poll(m, &in, r->paused ? 1 : 0, 1000, NULL) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (r->paused && in.revents != 0) {
			r->paused = false;
			if (curl_easy_pause(r->h, CURLPAUSE_CONT) != CURLE_OK)
				return CURLE_FAILED_INIT;
		}
	}
	while ((msg = curl_multi_info_read(m, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			return msg->data.result;
	return CURLE_FAILED_INIT;
}

static int transfer(struct rewrite *r, struct remote *remote)
{
	CURLM *m = curl_multi_init();
	CURLcode code = CURLE_FAILED_INIT;
	int rc;

	if (m == NULL || !prepare(r, remote) || curl_multi_add_handle(m, r->h) != CURLM_OK) {
		curl_multi_cleanup(m);
		return cli_fail(CLI_NO, "out of memory");
	}
	code = drive(r, m);
	curl_multi_remove_handle(m, r->h);
	curl_multi_cleanup(m);
	show_progress(r, true);
	if (r->unsignable)
		return r->rc;
	if (r->stdin_bad)
		return cli_fail(CLI_NO, "standard input cannot be read");
	if ((rc = remote_result(r->h, code, sc_buf_span(&r->problem))) != CLI_GO_ON)
		return rc;
	if (!r->ended || r->want_hits || r->line.n > 0)
		return cli_fail(CLI_NO, "scrimd ended early, after %llu lines",
		    (unsigned long long)r->n);
	return CLI_GO_ON;
}

static int run(struct rewrite *r)
{
	struct remote *remote = NULL;
	const char *hits = r->call->hits;
	int rc = remote_open(r->call, "application/x-ndjson", &remote);

	if (rc != CLI_GO_ON)
		return rc;
	if (hits != NULL && (r->hits = fopen(hits, "we")) == NULL) {
		remote_close(remote);
		return cli_fail(CLI_NO, "%s cannot be written", hits);
	}
	sc_buf_init(&r->line, ANSWER_LINE_MAX);
	sc_buf_init(&r->problem, 65536);
	rc = transfer(r, remote);
	sc_buf_fini(&r->line);
	sc_buf_fini(&r->problem);
	remote_close(remote);
	if (r->hits != NULL && fclose(r->hits) != 0 && rc == CLI_GO_ON)
		rc = cli_fail(CLI_NO, "%s cannot be written", hits);
	if (rc == CLI_GO_ON)
		rc = cli_flush(rc);
	if (r->failed > 0)
		cli_fail(r->rc, "%llu of %llu lines could not be rewritten",
		    (unsigned long long)r->failed, (unsigned long long)r->n);
	if (r->call->json)
		fprintf(stderr, "{\"lines\":%llu,\"failed\":%llu}\n", (unsigned long long)r->n,
		    (unsigned long long)r->failed);
	return rc == CLI_GO_ON ? r->rc : rc;
}

int cli_rewrite(const struct cli_call *c)
{
	struct rewrite r = { .call = c };
	struct sc_name name;
	int rc;

	if (c->route == NULL)
		return cli_fail(CLI_USAGE, "say which route's rules: --route NAME");
	if (sc_name_parse(sc_span_str(c->route), &name) != SC_OK)
		return cli_fail(CLI_USAGE, "a route's name is letters, digits, '.', '_' and '-'");
	if (isatty(STDIN_FILENO))
		return cli_fail(CLI_USAGE,
		    "give NDJSON on standard input: scrim rewrite --route %s <in >out", name.s);
	if (c->sign == NULL)
		return run(&r);
	if (!c->restore)
		return cli_fail(CLI_USAGE, "only a restore is signed for: --sign with --restore");
	if ((rc = signed_lines_new(c, &r.signs)) == CLI_GO_ON)
		rc = run(&r);
	signed_lines_free(r.signs);
	return rc;
}
