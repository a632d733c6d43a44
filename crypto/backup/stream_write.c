/*
 * stream_write.c - writing a backup: rows gather into parts of at most a MiB.
 */
#include "crypto/backup/stream_int.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct backup_writer {
	struct backup_sink to;
	struct hash_sha256 hash;
	struct backup_end end;
	uint64_t bytes;
	enum backup_part part;
	size_t n;                                   /* of the body so far */
	uint8_t out[STREAM_LEAD + BACKUP_BODY_MAX]; /* the part that gathers */
};

static enum sc_err send(struct backup_writer *w, struct sc_span bytes)
{
	hash_sha256_update(&w->hash, bytes);
	w->bytes += bytes.n;
	return w->to.write(w->to.arg, bytes);
}

/* The part that gathered goes off, if there is anything in it. */
static enum sc_err flush(struct backup_writer *w)
{
	const size_t n = w->n;

	if (n == 0)
		return SC_OK;
	w->out[0] = (uint8_t)w->part;
	sc_be32_store(w->out + 1, (uint32_t)n);
	w->n = 0;
	return send(w, sc_span(w->out, STREAM_LEAD + n));
}

static enum sc_err put_header(struct backup_writer *w, const struct backup_header *h)
{
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, BACKUP_BODY_MAX);
	if ((err = stream_header_print(h, &text)) == SC_OK) {
		memcpy(w->out + STREAM_LEAD, text.p, text.n);
		w->n = text.n;
		err = flush(w);
	}
	sc_buf_fini(&text);
	return err;
}

enum sc_err backup_writer_new(const struct backup_sink *to, const struct backup_header *h,
    struct backup_writer **out)
{
	struct backup_writer *w;
	enum sc_err err;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return SC_NOMEM;
	w->to = *to;
	w->part = BACKUP_HEADER;
	hash_sha256_init(&w->hash);
	if ((err = send(w, sc_span(STREAM_MAGIC, STREAM_MAGIC_BYTES))) == SC_OK &&
	    (err = put_header(w, h)) == SC_OK) {
		*out = w;
		w = NULL;
	}
	backup_writer_free(w);
	return err;
}

void backup_writer_free(struct backup_writer *w)
{
	free(w);
}

static size_t column_bytes(char kind, const struct store_value *v)
{
	return kind == 'n' ? 8 : kind == 'i' ? 4 : 2 + v->bytes.n;
}

static uint8_t *put_column(uint8_t *p, char kind, const struct store_value *v)
{
	if (kind == 'n') {
		sc_be64_store(p, (uint64_t)v->number);
		return p + 8;
	}
	if (kind == 'i') {
		sc_be32_store(p, (uint32_t)v->number);
		return p + 4;
	}
	sc_be16_store(p, (uint16_t)v->bytes.n);
	if (v->bytes.n > 0)
		memcpy(p + 2, v->bytes.p, v->bytes.n);
	return p + 2 + v->bytes.n;
}

enum sc_err backup_writer_row(struct backup_writer *w, enum backup_part part,
    const struct store_value *v)
{
	const char *kinds = backup_tables[part].columns;
	size_t need = 0;
	enum sc_err err;
	uint8_t *p;

	if (part < w->part || kinds == NULL)
		return SC_BUG;
	for (size_t i = 0; kinds[i] != '\0'; i++) {
		if (v[i].kind != STORE_NUMBER && v[i].bytes.n > UINT16_MAX)
			return SC_LIMIT;
		need += column_bytes(kinds[i], &v[i]);
	}
	if (part != w->part || w->n + need > BACKUP_BODY_MAX)
		if ((err = flush(w)) != SC_OK)
			return err;
	w->part = part;
	p = w->out + STREAM_LEAD + w->n;
	for (size_t i = 0; kinds[i] != '\0'; i++)
		p = put_column(p, kinds[i], &v[i]);
	w->n += need;
	w->end.rows[part]++;
	return SC_OK;
}

enum sc_err backup_writer_end(struct backup_writer *w, const struct note_signer *sign,
    struct backup_end *end)
{
	uint8_t last[STREAM_LEAD + STREAM_END_BYTES], said[STREAM_SAID_MAX];
	uint8_t *body = last + STREAM_LEAD;
	enum sc_err err;

	if ((err = flush(w)) != SC_OK)
		return err;
	hash_sha256_final(&w->hash, w->end.hash);
	last[0] = BACKUP_TRAILER;
	sc_be32_store(last + 1, STREAM_END_BYTES);
	stream_end_print(&w->end, body);
	if ((err = sign->sign(sign->arg, stream_end_said(body, said),
		 body + STREAM_END_BYTES - SIGN_BYTES)) != SC_OK)
		return err;
	*end = w->end;
	w->bytes += sizeof(last);
	return w->to.write(w->to.arg, sc_span(last, sizeof(last)));
}

uint64_t backup_writer_bytes(const struct backup_writer *w)
{
	return w->bytes;
}
