/*
 * rules.h - one side of a route, compiled: selectors to an automaton, fields to rules.
 */
#ifndef GATEWAY_PROTECT_RULES_H
#define GATEWAY_PROTECT_RULES_H

#include "base/diag.h"
#include "gateway/codec/paths.h"
#include "gateway/protect/form.h"
#include "gateway/protect/subject.h"
#include "gateway/protect/undeclared.h"

/* The numbers of the points: the order's, behind those of the subject's places. */
#define PROTECT_POINT_ORDER SUBJECT_PLACES_MAX
/* Different people that the rules of one side name: points too, behind the order's. */
#define PROTECT_SCOPES_MAX 8
/* The action number of "every string", used by a bulk restore. */
#define PROTECT_ACTION_ANY 0x7FFD
/* The number of the rule of an edit that no rule asked for. */
#define PROTECT_RULE_NONE 0x7FFC

/* What stands where a rule's path should have gone on ... */
enum protect_unmatched {
	UNMATCHED_REFUSE, /* ... makes the whole document refused */
	UNMATCHED_NULL,   /* ... becomes null, each scalar of it */
	UNMATCHED_REPORT, /* ... passes, and the result says so */
	UNMATCHED_PASS,
};

/*
 * What becomes of a token in a document that is of another person than the document's, or under
 * a class key. Towards a reader it is always null.
 */
enum protect_foreign {
	FOREIGN_RESEAL, /* towards storage it is sealed as a text: no order is lost, and nothing opens */
	FOREIGN_REFUSE, /* the document is refused */
	FOREIGN_ADOPT,  /* as RESEAL, but one under a class key is the person's from now on */
};

struct told;

struct protect_rules {
	struct codec_paths *paths;  /* of what is protected, and of tags */
	struct told *told;          /* what the tap tells; NULL: nothing */
	const struct field_rule *v; /* borrowed from the configuration */
	size_t n;
	enum protect_unmatched unmatched;
	enum protect_foreign foreign;    /* RESEAL, unless set */
	struct undeclared undeclared;    /* PASS, unless set */
	const struct field_rule *inside; /* of strings that are JSON, where it is one alone ... */
	bool goes_inside;                /* ... of any */
	const char *root; /* a literal: what a place of such documents is told from; NULL: $ */
	struct subject_places subject; /* names are borrowed */
	struct field_subject scopes[PROTECT_SCOPES_MAX];
	size_t n_scopes;
	uint8_t *scope_of; /* of each rule: the number of its scope, from 1; 0: it has none */
	bool answers; /* a document that must name somebody and does not is null, not refused */
};

/* Where a document says whose it is and of which order; NULL: nowhere. One place may be both. */
struct protect_points {
	const struct subject_places *subject;
	const char *order; /* a selector */
	bool changes;      /* the tap is told what is sealed for which order */
};

/*
 * Compile N rules and the selectors of the document's POINTS.
 * *OUT is the caller's. It borrows RULES. Fails with SC_SYNTAX (the selector,
 * in DIAG), SC_LIMIT (too many states), SC_NOMEM.
 */
SC_CHECKED enum sc_err rules_new(const struct field_rule *rules, size_t n,
    struct protect_points points, enum protect_unmatched unmatched, struct sc_diag *diag,
    struct protect_rules **out);

/* Rules that match every scalar, for restoring documents. */
SC_CHECKED enum sc_err rules_new_restore(struct sc_diag *diag, struct protect_rules **out);

void rules_free(struct protect_rules *r); /* NULL is fine */

#endif
