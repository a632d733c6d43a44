/*
 * mirror.c - noting what a group writes, and appending it when it was committed.
 */
#include "crypto/keystore/mirror_int.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/rows/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRY_MS 1000                        /* between two tries to make a base */
#define JOURNAL_FLOOR (UINT64_C(64) << 20) /* shorter is not long */
#define JOURNAL_TIMES 4                    /* nor is what is less than so many bases */

/*
 * Whose slots are whose is told by the leaves, and the store's own row by the record; what a
 * backup remembers of other backups is not for another store.
 */
const struct mirror_spelling mirror_spellings[] = {
	{ NODE_KEEP, "nb", false },
	{ NODE_REMOVE, "n", false },
	{ KEYRING_ADD, "nnnnnnnnb", true },
	{ KEYRING_SET, "nnbn", true },
	{ KEYRING_STATE, "nn", true },
	{ KEYRING_REMOVE, "n", true },
	{ KEYRING_USED, "nnnn", false },
	{ WRITER_KEEP, "tnn", false },
	{ LOST_ADD, "nnn", false },
	{ WEEK_KEEP, "nn", false },
	{ WEEK_ERASE, "n", false },
	{ SEEN_ADD, "ntnn", false },
	{ QUOTA_ADD, "ntnn", false },
	{ QUOTA_FORGET, "n", false },
	{ HEAD_KEEP, "tnb", false },
	{ HEAD_FORGET, "t", false },
	{ ALIAS_KEEP, "bnn", false },
	{ LEAVING_ADD, "nbnnn", false },
	{ LEAVING_REMOVE, "n", false },
	{ LEAVING_NO_LATER, "n", false },
};
const size_t mirror_n_spellings = sizeof(mirror_spellings) / sizeof(mirror_spellings[0]);

struct mirror {
	struct mirror_maker maker;
	int folder, journal;
	uint8_t base[MIRROR_BASE_BYTES];
	uint64_t base_bytes, seq, bytes; /* records behind the base, and their bytes */
	bool whole;                      /* base and journal end with the last commit */
	bool fresh;                      /* a base was made of what this group sees */
	bool keyed;
	bool said; /* that it cannot be written */
	uint64_t again_ms;
	struct sc_buf text; /* the record that gathers */
};

/* ---- life ---- */

enum sc_err mirror_new(const char *folder, const struct mirror_maker *maker, struct sc_diag *d,
    struct mirror **out)
{
	struct mirror *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (m == NULL)
		return SC_NOMEM;
	m->maker = *maker;
	m->journal = -1;
	sc_buf_init(&m->text, MIRROR_RECORD_MAX);
	m->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->folder >= 0)
		m->journal = openat(m->folder, MIRROR_JOURNAL,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (m->journal >= 0) {
		*out = m;
		return SC_OK;
	}
	snprintf(d->file, sizeof(d->file), "%.255s", folder);
	sc_diag_set(d,
	    "the mirror cannot be opened: %s. Mount its disk, or make the folder, or take `mirror` "
	    "out of the configuration",
	    strerror(errno));
	mirror_free(m);
	return SC_IO;
}

void mirror_free(struct mirror *m)
{
	if (m == NULL)
		return;
	if (m->journal >= 0)
		close(m->journal);
	if (m->folder >= 0)
		close(m->folder);
	sc_buf_fini(&m->text);
	free(m);
}

static void forget_group(struct mirror *m)
{
	sc_buf_clear(&m->text);
	m->keyed = m->fresh = false;
}

void mirror_continue(struct mirror *m, const uint8_t hash[static HASH_BYTES], uint64_t bytes,
    uint64_t n, uint64_t journal)
{
	memcpy(m->base, hash, MIRROR_BASE_BYTES);
	m->base_bytes = bytes;
	m->seq = n;
	m->bytes = journal;
	m->whole = true;
}

/* ---- noting ---- */

static enum sc_err put_column(struct sc_buf *b, char kind, const struct store_value *v)
{
	return kind == 'n' ? sc_buf_put_be64(b, (uint64_t)v->number) :
			     sc_buf_put_field16(b, v->bytes);
}

/* Behind room for the lead. */
static enum sc_err put_row(struct mirror *m, size_t row, const struct store_value *v)
{
	const struct mirror_spelling *s = &mirror_spellings[row];
	uint8_t *lead;
	enum sc_err err;

