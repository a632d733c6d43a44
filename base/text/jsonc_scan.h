/*
 * jsonc_scan.h - the strict pass of jsonc: refuse, blank comments, note places.
 * Private to base/text.
 */
#ifndef BASE_TEXT_JSONC_SCAN_H
#define BASE_TEXT_JSONC_SCAN_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define JSONC_NO_KEY UINT32_MAX

/* Where one value begins, and its key when it is a member. */
struct jsonc_mark {
	uint32_t key;
	uint32_t value;
};

/* In the order of the text: a container before what it holds. */
struct jsonc_marks {
	struct jsonc_mark *v;
	size_t n, cap;
};

/*
 * Check all N bytes of TEXT, overwrite comments with spaces, and append a mark
 * for each value to MARKS (the caller frees marks->v). On SC_SYNTAX *WHERE is
 * the offset and *WHY a static text. Also SC_NOMEM.
 */
SC_CHECKED enum sc_err jsonc_scan(uint8_t *text, size_t n, struct jsonc_marks *marks, size_t *where,
    const char **why);

#endif
