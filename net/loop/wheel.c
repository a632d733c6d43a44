/*
 * wheel.c - the loop's hierarchical timer wheel.
 *
 * A timer that is set again to a later time stays where it is filed; when that
 * slot comes up it is filed anew. So the deadline that every request pushes
 * back costs one store.
 */
#include "net/loop/wheel.h"

#include <string.h>

#define SLOT_DUE UINT16_MAX

static void list_init(struct loop_timer *head)
{
	head->prev = head->next = head;
}

static bool list_empty(const struct loop_timer *head)
{
	return head->next == head;
}

static void list_append(struct loop_timer *head, struct loop_timer *t)
{
	t->prev = head->prev;
	t->next = head;
	head->prev->next = t;
	head->prev = t;
}

static void list_unlink(struct loop_timer *t)
{
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->prev = t->next = NULL;
}

/* Move all of FROM behind TO's; FROM is then empty. */
static void list_take(struct loop_timer *to, struct loop_timer *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

void wheel_init(struct wheel *w, uint64_t now_ms)
{
	memset(w, 0, sizeof(*w));
	w->now = now_ms;
	for (unsigned i = 0; i < WHEEL_LEVELS * WHEEL_SLOTS; i++)
		list_init(&w->slots[i]);
	list_init(&w->due);
}

static void wheel_file(struct wheel *w, struct loop_timer *t)
{
	unsigned level, index;

	if (t->due_ms <= w->now) {
		t->slot = SLOT_DUE;
		t->filed_ms = w->now;
		list_append(&w->due, t);
		return;
	}
	level = (63 - (unsigned)__builtin_clzll(t->due_ms ^ w->now)) / 6;
	index = (t->due_ms >> (6 * level)) & 63;
	t->slot = (uint16_t)(level * WHEEL_SLOTS + index);
	t->filed_ms = t->due_ms >> (6 * level) << (6 * level);
	w->map[level] |= (uint64_t)1 << index;
	list_append(&w->slots[t->slot], t);
}

static void wheel_unfile(struct wheel *w, struct loop_timer *t)
{
	uint16_t slot = t->slot;

	list_unlink(t);
	if (slot != SLOT_DUE && list_empty(&w->slots[slot]))
		w->map[slot / WHEEL_SLOTS] &= ~((uint64_t)1 << slot % WHEEL_SLOTS);
}

void wheel_set(struct wheel *w, struct loop_timer *t, uint64_t delay_ms)
{
	if (delay_ms > WHEEL_DELAY_MAX)
		delay_ms = WHEEL_DELAY_MAX;
	t->due_ms = w->now + delay_ms;
	if (t->due_ms == 0)
		t->due_ms = 1; /* 0 says "not set" */
	if (t->next != NULL) {
		/* filed early enough: it is looked at again then */
		if (t->slot != SLOT_DUE && t->filed_ms <= t->due_ms)
			return;
		wheel_unfile(w, t);
	}
	wheel_file(w, t);
}

void wheel_clear(struct wheel *w, struct loop_timer *t)
{
	if (t->next != NULL)
		wheel_unfile(w, t);
	t->due_ms = 0;
}

uint64_t wheel_next(const struct wheel *w)
{
	if (!list_empty(&w->due))
		return w->now;
	for (unsigned k = 0; k < WHEEL_LEVELS; k++) {
		unsigned shift = 6 * k;
		uint64_t index;

		if (w->map[k] == 0)
			continue;
		index = (uint64_t)__builtin_ctzll(w->map[k]);
		return (w->now >> (shift + 6) << (shift + 6)) | index << shift;
	}
	return UINT64_MAX;
}

/* File what the slot that came up at w->now holds once more: due or lower. */
static void wheel_refile(struct wheel *w, unsigned slot)
{
	struct loop_timer list;

	list_init(&list);
	list_take(&list, &w->slots[slot]);
	w->map[slot / WHEEL_SLOTS] &= ~((uint64_t)1 << slot % WHEEL_SLOTS);
	while (!list_empty(&list)) {
		struct loop_timer *t = list.next;

		list_unlink(t);
		wheel_file(w, t);
	}
}

/* Move the wheel to NOW_MS, collecting what is due. */
static void wheel_advance(struct wheel *w, uint64_t now_ms)
{
	for (unsigned k = 0; k < WHEEL_LEVELS;) {
		unsigned shift = 6 * k;
		uint64_t index, at;

		if (w->map[k] == 0) {
			k++;
			continue;
		}
		index = (uint64_t)__builtin_ctzll(w->map[k]);
		at = (w->now >> (shift + 6) << (shift + 6)) | index << shift;
		if (at > now_ms)
			break;
		w->now = at;
		wheel_refile(w, k * WHEEL_SLOTS + (unsigned)index);
		k = 0; /* what was filed lower comes first */
	}
	if (now_ms > w->now)
		w->now = now_ms;
}

void wheel_run(struct wheel *w, uint64_t now_ms)
{
	struct loop_timer firing;

	wheel_advance(w, now_ms);
	list_init(&firing);
	list_take(&firing, &w->due);
	while (!list_empty(&firing)) {
		struct loop_timer *t = firing.next;

		list_unlink(t);
		if (t->due_ms > w->now) { /* was pushed back meanwhile */
			wheel_file(w, t);
			continue;
		}
		t->due_ms = 0;
		t->on_due(t);
	}
}
