/*
 * marks.c - a day's values in memory: open addressing, in a few tables of growing size, so
 * that none is ever moved while others wait.
 */
#include "crypto/marks/marks_int.h"

#include <stdlib.h>

/* ---- a day --------------------------------------------------------------------------- */

struct marks_day *marks_day_new(uint64_t day)
{
	struct marks_day *d = calloc(1, sizeof(*d));

	if (d != NULL)
		d->day = day;
	return d;
}

void marks_day_free(struct marks_day *d)
{
	for (unsigned i = 0; d != NULL && i < MARKS_LEVELS; i++)
		free(d->level[i].slots);
	free(d);
}

static uint32_t slots_of_day(const struct marks_day *d)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < MARKS_LEVELS; i++)
		n += d->level[i].slots == NULL ? 0 : MARKS_LEVEL_SLOTS(i);
	return n;
}

bool marks_level(struct marks_day *d, unsigned i)
{
	struct mark_level *l = &d->level[i];

	if (l->slots == NULL)
		l->slots = calloc(MARKS_LEVEL_SLOTS(i), sizeof(*l->slots));
	return l->slots != NULL;
}

struct mark_key marks_key(uint64_t who, uint8_t class_id)
{
	uint64_t x = (who + class_id * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);

	x = (x ^ x >> 31) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 32;
	return (struct mark_key){ (uint32_t)x, (uint32_t)(x >> 32) | 1 };
}

static uint64_t slot_of(struct mark_key key, uint32_t value)
{
	return (uint64_t)key.tag << 32 | value;
}

/* What is known of a person and class. */
struct walk {
	uint32_t n; /* values of theirs */
	bool known; /* VALUE is one */
};

static void walk_level(const struct mark_level *l, uint32_t mask, struct mark_key key,
    uint32_t value, struct walk *w)
{
	for (uint32_t i = key.at & mask; l->slots[i] != 0; i = (i + 1) & mask)
		if (l->slots[i] >> 32 == key.tag) {
			w->n++;
			w->known |= (uint32_t)l->slots[i] == value;
		}
}

static struct walk walk_day(const struct marks_day *d, struct mark_key key, uint32_t value)
{
	struct walk w = { 0, false };

	for (unsigned i = 0; i < MARKS_LEVELS && d->level[i].slots != NULL; i++)
		walk_level(&d->level[i], MARKS_LEVEL_SLOTS(i) - 1, key, value, &w);
	return w;
}

/* Into the first level that has room, which is made when LEFT slots allow it. */
static bool put(struct marks_day *d, struct mark_key key, uint32_t value, uint32_t left)
{
	for (unsigned i = 0; i < MARKS_LEVELS; i++) {
		struct mark_level *l = &d->level[i];
		uint32_t mask = MARKS_LEVEL_SLOTS(i) - 1, at = key.at & mask;

		if (l->n > mask / 2)
			continue;
		if (l->slots == NULL && (left <= mask || !marks_level(d, i)))
			return false;
		while (l->slots[at] != 0)
			at = (at + 1) & mask;
		l->slots[at] = slot_of(key, value);
		l->n++;
		return true;
	}
	return false;
}

bool marks_put(struct marks_day *d, struct mark_key key, uint32_t value, uint32_t slots_left)
{
	return walk_day(d, key, value).known || put(d, key, value, slots_left);
}

size_t marks_values(const struct marks_day *d, struct mark_key key,
    uint32_t out[static MARKS_CLOSED])
{
	size_t n = 0;

	for (unsigned i = 0; i < MARKS_LEVELS && d->level[i].slots != NULL; i++) {
		const uint64_t *slots = d->level[i].slots;
		uint32_t mask = MARKS_LEVEL_SLOTS(i) - 1;

		for (uint32_t at = key.at & mask; slots[at] != 0; at = (at + 1) & mask)
			if (slots[at] >> 32 == key.tag && n < MARKS_CLOSED)
				out[n++] = (uint32_t)slots[at];
	}
	return n;
}

/* ---- the days -------------------------------------------------------------------------- */

struct marks_day *marks_find(const struct marks *m, uint64_t day)
{
	for (unsigned i = 0; i < MARKS_DAYS_MAX; i++)
		if (m->days[i] != NULL && m->days[i]->day == day)
			return m->days[i];
	return NULL;
}

struct marks_day *marks_day(struct marks *m, uint64_t now_ms)
{
	return marks_find(m, now_ms / MARKS_DAY_MS);
}

/*
 * The oldest of M's days goes when it is older than KEPT days before DAY. Its rows stay: were
 * the clock set back, they would be read again.
 */
static bool drop_oldest(struct marks *m, uint64_t day, unsigned kept)
{
	struct marks_day **oldest = NULL;

	for (unsigned i = 0; i < MARKS_DAYS_MAX; i++)
		if (m->days[i] != NULL && m->days[i]->day + kept < day &&
		    (oldest == NULL || m->days[i]->day < (*oldest)->day))
			oldest = &m->days[i];
	if (oldest == NULL)
		return false;
	m->slots -= slots_of_day(*oldest);
	marks_day_free(*oldest);
	*oldest = NULL;
	return true;
}

bool marks_take(struct marks *m, struct marks_day *d)
{
	struct marks_day **room = NULL;

	while (drop_oldest(m, d->day, MARKS_DAYS_KEPT - 1))
		;
	/* days that were full are not kept so long: today, and tomorrow, want the room */
	while (m->slots > MARKS_SLOTS_MAX / 4 && drop_oldest(m, d->day, 1))
		;
	for (unsigned i = 0; i < MARKS_DAYS_MAX; i++)
		if (m->days[i] == NULL)
			room = &m->days[i];
	if (room == NULL)
		return false;
	*room = d;
	m->slots += slots_of_day(d);
	return true;
}

/* A row is to be written soon: NOTE's, for which there is room. */
static void note_row(struct marks *m, const struct mark_note *note)
{
	if (m->n_notes == 0 && !m->busy)
		loop_timer_set(m->loop, &m->tick, MARKS_SOON_MS);
	m->notes[m->n_notes++] = *note;
}

/* One value more of KEY's. False: no room. */
static bool add(struct marks *m, struct marks_day *d, struct mark_key key, uint32_t value)
{
	uint32_t before = slots_of_day(d);

	if (!put(d, key, value, MARKS_SLOTS_MAX - m->slots))
		return false;
	m->slots += slots_of_day(d) - before;
	d->changed = true;
	return true;
}

/* ---- a value ---------------------------------------------------------------------------- */

enum mark marks_see(struct marks *m, struct marks_day *d, uint64_t who, uint8_t class_id,
    uint32_t value)
{
	const struct mark_key key = marks_key(who, class_id);
	struct walk w;

	/* what could not be written down is not given either */
	if (d == NULL || d->full || m->n_notes == MARKS_NOTES_MAX)
		return MARK_FULL;
	w = walk_day(d, key, value);
	if (w.n > MARKS_VALUES_MAX)
		return MARK_LIMIT;
	if (w.known)
		return MARK_KNOWN;
	if (!add(m, d, key, value)) {
		d->full = true;
		return MARK_FULL;
	}
	if ((w.n + 1) % MARKS_ROW_EACH == 0 || w.n + 1 == MARKS_CLOSED)
		note_row(m, &(struct mark_note){ d->day, who, class_id });
	return w.n < MARKS_VALUES_MAX ? MARK_NEW : MARK_LIMIT;
}
