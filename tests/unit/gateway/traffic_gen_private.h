/*
 * traffic_gen_private.h - what the parts of the traffic maker share.
 */
#ifndef TESTS_TRAFFIC_GEN_PRIVATE_H
#define TESTS_TRAFFIC_GEN_PRIVATE_H

#include "traffic_gen.h"

#define GEN_DAYS 14
#define GEN_T0 UINT64_C(1790006400000) /* a midnight */
#define GEN_SECOND UINT64_C(1000)
#define GEN_MINUTE (60 * GEN_SECOND)
#define GEN_HOUR (60 * GEN_MINUTE)
#define GEN_DAY (24 * GEN_HOUR)

struct gen {
	struct gen_traffic *out;
	uint64_t rng, ids; /* IDS: numbers that nobody else has */
	unsigned scale;
	unsigned products, categories, zipf; /* ZIPF: 2, 3 or 4, how much the first are ahead */
	unsigned cart, buy;                  /* of a thousand sessions' steps, sessions */
	unsigned page_pairs;  /* per cent of product views that come with a page of theirs */
	bool varies;          /* sizes by the seed */
	const uint8_t *hours; /* weights */
	uint64_t pickup[256];
	size_t n_pickups;
};

uint64_t gen_next(struct gen *g);
unsigned gen_under(struct gen *g, unsigned n); /* 0 .. n-1 */
bool gen_chance(struct gen *g, unsigned per_mille);
uint64_t gen_new_id(struct gen *g);
uint32_t gen_product(struct gen *g);                    /* as people like them */
uint32_t gen_product_at(unsigned rank);                 /* the one of RANK */
uint64_t gen_gap(struct gen *g, uint64_t median_ms);    /* as people pause */
uint64_t gen_when(struct gen *g, const uint8_t *hours); /* in the two weeks */
unsigned gen_scaled(const struct gen *g, unsigned n);   /* at least 1 */
unsigned gen_varied(struct gen *g, unsigned n); /* the same, times a half to two by the seed */

/* Who acts, and how it shows. */
struct gen_actor {
	uint64_t device, account, prefix, address;
	int64_t clock_ms; /* wrong by */
	uint64_t late_ms; /* at most that late */
	uint64_t step_ms; /* its gaps are multiples of that; 0: any */
	uint64_t gap_ms;  /* median pause */
	const uint8_t *hours;
	uint8_t label;
	bool no_input, app, no_hints, no_link;
	bool webview; /* owes no hints */
};
void gen_actor(struct gen *g, struct gen_actor *a, uint8_t label, uint64_t prefix);

/* One event of A's at AT; what comes back is valid until the next. */
struct gen_event *gen_emit(struct gen *g, const struct gen_actor *a, uint8_t kind, uint64_t at,
    uint32_t product);
/* An order: by the tap, and by the page too when PAGE. */
void gen_order(struct gen *g, const struct gen_actor *a, uint64_t at, const uint32_t *products,
    unsigned n, bool page);
void gen_login(struct gen *g, const struct gen_actor *a, uint64_t at);

/* A visit as people make it, beginning at AT; LOGGED in or not. When it ended. */
uint64_t gen_session(struct gen *g, const struct gen_actor *a, uint64_t at, bool logged);
/* N visits whenever A is up. */
void gen_visits(struct gen *g, struct gen_actor *a, unsigned n);

void gen_people_first(struct gen *g);
void gen_people_other(struct gen *g);
void gen_bots_first(struct gen *g, bool adapted);
void gen_bots_other(struct gen *g);

extern const uint8_t gen_hours_day[24], gen_hours_night[24], gen_hours_flat[24];

#endif
