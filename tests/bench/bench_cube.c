/*
 * bench_cube.c - what the weekly cube costs.
 *
 *	bench_cube [PEOPLE [EVENTS [WEEKS]]]	1000000 people, 10000000 events, 52 weeks
 *
 * Two releases: all weeks but the last as one, then the last alone. Seconds are of the
 * processor, memory is the most there ever was.
 */
#include "analytics/cube/cube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MONDAY UINT64_C(1704067200000)
#define WEEK_MS UINT64_C(604800000)

static const char *categories[60];
static const char *const channels[] = { "app", "mini", "web", "pc" };
static const char *const sexes[] = { "f", "m" };
static const int64_t ages[] = { 18, 25, 35, 45, 55 };
static struct feed_words words;
static char root[] = "/tmp/bench-cube-XXXXXX";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_cube: %s\n", what);
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t draw(uint64_t *state, uint64_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint64_t)((unsigned __int128)(*state >> 16) * n >> 48);
}

static void fill_words(void)
{
	static const uint32_t bands[] = { 20, 50, 100, 200, 500, 1000 };
	static char text[60][8];

	for (size_t i = 0; i < 60; i++) {
		snprintf(text[i], sizeof(text[i]), "c%zu", i + 1);
		categories[i] = text[i];
	}
	words = (struct feed_words){ .categories = { .v = categories, .n = 60 },
		.channels = { .v = channels, .n = 4 },
		.traits = { { .name = "age", .kind = FEED_NUMBER, .bands = ages, .n_bands = 5 },
		    { .name = "sex", .words = { .v = sexes, .n = 2 } } },
		.n_traits = 2,
		.price_step = 100 };
	memset(words.price_bands, 0xff, sizeof(words.price_bands));
	memcpy(words.price_bands, bands, sizeof(bands));
}

/* Of 12 events 10 are looks, and two an order and its line; of categories the first are the busiest. */
static void feed(struct cube *c, uint64_t people, uint64_t events, uint64_t weeks)
{
	uint64_t s = 1;

	for (uint64_t i = 0; i < events; i++) {
		const uint64_t who = (draw(&s, people) + 1) * UINT64_C(0x9e3779b97f4a7c15);
		struct feed_event e = { .at_ms = MONDAY + draw(&s, weeks * WEEK_MS),
			.kind = FEED_PRODUCT,
			.category = (uint16_t)(1 + draw(&s, 1 + draw(&s, 60))),
			.channel = (uint8_t)(1 + draw(&s, 4)) };

		if (i % 12 == 0) {
			e.kind = FEED_PURCHASE;
			e.price = (uint32_t)(1 + draw(&s, 1 + draw(&s, 1500)));
			must(cube_event(c, who, &e) == SC_OK, "memory");
			e.kind = FEED_ITEM;
			i++;
		}
		must(cube_event(c, who, &e) == SC_OK, "memory");
	}
	for (uint64_t p = 0; p < people; p++) {
		uint8_t traits[FEED_ATTRIBUTES_MAX] = { (uint8_t)draw(&s, 7),
			(uint8_t)draw(&s, 3) };

		must(cube_person(c, (p + 1) * UINT64_C(0x9e3779b97f4a7c15), traits) == SC_OK,
		    "memory");
	}
}

static void release(uint64_t number, uint64_t last_ms, uint64_t people, uint64_t events,
    uint64_t weeks)
{
	const struct cube_settings set = { &words, 2000, last_ms };
	char previous[64];
	const struct cube_order o = { .tenant = "bench",
		.root = root,
		.dataset = "cube",
		.number = number,
		.made_ms = last_ms,
		.previous = number == 1 ? NULL : previous };
	struct rusage u;
	struct sc_diag d = { 0 };
	struct cube_made made;
	struct cube *c;
	double at = seconds(), fed;

	snprintf(previous, sizeof(previous), "%s/cube/%d", root, (int)number - 1);
	must(cube_new(&set, &c) == SC_OK, "memory");
	feed(c, people, events, weeks);
	fed = seconds();
	must(cube_make(c, &o, &d, &made) == SC_OK, d.text);
	getrusage(RUSAGE_SELF, &u);
	printf("release %d: %d weeks, %d rows, %d own, %d folded: told %.2f s, made %.2f s, "
	       "%ld MB\n",
	    (int)number, (int)made.weeks, (int)made.rows, (int)made.own, (int)made.folded, fed - at,
	    seconds() - fed, u.ru_maxrss / 1024);
	cube_free(c);
}

int main(int argc, char **argv)
{
	const uint64_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	const uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
	const uint64_t weeks = argc > 3 ? strtoull(argv[3], NULL, 10) : 52;
	char command[64];

	must(people > 0 && weeks > 1 && mkdtemp(root) != NULL, "people, events, weeks (2 or more)");
	fill_words();
	release(1, MONDAY + (weeks - 1) * WEEK_MS, people, events, weeks);
	release(2, MONDAY + weeks * WEEK_MS, people, events, weeks);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command) != 0;
}
