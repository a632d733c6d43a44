/*
 * log_rig.h - an event log in a folder of its own, and frames to put into it.
 */
#ifndef TESTS_UNIT_ANALYTICS_LOG_RIG_H
#define TESTS_UNIT_ANALYTICS_LOG_RIG_H

#include "analytics/log/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIG_DAY_MS 86400000u
#define RIG_DAY 20700 /* the usual one of arrival */
#define RIG_SPOOL 0xabcdef0123456789u

struct log_rig {
	char dir[80];
	struct event_log_options o;
	struct event_log *l;
};

/* A fresh folder; not opened. */
void rig_make(struct log_rig *r);
/* SC_OK, or what event_log_open() said, with its words as a remark. */
enum sc_err rig_open(struct log_rig *r);
void rig_close(struct log_rig *r);
void rig_remove(struct log_rig *r);
/* Close it, open it again. */
bool rig_again(struct log_rig *r);

uint64_t rig_ms(uint32_t day);
struct feed_frame rig_event(uint64_t id, uint64_t person, uint64_t device);
struct feed_frame rig_verdict(uint64_t event, uint8_t action);
struct feed_frame rig_erase(uint64_t who);

/* Append N frames of the usual spool from where it is, on DAY. */
enum sc_err rig_put(struct log_rig *r, uint32_t day, const struct feed_frame *v, size_t n);
/* One event of that id. */
enum sc_err rig_put_id(struct log_rig *r, uint32_t day, uint64_t id);

/* All frames of the log, but for COMMITs. The caller's to free(). */
struct feed_frame *rig_all(struct log_rig *r, size_t *n);
/* How many EVENT frames of ID it has. */
size_t rig_times(struct log_rig *r, uint64_t id);

/* The path of a file of the log, in one of four places that take turns. */
const char *rig_path(const struct log_rig *r, const char *name);
long rig_size(const struct log_rig *r, const char *name);
/* Are the N bytes at P in any file of the folder? */
bool rig_folder_has(const struct log_rig *r, const void *p, size_t n);
bool rig_copy(const struct log_rig *from, struct log_rig *to);
/* Change the byte at OFFSET (from the end, when below 0) of a file. */
bool rig_flip(const struct log_rig *r, const char *name, long offset);

#endif
