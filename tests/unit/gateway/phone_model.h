/*
 * phone_model.h - the book once more, as plainly as can be: one array, and every
 * question answered by going through all of it.
 */
#ifndef TESTS_PHONE_MODEL_H
#define TESTS_PHONE_MODEL_H

#include "phone_stage.h"

#define MODEL_MAX 2048
#define MODEL_ORDERS 96
#define MODEL_PEOPLE 1024
#define MODEL_TAKEN_BACK (BOOK_RELEASING + 1)

struct model_order {
	uint32_t order;
	bool durable;
};
struct model_caller {
	uint64_t party;
	uint32_t token; /* 0: none was given */
	uint64_t seen_at;
};

struct model_binding {
	bool used, durable;
	uint32_t at;
	uint8_t id[PHONE_ID_BYTES];
	uint8_t state;
	uint16_t pool;
	uint32_t line, ext;
	uint32_t a, b; /* tokens */
	uint64_t a_party, b_party;
	struct model_order orders[MODEL_ORDERS];
	size_t n_orders;
	uint32_t refs, version;
	uint64_t made_at, expires_at, ended_at, last_call_at;
	uint8_t directions, channels;
	struct model_caller callers[4]; /* the last first */
	size_t n_callers;
	uint64_t began_at, day_from, a_called_at;
	uint32_t under_way, in_day;
	int was;            /* the one whose slot it takes, or -1 */
	uint64_t busy_true; /* when somebody was last reached by it, by a clock that nobody sets */
};

struct phone_model {
	const struct phone_settings *settings;
	struct model_binding v[MODEL_MAX];
	size_t n; /* used ones are below */
	uint32_t slots[8];
	struct model_caller told[MODEL_PEOPLE]; /* each caller's last token, whoever was called */
	size_t n_told;
};

/* What somebody wants, by numbers instead of bytes. */
struct model_wanted {
	uint16_t pool;
	const char *region; /* "" for any */
	uint32_t line, ext, order, a, b;
	uint64_t a_party, b_party, expires_at;
	uint8_t directions, channels;
};

void model_init(struct phone_model *m, const struct phone_settings *settings);
struct model_binding *model_add(struct phone_model *m);
struct model_binding *model_find(struct phone_model *m, uint32_t at);

bool model_live(const struct model_binding *x, const struct phone_now *now);
uint64_t model_cools_until(const struct phone_model *m, const struct model_binding *x);
bool model_guessable(uint32_t ext, unsigned digits);

/* What must come of a binding. Of SAME, SHARED and AGAIN: which ones would do. */
enum book_bound model_bind(const struct phone_model *m, const struct phone_now *now,
    const struct model_wanted *w, bool suits[static MODEL_MAX]);
/* May a new one be at that line and extension? */
bool model_slot_ok(const struct phone_model *m, const struct model_wanted *w, uint32_t line,
    uint32_t ext);

bool model_has_order(const struct model_binding *x, uint32_t order);
void model_order_drop(struct model_binding *x, uint32_t order);

/* Whom a call reaches: which ones would do, and how. */
struct model_way {
	enum phone_answer answer;
	bool callback, to_b;
	bool suits[MODEL_MAX]; /* of CONNECT, LATE, ONE_WAY, BUSY */
};
void model_route(const struct phone_model *m, const struct phone_now *now,
    const struct book_call *c, struct model_way *out);
/* The token that a CONNECT by X gives. */
uint32_t model_to(const struct phone_model *m, const struct model_binding *x,
    const struct model_way *w);
bool model_knows(const struct phone_model *m, uint32_t line, uint64_t caller);

void model_connected(struct phone_model *m, struct model_binding *x, const struct phone_now *now,
    uint64_t caller, uint32_t token, uint64_t to_party);
void model_load_caller(struct phone_model *m, struct model_binding *x,
    const struct model_caller *c);

void model_pool_stats(const struct phone_model *m, const struct phone_now *now, uint16_t pool,
    struct book_stats *out);

#endif
