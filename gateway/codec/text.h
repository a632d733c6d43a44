/*
 * text.h - the inside of a JSON string (RFC 8259 §7), and putting a document
 * together again.
 *
 * Lone surrogates. "\ud83d" is a grammatical JSON string that is no Unicode
 * text. To seal such a value and give the same JSON value back, json_unescape()
 * writes a surrogate without its partner as WTF-8 (the three bytes ED A0..BF
 * xx) and says so, and json_escape() writes exactly those three bytes back as
 * \udXXX. Well-formed pairs become one ordinary four-byte character, so the
 * two forms never mix. Raw ED A0..BF in a document is refused by json_scan(),
 * so such bytes come from nowhere else. Flagged values must not be given to
 * anything that expects UTF-8.
 */
#ifndef GATEWAY_CODEC_TEXT_H
#define GATEWAY_CODEC_TEXT_H

#include "base/buf.h"

/*
 * Append what the string RAW (between its quotes, accepted by json_scan())
 * stands for. *LONE_SURROGATE (may be NULL) is set when it holds one.
 * Fails with SC_SYNTAX for a malformed escape, and like sc_buf_put() of RAW.n
 * bytes, although the text may be shorter; OUT is then as before.
 */
SC_CHECKED enum sc_err json_unescape(struct sc_span raw, struct sc_buf *out, bool *lone_surrogate);

/*
 * Append UTF8 as the inside of a JSON string, without quotes, with the fewest
 * escapes: \" \\ \b \f \n \r \t, \u00xx for other controls, \udXXX for a WTF-8
 * surrogate (lower-case hexadecimal), everything else as it is.
 * json_unescape() of the result is UTF8 again.
 * Fails with SC_SYNTAX when UTF8 is neither UTF-8 nor WTF-8, and like
 * sc_buf_put(); OUT is then as before.
 */
SC_CHECKED enum sc_err json_escape(struct sc_span utf8, struct sc_buf *out);

/*
 * Where each decoded byte came from. Without a backslash the text is the raw
 * bytes and no array is made.
 */
struct json_text_map {
	uint32_t *at; /* n + 1 raw offsets, the last is the raw length; or unused */
	size_t n, cap;
	bool identity;
};

void json_text_map_init(struct json_text_map *m);
void json_text_map_fini(struct json_text_map *m); /* usable again afterwards */

/*
 * Decode free text: *TEXT is what RAW stands for, borrowed from RAW itself
 * when that has no backslash, otherwise from SCRATCH, which is cleared first.
 * MAP is reused from call to call.
 * Fails like json_unescape().
 */
SC_CHECKED enum sc_err json_text_decode(struct sc_span raw, struct sc_buf *scratch,
    struct json_text_map *map, struct sc_span *text);

/*
 * The raw range [*RAW_START, *RAW_END) behind decoded bytes [START, END), whole
 * escapes always included. END is at most the length of the text.
 */
void json_text_range(const struct json_text_map *map, uint32_t start, uint32_t end,
    uint32_t *raw_start, uint32_t *raw_end);

/* Bytes [start, end) of a document become TEXT, which is JSON already. */
struct codec_edit {
	uint32_t start, end;
	struct sc_span text; /* borrowed */
};

/*
 * Append DOC with the N edits made. They are ascending and disjoint; bytes
 * outside of them are copied as they are.
 * Fails with SC_BUG when the edits are not so (nothing is appended), and like
 * sc_buf_put(); OUT is then as before.
 */
SC_CHECKED enum sc_err codec_splice(struct sc_span doc, const struct codec_edit *edits, size_t n,
    struct sc_buf *out);

#endif
