/*
 * segment.c - the spool's files: made, read through after a crash, cut
 * where it tore them.
 */
#include "gateway/spool/segment.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "crypto/prim/random.h"
#include "crypto/tlog/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1024 * FEED_FRAME_BYTES)

static const uint8_t magic[8] = { 'S', 'C', 'S', 'P', 'O', 'O', 'L', 1 };
static const char suffix[] = ".spool";

/* ---- head and name ------------------------------------------------------------------ */

void spool_head_encode(uint64_t spool, uint64_t first, uint8_t out[static SPOOL_HEAD])
{
	memset(out, 0, SPOOL_HEAD);
	memcpy(out, magic, sizeof(magic));
	sc_be64_store(out + 8, spool);
	sc_be64_store(out + 16, first);
	sc_be32_store(out + SPOOL_HEAD - 4, crc32c(out, SPOOL_HEAD - 4));
}

bool spool_head_decode(const uint8_t in[static SPOOL_HEAD], uint64_t *spool, uint64_t *first)
{
	uint8_t same[SPOOL_HEAD];

	*spool = sc_be64_load(in + 8);
	*first = sc_be64_load(in + 16);
	spool_head_encode(*spool, *first, same);
	return *spool != 0 && memcmp(in, same, sizeof(same)) == 0;
}

void spool_segment_name(uint64_t first, char out[static SPOOL_NAME])
{
	(void)snprintf(out, SPOOL_NAME, "%016" PRIx64 "%s", first, suffix);
}

/* Is NAME a segment's, of which *FIRST? */
static bool name_parse(const char *name, uint64_t *first)
{
	char same[SPOOL_NAME];

	*first = strtoull(name, NULL, 16);
	spool_segment_name(*first, same);
	return strcmp(name, same) == 0;
}

/* ---- reading through ------------------------------------------------------------------ */

/* One segment while it is read: what is whole, and what comes behind it. */
struct segment_walk {
	int fd;
	uint64_t spool, size;
	uint64_t next;  /* number of the frame at hand */
	uint64_t whole; /* bytes until behind the last good COMMIT */
	uint64_t whole_next;
	bool bad;    /* something behind WHOLE is no frame of ours */
	bool sealed; /* and what is bad was acknowledged once */
	bool failed;
	uint8_t *block;
};

/* The frame at P, which ends at END. Before anything is bad. */
static void walk_frame(struct segment_walk *w, const uint8_t *p, uint64_t end)
{
	struct feed_frame f;

	if (feed_decode(p, &f) != SC_OK || f.type > FEED_COMMIT) {
		w->bad = true;
	} else if (f.type != FEED_COMMIT) {
		w->next++;
	} else if (f.u.commit.spool != w->spool || f.u.commit.next != w->next) {
		w->bad = true;
	} else {
		w->whole = end;
		w->whole_next = w->next;
	}
}

/*
 * Behind something bad: a COMMIT that something follows, or that has more frames
 * before it than it says (the bad one was a COMMIT itself), was not the last.
 */
static void walk_behind(struct segment_walk *w, const uint8_t *p, uint64_t end)
{
	const uint64_t before = (end - w->whole) / FEED_FRAME_BYTES - 1;
	struct feed_frame f;

	if (feed_decode(p, &f) == SC_OK && f.type == FEED_COMMIT && f.u.commit.spool == w->spool &&
	    (end < w->size || f.u.commit.next - w->whole_next != before))
		w->sealed = true;
}

static size_t block_read(struct segment_walk *w, uint64_t at)
{
	const size_t want = w->size - at < BLOCK ? (size_t)(w->size - at) : BLOCK;
	const ssize_t n = pread(w->fd, w->block, want, (off_t)at);

	if (n != (ssize_t)want)
		w->failed = true;
	return w->failed ? 0 : want;
}

static void walk(struct segment_walk *w)
{
	size_t n;

	for (uint64_t at = SPOOL_HEAD; at < w->size && !w->failed; at += BLOCK) {
		n = block_read(w, at);
		for (size_t i = 0; i + FEED_FRAME_BYTES <= n; i += FEED_FRAME_BYTES) {
			const uint64_t end = at + i + FEED_FRAME_BYTES;

			if (!w->bad)
				walk_frame(w, w->block + i, end);
			else
				walk_behind(w, w->block + i, end);
		}
	}
}

static enum sc_err head_check(struct spool_files *f, int fd, uint64_t first, const char *name,
    struct sc_diag *d)
{
	uint8_t head[SPOOL_HEAD];
	uint64_t spool, number;
	const ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return files_failed(d, name, "cannot be read");
	if (n != (ssize_t)sizeof(head) || !spool_head_decode(head, &spool, &number) ||
	    number != first)
		return files_say(d, name, SC_CORRUPT, "its head is damaged");
	if (f->spool != 0 && f->spool != spool)
		return files_say(d, name, SC_CORRUPT, "it is another spool's");
	f->spool = spool;
	return SC_OK;
}

