/*
 * lent.h - what a route's recipient was shown for one request, and the tokens
 * that it came from: for putting it back where the recipient's answer has it.
 *
 * A value is found wherever it stands in a text, letters of either case, and
 * also in a number, if it is that number. One of less than four bytes is found
 * as a word or as the whole text only: a name of one letter is in every text.
 */
#ifndef GATEWAY_PROTECT_LENT_H
#define GATEWAY_PROTECT_LENT_H

#include "gateway/codec/codec.h"

struct lent; /* its texts are wiped with it */

/* Of nothing yet; NULL when there is no memory. */
struct lent *lent_new(void);
void lent_free(struct lent *l); /* NULL is fine */

/* VALUE was shown, and came from TOKEN; both are copied. Fails with SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err lent_note(struct lent *l, struct sc_span value, struct sc_span token);
/* TEXT is ours, nobody's data: a virtual number. It passes where it is a whole field. Fails alike. */
SC_CHECKED enum sc_err lent_pass(struct lent *l, struct sc_span text);

/* Has anything been noted, so that an answer must be searched? NULL is fine. */
bool lent_any(const struct lent *l);
bool lent_passes(const struct lent *l, struct sc_span text); /* NULL passes nothing */

struct lent_hit {
	size_t start, end;
	struct sc_span token; /* borrowed until the next lent_note() */
};
/* The first of what was shown in TEXT from FROM on, the longest where several begin. */
bool lent_find(const struct lent *l, struct sc_span text, size_t from, struct lent_hit *out);
/*
 * Does what TEXT says once its escapes (of JSON or of a URL, also of each other) are taken away
 * have anything of it? True also when there was no memory to find out, or too many layers; false
 * where there are none.
 */
bool lent_escaped_in(const struct lent *l, struct sc_span text);
/* A buffer that is wiped with L, for the body that what was shown is put back into. */
struct sc_buf *lent_space(struct lent *l);

#endif
