/*
 * keylog_people.c - printing all of it into one buffer, and into the log at once.
 */
#include "crypto/keyd/keylog_people.h"

#include "crypto/tlog/merkle.h"

#include <string.h>

#define PARTS_MAX ((CRYPTO_ITEMS_MAX + AUDIT_PART_MAX - 1) / AUDIT_PART_MAX)

static enum sc_err push(struct merkle_frontier *f, const uint8_t (*v)[AUDIT_HANDLE_BYTES], size_t n)
{
	struct merkle_hash leaf;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		merkle_leaf(sc_span(v[i], AUDIT_HANDLE_BYTES), &leaf);
		err = merkle_push(f, &leaf, NULL, NULL);
	}
	return err;
}

/* The root over R's own subjects and then MORE. */
static enum sc_err root_of(const struct audit_record *r, const uint8_t (*more)[AUDIT_HANDLE_BYTES],
    size_t n, struct merkle_hash *out)
{
	struct merkle_frontier f = { .size = 0 };
	enum sc_err err;

	if ((err = push(&f, r->subjects, r->n_subjects)) == SC_OK &&
	    (err = push(&f, more, n)) == SC_OK)
		merkle_root(&f, out);
	return err;
}

/* R at the end of TEXT, which knows where it ends. */
static enum sc_err print(const struct audit_record *r, struct sc_buf *text, size_t *end)
{
	enum sc_err err = audit_record_print(r, text);

	*end = text->n;
	return err;
}

static enum sc_err print_all(struct audit_record *r, const uint8_t (*more)[AUDIT_HANDLE_BYTES],
    size_t n, struct sc_buf *text, size_t ends[PARTS_MAX + 1])
{
	struct audit_record part;
	enum sc_err err = SC_OK;

	r->parts = 0;
	for (size_t at = 0; at < n && err == SC_OK; at += AUDIT_PART_MAX) {
		audit_record_init(&part, AUDIT_PEOPLE);
		part.at_ms = r->at_ms;
		part.asking.request_id = r->asking.request_id;
		part.asking.tenant = r->asking.tenant;
		part.parts = r->parts + 1;
		part.subjects = more + at;
		part.n_subjects = n - at < AUDIT_PART_MAX ? n - at : AUDIT_PART_MAX;
		err = print(&part, text, &ends[r->parts++]);
	}
	return err == SC_OK ? print(r, text, &ends[r->parts]) : err;
}

enum sc_err keylog_people_append(struct tlog *log, struct audit_record *r,
    const uint8_t (*more)[AUDIT_HANDLE_BYTES], size_t n, uint64_t *record)
{
	struct sc_span entries[PARTS_MAX + 1];
	size_t ends[PARTS_MAX + 1];
	struct merkle_hash root;
	struct sc_buf text;
	enum sc_err err;

	if (n > CRYPTO_ITEMS_MAX)
		return SC_LIMIT;
	sc_buf_init(&text, (PARTS_MAX + 1) * (size_t)AUDIT_RECORD_MAX);
	if ((err = root_of(r, more, n, &root)) != SC_OK)
		return err;
	r->subjects_root = root.b;
	if ((err = print_all(r, more, n, &text, ends)) == SC_OK) {
		for (size_t i = 0; i <= r->parts; i++)
			entries[i] = sc_span(text.p + (i == 0 ? 0 : ends[i - 1]),
			    ends[i] - (i == 0 ? 0 : ends[i - 1]));
		err = tlog_append_all(log, entries, r->parts + 1, true, record);
	}
	sc_buf_fini(&text);
	return err;
}
