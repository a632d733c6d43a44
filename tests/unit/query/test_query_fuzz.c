/*
 * test_query_fuzz.c - statements by lot: nothing of a file that is of no release comes out.
 *
 * By a grammar, and by hands' hostile statements cut up and joined. As many as QUERY_FUZZ says
 * (4,000); a million are `make deep STEPS=query`. One that finds something is printed, and its
 * number with the seed QUERY_SEED makes it again.
 */
#include "analytics/query/query.h"

#include "hostile.h"
#include "release_rig.h"
#include "tap.h"

#include <stdlib.h>

#define SQL_BYTES 2048

static struct release_rig rig;
static struct query_file *file;
static uint64_t lot;

static uint64_t any(uint64_t n)
{
	uint64_t x = lot += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31) % n;
}

/* ---- a grammar ----------------------------------------------------------------------------
 *
 * A word in <> is one of its rows, chosen by lot; what is too deep ends in its first row.
 */
static const struct rule {
	const char *name;
	const char *rows[24];
} grammar[] = {
	{ "stmt",
	    { "<select>", "<select>;", "WITH <with> <select>", "<select> <set> <select>", "<evil>",
		"<select>; <evil>", "EXPLAIN <select>", "VALUES (<expr>)", "<select> -- <word>",
		"/* <word> */ <select>" } },
	{ "select",
	    { "SELECT <list>", "SELECT <list> FROM <from>",
		"SELECT <list> FROM <from> WHERE <expr>",
		"SELECT <list> FROM <from> GROUP BY <expr>",
		"SELECT <list> FROM <from> WHERE <expr> ORDER BY <expr> LIMIT <number>",
		"SELECT DISTINCT <list> FROM <from> ORDER BY 1",
		"SELECT <list> FROM <from> GROUP BY <expr> HAVING <expr>" } },
	{ "list",
	    { "*", "<expr>", "<expr>, <expr>", "<expr> AS <word>", "count(*)", "<table>.*",
		"<expr>, <list>" } },
	{ "from",
	    { "sales", "<table>", "<table> AS <word>", "<table> JOIN <table> ON <expr>",
		"<table>, <table>", "(<select>) AS <word>", "<table> LEFT JOIN <table>",
		"<table> NATURAL JOIN <table>", "<quoted>", "main.<table>", "<func>" } },
	{ "table",
	    { "sales", "people", "sales", "people", "dictionary", "hidden", "peep", "hidden_secret",
		"sqlite_master", "sqlite_schema", "sqlite_temp_master", "pragma_table_list",
		"pragma_table_info('hidden')", "json_each('[1]')", "dbstat", "<word>", "other.t",
		"temp.hidden", "bytecode('SELECT 1')", "sqlite_dbpage" } },
	{ "quoted",
	    { "\"hidden\"", "[hidden]", "`hidden`", "'hidden'", "\"sales\"", "HIDDEN", "hid/**/den",
		"\"hid\"\"den\"" } },
	{ "with",
	    { "<word> AS (<select>)", "RECURSIVE <word>(a) AS (<select> UNION ALL <select>)",
		"hidden AS (<select>)", "sales AS (SELECT * FROM hidden)",
		"<word> AS (<select>), <word> AS (<select>)",
		"<word> AS MATERIALIZED (<select>)" } },
	{ "set", { "UNION", "UNION ALL", "EXCEPT", "INTERSECT" } },
	{ "expr",
	    { "<column>", "<literal>", "<expr> <op> <expr>", "(<expr>)", "(<select>)", "<func>",
		"EXISTS (<select>)", "<expr> IN (<select>)", "<expr> IN <table>",
		"CASE WHEN <expr> THEN <expr> ELSE <expr> END", "<expr> BETWEEN <expr> AND <expr>",
		"CAST(<expr> AS <type>)", "<agg> OVER (<window>)", "NOT <expr>", "<agg>",
		"<expr> COLLATE NOCASE", "<expr> IS NULL", "-<expr>" } },
	{ "column",
	    { "category", "channel", "orders", "revenue", "region", "visits", "secret", "number",
		"rowid", "_rowid_", "oid", "sql", "name", "<table>.<column>", "\"secret\"",
		"<word>", "rootpage", "table_name" } },
	{ "literal",
	    { "1", "<number>", "'x'", "'it''s'", "NULL", "x'00ff'", "1e309", "'" RIG_CANARY "'",
		"0x7f", "?", ":a", "$1", "TRUE", "CURRENT_TIMESTAMP" } },
	{ "number", { "1", "0", "-1", "99999", "9223372036854775807", "1.5", "1e10" } },
	{ "op",
	    { "=", "+", "||", "<", "LIKE", "GLOB", "AND", "OR", "->>", "->", "MATCH", "REGEXP", "%",
		"/", "*", "<<", "IS NOT", "<>", "-" } },
	{ "agg",
	    { "count(<expr>)", "sum(<expr>)", "max(<expr>)", "group_concat(<expr>)",
		"avg(<expr>) FILTER (WHERE <expr>)", "rank()", "row_number()", "lag(<expr>)",
		"nth_value(<expr>, 2)", "total(DISTINCT <expr>)" } },
	{ "window",
	    { "", "ORDER BY <expr>", "PARTITION BY <expr> ORDER BY <expr>",
		"ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING" } },
	{ "func",
	    { "lower(<expr>)", "substr(<expr>, <number>)", "replace(<expr>, <expr>, <expr>)",
		"length(<expr>)", "coalesce(<expr>, <expr>)", "iif(<expr>, <expr>, <expr>)",
		"printf('%1000d', <expr>)", "zeroblob(<number>)", "hex(<expr>)",
		"load_extension(<expr>)", "readfile(<expr>)", "sqlite_version()", "json(<expr>)",
		"quote(<expr>)", "round(<expr>)", "abs(<expr>)", "strftime(<expr>, <expr>)",
		"instr(<expr>, <expr>)", "typeof(<expr>)", "sqlite_offset(<expr>)",
		"pow(<expr>, <expr>)" } },
	{ "type", { "TEXT", "INTEGER", "REAL", "BLOB", "<word>" } },
	{ "word",
	    { "a", "x", "alice", "hidden", "\"x\"", "select", "t1", "\xe9\x97\xa8", "main" } },
	{ "evil",
	    { "PRAGMA table_list", "ATTACH 'x' AS other", "DROP TABLE sales", "VACUUM",
		"CREATE TEMP TABLE t AS <select>", "INSERT INTO sales <select>", "BEGIN",
		"UPDATE sales SET category = <expr>", "DELETE FROM sales WHERE <expr>",
		"CREATE TEMP VIEW v AS <select>", "ANALYZE", "PRAGMA query_only=0", "REINDEX",
		"DETACH main", "SAVEPOINT s", "CREATE VIRTUAL TABLE v USING fts5(x)" } },
};

