/*
 * quota_log.c - records of openings and erasures, read back.
 *
 * A record that also masked some values counts all its subjects as shown:
 * rather one too many than one too few.
 */
#include "crypto/quota/quota_log.h"

#include "base/bytes.h"
#include "base/text/doc.h"
#include "base/text/hex.h"
#include "crypto/quota/quota_rows.h"
#include "crypto/tlog/tile.h"
#include "policy/words/words.h"

#include <stdlib.h>
#include <string.h>

/* A member that is a number and no more than MAX; else 0. */
static uint64_t number(const struct doc_node *object, const char *key, uint64_t max)
{
	const struct doc_node *x = doc_find(object, key);
	uint64_t v = x == NULL || x->kind != DOC_NUMBER ? 0 : strtoull(x->text, NULL, 10);

	return v > max ? 0 : v;
}

/* The day that a record counts on: named where it is another than that of its time. */
static uint64_t day_of(const struct doc_node *record)
{
	const uint64_t named = number(record, "day", UINT32_MAX);

	return named != 0 ? named : number(record, "at", UINT64_MAX) / QUOTA_DAY_MS;
}

/* The first 8 bytes of a handle in hex: what a subject counts as. */
static bool handle_id(const struct doc_node *handle, uint64_t *id)
{
	uint8_t raw[8];

	if (handle->kind != DOC_TEXT || strlen(handle->text) < 2 * sizeof(raw) ||
	    !hex_parse(sc_span(handle->text, 2 * sizeof(raw)), raw, sizeof(raw)))
		return false;
	*id = sc_be64_load(raw);
	return true;
}

/* Who tells it to whom. */
struct telling {
	quota_shown_fn *shown;
	void *arg;
	struct quota_told told;
	/* people of the record to come, who stand before it */
	uint64_t before[CRYPTO_ITEMS_MAX];
	size_t n_before;
};

/* SUBJECT as a book has it: 0 is nobody's. */
static enum sc_err tell_one(struct telling *t, uint64_t subject)
{
	t->told.subject = subject == 0 ? 1 : subject;
	return t->shown(t->arg, &t->told);
}

/* Each of LIST, handles or keys. */
static enum sc_err tell_each(struct telling *t, const struct doc_node *list)
{
	uint64_t subject;
	enum sc_err err;

