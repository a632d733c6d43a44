/*
 * turned_away.c - a few rows of who was turned away, until it is time to tell of them.
 */
#include "crypto/keyd/turned_away.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_MS 1000u
#define EACH_MS 60000u

struct row {
	const char *act;                /* NULL: of all others, who differ */
	struct sc_name node, principal; /* "": nobody is said */
	uint8_t role, purpose, op, auth;
	uint64_t n;
};

struct turned_away {
	struct loop *loop;
	struct keylog *kl;
	struct loop_timer due;
	uint64_t told_ms; /* by the steady clock; 0: never */
	struct row rows[TURNED_AWAY_ROWS];
	size_t n;
};

static void tell_row(struct keylog *kl, const struct row *row)
{
	const struct asking a = {
		.principal = row->principal.s[0] == '\0' ? NULL : &row->principal,
		.node = row->node.s[0] == '\0' ? NULL : &row->node,
		.role = row->role,
		.purpose = row->purpose,
		.op = row->op,
		/* of a share: as whom somebody was to read is not kept */
		.recipient_role = ASKING_UNSET,
		.recipient_purpose = ASKING_UNSET,
		.auth = row->auth,
	};
	enum sc_err err = keylog_turned_away(kl, &a, row->act, row->n);

	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.log_refused", LOG_ERR("err", err), LOG_END);
}

void turned_away_tell(struct turned_away *x)
{
	for (size_t i = 0; i < x->n; i++)
		tell_row(x->kl, &x->rows[i]);
	if (x->n > 0)
		x->told_ms = clock_mono_ms();
	x->n = 0;
	loop_timer_clear(x->loop, &x->due);
}

static void on_due(struct loop_timer *t)
{
	turned_away_tell(loop_owner(t, struct turned_away, due));
}

static uint64_t delay_of(const struct turned_away *x)
{
	const uint64_t since = clock_mono_ms() - x->told_ms;

	return x->told_ms == 0 || since + FIRST_MS >= EACH_MS ? FIRST_MS : EACH_MS - since;
}

static bool same(const struct row *a, const struct row *b)
{
	return strcmp(a->act, b->act) == 0 && strcmp(a->node.s, b->node.s) == 0 &&
	    strcmp(a->principal.s, b->principal.s) == 0 && a->role == b->role &&
	    a->purpose == b->purpose && a->op == b->op && a->auth == b->auth;
}

/* ROW's place: its own, a new one, or the last, which is of whoever has none. */
static struct row *place_of(struct turned_away *x, const struct row *row)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->rows[i].act == NULL || same(&x->rows[i], row))
			return &x->rows[i];
	x->rows[x->n] = *row;
	if (x->n == TURNED_AWAY_ROWS - 1)
		x->rows[x->n] = (struct row){ .role = ASKING_UNSET,
			.purpose = ASKING_UNSET,
			.op = ASKING_UNSET };
	return &x->rows[x->n++];
}

void turned_away(struct turned_away *x, const char *act, const struct sc_name *node,
    const struct asking *a)
{
	struct row row = { .act = act,
		.node = *node,
		.role = ASKING_UNSET,
		.purpose = ASKING_UNSET,
		.op = ASKING_UNSET };

	if (a != NULL) {
		row.principal = *a->principal;
		row.role = a->role;
		row.purpose = a->purpose;
		row.op = a->op < POLICY_OP_COUNT ? a->op : ASKING_UNSET;
		row.auth = a->auth;
	}
	place_of(x, &row)->n++;
	if (!loop_timer_is_set(&x->due))
		loop_timer_set(x->loop, &x->due, delay_of(x));
}

enum sc_err turned_away_new(struct loop *l, struct keylog *kl, struct turned_away **out)
{
	struct turned_away *x = calloc(1, sizeof(*x));

	*out = x;
	if (x == NULL)
		return SC_NOMEM;
	x->loop = l;
	x->kl = kl;
	loop_timer_init(&x->due, on_due);
	return SC_OK;
}

void turned_away_free(struct turned_away *x)
{
	if (x == NULL)
		return;
	loop_timer_clear(x->loop, &x->due);
	free(x);
}
