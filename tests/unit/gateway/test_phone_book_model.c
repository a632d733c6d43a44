/*
 * test_phone_book_model.c - a million operations on the book and on a plain
 * array, side by side: bindings, calls, sweeps, clocks that jump, and crashes.
 *
 *	test_phone_book_model [SEED] [OPERATIONS]
 *
 * Besides both answering alike, what no formula is asked for is held as well: no two
 * are at one slot, what is given out is free, and between the last time that
 * somebody was reached by a slot and its release lies a cooldown, by a clock
 * that nobody sets. Slots are drawn by the kernel's generator, so a seed repeats the
 * questions and not quite the answers. Under a sanitizer it is a tenth of it.
 */
#include "base/sandbox.h"
#include "phone_model.h"
#include "tap.h"

#define PERSONS 60u
#define ORDERS 90u
#define WAITING_MAX 64

/* A write that was asked for and has not been answered. */
struct waiting {
	size_t i; /* of the model */
	uint8_t id[PHONE_ID_BYTES];
	enum book_bound how;
	uint32_t order;
};

static struct phone_stage t;
static struct phone_model m;
static struct waiting waiting[WAITING_MAX];
static size_t n_waiting;
static uint64_t truth; /* seconds by a clock that nobody sets */
static uint64_t seed, operations = SANDBOX_SANITIZED ? 100000 : 1000000, done, failed;
static uint64_t seen[BOOK_CONFLICT + 1], answered[PHONE_ANSWER_COUNT], released, crashes, jumps;

