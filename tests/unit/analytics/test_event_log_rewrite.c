/*
 * test_event_log_rewrite.c - what has to go leaves the log and its folder, what
 * stays is as it was, and what comes meanwhile is not lost.
 */
#include "unit/analytics/log_rig.h"

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

static struct log_rig r;

static void begin(uint32_t segment_frames)
{
	rig_make(&r);
	r.o.segment_frames = segment_frames;
	if (rig_open(&r) != SC_OK)
		abort();
}

/* ---- what is to go: all of a person, or one event ---- */

struct wish {
	uint64_t person, id;
	size_t looked, asked, erasures;
};

static enum sc_err look(void *arg, const struct feed_frame *f)
{
	struct wish *w = arg;

	CHECK(w->asked == 0);
	w->looked++;
	w->erasures += f->type == FEED_ERASE;
	return SC_OK;
}

static bool drops(void *arg, const struct feed_frame *f)
{
	struct wish *w = arg;

	w->asked++;
	return f->type == FEED_EVENT &&
	    ((w->person != 0 && f->u.event.person == w->person) || f->u.event.id == w->id);
}

static enum sc_err rewrite(uint32_t day, struct wish *w)
{
	enum sc_err err;

	w->looked = w->asked = w->erasures = 0;
	if ((err = event_log_cut(r.l)) != SC_OK)
		return err;
	return event_log_rewrite(r.l, rig_ms(day), look, drops, w);
}

static bool nothing(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return false;
}

static enum sc_err skip(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return SC_OK;
}

static enum sc_err rewrite_keeping(uint32_t day)
{
	enum sc_err err = event_log_cut(r.l);

	return err == SC_OK ? event_log_rewrite(r.l, rig_ms(day), skip, nothing, NULL) : err;
}

static void test_drop(void)
{
	const uint64_t secret = 0x1122334455667788u;
	struct wish w = { .person = secret };
	uint8_t bytes[8];
	struct feed_frame v[4];
	struct event_log_stats s;
	struct feed_event e;

	begin(0);
	for (size_t i = 0; i < 4; i++)
		v[i] = rig_event(1 + i, i == 2 ? secret : 5, 9);
	CHECK(rig_put(&r, RIG_DAY, v, 4) == SC_OK);
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(secret >> (56 - 8 * i));
	CHECK(rig_folder_has(&r, bytes, 8));
	CHECK(rewrite(RIG_DAY, &w) == SC_OK);
	CHECK(w.looked == 4 && w.asked == 4);
	CHECK(!rig_folder_has(&r, bytes, 8));
	CHECK(rig_size(&r, "00000001.seg") == -1 && rig_size(&r, "00000001.ids") == -1);
	for (int pass = 0; pass < 2; pass++) {
		event_log_count(r.l, &s);
		CHECK(s.events == 3 && s.frames == 3);
		CHECK(!event_log_find(r.l, 3, &e) && event_log_find(r.l, 4, &e) && e.device == 9);
		CHECK(event_log_next(r.l, RIG_SPOOL) == 4);
		CHECK(event_log_check(r.l, NULL) == SC_OK);
		NEED(rig_again(&r));
	}
	rig_remove(&r);
}

static void test_gone_stays_gone(void)
{
	const uint32_t end = RIG_DAY + EVENT_LOG_WINDOW_DAYS;
	struct wish w = { .id = 1 };
	struct event_log_stats s;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK && rig_put_id(&r, RIG_DAY, 2) == SC_OK);
	CHECK(rewrite(RIG_DAY, &w) == SC_OK);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK && rig_times(&r, 1) == 0);
	/* written anew, for another event's sake: it still is */
	w.id = 2;
	CHECK(rewrite(end, &w) == SC_OK);
	NEED(rig_again(&r));
	CHECK(rig_put_id(&r, end, 1) == SC_OK && rig_times(&r, 1) == 0);
	CHECK(rig_put_id(&r, end, 2) == SC_OK && rig_times(&r, 2) == 0);
	event_log_count(r.l, &s);
	CHECK(s.duplicates == 3 && s.events == 0);
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	/* past the window even the id is no longer there */
	w.id = 0;
	CHECK(rewrite(end + 1, &w) == SC_OK);
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	CHECK(rig_put_id(&r, end + 1, 1) == SC_OK && rig_times(&r, 1) == 1);
	rig_remove(&r);
}

