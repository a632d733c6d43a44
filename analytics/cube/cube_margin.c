/*
 * cube_margin.c - the people of any set of cells, each counted once.
 *
 * Where nobody can be in two cells, sums do. Elsewhere each cell keeps who is in it, and
 * a union is read through once, with a mark on everybody who was met.
 */
#include "analytics/cube/cube_private.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

enum sc_err margin_init(struct cube_margin *m, size_t n_a, size_t n_b, bool disjoint)
{
	const size_t n = n_a * n_b;

	*m = (struct cube_margin){ .n_a = n_a,
		.n_b = n_b,
		.disjoint = disjoint,
		.step = 1,
		.cap_cents = UINT64_MAX };
	if (disjoint)
		m->cells = calloc(n, sizeof(*m->cells));
	else
		m->last = calloc(n, sizeof(*m->last));
	m->start = calloc(n + 1, sizeof(*m->start));
	if (m->start == NULL || (disjoint ? (void *)m->cells : (void *)m->last) == NULL) {
		margin_fini(m);
		return SC_NOMEM;
	}
	return SC_OK;
}

void margin_fini(struct cube_margin *m)
{
	free(m->cells);
	free(m->v);
	free(m->last);
	free(m->start);
	memset(m, 0, sizeof(*m));
}

void margin_clear(struct cube_margin *m)
{
	m->n = 0;
	if (m->disjoint)
		memset(m->cells, 0, m->n_a * m->n_b * sizeof(*m->cells));
	else
		memset(m->last, 0, m->n_a * m->n_b * sizeof(*m->last));
}

static uint32_t up_to_most(uint64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

enum sc_err margin_add(struct cube_margin *m, size_t cell, uint32_t person, uint32_t n,
    uint64_t spend)
{
	struct cube_entry *e = m->last[cell] == 0 ? NULL : &m->v[m->last[cell] - 1];

	if (e != NULL && e->person == person) {
		e->n = m->adds ? e->n + n : e->n | n;
		e->spend = up_to_most(e->spend + spend);
		return SC_OK;
	}
	if (m->n == m->cap) {
		const size_t cap = sc_grown(m->cap);
		struct cube_entry *v = cap > UINT32_MAX ? NULL :
							  reallocarray(m->v, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct cube_entry){ (uint32_t)cell, person, n, up_to_most(spend) };
	m->last[cell] = (uint32_t)m->n;
	return SC_OK;
}

/* One person's CENTS come to S. */
static void count_cents(struct cube_stats *s, uint64_t cents)
{
	s->revenue += cents;
	if (cents > s->top) {
		s->second = s->top;
		s->top = cents;
	} else if (cents > s->second) {
		s->second = cents;
	}
}

void margin_count(struct cube_margin *m, size_t cell, uint64_t n)
{
	m->cells[cell].people += n;
}

void margin_count_buyer(struct cube_margin *m, size_t cell, uint64_t orders, uint64_t cents)
{
	m->cells[cell].buyers++;
	m->cells[cell].orders += orders;
	count_cents(&m->cells[cell], cents);
}

/* Entries by cell, those of a cell as they came. */
enum sc_err margin_close(struct cube_margin *m)
{
	const size_t n_cells = m->n_a * m->n_b;
	struct cube_entry *v = NULL;
	uint32_t sum = 0;

	if (m->disjoint)
		return SC_OK;
	if ((v = calloc(m->n + 1, sizeof(*v))) == NULL)
		return SC_NOMEM;
	memset(m->start, 0, (n_cells + 1) * sizeof(*m->start));
	for (size_t i = 0; i < m->n; i++)
		m->start[m->v[i].cell]++;
	for (size_t i = 0; i <= n_cells; i++) {
		const uint32_t n = m->start[i];

		m->start[i] = sum;
		sum += n;
	}
	memcpy(m->last, m->start, n_cells * sizeof(*m->last));
	for (size_t i = 0; i < m->n; i++)
		v[m->last[m->v[i].cell]++] = m->v[i];
	free(m->v);
	m->v = v;
	m->cap = m->n + 1;
	return SC_OK;
}

uint64_t margin_cents(const struct cube_margin *m, uint64_t spend)
{
	const uint64_t cents = spend * m->step;

	return cents < m->cap_cents ? cents : m->cap_cents;
}

static size_t meet(struct cube *c, const struct cube_margin *m, size_t cell, size_t touched)
{
	for (uint32_t i = m->start[cell]; i < m->start[cell + 1]; i++) {
		const struct cube_entry *e = &m->v[i];
		struct cube_sum *s = &c->sums[e->person];

		if (s->stamp != c->stamp) {
			*s = (struct cube_sum){ .stamp = c->stamp };
			c->touched[touched++] = e->person;
		}
		s->n = m->adds ? s->n + e->n : s->n | e->n;
		s->spend += e->spend;
	}
	return touched;
}

static void sum_up(const struct cube *c, const struct cube_margin *m, size_t touched,
    struct cube_stats *out)
{
	*out = (struct cube_stats){ .people = touched };
	for (size_t i = 0; i < touched; i++) {
		const struct cube_sum *s = &c->sums[c->touched[i]];

		out->buyers += s->n != 0;
		out->lines += m->adds ? s->n : 0;
		out->orders += m->adds ? 0 : (uint64_t)__builtin_popcount(s->n);
		count_cents(out, margin_cents(m, s->spend));
	}
}

static void join(struct cube_stats *s, const struct cube_stats *o)
{
	const uint64_t revenue = s->revenue + o->revenue;

	s->people += o->people;
	s->buyers += o->buyers;
	s->orders += o->orders;
	count_cents(s, o->top);
	count_cents(s, o->second);
	s->revenue = revenue;
}

void margin_stats(struct cube *c, const struct cube_margin *m, const struct cube_rect *r,
    struct cube_stats *out)
{
	const size_t n_a = r->a == NULL ? m->n_a : r->n_a, n_b = r->b == NULL ? m->n_b : r->n_b;
	size_t touched = 0;

	*out = (struct cube_stats){ 0 };
	c->stamp++;
	for (size_t i = 0; i < n_a; i++) {
		for (size_t k = 0; k < n_b; k++) {
			const size_t cell = (r->a == NULL ? i : r->a[i]) * m->n_b +
			    (r->b == NULL ? k : r->b[k]);

			if (m->disjoint)
				join(out, &m->cells[cell]);
			else
				touched = meet(c, m, cell, touched);
		}
	}
	if (!m->disjoint)
		sum_up(c, m, touched, out);
}
