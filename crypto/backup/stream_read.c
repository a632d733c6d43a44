/*
 * stream_read.c - reading a backup, from somebody who may have changed any byte of it.
 */
#include "crypto/backup/stream_int.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct backup_reader {
	struct backup_source from;
	struct hash_sha256 hash; /* of the parts before the one that is read */
	struct backup_end end, counted;
	struct sign_public key;
	uint64_t bytes;
	enum backup_part part;
	struct sc_reader rows; /* what is left of it */
	uint8_t body[BACKUP_BODY_MAX];
};

/* N bytes, all of them. */
static enum sc_err take(struct backup_reader *r, uint8_t *p, size_t n, struct sc_diag *d)
{
	enum sc_err err;
	size_t got = 0;

	for (size_t at = 0; at < n; at += got) {
		if ((err = r->from.read(r->from.arg, p + at, n - at, &got)) != SC_OK) {
			sc_diag_set(d, "it cannot be read");
			return err;
		}
		if (got == 0) {
			sc_diag_set(d, STREAM_CUT);
			return SC_SYNTAX;
		}
	}
	r->bytes += n;
	return SC_OK;
}

static enum sc_err malformed(struct sc_diag *d, const char *what)
{
	sc_diag_set(d, "it was changed, or is no backup of this version: %s", what);
	return SC_SYNTAX;
}

/* The next part whole into the body; a trailer is not hashed. */
static enum sc_err next_part(struct backup_reader *r, struct sc_diag *d)
{
	uint8_t lead[STREAM_LEAD];
	enum sc_err err;
	size_t n;

	if ((err = take(r, lead, sizeof(lead), d)) != SC_OK)
		return err;
	n = sc_be32_load(lead + 1);
	if (lead[0] >= BACKUP_PARTS || lead[0] < r->part ||
	    (lead[0] == BACKUP_HEADER && r->part == BACKUP_HEADER))
		return malformed(d, "an unknown part, or one out of order");
	if (n == 0 || n > BACKUP_BODY_MAX || (lead[0] == BACKUP_TRAILER && n != STREAM_END_BYTES))
		return malformed(d, "a part of a length that none has");
	if ((err = take(r, r->body, n, d)) != SC_OK)
		return err;
	r->part = (enum backup_part)lead[0];
	r->rows = sc_reader(sc_span(r->body, n));
	if (r->part == BACKUP_TRAILER)
		return SC_OK;
	hash_sha256_update(&r->hash, sc_span(lead, sizeof(lead)));
	hash_sha256_update(&r->hash, sc_span(r->body, n));
	return SC_OK;
}

static enum sc_err begin(struct backup_reader *r, struct sc_diag *d, struct backup_header *h)
{
	uint8_t magic[STREAM_MAGIC_BYTES];
	enum sc_err err;

	if ((err = take(r, magic, sizeof(magic), d)) != SC_OK)
		return err;
	if (memcmp(magic, STREAM_MAGIC, sizeof(magic)) != 0) {
		sc_diag_set(d, "this is no backup of keys");
		return SC_SYNTAX;
	}
	hash_sha256_update(&r->hash, sc_span(magic, sizeof(magic)));
	if ((err = next_part(r, d)) != SC_OK)
		return err;
	if (r->part != BACKUP_HEADER ||
	    stream_header_parse(sc_span(r->rows.p, (size_t)(r->rows.end - r->rows.p)), h) != SC_OK)
		return malformed(d, "its header");
	r->rows.p = r->rows.end;
	r->key = h->log_key;
	return SC_OK;
}

enum sc_err backup_reader_new(const struct backup_source *from, struct sc_diag *d,
    struct backup_header *h, struct backup_reader **out)
{
	struct backup_reader *r;
	enum sc_err err;

	*out = NULL;
	if ((r = malloc(sizeof(*r))) == NULL)
		return SC_NOMEM;
	memset(r, 0, offsetof(struct backup_reader, body));
	r->from = *from;
	hash_sha256_init(&r->hash);
	if ((err = begin(r, d, h)) == SC_OK) {
		*out = r;
		r = NULL;
	}
	backup_reader_free(r);
	return err;
}

void backup_reader_free(struct backup_reader *r)
{
	free(r);
}

/* The body is the trailer: does it fit to all that was read, and is it the end? */
static enum sc_err finish(struct backup_reader *r, struct sc_diag *d)
{
	uint8_t said[STREAM_SAID_MAX], more;
	enum sc_err err;
	size_t got = 0;

	stream_end_parse(r->body, &r->end);
	hash_sha256_final(&r->hash, r->counted.hash);
	if (memcmp(&r->end, &r->counted, sizeof(r->end)) != 0) {
		sc_diag_set(d, "it was changed: what it holds is not what its trailer says");
		return SC_AUTH;
	}
	if (!sign_verify(&r->key, stream_end_said(r->body, said),
		sc_span(r->body + STREAM_END_BYTES - SIGN_BYTES, SIGN_BYTES))) {
		sc_diag_set(d, "it was changed: its signature does not fit");
		return SC_AUTH;
	}
	if ((err = r->from.read(r->from.arg, &more, 1, &got)) != SC_OK)
		return err;
	return got == 0 ? SC_OK : malformed(d, "there is more behind its trailer");
}

static struct store_value column(struct sc_reader *r, char kind)
{
	struct store_value v = { .kind = STORE_NUMBER };

	if (kind == 'n')
		v.number = (int64_t)sc_read_u64(r);
	else if (kind == 'i')
		v.number = sc_read_u32(r);
	else
		v.bytes = sc_read_field16(r);
	if (kind == 'b' || kind == 't')
		v.kind = kind == 'b' ? STORE_BLOB : STORE_TEXT;
	return v;
}

enum sc_err backup_reader_row(struct backup_reader *r, struct sc_diag *d, enum backup_part *part,
    struct store_value v[static BACKUP_COLUMNS])
{
	const char *kinds;
	enum sc_err err;

	if (r->rows.p == r->rows.end && (err = next_part(r, d)) != SC_OK)
		return err;
	*part = r->part;
	if (r->part == BACKUP_TRAILER)
		return finish(r, d);
	kinds = backup_tables[r->part].columns;
	for (size_t i = 0; kinds[i] != '\0'; i++)
		v[i] = column(&r->rows, kinds[i]);
	if (r->rows.bad)
		return malformed(d, "a row that does not end with its part");
	r->counted.rows[r->part]++;
	return SC_OK;
}

const struct backup_end *backup_reader_end(const struct backup_reader *r)
{
	return &r->end;
}

uint64_t backup_reader_bytes(const struct backup_reader *r)
{
	return r->bytes;
}
