/*
 * asker.h - questions to queryd, one after the other, over HTTP or HTTPS.
 *
 * It is the only way that anything comes to a page: what marketing sees it was answered.
 */
#ifndef ANALYTICS_MARKET_ASKER_H
#define ANALYTICS_MARKET_ASKER_H

#include "analytics/market/answer.h"

struct market_asker;

struct asker_settings {
	const char *url; /* "https://127.0.0.1:8446" */
	const char *key; /* a file that only its owner reads; its first line is the key */
	const char *ca;  /* a file, PEM; NULL: the system's */
	const char *purpose;
};

/* Fails with SC_IO, SC_AUTH (others may read the key), SC_SYNTAX, SC_LIMIT, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err asker_open(const struct asker_settings *s, struct sc_diag *d,
    struct market_asker **out);
void asker_close(struct market_asker *k); /* NULL is fine */

/*
 * Ask. What comes lives in A. Fails with SC_IO (no answer: nothing more will come), SC_AUTH
 * (the key, or what was granted to it), SC_SYNTAX (the question or the answer), SC_LIMIT (too
 * much was asked for), SC_STALE (there is no such dataset), SC_NOMEM; D says what to do.
 */
SC_CHECKED enum sc_err asker_query(struct market_asker *k, const char *dataset, const char *sql,
    struct sc_arena *a, struct sc_diag *d, struct market_answer *out);
SC_CHECKED enum sc_err asker_manifest(struct market_asker *k, const char *dataset,
    struct sc_arena *a, struct sc_diag *d, struct market_manifest *out);

/* Questions that were answered, and the first and last of their records. */
struct asker_account {
	uint64_t questions, first, last;
};
struct asker_account asker_account_of(const struct market_asker *k);

#endif
