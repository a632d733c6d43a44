/*
 * writer.h - a transparency log that is written while others wait for it.
 *
 * An entry is durable once the commit thread has put it into the journal; the
 * publisher thread follows with the Merkle tree (tiles, C2SP tlog-tiles) and
 * asks for a signature over each new head. Nothing is ever taken back: a log
 * whose right edge, state, checkpoint or journal was edited, cut or replaced refuses to
 * open. Of what lies further back the publisher looks in the first seconds whether it is
 * there, then what is in it, and one that notices something while running stops
 * (tlog_failed()) so that its owner does too.
 *
 *	append -> pending -> journal (durable) -> tiles, state -> checkpoint (signed)
 *	          caller      commit thread        publisher       publisher, sign()
 *
 * All functions may be called from any thread unless they say otherwise.
 */
#ifndef CRYPTO_TLOG_WRITER_H
#define CRYPTO_TLOG_WRITER_H

#include "base/buf.h"
#include "base/diag.h"
#include "crypto/limits.h"

#define TLOG_ENTRY_MAX 65535u /* tlog-tiles: an entry's length is a u16 */
#define TLOG_DELAY_MS 50u     /* that a crash may take of entries that are not urgent */

struct tlog;

/*
 * A head to be signed: the tree of SIZE entries, and the RFC 6962 §2.1.2 proof
 * that it extends the tree of OLD_SIZE entries that was signed last (0: none
 * yet, empty proof). Borrowed for the duration of sign().
 */
struct tlog_head {
	const char *origin;
	uint64_t size;
	uint8_t root[HASH_BYTES];
	uint64_t old_size;
	const uint8_t (*proof)[HASH_BYTES];
	size_t n_proof;
};

/*
 * Called on the publisher thread when a head wants a signature. Answer with
 * tlog_signed(), in this call or at any later time from any thread. A head
 * that nobody answers is asked for again after resign_ms; meanwhile the log
 * goes on growing and the next head is newer.
 *
 * Own key at hand:	note_sign_head(&signer, head->origin, head->size, head->root,
 *			    &text), then tlog_signed(w, sc_buf_span(&text)).
 * Signer far away:	copy what is needed, post it, return; tlog_signed()
 *			when the answer arrives, or tlog_sign_from() when the
 *			signer remembers another size.
 */
typedef void tlog_sign_fn(void *arg, struct tlog *w, const struct tlog_head *head);

struct tlog_options {
	const char *dir;    /* made when missing (its parent must exist) */
	const char *origin; /* first line of every checkpoint, such as "demo.example/scrimd" */
	const char
	    *vkey; /* "name+keyid+base64"; NULL: signed notes are held against the head only */
	size_t journal_bytes; /* each of the two segments; 0: 16 MiB */
	size_t pending_bytes; /* ceiling on what waits in memory; 0: 64 MiB */
	uint32_t publish_ms;  /* a new head at least this often when there is news; 0: 1000 */
	uint32_t delay_ms;    /* the longest an entry that is not urgent waits; 0: TLOG_DELAY_MS */
	uint32_t resign_ms;   /* an unanswered head is asked for again; 0: 2000 */
	uint64_t space_red;   /* tlog_space_low() below this many free bytes; 0: 256 MiB */
	bool confirm;         /* ask for a signature over the head as it is, before there is news */
	tlog_sign_fn *sign;   /* NULL: heads stay unsigned (tests, benches) */
	void *sign_arg;
};

/*
 * Open or make the log in o->dir, replay its journal, rebuild the frontier from
 * the tiles and hold state and right edge against the last signed checkpoint: work that
 * does not grow with the log.
 * Starts the two threads. Options are copied; sign_arg is the caller's and must
 * outlive the log. One process at a time: a second opener gets SC_AGAIN.
 * Fails with SC_CORRUPT when one of those files is missing, cut, edited or replaced (D names
 * it), SC_SYNTAX for a bad origin or vkey, SC_IO, SC_NOMEM. *OUT is then NULL.
 */
