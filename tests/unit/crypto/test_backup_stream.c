/*
 * test_backup_stream.c - a backup reads back as it was written, and is refused when a
 * byte of it is missing, more, or another.
 */
#include "tap.h"

#include "crypto/backup/stream.h"
#include "crypto/keytree/tree.h"
#include "crypto/prim/random.h"

struct bytes {
	uint8_t *p;
	size_t n, cap, at, step; /* step: the most that a read gives */
};

static enum sc_err put(void *arg, struct sc_span s)
{
	struct bytes *b = arg;

	if (b->n + s.n > b->cap) {
		b->cap = (b->n + s.n) * 2;
		if ((b->p = realloc(b->p, b->cap)) == NULL)
			return SC_NOMEM;
	}
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	return SC_OK;
}

static enum sc_err get(void *arg, uint8_t *p, size_t n, size_t *got)
{
	struct bytes *b = arg;

	*got = n < b->n - b->at ? n : b->n - b->at;
	if (b->step != 0 && *got > b->step)
		*got = b->step;
	if (*got > 0)
		memcpy(p, b->p + b->at, *got);
	b->at += *got;
	return SC_OK;
}

static struct sign_secret secret;
static struct backup_header header;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void setup(void)
{
	const uint8_t seed[SIGN_SEED_BYTES] = { 7 };

	memset(&header, 0, sizeof(header));
	strcpy(header.tenant.s, "demo");
	strcpy(header.origin, "scrim/demo/keyd");
	sign_keypair_from_seed(seed, &header.log_key, &secret);
	header.whole = true;
	header.at_ms = 1;
	header.epoch = 2;
	header.high = 3;
	header.month = 24310;
	header.sealed[5] = 9;
}

#define BOX_BYTES 3856
static const uint8_t box[BOX_BYTES] = { 1, 2, 3 };

/* N boxes, and a row of every other part. */
static enum sc_err write_rows(struct backup_writer *w, uint64_t n)
{
	struct store_value v[BACKUP_COLUMNS];
	enum sc_err err = SC_OK;

	for (unsigned part = BACKUP_KEYRING; part <= BACKUP_REMOVED && err == SC_OK; part++) {
		const char *kinds = backup_tables[part].columns;

		for (size_t i = 0; kinds[i] != '\0'; i++)
			v[i] = kinds[i] == 'b' ? store_blob(box, BOX_BYTES) :
			    kinds[i] == 't'    ? store_text("who") :
						 store_number(100 * part + i);
		for (uint64_t k = 0; k < (part == BACKUP_BOXES ? n : 1) && err == SC_OK; k++) {
			if (part == BACKUP_BOXES)
				v[0] = store_number(k);
			err = backup_writer_row(w, (enum backup_part)part, v);
		}
	}
	return err;
}

static void make(struct bytes *b, uint64_t boxes, struct backup_end *end)
{
	const struct backup_sink sink = { put, b };
	const struct note_signer signer = { .sign = sign, .arg = &secret };
	struct backup_writer *w;

	*b = (struct bytes){ .p = NULL };
	setup();
	NEED(backup_writer_new(&sink, &header, &w) == SC_OK);
	CHECK(write_rows(w, boxes) == SC_OK);
	CHECK(backup_writer_end(w, &signer, end) == SC_OK);
	CHECK(backup_writer_bytes(w) == b->n);
	backup_writer_free(w);
}

/* Read all of B; how it ended. ROWS of each part, when given. */
static enum sc_err read_all(struct bytes *b, uint64_t *rows, struct backup_end *end)
{
	const struct backup_source source = { get, b };
	struct store_value v[BACKUP_COLUMNS];
	struct backup_reader *r = NULL;
	struct sc_diag d = { .line = 0 };
	enum backup_part part = BACKUP_HEADER;
	struct backup_header h;
	enum sc_err err;

