/*
 * test_loop.c - the event loop: timers against a naive model, descriptors
 * removed while they are being served, wakes from other threads.
 */
#include "net/loop/loop.h"
#include "net/loop/wheel.h"

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the wheel beside a naive model ---- */

#define TIMERS 300

struct model {
	struct loop_timer t;
	uint64_t due; /* 0: not set */
	int fired;
};

static struct model model[TIMERS];
static struct wheel wheel;
static uint64_t model_now;
static int early, missing;
static uint32_t seed = 1;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static void model_fired(struct loop_timer *t)
{
	struct model *m = loop_owner(t, struct model, t);

	if (m->due == 0 || m->due > model_now)
		early++;
	m->due = 0;
	m->fired++;
}

static uint64_t any_delay(void)
{
	static const uint32_t ranges[] = { 1, 3, 64, 65, 100, 4096, 5000, 300000, 20000000 };

	return rnd() % ranges[rnd() % 9];
}

static void timers_match_model(void)
{
	uint64_t start = 123456789;

	wheel_init(&wheel, start);
	model_now = start;
	for (int i = 0; i < TIMERS; i++)
		loop_timer_init(&model[i].t, model_fired);
	for (int step = 0; step < 200000; step++) {
		struct model *m = &model[rnd() % TIMERS];
		uint64_t next = UINT64_MAX, said;

		switch (rnd() % 4) {
		case 0:
			wheel_clear(&wheel, &m->t);
			m->due = 0;
			break;
		case 1:
			model_now += rnd() % 100 == 0 ? any_delay() : rnd() % 70;
			wheel_run(&wheel, model_now);
			for (int i = 0; i < TIMERS; i++)
				missing += model[i].due != 0 && model[i].due <= model_now;
			break;
		default: {
			uint64_t delay = any_delay() + 1;

			wheel_set(&wheel, &m->t, delay);
			m->due = model_now + delay;
			break;
		}
		}
		for (int i = 0; i < TIMERS; i++)
			if (model[i].due != 0 && model[i].due < next)
				next = model[i].due;
		said = wheel_next(&wheel);
		/* it may wake too early (a refile), never too late */
		if (said > next)
			missing++;
	}
	CHECK(early == 0);
	CHECK(missing == 0);
	for (int i = 0; i < TIMERS; i++)
		wheel_clear(&wheel, &model[i].t);
	CHECK(wheel_next(&wheel) == UINT64_MAX);
}

/* ---- timers on a loop ---- */

static struct loop *loop;
static int fired, order[8];
static struct loop_timer t0, t1, t2;

static void on_t0(struct loop_timer *t)
{
	order[fired++] = 0;
	if (fired < 3)
		loop_timer_set(loop, t, 0); /* next turn, not this one */
}

static void on_clear_other(struct loop_timer *t)
{
	order[fired++] = t == &t1 ? 1 : 2;
	loop_timer_clear(loop, t == &t1 ? &t2 : &t1);
}

static void timer_zero_is_next_turn(void)
{
	loop_timer_init(&t0, on_t0);
	fired = 0;
	loop_timer_set(loop, &t0, 0);
	CHECK(loop_timer_is_set(&t0));
	CHECK(fired == 0);
	for (int i = 1; i <= 3; i++) {
		NEED(loop_turn_once(loop, -1) == SC_OK);
		CHECK(fired == i);
	}
	CHECK(!loop_timer_is_set(&t0));
}

static void timer_cleared_in_batch(void)
{
	loop_timer_init(&t1, on_clear_other);
	loop_timer_init(&t2, on_clear_other);
	fired = 0;
	loop_timer_set(loop, &t1, 0);
	loop_timer_set(loop, &t2, 0);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(fired == 1 && order[0] == 1);
	CHECK(!loop_timer_is_set(&t2));
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(fired == 1);
}

static void timer_never_early(void)
{
	uint64_t from;

	NEED(loop_turn_once(loop, 0) == SC_OK);
	from = loop_now_ms(loop);
	loop_timer_init(&t1, on_clear_other);
	loop_timer_init(&t2, on_clear_other);
	fired = 0;
	loop_timer_set(loop, &t1, 30);
	while (fired == 0)
		NEED(loop_turn_once(loop, -1) == SC_OK);
	CHECK(loop_now_ms(loop) >= from + 30);
}

/* ---- descriptors ---- */

static struct loop_io a, b;
static int ready_a, ready_b;

static void on_a(struct loop_io *io, uint32_t events)
{
	(void)io;
	CHECK(events & EPOLLIN);
	ready_a++;
	loop_remove(loop, &b);
}

static void on_b(struct loop_io *io, uint32_t events)
{
	(void)io;
	CHECK(events & EPOLLIN);
	ready_b++;
	loop_remove(loop, &a);
}

