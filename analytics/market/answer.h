/*
 * answer.h - what queryd answers, read as strictly as what a stranger sent.
 *
 *	{"dataset": "week", "release": 47, "columns": [{"name": "week", "type": "TEXT"}, ...],
 *	 "rows": [["2026-W47", 14256], ...], "cut": false, "record": 1201}
 *
 * Members that are not named here are passed over: a later queryd may say more.
 */
#ifndef ANALYTICS_MARKET_ANSWER_H
#define ANALYTICS_MARKET_ANSWER_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text/doc.h"

#define ANSWER_BYTES_MAX DOC_BYTES_MAX
#define ANSWER_COLUMNS_MAX 12
#define ANSWER_ROWS_MAX 100000
#define ANSWER_NUMBER_MAX 9007199254740992.0 /* 2^53: whole numbers are exact up to here */

/* TEXT of a text; of a number NULL, and the number; of nothing neither. */
struct answer_value {
	const char *text;
	double number;
	bool null;
};

struct market_answer {
	uint64_t release, record; /* of the data; of queryd's log, where the question stands */
	bool cut;                 /* there was more than it answers at once */
	const char *columns[ANSWER_COLUMNS_MAX];
	size_t n_columns, n_rows;
	const struct answer_value *values; /* [row * n_columns + column] */
};

/*
 * Read TEXT; what *OUT holds lives in A. Fails with SC_SYNTAX, SC_LIMIT (too long, or a number
 * too large), SC_NOMEM; D says where.
 */
SC_CHECKED enum sc_err answer_parse(struct sc_arena *a, struct sc_span text, struct sc_diag *d,
    struct market_answer *out);

/* What a page needs to know of a manifest. */
#define ANSWER_TABLES_MAX 80
struct market_manifest {
	uint64_t number;
	uint32_t k;
	bool checked;
	const char *from, *to;                 /* days, or "" */
	const char *tables[ANSWER_TABLES_MAX]; /* names fit to stand in a statement */
	size_t n_tables;
	const char *spent_unit; /* of the first table's column "spent"; "" where it has none */
};

/* The same of a release's manifest.json, whose other members are passed over. */
SC_CHECKED enum sc_err answer_manifest_parse(struct sc_arena *a, struct sc_span text,
    struct sc_diag *d, struct market_manifest *out);

#endif
