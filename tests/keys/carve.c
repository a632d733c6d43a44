/*
 * carve.c - boxes and epoch keys out of files, and tokens opened with what is in them.
 *
 * What is spared loses nothing: a place with four zero bytes in a row, or that begins like
 * text, is no box (one box in a million looks so by chance), and what lies twice, by its beginning,
 * middle and end, is tried once.
 */
#include "keys/carve.h"

#include "base/bytes.h"
#include "crypto/keyring/root.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/siv.h"
#include "crypto/token/seal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 512
#define PAGE 4096u
#define FRAME (PAGE + 24u) /* of the journal, behind its head of 32 */
#define ZEROS 4            /* in a row: no box */
#define TEXT 40            /* bytes of plain text: no box */

struct carve_file {
	uint8_t *p;
	size_t n;
};

struct place {
	const uint8_t *box;
	bool used;
};

struct lead { /* a key and where its box would stand */
	uint64_t at;
	uint8_t key[TREE_SECRET_BYTES];
};

struct carve_work {
	const struct carve_from *from;
	struct carve_file file[FILES];
	size_t n_files;
	struct place *place;
	size_t n_places, places_room;
	struct lead *lead;
	size_t n_leads, leads_room;
	uint64_t *seen; /* hashes of places, open addressing */
	size_t seen_room;
	struct carve_found *out;
};

static void *need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

/* ---- files ---------------------------------------------------------------------------- */

static bool read_whole(const char *path, struct carve_file *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	ssize_t r;

	f->p = NULL;
	f->n = 0;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	f->p = need(malloc((size_t)st.st_size + 1));
	while (
	    f->n < (size_t)st.st_size && (r = read(fd, f->p + f->n, (size_t)st.st_size - f->n)) > 0)
		f->n += (size_t)r;
	close(fd);
	return true;
}

static void read_folder(struct carve_work *w, const char *folder)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(folder);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) >= (int)sizeof(path) ||
		    w->n_files == FILES)
			abort();
		if (e->d_type == DT_DIR)
			read_folder(w, path);
		else if (e->d_type == DT_REG && read_whole(path, &w->file[w->n_files]))
			w->n_files++;
	}
	if (d != NULL)
		closedir(d);
}

/* ---- places -------------------------------------------------------------------------- */

static bool seen_before(struct carve_work *w, const uint8_t *box)
{
	uint64_t h = 0, part;

	/*
	 * A box begins with a random number. What is left of one where a page was packed anew
	 * begins so too, and is none: it counts as another, or the whole one is passed over.
	 */
	for (size_t i = 0; i < 3; i++) {
		memcpy(&part, box + i * (TREE_BOX - sizeof(part)) / 2, sizeof(part));
		h = (h << 21 | h >> 43) ^ part;
	}
	for (size_t i = h % w->seen_room;; i = (i + 1) % w->seen_room) {
		if (w->seen[i] == h)
			return true;
		if (w->seen[i] == 0) {
			w->seen[i] = h;
			return false;
		}
	}
}

static void place_add(struct carve_work *w, const uint8_t *box)
{
	if (w->n_places * 2 >= w->seen_room) { /* grown before it is full */
		free(w->seen);
		w->seen_room = w->seen_room * 4 + 65536;
		w->seen = need(calloc(w->seen_room, sizeof(*w->seen)));
		for (size_t i = 0; i < w->n_places; i++)
			(void)seen_before(w, w->place[i].box);
	}
	if (seen_before(w, box))
		return;
	if (w->n_places == w->places_room) {
		w->places_room = w->places_room * 2 + 1024;
		w->place = need(realloc(w->place, w->places_room * sizeof(*w->place)));
	}
	w->place[w->n_places++] = (struct place){ .box = box };
}

/* Where, from AT on, four zero bytes stand in a row; the file's end when nowhere. */
static size_t zeros_of(const struct carve_file *f, size_t at)
{
	size_t zeros = 0;

	for (; at < f->n; at++)
		if ((zeros = f->p[at] == 0 ? zeros + 1 : 0) == ZEROS)
			return at + 1 - ZEROS;
	return f->n;
}

static bool is_text(const uint8_t *p)
{
	uint8_t any = 0;

	for (unsigned i = 0; i < TEXT; i++)
		any |= p[i];
	return any < 0x80;
}

/* Every byte of F; what breaks a place breaks all that reach over it. */
static void places_everywhere(struct carve_work *w, const struct carve_file *f)
{
	size_t at = 0, end;

	while (at + TREE_BOX <= f->n) {
		end = zeros_of(f, at);
		for (; at + TREE_BOX <= end; at++)
			if (!is_text(f->p + at))
				place_add(w, f->p + at);
		at = end + 1;
	}
}

/* Where the one row of a page lies: at its end, in the database and in its journal. */
static void places_of_pages(struct carve_work *w, const struct carve_file *f)
{
	for (size_t end = PAGE; end <= f->n; end += PAGE)
		place_add(w, f->p + end - TREE_BOX);
	for (size_t end = 32 + FRAME; end <= f->n; end += FRAME)
		place_add(w, f->p + end - TREE_BOX);
}

