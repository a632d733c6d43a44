/*
 * stream.h - a backup as bytes: written in one go, into a file or a pipe, and
 * read back in one go, a row at a time, with every length checked.
 *
 *	"SCRIMBK1"
 *	part u8 | length u32 | body		any number, parts in rising order
 *	...
 *	BACKUP_TRAILER | length u32 | counts | SHA-256 | Ed25519
 *
 * Bodies are rows of one kind, as the tables below spell them; the header is the
 * first. The hash is over all that stands before the trailer, the
 * signature, by the key of keyd's log, over counts and hash. Integers are big-endian.
 *
 * What is refused: any part that is not known, out of order or too long, a row that does
 * not end where its part does, any byte behind the trailer.
 */
#ifndef CRYPTO_BACKUP_STREAM_H
#define CRYPTO_BACKUP_STREAM_H

#include "base/name.h"
#include "base/store/store.h"
#include "crypto/keytree/epoch_file.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/sign.h"
#include "crypto/prim/siv.h"
#include "crypto/tlog/note.h"

#define BACKUP_KEY_ID 8
#define BACKUP_COLUMNS 12
#define BACKUP_BODY_MAX (1u << 20) /* bytes of a part */

enum backup_part {
	BACKUP_HEADER = 1,
	BACKUP_KEYRING,
	BACKUP_HEADS,   /* the last that was signed of each log */
	BACKUP_WRITERS, /* how far a log is carried out, by whom */
	BACKUP_LOST,    /* slots of a newer store */
	BACKUP_SEEN,    /* whom each caller opened today ... */
	BACKUP_QUOTA,   /* ... and how many nobody can name */
	BACKUP_LEAVING, /* keys whose erasure waits */
	BACKUP_WEEKS,   /* in which something of theirs was sealed last */
	BACKUP_ALIASES, /* whose orders are */
	BACKUP_BOXES,   /* as they lie */
	BACKUP_REMOVED, /* places whose box is no more */
	BACKUP_TRAILER,
	BACKUP_PARTS
};

/*
 * How the rows of a part are spelt, a letter a column: n u64, i u32, b and t bytes
 * and text behind their length, a u16. Columns are those of the statement that reads
 * them, and in order the parameters of the one that puts them back.
 */
struct backup_table {
	const char *columns; /* NULL: no part of rows */
	unsigned ask, put;   /* statements, of crypto/rows/tables.h */
};
extern const struct backup_table backup_tables[BACKUP_PARTS];

/* What a backup says of itself. */
struct backup_header {
	struct sc_name tenant;
	char origin[NOTE_NAME_MAX + 1]; /* of keyd's own log */
	uint8_t store_id[STORE_ID_BYTES];
	bool whole;     /* not what changed since PREVIOUS */
	uint64_t at_ms; /* Unix time of the moment that it shows */
	uint64_t epoch, high, lease, people;
	uint64_t from_epoch, from_high; /* of PREVIOUS; 0 of a whole one */
	uint64_t gen, applied;          /* commits, and entries of the log carried out */
	uint64_t head_size;             /* of keyd's log, as signed last */
	uint8_t head_root[HASH_BYTES];
	uint8_t previous[HASH_BYTES]; /* hash of the one before; zeros of a whole one */
	uint32_t month;               /* of the backup key ... */
	uint8_t key_id[BACKUP_KEY_ID];
	uint8_t sealed[SIV_BYTES + EPOCH_KEY_BYTES]; /* ... that the epoch's key is sealed under */
	struct sign_public log_key;                  /* who signs this */
};

/* What the trailer says. */
struct backup_end {
	uint64_t rows[BACKUP_PARTS]; /* those of the parts of rows */
	uint8_t hash[HASH_BYTES];    /* by which the next of the chain names this one */
};

/* ---- writing ---- */

struct backup_sink {
	SC_CHECKED enum sc_err (*write)(void *arg, struct sc_span bytes);
	void *arg;
};

struct backup_writer;

/* Begin with H. Fails as the sink does, SC_NOMEM. */
SC_CHECKED enum sc_err backup_writer_new(const struct backup_sink *to,
    const struct backup_header *h, struct backup_writer **out);
void backup_writer_free(struct backup_writer *w); /* NULL is fine */
/*
 * One row, parts in rising order. Fails as the sink does, SC_LIMIT (a column is too long),
 * SC_BUG (order).
 */
SC_CHECKED enum sc_err backup_writer_row(struct backup_writer *w, enum backup_part part,
    const struct store_value *v);
/* The trailer, signed. END says what it says. */
SC_CHECKED enum sc_err backup_writer_end(struct backup_writer *w, const struct note_signer *sign,
    struct backup_end *end);
uint64_t backup_writer_bytes(const struct backup_writer *w);

/* ---- reading ---- */

struct backup_source {
	/* At most N bytes to P; *GOT 0: it ends here. */
	SC_CHECKED enum sc_err (*read)(void *arg, uint8_t *p, size_t n, size_t *got);
	void *arg;
};

struct backup_reader;

/*
 * Read the header. Fails with SC_SYNTAX (no backup, or cut; D says which), SC_NOMEM, as the
 * source does.
 */
SC_CHECKED enum sc_err backup_reader_new(const struct backup_source *from, struct sc_diag *d,
    struct backup_header *h, struct backup_reader **out);
void backup_reader_free(struct backup_reader *r); /* NULL is fine */
/*
 * The next row, valid until the next call. *PART BACKUP_TRAILER: that was all, hash,
 * counts, signature by the header's log_key and the end of the source agree, and
 * backup_reader_end() tells them; nothing that was read before may count until then. Fails with
 * SC_SYNTAX (malformed or cut), SC_AUTH (hash or signature do not fit), SC_IO; D says why.
 */
SC_CHECKED enum sc_err backup_reader_row(struct backup_reader *r, struct sc_diag *d,
    enum backup_part *part, struct store_value v[static BACKUP_COLUMNS]);
const struct backup_end *backup_reader_end(const struct backup_reader *r);
uint64_t backup_reader_bytes(const struct backup_reader *r);

#endif
