/*
 * query.c - `scrim query [DATASET] ["SQL"]`: one statement, or a prompt.
 */
#include "cli/query_prompt.h"
#include "cli/query_session.h"

#include <stdio.h>
#include <string.h>

/* A name of a dataset has no blank in it, and a statement has one. */
static bool is_statement(const char *word)
{
	return strpbrk(word, " \t\n") != NULL;
}

int cli_query(const struct cli_call *c)
{
	struct query_session s;
	const char *sql = NULL;
	int rc;

	if ((rc = query_session_open(c, &s)) != CLI_GO_ON)
		return rc;
	for (size_t i = 0; i < c->n_words; i++)
		if (is_statement(c->words[i]) || i > 0)
			sql = c->words[i];
		else
			snprintf(s.dataset, sizeof(s.dataset), "%s", c->words[i]);
	if (c->n_words == 2 && is_statement(c->words[0]))
		rc = cli_fail(CLI_USAGE, "first the DATASET, then one statement in quotes");
	else
		rc = sql != NULL ? query_session_ask(&s, sc_span_str(sql)) : query_prompt(&s);
	query_session_close(&s);
	return rc;
}
