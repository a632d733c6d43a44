/*
 * show.c - entries through a filter.
 */
#include "audit/review/review.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"

#include <string.h>
#include <strings.h>

#define PARTS_MAX ((CRYPTO_ITEMS_MAX + AUDIT_PART_MAX - 1) / AUDIT_PART_MAX) /* of one entry */

struct shower {
	const struct audit_filter *f;
	audit_line_fn *line;
	void *arg;
	struct audit_found found;
	/* parts of a list whose entry comes: how many, and whether they have the subject */
	uint64_t parts;
	bool has;
	bool enough;
};

static bool is(const char *want, const char *have)
{
	return want == NULL || strcmp(want, have) == 0;
}

/* Is HANDLE one of WANT's, which stand between commas? */
static bool is_wanted(const char *want, const char *handle)
{
	for (;; want++) {
		const size_t n = strcspn(want, ",");

		if (n == strlen(handle) && strncasecmp(want, handle, n) == 0)
			return true;
		want += n;
		if (*want == '\0')
			return false;
	}
}

static bool has_subject(const struct audit_entry *e, const char *want)
{
	const cJSON *s;

	if (want == NULL)
		return true;
	cJSON_ArrayForEach(s,
	    e->subjects) if (cJSON_IsString(s) && is_wanted(want, s->valuestring)) return true;
	return false;
}

static bool matches(const struct audit_filter *f, const struct audit_entry *e)
{
	const char *kind = audit_kind_name(e->kind), *outcome = audit_outcome_name(e->outcome);

	return (f->from_ms == 0 || e->at_ms >= f->from_ms) &&
	    (f->until_ms == 0 || e->at_ms < f->until_ms) &&
	    (f->request_id == 0 || e->request_id == f->request_id) &&
	    is(f->kind, kind == NULL ? "" : kind) && is(f->principal, e->principal) &&
	    is(f->role, e->role) && is(f->purpose, e->purpose) && is(f->route, e->route) &&
	    is(f->op, e->op) && is(f->outcome, outcome == NULL ? "" : outcome);
}

static bool filters_kind(const struct audit_filter *f)
{
	return f->kind != NULL && strcmp(f->kind, audit_kind_name(AUDIT_PEOPLE)) == 0;
}

/* A part of a list: true where it is asked for by itself. */
static bool take_part(struct shower *s, const struct audit_entry *e)
{
	const bool has = has_subject(e, s->f->subject);

	s->has = e->parts == 1 ? has : s->has || has;
	s->parts = e->parts == 1 ? 1 : s->parts + 1;
	return filters_kind(s->f) && has && matches(s->f, e);
}

/*
 * Does E perhaps tell of more people than it and its parts name, as HAVE of those? keyd's says so;
 * scrimd's names no more than it has room for, and does not know of how many keyd's is.
 */
static bool names_some(const struct audit_entry *e, uint64_t have, bool whole)
{
	static const char *const keyds[] = { "asserted", "proved", "signed" };

	for (size_t i = 0; i < sizeof(keyds) / sizeof(keyds[0]); i++)
		if (strcmp(e->auth, keyds[i]) == 0)
			return e->subjects_total > have && (e->parts == 0 || !whole);
	return have >= AUDIT_HANDLES_MAX;
}

/* E, with the parts before it. */
static bool take_entry(struct shower *s, const struct audit_entry *e)
{
	const bool whole = e->parts == s->parts;
	const bool has = has_subject(e, s->f->subject) || (s->has && e->parts > 0);
	const uint64_t named = (uint64_t)cJSON_GetArraySize(e->subjects);

	s->parts = 0;
	s->has = false;
	if (!matches(s->f, e))
		return false;
	if (!has && names_some(e, named, whole))
		s->found.unsure++;
	return has;
}

/* Does F ask for anything that has to be read out of an entry? */
static bool asks(const struct audit_filter *f)
{
	return f->from_ms != 0 || f->until_ms != 0 || f->request_id != 0 || f->kind != NULL ||
	    f->principal != NULL || f->role != NULL || f->purpose != NULL || f->route != NULL ||
	    f->op != NULL || f->outcome != NULL || f->subject != NULL;
}

static enum sc_err one(void *arg, uint64_t index, struct sc_span json)
{
	struct shower *s = arg;
	struct audit_entry e;
	enum sc_err err;
	bool ok = !asks(s->f);

	if (!ok && audit_entry_parse(json, &e) == SC_OK) {
		ok = e.kind == AUDIT_PEOPLE ? take_part(s, &e) : take_entry(s, &e);
		audit_entry_fini(&e);
	}
	/* what came before is read for the parts of the first one's list alone */
	if (!ok || index < s->f->since)
		return SC_OK;
	s->found.matched++;
	if ((err = s->line(s->arg, index, json)) != SC_OK)
		return err;
	s->enough = s->f->limit != 0 && s->found.matched == s->f->limit;
	return s->enough ? SC_LIMIT : SC_OK;
}

enum sc_err audit_show(const char *dir, const struct audit_filter *f, audit_line_fn *line,
    void *arg, struct sc_diag *d, struct audit_found *out)
{
	struct shower s = { .f = f, .line = line, .arg = arg };
	const uint64_t before = f->subject == NULL ? 0 : PARTS_MAX;
	enum sc_err err = walk_dir(dir, f->since > before ? f->since - before : 0, one, &s, d);

	if (out != NULL)
		*out = s.found;
	return s.enough ? SC_OK : err;
}
