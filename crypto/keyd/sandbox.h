/*
 * sandbox.h - what keyd gives up before it serves anyone.
 *
 * Two steps, because threads inherit: sandbox_files() before the threads are
 * started, sandbox_calls() after, for all of them. What the kernel does not
 * offer is left out and logged, but a step it offers and refuses is an error.
 */
#ifndef CRYPTO_KEYD_SANDBOX_H
#define CRYPTO_KEYD_SANDBOX_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>

enum sandbox_right { SANDBOX_READ, SANDBOX_WRITE };
struct sandbox_path {
	const char *path;		/* a folder, or the file whose folder it is */
	bool is_file;
	enum sandbox_right right;
};

/* No core dumps, no tracing, memory locked where allowed. Fails with SC_IO. */
SC_CHECKED enum sc_err sandbox_process(struct sc_diag *d);
/* Landlock: of all files, only these folders. Fails with SC_IO. */
SC_CHECKED enum sc_err sandbox_files(const struct sandbox_path *paths, size_t n,
    struct sc_diag *d);
/* seccomp: only the system calls that serving needs, in all threads. Fails with SC_IO. */
SC_CHECKED enum sc_err sandbox_calls(struct sc_diag *d);

#endif
