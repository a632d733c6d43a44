/*
 * phone_model.c - the book once more, as plainly as can be.
 */
#include "phone_model.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t latest(const struct phone_now *now)
{
	return later(now->wall, now->steady);
}

static const struct phone_pool *set_of(const struct phone_model *m, const struct model_binding *x)
{
	return &m->settings->pools[x->pool];
}

/* By its digits as people write them. */
bool model_guessable(uint32_t ext, unsigned digits)
{
	bool alike = true, up = true, down = true;
	char s[16];

	snprintf(s, sizeof(s), "%0*u", (int)digits, ext);
	for (size_t i = 1; s[i] != '\0'; i++) {
		alike = alike && s[i] == s[i - 1];
		up = up && s[i] == s[i - 1] + 1;
		down = down && s[i] == s[i - 1] - 1;
	}
	return alike || up || down;
}

static uint32_t span_of(const struct phone_pool *p)
{
	uint32_t span = 1;

	for (unsigned i = 0; p->mode == PHONE_AXE && i < p->ext_digits; i++)
		span *= 10;
	return span;
}

void model_init(struct phone_model *m, const struct phone_settings *settings)
{
	memset(m, 0, sizeof(*m));
	m->settings = settings;
	for (size_t i = 0; i < settings->n_pools; i++) {
		const struct phone_pool *p = &settings->pools[i];

		m->slots[i] = p->mode == PHONE_AXE ? 0 : 1;
		for (uint32_t e = 0; p->mode == PHONE_AXE && e < span_of(p); e++)
			m->slots[i] += !model_guessable(e, p->ext_digits);
	}
}

struct model_binding *model_add(struct phone_model *m)
{
	size_t i = 0;

	while (i < m->n && m->v[i].used)
		i++;
	if (i == MODEL_MAX)
		exit(1);
	if (i == m->n)
		m->n++;
	memset(&m->v[i], 0, sizeof(m->v[i]));
	m->v[i].used = true;
	m->v[i].was = -1;
	return &m->v[i];
}

struct model_binding *model_find(struct phone_model *m, uint32_t at)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].used && m->v[i].at == at)
			return &m->v[i];
	return NULL;
}

/* ---- times --------------------------------------------------------------------------------- */

bool model_live(const struct model_binding *x, const struct phone_now *now)
{
	return x->state == BOOK_LIVE && latest(now) < x->expires_at;
}

static uint64_t give_up(const struct phone_model *m, const struct model_binding *x)
{
	return x->began_at + set_of(m, x)->max_call_s + 300;
}

/* Is somebody talking, or could be? */
static bool talking(const struct phone_model *m, const struct model_binding *x,
    const struct phone_now *now)
{
	return x->last_call_at > latest(now) ||
	    ((x->under_way != 0 || x->began_at > x->last_call_at) && give_up(m, x) > latest(now));
}

uint64_t model_cools_until(const struct phone_model *m, const struct model_binding *x)
{
	uint64_t until = later(later(x->expires_at, x->ended_at), x->last_call_at);

	if (x->under_way != 0 || x->began_at > x->last_call_at)
		until = later(until, give_up(m, x));
	return until + set_of(m, x)->cooldown_s;
}

/* ---- binding ------------------------------------------------------------------------------- */

static bool holds_slot(const struct model_binding *x)
{
	return x->used && x->state != MODEL_TAKEN_BACK;
}

static bool active(const struct phone_model *m, uint32_t line)
{
	return m->settings->lines[line].state == PHONE_LINE_ACTIVE;
}

bool model_has_order(const struct model_binding *x, uint32_t order)
{
	for (size_t i = 0; i < x->n_orders; i++)
		if (x->orders[i].order == order)
			return true;
	return false;
}

