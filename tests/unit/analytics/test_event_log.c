/*
 * test_event_log.c - the event log takes each frame once, whole or not at all, and
 * finds it again after whatever end.
 */
#include "unit/analytics/log_rig.h"

#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

static struct log_rig r;

static void begin(uint32_t segment_frames)
{
	rig_make(&r);
	r.o.segment_frames = segment_frames;
	if (rig_open(&r) != SC_OK)
		abort();
}

static enum sc_err put_at(uint64_t first, uint64_t id, size_t n)
{
	struct feed_frame v[16];

	for (size_t i = 0; i < n; i++)
		v[i] = rig_event(id + i, 1, 2);
	return event_log_append(r.l, RIG_SPOOL, first, v, n, rig_ms(RIG_DAY), NULL, NULL);
}

static void test_inverse(void)
{
	struct feed_frame in[8], *out;
	size_t n;

	begin(0);
	for (size_t i = 0; i < 4; i++)
		in[i] = rig_event(100 + i, i, 7);
	in[4] = rig_verdict(101, FEED_QUARANTINE);
	in[5] = rig_erase(9);
	in[6] = (struct feed_frame){ .type = FEED_COUNT,
		.u.count = { 5, 6, FEED_NO_CONSENT, FEED_PAGE } };
	in[7] = (struct feed_frame){ .type = FEED_SNAPSHOT, .u.snapshot = { 3, 4 } };
	CHECK(event_log_next(r.l, RIG_SPOOL) == 0);
	CHECK(event_log_append(r.l, RIG_SPOOL, 0, in, 8, rig_ms(RIG_DAY), NULL, NULL) == SC_OK);
	for (int pass = 0; pass < 2; pass++) {
		CHECK(event_log_next(r.l, RIG_SPOOL) == 8);
		CHECK(event_log_next(r.l, RIG_SPOOL + 1) == 0);
		out = rig_all(&r, &n);
		CHECK(n == 8);
		for (size_t i = 0; i < 8 && i < n; i++) {
			uint8_t a[FEED_FRAME_BYTES], b[FEED_FRAME_BYTES];

			CHECK(feed_encode(&in[i], a) == SC_OK && feed_encode(&out[i], b) == SC_OK);
			CHECK(memcmp(a, b, sizeof(a)) == 0);
		}
		free(out);
		NEED(rig_again(&r));
	}
	rig_remove(&r);
}

static void test_gap_and_overlap(void)
{
	size_t n;

	begin(0);
	CHECK(put_at(1, 10, 1) == SC_SYNTAX);
	CHECK(put_at(0, 10, 4) == SC_OK);
	CHECK(put_at(5, 20, 1) == SC_SYNTAX);
	CHECK(event_log_next(r.l, RIG_SPOOL) == 4);
	/* numbers 2 and 3 are there, whatever they are said to be now */
	CHECK(put_at(2, 30, 4) == SC_OK);
	CHECK(event_log_next(r.l, RIG_SPOOL) == 6);
	CHECK(rig_times(&r, 30) == 0 && rig_times(&r, 31) == 0);
	CHECK(rig_times(&r, 32) == 1 && rig_times(&r, 33) == 1);
	CHECK(put_at(0, 40, 6) == SC_OK);
	CHECK(put_at(3, 40, 2) == SC_OK);
	CHECK(event_log_next(r.l, RIG_SPOOL) == 6);
	free(rig_all(&r, &n));
	CHECK(n == 6);
	CHECK(put_at(UINT64_MAX - 1, 40, 2) == SC_SYNTAX);
	rig_remove(&r);
}

