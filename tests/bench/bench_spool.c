/*
 * bench_spool.c - frames a second that the spool makes durable, the time until a
 * batch is, and what a frame costs; alone, and while a viewd of this program takes them.
 *
 *	bench_spool DIR [SECONDS 1] [BATCHES WAITING 64] [FRAMES A BATCH 20]
 *
 * DIR must be on the disk to be measured; a folder in it is made and emptied.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gateway/spool/spool.h"

#define WAITING_MAX 4096
#define BATCH_MAX 1000
#define SAMPLES 1000000

struct bench {
	unsigned seconds, waiting, batch;
	char dir[200], sock[100];
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t durable;
	/* batches that wait: their numbers and when they were put */
	uint64_t until[WAITING_MAX], since[WAITING_MAX];
	uint32_t us[SAMPLES];
	size_t n_us;
	_Atomic uint64_t taken; /* by viewd */
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t cpu_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
	    (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void on_durable(void *arg, uint64_t next, bool ok)
{
	struct bench *b = arg;

	if (!ok)
		abort();
	pthread_mutex_lock(&b->lock);
	b->durable = next;
	pthread_cond_signal(&b->moved);
	pthread_mutex_unlock(&b->lock);
}

static struct feed_frame event(uint64_t i)
{
	return (struct feed_frame){ .type = FEED_EVENT,
		.u.event = { .id = i + 1,
		    .person = i * 7919 % 500000,
		    .device = i * 104729,
		    .at_ms = 1767225600000 + i,
		    .late_s = 2,
		    .product = (uint32_t)(i % 10000),
		    .price = 1999,
		    .category = 12,
		    .shop = 1,
		    .kind = FEED_PRODUCT,
		    .channel = 2,
		    .offset = 32,
		    .flags = FEED_MOBILE,
		    .family = FEED_CHROME } };
}

/* ---- the form ------------------------------------------------------------------------- */

static void bench_form(void)
{
	static uint8_t bytes[1024][FEED_FRAME_BYTES];
	struct feed_frame f;
	uint64_t began = now_us(), made, read;
	unsigned bad = 0;

	for (uint64_t i = 0; i < 1024 * 1000; i++) {
		f = event(i);
		bad += feed_encode(&f, bytes[i % 1024]) != SC_OK;
	}
	made = now_us();
	for (uint64_t i = 0; i < 1024 * 1000; i++)
		bad += feed_decode(bytes[i % 1024], &f) != SC_OK;
	read = now_us();
	printf("form: encode %.0f ns, decode %.0f ns a frame%s\n", (double)(made - began) / 1024,
	    (double)(read - made) / 1024, bad == 0 ? "" : " BAD");
}

/* ---- the other side --------------------------------------------------------------------- */

static void say_at(int fd, uint64_t spool, uint64_t next)
{
	const struct feed_frame at = { .type = FEED_AT, .u.at = { spool, next } };
	uint8_t bytes[FEED_FRAME_BYTES];

	if (feed_encode(&at, bytes) == SC_OK)
		(void)!send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
}

/* Takes packets as viewd does, but for its disk. */
static void *viewd_main(void *arg)
{
	struct bench *b = arg;
	static uint8_t packet[FEED_PACKET_FRAMES * FEED_FRAME_BYTES];
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct feed_frame f;
	uint64_t spool = 0;
	ssize_t n;
	int l = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", b->sock);
	unlink(b->sock);
	if (bind(l, (const struct sockaddr *)&a, sizeof(a)) != 0 || listen(l, 1) != 0)
		abort();
	fd = accept(l, NULL, NULL);
	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0) {
		uint64_t next = 0;

		for (ssize_t i = 0; i < n; i += FEED_FRAME_BYTES)
			if (feed_decode(packet + i, &f) != SC_OK)
				abort();
			else if (f.type == FEED_HELLO)
				spool = f.u.hello.spool;
			else if (f.type == FEED_BATCH)
				next = f.u.batch.first + f.u.batch.n;
		atomic_store(&b->taken, next);
		say_at(fd, spool, next);
	}
	close(fd);
	close(l);
	return NULL;
}

