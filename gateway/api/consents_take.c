/*
 * consents_take.c - the words of consent in a body: one, or a list.
 *
 *	{"purpose":"analytics","word":"grant","version":3,"text_sha256":"...",
 *	 "time":"2026-11-21T10:00:00+08:00","source":"shop-web","method":"checkbox",
 *	 "evidence_sha256":"..."}
 *
 * A grant says to which text; it cannot be to one that is not asked yet. To take
 * something back needs no more than to say so.
 */
#include "gateway/api/consents.h"
#include "policy/lang/window.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 512

struct said_words {
	struct consent_said *v;
	size_t n;
};

/* By enum feed_word. */
static const char *const words_said[] = { "", "grant", "refuse", "withdraw" };
static const struct feed_list words_list = { .v = words_said,
	.n = sizeof(words_said) / sizeof(words_said[0]) };

/* What is none is not quoted: who knows what stands there. */
static bool read_purpose(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct feed_words *words = c->arg;
	unsigned i =
	    node->kind == DOC_TEXT ? feed_list_find(&words->purposes, sc_span_str(node->text)) : 0;

	*(uint8_t *)field = (uint8_t)i;
	return i != 0 || shape_must(c, node, "be one of the purposes that people are asked for");
}

static bool read_word(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	unsigned i = node->kind == DOC_TEXT ? feed_list_find(&words_list, sc_span_str(node->text)) :
					      0;

	*(uint8_t *)field = i == 0 ? 0 : (uint8_t)(i - 1);
	return i > 1 || shape_must(c, node, "be grant, refuse or withdraw");
}

static bool read_moment(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return (node->kind == DOC_TEXT && lang_time_parse(sc_span_str(node->text), field)) ||
	    shape_must(c, node, "be a moment such as \"2026-11-21T10:00:00+08:00\"");
}

static void begin(struct shape_ctx *c, void *into)
{
	struct consent_said *s = into;

	(void)c;
	memset(s, 0, sizeof(*s));
	memcpy(s->method.s, "api", sizeof("api"));
}

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct feed_words *words = c->arg;
	struct consent_said *s = into;

	if (s->word.version > words->text_version)
		return shape_wrong(c, object, "version is of a text that is not asked yet");
	if (s->word.version != 0)
		return true;
	if (s->word.word == FEED_GRANT)
		return shape_wrong(c, object, "a grant says \"version\": of which text");
	s->word.version = words->text_version;
	return true;
}

static const struct shape_row rows[] = {
	{ "purpose", read_purpose, SHAPE_AT(struct consent_said, word.purpose), .need = true },
	{ "word", read_word, SHAPE_AT(struct consent_said, word.word), .need = true },
	{ "version", shape_count, SHAPE_AT(struct consent_said, word.version), .min = 1,
	    .max = UINT32_MAX },
	{ "text_sha256", shape_digest, SHAPE_AT(struct consent_said, text_sha256) },
	{ "time", read_moment, SHAPE_AT(struct consent_said, said_ms) },
	{ "source", shape_name, SHAPE_AT(struct consent_said, source) },
	{ "method", shape_name, SHAPE_AT(struct consent_said, method) },
	{ "evidence_sha256", shape_digest, SHAPE_AT(struct consent_said, evidence_sha256) },
	{ .key = NULL },
};
static const struct shape word_shape = { .what = "word",
	.rows = rows,
	.begin = begin,
	.check = check };

static bool take_all(struct shape_ctx *c, struct said_words *s)
{
	const struct doc_node *one = c->doc.root;
	bool list = one->kind == DOC_LIST;

	if (list && (one->n == 0 || one->n > AUDIT_CONSENTS_MAX))
		return shape_wrong(c, one, "send one word, or a list of 1 to %u",
		    AUDIT_CONSENTS_MAX);
	for (one = list ? one->first : one; one != NULL; one = list ? one->next : NULL)
		if (!shape_fill(c, &word_shape, one, &s->v[s->n++]))
			return false;
	return true;
}

enum sc_err consents_take(struct feed_words *words, struct sc_span body, struct consent_said *v,
    size_t *n, bool *json, struct sc_diag *d)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all, .arg = words };
	struct said_words s = { v, 0 };
	enum sc_err err = doc_load_sent(&arena, body, NODES_MAX, d, &c.doc);

	*json = err == SC_OK;
	if (err == SC_OK && !take_all(&c, &s)) {
		err = c.err != SC_OK ? c.err : SC_SYNTAX;
		sc_diag_set(d, "%s", all.n != 0 ? all.v[all.n - 1].text : "no words of consent");
	}
	*n = s.n;
	sc_arena_fini(&arena);
	return err;
}

static const uint8_t *said(const uint8_t sha256[static 32])
{
	static const uint8_t none[32];

	return memcmp(sha256, none, sizeof(none)) == 0 ? NULL : sha256;
}

void consents_record(const struct feed_words *words, const struct consent_said *v, size_t n,
    struct audit_consent *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct audit_consent){
			.purpose = words->purposes.v[v[i].word.purpose - 1],
			.word = words_said[v[i].word.word],
			.version = v[i].word.version,
			.source = &v[i].source,
			.method = &v[i].method,
			.text = said(v[i].text_sha256),
			.evidence = said(v[i].evidence_sha256),
			.said_ms = v[i].said_ms,
		};
}
