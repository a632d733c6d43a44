/*
 * mirror_int.h - how rows are spelt in a record of the mirror's journal.
 */
#ifndef CRYPTO_KEYSTORE_MIRROR_INT_H
#define CRYPTO_KEYSTORE_MIRROR_INT_H

#include "crypto/keystore/mirror.h"

#define MIRROR_MAGIC UINT32_C(0x53434d4a) /* "SCMJ" */

/* A row's first byte is its place in the table, from 1. */
struct mirror_spelling {
	unsigned statement;
	const char *columns; /* n u64; b, t bytes and text behind their length, a u16 */
	bool keyring;
};
extern const struct mirror_spelling mirror_spellings[];
extern const size_t mirror_n_spellings;

#endif
