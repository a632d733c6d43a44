/*
 * key_certificate.h - what keyd says, signed with its log's key, of a key that it destroyed.
 *
 *	scrim-key-destroyed/1                 the text of a signed note (crypto/tlog/note.h)
 *	tenant demo
 *	store 6f3e1b0c5d0a4b7e8f9012345678abcd
 *	class phone
 *	version a
 *	key 86ad2eeab21d1862                  as its tokens name it
 *	epoch 17                              whose key was destroyed with it
 *	time 2026-11-27T00:57:00Z
 *	record 1742                           entry of keyd's log that tells of it
 *
 * It proves that keyd said so. That no copy is left which an old epoch's key opens
 * is for who kept the copies to say (docs/OPERATIONS.md).
 */
#ifndef CRYPTO_RECORD_KEY_CERTIFICATE_H
#define CRYPTO_RECORD_KEY_CERTIFICATE_H

#include "base/buf.h"
#include "base/name.h"

#define KEY_CERTIFICATE_MAX 1024
#define KEY_CERTIFICATE_STORE 16

struct key_certificate {
	struct sc_name tenant, class;
	uint8_t store[KEY_CERTIFICATE_STORE];
	char version;
	uint64_t key, epoch, at_s, record; /* at_s: Unix seconds */
};

/* Append C's text. Fails with SC_BUG for a year past 9999, else as sc_buf_put(). */
SC_CHECKED enum sc_err key_certificate_print(const struct key_certificate *c, struct sc_buf *out);
/* Fails with SC_SYNTAX for all that key_certificate_print() does not print. */
SC_CHECKED enum sc_err key_certificate_parse(struct sc_span text, struct key_certificate *out);

#endif
