/*
 * judge.h - a snapshot's rules: the rule log's fifteen days put in groups, and each group
 * judged by what it is as a whole.
 *
 * Private to gateway/traffic/. A rule sees groups (all records of one device, one
 * network, one product, one order) one after the other. Grouping sorts by key, in parts
 * of at most TRAFFIC_PART records, so that memory is 128 MiB at most and ten bytes a
 * record, however many there are; of a group of more than TRAFFIC_GROUP, what came first
 * is looked at. Nobody who has a verdict already gets another.
 *
 *	devices	  awake, input, cadence; notes who was born where and has done what
 *	networks  burst, focus, barren
 *	products  ring, then the orders it found
 *	orders	  untapped
 *	replays	  runs of acts that were somebody's before
 *	devices	  one that only looks; what a device is mostly, it is wholly
 */
#ifndef GATEWAY_TRAFFIC_JUDGE_H
#define GATEWAY_TRAFFIC_JUDGE_H

#include "gateway/traffic/private.h"

#define TRAFFIC_PART ((size_t)2 << 20)
#define TRAFFIC_GROUP ((size_t)1 << 20)

/* What rules note of records for each other. */
enum traffic_note {
	TRAFFIC_NOTE_ENGAGED = 1, /* its device has searched, listed or filled a cart */
	TRAFFIC_NOTE_BOUND = 2,   /* its device is an account's */
	TRAFFIC_NOTE_FIRST = 4,   /* its device's first */
	TRAFFIC_NOTE_BORN = 8,    /* of its device's first hour, in its first network */
	TRAFFIC_NOTE_FOCUS = 128, /* of a group only: a view of what its network is in focus with */
	TRAFFIC_NOTE_REPLAY = 16, /* the end of a run that was somebody's before */
	TRAFFIC_NOTE_RING = 32,   /* a line that may be a ring's */
	TRAFFIC_NOTE_SEEKS = 64,  /* a search, a list, a cart */
	TRAFFIC_NOTE_RINGED = 128, /* a line that is a ring's */
};

struct traffic_pair {
	uint64_t key;
	uint32_t i;
};

/* A record as rules look at it: put in order and gone through. */
struct traffic_act {
	uint64_t at_ms, device, person, order, address, prefix;
	uint32_t i; /* its number on the tape */
	uint32_t product;
	uint16_t shop, campaign;
	uint8_t kind, bits, note;
};

/* How often each product was viewed. */
struct traffic_products {
	uint32_t *key, *n;
	size_t room, used;
	uint64_t total;
};

struct traffic_judge {
	const struct collect_settings *settings;
	struct traffic_tape tape;
	uint64_t now_ms;
	traffic_say_fn *say;
	void *arg;
	struct traffic_pair *pairs, *spare; /* TRAFFIC_PART each */
	struct traffic_act *acts;           /* of the group that is judged */
	size_t acts_room;
	struct traffic_products products;
	uint32_t usual_seeks; /* per mille of visits' events that are searches, lists, carts */
	uint64_t oldest_order_ms;
	size_t replays;              /* runs that were somebody's before */
	uint64_t *runs;              /* by record: of the run that ends there; NULL: not now */
	struct traffic_rings *rings; /* ring.c's; NULL: not now */
	uint8_t *tapped; /* by shop: its pages tell of orders that come; NULL: not now */
};

/* Whose group a record is in; false: in none. */
typedef bool traffic_key_fn(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key);
/* One group, its acts in the order of their coming. */
typedef enum sc_err traffic_group_fn(struct traffic_judge *j, struct traffic_act *v, size_t n);
SC_CHECKED enum sc_err traffic_each_group(struct traffic_judge *j, traffic_key_fn *key,
    traffic_group_fn *group);

/* Set record I aside, if nothing has; V has rule, n, expected and threshold. */
SC_CHECKED enum sc_err traffic_aside(struct traffic_judge *j, size_t i,
    const struct feed_verdict *v);
/* All acts of V that PICK (a note; 0: all) is on. */
SC_CHECKED enum sc_err traffic_aside_all(struct traffic_judge *j, const struct traffic_act *v,
    size_t n, const struct feed_verdict *verdict);

uint64_t traffic_mix(uint64_t a, uint64_t b); /* into one number, no key */

traffic_key_fn traffic_by_actor, traffic_by_net;
traffic_key_fn traffic_by_order;
void traffic_note_actor(struct traffic_judge *j, struct traffic_act *v, size_t n);
/* V is in the order of time, and is another afterwards. */
void traffic_note_runs(struct traffic_judge *j, struct traffic_act *v, size_t n);
traffic_group_fn traffic_whole_actor, traffic_whole_burst, traffic_focus, traffic_barren,
    traffic_barren_actor, traffic_same_device;
/* What visits do usually. */
void traffic_usual_seeks(struct traffic_judge *j);
SC_CHECKED enum sc_err traffic_products_count(struct traffic_judge *j);
uint32_t traffic_products_of(const struct traffic_products *p, uint32_t product);
SC_CHECKED enum sc_err traffic_ring(struct traffic_judge *j);
SC_CHECKED enum sc_err traffic_untapped(struct traffic_judge *j);
SC_CHECKED enum sc_err traffic_replay(struct traffic_judge *j);

/* Orders of acts. */
void traffic_sort_by_time(struct traffic_act *v, size_t n);
void traffic_sort_by_device(struct traffic_act *v, size_t n);  /* then by time */
void traffic_sort_by_product(struct traffic_act *v, size_t n); /* then by device, time */
void traffic_sort_by_address(struct traffic_act *v, size_t n); /* then by person, time */

#endif