/* Say it once, and stop: what follows would only be an echo. */
#define HOLD(cond) \
	do { \
		if (!(cond) && failed++ == 0) \
			printf("# %s:%d: %s (seed %llu, operation %llu)\n", __FILE__, __LINE__, \
			    #cond, (unsigned long long)seed, (unsigned long long)done); \
	} while (0)

static uint32_t any(uint32_t n)
{
	static uint64_t s;

	if (s == 0)
		s = seed * 0x9e3779b97f4a7c15u + 1;
	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (uint32_t)((s >> 11) % n);
}

static bool once_in(uint32_t n)
{
	return any(n) == 0;
}

/* ---- the deployment ------------------------------------------------------------------------- */

static void set_lines(size_t from, const char *states, const char *regions)
{
	for (size_t i = 0; states[i] != '\0'; i++) {
		t.lines[from + i].state = (uint8_t)(states[i] - '0');
		t.lines[from + i].region.s[0] = regions[i] == '-' ? '\0' : regions[i];
	}
}

static void settle_in(void)
{
	stage_init(&t);
	/* two digits have 72 slots, so that pools run full */
	stage_pool(&t, PHONE_AXE, 2, 4);
	set_lines(0, "0012", "NSNN");
	stage_pool(&t, PHONE_AXE, 2, 1);
	stage_pool(&t, PHONE_AXB, 0, 4);
	set_lines(5, "0001", "NNSS");
	stage_pool(&t, PHONE_AXN, 0, 6);
	set_lines(9, "000002", "NNSS-N");
	stage_pool(&t, PHONE_AXE, 4, 2);
	t.pools[0].loose = t.pools[3].loose = true;
	t.pools[0].next = 1;
	t.pools[0].max_parallel = 2;
	t.pools[0].max_calls_day = 5;
	t.pools[1].callback = t.pools[1].sms = false;
	t.pools[1].cooldown_s = STAGE_DAY;
	t.pools[2].max_parallel = 1;
	model_init(&m, &t.settings);
	truth = t.now.steady;
	stage_open(&t);
}

static uint64_t late(void)
{
	return t.now.wall > t.now.steady ? t.now.wall : t.now.steady;
}

static uint64_t early(void)
{
	return t.now.wall < t.now.steady ? t.now.wall : t.now.steady;
}

static size_t any_of(void)
{
	for (size_t tries = 0; m.n != 0 && tries < 20; tries++) {
		size_t i = any((uint32_t)m.n);

		if (m.v[i].used)
			return i;
	}
	return MODEL_MAX;
}

/* A second token of the same person is sealed otherwise: persons from 1000 on. */
static uint64_t party_of(uint32_t token)
{
	return stage_party(token % 1000);
}

static uint32_t any_token(void)
{
	return 1 + any(PERSONS) + (once_in(10) ? 1000 : 0);
}

/* ---- binding ---------------------------------------------------------------------------------- */

static struct model_wanted any_wanted(void)
{
	static const char *const regions[] = { "", "", "N", "S", "Z" };
	struct model_wanted w = {
		.pool = (uint16_t)any((uint32_t)t.settings.n_pools),
		.region = regions[any(5)],
		.line = once_in(12) ? any((uint32_t)t.settings.n_lines + 1) : PHONE_NO_LINE,
		.ext = once_in(12) ? any(120) : PHONE_NO_EXT,
		.order = 1 + any(ORDERS),
		.a = any_token(),
		.expires_at = t.now.wall + (once_in(50) ? 0 : 3600 + any(3 * STAGE_DAY)),
		.directions = (uint8_t)(once_in(5) ? any(4) : 3),
		.channels = (uint8_t)(once_in(5) ? any(4) : 3),
	};

	size_t i = any_of();

	/* now and then what is there already */
	if (once_in(30) && i != MODEL_MAX && m.v[i].pool == w.pool) {
		w.order = m.v[i].orders[0].order;
		w.a = m.v[i].a;
	}
	/* few enough that the same two meet again */
	if (t.pools[w.pool].mode == PHONE_AXB && w.a > 8)
		w.a = 1 + any(8);
	w.a_party = party_of(w.a);
	if (t.pools[w.pool].mode == PHONE_AXB) {
		w.b = once_in(9) ? any_token() : 7 + any(8);
		w.b_party = party_of(w.b);
		if (w.line != PHONE_NO_LINE)
			w.line = 5 + any(4);
	} else if (once_in(7)) {
		w.a_party = 0;
	}
	return w;
}

static void add_model(const struct model_wanted *w, uint32_t at, enum book_bound how, int was)
{
	struct model_binding *x = model_add(&m);
	struct phone_binding v = stage_view(&t, at);

	x->at = at;
	memcpy(x->id, v.id, sizeof(x->id));
	x->state = BOOK_PENDING;
	x->pool = w->pool;
	x->line = v.line;
	x->ext = v.ext;
	x->a = w->a;
	x->b = w->b;
	x->a_party = w->a_party;
	x->b_party = w->b_party;
	x->orders[x->n_orders++] = (struct model_order){ w->order, false };
	x->refs = x->version = 1;
	x->made_at = t.now.wall;
	x->expires_at = late() > w->expires_at ? late() : w->expires_at;
	x->directions = w->directions;
	x->channels = w->channels;
	x->was = was;
	if (how == BOOK_AGAIN) {
		HOLD(m.v[was].line == v.line && m.v[was].ext == v.ext);
		m.v[was].state = MODEL_TAKEN_BACK;
	}
}

/* Which of the model's it took the slot of. */
static int taken_from(uint32_t at, const bool suits[static MODEL_MAX])
{
	uint8_t id[PHONE_ID_BYTES];

	if (!book_was(t.book, at, id))
		return -1;
	for (size_t i = 0; i < m.n; i++)
		if (suits[i] && memcmp(m.v[i].id, id, sizeof(id)) == 0)
			return (int)i;
	return -1;
}

static void wait_for(size_t i, enum book_bound how, uint32_t order)
{
	struct waiting *k = &waiting[n_waiting++];

	*k = (struct waiting){ .i = i, .how = how, .order = order };
	memcpy(k->id, m.v[i].id, sizeof(k->id));
}

static void take_bound(const struct model_wanted *w, uint32_t at, enum book_bound how,
    const bool suits[static MODEL_MAX])
{
	struct phone_binding v = stage_view(&t, at);
	struct model_binding *x = model_find(&m, at);
	int was;

	switch (how) {
	case BOOK_NEW:
		HOLD(x == NULL && model_slot_ok(&m, w, v.line, v.ext));
		add_model(w, at, how, -1);
		break;
	case BOOK_AGAIN:
		was = taken_from(at, suits);
		HOLD(x == NULL && was >= 0);
		if (was >= 0)
			add_model(w, at, how, was);
		break;
	case BOOK_SAME: HOLD(x != NULL && suits[x - m.v]); return;
	case BOOK_SHARED:
		HOLD(x != NULL && suits[x - m.v]);
		if (x != NULL) {
			x->orders[x->n_orders++] = (struct model_order){ w->order, false };
			x->refs++;
		}
		break;
	default: HOLD(at == BOOK_NONE); return;
	}
	if ((x = model_find(&m, at)) != NULL)
		wait_for((size_t)(x - m.v), how, w->order);
}

static void op_bind(void)
{
	static bool suits[MODEL_MAX];
	struct model_wanted w = any_wanted();
	struct book_wanted want = stage_want(&t, w.pool, w.order, w.a, w.b);
	struct sc_name region = { "" };
	enum book_bound how, expected;
	uint32_t at;

	if (n_waiting == WAITING_MAX)
		return;
	memcpy(region.s, w.region, strlen(w.region) + 1);
	want.region = &region;
	want.line = w.line;
	want.ext = w.ext;
	want.a_party = w.a_party;
	want.b_party = w.b_party;
	want.expires_at = w.expires_at;
	want.directions = w.directions;
	want.channels = w.channels;
	expected = model_bind(&m, &t.now, &w, suits);
	HOLD(book_bind(t.book, &t.now, &want, &at, &how) == SC_OK);
	HOLD(how == expected);
	seen[how]++;
	if (how == expected)
		take_bound(&w, at, how, suits);
}

/* ---- on disk, or not ------------------------------------------------------------------------- */

static void drop(size_t i)
{
	m.v[i].used = false;
}

static void confirmed(const struct waiting *k)
{
	struct model_binding *x = &m.v[k->i];

	for (size_t i = 0; i < x->n_orders; i++)
		if (x->orders[i].order == k->order)
			x->orders[i].durable = true;
	if (k->how == BOOK_SHARED)
		return;
	book_confirm(t.book, x->at);
	x->durable = true;
	x->state = x->ended_at == 0 ? BOOK_LIVE : BOOK_COOLING;
	if (x->was >= 0)
		drop((size_t)x->was);
	x->was = -1;
}

static void abandoned(const struct waiting *k)
{
	struct model_binding *x = &m.v[k->i];
	uint8_t order[16];

	stage_order(k->order, order);
	book_abandon(t.book, x->at, k->how, order);
	if (!model_has_order(x, k->order))
		return;
	if (x->state == BOOK_PENDING && x->refs <= 1) {
		if (x->was >= 0)
			m.v[x->was].state = BOOK_COOLING;
		drop(k->i);
		return;
	}
	model_order_drop(x, k->order);
	if (x->state == BOOK_LIVE && x->refs == 0) {
		x->state = BOOK_COOLING;
		x->ended_at = x->made_at;
	}
}

static void op_settle(void)
{
	struct waiting k;
	size_t i;

	if (n_waiting == 0)
		return;
	i = any((uint32_t)n_waiting);
	k = waiting[i];
	memmove(&waiting[i], &waiting[i + 1], (--n_waiting - i) * sizeof(k));
	if (!m.v[k.i].used || memcmp(m.v[k.i].id, k.id, sizeof(k.id)) != 0)
		return;
	if (once_in(4))
		abandoned(&k);
	else
		confirmed(&k);
}

/* ---- changing and ending ------------------------------------------------------------------------ */

static bool pair_still_fits(const struct model_binding *x, uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0 || a == b)
		return false;
	for (size_t i = 0; i < m.n; i++) {
		const struct model_binding *y = &m.v[i];

		if (y != x && y->used && y->state != MODEL_TAKEN_BACK && y->line == x->line &&
		    (y->a_party == a || y->b_party == a || y->a_party == b || y->b_party == b))
			return false;
	}
	return true;
}

