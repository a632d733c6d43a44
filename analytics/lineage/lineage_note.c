/*
 * lineage_note.c - a release is added to what is remembered, and what is too old leaves it.
 *
 * Each part falls into those of its people who were in one class now. What is forgotten may
 * make parts alike that were not: they are one then, since nobody need tell them apart.
 */
#include "analytics/lineage/lineage_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------- */

static int by_value(const void *va, const void *vb)
{
	const struct lineage_value *a = va, *b = vb;

	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return (a->hash > b->hash) - (a->hash < b->hash);
}

static size_t find_value(const struct lineage_release *r, size_t column, uint64_t hash)
{
	size_t i = 0;

	while (r->values[i].column != column || r->values[i].hash != hash)
		i++;
	return i;
}

/* Which values each class of RESULT has. */
static bool note_values(struct lineage_release *r, const struct release_table *t,
    const struct recode_result *result)
{
	const size_t n = t->shape.n_sensitive;
	uint16_t *bit = calloc(RELEASE_SENSITIVE_MAX * RELEASE_VALUES_MAX, sizeof(*bit));

	r->values = calloc(RELEASE_SENSITIVE_MAX * RELEASE_VALUES_MAX, sizeof(*r->values));
	if (bit == NULL || r->values == NULL) {
		free(bit);
		return false;
	}
	for (size_t s = 0; s < n; s++)
		for (size_t x = 0; x < t->labels[s].n; x++)
			r->values[r->n_values++] =
			    (struct lineage_value){ lineage_value_hash(t->labels[s].v[x]),
				    (uint8_t)s };
	qsort(r->values, r->n_values, sizeof(*r->values), by_value);
	for (size_t s = 0; s < n; s++)
		for (size_t x = 0; x < t->labels[s].n; x++)
			bit[s * RELEASE_VALUES_MAX + x] =
			    (uint16_t)find_value(r, s, lineage_value_hash(t->labels[s].v[x]));
	r->words = (uint16_t)((r->n_values + 63) / 64);
	r->masks = calloc((size_t)r->n_classes * r->words + 1, sizeof(*r->masks));
	for (size_t i = 0; i < t->n && r->masks != NULL; i++) {
		const uint32_t c = result->class_of[i];

		for (size_t s = 0; s < n && c != RECODE_SUPPRESSED; s++) {
			const uint16_t b = bit[s * RELEASE_VALUES_MAX + t->values[i * n + s]];

			r->masks[(size_t)c * r->words + b / 64] |= UINT64_C(1) << b % 64;
		}
	}
	free(bit);
	return r->masks != NULL;
}

/* ---- people --------------------------------------------------------------------------------- */

struct note_row {
	uint64_t person;
	uint32_t part, class; /* LINEAGE_NEW, LINEAGE_ABSENT */
	bool ghost;           /* nobody: the erased of a part */
};

static int by_part(const void *va, const void *vb)
{
	const struct note_row *a = va, *b = vb;

	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return (a->class > b->class) - (a->class < b->class);
}

static int by_person(const void *va, const void *vb)
{
	const struct note_row *a = va, *b = vb;

	if (a->ghost != b->ghost)
		return a->ghost ? 1 : -1;
	return (a->person > b->person) - (a->person < b->person);
}

/*
 * Everybody who is known or published, and a ghost for each part; the caller's, to free. Those
 * who are erased are in no class from now on.
 */
static struct note_row *gather(const struct lineage *l, const struct release_table *t,
    const struct recode_result *r, size_t *n)
{
	struct note_row *v = calloc(l->n_members + t->n + l->n_parts + 1, sizeof(*v));
	size_t kept = 0;

	*n = 0;
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < l->n_members; i++)
		v[(*n)++] = (struct note_row){ l->members[i].person, l->members[i].part,
			LINEAGE_ABSENT, false };
	for (size_t i = 0; i < t->n; i++)
		if (r->class_of[i] != RECODE_SUPPRESSED)
			v[(*n)++] =
			    (struct note_row){ t->persons[i], LINEAGE_NEW, r->class_of[i], false };
	qsort(v, *n, sizeof(*v), by_person);
	for (size_t i = 0; i < *n; i++) {
		struct note_row *to = &v[kept];

		if (i == 0 || v[i].person != to[-1].person) {
			*to = v[i];
			kept++;
			continue;
		}
		to--; /* the same, in the table or once more */
		if (v[i].part != LINEAGE_NEW)
			to->part = v[i].part;
		if (v[i].class != LINEAGE_ABSENT)
			to->class = v[i].class;
	}
	for (uint32_t p = 0; p < l->n_parts; p++)
		if (l->erased[p] > 0)
			v[kept++] = (struct note_row){ p, p, LINEAGE_ABSENT, true };
	*n = kept;
	return v;
}

/* What L is to know of people. */
struct note_draft {
	struct lineage_member *members;
	uint32_t *classes, *erased;
	size_t n_members, n_parts;
};

