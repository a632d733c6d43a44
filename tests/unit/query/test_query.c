/*
 * test_query.c - one statement over one release, by somebody who is not trusted.
 */
#include "analytics/query/query.h"

#include "hostile.h"
#include "release_rig.h"
#include "tap.h"

#include <stdlib.h>

static struct release_rig rig;
static struct query_file *file;

/* What an answer was, as text: columns, rows, a line each. */
struct heard {
	char text[8192];
	size_t n;
	bool canary;
	unsigned asked, stop_at; /* go_on() */
};

static void add(struct heard *h, const char *p, size_t n)
{
	if (h->n + n >= sizeof(h->text))
		return;
	memcpy(h->text + h->n, p, n);
	h->text[h->n += n] = '\0';
}

static bool holds(struct sc_span s, const char *what)
{
	return s.n >= strlen(what) && memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static enum sc_err on_columns(void *arg, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add(arg, names[i], strlen(names[i]));
		add(arg, i + 1 == n ? "\n" : ",", 1);
	}
	return SC_OK;
}

static enum sc_err on_row(void *arg, const struct query_value *v, size_t n)
{
	struct heard *h = arg;
	char number[64];

	for (size_t i = 0; i < n; i++) {
		if (v[i].type == QUERY_INTEGER)
			snprintf(number, sizeof(number), "%lld", (long long)v[i].integer);
		else if (v[i].type == QUERY_REAL)
			snprintf(number, sizeof(number), "%.4f", v[i].real);
		else
			snprintf(number, sizeof(number), "-");
		if (v[i].type == QUERY_TEXT)
			add(h, (const char *)v[i].text.p, v[i].text.n);
		else
			add(h, number, strlen(number));
		add(h, i + 1 == n ? "\n" : ",", 1);
		h->canary = h->canary || v[i].integer == RIG_CANARY_NUMBER ||
		    (v[i].type == QUERY_TEXT && holds(v[i].text, RIG_CANARY));
	}
	return SC_OK;
}

static enum sc_err on_go_on(void *arg)
{
	struct heard *h = arg;

	return ++h->asked == h->stop_at ? SC_STALE : SC_OK;
}

static struct heard heard;
static struct sc_diag diag;
static struct query_done done;

static enum sc_err run_limited(const char *sql, const struct query_limits *l)
{
	const struct query_sink sink = { on_columns, on_row, on_go_on, &heard };

	diag = (struct sc_diag){ .text = "" };
	return query_run(file, sc_span_str(sql), l, &sink, &diag, &done);
}

static enum sc_err run(const char *sql)
{
	heard = (struct heard){ .n = 0 };
	return run_limited(sql, &query_usual_limits);
}

#define ANSWERS(sql, want) CHECK(run(sql) == SC_OK && strcmp(heard.text, want) == 0)

static void test_answers(void)
{
	ANSWERS("SELECT count(*) AS n, sum(orders), avg(orders), min(category) FROM sales",
	    "n,sum(orders),avg(orders),min(category)\n200,19900,99.5000,category 0\n");
	CHECK(done.rows == 1 && !done.cut && done.n_tables == 1);
	CHECK(strcmp(done.tables[0], "sales") == 0);
	ANSWERS("SELECT channel, count(*) FROM sales GROUP BY channel ORDER BY 2 DESC, 1;\n-- so",
	    "channel,count(*)\napp,67\nweb,67\n门店,66\n");
	ANSWERS("WITH t AS (SELECT region, sum(visits) v FROM people GROUP BY 1) SELECT count(*) c,"
		" max(v) m FROM t",
	    "c,m\n5,204\n");
	ANSWERS("SELECT column_name FROM dictionary WHERE table_name = 'sales' LIMIT 2",
	    "column_name\ncategory\nchannel\n");
	ANSWERS("SELECT NULL, 1.5, 'x', -7", "NULL,1.5,'x',-7\n-,1.5000,x,-7\n");
	ANSWERS("VALUES (1), (2)", "column1\n1\n2\n");
	ANSWERS("SELECT category, rank() OVER (ORDER BY sum(revenue) DESC) r FROM sales GROUP BY 1"
		" ORDER BY r LIMIT 1",
	    "category,r\ncategory 3,1\n");
	ANSWERS("SELECT s.category FROM sales s JOIN people p ON p.visits = s.orders WHERE"
		" lower(p.region) LIKE 'REGION%' AND s.orders BETWEEN 3 AND 3 GROUP BY 1",
	    "category\ncategory 3\n");
	CHECK(done.n_tables == 2);
}

