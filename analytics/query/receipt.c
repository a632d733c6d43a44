/*
 * receipt.c - a release's receipt: an entry of scrimd's log that says just this, and the proof
 * that it is under a signed head.
 */
#include "analytics/query/receipt.h"

#include "audit/record/read.h"
#include "audit/review/review.h"
#include "base/text/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The key must be good by itself: a bad one is not the receipt's fault. */
static enum sc_err check_key(const char *vkey, struct note_key *key, struct sc_diag *d)
{
	if (note_key_parse(sc_span_str(vkey), key) == SC_OK)
		return SC_OK;
	sc_diag_set(d, "the key of the access log is malformed: it should be name+id+base64");
	return SC_SYNTAX;
}

/* What the entry says that it should not; NULL: nothing. */
static const char *unlike(const struct audit_entry *e, const struct shelf_release *r)
{
	const struct shelf_manifest *m = &r->manifest;
	uint8_t sha256[SHELF_SHA_BYTES];

	if (e->kind != AUDIT_ADMIN || strcmp(e->act, RECEIPT_ACT) != 0 || e->outcome != AUDIT_OK)
		return "the entry does not say that anything was published";
	if (strcmp(e->tenant, m->tenant.s) != 0)
		return "the entry is of another tenant";
	if (strcmp(e->release.dataset, m->dataset.s) != 0 || e->release.number != m->number)
		return "the entry is about another release";
	if (!hex_parse(sc_span_str(e->release.manifest), sha256, sizeof(sha256)) ||
	    memcmp(sha256, r->sha256, sizeof(sha256)) != 0)
		return "the entry is about another manifest of this release";
	return NULL;
}

static enum sc_err check_entry(const struct shelf_release *r, struct sc_span entry,
    struct sc_diag *d)
{
	struct audit_entry e;
	const char *what = "the entry is no record";

	if (audit_entry_parse(entry, &e) == SC_OK) {
		what = unlike(&e, r);
		audit_entry_fini(&e);
	}
	if (what == NULL)
		return SC_OK;
	sc_diag_set(d, "the release is not published: %s", what);
	return SC_AUTH;
}

enum sc_err receipt_check_texts(const struct shelf_release *r, struct sc_span entry,
    struct sc_span receipt, const char *vkey, struct sc_diag *d)
{
	struct audit_proven proven;
	struct sc_diag why;
	struct note_key key;
	enum sc_err err;

	if ((err = check_key(vkey, &key, d)) != SC_OK || (err = check_entry(r, entry, d)) != SC_OK)
		return err;
	if ((err = audit_proof_check(receipt, entry, vkey, &why, &proven)) == SC_NOMEM)
		return err;
	/* a key may sign notes of several logs; this one is its own */
	if (err == SC_OK && strcmp(proven.head.origin, key.name) != 0) {
		sc_diag_set(&why, "the checkpoint is of another log than the key");
		err = SC_AUTH;
	}
	if (err == SC_OK)
		return SC_OK;
	sc_diag_set(d, "the release is not published: %.200s", why.text);
	return SC_AUTH;
}

/* ---- the files ------------------------------------------------------------------------ */

static enum sc_err read_fd(int fd, struct sc_buf *out)
{
	enum sc_err err = SC_OK;
	ssize_t n = 1;

	for (uint8_t chunk[4096]; err == SC_OK && n > 0;) {
		while ((n = read(fd, chunk, sizeof(chunk))) < 0 && errno == EINTR)
			;
		if (n > 0)
			err = sc_buf_put(out, chunk, (size_t)n);
	}
	return n < 0 ? SC_IO : err;
}

/* A plain file of the release's folder; one that is too long is no receipt. */
static enum sc_err read_file(const struct shelf_release *r, const char *name, struct sc_buf *out,
    struct sc_diag *d)
{
	char path[PATH_MAX];
	enum sc_err err = SC_IO;
	struct stat st;
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", r->folder, name) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		err = read_fd(fd, out);
	if (fd >= 0)
		close(fd);
	if (err == SC_LIMIT)
		err = SC_AUTH;
	if (err != SC_OK && err != SC_NOMEM)
		sc_diag_set(d, "the release's %s cannot be read", name);
	return err;
}

enum sc_err receipt_check(const struct shelf_release *r, const char *vkey, struct sc_diag *d)
{
	struct sc_buf entry, receipt;
	enum sc_err err;

	if (!r->has_receipt) {
		sc_diag_set(d, "the release is not published: it has no receipt");
		return SC_AUTH;
	}
	sc_buf_init(&entry, RECEIPT_MAX);
	sc_buf_init(&receipt, RECEIPT_MAX);
	if ((err = read_file(r, SHELF_ENTRY, &entry, d)) == SC_OK &&
	    (err = read_file(r, SHELF_RECEIPT, &receipt, d)) == SC_OK)
		err = receipt_check_texts(r, sc_buf_span(&entry), sc_buf_span(&receipt), vkey, d);
	sc_buf_fini(&entry);
	sc_buf_fini(&receipt);
	return err;
}
