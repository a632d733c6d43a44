/*
 * key_rows.h - the keyring's rows in the store: keys wrapped, and what they are
 * bound to. Private to keyring.c.
 */
#ifndef CRYPTO_KEYSTORE_KEY_ROWS_H
#define CRYPTO_KEYSTORE_KEY_ROWS_H

#include "crypto/keystore/keyring.h"

#define KEY_ROWS_MAX 4096

struct key_row {
	uint64_t id, parent;
	uint8_t kind, class_id, tier, epoch;
	enum key_state state;
	uint8_t wrapped[KEY_WRAPPED];
};

/* Read all rows, parents first, into ROWS (room for KEY_ROWS_MAX). Waits. SC_CORRUPT: too many, or malformed. */
SC_CHECKED enum sc_err key_rows_load(struct store *s, struct key_row *rows, size_t *n);
/* Add ROW. Waits until it is on disk. */
SC_CHECKED enum sc_err key_rows_add(struct store *s, struct key_row *row);

#endif