static void test_each_spool_has_its_own(void)
{
	struct feed_frame f = rig_event(1, 1, 1);

	begin(0);
	CHECK(event_log_append(r.l, 7, 0, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_OK);
	f.u.event.id = 2;
	CHECK(event_log_append(r.l, 8, 1, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_SYNTAX);
	CHECK(event_log_append(r.l, 8, 0, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_OK);
	CHECK(event_log_append(r.l, 0, 0, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_SYNTAX);
	CHECK(event_log_next(r.l, 7) == 1 && event_log_next(r.l, 8) == 1);
	rig_remove(&r);
}

static void test_too_many_spools(void)
{
	struct feed_frame f = rig_event(1, 1, 1);

	begin(0);
	for (uint64_t i = 1; i <= EVENT_LOG_SPOOLS_MAX; i++) {
		f.u.event.id = i;
		NEED(event_log_append(r.l, i, 0, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_OK);
	}
	f.u.event.id = 5000;
	CHECK(event_log_append(r.l, 5000, 0, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_LIMIT);
	CHECK(rig_times(&r, 5000) == 0);
	CHECK(event_log_append(r.l, 1, 1, &f, 1, rig_ms(RIG_DAY), NULL, NULL) == SC_OK);
	/* all of them go on in the next segment */
	f.u.event.id = 5001;
	CHECK(event_log_append(r.l, 1, 2, &f, 1, rig_ms(RIG_DAY + 1), NULL, NULL) == SC_OK);
	NEED(rig_again(&r));
	CHECK(event_log_next(r.l, 1) == 3 && event_log_next(r.l, EVENT_LOG_SPOOLS_MAX) == 1);
	rig_remove(&r);
}

static void test_what_does_not_belong(void)
{
	static struct feed_frame many[FEED_PACKET_FRAMES + 1];
	struct feed_frame v[2] = { rig_event(1, 1, 1), { .type = FEED_COMMIT } };
	size_t n;

	begin(0);
	v[1].u.commit = (struct feed_commit){ 5, 5 };
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_SYNTAX);
	v[1] = (struct feed_frame){ .type = FEED_HELLO, .u.hello = { 5 } };
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_SYNTAX);
	v[1] = (struct feed_frame){ .type = 0 };
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_SYNTAX);
	v[1] = rig_event(2, 1, 1);
	v[1].u.event.kind = FEED_KIND_END;
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_SYNTAX);
	/* nor when it would have been passed over as a duplicate of the one before */
	v[1].u.event.id = 1;
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_SYNTAX);
	free(rig_all(&r, &n));
	CHECK(n == 0 && event_log_next(r.l, RIG_SPOOL) == 0);
	/* nothing of it is remembered either */
	CHECK(rig_put(&r, RIG_DAY, v, 1) == SC_OK);
	CHECK(rig_times(&r, 1) == 1);
	for (size_t i = 0; i <= FEED_PACKET_FRAMES; i++)
		many[i] = rig_event(100 + i, 1, 1);
	CHECK(rig_put(&r, RIG_DAY, many, FEED_PACKET_FRAMES + 1) == SC_LIMIT);
	CHECK(event_log_note(r.l, many, FEED_PACKET_FRAMES + 1, rig_ms(RIG_DAY), NULL, NULL) ==
	    SC_LIMIT);
	CHECK(rig_put(&r, RIG_DAY, many, FEED_PACKET_FRAMES) == SC_OK);
	rig_remove(&r);
}

/* ---- duplicates ---- */

static size_t kept_events, kept_counts, kept_n;
static uint8_t kept_kind;

static void on_kept(void *arg, const struct feed_frame *f)
{
	CHECK(arg == &r);
	kept_events += f->type == FEED_EVENT;
	if (f->type == FEED_COUNT) {
		kept_counts++;
		kept_n += f->u.count.n;
		kept_kind = f->u.count.kind;
		CHECK(f->u.count.reason == FEED_SAME_ID && f->u.count.day == RIG_DAY);
	}
}

static void test_duplicates(void)
{
	struct feed_frame v[6];
	struct event_log_stats s;
	size_t n;

	begin(0);
	for (size_t i = 0; i < 6; i++)
		v[i] = rig_event(1 + i % 4, 1, 1);
	v[5].u.event.kind = FEED_PAGE;
	kept_events = kept_counts = kept_n = 0;
	CHECK(event_log_append(r.l, RIG_SPOOL, 0, v, 6, rig_ms(RIG_DAY), on_kept, &r) == SC_OK);
	CHECK(kept_events == 4 && kept_counts == 2 && kept_n == 2 && kept_kind == FEED_PRODUCT);
	CHECK(event_log_append(r.l, RIG_SPOOL, 6, v, 3, rig_ms(RIG_DAY), on_kept, &r) == SC_OK);
	CHECK(kept_events == 4 && kept_counts == 3 && kept_n == 5);
	for (int pass = 0; pass < 2; pass++) {
		event_log_count(r.l, &s);
		CHECK(s.events == 4 && s.duplicates == 5 && s.frames == 7 && s.segments == 1);
		CHECK(s.bytes == 9 * FEED_FRAME_BYTES);
		CHECK(event_log_next(r.l, RIG_SPOOL) == 9);
		free(rig_all(&r, &n));
		CHECK(n == 7);
		NEED(rig_again(&r));
	}
	/* what the gateway counted of them is counted here too */
	v[0] = (struct feed_frame){ .type = FEED_COUNT, .u.count = { 1, 10, FEED_SAME_ID, 1 } };
	v[1] =
	    (struct feed_frame){ .type = FEED_COUNT, .u.count = { 1, 10, FEED_SAME_CONTENT, 1 } };
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_OK);
	event_log_count(r.l, &s);
	CHECK(s.duplicates == 15);
	rig_remove(&r);
}

