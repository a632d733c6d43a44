/*
 * view_loop.h - a view within the test's own process, on a loop that the test turns and a clock
 * that it moves.
 */
#ifndef TESTS_UNIT_ANALYTICS_VIEW_LOOP_H
#define TESTS_UNIT_ANALYTICS_VIEW_LOOP_H

#include "analytics/viewd/view.h"

struct view_loop {
	char dir[100];
	struct view_settings settings; /* data is DIR; borrowed by the view, as are the words */
	struct feed_words words;
	struct loop *loop;
	struct view *view;
};

/* DIR is made, unless it is said. Nothing is open yet. */
void view_loop_make(struct view_loop *v, const char *dir);
void view_loop_remove(struct view_loop *v);
bool view_loop_open(struct view_loop *v);
void view_loop_close(struct view_loop *v);

/* Turn until TRUE_OF says so; false: twenty seconds went by. */
bool view_loop_until(struct view_loop *v, bool (*true_of)(struct view_loop *v));
/* Turn a few times. */
void view_loop_turn(struct view_loop *v);
/* Frames of the usual spool, from where it is. */
enum sc_err view_loop_feed(struct view_loop *v, const struct feed_frame *f, size_t n);
/* The value of a tally of STATUS; UINT64_MAX: it was not told. */
uint64_t view_loop_tally(const struct view_loop *v, uint8_t of);
/* Of a file of the folder, in one place. */
const char *view_loop_path(const struct view_loop *v, const char *name);
/* Let MS go by for the loop. */
void view_loop_later(uint64_t ms);

#endif
