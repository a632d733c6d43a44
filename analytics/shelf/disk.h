/*
 * disk.h - files of a release as they are read: never through a symbolic link, never anything
 * but a plain file.
 */
#ifndef ANALYTICS_SHELF_DISK_H
#define ANALYTICS_SHELF_DISK_H

#include "analytics/shelf/manifest.h"

/* Say WHAT of FILE in D, with errno's words when ERR is SC_IO; returns ERR. errno stays. */
enum sc_err disk_say(struct sc_diag *d, const char *file, enum sc_err err, const char *what);

/* Open the file NAME of FOLDER. Fails with SC_IO, SC_CORRUPT (it is no plain file). */
SC_CHECKED enum sc_err disk_open(int folder, const char *name, struct sc_diag *d, int *fd);
/* Append the whole file to OUT. Fails with SC_IO, SC_CORRUPT, SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err disk_read(int folder, const char *name, struct sc_buf *out,
    struct sc_diag *d);
/* N bytes at P to FD. Fails with SC_IO. */
SC_CHECKED enum sc_err disk_write(int fd, const uint8_t *p, size_t n);
/*
 * FD from its beginning to its end: its length and its SHA-256, and a copy to TO unless that
 * is -1. Fails with SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err disk_sum(int fd, int to, uint8_t sha256[static SHELF_SHA_BYTES],
    uint64_t *bytes);
/* Is the file NAME of FOLDER what F says? SC_CORRUPT: it is not. SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err disk_check(int folder, const struct shelf_file *f, struct sc_diag *d);

/*
 * Each name in FOLDER but "." and "..", in no order, until EACH says no. Fails with SC_IO, or
 * what EACH said.
 */
typedef enum sc_err disk_name_fn(void *arg, const char *name);
SC_CHECKED enum sc_err disk_names(int folder, disk_name_fn *each, void *arg);

#endif
