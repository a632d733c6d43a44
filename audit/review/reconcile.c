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
 *
 * keyd's log has the openings of all its gateways, and says of each whose it was; a gateway's log
 * has its own name in its origin. What a crash of theirs may have lost is told apart (crash.h).
 */
#include "audit/review/reconcile_int.h"

#include "audit/review/walk.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/text/jsonw.h"
#include "crypto/tlog/writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const said_names[SAIDS] = { "principal", "role", "purpose", "op" };

static int by_request(const void *a, const void *b)
{
	const struct opening *x = a, *y = b;

	if (x->gate != y->gate)
		return x->gate < y->gate ? -1 : 1;
	if (x->request_id != y->request_id)
		return x->request_id < y->request_id ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* BY: the crash that explains it, or NULL. */
static enum sc_err tell_alone(const struct join *j, const struct opening *o, const struct crash *by)
{
	struct sc_buf text;
	enum sc_err err;

	if (j->ask->line == NULL)
		return SC_OK;
	sc_buf_init(&text, 256);
	err = sc_buf_printf(&text,
	    "{\"side\":\"%s\",\"index\":%" PRIu64 ",\"req\":\"%016" PRIx64 "\",\"at\":%" PRIu64,
	    o->keyd ? "keyd" : "scrimd", o->index, o->request_id, o->at_ms);
	if (err == SC_OK && by != NULL)
		err = sc_buf_printf(&text, ",\"lost\":\"crash\",\"start\":%" PRIu64, by->start);
	if (err == SC_OK)
		err = sc_buf_put_str(&text, "}");
	if (err == SC_OK)
		err = j->ask->line(j->ask->arg, o->index, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

static enum sc_err tell(const struct join *j, const struct opening *o)
{
	if (o->at_ms < j->young_ms)
		return tell_alone(j, o, NULL);
	j->out->recent++;
	return SC_OK;
}

/* ---- what both tell ----------------------------------------------------------------------- */

/* A side's openings of one request, taken together. */
struct side {
	const struct opening *first; /* that wants a pair; NULL: none */
	uint64_t revealed, shown;
	struct missing when;
	bool mixed[SAIDS]; /* its records do not say the same */
};

static void add_to(struct side *s, const struct opening *o)
{
	if (!o->wants)
		return;
	if (s->first == NULL) {
		s->first = o;
		s->when = (struct missing){ o->at_ms, o->at_ms };
	}
	if (o->at_ms < s->when.first_ms)
		s->when.first_ms = o->at_ms;
	if (o->at_ms > s->when.last_ms)
		s->when.last_ms = o->at_ms;
	s->revealed += o->revealed;
	s->shown += o->shown;
	for (unsigned i = 0; i < SAIDS; i++)
		s->mixed[i] |= o->said[i] != s->first->said[i];
}

/* A request's openings, from V[FROM] to before V[TO], and what each side makes of them. */
struct request {
	const struct opening *from, *to;
	struct side keyd, scrimd;
	bool recorded; /* by scrimd, whatever became of it */
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

	if (j->ask->line == NULL)
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
	err = walk_dir(j->ask->keyd_dir, keyd->first->index, put_words, &of_keyd, j->d);
	if (err == SC_OK || err == SC_LIMIT) {
		jsonw_key(&w, "scrimd");
		err = walk_dir(j->gates[scrimd->first->gate].dir, scrimd->first->index, put_words,
		    &of_scrimd, j->d);
	}
	jsonw_object_end(&w);
	if (err == SC_LIMIT)
		err = w.err;
	if (err == SC_OK)
		err = j->ask->line(j->ask->arg, keyd->first->index, sc_buf_span(&text));
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
static struct request gather(const struct join *j, size_t *i)
{
	const struct opening *from = &j->v[*i];
	struct request r = { .from = from };

	for (; *i < j->n && j->v[*i].request_id == from->request_id && j->v[*i].gate == from->gate;
	     ++*i) {
		const struct opening *o = &j->v[*i];

		r.recorded |= !o->keyd;
		add_to(o->keyd ? &r.keyd : &r.scrimd, o);
		r.to = o + 1;
	}
	return r;
}

static bool keyd_alone(const struct request *r)
{
	return r->keyd.first != NULL && !r->recorded;
}

static enum sc_err tell_keyd_alone(struct join *j, const struct request *r)
{
	const struct crash *by =
	    crashes_explain(&j->gates[r->from->gate].crashes, r->keyd.when, j->window_ms);

	if (by == NULL) {
		j->out->only_keyd++;
		return tell(j, r->keyd.first);
	}
	j->out->lost++;
	return tell_alone(j, r->keyd.first, by);
}

static enum sc_err judge(struct join *j, const struct request *r)
{
	if (keyd_alone(r))
		return tell_keyd_alone(j, r);
	if (r->keyd.first != NULL) {
		j->out->pairs++;
		return r->scrimd.first == NULL ? SC_OK : compare(j, r);
	}
	if (r->scrimd.first != NULL) {
		j->out->only_scrimd++;
		return tell(j, r->scrimd.first);
	}
	return SC_OK;
}

static enum sc_err judge_all(struct join *j)
{
	enum sc_err err = SC_OK;

	if (j->n > 0)
		qsort(j->v, j->n, sizeof(j->v[0]), by_request);
	/* where each crash's window begins is known when all that is missing was seen */
	for (size_t i = 0; i < j->n;) {
		const struct request r = gather(j, &i);

		if (keyd_alone(&r))
			crashes_begin(&j->gates[r.from->gate].crashes, r.keyd.when, j->window_ms);
	}
	for (size_t i = 0; i < j->n && err == SC_OK;) {
		const struct request r = gather(j, &i);

		err = judge(j, &r);
	}
	return err;
}

enum sc_err audit_reconcile(const struct audit_reconcile_ask *ask, struct sc_diag *d,
    struct audit_reconciled *out)
{
	struct join j = { .ask = ask,
		.gates = calloc(ask->n_dirs, sizeof(*j.gates)),
		.window_ms = TLOG_DELAY_MS + ask->request_ms,
		.d = d,
		.out = out };
	enum sc_err err = SC_NOMEM;

	memset(out, 0, sizeof(*out));
	if (j.gates != NULL && (err = reconcile_collect(&j)) == SC_OK) {
		j.young_ms = ask->grace_ms == 0 ? UINT64_MAX :
		    j.last_ms > ask->grace_ms   ? j.last_ms - ask->grace_ms :
						  0;
		err = judge_all(&j);
	}
	for (size_t i = 0; i < ask->n_dirs && j.gates != NULL; i++)
		crashes_fini(&j.gates[i].crashes);
	free(j.gates);
	free(j.v);
	return err;
}