/* Nothing of a file that is of no release comes out, whatever is asked. */
static void test_hostile(void)
{
	const struct query_limits small = { .steps = 200000,
		.rows = 1000,
		.bytes = 1 << 20,
		.heap = 8 << 20,
		.sql_bytes = 8192,
		.ms = 2000 };
	unsigned answered = 0;

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		char sql[4096];
		size_t n = 0;

		for (const char *p = hostile[i]; *p != '\0' && n < sizeof(sql) - 200; p++)
			n += *p == '@' && p[1] == '/' ?
			    (size_t)snprintf(sql + n, sizeof(sql) - n, "%s", rig.folder) :
			    (sql[n] = *p, 1);
		sql[n] = '\0';
		heard = (struct heard){ .n = 0 };
		const enum sc_err err = run_limited(sql, &small);

		CHECK(!heard.canary);
		CHECK(err == SC_OK || err == SC_SYNTAX || err == SC_AUTH || err == SC_LIMIT);
		CHECK(err == SC_OK || diag.text[0] != '\0');
		CHECK(strstr(diag.text, "canary") == NULL && strstr(diag.text, rig.folder) == NULL);
		CHECK(done.steps <= small.steps + 100);
		/* also not how much there is of it */
		CHECK(strstr(heard.text, "\n37\n") == NULL);
		if (err == SC_OK) {
			printf("# answered: %s\n", hostile[i]);
			answered++;
		}
	}
	/* arithmetic, and texts that are cut: nothing of theirs is wrong */
	CHECK(answered <= 4);
	printf("# %zu statements, %u answered\n", sizeof(hostile) / sizeof(hostile[0]), answered);
	ANSWERS("SELECT count(*) FROM sales", "count(*)\n200\n");
}

static void refused(const char *sql, enum sc_err err, unsigned line, unsigned column,
    const char *text)
{
	CHECK(run(sql) == err);
	CHECK(diag.line == line && diag.column == column);
	CHECK(strstr(diag.text, text) != NULL);
	if (strstr(diag.text, text) == NULL || diag.column != column)
		printf("# %u:%u %s\n", diag.line, diag.column, diag.text);
}

static void test_says_why(void)
{
	refused("SELECT category\nFROM sale", SC_SYNTAX, 2, 6, "\"sales\"");
	refused("SELECT categorie FROM sales", SC_SYNTAX, 1, 8, "\"category\"");
	refused("SELECT s.channels FROM sales s", SC_SYNTAX, 1, 10, "\"channel\"");
	refused("SELECT \"web\" FROM sales", SC_SYNTAX, 1, 8, "single quotes");
	refused("SELECT medin(orders) FROM sales", SC_SYNTAX, 1, 8, "unknown function");
	refused("SELECT hex(category) FROM sales", SC_AUTH, 1, 8, "unknown function \"hex\"");
	refused("SELECT * FROM hidden", SC_AUTH, 1, 15, "unknown table");
	refused("SELECT rowid FROM sales", SC_AUTH, 1, 8, "unknown column");
	refused("SELECT category FROM sales WHERE", SC_SYNTAX, 0, 0, "incomplete");
	refused("SELECT FROM sales", SC_SYNTAX, 1, 8, "syntax error");
	refused("DELETE FROM sales", SC_AUTH, 0, 0, "only SELECT");
	refused("SELECT 1; SELECT 2", SC_AUTH, 1, 10, "one statement");
	refused("EXPLAIN SELECT 1", SC_AUTH, 0, 0, "EXPLAIN");
	refused("SELECT ?", SC_SYNTAX, 1, 8, "variables");
	refused("  -- no", SC_SYNTAX, 0, 0, "no statement");
}

static void test_limits(void)
{
	struct query_limits l = query_usual_limits;
	static const char many[] = "SELECT count(*) FROM sales a, sales b, sales c, sales d";

	l.steps = 1000000;
	CHECK(run_limited(many, &l) == SC_LIMIT && strstr(diag.text, "steps") != NULL);
	CHECK(done.steps >= l.steps && done.steps <= l.steps + 100);
	l = query_usual_limits;
	l.ms = 20;
	CHECK(run_limited(many, &l) == SC_LIMIT && strstr(diag.text, "too long") != NULL);
	l = query_usual_limits;
	l.heap = 4 << 20;
	CHECK(run_limited("SELECT count(*) FROM (SELECT DISTINCT a.orders, b.orders, c.orders FROM"
			  " sales a, sales b, sales c)",
		  &l) == SC_LIMIT);
	CHECK(strstr(diag.text, "memory") != NULL);
	ANSWERS("SELECT count(*) FROM sales", "count(*)\n200\n");
	l = query_usual_limits;
	l.sql_bytes = 8;
	CHECK(run_limited("SELECT 1", &l) == SC_OK);
	CHECK(run_limited("SELECT 12", &l) == SC_LIMIT);
}

