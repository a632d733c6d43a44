/*
 * splice.c - putting a document together again around its replaced ranges.
 */
#include "gateway/codec/text.h"

/* How long DOC becomes; false when the edits do not fit it. */
static bool spliced_length(struct sc_span doc, const struct codec_edit *edits, size_t n,
    size_t *out)
{
	size_t at = 0, total = doc.n;

	for (size_t i = 0; i < n; i++) {
		if (edits[i].start < at || edits[i].end < edits[i].start || edits[i].end > doc.n)
			return false;
		at = edits[i].end;
		total -= edits[i].end - edits[i].start;
		total += edits[i].text.n;
	}
	*out = total;
	return true;
}

enum sc_err codec_splice(struct sc_span doc, const struct codec_edit *edits, size_t n,
    struct sc_buf *out)
{
	size_t at = 0, total;
	uint8_t *to;
	enum sc_err err;

	if (!spliced_length(doc, edits, n, &total))
		return SC_BUG;
	if (total == 0)
		return SC_OK;
	if ((err = sc_buf_grow(out, total, &to)) != SC_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		size_t same = edits[i].start - at;

		if (same != 0)
			memcpy(to, doc.p + at, same);
		to += same;
		if (edits[i].text.n != 0)
			memcpy(to, edits[i].text.p, edits[i].text.n);
		to += edits[i].text.n;
		at = edits[i].end;
	}
	if (doc.n != at)
		memcpy(to, doc.p + at, doc.n - at);
	return SC_OK;
}