static void test_window(void)
{
	struct event_log_stats s;
	struct feed_frame f;

	begin(0);
	for (uint64_t id = 1; id <= 3; id++)
		CHECK(rig_put_id(&r, RIG_DAY, id) == SC_OK);
	CHECK(rig_put_id(&r, RIG_DAY + EVENT_LOG_WINDOW_DAYS, 1) == SC_OK);
	CHECK(rig_times(&r, 1) == 1);
	CHECK(rig_put_id(&r, RIG_DAY + EVENT_LOG_WINDOW_DAYS + 1, 2) == SC_OK);
	CHECK(rig_times(&r, 2) == 2);
	/* one that comes late is held against all there is since it happened */
	f = rig_event(3, 1, 1);
	f.u.event.flags = FEED_LATE;
	CHECK(rig_put(&r, RIG_DAY + 300, &f, 1) == SC_OK);
	CHECK(rig_times(&r, 3) == 1);
	f.u.event.flags = 0;
	f.u.event.late_s = EVENT_LOG_WINDOW_DAYS * 86400;
	CHECK(rig_put(&r, RIG_DAY + 300, &f, 1) == SC_OK);
	CHECK(rig_times(&r, 3) == 1);
	/* a clock may be off by a day; by two, it is another day's event */
	f.u.event.at_ms = rig_ms(RIG_DAY + 1);
	CHECK(rig_put(&r, RIG_DAY + 300, &f, 1) == SC_OK);
	CHECK(rig_times(&r, 3) == 1);
	f.u.event.at_ms = rig_ms(RIG_DAY + 2);
	CHECK(rig_put(&r, RIG_DAY + 300, &f, 1) == SC_OK);
	CHECK(rig_times(&r, 3) == 2);
	event_log_count(r.l, &s);
	CHECK(s.duplicates == 4 && s.events == 5);
	rig_remove(&r);
}

static void test_window_before_1970(void)
{
	begin(0);
	CHECK(rig_put_id(&r, 0, 1) == SC_OK);
	CHECK(rig_put_id(&r, 3, 1) == SC_OK);
	CHECK(rig_times(&r, 1) == 1);
	rig_remove(&r);
}

/* ---- whatever end ---- */

static bool cut_to(const struct log_rig *of, const char *name, long n)
{
	return truncate(rig_path(of, name), n) == 0;
}

/* The active segment ends anywhere in its last append. */
static void test_every_torn_end(void)
{
	struct log_rig c;
	size_t n;
	long whole, before;

	begin(0);
	CHECK(put_at(0, 1, 2) == SC_OK);
	before = rig_size(&r, "00000001.seg");
	CHECK(put_at(2, 3, 3) == SC_OK);
	whole = rig_size(&r, "00000001.seg");
	CHECK(before == 3 * FEED_FRAME_BYTES && whole == before + 4 * FEED_FRAME_BYTES);
	rig_close(&r);
	for (long at = before; at <= whole; at++) {
		const bool all = at == whole;

		NEED(rig_copy(&r, &c) && cut_to(&c, "00000001.seg", at) && rig_open(&c) == SC_OK);
		CHECK(event_log_next(c.l, RIG_SPOOL) == (all ? 5 : 2));
		CHECK(rig_size(&c, "00000001.seg") == (all ? whole : before));
		free(rig_all(&c, &n));
		CHECK(n == (all ? 5 : 2));
		/* and what was cut comes again, as if it had never been there */
		if (at % 16 == 0) {
			struct feed_frame f = rig_event(3, 1, 1);

			CHECK(rig_put(&c, RIG_DAY, &f, 1) == SC_OK);
			CHECK(rig_times(&c, 3) == 1);
			NEED(rig_again(&c));
			CHECK(rig_times(&c, 3) == 1);
		}
		rig_remove(&c);
	}
	rig_remove(&r);
}

