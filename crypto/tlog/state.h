/*
 * state.h - how far the tree on disk has come, and the checks that a log must
 * pass before anything is added to it.
 *
 *	scrim.tlog/state@v1
 *	demo.example/scrimd          origin
 *	1742                         entries in the tree
 *	qINS1GRFhWHwdkUeqLEoP4y...=  its root
 *	signed 1742                  entries under the newest checkpoint known then
 *	journal 16777216             bytes of a journal segment
 *
 * It is no authority (nobody signed it): the checkpoint is. It tells how much of
 * the journal is needed, and that a checkpoint must be there.
 */
#ifndef CRYPTO_TLOG_STATE_H
#define CRYPTO_TLOG_STATE_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#define STATE_MAX 512

struct tlog_state {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct merkle_hash root;
	uint64_t signed_size;
	uint64_t journal_bytes;
};

/* Is TEXT, behind which is a NUL, what state_print() would print of *OUT? */
SC_CHECKED bool state_parse(struct sc_span text, struct tlog_state *out);
/* Append S. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err state_print(const struct tlog_state *s, struct sc_buf *out);
/* *FOUND is false when there is none. Fails with SC_CORRUPT, SC_IO; D names the file. */
SC_CHECKED enum sc_err state_read(int dirfd, struct tlog_state *out, bool *found,
    struct sc_diag *d);
SC_CHECKED enum sc_err state_write(int dirfd, const struct tlog_state *s, struct sc_diag *d);

/* The checkpoint file: its whole text and what it says. */
struct tlog_checkpoint {
	uint8_t raw[NOTE_MAX];
	size_t n;
	struct note note; /* points into raw: do not copy the struct */
	struct note_head head;
};
/*
 * Read the file NAME, "checkpoint" in a log's folder. With KEY its signature must verify. Fails
 * with SC_CORRUPT (malformed), SC_AUTH (signature), SC_IO; D says more. *FOUND as above.
 */
SC_CHECKED enum sc_err checkpoint_read(int dirfd, const char *name, const struct note_key *key,
    struct tlog_checkpoint *out, bool *found, struct sc_diag *d);

#endif
