/*
 * shelf.h - releases as folders of files that never change.
 *
 *	DATASET/NUMBER/release.db	the tables, SQLite, read-only; a table `dictionary` tells
 *					every column of them (table_name, column_name, type,
 *					role, unit, means, means_zh)
 *		       manifest.json
 *		       report.json, report.html, ...	what else the manifest names
 *		       entry, receipt	once it is published: the log's entry about the
 *					manifest, and the proof that it is in the log
 *
 * A release is made in a folder beside its place and renamed into it, whole and durable.
 */
#ifndef ANALYTICS_SHELF_SHELF_H
#define ANALYTICS_SHELF_SHELF_H

#include "analytics/shelf/manifest.h"

#define SHELF_DB "release.db"
#define SHELF_MANIFEST "manifest.json"
#define SHELF_ENTRY "entry"
#define SHELF_RECEIPT "receipt"

/* ---- making -------------------------------------------------------------------------- */

struct shelf_writer;

/* Of a row: TEXT of a SHELF_TEXT column, else NUMBER. */
struct shelf_value {
	struct sc_span text;
	int64_t number;
};

/*
 * Begin release NUMBER of DATASET below the folder ROOT, which is made where it is missing.
 * Fails with SC_STALE (there is one with that number), SC_SYNTAX (the dataset's name), SC_IO
 * (also while another of DATASET is made), SC_NOMEM; D says why. *OUT
 * ends with shelf_finish() or shelf_abandon().
 */
SC_CHECKED enum sc_err shelf_begin(const char *root, const char *dataset, uint64_t number,
    struct sc_diag *d, struct shelf_writer **out);
/* T's rows come next; T is borrowed to the end. Fails with SC_IO, SC_SYNTAX (a name), SC_LIMIT. */
SC_CHECKED enum sc_err shelf_table(struct shelf_writer *w, const struct shelf_table *t,
    struct sc_diag *d);
/* A row of it, T's n_columns values. Fails with SC_IO, SC_NOMEM, SC_SYNTAX (text is not UTF-8). */
SC_CHECKED enum sc_err shelf_row(struct shelf_writer *w, const struct shelf_value *v,
    struct sc_diag *d);
/* Another file of the release. Fails with SC_IO, SC_LIMIT. */
SC_CHECKED enum sc_err shelf_file(struct shelf_writer *w, const char *name, struct sc_span bytes,
    struct sc_diag *d);
/*
 * The tables are whole; *PATH is the database as it is now, for checks before anything is
 * finished. Fails with SC_IO.
 */
SC_CHECKED enum sc_err shelf_close_tables(struct shelf_writer *w, struct sc_diag *d,
    const char **path);
/*
 * Write the manifest, make all of it durable and put it in its place. M's tables (with their
 * rows) and files become those that were written; they live in M's arena, so M is to be
 * released with shelf_manifest_fini() whatever comes of it. SHA256 is the manifest's. W is
 * gone in any case. Fails with SC_IO, SC_SYNTAX (M could not be read back; D says why),
 * SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err shelf_finish(struct shelf_writer *w, struct shelf_manifest *m,
    struct sc_diag *d, uint8_t sha256[static SHELF_SHA_BYTES]);
void shelf_abandon(struct shelf_writer *w); /* nothing stays; NULL is fine */

/* ---- reading ------------------------------------------------------------------------- */

struct shelf_release {
	char *folder; /* of the release */
	struct shelf_manifest manifest;
	uint8_t sha256[SHELF_SHA_BYTES]; /* of manifest.json */
	bool has_receipt;                /* both files are there: no more is said of them */
};

/*
 * Open the release in FOLDER, ".../DATASET/NUMBER": its manifest, which must be of just that
 * release, and every file that it names held against it; no other file may be there.
 * Fails with SC_IO, SC_SYNTAX, SC_CORRUPT (a file is not what the manifest says; D names it),
 * SC_LIMIT, SC_NOMEM. *OUT is to be released with shelf_release_fini().
 */
SC_CHECKED enum sc_err shelf_release_open(const char *folder, struct sc_diag *d,
    struct shelf_release *out);
/* The same for who lists releases: only the manifest is read, and what is in the files is not. */
SC_CHECKED enum sc_err shelf_release_look(const char *folder, struct sc_diag *d,
    struct shelf_release *out);
void shelf_release_fini(struct shelf_release *r); /* all zero is fine */

/* The greatest number of DATASET's releases below ROOT; 0: none. Fails with SC_IO. */
SC_CHECKED enum sc_err shelf_newest(const char *root, const char *dataset, struct sc_diag *d,
    uint64_t *number);
/* Each dataset below ROOT, by name, or each release of DATASET, the newest first. Fail with SC_IO. */
typedef void shelf_dataset_fn(void *arg, const char *dataset);
SC_CHECKED enum sc_err shelf_datasets(const char *root, shelf_dataset_fn *each, void *arg,
    struct sc_diag *d);
typedef void shelf_number_fn(void *arg, uint64_t number);
SC_CHECKED enum sc_err shelf_numbers(const char *root, const char *dataset, shelf_number_fn *each,
    void *arg, struct sc_diag *d);
/* "ROOT/DATASET/NUMBER" into OUT. Fails with SC_LIMIT. */
SC_CHECKED enum sc_err shelf_path(const char *root, const char *dataset, uint64_t number, char *out,
    size_t size);

/*
 * Copy release FROM below ROOT, its files held against the manifest again, with ENTRY and RECEIPT
 * beside it: that is publishing it. Fails like shelf_release_open(), and with SC_STALE: it is
 * there already.
 */
SC_CHECKED enum sc_err shelf_publish(const struct shelf_release *from, const char *root,
    struct sc_span entry, struct sc_span receipt, struct sc_diag *d);

#endif
