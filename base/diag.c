/*
 * diag.c - filling and printing diagnoses.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sc_diag_set(struct sc_diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
}

void sc_diag_print(const struct sc_diag *d, char *out, size_t size)
{
	if (d->file[0] != '\0' && d->line != 0)
		snprintf(out, size, "%s:%u:%u: %s", d->file, d->line, d->column, d->text);
	else if (d->file[0] != '\0')
		snprintf(out, size, "%s: %s", d->file, d->text);
	else if (d->line != 0)
		snprintf(out, size, "line %u, column %u: %s", d->line, d->column, d->text);
	else
		snprintf(out, size, "%s", d->text);
}

struct sc_diag *sc_diags_add(struct sc_diags *all, const char *file, size_t offset)
{
	size_t i = all->n;

	while (i > 0 && strcmp(all->v[i - 1].file, file) == 0 && all->v[i - 1].offset > offset)
		i--;
	if (all->n == SC_DIAGS_MAX)
		all->more++;
	else
		all->n++;
	if (i == SC_DIAGS_MAX)
		return NULL;
	memmove(&all->v[i + 1], &all->v[i], (all->n - i - 1) * sizeof(all->v[0]));
	all->v[i] = (struct sc_diag){ .offset = offset };
	snprintf(all->v[i].file, sizeof(all->v[i].file), "%s", file);
	return &all->v[i];
}

bool sc_diags_print(const struct sc_diags *all, size_t i, char *out, size_t size)
{
	size_t n = all->n == 0 && all->v[0].text[0] != '\0' ? 1 : all->n;

	if (i < n)
		sc_diag_print(&all->v[i], out, size);
	else if (i == n && all->more > 0)
		snprintf(out, size, "and %zu more", all->more);
	else
		return false;
	return true;
}