/* ---- the spool ----------------------------------------------------------------------------- */

/* Put batches, so many ahead of the disk, for the time that is set. Returns how many frames. */
static uint64_t put_for_a_time(struct bench *b, struct spool *s)
{
	const uint64_t until = now_us() + (uint64_t)b->seconds * 1000000;
	struct feed_frame v[BATCH_MAX];
	uint64_t head = 0, tail = 0, next = 0, durable, now;

	while ((now = now_us()) < until || tail < head) {
		for (unsigned i = 0; i < b->batch; i++)
			v[i] = event(next + i);
		while (now < until && head - tail < b->waiting &&
		    spool_put(s, v, b->batch, &next) == SC_OK) {
			b->until[head % WAITING_MAX] = next;
			b->since[head++ % WAITING_MAX] = now_us();
		}
		pthread_mutex_lock(&b->lock);
		while (tail < head && b->durable < b->until[tail % WAITING_MAX])
			pthread_cond_wait(&b->moved, &b->lock);
		durable = b->durable;
		pthread_mutex_unlock(&b->lock);
		for (now = now_us(); tail < head && b->until[tail % WAITING_MAX] <= durable; tail++)
			if (b->n_us < SAMPLES)
				b->us[b->n_us++] = (uint32_t)(now - b->since[tail % WAITING_MAX]);
	}
	return next;
}

static void bench_spool(struct bench *b, bool fed)
{
	const struct spool_options o = { .dir = b->dir,
		.socket = fed ? b->sock : NULL,
		.max = (uint64_t)4 << 30,
		.on_durable = on_durable,
		.arg = b };
	char empty[300];
	struct sc_diag d;
	struct spool *s;
	pthread_t viewd;
	uint64_t began, cpu, n, us;

	snprintf(empty, sizeof(empty), "rm -rf '%s'", b->dir);
	b->durable = b->n_us = 0;
	if (system(empty) != 0 || (fed && pthread_create(&viewd, NULL, viewd_main, b) != 0) ||
	    spool_open(&o, &d, &s) != SC_OK)
		abort();
	began = now_us();
	cpu = cpu_us();
	n = put_for_a_time(b, s);
	us = now_us() - began;
	cpu = cpu_us() - cpu;
	qsort(b->us, b->n_us, sizeof(*b->us), by_size);
	printf("%s %u batches of %u wait: %.0f frames/s durable, p50 %.2f ms, p99 %.2f ms, "
	       "%.2f us of CPU a frame",
	    fed ? "fed:  " : "alone:", b->waiting, b->batch, (double)n * 1e6 / (double)us,
	    b->us[b->n_us / 2] / 1e3, b->us[b->n_us * 99 / 100] / 1e3, (double)cpu / (double)n);
	if (fed)
		printf(", viewd %.0f behind", (double)(n - atomic_load(&b->taken)));
	printf("\n");
	spool_close(s);
	if (fed)
		pthread_join(viewd, NULL);
	(void)!system(empty);
}

static unsigned number(int argc, char **argv, int i, unsigned usual, unsigned most)
{
	const unsigned long v = argc > i ? strtoul(argv[i], NULL, 10) : usual;

	return v == 0 || v > most ? most : (unsigned)v;
}

int main(int argc, char **argv)
{
	static struct bench b = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };

	if (argc < 2) {
		fprintf(stderr, "usage: bench_spool DIR [SECONDS] [WAITING] [BATCH]\n");
		return 2;
	}
	b.seconds = number(argc, argv, 2, 1, 3600);
	b.waiting = number(argc, argv, 3, 64, WAITING_MAX);
	b.batch = number(argc, argv, 4, 20, BATCH_MAX);
	snprintf(b.dir, sizeof(b.dir), "%s/bench-spool", argv[1]);
	snprintf(b.sock, sizeof(b.sock), "%.90s/feed", argv[1]);
	bench_form();
	bench_spool(&b, false);
	bench_spool(&b, true);
	return 0;
}
