/*
 * key_rows.h - the keyring's rows in the store: keys wrapped, and what they are
 * bound to. Private to the keyring (keyring_int.h).
 */
#ifndef CRYPTO_KEYRING_KEY_ROWS_H
#define CRYPTO_KEYRING_KEY_ROWS_H

#include "crypto/keyring/keyring.h"

#define KEY_ROWS_MAX (CLASS_MAX * KEY_VERSIONS + 256)

struct key_row {
	uint64_t id, parent;
	uint8_t kind, class_id, tier, epoch;
	enum key_state state;
	uint64_t since_ms;
	struct key_use_counts used;
	uint8_t wrapped[KEY_WRAPPED]; /* of one that is destroyed: nothing */
};

struct key_rows {
	struct key_row *v;
	size_t n, cap;
};

void key_rows_fini(struct key_rows *rows); /* zeroed ones are fine */

/* Read all, parents first, onto ROWS. Waits. SC_CORRUPT: too many, or malformed. */
SC_CHECKED enum sc_err key_rows_load(struct store *s, struct key_rows *rows);
/* Add ROW. Waits until it is on disk. */
SC_CHECKED enum sc_err key_rows_add(struct store *s, struct key_row *row);

/* The same within a job. */
SC_CHECKED enum sc_err key_rows_read(struct store_tx *tx, struct key_rows *rows);
SC_CHECKED enum sc_err key_rows_insert(struct store_tx *tx, struct key_row *row);
/* State, parent and wrapped key of ROW; of one that is destroyed no byte of the key stays. */
SC_CHECKED enum sc_err key_rows_set(struct store_tx *tx, struct key_row *row);
SC_CHECKED enum sc_err key_rows_set_state(struct store_tx *tx, uint64_t id, enum key_state state);
SC_CHECKED enum sc_err key_rows_remove(struct store_tx *tx, uint64_t id);

#endif
