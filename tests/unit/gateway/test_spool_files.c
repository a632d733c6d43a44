/*
 * test_spool_files.c - what was acknowledged is there after every crash, once, and what
 * is damaged is told, wherever it lies.
 */
#include "gateway/spool/int.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tap.h"
#include "unit/gateway/spool_stage.h"

static char base[64], dir[128], sock[128], other[128];

/* ---- crashes and damage ------------------------------------------------------------------ */

static uint8_t image[1 << 16];
static size_t image_bytes;
static const char first_name[] = "0000000000000000.spool";

static bool image_load(const char *where, const char *name)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", where, name);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	image_bytes = fread(image, 1, sizeof(image), f);
	fclose(f);
	return image_bytes > 0;
}

static void image_save(const char *where, const char *name, size_t n)
{
	char path[200];
	int fd;

	mkdir(where, 0700);
	snprintf(path, sizeof(path), "%s/%s", where, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, image, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* Two commits, of 20 and of 7, as they lie there when the process is killed. */
static bool two_commits(bool closed)
{
	struct spool *s;
	bool ok;

	stage_empty(dir);
	s = stage_spool(dir, NULL, 1 << 20, NULL);
	ok = s != NULL && stage_put_durable(s, 0, 20) && stage_put_durable(s, 20, 7);
	if (!closed)
		ok = ok && image_load(dir, first_name);
	spool_close(s);
	return ok && (!closed || image_load(dir, first_name));
}

#define TWO_COMMITS (64 + 21 * 64 + 8 * 64)

static void test_torn_anywhere(void)
{
	uint64_t from, end, put;
	struct sc_diag d;
	struct spool *s;

	NEED(two_commits(false));
	NEED(image_bytes == TWO_COMMITS);
	for (size_t n = 64 + 21 * 64; n <= image_bytes; n++) {
		const uint64_t want = n == image_bytes ? 27 : 20;

		image_save(other, first_name, n);
		CHECK(stage_opens(other, &d, &put) == SC_OK && put == want);
		/* and it goes on from there */
		NEED((s = stage_spool(other, NULL, 1 << 20, NULL)) != NULL);
		CHECK(stage_put_durable(s, want, 3));
		spool_close(s);
		CHECK(stage_holds(other, &from, &end) && from == 0 && end == want + 3);
	}
	/* a first commit that never was whole; and nothing but a head */
	for (size_t n = 64; n < 64 + 21 * 64; n += 37) {
		image_save(other, first_name, n);
		CHECK(stage_opens(other, &d, &put) == SC_OK && put == 0);
	}
	stage_empty(other);
}

/* Of a spool that was closed, each bit that is not as it was is told, or was nobody's. */
static void test_damage_is_told(void)
{
	uint64_t put;
	struct sc_diag d;

	NEED(two_commits(true));
	NEED(image_bytes == TWO_COMMITS + 64);
	for (size_t i = 0; i < image_bytes; i++) {
		enum sc_err err;

		image[i] ^= (uint8_t)(1u << i % 8);
		image_save(other, first_name, image_bytes);
		image[i] ^= (uint8_t)(1u << i % 8);
		err = stage_opens(other, &d, &put);
		if (i < TWO_COMMITS)
			CHECK(err == SC_CORRUPT && strcmp(d.file, first_name) == 0);
		else
			CHECK(err == SC_OK && put == 27);
	}
	/* an acknowledged commit that lies before another one is never taken for a torn end */
	NEED(two_commits(false));
	image[64 + 64 * 5 + 9] ^= 1;
	image_save(other, first_name, image_bytes);
	CHECK(
	    stage_opens(other, &d, &put) == SC_CORRUPT && strstr(d.text, "behind byte 64") != NULL);
	/* nor when frames without a COMMIT follow it */
	image_save(other, first_name, image_bytes - 64);
	CHECK(stage_opens(other, &d, &put) == SC_CORRUPT);
	/* the last one, with nothing behind, is: nobody can know whether it was acknowledged */
	image[64 + 64 * 5 + 9] ^= 1;
	image[64 + 64 * 23 + 9] ^= 1;
	image_save(other, first_name, image_bytes);
	CHECK(stage_opens(other, &d, &put) == SC_OK && put == 20);
	stage_empty(other);
}

/* A frame that is well formed but does not belong: of another place, another spool, or never put. */
static void test_foreign_frames(void)
{
	struct feed_frame f = { .type = FEED_COMMIT };
	struct sc_diag d;
	uint64_t put;

	NEED(two_commits(false));
	/* two frames changed place with a COMMIT's number: the first COMMIT is off by one */
	f.u.commit.spool = sc_be64_load(image + 8);
	f.u.commit.next = 19;
	NEED(feed_encode(&f, image + 64 + 64 * 20) == SC_OK);
	image_save(other, first_name, image_bytes);
	CHECK(stage_opens(other, &d, &put) == SC_CORRUPT);
	f.u.commit.next = 20;
	f.u.commit.spool ^= 1;
	NEED(feed_encode(&f, image + 64 + 64 * 20) == SC_OK);
	image_save(other, first_name, image_bytes);
	CHECK(stage_opens(other, &d, &put) == SC_CORRUPT);
	f.u.commit.spool ^= 1;
	NEED(feed_encode(&f, image + 64 + 64 * 20) == SC_OK);
	image_save(other, first_name, image_bytes);
	CHECK(stage_opens(other, &d, &put) == SC_OK && put == 27);
	f = (struct feed_frame){ .type = FEED_PROGRESS };
	NEED(feed_encode(&f, image + 64 + 64 * 3) == SC_OK);
	image_save(other, first_name, image_bytes);
	CHECK(stage_opens(other, &d, &put) == SC_CORRUPT);
	stage_empty(other);
}

/* ---- segments ----------------------------------------------------------------------------- */

/* Segments are an eighth of the least ceiling, 8 KiB: six commits of 50 make three; names are numbers of frames. */
static bool three_segments(void)
{
	struct spool *s;
	bool ok = true;

	stage_empty(dir);
	s = stage_spool(dir, NULL, SPOOL_MAX_LEAST, NULL);
	for (uint64_t i = 0; i < 6; i++)
		ok = ok && stage_put_durable(s, i * 50, 50);
	spool_close(s);
	return ok;
}

static void test_segments(void)
{
	static const char *const names[] = { "0000000000000000.spool", "0000000000000096.spool" };
	uint64_t from, end, put;
	struct sc_diag d;
	char path[200];
	size_t n;

	NEED(three_segments());
	CHECK(stage_holds(dir, &from, &end) && from == 0 && end == 300);
	stage_bytes(dir, &n);
	CHECK(n == 3);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 300);
	for (unsigned i = 0; i < 2; i++) {
		/* none but the last may be torn */
		NEED(three_segments());
		NEED(image_load(dir, names[i]));
		image_save(dir, names[i], image_bytes - 1);
		CHECK(stage_opens(dir, &d, &put) == SC_CORRUPT && strcmp(d.file, names[i]) == 0);
		image_save(dir, names[i], image_bytes - 64 * 51);
		CHECK(stage_opens(dir, &d, &put) == SC_CORRUPT &&
		    strstr(d.text, i == 0 ? "ends with 100" : "ends with 250") != NULL);
		/* nor another's be among them, nor its name be wrong */
		image_save(dir, names[i], image_bytes);
		spool_head_encode(77, i == 0 ? 0 : 0x96, image);
		image_save(dir, names[i], image_bytes);
		CHECK(stage_opens(dir, &d, &put) == SC_CORRUPT);
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		CHECK(unlink(path) == 0);
		CHECK(stage_opens(dir, &d, &put) == (i == 0 ? SC_OK : SC_CORRUPT));
		CHECK(i == 0 || strstr(d.text, "begins with frame 300") != NULL);
	}
	/* what else lies there is nobody's business */
	NEED(three_segments());
	image_save(dir, "0000000000000096.spool.tmp", 10);
	image_save(dir, "96.spool", 10);
	image_save(dir, "00000000000000AB.spool", 10);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 300);
}

