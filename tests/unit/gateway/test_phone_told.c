/*
 * test_phone_told.c - an event and the change that it tells of are one commit: no
 * crash comes between them, and neither is there without the other.
 */
#include "gateway/phone/calls.h"
#include "gateway/phone/hooks.h"
#include "gateway/phone/service_private.h"
#include "phone_rig.h"

#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"

static struct phone_rig rig;
static char secret_path[128];
static struct phone_hook hook = { .name = { "shop" },
	.url = "http://127.0.0.1:9/",
	.secret_file = secret_path,
	.events = UINT64_MAX };
static struct phone_hooks *hooks;

static void up(void)
{
	struct sc_diag d = { .line = 0 };

	if (!rig_open(&rig) || hooks_new(rig.s, &d, &hooks) != SC_OK)
		exit(1);
	phone_service_tell(rig.s, hooks);
}

static void down(void)
{
	rig_close(&rig);
	hooks_free(hooks);
}

static int64_t told(const struct phone_rig *r, const char *type)
{
	char statement[128];

	snprintf(statement, sizeof(statement),
	    "SELECT count(*) FROM hook WHERE instr(payload, '\"%s\"') > 0", type);
	return rig_sql(r, statement);
}

static int64_t told_here(const char *type)
{
	rig_settle(&rig);
	return told(&rig, type);
}

static uint8_t refusing;

static bool bind_refusing(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_text("refusing");
	v[1] = store_blob(&refusing, 1);
	return true;
}

/* The store takes no event from now on, or does again. */
static void refuse_events(bool refuse)
{
	struct store_job put = { .ask = { META_PUT, 1, bind_refusing, NULL, NULL } };

	refusing = refuse;
	if (store_run(rig.s->store, &put) != SC_OK)
		exit(1);
}

/* Once there are tables. */
static void prepare_refusal(void)
{
	down();
	rig_alter(&rig,
	    "CREATE TRIGGER no_events BEFORE INSERT ON hook WHEN EXISTS(SELECT 1 FROM meta"
	    " WHERE name = 'refusing' AND value = x'01') BEGIN SELECT raise(ABORT, 'no'); END");
	up();
}

static void begin(void)
{
	int fd;

	rig_init(&rig);
	rig_pool(&rig, PHONE_AXE, 4, 2);
	rig.settings.hooks = &hook;
	rig.settings.n_hooks = 1;
	snprintf(secret_path, sizeof(secret_path), "%s/secret", rig.dir);
	fd = open(secret_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, SECRET, strlen(SECRET)) != (ssize_t)strlen(SECRET))
		exit(1);
	close(fd);
	up();
	prepare_refusal();
}

static void finish(void)
{
	down();
	unlink(secret_path);
	rig_fini(&rig);
}

static bool bound(const char *order)
{
	static uint32_t person = 7;
	struct phone_want want = rig_want(0, order, person++, 0);

	return rig_bind_one(&rig, &want);
}

/* ---- ends ---------------------------------------------------------------------------- */

#define ENDED "SELECT count(*) FROM binding WHERE ended_at != 0"

static void test_end_crash(void)
{
	struct phone_rig after;
	char order[16];

	begin();
	for (int i = 1; i <= 40; i++) {
		snprintf(order, sizeof(order), "SO-%d", i);
		NEED(bound(order));
		NEED(rig_end_order(&rig, order, false) == 1);
		/* answered, and nothing more was waited for */
		rig_copy(&rig, &after);
		CHECK(rig_sql(&after, ENDED) == i && told(&after, "binding.ended") == i);
		rig_fini(&after);
	}
	finish();
}

static void test_end_refused(void)
{
	struct hooks_stats stats;

	begin();
	NEED(bound("SO-1"));
	refuse_events(true);
	CHECK(rig_end_order(&rig, "SO-1", false) == -1);
	CHECK(rig_sql(&rig, ENDED) == 0);
	hooks_stats(hooks, &stats);
	CHECK(stats.waiting == 0);
	refuse_events(false);
	/* it is closed since; the end is written now, and told */
	CHECK(rig_end_order(&rig, "SO-1", false) >= 0);
	CHECK(rig_sql(&rig, ENDED) == 1 && told_here("binding.ended") == 1);
	hooks_stats(hooks, &stats);
	CHECK(stats.waiting == 1);
	CHECK(rig_end_order(&rig, "SO-1", false) >= 0);
	CHECK(told_here("binding.ended") == 1);
	finish();
}

/* ---- calls --------------------------------------------------------------------------- */

static enum sc_err how;

static void on_done(struct phone_write *wr, enum sc_err err)
{
	(void)wr;
	how = err;
}

static bool raise_to(enum call_state state)
{
	struct phone_call_write cw = { .write.done = on_done,
		.call = { .key = { 1 }, .state = (uint8_t)state } };

	if (state == CALL_ANSWERED)
		cw.call.answered_at = RIG_NOON + 1;
	if (state == CALL_ENDED)
		cw.call.ended_at = RIG_NOON + 60;
	how = SC_BUG;
	if (phone_call_raise(rig.s, NULL, &cw) != SC_OK)
		return false;
	rig_settle(&rig);
	return how == SC_OK && cw.fresh;
}

