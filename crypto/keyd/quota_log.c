/*
 * quota_log.c - records of openings, back into quota books.
 *
 * A record that also masked some values counts all its subjects as shown:
 * rather one too many than one too few.
 */
#include "crypto/keyd/quota_log.h"

#include "base/bytes.h"
#include "base/text/doc.h"
#include "base/text/hex.h"
#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS 86400000u

/* A member that is a number and no more than MAX; else 0. */
static uint64_t number(const struct doc_node *object, const char *key, uint64_t max)
{
	const struct doc_node *x = doc_find(object, key);
	uint64_t v = x == NULL || x->kind != DOC_NUMBER ? 0 : strtoull(x->text, NULL, 10);

	return v > max ? 0 : v;
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

static enum sc_err count_subjects(struct quota_book *b, const struct doc_node *what)
{
	const struct doc_node *list = doc_find(what, "subjects");
	uint32_t total = (uint32_t)number(what, "subjects_total", UINT32_MAX), n = 0;
	uint64_t id;
	enum sc_err err;

	for (const struct doc_node *one = list == NULL ? NULL : list->first; one != NULL;
	     one = one->next) {
		n++;
		if (!handle_id(one, &id))
			return SC_CORRUPT;
		if ((err = quota_add(b, id)) != SC_OK)
			return err;
	}
	if (total > n)
		quota_add_unnamed(b, total - n);
	return SC_OK;
}

/* *EARLIER: the record is of a day before. What is no record counts nothing. */
static enum sc_err count_entry(struct quota *q, struct sc_span entry, uint64_t now_ms,
    bool *earlier)
{
	struct sc_arena arena = { .left = 0 };
	const char *principal;
	struct quota_book *b;
	struct sc_name name;
	uint64_t at;
	struct doc doc;
	enum sc_err err = doc_load(&arena, entry, NULL, NULL, &doc);

	*earlier = false;
	if (err != SC_OK) {
		err = err == SC_SYNTAX ? SC_OK : err;
		goto out;
	}
	at = number(doc.root, "at", UINT64_MAX);
	*earlier = at != 0 && at < now_ms - now_ms % DAY_MS;
	principal = doc_find_text(doc_find(doc.root, "who"), "principal");
	if (*earlier || principal == NULL ||
	    number(doc_find(doc.root, "outcome"), "revealed", UINT32_MAX) == 0)
		goto out;
	if ((err = sc_name_parse(sc_span_str(principal), &name)) == SC_OK &&
	    (err = quota_book(q, &name, now_ms, &b)) == SC_OK)
		err = count_subjects(b, doc_find(doc.root, "what"));
out:
	sc_arena_fini(&arena);
	return err;
}

static enum sc_err count_bundle(struct quota *q, struct sc_span bundle, uint64_t now_ms,
    bool *earlier)
{
	struct sc_span entry;
	size_t at = 0;
	bool old;
	enum sc_err err = SC_OK;

	/* entries are in order of time but for a clock that was set back */
	*earlier = false;
	while (err == SC_OK && tile_entry_next(bundle, &at, &entry)) {
		err = count_entry(q, entry, now_ms, &old);
		*earlier |= old;
	}
	return err;
}

enum sc_err quota_restore(struct quota *q, const char *dir, uint64_t size, uint64_t now_ms,
    bool *cut, struct sc_diag *d)
{
	uint64_t n = (size + TILE_WIDTH - 1) / TILE_WIDTH, read = 0;
	struct sc_buf bundle;
	bool earlier = false;
	enum sc_err err = SC_OK;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*cut = false;
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	if (fd < 0) {
		sc_diag_set(d, "cannot open the log's folder");
		err = SC_IO;
	}
	while (err == SC_OK && n > 0 && !earlier) {
		if (read >= QUOTA_LOG_ENTRIES) {
			*cut = true;
			break;
		}
		n--;
		sc_buf_clear(&bundle);
		if ((err = tile_read(fd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size),
			 &bundle, d)) == SC_OK)
			err = count_bundle(q, sc_buf_span(&bundle), now_ms, &earlier);
		read += TILE_WIDTH;
	}
	if (fd >= 0)
		close(fd);
	sc_buf_fini(&bundle);
	return err;
}
