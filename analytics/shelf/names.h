/*
 * names.h - what may be called what on a shelf: words that are the same in SQLite, in
 * PostgreSQL and as names of files.
 */
#ifndef ANALYTICS_SHELF_NAMES_H
#define ANALYTICS_SHELF_NAMES_H

#include "analytics/shelf/manifest.h"

/*
 * [a-z][a-z0-9_]{0,62}, for PostgreSQL cuts longer ones, so that two could become one; and
 * none that a database keeps for itself.
 */
bool shelf_table_ok(const char *s);
bool shelf_column_ok(const char *s);
/* A name that is also a folder's: no ".", no "..", nothing hidden. */
bool shelf_dataset_ok(const char *s);
/* Of a file that a manifest may name: none of those with a meaning of their own but the tables. */
bool shelf_file_ok(const char *s);

/* As they are written; static strings, NULL past the last. */
const char *shelf_kind_name(unsigned kind);
const char *shelf_type_name(unsigned type);
const char *shelf_role_name(unsigned role);

#endif
