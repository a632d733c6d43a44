/*
 * heads.h - the last head keyd signed for each log, kept in the store before
 * the signature leaves.
 */
#ifndef CRYPTO_KEYD_HEADS_H
#define CRYPTO_KEYD_HEADS_H

#include "crypto/keyd/inbox.h"

#define HEADS_MAX 64
#define HEADS_ORIGIN_MAX 127

struct heads;
struct head {
	char origin[HEADS_ORIGIN_MAX + 1];
	uint64_t size;
	uint8_t root[32];
	bool busy; /* its successor is being written */
};

SC_CHECKED enum sc_err heads_open(struct inbox *inbox, struct heads **out);
void heads_free(struct heads *h); /* NULL is fine */
/*
 * One row, without the copy in memory: for keyd's own log, whose heads nobody
 * asks for, and for starts. Both wait for the store. heads_read() gives size 0
 * when there is none.
 */
SC_CHECKED enum sc_err heads_read(struct store *s, const char *origin, struct head *out);
SC_CHECKED enum sc_err heads_keep(struct store *s, const char *origin, uint64_t size,
    const uint8_t root[static 32]);
/* Remember nothing of ORIGIN any more. Waits. */
SC_CHECKED enum sc_err heads_forget(struct store *s, const char *origin);

/* The last head of ORIGIN; one of size 0 when there is none yet. Fails with SC_LIMIT past HEADS_MAX logs. */
SC_CHECKED enum sc_err heads_find(struct heads *h, struct sc_span origin, struct head **out);
/* Keep (SIZE, ROOT) as HEAD's newest; done() when it is on disk. */
SC_CHECKED enum sc_err heads_advance(struct heads *h, struct head *head, uint64_t size,
    const uint8_t root[static 32], void *owner,
    void (*done)(void *owner, struct head *head, enum sc_err err));

#endif
