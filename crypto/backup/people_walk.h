/*
 * people_walk.h - everybody's handles and slots, out of the boxes: every box is opened
 * from the top one down.
 */
#ifndef CRYPTO_BACKUP_PEOPLE_WALK_H
#define CRYPTO_BACKUP_PEOPLE_WALK_H

#include "crypto/backup/take.h"
#include "crypto/keytree/tree.h"

struct walked_person {
	uint8_t handle[HANDLE_BYTES];
	uint64_t slot;
};

struct walked_people {
	struct walked_person *all; /* sorted: by handle, then slot */
	size_t n, room;
	uint64_t boxes;
};

/* What is to be walked through, in a job. */
struct people_walk {
	const struct tree_rows *rows;
	struct sc_span tenant;
	const uint8_t *store_id;
	const uint8_t *key;      /* the epoch's */
	const uint64_t *touched; /* leaves whose empty places are told, rising */
	size_t n_touched;
	enum sc_err (*empty)(void *arg, uint64_t slot);
	void *arg;
	uint64_t leaves; /* about how many there are */
	const struct work_watch *watch;
};

/*
 * OUT is the caller's to walked_people_fini(), in any case. Fails with SC_CORRUPT: a box is
 * missing or does not open.
 */
SC_CHECKED enum sc_err people_walk(const struct people_walk *w, struct sc_diag *d,
    struct walked_people *out);
void walked_people_fini(struct walked_people *p);

#endif
