/*
 * recode_part.c - may these rows be a class, and what would help them to be one.
 */
#include "analytics/recode/recode_private.h"

#include <sodium.h>
#include <string.h>

static bool is_distinct(const struct recode_watch *w, const uint32_t *hist)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < w->n && n < w->rule.distinct; i++)
		n += hist[w->from + i] > 0;
	return n >= w->rule.distinct;
}

static bool is_mixed(const struct recode *r, const struct recode_watch *w, uint32_t rows,
    const uint32_t *hist)
{
	const uint64_t all = (uint64_t)rows * fixed_log2(&r->logs, rows);
	uint64_t sum = 0;

	for (uint16_t i = 0; i < w->n; i++)
		if (hist[w->from + i] > 0)
			sum += (uint64_t)hist[w->from + i] *
			    fixed_log2(&r->logs, hist[w->from + i]);
	return all >= sum + (uint64_t)rows * w->log_l;
}

/* Sum of |c N - C n|, or of its running sums where the values have an order. */
static uint64_t distance(const struct recode *r, const struct recode_watch *w, uint32_t rows,
    const uint32_t *hist)
{
	uint64_t sum = 0;
	int64_t run = 0;

	for (uint16_t i = w->from; i < w->from + w->n; i++) {
		const int64_t d = (int64_t)((uint64_t)hist[i] * r->all_rows) -
		    (int64_t)((uint64_t)r->all_hist[i] * rows);

		run = w->rule.ordered ? run + d : d;
		sum += (uint64_t)(run < 0 ? -run : run);
	}
	return sum;
}

static bool is_close(const struct recode *r, const struct recode_watch *w, uint32_t rows,
    const uint32_t *hist)
{
	const uint32_t by = w->rule.ordered ? (w->n > 1 ? w->n - 1u : 1) : 2;

	return (unsigned __int128)distance(r, w, rows, hist) * RELEASE_PPM <=
	    (unsigned __int128)rows * r->all_rows * by * w->rule.closeness_ppm;
}

static bool is_shared(const struct recode_watch *w, uint32_t rows, const uint32_t *hist)
{
	uint32_t most = 0;

	for (uint16_t i = w->from; i < w->from + w->n; i++)
		most = hist[i] > most ? hist[i] : most;
	return (uint64_t)most * RELEASE_PPM <= (uint64_t)rows * w->rule.share_ppm;
}

bool recode_watched(const struct recode *r, uint32_t rows, const uint32_t *hist)
{
	for (size_t i = 0; i < r->n_watch; i++) {
		const struct recode_watch *w = &r->watch[i];

		if ((w->rule.distinct > 1 && !is_distinct(w, hist)) ||
		    (w->rule.share_ppm > 0 && !is_shared(w, rows, hist)) ||
		    (w->rule.closeness_ppm > 0 && !is_close(r, w, rows, hist)) ||
		    (w->rule.entropy_milli > 0 && !is_mixed(r, w, rows, hist)))
			return false;
	}
	return true;
}

/* Rows of value SLOT that bring its share up to the whole table's. */
static uint32_t to_share(const struct recode *r, uint32_t rows, uint32_t have, uint32_t slot)
{
	const uint64_t all = r->all_rows, of = r->all_hist[slot];
	const uint64_t want = of * rows, is = (uint64_t)have * all;

	if (is >= want || of == all)
		return 0;
	return (uint32_t)((want - is + all - of - 1) / (all - of));
}

static uint32_t helps_one(const struct recode *r, const struct recode_watch *w,
    const struct recode_part *p, uint32_t slot)
{
	const uint32_t have = p->hist[slot];
	uint32_t most = 0;

	if (w->rule.distinct > 1 && have == 0 && !is_distinct(w, p->hist))
		return 1;
	if (w->rule.closeness_ppm > 0 && !is_close(r, w, p->rows, p->hist))
		return to_share(r, p->rows, have, slot);
	for (uint16_t i = w->from; i < w->from + w->n; i++)
		most = p->hist[i] > most ? p->hist[i] : most;
	if ((w->rule.share_ppm > 0 && !is_shared(w, p->rows, p->hist)) ||
	    (w->rule.entropy_milli > 0 && !is_mixed(r, w, p->rows, p->hist)))
		return most > have ? most - have : 0;
	return 0;
}

uint32_t recode_helps(const struct recode *r, const struct recode_part *p, uint32_t kind,
    uint32_t w)
{
	uint32_t most = 0;

	for (size_t i = 0; i < r->n_watch; i++) {
		const uint32_t n = helps_one(r, &r->watch[i], p, r->kinds[kind].slot[i]);

		most = n > most ? n : most;
	}
	return most < w ? most : w;
}

uint64_t recode_draw(const struct recode *r, const struct recode_part *p, uint64_t salt)
{
	uint8_t text[sizeof(p->box) + sizeof(salt) + sizeof(p->rows)], h[crypto_shorthash_BYTES];
	const size_t half = r->m * sizeof(int16_t);
	uint64_t out;

	memcpy(text, p->box.lo, half);
	memcpy(text + half, p->box.hi, half);
	memcpy(text + 2 * half, &salt, sizeof(salt));
	memcpy(text + 2 * half + sizeof(salt), &p->rows, sizeof(p->rows));
	crypto_shorthash(h, text, 2 * half + sizeof(salt) + sizeof(p->rows), r->set->key);
	memcpy(&out, h, sizeof(out));
	return out;
}
