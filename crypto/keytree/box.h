/*
 * box.h - one box of the tree of keys, sealed and opened.
 *
 *	box = AES-SIV under HKDF-SHA256(its key, "scrim1|node"), 16 + TREE_PLAIN bytes
 *	associated datum: length of tenant u8 | tenant | store id | place u64
 */
#ifndef CRYPTO_KEYTREE_BOX_H
#define CRYPTO_KEYTREE_BOX_H

#include "crypto/keytree/tree.h"

struct box_sealer; /* for one thread */

/* For the boxes of one store. Fails with SC_NOMEM, SC_LIMIT (a tenant's name of more than 255 bytes). */
SC_CHECKED enum sc_err box_sealer_new(struct sc_span tenant,
    const uint8_t store_id[static STORE_ID_BYTES], struct box_sealer **out);
void box_sealer_free(struct box_sealer *s); /* wipes; NULL is fine */

/* Fails with SC_BUG when OpenSSL does. */
SC_CHECKED enum sc_err box_seal(struct box_sealer *s, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t plain[static TREE_PLAIN],
    uint8_t box[static TREE_BOX]);
/* *OK false: it does not open, and PLAIN is wiped. Fails with SC_BUG as well. */
SC_CHECKED enum sc_err box_open(struct box_sealer *s, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t box[static TREE_BOX],
    uint8_t plain[static TREE_PLAIN], bool *ok);

#endif
