/*
 * keys_dormant.c - `scrim keys dormant`: people for whom nothing was sealed since a day.
 */
#include "cli/operate.h"

#include "base/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "2026-01-31", in days since 1970; -1: it is no day. */
static int64_t parse_day(const char *text)
{
	struct civil_date d = { .year = 0 };
	unsigned month = 0, day = 0;
	long year = 0;
	int n = 0;

	if (text == NULL || sscanf(text, "%4ld-%2u-%2u%n", &year, &month, &day, &n) != 3 ||
	    text[n] != '\0' || n != 10 || month < 1 || month > 12)
		return -1;
	d.year = year;
	d.month = (uint8_t)month;
	d.day = (uint8_t)day;
	return day < 1 || day > civil_month_days(year, d.month) ? -1 : civil_days(d);
}

/* What keyd counted, a line for each quarter in which something of theirs was sealed last. */
static void print_counts(const struct operate_answer *a, const char *before)
{
	const struct doc_node *quarters = doc_find(a->doc.root, "quarters");

	for (const struct doc_node *q = quarters == NULL ? NULL : quarters->first; q != NULL;
	     q = q->next)
		printf("%s  %.*s\n", doc_find_text(q, "quarter"),
		    SC_SPAN_ARG(doc_said(&a->doc, doc_find(q, "people"))));
	printf("%.*s keys of people for whom nothing was sealed since the week of %s\n",
	    SC_SPAN_ARG(doc_said(&a->doc, doc_find(a->doc.root, "people"))), before);
}

static int count(const struct cli_call *c, int64_t day)
{
	struct operate_answer a = { .text = { 0 } };
	char words[64];
	int rc;

	snprintf(words, sizeof(words), "%" PRId64, day);
	rc = operate_ask(c, WIRE_KEYS_DORMANT, words, &a);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&a.text));
	else if (rc == CLI_GO_ON) {
		print_counts(&a, c->dormant.before);
		rc = cli_flush(CLI_DONE);
	}
	operate_fini(&a);
	return rc;
}

/* Ask for one list after another, each from where the last one ended. */
static int list(const struct cli_call *c, int64_t day)
{
	char words[64], from[32] = "0";
	int rc = CLI_GO_ON;

	while (rc == CLI_GO_ON && from[0] != '\0') {
		struct operate_answer a = { .text = { 0 } };
		const struct doc_node *ids, *next;

		snprintf(words, sizeof(words), "%" PRId64 " %s", day, from);
		if ((rc = operate_ask(c, WIRE_KEYS_DORMANT, words, &a)) == CLI_GO_ON) {
			ids = doc_find(a.doc.root, "ids");
			next = doc_find(a.doc.root, "next");
			for (ids = ids == NULL ? NULL : ids->first; ids != NULL; ids = ids->next)
				printf(c->json ? "\"%s\"\n" : "%s\n", ids->text);
			snprintf(from, sizeof(from), "%s", next == NULL ? "" : next->text);
		}
		operate_fini(&a);
	}
	return rc == CLI_GO_ON ? cli_flush(CLI_DONE) : rc;
}

int cli_keys_dormant(const struct cli_call *c)
{
	int64_t day = parse_day(c->dormant.before);

	if (day < 0)
		return cli_fail(CLI_USAGE, "--before DAY is missing, or no day such as 2026-01-31");
	return c->dormant.list ? list(c, day) : count(c, day);
}
