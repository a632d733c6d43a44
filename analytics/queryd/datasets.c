/*
 * datasets.c - what a reader may see: GET /v1/datasets, and files of a release beneath it.
 *
 *	/v1/datasets				{"datasets":[{"name","purposes","releases":[...]}]}
 *	/v1/datasets/NAME[/NUMBER]/manifest	also report.html, report.json
 */
#include "analytics/queryd/queryd.h"

#include "base/clock.h"
#include "base/text/jsonw.h"

#include <string.h>

#define LIST_BYTES (16u << 20)
#define PREFIX "/v1/datasets/"

/* ---- the list ---------------------------------------------------------------------------- */

struct listing {
	struct jsonw w;
	struct queryd *q;
	const struct query_reader *who;
	uint64_t now_ms;
	char dataset[SC_NAME_MAX + 1]; /* that is being told; "" before the first */
};

static void tell_column(struct jsonw *w, const struct shelf_column *c)
{
	jsonw_object(w);
	jsonw_kstr(w, "name", c->name);
	jsonw_kstr(w, "type", c->type == SHELF_TEXT ? "text" : "integer");
	if (c->unit[0] != '\0')
		jsonw_kstr(w, "unit", c->unit);
	jsonw_kstr(w, "means", c->means);
	jsonw_kstr(w, "means_zh", c->means_zh);
	jsonw_object_end(w);
}

