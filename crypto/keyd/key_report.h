/*
 * key_report.h - what operators are told of keys, as JSON.
 */
#ifndef CRYPTO_KEYD_KEY_REPORT_H
#define CRYPTO_KEYD_KEY_REPORT_H

#include "crypto/keyring/keyring.h"

#include "base/text/jsonw.h"

/*
 * Members of W: "keys", tiers and classes from the one numbered FROM (0: all) on, as many as fit:
 * {"kind":"class","name":"phone","tier":"T3","version":"b","state":"active","key":HEX,
 * "since_ms":..,"sealed":..,"opened":..,"last_opened":"2026-11-27"}; and "more", from which
 * to go on.
 */
void key_report(struct jsonw *w, const struct keyring *kr, const struct policy *p, unsigned from);
/* The next member of W: {"class":"phone","version":"b","key":HEX} of K. */
void key_report_name(struct jsonw *w, const struct policy *p, const struct class_key *k);

#endif
