/*
 * diag.c - filling and printing a diagnosis.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

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
