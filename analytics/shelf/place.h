/*
 * place.h - a release's folder while it is made: beside its place, under another name, until
 * it is renamed there whole and durable.
 *
 *	place_begin() -> place_put() or a file of the caller's at place_path() and
 *	place_keep(), for each -> place_commit(); place_end() whatever comes of it
 */
#ifndef ANALYTICS_SHELF_PLACE_H
#define ANALYTICS_SHELF_PLACE_H

#include "analytics/shelf/manifest.h"

#include <limits.h>

struct shelf_place {
	char path[PATH_MAX]; /* of the folder as it is made */
	char number[24];     /* its name once it is there */
	int dataset;         /* the folder around it; -1: not begun */
	int folder, lock;
};

/*
 * Begin folder NUMBER of DATASET below ROOT; what a maker who died left there is removed.
 * Fails with SC_STALE (that number is there), SC_SYNTAX (the dataset's name), SC_IO (also when
 * somebody else is making one), SC_LIMIT. P must be given to place_end() whatever comes of it.
 */
SC_CHECKED enum sc_err place_begin(const char *root, const char *dataset, uint64_t number,
    struct sc_diag *d, struct shelf_place *p);
/* "FOLDER/NAME" into OUT. Fails with SC_LIMIT. */
SC_CHECKED enum sc_err place_path(const struct shelf_place *p, const char *name, char *out,
    size_t size);
/* Write the file NAME, durable and read-only. Fails with SC_IO. */
SC_CHECKED enum sc_err place_put(const struct shelf_place *p, const char *name,
    struct sc_span bytes, struct sc_diag *d);
/* Copy the file NAME of the folder FROM, which must be as F says. SC_CORRUPT: it is not. SC_IO. */
SC_CHECKED enum sc_err place_copy(const struct shelf_place *p, int from, const struct shelf_file *f,
    struct sc_diag *d);
/* The file F->name is whole: make it durable and read-only, and fill in what F says of it. */
SC_CHECKED enum sc_err place_keep(const struct shelf_place *p, struct shelf_file *f,
    struct sc_diag *d);
/* Make the folder durable and put it in its place. Fails with SC_IO. */
SC_CHECKED enum sc_err place_commit(struct shelf_place *p, struct sc_diag *d);
/* What was not put in its place is removed. */
void place_end(struct shelf_place *p);

#endif
