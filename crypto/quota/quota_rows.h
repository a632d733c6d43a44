/*
 * quota_rows.h - quota books as rows of the store, a second behind them, so that a
 * start counts from rows and reads of the log only what they do not have yet.
 *
 * The log is the truth of an opening. Once a second what is new in the books is
 * written, when the log has durably all that was counted until then, and how far that
 * was goes with it in one commit: whatever a crash leaves out stands in the
 * log behind it, and no opening is counted twice. Of searches, indexes and values of nobody the
 * log tells how many, not which: behind a crash those of the last second count anew, each
 * as another one, rather too many than too few. A stop writes all, and counts none anew.
 */
#ifndef CRYPTO_QUOTA_QUOTA_ROWS_H
#define CRYPTO_QUOTA_QUOTA_ROWS_H

#include "base/diag.h"
#include "crypto/quota/quota.h"
#include "crypto/rows/inbox.h"
#include "crypto/tlog/writer.h"
#include "net/loop/loop.h"
#include "policy/words/class.h"

enum quota_kind {
	QUOTA_SHOWN,
	QUOTA_SEARCHED,
	QUOTA_INDEXED,  /* values that were given an index beside their sealing */
	QUOTA_NOBODYS,  /* values of nobody that were sealed so that equal ones are equal */
	QUOTA_MERGED,   /* by role, whatever its principals call themselves: whom others became */
	QUOTA_RETURNED, /* by gateway: who returned after long (people.h) */
	QUOTA_ERASED,   /* by gateway: who was erased */
	QUOTA_NODE,     /* by gateway: people whom it was shown anything of */
	QUOTA_ASSERTED, /* by gateway and tier: of those, whom on its word alone */
	QUOTA_KINDS = QUOTA_ASSERTED + TIER_X,
	QUOTA_UNOWNED = 64 /* no book: a sum a day, kept for good (unowned.h) */
};

struct quota_rows;

/* All are borrowed, and outlive it; ORIGIN is the log's. */
struct quota_rows_parts {
	struct loop *loop;
	struct inbox *inbox;
	struct tlog *log;
	const char *origin;
	const _Atomic uint64_t *clock; /* of quota_time() */
	unsigned tick_ms;              /* between two looks at what is new; 0: a second */
};

SC_CHECKED enum sc_err quota_rows_new(const struct quota_rows_parts *parts,
    struct quota_rows **out);
void quota_rows_free(struct quota_rows *r); /* NULL is fine */

/* The books of KIND. A day is open in them once its rows were read. */
struct quota *quota_rows_books(struct quota_rows *r, enum quota_kind kind);

/*
 * N more of KIND, which has no books, on DAY in WHO's row; the log has been told of them, by an
 * entry that quota_log.h reads back.
 */
void quota_rows_count(struct quota_rows *r, enum quota_kind kind, const struct sc_name *who,
    uint64_t day, uint64_t n);

/*
 * At the start, before anything is opened: bring the rows up to what the log in DIR tells,
 * open the books of its clock's day, and go on by the loop's timer. Waits. Fails with
 * SC_CORRUPT, SC_IO, SC_NOMEM, SC_LIMIT; D says why.
 */
SC_CHECKED enum sc_err quota_rows_start(struct quota_rows *r, const char *dir, struct sc_diag *d);

/*
 * At the stop, when nothing more is counted and no job is under way: what is not written yet, with
 * the mark where the log has durably all of it. Waits.
 */
SC_CHECKED enum sc_err quota_rows_keep(struct quota_rows *r);

/* A job is with the store. */
bool quota_rows_busy(const struct quota_rows *r);

#endif
