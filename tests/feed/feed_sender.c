/*
 * feed_sender.c - a gateway's side of the feed alone, to be killed at any moment, and what
 * reads afterwards what came of it.
 *
 *	feed_sender send SPOOL SOCKET ACKS
 *			puts events for ever; which are durable is told to ACKS
 *	feed_sender finish SPOOL SOCKET
 *			until all that was put is handed over; prints how many
 *	feed_sender release SOCKET
 *			as a hacked gateway: an operator's word that focus is no rule,
 *			about event 1 that focus set aside; 0 if that is taken
 *	feed_sender count DATA
 *			of the log in DATA: "EVENTS DISTINCT HIGHEST"
 *
 * The event that is put as number N has id N + 1: a spool that is opened again says
 * where it is.
 */
#include "base/feed/feed.h"
#include "gateway/spool/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BATCH 20
#define FINISH_MS 60000

static _Atomic uint64_t durable;

static void on_durable(void *arg, uint64_t next, bool ok)
{
	(void)arg;
	if (ok)
		atomic_store(&durable, next);
}

static struct spool *open_spool(const char *dir, const char *socket)
{
	const struct spool_options o = { .dir = dir,
		.socket = socket,
		.max = (uint64_t)256 << 20,
		.on_durable = on_durable };
	struct sc_diag d = { .text = "" };
	struct spool *s;

	if (spool_open(&o, &d, &s) == SC_OK)
		return s;
	fprintf(stderr, "%s: %s\n", d.file, d.text);
	exit(1);
}

static void nap(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static uint64_t put_some(struct spool *s, uint64_t at)
{
	struct feed_frame v[BATCH];
	uint64_t next = at;

	memset(v, 0, sizeof(v));
	for (uint64_t i = 0; i < BATCH; i++) {
		v[i].type = FEED_EVENT;
		v[i].u.event.id = at + i + 1;
		v[i].u.event.kind = FEED_PAGE;
		v[i].u.event.at_ms = (uint64_t)time(NULL) * 1000;
	}
	if (spool_put(s, v, BATCH, &next) != SC_OK)
		nap(10);
	return next;
}

static int send_for_ever(const char *dir, const char *socket, const char *acks)
{
	int fd = open(acks, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct spool *s = open_spool(dir, socket);
	struct spool_stats st;
	uint64_t told = 0;

	if (fd < 0)
		return 1;
	spool_count(s, &st);
	for (uint64_t at = st.put;;) {
		uint64_t now = atomic_load(&durable);

		at = put_some(s, at);
		if (now != told)
			dprintf(fd, "%llu\n", (unsigned long long)now);
		told = now;
		nap(1);
	}
}

static int finish(const char *dir, const char *socket)
{
	struct spool *s = open_spool(dir, socket);
	struct spool_stats st;

	for (int i = 0; i < FINISH_MS / 10; i++) {
		spool_count(s, &st);
		if (st.fed == st.put)
			break;
		nap(10);
	}
	printf("%llu\n", (unsigned long long)st.put);
	spool_close(s);
	return st.fed == st.put && st.lost == 0 ? 0 : 1;
}

/* ---- a gateway that was taken over ---- */

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0)
		exit(2);
	return fd;
}

/* Is the packet of N frames at V answered? */
static bool is_taken(int fd, const struct feed_frame *v, size_t n)
{
	uint8_t raw[4 * FEED_FRAME_BYTES];

	for (size_t i = 0; i < n; i++)
		if (feed_encode(&v[i], raw + i * FEED_FRAME_BYTES) != SC_OK)
			abort();
	return send(fd, raw, n * FEED_FRAME_BYTES, MSG_NOSIGNAL) > 0 &&
	    recv(fd, raw, FEED_FRAME_BYTES, 0) == FEED_FRAME_BYTES;
}

static int release(const char *socket)
{
	const uint64_t now_ms = (uint64_t)time(NULL) * 1000;
	const struct feed_frame hello = { .type = FEED_HELLO, .u.hello = { 7 } };
	struct feed_frame v[3] = { { .type = FEED_BATCH, .u.batch = { 0, 2 } },
		{ .type = FEED_EVENT,
		    .u.event = { .id = 1, .person = 1, .at_ms = now_ms, .kind = FEED_PRODUCT } },
		{ .type = FEED_VERDICT,
		    .u.verdict = { .event = 1,
			.at_ms = now_ms,
			.action = FEED_QUARANTINE,
			.scope = FEED_OF_EVENT,
			.rule = FEED_FOCUS,
			.rule_version = 1 } } };
	int fd = connect_to(socket);

	if (!is_taken(fd, &hello, 1) || !is_taken(fd, v, 3))
		return 2;
	v[0].u.batch = (struct feed_batch){ 2, 1 };
	v[1] = v[2];
	v[1].u.verdict.event = 0;
	v[1].u.verdict.action = FEED_RELEASE;
	v[1].u.verdict.scope = FEED_OF_RULE;
	v[1].u.verdict.because = FEED_MISTAKE;
	return is_taken(fd, v, 2) ? 0 : 1;
}

/* ---- reading ---- */

static uint64_t *ids;
static size_t n_ids, cap;

static void take_file(const char *dir, const char *name)
{
	uint8_t raw[FEED_FRAME_BYTES];
	struct feed_frame f;
	char path[600];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((in = fopen(path, "r")) == NULL)
		return;
	while (fread(raw, 1, sizeof(raw), in) == sizeof(raw)) {
		if (feed_decode(raw, &f) != SC_OK || f.type != FEED_EVENT)
			continue;
		if (n_ids == cap && (ids = realloc(ids, (cap = cap * 2 + 1024) * 8)) == NULL)
			abort();
		ids[n_ids++] = f.u.event.id;
	}
	fclose(in);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int count(const char *dir)
{
	DIR *d = opendir(dir);
	size_t distinct = 0;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".seg") != NULL)
			take_file(dir, e->d_name);
	if (d != NULL)
		closedir(d);
	if (n_ids > 0)
		qsort(ids, n_ids, sizeof(*ids), compare);
	for (size_t i = 0; i < n_ids; i++)
		distinct += i == 0 || ids[i] != ids[i - 1];
	printf("%zu %zu %llu\n", n_ids, distinct,
	    (unsigned long long)(n_ids == 0 ? 0 : ids[n_ids - 1]));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "send") == 0)
		return send_for_ever(argv[2], argv[3], argv[4]);
	if (argc == 4 && strcmp(argv[1], "finish") == 0)
		return finish(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "release") == 0)
		return release(argv[2]);
	if (argc == 3 && strcmp(argv[1], "count") == 0)
		return count(argv[2]);
	fputs("usage: feed_sender send|finish|release|count ...\n", stderr);
	return 2;
}