	t->told.n = 1;
	for (const struct doc_node *one = list == NULL ? NULL : list->first; one != NULL;
	     one = one->next) {
		if (!handle_id(one, &subject))
			return SC_CORRUPT;
		if ((err = tell_one(t, subject)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* A part of a list of people: they are told of with their record, which comes. */
static enum sc_err keep_part(struct telling *t, const struct doc_node *what)
{
	const struct doc_node *list = doc_find(what, "subjects");

	for (const struct doc_node *one = list == NULL ? NULL : list->first; one != NULL;
	     one = one->next)
		if (t->n_before == CRYPTO_ITEMS_MAX || !handle_id(one, &t->before[t->n_before++]))
			return SC_CORRUPT;
	return SC_OK;
}

static enum sc_err tell_subjects(struct telling *t, const struct doc_node *what)
{
	const struct doc_node *list = doc_find(what, "subjects");
	const uint64_t total = number(what, "subjects_total", UINT32_MAX);
	const uint64_t n = (list == NULL ? 0 : list->n) + t->n_before;
	enum sc_err err = tell_each(t, list);

	for (size_t i = 0; i < t->n_before && err == SC_OK; i++)
		err = tell_one(t, t->before[i]);
	if (err != SC_OK)
		return err;
	t->told.subject = 0;
	t->told.n = (total > n ? total - n : 0) + number(what, "unnamed", UINT32_MAX);
	return t->told.n > 0 ? t->shown(t->arg, &t->told) : SC_OK;
}

/* In WHO's book of KIND. */
static enum sc_err tell_book(struct telling *t, unsigned kind, const char *who,
    const struct doc_node *what)
{
	enum sc_err err;

	if (who == NULL)
		return SC_OK;
	if ((err = sc_name_parse(sc_span_str(who), &t->told.who)) != SC_OK)
		return err;
	t->told.kind = kind;
	return tell_subjects(t, what);
}

/* And in its gateway's: masks count there, and tiers by themselves where keyd had its word alone. */
static enum sc_err tell_node(struct telling *t, const struct doc_node *root)
{
	const struct doc_node *what = doc_find(root, "what"), *shown = doc_find(what, "shown");
	const char *node = doc_find_text(doc_find(root, "where"), "node");
	const char *auth = doc_find_text(doc_find(root, "who"), "auth");
	enum sc_err err = shown == NULL ? SC_OK : tell_book(t, QUOTA_NODE, node, what);

	if (auth == NULL || strcmp(auth, "asserted") != 0)
		return err;
	for (const struct doc_node *e = shown == NULL ? NULL : shown->first;
	     e != NULL && err == SC_OK; e = e->next)
		for (unsigned i = 0; i < TIER_X; i++)
			if (e->kind == DOC_TEXT && strcmp(e->text, policy_tier_name(i)) == 0)
				err = tell_book(t, QUOTA_ASSERTED + i, node, what);
	return err;
}

/* Of a merge the intent counts, before it is known what comes of it; its first subject is who goes. */
static enum sc_err tell_merge(struct telling *t, const struct doc_node *root)
{
	const char *act = doc_find_text(root, "act");
	const char *role = doc_find_text(doc_find(root, "who"), "role");
	const struct doc_node *list = doc_find(doc_find(root, "what"), "subjects");

	if (act == NULL || strcmp(act, "subjects.merge") != 0 || role == NULL ||
	    doc_find(root, "outcome") != NULL || list == NULL || list->n != 2)
		return SC_OK;
	if (!handle_id(list->first, &t->told.subject) ||
	    sc_name_parse(sc_span_str(role), &t->told.who) != SC_OK)
		return SC_CORRUPT;
	if (t->told.subject == 0)
		t->told.subject = 1;
	t->told.kind = QUOTA_MERGED;
	t->told.n = 1;
	return t->shown(t->arg, &t->told);
}

/*
 * Of an erasure each key counts that its intent lists, or the record of its waiting, which has the
 * gateway: what was refused and what was nobody's has none.
 */
static enum sc_err tell_erased(struct telling *t, const struct doc_node *root)
{
	const struct doc_node *what = doc_find(root, "what");
	const char *kind = doc_find_text(root, "kind"), *act = doc_find_text(root, "act");
	const bool waits = act != NULL && strcmp(act, "erasure.waits") == 0;
	const char *node = doc_find_text(doc_find(root, "where"), "node");
	enum sc_err err;

	if (kind == NULL || (strcmp(kind, "erase") != 0 && !waits) ||
	    doc_find(root, "outcome") != NULL || doc_find(what, "keys") == NULL || node == NULL)
		return SC_OK;
	if ((err = sc_name_parse(sc_span_str(node), &t->told.who)) != SC_OK)
		return err;
	t->told.kind = QUOTA_ERASED;
	return tell_each(t, doc_find(what, "keys"));
}

/* Of a sealing what was nobody's: a sum, in the row of its route. */
static enum sc_err tell_unowned(struct telling *t, const struct doc_node *root)
{
	const char *route = doc_find_text(doc_find(root, "where"), "route");

	t->told.n = number(doc_find(root, "outcome"), "unowned", UINT32_MAX);
	if (t->told.n == 0)
		return SC_OK;
	t->told.kind = QUOTA_UNOWNED;
	t->told.subject = 0;
	t->told.who = (struct sc_name){ "" };
	if (route != NULL && sc_name_parse(sc_span_str(route), &t->told.who) != SC_OK)
		return SC_CORRUPT;
	return t->shown(t->arg, &t->told);
}

/* N more of a principal's, of which the log does not say which they were. */
static enum sc_err tell_number(struct telling *t, unsigned kind, const char *who, uint64_t n)
{
	if (n == 0 || who == NULL)
		return SC_OK;
	if (sc_name_parse(sc_span_str(who), &t->told.who) != SC_OK)
		return SC_CORRUPT;
	t->told.kind = kind;
	t->told.subject = 0;
	t->told.n = n;
	return t->shown(t->arg, &t->told);
}

/* Of searches and sealings how many values were looked for, or known by their tokens or indexes. */
static enum sc_err tell_known(struct telling *t, const struct doc_node *root)
{
	const char *kind = doc_find_text(root, "kind");
	const char *who = doc_find_text(doc_find(root, "who"), "principal");
	const struct doc_node *outcome = doc_find(root, "outcome");
	const uint64_t indexed = number(outcome, "indexed", UINT32_MAX);
	enum sc_err err;

	if (kind == NULL || (strcmp(kind, "search") != 0 && strcmp(kind, "seal") != 0))
		return SC_OK;
	if (strcmp(kind, "search") == 0)
		return tell_number(t, QUOTA_SEARCHED, who, indexed);
	err = tell_number(t, QUOTA_INDEXED, who, indexed);
	return err != SC_OK ?
	    err :
	    tell_number(t, QUOTA_NOBODYS, who, number(outcome, "unowned", UINT32_MAX));
}

/* What is no record tells of nobody. */
static enum sc_err tell_entry(struct telling *t, struct sc_span entry)
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	const char *kind;
	enum sc_err err = doc_load(&arena, entry, NULL, NULL, &doc);

	if (err != SC_OK) {
		err = err == SC_SYNTAX ? SC_OK : err;
		goto out;
	}
	kind = doc_find_text(doc.root, "kind");
	if (kind != NULL && strcmp(kind, "people") == 0) {
		/* the first: what stands before it is of an opening that was never answered */
		if (number(doc_find(doc.root, "what"), "parts", UINT32_MAX) == 1)
			t->n_before = 0;
		err = keep_part(t, doc_find(doc.root, "what"));
		sc_arena_fini(&arena);
		return err;
	}
	if (number(doc_find(doc.root, "what"), "parts", UINT32_MAX) == 0)
		t->n_before = 0;
	t->told.day = day_of(doc.root);
	if (number(doc_find(doc.root, "outcome"), "revealed", UINT32_MAX) > 0)
		err = tell_book(t, QUOTA_SHOWN,
		    doc_find_text(doc_find(doc.root, "who"), "principal"),
		    doc_find(doc.root, "what"));
	if (err == SC_OK)
		err = tell_node(t, doc.root);
	if (err == SC_OK)
		err = tell_merge(t, doc.root);
	if (err == SC_OK)
		err = tell_erased(t, doc.root);
	if (err == SC_OK)
		err = tell_unowned(t, doc.root);
	if (err == SC_OK)
		err = tell_known(t, doc.root);
out:
	t->n_before = 0;
	sc_arena_fini(&arena);
	return err;
}

enum sc_err quota_log_read(int dirfd, uint64_t from, uint64_t *to, uint64_t size,
    quota_shown_fn *shown, void *arg, struct sc_diag *d)
{
	struct telling t = { .shown = shown, .arg = arg };
	struct sc_buf bundle;
	struct sc_span entry;
	enum sc_err err = SC_OK;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	for (uint64_t n = from / TILE_WIDTH;
	     n * TILE_WIDTH < size && err == SC_OK && (n * TILE_WIDTH < *to || t.n_before > 0);
	     n++) {
		uint64_t index = n * TILE_WIDTH;
		size_t at = 0;

		sc_buf_clear(&bundle);
		err = tile_read(dirfd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size), &bundle,
		    d);
		for (; err == SC_OK && (index < *to || t.n_before > 0) &&
		     tile_entry_next(sc_buf_span(&bundle), &at, &entry);
		     index++)
			if (index >= from)
				err = tell_entry(&t, entry);
		if (index > *to)
			*to = index;
	}
	sc_buf_fini(&bundle);
	return err;
}

/* *EARLIER: one of the entries is of a day before DAY. */
static enum sc_err is_earlier(struct sc_span bundle, uint64_t day, bool *earlier)
{
	struct sc_span entry;
	size_t at = 0;

	*earlier = false;
	while (!*earlier && tile_entry_next(bundle, &at, &entry)) {
		struct sc_arena arena = { .left = 0 };
		struct doc doc;
		enum sc_err err = doc_load(&arena, entry, NULL, NULL, &doc);
		uint64_t of = err == SC_OK ? day_of(doc.root) : 0;

		sc_arena_fini(&arena);
		if (err != SC_OK && err != SC_SYNTAX)
			return err;
		*earlier = of != 0 && of < day;
	}
	return SC_OK;
}

enum sc_err quota_log_begin(int dirfd, uint64_t size, uint64_t day, uint64_t *out,
    struct sc_diag *d)
{
	uint64_t n = (size + TILE_WIDTH - 1) / TILE_WIDTH;
	struct sc_buf bundle;
	bool earlier = false;
	enum sc_err err = SC_OK;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	while (n > 0 && !earlier && err == SC_OK) {
		n--;
		sc_buf_clear(&bundle);
		if ((err = tile_read(dirfd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size),
			 &bundle, d)) == SC_OK)
			err = is_earlier(sc_buf_span(&bundle), day, &earlier);
	}
	*out = n * TILE_WIDTH;
	sc_buf_fini(&bundle);
	return err;
}