static void draft_free(struct note_draft *d)
{
	free(d->members);
	free(d->classes);
	free(d->erased);
	*d = (struct note_draft){ 0 };
}

static bool draft_init(struct note_draft *d, size_t members, size_t parts)
{
	*d = (struct note_draft){
		.members = calloc(members + 1, sizeof(*d->members)),
		.classes = calloc((parts + 1) * LINEAGE_STRIDE, sizeof(*d->classes)),
		.erased = calloc(parts + 1, sizeof(*d->erased)),
	};
	if (d->members != NULL && d->classes != NULL && d->erased != NULL)
		return true;
	draft_free(d);
	return false;
}

static int by_member(const void *va, const void *vb)
{
	const struct lineage_member *a = va, *b = vb;

	return (a->person > b->person) - (a->person < b->person);
}

static size_t count_parts(const struct note_row *v, size_t n)
{
	size_t parts = 0;

	for (size_t i = 0; i < n; i++)
		parts += i == 0 || by_part(&v[i - 1], &v[i]) != 0;
	return parts;
}

/* New parts: of one part before, and in one class now. */
static bool split_parts(const struct lineage *l, struct note_row *v, size_t n,
    struct note_draft *out)
{
	qsort(v, n, sizeof(*v), by_part);
	if (!draft_init(out, n, count_parts(v, n)))
		return false;
	for (size_t i = 0; i < n; i++) {
		const uint32_t old = v[i].part;

		if (i == 0 || by_part(&v[i - 1], &v[i]) != 0) {
			uint32_t *row = out->classes + out->n_parts++ * LINEAGE_STRIDE;

			memset(row, 0xff, LINEAGE_STRIDE * sizeof(*row));
			if (old != LINEAGE_NEW)
				memcpy(row, l->classes + (size_t)old * LINEAGE_STRIDE,
				    l->n_releases * sizeof(*row));
			row[l->n_releases] = v[i].class;
		}
		if (v[i].ghost)
			out->erased[out->n_parts - 1] = l->erased[old];
		else
			out->members[out->n_members++] =
			    (struct lineage_member){ v[i].person, (uint32_t)out->n_parts - 1 };
	}
	qsort(out->members, out->n_members, sizeof(*out->members), by_member);
	return true;
}

/* ---- forgetting ------------------------------------------------------------------------------ */

static int by_history(const void *va, const void *vb, void *arg)
{
	const uint32_t *classes = arg;

	return memcmp(classes + (size_t) * (const uint32_t *)va * LINEAGE_STRIDE,
	    classes + (size_t) * (const uint32_t *)vb * LINEAGE_STRIDE,
	    LINEAGE_STRIDE * sizeof(*classes));
}

static bool is_blank(const uint32_t *row)
{
	for (size_t i = 0; i < LINEAGE_STRIDE; i++)
		if (row[i] != LINEAGE_ABSENT)
			return false;
	return true;
}

/* Columns that are not KEPT go; what is behind the last is blank. */
static void drop_columns(struct note_draft *d, const bool *kept, size_t n)
{
	for (size_t p = 0; p < d->n_parts; p++) {
		uint32_t *row = d->classes + p * LINEAGE_STRIDE;
		size_t to = 0;

		for (size_t i = 0; i < n; i++)
			if (kept[i])
				row[to++] = row[i];
		memset(row + to, 0xff, (LINEAGE_STRIDE - to) * sizeof(*row));
	}
}

/* Parts that are alike are one; who was in nothing that is remembered is unknown. */
static bool unite_parts(struct note_draft *d)
{
	uint32_t *order = calloc(d->n_parts + 1, sizeof(*order));
	uint32_t *new_of = calloc(d->n_parts + 1, sizeof(*new_of));
	struct note_draft to = { 0 };
	const bool ok = order != NULL && new_of != NULL &&
	    draft_init(&to, d->n_members, d->n_parts);

	for (uint32_t p = 0; ok && p < d->n_parts; p++)
		order[p] = p;
	if (ok)
		qsort_r(order, d->n_parts, sizeof(*order), by_history, d->classes);
	for (size_t i = 0; ok && i < d->n_parts; i++) {
		const uint32_t *row = d->classes + (size_t)order[i] * LINEAGE_STRIDE;

		new_of[order[i]] = LINEAGE_NEW;
		if (is_blank(row))
			continue;
		if (i == 0 || by_history(&order[i - 1], &order[i], d->classes) != 0)
			memcpy(to.classes + to.n_parts++ * LINEAGE_STRIDE, row,
			    LINEAGE_STRIDE * sizeof(*row));
		new_of[order[i]] = (uint32_t)to.n_parts - 1;
		to.erased[to.n_parts - 1] += d->erased[order[i]];
	}
	for (size_t i = 0; ok && i < d->n_members; i++)
		if (new_of[d->members[i].part] != LINEAGE_NEW)
			to.members[to.n_members++] = (struct lineage_member){ d->members[i].person,
				new_of[d->members[i].part] };
	free(order);
	free(new_of);
	if (ok) {
		draft_free(d);
		*d = to;
	}
	return ok;
}