static void op_change(void)
{
	size_t i = any_of();
	struct model_binding *x = &m.v[i];
	uint32_t version, a = any_token(), b = any_token();
	struct book_change c = { 0 };
	bool did, expected, pair;

	if (i == MODEL_MAX)
		return;
	pair = x->b_party != 0;
	version = once_in(2) ? 0 : x->version + once_in(4);
	c.expiry = once_in(2);
	c.parties = once_in(2);
	c.ways = once_in(2);
	c.expires_at = t.now.wall + any(4 * STAGE_DAY);
	if (once_in(2))
		c.a = stage_token(a);
	if (once_in(2))
		c.b = stage_token(b);
	c.a_party = once_in(10) ? 0 : party_of(a);
	c.b_party = party_of(b);
	c.directions = (uint8_t)any(4);
	c.channels = (uint8_t)any(4);
	expected = model_live(x, &t.now) && (version == 0 || version == x->version) &&
	    (!c.parties || !pair ||
		pair_still_fits(x, c.a.n ? c.a_party : x->a_party, c.b.n ? c.b_party : x->b_party));
	HOLD(book_change(t.book, &t.now, x->at, version, &c, &did) == SC_OK);
	HOLD(did == expected);
	if (!expected)
		return;
	x->version++;
	if (c.expiry)
		x->expires_at = late() > c.expires_at ? late() : c.expires_at;
	if (c.ways) {
		x->directions = c.directions;
		x->channels = c.channels;
	}
	if (c.parties && c.a.n != 0) {
		x->a = a;
		x->a_party = c.a_party;
	}
	if (c.parties && c.b.n != 0 && pair) {
		x->b = b;
		x->b_party = c.b_party;
	}
}

