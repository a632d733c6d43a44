/*
 * hold_disk.c - the test disk for a shell story: what is to be durable is held back.
 *
 *	hold_disk new CONTROL		makes the control; then start the program on it
 *	hold_disk hold CONTROL GLOB	syncs of such files wait from now on
 *	hold_disk waits CONTROL		exit status 0 when one is held back (10 s at most)
 *	hold_disk release CONTROL	they go on
 */
#include "disk/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct disk_control *attach(const char *file)
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
	const char *what = argc > 2 ? argv[1] : "";
	struct disk_control *d = NULL;

	if (strcmp(what, "new") == 0)
		return disk_new(argv[2]) == NULL;
	if (argc < 3 || (d = attach(argv[2])) == NULL) {
		fprintf(stderr, "hold_disk: new|hold|waits|release CONTROL [GLOB]\n");
		return 2;
	}
	if (strcmp(what, "hold") == 0 && argc == 4)
		(void)disk_rule(d, 0, DISK_BLOCK, DISK_SYNC, argv[3]);
	else if (strcmp(what, "release") == 0)
		disk_release(&d->rule[0]);
	else
		return strcmp(what, "waits") != 0 || !disk_waits(&d->rule[0]);
	return 0;
}
