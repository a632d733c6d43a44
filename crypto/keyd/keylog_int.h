/*
 * keylog_int.h - the inside of keyd's log. Private to keylog.c and keylog_person.c.
 */
#ifndef CRYPTO_KEYD_KEYLOG_INT_H
#define CRYPTO_KEYD_KEYLOG_INT_H

#include "crypto/keyd/keylog.h"

#include <stdatomic.h>

struct keylog {
	struct loop *loop;
	struct tlog *log;
	struct sc_name tenant;
	const struct policy *policy;
	uint8_t hash[HASH_BYTES];
	struct loop_timer due;
	struct sc_buf text;
	struct row *rows;
	size_t n;
	uint64_t lost;
	atomic_uint_fast64_t lease;    /* that was told last; any thread */
	const struct keyring *keyring; /* NULL: nobody is named */
	const struct people *people;
	uint64_t gen; /* that sealings told last */
	keylog_unowned_fn *unowned;
	void *unowned_arg;
};

/* R of KIND, telling of what A asked (NULL: nobody asked), by the names of our own policy. */
void keylog_begin(const struct keylog *kl, struct audit_record *r, enum audit_kind kind,
    const struct asking *a);
/* Print R into the log. */
SC_CHECKED enum sc_err keylog_append(struct keylog *kl, const struct audit_record *r, bool urgent,
    uint64_t *index);

#endif
