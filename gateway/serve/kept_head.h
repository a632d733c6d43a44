/*
 * kept_head.h - the head of a log that another process writes, as its files say, with the proof
 * that it extends the one that was signed last.
 *
 * The folder is read beside its writer, which never signs: its files are published in an order
 * that lets a reader go on with the state it read first.
 */
#ifndef GATEWAY_SERVE_KEPT_HEAD_H
#define GATEWAY_SERVE_KEPT_HEAD_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

struct kept_head {
	uint64_t size;
	struct merkle_hash root;
	uint64_t from; /* what PROOF proves it from; 0: nothing was signed, and PROOF is empty */
	struct merkle_proof proof;
};

enum kept_trouble {
	KEPT_WELL,
	KEPT_MISSING,   /* there is no log in the folder */
	KEPT_OTHER,     /* the log there is another's, by its origin */
	KEPT_SHORTER,   /* it has fewer entries than were signed */
	KEPT_DAMAGED,   /* its files cannot be read, or do not fit together */
	KEPT_FOREIGN,   /* keyd: it is no continuation of what was signed */
	KEPT_NOT_NAMED, /* keyd does not sign this log */
	KEPT_TROUBLES
};

/* Read the head of the log ORIGIN in DIR, to be proved from FROM entries. */
enum kept_trouble kept_head_read(const char *dir, const char *origin, uint64_t from,
    struct kept_head *out);

/*
 * The signed head of ORIGIN in the file PATH, as kept_head_write() left it; false: there is none,
 * or it is not one.
 */
bool kept_head_load(int dirfd, const char *path, const char *origin, struct note_head *out);

#endif