void model_order_drop(struct model_binding *x, uint32_t order)
{
	x->refs -= x->refs != 0;
	for (size_t i = 0; i < x->n_orders && x->n_orders > 1; i++)
		if (x->orders[i].order == order) {
			memmove(&x->orders[i], &x->orders[i + 1],
			    (--x->n_orders - i) * sizeof(x->orders[0]));
			return;
		}
}

static bool in_ladder(const struct phone_model *m, uint16_t from, uint16_t to)
{
	for (size_t i = 0; i < 8 && from != PHONE_NO_POOL;
	     i++, from = m->settings->pools[from].next)
		if (from == to)
			return true;
	return false;
}

static bool same_person(uint32_t x, uint64_t x_party, uint32_t y, uint64_t y_party)
{
	return x == y || (x_party != 0 && x_party == y_party);
}

static bool rests(const struct model_binding *x, const struct phone_now *now)
{
	return x->used && (model_live(x, now) || (x->state == BOOK_PENDING && x->ended_at == 0));
}

static bool is_same(const struct phone_model *m, const struct phone_now *now,
    const struct model_binding *x, const struct model_wanted *w)
{
	return rests(x, now) && model_has_order(x, w->order) && in_ladder(m, w->pool, x->pool) &&
	    same_person(x->a, x->a_party, w->a, w->a_party) &&
	    (set_of(m, x)->mode != PHONE_AXB || same_person(x->b, x->b_party, w->b, w->b_party));
}

static bool is_shared(const struct phone_model *m, const struct phone_now *now,
    const struct model_binding *x, const struct model_wanted *w)
{
	return rests(x, now) && m->settings->pools[w->pool].mode == PHONE_AXB &&
	    x->pool == w->pool && x->a_party == w->a_party && x->b_party == w->b_party &&
	    (w->line == PHONE_NO_LINE || w->line == x->line);
}

/* Is neither of the two joined to anybody at LINE, but for X itself? */
static bool pair_fits(const struct phone_model *m, uint32_t line, uint64_t a, uint64_t b,
    const struct model_binding *but)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct model_binding *x = &m->v[i];

		if (x != but && holds_slot(x) && x->line == line &&
		    (x->a_party == a || x->a_party == b || x->b_party == a || x->b_party == b))
			return false;
	}
	return true;
}

static bool region_ok(const struct phone_model *m, const char *region, uint32_t line)
{
	return region[0] == '\0' || strcmp(region, m->settings->lines[line].region.s) == 0;
}

static bool is_again(const struct phone_model *m, const struct phone_now *now,
    const struct model_binding *x, const struct model_wanted *w)
{
	const struct phone_pool *p = &m->settings->pools[w->pool];

	if (!x->used || x->state != BOOK_COOLING || talking(m, x, now) || x->pool != w->pool ||
	    x->a != w->a || !active(m, x->line) ||
	    (w->line != PHONE_NO_LINE && w->line != x->line) ||
	    (!p->loose && !region_ok(m, w->region, x->line)))
		return false;
	if (p->mode == PHONE_AXE)
		return w->ext == PHONE_NO_EXT || w->ext == x->ext;
	return p->mode == PHONE_AXN ||
	    (x->b == w->b && pair_fits(m, x->line, w->a_party, w->b_party, x));
}

bool model_slot_ok(const struct phone_model *m, const struct model_wanted *w, uint32_t line,
    uint32_t ext)
{
	const struct phone_pool *p = &m->settings->pools[w->pool];

	if (m->settings->lines[line].pool != w->pool || !active(m, line) ||
	    (w->line != PHONE_NO_LINE && w->line != line))
		return false;
	if (p->mode == PHONE_AXB)
		return ext == PHONE_NO_EXT && pair_fits(m, line, w->a_party, w->b_party, NULL);
	if (p->mode == PHONE_AXE &&
	    (ext >= span_of(p) || model_guessable(ext, p->ext_digits) ||
		(w->ext != PHONE_NO_EXT && w->ext != ext)))
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (holds_slot(&m->v[i]) && m->v[i].line == line && m->v[i].ext == ext)
			return false;
	return true;
}

