/*
 * limits.h - sizes and ceilings that several rooms of crypto/ must agree on, each
 * said once.
 */
#ifndef CRYPTO_LIMITS_H
#define CRYPTO_LIMITS_H

#include "policy/asking.h"

#define HASH_BYTES 32     /* SHA-256: hashes, roots of trees, a policy's hash */
#define HANDLE_BYTES 16   /* what stands for a person: a keyed hash, cut */
#define PSEUDONYM_BYTES 8 /* what stands for that handle in analytics */
#define HANDLES_MAX 16    /* named in one answer, and in one record */

#define CRYPTO_ITEMS_MAX 4096u     /* items of one call, and subjects of them */
#define CRYPTO_SUBJECT_MAX 512u    /* bytes of a subject's name, such as a customer number */
#define CRYPTO_VALUE_MAX 65536u    /* bytes of a value that is sealed or indexed */
#define CRYPTO_IDENTIFIER_MAX 512u /* bytes of what a pseudonym is made for */
#define CRYPTO_STATEMENT_MAX 2193u /* bytes of a signed statement */
#define CRYPTO_PROOF_MAX 64u       /* hashes in any proof of a tree below 2^63 */

_Static_assert(ASKING_HASH == HASH_BYTES, "a question names its policy by SHA-256");

#endif
