/*
 * guard.h - guessing extensions does not pay: tries are charged before they
 * are compared.
 *
 * A try is charged to its caller at this X, to the caller everywhere, to the X
 * and to its pool, all within an hour. A hit takes back its own charge, and
 * nothing else. Past the X's or the pool's budget only callers who were
 * connected there before are let through: so trying with many callers, or many
 * calls at once, gains nothing. Memory is bounded; when it is full, unknown callers
 * count as one. Pure: the service has the lock and the clock.
 */
#ifndef GATEWAY_BOOK_GUARD_H
#define GATEWAY_BOOK_GUARD_H

#include "gateway/book/book.h"

struct phone_guard;

SC_CHECKED enum sc_err guard_new(const struct phone_settings *settings, struct phone_guard **out);
void guard_free(struct phone_guard *g); /* NULL is fine */

struct guard_try {
	uint32_t line;
	uint64_t caller; /* blind index; 0: withheld, all of whom are one */
	bool known;      /* was connected here before (book_knows()) */
};
/* Charge it. False: it may not be compared (PHONE_BLOCKED). */
bool guard_charge(struct phone_guard *g, const struct phone_now *now, const struct guard_try *t);
/* It was right: its own charge is taken back. */
void guard_refund(struct phone_guard *g, const struct phone_now *now, const struct guard_try *t);
/* Did this charge begin a block? Once each, for the alarm. */
bool guard_alarm(struct phone_guard *g, uint32_t *line);

#endif