static void test_damage(void)
{
	const struct {
		long at; /* which frame */
		bool opens;
		uint64_t next;
	} rows[] = {
		/* 2 events, COMMIT; 2, COMMIT; 2, COMMIT */
		{ 0, false, 0 },
		{ 2, false, 0 },
		{ 3, false, 0 },
		{ 4, false, 0 },
		{ 5, true, 2 },
		{ 6, true, 4 },
		{ 7, true, 4 },
		{ 8, true, 4 },
	};
	struct log_rig c;

	begin(0);
	for (uint64_t i = 0; i < 3; i++)
		CHECK(put_at(2 * i, 1 + 2 * i, 2) == SC_OK);
	rig_close(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		NEED(rig_copy(&r, &c) &&
		    rig_flip(&c, "00000001.seg", rows[i].at * FEED_FRAME_BYTES + 20));
		if (!rows[i].opens)
			CHECK(rig_open(&c) == SC_CORRUPT);
		else if (rig_open(&c) == SC_OK)
			CHECK(event_log_next(c.l, RIG_SPOOL) == rows[i].next);
		else
			CHECK(false);
		rig_remove(&c);
	}
	rig_remove(&r);
}

/* ---- segments ---- */

static void test_segments(void)
{
	struct event_log_stats s;

	begin(64);
	for (uint64_t i = 0; i < 100; i++)
		NEED(rig_put_id(&r, RIG_DAY, 1 + i) == SC_OK);
	event_log_count(r.l, &s);
	CHECK(s.segments >= 3 && s.events == 100);
	NEED(rig_put_id(&r, RIG_DAY + 1, 101) == SC_OK);
	NEED(rig_put_id(&r, RIG_DAY, 102) == SC_OK);
	NEED(rig_put_id(&r, RIG_DAY, 5) == SC_OK);
	for (int pass = 0; pass < 2; pass++) {
		struct event_log_stats t;

		event_log_count(r.l, &t);
		CHECK(t.segments == s.segments + 2 && t.events == 102 && t.duplicates == 1);
		CHECK(event_log_next(r.l, RIG_SPOOL) == 103);
		for (uint64_t id = 1; id <= 102; id++) {
			struct feed_event e;

			CHECK(event_log_find(r.l, id, &e) && e.id == id);
		}
		CHECK(event_log_check(r.l, NULL) == SC_OK);
		NEED(rig_again(&r));
	}
	rig_remove(&r);
}

static enum sc_err take_id(void *arg, const struct feed_frame *f)
{
	uint64_t **at = arg;

	*(*at)++ = f->u.event.id;
	return SC_OK;
}

/* The ids between two places are FIRST to LAST, as they came. */
static bool between(struct event_log_place from, struct event_log_place to, uint64_t first,
    uint64_t last)
{
	uint64_t ids[200], *end = ids;

	if (event_log_read_between(r.l, from, to, take_id, &end) != SC_OK ||
	    (uint64_t)(end - ids) != last + 1 - first)
		return false;
	for (uint64_t i = first; i <= last; i++)
		if (ids[i - first] != i)
			return false;
	return true;
}

static enum sc_err skip(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return SC_OK;
}

static bool drops_none(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return false;
}

/* Segments of six frames, so that places lie at, before and behind their ends. */
static void test_places(void)
{
	const struct event_log_place zero = { 0 };
	struct event_log_place at[61];

	rig_make(&r);
	r.o.segment_frames = FEED_KIND_END + 6;
	NEED(rig_open(&r) == SC_OK);
	for (int cut = 0; cut < 2; cut++) {
		const uint64_t base = cut ? 60 : 0;

		at[0] = cut ? event_log_here(r.l) : zero;
		for (uint64_t i = 1; i <= 60; i++) {
			CHECK(rig_put_id(&r, RIG_DAY, base + i) == SC_OK);
			at[i] = event_log_here(r.l);
		}
		CHECK(between(zero, at[60], base + 1, base + 60) && at[60].segment > 3);
		for (size_t i = 0; i <= 60; i += 7)
			for (size_t k = i; k <= 60; k++)
				CHECK(between(at[i], at[k], base + i + 1, base + k));
		if (cut == 1)
			break;
		NEED(event_log_cut(r.l) == SC_OK);
		CHECK(event_log_read_between(r.l, zero, at[60], skip, NULL) == SC_STALE);
		CHECK(between(zero, event_log_here(r.l), 61, 60));
	}
	/* a rewriting of what stands before the cut moves none of them */
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), skip, drops_none, NULL) == SC_OK);
	CHECK(between(at[9], at[60], 70, 120));
	rig_close(&r);
	rig_remove(&r);
}

