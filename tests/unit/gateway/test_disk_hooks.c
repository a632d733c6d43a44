/*
 * test_disk_hooks.c - hooks on a disk that refuses and holds back: nobody waits for it,
 * and what it did not take is neither forgotten nor sent twice for it.
 */
#include "hooks_stage.h"

#include "disk/disk.h"

static struct disk_control *disk;

static struct disk_rule *refuse(void)
{
	struct disk_rule *r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE | DISK_SYNC, "scrim.db-wal");

	r->err = 5; /* EIO */
	return r;
}

/* What was delivered cannot be written down: nothing else is taken for it meanwhile. */
static void test_refused_outcome(void)
{
	struct disk_rule *r;

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	receiver.status = 0;
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_until(held));
	tell(PHONE_EVENT_CALL_ENDED);
	tell(PHONE_EVENT_CALL_LATE);
	run_ms(100);
	CHECK(stats().waiting == 3);
	r = refuse();
	receiver.status = 200;
	http_call_respond(receiver.held, 200, NULL, 0, sc_span("", 0));
	run_ms(2500); /* some tries to write it */
	CHECK(receiver.n == 1 && stats().delivered == 0 && stats().waiting == 3);
	disk_release(r);
	NEED(run_counted(3, 0, 0));
	CHECK(receiver.n == 3 && stats().waiting == 0);
	CHECK(strcmp(receiver.v[0].type, "call.started") == 0);
	CHECK(strcmp(receiver.v[1].type, "call.ended") == 0);
	CHECK(strcmp(receiver.v[2].type, "call.late") == 0);
	down();
}

static void test_held_back(void)
{
	struct disk_rule *r;

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	NEED(run_counted(0, 0, 0));
	run_ms(50);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "scrim.db*");
	for (unsigned i = 0; i < 5; i++)
		tell(PHONE_EVENT_CALL_STARTED); /* a call that waited would not come back */
	NEED(disk_waits(r));
	run_ms(100);
	CHECK(receiver.n == 0);
	disk_release(r);
	NEED(run_counted(5, 0, 0));
	down();
}

static void test_lost(void)
{
	struct disk_rule *r;

	begin();
	hook("shop", "/", ALL);
	NEED(up());
	run_ms(50);
	r = refuse();
	tell(PHONE_EVENT_CALL_STARTED);
	NEED(run_counted(0, 0, 1)); /* and logged */
	disk_release(r);
	tell(PHONE_EVENT_CALL_ENDED);
	NEED(run_counted(1, 0, 1));
	CHECK(receiver.n == 1 && strcmp(receiver.v[0].type, "call.ended") == 0);
	CHECK(stats().waiting == 0);
	down();
}

int main(void)
{
	char dir[] = "/tmp/hooks-XXXXXX", root[64], control[64], rm[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(root, sizeof(root), "%s/disk", dir);
	snprintf(control, sizeof(control), "%s/control", dir);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root) || !stage_begin(root))
		return 1;
	RUN(test_refused_outcome, "what was delivered is written down in the end, and sent once");
	RUN(test_held_back, "whoever tells waits for no disk");
	RUN(test_lost, "what did not reach the outbox is counted as lost");
	stage_end();
	disk_free(disk);
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
