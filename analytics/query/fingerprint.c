/*
 * fingerprint.c - which question was asked, without what was put into it.
 *
 * The words of a statement with one blank between them: keywords, names of the release and of
 * functions in small letters, "?" for every literal and for a list of them, "_" for every
 * other name. Two statements that differ in nothing else are one.
 */
#include "analytics/query/private.h"
#include "analytics/query/words.h"

#include "crypto/prim/hash.h"

#include <string.h>
#include <strings.h>

struct outline {
	struct query_file *f;
	struct sc_buf text;
	enum sc_err err;
};

static bool is_column(const struct query_file *f, const char *name)
{
	for (size_t t = 0; t < f->n_tables; t++)
		for (size_t i = 0; i < f->tables[t].n_columns; i++)
			if (strcasecmp(f->tables[t].columns[i], name) == 0)
				return true;
	return false;
}

static bool is_known(const struct query_file *f, struct sc_span word, bool quoted)
{
	char name[QUERY_WORD_BYTES];

	if (word.n >= sizeof(name))
		return false;
	memcpy(name, word.p, word.n);
	name[word.n] = '\0';
	return (!quoted && sqlite3_keyword_check(name, (int)word.n) != 0) ||
	    allow_find_table(f, name) != NULL || is_column(f, name) || allow_is_function(name);
}

static void put(struct outline *o, const void *p, size_t n)
{
	if (o->err == SC_OK && o->text.n > 0)
		o->err = sc_buf_put(&o->text, " ", 1);
	if (o->err == SC_OK)
		o->err = sc_buf_put(&o->text, p, n);
}

static void put_name(struct outline *o, struct sc_span word, bool quoted)
{
	if (!is_known(o->f, word, quoted)) {
		put(o, "_", 1);
		return;
	}
	put(o, word.p, word.n);
	for (size_t i = o->text.n - word.n; o->err == SC_OK && i < o->text.n; i++)
		if (o->text.p[i] >= 'A' && o->text.p[i] <= 'Z')
			o->text.p[i] |= 0x20;
}

/* "? , ?" is a list as long as any: "?". */
static void put_literal(struct outline *o)
{
	static const char list[] = "? ,";
	const size_t n = sizeof(list) - 1;

	if (o->text.n >= n && memcmp(o->text.p + o->text.n - n, list, n) == 0)
		sc_buf_truncate(&o->text, o->text.n - 2);
	else
		put(o, "?", 1);
}

static void put_word(struct outline *o, const struct sql_word *w)
{
	switch (w->kind) {
	case SQL_LITERAL:
	case SQL_UNENDING: put_literal(o); break;
	case SQL_NAME: put_name(o, w->text, false); break;
	case SQL_QUOTED: put_name(o, sc_span(w->text.p + 1, w->text.n - 2), true); break;
	case SQL_MARK:
		if (w->text.p[0] != ';')
			put(o, w->text.p, 1);
		break;
	case SQL_BLANK:
	case SQL_COMMENT:
	case SQL_END: break;
	}
}

enum sc_err query_fingerprint(struct query_file *f, struct sc_span sql,
    uint8_t out[static SHELF_SHA_BYTES])
{
	struct outline o = { .f = f };
	struct sql_word w;
	size_t at = 0;

	sc_buf_init(&o.text, 4 * sql.n + 64);
	while (o.err == SC_OK && (w = sql_word_next(sql, &at)).kind != SQL_END)
		put_word(&o, &w);
	if (o.err == SC_OK)
		hash_sha256(sc_buf_span(&o.text), out);
	sc_buf_fini(&o.text);
	return o.err;
}
