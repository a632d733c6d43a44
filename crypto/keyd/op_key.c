/*
 * op_key.c - ERASE_SUBJECT and STATUS.
 *
 * An erasure is recorded as an intent, carried out when that is on disk,
 * recorded as done, and answered when that second record is on disk too.
 */
#include "crypto/keyd/key_request.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text/jsonw.h"

#include <stdlib.h>
#include <string.h>

/* ---- erasing ---- */

struct erase {
	struct erase *next; /* waits for its intent to be durable */
	uint64_t intent;
	struct reply_address address;
	uint8_t handle[HANDLE_BYTES];
	struct asking_kept who; /* outlives the request: its record comes later */
};

static void answer_erase(const struct reply_address *to, enum wire_status status, uint64_t record,
    const uint8_t *handle)
{
	struct peer *p = reply_peer(to);
	struct answer_frames a;
	enum sc_err err;

	if (p == NULL)
		return;
	if ((err = answer_begin(&a, &p->held, to->op, to->req_id)) != SC_OK ||
	    (err = answer_put(&a, status, ACTION_DENY, CLASS_NONE, 0, sc_span(NULL, 0))) != SC_OK ||
	    (err = answer_end(&a, record, handle, 1)) != SC_OK) {
		sc_buf_truncate(&p->held, a.start);
		reply_fail(to, err);
		return;
	}
	reply_hold(to, p, a.start, record);
}

static void on_erased(void *owner, enum sc_err err, bool found)
{
	struct erase *x = owner;
	const struct asking *a = &x->who.asking;
	uint64_t record;

	/* the working key, if it was this subject's */
	engine_rest(x->address.e);
	if (err != SC_OK) {
		log_event(LOG_ERROR, "keyd.erase_failed", LOG_ERR("err", err), LOG_END);
		if (keylog_erase(x->address.e->p.keylog, a, x->handle, AUDIT_FAILED,
			"the store failed", &record) != SC_OK)
			err = SC_LIMIT;
		reply_fail(&x->address, err);
	} else if (keylog_erase(x->address.e->p.keylog, a, x->handle, AUDIT_OK,
		       found ? "erased" : "no key", &record) != SC_OK)
		reply_fail(&x->address, SC_LIMIT);
	else
		answer_erase(&x->address, found ? WIRE_OK : WIRE_GONE, record, x->handle);
	free(x);
}

/*
 * Only when the intent is on disk is the store asked: a crash leaves an intent
 * without an outcome, but never a destroyed key of which nothing tells.
 */
static void wait_for_intent(struct engine *e, struct erase *x)
{
	struct erase **p = &e->intents;

	while (*p != NULL)
		p = &(*p)->next;
	*p = x;
}

size_t erase_waiting(const struct engine *e)
{
	size_t n = 0;

	for (const struct erase *x = e->intents; x != NULL; x = x->next)
		n++;
	return n;
}

void erase_forget(struct engine *e)
{
	struct erase *x;

	while ((x = e->intents) != NULL) {
		e->intents = x->next;
		free(x);
	}
}

void engine_durable(struct engine *e, uint64_t durable, bool failed)
{
	struct erase *x;
	enum sc_err err;

	operate_go_on(e, durable, failed);
	while ((x = e->intents) != NULL && (x->intent < durable || failed)) {
		e->intents = x->next;
		err = x->intent >= durable ?
		    SC_LIMIT :
		    subject_keys_erase(e->p.subjects, x->handle, x, on_erased);
		if (err != SC_OK) {
			reply_fail(&x->address, err);
			free(x);
		}
	}
}

enum sc_err op_erase(struct key_request *req, struct sc_reader *r)
{
	struct engine *e = req->e;
	struct sc_span subject = sc_read_field16(r);
	const struct reply_address to = key_request_address(req);
	uint8_t handle[HANDLE_BYTES];
	struct policy_verdict v;
	struct erase *x;
	uint64_t record;

