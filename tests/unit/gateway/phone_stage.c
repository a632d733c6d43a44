/*
 * phone_stage.c - settings, clocks and callers for tests of the book and the guard.
 */
#include "phone_stage.h"

#include <stdio.h>
#include <stdlib.h>

void stage_init(struct phone_stage *t)
{
	memset(t, 0, sizeof(*t));
	t->settings.pools = t->pools;
	t->settings.lines = t->lines;
	t->settings.guard = (struct phone_guard_settings){ 3, 10, 30, 30, 3600 };
	t->now = (struct phone_now){ STAGE_NOON, STAGE_NOON };
}

uint16_t stage_pool(struct phone_stage *t, enum phone_mode mode, uint8_t digits, size_t n_lines)
{
	uint16_t pool = (uint16_t)t->settings.n_pools++;

	t->pools[pool] = (struct phone_pool){
		.mode = (uint8_t)mode,
		.ext_digits = digits,
		.callback = true,
		.voice = true,
		.sms = true,
		.next = PHONE_NO_POOL,
		.ttl_s = STAGE_DAY,
		.ttl_max_s = 90 * STAGE_DAY,
		.cooldown_s = 2 * STAGE_DAY,
		.callback_s = STAGE_DAY / 2,
		.max_call_s = 1800,
	};
	for (size_t i = 0; i < n_lines; i++) {
		struct phone_line *l = &t->lines[t->settings.n_lines];

		*l = (struct phone_line){ .pool = pool };
		snprintf(l->e164, sizeof(l->e164), "+441632960%03zu", t->settings.n_lines++);
	}
	return pool;
}

void stage_open(struct phone_stage *t)
{
	if (book_new(&t->settings, &t->book) != SC_OK)
		exit(1);
}

void stage_close(struct phone_stage *t)
{
	book_free(t->book);
	t->book = NULL;
}

void stage_pass(struct phone_stage *t, uint64_t s)
{
	t->now.wall += s;
	t->now.steady += s;
}

struct sc_span stage_token(uint32_t n)
{
	static uint8_t tokens[4][41];
	static size_t turn;
	uint8_t *p = tokens[turn++ % 4];

	memset(p, 0x5a, sizeof(tokens[0]));
	memcpy(p + 11, &n, sizeof(n));
	return sc_span(p, sizeof(tokens[0]));
}

uint64_t stage_party(uint32_t n)
{
	return n == 0 ? 0 : UINT64_C(1) << 40 | n;
}

void stage_order(uint32_t n, uint8_t out[static 16])
{
	memset(out, 0x0d, 16);
	memcpy(out, &n, sizeof(n));
}

struct book_wanted stage_want(struct phone_stage *t, uint16_t pool, uint32_t order, uint32_t a,
    uint32_t b)
{
	struct book_wanted w = {
		.pool = pool,
		.line = PHONE_NO_LINE,
		.ext = PHONE_NO_EXT,
		.a = stage_token(a),
		.a_party = stage_party(a),
		.b_party = stage_party(b),
		.expires_at = t->now.wall + STAGE_DAY,
		.directions = PHONE_TO_A | PHONE_TO_B,
		.channels = PHONE_VOICE | PHONE_SMS,
	};

	if (b != 0)
		w.b = stage_token(b);
	t->made++;
	memcpy(w.id, &t->made, sizeof(t->made));
	stage_order(order, w.order);
	return w;
}

enum book_bound stage_how(struct phone_stage *t, const struct book_wanted *w, uint32_t *at)
{
	enum book_bound how;

	return book_bind(t->book, &t->now, w, at, &how) == SC_OK ? how : BOOK_CONFLICT + 1;
}

uint32_t stage_bind(struct phone_stage *t, const struct book_wanted *w)
{
	enum book_bound how;
	uint32_t at;

	if (book_bind(t->book, &t->now, w, &at, &how) != SC_OK)
		return BOOK_NONE;
	if (how == BOOK_NEW || how == BOOK_AGAIN)
		book_confirm(t->book, at);
	return at;
}

struct phone_binding stage_view(const struct phone_stage *t, uint32_t at)
{
	struct phone_binding b;

	book_view(t->book, at, &b);
	return b;
}

struct book_way stage_call(const struct phone_stage *t, uint32_t line, uint32_t ext,
    uint32_t caller)
{
	const struct book_call c = { line, ext, stage_party(caller), PHONE_VOICE };
	struct book_way way;

	book_route(t->book, &t->now, &c, &way);
	return way;
}

bool stage_reaches(struct book_way w, uint32_t person)
{
	return w.answer == PHONE_CONNECT && sc_span_eq(w.to, stage_token(person));
}

enum phone_answer stage_answer(const struct phone_stage *t, uint32_t line, uint32_t ext,
    uint32_t caller)
{
	return stage_call(t, line, ext, caller).answer;
}

void stage_connect(struct phone_stage *t, uint32_t at, uint32_t caller)
{
	if (book_connected(t->book, at, &t->now, stage_party(caller), stage_token(caller), 0) !=
	    SC_OK)
		exit(1);
	book_call_ended(t->book, at, &t->now);
}

struct sweeping {
	struct phone_stage *t;
	struct stage_swept swept;
	bool release;
};

static void on_due(void *arg, uint32_t at, enum book_due what)
{
	struct sweeping *s = arg;

	if (what == BOOK_EXPIRED) {
		s->swept.expired++;
		return;
	}
	s->swept.released++;
	if (s->release)
		book_release(s->t->book, at);
}

struct stage_swept stage_sweep(struct phone_stage *t, bool release)
{
	struct sweeping s = { .t = t, .release = release };

	while (book_sweep(t->book, &t->now, 7, on_due, &s) != 0)
		;
	return s.swept;
}