/* Many of them, each of several blocks of reading: all are read through, and fed in order. */
static void test_many_and_long(void)
{
	uint64_t from, end, put;
	struct stage_peer p;
	struct sc_diag d;
	struct spool *s;
	size_t n;

	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 32 << 20, NULL)) != NULL);
	pthread_mutex_lock(&s->lock);
	s->segment_max = 64 * 2000;
	pthread_mutex_unlock(&s->lock);
	for (uint64_t i = 0; i < 40; i++)
		NEED(stage_put_durable(s, i * 1100, 1100));
	spool_close(s);
	CHECK(stage_holds(dir, &from, &end) && from == 0 && end == 44000);
	stage_bytes(dir, &n);
	CHECK(n == 21);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 44000);
	NEED(peer_listen(&p, sock));
	NEED((s = stage_spool(dir, sock, 32 << 20, NULL)) != NULL);
	NEED(peer_meet(&p) && peer_say_at(&p, 0));
	CHECK(peer_take_until(&p, 44000));
	for (unsigned i = 0; i < 10000 && (stage_bytes(dir, &n), n > 1); i++)
		usleep(1000);
	CHECK(n == 1);
	spool_close(s);
	peer_close(&p);
}

/* In the second block of reading, too. */
static void test_long_commit(void)
{
	static uint8_t whole[1 << 18];
	static const size_t places[] = { 64, 65535, 65536, 65600, 100000, 96063, 96064 };
	struct sc_diag d;
	struct spool *s;
	char path[200];
	uint64_t put;
	size_t n;
	FILE *f;

	stage_empty(dir);
	NEED((s = stage_spool(dir, NULL, 32 << 20, NULL)) != NULL);
	NEED(stage_put_durable(s, 0, 1499) && stage_put_durable(s, 1499, 700));
	spool_close(s);
	snprintf(path, sizeof(path), "%s/%s", dir, first_name);
	NEED((f = fopen(path, "r+")) != NULL);
	n = fread(whole, 1, sizeof(whole), f);
	CHECK(n == 64 + 1500 * 64 + 701 * 64 + 64);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		fseek(f, (long)places[i], SEEK_SET);
		fputc(whole[places[i]] ^ 4, f);
		fflush(f);
		CHECK(stage_opens(dir, &d, &put) == SC_CORRUPT);
		fseek(f, (long)places[i], SEEK_SET);
		fputc(whole[places[i]], f);
		fflush(f);
	}
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 2199);
	/* torn in the third block */
	CHECK(ftruncate(fileno(f), 64 + 1500 * 64 + 600 * 64 + 7) == 0);
	CHECK(stage_opens(dir, &d, &put) == SC_OK && put == 1499);
	fclose(f);
}

