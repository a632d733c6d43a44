/*
 * bench_tlog.c - durable entries a second and the time a commit takes, beside
 * what the disk itself needs for fdatasync of 4 KiB, in the same run.
 *
 *	bench_tlog DIR [APPENDERS 1000] [SECONDS 5] [THREADS 2]
 *
 * Each appender waits until its 400-byte entry is durable and then appends the
 * next; a few threads play all of them. DIR must be on the disk to be measured.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/tlog/writer.h"

#define ENTRY 400
#define SAMPLES 2000000

struct bench {
	struct tlog *log;
	unsigned appenders;
	uint64_t until_ms;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t generation;
};

struct driver {
	struct bench *b;
	unsigned appenders;
	uint64_t done, refused;
	uint32_t *us; /* latencies */
	size_t n_us;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void moved(void *arg)
{
	struct bench *b = arg;

	pthread_mutex_lock(&b->lock);
	b->generation++;
	pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->lock);
}

struct waiting {
	uint64_t index, since;
};

/* A queue of its appenders, oldest first: durability comes in index order. */
static void *drive(void *arg)
{
	struct driver *d = arg;
	struct bench *b = d->b;
	struct waiting *w = calloc(d->appenders, sizeof(*w));
	size_t head = 0, n = 0;
	uint8_t entry[ENTRY];
	uint64_t seen, durable;

	memset(entry, 'e', sizeof(entry));
	for (;;) {
		bool stop = clock_mono_ms() >= b->until_ms;

		pthread_mutex_lock(&b->lock);
		seen = b->generation;
		pthread_mutex_unlock(&b->lock);
		durable = tlog_durable(b->log);
		while (n > 0 && w[head].index < durable) {
			if (d->n_us < SAMPLES)
				d->us[d->n_us++] = (uint32_t)(now_us() - w[head].since);
			head = (head + 1) % d->appenders;
			n--;
			d->done++;
		}
		while (!stop && n < d->appenders) {
			struct waiting *t = &w[(head + n) % d->appenders];

			t->since = now_us();
			if (tlog_append(b->log, sc_span(entry, ENTRY), true, &t->index) != SC_OK) {
				d->refused++;
				break;
			}
			n++;
		}
		if ((stop && n == 0) || tlog_failed(b->log))
			break;
		pthread_mutex_lock(&b->lock);
		while (b->generation == seen && !tlog_failed(b->log))
			pthread_cond_wait(&b->moved, &b->lock);
		pthread_mutex_unlock(&b->lock);
	}
	free(w);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void print_quantiles(const char *what, uint32_t *v, size_t n)
{
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), by_value);
	printf("%-34s p50 %6.2f ms  p99 %6.2f ms  max %6.2f ms\n", what, v[n / 2] / 1e3,
	    v[n * 99 / 100] / 1e3, v[n - 1] / 1e3);
}

/* Overwrite 4 KiB of a written file and fdatasync, N times. */
static void disk(const char *dir, unsigned n)
{
	uint32_t *us = calloc(n, sizeof(*us));
	char path[512];
	uint8_t block[4096] = { 1 };
	int fd;

	snprintf(path, sizeof(path), "%s/disk-probe", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || us == NULL)
		exit(1);
	for (unsigned i = 0; i < 64; i++)
		if (pwrite(fd, block, sizeof(block), (off_t)i * 4096) != 4096)
			exit(1);
	fsync(fd);
	for (unsigned i = 0; i < n; i++) {
		uint64_t t = now_us();

		block[0] = (uint8_t)i;
		if (pwrite(fd, block, sizeof(block), (off_t)(i % 64) * 4096) != 4096 ||
		    fdatasync(fd) != 0)
			exit(1);
		us[i] = (uint32_t)(now_us() - t);
	}
	close(fd);
	unlink(path);
	print_quantiles("disk: 4 KiB + fdatasync", us, n);
	free(us);
}

int main(int argc, char **argv)
{
	unsigned appenders = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000;
	unsigned seconds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 5;
	unsigned threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 2;
	struct bench b = { .appenders = appenders,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER };
	struct tlog_options o = { .origin = "bench.example/log", .dir = NULL };
	struct driver d[16];
	pthread_t t[16];
	struct tlog_status st;
	struct sc_diag diag;
	uint64_t start, took, done = 0, refused = 0;
	uint32_t *all;
	size_t n = 0;
	char dir[512];

	if (argc < 2 || threads == 0 || threads > 16 || appenders < threads) {
		fprintf(stderr, "usage: bench_tlog DIR [APPENDERS] [SECONDS] [THREADS<=16]\n");
		return 2;
	}
	disk(argv[1], 300);
	snprintf(dir, sizeof(dir), "%s/log", argv[1]);
	o.dir = dir;
	if (tlog_open(&o, &diag, &b.log) != SC_OK || tlog_on_durable(b.log, moved, &b) != SC_OK) {
		fprintf(stderr, "%s: %s\n", diag.file, diag.text);
		return 1;
	}
	all = calloc((size_t)threads, SAMPLES * sizeof(*all));
	if (all == NULL)
		return 1;
	start = clock_mono_ms();
	b.until_ms = start + seconds * 1000u;
	for (unsigned i = 0; i < threads; i++) {
		d[i] = (struct driver){ .b = &b,
			.appenders = appenders / threads,
			.us = all + (size_t)i * SAMPLES };
		if (pthread_create(&t[i], NULL, drive, &d[i]) != 0)
			return 1;
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(t[i], NULL);
		memmove(all + n, d[i].us, d[i].n_us * sizeof(*all));
		n += d[i].n_us;
		done += d[i].done;
		refused += d[i].refused;
	}
	took = clock_mono_ms() - start;
	tlog_status(b.log, &st);
	printf("%u appenders, %d bytes: %.0f durable entries/s, %.0f commits/s, "
	       "%.1f entries a commit%s\n",
	    appenders, ENTRY, (double)done * 1e3 / (double)took,
	    (double)st.commits * 1e3 / (double)took, (double)done / (double)st.commits,
	    st.direct ? ", O_DIRECT" : "");
	print_quantiles("append to durable", all, n);
	printf("published %llu of %llu; refused %llu; failed %d\n",
	    (unsigned long long)st.published, (unsigned long long)st.durable,
	    (unsigned long long)refused, st.failed);
	start = clock_mono_ms();
	tlog_close(b.log);
	printf("closing (publishing the rest) took %llu ms\n",
	    (unsigned long long)(clock_mono_ms() - start));
	disk(argv[1], 300);
	free(all);
	return st.failed;
}
