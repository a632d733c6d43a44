/*
 * jsonc.h - JSON with comments, for files that people write: configuration
 * and policy.
 *
 * A strict scan comes first (RFC 8259 plus // and block comments: grammar,
 * UTF-8, depth, duplicate keys, no \u0000) and keeps where every value and
 * every key begins; cJSON then builds the tree. So each complaint has a line
 * and a column, and nothing that cJSON would forgive gets through. Not for
 * bodies that pass through the gateway.
 *
 * All errors are SC_SYNTAX with the diag filled, or SC_NOMEM, SC_LIMIT
 * (too large), SC_IO (file cannot be read). Every diag may be NULL.
 */
#ifndef BASE_TEXT_JSONC_H
#define BASE_TEXT_JSONC_H

#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "base/span.h"

#include <cjson/cJSON.h>

#define JSONC_DEPTH_MAX 64
#define JSONC_BYTES_MAX ((size_t)4 << 20)

struct jsonc; /* a parsed document: owns the tree, a copy of the text, the positions */

/*
 * Parse TEXT; FILENAME (may be NULL) is what diags name.
 * On SC_OK *OUT is the caller's, to release with jsonc_free(); else NULL.
 */
SC_CHECKED enum sc_err jsonc_load(struct sc_span text, const char *filename, struct sc_diag *d,
    struct jsonc **out);
/* The same for the file at PATH, of at most JSONC_BYTES_MAX bytes. */
SC_CHECKED enum sc_err jsonc_load_file(const char *path, struct sc_diag *d, struct jsonc **out);
void jsonc_free(struct jsonc *doc); /* NULL is fine */

/* The tree and the exact bytes it came from; both live as long as DOC. */
const cJSON *jsonc_root(const struct jsonc *doc);
struct sc_span jsonc_text(const struct jsonc *doc);

/*
 * Fill D's file, line, column and offset with where ITEM's value begins
 * (jsonc_locate) or where its key does (jsonc_locate_key; the value when it
 * has no key). An item of another document, or NULL, gives line 0.
 */
void jsonc_locate(const struct jsonc *doc, const cJSON *item, struct sc_diag *d);
void jsonc_locate_key(const struct jsonc *doc, const cJSON *item, struct sc_diag *d);

/* The same offset without counting lines; false when ITEM is not DOC's. */
bool jsonc_offset(const struct jsonc *doc, const cJSON *item, size_t *offset);

/* Locate ITEM, set the text, and return SC_SYNTAX: `return jsonc_error(…);` */
enum sc_err jsonc_error(const struct jsonc *doc, const cJSON *item, struct sc_diag *d,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * OBJECT must be an object, all of whose keys are in ALLOWED (NULL-ended).
 * Otherwise SC_SYNTAX at the unknown key's line and column.
 */
SC_CHECKED enum sc_err jsonc_check_keys(const struct jsonc *doc, const cJSON *object,
    const char *const allowed[], struct sc_diag *d);

enum jsonc_need { JSONC_OPTIONAL, JSONC_REQUIRED };

/* The member KEY of OBJECT (exact case), or NULL. */
const cJSON *jsonc_find(const cJSON *object, const char *key);

/*
 * Typed members of OBJECT. A member of another type, out of range, or missing
 * though required is SC_SYNTAX. When an optional member is missing, strings,
 * arrays and objects give NULL, and all others leave *OUT as it was, so that
 * the caller puts the default there first. What is given is DOC's.
 */
SC_CHECKED enum sc_err jsonc_string(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const char **out);
SC_CHECKED enum sc_err jsonc_name(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, struct sc_name *out);
/* A JSON integer (no fraction, no exponent), MIN <= it <= MAX, all 64 bits exact. */
SC_CHECKED enum sc_err jsonc_u64(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min, uint64_t max, struct sc_diag *d, uint64_t *out);
SC_CHECKED enum sc_err jsonc_bool(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, bool *out);
SC_CHECKED enum sc_err jsonc_array(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const cJSON **out);
SC_CHECKED enum sc_err jsonc_object(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const cJSON **out);
/* A string such as "250ms", "30s", "5m", "12h", "15d", in milliseconds. */
SC_CHECKED enum sc_err jsonc_duration(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min_ms, uint64_t max_ms, struct sc_diag *d, uint64_t *out);
/* A string such as "512", "512B", "64KiB", "8MiB", "2GiB", in bytes. */
SC_CHECKED enum sc_err jsonc_size(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min, uint64_t max, struct sc_diag *d, uint64_t *out);

/* The same for an element that is already at hand (ITEM is never missing). */
SC_CHECKED enum sc_err jsonc_item_string(const struct jsonc *doc, const cJSON *item,
    struct sc_diag *d, const char **out);
SC_CHECKED enum sc_err jsonc_item_name(const struct jsonc *doc, const cJSON *item,
    struct sc_diag *d, struct sc_name *out);
SC_CHECKED enum sc_err jsonc_item_u64(const struct jsonc *doc, const cJSON *item, uint64_t min,
    uint64_t max, struct sc_diag *d, uint64_t *out);

/* "15d" to milliseconds, "8MiB" to bytes; false when malformed or too large. */
bool jsonc_duration_parse(struct sc_span text, uint64_t *ms);
bool jsonc_size_parse(struct sc_span text, uint64_t *bytes);

#endif
