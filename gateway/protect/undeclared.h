/*
 * undeclared.h - what no rule speaks of: every other text of a document is searched, and judged
 * by the names that lead to it.
 *
 * An application's new version sends a field that nobody has declared yet. What looks like a
 * phone, an address, a card is sealed, wherever it stands; what is only called like one (a
 * `backup_contact`) is masked; both are told with the path, and never with the value.
 */
#ifndef GATEWAY_PROTECT_UNDECLARED_H
#define GATEWAY_PROTECT_UNDECLARED_H

#include "gateway/codec/pieces.h"
#include "policy/detect/member.h"

struct planner;

/* What becomes of it; of what is both found and named, the later one. */
enum undeclared_do {
	UNDECLARED_PASS, /* nothing: it is not even told */
	UNDECLARED_REPORT,
	UNDECLARED_MASK,
	UNDECLARED_SEAL,
	UNDECLARED_REFUSE, /* the document */
};

struct undeclared {
	uint8_t found; /* enum undeclared_do: of what has the form of a value; never MASK */
	uint8_t named; /* of what stands under a personal-looking name */
};

#define UNDECLARED_LEVELS 16 /* deeper ones share the last */
#define UNDECLARED_SEEN 8    /* are told of one body */
#define UNDECLARED_PATH_MAX 96

/* How something was noticed. */
enum undeclared_by {
	UNDECLARED_FORM,  /* all of it has the form of a value */
	UNDECLARED_TEXT,  /* a part of it has */
	UNDECLARED_NAME,  /* it is called like one */
	UNDECLARED_CLEAR, /* a rule of an answer has it: in clear, where a token was expected */
};

/* What was seen, for who tells it. */
struct undeclared_seen {
	char
	    path[UNDECLARED_PATH_MAX]; /* a JSONPath of names; what could be a value in it is [*] */
	uint8_t class_id;
	uint8_t by;  /* enum undeclared_by */
	uint8_t did; /* enum undeclared_do */
	uint32_t n;
};

/* The names around where we are. */
struct undeclared_level {
	struct member says;
	struct codec_field name; /* empty: an element of an array */
	struct codec_field
	    label; /* of a "name" or "key" here: what stands beside it is called so */
};

/* One document being gone through, from piece to piece. */
struct undeclared_walk {
	struct codec_pieces pieces;
	size_t skip; /* pieces before SKIP are some rule's */
	struct codec_piece piece;
	bool have, over;
	struct undeclared_level level[UNDECLARED_LEVELS];
};

/*
 * Is anything to be looked for where no rule of M's speaks? In an answer always: a token is
 * governed by its own class and tier wherever it stands, and rules are about clear values.
 */
bool undeclared_walks(const struct planner *m);
/* All that nobody declared before END, a byte of M's document. Fails as a form's plan. */
SC_CHECKED enum sc_err undeclared_until(struct planner *m, struct undeclared_walk *w, size_t end);

#endif
