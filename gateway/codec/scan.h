/*
 * scan.h - the scanner with the string skipper of one's choice.
 *
 * json_scan() takes the widest the processor has. The other entry exists so
 * that the tests can hold the two against each other on every machine.
 */
#ifndef GATEWAY_CODEC_SCAN_H
#define GATEWAY_CODEC_SCAN_H

#include "gateway/codec/json.h"

/* json_scan() with the table of bytes; the same answers. */
SC_CHECKED enum sc_err json_scan_plain(const struct codec_paths *paths, const uint8_t *doc,
    size_t n, struct codec_fields *out, struct sc_diag *d);

#endif
