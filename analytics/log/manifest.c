/*
 * manifest.c - the manifest as JSON, read by rows of keys.
 */
#include "analytics/log/manifest.h"

#include "base/text/jsonw.h"
#include "base/text/shape.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT 1
#define NUMBER_MAX 99999999
#define TEMPORARY MANIFEST_NAME ".tmp"

struct manifest_file {
	uint8_t format;
	struct log_manifest m;
};

#define AT(field) SHAPE_AT(struct log_segment, field)
static const struct shape_row closed_rows[] = {
	{ "segment", shape_count, AT(number), .need = true, .once = true, .min = 1,
	    .max = NUMBER_MAX },
	{ "day", shape_count, AT(day), .need = true, .max = UINT32_MAX },
	{ "frames", shape_count, AT(frames), .need = true, .max = SEGMENT_FRAMES },
	{ "kept", shape_count, AT(kept), .need = true, .max = SEGMENT_FRAMES },
	{ "events", shape_count, AT(events), .need = true, .max = SEGMENT_FRAMES },
	{ "duplicates", shape_count, AT(duplicates), .need = true, .max = INT64_MAX },
	{ "gone", shape_count, AT(gone), .need = true, .max = UINT32_MAX },
	{ "devices", shape_bool, AT(devices), .need = true },
	{ "sha256", shape_digest, AT(sha256), .need = true },
	{ .key = NULL },
};
static const struct shape closed = { .what = "segment",
	.rows = closed_rows,
	.size = sizeof(struct log_segment) };
#undef AT

#define AT(field) SHAPE_AT(struct manifest_file, field)
static const struct shape_row rows[] = {
	{ "format", shape_count, AT(format), .need = true, .min = FORMAT, .max = FORMAT },
	{ "next", shape_count, AT(m.next), .need = true, .min = 2, .max = NUMBER_MAX },
	{ "open", shape_count, AT(m.open), .need = true, .min = 1, .max = NUMBER_MAX - 1 },
	{ "open_day", shape_count, AT(m.open_day), .need = true, .max = UINT32_MAX },
	{ "erased", shape_count, AT(m.erased), .need = true, .max = INT64_MAX },
	{ "closed", shape_list, SHAPE_LIST(struct manifest_file, m.closed, m.n_closed),
	    .need = true, .shape = &closed, .max = MANIFEST_SEGMENTS_MAX },
	{ .key = NULL },
};
#undef AT
static const struct shape manifest = { .what = "manifest", .rows = rows };

/* What was read lives in an arena that goes: only the list is kept. */
static enum sc_err keep(const struct log_manifest *from, struct log_manifest *m)
{
	*m = *from;
	if ((m->closed = calloc(from->n_closed + 1, sizeof(*m->closed))) == NULL)
		return SC_NOMEM;
	if (from->n_closed > 0)
		memcpy(m->closed, from->closed, from->n_closed * sizeof(*m->closed));
	return SC_OK;
}

enum sc_err manifest_read(int dirfd, const char *dir, struct sc_diag *d, struct log_manifest *m,
    bool *found)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct manifest_file file = { .format = 0 };
	char path[1100];
	enum sc_err err;

	memset(m, 0, sizeof(*m));
	*found = faccessat(dirfd, MANIFEST_NAME, F_OK, 0) == 0;
	if (!*found)
		return SC_OK;
	snprintf(path, sizeof(path), "%s/" MANIFEST_NAME, dir);
	err = shape_load_file(&c, path, &manifest, &file);
	if (err == SC_OK)
		err = keep(&file.m, m);
	else if (d != NULL)
		*d = all.v[0];
	sc_arena_fini(&arena);
	return err == SC_SYNTAX || err == SC_LIMIT ? SC_CORRUPT : err;
}

/* ---- writing ------------------------------------------------------------------------ */

static void put_segment(struct jsonw *w, const struct log_segment *s)
{
	jsonw_object(w);
	jsonw_ku64(w, "segment", s->number);
	jsonw_ku64(w, "day", s->day);
	jsonw_ku64(w, "frames", s->frames);
	jsonw_ku64(w, "kept", s->kept);
	jsonw_ku64(w, "events", s->events);
	jsonw_ku64(w, "duplicates", s->duplicates);
	jsonw_ku64(w, "gone", s->gone);
	jsonw_key(w, "devices");
	jsonw_bool(w, s->devices);
	jsonw_key(w, "sha256");
	jsonw_hex(w, s->sha256, sizeof(s->sha256));
	jsonw_object_end(w);
}

static enum sc_err print(const struct log_manifest *m, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_ku64(&w, "format", FORMAT);
	jsonw_ku64(&w, "next", m->next);
	jsonw_ku64(&w, "open", m->open);
	jsonw_ku64(&w, "open_day", m->open_day);
	jsonw_ku64(&w, "erased", m->erased);
	jsonw_key(&w, "closed");
	jsonw_array(&w);
	for (size_t i = 0; i < m->n_closed; i++)
		put_segment(&w, &m->closed[i]);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return w.err == SC_OK ? sc_buf_put_str(out, "\n") : w.err;
}

static enum sc_err place(int dirfd, const struct sc_buf *b, bool *placed)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(dirfd, TEMPORARY, flags, 0600);
	bool ok = fd >= 0 && segment_write(fd, b->p, b->n, 0) == SC_OK && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (!ok || renameat(dirfd, TEMPORARY, dirfd, MANIFEST_NAME) != 0) {
		(void)unlinkat(dirfd, TEMPORARY, 0);
		return SC_IO;
	}
	*placed = true;
	return fsync(dirfd) == 0 ? SC_OK : SC_IO;
}

enum sc_err manifest_write(int dirfd, const struct log_manifest *m, bool *placed)
{
	struct sc_buf b;
	enum sc_err err = SC_LIMIT;

	*placed = false;
	sc_buf_init(&b, DOC_BYTES_MAX);
	if (m->n_closed <= MANIFEST_SEGMENTS_MAX && (err = print(m, &b)) == SC_OK)
		err = place(dirfd, &b, placed);
	sc_buf_fini(&b);
	return err;
}
