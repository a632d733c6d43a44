/*
 * attack_private.h - what was published as the attacker has it: members, periods, rows, and
 * the sets of people that their cells are.
 *
 *	attack_read.c	the file -> attack_book: rows, and each dimension's members
 *	attack_build.c	rows -> cells, which are numbers of an attack_system
 *	attack_relate.c	relations between sets (attack_shape.c) -> its rules
 *	attack_ask.c	questions -> findings
 */
#ifndef ANALYTICS_CUBE_ATTACK_PRIVATE_H
#define ANALYTICS_CUBE_ATTACK_PRIVATE_H

#include "analytics/cube/attack.h"
#include "analytics/cube/attack_system.h"
#include "base/arena.h"
#include "base/span.h"

#define ATTACK_DIMS 2           /* of a table, its period apart */
#define ATTACK_MEMBERS_MAX 4096 /* of a dimension */
#define ATTACK_MEMBER_BYTES 128 /* of a member's name */
#define ATTACK_TRAITS_MAX 16
#define ATTACK_ROWS_MAX 4000000u
#define ATTACK_QUARTER_WEEKS 13
#define ATTACK_CELLS_MAX 2000000u /* of all rows of several */
#define ATTACK_NOBODY UINT32_MAX

/* ---- periods ------------------------------------------------------------------------ */

enum attack_period { ATTACK_ALWAYS, ATTACK_WEEK, ATTACK_MONTH };

/* "2026-W47" as weeks since that of 1970-01-01, "2026-11" as months since year 0. False: it is neither. */
bool attack_week_parse(struct sc_span text, uint32_t *week);
bool attack_month_parse(struct sc_span text, uint32_t *month);
/* Days since 1970: the first of WEEK (a Monday), and of MONTH. */
int64_t attack_week_day(uint32_t week);
int64_t attack_month_day(uint32_t month);
uint32_t attack_month_of(int64_t day);
void attack_period_print(enum attack_period kind, uint32_t period, char out[static 16]);

/* ---- members ------------------------------------------------------------------------ */

/* What a column is of: the same in all tables that have one of its name. */
enum attack_dim {
	ATTACK_NO_DIM,
	ATTACK_CATEGORY,
	ATTACK_BAND,
	ATTACK_CHANNEL,
	ATTACK_HOUR,
	ATTACK_WEEKDAY,
	ATTACK_SEGMENT,
	ATTACK_MONTHS,
	ATTACK_TRAIT, /* the first trait; each has one of its own */
	ATTACK_DIM_END = ATTACK_TRAIT + ATTACK_TRAITS_MAX,
};

struct attack_member {
	const char *name; /* in the book's arena */
	uint32_t month;   /* of ATTACK_MONTHS */
};

struct attack_members {
	struct attack_member *v; /* in the order in which they were met */
	uint32_t n, cap;
	uint32_t *slots, n_slots; /* by hash, of v + 1 */
};

/*
 * The members that TEXT names, " | " between them, each noted in M and appended to LIST
 * (*N of at most MAX). False: it is empty, names one twice, has a control byte, or is too
 * long; or there is no memory.
 */
bool attack_members_parse(struct attack_members *m, struct sc_arena *a, struct sc_span text,
    uint16_t *list, size_t *n, size_t max);
void attack_members_fini(struct attack_members *m);

/* ---- tables and sets ---------------------------------------------------------------- */

/* Sets of people: of which the cells of a table are. Those from ATTACK_HIDDEN on, nobody published. */
enum attack_set {
	ATTACK_VISITORS,
	ATTACK_BUYERS,
	ATTACK_BEFORE,
	ATTACK_VISITORS_CATEGORY,
	ATTACK_BUYERS_CATEGORY,
	ATTACK_BUYERS_BAND,
	ATTACK_VISITORS_HOUR,
	ATTACK_BUYERS_WEEKDAY,
	ATTACK_SEGMENT_PEOPLE,
	ATTACK_SEGMENT_BUYERS,
	ATTACK_SEGMENT_CHANNEL,
	ATTACK_COHORT,
	ATTACK_MONTH_CELL,
	ATTACK_QUARTER_PEOPLE,
	ATTACK_QUARTER_BUYERS,
	ATTACK_SEGMENT_TRAIT, /* the first trait's */
	ATTACK_HIDDEN = ATTACK_SEGMENT_TRAIT + ATTACK_TRAITS_MAX,
	ATTACK_NEW = ATTACK_HIDDEN, /* bought this week, and never before */
	ATTACK_NEW_IN_MONTH,        /* the week's, in one of its months */
	ATTACK_MONTH_BUYERS,
	ATTACK_MONTH_CATEGORY,
	ATTACK_MONTH_BAND,
	ATTACK_SETS
};

struct attack_set_shape {
	const char *table, *told; /* of the set, in a finding */
	enum attack_period period;
	enum attack_dim dims[ATTACK_DIMS];
	bool apart[ATTACK_DIMS]; /* nobody is in two members of it */
	bool second;             /* another column's people than the table's first */
};
struct attack_book;

/* That of SET; a trait's table, and the dimension of its values, are its own. */
const struct attack_set_shape *attack_set_shape(enum attack_set set);
const char *attack_set_table(const struct attack_book *b, enum attack_set set);
enum attack_dim attack_set_dim(enum attack_set set, size_t i);

