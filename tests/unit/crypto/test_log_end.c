/*
 * test_log_end.c - how keyd's log ends: the newest word on the store, and which ends are a clean
 * stop.
 */
#include "crypto/keystore/log_end.h"
#include "crypto/tlog/tile.h"
#include "crypto/tlog/writer.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 600

static char dir[] = "/tmp/scrim-log-end-XXXXXX";

/* An entry by a letter, as records print it; numbers are gen, high, lease. */
static void print(char what, uint64_t n, char out[200])
{
	static const char *const text[128] = {
		['o'] = "{\"kind\":\"reveal\",\"what\":{\"classes\":[]}}",
		['e'] = "{\"kind\":\"erase\",\"what\":{\"subjects\":[],\"keys\":[]}}",
		['a'] =
		    "{\"kind\":\"start\",\"act\":\"keyd.start\",\"outcome\":{\"result\":\"ok\"}}",
		['s'] = "{\"kind\":\"stop\",\"act\":\"keyd.stop\",\"outcome\":{\"result\":\"ok\"}}",
		['x'] = "{\"kind\":\"stop\"",
	};
	const char *act = what == 'p' ? "keys.progress" :
	    what == 'l'               ? "keys.lease" :
					"store.start_anew";

	if (text[(unsigned char)what] != NULL)
		snprintf(out, 200, "%s", text[(unsigned char)what]);
	else
		snprintf(out, 200,
		    "{\"kind\":\"admin\",\"act\":\"%s\",\"what\":{\"store\":{\"gen\":%llu,"
		    "\"high\":%llu,\"lease\":%llu}}}",
		    act, (unsigned long long)n, (unsigned long long)(10 * n),
		    (unsigned long long)(100 * n));
}

/*
 * A log with BEFORE entries that tell nothing, and then one for each letter of WHAT: the
 * digit behind a letter is its number.
 */
static uint64_t make(uint64_t before, const char *what)
{
	struct tlog_options o = { .dir = dir, .origin = "demo/keyd", .publish_ms = 5 };
	uint64_t index = 0, n = 0;
	struct tlog *log;
	char text[200], cmd[100];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s' && mkdir '%s'", dir, dir);
	if (system(cmd) != 0 || tlog_open(&o, NULL, &log) != SC_OK)
		abort();
	for (; n < before; n++) {
		print('o', 0, text);
		if (tlog_append(log, sc_span_str(text), n + 1 == before, &index) != SC_OK)
			abort();
	}
	for (; *what != '\0'; what++, n++) {
		const bool numbered = what[1] >= '0' && what[1] <= '9';

		print(*what, numbered ? (uint64_t)(what[1] - '0') : 0, text);
		if (tlog_append(log, sc_span_str(text), true, &index) != SC_OK)
			abort();
		what += numbered;
	}
	tlog_close(log);
	return n;
}

static struct log_end look(uint64_t size, uint64_t from)
{
	struct log_reader r = { .dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.size = size };
	struct sc_diag d = { .text = "" };
	struct sc_buf bundle;
	struct log_end end;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	r.bundle = &bundle;
	r.d = &d;
	if (log_end_read(&r, from, &end) != SC_OK) {
		printf("# %s\n", d.text);
		end.told.gen = UINT64_MAX;
	}
	sc_buf_fini(&bundle);
	close(r.dir);
	return end;
}

static bool tells(const struct store_progress *p, uint64_t gen, uint64_t lease)
{
	return p->gen == gen && p->high == 10 * gen && p->lease == 100 * lease;
}

/* ---- a clean stop ---- */

static const struct end_row {
	const char *what;
	bool stopped;
	uint64_t last; /* the number it ends with */
} ends[] = {
	{ "", false, 0 },
	{ "o", false, 0 },
	{ "p3", false, 3 },
	/* the stop alone tells nothing of the store */
	{ "ap3s", false, 0 },
	{ "ap3sp3", true, 3 },
	/* a lease behind it, and the last of several */
	{ "asp3l4", true, 4 },
	{ "asl3p4", true, 4 },
	{ "ap9sp3", true, 3 },
	/* whoever stopped before, there was a start since, or anything else */
	{ "sp3a", false, 0 },
	{ "sp3ap3", false, 3 },
	{ "sp3o", false, 0 },
	{ "sp3op3", false, 3 },
	{ "sp3e", false, 0 },
	{ "sp3t3", false, 0 },
	{ "st3", false, 0 },
	{ "sop3", false, 3 },
	/* twice is once */
	{ "sp3sp4", true, 4 },
	{ "ssp4", true, 4 },
	/* it cannot be read as one */
	{ "xp4", false, 4 },
	{ "sp3x", false, 0 },
	{ "sxp3", false, 3 },
	/* no further back than eight entries */
	{ "sp1p1p1p1p1p1p2", true, 2 },
	{ "sp1p1p1p1p1p1p1p2", false, 2 },
};