static void op_end(void)
{
	size_t i = any_of();
	struct model_binding *x = &m.v[i];
	bool all = once_in(4), expected = false;
	uint32_t order;
	uint8_t key[16];

	if (i == MODEL_MAX)
		return;
	order = once_in(5) ? 1 + any(ORDERS) : x->orders[any((uint32_t)x->n_orders)].order;
	stage_order(order, key);
	if (x->ended_at == 0 && (x->state == BOOK_LIVE || x->state == BOOK_PENDING) &&
	    (all || model_has_order(x, order))) {
		if (!all && x->refs > 1) {
			model_order_drop(x, order);
		} else {
			expected = true;
			x->ended_at = late();
			x->refs = 0;
			x->version++;
			x->busy_true = truth;
			if (x->state == BOOK_LIVE)
				x->state = BOOK_COOLING;
		}
	}
	HOLD(book_end(t.book, &t.now, x->at, key, all) == expected);
}

/* ---- calls ------------------------------------------------------------------------------------- */

static struct book_call any_call(void)
{
	struct book_call c = {
		.line = any((uint32_t)t.settings.n_lines + 1),
		.ext = once_in(3) ? PHONE_NO_EXT : any(100),
		.caller = once_in(20) ? 0 : stage_party(1 + any(PERSONS)),
		.channel = once_in(4) ? PHONE_SMS : PHONE_VOICE,
	};
	size_t i = any_of();

	/* mostly somebody who has something to do with it */
	if (i != MODEL_MAX && !once_in(4)) {
		const struct model_binding *x = &m.v[i];

		c.line = x->line;
		c.ext = once_in(4) ? PHONE_NO_EXT : x->ext;
		if (once_in(3) && x->n_callers != 0)
			c.caller = x->callers[any((uint32_t)x->n_callers)].party;
		else if (once_in(2))
			c.caller = once_in(2) && x->b_party != 0 ? x->b_party : x->a_party;
	}
	return c;
}

static bool one_of(const struct model_way *w, size_t *only)
{
	size_t n = 0;

	for (size_t i = 0; i < m.n; i++)
		if (w->suits[i]) {
			n++;
			*only = i;
		}
	return n == 1;
}

