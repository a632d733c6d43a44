/*
 * log_fact.c - a record back into numbers.
 */
#include "crypto/keystore/log_fact.h"

#include "base/bytes.h"
#include "base/text/doc.h"
#include "base/text/hex.h"
#include "crypto/keyring/key_year.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

static bool number(const struct doc_node *object, const char *key, uint64_t *out)
{
	const struct doc_node *x = doc_find(object, key);
	char *end;

	if (x == NULL || x->kind != DOC_NUMBER || x->text[0] < '0' || x->text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(x->text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool read_progress(const char *act, const struct doc_node *store, struct log_fact *f)
{

	f->kind = act != NULL &&
		(strcmp(act, "keys.progress") == 0 || strcmp(act, "keys.lease") == 0) ?
	    FACT_PROGRESS :
	    FACT_NEWS;
	return number(store, "gen", &f->progress.gen) && number(store, "high", &f->progress.high) &&
	    number(store, "lease", &f->progress.lease) && f->progress.high <= f->progress.lease &&
	    f->progress.lease <= TREE_SLOTS;
}

static bool read_ids(const struct doc_node *keys, struct log_fact *f)
{
	uint8_t raw[8];

	for (const struct doc_node *x = keys == NULL ? NULL : keys->first; x != NULL; x = x->next) {
		if (f->n == PEOPLE_SLOTS_MAX || x->kind != DOC_TEXT ||
		    !hex_parse(sc_span_str(x->text), raw, sizeof(raw)))
			return false;
		f->ids[f->n++] = sc_be64_load(raw);
	}
	return true;
}

/* A handle that is not told is no one's: the ids say whom an intent is about. */
static bool read_told(const struct doc_node *list, struct log_fact *f)
{
	const struct doc_node *x = list == NULL ? NULL : list->first;

	return x == NULL ||
	    (x->kind == DOC_TEXT && hex_parse(sc_span_str(x->text), f->told, sizeof(f->told)));
}

/* The year that a record counts in. */
static unsigned year_of(const struct doc_node *root)
{
	uint64_t day, at = 0;

	if (number(root, "day", &day) && day <= UINT32_MAX)
		return key_year_of(day * DAY_MS);
	(void)number(root, "at", &at);
	return key_year_of(at);
}

/*
 * Who they are, N of them, by the key of its year: a store from before it, or from which it was
 * destroyed, does not know.
 */
static enum sc_err read_whose(const struct keyring *kr, const struct doc_node *root, size_t n,
    struct log_fact *f)
{
	const char *text = doc_find_text(doc_find(root, "what"), "whose");
	uint8_t whose[WHOSE_MAX], who[WHOSE_HANDLES * HANDLE_BYTES];
	const size_t size = SIV_BYTES + n * HANDLE_BYTES;
	enum sc_err err;

	if (kr == NULL || text == NULL)
		return SC_OK;
	if (!hex_parse(sc_span_str(text), whose, size))
		return SC_CORRUPT;
	if ((err = keyring_whose_open(kr, year_of(root), sc_span(whose, size), who, n,
		 &f->known)) != SC_OK ||
	    !f->known)
		return err;
	memcpy(f->handle, who, HANDLE_BYTES);
	if (n > 1)
		memcpy(f->into, who + HANDLE_BYTES, HANDLE_BYTES);
	return SC_OK;
}

static bool read_erasure(const struct doc_node *root, struct log_fact *f)
{
	const struct doc_node *what = doc_find(root, "what");
	const char *result = doc_find_text(doc_find(root, "outcome"), "result");

	if (result != NULL && strcmp(result, "refused") == 0)
		return true;
	f->kind = result == NULL ? FACT_INTENT : FACT_OUTCOME;
	return read_told(doc_find(what, "subjects"), f) && read_ids(doc_find(what, "keys"), f);
}

/* Only one that was done; what was wanted and did not come to it changed nothing. */
static bool read_merge(const struct doc_node *root, struct log_fact *f)
{
	const struct doc_node *list = doc_find(doc_find(root, "what"), "subjects");
	const char *result = doc_find_text(doc_find(root, "outcome"), "result");

	if (result == NULL || strcmp(result, "ok") != 0)
		return true;
	f->kind = FACT_MERGED;
	return list != NULL && list->n == 2 && read_told(list, f);
}

/* What was refused, and how it ended, is nothing that the store has not. */
static bool read_leaving(const char *act, const struct doc_node *root, struct log_fact *f)
{
	const struct doc_node *what = doc_find(root, "what");

	if (act == NULL || doc_find(root, "outcome") != NULL)
		return true;
	f->kind = strcmp(act, "erasure.waits") == 0 ? FACT_LEAVES :
	    strcmp(act, "erasure.cancel") == 0      ? FACT_STAYS :
						      FACT_NONE;
	return f->kind == FACT_NONE ||
	    (number(root, "at", &f->at_ms) && read_told(doc_find(what, "subjects"), f) &&
		read_ids(doc_find(what, "keys"), f));
}

static bool holds(struct sc_span entry, struct sc_span what)
{
	return memmem(entry.p, entry.n, what.p, what.n) != NULL;
}

enum sc_err log_fact_read(const struct keyring *kr, struct sc_span entry, struct log_fact *out)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *store;
	const char *kind, *act;
	struct doc doc;
	bool ok = true;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	/* as records print them, in which nothing else can say the same */
	if (!holds(entry, (struct sc_span)SC_LIT("\"kind\":\"erase\"")) &&
	    !holds(entry, (struct sc_span)SC_LIT("\"kind\":\"stop\"")) &&
	    !holds(entry, (struct sc_span)SC_LIT("\"act\":\"subjects.merge\"")) &&
	    !holds(entry, (struct sc_span)SC_LIT("\"store\":{")) &&
	    !holds(entry, (struct sc_span)SC_LIT("\"act\":\"erasure.")))
		return SC_OK;
	if ((err = doc_load(&arena, entry, NULL, NULL, &doc)) != SC_OK) {
		err = err == SC_NOMEM ? err : SC_CORRUPT;
		goto out;
	}
	kind = doc_find_text(doc.root, "kind");
	act = doc_find_text(doc.root, "act");
	store = doc_find(doc_find(doc.root, "what"), "store");
	if (kind != NULL && strcmp(kind, "erase") == 0)
		ok = read_erasure(doc.root, out);
	else if (kind != NULL && strcmp(kind, "stop") == 0)
		out->kind = FACT_STOP;
	else if (act != NULL && strcmp(act, "subjects.merge") == 0)
		ok = read_merge(doc.root, out);
	else if (store != NULL)
		ok = read_progress(act, store, out);
	else
		ok = read_leaving(act, doc.root, out);
	err = ok ? read_whose(kr, doc.root, out->kind == FACT_MERGED ? 2 : 1, out) : SC_CORRUPT;
out:
	sc_arena_fini(&arena);
	return err;
}
