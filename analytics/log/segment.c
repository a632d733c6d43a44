/*
 * segment.c - frames in and out of a file.
 */
#include "analytics/log/segment.h"

#include "base/log.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_FRAMES 8192
#define PIECE_BYTES ((size_t)PIECE_FRAMES * FEED_FRAME_BYTES)

/* ---- names ------------------------------------------------------------------------- */

void segment_name(uint32_t number, const char *ending, char out[static SEGMENT_NAME_BYTES])
{
	snprintf(out, SEGMENT_NAME_BYTES, "%08u.%.3s", number % 100000000u, ending);
}

bool segment_name_parse(const char *name, uint32_t *number, const char **ending)
{
	uint32_t n = 0;

	if (strlen(name) != 12 || name[8] != '.')
		return false;
	for (int i = 0; i < 8; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(name[i] - '0');
	}
	*number = n;
	*ending = name + 9;
	return strcmp(*ending, "seg") == 0 || strcmp(*ending, "ids") == 0;
}

static int open_segment(int dirfd, uint32_t number, int flags)
{
	char name[SEGMENT_NAME_BYTES];

	segment_name(number, "seg", name);
	return openat(dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* ---- reading ------------------------------------------------------------------------ */

struct segment_pass {
	int fd;
	uint32_t number, frames, at; /* how many; the next one */
	uint8_t *buf;
	EVP_MD_CTX *sha;
	segment_each_fn *each;
	void *arg;
};

static enum sc_err broken(uint32_t number, uint32_t place, enum sc_err err)
{
	log_event(LOG_ERROR, "eventlog.broken", LOG_U64("segment", number), LOG_U64("frame", place),
	    LOG_ERR("err", err), LOG_END);
	return SC_CORRUPT;
}

/* The next piece, whole: fewer bytes than there were is not our file any more. */
static enum sc_err fetch(struct segment_pass *p, size_t n)
{
	uint64_t offset = (uint64_t)p->at * FEED_FRAME_BYTES;
	ssize_t r;

	for (size_t have = 0; have < n; have += (size_t)r) {
		r = pread(p->fd, p->buf + have, n - have, (off_t)(offset + have));
		if (r < 0)
			return SC_IO;
		if (r == 0)
			return broken(p->number, p->frames, SC_IO);
	}
	if (p->sha != NULL && EVP_DigestUpdate(p->sha, p->buf, n) != 1)
		return SC_NOMEM;
	return SC_OK;
}

static enum sc_err tell_piece(struct segment_pass *p, uint32_t n)
{
	struct feed_frame f;
	enum sc_err err;

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *raw = p->buf + (size_t)i * FEED_FRAME_BYTES;

		if ((err = feed_decode(raw, &f)) != SC_OK)
			return broken(p->number, p->at + i, err);
		if ((err = p->each(p->arg, raw, &f, p->at + i)) != SC_OK)
			return err;
	}
	return SC_OK;
}

static enum sc_err tell_all(struct segment_pass *p)
{
	enum sc_err err = SC_OK;

	while (p->at < p->frames && err == SC_OK) {
		uint32_t n = p->frames - p->at < PIECE_FRAMES ? p->frames - p->at : PIECE_FRAMES;

		if ((err = fetch(p, (size_t)n * FEED_FRAME_BYTES)) == SC_OK)
			err = tell_piece(p, n);
		p->at += n;
	}
	return err;
}

static enum sc_err read_pass(struct segment_pass *p, int dirfd, uint8_t *sha256)
{
	enum sc_err err = SC_NOMEM;

	if ((p->fd = open_segment(dirfd, p->number, O_RDONLY)) < 0)
		return SC_IO;
	if ((p->buf = malloc(PIECE_BYTES)) == NULL ||
	    (sha256 != NULL && (p->sha = EVP_MD_CTX_new()) == NULL) ||
	    (sha256 != NULL && EVP_DigestInit_ex(p->sha, EVP_sha256(), NULL) != 1))
		goto out;
	if ((err = tell_all(p)) == SC_OK && sha256 != NULL &&
	    EVP_DigestFinal_ex(p->sha, sha256, NULL) != 1)
		err = SC_NOMEM;
out:
	EVP_MD_CTX_free(p->sha);
	free(p->buf);
	close(p->fd);
	return err;
}

enum sc_err segment_read(int dirfd, uint32_t number, uint32_t frames, segment_each_fn *each,
    void *arg, uint8_t sha256[SEGMENT_SUM_BYTES])
{
	struct segment_pass p = { .number = number, .frames = frames, .each = each, .arg = arg };

	return read_pass(&p, dirfd, sha256);
}

enum sc_err segment_read_from(int dirfd, uint32_t number, uint32_t from, uint32_t frames,
    segment_each_fn *each, void *arg)
{
	struct segment_pass p = { .number = number,
		.at = from,
		.frames = frames,
		.each = each,
		.arg = arg };

	return from < frames ? read_pass(&p, dirfd, NULL) : SC_OK;
}

enum sc_err segment_frame(int dirfd, uint32_t number, uint32_t place, struct feed_frame *out)
{
	uint8_t raw[FEED_FRAME_BYTES];
	int fd = open_segment(dirfd, number, O_RDONLY);
	bool got;

	if (fd < 0)
		return SC_IO;
	got = pread(fd, raw, sizeof(raw), (off_t)place * FEED_FRAME_BYTES) == sizeof(raw);
	close(fd);
	return got && feed_decode(raw, out) == SC_OK ? SC_OK : SC_CORRUPT;
}

void segment_count(struct log_segment *s, const struct feed_frame *f)
{
	s->kept += f->type != FEED_COMMIT;
	s->events += f->type == FEED_EVENT;
	if (f->type == FEED_COUNT && f->u.count.reason == FEED_SAME_ID)
		s->duplicates += f->u.count.n;
}

uint64_t segment_id_of(const struct feed_frame *f)
{
	if (f->type == FEED_EVENT)
		return f->u.event.id;
	return f->type == FEED_VERDICT ? f->u.verdict.event : 0;
}

uint32_t segment_place(const struct feed_frame *f, uint32_t place)
{
	return f->type == FEED_VERDICT ? place | IDS_VERDICT : place;
}

/* ---- writing ------------------------------------------------------------------------- */

enum sc_err segment_write(int fd, const void *p, size_t n, uint64_t offset)
{
	ssize_t w;

	for (size_t at = 0; at < n; at += (size_t)w)
		if ((w = pwrite(fd, (const uint8_t *)p + at, n - at, (off_t)(offset + at))) <= 0)
			return SC_IO;
	return SC_OK;
}

enum sc_err segment_writer_open(struct segment_writer *w, int dirfd, uint32_t number)
{
	memset(w, 0, sizeof(*w));
	if ((w->fd = open_segment(dirfd, number, O_WRONLY | O_CREAT | O_EXCL)) < 0)
		return SC_IO;
	if ((w->buf = malloc(PIECE_BYTES)) == NULL || (w->sha = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(w->sha, EVP_sha256(), NULL) != 1)
		return SC_NOMEM;
	return SC_OK;
}

static enum sc_err flush(struct segment_writer *w)
{
	const uint64_t offset = (uint64_t)w->frames * FEED_FRAME_BYTES - w->n;
	enum sc_err err;

	if ((err = segment_write(w->fd, w->buf, w->n, offset)) != SC_OK)
		return err;
	if (EVP_DigestUpdate(w->sha, w->buf, w->n) != 1)
		return SC_NOMEM;
	w->n = 0;
	return SC_OK;
}

enum sc_err segment_writer_put(struct segment_writer *w, const uint8_t raw[static FEED_FRAME_BYTES])
{
	memcpy(w->buf + w->n, raw, FEED_FRAME_BYTES);
	w->n += FEED_FRAME_BYTES;
	w->frames++;
	return w->n == PIECE_BYTES ? flush(w) : SC_OK;
}

enum sc_err segment_writer_end(struct segment_writer *w, uint8_t sha256[static SEGMENT_SUM_BYTES])
{
	enum sc_err err;

	if ((err = flush(w)) != SC_OK)
		return err;
	if (EVP_DigestFinal_ex(w->sha, sha256, NULL) != 1)
		return SC_NOMEM;
	return fsync(w->fd) == 0 ? SC_OK : SC_IO;
}

void segment_writer_fini(struct segment_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	EVP_MD_CTX_free(w->sha);
	free(w->buf);
	w->fd = -1;
	w->sha = NULL;
	w->buf = NULL;
}
