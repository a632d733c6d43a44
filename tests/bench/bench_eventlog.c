/*
 * bench_eventlog.c - what the event log costs: appending with a sync each, opening, finding, and
 * a whole snapshot (rewriting, counting, folding, writing) over it.
 *
 *	bench_eventlog [EVENTS [PEOPLE]]	(10000000 500000)
 *
 * Writes to a folder of its own under TMPDIR, removed at the end.
 */
#include "analytics/viewd/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BATCH 1000u
#define DAY 20500u
#define DAY_MS UINT64_C(86400000)
#define SPOOL 1u

static uint64_t n_events = 10000000, n_people = 500000;
static char dir[300];
static struct event_log *l;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_eventlog: %s\n", what);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mixed(uint64_t v)
{
	v ^= v >> 31;
	v *= 0x9e3779b97f4a7c15u;
	return v ^ v >> 29;
}

/* Each person's first frame is a yes; the events come in thirty days. */
static void frame_of(uint64_t i, struct feed_frame *f)
{
	const uint64_t person = mixed(i % n_people + 1) | 1;

	memset(f, 0, sizeof(*f));
	if (i < n_people) {
		f->type = FEED_CONSENT;
		f->u.consent = (struct feed_consent){ person, DAY * DAY_MS, 1, FEED_PERSON, 1,
			FEED_GRANT, true };
		return;
	}
	f->type = FEED_EVENT;
	f->u.event = (struct feed_event){ .id = mixed(i) | 1 << 8,
		.person = person,
		.at_ms = (DAY + i * 30 / (n_events + n_people)) * DAY_MS + i % DAY_MS,
		.product = (uint32_t)mixed(i * 7),
		.price = (uint32_t)(i % 300),
		.category = (uint16_t)(1 + i % 40),
		.kind = (uint8_t)(1 + i % (FEED_KIND_END - 1)),
		.channel = 1 };
}

static void append_all(void)
{
	static struct feed_frame v[BATCH];
	const uint64_t n = n_events + n_people;

	for (uint64_t at = 0; at < n; at += BATCH) {
		const uint64_t some = n - at < BATCH ? n - at : BATCH;

		for (uint64_t i = 0; i < some; i++)
			frame_of(at + i, &v[i]);
		must(event_log_append(l, SPOOL, at, v, some, (DAY + at * 30 / n) * DAY_MS, NULL,
			 NULL) == SC_OK,
		    "append");
	}
}

static void open_log(void)
{
	const struct event_log_options o = { .dir = dir, .keep_days = 400, .keep_device_days = 90 };
	struct sc_diag d = { .text = "" };

	must(event_log_open(&o, &d, &l) == SC_OK, d.text);
}

static void open_again(void)
{
	event_log_close(l);
	open_log();
}

static void find_some(void)
{
	struct feed_event e;
	struct feed_frame f;

	for (uint64_t i = 0; i < 100000; i++) {
		frame_of(n_people + mixed(i) % n_events, &f);
		must(event_log_find(l, f.u.event.id, &e), "an event is not found");
	}
}

static void miss_some(void)
{
	struct feed_event e;

	for (uint64_t i = 0; i < 100000; i++)
		must(!event_log_find(l, mixed(i ^ UINT64_C(1) << 60) & ~UINT64_C(256), &e),
		    "found");
}

static struct view_job job;

static void snapshot(void)
{
	must(event_log_cut(l) == SC_OK, "cut");
	view_job_run(&job);
	must(job.err == SC_OK, "snapshot");
}

static void timed(const char *what, void (*fn)(void), uint64_t n)
{
	const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct rusage u;
	double took;

	fn();
	took = seconds(CLOCK_MONOTONIC) - wall;
	(void)getrusage(RUSAGE_SELF, &u);
	printf("%-34s %6.2f s, %6.2f s of a core, %8.0f a second; %ld MB at most\n", what, took,
	    seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, (double)n / took, u.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	const struct feed_words words = { .text_version = 1, .price_bands = { 10, 30, 60 } };
	char cmd[400];

	if (argc > 1)
		n_events = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_people = strtoull(argv[2], NULL, 10);
	must(n_events > 0 && n_people > 0, "EVENTS and PEOPLE are numbers above 0");
	snprintf(dir, sizeof(dir), "%.200s/scrim-bench-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	must(mkdtemp(dir) != NULL, "no folder");
	open_log();
	timed("appending, a sync for 1000", append_all, n_events + n_people);
	timed("opening", open_again, n_events + n_people);
	timed("finding 100000", find_some, 100000);
	timed("looking for 100000 that are not", miss_some, 100000);
	job = (struct view_job){ .log = l,
		.data = dir,
		.fold = { .purpose = 1, .words = &words },
		.wish = { .now_ms = (DAY + 31) * DAY_MS, .keep_aside_days = 30, .purpose = 1 },
		.makes_features = true,
		.number = 1 };
	timed("a snapshot", snapshot, n_events);
	job.wish.now_ms = (DAY + 120) * DAY_MS;
	timed("another, devices past their days", snapshot, n_events);
	event_log_close(l);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd) == 0 ? 0 : 1;
}