static void test_head(void)
{
	uint8_t head[SPOOL_HEAD];
	uint64_t spool, first;

	spool_head_encode(0x0102030405060708, 9, head);
	CHECK(spool_head_decode(head, &spool, &first) && spool == 0x0102030405060708 && first == 9);
	for (unsigned i = 0; i < 8 * sizeof(head); i++) {
		head[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(!spool_head_decode(head, &spool, &first));
		head[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	spool_head_encode(0, 9, head);
	CHECK(!spool_head_decode(head, &spool, &first));
}

int main(void)
{
	snprintf(base, sizeof(base), "%s/scrim-spool-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(base) == NULL)
		return 2;
	snprintf(dir, sizeof(dir), "%s/spool", base);
	snprintf(other, sizeof(other), "%s/other", base);
	snprintf(sock, sizeof(sock), "%s/feed", base);
	RUN(test_torn_anywhere,
	    "killed at any byte of a commit: all that was acknowledged is there, and nothing else");
	RUN(test_damage_is_told, "a flipped bit is told, with the file's name");
	RUN(test_foreign_frames, "frames that do not belong are damage");
	RUN(test_segments, "segments follow one another, and none but the last is torn");
	RUN(test_many_and_long, "many segments, long ones, are read through and fed in order");
	RUN(test_long_commit, "damage is found in whatever block of reading it lies");
	RUN(test_head, "a head is whole or none");
	stage_empty(base);
	return tap_done();
}
