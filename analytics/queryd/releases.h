/*
 * releases.h - what is served: the releases in a folder that are whole and published.
 *
 * One is served when every file of it is what its manifest says and its receipt shows the
 * gateway's log to hold it, both looked at when it is first seen and again when anything in
 * its folder changed. A thread of its own looks each second; others hold what they use.
 */
#ifndef ANALYTICS_QUERYD_RELEASES_H
#define ANALYTICS_QUERYD_RELEASES_H

#include "analytics/shelf/shelf.h"

#include <stdatomic.h>

struct release_mark; /* how its files were when they were looked at */

struct served_release {
	atomic_uint holds;
	char dataset[SC_NAME_MAX + 1];
	uint64_t number;
	bool good; /* it is served: RELEASE is filled */
	struct shelf_release release;
	struct release_mark *mark;
};

struct releases;

/*
 * Look at all releases below ROOT, then go on looking. VKEY is the text of the key of the
 * gateway's log; both are borrowed. Fails with SC_IO, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err releases_open(const char *root, const char *vkey, struct sc_diag *d,
    struct releases **out);
void releases_close(struct releases *r); /* what is held stays; NULL is fine */

/* DATASET's release NUMBER, or its newest when that is 0; NULL: none that is served. */
struct served_release *releases_hold(struct releases *r, const char *dataset, uint64_t number);
void release_let_go(struct served_release *s); /* NULL is fine */

/* Are its files as they were when it was found good? */
bool release_is_same(const struct served_release *s);

/* Each that is served, by dataset, the newest first, under the lock: be brief. */
typedef void release_fn(void *arg, const struct served_release *s);
void releases_each(struct releases *r, release_fn *fn, void *arg);

struct releases_state {
	size_t served, refused;
	bool readable; /* the folder was, when it was last looked at */
};
void releases_state(struct releases *r, struct releases_state *out);

#endif