/* Cut what a crash tore off, so that what is appended follows what is whole. */
static enum sc_err cut(struct spool_files *f, int fd, const struct segment_walk *w,
    const char *name, struct sc_diag *d)
{
	f->cut = w->size - w->whole;
	if (f->cut == 0)
		return SC_OK;
	if (ftruncate(fd, (off_t)w->whole) != 0 || fsync(fd) != 0)
		return files_failed(d, name, "its torn end cannot be cut");
	return SC_OK;
}

static enum sc_err segment_check(struct spool_files *f, struct spool_segment *s, int fd, bool last,
    struct segment_walk *w, const char *name, struct sc_diag *d)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return files_failed(d, name, "cannot be read");
	*w = (struct segment_walk){ .block = w->block,
		.fd = fd,
		.spool = f->spool,
		.size = (uint64_t)st.st_size,
		.next = s->first,
		.whole = SPOOL_HEAD,
		.whole_next = s->first };
	walk(w);
	if (w->failed)
		return files_failed(d, name, "cannot be read");
	s->end = w->whole_next;
	s->bytes = w->whole;
	if (w->sealed || (!last && w->whole != w->size))
		return files_say(d, name, SC_CORRUPT, "it is damaged behind byte %" PRIu64,
		    w->whole);
	return last ? cut(f, fd, w, name, d) : SC_OK;
}

static enum sc_err segment_open(struct spool_files *f, size_t i, struct segment_walk *w,
    struct sc_diag *d)
{
	struct spool_segment *s = &f->v[i];
	char name[SPOOL_NAME];
	enum sc_err err;
	int fd;

	spool_segment_name(s->first, name);
	if (i > 0 && f->v[i - 1].end != s->first)
		return files_say(d, name, SC_CORRUPT,
		    "it begins with frame %" PRIu64 "; the one before it ends with %" PRIu64,
		    s->first, f->v[i - 1].end);
	if ((fd = openat(f->dirfd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return files_failed(d, name, "cannot be opened");
	err = head_check(f, fd, s->first, name, d);
	if (err == SC_OK)
		err = segment_check(f, s, fd, i + 1 == f->n, w, name, d);
	close(fd);
	return err;
}

/* ---- a folder --------------------------------------------------------------------------- */

enum sc_err spool_files_reserve(struct spool_files *f)
{
	const size_t room = f->room == 0 ? 16 : 2 * f->room;
	struct spool_segment *v;

	if (f->n < f->room)
		return SC_OK;
	if ((v = realloc(f->v, room * sizeof(*v))) == NULL)
		return SC_NOMEM;
	f->v = v;
	f->room = room;
	return SC_OK;
}

void spool_files_add(struct spool_files *f, uint64_t first)
{
	f->v[f->n++] = (struct spool_segment){ .first = first, .end = first, .bytes = SPOOL_HEAD };
}

static int by_first(const void *a, const void *b)
{
	const struct spool_segment *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static enum sc_err list(struct spool_files *f, struct sc_diag *d)
{
	const int fd = openat(f->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum sc_err err = SC_OK;
	const struct dirent *e;
	uint64_t first;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return files_failed(d, ".", "cannot be listed");
	}
	while (err == SC_OK && (e = readdir(dir)) != NULL)
		if (name_parse(e->d_name, &first) && (err = spool_files_reserve(f)) == SC_OK)
			spool_files_add(f, first);
	closedir(dir);
	if (f->n > 0)
		qsort(f->v, f->n, sizeof(*f->v), by_first);
	return err;
}

enum sc_err spool_segment_make(const struct spool_files *f, uint64_t first, struct sc_diag *d)
{
	uint8_t head[SPOOL_HEAD];
	char name[SPOOL_NAME];

	spool_segment_name(first, name);
	spool_head_encode(f->spool, first, head);
	return files_replace(f->dirfd, name, sc_span(head, sizeof(head)), d);
}

static enum sc_err begin(struct spool_files *f, struct sc_diag *d)
{
	enum sc_err err;

	while (f->spool == 0)
		random_bytes(&f->spool, sizeof(f->spool));
	if ((err = spool_files_reserve(f)) == SC_OK && (err = spool_segment_make(f, 0, d)) == SC_OK)
		spool_files_add(f, 0);
	return err;
}

enum sc_err spool_files_open(struct spool_files *f, int dirfd, struct sc_diag *d)
{
	struct segment_walk w;
	enum sc_err err;

	*f = (struct spool_files){ .dirfd = dirfd };
	if ((err = list(f, d)) != SC_OK)
		return err;
	if (f->n == 0)
		return begin(f, d);
	if ((w.block = malloc(BLOCK)) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < f->n && err == SC_OK; i++)
		err = segment_open(f, i, &w, d);
	free(w.block);
	return err;
}

void spool_files_fini(struct spool_files *f)
{
	free(f->v);
	*f = (struct spool_files){ .dirfd = -1 };
}

const struct spool_segment *spool_files_find(const struct spool_files *f, uint64_t number)
{
	size_t i = f->n - 1;

	while (i > 0 && f->v[i].first > number)
		i--;
	return &f->v[i];
}
