/*
 * normal_phone.h - the digits of a phone number that its spellings share;
 * private to this folder.
 */
#ifndef CRYPTO_PRIM_NORMAL_PHONE_H
#define CRYPTO_PRIM_NORMAL_PHONE_H

#include "base/buf.h"

/*
 * Append a phone number's last four digits, or its national digits; nothing
 * when there are too few. Fails with SC_SYNTAX (not UTF-8) or like
 * sc_buf_put().
 */
SC_CHECKED enum sc_err normal_phone(struct sc_span value, bool last_four, struct sc_buf *out);

#endif
