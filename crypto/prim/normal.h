/*
 * normal.h - what normal.c and normal_phone.c share; private to this folder.
 */
#ifndef CRYPTO_PRIM_NORMAL_H
#define CRYPTO_PRIM_NORMAL_H

#include "base/buf.h"

/* Full-width ASCII to ASCII, every space to ' ', every hyphen to '-'. */
uint32_t normal_fold_width(uint32_t cp);
/* Latin, Greek and Cyrillic capitals to small letters. */
uint32_t normal_fold_case(uint32_t cp);

/*
 * Append a phone number's last four digits, or its national digits; nothing
 * when there are too few. Fails with SC_SYNTAX (not UTF-8) or like
 * sc_buf_put().
 */
SC_CHECKED enum sc_err normal_phone(struct sc_span value, bool last_four, struct sc_buf *out);

#endif
