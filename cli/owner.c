/*
 * owner.c - folders and files given to a daemon's user, without following anything.
 */
#include "cli/owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEP 16 /* folders in one another; a log has seven */
#define NAME_BYTES 256
#define AS_FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct owner_walk {
	const char *path;
	const struct user *u;
	struct sc_diag *d;
	bool ours;  /* below the configuration's folder */
	bool shown; /* READERS get to read what is in it, and nobody gets to own it */
	gid_t readers;
};

__attribute__((format(printf, 2, 3))) static enum sc_err refuse(const struct owner_walk *w,
    const char *fmt, ...)
{
	va_list ap;

	snprintf(w->d->file, sizeof(w->d->file), "%.255s", w->path);
	va_start(ap, fmt);
	vsnprintf(w->d->text, sizeof(w->d->text), fmt, ap);
	va_end(ap);
	return SC_AUTH;
}

static enum sc_err refuse_owner(const struct owner_walk *w, const char *name, uid_t uid)
{
	return refuse(w,
	    "%.60s belongs to user %u, and %s runs as %u (%s): name a folder of its own, or chown "
	    "-R %u:%u it where nobody else uses it; --one-user runs all as root and parts nobody",
	    name, (unsigned)uid, w->u->of, (unsigned)w->u->uid, w->u->name, (unsigned)w->u->uid,
	    (unsigned)w->u->gid);
}

/* ---- what is in a folder -------------------------------------------------------------------- */

static enum sc_err give_all(const struct owner_walk *w, int folder, unsigned depth);

/*
 * What was opened as FD becomes the readers' to read; what a folder will have does, too. By its
 * name another file could have come, from whoever the folder is; FD is a path alone, which takes no
 * fchmod().
 */
static bool show(const struct owner_walk *w, int fd, mode_t mode)
{
	char path[32];

	mode = (mode & 0700) | (S_ISDIR(mode) ? 02050 : 0040);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fchownat(fd, "", (uid_t)-1, w->readers, AT_EMPTY_PATH) == 0 &&
	    chmod(path, mode) == 0;
}

static bool hand_over(const struct owner_walk *w, int fd, const struct stat *st)
{
	if (w->shown)
		return show(w, fd, st->st_mode);
	return st->st_uid != 0 || fchownat(fd, "", w->u->uid, w->u->gid, AT_EMPTY_PATH) == 0;
}

