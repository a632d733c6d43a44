/*
 * mirror_read.c - reading the mirror's journal, whose last record may have been cut by whatever
 * killed the machine.
 */
#include "crypto/keystore/mirror_int.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a record ---- */

/* How long it says that it is, hash included; 0: no record begins here. */
static uint64_t said(struct sc_span text)
{
	uint32_t n;

	if (text.n < 8 || sc_be32_load(text.p) != MIRROR_MAGIC)
		return 0;
	n = sc_be32_load(text.p + 4);
	return n < MIRROR_LEAD - 8 || n > MIRROR_LEAD - 8 + MIRROR_ROWS_MAX ?
	    0 :
	    UINT64_C(8) + n + HASH_BYTES;
}

bool mirror_record_parse(struct sc_span text, struct mirror_record *out, size_t *used)
{
	const uint64_t n = said(text);
	struct sc_reader r;
	uint8_t hash[HASH_BYTES];

	if (n == 0 || n > text.n)
		return false;
	hash_sha256(sc_span(text.p, (size_t)n - HASH_BYTES), hash);
	if (memcmp(hash, text.p + n - HASH_BYTES, HASH_BYTES) != 0)
		return false;
	r = sc_reader(sc_span(text.p + 8, MIRROR_LEAD - 8));
	memcpy(out->base, sc_read_bytes(&r, MIRROR_BASE_BYTES).p, MIRROR_BASE_BYTES);
	out->seq = sc_read_u64(&r);
	out->now.gen = sc_read_u64(&r);
	out->now.epoch = sc_read_u64(&r);
	out->now.high = sc_read_u64(&r);
	out->now.lease = sc_read_u64(&r);
	out->now.people = sc_read_u64(&r);
	out->now.applied = sc_read_u64(&r);
	out->rows = sc_span(text.p + MIRROR_LEAD, (size_t)n - MIRROR_LEAD - HASH_BYTES);
	*used = (size_t)n;
	return true;
}

enum sc_err mirror_row_next(struct sc_span *rows, bool *there, unsigned *statement,
    struct store_value v[static STORE_VALUES_MAX])
{
	struct sc_reader r = sc_reader(*rows);
	const struct mirror_spelling *s;
	size_t row;

	*there = rows->n > 0;
	if (!*there)
		return SC_OK;
	row = sc_read_u8(&r);
	if (row == 0 || row > mirror_n_spellings)
		return SC_SYNTAX;
	s = &mirror_spellings[row - 1];
	*statement = s->statement;
	for (size_t i = 0; s->columns[i] != '\0'; i++) {
		if (s->columns[i] == 'n') {
			v[i] = store_number(sc_read_u64(&r));
			continue;
		}
		v[i].bytes = sc_read_field16(&r);
		v[i].kind = s->columns[i] == 't' ? STORE_TEXT : STORE_BLOB;
	}
	*rows = sc_span(r.p, (size_t)(r.end - r.p));
	return r.bad ? SC_SYNTAX : SC_OK;
}

/* ---- a journal ---- */

enum sc_err mirror_reader_open(struct mirror_reader *r, const char *folder,
    const uint8_t hash[static HASH_BYTES], struct sc_diag *d)
{
	struct stat st;

	memset(r, 0, sizeof(*r));
	sc_buf_init(&r->text, MIRROR_RECORD_MAX);
	memcpy(r->base, hash, MIRROR_BASE_BYTES);
	snprintf(d->file, sizeof(d->file), "%.240s/" MIRROR_JOURNAL, folder);
	r->fd = open(d->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd < 0 && errno == ENOENT)
		return SC_OK;
	if (r->fd < 0 || fstat(r->fd, &st) != 0) {
		sc_diag_set(d, "the mirror's journal cannot be opened: %s", strerror(errno));
		return SC_IO;
	}
	r->size = (uint64_t)st.st_size;
	return SC_OK;
}

void mirror_reader_close(struct mirror_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	sc_buf_fini(&r->text);
}

/* N bytes from where the reader is, or as many as there are. */
static enum sc_err fill(struct mirror_reader *r, uint64_t n, struct sc_diag *d)
{
	const uint64_t left = r->size - r->at;
	const size_t want = (size_t)(n < left ? n : left);
	uint8_t *p;
	enum sc_err err;

	sc_buf_clear(&r->text);
	if (want == 0 || (err = sc_buf_grow(&r->text, want, &p)) != SC_OK)
		return want == 0 ? SC_OK : err;
	for (size_t got = 0; got < want;) {
		const ssize_t k = pread(r->fd, p + got, want - got, (off_t)(r->at + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			sc_diag_set(d, "the mirror's journal cannot be read: %s",
			    k < 0 ? strerror(errno) : "it has become shorter");
			return SC_IO;
		}
		got += (size_t)k;
	}
	return SC_OK;
}

static enum sc_err broken(struct sc_diag *d)
{
	sc_diag_set(d,
	    "a record in the middle of the mirror's journal is broken: what was committed behind "
	    "it cannot be told. Restore the newest backup instead");
	return SC_SYNTAX;
}

/*
 * No record stands here. Each was durable before the next was begun, so if it is the last one, it
 * was never answered; any sound one behind it says that it was.
 */
static enum sc_err judge_rest(struct mirror_reader *r, struct sc_diag *d)
{
	const uint64_t left = r->size - r->at;
	struct mirror_record any;
	uint64_t n;
	size_t used;
	enum sc_err err;

	if (left > MIRROR_RECORD_MAX)
		return broken(d);
	if ((err = fill(r, left, d)) != SC_OK)
		return err;
	n = said(sc_buf_span(&r->text));
	if (n > 0 && n < left)
		return broken(d);
	for (size_t i = 1; i + MIRROR_LEAD + HASH_BYTES <= r->text.n; i++)
		if (r->text.p[i] == MIRROR_MAGIC >> 24 &&
		    mirror_record_parse(sc_span_from(sc_buf_span(&r->text), i), &any, &used))
			return broken(d);
	r->torn = true;
	return SC_OK;
}

static enum sc_err next_record(struct mirror_reader *r, struct mirror_record *out, bool *there,
    struct sc_diag *d)
{
	uint64_t n;
	size_t used;
	enum sc_err err;

	*there = false;
	if (r->at == r->size || r->torn)
		return SC_OK;
	if ((err = fill(r, 8, d)) != SC_OK)
		return err;
	n = said(sc_buf_span(&r->text));
	if (n == 0 || n > r->size - r->at)
		return judge_rest(r, d);
	if ((err = fill(r, n, d)) != SC_OK)
		return err;
	if (!mirror_record_parse(sc_buf_span(&r->text), out, &used))
		return judge_rest(r, d);
	r->at += used;
	*there = true;
	return SC_OK;
}

enum sc_err mirror_next(struct mirror_reader *r, struct mirror_record *out, bool *there,
    struct sc_diag *d)
{
	enum sc_err err;

	while ((err = next_record(r, out, there, d)) == SC_OK && *there) {
		if (memcmp(out->base, r->base, MIRROR_BASE_BYTES) == 0)
			return out->seq == r->n++ ? SC_OK : broken(d);
		/* of an earlier base: all of them, or none */
		if (r->n > 0)
			return broken(d);
		r->other = true;
	}
	return err;
}