static void op_route(void)
{
	static struct model_way expected;
	struct book_call c = any_call();
	struct book_way way;
	struct model_binding *x;
	size_t only;

	model_route(&m, &t.now, &c, &expected);
	book_route(t.book, &t.now, &c, &way);
	HOLD(book_knows(t.book, c.line, c.caller) == model_knows(&m, c.line, c.caller));
	HOLD(way.callback == expected.callback);
	/* of several that were called in one second any may be meant */
	if (!expected.callback || one_of(&expected, &only))
		HOLD(way.answer == expected.answer);
	answered[way.answer]++;
	if (way.at == BOOK_NONE) {
		HOLD(way.answer == PHONE_NOBODY || way.answer == PHONE_COLLECT);
		return;
	}
	x = model_find(&m, way.at);
	HOLD(x != NULL && expected.suits[x - m.v] && way.to_b == expected.to_b);
	if (x == NULL || way.answer != PHONE_CONNECT)
		return;
	HOLD(x->state == BOOK_LIVE && x->durable);
	HOLD(sc_span_eq(way.to, stage_token(model_to(&m, x, &expected))));
	x->busy_true = truth;
}

static void op_connect(void)
{
	size_t i = any_of();
	struct model_binding *x = &m.v[i];
	uint32_t token = any_token();
	uint64_t caller = once_in(20) ? 0 : party_of(token), to;

	if (i == MODEL_MAX || x->state == BOOK_PENDING || (x->state != BOOK_LIVE && !once_in(10)))
		return;
	to = once_in(2) ? party_of(x->a) : 0;
	if (once_in(6) && x->a_party != 0)
		caller = x->a_party;
	HOLD(book_connected(t.book, x->at, &t.now, caller, stage_token(token), to) == SC_OK);
	model_connected(&m, x, &t.now, caller, token, to);
	/* one whose number is withheld is not connected, and nothing of it is kept */
	if (caller != 0)
		x->busy_true = truth;
}

static void op_call_ended(void)
{
	size_t i = any_of();
	struct model_binding *x = &m.v[i];
	uint64_t ended = late();

	if (i == MODEL_MAX || x->under_way == 0)
		return;
	book_call_ended(t.book, x->at, &t.now);
	x->under_way--;
	if (x->last_call_at < ended)
		x->last_call_at = ended;
	x->busy_true = truth;
}

/* ---- sweeping ------------------------------------------------------------------------------------ */

static void on_due(void *arg, uint32_t at, enum book_due what)
{
	struct model_binding *x = model_find(&m, at);

	(void)arg;
	HOLD(x != NULL);
	if (x == NULL)
		return;
	if (what == BOOK_EXPIRED) {
		HOLD(x->state == BOOK_LIVE && !model_live(x, &t.now));
		x->state = BOOK_COOLING;
		return;
	}
	HOLD(x->state == BOOK_COOLING && model_cools_until(&m, x) <= early());
	HOLD(truth >= x->busy_true + t.pools[x->pool].cooldown_s);
	x->state = BOOK_RELEASING;
}

static void op_sweep(void)
{
	size_t max = once_in(3) ? 1 + any(3) : MODEL_MAX;

	if (book_sweep(t.book, &t.now, max, on_due, NULL) == max)
		return;
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].used) {
			HOLD(m.v[i].state != BOOK_LIVE || model_live(&m.v[i], &t.now));
			HOLD(m.v[i].state != BOOK_COOLING ||
			    model_cools_until(&m, &m.v[i]) > early());
		}
}

static void op_release(void)
{
	for (size_t i = 0; i < m.n; i++) {
		struct model_binding *x = &m.v[i];

		if (!x->used || x->state != BOOK_RELEASING || once_in(3))
			continue;
		if (once_in(5)) {
			book_keep(t.book, x->at);
			x->state = BOOK_COOLING;
			continue;
		}
		book_release(t.book, x->at);
		drop(i);
		released++;
	}
}

/* ---- clocks and crashes ---------------------------------------------------------------------------- */

static void op_pass(void)
{
	uint32_t s = any(4) == 0 ? any(4 * 3600) : any(1800);

	truth += s;
	stage_pass(&t, s);
}

/* Somebody sets the wall clock; most often it is set right soon after. */
static void op_jump(void)
{
	jumps++;
	t.now.wall = truth;
	if (once_in(2))
		t.now.wall += any(20 * STAGE_DAY);
	else if (once_in(2))
		t.now.wall -= any(20 * STAGE_DAY);
}