SC_CHECKED enum sc_err tlog_open(const struct tlog_options *o, struct sc_diag *d,
    struct tlog **out);

/*
 * Commit what waits, publish it, ask for one last signature (waits at most
 * half a second for an answer), stop the threads and free W. NULL is fine.
 * No other thread may be inside a call on W; not from a callback.
 */
void tlog_close(struct tlog *w);

/*
 * Take a copy of ENTRY (1 to TLOG_ENTRY_MAX bytes) and give its index. Never
 * waits for a disk. URGENT entries are committed at once (as soon as the commit
 * in flight ends), others within delay_ms.
 * SC_OK promises nothing about the disk: that is tlog_durable() > *INDEX.
 * Fails with SC_AGAIN when too much waits already, SC_IO when the log has
 * failed (tlog_failed()), SC_LIMIT for an empty or too long entry, SC_NOMEM.
 * The caller refuses what it wanted to record.
 */
SC_CHECKED enum sc_err tlog_append(struct tlog *w, struct sc_span entry, bool urgent,
    uint64_t *index);

/*
 * The same of N entries, one behind the other with nothing between them; *LAST is the index of the
 * last one. Each is in the log before the next, so whoever finds the last one finds all. Where it
 * fails, some of the first may be in the log.
 */
SC_CHECKED enum sc_err tlog_append_all(struct tlog *w, const struct sc_span *entries, size_t n,
    bool urgent, uint64_t *last);

/*
 * Between these two, entries gather: no commit begins before tlog_go(), unless
 * enough for a large one waits, so that one write takes all of them. For a caller
 * that appends in bursts and reaches tlog_go() without waiting for anything.
 */
void tlog_gather(struct tlog *w);
void tlog_go(struct tlog *w);

/* Entries with an index below this are on disk. One atomic load. */
uint64_t tlog_durable(const struct tlog *w);
/* Entries taken so far: the index the next one will get. */
uint64_t tlog_next(const struct tlog *w);

/*
 * Call FN after each commit and when the log fails, on the commit (or
 * publisher) thread; it must not block: it posts a loop_wake. Set before the
 * first append; at most TLOG_WATCHERS, else SC_LIMIT.
 */
#define TLOG_WATCHERS 16
SC_CHECKED enum sc_err tlog_on_durable(struct tlog *w, void (*fn)(void *arg), void *arg);

/* True for good once a disk refused or a file of ours was tampered with. */
bool tlog_failed(const struct tlog *w);
/* True while little space is left: health goes red before anything fails. */
bool tlog_space_low(const struct tlog *w);

/*
 * A signed note over the head that sign() was asked for. Copies NOTE (all its
 * signatures are kept and written); the publisher verifies it and replaces
 * `checkpoint`. A note for another head, or that does not verify, is dropped
 * and counted in tlog_status.bad_notes.
 * Fails with SC_LIMIT (too long), SC_NOMEM.
 */
SC_CHECKED enum sc_err tlog_signed(struct tlog *w, struct sc_span note);

/*
 * The signer last signed a tree of OLD_SIZE entries, not head->old_size: ask
 * again at once with the proof from there. When OLD_SIZE is more than the log
 * holds, the log was cut back: it fails.
 */
void tlog_sign_from(struct tlog *w, uint64_t old_size);

/* Append the latest signed checkpoint's text to OUT; nothing when there is none. */
SC_CHECKED enum sc_err tlog_checkpoint(struct tlog *w, struct sc_buf *out);

struct tlog_status {
	uint64_t next;        /* entries taken */
	uint64_t durable;     /* of them on disk */
	uint64_t published;   /* of them in the tree */
	uint64_t signed_size; /* of them under a signature */
	uint64_t pending_bytes;
	uint64_t free_bytes; /* of the file system, as last looked at */
	uint64_t commits;    /* journal writes so far */
	uint64_t bad_notes;
	bool direct; /* the journal is written with O_DIRECT */
	bool space_low, failed;
	struct sc_diag why; /* of the failure: file and text; empty before */
};
void tlog_status(struct tlog *w, struct tlog_status *out);

#endif
