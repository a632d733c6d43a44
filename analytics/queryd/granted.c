/*
 * granted.c - the grants in force: all of what is on disk, or all of what was there before.
 */
#include "analytics/queryd/queryd.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* How it is now; all zero where there is none. */
static bool look_at(const char *path, struct stat *st)
{
	if (stat(path, st) == 0)
		return true;
	memset(st, 0, sizeof(*st));
	return false;
}

enum sc_err granted_open(struct granted *g, const char *path, struct sc_diags *all)
{
	enum sc_err err = SC_OK;

	g->path = path;
	if (look_at(path, &g->seen) || errno != ENOENT)
		err = query_grants_load(path, all, &g->grants);
	g->ok = err == SC_OK;
	return err;
}

void granted_close(struct granted *g)
{
	query_grants_fini(&g->grants);
}

bool granted_look(struct granted *g)
{
	struct query_grants next;
	struct sc_diags all = { .n = 0 };
	struct stat st;

	(void)look_at(g->path, &st);
	if (same_file(&g->seen, &st))
		return false;
	/* before it is read: what is written meanwhile is seen at the next look */
	g->seen = st;
	g->ok = query_grants_load(g->path, &all, &next) == SC_OK;
	if (!g->ok) {
		log_event(LOG_ERROR, "queryd.grants_refused",
		    LOG_STR("why", "the file cannot be read; the grants before it stay"),
		    LOG_U64("line", all.v[0].line), LOG_END);
		return false;
	}
	query_grants_fini(&g->grants);
	g->grants = next;
	log_event(LOG_INFO, "queryd.grants_read", LOG_LEN("grants", next.n), LOG_END);
	return true;
}
