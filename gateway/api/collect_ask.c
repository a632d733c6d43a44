/*
 * collect_ask.c - what an operator of collecting asks of scrimd itself.
 *
 *	POST /v1/collect/snapshot	judge all again, and have features made of it
 *	GET  /v1/collect/number		?site=web&message=ID or ?order=ID -> its number
 *	GET  /v1/collect/status		what came, what was refused and why, what was dropped
 *
 * For the principals that the section names as operators. All are records.
 */
#include "base/text/hex.h"
#include "base/text/jsonw.h"
#include "gateway/api/api.h"
#include "gateway/api/collect.h"

#include <string.h>

#define NAMES_TOLD 32

/* ---- who asks ------------------------------------------------------------------------- */

static bool is_operator(const struct served_request *rq)
{
	const struct collect_settings *s = collect_settings_of(rq->worker->shared->collect);

	for (size_t i = 0; i < s->n_operators; i++)
		if (strcmp(s->operators[i].s, rq->principal->name.s) == 0)
			return true;
	return false;
}

/* False: refused and answered. ACT: what the record calls it. */
static bool begin(struct served_request *rq, const char *act)
{
	static const struct served_ops nothing = { .on_body = NULL };
	const struct collect_settings *s = collect_settings_of(rq->worker->shared->collect);
	const struct config *c = rq->gen->config;

	metric_add(&rq->worker->shared->metrics, METRIC_API, 1);
	rq->ops = &nothing;
	rq->record.kind = AUDIT_ADMIN;
	rq->record.act = act;
	if (!served_identify(rq, c->collect != NULL ? c->collect->purpose : s->purpose))
		return false;
	if (is_operator(rq))
		return served_log_ready(rq);
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
	return served_refuse(rq, 403, "not-an-operator",
	    "this caller is no operator of collecting: collect.operators names them");
}

static void answer(struct served_request *rq, unsigned status, const struct jsonw *w)
{
	rq->record.outcome = AUDIT_OK;
	if (w->err == SC_OK)
		served_answer(rq, status, "application/json", sc_buf_span(&rq->out));
	else
		served_refuse(rq, 500, "internal", "the answer could not be built");
}

/* ---- a snapshot -------------------------------------------------------------------------- */

void api_collect_snapshot(struct served_request *rq)
{
	struct jsonw w = jsonw(&rq->out);

	if (!begin(rq, "collect.snapshot"))
		return;
	if (collect_snapshot(rq->worker->shared->collect) != SC_OK) {
		served_refuse(rq, 409, "under-way", "a snapshot is being made");
		return;
	}
	jsonw_object(&w);
	jsonw_kstr(&w, "snapshot", "begun");
	jsonw_object_end(&w);
	answer(rq, 202, &w);
}

/* ---- the number of a message, or of an order ------------------------------------------------- */

static uint16_t site_called(const struct collect_settings *s, struct sc_span name)
{
	for (size_t i = 0; i < s->n_sites; i++)
		if (sc_span_is(name, s->sites[i].name.s))
			return (uint16_t)(i + 1);
	return 0;
}

/* What QUERY asks for; 0: nothing that has a number. */
static uint64_t number_asked(struct collect_service *s, struct sc_span query)
{
	uint16_t shop = site_called(collect_settings_of(s), http_query_value(query, "site"));
	struct sc_span order = http_query_value(query, "order");
	struct sc_span text = order.n != 0 ? order : http_query_value(query, "message");
	struct sc_buf id;
	uint64_t number = 0;

	sc_buf_init(&id, COLLECT_ID_MAX);
	if ((order.n == 0) != (shop == 0) && http_percent_decode(text, &id) && id.n != 0)
		number = shop == 0 ? collect_order_id(s, sc_buf_span(&id)) :
				     collect_event_id(s, shop, sc_buf_span(&id));
	sc_buf_fini(&id);
	return number;
}

void api_collect_number(struct served_request *rq)
{
	struct jsonw w = jsonw(&rq->out);
	char number[17];
	uint64_t of;

	if (!begin(rq, "collect.number"))
		return;
	if ((of = number_asked(rq->worker->shared->collect, rq->call->head->query)) == 0) {
		served_refuse(rq, 400, "query",
		    "say ?site=NAME&message=ID, a site of the configuration, or ?order=ID, "
		    "percent-encoded");
		return;
	}
	hex_u64(of, number);
	jsonw_object(&w);
	jsonw_key(&w, "event");
	jsonw_plain(&w, number, 16);
	jsonw_object_end(&w);
	answer(rq, 200, &w);
}

/* ---- status -------------------------------------------------------------------------------- */

static void print_rules(struct jsonw *w, const char *key, const uint64_t n[FEED_RULE_END])
{
	jsonw_key(w, key);
	jsonw_object(w);
	for (unsigned i = 0; i < FEED_RULE_END; i++)
		if (n[i] != 0)
			jsonw_ku64(w, feed_rules[i].name, n[i]);
	jsonw_object_end(w);
}

static void print_spool(struct jsonw *w, const struct spool_stats *s)
{
	jsonw_key(w, "spool");
	jsonw_object(w);
	jsonw_ku64(w, "put", s->put);
	jsonw_ku64(w, "durable", s->durable);
	jsonw_ku64(w, "fed", s->fed);
	jsonw_ku64(w, "bytes", s->bytes);
	jsonw_key(w, "connected");
	jsonw_bool(w, s->connected);
	jsonw_key(w, "failed");
	jsonw_bool(w, s->failed);
	jsonw_object_end(w);
}

static void print_dropped(struct jsonw *w, struct collect_service *s)
{
	struct collect_name names[NAMES_TOLD];
	size_t n = collect_dropped_names(s, names, NAMES_TOLD);

	jsonw_key(w, "dropped");
	jsonw_array(w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(w);
		jsonw_kstr(w, "name", names[i].name);
		jsonw_ku64(w, "n", names[i].n);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

void api_collect_status(struct served_request *rq)
{
	struct collect_service *s = rq->worker->shared->collect;
	struct jsonw w = jsonw(&rq->out);
	struct collect_stats stats;

	if (!begin(rq, "collect.status"))
		return;
	collect_count(s, &stats);
	jsonw_object(&w);
	jsonw_ku64(&w, "taken", stats.taken);
	jsonw_ku64(&w, "in", stats.in);
	jsonw_ku64(&w, "set_aside", stats.set_aside);
	print_rules(&w, "refused", stats.refused);
	print_rules(&w, "set_aside_by", stats.traffic.set_aside);
	jsonw_ku64(&w, "orders", stats.tap_orders);
	jsonw_ku64(&w, "orders_waiting", stats.tap_waiting);
	jsonw_ku64(&w, "orders_unreadable", stats.tap_unreadable);
	jsonw_ku64(&w, "orders_dropped", stats.tap_dropped);
	jsonw_ku64(&w, "snapshots", stats.snapshots);
	print_spool(&w, &stats.spool);
	print_dropped(&w, s);
	jsonw_object_end(&w);
	answer(rq, 200, &w);
}
