/*
 * files.h - files that must still be there after the power failed.
 *
 * Writing many small files and syncing each in turn would pay a disk flush for
 * every one. A set writes them all, starts the write-back of all, and then syncs
 * files and folders; most of those find that the first flush has done their work.
 */
#ifndef CRYPTO_TLOG_FILES_H
#define CRYPTO_TLOG_FILES_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#include <sys/types.h>

#define FILES_SET_MAX 64

/*
 * Files being written below DIRFD. Errors are SC_LIMIT when space is short
 * (no space, quota, size limit), else SC_IO; D names the file.
 */
struct files_set {
	int dirfd;
	int fd[FILES_SET_MAX];
	size_t n;
	char dirs[2 * FILES_SET_MAX][64]; /* folders with new names in them */
	size_t n_dirs;
};
void files_set_init(struct files_set *s, int dirfd);
/* Write PATH whole (made anew or overwritten), its folders too. Syncs by itself when full. */
SC_CHECKED enum sc_err files_set_write(struct files_set *s, const char *path, struct sc_span bytes,
    struct sc_diag *d);
/* All of them durable; the set is empty again. */
SC_CHECKED enum sc_err files_set_sync(struct files_set *s, struct sc_diag *d);
/* Give up: close everything. The next sync still syncs the folders. */
void files_set_drop(struct files_set *s);

/* Replace PATH by BYTES at once and durably: PATH.tmp, sync, rename, sync of the folder. */
SC_CHECKED enum sc_err files_replace(int dirfd, const char *path, struct sc_span bytes,
    struct sc_diag *d);

/* What a file looked like when we last wrote it. */
struct files_print {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};
SC_CHECKED enum sc_err files_print_take(int dirfd, const char *path, struct files_print *out);
/* Is PATH still that file? TIMES: its modification time must match too. */
bool files_print_same(int dirfd, const char *path, const struct files_print *was, bool times,
    struct sc_diag *d);

/* Say of FILE what is wrong with it (D may be NULL), and pass ERR on. */
enum sc_err files_say(struct sc_diag *d, const char *file, enum sc_err err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same of what errno tells: SC_LIMIT or SC_IO. */
enum sc_err files_failed(struct sc_diag *d, const char *file, const char *what);

/* Read a small file whole into P (at most *N bytes; *N is then its length). *FOUND tells whether it is there. */
SC_CHECKED enum sc_err files_read(int dirfd, const char *path, uint8_t *p, size_t *n, bool *found,
    struct sc_diag *d);

#endif