static void test_call(void)
{
	struct phone_call_write cw = { .write.done = on_done,
		.call = { .key = { 1 },
		    .caller = rig_party(100),
		    .state = CALL_DIALLED,
		    .answer = PHONE_CONNECT } };

	begin();
	NEED(phone_call_open(rig.s, NULL, &cw) == SC_OK);
	rig_settle(&rig);
	refuse_events(true);
	CHECK(!raise_to(CALL_ANSWERED) && how != SC_OK);
	CHECK(rig_sql(&rig, "SELECT answered_at FROM call") == 0);
	refuse_events(false);
	CHECK(raise_to(CALL_ANSWERED) && raise_to(CALL_ENDED) && !raise_to(CALL_ENDED));
	CHECK(told_here("call.started") == 1 && told_here("call.ended") == 1);
	finish();
}

static void test_given_up(void)
{
	struct phone_call_write cw = { .write.done = on_done,
		.call = { .key = { 1 },
		    .caller = rig_party(100),
		    .state = CALL_DIALLED,
		    .answer = PHONE_CONNECT } };

	begin();
	NEED(phone_call_open(rig.s, NULL, &cw) == SC_OK);
	rig_settle(&rig);
	rig_pass(3600);
	refuse_events(true);
	phone_tend(rig.s, NULL);
	CHECK(told_here("call.ended") == 0 && rig_sql(&rig, "SELECT ended_at FROM call") == 0);
	refuse_events(false);
	rig_pass(60);
	phone_tend(rig.s, NULL);
	CHECK(told_here("call.ended") == 1 && rig_sql(&rig, "SELECT ended_at FROM call") != 0);
	finish();
}

/* ---- expiries --------------------------------------------------------------------------- */

#define EXPIRED "binding.expired"

static void test_expiry(void)
{
	begin();
	NEED(bound("SO-1"));
	rig_pass(RIG_DAY + 1);
	/* a stop between the expiry and the sweep; then a crash after it, and more sweeps */
	down();
	up();
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 1);
	phone_tend(rig.s, NULL);
	down();
	up();
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 1);
	finish();
}

static void test_expiry_crash(void)
{
	struct phone_rig after;
	struct phone_hooks *theirs;
	struct sc_diag d = { .line = 0 };

	begin();
	NEED(bound("SO-1"));
	rig_settle(&rig);
	rig_copy(&rig, &after); /* before anything was told of it */
	rig_pass(RIG_DAY + 1);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 1);
	NEED(rig_open(&after) && hooks_new(after.s, &d, &theirs) == SC_OK);
	phone_service_tell(after.s, theirs);
	phone_tend(after.s, NULL);
	rig_settle(&after);
	CHECK(told(&after, EXPIRED) == 1);
	rig_close(&after);
	hooks_free(theirs);
	rig_fini(&after);
	finish();
}

static void test_expiry_refused(void)
{
	begin();
	NEED(bound("SO-1") && bound("SO-2"));
	rig_pass(RIG_DAY + 1);
	refuse_events(true);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 0);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 0);
	/* not even a start in between loses them */
	down();
	up();
	refuse_events(false);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 2);
	refuse_events(true);
	NEED(bound("SO-3"));
	rig_pass(RIG_DAY + 1);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 2);
	refuse_events(false);
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 3);
	finish();
}

/* One sweep's events are refused, those of the next are not: a start tells of the first. */
static void test_expiry_order(void)
{
	struct phone_untold *waits;

	begin();
	NEED(bound("SO-1"));
	rig_pass(RIG_DAY / 2);
	NEED(bound("SO-2"));
	rig_pass(RIG_DAY / 2 + 1);
	refuse_events(true);
	phone_tend(rig.s, NULL);
	rig_settle(&rig);
	rig_pass(RIG_DAY / 2);
	refuse_events(false);
	/* a stop before it is tried again, and after the next */
	waits = rig.s->untold;
	rig.s->untold = NULL;
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) == 1);
	rig.s->untold = waits;
	down();
	up();
	phone_tend(rig.s, NULL);
	CHECK(told_here(EXPIRED) >= 2);
	finish();
}

int main(void)
{
	RUN(test_end_crash, "whenever the machine stops, an end that was answered will be told");
	RUN(test_end_refused, "an end without its event is none, and the next try tells it once");
	RUN(test_call, "a call is raised together with its event");
	RUN(test_given_up, "so is one that is given up");
	RUN(test_expiry, "an expiry is told once, also when nobody ran at the time");
	RUN(test_expiry_crash, "and after a crash that came before its event");
	RUN(test_expiry_refused, "one that could not be written is told as soon as it can be");
	RUN(test_expiry_order, "what is still to be told is not taken for told");
	return tap_done();
}
