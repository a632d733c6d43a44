/*
 * member.h - what the name of a member says of its value: `receiver_mobile` is somebody's phone
 * number whether a rule says so or not.
 *
 * Names are read word by word: camelCase, snake_case, words run together, English and Chinese, and
 * the commonest of a few other languages. What a word leaves open the names around it settle: a
 * `name` under `buyer` is a person's, one under `line_items` is not, and what a shop says of
 * itself is nobody's.
 */
#ifndef POLICY_DETECT_MEMBER_H
#define POLICY_DETECT_MEMBER_H

#include "base/span.h"
#include "policy/words/class.h"

/* Whose, or what's, something is. A place is where a person is reached: `shipping`, `receiver`. */
enum member_of { MEMBER_UNTOLD, MEMBER_PERSON, MEMBER_PLACE, MEMBER_THING, MEMBER_SHOP };

/* One name, by itself. */
struct member {
	uint8_t class_id; /* what its value is; CLASS_NONE: it does not say */
	uint8_t of;       /* enum member_of: of it, and of what stands beneath it */
	bool needs;       /* CLASS_ID holds only of a person, "name", or of a place, "state" */
	bool person;      /* a text in its place is a person's name: "receiver" */
	bool same;        /* "number", "value": it is what the name above says */
	bool names;       /* "name", "key": its text may be what a member beside it is called */
};

/* What NAME, decoded, says. Time is linear in it; of a long one only the beginning is read. */
void member_read(struct sc_span name, struct member *out);

/*
 * What the last names said, so that a name that every document has is read once. No name is kept:
 * only a keyed hash of it, and of a long one nothing. All zero is an empty one.
 */
#define MEMBER_KEPT 256
struct member_memory {
	uint64_t key[5];            /* the last is 0 until they are drawn */
	uint64_t hash[MEMBER_KEPT]; /* 0: free */
	struct member says[MEMBER_KEPT];
};

/* member_read(), from M where it is there. */
void member_recall(struct member_memory *m, struct sc_span name, struct member *out);

/*
 * The class of a value to which the names V[0..N-1] lead, its own last; CLASS_NONE: it looks like
 * nothing personal.
 */
uint8_t member_class(const struct member *v, size_t n);

#endif
