/*
 * detect_orders.c - what detect_scan() finds in the free text of the order
 * corpus, as NDJSON on standard output, for score.py:
 *
 *	{"f":"dev/crm.ndjson.gz","l":12,"hits":[{"t":"mobile","r":[655,668]}]}
 *
 * With the argument `all`, every string and number is scanned.
 */
#include "../unit/gateway/orders.h"
#include "decoded.h"
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"
#include "policy/words/class.h"
#include "policy/detect/detect.h"

static const char *type_name(uint8_t class_id)
{
	switch (class_id) {
	case CLASS_PHONE: return "mobile";
	case CLASS_EMAIL: return "email";
	case CLASS_RESIDENT_ID: return "resident_id";
	default: return "bank_card";
	}
}

struct work {
	struct codec_fields spans;
	struct detect_hits hits;
	struct codec_map map;
	struct sc_buf scratch;
};

static void one_text(struct work *w, const uint8_t *doc, const struct codec_field *s, bool *comma)
{
	struct sc_span text;
	uint32_t start, end;

	if (decoded(sc_span(doc + s->start, s->end - s->start), &w->scratch, &w->map, &text) !=
		SC_OK ||
	    detect_scan(text, &w->hits) != SC_OK)
		abort();
	for (size_t i = 0; i < w->hits.n; i++) {
		const struct detect_hit *h = &w->hits.v[i];

		codec_map_range(&w->map, h->start, h->end, &start, &end);
		printf("%s{\"t\":\"%s\",\"r\":[%u,%u]}", *comma ? "," : "", type_name(h->class_id),
		    s->start + start, s->start + end);
		*comma = true;
	}
}

static void one_shape(const char *shape, const struct codec_paths *paths, bool all)
{
	struct work w = { 0 };
	struct sc_buf text;
	struct sc_span line;
	char name[64];
	size_t from = 0, l = 0;

	sc_buf_init(&text, 1 << 28);
	sc_buf_init(&w.scratch, 1 << 24);
	snprintf(name, sizeof(name), "%s.ndjson.gz", shape);
	if (!orders_read(name, &text) || codec_pad(&text) != SC_OK)
		abort();
	while (codec_ndjson.next(sc_buf_span(&text), true, &from, &line)) {
		bool comma = false;

		if (json_scan(paths, line.p, line.n, &w.spans, NULL) != SC_OK)
			abort();
		printf("{\"f\":\"dev/%s\",\"l\":%zu,\"hits\":[", name, ++l);
		for (size_t i = 0; i < w.spans.n; i++)
			if (all || w.spans.v[i].action == ORDER_TEXT)
				one_text(&w, line.p, &w.spans.v[i], &comma);
		printf("]}\n");
	}
	codec_fields_fini(&w.spans);
	detect_hits_fini(&w.hits);
	codec_map_fini(&w.map);
	sc_buf_fini(&w.scratch);
	sc_buf_fini(&text);
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "all") == 0;
	const struct codec_selector every = { "$", ORDER_FIELD, 0, 0 };

	if (!orders_there()) {
		fprintf(stderr, "detect_orders: %s is not there\n", ORDERS);
		return 1;
	}
	for (size_t i = 0; i < 4; i++) {
		struct codec_paths *paths = NULL;

		if (!all)
			paths = orders_paths(order_shapes[i]);
		else if (codec_paths_new(&every, 1, NULL, &paths) != SC_OK)
			return 1;
		one_shape(order_shapes[i], paths, all);
		codec_paths_free(paths);
	}
	return 0;
}
