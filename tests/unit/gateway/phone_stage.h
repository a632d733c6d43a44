/*
 * phone_stage.h - settings, clocks and callers for tests of the book and the guard.
 */
#ifndef TESTS_PHONE_STAGE_H
#define TESTS_PHONE_STAGE_H

#include "gateway/book/book.h"

#define STAGE_DAY (24 * 3600)
#define STAGE_NOON 1800000000u /* when stories begin */

struct phone_stage {
	struct phone_settings settings;
	struct phone_pool pools[8];
	struct phone_line lines[64];
	struct phone_book *book;
	struct phone_now now;
	uint32_t made; /* so that every id is another */
};

/* Empty settings, a clock at noon. */
void stage_init(struct phone_stage *t);
/* A pool of N_LINES active lines, without a next one; its index. */
uint16_t stage_pool(struct phone_stage *t, enum phone_mode mode, uint8_t digits, size_t n_lines);
/* The book of these settings; exits when there is none. */
void stage_open(struct phone_stage *t);
void stage_close(struct phone_stage *t);
/* Both clocks go on. */
void stage_pass(struct phone_stage *t, uint64_t s);

/* A packed token of the person N, and its blind index. */
struct sc_span stage_token(uint32_t n);
uint64_t stage_party(uint32_t n);
void stage_order(uint32_t n, uint8_t out[static 16]);
/* What a binding for A (and B of a pair) by ORDER wants: any slot, a day, everything open. */
struct book_wanted stage_want(struct phone_stage *t, uint16_t pool, uint32_t order, uint32_t a,
    uint32_t b);
/* Bind; one past the last outcome when that fails. */
enum book_bound stage_how(struct phone_stage *t, const struct book_wanted *w, uint32_t *at);
/* Bind and confirm; BOOK_NONE when there was no slot. */
uint32_t stage_bind(struct phone_stage *t, const struct book_wanted *w);
struct phone_binding stage_view(const struct phone_stage *t, uint32_t at);
struct book_way stage_call(const struct phone_stage *t, uint32_t line, uint32_t ext,
    uint32_t caller);
bool stage_reaches(struct book_way w, uint32_t person);
enum phone_answer stage_answer(const struct phone_stage *t, uint32_t line, uint32_t ext,
    uint32_t caller);
/* CALLER is connected to AT's person, and hangs up at once. */
void stage_connect(struct phone_stage *t, uint32_t at, uint32_t caller);
/* Sweep until nothing is due; releases are RELEASED, or stay RELEASING. How many of each. */
struct stage_swept {
	size_t expired, released;
};
struct stage_swept stage_sweep(struct phone_stage *t, bool release);

#endif
