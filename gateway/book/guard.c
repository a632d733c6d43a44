/*
 * guard.c - how often extensions may be wrong: counts within an hour, and blocks.
 *
 * A caller has a count at each X and one everywhere, in a table of fixed size:
 * eight ways a set, the set by a hash that is keyed for this process. When a
 * set is full of counts that still matter, further callers share one: known
 * ones one, all others another, so that filling the table with made-up callers
 * closes the door for those who fill it. Past the budget of an X or a pool
 * nothing is written to the table at all.
 *
 * Time is the steady clock's: nobody shortens a block by setting the other.
 */
#include "gateway/book/guard.h"

#include "crypto/prim/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_S 3600u
#define SETS 16384u
#define WAYS 8u
#define EVERYWHERE UINT32_MAX /* in the place of a line */

/* Tries within an hour that have not been right. */
struct guard_count {
	uint64_t tag; /* of caller and line; nothing in the table has 0 */
	uint32_t from, misses;
	uint64_t until; /* blocked until then; 0: not */
};

/* Of an X or a pool. */
struct guard_budget {
	uint64_t from, misses;
	bool told; /* that it is used up */
};

struct phone_guard {
	const struct phone_settings *settings;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct guard_count table[SETS][WAYS];
	struct guard_count shared[2][2]; /* at one X, everywhere; unknown, known */
	struct guard_budget *lines, *pools;
	uint32_t *sizes; /* lines of each pool */
	bool alarm;
	uint32_t alarm_line;
};

enum sc_err guard_new(const struct phone_settings *settings, struct phone_guard **out)
{
	struct phone_guard *g = calloc(1, sizeof(*g));

	*out = NULL;
	if (g == NULL)
		return SC_NOMEM;
	g->settings = settings;
	random_bytes(g->key, sizeof(g->key));
	g->lines = calloc(settings->n_lines + 1, sizeof(g->lines[0]));
	g->pools = calloc(settings->n_pools + 1, sizeof(g->pools[0]));
	g->sizes = calloc(settings->n_pools + 1, sizeof(g->sizes[0]));
	if (g->lines == NULL || g->pools == NULL || g->sizes == NULL) {
		guard_free(g);
		return SC_NOMEM;
	}
	for (size_t i = 0; i < settings->n_lines; i++)
		if (settings->lines[i].pool < settings->n_pools)
			g->sizes[settings->lines[i].pool]++;
	*out = g;
	return SC_OK;
}

void guard_free(struct phone_guard *g)
{
	if (g == NULL)
		return;
	free(g->lines);
	free(g->pools);
	free(g->sizes);
	free(g);
}

/* ---- a caller's counts --------------------------------------------------------------- */

static uint64_t tag_of(const struct phone_guard *g, uint64_t caller, uint32_t line)
{
	const uint64_t key[] = { caller, line };
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t tag;

	crypto_shorthash(out, (const uint8_t *)key, sizeof(key), g->key);
	memcpy(&tag, out, sizeof(tag));
	return tag == 0 ? 1 : tag;
}

/* Does it still say something? */
static bool matters(const struct guard_count *c, uint64_t now)
{
	return c->until > now || (c->misses != 0 && now < (uint64_t)c->from + WINDOW_S);
}

/* The count of TAG in its set, or a place where it can begin; NULL: all of the set matter. */
static struct guard_count *place_of(struct phone_guard *g, uint64_t now, uint64_t tag)
{
	struct guard_count *set = g->table[tag % SETS], *place = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (!matters(&set[i], now))
			place = &set[i];
	}
	if (place != NULL)
		*place = (struct guard_count){ .tag = tag };
	return place;
}

/* The count of CALLER at LINE: its own, a place where one can begin, or the shared one. */
static struct guard_count *count_of(struct phone_guard *g, uint64_t now, const struct guard_try *t,
    uint32_t line)
{
	struct guard_count *c = place_of(g, now, tag_of(g, t->caller, line));

	if (c == NULL)
		c = &g->shared[t->known][line == EVERYWHERE];
	if (now >= (uint64_t)c->from + WINDOW_S) {
		c->from = (uint32_t)now;
		c->misses = 0;
	}
	return c;
}

