/*
 * watch.c - what the test disk knows and writes down: the folders below its root,
 * the files that are open, the rules, the record of what was done.
 *
 * Everything that needs a file is opened once, before the program gives up its
 * rights; later there are loads, nanosleep() and write().
 */
#include "disk/testdisk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FDS 4096
#define FOLDERS 1024
#define DATA_MAX ((size_t)4 << 20)
#define RECORD_MAX ((size_t)256 << 20) /* a program that writes more has gone wild */

static struct disk_control *control;
static struct disk_fd fds[FDS];
static struct {
	dev_t dev;
	ino_t ino;
	char path[DISK_PATH];
} folders[FOLDERS];
static size_t n_folders;
static char root[256];
static int record_fd = -1;
static uint8_t *record;
static size_t recorded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void disk_lock(void)
{
	pthread_mutex_lock(&lock);
}

void disk_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/* ---- folders ------------------------------------------------------------------------- */

void disk_folder_add(const char *path)
{
	char whole[512];
	struct stat st;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	if (n_folders == FOLDERS || stat(whole, &st) != 0)
		abort();
	folders[n_folders].dev = st.st_dev;
	folders[n_folders].ino = st.st_ino;
	snprintf(folders[n_folders++].path, DISK_PATH, "%s", path);
}

static void find_folders(const char *path)
{
	char whole[512], sub[512];
	struct dirent *e;
	DIR *d;

	disk_folder_add(path);
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	d = opendir(whole);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(sub, sizeof(sub), "%s%s%s", path, *path == '\0' ? "" : "/", e->d_name);
		find_folders(sub);
	}
	if (d != NULL)
		closedir(d);
}

/* The newest first: an inode number may come back when a folder was removed. */
static const char *folder_of(const struct stat *st)
{
	const char *path = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = n_folders; i-- > 0 && path == NULL;)
		if (folders[i].ino == st->st_ino && folders[i].dev == st->st_dev)
			path = folders[i].path;
	pthread_mutex_unlock(&lock);
	return path;
}

bool disk_place(int dirfd, const char *path, char out[static DISK_PATH])
{
	const char *base = strrchr(path, '/'), *folder;
	char parent[512];
	struct stat st;

	if (control == NULL)
		return false;
	if (fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode) &&
	    (folder = folder_of(&st)) != NULL) {
		snprintf(out, DISK_PATH, "%s", folder);
		return true;
	}
	snprintf(parent, sizeof(parent), "%.*s", base == NULL ? 1 : (int)(base - path) + 1,
	    base == NULL ? "." : path);
	if (fstatat(dirfd, parent, &st, 0) != 0 || (folder = folder_of(&st)) == NULL)
		return false;
	base = base == NULL ? path : base + 1;
	return snprintf(out, DISK_PATH, "%s%s%s", folder, *folder == '\0' ? "" : "/", base) <
	    DISK_PATH;
}

/* ---- open files ------------------------------------------------------------------------ */

struct disk_fd *disk_fd_of(int fd)
{
	return fd >= 0 && fd < FDS && fds[fd].used ? &fds[fd] : NULL;
}

void disk_fd_set(int fd, const char *path, int flags)
{
	struct disk_fd *f = &fds[fd];
	struct stat st;

	if (fd >= FDS || fstat(fd, &st) != 0)
		abort();
	memset(f, 0, sizeof(*f));
	f->folder = S_ISDIR(st.st_mode);
	f->synced = (flags & O_DSYNC) != 0; /* O_SYNC has this bit too */
	f->direct = (flags & O_DIRECT) != 0;
	f->append = (flags & O_APPEND) != 0;
	f->file = st.st_ino;
	snprintf(f->path, DISK_PATH, "%s", path);
	f->used = true;
}

void disk_fd_clear(int fd)
{
	fds[fd].used = false;
}

/* ---- rules ------------------------------------------------------------------------------ */

static void sleep_ms(uint32_t ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void end_process(void)
{
	(void)syscall(SYS_exit_group, 137);
}

static int obey(struct disk_rule *r, enum disk_act act, size_t *part)
{
	switch (act) {
	case DISK_BLOCK:
		atomic_fetch_add(&r->waiting, 1);
		while (atomic_load(&r->act) == DISK_BLOCK)
			sleep_ms(1);
		atomic_fetch_sub(&r->waiting, 1);
		/* it may have become another rule meanwhile */
		return atomic_load(&r->act) == DISK_FAIL ? r->err : 0;
	case DISK_DELAY: sleep_ms(r->arg); return 0;
	case DISK_TEAR: *part = r->arg; return r->err != 0 ? r->err : -1;
	case DISK_CRASH: end_process(); return 0;
	default: return r->err;
	}
}

int disk_ask(uint32_t ops, const char *path, size_t *part)
{
	*part = 0;
	for (unsigned i = 0; i < DISK_RULES; i++) {
		struct disk_rule *r = &control->rule[i];
		enum disk_act act = atomic_load(&r->act);
		uint32_t n;

		if (act == DISK_OFF || (r->ops & ops) == 0 || fnmatch(r->file, path, 0) != 0)
			continue;
		n = atomic_fetch_add(&r->seen, 1);
		if (n < r->first || n - r->first >= r->count)
			return 0;
		atomic_fetch_add(&r->hits, 1);
		return obey(r, act, part);
	}
	return 0;
}

/* ---- the record ---------------------------------------------------------------------------- */

void disk_did(struct disk_op op, const char *name, const char *to, const void *data)
{
	size_t n = sizeof(op);

	op.n_name = (uint32_t)strlen(name);
	op.n_to = to == NULL ? 0 : (uint32_t)strlen(to);
	if (op.n_data > DATA_MAX)
		abort();
	memcpy(record, &op, sizeof(op));
	memcpy(record + n, name, op.n_name);
	n += op.n_name;
	if (to != NULL)
		memcpy(record + n, to, op.n_to);
	n += op.n_to;
	if (op.n_data > 0)
		memcpy(record + n, data, op.n_data);
	n += op.n_data;
	if ((recorded += n) > RECORD_MAX || syscall(SYS_write, record_fd, record, n) != (long)n)
		abort();
	atomic_fetch_add(&control->ops, 1);
}

/* ---- beginning -------------------------------------------------------------------------------- */

bool disk_attach(const char *file, const char *dir)
{
	struct disk_control *d;
	char ops[256];
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (record_fd >= 0)
		close(record_fd);
	if (control != NULL)
		munmap(control, sizeof(*control));
	control = NULL;
	snprintf(ops, sizeof(ops), "%s.ops", file);
	record_fd = open(ops, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (record == NULL)
		record = malloc(DATA_MAX + 1024);
	if (fd < 0 || record_fd < 0 || record == NULL || realpath(dir, root) == NULL)
		return false;
	d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (d == MAP_FAILED || d->magic != DISK_MAGIC)
		return false;
	n_folders = recorded = 0;
	find_folders("");
	control = d;
	return true;
}

#ifdef DISK_PRELOAD
__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("SCRIM_DISK"), *dir = getenv("SCRIM_DISK_ROOT");

	if (file != NULL && dir != NULL && !disk_attach(file, dir)) {
		fputs("the test disk does not start\n", stderr);
		_exit(127);
	}
}
#endif