static void test_day_without_events(void)
{
	struct event_log_stats s;

	begin(0);
	CHECK(rig_put_id(&r, RIG_DAY, 1) == SC_OK);
	CHECK(event_log_cut(r.l) == SC_OK);
	CHECK(event_log_cut(r.l) == SC_OK);
	CHECK(rig_put_id(&r, RIG_DAY + 20, 2) == SC_OK);
	event_log_count(r.l, &s);
	CHECK(s.segments == 2);
	/* the segment in which nothing stood became one of that day */
	NEED(rig_again(&r));
	CHECK(rig_put_id(&r, RIG_DAY + 20, 1) == SC_OK);
	CHECK(rig_times(&r, 1) == 2);
	event_log_count(r.l, &s);
	CHECK(s.segments == 2);
	rig_remove(&r);
}

/* ---- what stands about an event ---- */

static uint8_t told[8];
static size_t n_told;

static enum sc_err on_told(void *arg, const struct feed_frame *f)
{
	(void)arg;
	if (n_told < 8)
		told[n_told++] = f->type == FEED_VERDICT ? f->u.verdict.action : 100;
	return SC_OK;
}

static enum sc_err refuse(void *arg, const struct feed_frame *f)
{
	(void)arg;
	(void)f;
	return SC_AGAIN;
}

static void test_about(void)
{
	struct feed_frame v[2] = { rig_event(5, 1, 1), rig_verdict(5, FEED_QUARANTINE) };
	struct feed_event e;

	begin(0);
	CHECK(!event_log_find(r.l, 5, &e));
	CHECK(rig_put(&r, RIG_DAY, v, 2) == SC_OK);
	v[0] = rig_verdict(5, FEED_RELEASE);
	v[1] = rig_verdict(0, FEED_RELEASE);
	CHECK(event_log_note(r.l, v, 2, rig_ms(RIG_DAY + 1), NULL, NULL) == SC_OK);
	v[0] = rig_verdict(5, FEED_CONDEMN);
	CHECK(event_log_note(r.l, v, 1, rig_ms(RIG_DAY + 1), NULL, NULL) == SC_OK);
	/* a verdict on what is not there is found, and makes no event of it */
	v[0] = rig_verdict(6, FEED_QUARANTINE);
	CHECK(event_log_note(r.l, v, 1, rig_ms(RIG_DAY + 1), NULL, NULL) == SC_OK);
	for (int pass = 0; pass < 2; pass++) {
		n_told = 0;
		CHECK(event_log_about(r.l, 5, on_told, NULL) == SC_OK);
		CHECK(n_told == 4 && told[0] == 100 && told[1] == FEED_QUARANTINE &&
		    told[2] == FEED_RELEASE && told[3] == FEED_CONDEMN);
		n_told = 0;
		CHECK(event_log_about(r.l, 6, on_told, NULL) == SC_OK);
		CHECK(n_told == 1);
		CHECK(!event_log_find(r.l, 6, &e) && !event_log_find(r.l, 0, &e));
		CHECK(event_log_find(r.l, 5, &e) && e.person == 1 && e.kind == FEED_PRODUCT);
		CHECK(event_log_about(r.l, 5, refuse, NULL) == SC_AGAIN);
		CHECK(event_log_read(r.l, refuse, NULL, NULL, NULL) == SC_AGAIN);
		NEED(rig_again(&r));
	}
	/* the event itself may come after it */
	CHECK(rig_put_id(&r, RIG_DAY + 1, 6) == SC_OK);
	CHECK(event_log_find(r.l, 6, &e));
	CHECK(event_log_next(r.l, RIG_SPOOL) == 3);
	rig_remove(&r);
}