static void test_cut(void)
{
	struct query_limits l = query_usual_limits;

	l.rows = 200;
	CHECK(run_limited("SELECT * FROM sales", &l) == SC_OK && done.rows == 200 && !done.cut);
	l.rows = 199;
	CHECK(run_limited("SELECT * FROM sales", &l) == SC_OK && done.rows == 199 && done.cut);
	l = query_usual_limits;
	l.bytes = 10 * (8 + 10);
	CHECK(run_limited("SELECT category FROM sales", &l) == SC_OK && done.rows == 10);
	CHECK(done.cut);
}

static void test_go_on(void)
{
	heard = (struct heard){ .stop_at = 2 };
	CHECK(run_limited("SELECT count(*) FROM sales a, sales b, sales c, sales d",
		  &query_usual_limits) == SC_STALE);
	ANSWERS("SELECT 1", "1\n1\n");
}

static void test_check(void)
{
	CHECK(query_check(file, sc_span_str("SELECT count(*) FROM people, dictionary"),
		  &query_usual_limits, &diag, &done) == SC_OK);
	CHECK(done.n_tables == 2 && strcmp(done.tables[0], "people") == 0 &&
	    strcmp(done.tables[1], "dictionary") == 0);
	CHECK(done.rows == 0);
	CHECK(query_check(file, sc_span_str("SELECT * FROM hidden"), &query_usual_limits, &diag,
		  &done) == SC_AUTH);
}

static bool same(const char *a, const char *b)
{
	uint8_t x[SHELF_SHA_BYTES], y[SHELF_SHA_BYTES];

	return query_fingerprint(file, sc_span_str(a), x) == SC_OK &&
	    query_fingerprint(file, sc_span_str(b), y) == SC_OK && memcmp(x, y, sizeof(x)) == 0;
}

static void test_fingerprint(void)
{
	static const char plain[] = "SELECT category FROM sales WHERE orders > 10";

	CHECK(same(plain, "select  CATEGORY from sales\n where orders>99 ;"));
	CHECK(same(plain, "SELECT /* Alice */ category FROM sales WHERE orders > 'Bob' -- Eve"));
	CHECK(same(plain, "SELECT \"category\" FROM [sales] WHERE `orders` > x'00'"));
	CHECK(same(plain, "SELECT category FROM sales WHERE orders > 1.5e-7"));
	CHECK(
	    same("SELECT orders AS alice FROM sales AS x", "SELECT orders AS bob FROM sales AS y"));
	CHECK(same("SELECT 1 WHERE 1 IN (1)", "SELECT 1 WHERE 1 IN (1, 2, 'x', .5)"));
	CHECK(same("SELECT 'it''s; -- no'", "SELECT 1"));
	CHECK(!same(plain, "SELECT category FROM sales WHERE orders < 10"));
	CHECK(!same(plain, "SELECT channel FROM sales WHERE orders > 10"));
	CHECK(!same(plain, "SELECT category FROM people WHERE orders > 10"));
	CHECK(!same("SELECT 1, 2 FROM sales", "SELECT 1 FROM people"));
	CHECK(!same("SELECT count(*) FROM sales", "SELECT max(orders) FROM sales"));
}

static void test_needs_init(void)
{
	struct query_file *f = NULL;

	CHECK(query_file_open(&rig.release, &diag, &f) == SC_BUG && f == NULL);
}

int main(void)
{
	RUN(test_needs_init, "nothing is opened before memory is counted");
	if (query_init() != SC_OK)
		return 1;
	release_rig_init(&rig);
	if (query_file_open(&rig.release, &diag, &file) != SC_OK) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	RUN(test_answers, "a statement is answered, and its tables are told");
	RUN(test_hostile, "nothing comes out that is of no release");
	RUN(test_says_why, "who is refused hears why, where, and what there is");
	RUN(test_limits, "steps, time, memory and length run out");
	RUN(test_cut, "rows and bytes are cut off, which is told");
	RUN(test_go_on, "who waits no longer ends it");
	RUN(test_check, "a statement is checked without being run");
	RUN(test_fingerprint, "a fingerprint is of the question, not of what was put into it");
	query_file_close(file);
	release_rig_fini(&rig);
	return tap_done();
}
