/*
 * log_fact.h - what an entry of keyd's own log tells that matters to its store. Private to
 * crypto/keystore.
 */
#ifndef CRYPTO_KEYSTORE_LOG_FACT_H
#define CRYPTO_KEYSTORE_LOG_FACT_H

#include "crypto/keystore/people.h"

enum log_fact_kind {
	FACT_NONE,
	FACT_PROGRESS, /* keys.progress, keys.lease: how far whoever gives out slots has come */
	FACT_NEWS,     /* the same as others know it, beside what they tell */
	FACT_INTENT,   /* an erasure is about to be carried out */
	FACT_OUTCOME,  /* it was, or failed */
	FACT_MERGED,   /* HANDLE's person has become INTO's */
	FACT_LEAVES,   /* an erasure waits until its time comes ... */
	FACT_STAYS,    /* ... or is taken back */
	FACT_STOP      /* a clean stop: nothing was given out behind it */
};

struct log_fact {
	enum log_fact_kind kind;
	struct store_progress progress;
	uint8_t handle[HANDLE_BYTES], into[HANDLE_BYTES]; /* the store's, if KNOWN; else all zero */
	bool known;
	uint8_t told[HANDLE_BYTES]; /* what HANDLE is called in it */
	uint64_t ids[PEOPLE_SLOTS_MAX];
	size_t n;
	uint64_t at_ms; /* of FACT_LEAVES: Unix time */
};

/*
 * Most entries tell nothing, which is seen without parsing. KR opens of whom they are (NULL: nobody
 * asks). Fails with SC_CORRUPT when
 * one tells of an erasure, a merge or of the store, and it cannot be read of which; SC_NOMEM.
 */
SC_CHECKED enum sc_err log_fact_read(const struct keyring *kr, struct sc_span entry,
    struct log_fact *out);

#endif
