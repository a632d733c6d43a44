/*
 * collect_snapshot.c - `scrim collect snapshot`: have all judged again and
 * features made of it, and wait until they are.
 */
#include "cli/collect_viewd.h"
#include "cli/phone_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define LOOK_MS 200
#define WAIT_S 900

static int print(const struct cli_call *c, const struct viewd_snapshot *s)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	char at[24], digest[17];

	viewd_time(s->at_ms, at);
	snprintf(digest, sizeof(digest), "%016" PRIx64, s->digest);
	if (!c->json) {
		printf("snapshot %" PRIu64 " of %s: %" PRIu64 " people, digest %s\n", s->number, at,
		    s->people, digest);
		return cli_flush(CLI_DONE);
	}
	sc_buf_init(&out, 4096);
	jsonw_object(&w);
	jsonw_ku64(&w, "snapshot", s->number);
	jsonw_ku64(&w, "at_ms", s->at_ms);
	jsonw_ku64(&w, "people", s->people);
	jsonw_kstr(&w, "digest", digest);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

/* Until viewd has another than BEFORE. */
static int await(const struct cli_call *c, uint64_t before)
{
	const struct timespec moment = { .tv_nsec = LOOK_MS * 1000000L };
	struct viewd_snapshot s;
	int rc;

	for (unsigned looks = 0; looks < WAIT_S * 1000 / LOOK_MS; looks++) {
		if ((rc = viewd_snapshot(c, &s)) != CLI_GO_ON)
			return rc;
		if (s.number != before) {
			cli_progress(NULL);
			return print(c, &s);
		}
		cli_progress("all is being judged again: %u s", looks * LOOK_MS / 1000);
		nanosleep(&moment, NULL);
	}
	cli_progress(NULL);
	return cli_fail(CLI_NO,
	    "scrim-viewd has made no snapshot in %d minutes: see its log, and "
	    "`scrim collect status`",
	    WAIT_S / 60);
}

int cli_collect_snapshot(const struct cli_call *c)
{
	struct phone_answer a = { .text = { .n = 0 } };
	struct viewd_snapshot before;
	int rc;

	if ((rc = viewd_snapshot(c, &before)) != CLI_GO_ON)
		return rc;
	rc = phone_ask(c, "POST", "/v1/collect/snapshot", sc_span(NULL, 0), &a);
	phone_answer_fini(&a);
	return rc == CLI_GO_ON ? await(c, before.number) : rc;
}
