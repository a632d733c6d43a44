/*
 * collect_act.c - `scrim collect release|condemn|drop|rebuild|snapshot`: what an
 * operator has done.
 *
 * Why is a word of a list: a text of one's own could tell of a person.
 */
#include "cli/collect_viewd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- an operator's verdict ---------------------------------------------------------------- */

static uint8_t because_of(const char *word)
{
	for (uint8_t i = 1; word != NULL && i < FEED_BECAUSE_END; i++)
		if (strcmp(feed_because_names[i], word) == 0)
			return i;
	return 0;
}

static int no_because(void)
{
	fprintf(stderr, "scrim: say --because and one word of");
	for (uint8_t i = 1; i < FEED_BECAUSE_END; i++)
		fprintf(stderr, "%s %s", i == 1 ? "" : ",", feed_because_names[i]);
	fputc('\n', stderr);
	return CLI_USAGE;
}

struct acted {
	struct feed_verdict verdict; /* as it stands in the log now */
	uint64_t n;
	bool counted;
	uint64_t done, total;
};

/* What was noted, or how many it was of; how far it is. */
static int take(void *arg, const struct feed_frame *f)
{
	struct acted *a = arg;

	if (f->type == FEED_TALLY) {
		a->n += f->u.tally.value;
		a->counted = true;
	} else if (f->type == FEED_VERDICT) {
		a->verdict = f->u.verdict;
	} else if (f->type == FEED_PROGRESS) {
		a->done = f->u.progress.done;
		a->total = f->u.progress.total;
		cli_progress("%" PRIu64 " of %" PRIu64 " frames", a->done, a->total);
	} else {
		return cli_fail(CLI_NO, "scrim-viewd's answer is malformed");
	}
	return CLI_GO_ON;
}

/* What was DONE, in a line, or as JSON. */
static int tell(const struct cli_call *c, const char *done, const struct feed_ask *ask,
    const struct acted *a)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	char what[40] = "all that is set aside", event[17];

	if (ask->rule != FEED_NO_RULE)
		snprintf(what, sizeof(what), "%s", feed_rules[ask->rule].name);
	snprintf(event, sizeof(event), "%016" PRIx64, ask->event);
	if (!c->json) {
		printf("%s: %s", done, ask->event != 0 ? event : what);
		if (a->counted)
			printf(", %" PRIu64 " events", a->n);
		if (a->verdict.rule != FEED_NO_RULE && ask->event != 0)
			printf(", which %s had set aside", feed_rules[a->verdict.rule].name);
		putchar('\n');
		return cli_flush(CLI_DONE);
	}
	sc_buf_init(&out, 4096);
	jsonw_object(&w);
	jsonw_kstr(&w, "done", done);
	if (ask->event != 0)
		jsonw_kstr(&w, "event", event);
	if (ask->rule != FEED_NO_RULE)
		jsonw_kstr(&w, "rule", what);
	if (a->counted)
		jsonw_ku64(&w, "events", a->n);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

static int act(const struct cli_call *c, const char *done, const struct feed_ask *ask)
{
	struct acted a = { 0 };
	int rc = viewd_ask(c, ask, take, &a);

	cli_progress(NULL);
	return rc == CLI_GO_ON ? tell(c, done, ask, &a) : rc;
}

static int say(const struct cli_call *c, const char *done, uint8_t question)
{
	struct feed_ask ask = { .question = question, .because = because_of(c->because) };
	int rc;

	if (ask.because == 0)
		return no_because();
	rc = viewd_what(c->words[0], &ask);
	return rc == CLI_GO_ON ? act(c, done, &ask) : rc;
}

int cli_collect_release(const struct cli_call *c)
{
	return say(c, "released", FEED_DO_RELEASE);
}

int cli_collect_condemn(const struct cli_call *c)
{
	return say(c, "condemned", FEED_DO_CONDEMN);
}

/* ---- for good ---------------------------------------------------------------------------------- */

int cli_collect_drop(const struct cli_call *c)
{
	struct feed_ask ask = { .question = FEED_DO_DROP };
	int rc = CLI_GO_ON;

	if (c->quarantined == (c->n_words != 0))
		return cli_fail(CLI_USAGE,
		    "give an event's number, a rule, or --quarantined for all that is set aside");
	if (c->n_words != 0)
		rc = viewd_what(c->words[0], &ask);
	if (rc != CLI_GO_ON)
		return rc;
	return c->yes ?
	    act(c, "dropped", &ask) :
	    cli_fail(CLI_USAGE, "what is dropped does not come back: say --yes if it is meant");
}

int cli_collect_rebuild(const struct cli_call *c)
{
	const struct feed_ask ask = { .question = FEED_DO_REBUILD };
	struct viewd_snapshot s;
	struct acted a = { 0 };
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	char digest[17];
	int rc = viewd_ask(c, &ask, take, &a);

	cli_progress(NULL);
	if (rc != CLI_GO_ON || (rc = viewd_snapshot(c, &s)) != CLI_GO_ON)
		return rc;
	snprintf(digest, sizeof(digest), "%016" PRIx64, s.digest);
	if (!c->json) {
		fputs("rebuilt", stdout);
		if (a.total != 0)
			printf(" from %" PRIu64 " frames", a.total);
		printf(": %" PRIu64 " people, digest %s\n", s.people, digest);
		return cli_flush(CLI_DONE);
	}
	sc_buf_init(&out, 4096);
	jsonw_object(&w);
	jsonw_ku64(&w, "frames", a.total);
	jsonw_ku64(&w, "people", s.people);
	jsonw_kstr(&w, "digest", digest);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}
