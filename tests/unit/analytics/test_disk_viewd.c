/*
 * test_disk_viewd.c - a view on a disk that refuses calls: what waits for room is tried again,
 * and what cannot be known any more ends it.
 */
#include "analytics/features/fold.h"
#include "base/clock.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "view_loop.h"

#define ANN UINT64_C(0x9000000000000001)

static char base[64], root[128], control[128];
static struct disk_control *disk;
static struct view_loop v;

static struct feed_frame frame(uint8_t type)
{
	struct feed_frame f = { .type = type };

	if (type == FEED_CONSENT)
		f.u.consent = (struct feed_consent){ ANN, clock_unix_ms() - 90000, 1, FEED_PERSON,
			1, FEED_GRANT, true };
	else if (type == FEED_EVENT)
		f.u.event = (struct feed_event){ .id = 77,
			.person = ANN,
			.at_ms = clock_unix_ms() - 60000,
			.kind = FEED_PAGE,
			.flags = FEED_VOUCHED };
	else
		f.u.snapshot = (struct feed_snapshot){ 3, clock_unix_ms() };
	return f;
}

static void begin(void)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
	view_loop_make(&v, root);
	if (!view_loop_open(&v))
		abort();
	view_loop_turn(&v);
}

static void end(void)
{
	view_loop_close(&v);
	loop_free(v.loop);
}

static enum sc_err feed(uint8_t type)
{
	const struct feed_frame f = frame(type);

	return view_loop_feed(&v, &f, 1);
}

static struct disk_rule *refuse(uint32_t ops, const char *file, int err)
{
	struct disk_rule *r = disk_rule(disk, 0, DISK_FAIL, ops, file);

	r->err = err;
	return r;
}

static bool is_live(struct view_loop *l)
{
	return view_live(l->view) != NULL;
}

static bool is_made(struct view_loop *l)
{
	return view_loop_tally(l, FEED_N_SNAPSHOT) == 3;
}

static bool has_failed(struct view_loop *l)
{
	struct feed_progress p;
	enum sc_err err;

	return view_job_ended(l->view, 1, &err, &p) && err == SC_IO;
}

/* ---- no room ---- */

static void test_tried_again(void)
{
	static const struct {
		uint32_t ops;
		const char *file;
		bool begins; /* the job, which then fails */
	} t[] = {
		{ DISK_WRITE, "features-3.tmp", true },
		{ DISK_NAME, "snapshot.json", true },
		{ DISK_WRITE, "*.ids*", false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct disk_rule *r;

		begin();
		NEED(view_loop_until(&v, is_live));
		CHECK(feed(FEED_CONSENT) == SC_OK && feed(FEED_EVENT) == SC_OK);
		r = refuse(t[i].ops, t[i].file, ENOSPC);
		CHECK(feed(FEED_SNAPSHOT) == SC_OK);
		CHECK(!t[i].begins || view_loop_until(&v, has_failed));
		CHECK(r->hits > 0);
		disk_release(r);
		/* not at every frame that comes */
		CHECK(feed(FEED_EVENT) == SC_OK);
		view_loop_turn(&v);
		CHECK(!is_made(&v) && !view_failed(v.view));
		CHECK(view_loop_tally(&v, FEED_N_LIVE) == 1);
		view_loop_later(61000);
		CHECK(view_loop_until(&v, is_made) && view_loop_tally(&v, FEED_N_PEOPLE) == 1);
		CHECK(view_loop_tally(&v, FEED_N_LIVE) == 1);
		end();
	}
}

/* ---- not known ---- */

static void test_failed_sync(void)
{
	struct disk_rule *r;

	begin();
	CHECK(feed(FEED_CONSENT) == SC_OK && !view_failed(v.view));
	r = refuse(DISK_SYNC, "*.seg", EIO);
	CHECK(feed(FEED_EVENT) == SC_IO && view_failed(v.view));
	disk_release(r);
	/* the loop was stopped: nothing more is heard of */
	CHECK(loop_run(v.loop) == SC_OK);
	view_loop_close(&v);
	/* who starts it again has what was answered, and can go on */
	NEED(view_loop_open(&v));
	CHECK(!view_failed(v.view) && view_loop_tally(&v, FEED_N_EVENTS) == UINT64_MAX);
	CHECK(feed(FEED_EVENT) == SC_OK && view_loop_tally(&v, FEED_N_EVENTS) == 1);
	end();
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/disk", base);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_tried_again, "a snapshot that found no room is made a minute later");
	RUN(test_failed_sync, "after a failed sync it ends, and the next start goes on");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
