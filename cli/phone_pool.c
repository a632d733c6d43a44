/*
 * phone_pool.c - `scrim phone pool`: how full the pools are.
 */
#include "cli/phone_ask.h"

#include <stdio.h>
#include <stdlib.h>

/* What the table shows of a pool. */
static const struct {
	const char *key, *head;
	int width; /* negative: to the left */
} columns[] = {
	{ "name", "pool", -16 },
	{ "mode", "mode", -4 },
	{ "total", "slots", 9 },
	{ "live", "live", 9 },
	{ "cooling", "cooling", 9 },
	{ "free", "free", 9 },
	{ "occupancy_percent", "taken %", 7 },
	{ "allocation_failures", "failed", 7 },
	{ "late_calls", "late", 7 },
	{ "blocked", "blocked", 7 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* A row of the table for POOL; its head for NULL. */
static void print_row(const struct doc *doc, const struct doc_node *pool)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		char text[64];

		phone_said(doc, doc_find(pool, columns[i].key), text, sizeof(text));
		printf("%s%*s", i == 0 ? "" : " ", columns[i].width,
		    pool == NULL ? columns[i].head : text);
	}
	putchar('\n');
}

static int print_pools(const struct phone_answer *a)
{
	const struct doc_node *items = doc_find(a->doc.root, "items");

	print_row(&a->doc, NULL);
	for (const struct doc_node *it = items == NULL ? NULL : items->first; it != NULL;
	     it = it->next)
		print_row(&a->doc, it);
	return cli_flush(CLI_DONE);
}

/* One pool: all that scrimd counts, then a line for each of its numbers. */
static int print_pool(const struct phone_answer *a)
{
	const struct doc_node *lines = doc_find(a->doc.root, "lines");

	phone_print(&a->doc, a->doc.root);
	for (const struct doc_node *it = lines == NULL ? NULL : lines->first; it != NULL;
	     it = it->next) {
		char x[32], state[16], taken[16];

		phone_said(&a->doc, doc_find(it, "x"), x, sizeof(x));
		phone_said(&a->doc, doc_find(it, "state"), state, sizeof(state));
		phone_said(&a->doc, doc_find(it, "occupancy_percent"), taken, sizeof(taken));
		printf("%-20s  %s, %s %% taken\n", x, state, taken);
	}
	return cli_flush(CLI_DONE);
}

/* "/v1/pools/NAME/stats", the caller's to free(); NULL: no memory. */
static char *path_of(const char *name)
{
	char *start = remote_path("/v1/pools/", name), *path = NULL;

	if (start != NULL && asprintf(&path, "%s/stats", start) < 0)
		path = NULL;
	free(start);
	return path;
}

int cli_phone_pool(const struct cli_call *c)
{
	bool one = c->n_words > 0;
	char *path = one ? path_of(c->words[0]) : NULL;
	struct phone_answer a;
	int rc;

	if (one && path == NULL)
		return cli_fail(CLI_NO, "out of memory");
	rc = phone_ask(c, "GET", one ? path : "/v1/pools", sc_span(NULL, 0), &a);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&a.text));
	else if (rc == CLI_GO_ON)
		rc = one ? print_pool(&a) : print_pools(&a);
	phone_answer_fini(&a);
	free(path);
	return rc;
}
