/*
 * groups.c - the log's records as groups of one key, each at a time, and in an order.
 */
#include "gateway/traffic/judge.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT 11
#define DIGITS (1u << DIGIT)
#define PARTS_MAX 4096

uint64_t traffic_mix(uint64_t a, uint64_t b)
{
	uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^ (b + UINT64_C(0x632be59bd9b4e019));

	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

/* ---- groups --------------------------------------------------------------------------------- */

/* Stable, by key: what has one stands together, in the order in which it came. */
static void pairs_sort(struct traffic_judge *j, size_t n)
{
	for (unsigned shift = 0; shift < 64; shift += DIGIT) {
		size_t at[DIGITS + 1] = { 0 };
		struct traffic_pair *was = j->pairs;

		for (size_t i = 0; i < n; i++)
			at[(was[i].key >> shift & (DIGITS - 1)) + 1]++;
		for (size_t d = 1; d < DIGITS; d++)
			at[d] += at[d - 1];
		for (size_t i = 0; i < n; i++)
			j->spare[at[was[i].key >> shift & (DIGITS - 1)]++] = was[i];
		j->pairs = j->spare;
		j->spare = was;
	}
}

/* How many pairs each of PARTS would have; false: one has more than there is room for. */
static bool parts_fit(const struct traffic_judge *j, traffic_key_fn *key, size_t parts)
{
	static const size_t room = TRAFFIC_PART;
	uint32_t n[PARTS_MAX] = { 0 };
	struct traffic_record r;
	uint64_t k;

	for (size_t i = 0; i < j->tape.n; i++) {
		traffic_tape_get(&j->tape, i, &r);
		if (key(j, i, &r, &k) && ++n[traffic_mix(k, 0) % parts] > room)
			return false;
	}
	return true;
}

/* More, smaller parts, until each fits or is one group that never will. */
static size_t parts_for(const struct traffic_judge *j, traffic_key_fn *key)
{
	size_t parts = 1;

	if (j->tape.n <= TRAFFIC_PART)
		return 1;
	while (parts < PARTS_MAX && !parts_fit(j, key, parts))
		parts *= 4;
	return parts;
}

/* The pairs of part PART of PARTS; how many. */
static size_t pairs_gather(struct traffic_judge *j, traffic_key_fn *key, size_t part, size_t parts)
{
	struct traffic_record r;
	uint64_t k;
	size_t n = 0;

	for (size_t i = 0; i < j->tape.n && n < TRAFFIC_PART; i++) {
		traffic_tape_get(&j->tape, i, &r);
		if (!key(j, i, &r, &k))
			continue;
		k = traffic_mix(k, 0);
		if (k % parts == part)
			j->pairs[n++] = (struct traffic_pair){ k, (uint32_t)i };
	}
	return n;
}

static void act_of(const struct traffic_judge *j, uint32_t i, struct traffic_act *out)
{
	struct traffic_record r;

	traffic_tape_get(&j->tape, i, &r);
	*out = (struct traffic_act){ .at_ms = r.at_ms,
		.device = r.device,
		.person = r.person,
		.order = r.order,
		.address = r.address,
		.prefix = r.prefix,
		.i = i,
		.product = r.product,
		.shop = r.shop,
		.campaign = r.campaign,
		.kind = r.kind,
		.bits = r.bits,
		.note = j->tape.note[i] };
}

static enum sc_err group_of(struct traffic_judge *j, const struct traffic_pair *v, size_t n,
    traffic_group_fn *group)
{
	if (n > TRAFFIC_GROUP)
		n = TRAFFIC_GROUP;
	if (n > j->acts_room) {
		struct traffic_act *more = realloc(j->acts, n * sizeof(*more));

		if (more == NULL)
			return SC_NOMEM;
		j->acts = more;
		j->acts_room = n;
	}
	for (size_t i = 0; i < n; i++)
		act_of(j, v[i].i, &j->acts[i]);
	return group(j, j->acts, n);
}

static enum sc_err part_judge(struct traffic_judge *j, size_t n, traffic_group_fn *group)
{
	enum sc_err err = SC_OK;

	pairs_sort(j, n);
	for (size_t i = 0, end; err == SC_OK && i < n; i = end) {
		for (end = i + 1; end < n && j->pairs[end].key == j->pairs[i].key;)
			end++;
		err = group_of(j, j->pairs + i, end - i, group);
	}
	return err;
}

enum sc_err traffic_each_group(struct traffic_judge *j, traffic_key_fn *key,
    traffic_group_fn *group)
{
	const size_t parts = parts_for(j, key);
	enum sc_err err = SC_OK;

	for (size_t part = 0; err == SC_OK && part < parts; part++)
		err = part_judge(j, pairs_gather(j, key, part, parts), group);
	return err;
}

/* ---- orders of acts ---------------------------------------------------------------------------- */

#define BEFORE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int by_time(const void *a, const void *b)
{
	const struct traffic_act *x = a, *y = b;
	const int c = BEFORE(x->at_ms, y->at_ms);

	return c != 0 ? c : BEFORE(x->i, y->i);
}

static int by_device(const void *a, const void *b)
{
	const struct traffic_act *x = a, *y = b;
	const int c = BEFORE(x->device, y->device);

	return c != 0 ? c : by_time(a, b);
}

static int by_product(const void *a, const void *b)
{
	const struct traffic_act *x = a, *y = b;
	const int c = BEFORE(x->product, y->product);

	return c != 0 ? c : by_device(a, b);
}

static int by_address(const void *a, const void *b)
{
	const struct traffic_act *x = a, *y = b;
	const int c = BEFORE(x->address, y->address), d = BEFORE(x->person, y->person);

	return c != 0 ? c : d != 0 ? d : by_time(a, b);
}

void traffic_sort_by_time(struct traffic_act *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_time);
}

void traffic_sort_by_device(struct traffic_act *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_device);
}

void traffic_sort_by_product(struct traffic_act *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_product);
}

void traffic_sort_by_address(struct traffic_act *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_address);
}
