/*
 * records.c - what every codec needs: fields, blank records, room behind them.
 */
#include "gateway/codec/codec.h"

#include <stdlib.h>

bool codec_blank(struct sc_span record)
{
	for (size_t i = 0; i < record.n; i++)
		if (record.p[i] != ' ' && record.p[i] != '\t' && record.p[i] != '\r')
			return false;
	return true;
}

enum sc_err codec_pad(struct sc_buf *b)
{
	size_t n = b->n;
	uint8_t *pad;
	enum sc_err err;

	if ((err = sc_buf_grow(b, CODEC_PAD, &pad)) != SC_OK)
		return err;
	/* truncating wipes: the bytes stay behind as zeros */
	sc_buf_truncate(b, n);
	return SC_OK;
}

void codec_fields_init(struct codec_fields *f)
{
	*f = (struct codec_fields){ 0 };
}

void codec_fields_fini(struct codec_fields *f)
{
	free(f->v);
	codec_fields_init(f);
}

bool codec_fields_grow(struct codec_fields *f)
{
	size_t cap = f->cap == 0 ? 64 : f->cap * 2;
	struct codec_field *v;

	if (f->n < f->cap)
		return true;
	if ((v = reallocarray(f->v, cap, sizeof(*v))) == NULL)
		return false;
	f->v = v;
	f->cap = cap;
	return true;
}
