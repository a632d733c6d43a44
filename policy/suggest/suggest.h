/*
 * suggest.h - from sample documents to the places that hold personal data: names first, values
 * second.
 *
 * Each place of each document is met once; what is kept of its values is how many there were and
 * what they looked like, never one of them.
 */
#ifndef POLICY_SUGGEST_SUGGEST_H
#define POLICY_SUGGEST_SUGGEST_H

#include "base/text/doc.h"
#include "policy/words/class.h"

#include <stdio.h>

#define SUGGEST_PLACES_MAX 65536

enum suggest_do { SUGGEST_NOTHING, SUGGEST_SEAL, SUGGEST_SCAN };

struct suggest_place {
	const char *path;   /* a JSONPath */
	uint8_t class_id;   /* of a SUGGEST_SEAL */
	uint8_t does;       /* enum suggest_do */
	const char *unsure; /* static text: why somebody should look; NULL: no doubt */
	const char *left;   /* static text: why something that looks personal is left alone */
};

struct suggest;

struct suggest *suggest_new(void);    /* NULL: no memory */
void suggest_free(struct suggest *s); /* NULL is fine */

/* One more document. Fails with SC_NOMEM; SC_LIMIT past SUGGEST_PLACES_MAX. */
SC_CHECKED enum sc_err suggest_add(struct suggest *s, const struct doc_node *root);

/* All were seen: what each place is. *N of them, in the order they were met; S keeps them. */
const struct suggest_place *suggest_places(struct suggest *s, size_t *n);

/* Where the customer's id and the order's reference stand; NULL: nowhere that could be told. */
const char *suggest_subject(const struct suggest *s);
const char *suggest_order(const struct suggest *s);

#endif
