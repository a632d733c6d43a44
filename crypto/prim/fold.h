/*
 * fold.h - what people type differently and mean alike, letter by letter: width
 * and case. Private to this folder.
 */
#ifndef CRYPTO_PRIM_FOLD_H
#define CRYPTO_PRIM_FOLD_H

#include <stdint.h>

/* Full-width ASCII to ASCII, every space to ' ', every hyphen to '-'. */
uint32_t fold_width(uint32_t cp);
/* Latin, Greek and Cyrillic capitals to small letters. */
uint32_t fold_case(uint32_t cp);

#endif