static void test_nothing_changes(void)
{
	char before[4096] = "", after[4096] = "";
	FILE *f;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK);
	CHECK(event_log_cut(r.l) == SC_OK);
	NEED((f = fopen(rig_path(&r, "manifest.json"), "r")) != NULL);
	NEED(fread(before, 1, sizeof(before) - 1, f) > 0);
	fclose(f);
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), skip, nothing, NULL) == SC_OK);
	NEED((f = fopen(rig_path(&r, "manifest.json"), "r")) != NULL);
	NEED(fread(after, 1, sizeof(after) - 1, f) > 0);
	fclose(f);
	CHECK(strcmp(before, after) == 0 && rig_size(&r, "00000001.seg") > 0);
	rig_remove(&r);
}

static void test_all_goes(void)
{
	struct wish w = { .id = 1 };
	struct event_log_stats s;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK);
	CHECK(rewrite(RIG_DAY + 20, &w) == SC_OK);
	event_log_count(r.l, &s);
	CHECK(s.segments == 1 && s.frames == 0 && event_log_next(r.l, RIG_SPOOL) == 1);
	NEED(rig_again(&r));
	CHECK(event_log_next(r.l, RIG_SPOOL) == 1);
	rig_remove(&r);
}

/* ---- what is past its keep ---- */

static void put_one_of_each(void)
{
	struct feed_frame v[8] = { rig_event(1, 5, 9), rig_verdict(1, FEED_QUARANTINE),
		rig_verdict(0, FEED_RELEASE) };

	v[3] = (struct feed_frame){ .type = FEED_CONSENT,
		.u.consent = { 5, 1, 1, FEED_PERSON, 1, FEED_GRANT, true } };
	v[4] = (struct feed_frame){ .type = FEED_LINK, .u.link = { 9, 5, 1, 0 } };
	v[5] = (struct feed_frame){ .type = FEED_ATTRIBUTE, .u.attribute = { 5, 1, 1, 1 } };
	v[6] = (struct feed_frame){ .type = FEED_COUNT, .u.count = { 1, 1, FEED_BOT_AGENT, 1 } };
	v[7] = (struct feed_frame){ .type = FEED_SNAPSHOT, .u.snapshot = { 1, 1 } };
	CHECK(rig_put(&r, RIG_DAY, v, 8) == SC_OK);
}

static void test_keep(void)
{
	struct feed_frame *v;
	size_t n;

	begin(0);
	put_one_of_each();
	CHECK(rewrite_keeping(RIG_DAY + r.o.keep_days) == SC_OK);
	free(rig_all(&r, &n));
	CHECK(n == 8);
	CHECK(rewrite_keeping(RIG_DAY + r.o.keep_days + 1) == SC_OK);
	v = rig_all(&r, &n);
	CHECK(n == 4);
	/* what still says something of who is there: a word, a link, a trait, a rule that was released */
	if (n == 4)
		CHECK(v[0].type == FEED_VERDICT && v[1].type == FEED_CONSENT &&
		    v[2].type == FEED_LINK && v[3].type == FEED_ATTRIBUTE);
	free(v);
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	rig_remove(&r);
}

static void test_devices(void)
{
	struct feed_event e = { .id = 0 };

	begin(0);
	put_one_of_each();
	CHECK(rewrite_keeping(RIG_DAY + r.o.keep_device_days) == SC_OK);
	CHECK(event_log_find(r.l, 1, &e) && e.device == 9);
	CHECK(rewrite_keeping(RIG_DAY + r.o.keep_device_days + 1) == SC_OK);
	CHECK(event_log_find(r.l, 1, &e) && e.device == 0 && e.person == 5);
	NEED(rig_again(&r));
	CHECK(event_log_find(r.l, 1, &e) && e.device == 0);
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	rig_remove(&r);
}

