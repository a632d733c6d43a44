/*
 * lineage.h - who was published together with whom: what republication must not undo.
 *
 * Somebody who reads every release of the last weeks, and knows of a person all published
 * columns and the weeks they were there in, intersects: the records that may be theirs, and
 * the sensitive values that may be. Neither may ever become few. So people are published in
 * groups that stay together: of the common refinement of all releases within the window, of
 * all datasets about one population, each part that is not empty has k people or more (of
 * those who are still there), and every class that a person was in, M sensitive values in common.
 *
 * The file is private, and never leaves who makes releases.
 */
#ifndef ANALYTICS_LINEAGE_LINEAGE_H
#define ANALYTICS_LINEAGE_LINEAGE_H

#include "analytics/recode/recode.h"

#define LINEAGE_WINDOW 26 /* releases of a dataset that are remembered */
#define LINEAGE_LIVE 3    /* datasets about one population, at most */

struct lineage;

/* Open PATH; an empty one where there is none. Fails with SC_IO, SC_CORRUPT, SC_NOMEM. */
SC_CHECKED enum sc_err lineage_open(const char *path, struct sc_diag *d, struct lineage **out);
/* Write it, durably, where it was opened. Fails with SC_IO. */
SC_CHECKED enum sc_err lineage_save(struct lineage *l, struct sc_diag *d);
void lineage_close(struct lineage *l); /* without saving; NULL is fine */

/*
 * The number of DATASET's newest release that L knows of; 0: none. It may have been noted and not
 * made: the next one's is greater.
 */
uint64_t lineage_number(const struct lineage *l, const char *dataset);

struct lineage_figures {
	uint64_t stayed, joined, left; /* people */
	uint64_t held_back;            /* people of the table who wait until k can enter together */
	uint64_t carried;              /* people who want to leave, and are still there */
	uint64_t smallest;             /* part of the common refinement, in people */
};

/*
 * Recode T, release NUMBER of DATASET, so that it may stand beside all that L knows of. Rows that
 * wait are RECODE_SUPPRESSED, and do not count for SET's limit. M: sensitive values that must
 * stay possible. Fails like recode_run().
 */
SC_CHECKED enum sc_err lineage_recode(struct lineage *l, const char *dataset, uint64_t number,
    const struct release_table *t, const struct recode_settings *set, uint32_t m, struct sc_diag *d,
    struct recode_result **out, struct lineage_figures *figures);

/*
 * Hold R against L once more, by sets of people and nothing else: it shares no code with
 * lineage_recode(). Fails with SC_CORRUPT (D: how small which part is), SC_NOMEM.
 */
SC_CHECKED enum sc_err lineage_check(const struct lineage *l, const char *dataset,
    const struct release_table *t, const struct recode_result *r, uint32_t k, uint32_t m,
    struct sc_diag *d);

/*
 * R was published: remember. Fails with SC_LIMIT (a dataset too many), SC_STALE (NUMBER is not
 * above the newest of DATASET), SC_NOMEM; L is then as it was.
 */
SC_CHECKED enum sc_err lineage_note(struct lineage *l, const char *dataset, uint64_t number,
    const struct release_table *t, const struct recode_result *r);
/*
 * All releases of DATASET were withdrawn, or are older than anybody keeps: forget them, and its
 * place is free. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err lineage_retire(struct lineage *l, const char *dataset);
/*
 * PERSON was erased: nothing of them stays but that their class had one more, a number. Whoever
 * was with them cannot be told from them by what is missing now: K - 1 of them wait as well.
 */
void lineage_forget(struct lineage *l, uint64_t person);

/*
 * Whoever no longer belongs into DATASET leaves it with others, or not at all: as long as
 * lineage_carries(), their row is to be in the table, and they are told of here. They stay
 * until K of their part can go.
 */
bool lineage_carries(const struct lineage *l, const char *dataset, uint64_t person);
/* These N, of the next table, want to leave; in place of what was said before. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err lineage_leaving(struct lineage *l, const uint64_t *persons, size_t n);

#endif
