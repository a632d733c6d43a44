/*
 * book_lines.c - the numbers of each pool by region, how many of their slots
 * are free, and what is told of that.
 *
 * Only active lines have free slots: one that is draining goes on being
 * routed, a suspended one is not, and to neither anything new is bound.
 */
#include "gateway/book/book_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- at the start -------------------------------------------------------------------- */

/* What sorts active lines: by pool, then by region, then as in the file. */
static int compare_lines(const void *x, const void *y, void *arg)
{
	const struct phone_line *lines = arg;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	int by_region = strcmp(lines[a].region.s, lines[b].region.s);

	if (lines[a].pool != lines[b].pool)
		return lines[a].pool < lines[b].pool ? -1 : 1;
	if (by_region != 0)
		return by_region;
	return a < b ? -1 : a > b;
}

static uint32_t sort_active(struct phone_book *b)
{
	const struct phone_settings *s = b->settings;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_lines; i++)
		if (s->lines[i].state == PHONE_LINE_ACTIVE && s->lines[i].pool < s->n_pools)
			b->active[n++] = i;
	qsort_r(b->active, n, sizeof(b->active[0]), compare_lines, s->lines);
	return n;
}

/* The line at I of book.active begins, or goes on with, a group of its pool. */
static void group_line(struct phone_book *b, uint32_t i, uint32_t *n_groups)
{
	uint32_t line = b->active[i];
	const char *region = b->settings->lines[line].region.s;
	struct book_pool *p = &b->pools[b->settings->lines[line].pool];
	struct book_group *g = &b->groups[*n_groups];

	if (p->all.n == 0) {
		p->all.first = i;
		p->first_group = *n_groups;
	}
	if (p->all.n != 0 && strcmp(g[-1].region, region) == 0) {
		g--;
	} else {
		*g = (struct book_group){ .region = region, .first = i };
		p->n_groups++;
		++*n_groups;
	}
	b->lines[line].group = (uint32_t)(g - b->groups);
	b->lines[line].rank = i;
	g->n++;
	g->free += p->slots;
	p->all.n++;
	p->all.free += p->slots;
}

static void measure_pool(const struct phone_pool *set, struct book_pool *p)
{
	p->span = p->slots = 1;
	if (set->mode != PHONE_AXE)
		return;
	for (unsigned i = 0; i < set->ext_digits; i++)
		p->span *= 10;
	p->slots = p->span - book_ext_guessables(set->ext_digits);
}

enum sc_err book_lines_init(struct phone_book *b)
{
	const struct phone_settings *s = b->settings;
	size_t n = s->n_lines + 1, n_pools = s->n_pools + 1;
	uint32_t n_active, n_groups = 0;

	b->lines = calloc(n, sizeof(b->lines[0]));
	b->pools = calloc(n_pools, sizeof(b->pools[0]));
	b->active = calloc(n, sizeof(b->active[0]));
	b->groups = calloc(n, sizeof(b->groups[0]));
	if (b->lines == NULL || b->pools == NULL || b->active == NULL || b->groups == NULL)
		return SC_NOMEM;
	b->fixed = n * (sizeof(b->lines[0]) + sizeof(b->active[0]) + sizeof(b->groups[0])) +
	    n_pools * sizeof(b->pools[0]);
	for (uint32_t i = 0; i < s->n_lines; i++) {
		b->lines[i].group = BOOK_NONE;
		book_link(b, BY_NUMBER, i);
	}
	for (size_t i = 0; i < s->n_pools; i++)
		measure_pool(&s->pools[i], &b->pools[i]);
	n_active = sort_active(b);
	for (uint32_t i = 0; i < n_active; i++)
		group_line(b, i, &n_groups);
	return SC_OK;
}

void book_lines_fini(struct phone_book *b)
{
	for (size_t i = 0; b->pools != NULL && i < b->settings->n_pools; i++) {
		book_due_fini(b, (uint16_t)i);
		free(b->pools[i].hours.v);
	}
	free(b->lines);
	free(b->pools);
	free(b->active);
	free(b->groups);
}

const struct book_group *book_group_find(const struct phone_book *b, uint16_t pool,
    const struct sc_name *region)
{
	const struct book_pool *p = &b->pools[pool];
	const struct book_group *g = &b->groups[p->first_group];

	if (region == NULL || region->s[0] == '\0')
		return &p->all;
	for (uint32_t i = 0; i < p->n_groups; i++)
		if (strcmp(g[i].region, region->s) == 0)
			return &g[i];
	return NULL;
}

/* ---- how much is free ------------------------------------------------------------------- */

/* Of a line that things are bound to. A line of pairs is free when nobody is joined there. */
static uint64_t free_of(const struct phone_book *b, uint32_t line)
{
	const struct phone_line *set = &b->settings->lines[line];
	uint32_t taken = b->lines[line].taken, slots = b->pools[set->pool].slots;

	return taken < slots ? slots - taken : 0;
}

uint64_t book_line_free(const struct phone_book *b, uint32_t line)
{
	return b->lines[line].group == BOOK_NONE ? 0 : free_of(b, line);
}

/* One that was loaded may stand where nothing is drawn: it takes none of what is free. */
static bool is_drawable(const struct phone_book *b, const struct book_binding *bd)
{
	const struct phone_pool *set = book_pool_set(b, bd);

	return set->mode != PHONE_AXE ||
	    (bd->ext < b->pools[book_pool_of(b, bd)].span &&
		!book_ext_guessable(bd->ext, set->ext_digits));
}

void book_line_take(struct phone_book *b, uint32_t at, int by)
{
	const struct book_binding *bd = book_at(b, at);
	struct book_line *l = &b->lines[bd->line];
	uint64_t before = book_line_free(b, bd->line), change;

	if (!is_drawable(b, bd))
		return;
	l->taken += (uint32_t)by;
	if (l->group == BOOK_NONE)
		return;
	change = book_line_free(b, bd->line) - before;
	b->groups[l->group].free += change;
	b->pools[book_pool_of(b, bd)].all.free += change;
}

/* ---- what is told of it ------------------------------------------------------------------ */

static uint64_t first_release(const struct book_heap *h)
{
	return h->n == 0 ? 0 : h->chunks[0][0].due;
}

void book_pool_stats(const struct phone_book *b, const struct phone_now *now, uint16_t pool,
    struct book_stats *out)
{
	const struct book_pool *p = &b->pools[pool];

	*out = (struct book_stats){
		.total = (uint64_t)p->all.n * p->slots,
		.live = p->live,
		.cooling = p->cooling,
		.free = p->all.free,
		.next_release = first_release(&p->due[1]),
		.oldest_s = now->wall - book_hours_oldest(&p->hours, now->wall),
	};
}

void book_line_stats(const struct phone_book *b, uint32_t line, struct book_stats *out)
{
	const struct book_line *l = &b->lines[line];

	*out = (struct book_stats){
		.total = l->group == BOOK_NONE ? 0 : b->pools[b->settings->lines[line].pool].slots,
		.live = l->live,
		.cooling = l->cooling,
		.free = book_line_free(b, line),
	};
}
