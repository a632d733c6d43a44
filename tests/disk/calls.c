/*
 * calls.c - the calls that go through the test disk, under their own names.
 *
 * Each asks the rules, then carries the call out and writes it down under one
 * lock, so that the record has the order in which things happened. Files outside
 * the root pass through. Compiled without _FORTIFY_SOURCE, whose inline versions
 * of these functions would be in the way.
 */
#include "disk/testdisk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The functions behind ours: a sanitizer's, or the C library's. */
static struct {
	int (*openat)(int, const char *, int, ...);
	int (*close)(int);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	int (*fsync)(int);
	int (*fdatasync)(int);
	int (*ftruncate)(int, off_t);
	int (*fallocate)(int, int, off_t, off_t);
	int (*renameat)(int, const char *, int, const char *);
	int (*unlinkat)(int, const char *, int);
	int (*mkdirat)(int, const char *, mode_t);
} real;

static void *find(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

/* Before main(), or at the first call when another library calls earlier. */
__attribute__((constructor(101))) static void find_all(void)
{
	if (real.openat != NULL)
		return;
	*(void **)&real.close = find("close");
	*(void **)&real.write = find("write");
	*(void **)&real.pwrite = find("pwrite64");
	*(void **)&real.fsync = find("fsync");
	*(void **)&real.fdatasync = find("fdatasync");
	*(void **)&real.ftruncate = find("ftruncate64");
	*(void **)&real.fallocate = find("fallocate64");
	*(void **)&real.renameat = find("renameat");
	*(void **)&real.unlinkat = find("unlinkat");
	*(void **)&real.mkdirat = find("mkdirat");
	*(void **)&real.openat = find("openat64");
}

static int refuse(int err)
{
	errno = err;
	return -1;
}

static void end_process(void)
{
	(void)syscall(SYS_exit_group, 137);
}

/* ---- opening and closing ------------------------------------------------------------------ */

static void note_opened(int fd, const char *path, int flags, const struct stat *was)
{
	struct disk_op op = { .kind = was == NULL ? DISK_DID_CREATE : DISK_DID_OPEN };
	struct stat st;

	disk_fd_set(fd, path, flags);
	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode))
		return;
	op.file = st.st_ino;
	if (was == NULL || (flags & O_ACCMODE) != O_RDONLY)
		disk_did(op, path, NULL, NULL);
	if ((flags & O_TRUNC) != 0 && was != NULL && was->st_size > 0) {
		op.kind = DISK_DID_SIZE;
		disk_did(op, path, NULL, NULL);
	}
}

static int open_any(int dirfd, const char *name, int flags, mode_t mode)
{
	char path[DISK_PATH];
	uint32_t ops = DISK_OPEN;
	struct stat st;
	bool there;
	size_t part;
	int fd, err;

	find_all();
	if ((flags & O_PATH) != 0 || !disk_place(dirfd, name, path))
		return real.openat(dirfd, name, flags, mode);
	there = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!there && (flags & O_CREAT) != 0)
		ops |= DISK_NAME;
	if ((flags & O_DIRECT) != 0)
		ops |= DISK_DIRECT;
	if ((err = disk_ask(ops, path, &part)) != 0)
		return refuse(err);
	disk_lock();
	fd = real.openat(dirfd, name, flags, mode);
	if (fd >= 0)
		note_opened(fd, path, flags, there ? &st : NULL);
	err = errno;
	disk_unlock();
	errno = err;
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_any(dirfd, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
	return open_any(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int close(int fd)
{
	find_all();
	if (disk_fd_of(fd) == NULL)
		return real.close(fd);
	disk_lock();
	disk_fd_clear(fd);
	disk_unlock();
	return real.close(fd);
}

/* ---- writing ---------------------------------------------------------------------------------- */

/* Where a write() without an offset goes. */
static off_t place_of(int fd, const struct disk_fd *f)
{
	struct stat st;

	if (f->append && fstat(fd, &st) == 0)
		return st.st_size;
	return lseek(fd, 0, SEEK_CUR);
}

static ssize_t write_any(int fd, struct disk_fd *f, const void *p, size_t n, off_t at, bool given)
{
	uint32_t ops = DISK_WRITE | (f->synced ? DISK_SYNC : 0) | (f->direct ? DISK_DIRECT : 0);
	size_t part, want = n;
	ssize_t r = 0;
	int err = disk_ask(ops, f->path, &part);

	if (err != 0)
		want = part < n ? part : n;
	disk_lock();
	if (!given)
		at = place_of(fd, f);
	if (want > 0)
		r = given ? real.pwrite(fd, p, want, at) : real.write(fd, p, want);
	if (r > 0)
		disk_did((struct disk_op){ .kind = DISK_DID_WRITE,
			     .file = f->file,
			     .synced = f->synced && err == 0,
			     .at = (uint64_t)at,
			     .n_data = (uint32_t)r },
		    f->path, NULL, p);
	disk_unlock();
	if (err < 0)
		end_process();
	return err > 0 ? refuse(err) : r;
}

ssize_t write(int fd, const void *p, size_t n)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL ? real.write(fd, p, n) : write_any(fd, f, p, n, 0, false);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL ? real.pwrite(fd, p, n, at) : write_any(fd, f, p, n, at, true);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}

/* Gathered writes become one call each part: nobody may count on more than that. */
ssize_t writev(int fd, const struct iovec *v, int n)
{
	ssize_t r, all = 0;

	if (disk_fd_of(fd) == NULL)
		return syscall(SYS_writev, fd, v, n);
	for (int i = 0; i < n; i++) {
		if ((r = write(fd, v[i].iov_base, v[i].iov_len)) < 0)
			return all > 0 ? all : r;
		all += r;
	}
	return all;
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t r, all = 0;

	if (disk_fd_of(fd) == NULL)
		return syscall(SYS_pwritev, fd, v, n, at, 0);
	for (int i = 0; i < n; i++) {
		if ((r = pwrite(fd, v[i].iov_base, v[i].iov_len, at + all)) < 0)
			return all > 0 ? all : r;
		all += r;
	}
	return all;
}

static int resize(int fd, struct disk_fd *f, off_t size, bool grow_only)
{
	struct stat st;
	size_t part;
	int err = disk_ask(DISK_SIZE, f->path, &part), r;

	if (err != 0)
		return refuse(err);
	disk_lock();
	if (grow_only && fstat(fd, &st) == 0 && st.st_size > size)
		size = st.st_size;
	r = real.ftruncate(fd, size);
	if (r == 0)
		disk_did((struct disk_op){ .kind = DISK_DID_SIZE,
			     .file = f->file,
			     .at = (uint64_t)size },
		    f->path, NULL, NULL);
	disk_unlock();
	return r;
}

int ftruncate(int fd, off_t size)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL ? real.ftruncate(fd, size) : resize(fd, f, size, false);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL || mode != 0 ? real.fallocate(fd, mode, at, n) :
					resize(fd, f, at + n, true);
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	return fallocate(fd, 0, at, n) == 0 ? 0 : errno;
}

