/*
 * keys_erasures.c - `scrim keys erasures`: those that wait, by handle, and taking one back, or all.
 */
#include "cli/operate.h"

#include "base/civil.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page of those that wait, from entry FROM on ("": the first); *NEXT "": it was the last. */
static int ask_page(const struct cli_call *c, char next[24], struct operate_answer *a)
{
	const struct doc_node *more;
	int rc = operate_ask(c, WIRE_KEYS_ERASURES, next, a);

	if (rc != CLI_GO_ON)
		return rc;
	more = doc_find(a->doc.root, "next");
	snprintf(next, 24, "%s", more == NULL ? "" : more->text);
	return CLI_GO_ON;
}

static uint64_t number_of(const struct doc_node *object, const char *key)
{
	const struct doc_node *x = doc_find(object, key);

	return x == NULL ? 0 : strtoull(x->text, NULL, 10);
}

/* "2026-11-28 06:10", UTC. */
static void print_time(uint64_t ms, char out[32])
{
	const struct civil_date d = civil_of_days((int64_t)(ms / 86400000));
	const uint64_t minute = ms / 60000 % 1440;

	snprintf(out, 32, "%04d-%02u-%02u %02u:%02u", (int)d.year, d.month, d.day,
	    (unsigned)(minute / 60), (unsigned)(minute % 60));
}

static void print_page(const struct operate_answer *a, uint64_t *people)
{
	const struct doc_node *list = doc_find(a->doc.root, "erasures");
	char asked[32], due[32];

	for (const struct doc_node *e = list == NULL ? NULL : list->first; e != NULL; e = e->next) {
		print_time(number_of(e, "asked_ms"), asked);
		print_time(clock_unix_ms() + number_of(e, "left_s") * 1000, due);
		printf("%s  keys %-2" PRIu64 "  asked %s  due %s  entry %" PRIu64 "\n",
		    doc_find_text(e, "handle"), number_of(e, "keys"), asked, due,
		    number_of(e, "record"));
		++*people;
	}
}

static int list(const struct cli_call *c)
{
	char next[24] = "";
	uint64_t people = 0;
	int rc = CLI_GO_ON;

	do {
		struct operate_answer a = { .text = { 0 } };

		if ((rc = ask_page(c, next, &a)) == CLI_GO_ON && c->json)
			rc = cli_out(sc_buf_span(&a.text)) == CLI_DONE ? CLI_GO_ON : CLI_NO;
		else if (rc == CLI_GO_ON)
			print_page(&a, &people);
		operate_fini(&a);
	} while (rc == CLI_GO_ON && next[0] != '\0');
	if (rc != CLI_GO_ON)
		return rc;
	if (!c->json)
		printf("%" PRIu64 " erasures wait; times are UTC, and due is later by as long as "
		       "keyd does not run\n",
		    people);
	return cli_flush(CLI_DONE);
}

static int cancel(const struct cli_call *c, const char *handle)
{
	struct operate_answer a = { .text = { 0 } };
	char words[512];
	int rc;

	snprintf(words, sizeof(words), "cancel %s %s", handle, c->erasures.reason);
	rc = operate_ask(c, WIRE_KEYS_ERASURES, words, &a);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&a.text)) == CLI_DONE ? CLI_GO_ON : CLI_NO;
	else if (rc == CLI_GO_ON)
		printf("%s stays: %" PRIu64 " keys open again (entry %" PRIu64 " of keyd's log)\n",
		    handle, number_of(a.doc.root, "keys"), number_of(a.doc.root, "record"));
	operate_fini(&a);
	return rc;
}

/* Everybody whom a page names, then the next; who was asked for since is there as well. */
static int cancel_all(const struct cli_call *c)
{
	char next[24] = "";
	int rc = CLI_GO_ON;

	do {
		struct operate_answer a = { .text = { 0 } };

		if ((rc = ask_page(c, next, &a)) == CLI_GO_ON) {
			const struct doc_node *page = doc_find(a.doc.root, "erasures");

			for (const struct doc_node *e = page == NULL ? NULL : page->first;
			     e != NULL && rc == CLI_GO_ON; e = e->next)
				rc = cancel(c, doc_find_text(e, "handle"));
		}
		operate_fini(&a);
	} while (rc == CLI_GO_ON && next[0] != '\0');
	return rc;
}

int cli_keys_erasures(const struct cli_call *c)
{
	int rc;

	if (c->erasures.cancel == NULL && c->erasures.reason == NULL)
		return list(c);
	if (c->erasures.cancel == NULL || c->erasures.reason == NULL)
		return cli_fail(CLI_USAGE, "--cancel HANDLE and --reason TEXT go together");
	if (strlen(c->erasures.reason) > 200 || strlen(c->erasures.cancel) > 64)
		return cli_fail(CLI_USAGE, "a handle has 32 digits, a reason at most 200 bytes");
	rc = strcmp(c->erasures.cancel, "all") == 0 ? cancel_all(c) : cancel(c, c->erasures.cancel);
	return rc == CLI_GO_ON ? cli_flush(CLI_DONE) : rc;
}
