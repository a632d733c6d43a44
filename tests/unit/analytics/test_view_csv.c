/*
 * test_view_csv.c - tables as people have them: what is read of them, and how what cannot be
 * read is told.
 */
#include "analytics/views/csv.h"
#include "analytics/views/source_csv.h"

#include "tap.h"
#include "view_kit.h"

#include <stdlib.h>
#include <unistd.h>

static struct view_kit kit;
static struct sc_diag d;
static char got[4096];

/* All cells of TEXT as "a|b/c|d/", names first. */
static enum sc_err read_text(const char *text, char separator, const char *person)
{
	struct view_csv *csv = NULL;
	struct view_source *s;
	struct sc_span cells[8];
	uint64_t who;
	bool end = false;
	size_t at = 0;
	enum sc_err err;

	d = (struct sc_diag){ .text = "" };
	got[0] = '\0';
	view_kit_write(&kit, "t.csv", text);
	err = view_csv_open(view_kit_path(&kit, "t.csv"), separator, person, &d, &csv);
	if (err != SC_OK)
		return err;
	s = view_csv_source(csv);
	for (size_t i = 0; i < s->n; i++)
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%s", s->names[i],
		    i + 1 == s->n ? "/" : "|");
	while (err == SC_OK && (err = s->next(s->arg, cells, &who, &end, &d)) == SC_OK && !end)
		for (size_t i = 0; i < s->n; i++)
			at += (size_t)snprintf(got + at, sizeof(got) - at, "%.*s%s",
			    SC_SPAN_ARG(cells[i]), i + 1 == s->n ? "/" : "|");
	view_csv_close(csv);
	return err;
}

static void test_good(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "a,b\n1,2\n3,4\n", "a|b/1|2/3|4/" },
		{ "a,b\r\n1,2\r\n3,4", "a|b/1|2/3|4/" },
		{ "\xef\xbb\xbf"
		  "a;b\n1,5;2\n",
		    "a|b/1,5|2/" },
		{ "a\tb\n1\t\n\n\t2\n", "a|b/1|/|2/" },
		{ "a,b\n\"x \"\"y\"\", z\",\"two\nlines\"\n", "a|b/x \"y\", z|two\nlines/" },
		{ "\"a;b\",c\n\"\",\"\"\n", "a;b|c/|/" },
		{ "a\n1\n2\n", "a/1/2/" },
		{ "a,b\n", "a|b/" },
	};

	view_kit_init(&kit);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(read_text(rows[i].text, '\0', NULL) == SC_OK);
		CHECK(strcmp(got, rows[i].says) == 0);
	}
	CHECK(read_text("a,b;c\n1,2;3\n", ';', NULL) == SC_OK && strcmp(got, "a,b|c/1,2|3/") == 0);
	view_kit_fini(&kit);
}

static void test_bad(void)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *says;
	} rows[] = {
		{ "", 0, 0, "it is empty" },
		{ "a,a\n", 0, 0, "same name" },
		{ "a,b\n1,2\n3\n", 3, 2, "fewer or more cells" },
		{ "a,b\n1,2,3\n", 2, 6, "fewer or more cells" },
		{ "a,b\n1,x\"y\n", 2, 4, "a quote within a cell" },
		{ "a,b\n\"1\n2\",\"3\n", 3, 6, "not closed" },
		{ "a,b\n\"1\"2,3\n", 2, 4, "behind its closing quote" },
		{ "a,b\n1,2\r3,4\n", 2, 4, "CR" },
		{ "a,b\nx,\xff\n", 2, 4, "not UTF-8" },
	};

	view_kit_init(&kit);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(read_text(rows[i].text, '\0', NULL) == SC_SYNTAX);
		if (strstr(d.text, rows[i].says) == NULL || d.line != rows[i].line ||
		    d.column != rows[i].column)
			printf("# %zu: %u:%u: %s\n", i, d.line, d.column, d.text);
		CHECK(strstr(d.text, rows[i].says) != NULL);
		CHECK(d.line == rows[i].line && d.column == rows[i].column);
		CHECK(strcmp(d.file, view_kit_path(&kit, "t.csv")) == 0);
	}
	CHECK(read_text("a,b\n1,2\n", '\0', "c") == SC_SYNTAX && strstr(d.text, "\"c\"") != NULL);
	CHECK(read_text("a,b\n,2\n", '\0', "a") == SC_SYNTAX && d.line == 2);
	CHECK(strstr(d.text, "whose it is") != NULL);
	view_kit_fini(&kit);
}

/* A record may be of a mebibyte, and of no more: a quote that nobody closed eats no memory. */
static void test_long(void)
{
	const size_t n = CSV_RECORD_MAX + 64;
	char *text = calloc(1, n + 64);

	NEED(text != NULL);
	view_kit_init(&kit);
	memcpy(text, "a,b\n1,\"", 7);
	memset(text + 7, 'x', 200000);
	memcpy(text + 200007, "\"\n", 3);
	CHECK(read_text("a\n", '\0', NULL) == SC_OK);
	view_kit_write(&kit, "t.csv", text);
	CHECK(read_text(text, '\0', NULL) == SC_OK);
	memset(text + 7, 'x', n);
	CHECK(read_text(text, '\0', NULL) == SC_LIMIT && d.line == 2);
	free(text);
	view_kit_fini(&kit);
}

static void test_people(void)
{
	struct view_csv *one, *two;
	struct sc_span cells[2];
	uint64_t a, b, c;
	bool end;

	view_kit_init(&kit);
	view_kit_write(&kit, "1.csv", "id,x\nann,1\nbob,2\n");
	view_kit_write(&kit, "2.csv", "x,id\n1,bob\n2,ann\n");
	NEED(view_csv_open(view_kit_path(&kit, "1.csv"), '\0', "id", &d, &one) == SC_OK);
	NEED(view_csv_open(view_kit_path(&kit, "2.csv"), '\0', "id", &d, &two) == SC_OK);
	struct view_source *s = view_csv_source(one), *t = view_csv_source(two);
	CHECK(s->next(s->arg, cells, &a, &end, &d) == SC_OK && !end);
	CHECK(s->next(s->arg, cells, &b, &end, &d) == SC_OK && a != b);
	CHECK(t->next(t->arg, cells, &c, &end, &d) == SC_OK && c == b);
	CHECK(s->again(s->arg, &d) == SC_OK && s->next(s->arg, cells, &c, &end, &d) == SC_OK);
	CHECK(c == a && sc_span_is(cells[0], "ann"));
	view_kit_write(&kit, "1.csv", "id,x\nann,1\nbob,2\ncid,3\n");
	CHECK(s->again(s->arg, &d) == SC_STALE && strstr(d.text, "changed") != NULL);
	view_csv_close(one);
	view_csv_close(two);
	CHECK(view_csv_open("/dev/null", '\0', NULL, &d, &one) == SC_IO && one == NULL);
	CHECK(view_csv_open("/nowhere/x.csv", '\0', NULL, &d, &one) == SC_IO && one == NULL);
	view_kit_fini(&kit);
}

int main(void)
{
	RUN(test_good, "quotes, line ends, separators and a byte order mark are read");
	RUN(test_bad, "what cannot be read is told by line and column");
	RUN(test_long, "a record is of a mebibyte at most");
	RUN(test_people, "a person has the same number in every file, and a file stays as it is");
	return tap_done();
}