	if (m->text.n == 0 && (err = sc_buf_grow(&m->text, MIRROR_LEAD, &lead)) != SC_OK)
		return err;
	if ((err = sc_buf_put_be8(&m->text, (uint8_t)(row + 1))) != SC_OK)
		return err;
	for (size_t i = 0; s->columns[i] != '\0'; i++)
		if ((err = put_column(&m->text, s->columns[i], &v[i])) != SC_OK)
			return err;
	m->keyed |= s->keyring;
	return SC_OK;
}

static enum sc_err on_asked(void *arg, unsigned statement, const struct store_value *v)
{
	for (size_t i = 0; i < mirror_n_spellings; i++)
		if (mirror_spellings[i].statement == statement)
			return put_row(arg, i, v);
	return SC_OK;
}

static size_t mark(void *arg)
{
	return ((const struct mirror *)arg)->text.n;
}

static void back(void *arg, size_t n)
{
	struct mirror *m = arg;

	if (n < m->text.n)
		sc_buf_truncate(&m->text, n);
}

struct store_watch mirror_watch(struct mirror *m)
{
	return (struct store_watch){ on_asked, mark, back, m };
}

bool mirror_keyed(const struct mirror *m)
{
	return m->keyed;
}

/* ---- a base ---- */

static enum sc_err fail(struct mirror *m, enum sc_err err)
{
	m->whole = false;
	m->again_ms = clock_mono_ms() + TRY_MS;
	if (!m->said)
		log_event(LOG_ERROR, "keyd.mirror_failed", LOG_ERR("err", err),
		    LOG_STR("do",
			"no key is made or opened until it can be written: mend the second disk, "
			"or take `mirror` out of the configuration and start again"),
		    LOG_END);
	m->said = true;
	return SC_IO;
}

static bool is_long(const struct mirror *m)
{
	return m->bytes > JOURNAL_FLOOR && m->bytes / JOURNAL_TIMES > m->base_bytes;
}

enum sc_err mirror_ready(struct mirror *m, struct store_tx *tx)
{
	uint8_t hash[HASH_BYTES];
	enum sc_err err;

	if (m->whole && !is_long(m))
		return SC_OK;
	if (!m->whole && clock_mono_ms() < m->again_ms)
		return SC_IO;
	if ((err = m->maker.make(m->maker.arg, m->folder, tx, hash, &m->base_bytes)) != SC_OK)
		return fail(m, err);
	/* what the journal has is of an earlier base, and counts no more whether this goes well or not */
	if (ftruncate(m->journal, 0) != 0 || fdatasync(m->journal) != 0)
		return fail(m, SC_IO);
	mirror_continue(m, hash, m->base_bytes, 0, 0);
	log_event(LOG_INFO, "keyd.mirrored", LOG_U64("bytes", m->base_bytes), LOG_END);
	/* what the group wrote until now is in it */
	sc_buf_clear(&m->text);
	m->fresh = true;
	m->said = false;
	return SC_OK;
}

/* ---- a record ---- */

static enum sc_err finish(struct mirror *m, const struct keystore_now *now)
{
	const uint64_t numbers[] = { m->seq, now->gen, now->epoch, now->high, now->lease,
		now->people, now->applied };
	uint8_t hash[HASH_BYTES], *p;

	p = m->text.p;
	sc_be32_store(p, MIRROR_MAGIC);
	sc_be32_store(p + 4, (uint32_t)(m->text.n - 8));
	memcpy(p + 8, m->base, MIRROR_BASE_BYTES);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sc_be64_store(p + 8 + MIRROR_BASE_BYTES + 8 * i, numbers[i]);
	hash_sha256(sc_buf_span(&m->text), hash);
	return sc_buf_put(&m->text, hash, sizeof(hash));
}

static bool append(const struct mirror *m)
{
	struct sc_span left = sc_buf_span(&m->text);
	off_t at = (off_t)m->bytes;

	while (left.n > 0) {
		const ssize_t n = pwrite(m->journal, left.p, left.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		left = sc_span_from(left, (size_t)n);
		at += n;
	}
	return fdatasync(m->journal) == 0;
}

enum sc_err mirror_commit(struct mirror *m, const struct keystore_now *now)
{
	enum sc_err err = SC_OK;

	/* while it is not whole no job that wants keys gets so far; the next base has the rest */
	if (m->whole && m->text.n > 0) {
		if ((err = finish(m, now)) != SC_OK)
			err = fail(m, err);
		else if (!append(m))
			err = fail(m, SC_IO);
		else {
			m->seq++;
			m->bytes += m->text.n;
		}
	}
	forget_group(m);
	return err;
}

void mirror_drop(struct mirror *m)
{
	if (m->fresh)
		m->whole = false;
	forget_group(m);
}
