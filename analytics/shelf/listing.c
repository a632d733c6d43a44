/*
 * listing.c - what is on a shelf: folders whose names are datasets, in them folders whose
 * names are numbers. Anything else there is no release, and not told.
 */
#include "analytics/shelf/disk.h"
#include "analytics/shelf/names.h"
#include "analytics/shelf/shelf.h"
#include "base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct shelf_list {
	int folder;
	struct sc_name *names; /* either these */
	uint64_t *numbers;     /* or those */
	size_t n, cap;
};

enum sc_err shelf_path(const char *root, const char *dataset, uint64_t number, char *out,
    size_t size)
{
	const int n = snprintf(out, size, "%s/%s/%" PRIu64, root, dataset, number);

	return n >= 0 && (size_t)n < size ? SC_OK : SC_LIMIT;
}

static bool is_folder(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool room(void *v, size_t size, struct shelf_list *l)
{
	void **at = v, *more;

	if (l->n < l->cap)
		return true;
	if ((more = reallocarray(*at, sc_grown(l->cap), size)) == NULL)
		return false;
	*at = more;
	l->cap = sc_grown(l->cap);
	return true;
}

static enum sc_err take_name(void *arg, const char *name)
{
	struct shelf_list *l = arg;

	if (!shelf_dataset_ok(name) || !is_folder(l->folder, name))
		return SC_OK;
	if (!room(&l->names, sizeof(*l->names), l))
		return SC_NOMEM;
	return sc_name_parse(sc_span_str(name), &l->names[l->n++]);
}

static enum sc_err take_number(void *arg, const char *name)
{
	struct shelf_list *l = arg;
	uint64_t number;

	if (name[0] == '0' || !sc_span_u64(sc_span_str(name), &number) ||
	    number > SHELF_NUMBER_MAX || !is_folder(l->folder, name))
		return SC_OK;
	if (!room(&l->numbers, sizeof(*l->numbers), l))
		return SC_NOMEM;
	l->numbers[l->n++] = number;
	return SC_OK;
}

/* What is in the folder PATH, by TAKE; a folder that is not there holds nothing. */
static enum sc_err list(const char *path, disk_name_fn *take, struct shelf_list *l,
    struct sc_diag *d)
{
	enum sc_err err;

	l->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->folder < 0)
		return errno == ENOENT ? SC_OK :
					 disk_say(d, path, SC_IO, "the shelf cannot be read");
	if ((err = disk_names(l->folder, take, l)) != SC_OK)
		(void)disk_say(d, path, err, "the shelf cannot be read");
	close(l->folder);
	return err;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sc_name *)a)->s, ((const struct sc_name *)b)->s);
}

static int newest_first(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

enum sc_err shelf_datasets(const char *root, shelf_dataset_fn *each, void *arg, struct sc_diag *d)
{
	struct shelf_list l = { .n = 0 };
	enum sc_err err = list(root, take_name, &l, d);

	if (l.n > 0)
		qsort(l.names, l.n, sizeof(*l.names), by_name);
	for (size_t i = 0; i < l.n && err == SC_OK; i++)
		each(arg, l.names[i].s);
	free(l.names);
	return err;
}

enum sc_err shelf_numbers(const char *root, const char *dataset, shelf_number_fn *each, void *arg,
    struct sc_diag *d)
{
	struct shelf_list l = { .n = 0 };
	char path[PATH_MAX];
	enum sc_err err;

	if (!shelf_dataset_ok(dataset))
		return SC_OK; /* no folder of that name is one */
	if (snprintf(path, sizeof(path), "%s/%s", root, dataset) >= (int)sizeof(path))
		return disk_say(d, root, SC_IO, "the shelf's path is too long");
	err = list(path, take_number, &l, d);
	if (l.n > 0)
		qsort(l.numbers, l.n, sizeof(*l.numbers), newest_first);
	for (size_t i = 0; i < l.n && err == SC_OK; i++)
		each(arg, l.numbers[i]);
	free(l.numbers);
	return err;
}

static void take_greatest(void *arg, uint64_t number)
{
	uint64_t *greatest = arg;

	if (number > *greatest)
		*greatest = number;
}

enum sc_err shelf_newest(const char *root, const char *dataset, struct sc_diag *d, uint64_t *number)
{
	*number = 0;
	return shelf_numbers(root, dataset, take_greatest, number, d);
}
