/*
 * read.c - records read back with cJSON; what is missing stays empty.
 */
#include "audit/record/read.h"

#include <stdlib.h>
#include <string.h>

static const cJSON *member(const cJSON *o, const char *group, const char *key)
{
	if (group != NULL)
		o = cJSON_GetObjectItemCaseSensitive(o, group);
	return cJSON_GetObjectItemCaseSensitive(o, key);
}

static const char *text(const cJSON *o, const char *group, const char *key)
{
	const cJSON *s = member(o, group, key);

	return cJSON_IsString(s) ? s->valuestring : "";
}

/* A whole number below 2^53, else 0. */
static uint64_t number(const cJSON *o, const char *group, const char *key)
{
	const cJSON *v = member(o, group, key);

	return cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 9007199254740992.0 ?
	    (uint64_t)v->valuedouble :
	    0;
}

static uint32_t count(const cJSON *o, const char *key)
{
	uint64_t v = number(o, "outcome", key);

	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static unsigned find(const char *name, const char *(*name_of)(unsigned), unsigned end)
{
	unsigned i;

	for (i = 0; i < end; i++)
		if (strcmp(name, name_of(i)) == 0)
			break;
	return i;
}

static void read_release(const cJSON *o, struct audit_entry *e)
{
	const cJSON *r = member(o, "what", "release");

	e->release.dataset = text(r, NULL, "dataset");
	e->release.number = number(r, NULL, "number");
	e->release.manifest = text(r, NULL, "manifest");
}

static void read_store(const cJSON *o, struct audit_entry *e)
{
	const cJSON *s = member(o, "what", "store");

	e->store.gen = number(s, NULL, "gen");
	e->store.high = number(s, NULL, "high");
	e->store.lease = number(s, NULL, "lease");
}

enum sc_err audit_entry_parse(struct sc_span json, struct audit_entry *e)
{
	const cJSON *o;

	memset(e, 0, sizeof(*e));
	e->json = cJSON_ParseWithLength((const char *)json.p, json.n);
	o = e->json;
	if (!cJSON_IsObject(o) || number(o, NULL, "v") != 1) {
		audit_entry_fini(e);
		return SC_SYNTAX;
	}
	e->kind = find(text(o, NULL, "kind"), audit_kind_name, AUDIT_KIND_COUNT);
	e->outcome = find(text(o, "outcome", "result"), audit_outcome_name, AUDIT_OUTCOME_COUNT);
	e->at_ms = number(o, NULL, "at");
	e->request_id = strtoull(text(o, NULL, "req"), NULL, 16);
	e->act = text(o, NULL, "act");
	e->tenant = text(o, NULL, "tenant");
	e->principal = text(o, "who", "principal");
	e->role = text(o, "who", "role");
	e->auth = text(o, "who", "auth");
	e->purpose = text(o, "why", "purpose");
	e->route = text(o, "where", "route");
	e->node = text(o, "where", "node");
	e->op = text(o, "what", "op");
	e->binding = text(o, "what", "binding");
	read_release(o, e);
	e->place = text(o, "what", "place");
	e->by = text(o, "what", "by");
	e->did = text(o, "what", "did");
	e->classes = member(o, "what", "classes");
	e->subjects = member(o, "what", "subjects");
	e->subjects_total = number(o, "what", "subjects_total");
	e->parts = number(o, "what", "parts");
	e->subjects_root = text(o, "what", "subjects_root");
	e->keys = member(o, "what", "keys");
	read_store(o, e);
#define READ(name) e->counts.name = count(o, #name);
	AUDIT_COUNTS(READ)
#undef READ
	e->head.origin = text(o, "head", "origin");
	e->head.root = text(o, "head", "root");
	e->head.size = number(o, "head", "size");
	e->keyd = member(o, "outcome", "keyd") == NULL ? AUDIT_NONE : number(o, "outcome", "keyd");
	return SC_OK;
}

void audit_entry_fini(struct audit_entry *e)
{
	cJSON_Delete(e->json);
	memset(e, 0, sizeof(*e));
}

bool audit_entry_opens(const struct audit_entry *e)
{
	const struct audit_counts *c = &e->counts;

	/* masking on the way in shows nothing, and what was refused neither */
	return e->outcome != AUDIT_REFUSED && strcmp(e->op, "write") != 0 &&
	    (c->revealed > 0 || c->masked > 0 || c->generalised > 0);
}