static void alarm_at(struct phone_guard *g, uint32_t line)
{
	g->alarm = true;
	g->alarm_line = line;
}

/* May one more be compared? If not, and it was not so before, a block begins. */
static bool caller_may(struct phone_guard *g, uint64_t now, struct guard_count *c, uint32_t limit,
    uint32_t line)
{
	if (c->until > now)
		return false;
	if (c->misses < limit)
		return true;
	c->until = now + g->settings->guard.block_s;
	alarm_at(g, line);
	return false;
}

/* ---- budgets of all callers ----------------------------------------------------------- */

static struct guard_budget *fresh(struct guard_budget *b, uint64_t now)
{
	if (now >= b->from + WINDOW_S)
		*b = (struct guard_budget){ .from = now };
	return b;
}

/* Past it only known callers go on. */
static bool budget_may(struct phone_guard *g, struct guard_budget *b, uint64_t limit,
    const struct guard_try *t)
{
	if (b->misses < limit)
		return true;
	if (!b->told)
		alarm_at(g, t->line);
	b->told = true;
	return t->known;
}

/* ---- a try ------------------------------------------------------------------------------ */

/* What it is charged to. */
struct guard_charges {
	struct guard_budget *line, *pool;
	struct guard_count *here, *everywhere;
};

static bool is_line(const struct phone_guard *g, uint32_t line)
{
	return line < g->settings->n_lines && g->settings->lines[line].pool < g->settings->n_pools;
}

static void charges_of(struct phone_guard *g, uint64_t now, const struct guard_try *t,
    struct guard_charges *out)
{
	out->line = fresh(&g->lines[t->line], now);
	out->pool = fresh(&g->pools[g->settings->lines[t->line].pool], now);
}

bool guard_charge(struct phone_guard *g, const struct phone_now *now, const struct guard_try *t)
{
	const struct phone_guard_settings *s = &g->settings->guard;
	struct guard_charges c;
	uint64_t pool_limit;

	g->alarm = false;
	if (!is_line(g, t->line))
		return false;
	charges_of(g, now->steady, t, &c);
	pool_limit = (uint64_t)s->pool * g->sizes[g->settings->lines[t->line].pool];
	if (!budget_may(g, c.line, s->line, t) || !budget_may(g, c.pool, pool_limit, t))
		return false;
	c.here = count_of(g, now->steady, t, t->line);
	if (!caller_may(g, now->steady, c.here, s->caller_line, t->line))
		return false;
	/* before the next one looks for a place: this one is taken */
	c.here->misses++;
	c.everywhere = count_of(g, now->steady, t, EVERYWHERE);
	if (!caller_may(g, now->steady, c.everywhere, s->caller, t->line)) {
		c.here->misses--;
		return false;
	}
	c.everywhere->misses++;
	c.line->misses++;
	c.pool->misses++;
	return true;
}

/* A count whose window is over has forgotten the charge already. */
static void take_back(struct guard_count *c, uint64_t now)
{
	if (now < (uint64_t)c->from + WINDOW_S)
		c->misses -= c->misses != 0;
}

void guard_refund(struct phone_guard *g, const struct phone_now *now, const struct guard_try *t)
{
	struct guard_charges c;

	if (!is_line(g, t->line))
		return;
	charges_of(g, now->steady, t, &c);
	c.line->misses -= c.line->misses != 0;
	c.pool->misses -= c.pool->misses != 0;
	take_back(count_of(g, now->steady, t, t->line), now->steady);
	take_back(count_of(g, now->steady, t, EVERYWHERE), now->steady);
}

bool guard_alarm(struct phone_guard *g, uint32_t *line)
{
	bool alarm = g->alarm;

	*line = g->alarm_line;
	g->alarm = false;
	return alarm;
}
