/*
 * padded.h - documents in blocks of exactly the size that json_scan() asks
 * for, so that the address sanitizer sees a read beyond it.
 */
#ifndef TESTS_PADDED_H
#define TESTS_PADDED_H

#include "gateway/codec/json.h"

#include <stdio.h>
#include <stdlib.h>

/* A copy of P[0..N-1] with CODEC_PAD zeros; to free(). */
static inline uint8_t *padded(const void *p, size_t n)
{
	uint8_t *q = calloc(1, n + CODEC_PAD);

	if (q == NULL)
		abort();
	if (n != 0)
		memcpy(q, p, n);
	return q;
}

static inline bool same_spans(const struct codec_fields *a, const struct codec_fields *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].start != b->v[i].start || a->v[i].end != b->v[i].end ||
		    a->v[i].action != b->v[i].action || a->v[i].kind != b->v[i].kind ||
		    a->v[i].escaped != b->v[i].escaped)
			return false;
	return true;
}

/*
 * json_scan() of a fresh padded copy of DOC; *AGREE becomes false when the
 * scanner with the table of bytes says anything else.
 */
static inline enum sc_err scan_padded(const struct codec_paths *paths, const void *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d, bool *agree)
{
	struct sc_diag d2 = { 0 };
	struct codec_fields plain;
	uint8_t *p = padded(doc, n);
	enum sc_err err, err2;

	codec_fields_init(&plain);
	err = json_scan(paths, p, n, out, d);
	err2 = json_scan_plain(paths, p, n, &plain, &d2);
	if (err != err2 || !same_spans(out, &plain) || (err != SC_OK && d->offset != d2.offset))
		*agree = false;
	codec_fields_fini(&plain);
	free(p);
	return err;
}

/* All of the file PATH, to free(); NULL when it cannot be read. */
static inline uint8_t *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	long size;

	*n = 0;
	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
	    (p = malloc((size_t)size + 1)) != NULL)
		*n = fread(p, 1, (size_t)size, f);
	fclose(f);
	return p;
}

#endif
