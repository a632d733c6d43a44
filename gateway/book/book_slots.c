/*
 * book_slots.c - which slot a new binding gets.
 *
 * Extensions are drawn uniformly, so that a slot tells nothing of when it was
 * given and one that was guessed nothing of the next; an X is the better of
 * two draws by what is free, which keeps lines equally full (Mitzenmacher
 * 1996). Only when draws have missed often is the row walked, from a random
 * place: so what is exhausted is known exactly, and never guessed.
 */
#include "gateway/book/book_private.h"

#include "crypto/prim/random.h"

#define LINE_DRAWS 16
#define EXT_DRAWS 128

/* ---- draws ---------------------------------------------------------------------------- */

static uint32_t random_word(struct phone_book *b)
{
	struct book_random *r = &b->random;

	if (r->left == 0) {
		random_bytes(r->v, sizeof(r->v));
		r->left = sizeof(r->v) / sizeof(r->v[0]);
	}
	return r->v[--r->left];
}

/* Words past the last whole multiple of N are drawn again, or small numbers were likelier. */
uint32_t book_draw(struct phone_book *b, uint32_t n)
{
	const uint64_t limit = (UINT64_C(1) << 32) / n * n;
	uint32_t word;

	do
		word = random_word(b);
	while (word >= limit);
	return word % n;
}

/* All digits alike, or each one more or one less than the one before: 0000, 1234, 4321. */
bool book_ext_guessable(uint32_t ext, unsigned digits)
{
	int step = (int)(ext / 10 % 10) - (int)(ext % 10);

	if (step < -1 || step > 1)
		return false;
	for (unsigned i = 1; i < digits; i++, ext /= 10)
		if ((int)(ext / 10 % 10) - (int)(ext % 10) != step)
			return false;
	return true;
}

/* Ten alike; runs may begin wherever all their digits fit, up and down. */
unsigned book_ext_guessables(unsigned digits)
{
	return 10 + 2 * (11 - digits);
}

static uint32_t draw_ext(struct phone_book *b, uint32_t line)
{
	uint16_t pool = b->settings->lines[line].pool;
	uint32_t span = b->pools[pool].span, ext;
	unsigned digits = b->settings->pools[pool].ext_digits;

	for (unsigned i = 0; i < EXT_DRAWS; i++) {
		ext = book_draw(b, span);
		if (!book_ext_guessable(ext, digits) && book_slot_find(b, line, ext) == BOOK_NONE)
			return ext;
	}
	for (ext = book_draw(b, span);
	     book_ext_guessable(ext, digits) || book_slot_find(b, line, ext) != BOOK_NONE;)
		ext = (ext + 1) % span;
	return ext;
}

static uint32_t draw_line(struct phone_book *b, const struct book_group *g)
{
	return b->active[g->first + book_draw(b, g->n)];
}

/* A line of G with a free slot; there is one. */
static uint32_t choose_line(struct phone_book *b, const struct book_group *g)
{
	uint32_t from;

	for (unsigned i = 0; i < LINE_DRAWS; i++) {
		uint32_t x = draw_line(b, g), y = draw_line(b, g);

		if (book_line_free(b, x) < book_line_free(b, y))
			x = y;
		if (book_line_free(b, x) != 0)
			return x;
	}
	from = book_draw(b, g->n);
	while (book_line_free(b, b->active[g->first + from]) == 0)
		from = (from + 1) % g->n;
	return b->active[g->first + from];
}

/* ---- a slot in a group of lines -------------------------------------------------------- */

/* True when there is one. */
typedef bool choose_fn(struct phone_book *b, const struct book_group *g,
    const struct book_wanted *w, uint32_t *line, uint32_t *ext);

static bool choose_any(struct phone_book *b, const struct book_group *g,
    const struct book_wanted *w, uint32_t *line, uint32_t *ext)
{
	if (g->free == 0)
		return false;
	*line = choose_line(b, g);
	*ext = b->settings->pools[w->pool].mode == PHONE_AXE ? draw_ext(b, *line) : BOOK_EXT_NONE;
	return true;
}

