/*
 * log_entries.h - the erasures that the log of a keyd that has stopped tells of.
 */
#ifndef TESTS_KEYS_LOG_ENTRIES_H
#define TESTS_KEYS_LOG_ENTRIES_H

#include "unit/crypto/keyd_fixture.h"

struct log_entry {
	uint64_t index;
	char *text;
};

struct log_entries {
	struct log_entry *v;
	size_t n, room;
	uint64_t size; /* of the log */
};

bool log_entries_read(const struct fixture *fx, struct log_entries *out);
void log_entries_free(struct log_entries *e);

/* The first record of the erasure REQUEST; NULL: there is none. */
const struct log_entry *log_entries_intent(const struct log_entries *e, uint64_t request);
/* Does its list of keys have that of TOKEN? */
bool log_entry_names(const struct log_entry *e, const char *token);

#endif
