/*
 * queryd.h - what the parts of queryd share, and the requests between them.
 *
 * A request's way:
 *	dispatch.c	its head: which row takes it; whose key it bears
 *	ask.c		its body: a question. Granted? A job for a thread
 *	answering.c	on that thread: check, record, run, record
 *	request.c	the answer leaves
 */
#ifndef ANALYTICS_QUERYD_QUERYD_H
#define ANALYTICS_QUERYD_QUERYD_H

#include "analytics/query/grants.h"
#include "analytics/queryd/answer.h"
#include "analytics/queryd/desk.h"
#include "analytics/queryd/metrics.h"
#include "analytics/queryd/own_log.h"
#include "analytics/queryd/releases.h"
#include "analytics/queryd/settings.h"
#include "net/http/server.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* The grants as they are on disk, looked at before each request. */
struct granted {
	const char *path;
	struct query_grants grants;
	struct stat seen; /* how the file was when it was read, or could not be */
	bool ok;          /* those on disk are those in force */
};

struct queryd {
	const struct queryd_settings *settings;
	struct loop *loop;
	struct granted granted;
	struct own_log *log;
	struct releases *releases;
	struct desk *desk;
	struct queryd_metrics metrics;
	struct reader_request *open; /* all that are not finished, for counting */
	bool draining;
};

/* Somebody who reads: from his key's row, copied, for the grants may change meanwhile. */
struct query_reader {
	struct sc_name principal, role, purpose;
	uint8_t key[GRANT_KEY_BYTES];
};

/* One request by a reader that a thread works on. */
struct reader_request {
	struct desk_job job;
	struct queryd *queryd;
	struct http_call *call; /* on the loop; NULL: gone */
	atomic_bool gone;       /* for the thread */
	struct reader_request *next, **place;
	/* the question */
	uint64_t id;
	struct query_reader reader;
	struct served_release *served; /* held */
	struct sc_buf sql;             /* or the name of a file */
	enum answer_form form;
	/* the answer */
	unsigned status;
	const char *problem; /* its name; NULL: OUT is the answer */
	const char *why;     /* a literal, for the record */
	char detail[512];    /* for the reader */
	const char *type;
	struct sc_buf out;
	bool cut;
	uint64_t record;
};

/* ---- granted.c ---- */

/* Read them; a file that is not there is one without rows. Fails like query_grants_load(). */
SC_CHECKED enum sc_err granted_open(struct granted *g, const char *path, struct sc_diags *all);
void granted_close(struct granted *g);
/* Look whether the file changed; true when others are in force now. */
bool granted_look(struct granted *g);

/* ---- dispatch.c ---- */

extern const struct http_handler queryd_handler;

/* ---- request.c ---- */

/* Answer with a problem; DETAIL may have been made for it. */
void queryd_refuse(struct http_call *call, unsigned status, const char *name, const char *detail);
/* For a method that nobody here knows (501), or that the path does not take (405): it takes ALLOW's. */
void queryd_refuse_method(struct http_call *call, const struct http_allow *allow);
/* A new request of CALL, known to the queryd; NULL: no memory, which was answered. */
struct reader_request *request_new(struct http_call *call, const struct query_reader *who);
/* Hand it to a thread, and answer when that has ended; refused when there is no room. */
void request_submit(struct reader_request *rq, void (*work)(struct desk_job *j));
void request_free(struct reader_request *rq);
/* Set what is answered instead of OUT; printf-like. */
void request_fail(struct reader_request *rq, unsigned status, const char *problem, const char *why,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* ---- ask.c, datasets.c, health.c ---- */

void ask_query(struct http_call *call, struct sc_span body, const struct query_reader *who);
void ask_datasets(struct http_call *call, const struct query_reader *who);
void ask_file(struct http_call *call, const struct query_reader *who);
void tell_health(struct http_call *call);
void tell_ready(struct http_call *call);
void tell_metrics(struct http_call *call);

/* ---- answering.c ---- */

/* Thread: check, record, run, record. */
void answer_question(struct desk_job *j);
/* Thread: record that it is not granted. */
void answer_denial(struct desk_job *j);
/* Thread: record, and read a file of the release. */
void answer_file(struct desk_job *j);

#endif
