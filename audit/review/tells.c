/*
 * tells.c - what the entries of one log tell of another: heads of it, which entry of keyd's says
 * the same, and that a log was given up and begun anew.
 */
#include "audit/review/judge_int.h"

#include "audit/record/read.h"
#include "base/text/hex.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_EVERY 65536 /* entries */

/* The number behind the last WHAT of an entry, whose text has no blanks; false: there is none. */
static bool last_number(struct sc_span s, const char *what, uint64_t *out)
{
	const size_t n = strlen(what);
	const uint8_t *at, *last = NULL;
	struct sc_span rest = s;

	while ((at = rest.n == 0 ? NULL : memmem(rest.p, rest.n, what, n)) != NULL) {
		last = at + n;
		rest = sc_span_from(s, (size_t)(last - s.p));
	}
	*out = 0;
	for (; last != NULL && last < s.p + s.n && *last >= '0' && *last <= '9'; last++)
		*out = *out > UINT64_MAX / 16 ? *out : *out * 10 + (uint64_t)(*last - '0');
	return last != NULL;
}

/* It stands in front: `"v":1,"at":`; a member of the same name may follow. */
static uint64_t time_of(struct sc_span entry)
{
	static const char head[] = "{\"v\":1,\"at\":";
	struct sc_span front = sc_span(entry.p, entry.n < 32 ? entry.n : 32);
	uint64_t at = 0;

	return sc_span_starts(entry, head) && last_number(front, "\"at\":", &at) ? at : 0;
}

static struct judged *by_origin(struct judge *j, const char *origin)
{
	for (size_t i = 0; i < j->n; i++) {
		const char *have = j->v[i].log->origin != NULL ? j->v[i].log->origin :
		    j->v[i].open                               ? j->v[i].tree.state.origin :
								 "";

		if (strcmp(have, origin) == 0)
			return &j->v[i];
	}
	return NULL;
}

/* Has the auditor not seen entry INDEX of D's log before? */
static bool is_fresh(const struct judged *d, uint64_t index)
{
	return d->row == NULL || index >= d->row->head.size;
}

static void add_misfit(struct judged *of, const struct judged *by, uint64_t index,
    const struct audit_entry *e, enum head_fit fit)
{
	struct misfit *m = &of->misfit;

	if (m->by == NULL)
		*m = (struct misfit){ .by = by, .entry = index, .size = e->head.size, .fit = fit };
	m->n++;
	m->fresh |= is_fresh(by, index);
	if (e->head.size > m->size_max)
		m->size_max = e->head.size;
	if (e->at_ms > m->last_ms)
		m->last_ms = e->at_ms;
}

static void unseen(struct judged *d, const char *origin)
{
	if (d->unseen++ == 0)
		snprintf(d->unseen_origin, sizeof(d->unseen_origin), "%s", origin);
}

static void tell_head(struct judged *d, uint64_t index, const struct audit_entry *e)
{
	struct judged *of = by_origin(d->of, e->head.origin);
	uint8_t root[HASH_BYTES];
	enum head_fit fit;

	if (e->outcome == AUDIT_REFUSED) {
		d->log->refused_heads++;
		return;
	}
	if (!hex_parse(sc_span_str(e->head.root), root, sizeof(root))) {
		judge_say(d, AUDIT_BROKEN, "the head in entry %llu is malformed",
		    (unsigned long long)index);
		return;
	}
	if (of == NULL || !of->open) {
		unseen(d, e->head.origin);
		return;
	}
	if (d->log->keyd && of->log->report.has_checkpoint &&
	    e->head.size == of->log->report.signed_size &&
	    memcmp(root, of->log->report.signed_root, HASH_BYTES) == 0)
		of->told = true;
	fit = head_tree_fits(&of->tree, e->head.size, root);
	if (fit == HEAD_FITS)
		d->log->heads++;
	else
		add_misfit(of, d, index, e, fit);
}

/* In keyd's log: what was signed of a log is no longer asked for. */
static void tell_given_up(struct judged *d, uint64_t index, const struct audit_entry *e)
{
	struct judged *of = by_origin(d->of, e->head.origin);

	if (strcmp(e->act, "store.start_anew") == 0 && of == d) {
		d->anew_ms = e->at_ms;
		d->anew_size = e->head.size;
	}
	if (strcmp(e->act, "head.forget") != 0 || of == NULL || of->misfit.by != d ||
	    of->misfit.size_max > e->head.size)
		return;
	of->log->given_up += of->misfit.n;
	of->given_up_fresh |= is_fresh(d, index);
	memset(&of->misfit, 0, sizeof(of->misfit));
}

/* Everybody whom a record of keyd's is about stands before it. */
static enum sc_err tell_people(struct judged *d, uint64_t index, struct sc_span entry)
{
	const char *why;
	enum sc_err err = people_list_entry(&d->people, entry, &why);

