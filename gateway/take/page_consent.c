/*
 * page_consent.c - what a page says of consent: the version that collect.js was told, or
 * what a consent manager left in the context. It is believed for that event alone.
 *
 * Where a manager's object is there, all that it does not grant is refused, whatever else
 * is said: categories that nobody mapped, or values that are none.
 */
#include "gateway/take/private.h"

#include <string.h>

/* Is CATEGORY mapped to what collecting is for? */
static bool is_ours(const struct collect_settings *s, const char *category)
{
	for (size_t i = 0; i < s->n_consents; i++)
		if (strcmp(s->consents[i].text, category) == 0)
			return s->consents[i].number == 1;
	return false;
}

/* Segment's: {"categoryPreferences": {"Analytics": true}}. Each of ours must be granted. */
static bool prefers(const struct collect_settings *s, const struct doc_node *consent)
{
	const struct doc_node *list = doc_find(consent, "categoryPreferences");
	bool yes = false;

	if (list == NULL || list->kind != DOC_OBJECT)
		return false;
	for (const struct doc_node *m = list->first; m != NULL; m = m->next) {
		if (!is_ours(s, m->key))
			continue;
		if (!take_yes(m))
			return false;
		yes = true;
	}
	return yes;
}

static bool lists_ours(const struct collect_settings *s, const struct doc_node *list)
{
	if (list != NULL && list->kind == DOC_LIST)
		for (const struct doc_node *m = list->first; m != NULL; m = m->next)
			if (m->kind == DOC_TEXT && is_ours(s, m->text))
				return true;
	return false;
}

/* RudderStack's: {"allowedConsentIds": ["Analytics"], "deniedConsentIds": []}. */
static bool allows(const struct collect_settings *s, const struct doc_node *managed)
{
	return lists_ours(s, doc_find(managed, "allowedConsentIds")) &&
	    !lists_ours(s, doc_find(managed, "deniedConsentIds"));
}

/* The event's own, else what stands beside the batch. */
static const struct doc_node *said(const struct take *t, const struct sent_event *e,
    enum sent_member which)
{
	return e->m[which] != NULL ? e->m[which] : t->shared[which];
}

uint32_t take_consent(const struct take *t, const struct sent_event *e)
{
	const struct doc_node *version = said(t, e, SENT_VERSION);
	const struct doc_node *consent = e->c[SENT_CONSENT], *managed = e->c[SENT_MANAGED];

	if (t->visit->says_no || take_yes(e->m[SENT_GPC]) || take_yes(t->shared[SENT_GPC]) ||
	    (consent != NULL && !prefers(t->s, consent)) ||
	    (managed != NULL && !allows(t->s, managed)))
		return 0;
	if (version != NULL)
		return take_count(version, UINT32_MAX, 0);
	return consent != NULL || managed != NULL ? t->s->words->text_version : 0;
}