	b->at = 0;
	err = backup_reader_new(&source, &d, &h, &r);
	while (err == SC_OK && (err = backup_reader_row(r, &d, &part, v)) == SC_OK &&
	    part != BACKUP_TRAILER)
		if (rows != NULL)
			rows[part]++;
	if (err == SC_OK && end != NULL)
		*end = *backup_reader_end(r);
	CHECK((err == SC_OK) == (d.text[0] == '\0'));
	backup_reader_free(r);
	return err;
}

static void test_inverse(void)
{
	static const uint64_t boxes[] = { 1, 271, 272, 1000 };

	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		uint64_t rows[BACKUP_PARTS] = { 0 };
		struct backup_end wrote, end;
		struct bytes b;

		make(&b, boxes[i], &wrote);
		b.step = i % 2 == 0 ? 0 : 1000;
		CHECK(read_all(&b, rows, &end) == SC_OK);
		CHECK(memcmp(&wrote, &end, sizeof(end)) == 0);
		CHECK(memcmp(rows, end.rows, sizeof(rows)) == 0);
		CHECK(rows[BACKUP_BOXES] == boxes[i] && rows[BACKUP_KEYRING] == 1);
		free(b.p);
	}
}

static void test_values(void)
{
	struct store_value v[BACKUP_COLUMNS];
	struct backup_reader *r;
	struct backup_header h;
	struct backup_end end;
	enum backup_part part;
	struct sc_diag d;
	struct bytes b;
	const struct backup_source source = { get, &b };

	make(&b, 1, &end);
	NEED(backup_reader_new(&source, &d, &h, &r) == SC_OK);
	CHECK(strcmp(h.tenant.s, "demo") == 0 && strcmp(h.origin, header.origin) == 0);
	CHECK(h.whole && h.at_ms == 1 && h.epoch == 2 && h.high == 3 && h.month == 24310);
	CHECK(memcmp(h.sealed, header.sealed, sizeof(h.sealed)) == 0);
	CHECK(backup_reader_row(r, &d, &part, v) == SC_OK && part == BACKUP_KEYRING);
	CHECK(v[0].kind == STORE_NUMBER && v[0].number == 200 && v[11].number == 211);
	CHECK(v[7].kind == STORE_BLOB && v[7].bytes.n == BOX_BYTES);
	CHECK(backup_reader_row(r, &d, &part, v) == SC_OK && part == BACKUP_HEADS);
	CHECK(v[0].kind == STORE_TEXT && sc_span_is(v[0].bytes, "who"));
	backup_reader_free(r);
	free(b.p);
}

/* Small, so that every place can be tried. */
static void make_small(struct bytes *b)
{
	const struct backup_sink sink = { put, b };
	const struct note_signer signer = { .sign = sign, .arg = &secret };
	const struct store_value v[] = { store_number(1), store_number(2), store_number(1) };
	struct backup_writer *w;
	struct backup_end end;

	*b = (struct bytes){ .p = NULL };
	setup();
	NEED(backup_writer_new(&sink, &header, &w) == SC_OK);
	CHECK(backup_writer_row(w, BACKUP_LOST, v) == SC_OK);
	CHECK(backup_writer_row(w, BACKUP_WEEKS, v) == SC_OK);
	CHECK(backup_writer_row(w, BACKUP_REMOVED, v) == SC_OK);
	CHECK(backup_writer_end(w, &signer, &end) == SC_OK);
	backup_writer_free(w);
}

static void test_cut(void)
{
	struct bytes b;
	size_t whole;

	make_small(&b);
	whole = b.n;
	CHECK(read_all(&b, NULL, NULL) == SC_OK);
	for (b.n = 0; b.n < whole; b.n++)
		if (read_all(&b, NULL, NULL) == SC_OK) {
			CHECK(!"a backup that was cut is taken");
			break;
		}
	free(b.p);
}

