/*
 * jsonc.c - JSON with comments: loading, and where each item stands.
 *
 * The strict scan leaves a mark for every value in the order of the text;
 * cJSON's tree, walked in the same order, gives each mark its item.
 */
#include "base/text/jsonc.h"

#include "base/text/jsonc_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	const cJSON *item;
	struct jsonc_mark at;
};

struct jsonc {
	cJSON *root;
	uint8_t *text; /* as it came, NUL-ended */
	size_t n;
	struct place *places; /* by item address */
	size_t n_places;
	char file[sizeof(((struct sc_diag *)0)->file)];
};

/* ---- where ------------------------------------------------------------- */

static void diag_at(const struct jsonc *doc, size_t offset, struct sc_diag *d)
{
	if (d == NULL)
		return;
	memcpy(d->file, doc->file, sizeof(d->file));
	d->offset = offset;
	d->line = 1;
	d->column = 1;
	for (size_t i = 0; i < offset && i < doc->n; i++) {
		d->column++;
		if (doc->text[i] == '\n') {
			d->line++;
			d->column = 1;
		}
	}
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct place *)a)->item;
	uintptr_t y = (uintptr_t)((const struct place *)b)->item;

	return x < y ? -1 : x > y;
}

static const struct place *place_of(const struct jsonc *doc, const cJSON *item)
{
	struct place key = { item, { 0, 0 } };

	if (item == NULL)
		return NULL;
	return bsearch(&key, doc->places, doc->n_places, sizeof(key), by_address);
}

static void locate(const struct jsonc *doc, const cJSON *item, bool key, struct sc_diag *d)
{
	const struct place *at = place_of(doc, item);

	if (d == NULL)
		return;
	if (at == NULL) {
		memcpy(d->file, doc->file, sizeof(d->file));
		d->line = d->column = 0;
		d->offset = 0;
		return;
	}
	diag_at(doc, key && at->at.key != JSONC_NO_KEY ? at->at.key : at->at.value, d);
}

void jsonc_locate(const struct jsonc *doc, const cJSON *item, struct sc_diag *d)
{
	locate(doc, item, false, d);
}

void jsonc_locate_key(const struct jsonc *doc, const cJSON *item, struct sc_diag *d)
{
	locate(doc, item, true, d);
}

bool jsonc_offset(const struct jsonc *doc, const cJSON *item, size_t *offset)
{
	const struct place *at = place_of(doc, item);

	*offset = at == NULL ? 0 : at->at.value;
	return at != NULL;
}

enum sc_err jsonc_error(const struct jsonc *doc, const cJSON *item, struct sc_diag *d,
    const char *fmt, ...)
{
	va_list ap;

	if (d == NULL)
		return SC_SYNTAX;
	jsonc_locate(doc, item, d);
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return SC_SYNTAX;
}

/* ---- duplicate keys ---------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = strcmp(x->item->string, y->item->string);

	if (order != 0)
		return order;
	return x->at.key < y->at.key ? -1 : x->at.key > y->at.key;
}

static enum sc_err refuse_duplicates(const struct jsonc *doc, const cJSON *object,
    struct place *scratch, struct sc_diag *d)
{
	const cJSON *m;
	size_t n = 0;

	cJSON_ArrayForEach(m, object) scratch[n++] = *place_of(doc, m);
	qsort(scratch, n, sizeof(*scratch), by_key);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(scratch[i - 1].item->string, scratch[i].item->string) != 0)
			continue;
		jsonc_locate_key(doc, scratch[i].item, d);
		sc_diag_set(d, "the key \"%.60s\" is here twice", scratch[i].item->string);
		return SC_SYNTAX;
	}
	return SC_OK;
}

static enum sc_err refuse_all_duplicates(const struct jsonc *doc, struct sc_diag *d)
{
	struct place *scratch = calloc(doc->n_places, sizeof(*scratch));
	enum sc_err err = SC_OK;

	if (scratch == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < doc->n_places && err == SC_OK; i++)
		if (cJSON_IsObject(doc->places[i].item))
			err = refuse_duplicates(doc, doc->places[i].item, scratch, d);
	free(scratch);
	return err;
}

/* ---- loading ----------------------------------------------------------- */

/* Give each item below and including ITEM its mark; false when they run out. */
static bool pair(struct jsonc *doc, const struct jsonc_marks *marks, const cJSON *item)
{
	const cJSON *child;

	if (doc->n_places == marks->n)
		return false;
	doc->places[doc->n_places] = (struct place){ item, marks->v[doc->n_places] };
	doc->n_places++;
	cJSON_ArrayForEach(child, item) if (!pair(doc, marks, child)) return false;
	return true;
}

