/*
 * op_dormant.c - OPERATE's word "dormant": for whom was nothing sealed since a day? Bites
 * of slots, one job of the store's after the other, so that nobody waits behind them, however few
 * of them it is about.
 *
 *	"DAY"		how many, by the quarter in which something of theirs was sealed last
 *	"DAY SLOT"	their key ids, from that slot on, and where to go on
 */
#include "crypto/keyd/key_request.h"

#include "base/civil.h"
#include "base/text/jsonw.h"
#include "crypto/keystore/people.h"
#include "crypto/keytree/slot_id.h"
#include "crypto/rows/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITE 20000 /* slots */
#define LIST_MAX 2000
#define WEEKS_MAX 8192
#define ANSWER_MAX (128u << 10)

struct dormant {
	struct reply_address address;
	struct inbox_job job;
	bool list;
	uint64_t week, next; /* sealed last before this one; the slot to go on from */
	uint64_t end;        /* slots there are */
	uint64_t people;
	uint64_t slots[LIST_MAX];
	size_t n;
	uint32_t counts[WEEKS_MAX];
};

static uint64_t bite_end(const struct dormant *x)
{
	return x->next < x->end && x->end - x->next > BITE ? x->next + BITE : x->end;
}

static bool is_full(const struct dormant *x)
{
	return x->n == LIST_MAX;
}

static bool bind_bite(void *arg, size_t i, struct store_value *v)
{
	const struct dormant *x = arg;

	(void)i;
	v[0] = store_number(x->week);
	v[1] = store_number(x->next);
	v[2] = store_number(bite_end(x));
	v[3] = store_number(x->list ? LIST_MAX - x->n : BITE);
	return true;
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct dormant *x = arg;
	uint64_t week = (uint64_t)v[1].number;

	(void)i;
	if (week >= WEEKS_MAX)
		return SC_CORRUPT;
	x->people++;
	x->counts[week]++;
	if (x->list)
		x->slots[x->n++] = (uint64_t)v[0].number;
	return SC_OK;
}

/* ---- the answer ---- */

/* The quarter that WEEK begins in: years from 1970, four each. */
static unsigned quarter_of(unsigned week)
{
	struct civil_date d = civil_of_days((int64_t)week * 7);

	return (unsigned)(d.year - 1970) * 4 + (d.month - 1u) / 3;
}

static void print_counts(struct jsonw *w, const struct dormant *x)
{
	char text[32];

	jsonw_key(w, "quarters");
	jsonw_array(w);
	for (unsigned i = 0; i < WEEKS_MAX;) {
		unsigned quarter = quarter_of(i);
		uint64_t n = 0;

		for (; i < WEEKS_MAX && quarter_of(i) == quarter; i++)
			n += x->counts[i];
		if (n == 0)
			continue;
		snprintf(text, sizeof(text), "%uQ%u", 1970 + quarter / 4, quarter % 4 + 1);
		jsonw_object(w);
		jsonw_kstr(w, "quarter", text);
		jsonw_ku64(w, "people", n);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static enum sc_err print_ids(struct jsonw *w, const struct dormant *x)
{
	struct slot_ids *ids;
	enum sc_err err = slot_ids_new(keyring_slot_key(x->address.e->p.keyring), &ids);
	char text[17];
	uint64_t id;

	if (err != SC_OK)
		return err;
	jsonw_key(w, "ids");
	jsonw_array(w);
	for (size_t i = 0; i < x->n && err == SC_OK; i++) {
		if ((err = slot_id_of(ids, x->slots[i], &id)) != SC_OK)
			break;
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)id);
		jsonw_str(w, text);
	}
	jsonw_array_end(w);
	if (is_full(x)) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)x->slots[x->n - 1] + 1);
		jsonw_kstr(w, "next", text);
	}
	slot_ids_free(ids);
	return err;
}

static enum sc_err print(const struct dormant *x, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	enum sc_err err = SC_OK;

	jsonw_object(&w);
	jsonw_ku64(&w, "people", x->people);
	if (x->list)
		err = print_ids(&w, x);
	else
		print_counts(&w, x);
	jsonw_object_end(&w);
	return err != SC_OK ? err : w.err;
}

static void answer(const struct dormant *x, enum sc_err err)
{
	const struct reply_address *to = &x->address;
	struct peer *p = reply_peer(to);
	struct answer_frames a;
	struct sc_buf text;

	if (p == NULL)
		return;
	sc_buf_init(&text, ANSWER_MAX);
	if (err == SC_OK && (err = print(x, &text)) == SC_OK &&
	    (err = answer_begin(&a, &p->out, to->op, to->req_id)) == SC_OK &&
	    ((err = answer_put(&a, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0, sc_buf_span(&text))) !=
		    SC_OK ||
		(err = answer_end(&a, WIRE_NO_RECORD, NULL, 0)) != SC_OK))
		answer_drop(&a);
	sc_buf_fini(&text);
	if (err != SC_OK)
		reply_fail(to, err);
}

/* ---- bite by bite ---- */

static void on_bite(struct inbox_job *job, enum sc_err err)
{
	struct dormant *x = loop_owner(job, struct dormant, job);

	x->next = bite_end(x);
	if (err == SC_OK && !is_full(x) && x->next < x->end) {
		inbox_submit(x->address.e->p.inbox, &x->job);
		return;
	}
	x->address.e->pending--;
	answer(x, err);
	free(x);
}

enum sc_err operate_dormant(struct key_request *req, struct sc_span words)
{
	const uint8_t *blank = words.n == 0 ? NULL : memchr(words.p, ' ', words.n);
	size_t n = blank == NULL ? words.n : (size_t)(blank - words.p);
	uint64_t day, from = 0;
	struct people_counts counts;
	struct dormant *x;

	if (!note_number(sc_span(words.p, n), &day) || day / 7 >= WEEKS_MAX ||
	    (blank != NULL && !note_number(sc_span_from(words, n + 1), &from)))
		return SC_SYNTAX;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return SC_NOMEM;
	x->address = key_request_address(req);
	x->list = blank != NULL;
	x->week = day / 7;
	people_count(req->e->p.people, &counts);
	x->next = from;
	x->end = counts.slots;
	x->job.job.ask = (struct store_batch){ WEEK_BEFORE, 1, bind_bite, take_row, x };
	x->job.on_loop = on_bite;
	req->e->pending++;
	inbox_submit(req->e->p.inbox, &x->job);
	return SC_OK;
}
