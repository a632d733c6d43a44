/*
 * reconcile.c - both logs' records, sorted by request id, paired.
 *
 * An opening in keyd's log wants any record of the request in scrimd's: what
 * became of it there does not matter. An opening that scrimd tells of, and for
 * which it names keyd's record, wants an opening in keyd's log.
 */
#include "audit/review/review.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"
#include "base/buf.h"
#include "base/grow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct opening {
	uint64_t request_id, index, at_ms;
	bool keyd;
	bool wants; /* a record on the other side */
};

struct join {
	struct opening *v; /* of both sides */
	size_t n, cap;
	bool keyd; /* the side that is being read */
	uint64_t last_ms;
	uint64_t young_ms; /* openings at or after this may still find their pair */
	audit_line_fn *line;
	void *arg;
	struct audit_reconciled *out;
};

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
	o = (struct opening){ e.request_id, index, e.at_ms, j->keyd,
		audit_entry_opens(&e) && (j->keyd || e.keyd != AUDIT_NONE) };
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

/* All that both sides have of one request, from I on, which moves behind it. */
static enum sc_err pair(const struct join *j, size_t *i)
{
	const struct opening *keyd = NULL, *scrimd = NULL; /* the first that wants a pair */
	uint64_t id = j->v[*i].request_id;
	bool recorded = false; /* by scrimd, whatever became of it */

	for (; *i < j->n && j->v[*i].request_id == id; ++*i) {
		const struct opening *o = &j->v[*i];

		recorded |= !o->keyd;
		if (o->keyd && keyd == NULL)
			keyd = o;
		if (!o->keyd && o->wants && scrimd == NULL)
			scrimd = o;
	}
	if (keyd != NULL && recorded) {
		j->out->pairs++;
	} else if (keyd != NULL) {
		j->out->only_keyd++;
		return tell(j, keyd);
	} else if (scrimd != NULL) {
		j->out->only_scrimd++;
		return tell(j, scrimd);
	}
	return SC_OK;
}

enum sc_err audit_reconcile(const char *keyd_dir, const char *scrimd_dir, uint64_t grace_ms,
    audit_line_fn *line, void *arg, struct sc_diag *d, struct audit_reconciled *out)
{
	struct join j = { .keyd = true, .line = line, .arg = arg, .out = out };
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
