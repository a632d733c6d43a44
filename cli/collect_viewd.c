/*
 * collect_viewd.c - a question and its answer, as frames in packets of a
 * SOCK_SEQPACKET connection.
 *
 * What comes is judged frame by frame: another's protocol ends in an error, never in words that
 * only look like an answer.
 */
#include "cli/collect_viewd.h"

#include "base/text/doc.h"
#include "base/text/hex.h"
#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_S 60 /* a rebuild tells how far it is more often */

/* ---- where it is --------------------------------------------------------------------- */

/* viewd.json's "operator", beside it, in OUT. */
static int configured(const struct cli_call *c, char out[static FILE_PATH_MAX])
{
	char path[FILE_PATH_MAX];
	struct sc_arena arena = { 0 };
	struct sc_diag d = { .text = "" };
	struct doc doc;
	const char *socket;
	int rc = CLI_GO_ON;

	file_beside(cli_config_path(c), "viewd.json", path);
	if (!file_exists(path))
		return cli_fail(CLI_NO,
		    "there is no viewd.json beside %s; give --viewd SOCKET, its operator socket",
		    cli_config_path(c));
	if (doc_load_file(&arena, path, &d, &doc) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else if ((socket = doc_find_text(doc.root, "operator")) == NULL)
		rc = cli_fail(CLI_NO, "%s says no \"operator\", viewd's operator socket", path);
	else
		file_beside(path, socket, out);
	sc_arena_fini(&arena);
	return rc;
}

static int dial(const struct cli_call *c, int *fd)
{
	const struct timeval silence = { .tv_sec = SILENCE_S };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[FILE_PATH_MAX];
	int rc;

	*fd = -1;
	if (c->viewd == NULL && (rc = configured(c, path)) != CLI_GO_ON)
		return rc;
	if (c->viewd != NULL)
		file_path(path, "%s", c->viewd);
	if (path[0] == '\0' || strlen(path) >= sizeof(a.sun_path))
		return cli_fail(CLI_USAGE, "viewd's operator socket has too long a path");
	memcpy(a.sun_path, path, strlen(path) + 1);
	if ((*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) >= 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence)) == 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence)) == 0 &&
	    connect(*fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return CLI_GO_ON;
	rc = errno == EACCES || errno == EPERM ?
	    cli_fail(CLI_REFUSED, "this user may not ask scrim-viewd at %s", path) :
	    cli_fail(CLI_UNREACHABLE, "scrim-viewd does not answer at %s: is it running?", path);
	if (*fd >= 0)
		close(*fd);
	return rc;
}

/* ---- one question ---------------------------------------------------------------------- */

static int malformed(void)
{
	return cli_fail(CLI_NO, "scrim-viewd's answer is malformed");
}

/* What END says; *OVER. */
static int answered(const struct feed_end *end)
{
	switch (end->err) {
	case SC_OK: return CLI_GO_ON;
	case SC_AUTH:
		return cli_fail(CLI_REFUSED, "scrim-viewd does not take this user's word for it");
	case SC_AGAIN: return cli_fail(CLI_NO, "scrim-viewd is at work on another: try again");
	case SC_STALE:
		return cli_fail(CLI_NO,
		    "analytics keeps no such event: it was refused, is too old, or never came");
	case SC_SYNTAX: return cli_fail(CLI_NO, "scrim-viewd does not understand the question");
	default: return cli_fail(CLI_NO, "scrim-viewd: %s", cli_err_text((enum sc_err)end->err));
	}
}

