/*
 * log_rig.c - a folder, an open log, and what is asked of it often.
 */
#include "unit/analytics/log_rig.h"

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void rig_make(struct log_rig *r)
{
	memset(r, 0, sizeof(*r));
	/* in memory where there is room: every append is synced */
	snprintf(r->dir, sizeof(r->dir), "%s/scrim-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(r->dir) == NULL)
		abort();
	snprintf(r->dir + strlen(r->dir), 8, "/log");
	r->o =
	    (struct event_log_options){ .dir = r->dir, .keep_days = 400, .keep_device_days = 90 };
}

enum sc_err rig_open(struct log_rig *r)
{
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	r->o.dir = r->dir;
	if ((err = event_log_open(&r->o, &d, &r->l)) != SC_OK)
		printf("# %s: %s: %s\n", sc_err_name(err), d.file, d.text);
	return err;
}

void rig_close(struct log_rig *r)
{
	event_log_close(r->l);
	r->l = NULL;
}

void rig_remove(struct log_rig *r)
{
	char cmd[128];

	rig_close(r);
	r->dir[strlen(r->dir) - 4] = '\0';
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", r->dir);
	if (strstr(r->dir, "/scrim-test-") == NULL || system(cmd) != 0)
		printf("# could not remove %s\n", r->dir);
}

bool rig_again(struct log_rig *r)
{
	rig_close(r);
	return rig_open(r) == SC_OK;
}

uint64_t rig_ms(uint32_t day)
{
	return (uint64_t)day * RIG_DAY_MS + 1000;
}

struct feed_frame rig_event(uint64_t id, uint64_t person, uint64_t device)
{
	struct feed_frame f = { .type = FEED_EVENT };

	f.u.event.id = id;
	f.u.event.person = person;
	f.u.event.device = device;
	f.u.event.at_ms = rig_ms(RIG_DAY);
	f.u.event.kind = FEED_PRODUCT;
	return f;
}

struct feed_frame rig_verdict(uint64_t event, uint8_t action)
{
	struct feed_frame f = { .type = FEED_VERDICT };

	f.u.verdict = (struct feed_verdict){ .event = event,
		.at_ms = rig_ms(RIG_DAY),
		.action = action,
		.scope = event == 0 ? FEED_OF_RULE : FEED_OF_EVENT,
		.rule = FEED_FOCUS };
	return f;
}

struct feed_frame rig_erase(uint64_t who)
{
	struct feed_frame f = { .type = FEED_ERASE };

	f.u.erase = (struct feed_erase){ who, FEED_PERSON };
	return f;
}

enum sc_err rig_put(struct log_rig *r, uint32_t day, const struct feed_frame *v, size_t n)
{
	return event_log_append(r->l, RIG_SPOOL, event_log_next(r->l, RIG_SPOOL), v, n, rig_ms(day),
	    NULL, NULL);
}

enum sc_err rig_put_id(struct log_rig *r, uint32_t day, uint64_t id)
{
	const struct feed_frame f = rig_event(id, 1, 2);

	return rig_put(r, day, &f, 1);
}

/* ---- what is in it ---- */

struct all_frames {
	struct feed_frame *v;
	size_t n, cap;
};

static enum sc_err take(void *arg, const struct feed_frame *f)
{
	struct all_frames *a = arg;

	if (a->n == a->cap) {
		a->cap = a->cap == 0 ? 64 : a->cap * 2;
		if ((a->v = realloc(a->v, a->cap * sizeof(*a->v))) == NULL)
			abort();
	}
	a->v[a->n++] = *f;
	return SC_OK;
}

struct feed_frame *rig_all(struct log_rig *r, size_t *n)
{
	struct all_frames a = { .n = 0 };

	if (event_log_read(r->l, take, &a, NULL, NULL) != SC_OK) {
		free(a.v);
		a = (struct all_frames){ .n = 0 };
	}
	*n = a.n;
	return a.v;
}

size_t rig_times(struct log_rig *r, uint64_t id)
{
	size_t n, times = 0;
	struct feed_frame *v = rig_all(r, &n);

	for (size_t i = 0; i < n; i++)
		times += v[i].type == FEED_EVENT && v[i].u.event.id == id;
	free(v);
	return times;
}

/* ---- its files ---- */

const char *rig_path(const struct log_rig *r, const char *name)
{
	static char paths[4][400];
	static unsigned turn;
	char *p = paths[turn++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", r->dir, name);
	return p;
}

long rig_size(const struct log_rig *r, const char *name)
{
	struct stat st;

	return stat(rig_path(r, name), &st) == 0 ? (long)st.st_size : -1;
}

static bool file_contains(const char *path, const void *p, size_t n)
{
	static uint8_t all[1 << 22];
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, all, sizeof(all));

	if (fd >= 0)
		close(fd);
	return got > 0 && memmem(all, (size_t)got, p, n) != NULL;
}

bool rig_folder_has(const struct log_rig *r, const void *p, size_t n)
{
	DIR *d = opendir(r->dir);
	bool found = false;
	struct dirent *e;

	while (d != NULL && !found && (e = readdir(d)) != NULL)
		found = file_contains(rig_path(r, e->d_name), p, n);
	if (d != NULL)
		closedir(d);
	return found;
}

bool rig_copy(const struct log_rig *from, struct log_rig *to)
{
	const struct event_log_options o = from->o;
	char cmd[256];

	rig_make(to);
	to->o = o;
	snprintf(cmd, sizeof(cmd), "cp -r '%s' '%s'", from->dir, to->dir);
	return system(cmd) == 0;
}

bool rig_flip(const struct log_rig *r, const char *name, long offset)
{
	int fd = open(rig_path(r, name), O_RDWR);
	uint8_t byte = 0;
	bool ok;

	if (offset < 0)
		offset += rig_size(r, name);
	ok = fd >= 0 && pread(fd, &byte, 1, offset) == 1;
	byte = (uint8_t)~byte;
	ok = ok && pwrite(fd, &byte, 1, offset) == 1;
	if (fd >= 0)
		close(fd);
	return ok;
}