static void test_flipped(void)
{
	struct bytes b;

	make_small(&b);
	for (size_t bit = 0; bit < 8 * b.n; bit++) {
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (read_all(&b, NULL, NULL) == SC_OK) {
			printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
			CHECK(!"a backup with a bit flipped is taken");
		}
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(read_all(&b, NULL, NULL) == SC_OK);
	free(b.p);
}

static void test_more_behind(void)
{
	struct bytes b;

	make_small(&b);
	CHECK(put(&b, sc_span("", 1)) == SC_OK);
	CHECK(read_all(&b, NULL, NULL) == SC_SYNTAX);
	free(b.p);
}

/* Rows that could not be read back, or would not be where they belong. */
static void test_refused_rows(void)
{
	static const uint8_t long_text[UINT16_MAX + 1];
	const struct store_value key[] = { store_number(1), store_blob(long_text, UINT16_MAX) };
	const struct store_value too_long[] = { store_number(1),
		store_blob(long_text, sizeof(long_text)) };
	struct bytes b = { .p = NULL };
	const struct backup_sink sink = { put, &b };
	struct backup_writer *w;

	setup();
	NEED(backup_writer_new(&sink, &header, &w) == SC_OK);
	CHECK(backup_writer_row(w, BACKUP_BOXES, too_long) == SC_LIMIT);
	CHECK(backup_writer_row(w, BACKUP_BOXES, key) == SC_OK);
	CHECK(backup_writer_row(w, BACKUP_LOST, key) == SC_BUG);
	CHECK(backup_writer_row(w, BACKUP_TRAILER, key) == SC_BUG);
	backup_writer_free(w);
	free(b.p);
}

/* Somebody who has no log key signs with their own, and names it. */
static void test_signature(void)
{
	const uint8_t other[SIGN_SEED_BYTES] = { 8 };
	struct sign_public theirs;
	struct bytes b;

	make_small(&b);
	sign_keypair_from_seed(other, &theirs, &secret);
	CHECK(memcmp(&theirs, &header.log_key, sizeof(theirs)) != 0);
	{
		const struct backup_sink sink = { put, &b };
		const struct note_signer signer = { .sign = sign, .arg = &secret };
		struct backup_writer *w;
		struct backup_end end;

		b.n = 0;
		NEED(backup_writer_new(&sink, &header, &w) == SC_OK);
		CHECK(backup_writer_end(w, &signer, &end) == SC_OK);
		backup_writer_free(w);
	}
	CHECK(read_all(&b, NULL, NULL) == SC_AUTH);
	free(b.p);
}

static enum sc_err refuse(void *arg, struct sc_span s)
{
	int *left = arg;

	(void)s;
	return (*left)-- == 0 ? SC_LIMIT : SC_OK;
}

static void test_sink_fails(void)
{
	const struct note_signer signer = { .sign = sign, .arg = &secret };
	struct backup_writer *w;
	struct backup_end end;
	enum sc_err err = SC_LIMIT;
	int n;

	setup();
	for (n = 0; err != SC_OK && n < 100; n++) {
		int left = n;
		const struct backup_sink sink = { refuse, &left };

		if ((err = backup_writer_new(&sink, &header, &w)) == SC_OK &&
		    (err = write_rows(w, 1)) == SC_OK)
			err = backup_writer_end(w, &signer, &end);
		backup_writer_free(w);
		CHECK(err == SC_OK || err == SC_LIMIT);
	}
	CHECK(err == SC_OK && n > 3);
}

int main(void)
{
	RUN(test_inverse, "a backup reads back as it was written");
	RUN(test_values, "every column comes back as what it was");
	RUN(test_cut, "one that was cut anywhere is refused");
	RUN(test_flipped, "one with any bit flipped is refused");
	RUN(test_more_behind, "a byte behind the trailer is refused");
	RUN(test_refused_rows, "rows that do not fit are refused when they are written");
	RUN(test_signature, "a signature by another key than the named one is refused");
	RUN(test_sink_fails, "a target that fails at any write is told of");
	return tap_done();
}
