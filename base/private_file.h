/*
 * private_file.h - files with a secret in them, which nobody else may read.
 */
#ifndef BASE_PRIVATE_FILE_H
#define BASE_PRIVATE_FILE_H

#include "base/buf.h"
#include "base/diag.h"

/*
 * Append the file at PATH to OUT, which must have room for one byte more than
 * there is. WHAT it is ("root key") stands in D, which quotes nothing of it.
 * Fails with SC_AUTH when it is no file of ours or root's, or others may touch
 * it, SC_IO (also when it is empty), SC_LIMIT (longer than OUT may be), SC_NOMEM.
 */
SC_CHECKED enum sc_err private_file_read(const char *path, const char *what, struct sc_buf *out,
    struct sc_diag *d);

/*
 * The same of NAME in FOLDER, where a service manager laid it for us: both are root's or
 * ours, nobody else may write to them, and their group may read (so an access list shows that
 * names our user), others not.
 */
SC_CHECKED enum sc_err private_file_read_handed(const char *folder, const char *name,
    const char *what, struct sc_buf *out, struct sc_diag *d);

/* The name of what was made at PATH outlasts a power cut. False: errno says why not. */
bool private_file_settle(const char *path);

#endif
