/*
 * json.h - one pass over a JSON text (RFC 8259) that checks all of it and
 * tells where the selected scalars stand.
 *
 * Nothing is built, copied or normalised: the answer is a list of byte ranges,
 * so whatever is not replaced survives byte for byte (1.10, \/, duplicate
 * members, spacing, numbers beyond 2^53).
 */
#ifndef GATEWAY_CODEC_JSON_H
#define GATEWAY_CODEC_JSON_H

#include "base/buf.h"
#include "base/diag.h"
#include "gateway/codec/paths.h"

#define JSON_PAD 64         /* readable bytes required after a document */
#define JSON_DEPTH_MAX 1024 /* objects and arrays inside one another */
#define JSON_BYTES_MAX 0xFFFFFF00u

enum json_kind {
	JSON_STRING,  /* the range is what stands between the quotes */
	JSON_NUMBER,  /* all of its characters */
	JSON_LITERAL, /* true, false */
	JSON_NULL,
};

struct json_span {
	uint32_t start, end; /* bytes of the document, [start, end) */
	uint16_t action;     /* of the selector that won */
	uint8_t kind;        /* enum json_kind */
	bool escaped;        /* a string with at least one backslash */
};

/* Growable; readers look at v and n. Reuse one: json_scan() empties it first. */
struct json_spans {
	struct json_span *v;
	size_t n, cap;
};

void json_spans_init(struct json_spans *s);
void json_spans_fini(struct json_spans *s); /* usable again afterwards */

/*
 * Check the document DOC[0..N-1] and put the span of every scalar that PATHS
 * selects into OUT, ascending. PATHS may be NULL: check only.
 *
 * DOC[N] must be 0, or LF for a line of NDJSON, and JSON_PAD bytes from DOC[N]
 * on must be readable (json_pad() arranges it). A document never continues
 * beyond DOC[N], so one that is broken over two lines is refused.
 *
 * Each of several members of one name is matched; names are compared after
 * unescaping. Refused, beyond the grammar: an empty text, a byte order mark,
 * malformed UTF-8. A lone \ud800 is grammatical and accepted.
 *
 * Fails with SC_SYNTAX (malformed), SC_LIMIT (deeper than JSON_DEPTH_MAX or
 * longer than JSON_BYTES_MAX), SC_NOMEM, SC_BUG (DOC[N] is another byte). D
 * (may be NULL) then says why, with D->offset the byte at which it was noticed,
 * at most N; no text of the document is quoted. OUT is then empty: a document
 * that is refused has no spans.
 */
SC_CHECKED enum sc_err json_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct json_spans *out, struct sc_diag *d);

/*
 * Make sure that JSON_PAD zero bytes stand after what B holds, outside of
 * B->n. They stay until the next change of B. Fails like sc_buf_reserve().
 */
SC_CHECKED enum sc_err json_pad(struct sc_buf *b);

/*
 * The next line of NDJSON in TEXT, from *FROM on: *LINE without its LF, *FROM
 * behind it. False when no whole line is left; bytes after the last LF count
 * as a line only when FINAL is true (no more will come) and there are any.
 * For json_scan() the byte behind *LINE is the LF, or, for a last line without
 * one, whatever follows TEXT (see json_pad()).
 */
bool ndjson_next(struct sc_span text, bool final, size_t *from, struct sc_span *line);

/* True when LINE has nothing but space, tab and CR: to be passed unchanged. */
bool ndjson_blank(struct sc_span line);

#endif
