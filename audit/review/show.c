/*
 * show.c - entries through a filter.
 */
#include "audit/review/review.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"

#include <string.h>
#include <strings.h>

struct shower {
	const struct audit_filter *f;
	audit_line_fn *line;
	void *arg;
	uint64_t matched;
	bool enough;
};

static bool is(const char *want, const char *have)
{
	return want == NULL || strcmp(want, have) == 0;
}

static bool has_subject(const struct audit_entry *e, const char *want)
{
	const cJSON *s;

	if (want == NULL)
		return true;
	cJSON_ArrayForEach(s, e->subjects) if (cJSON_IsString(s) &&
	    strcasecmp(s->valuestring, want) == 0) return true;
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
	    is(f->op, e->op) && is(f->outcome, outcome == NULL ? "" : outcome) &&
	    has_subject(e, f->subject);
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
		ok = matches(s->f, &e);
		audit_entry_fini(&e);
	}
	if (!ok)
		return SC_OK;
	s->matched++;
	if ((err = s->line(s->arg, index, json)) != SC_OK)
		return err;
	s->enough = s->f->limit != 0 && s->matched == s->f->limit;
	return s->enough ? SC_LIMIT : SC_OK;
}

enum sc_err audit_show(const char *dir, const struct audit_filter *f, audit_line_fn *line,
    void *arg, struct sc_diag *d, uint64_t *matched)
{
	struct shower s = { .f = f, .line = line, .arg = arg };
	enum sc_err err = walk_dir(dir, f->since, one, &s, d);

	if (matched != NULL)
		*matched = s.matched;
	return s.enough ? SC_OK : err;
}