/* ---- syncing -------------------------------------------------------------------------------------- */

static int sync_any(int fd, struct disk_fd *f, int (*call)(int))
{
	size_t part;
	int err = disk_ask(DISK_SYNC, f->path, &part), r;

	if (err != 0)
		return refuse(err);
	disk_lock();
	r = call(fd);
	if (r == 0)
		disk_did((struct disk_op){ .file = f->file,
			     .kind = f->folder ? DISK_DID_SYNC_DIR : DISK_DID_SYNC },
		    f->path, NULL, NULL);
	disk_unlock();
	return r;
}

int fsync(int fd)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL ? real.fsync(fd) : sync_any(fd, f, real.fsync);
}

int fdatasync(int fd)
{
	struct disk_fd *f = disk_fd_of(fd);

	find_all();
	return f == NULL ? real.fdatasync(fd) : sync_any(fd, f, real.fdatasync);
}

/* All of it. Not carried out: the real disk below may be a large one. */
int syncfs(int fd)
{
	struct disk_fd *f = disk_fd_of(fd);
	size_t part;
	int err;

	if (f == NULL)
		return (int)syscall(SYS_syncfs, fd);
	if ((err = disk_ask(DISK_SYNC, f->path, &part)) != 0)
		return refuse(err);
	disk_lock();
	disk_did((struct disk_op){ .kind = DISK_DID_SYNC_ALL }, "", NULL, NULL);
	disk_unlock();
	return 0;
}

/* ---- names ------------------------------------------------------------------------------------------ */

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	char a[DISK_PATH], b[DISK_PATH];
	size_t part;
	int err, r;

	find_all();
	if (!disk_place(from_fd, from, a) || !disk_place(to_fd, to, b))
		return real.renameat(from_fd, from, to_fd, to);
	if ((err = disk_ask(DISK_NAME, b, &part)) != 0)
		return refuse(err);
	disk_lock();
	r = real.renameat(from_fd, from, to_fd, to);
	if (r == 0)
		disk_did((struct disk_op){ .kind = DISK_DID_RENAME }, a, b, NULL);
	disk_unlock();
	return r;
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int dirfd, const char *name, int flags)
{
	char path[DISK_PATH];
	size_t part;
	int err, r;

	find_all();
	if (!disk_place(dirfd, name, path))
		return real.unlinkat(dirfd, name, flags);
	if ((err = disk_ask(DISK_NAME, path, &part)) != 0)
		return refuse(err);
	disk_lock();
	r = real.unlinkat(dirfd, name, flags);
	if (r == 0)
		disk_did((struct disk_op){ .kind = DISK_DID_UNLINK }, path, NULL, NULL);
	disk_unlock();
	return r;
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int mkdirat(int dirfd, const char *name, mode_t mode)
{
	char path[DISK_PATH];
	size_t part;
	int err, r;

	find_all();
	if (!disk_place(dirfd, name, path))
		return real.mkdirat(dirfd, name, mode);
	if ((err = disk_ask(DISK_NAME, path, &part)) != 0)
		return refuse(err);
	disk_lock();
	r = real.mkdirat(dirfd, name, mode);
	if (r == 0) {
		disk_folder_add(path);
		disk_did((struct disk_op){ .kind = DISK_DID_MKDIR }, path, NULL, NULL);
	}
	err = errno;
	disk_unlock();
	errno = err;
	return r;
}

int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}