struct text {
	char p[SQL_BYTES];
	size_t n;
};

static void put(struct text *t, const char *p, size_t n)
{
	if (t->n + n >= sizeof(t->p))
		n = sizeof(t->p) - 1 - t->n;
	memcpy(t->p + t->n, p, n);
	t->n += n;
}

static const struct rule *find_rule(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		if (strlen(grammar[i].name) == n && memcmp(grammar[i].name, name, n) == 0)
			return &grammar[i];
	return NULL;
}

static void expand(struct text *t, const struct rule *r, unsigned depth)
{
	size_t n = 0;

	while (n < 24 && r->rows[n] != NULL)
		n++;
	for (const char *p = r->rows[depth == 0 ? 0 : any(n)], *end; *p != '\0'; p = end) {
		const char *close = *p == '<' ? strchr(p, '>') : NULL;
		const struct rule *inner =
		    close == NULL ? NULL : find_rule(p + 1, (size_t)(close - p) - 1);

		end = inner != NULL ? close + 1 : p + 1;
		if (inner == NULL)
			put(t, p, 1);
		else
			expand(t, inner, depth == 0 ? 0 : depth - 1);
	}
}

/* ---- and by cutting up ---------------------------------------------------------------------- */

static void put_piece(struct text *t)
{
	const char *s = hostile[any(sizeof(hostile) / sizeof(hostile[0]))];
	const size_t n = strlen(s), from = n == 0 ? 0 : any(n);

	put(t, s + from, n == 0 ? 0 : any(n - from) + 1);
}

