/*
 * ids.h - which events a segment of the log tells of, and in which of its frames: a
 * table in memory while the segment grows, a sorted file, mapped, when it is closed.
 *
 * An id has one entry for the event and one for each verdict on it. Private
 * to analytics/log/.
 */
#ifndef ANALYTICS_LOG_IDS_H
#define ANALYTICS_LOG_IDS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDS_VERDICT 0x80000000u /* of a place: that frame is a verdict on the event */
#define IDS_GONE 0x7fffffffu    /* instead of one: the event was dropped, and is not taken again */

/* Of each entry of an id: where it is. True to go on. */
typedef bool ids_each_fn(void *arg, uint32_t place);

/* ---- while it grows ---------------------------------------------------------------- */

/* All zero: empty. Open addressing; an id is never 0. */
struct ids_table {
	uint64_t *id;
	uint32_t *place;
	size_t slots, n;
};
void ids_table_fini(struct ids_table *t);

/* Room for N more. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err ids_reserve(struct ids_table *t, size_t n);
/* Within what was reserved. Its slot, for ids_take_back(). */
size_t ids_put(struct ids_table *t, uint64_t id, uint32_t place);
/* Undo the last ids_put() that is still there: the newest first. */
void ids_take_back(struct ids_table *t, size_t slot);

void ids_each(const struct ids_table *t, uint64_t id, ids_each_fn *each, void *arg);
/* Is there an entry of the event itself, also of one that is gone? */
bool ids_has(const struct ids_table *t, uint64_t id);

/* ---- when it is closed --------------------------------------------------------------- */

struct ids_file { /* all zero: none */
	const uint8_t *map;
	size_t bytes;
	uint32_t n, blocks;
};

/* Write T to NAME below DIRFD, made anew and durable but for its folder. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err ids_file_write(int dirfd, const char *name, const struct ids_table *t);
/* Fails with SC_IO, SC_CORRUPT (its head or its length is wrong). */
SC_CHECKED enum sc_err ids_file_open(int dirfd, const char *name, struct ids_file *out);
void ids_file_close(struct ids_file *f);

void ids_file_each(const struct ids_file *f, uint64_t id, ids_each_fn *each, void *arg);
bool ids_file_has(const struct ids_file *f, uint64_t id);
/* The entry number I, in the order of ids. */
void ids_file_entry(const struct ids_file *f, uint32_t i, uint64_t *id, uint32_t *place);
/* Is it as it was written? Reads all of it. */
bool ids_file_sound(const struct ids_file *f);

#endif
