/*
 * read.h - a record's JSON read back, as far as reviewers filter and count by it.
 */
#ifndef AUDIT_RECORD_READ_H
#define AUDIT_RECORD_READ_H

#include "crypto/record/record.h"

#include <cjson/cJSON.h>

/* Texts are "" when absent; they point into the tree, which lives as long as the entry. */
struct audit_entry {
	cJSON *json;
	unsigned kind; /* AUDIT_KIND_COUNT: unknown */
	unsigned outcome;
	uint64_t at_ms;
	uint64_t request_id; /* 0: none */
	const char *act, *tenant, *principal, *role, *auth, *purpose, *route, *op;
	const char *node;    /* keyd's: of the gateway that asked */
	const char *binding; /* hex */
	struct {
		const char *dataset; /* "" : it is about no release */
		uint64_t number;
		const char *manifest; /* hex */
	} release;
	const char *place, *by, *did; /* of drift: where, how it was noticed, what was done */
	const cJSON *classes;         /* object, or NULL */
	const cJSON *subjects;        /* array of hex texts, or NULL */
	uint64_t subjects_total;      /* 0: no more than those; without parts, nobody can say who */
	uint64_t parts;               /* records of people right before it; of one: which it is */
	const char *subjects_root;    /* hex: of all of them, where there are parts */
	const cJSON *keys;            /* the same: ids of keys */
	struct audit_store store;     /* how far keyd's store had come; all 0: not told */
	struct audit_counts counts;
	struct {
		const char *origin, *root; /* "": no head; hex */
		uint64_t size;
	} head;
	uint64_t keyd; /* scrimd's: index of keyd's record, or AUDIT_NONE */
};

/* On SC_OK release E with audit_entry_fini(). SC_SYNTAX: not a record of ours. */
SC_CHECKED enum sc_err audit_entry_parse(struct sc_span json, struct audit_entry *e);
void audit_entry_fini(struct audit_entry *e);

/* Does the record tell that values were shown, wholly or in part? */
bool audit_entry_opens(const struct audit_entry *e);

#endif
