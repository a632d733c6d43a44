/*
 * view_kit.h - a folder with a spec, its hierarchies and a table: what the tests of views share.
 */
#ifndef TESTS_VIEW_KIT_H
#define TESTS_VIEW_KIT_H

#include "analytics/views/source_csv.h"
#include "analytics/views/spec.h"

struct view_kit {
	char dir[32];
	struct view_specs specs;
	struct view_csv *csv;
	struct view_order order;
	struct sc_diag d;
};

/* An empty folder below /tmp; gone with view_kit_fini(). */
void view_kit_init(struct view_kit *k);
void view_kit_fini(struct view_kit *k);
/* DIR/NAME, until the next call but three. */
const char *view_kit_path(const struct view_kit *k, const char *name);
void view_kit_write(const struct view_kit *k, const char *name, const char *text);
/* What a file holds, NUL-ended, the caller's to free; NULL: it is not there. N may be NULL. */
char *view_kit_read(const char *path, size_t *n);

/* Load "views.json", open "table.csv", and fill K's order: its only dataset as release NUMBER. */
enum sc_err view_kit_open(struct view_kit *k, uint64_t number);
enum sc_err view_kit_make(struct view_kit *k, uint64_t number, struct view_made *out);
void view_kit_close(struct view_kit *k);

/* 400 patients, some of whom came twice, and a spec that all is said in. */
void view_kit_patients(struct view_kit *k, const char *more);

/* Does TEXT stand anywhere in any file below K's folder but those named in BUT? Prints where. */
bool view_kit_anywhere(const struct view_kit *k, const char *text, const char *but);

#endif
