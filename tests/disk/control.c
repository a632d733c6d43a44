/*
 * control.c - the test's side of the test disk: making the control, setting rules.
 */
#include "disk/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct disk_control *disk_new(const char *file)
{
	struct disk_control *d = NULL;
	char ops[256];
	int fd, log;

	snprintf(ops, sizeof(ops), "%s.ops", file);
	fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	log = open(ops, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && log >= 0 && ftruncate(fd, sizeof(*d)) == 0)
		d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (log >= 0)
		close(log);
	if (d == NULL || d == MAP_FAILED)
		return NULL;
	d->magic = DISK_MAGIC;
	return d;
}

void disk_free(struct disk_control *d)
{
	if (d != NULL)
		munmap(d, sizeof(*d));
}

struct disk_rule *disk_rule(struct disk_control *d, unsigned i, enum disk_act act, uint32_t ops,
    const char *file)
{
	struct disk_rule *r = &d->rule[i];

	atomic_store(&r->act, DISK_OFF);
	r->ops = ops;
	snprintf(r->file, sizeof(r->file), "%s", file);
	r->first = 0;
	r->count = UINT32_MAX;
	r->err = 5; /* EIO */
	r->arg = 0;
	atomic_store(&r->seen, 0);
	atomic_store(&r->hits, 0);
	atomic_store(&r->act, act);
	return r;
}

void disk_release(struct disk_rule *r)
{
	atomic_store(&r->act, DISK_OFF);
}

bool disk_waits(const struct disk_rule *r)
{
	for (unsigned i = 0; i < 10000; i++) {
		if (atomic_load(&r->waiting) > 0)
			return true;
		usleep(1000);
	}
	return false;
}
