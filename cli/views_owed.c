/*
 * views_owed.c - `scrim views release` without a file: have scrim-viewd make what the calendar
 * owes of the shop's own people.
 */
#include "cli/collect_viewd.h"
#include "cli/views_owed.h"

#include <inttypes.h>
#include <stdio.h>

struct owed {
	uint64_t drafted, withheld;
};

static int take(void *arg, const struct feed_frame *f)
{
	struct owed *o = arg;

	if (f->type == FEED_PROGRESS)
		cli_progress("%" PRIu64 " of %" PRIu64 " frames", f->u.progress.done,
		    f->u.progress.total);
	else if (f->type != FEED_TALLY)
		return cli_fail(CLI_NO, "scrim-viewd's answer is malformed");
	else if (f->u.tally.of == FEED_N_DRAFTED)
		o->drafted++;
	else if (f->u.tally.of == FEED_N_WITHHELD)
		o->withheld++;
	return CLI_GO_ON;
}

static int tell_json(const struct owed *o)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);

	sc_buf_init(&out, 256);
	jsonw_object(&w);
	jsonw_ku64(&w, "drafted", o->drafted);
	jsonw_ku64(&w, "withheld", o->withheld);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

int views_owed(const struct cli_call *c)
{
	const struct feed_ask ask = { .question = FEED_DO_DRAFT };
	struct owed o = { 0 };
	int rc = viewd_ask(c, &ask, take, &o);

	cli_progress(NULL);
	if (rc != CLI_GO_ON)
		return rc;
	if (c->json)
		rc = tell_json(&o);
	else if (o.drafted + o.withheld == 0)
		puts("nothing is owed: releases are made when a week has ended");
	else
		printf("%" PRIu64 " drafted, %" PRIu64
		       " withheld; `scrim views publish DATASET` publishes a draft\n",
		    o.drafted, o.withheld);
	if (o.withheld > 0)
		return cli_fail(CLI_NO, "what was withheld, and why, is in scrim-viewd's log");
	return c->json ? rc : cli_flush(CLI_DONE);
}
