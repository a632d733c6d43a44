/*
 * names.c - what may be called what on a shelf.
 */
#include "analytics/shelf/names.h"

#include "analytics/shelf/shelf.h"

#include <string.h>

static const char *const kinds[] = { "view", "cube" };
static const char *const types[] = { "text", "integer" };
static const char *const roles[] = { "quasi", "sensitive", "plain", "dimension", "measure",
	"folded" };

#define WORD_MAX 63
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* Columns that PostgreSQL gives every table of its own accord. */
static const char *const taken_columns[] = { "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid" };
static const char *const taken_files[] = { SHELF_MANIFEST, SHELF_ENTRY, SHELF_RECEIPT };

static bool is_among(const char *s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s, v[i]) == 0)
			return true;
	return false;
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(const char *s)
{
	size_t n;

	if (!is_small(s[0]))
		return false;
	for (n = 1; s[n] != '\0'; n++)
		if (!is_small(s[n]) && !is_digit(s[n]) && s[n] != '_')
			return false;
	return n <= WORD_MAX;
}

bool shelf_table_ok(const char *s)
{
	return is_word(s) && strcmp(s, "dictionary") != 0 && strncmp(s, "sqlite_", 7) != 0 &&
	    strncmp(s, "pg_", 3) != 0;
}

bool shelf_column_ok(const char *s)
{
	return is_word(s) && !is_among(s, taken_columns, COUNT(taken_columns));
}

bool shelf_dataset_ok(const char *s)
{
	struct sc_name name;

	return s[0] != '.' && s[0] != '-' && sc_name_parse(sc_span_str(s), &name) == SC_OK;
}

bool shelf_file_ok(const char *s)
{
	return shelf_dataset_ok(s) && !is_among(s, taken_files, COUNT(taken_files));
}

const char *shelf_kind_name(unsigned kind)
{
	return kind < COUNT(kinds) ? kinds[kind] : NULL;
}

const char *shelf_type_name(unsigned type)
{
	return type < COUNT(types) ? types[type] : NULL;
}

const char *shelf_role_name(unsigned role)
{
	return role < COUNT(roles) ? roles[role] : NULL;
}