static bool choose_ext(struct phone_book *b, const struct book_group *g,
    const struct book_wanted *w, uint32_t *line, uint32_t *ext)
{
	uint32_t from = book_draw(b, g->n);

	*ext = w->ext;
	for (uint32_t i = 0; i < g->n; i++) {
		*line = b->active[g->first + (from + i) % g->n];
		if (book_slot_find(b, *line, w->ext) == BOOK_NONE)
			return true;
	}
	return false;
}

bool book_pair_fits(const struct phone_book *b, uint32_t line, uint64_t a, uint64_t b_party,
    uint32_t but)
{
	int side;
	uint32_t with_a = book_party_find(b, line, a, &side);
	uint32_t with_b = book_party_find(b, line, b_party, &side);

	return (with_a == BOOK_NONE || with_a == but) && (with_b == BOOK_NONE || with_b == but);
}

static bool choose_pair(struct phone_book *b, const struct book_group *g,
    const struct book_wanted *w, uint32_t *line, uint32_t *ext)
{
	uint32_t from = book_draw(b, g->n);

	*ext = BOOK_EXT_NONE;
	for (uint32_t i = 0; i < g->n; i++) {
		*line = b->active[g->first + (from + i) % g->n];
		if (book_pair_fits(b, *line, w->a_party, w->b_party, BOOK_NONE))
			return true;
	}
	return false;
}

/* ---- what was wanted ---------------------------------------------------------------------- */

/* In the region; when the pool is loose, and there is none, anywhere. */
static bool choose_region(struct phone_book *b, const struct book_wanted *w, choose_fn *choose,
    uint32_t *line, uint32_t *ext)
{
	const struct book_group *all = &b->pools[w->pool].all;
	const struct book_group *g = book_group_find(b, w->pool, w->region);

	if (g != NULL && g->n != 0 && choose(b, g, w, line, ext))
		return true;
	return g != all && b->settings->pools[w->pool].loose && all->n != 0 &&
	    choose(b, all, w, line, ext);
}

static bool choose_named(struct phone_book *b, const struct book_wanted *w, choose_fn *choose,
    uint32_t *line, uint32_t *ext)
{
	const struct book_group only = { .first = b->lines[w->line].rank,
		.n = 1,
		.free = book_line_free(b, w->line) };

	return choose(b, &only, w, line, ext);
}

/* Is the line that was named one of this pool's, to which something can be bound? */
static bool line_serves(const struct phone_book *b, const struct book_wanted *w)
{
	return w->line < b->settings->n_lines && b->settings->lines[w->line].pool == w->pool &&
	    b->lines[w->line].group != BOOK_NONE;
}

void book_slot_choose(struct phone_book *b, const struct book_wanted *w, uint32_t *line,
    uint32_t *ext, enum book_bound *how)
{
	const struct phone_pool *set = &b->settings->pools[w->pool];
	bool pair = set->mode == PHONE_AXB, any_line = w->line == PHONE_NO_LINE;
	bool any_ext = set->mode != PHONE_AXE || w->ext == PHONE_NO_EXT;
	choose_fn *choose = pair ? choose_pair : any_ext ? choose_any : choose_ext;

	*how = BOOK_EXHAUSTED;
	if (!any_line && !line_serves(b, w))
		return;
	if (!any_line || !any_ext)
		*how = pair ? BOOK_CONFLICT : BOOK_EXT_TAKEN;
	if (!any_ext &&
	    (w->ext >= b->pools[w->pool].span || book_ext_guessable(w->ext, set->ext_digits)))
		return;
	if (any_line ? choose_region(b, w, choose, line, ext) :
		       choose_named(b, w, choose, line, ext))
		*how = BOOK_NEW;
}
