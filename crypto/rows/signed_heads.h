/*
 * signed_heads.h - the last head keyd signed for each log, kept in the store before
 * the signature leaves.
 */
#ifndef CRYPTO_ROWS_SIGNED_HEADS_H
#define CRYPTO_ROWS_SIGNED_HEADS_H

#include "base/store/store.h"
#include "crypto/limits.h"

#define SIGNED_HEADS_MAX 64
#define SIGNED_HEADS_ORIGIN_MAX 127

struct signed_head {
	char origin[SIGNED_HEADS_ORIGIN_MAX + 1];
	uint64_t size;
	uint8_t root[HASH_BYTES];
};

/*
 * These wait for the store: for keyd's own log, whose heads nobody asks for, and
 * for starts. signed_heads_read() gives size 0 when there is none.
 */
SC_CHECKED enum sc_err signed_heads_read(struct store *s, const char *origin,
    struct signed_head *out);
SC_CHECKED enum sc_err signed_heads_keep(struct store *s, const char *origin, uint64_t size,
    const uint8_t root[static HASH_BYTES]);
/* Remember nothing of ORIGIN any more. Waits. */
SC_CHECKED enum sc_err signed_heads_forget(struct store *s, const char *origin);

/*
 * Inside a job of the store's, so that no two are judged by the same one: the
 * last head of H->origin, size 0 when there is none yet (SC_LIMIT past
 * SIGNED_HEADS_MAX logs), and H as the newest.
 */
SC_CHECKED enum sc_err signed_heads_last(struct store_tx *tx, struct signed_head *h);
SC_CHECKED enum sc_err signed_heads_advance(struct store_tx *tx, struct signed_head *h);

#endif
