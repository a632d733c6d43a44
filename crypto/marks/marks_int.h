/*
 * marks_int.h - a day's tables, and what of them is on its way to the rows. Private to
 * marks.c and marks_rows.c.
 */
#ifndef CRYPTO_MARKS_MARKS_INT_H
#define CRYPTO_MARKS_MARKS_INT_H

#include "crypto/marks/marks.h"

#define MARKS_CLOSED (MARKS_VALUES_MAX + 1) /* values: the last was one too many */
#define MARKS_LEVELS 4
#define MARKS_LEVEL_SLOTS(i) (UINT32_C(1) << (15 + 3 * (i)))
#define MARKS_SLOTS_MAX (UINT32_C(1) << 25) /* of all days: 256 MB */
#define MARKS_DAYS_MAX QUOTA_DAYS_MAX       /* held at once */
#define MARKS_SOON_MS 20                    /* until what was noted is written */
#define MARKS_NOTES_MAX 65536               /* rows that wait to be written */
#define MARKS_PAGE 4096                     /* slots that a row has when all is written */

/*
 * A slot: 32 bits of who and class, never 0, then the value. Those of one person and class
 * follow each other from where they lead to, so counting them is walking there.
 * A level that is half full takes no more people: they begin in the next.
 */
struct marks_day {
	uint64_t day;
	struct mark_level {
		uint64_t *slots; /* NULL: there is none yet */
		uint32_t n;
	} level[MARKS_LEVELS];
	bool changed; /* since all of it was read or written */
	bool full;    /* there was no room for somebody */
};

/* A person and class whose row is to be written. */
struct mark_note {
	uint64_t day, who;
	uint8_t class_id;
};

/* One that is being written. */
struct mark_row {
	struct mark_note of;
	uint8_t values[MARKS_CLOSED * 4]; /* big-endian */
	size_t n;
};
#define MARKS_BITE 256

struct marks {
	struct loop *loop;
	struct inbox *inbox;
	const _Atomic uint64_t *clock;
	struct loop_timer tick;
	struct marks_day *days[MARKS_DAYS_MAX]; /* NULL: free */
	uint32_t slots;                         /* of all days */

	struct mark_note *notes; /* MARKS_NOTES_MAX of them, in the order they came */
	size_t n_notes;

	struct inbox_job job;
	bool busy;
	struct mark_row rows[MARKS_BITE];
	size_t n_rows;
	struct marks_day *loaded;
	uint64_t forget_at_ms, went;
};

/* Who and class, mixed: where they are looked for, and what they are known by there. */
struct mark_key {
	uint32_t at, tag;
};

struct mark_key marks_key(uint64_t who, uint8_t class_id);

struct marks_day *marks_find(const struct marks *m, uint64_t day);
/* An empty DAY, nobody's yet; NULL: no memory. And its end, with what it holds. */
struct marks_day *marks_day_new(uint64_t day);
void marks_day_free(struct marks_day *d);
/* Level I of D, made when it is not there. False: no memory. */
bool marks_level(struct marks_day *d, unsigned i);
/* VALUE as one of KEY's in D, whatever their number is. False: no room. */
bool marks_put(struct marks_day *d, struct mark_key key, uint32_t value, uint32_t slots_left);
/* D, which was read, is one of M's days from now on; old ones go. False: there is no room. */
bool marks_take(struct marks *m, struct marks_day *d);

/* The values of KEY in D, at most MARKS_CLOSED of them; how many. */
size_t marks_values(const struct marks_day *d, struct mark_key key,
    uint32_t out[static MARKS_CLOSED]);

#endif
