/*
 * mirror.h - what each commit writes, durable on a second disk before anybody is told.
 *
 *	FOLDER/base.scb     one moment of the store, as a backup has it (mirror_base.h)
 *	FOLDER/journal      what was committed since, a record a commit
 *	FOLDER/keyd.epoch   the epoch file's twin (epoch_file.h), unless another was named
 *
 * The boxes lie there without any key: what opens them is the twin under the root key, so
 * whoever is erased is erased there too, with the same write over the same block.
 *
 * The order, and why what lies on the second disk opens whenever the first one dies:
 *
 *	commit > record durable > epoch block, and the twin's > answer
 *
 *	before the commit	the mirror is where the store was: E_n, which the twin holds
 *	before the record	the same; what the commit did was answered to nobody. An erasure's
 *				intent is in the log, and is carried out again
 *	in the record		torn, and dropped: as before it
 *	before the block	the mirror is at n+1, whose key is the twin's spare
 *	in the twin's block	E_n is written over there; E_n+1 stands in the other block
 *	behind it		answered, and there
 *
 * Never is E_n destroyed while the mirror is at n: while a record cannot be
 * written the block is owed (keystore_int.h), and every job that wants keys fails until a fresh
 * base lies there. That holds at the start too: a base is made before a block is laid.
 *
 * A record belongs to one base, by its hash: when a new base has its name, older records count no
 * more. Who reads drops a torn last record, and refuses anything wrong before it.
 */
#ifndef CRYPTO_KEYSTORE_MIRROR_H
#define CRYPTO_KEYSTORE_MIRROR_H

#include "crypto/keystore/store_rows.h"
#include "crypto/prim/hash.h"

#define MIRROR_BASE "base.scb"
#define MIRROR_JOURNAL "journal"
#define MIRROR_TWIN "keyd.epoch"
#define MIRROR_BASE_BYTES 16 /* of the base's hash, in each record */
#define MIRROR_ROWS_MAX (64u << 20)
/* magic, length, base, seq, six numbers; and behind the rows the hash */
#define MIRROR_LEAD (4 + 4 + MIRROR_BASE_BYTES + 8 + 6 * 8)
#define MIRROR_RECORD_MAX (MIRROR_LEAD + MIRROR_ROWS_MAX + HASH_BYTES)

/* ---- keeping ---- */

struct mirror;

/* Make a base of what TX sees: durable, under its name, its HASH and length told. */
struct mirror_maker {
	enum sc_err (*make)(void *arg, int folder, struct store_tx *tx,
	    uint8_t hash[static HASH_BYTES], uint64_t *bytes);
	void *arg;
};

/* A mirror in FOLDER, which is there; it has no base until it is told. SC_IO; D says why. */
SC_CHECKED enum sc_err mirror_new(const char *folder, const struct mirror_maker *maker,
    struct sc_diag *d, struct mirror **out);
void mirror_free(struct mirror *m); /* when the store is closed; NULL is fine */

/* A base of HASH, of BYTES, is there, with N records of JOURNAL bytes behind it: go on there. */
void mirror_continue(struct mirror *m, const uint8_t hash[static HASH_BYTES], uint64_t bytes,
    uint64_t n, uint64_t journal);

/* For the store: notes what belongs into a record. */
struct store_watch mirror_watch(struct mirror *m);

/*
 * Inside a job: is there a base that can be gone on from? One is made when not, and when the
 * journal has become long. SC_IO: the last commit is not there, so no other must be answered.
 */
SC_CHECKED enum sc_err mirror_ready(struct mirror *m, struct store_tx *tx);
/* Does the group change the keyring? */
bool mirror_keyed(const struct mirror *m);
/* The commit stands: it is as durable here when this returns. SC_IO: it is not. */
SC_CHECKED enum sc_err mirror_commit(struct mirror *m, const struct keystore_now *now);
/* There was none. */
void mirror_drop(struct mirror *m);

/* ---- reading ---- */

struct mirror_record {
	uint8_t base[MIRROR_BASE_BYTES];
	uint64_t seq; /* from 0 behind each base */
	struct keystore_now now;
	struct sc_span rows;
};

/* One record at the beginning of TEXT, of *USED bytes. False: none, or not all of it. */
bool mirror_record_parse(struct sc_span text, struct mirror_record *out, size_t *used);
/*
 * The next of its rows: a statement (tables.h) and its parameters, which lie in ROWS. *THERE
 * false: that was all. SC_SYNTAX.
 */
SC_CHECKED enum sc_err mirror_row_next(struct sc_span *rows, bool *there, unsigned *statement,
    struct store_value v[static STORE_VALUES_MAX]);

struct mirror_reader {
	int fd;
	uint64_t at, size; /* of the journal */
	uint8_t base[MIRROR_BASE_BYTES];
	uint64_t n; /* records of this base so far */
	bool torn;  /* something at its end was never finished */
	bool other; /* there are records of an earlier base */
	struct sc_buf text;
};

/* The journal in FOLDER, for the base of HASH. None is as an empty one. SC_IO. */
SC_CHECKED enum sc_err mirror_reader_open(struct mirror_reader *r, const char *folder,
    const uint8_t hash[static HASH_BYTES], struct sc_diag *d);
void mirror_reader_close(struct mirror_reader *r);
/*
 * The next record, valid until the next call; *THERE false: that was all, but for a TORN one. Fails
 * with SC_SYNTAX: one before the last is broken or missing; SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err mirror_next(struct mirror_reader *r, struct mirror_record *out, bool *there,
    struct sc_diag *d);

#endif
