/*
 * recode_private.h - what the parts of recoding share: units, boxes, groups, cuts.
 *
 * In the order in which they are called: recode_items.c makes items of rows, recode.c cuts
 * them into blocks, recode_solve.c a block into classes, by recode_cut.c (which cut is
 * best), recode_borrow.c (what a small part borrows) and recode_split.c (does it); then
 * recode_relocate.c moves units between classes, by recode_cover.c (which class is near),
 * and recode_search.c pools neighbours and solves them again; recode_result.c says who is where.
 * recode_join.c is a way of its own: groups that are given, and may only be joined.
 */
#ifndef ANALYTICS_RELEASE_RECODE_PRIVATE_H
#define ANALYTICS_RELEASE_RECODE_PRIVATE_H

#include "analytics/recode/fixed.h"
#include "analytics/recode/recode.h"

#include <string.h>

#define LANES RELEASE_COLUMNS_MAX
#define HALF (LANES / 2) /* up to so many columns, the other half is not touched */

/* Signed, because every x86-64 has a minimum of signed words, and leaves fit. */
struct recode_box {
	int16_t lo[LANES], hi[LANES];
};

/* A set of rows, counted. */
struct recode_part {
	struct recode_box box;
	uint32_t rows, people;
	uint32_t *hist; /* rows by sensitive value, r->n_hist of them */
};

/* Rows of one item: with equal leaves and values, and all counted as people or none. */
struct recode_unit {
	uint32_t w;    /* rows */
	uint32_t item; /* items are numbered by their hash: also how ties fall */
	uint32_t kind; /* which of r->kinds */
	int16_t v[];   /* leaves: HALF or LANES */
};

struct recode_group {
	struct recode_part part;
	uint8_t *units; /* n of r->stride bytes */
	size_t n, cap;
	uint32_t cost; /* of a row: the box's */
	bool tried;    /* the search had no luck with it */
	bool dead;     /* its rows are elsewhere now */
	size_t at;     /* its place among those of its block */
	uint32_t hist[];
};

struct recode_list {
	struct recode_group **v;
	size_t n, cap;
};

struct recode_kind {
	uint16_t slot[RELEASE_SENSITIVE_MAX]; /* of hist, a column each */
	bool head;                            /* counts as a person */
};

struct recode_column {
	const struct hierarchy *h;
	const uint32_t *cost; /* by lo and hi, or NULL */
	size_t n, levels;
	bool grid;
};

/* A sensitive column that has a rule. */
struct recode_watch {
	struct recode_rule rule;
	const struct recode_rule *of; /* the same among the settings */
	uint16_t from, n;             /* its part of hist */
	uint32_t log_l;               /* of entropy_milli, less a thousand's: FIXED_BITS */
};

enum recode_cut_kind {
	CUT_POOL,   /* every node of a level; those too small are one, which is large enough */
	CUT_ABSORB, /* ... and takes the smallest of the others until it is */
	CUT_BORROW, /* ... and borrows from the others until it is */
	CUT_CHILD,  /* one node against the rest */
	CUT_BELOW,  /* a grid: up to HI, and above */
};

struct recode_cut {
	int64_t score;
	enum recode_cut_kind kind;
	uint8_t column, level;
	int16_t lo, hi; /* leaves of a child; below: up to HI */
};

#define CUTS_MAX 12u
struct recode_cuts {
	struct recode_cut v[CUTS_MAX]; /* best first */
	size_t n, want;
};

struct recode_loan {
	uint32_t unit, w;
};

struct recode_near {
	uint64_t key;
	uint32_t unit;
};

/* How hard to try; by profile and k. */
#define EFFORT_POOLS 8u
struct recode_effort {
	size_t block_items;                    /* a set of so many units at most is a block */
	unsigned breadth;                      /* cuts that a pilot completes; 1: none does */
	size_t pilot_items;                    /* ... in sets of so many units at most */
	bool top_pilots;                       /* also before the search */
	unsigned sweeps;                       /* of the search */
	unsigned pools[EFFORT_POOLS], n_pools; /* neighbours of a pool, sweep by sweep */
};

/* The parts of a set by one column, level by level; memory that is used again. */
struct recode_scan {
	struct recode_part *by_leaf, *part; /* of the widest column */
	struct recode_box *after;           /* of all parts from the i-th on */
	uint64_t *seen;                     /* bits: by_leaf is in use */
	uint16_t *leaf;                     /* the first of each part */
	uint16_t *part_of;                  /* of each leaf */
	uint32_t *cost;
	bool *good;
	uint32_t *hist; /* of by_leaf, part and spare */
	size_t n;       /* parts */
	struct recode_part rest, left, right;
};

