/*
 * quota.h - how many different people each principal was shown on a day.
 *
 * A day is a UTC day of the time that keyd believes, and each has books of its own. In memory
 * only; the log has the truth, and rows follow it (quota_rows.h).
 */
#ifndef CRYPTO_QUOTA_QUOTA_H
#define CRYPTO_QUOTA_QUOTA_H

#include "base/err.h"
#include "base/name.h"

#include <stdbool.h>
#include <stdint.h>

#define QUOTA_PRINCIPALS_MAX SC_PRINCIPALS_MAX
#define QUOTA_SUBJECTS_MAX (1u << 22) /* of one principal; from there on everyone counts as new */
#define QUOTA_DAY_MS 86400000u
#define QUOTA_DAYS_KEPT 8 /* a day that is younger is never forgotten */
#define QUOTA_DAYS_MAX 16 /* held at once */

struct quota;
struct quota_book; /* one principal's day */

/* The time on whose day something is counted, Unix ms: CLOCK's, or (NULL) the machine's. */
uint64_t quota_time(const _Atomic uint64_t *clock);

/* SUBJECT (0: one that nobody can name) is new in PRINCIPAL's book of DAY. */
typedef void quota_added_fn(void *arg, uint64_t day, const struct sc_name *principal,
    uint64_t subject);

/* ADDED (may be NULL) is told of each that quota_add() counts. */
SC_CHECKED enum sc_err quota_new(quota_added_fn *added, void *arg, struct quota **out);
void quota_free(struct quota *q); /* NULL is fine */

/*
 * DAY (days since 1970) has books from now on; older ones go. Fails with SC_LIMIT when
 * there are too many days that are not old, SC_NOMEM.
 */
SC_CHECKED enum sc_err quota_open_day(struct quota *q, uint64_t day);
bool quota_has_day(const struct quota *q, uint64_t day);
/* DAY's books, made elsewhere, are TO's. Fails as quota_open_day(); FROM has them still then. */
SC_CHECKED enum sc_err quota_move_day(struct quota *to, struct quota *from, uint64_t day);

/*
 * PRINCIPAL's book of the day that NOW_MS is in; valid until another day is opened.
 * Fails with SC_AGAIN when that day is not open yet, SC_LIMIT when there are too many
 * principals, SC_NOMEM: then nothing may be shown.
 */
SC_CHECKED enum sc_err quota_book(struct quota *q, const struct sc_name *principal, uint64_t now_ms,
    struct quota_book **out);

/* Distinct subjects in the book, and with SUBJECT added. */
uint32_t quota_count(const struct quota_book *b);
uint32_t quota_count_with(const struct quota_book *b, uint64_t subject);
SC_CHECKED enum sc_err quota_add(struct quota_book *b, uint64_t subject);
/* What was counted before, without telling of it: a subject, and N that nobody can name. */
SC_CHECKED enum sc_err quota_fill(struct quota_book *b, uint64_t subject);
void quota_fill_unnamed(struct quota_book *b, uint64_t n);

#endif
