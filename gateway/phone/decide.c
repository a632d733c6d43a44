/*
 * decide.c - the judgement on one call or message: charge, compare, refund.
 *
 * All of it under one lock, so that many tries at once are many charges. What
 * was typed is charged before it is compared; of a number without an extension
 * nothing was guessed.
 */
#include "gateway/phone/service_private.h"
#include "gateway/phone/tell.h"

#include <string.h>

/* Which of the pool's counts an answer adds to. */
static uint64_t *count_of(struct phone_counts *c, enum phone_answer a)
{
	switch (a) {
	case PHONE_NOBODY: return &c->misses;
	case PHONE_LATE: return &c->late_calls;
	case PHONE_BLOCKED: return &c->blocked;
	default: return NULL;
	}
}

static void show(const struct phone_service *s, const struct book_way *way,
    struct phone_decision *out)
{
	struct phone_binding b;

	out->answer = way->answer;
	out->at = way->at;
	if (way->at == BOOK_NONE)
		return;
	book_view(s->book, way->at, &b);
	out->bound = true;
	memcpy(out->id, b.id, PHONE_ID_BYTES);
	out->pool = b.pool;
	out->callback = way->callback;
	out->to_b = way->to_b;
	/* a caller is remembered by the blind index */
	out->party_known = way->callback || (way->to_b ? b.b_party : b.a_party) != 0;
	if (way->answer == PHONE_CONNECT)
		phone_token_text(way->to, out->to);
}

static void decide(struct phone_service *s, const struct phone_asked *q, struct phone_decision *out)
{
	const struct phone_now now = phone_service_now(s);
	const struct guard_try try = { q->line, q->caller,
		book_knows(s->book, q->line, q->caller) };
	const struct book_call call = { q->line, q->ext, q->caller, q->channel };
	bool charged = q->keyed && q->ext != PHONE_NO_EXT;
	struct book_way way;

	if (charged && !guard_charge(s->guard, &now, &try)) {
		out->answer = PHONE_BLOCKED;
		return;
	}
	book_route(s->book, &now, &call, &way);
	if (charged && way.at != BOOK_NONE)
		guard_refund(s->guard, &now, &try);
	show(s, &way, out);
}

void phone_decide(struct phone_service *s, const struct phone_asked *q, struct phone_decision *out)
{
	struct phone_binding late;
	uint32_t alarmed;
	uint64_t *count;
	bool alarm;

	memset(out, 0, sizeof(*out));
	out->answer = PHONE_NOBODY;
	out->at = BOOK_NONE;
	out->pool = PHONE_NO_POOL;
	if (q->line >= s->settings->n_lines)
		return;
	out->pool = s->settings->lines[q->line].pool;
	pthread_mutex_lock(&s->lock);
	decide(s, q, out);
	count = count_of(&s->counts[out->pool], out->answer);
	if (count != NULL)
		++*count;
	if (out->answer == PHONE_LATE)
		phone_view(s, out->at, &late);
	alarm = guard_alarm(s->guard, &alarmed);
	pthread_mutex_unlock(&s->lock);
	if (out->answer == PHONE_LATE)
		phone_tell_binding(s, PHONE_EVENT_CALL_LATE, &late);
	if (alarm)
		phone_tell_line(s, PHONE_EVENT_GUESS_BLOCKED, alarmed);
}