/* The frames of one packet of N bytes. *OVER after END. */
static int take_packet(const uint8_t *p, size_t n, viewd_each_fn *each, void *arg, bool *over)
{
	struct feed_frame f;
	int rc;

	if (n % FEED_FRAME_BYTES != 0)
		return malformed();
	for (; n != 0; p += FEED_FRAME_BYTES, n -= FEED_FRAME_BYTES) {
		if (*over || feed_decode(p, &f) != SC_OK)
			return malformed();
		if (f.type == FEED_END) {
			*over = true;
			if ((rc = answered(&f.u.end)) != CLI_GO_ON)
				return rc;
		} else if ((rc = each(arg, &f)) != CLI_GO_ON) {
			return rc;
		}
	}
	return CLI_GO_ON;
}

static int converse(int fd, const struct feed_ask *ask, viewd_each_fn *each, void *arg)
{
	static uint8_t in[FEED_PACKET_FRAMES * FEED_FRAME_BYTES + 1];
	const struct feed_frame f = { .type = FEED_ASK, .u.ask = *ask };
	uint8_t out[FEED_FRAME_BYTES];
	bool over = false;
	int rc = CLI_GO_ON;

	if (feed_encode(&f, out) != SC_OK)
		return cli_fail(CLI_NO, "%s", cli_err_text(SC_BUG));
	if (send(fd, out, sizeof(out), MSG_NOSIGNAL) != (ssize_t)sizeof(out))
		return cli_fail(CLI_UNREACHABLE, "scrim-viewd does not take the question");
	while (rc == CLI_GO_ON && !over) {
		ssize_t n = recv(fd, in, sizeof(in), 0);

		if (n == (ssize_t)sizeof(in))
			return malformed();
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cli_fail(CLI_UNREACHABLE, "scrim-viewd stopped answering");
		if (n == 0)
			return cli_fail(CLI_REFUSED,
			    "scrim-viewd hung up: is this user one of its operators?");
		rc = take_packet(in, (size_t)n, each, arg, &over);
	}
	return rc;
}

int viewd_ask(const struct cli_call *c, const struct feed_ask *ask, viewd_each_fn *each, void *arg)
{
	int fd, rc = dial(c, &fd);

	if (rc != CLI_GO_ON)
		return rc;
	rc = converse(fd, ask, each, arg);
	close(fd);
	return rc;
}

/* ---- what is asked about ------------------------------------------------------------------ */

int viewd_what(const char *word, struct feed_ask *ask)
{
	uint8_t id[8];

	ask->rule = feed_rule_find(word);
	ask->event = 0;
	if (ask->rule != FEED_NO_RULE)
		return CLI_GO_ON;
	if (hex_parse(sc_span_str(word), id, sizeof(id)))
		ask->event = sc_be64_load(id);
	if (ask->event != 0)
		return CLI_GO_ON;
	fprintf(stderr,
	    "scrim: an event is its number, sixteen hexadecimal digits, and a rule one of");
	for (uint8_t i = FEED_NO_RULE + 1; i < FEED_RULE_END; i++)
		fprintf(stderr, "%s %s", i == FEED_NO_RULE + 1 ? "" : ",", feed_rules[i].name);
	fputc('\n', stderr);
	return CLI_USAGE;
}

void viewd_time(uint64_t at_ms, char out[static 24])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(out, 24, "%Y-%m-%d %H:%M:%SZ", &tm);
}

static int take_snapshot(void *arg, const struct feed_frame *f)
{
	struct viewd_snapshot *s = arg;

	if (f->type != FEED_TALLY)
		return malformed();
	switch (f->u.tally.of) {
	case FEED_N_SNAPSHOT: s->number = f->u.tally.value; break;
	case FEED_N_SNAPSHOT_AT: s->at_ms = f->u.tally.value; break;
	case FEED_N_PEOPLE: s->people = f->u.tally.value; break;
	case FEED_N_DIGEST: s->digest = f->u.tally.value; break;
	}
	return CLI_GO_ON;
}

int viewd_snapshot(const struct cli_call *c, struct viewd_snapshot *out)
{
	*out = (struct viewd_snapshot){ 0 };
	return viewd_ask(c, &(struct feed_ask){ .question = FEED_STATUS }, take_snapshot, out);
}
