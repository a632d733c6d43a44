/*
 * file.h - a snapshot's features as a file: rows of one size, sorted by person, that
 * verify by themselves.
 *
 *	head	magic "SCRIMFEA" | version u16 | bytes of a row u16 | 0 u32
 *		| number u64 | at_ms u64 | count u64 | SHA-256 of the settings
 *	rows	COUNT, each FEATURE_ROW_BYTES, by persons ascending; row.c has the fields
 *	end	SHA-256 of all that stands before it
 */
#ifndef ANALYTICS_FEATURES_FILE_H
#define ANALYTICS_FEATURES_FILE_H

#include "analytics/features/fold.h"

#define FEATURE_VERSION 1
#define FEATURE_HEAD_BYTES 72
#define FEATURE_ROW_BYTES 540
#define FEATURE_SHA_BYTES 32

struct feature_head {
	uint64_t number, at_ms; /* of the snapshot */
	uint64_t count;
	uint8_t settings[FEATURE_SHA_BYTES];
};

void feature_head_encode(const struct feature_head *h, uint8_t out[static FEATURE_HEAD_BYTES]);
/* Fails with SC_CORRUPT. */
SC_CHECKED enum sc_err feature_head_decode(const uint8_t in[static FEATURE_HEAD_BYTES],
    struct feature_head *out);
void feature_row_encode(const struct feature_row *row, uint8_t out[static FEATURE_ROW_BYTES]);
void feature_row_decode(const uint8_t in[static FEATURE_ROW_BYTES], struct feature_row *out);
/* What of S changes what the rows say. */
void feature_settings_sha256(const struct fold_settings *s, uint8_t out[static FEATURE_SHA_BYTES]);

/* Say of PATH what is wrong, with errno where ERR is SC_IO (D may be NULL), and pass ERR on. */
enum sc_err feature_say(struct sc_diag *d, const char *path, enum sc_err err, const char *what);

struct feature_file;

/*
 * Open PATH, which is read whole. Fails with SC_IO; SC_CORRUPT: it is not as it was
 * written (D says how); SC_NOMEM. Nobody may cut the file while it is open.
 */
SC_CHECKED enum sc_err feature_file_open(const char *path, struct sc_diag *d,
    struct feature_file **out);
void feature_file_close(struct feature_file *f); /* NULL is fine */
const struct feature_head *feature_file_head(const struct feature_file *f);
/* What fold_write() told. */
const uint8_t *feature_file_sha256(const struct feature_file *f);
/* Row I, below the head's count. */
void feature_file_row(const struct feature_file *f, uint64_t i, struct feature_row *out);
/* The row of PERSON; false: there is none. */
bool feature_file_find(const struct feature_file *f, uint64_t person, struct feature_row *out);

#endif
