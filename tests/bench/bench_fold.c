/*
 * bench_fold.c - what folding a log costs: events a second, memory, and the file.
 *
 *	bench_fold [EVENTS [PEOPLE]]	(10000000 500000)
 *
 * Writes frames to a file of its own under TMPDIR, which the kernel keeps in its cache if
 * it can, and folds them as viewd does: two passes, each frame decoded and its sum
 * checked in both. Then as many again as they come; then the rows are written and read back.
 */
#include "analytics/features/file.h"
#include "analytics/features/figures.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define START UINT64_C(1767225600000)
#define YEAR_MS UINT64_C(31536000000)
#define CHUNK 4096u

static uint64_t n_events = 10000000, n_people = 500000, n_frames;
static uint8_t *frames;
static char log_path[256], file_path[256];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_fold: %s\n", what);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double rss_mb(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	/* what is the program's own: the log is mapped from a file */
	must(f != NULL && fscanf(f, "%*u %lu", &pages) == 1, "statm");
	rewind(f);
	unsigned long shared = 0;

	must(fscanf(f, "%*u %*u %lu", &shared) == 1, "statm");
	fclose(f);
	return (double)(pages - shared) * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* ---- the log ------------------------------------------------------------------------- */

static uint64_t lot = 88172645463325252u;

static uint64_t any(uint64_t n)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return (lot >> 11) % n;
}

/* As good as drawn by lot, as pseudonyms are. */
static uint64_t pseudonym(uint64_t i, uint64_t of)
{
	uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u ^ of;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) | 1;
}

static void word_of(struct feed_frame *f, uint64_t i)
{
	f->type = FEED_CONSENT;
	f->u.consent = (struct feed_consent){ .who = pseudonym(i, 1),
		.at_ms = START + any(1000),
		.version = 1,
		.kind = FEED_PERSON,
		.purpose = 1,
		.word = any(50) == 0 ? FEED_REFUSE : FEED_GRANT,
		.verified = true };
}

static void verdict_of(struct feed_frame *f, uint64_t i)
{
	f->type = FEED_VERDICT;
	f->u.verdict = (struct feed_verdict){ .event = pseudonym(i, 3),
		.at_ms = START,
		.action = FEED_QUARANTINE,
		.scope = FEED_OF_EVENT,
		.rule = FEED_FOCUS };
}

static void event_of(struct feed_frame *f, uint64_t i)
{
	static const uint8_t kinds[] = { FEED_PAGE, FEED_PRODUCT, FEED_PRODUCT, FEED_PRODUCT,
		FEED_SEARCH, FEED_CART_ADD, FEED_PURCHASE, FEED_ITEM, FEED_EXPOSURE, FEED_OUTCOME };
	const uint64_t who = any(n_people);

	f->type = FEED_EVENT;
	f->u.event = (struct feed_event){ .id = pseudonym(i, 3),
		.person = any(5) == 0 ? 0 : pseudonym(who, 1),
		.device = any(4) == 0 ? 0 : pseudonym(who, 2),
		.at_ms = START + 1000 + any(YEAR_MS),
		.product = (uint32_t)any(100000) + 1,
		.price = (uint32_t)any(500) + 1,
		.category = (uint16_t)any(60),
		.campaign = (uint16_t)any(20),
		.shop = 1,
		.kind = kinds[any(10)],
		.channel = (uint8_t)any(6),
		.offset = 32,
		.flags = FEED_VOUCHED };
}

/* A word for every person; a verdict of every fiftieth event; in no order of theirs. */
static void frame_of(struct feed_frame *f, uint64_t i)
{
	const uint64_t words = n_people, verdicts = n_events / 50;

	if (i < words)
		word_of(f, i);
	else if (i < words + n_events)
		event_of(f, i - words);
	else
		verdict_of(f, (i - words - n_events) * 50);
	(void)verdicts;
}

