/*
 * disk.c - the test disk from a shell (see disk.h):
 *
 *	disk new FILE			make the control
 *	disk block|fail FILE GLOB	hold back, or refuse with EIO, writes and syncs of GLOB
 *	disk waits FILE			until a call is held back
 *	disk release FILE		let go
 */
#include "disk/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct disk_control *open_control(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	struct disk_control *d = MAP_FAILED;

	if (fd >= 0) {
		d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	return d == MAP_FAILED || d->magic != DISK_MAGIC ? NULL : d;
}

int main(int argc, char **argv)
{
	struct disk_control *d = NULL;
	bool ok = false;

	if (argc == 3 && strcmp(argv[1], "new") == 0)
		ok = (d = disk_new(argv[2])) != NULL;
	else if (argc >= 3 && (d = open_control(argv[2])) == NULL)
		ok = false;
	else if (argc == 4 && strcmp(argv[1], "block") == 0)
		ok = disk_rule(d, 0, DISK_BLOCK, DISK_WRITE | DISK_SYNC, argv[3]) != NULL;
	else if (argc == 4 && strcmp(argv[1], "fail") == 0)
		ok = disk_rule(d, 0, DISK_FAIL, DISK_WRITE | DISK_SYNC, argv[3]) != NULL;
	else if (argc == 3 && strcmp(argv[1], "waits") == 0)
		ok = disk_waits(&d->rule[0]);
	else if (argc == 3 && (ok = strcmp(argv[1], "release") == 0))
		disk_release(&d->rule[0]);
	else
		fputs("usage: disk new|block|fail|waits|release FILE [GLOB]\n", stderr);
	disk_free(d);
	return ok ? 0 : 1;
}
