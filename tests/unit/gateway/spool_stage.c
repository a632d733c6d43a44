/*
 * spool_stage.c - numbered events, a look at the spool's files, and its other side.
 */
#include "unit/gateway/spool_stage.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define SEGMENTS 256

void stage_on_durable(void *told, uint64_t next, bool ok)
{
	struct stage_told *t = told;

	atomic_store(&t->failed, !ok);
	atomic_store(ok ? &t->durable : &t->fallen, next);
	atomic_fetch_add(&t->times, 1);
}

static struct feed_frame numbered(uint64_t i)
{
	return (struct feed_frame){ .type = FEED_EVENT,
		.u.event = { .id = i + 1, .kind = FEED_PRODUCT, .at_ms = 1767225600000 + i } };
}

enum sc_err stage_put(struct spool *s, uint64_t from, size_t n)
{
	struct feed_frame *v = calloc(n, sizeof(*v));
	uint64_t next = 0;
	enum sc_err err;

	for (size_t i = 0; i < n; i++)
		v[i] = numbered(from + i);
	err = spool_put(s, v, n, &next);
	free(v);
	return err == SC_OK && next != from + n ? SC_BUG : err;
}

bool stage_wait(const _Atomic uint64_t *v, uint64_t least)
{
	for (unsigned i = 0; i < PATIENCE_MS * 10 && atomic_load(v) < least; i++)
		usleep(100);
	return atomic_load(v) >= least;
}

/* What was handed over leaves a moment after it was. */
bool stage_put_when_room(struct spool *s, uint64_t from, size_t n)
{
	enum sc_err err = SC_LIMIT;

	for (unsigned i = 0; i < PATIENCE_MS * 10 && err == SC_LIMIT; i++) {
		if ((err = stage_put(s, from, n)) == SC_LIMIT)
			usleep(100);
	}
	return err == SC_OK;
}

bool stage_put_durable(struct spool *s, uint64_t from, size_t n)
{
	struct spool_stats st;

	if (stage_put(s, from, n) != SC_OK)
		return false;
	for (unsigned i = 0; i < PATIENCE_MS * 10; i++) {
		spool_count(s, &st);
		if (st.durable == from + n)
			return true;
		usleep(100);
	}
	return false;
}

/* ---- a spool -------------------------------------------------------------------------- */

void stage_empty(const char *path)
{
	size_t none;

	if (stage_bytes(path, &none) > 0 || access(path, F_OK) == 0) {
		char cmd[200];

		snprintf(cmd, sizeof(cmd), "rm -rf '%s'", path);
		if (system(cmd) != 0)
			abort();
	}
}

struct spool *stage_spool(const char *where, const char *socket, uint64_t max,
    struct stage_told *told)
{
	const struct spool_options o = { .dir = where,
		.socket = socket,
		.max = max,
		.on_durable = told == NULL ? NULL : stage_on_durable,
		.arg = told };
	struct sc_diag d = { .text = "" };
	struct spool *s = NULL;

	if (spool_open(&o, &d, &s) != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return s;
}

enum sc_err stage_opens(const char *where, struct sc_diag *d, uint64_t *put)
{
	const struct spool_options o = { .dir = where, .max = 32 << 20 };
	struct spool_stats st = { .put = 0 };
	struct spool *s = NULL;
	enum sc_err err;

	memset(d, 0, sizeof(*d));
	if ((err = spool_open(&o, d, &s)) == SC_OK)
		spool_count(s, &st);
	*put = st.put;
	spool_close(s);
	return err;
}

/* ---- files ------------------------------------------------------------------------------ */

static int is_segment(const struct dirent *e)
{
	return strlen(e->d_name) == 22 && strcmp(e->d_name + 16, ".spool") == 0;
}

static bool file_holds(const char *path, uint64_t *next)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame f;
	FILE *file = fopen(path, "r");
	bool ok = file != NULL && fread(bytes, sizeof(bytes), 1, file) == 1;

	while (ok && fread(bytes, sizeof(bytes), 1, file) == 1) {
		ok = feed_decode(bytes, &f) == SC_OK;
		if (ok && f.type == FEED_COMMIT)
			ok = f.u.commit.next == *next;
		else if (ok)
			ok = f.type == FEED_EVENT && f.u.event.id == ++*next;
	}
	if (file != NULL)
		fclose(file);
	return ok;
}

