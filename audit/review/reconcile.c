/*
 * reconcile.c - both logs' records, sorted by request id, merged.
 *
 * An opening in keyd's log wants any record of the request in scrimd's: what
 * became of it there does not matter. An opening that scrimd tells of, and for
 * which it names keyd's record, wants an opening in keyd's log.
 */
#include "audit/review/reconcile.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"
#include "base/buf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct opening {
	uint64_t request_id, index, at_ms;
	bool wants; /* a record on the other side */
};

struct side {
	struct opening *v;
	size_t n, cap;
	uint64_t openings, without_id, last_ms;
	bool keyd;
};

static enum sc_err add(struct side *s, const struct opening *o)
{
	struct opening *v;

	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 1024 : s->cap * 2;

		if ((v = realloc(s->v, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = *o;
	return SC_OK;
}

static enum sc_err collect(void *arg, uint64_t index, struct sc_span json)
{
	struct side *s = arg;
	struct audit_entry e;
	struct opening o;
	enum sc_err err = SC_OK;

	if (audit_entry_parse(json, &e) != SC_OK)
		return SC_OK;
	if (e.at_ms > s->last_ms)
		s->last_ms = e.at_ms;
	o = (struct opening){ e.request_id, index, e.at_ms,
		audit_entry_opens(&e) && (s->keyd || e.keyd != AUDIT_NONE) };
	if (o.wants)
		s->openings++;
	if (o.wants && e.request_id == 0)
		s->without_id++;
	if (e.request_id != 0 && (o.wants || !s->keyd))
		err = add(s, &o);
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

static enum sc_err load(const char *dir, struct side *s, struct sc_diag *d)
{
	enum sc_err err = walk_dir(dir, 0, collect, s, d);

	if (s->n > 0)
		qsort(s->v, s->n, sizeof(s->v[0]), by_request);
	return err;
}

struct merge {
	uint64_t young_ms; /* openings at or after this may still find their pair */
	audit_line_fn *line;
	void *arg;
	struct audit_reconciled *out;
};

static enum sc_err tell(const struct merge *m, const char *side, const struct opening *o)
{
	struct sc_buf text;
	enum sc_err err;

	if (o->at_ms >= m->young_ms) {
		m->out->recent++;
		return SC_OK;
	}
	if (m->line == NULL)
		return SC_OK;
	sc_buf_init(&text, 256);
	err = sc_buf_printf(&text,
	    "{\"side\":\"%s\",\"index\":%" PRIu64 ",\"req\":\"%016" PRIx64 "\",\"at\":%" PRIu64 "}",
	    side, o->index, o->request_id, o->at_ms);
	if (err == SC_OK)
		err = m->line(m->arg, o->index, sc_buf_span(&text));
	sc_buf_fini(&text);
	return err;
}

/* The next record with another request id; *WANTS is the first that wants a pair, or NULL. */
static size_t behind(const struct side *s, size_t i, const struct opening **wants)
{
	uint64_t id = s->v[i].request_id;

	*wants = NULL;
	for (; i < s->n && s->v[i].request_id == id; i++)
		if (s->v[i].wants && *wants == NULL)
			*wants = &s->v[i];
	return i;
}

static enum sc_err merge(const struct side *k, const struct side *s, const struct merge *m)
{
	enum sc_err err = SC_OK;
	size_t i = 0, j = 0;

	while (err == SC_OK && (i < k->n || j < s->n)) {
		bool lone_k = j == s->n || (i < k->n && k->v[i].request_id < s->v[j].request_id);
		bool lone_s = i == k->n || (j < s->n && s->v[j].request_id < k->v[i].request_id);

		const struct opening *a = NULL, *b = NULL;

		if (!lone_s)
			i = behind(k, i, &a);
		if (!lone_k)
			j = behind(s, j, &b);
		if (lone_k && a != NULL) {
			m->out->only_keyd++;
			err = tell(m, "keyd", a);
		} else if (lone_s && b != NULL) {
			m->out->only_scrimd++;
			err = tell(m, "scrimd", b);
		} else if (a != NULL) {
			m->out->pairs++;
		}
	}
	return err;
}

enum sc_err audit_reconcile(const char *keyd_dir, const char *scrimd_dir, uint64_t grace_ms,
    audit_line_fn *line, void *arg, struct sc_diag *d, struct audit_reconciled *out)
{
	struct side keyd = { .keyd = true }, scrimd = { .keyd = false };
	struct merge m = { .line = line, .arg = arg, .out = out };
	uint64_t last;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	/* keyd first: its record comes first, so scrimd's is there by the time we look */
	if ((err = load(keyd_dir, &keyd, d)) != SC_OK ||
	    (err = load(scrimd_dir, &scrimd, d)) != SC_OK)
		goto out;
	out->keyd_openings = keyd.openings;
	out->scrimd_openings = scrimd.openings;
	out->without_id = keyd.without_id + scrimd.without_id;
	last = keyd.last_ms > scrimd.last_ms ? keyd.last_ms : scrimd.last_ms;
	m.young_ms = grace_ms == 0 ? UINT64_MAX : last > grace_ms ? last - grace_ms : 0;
	err = merge(&keyd, &scrimd, &m);
out:
	free(keyd.v);
	free(scrimd.v);
	return err;
}
