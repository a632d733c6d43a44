/*
 * prove.c - making and checking tlog-proof files.
 */
#include "audit/review/review.h"

#include "audit/review/walk.h"
#include "crypto/tlog/files.h"
#include "crypto/tlog/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "c2sp.org/tlog-proof@v1"

/* ---- making -------------------------------------------------------------------- */

struct wanted {
	struct merkle_hash leaf;
	struct sc_buf *entry; /* NULL: only its hash */
	bool found;
	enum sc_err err; /* once it is found */
};

/* The first entry that the walk gives is the one, and ends it. */
static enum sc_err take(void *arg, uint64_t index, struct sc_span entry)
{
	struct wanted *w = arg;

	(void)index;
	w->found = true;
	merkle_leaf(entry, &w->leaf);
	w->err = w->entry == NULL ? SC_OK : sc_buf_put_span(w->entry, entry);
	return SC_LIMIT;
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
	return files_say(d, "", SC_CORRUPT,
	    "entry %llu is not under the signed root: verify this log", (unsigned long long)index);
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
	struct wanted w = { .entry = entry };
	struct walk_log log;
	struct merkle_proof p;
	enum sc_err err;

	if ((err = walk_open(dir, NULL, d, &log)) != SC_OK)
		goto out;
	if (index >= log.state.size)
		err = files_say(d, "", SC_LIMIT, "there is no such entry in the tree (yet)");
	else if (!log.has_checkpoint || index >= log.checkpoint.head.size)
		err = files_say(d, "", SC_AGAIN, "the entry is not under a signature yet");
	if (err != SC_OK)
		goto out;
	err = walk_entries(&log, index, take, &w, d);
	if ((err = w.found ? w.err : err) == SC_OK &&
	    (err = make(&log, index, &w.leaf, &p, d)) == SC_OK)
		err = print(&log, index, &p, proof);
out:
	walk_close(&log);
	return err;
}

/* ---- checking ------------------------------------------------------------------ */

static bool parse(struct sc_span s, uint64_t *index, struct merkle_proof *p, struct sc_span *note)
{
	struct sc_span l;
	size_t n;

	p->n = 0;
	if (!note_line(&s, &l) || !sc_span_is(l, TITLE) || !note_line(&s, &l))
		return false;
	if (sc_span_starts(l, "extra ") && !note_line(&s, &l)) /* opaque to us */
		return false;
	if (!sc_span_starts(l, "index ") || !note_number(sc_span_from(l, 6), index))
		return false;
	while (note_line(&s, &l) && l.n > 0) {
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
		err = files_say(d, "", SC_AUTH, "the checkpoint is not signed by that key");
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
		return files_say(d, "", SC_SYNTAX, "this is not a " TITLE " file");
	if ((err = check_note(note, vkey, d, out)) != SC_OK)
		return err;
	merkle_leaf(entry, &leaf);
	memcpy(root.b, out->head.root, HASH_BYTES);
	err = merkle_check_inclusion(&leaf, out->index, out->head.size, p.h, p.n, &root);
	return err == SC_OK ? err : files_say(d, "", err, "the proof does not hold for this entry");
}