static void test_for_ever(void)
{
	struct feed_event e;

	begin(0);
	rig_close(&r);
	r.o.keep_days = r.o.keep_device_days = 0;
	NEED(rig_open(&r) == SC_OK);
	put_one_of_each();
	CHECK(rewrite_keeping(RIG_DAY + 5000) == SC_OK);
	CHECK(event_log_find(r.l, 1, &e) && e.device == 9);
	rig_remove(&r);
}

static void test_erase(void)
{
	struct feed_frame v[3] = { rig_event(1, 5, 9), rig_erase(5), rig_event(2, 5, 9) };
	struct wish w = { .id = 1 };
	struct event_log_stats s;
	size_t n;

	begin(0);
	CHECK(rig_put(&r, RIG_DAY, v, 3) == SC_OK);
	CHECK(rewrite(RIG_DAY, &w) == SC_OK);
	CHECK(w.erasures == 1 && w.asked == 3);
	for (int pass = 0; pass < 2; pass++) {
		event_log_count(r.l, &s);
		CHECK(s.erased == 1);
		free(rig_all(&r, &n));
		CHECK(n == 1 && rig_times(&r, 2) == 1);
		NEED(rig_again(&r));
	}
	rig_remove(&r);
}

/* ---- segments of one day, and what comes after the cut ---- */

static void test_merge(void)
{
	struct event_log_stats s;

	begin(100);
	for (uint64_t i = 0; i < 30; i++) {
		CHECK(rig_put_id(&r, RIG_DAY + (uint32_t)i / 10, 1 + i) == SC_OK);
		CHECK(event_log_cut(r.l) == SC_OK);
	}
	event_log_count(r.l, &s);
	CHECK(s.segments == 31);
	CHECK(rewrite_keeping(RIG_DAY + 3) == SC_OK);
	for (int pass = 0; pass < 2; pass++) {
		event_log_count(r.l, &s);
		CHECK(s.segments == 4 && s.events == 30);
		for (uint64_t i = 0; i < 30; i++)
			CHECK(rig_times(&r, 1 + i) == 1);
		CHECK(event_log_check(r.l, NULL) == SC_OK);
		NEED(rig_again(&r));
	}
	/* the days are known still */
	CHECK(rig_put_id(&r, RIG_DAY + 9, 5) == SC_OK && rig_times(&r, 5) == 2);
	CHECK(rig_put_id(&r, RIG_DAY + 9, 15) == SC_OK && rig_times(&r, 15) == 1);
	rig_remove(&r);
}

static enum sc_err count_events(void *arg, const struct feed_frame *f)
{
	*(size_t *)arg += f->type == FEED_EVENT;
	return SC_OK;
}

static void test_cut(void)
{
	struct wish w = { .person = 1 };
	size_t n = 0;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK);
	CHECK(event_log_cut(r.l) == SC_OK);
	CHECK(rig_put_id(&r, RIG_DAY, 2) == SC_OK);
	CHECK(event_log_read_cut(r.l, count_events, &n, NULL, NULL) == SC_OK && n == 1);
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), look, drops, &w) == SC_OK);
	CHECK(w.asked == 1);
	n = 0;
	CHECK(event_log_read_cut(r.l, count_events, &n, NULL, NULL) == SC_OK && n == 0);
	CHECK(rig_times(&r, 1) == 0 && rig_times(&r, 2) == 1);
	rig_remove(&r);
}

/* ---- what goes wrong ---- */

static enum sc_err no_more(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return SC_NOMEM;
}

static void test_failure(void)
{
	struct wish w = { .person = 1 };

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK && event_log_cut(r.l) == SC_OK);
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), no_more, drops, &w) == SC_NOMEM);
	CHECK(rig_flip(&r, "00000001.seg", 10));
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), look, drops, &w) == SC_CORRUPT);
	CHECK(rig_flip(&r, "00000001.seg", 10));
	/* a sound frame in the place of another: only the sum tells */
	CHECK(rig_size(&r, "00000003.seg") == -1);
	CHECK(rig_times(&r, 1) == 1);
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), look, drops, &w) == SC_OK);
	CHECK(rig_times(&r, 1) == 0);
	rig_remove(&r);
}

