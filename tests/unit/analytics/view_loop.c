/*
 * view_loop.c - turning a view's loop.
 */
#include "view_loop.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPOOL 0x6161616161616161u
#define TURNS 20000

/* ---- time ---- */

static uint64_t ahead_s;

int clock_gettime(clockid_t id, struct timespec *t)
{
	const int r = (int)syscall(SYS_clock_gettime, id, t);

	if (id == CLOCK_MONOTONIC)
		t->tv_sec += (time_t)ahead_s;
	return r;
}

void view_loop_later(uint64_t ms)
{
	ahead_s += (ms + 999) / 1000;
}

/* ---- life ---- */

void view_loop_make(struct view_loop *v, const char *dir)
{
	memset(v, 0, sizeof(*v));
	v->words.text_version = 1;
	v->settings.live = true;
	v->settings.keep_days = 36500;
	v->settings.keep_device_days = 36500;
	if (dir != NULL)
		snprintf(v->dir, sizeof(v->dir), "%s", dir);
	else
		snprintf(v->dir, sizeof(v->dir), "%s/scrim-test-XXXXXX",
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if ((dir == NULL && mkdtemp(v->dir) == NULL) || loop_new(&v->loop) != SC_OK)
		abort();
	v->settings.data = v->dir;
}

void view_loop_remove(struct view_loop *v)
{
	char cmd[160];

	view_loop_close(v);
	loop_free(v->loop);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", v->dir);
	if (strstr(v->dir, "/scrim-test-") == NULL || system(cmd) != 0)
		printf("# could not remove %s\n", v->dir);
}

bool view_loop_open(struct view_loop *v)
{
	struct sc_diag d = { .text = "" };

	if (view_open(v->loop, &v->settings, &v->words, NULL, &d, &v->view) == SC_OK)
		return true;
	printf("# %s: %s\n", d.file, d.text);
	return false;
}

void view_loop_close(struct view_loop *v)
{
	view_close(v->view);
	v->view = NULL;
}

/* ---- turning ---- */

struct turning {
	struct loop_timer timer;
	struct loop *loop;
};

static void on_due(struct loop_timer *t)
{
	loop_stop(loop_owner(t, struct turning, timer)->loop);
}

static void turn(struct view_loop *v)
{
	struct turning t = { .loop = v->loop };

	loop_timer_init(&t.timer, on_due);
	loop_timer_set(v->loop, &t.timer, 1);
	if (loop_run(v->loop) != SC_OK)
		abort();
	loop_timer_clear(v->loop, &t.timer);
}

void view_loop_turn(struct view_loop *v)
{
	for (int i = 0; i < 4; i++)
		turn(v);
}

bool view_loop_until(struct view_loop *v, bool (*true_of)(struct view_loop *v))
{
	for (int i = 0; i < TURNS; i++) {
		if (true_of(v))
			return true;
		turn(v);
	}
	return false;
}

/* ---- in and out ---- */

enum sc_err view_loop_feed(struct view_loop *v, const struct feed_frame *f, size_t n)
{
	return view_feed(v->view, SPOOL, view_next(v->view, SPOOL), f, n);
}

struct wanted {
	uint64_t value;
	uint8_t of;
};

static void take(void *arg, const struct feed_frame *f)
{
	struct wanted *w = arg;

	if (f->type == FEED_TALLY && f->u.tally.of == w->of)
		w->value = (w->value == UINT64_MAX ? 0 : w->value) + f->u.tally.value;
}

uint64_t view_loop_tally(const struct view_loop *v, uint8_t of)
{
	struct wanted w = { UINT64_MAX, of };

	view_status(v->view, take, &w);
	return w.value;
}

const char *view_loop_path(const struct view_loop *v, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", v->dir, name);
	return path;
}
