/*
 * prove.c - making and checking tlog-proof files.
 */
#include "audit/review/prove.h"

#include "audit/review/walk.h"
#include "crypto/tlog/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "c2sp.org/tlog-proof@v1"

static enum sc_err say(struct sc_diag *d, enum sc_err err, const char *what)
{
	sc_diag_set(d, "%s", what);
	return err;
}

/* ---- making -------------------------------------------------------------------- */

static enum sc_err read_entry(struct walk_log *log, uint64_t index, struct sc_buf *out,
    struct merkle_hash *leaf, struct sc_diag *d)
{
	uint64_t n = index / TILE_WIDTH, i = n * TILE_WIDTH;
	struct sc_buf bundle;
	struct sc_span entry = { NULL, 0 };
	enum sc_err err;
	size_t at = 0;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	err = tile_read(log->dirfd, TILE_ENTRIES, n, tile_width(0, n, log->state.size), &bundle, d);
	if (err == SC_OK) {
		while (i <= index && tile_entry_next(sc_buf_span(&bundle), &at, &entry))
			i++;
		merkle_leaf(entry, leaf);
		if (out != NULL)
			err = sc_buf_put_span(out, entry);
	}
	sc_buf_fini(&bundle);
	return err;
}

/* The inclusion proof; it must hold before anyone gets it. */
static enum sc_err make(struct walk_log *log, uint64_t index, const struct merkle_hash *leaf,
    struct merkle_proof *proof, struct sc_diag *d)
{
	const struct note_head *h = &log->checkpoint.head;
	struct tile_reader r;
	struct merkle_hash root;
	enum sc_err err;

	tile_reader_init(&r, log->dirfd, log->state.size);
	err = merkle_prove_inclusion(index, h->size, tile_get, &r, proof);
	if (err != SC_OK)
		*d = r.diag;
	tile_reader_fini(&r);
	if (err != SC_OK)
		return err;
	memcpy(root.b, h->root, HASH_BYTES);
	if (merkle_check_inclusion(leaf, index, h->size, proof->h, proof->n, &root) == SC_OK)
		return SC_OK;
	sc_diag_set(d, "entry %llu is not under the signed root: verify this log",
	    (unsigned long long)index);
	return SC_CORRUPT;
}

static enum sc_err print(const struct walk_log *log, uint64_t index,
    const struct merkle_proof *proof, struct sc_buf *out)
{
	enum sc_err err;

	if ((err = sc_buf_printf(out, TITLE "\nindex %llu\n", (unsigned long long)index)) != SC_OK)
		return err;
	for (size_t i = 0; i < proof->n; i++)
		if ((err = note_base64_print(proof->h[i].b, HASH_BYTES, out)) != SC_OK ||
		    (err = sc_buf_put_str(out, "\n")) != SC_OK)
			return err;
	if ((err = sc_buf_put_str(out, "\n")) != SC_OK)
		return err;
	return sc_buf_put(out, log->checkpoint.raw, log->checkpoint.n);
}

enum sc_err audit_prove(const char *dir, uint64_t index, struct sc_diag *d, struct sc_buf *proof,
    struct sc_buf *entry)
{
	struct walk_log *log = NULL;
	struct merkle_proof p;
	struct merkle_hash leaf;
	enum sc_err err;

	if ((err = walk_open(dir, NULL, d, &log)) != SC_OK)
		goto out;
	if (!log->has_checkpoint || index >= log->checkpoint.head.size) {
		if (index >= log->state.size)
			err = say(d, SC_LIMIT, "there is no such entry in the tree (yet)");
		else
			err = say(d, SC_AGAIN, "the entry is not under a signature yet");
		goto out;
	}
	if ((err = read_entry(log, index, entry, &leaf, d)) != SC_OK ||
	    (err = make(log, index, &leaf, &p, d)) != SC_OK)
		goto out;
	err = print(log, index, &p, proof);
out:
	walk_close(log);
	return err;
}

/* ---- checking ------------------------------------------------------------------ */

static bool line(struct sc_span *s, struct sc_span *out)
{
	const uint8_t *nl = s->n == 0 ? NULL : memchr(s->p, '\n', s->n);

	if (nl == NULL)
		return false;
	*out = sc_span(s->p, (size_t)(nl - s->p));
	*s = sc_span_from(*s, out->n + 1);
	return true;
}

static bool index_of(struct sc_span s, uint64_t *out)
{
	if (!sc_span_starts(s, "index "))
		return false;
	s = sc_span_from(s, 6);
	if (s.n == 0 || s.n > 18 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (*out = 0; s.n > 0; s = sc_span_from(s, 1)) {
		if (s.p[0] < '0' || s.p[0] > '9')
			return false;
		*out = *out * 10 + (s.p[0] - '0');
	}
	return true;
}

static bool parse(struct sc_span s, uint64_t *index, struct merkle_proof *p, struct sc_span *note)
{
	struct sc_span l;
	size_t n;

	p->n = 0;
	if (!line(&s, &l) || !sc_span_is(l, TITLE) || !line(&s, &l))
		return false;
	if (sc_span_starts(l, "extra ") && !line(&s, &l)) /* opaque to us */
		return false;
	if (!index_of(l, index))
		return false;
	while (line(&s, &l) && l.n > 0) {
		n = HASH_BYTES;
		if (p->n == CRYPTO_PROOF_MAX || note_base64_parse(l, p->h[p->n].b, &n) != SC_OK ||
		    n != HASH_BYTES)
			return false;
		p->n++;
	}
	*note = s;
	return s.n > 0;
}

static enum sc_err check_note(struct sc_span raw, const char *vkey, struct sc_diag *d,
    struct audit_proven *out)
{
	struct note *note = malloc(sizeof(*note));
	struct note_key key;
	enum sc_err err = SC_SYNTAX;
	bool found = false;

	if (note == NULL)
		return SC_NOMEM;
	if (note_parse(raw, note) != SC_OK || note_head_parse(note->text, &out->head) != SC_OK)
		sc_diag_set(d, "the checkpoint in it is malformed");
	else if (vkey == NULL)
		err = SC_OK;
	else if (note_key_parse(sc_span_str(vkey), &key) != SC_OK)
		sc_diag_set(d, "the key is malformed: it should be name+id+base64");
	else if ((err = note_verify(note, &key, &found)) != SC_OK)
		sc_diag_set(d, "the checkpoint's signature does not verify");
	else if (!found)
		err = say(d, SC_AUTH, "the checkpoint is not signed by that key");
	out->signature_checked = found;
	free(note);
	return err;
}

enum sc_err audit_proof_check(struct sc_span proof, struct sc_span entry, const char *vkey,
    struct sc_diag *d, struct audit_proven *out)
{
	struct merkle_hash leaf, root;
	struct merkle_proof p;
	struct sc_span note;
	enum sc_err err;

	memset(d, 0, sizeof(*d));
	memset(out, 0, sizeof(*out));
	if (!parse(proof, &out->index, &p, &note))
		return say(d, SC_SYNTAX, "this is not a " TITLE " file");
	if ((err = check_note(note, vkey, d, out)) != SC_OK)
		return err;
	merkle_leaf(entry, &leaf);
	memcpy(root.b, out->head.root, HASH_BYTES);
	err = merkle_check_inclusion(&leaf, out->index, out->head.size, p.h, p.n, &root);
	return err == SC_OK ? err : say(d, err, "the proof does not hold for this entry");
}
