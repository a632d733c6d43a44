/*
 * disk.h - the test disk: what a test and the process it watches share.
 *
 * testdisk.c stands between a program and its files (LD_PRELOAD, or linked into
 * a test). Everything below one folder, the root, is the test disk. There it can
 *
 *	hold a call back	until the test lets go, or for some milliseconds
 *	refuse a call		with EIO, ENOSPC, EINVAL ... from the n-th one on
 *	tear a write		a part of it arrives, then it fails or the process dies
 *	lose what was not synced	by writing down every call; rebuild.c makes
 *				from that what a power cut after any of them leaves
 *
 * Test and process share a page of memory, the control: a process that may open
 * nothing and call little (keyd) looks at it with plain loads.
 *
 *	SCRIM_DISK=FILE		the control, made by disk_new(); FILE.ops: what was done
 *	SCRIM_DISK_ROOT=DIR	the root, made before the program starts
 */
#ifndef TESTS_DISK_DISK_H
#define TESTS_DISK_DISK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_MAGIC 0x6b73696474736574u
#define DISK_RULES 8
#define DISK_PATH 120 /* bytes of a path below the root, with the end */
#define DISK_SECTOR 512

/* What a call does. A write that is durable when it returns is both of the first two. */
enum {
	DISK_WRITE = 1,
	DISK_SYNC = 2, /* of a file or a folder */
	DISK_SIZE = 4, /* cut or extended */
	DISK_NAME = 8, /* a name made, moved or removed */
	DISK_OPEN = 16,
	DISK_DIRECT = 32, /* opening with O_DIRECT, or a write of such a file */
};

enum disk_act { DISK_OFF, DISK_BLOCK, DISK_DELAY, DISK_FAIL, DISK_TEAR, DISK_CRASH };

/*
 * The first rule that fits a call decides. ACT is set last and read first. A rule
 * counts the calls it fits (SEEN) and acts from the FIRST one on, COUNT times.
 */
struct disk_rule {
	_Atomic uint32_t act;
	uint32_t ops;         /* any of these */
	char file[DISK_PATH]; /* fnmatch() on the path below the root; * crosses / */
	uint32_t first, count;
	int32_t err;  /* FAIL and TEAR: errno; TEAR with 0: the process ends */
	uint32_t arg; /* DELAY: milliseconds; TEAR: bytes that arrive */
	_Atomic uint32_t seen, hits, waiting;
};

struct disk_control {
	uint64_t magic;
	_Atomic uint64_t ops; /* calls that were done and written down */
	struct disk_rule rule[DISK_RULES];
};

/* One call, as it stands in FILE.ops, before its name(s) and its data. */
enum disk_kind {
	DISK_DID_OPEN,
	DISK_DID_CREATE,
	DISK_DID_MKDIR,
	DISK_DID_RENAME,
	DISK_DID_UNLINK,
	DISK_DID_WRITE,
	DISK_DID_SIZE,
	DISK_DID_SYNC,
	DISK_DID_SYNC_DIR,
	DISK_DID_SYNC_ALL
};

struct disk_op {
	uint32_t kind;
	uint32_t synced; /* a write: durable on return */
	uint64_t file;   /* its inode number */
	uint64_t at;     /* a write: offset; a size: the new one */
	uint32_t n_data, reserved;
	uint32_t n_name, n_to; /* bytes of the path and, when moved, of the new one */
};

/* ---- the watched side ------------------------------------------------------------- */

/* Be the test disk from now on (the preloaded library does it by itself). */
bool disk_attach(const char *control, const char *root);

/* ---- the test's side --------------------------------------------------------------- */

/* Make the control FILE and an empty FILE.ops. NULL when that cannot be done. */
struct disk_control *disk_new(const char *file);
void disk_free(struct disk_control *d);

/* Set rule I to ACT on OPS of FILE, from the next such call on, for ever. */
struct disk_rule *disk_rule(struct disk_control *d, unsigned i, enum disk_act act, uint32_t ops,
    const char *file);
/* Take it away; who was held back goes on. */
void disk_release(struct disk_rule *r);
/* Wait until somebody is held back by R (ten seconds at most). */
bool disk_waits(const struct disk_rule *r);

#endif
