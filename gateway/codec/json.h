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

#include "gateway/codec/codec.h"

#define JSON_DEPTH_MAX 1024 /* objects and arrays inside one another */
#define JSON_BYTES_MAX 0xFFFFFF00u

/*
 * Check the document DOC[0..N-1] and put the span of every scalar that PATHS
 * selects into OUT, ascending. PATHS may be NULL: check only.
 *
 * DOC[N] must be 0, or LF for a line of NDJSON, and CODEC_PAD bytes from DOC[N]
 * on must be readable (codec_pad() arranges it). A document never continues
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
    struct codec_fields *out, struct sc_diag *d);
/*
 * The same for what stands at STATE of PATHS, DEPTH strings deep: its fields are those of the
 * paths that lead on from there.
 */
SC_CHECKED enum sc_err json_scan_at(const struct codec_paths *paths, uint16_t state, unsigned depth,
    struct sc_span doc, struct codec_fields *out, struct sc_diag *d);
/* The same with a table of bytes; json_scan() takes the widest step the processor has. */
SC_CHECKED enum sc_err json_scan_plain(const struct codec_paths *paths, const uint8_t *doc,
    size_t n, struct codec_fields *out, struct sc_diag *d);

/* The codec's piece(): every string, name and number of a document that json_scan() accepted. */
bool json_piece(struct sc_span doc, size_t *from, struct codec_piece *out);

#endif
