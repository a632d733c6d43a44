/*
 * bench_traffic.c - what the rules of arrival cost an event, and what they keep of a flood.
 *
 *	bench_traffic [events [memory-MiB [folder]]]	10000000, 256, none
 *
 * First visitors who come again, then as many ids as events, each new; between the two some
 * accounts come, which must be known afterwards. Then the snapshot, when there is a folder.
 */
#include "gateway/traffic/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ACCOUNTS 100000u
#define VISITORS 200000u

static struct collect_site site;
static const struct collect_settings settings = { .sites = &site, .n_sites = 1 };

static double cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static unsigned long resident_kib(void)
{
	unsigned long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	if (f != NULL)
		fclose(f);
	return kib;
}

static uint64_t rng = 1;

static uint64_t next(void)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return rng ^ rng >> 29;
}

static void event(struct traffic_event *e, uint64_t device, uint64_t now_ms)
{
	*e = (struct traffic_event){ .event = { .id = next() | 1,
					 .device = device,
					 .at_ms = now_ms,
					 .kind = (uint8_t)(1 + next() % 4),
					 .product = (uint32_t)(next() % 5000 + 1),
					 .shop = 1 },
		.raw_ms = now_ms,
		.received_ms = now_ms,
		.prefix = next() % 60000 + 1,
		.inputs = 3,
		.tls = true };
}

/*
 * Accounts log in; LATER they act four times without input, which is set aside of devices that
 * are nobody's: how many are still known.
 */
static unsigned accounts(struct traffic *r, uint64_t now_ms, bool later)
{
	struct traffic_event e;
	struct feed_verdict v;
	unsigned known = 0;
	bool refused;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		v.action = 0;
		for (unsigned k = 0; k < (later ? 4 : 1); k++) {
			event(&e, UINT64_C(1) << 60 | i, now_ms + k * 1000);
			e.event.kind = later ? FEED_PRODUCT : FEED_LOGIN;
			e.event.person = later ? 0 : i + 1;
			e.vouched = !later;
			e.inputs = 0;
			traffic_arrive(r, &e, &v, &refused);
		}
		known += v.action == 0;
	}
	return known;
}

static void flood(struct traffic *r, unsigned long n, bool anew, uint64_t *now_ms)
{
	const double began = cpu_s();
	const unsigned long was = resident_kib();
	struct traffic_event e;
	struct feed_verdict v;
	struct traffic_stats s;
	bool refused;

	for (unsigned long i = 0; i < n; i++) {
		event(&e, anew ? (next() | 1) : next() % VISITORS + 1, *now_ms);
		traffic_arrive(r, &e, &v, &refused);
		*now_ms += i % 20 == 0;
	}
	traffic_count(r, &s);
	printf("%-10s %10.0f events/s of one core, resident %lu -> %lu MiB, evicted %llu\n",
	    anew ? "new ids" : "visitors", (double)n / (cpu_s() - began), was / 1024,
	    resident_kib() / 1024, (unsigned long long)s.evicted);
}

static enum sc_err hear(void *arg, const struct feed_verdict *v)
{
	*(unsigned long *)arg += v->rule != FEED_NO_RULE;
	return SC_OK;
}

int main(int argc, char **argv)
{
	const unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000000;
	const size_t memory = (argc > 2 ? strtoul(argv[2], NULL, 10) : 256) << 20;
	uint64_t now_ms = UINT64_C(1790000000000);
	struct traffic_stats s;
	struct traffic *r;
	struct sc_diag d = { 0 };
	unsigned long said = 0;
	double began;

	if (traffic_new(&settings, argc > 3 ? argv[3] : NULL, memory, &d, &r) != SC_OK) {
		fprintf(stderr, "bench_traffic: %s\n", d.text);
		return 1;
	}
	flood(r, n / 4, false, &now_ms);
	(void)accounts(r, now_ms, false);
	flood(r, n / 2, true, &now_ms);
	flood(r, n / 2, true, &now_ms);
	printf("accounts   %u of %u known after it\n", accounts(r, now_ms, true), ACCOUNTS);
	traffic_count(r, &s);
	printf("tables     %zu MiB of %zu\n", s.bytes >> 20, memory >> 20);
	if (argc > 3) {
		began = cpu_s();
		if (traffic_snapshot(r, now_ms, hear, &said) != SC_OK)
			return 1;
		printf("snapshot   %.2f s of %llu events, %lu set aside\n", cpu_s() - began,
		    (unsigned long long)s.seen, said);
	}
	traffic_free(r);
	return 0;
}