/* Of those that are drawn. */
static uint32_t free_at(const struct phone_model *m, uint32_t line)
{
	const struct phone_line *l = &m->settings->lines[line];
	const struct phone_pool *p = &m->settings->pools[l->pool];
	uint32_t taken = 0;

	if (!active(m, line))
		return 0;
	for (size_t i = 0; i < m->n; i++)
		taken += holds_slot(&m->v[i]) && m->v[i].line == line &&
		    (p->mode != PHONE_AXE || !model_guessable(m->v[i].ext, p->ext_digits));
	return taken < m->slots[l->pool] ? m->slots[l->pool] - taken : 0;
}

/* Is there any slot for W at LINE? */
static bool line_has(const struct phone_model *m, const struct model_wanted *w, uint32_t line)
{
	const struct phone_pool *p = &m->settings->pools[w->pool];

	if (p->mode == PHONE_AXE && w->ext == PHONE_NO_EXT)
		return m->settings->lines[line].pool == w->pool && active(m, line) &&
		    (w->line == PHONE_NO_LINE || w->line == line) && free_at(m, line) != 0;
	return model_slot_ok(m, w, line, p->mode == PHONE_AXE ? w->ext : PHONE_NO_EXT);
}

static bool pool_has(const struct phone_model *m, const struct model_wanted *w)
{
	bool anywhere = m->settings->pools[w->pool].loose || w->line != PHONE_NO_LINE;

	for (uint32_t i = 0; i < m->settings->n_lines; i++)
		if ((anywhere || region_ok(m, w->region, i)) && line_has(m, w, i))
			return true;
	return false;
}

static enum book_bound bind_fresh(const struct phone_model *m, const struct model_wanted *w)
{
	const struct phone_pool *p = &m->settings->pools[w->pool];
	bool any_ext = p->mode != PHONE_AXE || w->ext == PHONE_NO_EXT;

	if (p->mode == PHONE_AXB && w->a_party == w->b_party)
		return BOOK_CONFLICT;
	if (pool_has(m, w))
		return BOOK_NEW;
	if (w->line != PHONE_NO_LINE &&
	    (w->line >= m->settings->n_lines || m->settings->lines[w->line].pool != w->pool ||
		!active(m, w->line)))
		return BOOK_EXHAUSTED;
	if (w->line == PHONE_NO_LINE && any_ext)
		return BOOK_EXHAUSTED;
	return p->mode == PHONE_AXB ? BOOK_CONFLICT : BOOK_EXT_TAKEN;
}

