/*
 * reconcile.c - both logs' records, sorted by request id, paired, and compared.
 *
 * An opening in keyd's log wants any record of the request in scrimd's: what
 * became of it there does not matter. An opening that scrimd tells of, and for
 * which it names keyd's record, wants an opening in keyd's log. Where both tell
 * of one they must tell the same: who, in which role and what for. An operation
 * that scrimd tells of must be one of keyd's, which has the caller's and the
 * recipient's of a share, and scrimd may tell of more values, since it masks
 * what was never sealed and gives out virtual numbers, but of none fewer. Of
 * each record a few numbers are kept; words are read again where something differs.
 */
#include "audit/review/review.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/grow.h"
#include "base/text/jsonw.h"
#include "crypto/prim/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What both sides say in words; of each the hash of its text is kept. */
enum said { SAID_PRINCIPAL, SAID_ROLE, SAID_PURPOSE, SAID_OP, SAIDS };
static const char *const said_names[SAIDS] = { "principal", "role", "purpose", "op" };

struct opening {
	uint64_t request_id, index, at_ms;
	uint64_t said[SAIDS];
	uint32_t revealed, shown; /* values; whole or in part */
	bool keyd;
	bool wants; /* a record on the other side */
};

struct join {
	struct opening *v; /* of both sides */
	size_t n, cap;
	bool keyd; /* the side that is being read */
	const char *keyd_dir, *scrimd_dir;
	uint64_t last_ms;
	uint64_t young_ms; /* openings at or after this may still find their pair */
	audit_line_fn *line;
	void *arg;
	struct sc_diag *d;
	struct audit_reconciled *out;
};

static const char *said_of(const struct audit_entry *e, unsigned i)
{
	const char *const v[SAIDS] = { e->principal, e->role, e->purpose, e->op };

	return v[i];
}

static uint32_t shown_of(const struct audit_entry *e)
{
	return e->counts.revealed + e->counts.masked + e->counts.generalised;
}

static uint64_t hash_of(const char *text)
{
	uint8_t h[HASH_BYTES];

	hash_sha256(sc_span_str(text), h);
	return sc_be64_load(h);
}

static enum sc_err add(struct join *j, const struct opening *o)
{
	struct opening *v;

