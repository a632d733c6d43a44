/*
 * words.h - SQL as words, cut where SQLite cuts it.
 *
 * It understands nothing: it tells names from literals and comments, so that a statement can
 * be recorded without what was put into it, and what follows a statement can be seen.
 */
#ifndef ANALYTICS_QUERY_WORDS_H
#define ANALYTICS_QUERY_WORDS_H

#include "base/span.h"

enum sql_kind {
	SQL_END,
	SQL_BLANK,
	SQL_COMMENT,
	SQL_LITERAL,  /* text, number, blob, variable */
	SQL_NAME,     /* a bare word: a keyword or an identifier */
	SQL_QUOTED,   /* an identifier in "", `` or [] */
	SQL_MARK,     /* one byte of punctuation */
	SQL_UNENDING, /* a quote that is never closed: to the end */
};

struct sql_word {
	enum sql_kind kind;
	struct sc_span text; /* as written, quotes and all */
};

/* The word at *AT of SQL, which moves behind it. */
struct sql_word sql_word_next(struct sc_span sql, size_t *at);

/* Is there nothing in SQL from AT on but blanks, comments and semicolons? */
bool sql_is_over(struct sc_span sql, size_t at);

/* Where NAME (any case) stands in SQL as a name; SQL.n when it does not. */
size_t sql_find_name(struct sc_span sql, const char *name);

#endif
