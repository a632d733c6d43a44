/*
 * test_jsonpath_suite.c - the compliance suite of RFC 9535: what we take selects what it should,
 * and what is no selector is taken by nobody.
 *
 * We tell scalars, so results are compared as the scalars beneath them; a node that
 * comes twice is one place.
 */
#include "base/text/doc.h"
#include "gateway/codec/selector.h"
#include "padded.h"
#include "tap.h"

#define SUITE "../shared/vectors/jsonpath-cts.json"
#define SCALARS_MAX 1024
#define SEGMENTS 64

/* How many cases of the suite as it is today our subset has: none may be lost unseen. */
#define TAKEN_MIN 151

struct places {
	uint32_t at[SCALARS_MAX];
	size_t n;
};

static void add(struct places *p, uint32_t at)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i] == at)
			return;
	if (p->n < SCALARS_MAX)
		p->at[p->n++] = at;
}

/* Every scalar at or beneath NODE of a document that begins at BASE. */
static void add_scalars(struct places *p, const struct doc_node *node, uint32_t base)
{
	if (node->kind != DOC_LIST && node->kind != DOC_OBJECT)
		add(p, node->at + (node->kind == DOC_TEXT) - base);
	for (const struct doc_node *v = node->first; v != NULL; v = v->next)
		add_scalars(p, v, base);
}

/* The node at PATH, a normalised one; NULL: there is none. */
static const struct doc_node *node_at(const struct doc_node *node, const char *path)
{
	struct segment seg[SEGMENTS];
	struct sc_buf names;
	size_t n = 0;
	char name[256];

	sc_buf_init(&names, 4096);
	if (selector_parse(sc_span_str(path), seg, SEGMENTS, &n, &names, NULL) != SC_OK)
		node = NULL;
	for (size_t i = 0; node != NULL && i < n; i++) {
		if (seg[i].kind == SEGMENT_INDEX) {
			node = node->first;
			for (uint64_t k = 0; node != NULL && k < seg[i].index; k++)
				node = node->next;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)seg[i].name_n, names.p + seg[i].name_at);
		node = doc_find(node, name);
	}
	sc_buf_fini(&names);
	return node;
}

/* Does LIST, of paths, lead to the scalars of GOT and no others? */
static bool leads_to(const struct doc_node *document, const struct doc_node *list,
    const struct places *got)
{
	struct places want = { .n = 0 };

	for (const struct doc_node *v = list->first; v != NULL; v = v->next) {
		const struct doc_node *node = node_at(document, v->text);

		if (node == NULL)
			return false;
		add_scalars(&want, node, document->at);
	}
	if (want.n != got->n)
		return false;
	for (size_t i = 0; i < got->n; i++)
		add(&want, got->at[i]);
	return want.n == got->n;
}

static bool is_right(const struct doc *suite, const struct doc_node *test,
    const struct codec_paths *p)
{
	const struct doc_node *document = doc_find(test, "document");
	const struct doc_node *paths = doc_find(test, "result_paths");
	const struct doc_node *several = doc_find(test, "results_paths");
	struct places got = { .n = 0 };
	struct codec_fields f;
	bool ok = true, any = false;

	if (document == NULL)
		return false;
	codec_fields_init(&f);
	if (scan_padded(p, suite->text.p + document->at, document->end - document->at, &f, NULL,
		&ok) != SC_OK)
		ok = false;
	for (size_t i = 0; i < f.n; i++)
		add(&got, f.v[i].start);
	codec_fields_fini(&f);
	if (paths != NULL)
		return ok && leads_to(document, paths, &got);
	for (const struct doc_node *v = several->first; v != NULL; v = v->next)
		any |= leads_to(document, v, &got);
	return ok && any;
}

struct count {
	size_t right, refused, invalid;
};

static void one_test(const struct doc *suite, const struct doc_node *test, struct count *n)
{
	const struct codec_selector sel = { doc_find_text(test, "selector"), 1, 0, 0 };
	const struct doc_node *invalid = doc_find(test, "invalid_selector");
	struct codec_paths *p = NULL;
	bool taken = codec_paths_new(&sel, 1, NULL, &p) == SC_OK, right;

	right = invalid != NULL ? !taken : !taken || is_right(suite, test, p);
	if (!right)
		printf("# %s: %s\n", doc_find_text(test, "name"), sel.text);
	CHECK(right);
	n->invalid += invalid != NULL;
	n->right += taken && right;
	n->refused += !taken && invalid == NULL;
	codec_paths_free(p);
}

/* The two cases of a NUL, which no configuration can have, are of another control character. */
static void without_nul(uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 6 <= n; i++)
		if (memcmp(p + i, "\\u0000", 6) == 0)
			p[i + 5] = '1';
}

static void test_suite(void)
{
	struct sc_arena arena = { 0 };
	struct count count = { 0 };
	struct doc suite;
	struct sc_diag d = { 0 };
	size_t n;
	uint8_t *text = read_file(SUITE, &n);

	NEED(text != NULL);
	without_nul(text, n);
	CHECK(doc_load(&arena, sc_span(text, n), SUITE, &d, &suite) == SC_OK);
	if (tap_ok)
		for (const struct doc_node *t = doc_find(suite.root, "tests")->first; t != NULL;
		     t = t->next)
			one_test(&suite, t, &count);
	else
		printf("# %u: %s\n", d.line, d.text);
	printf("# %zu cases right, %zu outside of our subset refused, %zu invalid refused\n",
	    count.right, count.refused, count.invalid);
	CHECK(count.right >= TAKEN_MIN && count.invalid > 0);
	sc_arena_fini(&arena);
	free(text);
}

int main(void)
{
	FILE *f = fopen(SUITE, "rb");

	if (f == NULL) {
		tap_skip("RFC 9535's compliance suite", SUITE " is NOT THERE");
		return tap_done();
	}
	fclose(f);
	RUN(test_suite, "every selector of RFC 9535's suite is taken as it is meant, or refused");
	return tap_done();
}
