/*
 * fetch.c - memory is asked for before it is needed: people come in no order, and a fold
 * would spend most of its time waiting for their places. Nothing here changes what
 * comes out.
 */
#include "analytics/features/state.h"

#define LINE 64 /* bytes that come at once */

static void fetch_places(const struct fold *f, const struct feed_event *v, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		table_prefetch(&f->people, v[k].person);
		table_prefetch(&f->devices, v[k].device);
		table_prefetch(&f->verdict_of, v[k].id);
	}
}

static void fetch_identities(const struct fold *f, const struct feed_event *v, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const uint32_t p = identity_find(f, FEED_PERSON, v[k].person);
		const uint32_t d = identity_find(f, FEED_DEVICE, v[k].device);

		if (p != 0)
			__builtin_prefetch(identity_at(f, p), 1);
		if (d != 0)
			__builtin_prefetch(identity_at(f, d), 1);
		if (p != 0 && d != 0)
			table_prefetch(&f->pair_of, pair_key(d, p));
	}
}

static void fetch_portrait(const struct fold *f, const struct fold_identity *id)
{
	const uint8_t *p;

	if (id->said[true] != 0)
		__builtin_prefetch(slab_at(&f->said, id->said[true]));
	if (id->portrait == 0)
		return;
	p = slab_at(&f->portraits, id->portrait);
	for (size_t at = 0; at < sizeof(struct fold_portrait); at += LINE)
		__builtin_prefetch(p + at, 1);
}

void fold_fetch(const struct fold *f, const struct feed_event *v, size_t n)
{
	fetch_places(f, v, n);
	fetch_identities(f, v, n);
	for (size_t k = 0; f->phase != FOLD_WORDS && k < n; k++) {
		const uint32_t i = identity_find(f, FEED_PERSON, v[k].person);

		if (i != 0)
			fetch_portrait(f, identity_at(f, i));
	}
}