/* Which of the N releases stay, when DATASET keeps its newest WANT. */
static void choose_kept(const struct lineage *l, size_t dataset, size_t want, bool *kept, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		kept[i] = l->releases[i].dataset != dataset || want > 0;
		want -= l->releases[i].dataset == dataset && want > 0;
	}
}

/* L takes what D says; of its N releases those stay that are KEPT. */
static void take_draft(struct lineage *l, struct note_draft *d, const bool *kept, size_t n)
{
	size_t to = 0;

	sc_wipe(l->members, l->n_members * sizeof(*l->members));
	free(l->members);
	free(l->classes);
	free(l->erased);
	l->members = d->members;
	l->n_members = d->n_members;
	l->classes = d->classes;
	l->erased = d->erased;
	l->n_parts = d->n_parts;
	for (size_t i = 0; i < n; i++) {
		struct lineage_release r = l->releases[i];

		if (kept[i]) {
			l->releases[to++] = r;
			continue;
		}
		lineage_release_fini(&r);
	}
	memset(l->releases + to, 0, (LINEAGE_STRIDE - to) * sizeof(l->releases[0]));
	l->n_releases = to;
}

/* ---- noting ------------------------------------------------------------------------------------ */

/* The dataset's place, which may be a new one. */
static enum sc_err place_of(struct lineage *l, const char *dataset, uint64_t number, size_t *at)
{
	*at = lineage_dataset(l, dataset);
	if (*at == LINEAGE_LIVE && (*at = lineage_dataset(l, "")) == LINEAGE_LIVE)
		return SC_LIMIT;
	const size_t newest = lineage_newest(l, *at);

	return newest < l->n_releases && l->releases[newest].number >= number ? SC_STALE : SC_OK;
}

static enum sc_err note_people(struct lineage *l, const struct release_table *t,
    const struct recode_result *r, size_t dataset)
{
	const size_t n = l->n_releases + 1; /* the new one is behind the others */
	bool kept[LINEAGE_STRIDE];
	struct note_draft draft = { 0 };
	size_t rows;
	struct note_row *v = gather(l, t, r, &rows);
	bool ok = v != NULL && split_parts(l, v, rows, &draft);

	if (ok) {
		choose_kept(l, dataset, LINEAGE_WINDOW, kept, n);
		drop_columns(&draft, kept, n);
		ok = unite_parts(&draft);
	}
	if (ok)
		take_draft(l, &draft, kept, n);
	else
		draft_free(&draft);
	if (v != NULL)
		sc_wipe(v, rows * sizeof(*v));
	free(v);
	return ok ? SC_OK : SC_NOMEM;
}

enum sc_err lineage_note(struct lineage *l, const char *dataset, uint64_t number,
    const struct release_table *t, const struct recode_result *r)
{
	struct lineage_release *new = &l->releases[l->n_releases];
	struct sc_name name;
	size_t at;
	enum sc_err err;

	if (sc_name_parse(sc_span_str(dataset), &name) != SC_OK)
		return SC_SYNTAX;
	if ((err = place_of(l, dataset, number, &at)) != SC_OK)
		return err;
	*new = (struct lineage_release){ .number = number,
		.when = l->noted,
		.n_classes = (uint32_t)r->n,
		.dataset = (uint8_t)at };
	err = note_values(new, t, r) ? note_people(l, t, r, at) : SC_NOMEM;
	if (err != SC_OK) {
		lineage_release_fini(new);
		return err;
	}
	l->datasets[at] = name;
	l->noted++;
	free(l->leaving);
	l->leaving = NULL;
	l->n_leaving = 0;
	return SC_OK;
}

enum sc_err lineage_retire(struct lineage *l, const char *dataset)
{
	const size_t at = lineage_dataset(l, dataset);
	bool kept[LINEAGE_STRIDE];
	struct note_draft draft;

	if (dataset[0] == '\0' || at == LINEAGE_LIVE)
		return SC_OK;
	if (!draft_init(&draft, l->n_members, l->n_parts))
		return SC_NOMEM;
	memcpy(draft.members, l->members, l->n_members * sizeof(*l->members));
	memcpy(draft.classes, l->classes, l->n_parts * LINEAGE_STRIDE * sizeof(*l->classes));
	memcpy(draft.erased, l->erased, l->n_parts * sizeof(*l->erased));
	draft.n_members = l->n_members;
	draft.n_parts = l->n_parts;
	choose_kept(l, at, 0, kept, l->n_releases);
	drop_columns(&draft, kept, l->n_releases);
	if (!unite_parts(&draft)) {
		draft_free(&draft);
		return SC_NOMEM;
	}
	take_draft(l, &draft, kept, l->n_releases);
	l->datasets[at] = (struct sc_name){ "" };
	return SC_OK;
}
