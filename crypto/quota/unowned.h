/*
 * unowned.h - values that were sealed for nobody, under a class's key, by route: what no
 * erasure of a person reaches, so that whoever erases one is told how much of it there is.
 *
 * Records of sealings tell them (`unowned`), so they are rows beside the quotas', a second
 * behind the log and brought up to it at a start. They are kept for good, a row a day and route.
 */
#ifndef CRYPTO_QUOTA_UNOWNED_H
#define CRYPTO_QUOTA_UNOWNED_H

#include "base/buf.h"
#include "crypto/quota/quota_rows.h"

#define UNOWNED_ROUTES_MAX 128 /* told apart; those of further routes count as of none */

struct unowned;

/* ROWS and S are borrowed. Reads what the rows have: once they are brought up to the log. Waits. */
SC_CHECKED enum sc_err unowned_new(struct quota_rows *rows, struct store *s, struct unowned **out);
void unowned_free(struct unowned *u); /* NULL is fine */

/* N more of ROUTE ("" of none), of which the log has just been told as of AT_MS. ARG is the struct unowned. */
void unowned_add(void *arg, const struct sc_name *route, uint64_t at_ms, uint32_t n);

/*
 * [{"route":NAME or null,"values":N,"since":"2026-11-27"},...], SINCE the first day; [] of none,
 * and where U is NULL. Fails with SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err unowned_print(const struct unowned *u, struct sc_buf *out);

#endif
