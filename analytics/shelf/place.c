/*
 * place.c - a release's folder while it is made.
 */
#include "analytics/shelf/place.h"

#include "analytics/shelf/disk.h"
#include "analytics/shelf/names.h"
#include "analytics/shelf/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK ".lock"
#define BESIDE ".making" /* nobody takes it for a release: a release's name is digits */

static const char cannot_make[] = "a folder of the shelf cannot be made";
static const char cannot_write[] = "a file of the release cannot be written";

static enum sc_err remove_one(void *arg, const char *name)
{
	return unlinkat(*(const int *)arg, name, 0) == 0 ? SC_OK : SC_IO;
}

/* The folder that is made, with all that is in it; none is fine. */
static enum sc_err clear(int dataset)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dataset, BESIDE, flags);
	enum sc_err err;

	if (fd < 0)
		return errno == ENOENT ? SC_OK : SC_IO;
	err = disk_names(fd, remove_one, &fd);
	close(fd);
	if (err == SC_OK && unlinkat(dataset, BESIDE, AT_REMOVEDIR) != 0)
		err = SC_IO;
	return err;
}

/* The folder around FD is told to the disk: FD is new in it. */
static bool sync_around(int fd)
{
	const int around = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = around >= 0 && fsync(around) == 0;

	if (around >= 0)
		close(around);
	return ok;
}

/* ROOT and DATASET in it, made where they are missing, and durable. */
static enum sc_err open_dataset(const char *root, const char *dataset, int *out)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	const bool made = mkdir(root, 0755) == 0;
	bool ok;
	int fd;

	if ((!made && errno != EEXIST) || (fd = open(root, flags)) < 0)
		return SC_IO;
	ok = (mkdirat(fd, dataset, 0755) == 0 || errno == EEXIST) &&
	    (*out = openat(fd, dataset, flags | O_NOFOLLOW)) >= 0 && fsync(fd) == 0 &&
	    (!made || sync_around(fd));
	close(fd);
	return ok ? SC_OK : SC_IO;
}

/* One maker at a time: the lock is gone with who held it. */
static enum sc_err take_lock(struct shelf_place *p)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	p->lock = openat(p->dataset, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return p->lock >= 0 && fcntl(p->lock, F_OFD_SETLK, &all) == 0 ? SC_OK : SC_IO;
}

static enum sc_err make_folder(struct shelf_place *p, struct sc_diag *d)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat st;

	if (fstatat(p->dataset, p->number, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return disk_say(d, p->number, SC_STALE, "there is a release of that number");
	if (clear(p->dataset) != SC_OK)
		return disk_say(d, p->path, SC_IO, "what was left half made cannot be removed");
	if (mkdirat(p->dataset, BESIDE, 0755) != 0 ||
	    (p->folder = openat(p->dataset, BESIDE, flags)) < 0)
		return disk_say(d, p->path, SC_IO, cannot_make);
	return SC_OK;
}

enum sc_err place_begin(const char *root, const char *dataset, uint64_t number, struct sc_diag *d,
    struct shelf_place *p)
{
	const int most = (int)sizeof(p->path);

	*p = (struct shelf_place){ .dataset = -1, .folder = -1, .lock = -1 };
	if (!shelf_dataset_ok(dataset) || number == 0 || number > SHELF_NUMBER_MAX) {
		sc_diag_set(d,
		    "a dataset has a name of letters, digits, '.', '_' and '-', and "
		    "its releases count from 1");
		return SC_SYNTAX;
	}
	snprintf(p->number, sizeof(p->number), "%" PRIu64, number);
	if (snprintf(p->path, sizeof(p->path), "%s/%s/" BESIDE, root, dataset) >= most)
		return disk_say(d, root, SC_LIMIT, "the shelf's path is too long");
	if (open_dataset(root, dataset, &p->dataset) != SC_OK)
		return disk_say(d, p->path, SC_IO, cannot_make);
	if (take_lock(p) != SC_OK)
		return disk_say(d, p->path, SC_IO,
		    "the dataset is locked: is another release of it being made?");
	return make_folder(p, d);
}

enum sc_err place_path(const struct shelf_place *p, const char *name, char *out, size_t size)
{
	const int n = snprintf(out, size, "%s/%s", p->path, name);

	return n >= 0 && (size_t)n < size ? SC_OK : SC_LIMIT;
}

static int make_file(const struct shelf_place *p, const char *name)
{
	return openat(p->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* Nobody writes it again. */
static bool seal(int fd)
{
	return fchmod(fd, 0444) == 0 && fsync(fd) == 0;
}

enum sc_err place_put(const struct shelf_place *p, const char *name, struct sc_span bytes,
    struct sc_diag *d)
{
	const int fd = make_file(p, name);
	enum sc_err err = SC_OK;

	if (fd < 0 || disk_write(fd, bytes.p, bytes.n) != SC_OK || !seal(fd))
		err = disk_say(d, name, SC_IO, cannot_write);
	if (fd >= 0)
		close(fd);
	return err;
}

enum sc_err place_copy(const struct shelf_place *p, int from, const struct shelf_file *f,
    struct sc_diag *d)
{
	struct shelf_file is = { .bytes = 0 };
	int in, out = -1;
	enum sc_err err;

	if ((err = disk_open(from, f->name, d, &in)) != SC_OK)
		return err;
	if ((out = make_file(p, f->name)) < 0 ||
	    (err = disk_sum(in, out, is.sha256, &is.bytes)) != SC_OK || !seal(out))
		err = disk_say(d, f->name, err == SC_OK ? SC_IO : err, cannot_write);
	else if (is.bytes != f->bytes || memcmp(is.sha256, f->sha256, SHELF_SHA_BYTES) != 0)
		err = disk_say(d, f->name, SC_CORRUPT, "it is not what the manifest says");
	if (out >= 0)
		close(out);
	close(in);
	return err;
}

enum sc_err place_keep(const struct shelf_place *p, struct shelf_file *f, struct sc_diag *d)
{
	enum sc_err err;
	int fd;

	if ((err = disk_open(p->folder, f->name, d, &fd)) != SC_OK)
		return err;
	if ((err = disk_sum(fd, -1, f->sha256, &f->bytes)) != SC_OK || !seal(fd))
		err = disk_say(d, f->name, err == SC_OK ? SC_IO : err, cannot_write);
	close(fd);
	return err;
}

enum sc_err place_commit(struct shelf_place *p, struct sc_diag *d)
{
	if (fsync(p->folder) != 0)
		return disk_say(d, p->path, SC_IO, "the release cannot be made durable");
	if (renameat(p->dataset, BESIDE, p->dataset, p->number) != 0)
		return disk_say(d, p->path, SC_IO, "the release cannot be put in its place");
	close(p->folder);
	p->folder = -1;
	if (fsync(p->dataset) != 0)
		return disk_say(d, p->number, SC_IO, "the release cannot be made durable");
	return SC_OK;
}

void place_end(struct shelf_place *p)
{
	if (p->folder >= 0) {
		close(p->folder);
		(void)clear(p->dataset);
	}
	if (p->dataset >= 0)
		close(p->dataset);
	if (p->lock >= 0)
		close(p->lock);
	*p = (struct shelf_place){ .dataset = -1, .folder = -1, .lock = -1 };
}
