/*
 * testdisk.h - the inside of the watched side: calls.c (the calls as the program
 * makes them) asks watch.c what to do and tells it what was done.
 */
#ifndef TESTS_DISK_TESTDISK_H
#define TESTS_DISK_TESTDISK_H

#include <sys/types.h>

#include "disk/disk.h"

/* What is known of an open file below the root. */
struct disk_fd {
	bool used, folder, synced, direct, append;
	uint64_t file;
	char path[DISK_PATH];
};

/* FD's entry; NULL when it is not below the root. */
struct disk_fd *disk_fd_of(int fd);
void disk_fd_set(int fd, const char *path, int flags);
void disk_fd_clear(int fd);

/* Is PATH, seen from DIRFD, below the root? OUT is then its path from there. */
bool disk_place(int dirfd, const char *path, char out[static DISK_PATH]);
void disk_folder_add(const char *path); /* a folder that was made, by its path below the root */

/*
 * Ask the rules before a call, and wait if they say so. 0: go on. Otherwise the
 * errno to fail with; *PART is then what of a write is to arrive first.
 */
int disk_ask(uint32_t ops, const char *path, size_t *part);

/* Between these two one call is carried out and written down. */
void disk_lock(void);
void disk_unlock(void);
void disk_did(struct disk_op op, const char *name, const char *to, const void *data);

#endif