bool stage_holds(const char *dir, uint64_t *from, uint64_t *end)
{
	struct dirent **v = NULL;
	const int n = scandir(dir, &v, is_segment, alphasort);
	bool ok = n > 0;
	char path[400];

	if (ok)
		*from = *end = strtoull(v[0]->d_name, NULL, 16);
	for (int i = 0; i < n; i++) {
		ok = ok && strtoull(v[i]->d_name, NULL, 16) == *end;
		snprintf(path, sizeof(path), "%s/%s", dir, v[i]->d_name);
		ok = ok && file_holds(path, end);
		free(v[i]);
	}
	free(v);
	return ok;
}

uint64_t stage_bytes(const char *dir, size_t *segments)
{
	struct dirent **v = NULL;
	const int n = scandir(dir, &v, NULL, alphasort);
	uint64_t sum = 0;
	char path[400];
	struct stat st;

	*segments = 0;
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, v[i]->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
		*segments += (size_t)is_segment(v[i]);
		free(v[i]);
	}
	free(v);
	return sum;
}

/* ---- the other side ------------------------------------------------------------------ */

static bool readable(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

bool peer_listen(struct stage_peer *p, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	*p = (struct stage_peer){ .listener = -1, .fd = -1 };
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	unlink(path);
	p->listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	return p->listener >= 0 && bind(p->listener, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(p->listener, 4) == 0;
}

void peer_close(struct stage_peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->listener >= 0)
		close(p->listener);
	p->fd = p->listener = -1;
}

bool peer_meet(struct stage_peer *p)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	struct feed_frame f;

	if (p->fd >= 0)
		close(p->fd);
	p->fd = readable(p->listener, PATIENCE_MS) ? accept(p->listener, NULL, NULL) : -1;
	if (p->fd < 0 || !readable(p->fd, PATIENCE_MS) ||
	    recv(p->fd, bytes, sizeof(bytes), MSG_TRUNC) != (ssize_t)sizeof(bytes) ||
	    feed_decode(bytes, &f) != SC_OK || f.type != FEED_HELLO)
		return false;
	p->spool = f.u.hello.spool;
	return true;
}

bool peer_say(struct stage_peer *p, const struct feed_frame *f)
{
	uint8_t bytes[FEED_FRAME_BYTES];

	return feed_encode(f, bytes) == SC_OK &&
	    send(p->fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == (ssize_t)sizeof(bytes);
}

bool peer_say_at(struct stage_peer *p, uint64_t next)
{
	const struct feed_frame f = { .type = FEED_AT, .u.at = { p->spool, next } };

	return peer_say(p, &f);
}

size_t peer_take(struct stage_peer *p, int wait_ms)
{
	static uint8_t packet[FEED_PACKET_FRAMES * FEED_FRAME_BYTES + 1];
	struct feed_frame f;
	ssize_t n;

	if (!readable(p->fd, wait_ms))
		return 0;
	n = recv(p->fd, packet, sizeof(packet), MSG_TRUNC);
	if (n <= 0 || n % FEED_FRAME_BYTES != 0 || n > FEED_PACKET_FRAMES * FEED_FRAME_BYTES ||
	    feed_decode(packet, &f) != SC_OK || f.type != FEED_BATCH ||
	    f.u.batch.first != p->next || f.u.batch.n != (size_t)n / FEED_FRAME_BYTES - 1)
		return 0;
	for (ssize_t i = FEED_FRAME_BYTES; i < n; i += FEED_FRAME_BYTES)
		if (feed_decode(packet + i, &f) != SC_OK || f.type != FEED_EVENT ||
		    f.u.event.id != ++p->next)
			return 0;
	return (size_t)n / FEED_FRAME_BYTES - 1;
}

bool peer_take_until(struct stage_peer *p, uint64_t end)
{
	while (p->next < end)
		if (peer_take(p, PATIENCE_MS) == 0 || !peer_say_at(p, p->next))
			return false;
	return p->next == end;
}

bool peer_alone(struct stage_peer *p)
{
	uint8_t byte;

	return readable(p->fd, PATIENCE_MS) && recv(p->fd, &byte, 1, 0) <= 0;
}