	if (err == SC_OK && why != NULL)
		judge_say(d, AUDIT_BROKEN, "entry %llu: %s", (unsigned long long)index, why);
	return err;
}

enum sc_err tells_entry(void *arg, uint64_t index, struct sc_span entry)
{
	struct judged *d = arg;
	const uint64_t at = time_of(entry);
	struct audit_entry e;
	uint64_t keyd;
	enum sc_err err;

	if (index < d->end)
		return SC_OK;
	d->end = index + 1;
	if (d->end % PROGRESS_EVERY == 0 && d->of->asked->progress != NULL)
		d->of->asked->progress(d->log->label, d->end);
	if (at > d->of->newest_ms)
		d->of->newest_ms = at;
	if (d->unsigned_ms == 0 && d->log->report.has_checkpoint &&
	    index >= d->log->report.signed_size)
		d->unsigned_ms = at;
	if (last_number(entry, "\"keyd\":", &keyd) && keyd + 1 > d->named) {
		d->named = keyd + 1;
		d->named_entry = index;
		d->named_ms = at;
	}
	if (d->log->keyd && (err = tell_people(d, index, entry)) != SC_OK)
		return err;
	if (memmem(entry.p, entry.n, "\"head\"", 6) == NULL)
		return SC_OK;
	if (audit_entry_parse(entry, &e) != SC_OK)
		return SC_OK;
	if (e.kind == AUDIT_HEAD)
		tell_head(d, index, &e);
	else if (d->log->keyd && e.head.origin[0] != '\0')
		tell_given_up(d, index, &e);
	audit_entry_fini(&e);
	return SC_OK;
}

/* ---- when all have told ------------------------------------------------------------------ */

/* keyd's own log was begun anew after these were recorded, as it tells itself. */
static bool given_up_since(const struct judged *d, uint64_t at_ms, uint64_t size)
{
	return d->log->keyd && d->anew_ms != 0 && at_ms <= d->anew_ms && size <= d->anew_size;
}

static void conclude_misfit(struct judged *d)
{
	struct misfit *m = &d->misfit;

	if (m->by == NULL)
		return;
	if (given_up_since(d, m->last_ms, m->size_max)) {
		d->log->given_up += m->n;
		d->given_up_fresh |= m->fresh;
		return;
	}
	if (m->fit == HEAD_BEYOND)
		judge_say(d, AUDIT_BROKEN,
		    "it was rolled back: %.60s's log saw %llu entries of it (entry %llu), it has "
		    "%llu",
		    m->by->log->label, (unsigned long long)m->size, (unsigned long long)m->entry,
		    (unsigned long long)d->tree.state.size);
	else
		judge_say(d, AUDIT_BROKEN,
		    "its past was rewritten: it is not the log whose %llu entries %.60s's log saw "
		    "(entry %llu)",
		    (unsigned long long)m->size, m->by->log->label, (unsigned long long)m->entry);
}

/* Every opening in a gateway's log names keyd's record of it, which was on disk before. */
static void conclude_named(struct judge *j, struct judged *d)
{
	for (size_t i = 0; d->log->keyd && i < j->n; i++) {
		const struct judged *by = &j->v[i];

		if (by == d || by->named <= d->end)
			continue;
		if (d->anew_ms != 0 && by->named_ms <= d->anew_ms) {
			d->log->given_up++;
			d->given_up_fresh |= is_fresh(by, by->named_entry);
			continue;
		}
		judge_say(d, AUDIT_BROKEN,
		    "it was rolled back: entry %llu of %.60s's log names its entry %llu, it has "
		    "%llu",
		    (unsigned long long)by->named_entry, by->log->label,
		    (unsigned long long)by->named - 1, (unsigned long long)d->end);
	}
}

void tells_conclude(struct judge *j, struct judged *d)
{
	conclude_misfit(d);
	/* where folders are named, nothing else tells which is whose */
	if (d->log->keyd && d->named > 0)
		judge_say(d, AUDIT_BROKEN,
		    "it is not keyd's: its entry %llu names one of keyd's, as a gateway's does: "
		    "were the logs exchanged?",
		    (unsigned long long)d->named_entry);
	if (d->whole)
		conclude_named(j, d);
	if (d->given_up_fresh && !j->asked->give_up)
		judge_say(d, AUDIT_INCOMPLETE,
		    "%llu heads of it are from before it was given up and begun anew, as keyd's "
		    "log tells: audit trust --replace takes it so",
		    (unsigned long long)d->log->given_up);
	if (d->unseen > 0)
		judge_say(d, AUDIT_INCOMPLETE,
		    "it has %llu heads of %.100s, which was not looked at: name its folder "
		    "(--keyd-log, --also)",
		    (unsigned long long)d->unseen, d->unseen_origin);
}
