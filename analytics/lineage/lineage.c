/*
 * lineage.c - what is remembered is opened, saved whole, and forgotten person by person.
 */
#include "analytics/lineage/lineage_private.h"

#include "base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)4 << 30) /* bytes */

/* ---- looking ---------------------------------------------------------------------------- */

size_t lineage_dataset(const struct lineage *l, const char *dataset)
{
	size_t i = 0;

	while (i < LINEAGE_LIVE && strcmp(l->datasets[i].s, dataset) != 0)
		i++;
	return i;
}

size_t lineage_newest(const struct lineage *l, size_t dataset)
{
	for (size_t i = l->n_releases; i-- > 0;)
		if (l->releases[i].dataset == dataset)
			return i;
	return l->n_releases;
}

uint64_t lineage_number(const struct lineage *l, const char *dataset)
{
	const size_t newest = lineage_newest(l, lineage_dataset(l, dataset));

	return newest < l->n_releases ? l->releases[newest].number : 0;
}

/* NULL: nothing is known of PERSON. */
static const struct lineage_member *lineage_find(const struct lineage *l, uint64_t person)
{
	size_t low = 0, high = l->n_members;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (l->members[mid].person < person)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n_members && l->members[low].person == person ? &l->members[low] : NULL;
}

uint64_t lineage_value_hash(struct sc_span text)
{
	uint8_t sha256[crypto_hash_sha256_BYTES];
	uint64_t out;

	crypto_hash_sha256(sha256, text.p, text.n);
	memcpy(&out, sha256, sizeof(out));
	return out;
}

bool lineage_carries(const struct lineage *l, const char *dataset, uint64_t person)
{
	const size_t at = lineage_newest(l, lineage_dataset(l, dataset));
	const struct lineage_member *m = lineage_find(l, person);

	return at < l->n_releases && m != NULL &&
	    l->classes[(size_t)m->part * LINEAGE_STRIDE + at] != LINEAGE_ABSENT;
}

/* ---- forgetting --------------------------------------------------------------------------- */

void lineage_release_fini(struct lineage_release *r)
{
	free(r->values);
	free(r->masks);
	*r = (struct lineage_release){ 0 };
}

void lineage_clear(struct lineage *l)
{
	for (size_t i = 0; i < l->n_releases; i++)
		lineage_release_fini(&l->releases[i]);
	if (l->members != NULL)
		sc_wipe(l->members, l->n_members * sizeof(*l->members));
	if (l->leaving != NULL)
		sc_wipe(l->leaving, l->n_leaving * sizeof(*l->leaving));
	free(l->members);
	free(l->classes);
	free(l->erased);
	free(l->leaving);
	*l = (struct lineage){ .path = l->path };
}

void lineage_forget(struct lineage *l, uint64_t person)
{
	const struct lineage_member *m = lineage_find(l, person);

	if (m == NULL)
		return;
	const size_t at = (size_t)(m - l->members);

	/* that somebody was there stays, as a number: those who were with them must not be alone */
	l->erased[m->part]++;
	memmove(l->members + at, l->members + at + 1,
	    (l->n_members - at - 1) * sizeof(*l->members));
	l->n_members--;
	sc_wipe(l->members + l->n_members, sizeof(*l->members));
}

static int by_person(const void *va, const void *vb)
{
	const uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return (a > b) - (a < b);
}

enum sc_err lineage_leaving(struct lineage *l, const uint64_t *persons, size_t n)
{
	uint64_t *v = calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return SC_NOMEM;
	if (n > 0)
		memcpy(v, persons, n * sizeof(*v));
	qsort(v, n, sizeof(*v), by_person);
	free(l->leaving);
	l->leaving = v;
	l->n_leaving = n;
	return SC_OK;
}

/* ---- the file ------------------------------------------------------------------------------ */

static enum sc_err read_file(struct lineage *l, struct sc_diag *d)
{
	struct sc_diag none = { 0 };
	struct sc_buf bytes;
	enum sc_err err;

	if (access(l->path, F_OK) != 0 && errno == ENOENT)
		return SC_OK;
	sc_buf_init(&bytes, FILE_MAX);
	err = private_file_read(l->path, "lineage", &bytes, d == NULL ? &none : d);
	if (err == SC_OK)
		err = lineage_decode(l, sc_buf_span(&bytes), d);
	sc_buf_fini(&bytes);
	return err == SC_LIMIT || err == SC_AUTH ? SC_IO : err;
}

enum sc_err lineage_open(const char *path, struct sc_diag *d, struct lineage **out)
{
	struct lineage *l = calloc(1, sizeof(*l));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (l != NULL && (l->path = strdup(path)) != NULL)
		err = read_file(l, d);
	if (err == SC_OK)
		*out = l;
	else
		lineage_close(l);
	return err;
}

void lineage_close(struct lineage *l)
{
	if (l == NULL)
		return;
	lineage_clear(l);
	free(l->path);
	free(l);
}

static bool write_new(const char *path, struct sc_span bytes)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0;
	ssize_t n;

	for (size_t at = 0; ok && at < bytes.n; at += (size_t)n)
		ok = (n = write(fd, bytes.p + at, bytes.n - at)) > 0;
	ok = ok && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool put_in_place(const char *tmp, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const int n = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

	if (snprintf(dir, sizeof(dir), "%.*s", n, slash == NULL ? "." : path) >= (int)sizeof(dir))
		return false;
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && rename(tmp, path) == 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

enum sc_err lineage_save(struct lineage *l, struct sc_diag *d)
{
	char tmp[PATH_MAX];
	struct sc_buf bytes;
	enum sc_err err;

	sc_buf_init(&bytes, FILE_MAX);
	err = lineage_encode(l, &bytes);
	if (err == SC_OK &&
	    (snprintf(tmp, sizeof(tmp), "%s.new", l->path) >= (int)sizeof(tmp) ||
		!write_new(tmp, sc_buf_span(&bytes)) || !put_in_place(tmp, l->path))) {
		sc_diag_set(d, "the lineage cannot be written: %s", strerror(errno));
		err = SC_IO;
	}
	sc_buf_fini(&bytes);
	return err == SC_LIMIT ? SC_IO : err;
}
