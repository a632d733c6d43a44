/*
 * keylog_name.h - what people are called in a record: by the key of its year.
 */
#ifndef CRYPTO_KEYD_KEYLOG_NAME_H
#define CRYPTO_KEYD_KEYLOG_NAME_H

#include "crypto/keyring/key_year.h"
#include "crypto/record/record.h"

/* What a record borrows of it. */
struct keylog_named {
	uint8_t told[WHOSE_HANDLES][AUDIT_HANDLE_BYTES];
	uint8_t whose[WHOSE_MAX];
};

/*
 * R is about the N people (at most WHOSE_HANDLES) of HANDLES, the store's: it says what they are
 * called in its year, and for keyd (CARRIED) whose those names are. Of a handle that is all zero
 * nobody knows whose it was. SC_LIMIT: there is no key of that year. SC_BUG: KR is NULL.
 */
SC_CHECKED enum sc_err keylog_name(const struct keyring *kr, struct audit_record *r,
    const uint8_t *handles, size_t n, bool carried, struct keylog_named *out);

#endif
