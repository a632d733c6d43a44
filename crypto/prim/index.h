/*
 * index.h - blind indexes: search by whole value, last four digits or name
 * in a column beside the token, without the value.
 *
 * One entry is a kind, an epoch and some base32 digits of an HMAC of the
 * normalised value; entries stand between dots:
 *
 *	.l4a7k2.pfa0q9dw3ta.		LIKE '%.l4a7k2.%'
 *	 --^---
 *	 kind, epoch, digits
 *
 * | kind | of                                   | digits | bits |
 * | l4   | last four digits of a phone number   |   3    |  15  |
 * | pf   | whole phone number                   |   8    |  40  |
 * | nf   | whole name                           |   5    |  25  |
 * | ef   | whole e-mail address                 |   8    |  40  |
 * | wf   | whole value of any other class       |   8    |  40  |
 *
 * Few bits are the point: a search finds some rows too many, and a stolen
 * column tells less. The HMAC key must be the tenant's, class's and epoch's
 * own; the kind is separated inside.
 */
#ifndef CRYPTO_PRIM_INDEX_H
#define CRYPTO_PRIM_INDEX_H

#include "base/buf.h"
#include "crypto/prim/hash.h"

enum index_kind { INDEX_L4, INDEX_PF, INDEX_NF, INDEX_EF, INDEX_WF, INDEX_KIND_COUNT };

#define INDEX_ENTRY_MAX 13   /* dot, kind, epoch, 8 digits, dot */
#define INDEX_VALUE_MAX 1024 /* bytes of a value that is indexed */

/*
 * Append the normal form of VALUE that KIND hashes. It is as personal as the
 * value. What has none appends nothing, which is an answer, not an error:
 * fewer than four digits for l4, fewer than seven for pf, nothing but spaces.
 *
 * l4, pf  full-width forms folded, extension dropped, digits only, without
 *         calling code (after + or 00, or where nothing else can be meant:
 *         dialling.h) and trunk zeros, so that +44 7700 900123, 447700900123
 *         and 07700 900123 agree; of eleven digits a leading 1 goes too
 * nf      full-width forms folded, letters lowered, accents dropped (Latin-1,
 *         Latin Extended-A), spaces and middle dots removed
 * ef      full-width forms folded, letters lowered, outer spaces removed
 * wf      as nf, hyphens removed too
 *
 * Fails with SC_SYNTAX when VALUE is not UTF-8, SC_LIMIT when it is longer
 * than INDEX_VALUE_MAX, or like sc_buf_put().
 */
SC_CHECKED enum sc_err index_normalise(enum index_kind kind, struct sc_span value,
    struct sc_buf *out);

/*
 * The wf of VALUE for who is in a hurry: to OUT. Returns its length; 0: it has none, is no
 * UTF-8, or is too long. The caller wipes as much and INDEX_WHOLE_SPARE bytes behind it.
 */
#define INDEX_WHOLE_SPARE 64
size_t index_whole(struct sc_span value, uint8_t out[static INDEX_VALUE_MAX + INDEX_WHOLE_SPARE]);

/*
 * Append VALUE's entry, such as "l4a7k2.", after a dot if OUT does not end in
 * one: calls in a row make one column text, and a single call makes what a
 * search looks for. EPOCH is one Crockford digit ('a' .. ), the key's
 * generation. Appends nothing when there is no normal form.
 * Fails like index_normalise(), and with SC_BUG for an EPOCH that is no
 * lower-case digit; OUT is then unchanged.
 */
SC_CHECKED enum sc_err index_print(const struct hmac_key *key, char epoch, enum index_kind kind,
    struct sc_span value, struct sc_buf *out);

/* index_print() for every kind of a class, in the order of enum index_kind. */
SC_CHECKED enum sc_err index_print_class(const struct hmac_key *key, char epoch, uint8_t class_id,
    struct sc_span value, struct sc_buf *out);

#endif
