/*
 * file.h - whole small files: keys, configurations, proofs.
 */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include "base/buf.h"
#include "base/diag.h"

#include <sys/types.h>

#define FILE_PATH_MAX 4096

/*
 * Append the whole of PATH ("-": standard input) to OUT. Fails with SC_IO,
 * SC_LIMIT (more than OUT may hold), SC_NOMEM; D says which file and why.
 */
SC_CHECKED enum sc_err file_read(const char *path, struct sc_buf *out, struct sc_diag *d);

/*
 * Make PATH with TEXT, whole or not at all, flushed to the disk. A file that is
 * there is left alone unless REPLACE. Fails with SC_IO.
 */
SC_CHECKED enum sc_err file_write(const char *path, mode_t mode, bool replace, struct sc_span text,
    struct sc_diag *d);

/* Make the folder PATH (0700) unless it exists; its parent must. */
SC_CHECKED enum sc_err file_folder(const char *path, struct sc_diag *d);

bool file_exists(const char *path);

/* Print a path; one that is too long becomes "", and there is no such file. */
void file_path(char out[static FILE_PATH_MAX], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The path of NAME when it is told relative to the folder of the file PATH. */
void file_beside(const char *path, const char *name, char out[static FILE_PATH_MAX]);

#endif
