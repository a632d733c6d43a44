/*
 * source_csv.c - rows of a CSV file, which must stay as it is while they are read.
 */
#include "analytics/views/source_csv.h"

#include "analytics/views/csv.h"
#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_PERSON SIZE_MAX

struct view_csv {
	struct view_source source;
	struct csv_reader *reader;
	char *path;
	int fd;
	struct stat was;
	size_t person; /* column, or NO_PERSON */
	uint64_t row;
	EVP_MD_CTX *sha;
	struct sc_arena arena; /* names */
};

static enum sc_err fail(const struct view_csv *c, struct sc_diag *d, enum sc_err err,
    const char *what)
{
	sc_diag_set(d, "%s%s%s", what, err == SC_IO && errno != 0 ? ": " : "",
	    err == SC_IO && errno != 0 ? strerror(errno) : "");
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", c->path);
	return err;
}

static ssize_t read_some(void *arg, void *p, size_t n)
{
	const struct view_csv *c = arg;
	ssize_t got;

	do
		got = read(c->fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

/* ---- rows ----------------------------------------------------------------------------- */

/* Whose it is: a number that tells nothing by itself, and is the same in every file. */
static enum sc_err number_person(struct view_csv *c, struct sc_span cell, uint64_t *out)
{
	static const char domain[] = "scrim view person";
	uint8_t sum[EVP_MAX_MD_SIZE];

	if (EVP_DigestInit_ex(c->sha, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(c->sha, domain, sizeof(domain)) != 1 ||
	    EVP_DigestUpdate(c->sha, cell.p, cell.n) != 1 ||
	    EVP_DigestFinal_ex(c->sha, sum, NULL) != 1)
		return SC_NOMEM;
	memcpy(out, sum, sizeof(*out));
	return SC_OK;
}

static enum sc_err next(void *arg, struct sc_span *cells, uint64_t *person, bool *end,
    struct sc_diag *d)
{
	struct view_csv *c = arg;
	const struct sc_span *v;
	size_t n;
	enum sc_err err = csv_next(c->reader, &v, &n, d);

	if (err != SC_OK)
		return err;
	*end = n == 0;
	if (*end)
		return SC_OK;
	memcpy(cells, v, n * sizeof(*v));
	*person = ++c->row;
	if (d != NULL)
		d->line = csv_line(c->reader); /* what is wrong with its values is there */
	if (c->person == NO_PERSON)
		return SC_OK;
	if (v[c->person].n == 0) {
		err = fail(c, d, SC_SYNTAX, "a row that does not say whose it is");
		return err;
	}
	return number_person(c, v[c->person], person);
}

static enum sc_err again(void *arg, struct sc_diag *d)
{
	struct view_csv *c = arg;
	struct stat st;

	if (fstat(c->fd, &st) != 0 || lseek(c->fd, 0, SEEK_SET) != 0)
		return fail(c, d, SC_IO, "it cannot be read again");
	if (st.st_size != c->was.st_size || st.st_mtim.tv_sec != c->was.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != c->was.st_mtim.tv_nsec)
		return fail(c, d, SC_STALE, "it changed while it was read: start anew");
	csv_again(c->reader);
	c->row = 0;
	const struct sc_span *names;
	size_t n;

	return csv_next(c->reader, &names, &n, d);
}

/* ---- opening -------------------------------------------------------------------------- */

static enum sc_err read_names(struct view_csv *c, struct sc_diag *d)
{
	const struct sc_span *cells;
	const char **names;
	size_t n;
	enum sc_err err = csv_next(c->reader, &cells, &n, d);

	if (err != SC_OK)
		return err;
	if (n == 0)
		return fail(c, d, SC_SYNTAX, "it is empty: the first line names the columns");
	if ((names = sc_arena_alloc(&c->arena, n * sizeof(*names))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if ((names[i] = sc_arena_copy(&c->arena, cells[i])) == NULL)
			return SC_NOMEM;
		for (size_t j = 0; j < i; j++)
			if (names[i][0] != '\0' && strcmp(names[i], names[j]) == 0)
				return fail(c, d, SC_SYNTAX,
				    "two columns have the same name in its first line");
	}
	c->source.names = names;
	c->source.n = n;
	return SC_OK;
}

static enum sc_err find_person(struct view_csv *c, const char *person, struct sc_diag *d)
{
	c->person = NO_PERSON;
	for (size_t i = 0; person != NULL && i < c->source.n; i++)
		if (strcmp(c->source.names[i], person) == 0)
			c->person = i;
	if (person == NULL || c->person != NO_PERSON)
		return SC_OK;
	sc_diag_set(d, "its first line names no column \"%.60s\", which says whose a row is",
	    person);
	if (d != NULL)
		snprintf(d->file, sizeof(d->file), "%.255s", c->path);
	return SC_SYNTAX;
}

static enum sc_err open_file(struct view_csv *c, struct sc_diag *d)
{
	errno = 0;
	if ((c->fd = open(c->path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(c->fd, &c->was) != 0)
		return fail(c, d, SC_IO, "it cannot be opened");
	errno = 0;
	return S_ISREG(c->was.st_mode) ?
	    SC_OK :
	    fail(c, d, SC_IO, "it is not a file: it must be one that can be read twice");
}

enum sc_err view_csv_open(const char *path, char separator, const char *person, struct sc_diag *d,
    struct view_csv **out)
{
	struct view_csv *c = calloc(1, sizeof(*c));
	enum sc_err err;

	*out = NULL;
	if (c == NULL)
		return SC_NOMEM;
	c->fd = -1;
	c->source = (struct view_source){ .next = next, .again = again, .arg = c };
	if ((c->path = strdup(path)) == NULL || (c->sha = EVP_MD_CTX_new()) == NULL)
		err = SC_NOMEM;
	else if ((err = open_file(c, d)) == SC_OK &&
	    (err = csv_new(read_some, c, separator, c->path, &c->reader)) == SC_OK &&
	    (err = read_names(c, d)) == SC_OK)
		err = find_person(c, person, d);
	if (err != SC_OK) {
		view_csv_close(c);
		return err;
	}
	*out = c;
	return SC_OK;
}

void view_csv_close(struct view_csv *c)
{
	if (c == NULL)
		return;
	csv_free(c->reader);
	if (c->fd >= 0)
		close(c->fd);
	EVP_MD_CTX_free(c->sha);
	free(c->path);
	sc_arena_fini(&c->arena);
	free(c);
}

struct view_source *view_csv_source(struct view_csv *c)
{
	return &c->source;
}
