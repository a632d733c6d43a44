/*
 * form.h - the forms a protected value can take, a row each: what is planned
 * for a field, who is asked, and what then stands in its place.
 *
 * A new form is one file with its row, and its line in forms.c.
 */
#ifndef GATEWAY_PROTECT_FORM_H
#define GATEWAY_PROTECT_FORM_H

#include "base/err.h"
#include "base/span.h"
#include "gateway/codec/codec.h"
#include "gateway/protect/label.h"
#include "gateway/protect/subject.h"

struct wire_result;
struct plan_edit;
struct planner;
struct protect_job;
struct form;

/* What becomes of a declared field that holds a number. */
enum field_number {
	FIELD_NUMBER_TOKEN,  /* a token string that remembers it was one */
	FIELD_NUMBER_REFUSE, /* the document is refused */
};

/* A selector of places at and beneath which a rule does not apply. */
struct field_except {
	const char *at; /* as field_rule.at */
	unsigned line, column;
};

/* What the configuration says of one field, or an API's caller of one value. */
struct field_rule {
	const char *at; /* JSONPath text, NUL-ended, as written */
	const struct field_except *except;
	size_t n_except;
	const struct form *form;
	uint8_t class_id; /* CLASS_NONE where the form finds it, or needs none */
	enum field_number number;
	bool random;      /* seal with a nonce: equal values, unequal tokens */
	bool email_shape; /* the token is written as an address; class email only */
	bool tag;         /* the tap is told a keyed hash of the value */
	struct field_subject subject;
	struct label_rule label; /* of a virtual number */
	unsigned line;           /* of "at" in the file, for later messages */
	unsigned column;
};

struct form {
	const char *name; /* what a rule's "do" says; NULL: not for rules */
	/* Where several rules meet on a field the highest wins: who says less ranks higher. */
	uint16_t rank;
	bool needs_class, may_class; /* in a rule */
	bool seals;                  /* takes the options of a seal */
	bool labels;                 /* takes those of a virtual number */
	bool loose;                  /* a document need not have the shape its path wants */
	bool partial;                /* does not settle what it selects by way of `..` */
	bool only_told;              /* nothing happens to it: it is for the tap's listeners */
	bool under_subject;          /* asks under the key of the document's subject */
	bool opens;                  /* tokens, which must be of the document's subject */
	bool by_parts; /* a text put together of tokens is planned token by token instead */
	/*
	 * Add to the plan what is to happen to field F of the document. SC_OK
	 * also when it was refused (plan_refuse()); other codes are failures.
	 */
	enum sc_err (
	    *plan)(struct planner *m, const struct codec_field *f, const struct field_rule *r);
	/*
	 * Ask for job->items[0..N-1], which are edits of this form: keyd, a store.
	 * Not before it has returned, protect_answered() is called with a result
	 * for each, in order. Fails as keyc_seal(). NULL: no edit of it asks.
	 */
	enum sc_err (*ask)(struct protect_job *job, size_t n);
	/* What was answered for E, into the document (protect_put()); counted. */
	enum sc_err (
	    *put)(struct protect_job *job, const struct plan_edit *e, const struct wire_result *r);
};

extern const struct form form_seal, form_policy, form_virtual_number, form_mask, form_drop,
    form_scan, form_collect, form_pass, form_inside;
/* Of values only: a blind index, for a search. */
extern const struct form form_index;
/* The same of a value that is sealed, whose token is protect_value.token_at. */
extern const struct form form_index_stored;
/* As what is stored, but one that stays when the class is rotated: what people are known by. */
extern const struct form form_party;

/* Number I of those with a name, or NULL past the end. */
const struct form *form_at(size_t i);

#endif