enum book_bound model_bind(const struct phone_model *m, const struct phone_now *now,
    const struct model_wanted *w, bool suits[static MODEL_MAX])
{
	bool same = false, shared = false, again = false;

	for (size_t i = 0; i < m->n; i++) {
		same = same || is_same(m, now, &m->v[i], w);
		shared = shared || is_shared(m, now, &m->v[i], w);
		again = again || is_again(m, now, &m->v[i], w);
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct model_binding *x = &m->v[i];

		suits[i] = same ? is_same(m, now, x, w) :
		    shared      ? is_shared(m, now, x, w) :
				  is_again(m, now, x, w);
	}
	return same ? BOOK_SAME : shared ? BOOK_SHARED : again ? BOOK_AGAIN : bind_fresh(m, w);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool was_caller(const struct model_binding *x, uint64_t caller)
{
	for (size_t i = 0; i < x->n_callers; i++)
		if (x->callers[i].party == caller)
			return true;
	return false;
}

static bool is_side(const struct model_binding *x, uint64_t caller)
{
	return x->a_party == caller || x->b_party == caller;
}

static bool busy(const struct phone_model *m, const struct model_binding *x,
    const struct phone_now *now, unsigned channel)
{
	const struct phone_pool *p = set_of(m, x);

	return (channel == PHONE_VOICE && x->under_way >= p->max_parallel && p->max_parallel != 0 &&
		   now->steady < give_up(m, x)) ||
	    (x->in_day >= p->max_calls_day && p->max_calls_day != 0 &&
		now->steady < x->day_from + STAGE_DAY);
}

static enum phone_answer judge(const struct phone_model *m, const struct model_binding *x,
    const struct phone_now *now, const struct book_call *c, unsigned direction)
{
	const struct phone_pool *p = set_of(m, x);
	bool somebody = c->caller != 0;
	bool open = (c->channel == PHONE_VOICE ? p->voice : p->sms) &&
	    (x->channels & c->channel) != 0 && (x->directions & direction) != 0;

	if (x->state == BOOK_PENDING)
		return PHONE_NOBODY;
	if (!model_live(x, now))
		return somebody &&
			(was_caller(x, c->caller) || (is_side(x, c->caller) && x->n_callers != 0)) ?
		    PHONE_LATE :
		    PHONE_NOBODY;
	if (!open)
		return somebody && (was_caller(x, c->caller) || is_side(x, c->caller)) ?
		    PHONE_ONE_WAY :
		    PHONE_NOBODY;
	return busy(m, x, now, c->channel) ? PHONE_BUSY : PHONE_CONNECT;
}

static bool may_call_back(const struct phone_model *m, const struct model_binding *x,
    const struct phone_now *now, const struct book_call *c)
{
	return x->used && x->line == c->line && model_live(x, now) && set_of(m, x)->callback &&
	    c->caller != 0 && x->a_party == c->caller && x->n_callers != 0 &&
	    x->callers[0].token != 0 && latest(now) < x->began_at + set_of(m, x)->callback_s;
}

static void route_back(const struct phone_model *m, const struct phone_now *now,
    const struct book_call *c, struct model_way *out)
{
	uint64_t last = 0;

	out->answer = PHONE_COLLECT;
	for (size_t i = 0; i < m->n; i++)
		if (may_call_back(m, &m->v[i], now, c))
			last = later(last, m->v[i].began_at);
	for (size_t i = 0; i < m->n; i++) {
		const struct model_binding *x = &m->v[i];

		if (may_call_back(m, x, now, c) && x->began_at == last) {
			out->suits[i] = true;
			out->callback = out->to_b = true;
			/* several of one second: whichever is found decides, the caller looks */
			out->answer = judge(m, x, now, c, PHONE_TO_B);
		}
	}
}

static void route_to(const struct phone_model *m, size_t i, const struct phone_now *now,
    const struct book_call *c, struct model_way *out)
{
	const struct model_binding *x = &m->v[i];

	out->to_b = set_of(m, x)->mode == PHONE_AXB && x->a_party == c->caller;
	out->answer = judge(m, x, now, c, out->to_b ? PHONE_TO_B : PHONE_TO_A);
	out->suits[i] = out->answer != PHONE_NOBODY;
}

void model_route(const struct phone_model *m, const struct phone_now *now,
    const struct book_call *c, struct model_way *out)
{
	const struct phone_settings *s = m->settings;
	uint8_t mode;

	memset(out, 0, sizeof(*out));
	out->answer = PHONE_NOBODY;
	if (c->line >= s->n_lines || s->lines[c->line].state == PHONE_LINE_SUSPENDED)
		return;
	mode = s->pools[s->lines[c->line].pool].mode;
	if (mode == PHONE_AXE && c->ext == PHONE_NO_EXT) {
		route_back(m, now, c, out);
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct model_binding *x = &m->v[i];

		if (holds_slot(x) && x->line == c->line &&
		    (mode == PHONE_AXB ? c->caller != 0 && is_side(x, c->caller) :
					 mode == PHONE_AXN || x->ext == c->ext))
			route_to(m, i, now, c, out);
	}
}

static uint32_t token_of(const struct phone_model *m, uint64_t party)
{
	size_t i = 0;

	while (m->told[i].party != party)
		i++;
	return m->told[i].token;
}

uint32_t model_to(const struct phone_model *m, const struct model_binding *x,
    const struct model_way *w)
{
	return w->callback ? token_of(m, x->callers[0].party) : w->to_b ? x->b : x->a;
}

bool model_knows(const struct phone_model *m, uint32_t line, uint64_t caller)
{
	for (size_t i = 0; i < m->n && caller != 0; i++)
		if (m->v[i].used && m->v[i].line == line && was_caller(&m->v[i], caller))
			return true;
	return false;
}

/* Only who may be called back has a token that is kept. */
static void tell(struct phone_model *m, const struct model_binding *x, const struct model_caller *c)
{
	size_t i = 0;

	if (set_of(m, x)->mode != PHONE_AXE || !set_of(m, x)->callback)
		return;
	while (i < m->n_told && m->told[i].party != c->party)
		i++;
	if (i == MODEL_PEOPLE)
		exit(1);
	m->n_told += i == m->n_told;
	m->told[i] = *c;
}

static void remember(struct phone_model *m, struct model_binding *x, const struct model_caller *c)
{
	size_t i = 0;

	tell(m, x, c);

	while (i < x->n_callers && x->callers[i].party != c->party)
		i++;
	if (i == x->n_callers && x->n_callers < 4)
		x->n_callers++;
	if (i == 4)
		i = 3;
	memmove(&x->callers[1], &x->callers[0], i * sizeof(x->callers[0]));
	x->callers[0] = *c;
}

void model_connected(struct phone_model *m, struct model_binding *x, const struct phone_now *now,
    uint64_t caller, uint32_t token, uint64_t to_party)
{
	const struct model_caller c = { caller, token, latest(now) };

	if (set_of(m, x)->mode != PHONE_AXB && caller == x->a_party)
		x->a_called_at = latest(now);
	else if (caller != 0)
		remember(m, x, &c);
	if (x->a_party == 0)
		x->a_party = to_party;
	if (now->steady >= give_up(m, x))
		x->under_way = 0;
	if (x->day_from == 0 || now->steady >= x->day_from + STAGE_DAY) {
		x->day_from = now->steady;
		x->in_day = 0;
	}
	x->under_way++;
	x->in_day++;
	x->began_at = latest(now);
}

void model_load_caller(struct phone_model *m, struct model_binding *x, const struct model_caller *c)
{
	if (x->b_party != 0 || c->party != x->a_party)
		remember(m, x, c);
	else
		x->a_called_at = later(x->a_called_at, c->seen_at);
	x->began_at = later(x->began_at, c->seen_at);
}

/* ---- counts ------------------------------------------------------------------------------------ */

void model_pool_stats(const struct phone_model *m, const struct phone_now *now, uint16_t pool,
    struct book_stats *out)
{
	uint64_t oldest = now->wall;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < m->settings->n_lines; i++)
		if (m->settings->lines[i].pool == pool && active(m, i)) {
			out->total += m->slots[pool];
			out->free += free_at(m, i);
		}
	for (size_t i = 0; i < m->n; i++) {
		const struct model_binding *x = &m->v[i];

		if (!x->used || x->pool != pool)
			continue;
		out->live += x->state == BOOK_LIVE || x->state == BOOK_PENDING;
		out->cooling += x->state == BOOK_COOLING || x->state == BOOK_RELEASING;
		if ((x->state == BOOK_LIVE || x->state == BOOK_PENDING) &&
		    x->made_at / 3600 * 3600 < oldest)
			oldest = x->made_at / 3600 * 3600;
		if (x->state == BOOK_COOLING &&
		    (out->next_release == 0 || model_cools_until(m, x) < out->next_release))
			out->next_release = model_cools_until(m, x);
	}
	out->oldest_s = now->wall - oldest;
}