/* ---- keys of epochs --------------------------------------------------------------------- */

static void lead_add(struct carve_work *w, uint64_t at, const uint8_t key[static 32])
{
	for (size_t i = 0; i < w->n_leads; i++)
		if (w->lead[i].at == at && memcmp(w->lead[i].key, key, 32) == 0)
			return;
	if (w->n_leads == w->leads_room) {
		w->leads_room = w->leads_room * 2 + 64;
		w->lead = need(realloc(w->lead, w->leads_room * sizeof(*w->lead)));
	}
	w->lead[w->n_leads].at = at;
	memcpy(w->lead[w->n_leads++].key, key, 32);
}

/* The block at P as one of a file of its own, which keyd's own reader opens. */
static void try_block(struct carve_work *w, struct sc_secret *root, const uint8_t *p)
{
	char path[300];
	struct epoch_place at = { .path = path, .tenant = sc_span_str(w->from->tenant) };
	const uint64_t epoch = sc_be64_load(p + 4);
	struct epoch_file *f;
	struct epoch_held held[2];
	struct sc_diag d = { .text = "" };
	uint8_t blank[EPOCH_BLOCK] = { 0 };
	bool repaired, ok;
	int fd;

	snprintf(path, sizeof(path), "%s/block", w->from->scratch);
	memcpy(at.store_id, w->from->store_id, STORE_ID_BYTES);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && pwrite(fd, p, EPOCH_BLOCK, (off_t)(epoch % 2) * EPOCH_BLOCK) > 0 &&
	    pwrite(fd, blank, EPOCH_BLOCK, (off_t)((epoch + 1) % 2) * EPOCH_BLOCK) > 0;
	if (fd >= 0)
		close(fd);
	if (!ok || epoch_file_open(&at, root, &d, &repaired, &f) != SC_OK)
		return;
	epoch_file_held(f, held);
	for (unsigned i = 0; i < 2; i++)
		if (held[i].opens) {
			lead_add(w, TREE_PLACE(TREE_LEVELS - 1, 0),
			    epoch_file_key(f, held[i].epoch));
			w->out->epochs++;
		}
	epoch_file_close(f);
}

static bool find_epochs(struct carve_work *w)
{
	struct sc_secret *root = NULL;
	struct sc_diag d = { .text = "" };

	if (root_load(w->from->root, true, &d, &root) != SC_OK) {
		printf("# %s\n", d.text);
		return false;
	}
	for (size_t i = 0; i < w->n_files; i++) {
		const struct carve_file *f = &w->file[i];

		for (size_t at = 0; at + EPOCH_BLOCK <= f->n; at++) {
			const uint8_t *p = memmem(f->p + at, f->n - at, "SCE1", 4);

			if (p == NULL || (size_t)(p - f->p) + EPOCH_BLOCK > f->n)
				break;
			at = (size_t)(p - f->p);
			try_block(w, root, p);
		}
	}
	sc_secret_free(root);
	return true;
}

/* ---- down the tree ------------------------------------------------------------------------ */

static bool all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	while (n-- > 0)
		any |= p[n];
	return any == 0;
}

static void take_people(struct carve_found *out, const uint8_t plain[static TREE_PLAIN])
{
	for (size_t i = 0; i < TREE_LEAF; i++, plain += TREE_SECRET_BYTES + HANDLE_BYTES) {
		size_t k = 0;

		if (all_zero(plain, TREE_SECRET_BYTES))
			continue;
		while (k < out->n && memcmp(out->v[k].secret, plain, TREE_SECRET_BYTES) != 0)
			k++;
		if (k < out->n)
			continue;
		if (out->n == out->room) {
			out->room = out->room * 2 + 256;
			out->v = need(realloc(out->v, out->room * sizeof(out->v[0])));
		}
		memcpy(out->v[out->n].secret, plain, TREE_SECRET_BYTES);
		memcpy(out->v[out->n++].handle, plain + TREE_SECRET_BYTES, HANDLE_BYTES);
	}
}

static void take_box(struct carve_work *w, uint64_t at, const uint8_t plain[static TREE_PLAIN])
{
	const uint64_t level = at >> 56, index = at & ((UINT64_C(1) << 56) - 1);
	/* the top box's last place is the keyring's */
	const unsigned n = level == TREE_LEVELS - 1 ? TREE_CHILDREN - 1 : TREE_CHILDREN;

	w->out->boxes++;
	if (level == 0) {
		take_people(w->out, plain);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = plain + (size_t)i * TREE_SECRET_BYTES;

		if (!all_zero(key, TREE_SECRET_BYTES))
			lead_add(w, TREE_PLACE(level - 1, index * TREE_CHILDREN + i), key);
	}
}

