/*
 * grants.h - grants.json: which key may ask which dataset, what for, and until when.
 *
 *	{ "grants": [{ "principal": "ana", "role": "analyst", "key_sha256": "9f86...",
 *	    "dataset": "weekly", "purposes": ["analytics"], "until": "2027-01-01T00:00:00Z" }] }
 *
 * A key is known by its digest alone, so the file gives nobody one. A key may stand in several
 * rows, of one principal and one role; "*" is every dataset.
 */
#ifndef ANALYTICS_QUERY_GRANTS_H
#define ANALYTICS_QUERY_GRANTS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"

#include <stdbool.h>
#include <stdint.h>

#define GRANTS_MAX 4096
#define GRANT_PURPOSES_MAX 16
#define GRANT_KEY_BYTES 32 /* of the digest */

struct query_grant {
	struct sc_name principal, role;
	uint8_t key[GRANT_KEY_BYTES]; /* SHA-256 of the key's text */
	struct sc_name dataset;       /* "" where it is every one */
	bool every;
	struct sc_name *purposes;
	size_t n_purposes;
	const char *until; /* as written */
	uint64_t until_ms; /* it ends then; Unix time */
};

struct query_grants {
	struct query_grant *v;
	size_t n;
	struct sc_arena arena; /* all that V points to */
};

/* The file's rows. */
extern const struct shape query_grants_shape;

/*
 * All of the file at PATH or nothing. *OUT is the caller's to query_grants_fini(). Fails with
 * SC_SYNTAX, SC_IO, SC_LIMIT, SC_NOMEM; ALL (empty) tells what is wrong.
 */
SC_CHECKED enum sc_err query_grants_load(const char *path, struct sc_diags *all,
    struct query_grants *out);
void query_grants_fini(struct query_grants *g); /* all zero is fine */

/* Whose the key is, by its digest: any row of it, be it over or not; NULL: nobody's. */
const struct query_grant *query_grants_whose(const struct query_grants *g,
    const uint8_t key[static GRANT_KEY_BYTES]);

/* The purposes that KEY may ask DATASET for at that moment, each once; how many, at most MAX. */
size_t query_grants_purposes(const struct query_grants *g,
    const uint8_t key[static GRANT_KEY_BYTES], const char *dataset, uint64_t now_ms,
    const struct sc_name **out, size_t max);

#endif
