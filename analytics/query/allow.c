/*
 * allow.c - the allow-list: what a statement may name. All else is refused, whatever it is.
 */
#include "analytics/query/private.h"

#include <string.h>
#include <strings.h>

/*
 * What may be called. Nothing that makes much of little (printf, randomblob, zeroblob, hex of
 * a blob of blobs), looks outside (load_extension, readfile, sqlite_*), or takes documents
 * apart. How long a value may get is told by a limit.
 */
static const char *const functions[] = { "count", "sum", "total", "avg", "min", "max",
	"group_concat", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
	"lag", "lead", "first_value", "last_value", "nth_value", "lower", "upper", "length",
	"substr", "substring", "trim", "ltrim", "rtrim", "instr", "replace", "like", "glob",
	"coalesce", "ifnull", "nullif", "iif", "typeof", "abs", "round", "floor", "ceil", "ceiling",
	"trunc", "sign", "mod", "pow", "power", "sqrt", "exp", "ln", "log", "log10", "log2", "date",
	"julianday", "strftime", NULL };

static const char *const dictionary_columns[] = { "table_name", "column_name", "type", "role",
	"unit", "means", "means_zh" };

const char *allow_function(const void *arg, unsigned i)
{
	(void)arg;
	return functions[i];
}

bool allow_is_function(const char *name)
{
	for (size_t i = 0; functions[i] != NULL; i++)
		if (strcasecmp(functions[i], name) == 0)
			return true;
	return false;
}

/* ---- what there is ---------------------------------------------------------------------- */

static const char *keep(struct query_file *f, const char *s)
{
	return sc_arena_copy(&f->arena, sc_span_str(s));
}

static enum sc_err learn_table(struct query_file *f, const struct shelf_table *t)
{
	const char **columns = sc_arena_alloc(&f->arena, t->n_columns * sizeof(*columns));
	struct query_table *q = &f->tables[f->n_tables++];

	if (columns == NULL || (q->name = keep(f, t->name)) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < t->n_columns; i++)
		if ((columns[i] = keep(f, t->columns[i].name)) == NULL)
			return SC_NOMEM;
	q->columns = columns;
	q->n_columns = t->n_columns;
	return SC_OK;
}

enum sc_err allow_learn(struct query_file *f, const struct shelf_manifest *m)
{
	enum sc_err err = m->n_tables <= SHELF_TABLES_MAX ? SC_OK : SC_CORRUPT;

	for (size_t i = 0; i < m->n_tables && err == SC_OK; i++)
		err = learn_table(f, &m->tables[i]);
	if (err != SC_OK)
		return err;
	f->tables[f->n_tables++] = (struct query_table){ .name = QUERY_DICTIONARY,
		.columns = dictionary_columns,
		.n_columns = sizeof(dictionary_columns) / sizeof(dictionary_columns[0]) };
	return SC_OK;
}

const struct query_table *allow_find_table(const struct query_file *f, const char *name)
{
	for (size_t i = 0; i < f->n_tables; i++)
		if (strcasecmp(f->tables[i].name, name) == 0)
			return &f->tables[i];
	return NULL;
}

/* ---- asking ----------------------------------------------------------------------------- */

static int deny(struct query_file *f, enum query_denied what, const char *name,
    const struct query_table *t)
{
	struct query_denial *d = &f->denial;

	if (d->what != DENIED_NOTHING)
		return SQLITE_DENY;
	d->what = what;
	d->table = t == NULL ? NULL : t->name;
	if (name != NULL && strlen(name) < sizeof(d->name))
		memcpy(d->name, name, strlen(name) + 1);
	return SQLITE_DENY;
}

/*
 * A name of which no column is read: a table whose rows are counted, or something of the
 * statement's own (WITH, a subquery), which SQLite does not tell apart here. So it is neither
 * anything else that the file holds, nor anything that SQLite makes by itself: of its modules
 * none is left (query.c) but those it makes anew by a name that begins so.
 */
static bool is_own_name(const struct query_file *f, const char *name)
{
	for (size_t i = 0; i < f->n_hidden; i++)
		if (strcasecmp(f->hidden[i], name) == 0)
			return false;
	return strncasecmp(name, "sqlite_", 7) != 0 && strncasecmp(name, "pragma_", 7) != 0;
}

static int may_read(struct query_file *f, const char *table, const char *column, const char *db)
{
	const struct query_table *t = table == NULL ? NULL : allow_find_table(f, table);

	if (table == NULL || column == NULL || (db != NULL && strcmp(db, "main") != 0))
		return deny(f, DENIED_TABLE, table, NULL);
	if (t == NULL && column[0] == '\0' && is_own_name(f, table))
		return SQLITE_OK;
	if (t == NULL)
		return deny(f, DENIED_TABLE, table, NULL);
	f->tables[t - f->tables].read = true;
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcasecmp(t->columns[i], column) == 0)
			return SQLITE_OK;
	return column[0] == '\0' ? SQLITE_OK : deny(f, DENIED_COLUMN, column, t);
}

int allow_act(void *file, int act, const char *a, const char *b, const char *db, const char *by)
{
	struct query_file *f = file;

	(void)by;
	if (act == SQLITE_SELECT)
		return SQLITE_OK;
	if (act == SQLITE_READ)
		return may_read(f, a, b, db);
	if (act == SQLITE_FUNCTION && b != NULL)
		return allow_is_function(b) ? SQLITE_OK : deny(f, DENIED_CALL, b, NULL);
	return deny(f, DENIED_ACT, act == SQLITE_RECURSIVE ? "RECURSIVE" : NULL, NULL);
}
