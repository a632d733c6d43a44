/*
 * bench_phone.c - what the book of virtual numbers costs: bytes and time of a
 * binding, time of a look-up, on one core.
 *
 *	bench_phone [BINDINGS]		(1000000)
 *
 * Extensions of four digits, half of them taken. Look-ups are of random
 * bindings, every tenth of an extension that nobody has, one clock reading before
 * and after each; binds and the sweep are measured the same way, because the worst
 * one is how long a look-up waits behind it. How many a second is by the thread's own
 * time, with what chooses them; neighbours count in the rest.
 */
#include "gateway/book/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DIGITS 4
#define FILL 5000u /* bindings of an X */
#define LOOKUPS 2000000u
#define DAY (24u * 3600)

/* How many took so long: microseconds by halves of powers of two are too rough, so tenths of one. */
#define TENTHS 100000u
struct bench_times {
	uint32_t *tenths;
	uint64_t n, max_ns, cpu_ns; /* the thread's own time, from times_start() on */
};

struct bench_slot {
	uint32_t line, ext;
};

static struct phone_settings settings;
static struct phone_book *book;
static struct phone_guard *guard;
static struct phone_now now = { 1800000000u, 1800000000u };
static struct bench_slot *slots;
static uint64_t n_bindings;

static uint64_t read_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t clock_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

static void *need(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL) {
		fprintf(stderr, "bench_phone: no memory\n");
		exit(1);
	}
	return p;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_phone: %s\n", what);
	exit(1);
}