static void make_log(void)
{
	static uint8_t out[CHUNK][FEED_FRAME_BYTES];
	const char *tmp = getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR");
	struct feed_frame f;
	int fd;

	snprintf(log_path, sizeof(log_path), "%s/bench_fold.%d.log", tmp, (int)getpid());
	snprintf(file_path, sizeof(file_path), "%s/bench_fold.%d.rows", tmp, (int)getpid());
	fd = open(log_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0, "cannot write to TMPDIR");
	n_frames = n_people + n_events + n_events / 50;
	for (uint64_t i = 0, n = 0; i < n_frames; i++) {
		frame_of(&f, i);
		must(feed_encode(&f, out[n++]) == SC_OK, "a frame does not encode");
		if (n < CHUNK && i + 1 < n_frames)
			continue;
		must(write(fd, out, n * FEED_FRAME_BYTES) == (ssize_t)(n * FEED_FRAME_BYTES),
		    "the disk is full");
		n = 0;
	}
	frames = mmap(NULL, n_frames * FEED_FRAME_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	must(frames != MAP_FAILED, "the log cannot be mapped");
	close(fd);
	unlink(log_path);
}

/* ---- folding ---------------------------------------------------------------------------- */

static void each(struct fold *f, enum sc_err (*take)(struct fold *, const struct feed_frame *))
{
	struct feed_frame frame;

	for (uint64_t i = 0; i < n_frames; i++) {
		must(feed_decode(frames + i * FEED_FRAME_BYTES, &frame) == SC_OK, "a bad frame");
		must(take(f, &frame) == SC_OK, "no memory");
	}
}

static void tell(const char *what, double wall, double cpu)
{
	printf("%-28s %6.2f s, %6.2f s of a core, %5.2f M events/s\n", what, wall, cpu,
	    (double)n_events / cpu / 1e6);
}

/* Do WHAT and tell what it took. */
static void timed(const char *name, void (*what)(struct fold *), struct fold *f)
{
	const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	what(f);
	tell(name, seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static enum sc_err nothing(struct fold *f, const struct feed_frame *frame)
{
	(void)f;
	(void)frame;
	return SC_OK;
}

static void decode_only(struct fold *f)
{
	each(f, nothing);
}

static void fold_whole(struct fold *f)
{
	fold_begin(f);
	each(f, fold_words);
	each(f, fold_event);
	must(fold_end(f) == SC_OK, "no memory");
}

static void fold_arriving(struct fold *f)
{
	each(f, fold_take);
}

static void write_rows(struct fold *f)
{
	uint8_t sha256[32];

	must(fold_write(f, file_path, 1, START, NULL, sha256) == SC_OK, "rows cannot be written");
}

static void read_rows(struct fold *f)
{
	struct feature_file *file;

	(void)f;
	must(feature_file_open(file_path, NULL, &file) == SC_OK, "rows cannot be read");
	feature_file_close(file);
}

static void tell_people(const struct fold *f, double before)
{
	struct feature_figures figures;

	fold_figures(f, &figures);
	printf("people %llu, orders %llu, visits %llu; memory %.0f MB, %.0f bytes a person\n",
	    (unsigned long long)figures.people, (unsigned long long)figures.orders,
	    (unsigned long long)figures.visits, rss_mb() - before,
	    (rss_mb() - before) * 1e6 / (double)figures.people);
}

static bool no_event(void *arg, uint64_t id, struct feed_event *out)
{
	(void)arg;
	(void)id;
	(void)out;
	return false;
}

int main(int argc, char **argv)
{
	const struct feed_words words = { .text_version = 1,
		.price_bands = { 10, 30, 60, 100, 200, 300, 400 } };
	const struct fold_settings settings = { .purpose = 1, .words = &words, .find = no_event };
	struct fold *f;
	double before;

	if (argc > 1)
		n_events = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_people = strtoull(argv[2], NULL, 10);
	must(n_events > 0 && n_people > 0, "EVENTS and PEOPLE are numbers above 0");
	make_log();
	printf("%llu events of %llu people, a log of %.0f MB\n", (unsigned long long)n_events,
	    (unsigned long long)n_people, (double)(n_frames * FEED_FRAME_BYTES) / 1e6);
	timed("reading and decoding once", decode_only, NULL);
	before = rss_mb();
	must(fold_new(&settings, &f) == SC_OK, "no memory");
	timed("folding, two passes", fold_whole, f);
	tell_people(f, before);
	timed("writing rows", write_rows, f);
	timed("reading rows back", read_rows, f);
	timed("folding again", fold_whole, f);
	fold_begin(f);
	must(fold_end(f) == SC_OK, "no memory");
	timed("folding as they come", fold_arriving, f);
	fold_free(f);
	unlink(file_path);
	return 0;
}
