/*
 * decoded.h - the text of a JSON string, as a codec gives it.
 */
#ifndef TESTS_DECODED_H
#define TESTS_DECODED_H

#include "gateway/codec/codec.h"

#include <string.h>

static inline enum sc_err decoded(struct sc_span raw, struct sc_buf *scratch, struct codec_map *map,
    struct sc_span *text)
{
	const struct codec_field f = {
		.end = (uint32_t)raw.n,
		.escaped = raw.n != 0 && memchr(raw.p, '\\', raw.n) != NULL,
	};

	return codec_text(&codec_json, raw, &f, scratch, map, text);
}

#endif