/* ---- files that are not as they were ---- */

static void two_segments(void)
{
	begin(0);
	if (put_at(0, 1, 8) != SC_OK || event_log_cut(r.l) != SC_OK ||
	    rig_put_id(&r, RIG_DAY, 50) != SC_OK)
		abort();
	rig_close(&r);
}

static void test_files(void)
{
	struct sc_diag d = { .text = "" };
	struct log_rig c;
	struct feed_event e;

	two_segments();
	NEED(rig_copy(&r, &c) && unlink(rig_path(&c, "00000001.ids")) == 0);
	CHECK(rig_open(&c) == SC_OK && event_log_find(c.l, 3, &e));
	CHECK(rig_size(&c, "00000001.ids") > 0 && event_log_check(c.l, &d) == SC_OK);
	rig_close(&c);
	CHECK(rig_flip(&c, "00000001.ids", 9) && rig_open(&c) == SC_OK);
	CHECK(event_log_check(c.l, &d) == SC_OK);
	rig_close(&c);
	CHECK(cut_to(&c, "00000001.ids", 63) && rig_open(&c) == SC_OK);
	CHECK(event_log_check(c.l, &d) == SC_OK);
	rig_close(&c);
	CHECK(rig_flip(&c, "00000001.ids", -1) && rig_open(&c) == SC_OK);
	CHECK(event_log_check(c.l, &d) == SC_CORRUPT && strstr(d.text, "ids") != NULL);
	rig_remove(&c);

	NEED(rig_copy(&r, &c) && cut_to(&c, "00000001.seg", 64));
	CHECK(rig_open(&c) == SC_CORRUPT);
	CHECK(unlink(rig_path(&c, "00000001.seg")) == 0 && rig_open(&c) == SC_CORRUPT);
	rig_remove(&c);
	NEED(rig_copy(&r, &c) && unlink(rig_path(&c, "00000002.seg")) == 0);
	CHECK(rig_open(&c) == SC_CORRUPT);
	rig_remove(&c);
	NEED(rig_copy(&r, &c) && unlink(rig_path(&c, "manifest.json")) == 0);
	CHECK(rig_open(&c) == SC_CORRUPT);
	rig_remove(&c);
	NEED(rig_copy(&r, &c) && rig_flip(&c, "manifest.json", 0));
	CHECK(rig_open(&c) == SC_CORRUPT);
	rig_remove(&c);
	/* the first start ended before the manifest */
	rig_make(&c);
	NEED(rig_open(&c) == SC_OK);
	rig_close(&c);
	NEED(unlink(rig_path(&c, "manifest.json")) == 0);
	CHECK(rig_open(&c) == SC_OK);
	rig_remove(&c);
	rig_remove(&r);
}

static void test_check(void)
{
	struct sc_diag d = { .text = "" };

	two_segments();
	CHECK(rig_flip(&r, "00000001.seg", 70));
	NEED(rig_open(&r) == SC_OK);
	CHECK(event_log_check(r.l, &d) == SC_CORRUPT);
	CHECK(strstr(d.file, "00000001.seg") != NULL && d.text[0] != '\0');
	CHECK(rig_times(&r, 1) == 0); /* it cannot be read either */
	rig_remove(&r);
}

/* A frame that is sound, but another one. */
static void test_check_other_frames(void)
{
	uint8_t raw[FEED_FRAME_BYTES];
	struct sc_diag d = { .text = "" };
	const struct feed_frame f = rig_event(999, 1, 1);
	int fd;

	two_segments();
	NEED(feed_encode(&f, raw) == SC_OK);
	NEED((fd = open(rig_path(&r, "00000001.seg"), O_RDWR)) >= 0);
	CHECK(pwrite(fd, raw, sizeof(raw), 64) == sizeof(raw));
	close(fd);
	NEED(rig_open(&r) == SC_OK);
	CHECK(event_log_check(r.l, &d) == SC_CORRUPT && strstr(d.text, "SHA-256") != NULL);
	/* and it is not written anew as if it were ours */
	CHECK(event_log_rewrite(r.l, rig_ms(RIG_DAY), refuse, NULL, NULL) == SC_AGAIN);
	rig_remove(&r);
}

