/*
 * world.c - asking a keyd many things at once, and holding it to its answers.
 */
#include "keys/world.h"

#include "base/bytes.h"
#include "keys/log_entries.h"

#define JUDGED 256 /* tokens of one question */

struct keys_call {
	struct keyc_call call;
	struct keys_world *w;
	struct keys_person *p;
	struct keys_event ev; /* becomes the person's when answered, an erasure at once */
	size_t at;            /* an erasure's place among the person's events */
	bool busy, opening;
};

uint64_t keys_draw(struct keys_world *w)
{
	uint64_t z = w->luck += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t now_of(struct keys_world *w)
{
	return w->clock != NULL ? atomic_load(w->clock) : atomic_fetch_add(&w->own_clock, 1) + 1;
}

void keys_world_init(struct keys_world *w, struct fixture *fx, size_t people, unsigned calls,
    uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->fx = fx;
	w->n_people = people;
	w->n_calls = calls;
	w->luck = seed;
	w->leave_percent = 30;
	w->open_percent = 10;
	w->next_request = 1000001;
	w->person = calloc(people, sizeof(*w->person));
	w->call = calloc(calls, sizeof(*w->call));
	if (w->person == NULL || w->call == NULL)
		abort();
	for (size_t i = 0; i < people; i++) {
		snprintf(w->person[i].subject, sizeof(w->person[i].subject), "person-%zu", i);
		snprintf(w->person[i].value, sizeof(w->person[i].value), "Person Number %zu", i);
	}
}

void keys_world_fini(struct keys_world *w)
{
	for (unsigned i = 0; i < w->n_calls; i++)
		keyc_cancel(&w->call[i].call);
	for (size_t i = 0; i < w->n_people; i++)
		free(w->person[i].ev);
	free(w->person);
	free(w->call);
}

/* ---- what a person went through ----------------------------------------------------- */

static struct keys_event *event_add(struct keys_person *p, const struct keys_event *ev)
{
	if (p->n == p->room) {
		p->room = p->room * 2 + 4;
		if ((p->ev = realloc(p->ev, p->room * sizeof(*ev))) == NULL)
			abort();
	}
	p->ev[p->n] = *ev;
	return &p->ev[p->n++];
}

/* Does P have a token that no erasure followed? */
static struct keys_event *living(struct keys_person *p)
{
	return p->n > 0 && p->ev[p->n - 1].what == KEYS_SEALED ? &p->ev[p->n - 1] : NULL;
}

enum keys_must keys_person_must(const struct keys_person *p, size_t i, uint64_t cut,
    struct keys_event **why)
{
	enum keys_must must = KEYS_MUST_OPEN;

	*why = NULL;
	for (size_t k = i + 1; k < p->n; k++) {
		if (p->ev[k].what != KEYS_ERASED || p->ev[k].asked > cut)
			continue;
		*why = &p->ev[k];
		if (p->ev[k].answered <= cut)
			return KEYS_MUST_BE_GONE;
		must = KEYS_MAY_BE_EITHER;
	}
	return must;
}

/* ---- asking -------------------------------------------------------------------------- */

static void was_sealed(struct keys_call *c, const struct keyc_reply *rep)
{
	const struct sc_span t = rep->results[0].value;

	if (t.n >= sizeof(c->ev.token))
		abort();
	memcpy(c->ev.token, t.p, t.n);
	c->ev.token[t.n] = '\0';
	c->ev.answered = now_of(c->w);
	event_add(c->p, &c->ev);
	c->w->sealed++;
}

static void was_erased(struct keys_call *c, const struct keyc_reply *rep)
{
	struct keys_event *e = &c->p->ev[c->at];

	e->record = rep->record;
	c->w->bad += rep->record == WIRE_NO_RECORD;
	e->found = rep->results[0].status == WIRE_OK;
	e->answered = now_of(c->w);
	c->w->erased++;
}

static void call_done(struct keyc_call *call, const struct keyc_reply *rep)
{
	struct keys_call *c = loop_owner(call, struct keys_call, call);
	const bool erasing = c->ev.what == KEYS_ERASED && !c->opening;

	c->busy = c->p->busy = false;
	if (rep->err == SC_AGAIN) {
		c->w->lost++;
	} else if (rep->err != SC_OK || rep->n != 1 ||
	    (rep->results[0].status != WIRE_OK &&
		!(erasing && rep->results[0].status == WIRE_GONE))) {
		c->w->bad++;
	} else if (c->opening) {
		c->w->opened++;
		c->w->bad += !sc_span_is(rep->results[0].value, c->p->value);
	} else if (erasing) {
		was_erased(c, rep);
	} else {
		was_sealed(c, rep);
	}
}

static struct asking asking_of(struct keys_world *w, struct keys_call *c, uint8_t role,
    uint8_t purpose, uint8_t op)
{
	struct asking a = fixture_context(w->fx, role, purpose, op);

	c->call.done = call_done;
	c->w = w;
	c->ev = (struct keys_event){ .asked = now_of(w),
		.answered = KEYS_NEVER,
		.record = KEYS_NEVER,
		.request = w->next_request };
	a.request_id = w->next_request++;
	c->opening = false;
	return a;
}

static bool ask_seal(struct keys_world *w, struct keys_call *c, struct keys_person *p)
{
	const struct asking a = asking_of(w, c, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	const struct keyc_item it = item_of(CLASS_NAME, 0, p->subject, p->value);

	c->p = p;
	c->ev.what = KEYS_SEALED;
	return c->busy = p->busy = keyc_seal(w->fx->kc, &c->call, &a, &it, 1) == SC_OK;
}

static bool ask_open(struct keys_world *w, struct keys_call *c, struct keys_person *p)
{
	const struct asking a = asking_of(w, c, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	const struct keyc_item it = item_of(0, 0, NULL, living(p)->token);

	c->p = p;
	c->opening = true;
	return c->busy = p->busy = keyc_open(w->fx->kc, &c->call, &a, &it, 1) == SC_OK;
}

static bool ask_erase(struct keys_world *w, struct keys_call *c, struct keys_person *p)
{
	const struct asking a = asking_of(w, c, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);

	c->p = p;
	c->ev.what = KEYS_ERASED;
	c->at = p->n;
	if (keyc_erase_subject(w->fx->kc, &c->call, &a, sc_span_str(p->subject)) != SC_OK)
		return false;
	event_add(p, &c->ev);
	return c->busy = p->busy = true;
}

/* Somebody by lot, and what may be asked of them. */
static bool ask_any(struct keys_world *w, struct keys_call *c)
{
	struct keys_person *p = &w->person[keys_draw(w) % w->n_people];
	const unsigned lot = (unsigned)(keys_draw(w) % 100);

	if (p->busy)
		return true;
	if (living(p) == NULL)
		return ask_seal(w, c, p);
	if (lot < w->leave_percent)
		return ask_erase(w, c, p);
	return lot < w->leave_percent + w->open_percent ? ask_open(w, c, p) : ask_seal(w, c, p);
}

static size_t answers_of(const struct keys_world *w)
{
	return w->sealed + w->erased + w->opened;
}

static void fill(struct keys_world *w)
{
	for (unsigned i = 0; i < w->n_calls; i++)
		if (!w->call[i].busy && !ask_any(w, &w->call[i]))
			w->bad++;
}

bool keys_world_work(struct keys_world *w, size_t answers)
{
	const uint64_t end = clock_mono_ms() + 6 * FIXTURE_WAIT_MS;
	const size_t want = answers_of(w) + answers;

	while (answers_of(w) < want && w->bad == 0 && w->lost == 0 && clock_mono_ms() < end) {
		fill(w);
		if (loop_turn_once(w->fx->loop, 20) != SC_OK)
			return false;
	}
	fill(w);
	/* they leave at the end of a turn */
	return loop_turn_once(w->fx->loop, 0) == SC_OK && answers_of(w) >= want && w->bad == 0;
}

static bool none_busy(void *arg)
{
	const struct keys_world *w = arg;

	for (unsigned i = 0; i < w->n_calls; i++)
		if (w->call[i].busy)
			return false;
	return true;
}

bool keys_world_rest(struct keys_world *w)
{
	return fixture_turn_until(w->fx, none_busy, w);
}

typedef bool ask_one_fn(struct keys_world *, struct keys_call *, struct keys_person *);

static bool ask_each(struct keys_world *w, size_t first, size_t n, ask_one_fn *ask)
{
	const uint64_t end = clock_mono_ms() + 6 * FIXTURE_WAIT_MS;
	const size_t was = answers_of(w);
	size_t next = first;

	while (next < first + n && clock_mono_ms() < end) {
		for (unsigned i = 0; i < w->n_calls && next < first + n; i++)
			if (!w->call[i].busy)
				w->bad += !ask(w, &w->call[i], &w->person[next++]);
		if (loop_turn_once(w->fx->loop, 20) != SC_OK)
			return false;
	}
	return keys_world_rest(w) && answers_of(w) == was + n && w->bad == 0;
}

bool keys_world_seal(struct keys_world *w, size_t first, size_t n)
{
	return ask_each(w, first, n, ask_seal);
}

bool keys_world_erase(struct keys_world *w, size_t first, size_t n)
{
	return ask_each(w, first, n, ask_erase);
}

/* ---- judging --------------------------------------------------------------------------- */

/* A token that is asked for, and whose it is. */
struct judged {
	struct keys_person *p;
	size_t i;
};

static void judge_one(const struct judged *j, uint64_t cut, enum wire_status st, bool right,
    struct keys_verdict *v)
{
	struct keys_event *why;
	const enum keys_must must = keys_person_must(j->p, j->i, cut, &why);
	const bool open = st == WIRE_OK && right, gone = st == WIRE_GONE;

	v->tokens++;
	v->open += open;
	v->gone += gone;
	v->broken += st == WIRE_BROKEN_KEY || (st == WIRE_OK && !right);
	v->lost += must == KEYS_MUST_OPEN && !open;
	v->back += must == KEYS_MUST_BE_GONE && !gone;
	v->broken += must == KEYS_MAY_BE_EITHER && !open && !gone;
	if (must != KEYS_MAY_BE_EITHER)
		return;
	v->started += gone;
	/* what one start has decided stays so: the erasure was, or it never will be */
	why->found = why->found || gone;
}

static bool judge_some(struct keys_world *w, const struct judged *j, size_t n, uint64_t cut,
    struct keys_verdict *v)
{
	const struct asking a = fixture_context(w->fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct keyc_item it[JUDGED];
	struct answer *got;
	bool ok;

	for (size_t i = 0; i < n; i++)
		it[i] = item_of(0, 0, NULL, j[i].p->ev[j[i].i].token);
	got = fixture_ask(w->fx, keyc_open, &a, it, n);
	if ((ok = got->err == SC_OK && got->n == n))
		for (size_t i = 0; i < n; i++)
			judge_one(&j[i], cut, got->r[i].status,
			    strcmp(got->r[i].text, j[i].p->value) == 0, v);
	else
		printf("# openings are refused: %d\n", (int)got->err);
	answer_free(got);
	return ok;
}

static bool judge_tokens(struct keys_world *w, uint64_t cut, struct keys_verdict *v)
{
	struct judged some[JUDGED];
	size_t n = 0;

	for (size_t i = 0; i < w->n_people; i++)
		for (size_t k = 0; k < w->person[i].n; k++) {
			const struct keys_event *e = &w->person[i].ev[k];

			if (e->what != KEYS_SEALED || e->answered > cut)
				continue;
			some[n++] = (struct judged){ &w->person[i], k };
			if (n == JUDGED && (n = 0, !judge_some(w, some, JUDGED, cut, v)))
				return false;
		}
	return n == 0 || judge_some(w, some, n, cut, v);
}

/* Has an erasure its record, and a record its erasure? The keys are those of tokens before it. */
static void judge_erasure(const struct keys_person *p, size_t at, uint64_t cut,
    const struct log_entries *log, struct keys_verdict *v)
{
	const struct keys_event *e = &p->ev[at];
	const struct log_entry *intent;
	bool done = e->found || e->answered <= cut, named = true, had = false;

	if (e->asked > cut)
		return;
	intent = log_entries_intent(log, e->request);
	for (size_t k = at; k-- > 0 && p->ev[k].what != KEYS_ERASED;) {
		if (p->ev[k].answered > cut)
			continue;
		had = true;
		named = named && intent != NULL && log_entry_names(intent, p->ev[k].token);
	}
	if (e->answered <= cut &&
	    (intent == NULL || (e->record != KEYS_NEVER && intent->index != e->record)))
		v->silent++;
	else if (done && had && !named)
		v->silent++;
	else if (!done && had && intent != NULL && named)
		v->undone++;
}

static void judge_records(struct keys_world *w, uint64_t cut, struct keys_verdict *v)
{
	struct log_entries log;

	if (!log_entries_read(w->fx, &log)) {
		v->silent++;
		return;
	}
	for (size_t i = 0; i < w->n_people; i++)
		for (size_t k = 0; k < w->person[i].n; k++)
			if (w->person[i].ev[k].what == KEYS_ERASED)
				judge_erasure(&w->person[i], k, cut, &log, v);
	log_entries_free(&log);
}

bool keys_world_judge(struct keys_world *w, uint64_t cut, struct keys_verdict *v)
{
	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < w->n_people; i++) /* what another cut showed counts no more */
		for (size_t k = 0; k < w->person[i].n; k++)
			if (w->person[i].ev[k].answered > cut)
				w->person[i].ev[k].found = false;
	if (!judge_tokens(w, cut, v) || fixture_stop(w->fx, SIGTERM) != 0)
		return false;
	judge_records(w, cut, v);
	return true;
}

bool keys_verdict_good(const struct keys_verdict *v)
{
	return v->lost + v->back + v->broken + v->silent + v->undone == 0;
}

void keys_verdict_print(const struct keys_verdict *v)
{
	printf(
	    "# %zu tokens: %zu open, %zu gone; %zu of the living do not open, %zu erased ones are"
	    " back, %zu damaged; %zu erasures without a record, %zu recorded and not done\n",
	    v->tokens, v->open, v->gone, v->lost, v->back, v->broken, v->silent, v->undone);
}
