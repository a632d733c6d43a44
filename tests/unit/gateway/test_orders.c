/*
 * test_orders.c - the order corpus with its own paths as the selectors: every
 * value that its truth declares lies in a span, and in its free texts every
 * plain standard form of what detect_scan() knows is found.
 */
#include "orders.h"
#include "padded.h"
#include "tap.h"

#include "decoded.h"
#include "gateway/codec/text.h"
#include "policy/detect/detect.h"

struct shape {
	struct sc_buf text;
	struct sc_span *lines;
	size_t n;
	struct codec_paths *paths;
};

struct tally {
	size_t docs, values, missed;
	size_t texts, texts_missed; /* plain standard forms in free text */
	bool agree;
};

static bool shape_load(struct shape *s, const char *name)
{
	char file[64];
	struct sc_span line;
	size_t from = 0, cap = 0;

	memset(s, 0, sizeof(*s));
	sc_buf_init(&s->text, 1 << 28);
	snprintf(file, sizeof(file), "%s.ndjson.gz", name);
	if (!orders_read(file, &s->text) || codec_pad(&s->text) != SC_OK)
		return false;
	while (codec_ndjson.next(sc_buf_span(&s->text), true, &from, &line)) {
		if (s->n == cap) {
			cap = cap * 2 + 1024;
			s->lines = reallocarray(s->lines, cap, sizeof(line));
			if (s->lines == NULL)
				return false;
		}
		s->lines[s->n++] = line;
	}
	s->paths = orders_paths(name);
	return s->paths != NULL;
}

static void shape_free(struct shape *s)
{
	sc_buf_fini(&s->text);
	free(s->lines);
	codec_paths_free(s->paths);
}

/* Is [START, END) inside of one span? Spans ascend: the search may be binary. */
static bool covered(const struct codec_fields *s, uint32_t start, uint32_t end)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid].end < end)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->v[low].start <= start && s->v[low].end >= end;
}

static const struct shape *shape_of(const struct shape shapes[4], const char *f)
{
	for (size_t i = 0; i < 4; i++)
		if (strncmp(f, "dev/", 4) == 0 &&
		    strncmp(f + 4, order_shapes[i], strlen(order_shapes[i])) == 0)
			return &shapes[i];
	return NULL;
}

static void add_span(struct codec_fields *s, uint32_t start, uint32_t end)
{
	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 16;
		s->v = reallocarray(s->v, s->cap, sizeof(s->v[0]));
		if (s->v == NULL)
			abort();
	}
	s->v[s->n++] = (struct codec_field){ .start = start, .end = end };
}

/* What detect_scan() finds in the free texts of DOC, as ranges of DOC. */
static void find_in_texts(struct sc_span doc, const struct codec_fields *spans,
    struct codec_fields *found)
{
	struct codec_map map;
	struct detect_hits hits;
	struct sc_buf scratch;
	struct sc_span text;
	uint32_t start, end;

	codec_map_init(&map);
	detect_hits_init(&hits);
	sc_buf_init(&scratch, 1 << 20);
	for (size_t i = 0; i < spans->n; i++) {
		const struct codec_field *s = &spans->v[i];

		if (s->action != ORDER_TEXT)
			continue;
		NEED(decoded(sc_span(doc.p + s->start, s->end - s->start), &scratch, &map, &text) ==
		    SC_OK);
		NEED(detect_scan(text, &hits) == SC_OK);
		for (size_t k = 0; k < hits.n; k++) {
			codec_map_range(&map, hits.v[k].start, hits.v[k].end, &start, &end);
			add_span(found, s->start + start, s->start + end);
		}
	}
	codec_map_fini(&map);
	detect_hits_fini(&hits);
	sc_buf_fini(&scratch);
}

static const char *string_of(const cJSON *object, const char *key)
{
	const cJSON *s = cJSON_GetObjectItem(object, key);

	return s == NULL || s->valuestring == NULL ? "" : s->valuestring;
}

/* A plain standard form in a text: not disguised, not full-width. */
static bool standard_form(const cJSON *value)
{
	static const char *const types[] = { "mobile", "phone", "email", "resident_id",
		"bank_card" };
	const char *type = string_of(value, "t"), *var = string_of(value, "var");

	if (strcmp(string_of(value, "m"), "t") != 0 || cJSON_GetObjectItem(value, "hard") != NULL ||
	    strcmp(var, "fullwidth") == 0 || strcmp(var, "fw_dash") == 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static void one_truth(const struct shape shapes[4], const cJSON *truth, struct tally *t)
{
	const cJSON *f = cJSON_GetObjectItem(truth, "f"), *it;
	const cJSON *l = cJSON_GetObjectItem(truth, "l");
	const struct shape *s = f == NULL ? NULL : shape_of(shapes, f->valuestring);
	struct codec_fields spans, found;
	struct sc_diag d = { 0 };
	struct sc_span doc;

	NEED(s != NULL && l != NULL && l->valueint >= 1 && (size_t)l->valueint <= s->n);
	doc = s->lines[l->valueint - 1];
	codec_fields_init(&spans);
	NEED(scan_padded(s->paths, doc.p, doc.n, &spans, &d, &t->agree) == SC_OK);
	codec_fields_init(&found);
	find_in_texts(doc, &spans, &found);
	t->docs++;
	cJSON_ArrayForEach(it, cJSON_GetObjectItem(truth, "pii"))
	{
		const cJSON *r = cJSON_GetObjectItem(it, "r");
		uint32_t start = (uint32_t)cJSON_GetArrayItem(r, 0)->valuedouble;
		uint32_t end = (uint32_t)cJSON_GetArrayItem(r, 1)->valuedouble;

		t->values++;
		t->missed += !covered(&spans, start, end);
		if (standard_form(it)) {
			t->texts++;
			t->texts_missed += !covered(&found, start, end);
		}
	}
	codec_fields_fini(&spans);
	codec_fields_fini(&found);
}

static void test_recall(void)
{
	struct shape shapes[4];
	struct sc_buf text;
	struct sc_span line;
	struct tally t = { .agree = true };
	size_t from = 0;

	sc_buf_init(&text, 1 << 28);
	for (size_t i = 0; i < 4; i++)
		NEED(shape_load(&shapes[i], order_shapes[i]));
	NEED(orders_read("truth.ndjson.gz", &text));
	while (codec_ndjson.next(sc_buf_span(&text), true, &from, &line)) {
		cJSON *truth = cJSON_ParseWithLength((const char *)line.p, line.n);

		NEED(truth != NULL);
		one_truth(shapes, truth, &t);
		cJSON_Delete(truth);
	}
	printf("# %zu documents, %zu values, %zu missed; %zu in texts, %zu missed\n", t.docs,
	    t.values, t.missed, t.texts, t.texts_missed);
	CHECK(t.docs == 14000 && t.values > 200000 && t.missed == 0);
	CHECK(t.texts > 3000 && t.texts_missed == 0);
	CHECK(t.agree);
	for (size_t i = 0; i < 4; i++)
		shape_free(&shapes[i]);
	sc_buf_fini(&text);
}

int main(void)
{
	if (orders_there())
		RUN(test_recall,
		    "every declared value lies in a span, every plain form in a text is found");
	else
		tap_skip("order corpus", "NOT TESTED: " ORDERS " is not there");
	return tap_done();
}
