/*
 * remote.h - asking scrimd, or scrim-queryd, over HTTP.
 *
 * The API key goes into `Authorization: Bearer`; why something is asked goes
 * into the headers Scrim-Purpose, Scrim-Reason and Scrim-Ticket, as UTF-8.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/cli.h"

#include <curl/curl.h>

#define REMOTE_ANSWER_MAX (64u << 20)

struct remote;

/*
 * Find scrimd: --server, else the first listener of the configuration, whose
 * own certificate is then the only one accepted. What is sent to it is of
 * CONTENT_TYPE. CLI_GO_ON and *OUT to remote_close(), or a code (said).
 */
int remote_open(const struct cli_call *c, const char *content_type, struct remote **out);
void remote_close(struct remote *r); /* NULL is fine */

/* Another service than scrimd, told outright. NULL: not said. */
struct remote_place {
	const char *service; /* a literal: what it is called */
	const char *url;     /* "https://127.0.0.1:8445" */
	const char *cert;    /* the very certificate that it shows */
	const char *socket;  /* or its Unix socket */
	const char *ca;      /* or who vouches for it */
	const char *accept;  /* a literal: what it is to answer with */
};
/* The same for what is at AT, which is borrowed until then. */
int remote_open_at(const struct cli_call *c, const struct remote_place *at,
    const char *content_type, struct remote **out);
/* What is asked from now on ends when *STOP becomes true; NULL: it does not. */
void remote_stop_by(struct remote *r, volatile int *stop);

/*
 * Send METHOD for PATH, with BODY when it is a POST or PUT, and append the answer to OUT.
 * CLI_GO_ON for a 2xx, or a code, with what scrimd said on standard error.
 */
int remote_ask(struct remote *r, const char *method, const char *path, struct sc_span body,
    struct sc_buf *out);
/* What is asked next has the header NAME besides, in the place of the last such one; NULL: none. */
int remote_also(struct remote *r, const char *name, struct sc_span value);
/* PREFIX and VALUE, percent-encoded, the caller's to free(); NULL: no memory. */
char *remote_path(const char *prefix, const char *value);

/* GET PATH; the HTTP status, or 0 when scrimd does not answer; OUT has its body. Says nothing. */
long remote_status(struct remote *r, const char *path, struct sc_buf *out);

/* A curl handle for PATH, to configure further; the remote keeps it. NULL: no memory. */
CURL *remote_handle(struct remote *r, const char *path);
/* What became of it: CLI_GO_ON for a 2xx, or a code (said). */
int remote_result(CURL *h, CURLcode rc, struct sc_span answer);

#endif
