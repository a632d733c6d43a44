/*
 * test_phone_answer.c - the answer table, in the code and in docs/PHONE.md: the same
 * rows, in the same words.
 */
#include "gateway/number/answer.h"

#include "tap.h"

static const char *const verbs[] = {
	[VERB_DIAL] = "dial",
	[VERB_GATHER] = "ask for digits",
	[VERB_HANGUP] = "hang up",
	[VERB_SAY_HANGUP] = "say so, hang up",
	[VERB_REJECT] = "not answered",
	[VERB_HTTP_503] = "HTTP 503",
};

static char *document(void)
{
	FILE *f = fopen("docs/PHONE.md", "r");
	char *text = calloc(1, 1 << 17);

	if (f == NULL || text == NULL || fread(text, 1, (1 << 17) - 1, f) == 0)
		abort();
	fclose(f);
	return text;
}

static void test_document(void)
{
	char *text = document(), *at = strstr(text, "## Answers\n"), row[256];
	size_t n = 0;

	NEED(at != NULL && (at = strstr(at, "\n|---|---|---|---|---|---|\n")) != NULL);
	at = strchr(at + 1, '\n') + 1;
	for (unsigned i = 0; i < PHONE_ANSWER_COUNT; i++) {
		const struct phone_answer_row *r = phone_answer_row((enum phone_answer)i);

		n = (size_t)snprintf(row, sizeof(row), "| `%s` | %u | %s | %s | %s | %s |\n",
		    r->name, r->sip, r->action, r->reason, verbs[r->first], verbs[r->keyed]);
		if (strncmp(at, row, n) != 0)
			printf("# wanted: %s", row);
		CHECK(strncmp(at, row, n) == 0);
		at = strchr(at, '\n') + 1;
	}
	/* and no other */
	CHECK(at[0] != '|');
	free(text);
}

static void test_rows(void)
{
	for (unsigned i = 0; i < PHONE_ANSWER_COUNT; i++) {
		const struct phone_answer_row *r = phone_answer_row((enum phone_answer)i);

		CHECK(strncmp(r->act, "phone.", 6) == 0 && strcmp(r->act + 6, r->name) == 0);
		/* one is connected, one asks, all others refuse */
		CHECK(strcmp(r->action,
			  i == PHONE_CONNECT     ? "connect" :
			      i == PHONE_COLLECT ? "collect" :
						   "reject") == 0);
		CHECK((r->sip == 200) == (i == PHONE_CONNECT));
		CHECK((r->first == VERB_DIAL) == (i == PHONE_CONNECT) &&
		    (r->keyed == VERB_DIAL) == (i == PHONE_CONNECT));
		for (unsigned k = 0; k < i; k++)
			CHECK(strcmp(r->name, phone_answer_row((enum phone_answer)k)->name) != 0);
	}
}

/* Misses and a bare number are asked alike before the call is answered: no oracle. */
static void test_alike(void)
{
	const struct phone_answer_row *bare = phone_answer_row(PHONE_COLLECT),
				      *nobody = phone_answer_row(PHONE_NOBODY),
				      *one_way = phone_answer_row(PHONE_ONE_WAY);

	CHECK(nobody->first == bare->first && one_way->first == bare->first);
	CHECK(nobody->keyed == one_way->keyed && nobody->keyed == VERB_HANGUP);
}

int main(void)
{
	RUN(test_rows, "one row connects, one asks, all others refuse");
	RUN(test_document, "docs/PHONE.md has the same rows, and no other");
	RUN(test_alike, "misses are answered alike");
	return tap_done();
}
