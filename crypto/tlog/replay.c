/*
 * replay.c - reading the journal back: which batches follow one another, and
 * whether something that was durable is missing from between them.
 */
#include "crypto/tlog/journal.h"

#include "base/bytes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct replay {
	uint8_t *seg[JOURNAL_SEGMENTS];
	size_t size;
	uint64_t next; /* the index that comes next */
	journal_entry_fn *fn;
	void *arg;
	struct sc_diag *d;
};

static enum sc_err load(int dirfd, unsigned i, struct replay *r)
{
	const char *name = journal_names[i];
	enum sc_err err = SC_OK;
	struct stat st;
	ssize_t n = 1;
	size_t at = 0;
	int fd;

	if ((r->seg[i] = malloc(r->size)) == NULL)
		return SC_NOMEM;
	if ((fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return files_say(r->d, name, SC_CORRUPT, "is missing");
	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != r->size) {
		err = files_say(r->d, name, SC_CORRUPT, "has another length than it was made with");
		goto out;
	}
	for (; at < r->size && n > 0; at += n > 0 ? (size_t)n : 0)
		n = pread(fd, r->seg[i] + at, r->size - at, (off_t)at);
	if (at < r->size)
		err = files_say(r->d, name, SC_IO, "cannot be read");
out:
	close(fd);
	return err;
}

static struct sc_span at_of(const struct replay *r, unsigned i, size_t at)
{
	return sc_span(r->seg[i] + at, r->size - at);
}

/* Hand out the entries of B that are not known yet. */
static enum sc_err give(struct replay *r, const struct journal_batch *b)
{
	struct sc_span s = b->entries;
	enum sc_err err;

	for (uint32_t k = 0; k < b->count; k++) {
		size_t n = sc_be16_load(s.p);

		if (b->first + k == r->next) {
			if (r->fn != NULL &&
			    (err = r->fn(r->arg, r->next, sc_span(s.p + 2, n))) != SC_OK)
				return err;
			r->next++;
		}
		s = sc_span_from(s, 2 + n);
	}
	return SC_OK;
}

/* Follow the batches of segment I from its start as long as each continues the one before. */
static enum sc_err follow(struct replay *r, unsigned i)
{
	struct journal_batch b;
	uint64_t expect = 0;
	enum sc_err err;

	for (size_t at = 0; at < r->size; at += b.length) {
		if (!journal_batch_parse(at_of(r, i, at), &b) || (at > 0 && b.first != expect) ||
		    b.first > r->next)
			break;
		if ((err = give(r, &b)) != SC_OK)
			return err;
		expect = b.first + b.count;
	}
	return SC_OK;
}

/* A good batch that was not reached means that one before it was damaged. */
static enum sc_err check_unreached(struct replay *r, unsigned i)
{
	struct journal_batch b;
	size_t step;

	for (size_t at = 0; at < r->size; at += step) {
		step = JOURNAL_BLOCK;
		if (!journal_batch_parse(at_of(r, i, at), &b))
			continue;
		step = b.length;
		if (b.first + b.count <= r->next)
			continue;
		return files_say(r->d, journal_names[i], SC_CORRUPT,
		    "entry %llu is damaged or missing; later ones are there",
		    (unsigned long long)r->next);
	}
	return SC_OK;
}

/* The index a segment begins with; UINT64_MAX when its first batch is no good. */
static uint64_t first_of(const struct replay *r, unsigned i)
{
	struct journal_batch b;

	return journal_batch_parse(at_of(r, i, 0), &b) ? b.first : UINT64_MAX;
}

enum sc_err journal_read(int dirfd, size_t size, uint64_t from, journal_entry_fn *fn, void *arg,
    uint64_t *end, struct sc_diag *d)
{
	struct replay r = { .size = size, .next = from, .fn = fn, .arg = arg, .d = d };
	enum sc_err err = SC_OK;
	unsigned older;

	*end = from;
	for (unsigned i = 0; i < JOURNAL_SEGMENTS && err == SC_OK; i++)
		err = load(dirfd, i, &r);
	if (err != SC_OK)
		goto out;
	/* the older segment first */
	older = first_of(&r, 1) < first_of(&r, 0) ? 1 : 0;
	if ((err = follow(&r, older)) != SC_OK || (err = follow(&r, 1 - older)) != SC_OK)
		goto out;
	for (unsigned i = 0; i < JOURNAL_SEGMENTS && err == SC_OK; i++)
		err = check_unreached(&r, i);
	*end = r.next;
out:
	for (unsigned i = 0; i < JOURNAL_SEGMENTS; i++)
		free(r.seg[i]);
	return err;
}
