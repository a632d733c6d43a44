/*
 * sandbox.h - what a daemon gives up before it serves anyone.
 *
 * Threads inherit: call the first two before any is started. What the kernel does not
 * offer is left out and logged; a step it offers and refuses is an error.
 * Builds with a sanitizer stay traceable and unconfined: it reads /proc and
 * traces the process when it ends.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

enum sandbox_right {
	SANDBOX_READ, /* a file: all by their names in its folder, which is not listed */
	SANDBOX_WRITE,
	SANDBOX_SOCKET,   /* make and remove sockets; read nothing */
	SANDBOX_OVERWRITE /* read and write the file itself, not its folder; where it is there */
};
struct sandbox_path {
	const char *path; /* a folder, or the file whose folder it is */
	bool is_file;
	enum sandbox_right right;
};

/* No core dumps, no tracing, no new privileges. Fails with SC_IO. */
SC_CHECKED enum sc_err sandbox_process(struct sc_diag *d);
/* Landlock: of all files, only those in these folders, and none to be executed. Fails with SC_IO. */
SC_CHECKED enum sc_err sandbox_files(const struct sandbox_path *paths, size_t n, struct sc_diag *d);
/* Beyond a list, for who needs it: calls of which a part is allowed, or'ed together. */
enum sandbox_more {
	SANDBOX_LIST = 0,    /* the list alone */
	SANDBOX_THREADS = 1, /* begins threads, and no process */
	SANDBOX_DIALS = 2    /* makes sockets to others, UNIX, TCP and UDP; listens on no new one */
};
/*
 * seccomp: of all system calls only these N (SCMP_SYS()) and MORE, and no memory that is
 * executable, in all threads: unlike the others, call it when they run. Whoever tries another is
 * killed. Fails with SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err sandbox_calls(const int *calls, size_t n, enum sandbox_more more,
    struct sc_diag *d);

#endif
