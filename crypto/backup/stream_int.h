/*
 * stream_int.h - what the writer and the reader of a backup share.
 */
#ifndef CRYPTO_BACKUP_STREAM_INT_H
#define CRYPTO_BACKUP_STREAM_INT_H

#include "base/buf.h"
#include "crypto/backup/stream.h"

#define STREAM_MAGIC "SCRIMBK1"
#define STREAM_MAGIC_BYTES 8
#define STREAM_LEAD 5 /* part and length */
#define STREAM_COUNTED (BACKUP_REMOVED - BACKUP_KEYRING + 1)
#define STREAM_END_BYTES (8 * STREAM_COUNTED + HASH_BYTES + SIGN_BYTES)
#define STREAM_SAID_MAX 256
#define STREAM_CUT "it is cut: it ends before its trailer, as one does that was not finished"

SC_CHECKED enum sc_err stream_header_print(const struct backup_header *h, struct sc_buf *out);
/* Fails with SC_SYNTAX. */
SC_CHECKED enum sc_err stream_header_parse(struct sc_span body, struct backup_header *h);

/* Counts and hash as a trailer has them, and in STREAM_SAID_MAX bytes what is signed of it. */
void stream_end_print(const struct backup_end *end, uint8_t out[static STREAM_END_BYTES]);
void stream_end_parse(const uint8_t in[static STREAM_END_BYTES], struct backup_end *end);
struct sc_span stream_end_said(const uint8_t in[static STREAM_END_BYTES],
    uint8_t out[static STREAM_SAID_MAX]);

#endif
