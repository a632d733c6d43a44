/*
 * cosignature.h - what a witness says of a checkpoint (c2sp.org/tlog-cosignature, Ed25519):
 * as of a time, no larger tree of this log than this one was seen, and it extends all before.
 *
 *	— witness.example/w1 base64(key id 4 || time u64be || signature 64)
 *
 * Signed is "cosignature/v1\ntime T\n" and the checkpoint's text. A witness's vkey has type 0x04.
 */
#ifndef CRYPTO_TLOG_COSIGNATURE_H
#define CRYPTO_TLOG_COSIGNATURE_H

#include "crypto/tlog/note.h"

/* What a checkpoint has of one witness. */
enum cosigned_state {
	COSIGNED_NOT, /* no line with its name and key id */
	COSIGNED_HOLDS,
	COSIGNED_BAD /* a line that bears them and does not verify, also beside a good one */
};
struct cosigned {
	enum cosigned_state state;
	uint64_t time; /* COSIGNED_HOLDS: Unix seconds, the newest where there are several */
};

/*
 * Which of the N WITNESSES (vkeys of type NOTE_COSIGNATURE) have cosigned the checkpoint in NOTE:
 * OUT[i] is of WITNESSES[i]. Signatures of others are ignored. A time later than LATEST (Unix
 * seconds; 0: any) does not hold. Fails with SC_SYNTAX when NOTE is no checkpoint, or one of
 * WITNESSES is no cosigner's key.
 */
SC_CHECKED enum sc_err cosignature_check(const struct note *note, const struct note_key *witnesses,
    size_t n, uint64_t latest, struct cosigned *out);

/*
 * Append the line, newline and all, by which S (its key of type NOTE_COSIGNATURE) cosigns the
 * checkpoint TEXT at TIME (Unix seconds, not 0). Fails with SC_SYNTAX for what is no checkpoint
 * or no time, else as sign() does.
 */
SC_CHECKED enum sc_err cosignature_make(struct sc_span text, const struct note_signer *s,
    uint64_t time, struct sc_buf *out);

/*
 * Append those lines of ANSWER, which a witness gave for the checkpoint NOTE (RAW), that are its
 * cosignatures and hold; lines by other keys are left out (tlog-witness). *TIME is the newest's;
 * 0: none held. Fails with SC_SYNTAX when the two together are no note, SC_AUTH when a line
 * by the witness's key does not hold, SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err cosignature_take(struct sc_span raw, struct sc_span answer,
    const struct note_key *witness, struct sc_buf *out, uint64_t *time);

#endif