	if (j->n == j->cap) {
		size_t cap = sc_grown(j->cap);

		if ((v = realloc(j->v, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		j->v = v;
		j->cap = cap;
	}
	j->v[j->n++] = *o;
	return SC_OK;
}

static enum sc_err collect(void *arg, uint64_t index, struct sc_span json)
{
	struct join *j = arg;
	struct audit_entry e;
	struct opening o;
	enum sc_err err = SC_OK;

	if (audit_entry_parse(json, &e) != SC_OK)
		return SC_OK;
	if (e.at_ms > j->last_ms)
		j->last_ms = e.at_ms;
	o = (struct opening){ .revealed = e.counts.revealed,
		.request_id = e.request_id,
		.index = index,
		.at_ms = e.at_ms,
		.shown = shown_of(&e),
		.keyd = j->keyd,
		.wants = audit_entry_opens(&e) && (j->keyd || e.keyd != AUDIT_NONE) };
	for (unsigned i = 0; i < SAIDS && o.wants; i++)
		o.said[i] = hash_of(said_of(&e, i));
	if (o.wants)
		++*(j->keyd ? &j->out->keyd_openings : &j->out->scrimd_openings);
	if (o.wants && e.request_id == 0)
		j->out->without_id++;
	if (e.request_id != 0 && (o.wants || !j->keyd))
		err = add(j, &o);
	audit_entry_fini(&e);
	return err;
}

static int by_request(const void *a, const void *b)
{
	const struct opening *x = a, *y = b;

	if (x->request_id != y->request_id)
		return x->request_id < y->request_id ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static enum sc_err tell(const struct join *j, const struct opening *o)
{
	struct sc_buf text;
	enum sc_err err;

	if (o->at_ms >= j->young_ms) {
		j->out->recent++;
		return SC_OK;
	}
	if (j->line == NULL)
		return SC_OK;
	sc_buf_init(&text, 256);
	err = sc_buf_printf(&text,
	    "{\"side\":\"%s\",\"index\":%" PRIu64 ",\"req\":\"%016" PRIx64 "\",\"at\":%" PRIu64 "}",
	    o->keyd ? "keyd" : "scrimd", o->index, o->request_id, o->at_ms);
	if (err == SC_OK)
		err = j->line(j->arg, o->index, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

/* ---- what both tell ----------------------------------------------------------------------- */

/* A side's openings of one request, taken together. */
struct side {
	const struct opening *first; /* that wants a pair; NULL: none */
	uint64_t revealed, shown;
	bool mixed[SAIDS]; /* its records do not say the same */
};

static void add_to(struct side *s, const struct opening *o)
{
	if (!o->wants)
		return;
	if (s->first == NULL)
		s->first = o;
	s->revealed += o->revealed;
	s->shown += o->shown;
	for (unsigned i = 0; i < SAIDS; i++)
		s->mixed[i] |= o->said[i] != s->first->said[i];
}

/* A request's openings, from V[FROM] to before V[TO], and what each side makes of them. */
struct request {
	const struct opening *from, *to;
	struct side keyd, scrimd;
};

/* Is OP of a record of scrimd's that of one of keyd's? */
static bool keyd_did(const struct request *r, uint64_t op)
{
	for (const struct opening *o = r->from; o < r->to; o++)
		if (o->keyd && o->wants && o->said[SAID_OP] == op)
			return true;
	return false;
}

static bool says_other(const struct request *r, unsigned i)
{
	const struct side *a = &r->keyd, *b = &r->scrimd;

	if (i == SAID_OP)
		return !keyd_did(r, b->first->said[i]);
	return a->mixed[i] || b->mixed[i] || a->first->said[i] != b->first->said[i];
}

struct words {
	struct jsonw *w;
	const struct side *side;
};

static enum sc_err put_words(void *arg, uint64_t index, struct sc_span json)
{
	struct words *s = arg;
	struct audit_entry e;

	if (audit_entry_parse(json, &e) != SC_OK)
		return SC_LIMIT;
	jsonw_object(s->w);
	jsonw_ku64(s->w, "index", index);
	for (unsigned i = 0; i < SAIDS; i++)
		jsonw_kstr(s->w, said_names[i], said_of(&e, i));
	jsonw_ku64(s->w, "revealed", s->side->revealed);
	jsonw_ku64(s->w, "shown", s->side->shown);
	jsonw_object_end(s->w);
	audit_entry_fini(&e);
	return SC_LIMIT; /* one is enough */
}

/* {"req":...,"at":...,"differs":[...],"keyd":{...},"scrimd":{...}}, each side by its first record */
static enum sc_err tell_differing(struct join *j, const struct request *r)
{
	const struct side *keyd = &r->keyd, *scrimd = &r->scrimd;
	struct sc_buf text;
	struct jsonw w = jsonw(&text);
	struct words of_keyd = { &w, keyd }, of_scrimd = { &w, scrimd };
	uint8_t id[8];
	enum sc_err err;

	if (j->line == NULL)
		return SC_OK;
	sc_buf_init(&text, 4096);
	sc_be64_store(id, keyd->first->request_id);
	jsonw_object(&w);
	jsonw_key(&w, "req");
	jsonw_hex(&w, id, sizeof(id));
	jsonw_ku64(&w, "at", keyd->first->at_ms);
	jsonw_key(&w, "differs");
	jsonw_array(&w);
	for (unsigned i = 0; i < SAIDS; i++)
		if (says_other(r, i))
			jsonw_str(&w, said_names[i]);
	if (keyd->revealed > scrimd->revealed)
		jsonw_str(&w, "revealed");
	if (keyd->shown > scrimd->shown)
		jsonw_str(&w, "shown");
	jsonw_array_end(&w);
	jsonw_key(&w, "keyd");
	err = walk_dir(j->keyd_dir, keyd->first->index, put_words, &of_keyd, j->d);
	if (err == SC_OK || err == SC_LIMIT) {
		jsonw_key(&w, "scrimd");
		err = walk_dir(j->scrimd_dir, scrimd->first->index, put_words, &of_scrimd, j->d);
	}
	jsonw_object_end(&w);
	if (err == SC_LIMIT)
		err = w.err;
	if (err == SC_OK)
		err = j->line(j->arg, keyd->first->index, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

static enum sc_err compare(struct join *j, const struct request *r)
{
	bool other = r->keyd.revealed > r->scrimd.revealed || r->keyd.shown > r->scrimd.shown;

	for (unsigned i = 0; i < SAIDS; i++)
		other |= says_other(r, i);
	if (!other)
		return SC_OK;
	j->out->differing++;
	return tell_differing(j, r);
}

/* All that both sides have of one request, from I on, which moves behind it. */
static enum sc_err pair(struct join *j, size_t *i)
{
	struct request r = { .from = &j->v[*i] };
	uint64_t id = j->v[*i].request_id;
	bool recorded = false; /* by scrimd, whatever became of it */

	for (; *i < j->n && j->v[*i].request_id == id; ++*i) {
		const struct opening *o = &j->v[*i];

		recorded |= !o->keyd;
		add_to(o->keyd ? &r.keyd : &r.scrimd, o);
		r.to = o + 1;
	}
	if (r.keyd.first != NULL && recorded) {
		j->out->pairs++;
		return r.scrimd.first == NULL ? SC_OK : compare(j, &r);
	}
	if (r.keyd.first != NULL) {
		j->out->only_keyd++;
		return tell(j, r.keyd.first);
	}
	if (r.scrimd.first != NULL) {
		j->out->only_scrimd++;
		return tell(j, r.scrimd.first);
	}
	return SC_OK;
}

enum sc_err audit_reconcile(const char *keyd_dir, const char *scrimd_dir, uint64_t grace_ms,
    audit_line_fn *line, void *arg, struct sc_diag *d, struct audit_reconciled *out)
{
	struct join j = { .keyd = true,
		.keyd_dir = keyd_dir,
		.scrimd_dir = scrimd_dir,
		.line = line,
		.arg = arg,
		.d = d,
		.out = out };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	/* keyd first: its record comes first, so scrimd's is there by the time we look */
	if ((err = walk_dir(keyd_dir, 0, collect, &j, d)) == SC_OK) {
		j.keyd = false;
		err = walk_dir(scrimd_dir, 0, collect, &j, d);
	}
	if (j.n > 0)
		qsort(j.v, j.n, sizeof(j.v[0]), by_request);
	j.young_ms = grace_ms == 0 ? UINT64_MAX : j.last_ms > grace_ms ? j.last_ms - grace_ms : 0;
	for (size_t i = 0; i < j.n && err == SC_OK;)
		err = pair(&j, &i);
	free(j.v);
	return err;
}