	if (!sc_reader_done(r) || subject.n == 0 || subject.n > CRYPTO_SUBJECT_MAX)
		return SC_SYNTAX;
	subject_keys_handle(e->p.subjects, subject, handle);
	policy_ask(e->policy, &req->who.asking, &(struct policy_item){ .class_id = CLASS_NONE },
	    &v);
	if (v.action != ACTION_REVEAL) {
		if (keylog_erase(e->p.keylog, &req->who.asking, handle, AUDIT_REFUSED,
			"denied by policy", &record) != SC_OK)
			return SC_LIMIT;
		answer_erase(&to, WIRE_DENIED, record, handle);
		return SC_OK;
	}
	if (keylog_erase(e->p.keylog, &req->who.asking, handle, AUDIT_OUTCOME_NONE, NULL,
		&record) != SC_OK)
		return SC_LIMIT;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return SC_NOMEM;
	x->address = to;
	x->intent = record;
	memcpy(x->handle, handle, sizeof(handle));
	asking_keep(&x->who, &req->who.asking);
	wait_for_intent(e, x);
	return SC_OK;
}

/* ---- status ---- */

static void print_states(struct jsonw *w, const char *key, const uint32_t n[KEY_STATE_COUNT])
{
	static const char *const names[KEY_STATE_COUNT] = { NULL, "active", "decrypt_only",
		"disabled", "destroyed" };

	jsonw_key(w, key);
	jsonw_object(w);
	for (unsigned i = KEY_ACTIVE; i < KEY_STATE_COUNT; i++)
		if (n[i] > 0)
			jsonw_ku64(w, names[i], n[i]);
	jsonw_object_end(w);
}

static void print_log(struct jsonw *w, struct engine *e)
{
	struct tlog_status s;

	tlog_status(e->p.log, &s);
	jsonw_key(w, "log");
	jsonw_object(w);
	jsonw_kstr(w, "origin", e->p.origin);
	jsonw_ku64(w, "entries", s.next);
	jsonw_ku64(w, "durable", s.durable);
	jsonw_ku64(w, "signed", s.signed_size);
	jsonw_ku64(w, "lost", keylog_lost(e->p.keylog));
	jsonw_key(w, "space_low");
	jsonw_bool(w, s.space_low);
	jsonw_key(w, "failed");
	jsonw_bool(w, s.failed);
	jsonw_object_end(w);
}

static enum sc_err print_status(struct engine *e, struct sc_buf *out)
{
	uint32_t keks[KEY_STATE_COUNT], classes[KEY_STATE_COUNT];
	struct jsonw w = jsonw(out);
	uint64_t now = clock_unix_ms();

	keyring_count(e->p.keyring, keks, classes);
	jsonw_object(&w);
	jsonw_kstr(&w, "tenant", e->p.tenant->s);
	jsonw_ku64(&w, "uptime_s", now > e->started_ms ? (now - e->started_ms) / 1000 : 0);
	jsonw_kstr(&w, "policy", policy_version(e->policy)->s);
	jsonw_key(&w, "policy_hash");
	jsonw_hex(&w, e->hash, sizeof(e->hash));
	print_states(&w, "keks", keks);
	print_states(&w, "class_keys", classes);
	jsonw_ku64(&w, "subjects", subject_keys_count(e->p.subjects));
	jsonw_ku64(&w, "waiting", engine_pending(e));
	print_log(&w, e);
	jsonw_object_end(&w);
	return w.err;
}

enum sc_err op_status(struct key_request *req, struct sc_reader *r)
{
	struct sc_buf text;
	enum sc_err err;

	if (!sc_reader_done(r))
		return SC_SYNTAX;
	sc_buf_init(&text, 8192);
	if ((err = print_status(req->e, &text)) == SC_OK &&
	    (err = answer_begin(&req->answer, &req->peer->out, req->op, req->req_id)) == SC_OK &&
	    (err = answer_put(&req->answer, WIRE_OK, ACTION_REVEAL, CLASS_NONE, 0,
		 sc_buf_span(&text))) == SC_OK)
		err = answer_end(&req->answer, WIRE_NO_RECORD, NULL, 0);
	sc_buf_fini(&text);
	return err;
}
