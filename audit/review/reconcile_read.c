/*
 * reconcile_read.c - the records of both sides, a few numbers of each, and whose they are.
 */
#include "audit/review/reconcile_int.h"

#include "audit/review/walk.h"
#include "base/bytes.h"
#include "base/grow.h"
#include "crypto/prim/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Whose opening E is; without a name the first one's. N_DIRS: of a gateway that is not looked at. */
static size_t gate_of(const struct join *j, const struct audit_entry *e)
{
	size_t i = 0;

	if (!j->keyd)
		return (size_t)(j->at - j->gates);
	if (e->node[0] == '\0')
		return 0;
	while (i < j->ask->n_dirs && strcmp(j->gates[i].node, e->node) != 0)
		i++;
	return i;
}

/* An opening on its side, and the record of what scrimd was asked for, whatever came of it. */
static enum sc_err take(struct join *j, uint64_t index, const struct audit_entry *e)
{
	const bool wants = audit_entry_opens(e) && (j->keyd || e->keyd != AUDIT_NONE);
	const size_t gate = wants || !j->keyd ? gate_of(j, e) : 0;
	struct opening o = { .request_id = e->request_id,
		.index = index,
		.at_ms = e->at_ms,
		.revealed = e->counts.revealed,
		.shown = shown_of(e),
		.gate = (uint8_t)gate,
		.keyd = j->keyd,
		.wants = wants };

	if (gate == j->ask->n_dirs) {
		j->out->elsewhere++;
		return SC_OK;
	}
	for (unsigned i = 0; i < SAIDS && wants; i++)
		o.said[i] = hash_of(said_of(e, i));
	if (wants)
		++*(j->keyd ? &j->out->keyd_openings : &j->out->scrimd_openings);
	if (wants && e->request_id == 0)
		j->out->without_id++;
	return e->request_id != 0 && (wants || !j->keyd) ? add(j, &o) : SC_OK;
}

static enum sc_err collect(void *arg, uint64_t index, struct sc_span json)
{
	struct join *j = arg;
	struct audit_entry e;
	enum sc_err err;

	if (audit_entry_parse(json, &e) != SC_OK)
		return SC_OK;
	if (e.at_ms > j->last_ms)
		j->last_ms = e.at_ms;
	err = take(j, index, &e);
	if (err == SC_OK && !j->keyd)
		err = crashes_note(&j->at->crashes, index, &e);
	audit_entry_fini(&e);
	return err;
}

/* Of a log's origin, TENANT/NODE. */
static enum sc_err read_name(struct join *j, struct gate *g)
{
	struct walk_log log;
	enum sc_err err = walk_open(g->dir, NULL, j->d, &log);
	const char *slash = strrchr(log.state.origin, '/');

	snprintf(g->node, sizeof(g->node), "%s", slash != NULL ? slash + 1 : log.state.origin);
	walk_close(&log);
	return err;
}

enum sc_err reconcile_collect(struct join *j)
{
	const struct audit_reconcile_ask *a = j->ask;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < a->n_dirs && err == SC_OK; i++) {
		j->gates[i].dir = a->dirs[i];
		err = read_name(j, &j->gates[i]);
	}
	/* keyd first: its record comes first, so scrimd's is there by the time we look */
	j->keyd = true;
	if (err == SC_OK)
		err = walk_dir(a->keyd_dir, 0, collect, j, j->d);
	j->keyd = false;
	for (size_t i = 0; i < a->n_dirs && err == SC_OK; i++) {
		j->at = &j->gates[i];
		err = walk_dir(j->at->dir, 0, collect, j, j->d);
		j->out->crashes += j->at->crashes.n;
	}
	return err;
}