/* Change, drop or double a few bytes. */
static void disturb(struct text *t)
{
	static const char marks[] = " ;'\"()[]`-/*,.\n%?x=";

	for (uint64_t i = any(4); i > 0 && t->n > 0; i--) {
		const size_t at = any(t->n);

		if (any(3) == 0)
			memmove(t->p + at, t->p + at + 1, t->n-- - at - 1);
		else
			t->p[at] = any(8) == 0 ? (char)any(256) : marks[any(sizeof(marks) - 1)];
	}
}

static void make(struct text *t)
{
	t->n = 0;
	if (any(4) != 0) {
		expand(t, &grammar[0], 3 + (unsigned)any(4));
	} else {
		for (uint64_t i = 1 + any(3); i > 0; i--)
			put_piece(t);
	}
	if (any(3) == 0)
		disturb(t);
}

/* ---- the oracle ----------------------------------------------------------------------------- */

static bool leaked;

static enum sc_err on_columns(void *arg, const char *const *names, size_t n)
{
	(void)arg;
	(void)names;
	(void)n;
	return SC_OK;
}

/* The canary may come back only from who wrote it into the statement. */
static enum sc_err on_row(void *arg, const struct query_value *v, size_t n)
{
	const struct text *t = arg;
	const bool said = memmem(t->p, t->n, "canary", 6) != NULL;

	for (size_t i = 0; i < n && !said; i++)
		leaked = leaked || v[i].integer == RIG_CANARY_NUMBER ||
		    (v[i].type == QUERY_TEXT && v[i].text.n >= strlen(RIG_CANARY) &&
			memmem(v[i].text.p, v[i].text.n, RIG_CANARY, strlen(RIG_CANARY)) != NULL);
	return SC_OK;
}

static bool is_own(const char *name)
{
	return strcmp(name, "sales") == 0 || strcmp(name, "people") == 0 ||
	    strcmp(name, QUERY_DICTIONARY) == 0;
}

static uint64_t answered;

static bool holds(struct text *t)
{
	static const struct query_limits small = { .steps = 20000,
		.rows = 100,
		.bytes = 1 << 16,
		.heap = 4 << 20,
		.sql_bytes = SQL_BYTES,
		.ms = 1000 };
	const struct query_sink sink = { .columns = on_columns, .row = on_row, .arg = t };
	uint8_t sum[SHELF_SHA_BYTES];
	struct query_done done;
	struct sc_diag d = { .text = "" };
	enum sc_err err;
	bool ok;

	leaked = false;
	err = query_run(file, sc_span(t->p, t->n), &small, &sink, &d, &done);
	ok = !leaked && done.steps <= small.steps + 100 && done.rows <= small.rows;
	for (size_t i = 0; i < done.n_tables; i++)
		ok = ok && is_own(done.tables[i]);
	ok = ok && (err == SC_OK || err == SC_SYNTAX || err == SC_AUTH || err == SC_LIMIT);
	ok = ok && (err == SC_OK || d.text[0] != '\0');
	ok = ok && query_fingerprint(file, sc_span(t->p, t->n), sum) == SC_OK;
	answered += err == SC_OK;
	return ok;
}

static uint64_t number(const char *name, uint64_t usual)
{
	const char *said = getenv(name);

	return said == NULL ? usual : strtoull(said, NULL, 10);
}

static void test_by_lot(void)
{
	const uint64_t n = number("QUERY_FUZZ", 4000), seed = number("QUERY_SEED", 1);
	struct text t;

	for (uint64_t i = 0; i < n; i++) {
		lot = (seed << 32) + i * 977;
		make(&t);
		if (holds(&t))
			continue;
		printf("# %llu: %.*s\n", (unsigned long long)i, (int)t.n, t.p);
		CHECK(false);
	}
	printf("# %llu statements, %llu answered\n", (unsigned long long)n,
	    (unsigned long long)answered);
	/* else nothing was tried but the parser */
	CHECK(answered >= n / 50);
}

int main(void)
{
	struct sc_diag d = { .text = "" };

	if (query_init() != SC_OK)
		return 1;
	release_rig_init(&rig);
	if (query_file_open(&rig.release, &d, &file) != SC_OK) {
		printf("Bail out! %s\n", d.text);
		return 1;
	}
	RUN(test_by_lot, "no statement by lot reads what is of no release, or runs on");
	query_file_close(file);
	release_rig_fini(&rig);
	return tap_done();
}
