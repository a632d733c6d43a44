/*
 * releases.h - what the calendar owes: when a week has ended, the cube and every view of the
 * shop's own people, as drafts on a shelf.
 *
 * A week's releases are made once, at the first snapshot after its end; who wants them is not
 * asked. Publishing them is somebody else's act, for which a draft is copied: what was
 * drafted counts as if it had been published, for nobody here knows better. A draft that
 * cannot be made under its rules is withheld, which the log says, and the others are made.
 */
#ifndef ANALYTICS_VIEWD_RELEASES_H
#define ANALYTICS_VIEWD_RELEASES_H

#include "analytics/features/fold.h"
#include "analytics/viewd/settings.h"
#include "analytics/viewd/tally.h"
#include "base/feed/words.h"

#define RELEASES_MAX 17 /* the cube, and the views of a spec */

struct releases;

/*
 * Read the spec of SETTINGS (borrowed, like WORDS). *OUT is NULL where SETTINGS ask for
 * no release. Fails like view_specs_load(); ALL tells what is wrong.
 */
SC_CHECKED enum sc_err releases_open(const struct view_settings *settings,
    const struct feed_words *words, struct sc_diags *all, struct releases **out);
void releases_close(struct releases *r); /* NULL is fine */

/* What became of one: its number, or why there is none. */
struct releases_one {
	uint64_t number; /* 0: withheld */
	enum sc_err err;
};
struct releases_made {
	struct releases_one v[RELEASES_MAX]; /* [0]: the cube; [I + 1]: the spec's view I */
	bool owed[RELEASES_MAX];             /* at this snapshot */
};

/* ---- on the job's thread, in this order; R NULL is fine ------------------------------------ */

/*
 * What is owed at AT_MS? Where the cube is, SETTINGS are told who listens to what
 * counts. Fails with SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err releases_begin(struct releases *r, uint64_t at_ms,
    struct fold_settings *settings);
/* PERSON was erased. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err releases_erased(struct releases *r, uint64_t person);
/*
 * Make what is owed of FOLD, which has ended, and of the FEATURES that were written of
 * it. GOES_ON is asked now and then. Fails with SC_AGAIN (it said no), SC_IO (a lineage
 * cannot be written), SC_NOMEM; what cannot be released is in *MADE.
 */
SC_CHECKED enum sc_err releases_make(struct releases *r, const struct fold *fold,
    const char *features, bool (*goes_on)(void *arg), void *arg, struct releases_made *made);

/* MADE, as FEED_N_DRAFTED and FEED_N_WITHHELD. */
void releases_tell(const struct releases_made *made, view_tell_fn *tell, void *arg);

#endif