static void follow(struct carve_work *w)
{
	uint8_t plain[TREE_PLAIN];
	struct tree *t = NULL;

	if (tree_new(sc_span_str(w->from->tenant), w->from->store_id, 8, &t) != SC_OK)
		abort();
	for (size_t i = 0; i < w->n_leads; i++) {
		const struct lead l = w->lead[i]; /* the list moves as it grows */
		bool ok = false;

		for (size_t k = 0; k < w->n_places; k++) {
			if (w->place[k].used ||
			    tree_box_open(t, l.at, l.key, w->place[k].box, plain, &ok) != SC_OK ||
			    !ok)
				continue;
			w->place[k].used = true;
			take_box(w, l.at, plain);
		}
	}
	sc_wipe(plain, sizeof(plain));
	tree_free(t);
}

bool carve_files(const struct carve_from *from, struct carve_found *out)
{
	struct carve_work *w = need(calloc(1, sizeof(*w)));
	bool ok;

	memset(out, 0, sizeof(*out));
	w->from = from;
	w->out = out;
	read_folder(w, from->folder);
	for (size_t i = 0; i < w->n_files; i++)
		if (from->everywhere)
			places_everywhere(w, &w->file[i]);
		else
			places_of_pages(w, &w->file[i]);
	out->places = w->n_places;
	if ((ok = find_epochs(w)))
		follow(w);
	for (size_t i = 0; i < w->n_files; i++)
		free(w->file[i].p);
	free(w->place);
	free(w->lead);
	free(w->seen);
	free(w);
	return ok;
}

void carve_free(struct carve_found *f)
{
	if (f->v != NULL)
		sc_wipe(f->v, f->room * sizeof(f->v[0]));
	free(f->v);
	memset(f, 0, sizeof(*f));
}

/* ---- whose store it is ------------------------------------------------------------------------ */

static bool copy_file(const char *from, const char *to)
{
	struct carve_file f;
	bool ok = false;
	FILE *o;

	if (!read_whole(from, &f))
		return false;
	if ((o = fopen(to, "wb")) != NULL) {
		ok = fwrite(f.p, 1, f.n, o) == f.n;
		ok = fclose(o) == 0 && ok;
	}
	free(f.p);
	return ok;
}

bool carve_store_id(const char *db, const char *scratch, uint8_t out[static STORE_ID_BYTES])
{
	char from[300], to[300];
	sqlite3 *s = NULL;
	sqlite3_stmt *st = NULL;
	bool ok = false;

	snprintf(to, sizeof(to), "%s/copy.db-shm", scratch);
	unlink(to);
	snprintf(from, sizeof(from), "%s-wal", db);
	snprintf(to, sizeof(to), "%s/copy.db-wal", scratch);
	if (!copy_file(from, to))
		unlink(to);
	snprintf(to, sizeof(to), "%s/copy.db", scratch);
	if (copy_file(db, to) && sqlite3_open(to, &s) == SQLITE_OK &&
	    sqlite3_prepare_v2(s, "SELECT id FROM store", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW && sqlite3_column_bytes(st, 0) == STORE_ID_BYTES) {
		memcpy(out, sqlite3_column_blob(st, 0), STORE_ID_BYTES);
		ok = true;
	}
	sqlite3_finalize(st);
	sqlite3_close(s);
	return ok;
}

/* ---- tokens ---------------------------------------------------------------------------------------- */

struct carve_ring {
	struct siv_ctx **siv;
	size_t n;
};

struct carve_ring *carve_ring_new(const struct carve_found *f)
{
	struct carve_ring *r = need(calloc(1, sizeof(*r)));
	uint8_t wide[SIV_KEY_BYTES];

	r->siv = need(calloc(f->n + 1, sizeof(*r->siv)));
	for (; r->n < f->n; r->n++)
		if (siv_ctx_new(&r->siv[r->n]) != SC_OK ||
		    hkdf_sha256(sc_span(f->v[r->n].secret, TREE_SECRET_BYTES), sc_span(NULL, 0),
			sc_span_str("scrim1|seal"), wide, sizeof(wide)) != SC_OK ||
		    siv_set_key(r->siv[r->n], wide) != SC_OK)
			abort();
	return r;
}

void carve_ring_free(struct carve_ring *r)
{
	for (size_t i = 0; i < r->n; i++)
		siv_ctx_free(r->siv[i]);
	free(r->siv);
	free(r);
}

size_t carve_opens(const struct carve_ring *r, const char *tenant, const char *token)
{
	struct sc_buf scratch, value;
	struct token_parts t;
	size_t which = SIZE_MAX;
	bool ok = false;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	sc_buf_init(&value, CRYPTO_VALUE_MAX);
	if (token_parse(sc_span_str(token), &scratch, &t) == SC_OK)
		for (size_t i = 0; i < r->n && which == SIZE_MAX; i++)
			if (token_open(r->siv[i], &t, sc_span_str(tenant), &value, &ok) == SC_OK &&
			    ok)
				which = i;
	sc_buf_fini(&scratch);
	sc_buf_fini(&value);
	return which;
}