/* Build the tree from the blanked text and tie it to the marks. */
static enum sc_err build(struct jsonc *doc, const uint8_t *blanked, const struct jsonc_marks *marks,
    struct sc_diag *d)
{
	doc->root = cJSON_ParseWithLength((const char *)blanked, doc->n);
	if (doc->root == NULL) {
		diag_at(doc, 0, d);
		sc_diag_set(d, "cannot be parsed, or no memory");
		return SC_NOMEM;
	}
	if ((doc->places = calloc(marks->n, sizeof(*doc->places))) == NULL)
		return SC_NOMEM;
	if (!pair(doc, marks, doc->root) || doc->n_places != marks->n)
		return SC_BUG;
	qsort(doc->places, doc->n_places, sizeof(*doc->places), by_address);
	return refuse_all_duplicates(doc, d);
}

static enum sc_err parse(struct jsonc *doc, struct sc_diag *d)
{
	struct jsonc_marks marks = { NULL, 0, 0 };
	uint8_t *blanked = malloc(doc->n + 1);
	const char *why = NULL;
	enum sc_err err = SC_NOMEM;
	size_t where = 0;

	if (blanked == NULL)
		goto out;
	memcpy(blanked, doc->text, doc->n + 1);
	err = jsonc_scan(blanked, doc->n, &marks, &where, &why);
	if (err == SC_SYNTAX) {
		diag_at(doc, where, d);
		sc_diag_set(d, "%s", why);
	}
	if (err == SC_OK)
		err = build(doc, blanked, &marks, d);
out:
	free(blanked);
	free(marks.v);
	return err;
}

static void diag_file(struct sc_diag *d, const char *filename)
{
	if (d == NULL)
		return;
	*d = (struct sc_diag){ .line = 0 };
	if (filename != NULL)
		snprintf(d->file, sizeof(d->file), "%s", filename);
}

enum sc_err jsonc_load(struct sc_span text, const char *filename, struct sc_diag *d,
    struct jsonc **out)
{
	struct jsonc *doc;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	diag_file(d, filename);
	if (text.n > JSONC_BYTES_MAX) {
		sc_diag_set(d, "larger than %zu bytes", JSONC_BYTES_MAX);
		return SC_LIMIT;
	}
	if ((doc = calloc(1, sizeof(*doc))) == NULL || (doc->text = malloc(text.n + 1)) == NULL)
		goto out;
	if (text.n != 0)
		memcpy(doc->text, text.p, text.n);
	doc->text[text.n] = '\0';
	doc->n = text.n;
	if (filename != NULL)
		snprintf(doc->file, sizeof(doc->file), "%s", filename);
	if ((err = parse(doc, d)) != SC_OK)
		goto out;
	*out = doc;
	doc = NULL;
out:
	if (err == SC_NOMEM)
		sc_diag_set(d, "no memory");
	jsonc_free(doc);
	return err;
}

/* Read all of FD, at most JSONC_BYTES_MAX bytes and one more, into *BUF. */
static enum sc_err read_all(int fd, uint8_t **buf, size_t *n)
{
	size_t cap = JSONC_BYTES_MAX + 1;
	struct stat st;
	ssize_t r = 1;

	*n = 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
	    (size_t)st.st_size < cap)
		cap = (size_t)st.st_size + 1;
	if ((*buf = malloc(cap)) == NULL)
		return SC_NOMEM;
	while (r > 0 && *n < cap) {
		r = read(fd, *buf + *n, cap - *n);
		if (r < 0 && errno == EINTR)
			r = 1;
		else if (r > 0)
			*n += (size_t)r;
	}
	return r < 0 ? SC_IO : SC_OK;
}

enum sc_err jsonc_load_file(const char *path, struct sc_diag *d, struct jsonc **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	uint8_t *buf = NULL;
	enum sc_err err = SC_IO;
	size_t n = 0;

	*out = NULL;
	diag_file(d, path);
	if (fd >= 0)
		err = read_all(fd, &buf, &n);
	if (err == SC_IO)
		sc_diag_set(d, "cannot be read: %s", strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	if (err == SC_OK)
		err = jsonc_load(sc_span(buf, n), path, d, out);
	free(buf);
	return err;
}

void jsonc_free(struct jsonc *doc)
{
	if (doc == NULL)
		return;
	cJSON_Delete(doc->root);
	free(doc->text);
	free(doc->places);
	free(doc);
}

const cJSON *jsonc_root(const struct jsonc *doc)
{
	return doc->root;
}

struct sc_span jsonc_text(const struct jsonc *doc)
{
	return sc_span(doc->text, doc->n);
}
