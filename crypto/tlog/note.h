/*
 * note.h - signed notes (c2sp.org/signed-note) and the checkpoints in them
 * (c2sp.org/tlog-checkpoint).
 *
 *	demo.example/scrimd                      origin
 *	1742                                     tree size
 *	qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=   root hash
 *	                                         blank line; the text ends before it
 *	— demo.example/scrimd Az3grlgt...        em dash, key name, base64(key id || signature)
 *
 * Key id: SHA-256(name || 0x0A || type || public key)[:4]; type 0x01 is Ed25519,
 * 0x04 an Ed25519 cosignature of a witness. A key is told as
 * "name+hex(key id)+base64(type || public key)" (vkey).
 */
#ifndef CRYPTO_TLOG_NOTE_H
#define CRYPTO_TLOG_NOTE_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/limits.h"

#define NOTE_MAX 16384 /* bytes of the longest note we read or keep */
#define NOTE_SIGS_MAX 16
#define NOTE_NAME_MAX 127 /* bytes of a key name or origin */
#define NOTE_VKEY_MAX 256
#define NOTE_PUB_BYTES 32
#define NOTE_SIG_BYTES 64
#define NOTE_COSIG_BYTES (8 + NOTE_SIG_BYTES)

#define NOTE_ED25519 0x01
#define NOTE_COSIGNATURE 0x04

/* A key that signatures are checked with. */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t type; /* NOTE_ED25519 or NOTE_COSIGNATURE */
	uint8_t id[4];
	uint8_t pub[NOTE_PUB_BYTES];
};

/* True when NAME can be a key name or origin: not empty, UTF-8, no spaces, no '+'. */
bool note_name_ok(struct sc_span name);

/* Fill KEY from its parts. Fails with SC_SYNTAX for a bad name or type, SC_NOMEM. */
SC_CHECKED enum sc_err note_key_make(const char *name, uint8_t type,
    const uint8_t pub[static NOTE_PUB_BYTES], struct note_key *key);
/* Parse "name+id+base64"; one trailing newline is allowed. Fails with SC_SYNTAX. */
SC_CHECKED enum sc_err note_key_parse(struct sc_span vkey, struct note_key *key);
SC_CHECKED enum sc_err note_key_print(const struct note_key *key, struct sc_buf *out);

/*
 * Append what a witness signs of the checkpoint TEXT at TIME (Unix seconds): "cosignature/v1",
 * "time T", TEXT. Fails with SC_SYNTAX for a time that must not be (0, or 2^63 and more).
 */
SC_CHECKED enum sc_err note_cosigned_text(struct sc_span text, uint64_t time, struct sc_buf *out);

/* Whoever holds the private key: makes the Ed25519 signature of MSG. */
struct note_signer {
	struct note_key key;
	enum sc_err (*sign)(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES]);
	void *arg;
};

/* One signature line; spans point into the parsed note. */
struct note_sig {
	struct sc_span name;
	struct sc_span line; /* whole, with its newline */
	uint8_t id[4];
	size_t n;                      /* bytes after the key id */
	uint8_t sig[NOTE_COSIG_BYTES]; /* the first of them: 64, or 72 for a cosignature */
};

struct note {
	struct sc_span text; /* signed bytes, with their last newline */
	struct note_sig sigs[NOTE_SIGS_MAX];
	size_t n_sigs;
};

/* Split RAW, which must outlive OUT. Strict; fails with SC_SYNTAX, SC_LIMIT. */
SC_CHECKED enum sc_err note_parse(struct sc_span raw, struct note *out);

/*
 * Is there a signature by KEY, and does it verify? A signature that bears KEY's
 * name and id and does not verify is SC_AUTH even beside a good one; *FOUND is
 * false when there is none by KEY. Signatures of other keys are ignored.
 */
SC_CHECKED enum sc_err note_verify(const struct note *n, const struct note_key *key, bool *found);

/*
 * Append the signed note of TEXT (whole lines, the last newline included).
 * Fails with SC_SYNTAX for text that cannot be a note, else as sign() does.
 */
SC_CHECKED enum sc_err note_sign(struct sc_span text, const struct note_signer *s,
    struct sc_buf *out);

/* A checkpoint's three lines. Extension lines are kept in the note, not here. */
struct note_head {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	uint8_t root[HASH_BYTES];
};
SC_CHECKED enum sc_err note_head_parse(struct sc_span text, struct note_head *out);
SC_CHECKED enum sc_err note_head_print(const struct note_head *h, struct sc_buf *out);

/* Append a checkpoint signed by S. */
SC_CHECKED enum sc_err note_sign_head(const struct note_signer *s, const char *origin,
    uint64_t size, const uint8_t root[static HASH_BYTES], struct sc_buf *out);

/* The next line of S without its newline; false when there is none left. */
bool note_line(struct sc_span *s, struct sc_span *line);
/* A whole number to INT64_MAX, in the one way it can be written. */
bool note_number(struct sc_span s, uint64_t *out);

/* Standard base64 with padding, strict: no white space, no loose bits. */
SC_CHECKED enum sc_err note_base64_print(const void *p, size_t n, struct sc_buf *out);
/* *N is the room at OUT, then what was written. Fails with SC_SYNTAX, SC_LIMIT. */
SC_CHECKED enum sc_err note_base64_parse(struct sc_span text, uint8_t *out, size_t *n);

#endif
