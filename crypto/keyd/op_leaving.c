/*
 * op_leaving.c - OPERATE's word "erasures": erasures that wait, and taking one back.
 *
 *	""			the first of them, by the entries that tell of them
 *	"ENTRY"			those behind that one
 *	"cancel HANDLE REASON"	its keys open again
 *
 * Taking back goes like an erasure: its intent is on disk before the store changes, and what came
 * of it before the answer. A crash between leaves an intent that the next start carries out.
 */
#include "crypto/keyd/key_request.h"

#include "base/log.h"
#include "base/text/hex.h"
#include "base/text/jsonw.h"
#include "base/weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 500
#define ANSWER_MAX (128u << 10)

static const char act[] = "erasure.cancel";

/* ---- who waits ---- */

/* What records call them: those of the year in which it was asked, if that has a key. */
static enum sc_err told(const struct key_request *req, const struct people_leaver *who,
    uint8_t out[static HANDLE_BYTES])
{
	return keyring_year_handle(req->e->p.keyring, key_year_of(who->asked_ms), who->handle,
		   out) == SC_OK ?
	    SC_OK :
	    key_request_told(req, who->handle, out);
}

static enum sc_err put_one(const struct key_request *req, struct jsonw *w,
    const struct people_leaver *who)
{
	uint8_t handle[HANDLE_BYTES];
	enum sc_err err = told(req, who, handle);

	if (err != SC_OK)
		return err;
	jsonw_object(w);
	jsonw_key(w, "handle");
	jsonw_hex(w, handle, sizeof(handle));
	jsonw_ku64(w, "keys", who->n);
	jsonw_ku64(w, "record", who->intent);
	jsonw_ku64(w, "asked_ms", who->asked_ms);
	jsonw_ku64(w, "left_s", (who->left_ms + 999) / 1000);
	jsonw_object_end(w);
	return SC_OK;
}

/* NEXT_UP: the entry that is listed first. */
static enum sc_err list(struct key_request *req, uint64_t next_up)
{
	struct people *pp = req->e->p.people;
	struct people_leaver who;
	struct sc_buf text;
	struct jsonw w;
	unsigned n = 0;
	enum sc_err err = SC_OK;

