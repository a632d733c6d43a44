/*
 * op_key.c - STATUS: keys, people, store and log in numbers.
 */
#include "crypto/keyd/key_request.h"

#include "base/clock.h"
#include "base/text/jsonw.h"

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

/* What was found at the start, where an older store had been put back. */
static void print_older(struct jsonw *w, const struct keystore_replayed *r)
{
	if (r == NULL || r->order != ORDER_STORE_BEHIND)
		return;
	jsonw_key(w, "older");
	jsonw_object(w);
	jsonw_ku64(w, "commits", r->behind);
	jsonw_ku64(w, "entries", r->entries);
	jsonw_ku64(w, "erased_again", r->erased);
	jsonw_ku64(w, "slots_lost", r->lost);
	jsonw_object_end(w);
}

static void print_store(struct jsonw *w, struct engine *e)
{
	struct people_counts c;

	people_count(e->p.people, &c);
	jsonw_ku64(w, "people", c.people);
	jsonw_key(w, "store");
	jsonw_object(w);
	jsonw_key(w, "ok");
	jsonw_bool(w, !e->store_wrong);
	jsonw_ku64(w, "epoch", c.epoch);
	jsonw_ku64(w, "gen", c.gen);
	jsonw_ku64(w, "slots", c.slots);
	jsonw_ku64(w, "lease", c.lease);
	jsonw_ku64(w, "lost", c.lost);
	jsonw_ku64(w, "skipped", c.skipped);
	jsonw_ku64(w, "unknown", c.unknown);
	jsonw_ku64(w, "broken", c.broken);
	print_older(w, e->p.replayed);
	jsonw_object_end(w);
	jsonw_key(w, "returning");
	jsonw_object(w);
	jsonw_ku64(w, "returned", c.returned);
	jsonw_ku64(w, "waiting", c.waiting);
	jsonw_object_end(w);
	jsonw_ku64(w, "believed_ms", c.believed_ms);
	jsonw_ku64(w, "leaving", people_leaving_count(e->p.people));
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
	print_store(&w, e);
	back_check_print(&w, e->p.check);
	backup_tell_print(&w, e->p.backups);
	back_months_print(&w, e->p.months);
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