struct recode {
	const struct release_table *table;
	const struct recode_settings *set;
	struct recode_effort effort;
	enum sc_err err; /* the first trouble: all give up */
	struct recode_column col[LANES];
	size_t m, stride;
	uint8_t order[LANES]; /* columns, the most varied first */
	bool wide;
	uint32_t k;
	struct recode_kind *kinds;
	size_t n_kinds;
	struct recode_watch watch[RELEASE_SENSITIVE_MAX];
	size_t n_watch, n_hist;
	uint32_t all_rows, *all_hist; /* what is released, together */
	size_t n_items;
	uint32_t *rows_by_item, *first_row; /* rows in the order of items; each item's first */
	struct fixed_logs logs;
	struct recode_scan scan;
	struct recode_near *near;
	struct recode_loan *loans;
	size_t cap_near, cap_loans, n_loans;
	uint64_t done;
};

/* ---- boxes --------------------------------------------------------------------------- */

static inline struct recode_unit *unit_at(const struct recode *r, const uint8_t *units, size_t i)
{
	return (struct recode_unit *)(uintptr_t)(units + i * r->stride);
}

/* Eight at once, whatever the compiler thinks of aliases. */
typedef int16_t recode_lanes __attribute__((vector_size(HALF * sizeof(int16_t))));

static inline void join_half(int16_t *lo, int16_t *hi, const int16_t *v, const int16_t *w)
{
	recode_lanes l, h, x, y;

	memcpy(&l, lo, sizeof(l));
	memcpy(&h, hi, sizeof(h));
	memcpy(&x, v, sizeof(x));
	memcpy(&y, w, sizeof(y));
	const recode_lanes less = x<l, more = y> h;

	l = (x & less) | (l & ~less);
	h = (y & more) | (h & ~more);
	memcpy(lo, &l, sizeof(l));
	memcpy(hi, &h, sizeof(h));
}

static inline void box_add(struct recode_box *b, const int16_t *v, bool wide)
{
	join_half(b->lo, b->hi, v, v);
	if (wide)
		join_half(b->lo + HALF, b->hi + HALF, v + HALF, v + HALF);
}

static inline void box_join(struct recode_box *b, const struct recode_box *a, bool wide)
{
	join_half(b->lo, b->hi, a->lo, a->hi);
	if (wide)
		join_half(b->lo + HALF, b->hi + HALF, a->lo + HALF, a->hi + HALF);
}

static inline void box_of(struct recode_box *b, const int16_t *v, bool wide)
{
	const size_t n = wide ? LANES : HALF;

	for (size_t i = 0; i < n; i++)
		b->lo[i] = b->hi[i] = v[i];
}

static inline uint32_t column_cost(const struct recode_column *c, int16_t lo, int16_t hi)
{
	return c->cost != NULL ? c->cost[(size_t)lo * c->n + (size_t)hi] :
				 hierarchy_cost(c->h, (uint16_t)lo, (uint16_t)hi);
}

static inline uint32_t box_cost(const struct recode *r, const struct recode_box *b)
{
	uint32_t sum = 0;

	for (size_t a = 0; a < r->m; a++)
		sum += column_cost(&r->col[a], b->lo[a], b->hi[a]);
	return sum;
}

/* The cost of B and one row together; of more than LIMIT, some that is too. */
static inline uint32_t add_cost(const struct recode *r, const struct recode_box *b,
    const int16_t *v, uint32_t limit)
{
	uint32_t sum = 0;

	for (size_t a = 0; a < r->m && sum <= limit; a++)
		sum += column_cost(&r->col[a], v[a] < b->lo[a] ? v[a] : b->lo[a],
		    v[a] > b->hi[a] ? v[a] : b->hi[a]);
	return sum;
}

/* ---- parts ---------------------------------------------------------------------------- */

/* W rows of a kind more in P's counts. */
static inline void part_count(const struct recode *r, struct recode_part *p, uint32_t kind,
    uint32_t w)
{
	const struct recode_kind *k = &r->kinds[kind];

	p->rows += w;
	p->people += k->head ? w : 0;
	for (size_t i = 0; i < r->n_watch; i++)
		p->hist[k->slot[i]] += w;
}

/* ... and less. */
static inline void part_uncount(const struct recode *r, struct recode_part *p, uint32_t kind,
    uint32_t w)
{
	part_count(r, p, kind, -w);
}

static inline void part_clear(const struct recode *r, struct recode_part *p)
{
	p->rows = p->people = 0;
	for (size_t i = 0; i < r->n_hist; i++)
		p->hist[i] = 0;
}

/* The first unit of P. */
static inline void part_begin(const struct recode *r, struct recode_part *p, const int16_t *v)
{
	box_of(&p->box, v, r->wide);
	part_clear(r, p);
}

static inline void part_copy(const struct recode *r, struct recode_part *to,
    const struct recode_part *p)
{
	to->box = p->box;
	to->rows = p->rows;
	to->people = p->people;
	for (size_t i = 0; i < r->n_hist; i++)
		to->hist[i] = p->hist[i];
}

/* P's rows into TO's, which has some. */
static inline void part_join(const struct recode *r, struct recode_part *to,
    const struct recode_part *p)
{
	box_join(&to->box, &p->box, r->wide);
	to->rows += p->rows;
	to->people += p->people;
	for (size_t i = 0; i < r->n_hist; i++)
		to->hist[i] += p->hist[i];
}

