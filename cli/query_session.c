/*
 * query_session.c - a statement goes to queryd, and what it answers to the terminal.
 */
#include "cli/query_session.h"

#include "base/text/doc.h"
#include "cli/queryd_file.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX (1u << 20)

static int read_format(const struct cli_call *c, enum query_format *out)
{
	static const char *const names[] = { "table", "csv", "json" };

	*out = c->json ? QUERY_JSON : QUERY_TABLE;
	if (c->query.format == NULL)
		return CLI_GO_ON;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(c->query.format, names[i]) == 0) {
			*out = (enum query_format)i;
			return CLI_GO_ON;
		}
	return cli_fail(CLI_USAGE, "--format is table, csv or json");
}

int query_session_open(const struct cli_call *c, struct query_session *s)
{
	struct queryd_file f;
	struct remote_place at = { .service = "scrim-queryd", .ca = c->ca };
	int rc;

	memset(s, 0, sizeof(*s));
	s->call = c;
	snprintf(s->purpose, sizeof(s->purpose), "%s", c->purpose == NULL ? "" : c->purpose);
	if ((rc = read_format(c, &s->format)) != CLI_GO_ON)
		return rc;
	at.url = c->server;
	if (c->server == NULL) {
		if ((rc = queryd_file_read(c, &f)) != CLI_GO_ON)
			return rc;
		at.url = f.url;
		at.cert = f.cert[0] == '\0' ? NULL : f.cert;
		at.socket = f.socket[0] == '\0' ? NULL : f.socket;
	}
	at.accept = s->format == QUERY_CSV ? "text/csv" : "application/json";
	if ((rc = remote_open_at(c, &at, "application/json", &s->remote)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&s->body, BODY_MAX);
	sc_buf_init(&s->answer, REMOTE_ANSWER_MAX);
	return CLI_GO_ON;
}

void query_session_close(struct query_session *s)
{
	remote_close(s->remote);
	sc_buf_fini(&s->body);
	sc_buf_fini(&s->answer);
}

/* ---- datasets ---------------------------------------------------------------------------- */

int query_session_datasets(struct query_session *s)
{
	sc_buf_clear(&s->answer);
	return remote_ask(s->remote, "GET", "/v1/datasets", sc_span(NULL, 0), &s->answer);
}

int query_session_choose(struct query_session *s)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *all = NULL;
	const char *name;
	struct doc doc;
	int rc;

	if ((rc = query_session_datasets(s)) != CLI_GO_ON)
		return rc;
	if (doc_load(&arena, sc_buf_span(&s->answer), NULL, NULL, &doc) == SC_OK)
		all = doc_find(doc.root, "datasets");
	if (all == NULL || all->kind != DOC_LIST)
		rc = cli_fail(CLI_NO, "scrim-queryd's answer does not fit the question");
	else if (all->n == 0)
		rc = cli_fail(CLI_REFUSED, "this key is granted no dataset that has a release");
	else if (all->n > 1 || (name = doc_find_text(all->first, "name")) == NULL)
		rc = cli_fail(CLI_USAGE,
		    "say which DATASET: there are %u (`scrim query`, then \\datasets)", all->n);
	else
		snprintf(s->dataset, sizeof(s->dataset), "%s", name);
	sc_arena_fini(&arena);
	return rc;
}

/* ---- questions --------------------------------------------------------------------------- */

static int print_question(struct query_session *s, struct sc_span sql)
{
	struct jsonw w = jsonw(&s->body);

	sc_buf_clear(&s->body);
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", s->dataset);
	if (s->call->query.release != 0)
		jsonw_ku64(&w, "release", s->call->query.release);
	jsonw_key(&w, "sql");
	jsonw_span(&w, sql);
	if (s->purpose[0] != '\0')
		jsonw_kstr(&w, "purpose", s->purpose);
	jsonw_object_end(&w);
	return w.err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "%s", cli_err_text(w.err));
}

int query_session_ask(struct query_session *s, struct sc_span sql)
{
	int rc = CLI_GO_ON;

	if (s->dataset[0] == '\0' && (rc = query_session_choose(s)) != CLI_GO_ON)
		return rc;
	if ((rc = print_question(s, sql)) != CLI_GO_ON)
		return rc;
	sc_buf_clear(&s->answer);
	remote_stop_by(s->remote, s->stop);
	rc = remote_ask(s->remote, "POST", "/v1/query", sc_buf_span(&s->body), &s->answer);
	if (rc != CLI_GO_ON)
		return rc;
	if (s->format == QUERY_TABLE)
		return query_table_print(sc_buf_span(&s->answer));
	if (s->format == QUERY_JSON)
		return cli_out(sc_buf_span(&s->answer));
	fwrite(s->answer.p, 1, s->answer.n, stdout);
	return cli_flush(CLI_DONE);
}
