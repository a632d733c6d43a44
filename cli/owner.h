/*
 * owner.h - giving a daemon its folders and files, by root, before it is started.
 *
 * Nothing is followed: a folder is walked to from the configuration's, name by name, and what is
 * given is what was looked at. Only what is root's is given; what is somebody else's stays, and
 * is told of.
 */
#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include "base/diag.h"
#include "base/err.h"
#include "cli/users.h"

/*
 * Make the folder PATH and those above it when they are missing, and have it be U's with all that
 * is in it. With MET others may pass through it to a socket, and see nothing else. BASE is the
 * configuration's folder, which is never given away; a folder outside of it that is there is U's
 * or refused. Fails with SC_AUTH or SC_IO; D says what to do.
 */
SC_CHECKED enum sc_err owner_folder(const char *base, const char *path, const struct user *u,
    bool met, struct sc_diag *d);

/* A folder below BASE that stays root's, for everybody to read. */
SC_CHECKED enum sc_err owner_shown(const char *base, const char *path, const struct user *u,
    struct sc_diag *d);

/* A key file of U's alone. One that is not there, or lies outside of BASE, is left to U to tell of. */
SC_CHECKED enum sc_err owner_file(const char *base, const char *path, const struct user *u,
    struct sc_diag *d);

/*
 * Have the group READERS read the folder PATH, with all that is in it and will be, and pass through
 * what is above it and below BASE; nobody else does. It is U's, or refused as above.
 */
SC_CHECKED enum sc_err owner_readers(const char *base, const char *path, const struct user *u,
    gid_t readers, struct sc_diag *d);

/* PATH, a folder of root's: U's when there is nothing in it, else left as it is. */
SC_CHECKED enum sc_err owner_empty(const char *path, const struct user *u, struct sc_diag *d);

#endif