static void load_callers(struct model_binding *x)
{
	struct model_caller kept[5];
	size_t n = 0;

	while (n < x->n_callers) {
		kept[n] = x->callers[x->n_callers - 1 - n];
		n++;
	}
	if (x->a_called_at != 0)
		kept[n++] = (struct model_caller){ x->a_party, x->a, x->a_called_at };
	x->n_callers = 0;
	x->began_at = 0;
	for (size_t i = 0; i < n; i++) {
		HOLD(book_load_caller(t.book, x->at, kept[i].party, stage_token(kept[i].token),
			 kept[i].seen_at) == SC_OK);
		model_load_caller(&m, x, &kept[i]);
	}
}

/* Its row as the store has it; orders whose write was not answered are not there. */
static void load_orders(struct model_binding *x, uint8_t first[static 16])
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_orders; i++)
		if (x->orders[i].durable)
			x->orders[n++] = x->orders[i];
	x->n_orders = n == 0 ? 1 : n;
	x->orders[0].durable = true;
	x->refs = x->ended_at == 0 ? (uint32_t)x->n_orders : 0;
	stage_order(x->orders[0].order, first);
}

static void load(struct model_binding *x)
{
	struct phone_binding row = {
		.mode = t.pools[x->pool].mode,
		.state = BOOK_LIVE,
		.directions = x->directions,
		.channels = x->channels,
		.pool = x->pool,
		.line = x->line,
		.ext = x->ext,
		.a = stage_token(x->a),
		.a_party = x->a_party,
		.b_party = x->b_party,
		.made_at = x->made_at,
		.expires_at = x->expires_at,
		.ended_at = x->ended_at,
		.last_call_at = x->last_call_at,
		.version = x->version,
	};
	uint8_t order[16];

	if (x->b_party != 0)
		row.b = stage_token(x->b);
	memcpy(row.id, x->id, sizeof(row.id));
	load_orders(x, order);
	HOLD(book_load(t.book, &row, order) == SC_OK);
	x->at = book_find(t.book, x->id);
	HOLD(x->at != BOOK_NONE);
	x->state = x->ended_at != 0 ? BOOK_COOLING : BOOK_LIVE;
	for (size_t i = 1; i < x->n_orders; i++) {
		stage_order(x->orders[i].order, order);
		HOLD(book_load_order(t.book, x->at, order) == SC_OK);
	}
	x->under_way = x->in_day = 0;
	x->day_from = 0;
	load_callers(x);
}

/* What was not durable is gone; what was is read again. At a start the clock is not ahead. */
static void op_crash(void)
{
	crashes++;
	n_waiting = 0;
	stage_close(&t);
	stage_open(&t);
	if (t.now.wall > truth)
		t.now.wall = truth;
	if (t.now.steady < t.now.wall)
		t.now.steady = t.now.wall;
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].used && !m.v[i].durable)
			drop(i);
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].used)
			load(&m.v[i]);
}

/* ---- looking at all of it ----------------------------------------------------------------------------- */

static void check_one(const struct model_binding *x)
{
	struct phone_binding v = stage_view(&t, x->at);
	uint8_t state = x->state == MODEL_TAKEN_BACK ? BOOK_COOLING : x->state;

	HOLD(memcmp(v.id, x->id, sizeof(x->id)) == 0 && book_find(t.book, x->id) == x->at);
	HOLD(v.state == state && v.pool == x->pool && v.line == x->line && v.ext == x->ext);
	HOLD(sc_span_eq(v.a, stage_token(x->a)) && v.a_party == x->a_party);
	HOLD(v.b_party == x->b_party &&
	    (v.b.n == 0 ? x->b_party == 0 : sc_span_eq(v.b, stage_token(x->b))));
	HOLD(v.made_at == x->made_at && v.expires_at == x->expires_at &&
	    v.ended_at == x->ended_at && v.last_call_at == x->last_call_at);
	HOLD(v.version == x->version && v.refs == x->refs);
	HOLD(v.directions == x->directions && v.channels == x->channels);
	HOLD(book_cools_until(t.book, x->at) == model_cools_until(&m, x));
}

