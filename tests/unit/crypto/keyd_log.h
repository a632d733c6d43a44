/* keyd_log.h - what stands in the log of a fixture's keyd. */
#ifndef TESTS_UNIT_CRYPTO_KEYD_LOG_H
#define TESTS_UNIT_CRYPTO_KEYD_LOG_H

#include "unit/crypto/keyd_fixture.h"

/*
 * How many entries have all of the texts PART .. NULL. keyd must be stopped: then
 * all is in the tree.
 */
unsigned entries_with(const struct fixture *f, const char *const part[], size_t n_part);
/* ... and the place of the newest such entry; UINT64_MAX: none. */
uint64_t entry_with(const struct fixture *f, const char *const part[], size_t n_part);

#define LOGGED(f, ...) \
	entries_with(f, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

#define LAST_LOGGED(f, ...) \
	entry_with(f, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

#endif
