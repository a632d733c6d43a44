/*
 * skip.c - the bytes inside a JSON string that need a second look.
 */
#include "gateway/codec/skip.h"

#define Y16 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define N16 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

/* clang-format off */
const uint8_t json_special[256] = {
	Y16, Y16,
	0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,	/* " */
	N16, N16,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,	/* \ */
	N16, N16,
	Y16, Y16, Y16, Y16, Y16, Y16, Y16, Y16,
};
/* clang-format on */
