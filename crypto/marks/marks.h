/*
 * marks.h - how many different values of one person and class were sealed on a day so
 * that equal ones are equal.
 *
 * Whoever may seal a guess and compare finds a value, so there is an end to it: past
 * MARKS_VALUES_MAX different values of a person, class and day the caller goes on with a
 * nonce. A value that was there before costs nothing, up to that moment; behind it nothing of
 * that person and class compares until the day is over, or the one guess that still did would be
 * the true one. A value is told from others by four bytes of what it was sealed to, so nothing
 * here leads back to it.
 *
 * In memory, eight bytes a value, with a row of the store for a person and class at each
 * eighth value, and all of it when keyd stops: a restart forgets nothing, a crash seven values
 * of a person and class at most, and those of the last moment. A day is a UTC day of the
 * time that keyd believes, and each has a table of its own.
 * Memory has an end; from there on all is sealed with a nonce, for the same reason.
 */
#ifndef CRYPTO_MARKS_MARKS_H
#define CRYPTO_MARKS_MARKS_H

#include "base/diag.h"
#include "crypto/quota/quota.h"
#include "crypto/rows/inbox.h"
#include "net/loop/loop.h"

#define MARKS_VALUES_MAX 32 /* of a person and class a day */
#define MARKS_ROW_EACH 8    /* values: then there is a row */
#define MARKS_DAY_MS QUOTA_DAY_MS
#define MARKS_DAYS_KEPT QUOTA_DAYS_KEPT /* a day that is younger is not forgotten */

struct marks;
struct marks_day;

/* L, INBOX and CLOCK (of quota_time()) are borrowed, and outlive it. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err marks_new(struct loop *l, struct inbox *inbox, const _Atomic uint64_t *clock,
    struct marks **out);
void marks_free(struct marks *m); /* NULL is fine */

/*
 * At the start: read its clock's day, and go on by the loop's timer. Waits. Fails
 * with SC_CORRUPT, SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err marks_start(struct marks *m, struct sc_diag *d);
/* At the stop, when nothing more is sealed and no job is under way: write all of it. Waits. */
SC_CHECKED enum sc_err marks_keep(struct marks *m);
/* A job is with the store. */
bool marks_busy(const struct marks *m);

/* The day that NOW_MS is in, until the loop turns; NULL: it is not read yet. */
struct marks_day *marks_day(struct marks *m, uint64_t now_ms);

enum mark {
	MARK_KNOWN, /* it was sealed today */
	MARK_NEW,
	MARK_LIMIT, /* it, or one before it, would be one too many */
	MARK_FULL,  /* there is no room to remember it, or was none for another */
};
/*
 * VALUE of class CLASS_ID is about to be sealed for WHO, eight bytes of a keyed hash. Of D,
 * NULL is full.
 */
enum mark marks_see(struct marks *m, struct marks_day *d, uint64_t who, uint8_t class_id,
    uint32_t value);

#endif
