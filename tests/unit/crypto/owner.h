/*
 * owner.h - who signs, in these tests, that a lost log begins anew.
 */
#ifndef TESTS_UNIT_CRYPTO_OWNER_H
#define TESTS_UNIT_CRYPTO_OWNER_H

#include "unit/crypto/keyd_fixture.h"

#define OWNER "keyholder"

/* The public half of OWNER's key, as keyd.json has it. */
const char *owner_key(void);
/*
 * Run keyd's way out ARGS (two, the second "--start-anew" or the like) as F has it, see what it asks
 * to be signed, and sign that into a file: its path to PATH. False: it asked for nothing.
 */
bool owner_signs(const struct fixture *f, const char *const args[], char path[256]);

#endif
