/*
 * try_document.c - one sample document, planned as scrimd plans it, and what the plan says.
 *
 * It is planned twice: by the route's rules, and with rules that do nothing, so that what nobody
 * declared is seen to the end of a document that is refused, too.
 */
#include "cli/try.h"

#include "gateway/protect/protect.h"
#include "gateway/serve/served.h"

#include <stdio.h>
#include <string.h>

const char *const try_what_said[TRY_WHATS] = { [TRY_SEALED] = "sealed",
	[TRY_NUMBER] = "a virtual number",
	[TRY_REVEALED] = "revealed",
	[TRY_MASKED] = "masked",
	[TRY_GENERALISED] = "generalised",
	[TRY_TOKEN] = "stays a token",
	[TRY_DROPPED] = "null: dropped",
	[TRY_WITHHELD] = "null: denied",
	[TRY_TOLD] = "passes, told to analysis",
	[TRY_PASSES] = "passes",
	[TRY_ASTRAY] = "of another shape",
	[TRY_REFUSED] = "refused" };
const char *const try_what_names[TRY_WHATS] = { [TRY_SEALED] = "seal",
	[TRY_NUMBER] = "virtual_number",
	[TRY_REVEALED] = "reveal",
	[TRY_MASKED] = "mask",
	[TRY_GENERALISED] = "generalise",
	[TRY_TOKEN] = "token",
	[TRY_DROPPED] = "drop",
	[TRY_WITHHELD] = "deny",
	[TRY_TOLD] = "collect",
	[TRY_PASSES] = "pass",
	[TRY_ASTRAY] = "unmatched",
	[TRY_REFUSED] = "refuse" };

/* ---- what becomes of a place ------------------------------------------------------------------- */

static enum try_what what_of_action(uint8_t action)
{
	static const enum try_what whats[ACTION_COUNT] = { [ACTION_DENY] = TRY_WITHHELD,
		[ACTION_DROP] = TRY_DROPPED,
		[ACTION_MASK] = TRY_MASKED,
		[ACTION_GENERALISE] = TRY_GENERALISED,
		[ACTION_TOKENISE] = TRY_TOKEN,
		[ACTION_REVEAL] = TRY_REVEALED };

	return whats[action];
}

/* What keyd, or who gives numbers out, is asked for in E is told as what policy says of it. */
static enum try_what what_of(const struct trial *t, const struct plan_edit *e)
{
	const struct policy_item it = { .class_id = e->class_id, .tier = e->tier };

	if (e->form == NULL)
		return what_of_action(e->action);
	if (e->form == &form_seal)
		return (e->flags & PLAN_WHOSE) != 0 ? TRY_TOKEN : TRY_SEALED;
	if (e->form != &form_policy)
		return TRY_NUMBER;
	return what_of_action((uint8_t)protect_foretold(t->policy, &t->reader, &it).action);
}

static void became(struct try_rule *r, enum try_what what, uint8_t class_id)
{
	size_t i = 0;

	while (i < r->n_became && (r->became[i].what != what || r->became[i].class_id != class_id))
		i++;
	if (i == TRY_BECAME)
		return;
	if (i == r->n_became)
		r->became[r->n_became++] = (struct try_became){ (uint8_t)what, class_id, 0 };
	r->became[i].n++;
}

/* A place of rule R is at PATH. */
static void stands(struct try_rule *r, const char *path)
{
	size_t i = 0;

	r->n++;
	while (i < r->n_where && strcmp(r->where[i], path) != 0)
		i++;
	if (i == r->n_where && i < TRY_WHERE)
		memcpy(r->where[r->n_where++], path, PLAN_PLACE_MAX);
}

/* Which rule has F; PROTECT_RULE_NONE: none. */
static uint16_t rule_of(const struct trial *t, const struct codec_field *f)
{
	uint16_t action = f->action;

	if (f->kind == CODEC_BEGIN)
		return PROTECT_RULE_NONE;
	if ((action & CODEC_FINDING) != 0)
		action = codec_paths_finding(t->rules->paths, action).action;
	return action < t->rules->n ? action : PROTECT_RULE_NONE;
}

/* What F's edits, from *EDIT on, make of it; *EDIT is then behind them. */
static void note_edits(struct trial *t, const struct codec_field *f, uint16_t rule, size_t *edit)
{
	const struct plan *p = &t->plan;
	struct try_rule *r = &t->of[rule];
	size_t n = 0;

	while (*edit < p->n && p->v[*edit].start < f->start)
		++*edit;
	for (; *edit < p->n && p->v[*edit].end <= f->end; n++) {
		const struct plan_edit *e = &p->v[(*edit)++];
		const enum try_what what = what_of(t, e);

		became(r, what, e->class_id);
	}
	if (n == 0)
		became(r, t->rules->v[rule].form->only_told ? TRY_TOLD : TRY_PASSES, CLASS_NONE);
}

