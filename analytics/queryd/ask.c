/*
 * ask.c - a question that comes in: what is asked, and may this reader ask it?
 *
 *	POST /v1/query {"dataset":"weekly","release":3,"sql":"SELECT ...","purpose":"analytics"}
 *
 * Whether there is a dataset of a name is told to nobody who may not read it: what is not
 * there and what is not granted have one answer.
 */
#include "analytics/queryd/queryd.h"

#include "base/clock.h"
#include "base/text/shape.h"

#include <stdio.h>
#include <string.h>

#define NODES_MAX 64

struct question {
	struct sc_name dataset, purpose;
	uint64_t release; /* 0: the newest */
	const char *sql;
};

/* Any text: what it is worth is told by who runs it. */
static bool read_sql(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	*(const char **)field = node->text;
	return (node->kind == DOC_TEXT && node->text[0] != '\0') ||
	    shape_must(c, node, "be a statement, as text");
}

#define AT(field) SHAPE_AT(struct question, field)
static const struct shape_row rows[] = {
	{ "dataset", shape_name, AT(dataset), .need = true },
	{ "release", shape_count, AT(release), .min = 1, .max = AUDIT_NUMBER_MAX },
	{ "sql", read_sql, AT(sql), .need = true },
	{ "purpose", shape_name, AT(purpose) },
	{ .key = NULL },
};
static const struct shape question_shape = { .what = "question", .rows = rows };

/* "a, b" of the N at V. */
static void print_names(const struct sc_name *const *v, size_t n, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i == 0 ? "" : ", ", v[i]->s);
}

static void deny(struct reader_request *rq, const char *problem, const char *why,
    const char *detail)
{
	queryd_count(&rq->queryd->metrics, QUERYD_DENIED, 1);
	request_fail(rq, 403, problem, why, "%s", detail);
	request_submit(rq, answer_denial);
}

/*
 * What for? RQ's reader has the purpose that is meant; false: refused, and answered when that
 * is recorded.
 */
static bool choose_purpose(struct reader_request *rq, const struct question *x)
{
	const struct sc_name *granted[GRANT_PURPOSES_MAX];
	char names[400];
	size_t n = query_grants_purposes(&rq->queryd->granted.grants, rq->reader.key, x->dataset.s,
	    clock_unix_ms(), granted, GRANT_PURPOSES_MAX);

	if (n == 0) {
		deny(rq, "not-granted", "not granted",
		    "this key is granted no dataset of that name, or not any more");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(granted[i]->s, x->purpose.s) == 0 ||
		    (n == 1 && x->purpose.s[0] == '\0')) {
			rq->reader.purpose = *granted[i];
			return true;
		}
	print_names(granted, n, names, sizeof(names));
	if (x->purpose.s[0] == '\0') {
		request_fail(rq, 400, "purpose-missing", "no purpose",
		    "say what for: \"purpose\" is one of %s", names);
		request_submit(rq, answer_denial);
		return false;
	}
	queryd_count(&rq->queryd->metrics, QUERYD_DENIED, 1);
	request_fail(rq, 403, "purpose-not-granted", "purpose not granted",
	    "this key may not ask for that purpose; it may for %s", names);
	request_submit(rq, answer_denial);
	return false;
}

static void ask(struct reader_request *rq, const struct question *x)
{
	if (!choose_purpose(rq, x))
		return;
	if ((rq->served = releases_hold(rq->queryd->releases, x->dataset.s, x->release)) == NULL) {
		/* a number that is not served is told to who may read the others */
		struct served_release *newest =
		    releases_hold(rq->queryd->releases, x->dataset.s, 0);

		if (newest == NULL)
			deny(rq, "not-granted", "nothing served",
			    "this key is granted no dataset of that name, or not any more");
		else
			deny(rq, "no-release", "no such release",
			    "the dataset has no release of that number; GET /v1/datasets tells "
			    "which there are");
		release_let_go(newest);
		return;
	}
	if (sc_buf_put_str(&rq->sql, x->sql) != SC_OK) {
		queryd_refuse(rq->call, 413, "too-large", "the statement is too long");
		request_free(rq);
		return;
	}
	request_submit(rq, answer_question);
}

static bool wants_csv(const struct http_head *h)
{
	struct sc_span accept = http_head_find(h, "Accept");

	return accept.n >= 8 && memmem(accept.p, accept.n, "text/csv", 8) != NULL;
}

static bool is_json(const struct http_head *h)
{
	struct sc_span type = http_head_find(h, "Content-Type");
	const size_t n = strlen("application/json");

	return type.n >= n && sc_span_caseeq(sc_span(type.p, n), "application/json") &&
	    (type.n == n || type.p[n] == ';' || type.p[n] == ' ');
}

static bool take(struct http_call *call, struct sc_span body, struct sc_arena *arena,
    struct question *x)
{
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = arena, .all = &all };
	enum sc_err err;

	if (!is_json(call->head)) {
		queryd_refuse(call, 415, "unsupported-type", "send application/json");
		return false;
	}
	err = doc_load_sent(arena, body, NODES_MAX, &all.v[0], &c.doc);
	if (err == SC_OK && shape_fill(&c, &question_shape, c.doc.root, x))
		return true;
	queryd_refuse(call, 400, "bad-question",
	    all.v[0].text[0] == '\0' ? "this is no question" : all.v[0].text);
	return false;
}

void ask_query(struct http_call *call, struct sc_span body, const struct query_reader *who)
{
	struct question x = { .release = 0 };
	struct sc_arena arena = { .left = 0 };
	struct reader_request *rq;

	if (take(call, body, &arena, &x) && (rq = request_new(call, who)) != NULL) {
		if (wants_csv(call->head)) {
			rq->form = ANSWER_CSV;
			rq->type = "text/csv; charset=utf-8; header=present";
		}
		ask(rq, &x);
	}
	sc_arena_fini(&arena);
}
