/*
 * manifest.h - what a release says of itself: manifest.json, which names every other file
 * of it by SHA-256 and is the one thing that is signed, by its receipt.
 *
 * Of a view and of a cube alike. No value of a person stands in it; names of columns, what
 * they mean, and the rules that the release keeps do.
 */
#ifndef ANALYTICS_SHELF_MANIFEST_H
#define ANALYTICS_SHELF_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"

#include <stdbool.h>

#define SHELF_VERSION 1
#define SHELF_TABLES_MAX 64
#define SHELF_COLUMNS_MAX 40 /* of a table */
#define SHELF_RULES_MAX 4    /* sensitive columns */
#define SHELF_FILES_MAX 8
#define SHELF_NUMBER_MAX ((UINT64_C(1) << 53) - 1) /* that every reader of JSON keeps whole */
#define SHELF_SHA_BYTES 32
#define SHELF_MANIFEST_MAX (1u << 20) /* bytes */

enum shelf_kind { SHELF_VIEW, SHELF_CUBE };

enum shelf_type { SHELF_TEXT, SHELF_INTEGER };

/* What a column is to those who made it: of a view the first three, of a cube the others. */
enum shelf_role {
	SHELF_QUASI,     /* generalised */
	SHELF_SENSITIVE, /* as it was, diverse in every class */
	SHELF_PLAIN,     /* as it was */
	SHELF_DIMENSION, /* what a cell is of: a member, or those that were folded, " | " between them */
	SHELF_MEASURE, /* a number of the cell */
	SHELF_FOLDED,  /* how many cells a row is of; 1: a cell of its own */
};

struct shelf_column {
	const char *name; /* [a-z][a-z0-9_]* */
	enum shelf_type type;
	enum shelf_role role;
	const char *unit;             /* "people", "cents", "weeks"; "" where it has none */
	const char *means, *means_zh; /* one sentence each */
};

struct shelf_table {
	const char *name; /* likewise */
	const char *means, *means_zh;
	const struct shelf_column *columns;
	size_t n_columns;
	uint64_t rows; /* set by shelf_finish() */
};

/* What a sensitive column keeps in every class; 0: nothing of the kind. */
struct shelf_rule {
	const char *column;
	uint32_t distinct, entropy_milli, closeness_ppm, share_ppm;
	bool ordered;
};

struct shelf_file {
	const char *name; /* in the release's folder */
	uint8_t sha256[SHELF_SHA_BYTES];
	uint64_t bytes;
};

/* Pointers are the maker's, or live in the arena of who loaded it. */
struct shelf_manifest {
	struct sc_name tenant, dataset;
	enum shelf_kind kind;
	uint64_t number;       /* of the dataset's releases, from 1 */
	const char *from, *to; /* days that it is about, "2026-11-16"; "" where it has none */
	uint64_t made_ms;
	const char *title, *title_zh; /* one sentence: what it is */
	uint32_t k;                   /* people of a class, or of a cell, at least */
	uint32_t suppression_ppm;
	struct shelf_rule rules[SHELF_RULES_MAX];
	size_t n_rules;
	const char *profile;           /* how it was made: "standard"; "cube" */
	bool checked;                  /* by the independent checker, or by the cube's attacker */
	uint8_t seed[SHELF_SHA_BYTES]; /* SHA-256 of the key that ties fell by */
	uint8_t previous[SHELF_SHA_BYTES]; /* of the manifest of NUMBER - 1; zeros: the first */
	const struct shelf_table *tables;
	size_t n_tables;
	struct shelf_file files[SHELF_FILES_MAX]; /* set by shelf_finish() */
	size_t n_files;
	struct sc_arena arena; /* what shelf_manifest_parse() made; else empty */
};

/* Append its text, which is always the same for the same manifest. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err shelf_manifest_print(const struct shelf_manifest *m, struct sc_buf *out);

/*
 * Read TEXT, named FILE in messages. Strict: every key must be there and none else, in any
 * order. Fails with SC_SYNTAX, SC_LIMIT, SC_NOMEM; D says where. *OUT is to be released with
 * shelf_manifest_fini().
 */
SC_CHECKED enum sc_err shelf_manifest_parse(struct sc_span text, const char *file,
    struct sc_diag *d, struct shelf_manifest *out);
void shelf_manifest_fini(struct shelf_manifest *m); /* all zero is fine */

#endif
