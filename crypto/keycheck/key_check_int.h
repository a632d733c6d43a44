/*
 * key_check_int.h - a moment of the store that is being looked at. Private to key_check*.c.
 */
#ifndef CRYPTO_KEYCHECK_KEY_CHECK_INT_H
#define CRYPTO_KEYCHECK_KEY_CHECK_INT_H

#include "crypto/keycheck/key_check.h"
#include "crypto/keystore/store_rows.h"

struct key_checking {
	const struct key_check *c;
	struct store_tx *tx;
	struct key_check_report *r;
	struct keystore_now now;
	uint8_t id[STORE_ID_BYTES];
	struct tree *tree; /* for opening boxes alone */
	uint8_t *living;   /* a bit for each slot below high */
	uint64_t keys;     /* alive in the leaves ... */
	uint64_t sum;      /* ... and what they add up to, with whose they are */
	uint64_t rows, row_sum, people;
	uint64_t seen; /* since the last word */
	uint8_t last[HANDLE_BYTES];
};

static inline enum sc_err key_check_go_on(const struct key_checking *k, const char *what,
    uint64_t done, uint64_t all)
{
	return work_watched(&k->c->watch, what, done, all);
}

static inline bool key_check_lives(const struct key_checking *k, uint64_t slot)
{
	return slot < k->now.high && (k->living[slot / 8] >> slot % 8 & 1) != 0;
}

/* One number for (whose, where): two sets that add up to the same are the same, but for chance. */
uint64_t key_check_sum(const uint8_t handle[static HANDLE_BYTES], uint64_t slot);

/* Rows of people, weeks, orders, lost slots and backups, once the leaves were seen. */
SC_CHECKED enum sc_err key_check_people(struct key_checking *k);
SC_CHECKED enum sc_err key_check_weeks(struct key_checking *k);
SC_CHECKED enum sc_err key_check_orders(struct key_checking *k);
SC_CHECKED enum sc_err key_check_lost(struct key_checking *k);
SC_CHECKED enum sc_err key_check_backups(struct key_checking *k);

#endif
