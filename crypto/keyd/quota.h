/*
 * quota.h - how many different people each principal was shown today.
 *
 * A day is a UTC day, and the day before never comes again. In memory only;
 * the log has the truth.
 */
#ifndef CRYPTO_KEYD_QUOTA_H
#define CRYPTO_KEYD_QUOTA_H

#include "base/err.h"
#include "base/name.h"

#include <stdint.h>

#define QUOTA_PRINCIPALS_MAX SC_PRINCIPALS_MAX
#define QUOTA_SUBJECTS_MAX (1u << 22) /* of one principal; from there on everyone counts as new */

struct quota;
struct quota_book; /* one principal's day */

SC_CHECKED enum sc_err quota_new(struct quota **out);
void quota_free(struct quota *q); /* NULL is fine */

/*
 * PRINCIPAL's book of the day that NOW_MS is in; valid until the next call.
 * Fails with SC_LIMIT when there are too many principals, SC_NOMEM: then
 * nothing may be shown.
 */
SC_CHECKED enum sc_err quota_book(struct quota *q, const struct sc_name *principal, uint64_t now_ms,
    struct quota_book **out);

/* Distinct subjects in the book, and with SUBJECT added. */
uint32_t quota_count(const struct quota_book *b);
uint32_t quota_count_with(const struct quota_book *b, uint64_t subject);
SC_CHECKED enum sc_err quota_add(struct quota_book *b, uint64_t subject);
/* N subjects that nobody can name any more (from the log of an earlier run). */
void quota_add_unnamed(struct quota_book *b, uint32_t n);

#endif
