/*
 * idem.h - what an Idempotency-Key was used for: a hash table in memory.
 * Private to gateway/phone/.
 *
 * Keys and contents are keyed hashes. An entry is as good as its binding: one
 * whose binding is gone says nothing, and is dropped when the table grows.
 */
#ifndef GATEWAY_PHONE_IDEM_H
#define GATEWAY_PHONE_IDEM_H

#include "gateway/book/book.h"

#define IDEM_BYTES 16 /* as they are kept on disk; the table goes by the first half */

/* A key that came with a request, and a digest of all that it asked for. */
struct idem_said {
	bool said;
	uint8_t key[IDEM_BYTES], content[IDEM_BYTES];
};

struct idem_entry {
	uint64_t key, content; /* key 0: empty */
	uint8_t binding[PHONE_ID_BYTES];
};
struct idem_table { /* all zero: empty */
	struct idem_entry *v;
	size_t n, cap;
};
void idem_fini(struct idem_table *t);

enum idem_found { IDEM_NEW, IDEM_SAME, IDEM_OTHER };
/* Was this key used for a binding that B has? *AT tells which. */
enum idem_found idem_find(const struct idem_table *t, const struct phone_book *b,
    const struct idem_said *said, uint32_t *at);
/* From now on it is BINDING's; nothing when no key was said. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err idem_put(struct idem_table *t, const struct phone_book *b,
    const struct idem_said *said, const uint8_t binding[static PHONE_ID_BYTES]);
/* It was for nothing. */
void idem_drop(struct idem_table *t, const struct idem_said *said);

#endif
