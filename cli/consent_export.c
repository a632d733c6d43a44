/*
 * consent_export.c - `scrim consent export`: the words of one person as consent records, by
 * the names of ISO/IEC TS 27560, a record for each purpose with an event for each word.
 *
 * What the registry does not know (who the controller is, where data lies) is
 * left to whoever puts the record into a file of theirs.
 */
#include "cli/consent.h"

#include <string.h>

#define SCHEMA "ISO/IEC TS 27560:2023"

/* What a word makes of the consent. */
static const char *state_of(const char *word)
{
	static const struct {
		const char *word, *state;
	} states[] = { { "grant", "given" }, { "refuse", "refused" }, { "withdraw", "withdrawn" } };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(word, states[i].word) == 0)
			return states[i].state;
	return "unknown";
}

static void put_known(struct jsonw *w, const char *key, const char *text)
{
	if (text[0] != '\0')
		jsonw_kstr(w, key, text);
}

static void put_event(struct jsonw *w, const struct doc *doc, const struct doc_node *word)
{
	const struct doc_node *version = doc_find(word, "version");
	const struct doc_node *verified = doc_find(word, "verified");

	jsonw_object(w);
	jsonw_kstr(w, "event_time", consent_text(word, "at"));
	jsonw_kstr(w, "event_type",
	    verified != NULL && verified->yes ? "explicit" : "asserted by a page");
	jsonw_kstr(w, "event_state", state_of(consent_text(word, "word")));
	put_known(w, "entity_id", consent_text(word, "source"));
	put_known(w, "collection_method", consent_text(word, "method"));
	put_known(w, "stated_time", consent_text(word, "time"));
	jsonw_key(w, "privacy_notice");
	jsonw_object(w);
	if (version != NULL) {
		jsonw_key(w, "version");
		jsonw_span(w, doc_said(doc, version));
	}
	put_known(w, "sha256", consent_text(word, "text_sha256"));
	jsonw_object_end(w);
	put_known(w, "evidence_sha256", consent_text(word, "evidence_sha256"));
	jsonw_object_end(w);
}

static bool is_of(const struct doc_node *word, const char *purpose)
{
	return strcmp(consent_text(word, "purpose"), purpose) == 0;
}

/* The record of one purpose; none where nothing was said. */
static void put_record(struct jsonw *w, const struct cli_call *c, const struct doc *doc,
    const struct doc_node *purpose, const struct doc_node *history)
{
	const struct doc_node *granted = doc_find(purpose, "granted");

	if (consent_text(purpose, "word")[0] == '\0')
		return;
	jsonw_object(w);
	jsonw_kstr(w, "schema_version", SCHEMA);
	jsonw_kstr(w, "record_id", purpose->key);
	jsonw_kstr(w, "pii_principal_id", c->words[0]);
	jsonw_key(w, "pii_processing");
	jsonw_object(w);
	jsonw_kstr(w, "purpose", purpose->key);
	jsonw_kstr(w, "lawful_basis", "consent");
	jsonw_key(w, "in_force");
	jsonw_bool(w, granted != NULL && granted->yes);
	jsonw_object_end(w);
	jsonw_key(w, "events");
	jsonw_array(w);
	for (const struct doc_node *it = history->first; it != NULL; it = it->next)
		if (is_of(it, purpose->key))
			put_event(w, doc, it);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

int cli_consent_export(const struct cli_call *c)
{
	const struct doc_node *counts, *history;
	struct phone_answer a;
	struct sc_buf out;
	struct jsonw w;
	int rc = consent_ask(c, "GET", sc_span(NULL, 0), &a);

	sc_buf_init(&out, REMOTE_ANSWER_MAX);
	w = jsonw(&out);
	counts = rc == CLI_GO_ON ? doc_find(a.doc.root, "consents") : NULL;
	history = rc == CLI_GO_ON ? doc_find(a.doc.root, "history") : NULL;
	jsonw_array(&w);
	for (const struct doc_node *p = counts == NULL ? NULL : counts->first;
	     p != NULL && history != NULL; p = p->next)
		put_record(&w, c, &a.doc, p, history);
	jsonw_array_end(&w);
	phone_answer_fini(&a);
	if (rc == CLI_GO_ON)
		return cli_out_json(&w);
	sc_buf_fini(&out);
	return rc;
}
