/*
 * source_csv.h - anybody's table as a source of rows: a CSV file with a first line of names.
 */
#ifndef ANALYTICS_VIEWS_SOURCE_CSV_H
#define ANALYTICS_VIEWS_SOURCE_CSV_H

#include "analytics/views/views.h"

struct view_csv;

/*
 * Open PATH, whose rows are of whom the column PERSON says (NULL: each its own person's).
 * SEPARATOR is csv_new()'s. A person's number is the beginning of a SHA-256 of that cell, the
 * same in every file, for lineages to know it again. Fails with SC_IO (also a pipe: it is read
 * twice), SC_SYNTAX, SC_LIMIT, SC_NOMEM; D says where.
 */
SC_CHECKED enum sc_err view_csv_open(const char *path, char separator, const char *person,
    struct sc_diag *d, struct view_csv **out);
void view_csv_close(struct view_csv *c); /* NULL is fine */
/* Lives as long as C. */
struct view_source *view_csv_source(struct view_csv *c);

#endif
