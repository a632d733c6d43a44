/*
 * cube_private.h - what a cube holds, as its parts see it. Private to analytics/cube/.
 *
 *	cube.c		events become records of 16 bytes
 *	cube_sort.c	which are put in order, by week and person
 *	cube_past.c	who each person was at the end of a week, by the 40 weeks before it
 *	cube_count.c	a week's records become margins; cube_month.c: a month's, a quarter's
 *	cube_margin.c	people of any set of cells, each once
 *	cube_fold.c	margins become rows that may be published
 *	cube_words.c	cells and rows in words; cube_tables.c: what the tables mean
 *	cube_before.c	what was published before
 *	cube_write.c	all of it onto the shelf
 *	cube_make.c	the order of all this, and the attacker
 */
#ifndef ANALYTICS_CUBE_CUBE_PRIVATE_H
#define ANALYTICS_CUBE_CUBE_PRIVATE_H

#include "analytics/cube/cube.h"
#include "analytics/features/table.h"

#define CUBE_LOOKBACK 40 /* weeks of orders and visits that a segment is of */
#define CUBE_QUARTER 13  /* weeks */
#define CUBE_DAY_S 86400
#define CUBE_BANDS (1 + FEED_BANDS) /* [0]: no price was said */
#define CUBE_NAME_BYTES 96          /* of a member */
#define CUBE_DATE_BYTES 32
#define CUBE_NO_WEEK UINT32_MAX
#define CUBE_STRICT_MAX \
	4             /* times that more is folded where something is found: then nothing is told */
#define CUBE_ROUNDS 9 /* of that, for all that is found */

/* ---- records (cube.c, cube_sort.c) ------------------------------------------------------ */

/*
 * As much of an event as the tables need.
 *
 *	what	second of the shop's clock since 1970: 34 bits | kind 4 | channel 8 | band 4
 *		| category 13
 *	price	in steps
 */
struct cube_record {
	uint64_t what;
	uint32_t person, price;
};

static inline uint64_t record_second(const struct cube_record *r)
{
	return r->what >> 29;
}
static inline unsigned record_kind(const struct cube_record *r)
{
	return r->what >> 25 & 15;
}
static inline unsigned record_channel(const struct cube_record *r)
{
	return r->what >> 17 & 255;
}
static inline unsigned record_band(const struct cube_record *r)
{
	return r->what >> 13 & 15;
}
static inline unsigned record_category(const struct cube_record *r)
{
	return r->what & 8191;
}
/* 1970 began on a Thursday: three days of its week were over. */
static inline uint32_t cube_week_of_day(int64_t day)
{
	return (uint32_t)((day + 3) / 7);
}
static inline uint32_t record_day(const struct cube_record *r)
{
	return (uint32_t)(record_second(r) / CUBE_DAY_S);
}
static inline uint32_t record_week(const struct cube_record *r)
{
	return cube_week_of_day(record_day(r));
}
/* The first day of WEEK, which may be before 1970. */
static inline int64_t cube_monday(uint32_t week)
{
	return (int64_t)week * 7 - 3;
}

/* ---- people (cube_past.c) ---------------------------------------------------------------- */

enum cube_person_flag {
	CUBE_OVER_CAP = 1,
	CUBE_OVER_LOWER = 2,
	CUBE_BOUGHT = 4
}; /* this quarter */

/* As of the end of the week that is looked at. */
struct cube_person {
	uint64_t spent;                      /* in steps, in CUBE_LOOKBACK weeks */
	uint32_t seen, orders;               /* likewise: what they did */
	uint32_t channels[FEATURE_CHANNELS]; /* likewise */
	uint32_t first_week, last_week;      /* of an order; CUBE_NO_WEEK, 0: none */
	uint32_t first_month;                /* of an order, since the year 0; 0: none */
	uint32_t quarter_orders;             /* since the quarter began */
	uint8_t then;                        /* segment when it began; CUBE_SEGMENTS: none */
	uint8_t flags;                       /* enum cube_person_flag */
	uint8_t traits[FEED_ATTRIBUTES_MAX];
};

/* What one sum over a person's cells needs (cube_margin.c). */
struct cube_sum {
	uint64_t spend;
	uint32_t stamp, n;
};

