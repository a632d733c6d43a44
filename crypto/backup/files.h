/*
 * files.h - backups as files: written under a name that does not count, given their own
 * when they are whole and durable, and found again in a folder.
 *
 *	keys-TENANT-20261127T003215123Z-whole.backup	or -since.backup: an increment
 *	.keys-TENANT-....part				while it is written
 */
#ifndef CRYPTO_BACKUP_FILES_H
#define CRYPTO_BACKUP_FILES_H

#include "base/work_watch.h"
#include "crypto/backup/stream.h"

#define BACKUP_NAME_MAX 160
#define BACKUP_PATH_MAX 1280

/* ---- a target ---- */

struct backup_target {
	struct backup_sink sink; /* what is written through */
	int fd, folder;          /* folder -1: a pipe */
	char name[BACKUP_NAME_MAX];
	uint64_t unsynced;
	int patience_ms;                /* with a pipe that nobody reads */
	bool stalled;                   /* it ended */
	const struct work_watch *watch; /* who may stop it meanwhile; NULL: nobody */
};

/*
 * FOLDER, or "-" for standard output. Nothing is there under a name that counts before
 * backup_target_keep(). What earlier ones left unfinished is removed. SC_IO; D says why.
 */
SC_CHECKED enum sc_err backup_target_open(const char *folder, struct sc_diag *d,
    struct backup_target *out);
/* Begin to write (again, from the start): H names it. */
SC_CHECKED enum sc_err backup_target_begin(struct backup_target *t, const struct backup_header *h,
    struct sc_diag *d);
/* Durable, and under its name, over none. SC_IO, SC_LIMIT (no space). */
SC_CHECKED enum sc_err backup_target_keep(struct backup_target *t, struct sc_diag *d);
/* What was begun and not kept is gone. */
void backup_target_close(struct backup_target *t);

/* ---- files that are there ---- */

struct backup_found {
	char path[BACKUP_PATH_MAX];
	uint64_t bytes;
	struct backup_header header;
	uint8_t hash[HASH_BYTES]; /* as its trailer says: not verified */
};

/* Header and trailer of the file at PATH. SC_SYNTAX: none, or cut; SC_IO. */
SC_CHECKED enum sc_err backup_look(const char *path, struct sc_diag *d, struct backup_found *out);
/*
 * All in FOLDER that look complete, the oldest first; those that do not are left out. *OUT is the
 * caller's to free(). SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err backup_list(const char *folder, struct sc_diag *d, struct backup_found **out,
    size_t *n);

/* Read a file through. */
struct backup_input {
	struct backup_source source;
	int fd;
};
SC_CHECKED enum sc_err backup_input_open(const char *path, struct sc_diag *d,
    struct backup_input *out);
void backup_input_close(struct backup_input *i);

#endif