/* Each place of each rule, in the order in which they stand. */
static void note_fields(struct trial *t, const struct plan_terms *terms, struct sc_span doc,
    bool refused)
{
	const struct codec_fields *fields = &t->plan.fields;
	char path[PLAN_PLACE_MAX];
	struct plan_place_walk walk;
	size_t edit = 0;

	plan_place_begin(&walk, &t->plan, terms, doc);
	for (size_t i = 0; i < fields->n; i++) {
		const struct codec_field *f = &fields->v[i];
		const uint16_t rule = rule_of(t, f);

		if (rule == PROTECT_RULE_NONE)
			continue;
		plan_place_find(&walk, f->start, path);
		stands(&t->of[rule], path);
		if (refused)
			became(&t->of[rule], TRY_REFUSED, CLASS_NONE);
		else
			note_edits(t, f, rule, &edit);
	}
	if (!refused && t->plan.unmatched != NULL)
		became(&t->of[t->plan.unmatched - t->rules->v], TRY_ASTRAY, CLASS_NONE);
}

/* Rule R of the tap has FOUND, but for what other rules have: that is not told in clear. */
static void note_told(struct trial *t, const struct plan_terms *terms, struct sc_span doc,
    const struct codec_fields *found, struct try_rule *r)
{
	const struct codec_fields *taken = &t->plan.fields;
	char path[PLAN_PLACE_MAX];
	struct plan_place_walk walk;
	size_t k = 0;

	plan_place_begin(&walk, &t->plan, terms, doc);
	for (size_t i = 0; i < found->n; i++) {
		const uint32_t start = found->v[i].start;

		while (k < taken->n && taken->v[k].start < start)
			k++;
		if (k < taken->n && taken->v[k].start == start &&
		    rule_of(t, &taken->v[k]) != PROTECT_RULE_NONE) {
			r->others++;
			continue;
		}
		plan_place_find(&walk, start, path);
		stands(r, path);
		became(r, TRY_TOLD, CLASS_NONE);
	}
}

/* Of a rule that has nothing by now: what would be its own if there were no other. */
static enum sc_err note_others(struct trial *t, const struct plan_terms *terms, struct sc_span doc)
{
	struct codec_fields found;
	struct sc_diag d;
	enum sc_err err = SC_OK;

	codec_fields_init(&found);
	for (size_t i = 0; i < t->rules->n && err == SC_OK; i++) {
		struct try_rule *r = &t->of[i];
		const struct field_rule *rule = &t->rules->v[i];
		const bool told = rule->form->only_told && !rule->tag;

		if (r->n != 0 && !told)
			continue;
		if ((err = terms->codec->scan(r->alone, doc, &found, &d)) != SC_OK)
			break;
		if (told)
			note_told(t, terms, doc, &found, r);
		else
			r->others += found.n;
	}
	codec_fields_fini(&found);
	return err;
}

/* ---- whose it is ----------------------------------------------------------------------------------- */

static bool is_elsewhere(const struct trial *t, struct sc_span id)
{
	for (size_t i = 0; i < SUBJECT_PLACES_MAX; i++)
		if (id.n != 0 && id.p == t->given[i].id.p)
			return true;
	return false;
}

static void note_whose(struct trial *t, struct sc_span doc)
{
	const struct plan *p = &t->plan;

	t->n_bad += p->subject_bad;
	t->n_remembered += p->remembered.n != 0;
	if (is_elsewhere(t, p->subject))
		t->n_elsewhere++;
	else
		t->n_subject += p->subject.n != 0 && !p->subject_bad;
	t->n_order += p->order.n != 0;
	for (size_t i = 0; i < p->n_people; i++)
		t->n_people += p->people[i].n != 0 && !p->people[i].bad;
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_edit *e = &p->v[i];

		if (e->form == NULL || !e->form->under_subject || (e->flags & PLAN_WHOSE) != 0)
			continue;
		t->sealed[e->class_id] = true;
		t->n_nobodys += plan_person_of(p, doc, e).n == 0 && !plan_is_orders(p, e);
	}
}

/* ---- what nobody declared ---------------------------------------------------------------------------- */

