/*
 * cube_write.c - onto the shelf: table by table what was published, then what is new.
 */
#include "analytics/cube/cube_private.h"

#include <string.h>

static enum sc_err write_new(const struct shelf_table *t, const struct cube_rows *rows,
    struct shelf_writer *w, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < rows->n && err == SC_OK; i += t->n_columns)
		err = shelf_row(w, rows->v + i, d);
	return err;
}

static bool is_ours(const struct cube_out *out, const char *name)
{
	for (size_t t = 0; t < out->n_tables; t++)
		if (strcmp(out->tables[t].name, name) == 0)
			return true;
	return false;
}

/* What is not made any more stays as it was. */
static enum sc_err write_old(const struct cube_before *b, const struct cube_out *out,
    struct shelf_writer *w, struct sc_diag *d)
{
	const struct shelf_manifest *m = &b->release.manifest;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < m->n_tables && err == SC_OK; i++) {
		if (is_ours(out, m->tables[i].name))
			continue;
		if ((err = shelf_table(w, &m->tables[i], d)) == SC_OK)
			err = cube_before_copy(b, &m->tables[i], w, d);
	}
	return err;
}

enum sc_err cube_write_tables(const struct cube_before *b, const struct cube_out *out,
    struct shelf_writer *w, struct sc_diag *d)
{
	enum sc_err err = SC_OK;

	for (size_t t = 0; t < out->n_tables && err == SC_OK; t++) {
		if ((err = shelf_table(w, &out->tables[t], d)) == SC_OK &&
		    (err = cube_before_copy(b, &out->tables[t], w, d)) == SC_OK)
			err = write_new(&out->tables[t], &out->rows[t], w, d);
	}
	return err == SC_OK ? write_old(b, out, w, d) : err;
}