static void test_leftovers(void)
{
	int fd;

	two_segments();
	NEED((fd = open(rig_path(&r, "00000009.seg"), O_CREAT | O_WRONLY, 0600)) >= 0);
	close(fd);
	NEED((fd = open(rig_path(&r, "00000002.ids"), O_CREAT | O_WRONLY, 0600)) >= 0);
	close(fd);
	NEED((fd = open(rig_path(&r, "features-3"), O_CREAT | O_WRONLY, 0600)) >= 0);
	close(fd);
	NEED(rig_open(&r) == SC_OK);
	CHECK(rig_size(&r, "00000009.seg") == -1 && rig_size(&r, "00000002.ids") == -1);
	CHECK(rig_size(&r, "features-3") == 0 && rig_size(&r, "00000001.seg") > 0);
	rig_remove(&r);
}

static void test_one_writer(void)
{
	struct event_log *other;
	struct sc_diag d = { .text = "" };

	begin(0);
	CHECK(event_log_open(&r.o, &d, &other) == SC_IO && other == NULL);
	CHECK(strstr(d.text, "another process") != NULL);
	rig_remove(&r);
}

/* ---- against a list ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

#define IDS 3000

static void test_model(void)
{
	static bool there[IDS + 1];
	struct feed_frame v[40];
	uint64_t next = 0, dup = 0, events = 0;
	struct event_log_stats s;

	begin(200);
	for (int step = 0; step < 400; step++) {
		uint64_t first = next - (next > 5 ? chance(5) : 0);
		size_t n = 1 + chance(40);

		for (size_t i = 0; i < n; i++)
			v[i] = rig_event(1 + chance(IDS), 1, 1);
		NEED(event_log_append(r.l, RIG_SPOOL, first, v, n,
			 rig_ms(RIG_DAY + (uint32_t)step / 60), NULL, NULL) == SC_OK);
		for (size_t i = 0; i < n; i++)
			if (first + i >= next) {
				uint64_t id = v[i].u.event.id;

				dup += there[id];
				events += !there[id];
				there[id] = true;
			}
		next = first + n > next ? first + n : next;
		if (step % 97 == 0)
			NEED(rig_again(&r));
		if (step % 61 == 0)
			CHECK(event_log_cut(r.l) == SC_OK);
	}
	event_log_count(r.l, &s);
	CHECK(s.events == events && s.duplicates == dup && s.segments > 20);
	CHECK(event_log_next(r.l, RIG_SPOOL) == next);
	for (uint64_t id = 1; id <= IDS; id++) {
		struct feed_event e;

		CHECK(event_log_find(r.l, id, &e) == there[id]);
	}
	CHECK(event_log_check(r.l, NULL) == SC_OK);
	rig_remove(&r);
}

int main(void)
{
	RUN(test_inverse, "what was appended is read, in order, also after a restart");
	RUN(test_gap_and_overlap, "a gap is refused, what is there already is passed over");
	RUN(test_each_spool_has_its_own, "each spool has numbers of its own");
	RUN(test_too_many_spools,
	    "there is a ceiling on spools, and a new segment knows all of them");
	RUN(test_what_does_not_belong,
	    "a frame that does not belong there keeps the whole append out");
	RUN(test_duplicates, "an event comes once; what came again is counted by kind");
	RUN(test_window, "ids are known for the window; of a late event, since it happened");
	RUN(test_window_before_1970, "the window begins at the first day there is");
	RUN(test_every_torn_end, "a torn end is cut at the last COMMIT, whatever byte it ends at");
	RUN(test_damage, "damage in the last append is a torn end, before it it is damage");
	RUN(test_segments, "a segment is full, or its day is over; nothing is lost by it");
	RUN(test_places,
	    "what came between two moments is read, whatever was closed or written anew");
	RUN(test_day_without_events,
	    "an empty segment becomes one of the day that something comes on");
	RUN(test_about, "an event is found by its id, and what was said of it, oldest first");
	RUN(test_files, "a file that is missing or short is damage; an ids file is made anew");
	RUN(test_check, "a check finds a changed byte");
	RUN(test_check_other_frames, "and a frame that is another one");
	RUN(test_leftovers, "what no manifest names is removed, what is not the log's stays");
	RUN(test_one_writer, "a log is open once");
	RUN(test_model, "random appends, overlaps and restarts end as in a list");
	return tap_done();
}