static void test_other_sum(void)
{
	const struct feed_frame f = rig_event(2, 1, 1);
	uint8_t raw[FEED_FRAME_BYTES];
	FILE *file;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK && event_log_cut(r.l) == SC_OK);
	NEED(feed_encode(&f, raw) == SC_OK &&
	    (file = fopen(rig_path(&r, "00000001.seg"), "r+")) != NULL);
	CHECK(fwrite(raw, 1, sizeof(raw), file) == sizeof(raw));
	fclose(file);
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), skip, nothing, NULL) == SC_CORRUPT);
	rig_remove(&r);
}

/* ---- meanwhile ---- */

static atomic_bool over;

static void *rewrite_again_and_again(void *arg)
{
	struct wish w = { .person = 77 };
	size_t n = 0;

	(void)arg;
	for (int i = 0; i < 20; i++) {
		if (event_log_rewrite(r.l, rig_ms(RIG_DAY), skip, drops, &w) != SC_OK ||
		    event_log_read_cut(r.l, count_events, &n, NULL, NULL) != SC_OK ||
		    event_log_read(r.l, count_events, &n, NULL, NULL) != SC_OK)
			abort();
	}
	atomic_store(&over, true);
	return NULL;
}

static void test_meanwhile(void)
{
	struct event_log_stats s;
	uint64_t id = 0;
	pthread_t t;

	begin(64);
	for (; id < 300; id++) {
		struct feed_frame f = rig_event(1 + id, id % 3 == 0 ? 77 : 5, 9);

		NEED(rig_put(&r, RIG_DAY, &f, 1) == SC_OK);
	}
	CHECK(event_log_cut(r.l) == SC_OK);
	atomic_store(&over, false);
	NEED(pthread_create(&t, NULL, rewrite_again_and_again, NULL) == 0);
	while (!atomic_load(&over) && id < 20000) {
		struct feed_frame f = rig_event(1 + id++, 5, 9);
		struct feed_event e;

		CHECK(rig_put(&r, RIG_DAY, &f, 1) == SC_OK);
		CHECK(event_log_find(r.l, 2, &e) && event_log_find(r.l, id, &e));
		event_log_count(r.l, &s);
	}
	pthread_join(t, NULL);
	event_log_count(r.l, &s);
	CHECK(s.events == id - 100);
	NEED(rig_again(&r));
	event_log_count(r.l, &s);
	CHECK(s.events == id - 100 && event_log_next(r.l, RIG_SPOOL) == id);
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	rig_remove(&r);
}

static uint64_t last_done, last_total;

static void tell(void *arg, uint64_t done, uint64_t total)
{
	CHECK(arg == &r && done > last_done && done <= total);
	last_done = done;
	last_total = total;
}

static void test_progress(void)
{
	static struct feed_frame v[1000];
	size_t n = 0;

	begin(0);
	for (uint64_t i = 0; i < 66; i++) {
		for (uint64_t j = 0; j < 1000; j++)
			v[j] = rig_event(1 + i * 1000 + j, 1, 1);
		NEED(rig_put(&r, RIG_DAY, v, 1000) == SC_OK);
	}
	CHECK(event_log_read(r.l, count_events, &n, tell, &r) == SC_OK && n == 66000);
	CHECK(last_done == 66000 && last_total == 66000);
	rig_remove(&r);
}

int main(void)
{
	RUN(test_drop, "what is to go is in no file, what stays is found");
	RUN(test_gone_stays_gone, "an event that went does not come again within the window");
	RUN(test_nothing_changes, "where nothing changes nothing is written");
	RUN(test_all_goes, "when all goes the spool's number stays");
	RUN(test_keep, "events go when their keep is over, to the day; what people said stays");
	RUN(test_devices, "devices go earlier, to the day");
	RUN(test_for_ever, "without a keep all stays");
	RUN(test_erase, "an erasure is heard, counted, and names nobody any more");
	RUN(test_merge, "segments of one day become one");
	RUN(test_cut, "what came after the cut is left alone");
	RUN(test_failure, "damage is not written anew, and the log is as it was");
	RUN(test_other_sum, "nor a frame that is sound and another one");
	RUN(test_meanwhile, "appends go on meanwhile");
	RUN(test_progress, "who reads hears how far it is");
	return tap_done();
}
