/*
 * view_rig.h - a real scrim-viewd on a folder of its own, and what its two sockets hear
 * and say. For the tests of this folder.
 */
#ifndef TESTS_UNIT_ANALYTICS_VIEW_RIG_H
#define TESTS_UNIT_ANALYTICS_VIEW_RIG_H

#include "base/feed/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RIG_ANSWER_MAX 4096

struct view_rig {
	char dir[80]; /* viewd.json, words.json, stderr; data/ is below it */
	char bin[512];
	pid_t pid;
	void (*before_exec)(void); /* in the child; NULL: nothing */
};

/* A folder with both files; MORE is put into viewd.json behind the rest (", \"keep_days\": 1"). */
bool view_rig_make(struct view_rig *r, const char *more);
void view_rig_remove(struct view_rig *r);
bool view_rig_write(const struct view_rig *r, const char *name, const char *text);
/* Start it, and wait until it answers. */
bool view_rig_start(struct view_rig *r);
/* Its exit status; minus the signal that ended it. */
int view_rig_stop(struct view_rig *r, int sig);
/* Run it with more arguments to its end: its exit status. */
int view_rig_run(struct view_rig *r, const char *a, const char *b);
/* Is TEXT in what it said so far? */
bool view_rig_said(const struct view_rig *r, const char *text);
/* The path of a file below the folder, in one of four places that take turns. */
const char *view_rig_path(const struct view_rig *r, const char *name);

/* ---- sockets: -1 when it fails ---- */

int view_rig_connect(const struct view_rig *r, const char *socket);
/* N frames as one packet. */
bool view_rig_send(int fd, const struct feed_frame *v, size_t n);
/* The frames of the next packet (at most MAX); 0: the other side is gone, or ten seconds went by. */
size_t view_rig_receive(int fd, struct feed_frame *v, size_t max);

/* HELLO for SPOOL, and what AT says. */
int view_rig_hello(const struct view_rig *r, uint64_t spool, uint64_t *next);
/* BATCH with N frames from FIRST; what AT says. */
bool view_rig_batch(int fd, uint64_t first, const struct feed_frame *v, size_t n, uint64_t *next);

/* Ask, and hear the answer until END: the code of that; -1: none came. PROGRESSes are left out, *N is the rest. */
int view_rig_ask(const struct view_rig *r, const struct feed_ask *ask, struct feed_frame *out,
    size_t *n);
/* The value of a tally of STATUS; 0: it was not told. */
uint64_t view_rig_tally(const struct view_rig *r, uint8_t of, uint8_t a, uint8_t b);
/* Wait until it is VALUE; ten seconds at most. */
bool view_rig_await(const struct view_rig *r, uint8_t of, uint64_t value);

#endif