static void removed_io_is_silent(void)
{
	int pa[2], pb[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pa) == 0);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pb) == 0);
	a = (struct loop_io){ .fd = pa[0], .on_ready = on_a };
	b = (struct loop_io){ .fd = pb[0], .on_ready = on_b };
	NEED(loop_add(loop, &a, EPOLLIN) == SC_OK);
	NEED(loop_add(loop, &b, EPOLLIN) == SC_OK);
	NEED(write(pa[1], "x", 1) == 1 && write(pb[1], "x", 1) == 1);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	/* both were fetched in one batch; whoever came first removed the other */
	CHECK(ready_a + ready_b == 1);
	loop_remove(loop, &a);
	loop_remove(loop, &b);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(ready_a + ready_b == 1);
	close(pa[0]);
	close(pa[1]);
	close(pb[0]);
	close(pb[1]);
}

static void change_takes_effect(void)
{
	int p[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
	ready_a = 0;
	a = (struct loop_io){ .fd = p[0], .on_ready = on_a };
	NEED(loop_add(loop, &a, 0) == SC_OK);
	NEED(write(p[1], "x", 1) == 1);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(ready_a == 0);
	NEED(loop_change(loop, &a, EPOLLIN) == SC_OK);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(ready_a == 2); /* level-triggered: still there, told again */
	loop_remove(loop, &a);
	loop_remove(loop, &a);
	close(p[0]);
	close(p[1]);
}

/* ---- hooks ---- */

static struct loop_turn h1, h2, h3;
static int hooks[3];

static void on_h1(struct loop_turn *t)
{
	(void)t;
	hooks[0]++;
	loop_turn_remove(loop, &h2); /* the next one */
	loop_turn_remove(loop, &h1); /* itself */
}

static void on_h2(struct loop_turn *t)
{
	(void)t;
	hooks[1]++;
}

static void on_h3(struct loop_turn *t)
{
	(void)t;
	hooks[2]++;
}

static void hooks_run_each_turn(void)
{
	h1.on_turn = on_h1;
	h2.on_turn = on_h2;
	h3.on_turn = on_h3;
	loop_turn_add(loop, &h1);
	loop_turn_add(loop, &h2);
	loop_turn_add(loop, &h3);
	for (int i = 0; i < 3; i++)
		NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(hooks[0] == 1 && hooks[1] == 0 && hooks[2] == 3);
	loop_turn_remove(loop, &h3);
	loop_turn_remove(loop, &h3);
}

/* ---- other threads ---- */

#define POSTS 20000
static atomic_int promised;
static int wakes, seen;
static struct loop_wake wake;

static void on_wake(struct loop_wake *w)
{
	(void)w;
	wakes++;
	seen = atomic_load(&promised);
}

static void *poster(void *arg)
{
	(void)arg;
	for (int i = 0; i < POSTS; i++) {
		atomic_fetch_add(&promised, 1);
		loop_wake_post(&wake);
	}
	return NULL;
}

static void wakes_are_never_lost(void)
{
	pthread_t thread[2];

	loop_wake_init(loop, &wake, on_wake);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&thread[i], NULL, poster, NULL) == 0);
	while (seen < 2 * POSTS)
		NEED(loop_turn_once(loop, -1) == SC_OK);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	CHECK(wakes >= 1 && wakes <= 2 * POSTS);
	loop_wake_post(&wake);
	loop_wake_fini(&wake);
	wakes = 0;
	NEED(loop_turn_once(loop, 0) == SC_OK);
	CHECK(wakes == 0);
}

static int self_posts;

static void on_self(struct loop_wake *w)
{
	self_posts++;
	loop_wake_post(w);
}

static void wake_posting_itself_lets_others_run(void)
{
	loop_wake_init(loop, &wake, on_self);
	loop_wake_post(&wake);
	for (int i = 1; i <= 5; i++) {
		NEED(loop_turn_once(loop, -1) == SC_OK);
		CHECK(self_posts == i);
	}
	loop_wake_fini(&wake);
}

static void *stopper(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void stop_from_another_thread(void)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, stopper, loop) == 0);
	CHECK(loop_run(loop) == SC_OK);
	pthread_join(thread, NULL);
	loop_stop(loop);
	CHECK(loop_run(loop) == SC_OK); /* asked before: at once */
}

int main(void)
{
	if (loop_new(&loop) != SC_OK)
		return 1;
	RUN(timers_match_model, "timers fire exactly when a naive model says");
	RUN(timer_zero_is_next_turn, "a delay of 0 fires in the next turn");
	RUN(timer_cleared_in_batch, "a timer cleared by another that is due too does not fire");
	RUN(timer_never_early, "a timer is never early");
	RUN(removed_io_is_silent, "a removed descriptor gets no event of the same batch");
	RUN(change_takes_effect,
	    "events are told again until they are taken, and only those asked for");
	RUN(hooks_run_each_turn, "hooks run every turn, and may remove themselves and others");
	RUN(wakes_are_never_lost, "posts from other threads coalesce and are never lost");
	RUN(wake_posting_itself_lets_others_run, "a wake that posts itself does not keep the loop");
	RUN(stop_from_another_thread, "a loop stops when another thread asks");
	loop_free(loop);
	return tap_done();
}
