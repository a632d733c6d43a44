/*
 * quota_rows_int.h - books, what of them is on its way to the rows, and the one job that is
 * under way. Private to quota_rows.c, quota_write.c, quota_days.c and quota_replay.c.
 */
#ifndef CRYPTO_QUOTA_QUOTA_ROWS_INT_H
#define CRYPTO_QUOTA_QUOTA_ROWS_INT_H

#include "crypto/quota/quota_rows.h"

struct quota_row {
	uint64_t day, subject; /* 0: one that nobody can name */
	uint64_t n;
	uint8_t kind;
	struct sc_name who;
};

struct row_list {
	struct quota_row *v;
	size_t n, cap;
	bool short_of_memory;
};

enum rows_state { ROWS_IDLE, ROWS_RESTING, ROWS_WRITING, ROWS_LOADING, ROWS_DROPPING };

struct quota_rows {
	struct quota_rows_parts p;
	char node[160]; /* of its row in `writer` */
	struct kind_books {
		struct quota_rows *rows;
		struct quota *books;
	} kinds[QUOTA_KINDS];
	struct loop_timer tick;
	enum rows_state state;

	struct row_list fresh; /* counted since the last write */
	struct row_list batch; /* to be written, from AT on */
	size_t at;
	uint64_t mark, written; /* of the log: told by the batch, by the rows */

	struct inbox_job job;
	struct quota *loaded[QUOTA_KINDS];
	uint64_t day;   /* being loaded */
	uint64_t today; /* when dropping began */
	uint64_t dropped, drop_at_ms;
};

/* RUN with the store, then ON_LOOP; meanwhile the state is STATE. */
void quota_submit(struct quota_rows *r, enum rows_state state,
    enum sc_err (*run)(struct store_job *, struct store_tx *),
    void (*on_loop)(struct inbox_job *, enum sc_err));

/* ROW at the end of L, or L is short of memory from now on. */
void quota_keep_row(struct row_list *l, const struct quota_row *row);
/* Rows that name somebody; and, in one commit with the last of those, the others with the mark. */
SC_CHECKED enum sc_err quota_add_named(struct store_tx *tx, struct quota_row *v, size_t n);
SC_CHECKED enum sc_err quota_add_rest(struct quota_rows *r, struct store_tx *tx);
/* The mark as the statement's row. */
bool quota_bind_mark(void *arg, size_t i, struct store_value *v);

/* Write the batch, whose mark is durable. */
void quota_write(struct quota_rows *r);

/* Bring the rows up to what the log in DIR tells. Waits. */
SC_CHECKED enum sc_err quota_replay(struct quota_rows *r, const char *dir, uint64_t today,
    struct sc_diag *d);
/* Read today's books, and tomorrow's before it comes. False: all are there. */
bool quota_load(struct quota_rows *r);
/* Today's at the start, where nobody is kept waiting. */
SC_CHECKED enum sc_err quota_load_now(struct quota_rows *r, uint64_t day);
/* A bite of old days, when it is time. */
void quota_drop(struct quota_rows *r);

#endif
