/*
 * fuzz_doc.c - JSON with comments: never crashes; every value has its place;
 * what is accepted prints and parses again to the same tree, and another
 * parser makes the same of that text.
 */
#include "base/text/doc.h"
#include "base/text/jsonw.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* What NODE's text begins and ends with, and that what it holds lies in it. */
static void check_places(const struct doc *doc, const struct doc_node *node)
{
	static const char ends[] = "[]{}\"\"";
	const uint8_t *text = doc->text.p;
	size_t of = node->kind == DOC_LIST ? 0 : node->kind == DOC_OBJECT ? 2 : 4;
	uint32_t n = 0;

	must(node->at < node->end && node->end <= doc->text.n && node->key_at <= node->at);
	if (node->kind >= DOC_TEXT)
		must(text[node->at] == ends[of] && text[node->end - 1] == ends[of + 1]);
	must((node->key == NULL) == (node->key_at == node->at));
	must(node->key == NULL || text[node->key_at] == '"');
	for (const struct doc_node *c = node->first; c != NULL; c = c->next, n++) {
		must(c->key_at > node->at && c->end < node->end);
		must(c->next == NULL || c->next->key_at > c->end);
		must((c->key != NULL) == (node->kind == DOC_OBJECT));
		check_places(doc, c);
	}
	must(n == node->n);
}

static void print(const struct doc_node *node, struct jsonw *w)
{
	bool object = node->kind == DOC_OBJECT;

	switch (node->kind) {
	case DOC_NULL: jsonw_null(w); return;
	case DOC_BOOL: jsonw_bool(w, node->yes); return;
	case DOC_NUMBER: jsonw_raw(w, sc_span_str(node->text)); return;
	case DOC_TEXT: jsonw_str(w, node->text); return;
	case DOC_LIST:
	case DOC_OBJECT: break;
	}
	if (object)
		jsonw_object(w);
	else
		jsonw_array(w);
	for (const struct doc_node *c = node->first; c != NULL; c = c->next) {
		if (object) { /* a key may need escapes, as jsonw_key's may not */
			struct jsonw key = *w;

			jsonw_str(&key, c->key);
			*w = key;
			w->err = w->err != SC_OK ? w->err : sc_buf_put_str(w->out, ":");
			w->comma = false;
		}
		print(c, w);
	}
	if (object)
		jsonw_object_end(w);
	else
		jsonw_array_end(w);
}

static void same(const struct doc_node *a, const struct doc_node *b)
{
	must(a->kind == b->kind && a->n == b->n && a->yes == b->yes);
	must((a->key == NULL) == (b->key == NULL) && (a->text == NULL) == (b->text == NULL));
	must(a->key == NULL || strcmp(a->key, b->key) == 0);
	must(a->text == NULL || strcmp(a->text, b->text) == 0);
	for (a = a->first, b = b->first; a != NULL; a = a->next, b = b->next)
		same(a, b);
}

static void same_there(const struct doc_node *a, const cJSON *b)
{
	must(b != NULL && (a->kind == DOC_NULL) == (cJSON_IsNull(b) != 0));
	must(a->kind != DOC_BOOL || (cJSON_IsBool(b) && a->yes == (cJSON_IsTrue(b) != 0)));
	must(a->kind != DOC_NUMBER ||
	    (cJSON_IsNumber(b) && strtod(a->text, NULL) == b->valuedouble));
	must(a->kind != DOC_TEXT || (cJSON_IsString(b) && strcmp(a->text, b->valuestring) == 0));
	must(a->kind != DOC_LIST || cJSON_IsArray(b));
	must(a->kind != DOC_OBJECT || cJSON_IsObject(b));
	must(a->key == NULL || strcmp(a->key, b->string) == 0);
	for (a = a->first, b = b->child; a != NULL; a = a->next, b = b->next)
		same_there(a, b);
	must(b == NULL);
}

static void check_again(const struct doc *doc)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_buf b;
	struct jsonw w;
	struct doc again;
	cJSON *there;

	sc_buf_init(&b, 1 << 20);
	w = jsonw(&b);
	print(doc->root, &w);
	must(w.err == SC_OK);
	must(doc_load(&arena, sc_buf_span(&b), NULL, NULL, &again) == SC_OK);
	same(doc->root, again.root);
	there = cJSON_ParseWithLength((const char *)b.p, b.n);
	same_there(doc->root, there);
	cJSON_Delete(there);
	sc_arena_fini(&arena);
	sc_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 };
	struct doc doc;

	if (size > 65536)
		return 0;
	if (doc_load(&arena, sc_span(data, size), "fuzz", &d, &doc) == SC_OK) {
		must(doc.text.n == size && (size == 0 || memcmp(doc.text.p, data, size) == 0));
		check_places(&doc, doc.root);
		check_again(&doc);
	} else {
		must(d.text[0] != '\0' && d.line != 0 && d.column != 0 && d.offset <= size);
	}
	sc_arena_fini(&arena);
	return 0;
}
