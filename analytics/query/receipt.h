/*
 * receipt.h - is a release published: does the gateway's log say so, under keyd's signature?
 *
 * scrimd's record of it is an admin act "views.publish" that names the dataset, the number
 * and the manifest's SHA-256; the receipt (c2sp.org/tlog-proof) shows it to be in the log.
 */
#ifndef ANALYTICS_QUERY_RECEIPT_H
#define ANALYTICS_QUERY_RECEIPT_H

#include "analytics/shelf/shelf.h"

#define RECEIPT_ACT "views.publish"
#define RECEIPT_MAX (64u << 10) /* bytes of a receipt, or of an entry */

/*
 * Check R's files entry and receipt: VKEY is the text of the key of scrimd's log. Fails with
 * SC_AUTH (no receipt, or it does not hold, or is of another release), SC_IO, SC_SYNTAX (VKEY),
 * SC_NOMEM; D says which.
 */
SC_CHECKED enum sc_err receipt_check(const struct shelf_release *r, const char *vkey,
    struct sc_diag *d);
/* The same of ENTRY and RECEIPT that are not in R's folder yet. */
SC_CHECKED enum sc_err receipt_check_texts(const struct shelf_release *r, struct sc_span entry,
    struct sc_span receipt, const char *vkey, struct sc_diag *d);

#endif