/* ALL's counts less P's; the box is left alone. */
static inline void part_less(const struct recode *r, struct recode_part *to,
    const struct recode_part *all, const struct recode_part *p)
{
	to->rows = all->rows - p->rows;
	to->people = all->people - p->people;
	for (size_t i = 0; i < r->n_hist; i++)
		to->hist[i] = all->hist[i] - p->hist[i];
}

/* Do the watched columns of these rows keep their rules? */
bool recode_watched(const struct recode *r, uint32_t rows, const uint32_t *hist);

/* May P be published as a class? */
static inline bool part_ok(const struct recode *r, const struct recode_part *p)
{
	return p->people >= r->k && (r->n_watch == 0 || recode_watched(r, p->rows, p->hist));
}

/*
 * How many rows of KIND, at most W, bring P nearer to keeping its rules; 0: they do not.
 */
uint32_t recode_helps(const struct recode *r, const struct recode_part *p, uint32_t kind,
    uint32_t w);

/* ---- what each file does ---------------------------------------------------------------- */

/* R's table and settings are set: check and derive the rest. Whatever comes of it, recode_stop(). */
enum sc_err recode_start(struct recode *r, struct sc_diag *d);
void recode_stop(struct recode *r);
/* Like recode_items_make(), and what they come to together is R's. */
enum sc_err recode_take(struct recode *r, const uint32_t *class_of, struct recode_group **all);

/* All rows that CLASS_OF does not suppress, as one group, which is the caller's. */
enum sc_err recode_items_make(struct recode *r, const uint32_t *class_of,
    struct recode_group **out);

/*
 * Suppress rows of ALL, in OUT, until it could be one class. Fails with SC_LIMIT, and D
 * says why, when that cannot be.
 */
enum sc_err recode_suppress(struct recode *r, struct recode_group *all, struct recode_result *out,
    struct sc_diag *d);

struct recode_group *recode_group_new(struct recode *r, size_t cap);
void recode_group_free(struct recode_group *g);
/* Append W rows like U to G and count them; false, and r->err, without memory. */
bool recode_group_add(struct recode *r, struct recode_group *g, const struct recode_unit *u,
    uint32_t w);
/* Count G's units anew, and its cost. */
void recode_group_count(const struct recode *r, struct recode_group *g);
bool recode_list_add(struct recode *r, struct recode_list *l, struct recode_group *g);
void recode_list_fini(struct recode_list *l); /* with its groups */

enum sc_err recode_scan_init(struct recode *r);
void recode_scan_fini(struct recode_scan *s);
/* The parts of G by COLUMN at its finest level. */
void recode_scan_units(struct recode *r, const struct recode_group *g, size_t column);
/* From the level below: parts of one node of LEVEL are one. False: nothing changed. */
bool recode_scan_level(struct recode *r, size_t column, size_t level);

void recode_cuts_find(struct recode *r, const struct recode_group *g, struct recode_cuts *out);

/*
 * REST, too small a part of G, takes loans of the others until it is well. Parts are
 * numbered as PART_OF says of each leaf of COLUMN, REST being none of them; all are
 * counted as they are then. False: it cannot be, and the counts are of no use.
 */
bool recode_borrow(struct recode *r, const struct recode_group *g, size_t column,
    struct recode_part *parts, struct recode_part *rest);
#define NO_PART UINT16_MAX

/* G by CUT into new groups, which are appended to OUT. False: it cannot be. */
bool recode_split(struct recode *r, const struct recode_group *g, const struct recode_cut *cut,
    struct recode_list *out);

/* G, which is taken, into classes at the end of OUT; pilots of BREADTH. */
void recode_solve(struct recode *r, struct recode_group *g, unsigned breadth,
    struct recode_list *out);
/* G by its best cut, its parts to the end of OUT. False: no cut gains anything. */
bool recode_solve_once(struct recode *r, const struct recode_group *g, struct recode_list *out);
uint64_t recode_loss(const struct recode_list *l, size_t from);

void recode_relocate(struct recode *r, struct recode_list *block);
/* Sweep NUMBER (from 0) over the classes of BLOCK, which has some. */
void recode_search(struct recode *r, struct recode_list *block, unsigned number);

/* The classes of L, and of each row which it is in, into OUT. Fails with SC_NOMEM. */
enum sc_err recode_result_make(struct recode *r, const struct recode_list *l,
    struct recode_result *out);

/* What is published of G. */
void recode_publish(const struct recode *r, const struct recode_group *g, struct recode_class *c);
/* Classes of equal cells become one; NEW_OF: which, of each that there was. False: no memory. */
bool recode_merge_equal(struct recode_result *out, uint32_t *new_of);

/* 64 bits by lot, of what B holds, under the key of the release. */
uint64_t recode_draw(const struct recode *r, const struct recode_part *p, uint64_t salt);
static inline uint64_t recode_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