static uint64_t rss(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*u %llu", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Fast, and good enough to look things up at random. */
static uint64_t any(uint64_t n)
{
	static uint64_t s = 0x9e3779b97f4a7c15u;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (s >> 11) % n;
}

/* ---- times ------------------------------------------------------------------------------ */

static void times_add(struct bench_times *t, uint64_t ns)
{
	uint64_t i = ns / 100;

	t->tenths[i < TENTHS ? i : TENTHS - 1]++;
	t->n++;
	if (t->max_ns < ns)
		t->max_ns = ns;
}

static double quantile_us(const struct bench_times *t, double q)
{
	uint64_t below = 0;
	size_t i = 0;

	while (i < TENTHS - 1 && (double)(below += t->tenths[i]) < q * (double)t->n)
		i++;
	return (double)(i + 1) / 10;
}

/* The end of what T was started for. */
static void times_print(const char *what, struct bench_times *t)
{
	double seconds = (double)(read_ns(CLOCK_THREAD_CPUTIME_ID) - t->cpu_ns) / 1e9;

	printf("%-22s %9.0f/s  p50 %6.1f us  p99 %6.1f us  p99.9 %6.1f us  max %8.1f us\n", what,
	    (double)t->n / seconds, quantile_us(t, 0.5), quantile_us(t, 0.99),
	    quantile_us(t, 0.999), (double)t->max_ns / 1e3);
	free(t->tenths);
	t->tenths = NULL;
}

static struct bench_times times_start(void)
{
	return (struct bench_times){ .tenths = need(TENTHS, sizeof(uint32_t)),
		.cpu_ns = read_ns(CLOCK_THREAD_CPUTIME_ID) };
}

/* ---- the deployment --------------------------------------------------------------------- */

static void settle_in(void)
{
	settings.pools = need(1, sizeof(settings.pools[0]));
	settings.n_pools = 1;
	settings.pools[0] = (struct phone_pool){ .mode = PHONE_AXE,
		.ext_digits = DIGITS,
		.callback = true,
		.voice = true,
		.sms = true,
		.next = PHONE_NO_POOL,
		.cooldown_s = 7 * DAY,
		.callback_s = DAY,
		.max_call_s = 1800 };
	/* limits that are not reached, so that every look-up is a whole one */
	settings.guard =
	    (struct phone_guard_settings){ 1u << 30, 1u << 30, 1u << 30, 1u << 30, 3600 };
	settings.n_lines = (size_t)(n_bindings / FILL + 1);
	settings.lines = need(settings.n_lines, sizeof(settings.lines[0]));
	for (size_t i = 0; i < settings.n_lines; i++)
		snprintf(settings.lines[i].e164, sizeof(settings.lines[i].e164), "+441632%06u",
		    (unsigned)(i % 1000000));
	must(book_new(&settings, &book) == SC_OK && guard_new(&settings, &guard) == SC_OK,
	    "there is no book");
	slots = need((size_t)n_bindings, sizeof(slots[0]));
}

/* A token of a number with country code: 11 bytes, SIV and 14 of the number. */
static void bind_one(uint64_t i, struct bench_times *t)
{
	uint8_t token[41];
	struct book_wanted w = { .pool = 0,
		.line = PHONE_NO_LINE,
		.ext = PHONE_NO_EXT,
		.a = sc_span(token, sizeof(token)),
		.a_party = UINT64_C(1) << 40 | i,
		.expires_at = now.wall + DAY + any(14 * DAY),
		.directions = PHONE_TO_A | PHONE_TO_B,
		.channels = PHONE_VOICE | PHONE_SMS };
	struct phone_binding v;
	enum book_bound how;
	uint64_t began;
	uint32_t at;

	memset(token, 0, sizeof(token));
	memcpy(token + 11, &i, sizeof(i));
	memcpy(w.id, &i, sizeof(i));
	memcpy(w.order, &i, sizeof(i));
	began = clock_ns();
	must(book_bind(book, &now, &w, &at, &how) == SC_OK && how == BOOK_NEW, "no slot");
	book_confirm(book, at);
	times_add(t, clock_ns() - began);
	book_view(book, at, &v);
	slots[i] = (struct bench_slot){ v.line, v.ext };
}

/* ---- what is measured ---------------------------------------------------------------------- */

static struct book_call any_call(void)
{
	const struct bench_slot *s = &slots[any(n_bindings)];
	struct book_call c = { s->line, s->ext, UINT64_C(2) << 40 | any(1 << 20), PHONE_VOICE };

	if (any(10) == 0)
		c.ext = (uint32_t)any(10000);
	return c;
}

static void look_up(struct bench_times *t)
{
	struct book_call c = any_call();
	struct book_way way;
	uint64_t began = clock_ns();

	book_route(book, &now, &c, &way);
	times_add(t, clock_ns() - began);
}

/* As the service does it: charged, compared, taken back when it was right. */
static void decide(struct bench_times *t)
{
	struct book_call c = any_call();
	struct guard_try try = { c.line, c.caller, false };
	struct book_way way;
	uint64_t began = clock_ns();

	try.known = book_knows(book, c.line, c.caller);
	if (guard_charge(guard, &now, &try)) {
		book_route(book, &now, &c, &way);
		if (way.answer == PHONE_CONNECT)
			guard_refund(guard, &now, &try);
	}
	times_add(t, clock_ns() - began);
}

static void connect_one(uint64_t i, struct bench_times *t)
{
	uint64_t courier = any(50000), began;
	uint8_t token[41] = { 1 };
	struct book_call c = { slots[i].line, slots[i].ext, UINT64_C(3) << 40 | courier,
		PHONE_VOICE };
	struct book_way way;

	memcpy(token + 11, &courier, sizeof(courier));
	book_route(book, &now, &c, &way);
	must(way.answer == PHONE_CONNECT, "a call was not connected");
	began = clock_ns();
	must(book_connected(book, way.at, &now, c.caller, sc_span(token, sizeof(token)), 0) ==
		SC_OK,
	    "no memory");
	book_call_ended(book, way.at, &now);
	times_add(t, clock_ns() - began);
}

static void on_due(void *arg, uint32_t at, enum book_due what)
{
	uint64_t *n = arg;

	(*n)++;
	if (what == BOOK_RELEASE)
		book_release(book, at);
}

/* Everything expires and is released, in steps of 64 as a loop would do it. */
static void sweep(struct bench_times *t)
{
	uint64_t n = 0, before;

	for (uint32_t hour = 0; book_count(book) != 0 && hour < 24 * 60; hour++) {
		now.wall = now.steady += 3600;
		do {
			uint64_t began = clock_ns();

			before = n;
			book_sweep(book, &now, 64, on_due, &n);
			times_add(t, clock_ns() - began);
		} while (n != before);
	}
	must(n == 2 * n_bindings && book_count(book) == 0, "something was left");
}

static void print_memory(const char *when, uint64_t before)
{
	double mib = 1024 * 1024, used = (double)(rss() - before);

	printf("%-22s %6.1f bytes a binding; book_memory() %.0f MiB, resident %.0f MiB\n", when,
	    (double)book_memory(book) / (double)n_bindings, (double)book_memory(book) / mib,
	    used / mib);
}

int main(int argc, char **argv)
{
	struct bench_times t;
	uint64_t before;

	n_bindings = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	must(n_bindings != 0, "bindings?");
	settle_in();
	memset(slots, 0xff, (size_t)n_bindings * sizeof(slots[0]));
	printf("%llu bindings, %zu X of %u digits\n", (unsigned long long)n_bindings,
	    settings.n_lines, DIGITS);
	before = rss();
	t = times_start();
	for (uint64_t i = 0; i < n_bindings; i++)
		bind_one(i, &t);
	times_print("bind, confirm", &t);
	print_memory("live", before);
	t = times_start();
	for (uint32_t i = 0; i < LOOKUPS; i++)
		look_up(&t);
	times_print("look up", &t);
	t = times_start();
	for (uint32_t i = 0; i < LOOKUPS; i++)
		decide(&t);
	times_print("charge, look up", &t);
	t = times_start();
	for (uint64_t i = 0; i < n_bindings; i++)
		connect_one(i, &t);
	times_print("connected, ended", &t);
	print_memory("each called once", before);
	t = times_start();
	sweep(&t);
	times_print("sweep of 64", &t);
	book_free(book);
	guard_free(guard);
	return 0;
}
