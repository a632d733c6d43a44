/*
 * receipt.h - is a release published: does the gateway's log say so, under keyd's signature?
 *
 * scrimd's record of it is an admin act "views.publish" that names the dataset, the number
 * and the manifest's SHA-256; the receipt (c2sp.org/tlog-proof) shows it to be in the log.
 */
#ifndef ANALYTICS_QUERY_RECEIPT_H
#define ANALYTICS_QUERY_RECEIPT_H

#include "analytics/shelf/shelf.h"

/*
 * Check R's files entry and receipt: VKEY is the text of the key of scrimd's log. Fails with
 * SC_AUTH (no receipt, or it does not hold, or is of another release), SC_IO, SC_SYNTAX (VKEY);
 * D says which.
 */
SC_CHECKED enum sc_err receipt_check(const struct shelf_release *r, const char *vkey,
    struct sc_diag *d);

#endif