struct cube {
	struct cube_settings settings;
	struct cube_record *records;
	size_t n, cap;
	struct fold_table index; /* pseudonym -> place in PEOPLE, plus one */
	struct cube_person *people;
	size_t n_people, cap_people;
	uint64_t newest_ms; /* the newest event, and its clock's offset */
	int8_t newest_offset;
	/* once sorted */
	uint32_t first_week, n_weeks;
	size_t *week_at; /* of each week the first record; and the end */
	struct cube_sum *sums;
	uint32_t *touched; /* people of the sum that is made */
	uint32_t stamp;
};

/* Order the records by week and person. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_sort(struct cube *c);
/* The records of WEEK: [*FROM, *TO). */
void cube_week_records(const struct cube *c, uint32_t week, size_t *from, size_t *to);
/* The end of those of the person that record AT is of, not past END. */
size_t cube_person_end(const struct cube *c, size_t at, size_t end);

/* Forget what people did, not who they are. */
void cube_past_begin(struct cube *c);
/* WEEK comes to what is known, what is too old for it goes. */
void cube_past_add(struct cube *c, uint32_t week);
/* CUBE_SEGMENTS: they did nothing in 40 weeks. */
enum cube_segment cube_segment_of(const struct cube *c, const struct cube_person *p, uint32_t week);
unsigned cube_channel_of(const struct cube_person *p); /* that they used most */
uint32_t cube_month_of_day(int64_t day);
int64_t cube_month_first_day(uint32_t month);
/* Do thirteen weeks of a quarter end with WEEK? */
bool cube_ends_quarter(uint32_t week);
/* Those of the next begin: who everybody was at the end of WEEK is kept. */
void cube_quarter_begin(struct cube *c, uint32_t week);

/* ---- caps (cube_cap.c) ---------------------------------------------------------------------- */

/* Before anything was published: from the words' price bands alone, in hundredths. */
uint64_t cube_first_cap(const struct feed_words *w);
/* Note who spent more than CAP in WEEK, and who more than the step below it. */
void cube_cap_note(struct cube *c, uint32_t week, uint64_t cap);
/* The cap of the weeks after the quarter that ended, of which all weeks were noted. */
uint64_t cube_cap_next(const struct cube *c, uint64_t cap, const uint8_t key[static 16]);

/* ---- margins (cube_margin.c) ----------------------------------------------------------------- */

/* Of the people of one or more cells, each counted once. */
struct cube_stats {
	uint64_t people, buyers, orders, lines;
	uint64_t revenue, top,
	    second; /* hundredths, cut to the cap; the two greatest of one person */
};

struct cube_entry {
	uint32_t cell, person;
	uint32_t n; /* orders, as a set of bits; or lines, as a number */
	uint32_t spend;
};

/* N_A x N_B cells. Either people are in one cell each, and counted there, or entries are kept. */
struct cube_margin {
	size_t n_a, n_b;
	bool disjoint, adds;      /* ADDS: entries' N are numbers */
	uint64_t step, cap_cents; /* of spending; what one person's is cut to */
	struct cube_stats *cells; /* where DISJOINT */
	struct cube_entry *v;
	size_t n, cap;
	uint32_t *last;  /* of each cell the newest entry, plus one */
	uint32_t *start; /* once closed: where its entries begin; and the end */
};

SC_CHECKED enum sc_err margin_init(struct cube_margin *m, size_t n_a, size_t n_b, bool disjoint);
void margin_fini(struct cube_margin *m);
void margin_clear(struct cube_margin *m);
/* PERSON is in CELL. One person's entries come one after the other. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err margin_add(struct cube_margin *m, size_t cell, uint32_t person, uint32_t n,
    uint64_t spend);
/* N people are in CELL, and in no other. */
void margin_count(struct cube_margin *m, size_t cell, uint64_t n);
/* One of them ordered; CENTS are cut already. */
void margin_count_buyer(struct cube_margin *m, size_t cell, uint64_t orders, uint64_t cents);
/* No entry comes any more. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err margin_close(struct cube_margin *m);
/* What one person's SPEND of a margin counts for. */
uint64_t margin_cents(const struct cube_margin *m, uint64_t spend);

/* Those in any of the cells of members A and members B (NULL: all). */
struct cube_rect {
	const uint16_t *a, *b;
	size_t n_a, n_b;
};
void margin_stats(struct cube *c, const struct cube_margin *m, const struct cube_rect *r,
    struct cube_stats *out);

/* ---- folding (cube_fold.c) -------------------------------------------------------------------- */

