/*
 * label_page.h - what label.c fills: a template and its words. Private to it.
 */
#ifndef CLI_LABEL_PAGE_H
#define CLI_LABEL_PAGE_H

#include "base/span.h"

struct label_words {
	const char *lang, *title, *kind, *to, *order, *tail, *call, *ext, *dial, *scan, *until,
	    *over, *emergency, *hint;
};
extern const struct label_words label_zh, label_en;

/* HTML; [[NAME]] is filled, by a word above or from the label. */
extern const char label_page[];
/* The class of letters in which ADDRESS (lines) has room; NULL: it has none. */
const char *label_address_size(struct sc_span address);
/* Is NAME too long for the large letters? */
bool label_name_long(struct sc_span name);

#endif
