/*
 * memory_search.c - /proc/PID/smaps for the mappings, /proc/PID/mem for the bytes.
 */
#include "unit/crypto/memory_search.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STARTS = 1 << 16, CHUNK = 1 << 20 };

void search_init(struct memory_search *s)
{
	*s = (struct memory_search){ .n = 0 };
	if ((s->first = calloc(STARTS, sizeof(*s->first))) == NULL)
		abort();
}

void search_fini(struct memory_search *s)
{
	free(s->first);
	free(s->v);
	*s = (struct memory_search){ .n = 0 };
}

static uint16_t start_of(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

void search_add(struct memory_search *s, const char *name, const void *key, size_t n)
{
	const uint8_t *p = key;

	for (; n >= SEARCH_PIECE; n -= SEARCH_PIECE, p += SEARCH_PIECE) {
		struct search_needle *v = s->v;

		if (s->n == s->cap) {
			s->cap = s->cap * 2 + 64;
			if ((v = realloc(s->v, s->cap * sizeof(*v))) == NULL)
				abort();
			s->v = v;
		}
		v = &s->v[s->n++];
		*v = (struct search_needle){ .inside = 0 };
		snprintf(v->name, sizeof(v->name), "%s", name);
		memcpy(v->b, p, SEARCH_PIECE);
		v->next = s->first[start_of(p)];
		s->first[start_of(p)] = (uint32_t)s->n; /* one more than its place */
	}
}

struct mapping {
	unsigned long from, to;
	char what[200]; /* its line */
	bool kept;      /* locked and not dumped */
};

static void found(struct memory_search *s, const uint8_t *p, const struct mapping *m,
    unsigned long at, bool say)
{
	for (uint32_t i = s->first[start_of(p)]; i != 0; i = s->v[i - 1].next) {
		struct search_needle *v = &s->v[i - 1];

		if (memcmp(v->b, p, SEARCH_PIECE) != 0)
			continue;
		v->inside += m->kept;
		v->outside += !m->kept;
		if (!m->kept && say)
			printf("# %s at +%lx of %s\n", v->name, at - m->from, m->what);
	}
}

/* N bytes at P stand at AT; the last SEARCH_PIECE - 1 are looked at again with what follows. */
static void look(struct memory_search *s, const uint8_t *p, size_t n, const struct mapping *m,
    unsigned long at, bool say)
{
	for (size_t i = 0; i + SEARCH_PIECE <= n; i++)
		if (s->first[start_of(p + i)] != 0)
			found(s, p + i, m, at + i, say);
}

static void look_through(struct memory_search *s, int mem, const struct mapping *m, bool say)
{
	static uint8_t buf[CHUNK];
	ssize_t got;

	for (unsigned long at = m->from; at < m->to; at += CHUNK - SEARCH_PIECE) {
		const size_t n = m->to - at < CHUNK ? m->to - at : CHUNK;

		/* the kernel's own pages do not let themselves be read */
		if ((got = pread(mem, buf, n, (off_t)at)) <= 0)
			break;
		s->bytes += (size_t)got;
		look(s, buf, (size_t)got, m, at, say);
		if ((size_t)got < n || n < CHUNK)
			break;
	}
	memset(buf, 0, sizeof(buf));
}

static bool open_both(pid_t pid, FILE **smaps, int *mem)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	if ((*mem = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	if ((*smaps = fopen(path, "re")) != NULL)
		return true;
	close(*mem);
	return false;
}

bool search_run(struct memory_search *s, pid_t pid, bool say)
{
	struct mapping m = { .from = 0 };
	unsigned long from, to;
	char line[512];
	FILE *smaps;
	int mem;

	s->bytes = 0;
	for (size_t i = 0; i < s->n; i++)
		s->v[i].inside = s->v[i].outside = 0;
	if (!open_both(pid, &smaps, &mem))
		return false;
	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
			m.from = from;
			m.to = to;
			line[strcspn(line, "\n")] = '\0';
			snprintf(m.what, sizeof(m.what), "%.199s", line);
		} else if (strncmp(line, "VmFlags:", 8) == 0) {
			m.kept = strstr(line, " lo") != NULL && strstr(line, " dd") != NULL;
			look_through(s, mem, &m, say);
		}
	}
	fclose(smaps);
	close(mem);
	return s->bytes > 0;
}

static unsigned count(const struct memory_search *s, const char *prefix, bool inside)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->v[i].name, prefix, strlen(prefix)) == 0)
			n += inside ? s->v[i].inside : s->v[i].outside;
	return n;
}

unsigned search_inside(const struct memory_search *s, const char *prefix)
{
	return count(s, prefix, true);
}

unsigned search_outside(const struct memory_search *s, const char *prefix)
{
	return count(s, prefix, false);
}