struct cube_folded_row {
	struct cube_rect cells;
	struct cube_stats stats;
};
struct cube_folded { /* rows live in an arena */
	struct cube_folded_row *v;
	size_t n, cap;
};

/* What a row must be to be published. */
struct cube_rule {
	uint32_t floor; /* people */
	uint64_t of;    /* its people are some of these; 0: not known */
	bool buyers;    /* they are told: nobody, or enough, and so are the rest */
	bool revenue;   /* likewise: nobody's is most of it */
	const struct cube_folded *visitors; /* by the same members: who did not buy, too */
	const uint64_t *whole;              /* of each A how many people its row is some of */
	bool names_all;                     /* a member without anybody is folded too */
	const uint16_t *not_alone;          /* this A is in no row by itself; NULL: none such */
};
bool cube_rule_keeps(const struct cube_rule *r, const struct cube_rect *cells,
    const struct cube_stats *s);
/* May PART of WHOLE people be told beside it? */
bool cube_may_differ(uint64_t whole, uint64_t part);

struct cube_axes {
	bool ordered_a, ordered_b;
	const struct cube_folded *groups; /* of A, as they are already; NULL: they are made */
};
/*
 * The rows of M, none where that cannot be: its people are then too few. KEY: ties. Rows
 * are added to OUT and live in A. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_fold(struct cube *c, const struct cube_margin *m,
    const struct cube_rule *rule, const struct cube_axes *axes, const uint8_t key[static 16],
    struct sc_arena *a, struct cube_folded *out);

/* ---- tables (cube_tables.c, cube_words.c) ------------------------------------------------------ */

enum cube_table {
	CUBE_WEEK,
	CUBE_VISITORS_CATEGORY,
	CUBE_BUYERS_CATEGORY,
	CUBE_BUYERS_BAND,
	CUBE_VISITORS_HOUR,
	CUBE_BUYERS_WEEKDAY,
	CUBE_SEGMENTS_TABLE,
	CUBE_SEGMENT_CHANNEL,
	CUBE_COHORTS,
	CUBE_MONTH_CATEGORY_BAND,
	CUBE_QUARTERS,
	CUBE_CAPS,
	CUBE_CALENDAR,
	CUBE_SEGMENT_TRAIT, /* the first; one for each of the words' traits */
	CUBE_TABLES = CUBE_SEGMENT_TRAIT + FEED_ATTRIBUTES_MAX
};
#define CUBE_TABLE_COLUMNS 8

/* A table with its new rows, N_COLUMNS values each. */
struct cube_rows {
	struct shelf_value *v;
	size_t n, cap; /* values */
};

struct cube_out {
	struct sc_arena arena; /* of all texts, and of the traits' tables */
	struct shelf_table tables[CUBE_TABLES];
	size_t n_tables;
	struct cube_rows rows[CUBE_TABLES];
	uint64_t own, folded;
};

/* The tables and what they mean, in OUT's arena. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_tables(const struct feed_words *w, struct cube_out *out);

void cube_out_fini(struct cube_out *out);

/* A value of a row: TEXT, or NUMBER where it is NULL. */
struct cube_value {
	const char *text;
	uint64_t number;
};
#define CUBE_TEXT(s) ((struct cube_value){ .text = (s) })
#define CUBE_NUMBER(n) ((struct cube_value){ .number = (n) })
/* Append a row of table T; texts are copied. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_row(struct cube_out *out, size_t t, const struct cube_value *v);

/* ---- what was published before (cube_before.c) ------------------------------------------------- */

/* Segments as a week's rows had them, which only a later quarter may join. */
struct cube_then {
	uint32_t week;
	size_t n;
	uint16_t members[CUBE_SEGMENTS][CUBE_SEGMENTS];
	size_t n_members[CUBE_SEGMENTS];
	uint64_t people[CUBE_SEGMENTS];
};

struct cube_cap {
	uint32_t week;
	uint64_t cents;
};

struct cube_before {
	struct shelf_release release;
	struct sqlite3 *db;          /* NULL: nothing was */
	int64_t first_day, next_day; /* of all that was published; the first that was not */
	struct cube_cap *caps;
	size_t n_caps, cap_caps;
	struct cube_then *then;
	size_t n_then, cap_then;
};

/*
 * Open the release in FOLDER, which must be DATASET's number NUMBER. Fails with SC_CORRUPT (it
 * is damaged, or no cube of ours), SC_IO, SC_NOMEM; D says why. *OUT is to be released
 * with cube_before_fini() whatever comes of it.
 */