static void tell_tables(struct jsonw *w, const struct shelf_manifest *m)
{
	jsonw_key(w, "tables");
	jsonw_array(w);
	for (size_t t = 0; t < m->n_tables; t++) {
		jsonw_object(w);
		jsonw_kstr(w, "name", m->tables[t].name);
		jsonw_kstr(w, "means", m->tables[t].means);
		jsonw_kstr(w, "means_zh", m->tables[t].means_zh);
		jsonw_ku64(w, "rows", m->tables[t].rows);
		jsonw_key(w, "columns");
		jsonw_array(w);
		for (size_t i = 0; i < m->tables[t].n_columns; i++)
			tell_column(w, &m->tables[t].columns[i]);
		jsonw_array_end(w);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* The newest with its tables; of the others only what they are. */
static void tell_release(struct jsonw *w, const struct served_release *s, bool newest)
{
	const struct shelf_manifest *m = &s->release.manifest;

	jsonw_object(w);
	jsonw_ku64(w, "number", s->number);
	jsonw_kstr(w, "kind", m->kind == SHELF_CUBE ? "cube" : "view");
	jsonw_kstr(w, "from", m->from);
	jsonw_kstr(w, "to", m->to);
	jsonw_kstr(w, "title", m->title);
	jsonw_kstr(w, "title_zh", m->title_zh);
	jsonw_ku64(w, "k", m->k);
	jsonw_key(w, "manifest_sha256");
	jsonw_hex(w, s->release.sha256, SHELF_SHA_BYTES);
	if (newest)
		tell_tables(w, m);
	jsonw_object_end(w);
}

static void end_dataset(struct listing *l)
{
	if (l->dataset[0] == '\0')
		return;
	jsonw_array_end(&l->w);
	jsonw_object_end(&l->w);
}

static void begin_dataset(struct listing *l, const char *name,
    const struct sc_name *const *purposes, size_t n)
{
	end_dataset(l);
	memcpy(l->dataset, name, strlen(name) + 1);
	jsonw_object(&l->w);
	jsonw_kstr(&l->w, "name", name);
	jsonw_key(&l->w, "purposes");
	jsonw_array(&l->w);
	for (size_t i = 0; i < n; i++)
		jsonw_str(&l->w, purposes[i]->s);
	jsonw_array_end(&l->w);
	jsonw_key(&l->w, "releases");
	jsonw_array(&l->w);
}

static void on_release(void *arg, const struct served_release *s)
{
	struct listing *l = arg;
	const struct sc_name *purposes[GRANT_PURPOSES_MAX];
	const bool newest = strcmp(l->dataset, s->dataset) != 0;
	size_t n;

	if (newest) {
		n = query_grants_purposes(&l->q->granted.grants, l->who->key, s->dataset, l->now_ms,
		    purposes, GRANT_PURPOSES_MAX);
		if (n == 0)
			return;
		begin_dataset(l, s->dataset, purposes, n);
	}
	tell_release(&l->w, s, newest);
}

void ask_datasets(struct http_call *call, const struct query_reader *who)
{
	static const struct http_field fields[] = {
		{ SC_LIT("Content-Type"), SC_LIT("application/json") },
		{ SC_LIT("Cache-Control"), SC_LIT("no-store") },
	};
	struct queryd *q = call->arg;
	struct sc_buf out;
	struct listing l = { .w = jsonw(&out), .q = q, .who = who, .now_ms = clock_unix_ms() };

	sc_buf_init(&out, LIST_BYTES);
	jsonw_object(&l.w);
	jsonw_key(&l.w, "datasets");
	jsonw_array(&l.w);
	releases_each(q->releases, on_release, &l);
	end_dataset(&l);
	jsonw_array_end(&l.w);
	jsonw_object_end(&l.w);
	if (l.w.err == SC_OK)
		http_call_respond(call, 200, fields, 2, sc_buf_span(&out));
	else
		queryd_refuse(call, 503, "busy", "no memory");
	sc_buf_fini(&out);
}

/* ---- files ------------------------------------------------------------------------------- */

static const struct {
	const char *path, *file, *type;
} files[] = {
	{ "manifest", SHELF_MANIFEST, "application/json" },
	{ "report.json", "report.json", "application/json" },
	{ "report.html", "report.html", "text/html; charset=utf-8" },
};

/* The part of *PATH to the next '/', which is taken too. */
static struct sc_span next_part(struct sc_span *path)
{
	struct sc_span part = *path;

	for (part.n = 0; part.n < path->n && path->p[part.n] != '/'; part.n++)
		;
	*path = sc_span_from(*path, part.n + 1);
	return part;
}

/* NAME[/NUMBER]/FILE; false when it is nothing of the kind. */
static bool read_place(struct sc_span path, struct sc_name *dataset, uint64_t *number, size_t *file)
{
	struct sc_span part = next_part(&path);

	*number = 0;
	if (sc_name_parse(part, dataset) != SC_OK)
		return false;
	part = next_part(&path);
	if (sc_span_u64(part, number) && *number > 0)
		part = next_part(&path);
	for (*file = 0; *file < sizeof(files) / sizeof(files[0]); ++*file)
		if (path.n == 0 && sc_span_is(part, files[*file].path))
			return true;
	return false;
}

static bool may_read(struct queryd *q, const struct query_reader *who, const char *dataset)
{
	const struct sc_name *purposes[1];

	return query_grants_purposes(&q->granted.grants, who->key, dataset, clock_unix_ms(),
		   purposes, 1) > 0;
}

void ask_file(struct http_call *call, const struct query_reader *who)
{
	struct queryd *q = call->arg;
	struct sc_name dataset;
	struct reader_request *rq;
	uint64_t number;
	size_t file;

	if (!read_place(sc_span_from(call->head->path, strlen(PREFIX)), &dataset, &number, &file)) {
		queryd_refuse(call, 404, "not-found", NULL);
		return;
	}
	if ((rq = request_new(call, who)) == NULL)
		return;
	if (may_read(q, who, dataset.s))
		rq->served = releases_hold(q->releases, dataset.s, number);
	rq->type = files[file].type;
	if (rq->served == NULL) {
		request_fail(rq, 403, "not-granted", "not granted",
		    "this key is granted no such release, or not any more");
		request_submit(rq, answer_denial);
	} else if (sc_buf_put(&rq->sql, files[file].file, strlen(files[file].file) + 1) != SC_OK) {
		queryd_refuse(call, 503, "busy", "no memory");
		request_free(rq);
	} else {
		request_submit(rq, answer_file);
	}
}
