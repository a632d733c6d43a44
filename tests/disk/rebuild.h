/*
 * rebuild.h - what a power cut leaves, from the test disk's record.
 *
 * A file has what was synced, and of what was written since then nothing, all,
 * the first part, or any sectors at all. A name (made, moved, removed) is there
 * when its folder was synced afterwards, else as chance has it, but in order:
 * within one folder nothing survives that came after something that did not.
 * That is what POSIX promises and no more; real file systems promise more.
 */
#ifndef TESTS_DISK_REBUILD_H
#define TESTS_DISK_REBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk_story;

enum disk_luck {
	LUCK_LOSE,   /* nothing that was not synced */
	LUCK_KEEP,   /* everything: as after kill -9 */
	LUCK_PREFIX, /* of each file and each folder the first part, by the seed */
	LUCK_ANY,    /* any sectors, by the seed */
	LUCK_TORN,   /* as ANY, and the call that was under way did a part of its work */
	LUCK_COUNT
};

/*
 * Read CONTROL.ops. BEFORE is a copy of the root as it was when the watched
 * program started; NULL: it was empty. NULL when something cannot be read.
 */
struct disk_story *disk_story_new(const char *control, const char *before);
void disk_story_free(struct disk_story *s);
size_t disk_story_length(const struct disk_story *s);
/* "write run/log/journal.0 4096+8192", for a message. */
void disk_story_tell(const struct disk_story *s, size_t i, char *out, size_t n);

/* Make in OUT, an empty folder, what is there when the power goes after CUT calls. */
bool disk_story_cut(struct disk_story *s, size_t cut, enum disk_luck luck, uint64_t seed,
    const char *out);

/* Remove all that is in DIR, and DIR itself when WHOLE. */
void disk_remove(const char *dir, bool whole);
/* A folder of our own, in memory where there is room for one. False: none could be made. */
bool disk_folder(char out[static 64]);

#endif