/* How two periods, or two cells, go together. */
enum attack_time {
	ATTACK_SAME,
	ATTACK_IN_MONTH,    /* the week is all within the month */
	ATTACK_TOUCHES,     /* a day of the week is in the month */
	ATTACK_QUARTER_AGO, /* the quarter's first people are those of the week before it */
	ATTACK_BORN,        /* of a cohort: its own first month */
	ATTACK_MONTH_OF,    /* of a cohort: the month that it is told for */
};

enum attack_relation_kind {
	ATTACK_WITHIN, /* who is in a cell of A is in that cell of B */
	ATTACK_COVER,  /* who is in a cell of B is in one or more of A's within it */
	ATTACK_SPLIT,  /* ... in exactly one */
	ATTACK_LEAVE,  /* ... in at most one */
	ATTACK_EQUAL,  /* the same people */
};

struct attack_relation {
	enum attack_relation_kind kind;
	enum attack_set a, b;
	enum attack_time time;
	bool loose; /* holds unless somebody left since, or what was done has no name */
	const char *reason;
};
extern const struct attack_relation attack_relations[];
extern const size_t attack_n_relations;

/* ---- rows --------------------------------------------------------------------------- */

struct attack_row {
	uint8_t set;
	uint32_t period;
	uint32_t members[ATTACK_DIMS]; /* first of each dimension's in attack_book.lists */
	uint16_t n[ATTACK_DIMS];       /* 1 where the table has no such dimension */
	int64_t people;
	uint32_t var; /* PEOPLE as a number of the system */
};

struct attack_cell {
	uint8_t set;
	uint32_t period;
	uint16_t member[ATTACK_DIMS];
	uint32_t var, row; /* ROW: ATTACK_NOBODY where none names it */
};

/* People of a set who are not in another one that lies within it: B - A. */
struct attack_pair {
	uint16_t relation;
	bool rest;              /* who is in no row of the other set: A alone */
	uint32_t b_cell, b_row; /* ATTACK_NOBODY: all of the row; not one row's, but A's cells */
	uint32_t a_cell, a_row;
	uint32_t b_var, a_var;
};

/* There are rows of SET at PERIOD. */
struct attack_told {
	uint8_t set;
	uint32_t period;
};

/* All that was published, and what it says. */
struct attack_book {
	struct sc_arena arena;
	struct attack_members dims[ATTACK_DIM_END];
	char traits[ATTACK_TRAITS_MAX][64]; /* the tables' names */
	uint32_t n_traits;
	uint16_t *lists;
	uint32_t n_lists, cap_lists;
	struct attack_row *rows;
	uint32_t n_rows, cap_rows;
	struct attack_cell *cells;
	uint32_t n_cells, cap_cells;
	uint32_t *cell_slots, n_cell_slots; /* by hash, of cells + 1 */
	struct attack_told *told;           /* sorted */
	uint32_t n_told;
	struct attack_pair *pairs;
	uint32_t n_pairs, cap_pairs;
	struct attack_system system;
	int64_t floor;
};

void attack_book_fini(struct attack_book *b);
/* Read the database at PATH. Fails with SC_SYNTAX, SC_LIMIT, SC_IO, SC_NOMEM; D says where. */
SC_CHECKED enum sc_err attack_read(struct attack_book *b, const char *path, struct sc_diag *d);
/* Cells and rules of all rows. Fails with SC_SYNTAX (two rows of one cell), SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err attack_build(struct attack_book *b, struct sc_diag *d);
SC_CHECKED enum sc_err attack_relate(struct attack_book *b);

struct attack_asked {
	uint32_t since_week, since_month; /* what is older is not asked about */
	attack_found_fn *found;
	bool (*progress)(void *arg, unsigned permille);
	void *arg;
};
/* All questions, once the system is settled. Fails with SC_AGAIN, SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err attack_ask(struct attack_book *b, const struct attack_asked *asked,
    struct cube_attack *out);
/* CELL (ATTACK_NOBODY: all of ROW) in words, as "2026-W40, category toys". */
void attack_tell(const struct attack_book *b, uint32_t cell, uint32_t row, char *out, size_t size);

/* ---- the file ----------------------------------------------------------------------- */

struct sqlite3;
/* Read-only; *LOOKS must live as long as it. On failure too *OUT is to be closed. */
SC_CHECKED enum sc_err attack_db_open(const char *path, unsigned *looks, struct sc_diag *d,
    struct sqlite3 **out);
typedef enum sc_err attack_table_fn(void *arg, struct sqlite3 *db, const char *name,
    struct sc_diag *d);
/* Each table, by name. Fails with SC_SYNTAX (there is more than tables), or like EACH. */
SC_CHECKED enum sc_err attack_db_tables(struct sqlite3 *db, attack_table_fn *each, void *arg,
    struct sc_diag *d);

/* Is there a row of SET at PERIOD? */
bool attack_is_told(const struct attack_book *b, enum attack_set set, uint32_t period);
/* Member I of dimension DIM of ROW. */
static inline uint16_t attack_row_member(const struct attack_book *b, const struct attack_row *row,
    size_t dim, size_t i)
{
	return b->lists[row->members[dim] + i];
}
/* The cell of SET at PERIOD and MEMBER, ATTACK_NOBODY: there is none. */
uint32_t attack_cell_find(const struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS]);
/* Likewise, made where it is missing: from 0 to HI. Fails with SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err attack_cell_make(struct attack_book *b, enum attack_set set, uint32_t period,
    const uint16_t member[ATTACK_DIMS], int64_t hi, uint32_t *out);

#endif