static void test_stops(void)
{
	/* with a bundle's border before the end, in it and behind it */
	static const uint64_t before[] = { 0, 1, 250, 252, 253, 254, 255, 256, 300, 511 };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++) {
			const struct end_row *r = &ends[i];
			const uint64_t size = make(before[k], r->what);
			/* whatever of it was carried out already */
			const struct log_end end = look(size, size);
			const bool ok = end.stopped == r->stopped &&
			    tells(&end.last, r->last, r->last) && tells(&end.told, 0, 0);

			if (!ok)
				printf("# %s behind %llu: %d, %llu\n", r->what,
				    (unsigned long long)before[k], end.stopped,
				    (unsigned long long)end.last.gen);
			CHECK(ok);
		}
}

/* ---- how far the store had come ---- */

static void test_told(void)
{
	uint64_t size = make(0, "p1p2p3o");
	struct log_end end = look(size, 0);

	CHECK(tells(&end.told, 3, 3) && !end.stopped);
	/* from an entry on */
	end = look(size, 2);
	CHECK(tells(&end.told, 3, 3));
	end = look(size, 3);
	CHECK(tells(&end.told, 0, 0));
	end = look(size, 9);
	CHECK(tells(&end.told, 0, 0));
	/* in an earlier bundle, or not at all from there on */
	size = make(100, "l5");
	CHECK(size == 101);
	end = look(size, 0);
	CHECK(tells(&end.told, 5, 5));
}

/* A log with WHAT at entry AT, and then to its end, at SIZE, what tells nothing but its last. */
static uint64_t make_far(const char *what, uint64_t then, const char *last)
{
	char text[MOST] = "";
	size_t n = (size_t)snprintf(text, sizeof(text), "%s", what);

	while (then-- > 0 && n + 3 < sizeof(text))
		text[n++] = 'o';
	snprintf(text + n, sizeof(text) - n, "%s", last);
	return make(0, text);
}

static void test_far(void)
{
	uint64_t size = make_far("l7", 400, "");
	struct log_end end = look(size, 0);

	CHECK(tells(&end.told, 7, 7));
	/* what others tell of the store is taken, and does not end the search for the lease */
	size = make_far("l5", 400, "t6t4");
	end = look(size, 0);
	CHECK(end.told.gen == 6 && end.told.high == 60 && end.told.lease == 600);
	size = make_far("l9", 400, "t6");
	end = look(size, 0);
	CHECK(tells(&end.told, 9, 9));
	/* whoever gives out slots does */
	size = make_far("l9", 400, "p6");
	end = look(size, 0);
	CHECK(tells(&end.told, 6, 6));
	/* within a bundle the larger counts */
	size = make(0, "l9p6");
	end = look(size, 0);
	CHECK(tells(&end.told, 9, 9));
}

/* What is to be carried out and cannot be read stops the start; what was, does not. */
static void test_broken(void)
{
	const uint64_t size = make(0, "xp4");
	struct log_end end = look(size, 0);

	CHECK(end.told.gen == UINT64_MAX);
	end = look(size, 1);
	CHECK(tells(&end.told, 4, 4) && !end.stopped);
}

/* The bundle before the last one is not there: no clean stop is seen, and that is all. */
static void test_missing(void)
{
	const uint64_t size = make(255, "sp3");
	struct log_end end = look(size, size);
	char cmd[100];

	NEED(size == 257);
	CHECK(end.stopped);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'/tile/entries/000", dir);
	NEED(system(cmd) == 0);
	end = look(size, size);
	CHECK(!end.stopped && end.told.gen == 0);
}

int main(void)
{
	char cmd[100];

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_stops, "a clean stop is a stop and how far the store had come, and nothing else");
	RUN(test_told, "the newest word on the store, from an entry on");
	RUN(test_far, "... however far back, by whoever gives out slots");
	RUN(test_broken, "an entry that cannot be read matters while it is to be carried out");
	RUN(test_missing, "where the end cannot be read it was no clean stop");
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	CHECK(system(cmd) == 0);
	return tap_done();
}