SC_CHECKED enum sc_err cube_before_open(const char *folder, const char *dataset, uint64_t number,
    struct sc_diag *d, struct cube_before *out);
void cube_before_fini(struct cube_before *b); /* all zero is fine */
/* The cap of WEEK; false: none was published. */
bool cube_before_cap(const struct cube_before *b, uint32_t week, uint64_t *cents);
/* Put the rows of T that were published where W is, as they are. Fails like shelf_row(); SC_CORRUPT. */
SC_CHECKED enum sc_err cube_before_copy(const struct cube_before *b, const struct shelf_table *t,
    struct shelf_writer *w, struct sc_diag *d);
/* Another week's. NULL: there is no memory. */
struct cube_then *cube_then_add(struct cube_before *b, uint32_t week);

/* ---- new rows (cube_count.c, cube_month.c, cube_rows.c) ------------------------------------------ */

/* Where the attacker found something: fold more. */
struct cube_strict {
	size_t table;                 /* CUBE_TABLES: each */
	char period[CUBE_DATE_BYTES]; /* "": each that is new */
	unsigned level; /* the floor is doubled so often; at CUBE_STRICT_MAX - 1 nothing is told */
	bool raised;    /* found in this round */
};
#define CUBE_STRICTS 256

struct cube_run {
	struct cube *c;
	const uint8_t *key;
	struct cube_before *before;
	struct cube_out *out;
	const struct cube_strict *strict;
	size_t n_strict;
	uint32_t first, last; /* new weeks */
	struct cube_margin margins[CUBE_TABLES];
	struct sc_arena arena; /* of a week, or a month */
	struct cube_folded folded[CUBE_TABLES];
	uint32_t base_month;
	uint64_t *cohorts; /* people of each, from the base month on */
	uint64_t cap;      /* of the week */
	/* of the week */
	struct cube_stats total;
	uint64_t bought_before;
	uint64_t first_ever[2]; /* orders: in the month of its Monday, of its Sunday */
	bool buyers_told, revenue_told;
	bool splits;       /* it is of two months */
	bool hides_newest; /* the month's own cohort may not be told by itself */
};

SC_CHECKED enum sc_err cube_run_init(struct cube_run *r);
void cube_run_fini(struct cube_run *r);
/* All weeks, from the first on record: rows of those that are new. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_run_weeks(struct cube_run *r);
/* Rows of one new week; of the month, the quarter that ended in it. Each fails with SC_NOMEM. */
SC_CHECKED enum sc_err cube_count_week(struct cube_run *r, uint32_t week);
SC_CHECKED enum sc_err cube_count_month(struct cube_run *r, uint32_t month);
SC_CHECKED enum sc_err cube_count_quarter(struct cube_run *r, uint32_t week);

/*
 * Fold margin T and make rows of it, PERIOD in the column that tells it. RULE's floor is
 * set here. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err cube_emit(struct cube_run *r, size_t t, const char *period,
    struct cube_rule rule, const struct cube_axes *axes);
/* Rows of FOLDED as they are; BASE is what the members of the first axis count from. */
SC_CHECKED enum sc_err cube_emit_rows(struct cube_run *r, size_t t, const char *period,
    const struct cube_folded *folded, size_t base);
/* The floor of table T's rows of PERIOD; 0: none may be. */
uint32_t cube_floor(const struct cube_run *r, size_t t, const char *period);

/* ---- writing (cube_write.c) ---------------------------------------------------------------------- */

SC_CHECKED enum sc_err cube_write_tables(const struct cube_before *b, const struct cube_out *out,
    struct shelf_writer *w, struct sc_diag *d);

/* ---- in words (cube_words.c) ------------------------------------------------------------------- */

/* Members BASE + V[i] of axis 0 or 1 of table T, in OUT's arena; NULL: there is no memory. */
const char *cube_members(struct cube_out *out, const struct feed_words *w, size_t t, unsigned axis,
    const uint16_t *v, size_t n, size_t base);
/* Each into OUT, which is returned. */
const char *cube_week_name(uint32_t week, char out[static CUBE_DATE_BYTES]);
const char *cube_month_name(uint32_t month, char out[static CUBE_DATE_BYTES]);
const char *cube_day_name(int64_t day, char out[static CUBE_DATE_BYTES]);
/* "2026-11-16"; false: it is none. */
bool cube_day_parse(const char *s, int64_t *day);

#endif
