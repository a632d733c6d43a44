/*
 * seen.h - has an event's id been seen? "No", or "maybe": Bloom filters, each of one
 * day of the sender's own clock, which a retry keeps.
 *
 * Private to gateway/traffic/. Twenty-four bits an id: at worst one new id in 70,000 is
 * taken for an old one. A full filter is followed by another of its day, so that
 * this holds under any flood; where there are no more, the oldest day's is emptied, and its ids,
 * which analytics' log knows exactly, are counted as forgotten.
 */
#ifndef GATEWAY_TRAFFIC_SEEN_H
#define GATEWAY_TRAFFIC_SEEN_H

#include "gateway/traffic/table.h"

#define TRAFFIC_FILTERS 8
#define TRAFFIC_BITS_AN_ID 24
#define TRAFFIC_PROBES 12 /* 17 would halve the false ones, and cost half as much again */

struct traffic_filter {
	uint64_t *bits;
	int64_t day;
	size_t ids; /* 0: free */
};

struct traffic_seen {
	struct traffic_filter v[TRAFFIC_FILTERS];
	size_t words, ids_max; /* of one filter */
	size_t bytes;
	uint8_t key[TRAFFIC_KEY_BYTES];
	uint64_t forgotten;
};

/* All filters within BYTES. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err traffic_seen_init(struct traffic_seen *s, size_t bytes);
void traffic_seen_fini(struct traffic_seen *s);

/* May ID have been seen on DAY? If not, it has been from now on. */
bool traffic_seen_again(struct traffic_seen *s, uint64_t id, int64_t day);

#endif
