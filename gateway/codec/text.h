/*
 * text.h - the inside of a JSON string (RFC 8259 §7).
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

#include "gateway/codec/codec.h"

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
 * json_unescape(), and MAP tells where each byte came from. Fails like it; also
 * SC_LIMIT for a text of 4 GiB or more.
 */
SC_CHECKED enum sc_err json_unescape_mapped(struct sc_span raw, struct sc_buf *out,
    struct codec_map *map);

#endif
