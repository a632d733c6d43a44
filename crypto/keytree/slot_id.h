/*
 * slot_id.h - a person's slot as the key id of their tokens: a keyed permutation
 * of 64 bits, so that ids show no order and a made-up one is known without reading.
 *
 * Eight Feistel rounds of AES-256 over halves of 32 bits. Of all ids one in 2^30 is a slot.
 */
#ifndef CRYPTO_KEYTREE_SLOT_ID_H
#define CRYPTO_KEYTREE_SLOT_ID_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define SLOT_ID_KEY_BYTES 32

struct slot_ids; /* for one thread */

SC_CHECKED enum sc_err slot_ids_new(const uint8_t key[static SLOT_ID_KEY_BYTES],
    struct slot_ids **out);
void slot_ids_free(struct slot_ids *s); /* wipes; NULL is fine */

/* SLOT is below TREE_SLOTS. Fails with SC_BUG when OpenSSL does. */
SC_CHECKED enum sc_err slot_id_of(struct slot_ids *s, uint64_t slot, uint64_t *id);
/* *OK: ID is a slot's, which says nothing of whether that was ever given out. */
SC_CHECKED enum sc_err slot_id_slot(struct slot_ids *s, uint64_t id, uint64_t *slot, bool *ok);

#endif