	sc_buf_init(&text, ANSWER_MAX);
	w = jsonw(&text);
	jsonw_object(&w);
	jsonw_ku64(&w, "keys", people_leaving_count(pp));
	jsonw_key(&w, "erasures");
	jsonw_array(&w);
	for (; err == SC_OK && n < LIST_MAX && people_leaving_next(pp, next_up, &who); n++) {
		err = put_one(req, &w, &who);
		next_up = who.intent + 1;
	}
	jsonw_array_end(&w);
	if (n == LIST_MAX)
		jsonw_ku64(&w, "next", next_up);
	jsonw_object_end(&w);
	if (err == SC_OK)
		err = w.err != SC_OK ? w.err : operate_answer(req, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

/* ---- taking one back ---- */

/* Is HANDLE what some year's records call WHO? */
static bool is_called(const struct keyring *kr, const struct people_leaver *who,
    const uint8_t *handle)
{
	uint8_t told[HANDLE_BYTES];

	for (unsigned y = KEY_YEAR_FIRST; y < KEY_YEAR_FIRST + KEY_YEARS; y++)
		if (keyring_year_handle(kr, y, who->handle, told) == SC_OK &&
		    memcmp(told, handle, HANDLE_BYTES) == 0)
			return true;
	return false;
}

static bool find(const struct engine *e, const uint8_t *handle, struct people_leaver *out)
{
	uint64_t from = 0;

	while (people_leaving_next(e->p.people, from, out)) {
		if (is_called(e->p.keyring, out, handle))
			return true;
		from = out->intent + 1;
	}
	return false;
}

struct staying {
	struct reply_address address;
	struct asking_kept who;
	struct people_leaver leaver;
	struct logged_erasure what; /* its ids are the leaver's */
	uint64_t intent;
	bool begun; /* its intent is on disk */
};

static void staying_free(struct staying *x)
{
	x->address.e->staying = NULL;
	free(x);
}

static enum sc_err record(struct staying *x, enum audit_outcome outcome, uint64_t *index)
{
	return keylog_leaving(x->address.e->p.keylog, &x->who.asking, act, &x->what, outcome,
	    index);
}

static enum sc_err print(const struct staying *x, struct sc_buf *text)
{
	struct jsonw w = jsonw(text);

	jsonw_object(&w);
	jsonw_kstr(&w, "done", act);
	jsonw_ku64(&w, "keys", x->leaver.n);
	jsonw_ku64(&w, "record", x->intent);
	jsonw_object_end(&w);
	return w.err;
}

static void on_stayed(void *owner, enum sc_err err, bool found)
{
	struct staying *x = owner;
	struct sc_buf text;
	uint64_t done;

	(void)found;
	sc_buf_init(&text, 256);
	if (record(x, err == SC_OK ? AUDIT_OK : AUDIT_FAILED, &done) != SC_OK)
		err = SC_LIMIT;
	if (err == SC_OK && (err = print(x, &text)) == SC_OK)
		reply_people(&x->address, WIRE_OK, sc_buf_span(&text), x->intent, done, NULL, 0);
	if (err != SC_OK)
		reply_fail(&x->address, err);
	sc_buf_fini(&text);
	staying_free(x);
}

void staying_go_on(struct engine *e, uint64_t durable, bool failed)
{
	struct staying *x = e->staying;
	enum sc_err err = SC_LIMIT;

	if (x == NULL || x->begun || (x->intent >= durable && !failed))
		return;
	x->begun = true;
	if (x->intent < durable &&
	    (err = people_stay(e->p.people, &x->leaver, x->intent, x, on_stayed)) == SC_OK)
		return;
	people_let_go(e->p.people);
	on_stayed(x, err, false);
}

size_t staying_waiting(const struct engine *e)
{
	return e->staying != NULL;
}

void staying_forget(struct engine *e)
{
	if (e->staying != NULL)
		staying_free(e->staying);
}

static enum sc_err begin(struct key_request *req, const struct people_leaver *who,
    const struct policy_reason *why)
{
	struct engine *e = req->e;
	struct staying *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return SC_NOMEM;
	asking_keep(&x->who, &req->who.asking);
	operate_name(req, &x->who.principal);
	x->who.reason = *why;
	x->who.asking.reason = &x->who.reason;
	x->address = key_request_address(req);
	x->leaver = *who;
	memcpy(x->what.handle, who->handle, sizeof(x->what.handle));
	x->what.ids = x->leaver.ids;
	x->what.n = who->n;
	people_intend(e->p.people);
	if (record(x, AUDIT_OUTCOME_NONE, &x->intent) == SC_OK) {
		e->staying = x;
		return SC_OK;
	}
	people_let_go(e->p.people);
	free(x);
	return SC_LIMIT;
}

/* "HANDLE REASON" */
static enum sc_err cancel(struct key_request *req, struct sc_span words)
{
	struct sc_diag d = { .text = "" };
	struct policy_reason why;
	struct people_leaver who;
	uint8_t handle[HANDLE_BYTES];
	const size_t n = 2 * sizeof(handle);

	if (tlog_failed(req->e->p.log))
		return SC_LIMIT;
	if (req->e->staying != NULL)
		return SC_AGAIN;
	if (words.n < n || !hex_parse(sc_span(words.p, n), handle, sizeof(handle)))
		sc_diag_set(&d,
		    "cancel whose: a handle of %zu digits, as scrim keys erasures lists them", n);
	else if (words.n < n + 2 ||
	    policy_reason_parse(sc_span_from(words, n + 1), &why, &d) != SC_OK)
		sc_diag_set(&d, "say why with --reason TEXT: words, and nothing of anybody's");
	else if (!find(req->e, handle, &who))
		sc_diag_set(&d, "no erasure of that handle waits: it is done, or was taken back");
	else
		return begin(req, &who, &why);
	return operate_refuse(req, act, &d);
}

enum sc_err operate_erasures(struct key_request *req, struct sc_span words)
{
	static const struct sc_span word = SC_LIT("cancel ");
	uint64_t after = 0;

	if (words.n >= word.n && memcmp(words.p, word.p, word.n) == 0)
		return cancel(req, sc_span_from(words, word.n));
	if (words.n > 0 && !note_number(words, &after))
		return SC_SYNTAX;
	return list(req, after);
}
