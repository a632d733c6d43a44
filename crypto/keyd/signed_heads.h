/*
 * signed_heads.h - the last head keyd signed for each log, kept in the store before
 * the signature leaves.
 */
#ifndef CRYPTO_KEYD_SIGNED_HEADS_H
#define CRYPTO_KEYD_SIGNED_HEADS_H

#include "crypto/keyd/inbox.h"
#include "crypto/limits.h"

#define SIGNED_HEADS_MAX 64
#define SIGNED_HEADS_ORIGIN_MAX 127

struct signed_heads;
struct signed_head {
	char origin[SIGNED_HEADS_ORIGIN_MAX + 1];
	uint64_t size;
	uint8_t root[HASH_BYTES];
	bool busy; /* its successor is being written */
};

SC_CHECKED enum sc_err signed_heads_open(struct inbox *inbox, struct signed_heads **out);
void signed_heads_free(struct signed_heads *h); /* NULL is fine */
/*
 * One row, without the copy in memory: for keyd's own log, whose heads nobody
 * asks for, and for starts. Both wait for the store. signed_heads_read() gives size 0
 * when there is none.
 */
SC_CHECKED enum sc_err signed_heads_read(struct store *s, const char *origin,
    struct signed_head *out);
SC_CHECKED enum sc_err signed_heads_keep(struct store *s, const char *origin, uint64_t size,
    const uint8_t root[static HASH_BYTES]);
/* Remember nothing of ORIGIN any more. Waits. */
SC_CHECKED enum sc_err signed_heads_forget(struct store *s, const char *origin);

/* The last head of ORIGIN; one of size 0 when there is none yet. Fails with SC_LIMIT past SIGNED_HEADS_MAX logs. */
SC_CHECKED enum sc_err signed_heads_find(struct signed_heads *h, struct sc_span origin,
    struct signed_head **out);
/* Keep (SIZE, ROOT) as HEAD's newest; done() when it is on disk. */
SC_CHECKED enum sc_err signed_heads_advance(struct signed_heads *h, struct signed_head *head,
    uint64_t size, const uint8_t root[static HASH_BYTES], void *owner,
    void (*done)(void *owner, struct signed_head *head, enum sc_err err));

#endif
