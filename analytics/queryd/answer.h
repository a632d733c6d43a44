/*
 * answer.h - rows as JSON or CSV, in a buffer that has an end.
 *
 *	{"dataset":"weekly","release":3,"columns":[{"name":"region","type":"text"}],
 *	 "rows":[["north"]],"cut":false,"record":17}
 *
 * CSV is RFC 4180's, a row of names first. A spreadsheet takes text that begins with "=" and
 * the like for a formula, and somebody's product or remark may begin so: there an apostrophe
 * stands before it. JSON has every value as it is.
 */
#ifndef ANALYTICS_QUERYD_ANSWER_H
#define ANALYTICS_QUERYD_ANSWER_H

#include "analytics/query/query.h"
#include "base/buf.h"

#define ANSWER_COLUMNS_MAX 256

enum answer_form { ANSWER_JSON, ANSWER_CSV };

struct query_answer {
	enum answer_form form;
	struct sc_buf rows;                        /* all of a CSV; of JSON what stands in "rows" */
	struct sc_buf columns;                     /* of JSON: their names, each with its NUL */
	enum query_type types[ANSWER_COLUMNS_MAX]; /* the widest that was seen in each */
	size_t n_columns, n_rows;
};

/* Hold at most MAX bytes. */
void answer_init(struct query_answer *a, enum answer_form form, size_t max);
void answer_fini(struct query_answer *a);

/* Of a query_sink; their argument is the answer. Fail with SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err answer_columns(void *answer, const char *const *names, size_t n);
SC_CHECKED enum sc_err answer_row(void *answer, const struct query_value *v, size_t n);

/* All of it, appended to OUT. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err answer_print(const struct query_answer *a, const char *dataset,
    uint64_t release, bool cut, uint64_t record, struct sc_buf *out);

#endif