/* No two at one slot, and no one at two people's. */
static void check_apart(const struct model_binding *x, const struct model_binding *y)
{
	if (x->line != y->line || x->state == MODEL_TAKEN_BACK || y->state == MODEL_TAKEN_BACK)
		return;
	if (x->b_party == 0)
		HOLD(x->ext != y->ext);
	else
		HOLD(x->a_party != y->a_party && x->a_party != y->b_party &&
		    x->b_party != y->a_party && x->b_party != y->b_party);
}

static void check_orders(void)
{
	for (uint32_t order = 1; order <= ORDERS; order++) {
		size_t n = 0, expected = 0;
		uint8_t key[16];
		uint32_t at;

		stage_order(order, key);
		for (size_t i = 0; i < m.n; i++)
			expected += m.v[i].used && m.v[i].state != BOOK_RELEASING &&
			    model_has_order(&m.v[i], order);
		while ((at = book_of_order(t.book, key, n)) != BOOK_NONE) {
			const struct model_binding *x = model_find(&m, at);

			HOLD(x != NULL && model_has_order(x, order));
			n++;
		}
		HOLD(n == expected);
	}
}

static void check_all(void)
{
	struct book_stats got, expected;
	size_t n = 0;

	for (size_t i = 0; i < m.n; i++) {
		if (!m.v[i].used)
			continue;
		n++;
		check_one(&m.v[i]);
		for (size_t k = 0; k < i; k++)
			if (m.v[k].used)
				check_apart(&m.v[i], &m.v[k]);
	}
	HOLD(book_count(t.book) == n);
	for (uint16_t i = 0; i < t.settings.n_pools; i++) {
		book_pool_stats(t.book, &t.now, i, &got);
		model_pool_stats(&m, &t.now, i, &expected);
		HOLD(memcmp(&got, &expected, sizeof(got)) == 0);
	}
	check_orders();
}

/* ---- the story ------------------------------------------------------------------------------------------ */

static const struct {
	void (*run)(void);
	uint32_t weight;
} ops[] = {
	{ op_route, 3200 },
	{ op_bind, 2100 },
	{ op_settle, 1500 },
	{ op_connect, 700 },
	{ op_call_ended, 600 },
	{ op_pass, 600 },
	{ op_end, 400 },
	{ op_change, 400 },
	{ op_sweep, 300 },
	{ op_release, 150 },
	{ op_jump, 30 },
	{ op_crash, 5 },
	{ check_all, 15 },
};

static void run_one(uint32_t total)
{
	uint32_t pick = any(total);
	size_t i = 0;

	while (pick >= ops[i].weight)
		pick -= ops[i++].weight;
	ops[i].run();
}

static void test_model(void)
{
	uint32_t total = 0;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		total += ops[i].weight;
	settle_in();
	for (done = 0; done < operations && failed == 0; done++)
		run_one(total);
	check_all();
	stage_close(&t);
	NEED(failed == 0);
}

/* Did the million see everything it is about? */
static void test_covered(void)
{
	for (size_t i = 0; i <= BOOK_CONFLICT; i++)
		CHECK(seen[i] > operations / 10000);
	for (size_t i = 0; i <= PHONE_BUSY; i++)
		CHECK(answered[i] > operations / 10000);
	CHECK(released > operations / 1000 && crashes > operations / 10000);
	CHECK(jumps > operations / 1000);
}

int main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20261126;
	operations = argc > 2 ? strtoull(argv[2], NULL, 10) : operations;
	RUN(test_model, "a million operations have the answers of a plain array");
	RUN(test_covered, "and every answer there is was among them, often");
	printf("# bound: new %llu same %llu again %llu shared %llu exhausted %llu taken %llu "
	       "conflict %llu; released %llu, crashes %llu, clock set %llu\n",
	    (unsigned long long)seen[BOOK_NEW], (unsigned long long)seen[BOOK_SAME],
	    (unsigned long long)seen[BOOK_AGAIN], (unsigned long long)seen[BOOK_SHARED],
	    (unsigned long long)seen[BOOK_EXHAUSTED], (unsigned long long)seen[BOOK_EXT_TAKEN],
	    (unsigned long long)seen[BOOK_CONFLICT], (unsigned long long)released,
	    (unsigned long long)crashes, (unsigned long long)jumps);
	return tap_done();
}
