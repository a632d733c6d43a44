/*
 * seen.c - has an event's id been seen? "No", or "maybe": Bloom filters, each of one
 * day of the sender's own clock.
 */
#include "gateway/traffic/seen.h"

#include "crypto/prim/random.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64

enum sc_err traffic_seen_init(struct traffic_seen *s, size_t bytes)
{
	memset(s, 0, sizeof(*s));
	s->words = bytes / TRAFFIC_FILTERS / sizeof(uint64_t);
	if (s->words == 0)
		s->words = 1;
	s->bytes = s->words * TRAFFIC_FILTERS * sizeof(uint64_t);
	s->ids_max = s->words * WORD_BITS / TRAFFIC_BITS_AN_ID;
	random_bytes(s->key, sizeof(s->key));
	for (size_t i = 0; i < TRAFFIC_FILTERS; i++)
		if ((s->v[i].bits = calloc(s->words, sizeof(uint64_t))) == NULL)
			return SC_NOMEM;
	return SC_OK;
}

void traffic_seen_fini(struct traffic_seen *s)
{
	for (size_t i = 0; i < TRAFFIC_FILTERS; i++)
		free(s->v[i].bits);
	memset(s, 0, sizeof(*s));
}

/* The filter that takes DAY's ids: its last one with room, else a free one, else the oldest day's. */
static struct traffic_filter *filter_for(struct traffic_seen *s, int64_t day)
{
	struct traffic_filter *out = NULL;

	for (size_t i = 0; i < TRAFFIC_FILTERS; i++) {
		struct traffic_filter *f = &s->v[i];

		if (f->ids > 0 && f->day == day && f->ids < s->ids_max)
			return f;
		if (out == NULL || (out->ids > 0 && (f->ids == 0 || f->day < out->day)))
			out = f;
	}
	s->forgotten += out->ids;
	if (out->ids > 0)
		memset(out->bits, 0, s->words * sizeof(uint64_t));
	out->day = day;
	out->ids = 0;
	return out;
}

/* Bit I of those that stand for a hash: double hashing, within N_BITS. */
static uint64_t bit_of(uint64_t h, unsigned i, uint64_t n_bits)
{
	const uint64_t step = (h >> 32) | 1;

	return ((h & UINT32_MAX) + i * step + (uint64_t)i * i) % n_bits;
}

static bool filter_has(const struct traffic_filter *f, uint64_t h, uint64_t n_bits)
{
	for (unsigned i = 0; i < TRAFFIC_PROBES; i++) {
		const uint64_t bit = bit_of(h, i, n_bits);

		if ((f->bits[bit / WORD_BITS] >> bit % WORD_BITS & 1) == 0)
			return false;
	}
	return true;
}

bool traffic_seen_again(struct traffic_seen *s, uint64_t id, int64_t day)
{
	const uint64_t h = traffic_hash(s->key, id, (uint64_t)day), n_bits = s->words * WORD_BITS;
	struct traffic_filter *f;

	for (size_t i = 0; i < TRAFFIC_FILTERS; i++)
		if (s->v[i].ids > 0 && s->v[i].day == day && filter_has(&s->v[i], h, n_bits))
			return true;
	f = filter_for(s, day);
	for (unsigned i = 0; i < TRAFFIC_PROBES; i++) {
		const uint64_t bit = bit_of(h, i, n_bits);

		f->bits[bit / WORD_BITS] |= (uint64_t)1 << bit % WORD_BITS;
	}
	f->ids++;
	return false;
}
