/*
 * query_session.h - asking scrim-queryd: one session of statements, as the words of a command
 * line or at a prompt.
 */
#ifndef CLI_QUERY_SESSION_H
#define CLI_QUERY_SESSION_H

#include "cli/remote.h"

enum query_format { QUERY_TABLE, QUERY_CSV, QUERY_JSON };

struct query_session {
	const struct cli_call *call;
	struct remote *remote;
	enum query_format format;
	char dataset[128]; /* "": the only one there is */
	char purpose[128]; /* "": the only one that is granted */
	struct sc_buf body, answer;
	volatile int *stop; /* NULL, or set by a signal: the question is taken back */
};

/* CLI_GO_ON, and S is to be closed; or a code (said). */
int query_session_open(const struct cli_call *c, struct query_session *s);
void query_session_close(struct query_session *s);

/* Ask SQL, and print the answer. CLI_DONE, or a code (said). */
int query_session_ask(struct query_session *s, struct sc_span sql);
/* GET /v1/datasets into S's answer. CLI_GO_ON, or a code (said). */
int query_session_datasets(struct query_session *s);
/* The only dataset there is becomes S's. CLI_GO_ON, or a code (said). */
int query_session_choose(struct query_session *s);

/* Print ANSWER, JSON of /v1/query, as a table. CLI_DONE or CLI_NO. */
int query_table_print(struct sc_span answer);

#endif
