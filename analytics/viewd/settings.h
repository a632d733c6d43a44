/*
 * settings.h - viewd.json: where viewd listens, what it keeps, and who may speak to it.
 *
 *	{ "tenant": "demo", "feed": "run/feed.sock", "operator": "run/viewd.sock",
 *	  "data": "run/viewd", "words": "words.json", "peers": [{ "uid": 1001 }],
 *	  "drafts": "run/drafts", "views": "views.json", "cube": { "dataset": "week" } }
 *
 * Relative paths are relative to the file itself.
 */
#ifndef ANALYTICS_VIEWD_SETTINGS_H
#define ANALYTICS_VIEWD_SETTINGS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"

#include <stdbool.h>
#include <sys/types.h>

#define VIEW_PATH_MAX 1024
#define VIEW_UIDS_MAX 16

struct view_settings {
	struct sc_name tenant;
	const char *feed, *operator_; /* sockets */
	const char *data;             /* folder of the event log and of features */
	const char *words;            /* the file that the gateway was given too */
	const char *purpose; /* of the words' purposes: whose consent counts; NULL: the first */
	uid_t *peers;        /* who may feed; none: ourselves */
	size_t n_peers;
	uid_t *operators; /* who may ask; none: ourselves, and root */
	size_t n_operators;
	uint32_t keep_days, keep_device_days, keep_aside_days;
	uint32_t rules_off; /* bits by enum feed_rule */
	bool join_devices;
	bool live;                /* features are updated between snapshots */
	const char *drafts;       /* shelf of releases that are made; NULL: none is */
	const char *views;        /* spec of those of the shop's own people; NULL: none */
	const char *cube_dataset; /* what the cube is called; NULL: there is none */
	uint64_t champion;        /* what a champion spent in 40 weeks, in hundredths */
	struct sc_arena arena;    /* all that the above points to */
};

/* Every key that the file may have. */
extern const struct shape view_settings_shape;

/*
 * On SC_OK OUT is the caller's to view_settings_fini(). Fails with SC_SYNTAX, SC_LIMIT,
 * SC_IO, SC_NOMEM; ALL (empty) tells what is wrong, and where.
 */
SC_CHECKED enum sc_err view_settings_load(const char *path, struct sc_diags *all,
    struct view_settings *out);
void view_settings_fini(struct view_settings *s); /* all zero is fine */

/* Is UID one of the N at V, or, when there are none, ourselves (or root, where ROOT)? */
bool view_uid_is_among(uid_t uid, const uid_t *v, size_t n, bool root);

#endif