/* One name in FOLDER: root's becomes U's, U's stays so. */
static enum sc_err give(const struct owner_walk *w, int folder, const char *name, unsigned depth)
{
	int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), sub;
	enum sc_err err = SC_OK;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return SC_OK;
	if (fd < 0 || fstat(fd, &st) != 0)
		err = refuse(w, "%.100s: %s", name, strerror(errno));
	else if (st.st_uid != 0 && st.st_uid != w->u->uid)
		err = refuse_owner(w, name, st.st_uid);
	else if (S_ISLNK(st.st_mode))
		err = refuse(w, "%.100s is a symbolic link: put there what it means", name);
	else if (S_ISREG(st.st_mode) && (st.st_uid == 0 || w->shown) && st.st_nlink > 1)
		err = refuse(w, "%.100s has another name elsewhere: put a copy there", name);
	else if (S_ISDIR(st.st_mode)) {
		sub = openat(fd, ".", AS_FOLDER);
		err = sub < 0 ? refuse(w, "%.100s: %s", name, strerror(errno)) :
				give_all(w, sub, depth + 1);
	}
	if (err == SC_OK && !hand_over(w, fd, &st))
		err = refuse(w, "%.100s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

/* FOLDER is closed in any case. */
static enum sc_err give_all(const struct owner_walk *w, int folder, unsigned depth)
{
	DIR *dir = depth > DEEP ? NULL : fdopendir(folder);
	const struct dirent *e;
	enum sc_err err = SC_OK;

	if (dir == NULL) {
		close(folder);
		return refuse(w, "cannot be looked through");
	}
	while (err == SC_OK && (e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = give(w, dirfd(dir), e->d_name, depth);
	closedir(dir);
	return err;
}

/* ---- the way to it -------------------------------------------------------------------------- */

/* Root's or U's, and nobody else's to move: U passes through it. */
static enum sc_err check_above(const struct owner_walk *w, int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return refuse(w, "%.100s: %s", name, strerror(errno));
	if (st.st_uid != 0 && st.st_uid != w->u->uid)
		return refuse_owner(w, name, st.st_uid);
	if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
		return refuse(w, "others can write to the folder %.100s: chmod go-w it", name);
	if (w->ours && (st.st_uid == 0 || w->shown) && (st.st_mode & 01) == 0 &&
	    fchmod(fd, (st.st_mode & 07777) | 011) != 0)
		return refuse(w, "%.100s: %s", name, strerror(errno));
	return SC_OK;
}

/* NAME of FOLDER, made when it is missing, into *OUT. */
static enum sc_err step(const struct owner_walk *w, int folder, const char *name, bool make,
    int *out)
{
	if (make && mkdirat(folder, name, 0700) != 0 && errno != EEXIST)
		return refuse(w, "the folder %.100s cannot be made: %s", name, strerror(errno));
	if ((*out = openat(folder, name, AS_FOLDER)) >= 0)
		return SC_OK;
	if (errno == ELOOP || errno == ENOTDIR)
		return refuse(w, "%.100s is a symbolic link, or no folder: name the place itself",
		    name);
	return refuse(w, "the folder %.100s: %s", name, strerror(errno));
}

/* The next name of *PATH into NAME; false: there is none. */
static bool next_name(const char **path, char name[static NAME_BYTES])
{
	size_t n;

	do {
		*path += strspn(*path, "/");
		n = strcspn(*path, "/");
	} while (n == 1 && **path == '.' && *(*path += 1) != '\0');
	if (n == 0 || n >= NAME_BYTES)
		return false;
	memcpy(name, *path, n);
	name[n] = '\0';
	*path += n;
	return true;
}

/*
 * The folder in which the last of W's path stands, into *ABOVE, and that last NAME. What is above
 * the configuration's folder is its owner's to choose; what it names elsewhere is looked at whole.
 */
static enum sc_err walk(struct owner_walk *w, const char *base, bool make, int *above,
    char name[static NAME_BYTES])
{
	const size_t n = strlen(base);
	char after[NAME_BYTES];
	const char *at = w->path;
	enum sc_err err = SC_OK;
	int next;

	if (strcmp(at, base) == 0)
		return refuse(w,
		    "is the configuration's own folder, which stays root's: name one below it");
	w->ours = strncmp(at, base, n) == 0 && at[n] == '/';
	if (w->ours)
		at += n;
	else if (at[0] != '/' && strcmp(base, ".") == 0)
		w->ours = true;
	*above = open(w->ours ? base :
		at[0] == '/'  ? "/" :
				".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*above < 0 || !next_name(&at, name))
		return refuse(w, "names no folder");
	while (err == SC_OK && next_name(&at, after)) {
		if (strcmp(name, "..") == 0)
			w->ours = false;
		if ((err = step(w, *above, name, make, &next)) != SC_OK)
			break;
		close(*above);
		*above = next;
		err = check_above(w, *above, name);
		memcpy(name, after, sizeof(after));
	}
	if (err == SC_OK && strcmp(name, "..") == 0)
		err = refuse(w, "ends in \"..\": name the place itself");
	return err;
}

static enum sc_err give_folder(const struct owner_walk *w, int above, const char *name, bool met)
{
	const bool there = faccessat(above, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	gid_t gid = w->u->gid;
	struct stat st;
	int fd, dup;
	enum sc_err err;

	if ((err = step(w, above, name, true, &fd)) != SC_OK)
		return err;
	if (fstat(fd, &st) != 0 || (dup = openat(fd, ".", AS_FOLDER)) < 0)
		err = refuse(w, "%.100s: %s", name, strerror(errno));
	else if (st.st_uid != w->u->uid && (st.st_uid != 0 || (there && !w->ours))) {
		close(dup);
		err = refuse_owner(w, name, st.st_uid);
	} else if ((err = give_all(w, dup, 0)) == SC_OK) {
		if ((st.st_mode & S_ISGID) != 0)
			gid = (gid_t)-1; /* it has readers */
		if ((st.st_uid == 0 && fchown(fd, w->u->uid, gid) != 0) ||
		    fchmod(fd, (st.st_mode & 02755) | 0700 | (met ? 011 : 0)) != 0)
			err = refuse(w, "%.100s: %s", name, strerror(errno));
	}
	close(fd);
	return err;
}

enum sc_err owner_folder(const char *base, const char *path, const struct user *u, bool met,
    struct sc_diag *d)
{
	struct owner_walk w = { .path = path, .u = u, .d = d };
	char name[NAME_BYTES];
	int above = -1;
	enum sc_err err;

	if ((err = walk(&w, base, true, &above, name)) == SC_OK)
		err = give_folder(&w, above, name, met);
	if (above >= 0)
		close(above);
	return err;
}

enum sc_err owner_readers(const char *base, const char *path, const struct user *u, gid_t readers,
    struct sc_diag *d)
{
	struct owner_walk w = { .path = path, .u = u, .d = d, .shown = true, .readers = readers };
	char name[NAME_BYTES];
	int above = -1;
	enum sc_err err;

	if ((err = walk(&w, base, false, &above, name)) == SC_OK)
		err = give(&w, above, name, 0);
	if (above >= 0)
		close(above);
	return err;
}

enum sc_err owner_shown(const char *base, const char *path, const struct user *u, struct sc_diag *d)
{
	struct owner_walk w = { .path = path, .u = u, .d = d };
	char name[NAME_BYTES];
	int above = -1, fd = -1;
	enum sc_err err;

	if ((err = walk(&w, base, true, &above, name)) == SC_OK && w.ours &&
	    (err = step(&w, above, name, true, &fd)) == SC_OK &&
	    (err = check_above(&w, fd, name)) == SC_OK && fchmod(fd, 0755) != 0)
		err = refuse(&w, "%.100s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (above >= 0)
		close(above);
	return err;
}

enum sc_err owner_file(const char *base, const char *path, const struct user *u, struct sc_diag *d)
{
	struct owner_walk w = { .path = path, .u = u, .d = d };
	char name[NAME_BYTES];
	int above = -1;
	enum sc_err err;

	if (access(path, F_OK) != 0)
		return SC_OK;
	if ((err = walk(&w, base, false, &above, name)) == SC_OK && w.ours)
		err = give(&w, above, name, 0);
	if (above >= 0)
		close(above);
	return err;
}

static bool is_empty(int folder)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *e = NULL;
	bool empty = dir != NULL;

	while (empty && (e = readdir(dir)) != NULL)
		empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (dir != NULL)
		closedir(dir);
	else
		close(folder);
	return empty;
}

enum sc_err owner_empty(const char *path, const struct user *u, struct sc_diag *d)
{
	const struct owner_walk w = { .path = path, .u = u, .d = d };
	const int fd = open(path, AS_FOLDER), dup = fd < 0 ? -1 : openat(fd, ".", AS_FOLDER);
	enum sc_err err = SC_OK;
	struct stat st;

	/* a file is the tool's to read or refuse */
	if (dup >= 0 && fstat(fd, &st) == 0 && is_empty(dup) && st.st_uid == 0 &&
	    fchown(fd, u->uid, u->gid) != 0)
		err =
		    refuse(&w, "cannot be given to user %u: %s", (unsigned)u->uid, strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}