/* What the route does with S: as the plan did, else, where it came to nothing, as the route says. */
static uint8_t did(const struct trial *t, const struct undeclared_seen *s)
{
	const struct undeclared *u = &t->rules->undeclared;

	for (size_t i = 0; i < t->plan.n_seen; i++)
		if (t->plan.seen[i].class_id == s->class_id &&
		    strcmp(t->plan.seen[i].path, s->path) == 0)
			return t->plan.seen[i].did;
	return s->by == UNDECLARED_NAME ? u->named : u->found;
}

static bool is_same(const struct undeclared_seen *a, const struct undeclared_seen *b)
{
	return a->class_id == b->class_id && a->by == b->by && a->did == b->did &&
	    strcmp(a->path, b->path) == 0;
}

static void note_undeclared(struct trial *t)
{
	const struct plan *p = &t->probing;

	t->n_undeclared += p->n_undeclared;
	for (size_t k = 0; k < p->n_seen; k++) {
		struct undeclared_seen s = p->seen[k];
		size_t i = 0;

		s.did = did(t, &s);
		if (s.did == UNDECLARED_REPORT || s.did == UNDECLARED_PASS)
			t->n_passing += s.n;
		while (i < t->n_seen && !is_same(&t->seen[i].what, &s))
			i++;
		if (i == TRY_SEEN)
			continue;
		if (i == t->n_seen)
			t->seen[t->n_seen++].what = s;
		t->seen[i].n += s.n;
	}
}

/* ---- one document ------------------------------------------------------------------------------------ */

static enum sc_err note_refusal(struct trial *t, const struct plan_terms *terms, struct sc_span doc,
    enum protect_outcome outcome, const struct sc_diag *d)
{
	struct try_refusal *r;
	struct plan_place_walk walk;

	if (t->n_refused++ >= TRY_REFUSALS)
		return SC_OK;
	r = &t->refusals[t->n_refused - 1];
	*r = (struct try_refusal){ .file = t->file, .document = t->in_file, .offset = d->offset };
	r->name = outcome == PROTECT_MALFORMED ? terms->codec->malformed :
						 served_outcome_name(outcome);
	snprintf(r->text, sizeof(r->text), "%s", d->text);
	if (outcome == PROTECT_MALFORMED || outcome == PROTECT_NO_SUBJECT)
		return SC_OK;
	plan_place_begin(&walk, &t->plan, terms, doc);
	plan_place_find(&walk, d->offset, r->place);
	return SC_OK;
}

/* The document is refused: where its rules' places are, and whose it is, is told all the same. */
static enum sc_err refused(struct trial *t, const struct plan_terms *terms, struct sc_span doc,
    enum protect_outcome outcome, const struct sc_diag *d)
{
	enum sc_err err = note_refusal(t, terms, doc, outcome, d);

	if (err != SC_OK || outcome == PROTECT_MALFORMED)
		return err;
	note_fields(t, terms, doc, true);
	if ((err = plan_whose(&t->plan, terms, doc)) == SC_OK)
		note_whose(t, doc);
	return err;
}

static enum sc_err look(struct trial *t, const struct plan_terms *terms, struct sc_span doc,
    enum protect_outcome *outcome)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err = plan_make(&t->plan, terms, doc, outcome, &d);

	if (err != SC_OK)
		return err;
	if (*outcome != PROTECT_DONE)
		return refused(t, terms, doc, *outcome, &d);
	note_whose(t, doc);
	note_fields(t, terms, doc, false);
	return SC_OK;
}

/* The same with rules that do nothing, for what none of them speaks of. */
static enum sc_err probe(struct trial *t, const struct plan_terms *terms, struct sc_span doc)
{
	struct plan_terms probing = *terms;
	enum protect_outcome outcome;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;

	probing.rules = &t->probe;
	if ((err = plan_make(&t->probing, &probing, doc, &outcome, &d)) == SC_OK)
		note_undeclared(t);
	return err;
}

int try_document(struct trial *t, const struct codec *c, struct sc_span doc)
{
	const struct plan_terms terms = { .policy = t->policy,
		.codec = c,
		.rules = t->rules,
		.writer = &t->writer,
		.reader = &t->reader,
		.way = t->way,
		.given = t->given };
	enum protect_outcome outcome;
	enum sc_err err;

	t->n++;
	t->in_file++;
	plan_begin(&t->plan);
	plan_begin(&t->probing);
	err = look(t, &terms, doc, &outcome);
	if (err == SC_OK && outcome != PROTECT_MALFORMED && !t->answer)
		err = probe(t, &terms, doc);
	if (err == SC_OK && outcome != PROTECT_MALFORMED)
		err = note_others(t, &terms, doc);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "%s", cli_err_text(err));
}
