/*
 * config_change.h - a good configuration with one fragment replaced, and what
 * is said of it.
 *
 * A bar in the replacement marks where the complaint must point; it is taken
 * out first.
 */
#ifndef TESTS_UNIT_GATEWAY_CONFIG_CHANGE_H
#define TESTS_UNIT_GATEWAY_CONFIG_CHANGE_H

#include "base/buf.h"
#include "gateway/config/config.h"

#include <stdio.h>
#include <string.h>

/* Names are looked up in the shipped policy, which lies beside this name. */
#define FILE_NAME "policy/scrim.json"

/* GOOD with OLD replaced by NEW_; where its bar stood, in *LINE, *COLUMN. */
static inline bool config_changed(const char *good, const char *old, const char *new_,
    struct sc_buf *out, unsigned *line, unsigned *column)
{
	const char *at = strstr(good, old), *bar = strchr(new_, '|');
	size_t mark;

	sc_buf_init(out, 65536);
	*line = *column = 1;
	if (at == NULL || sc_buf_put(out, good, (size_t)(at - good)) != SC_OK)
		return false;
	mark = out->n + (bar == NULL ? 0 : (size_t)(bar - new_));
	for (const char *p = new_; *p != '\0'; p++)
		if (*p != '|' && sc_buf_put(out, p, 1) != SC_OK)
			return false;
	if (sc_buf_put_str(out, at + strlen(old)) != SC_OK)
		return false;
	for (size_t i = 0; i < mark; i++) {
		*column = out->p[i] == '\n' ? 1 : *column + 1;
		*line += out->p[i] == '\n';
	}
	return true;
}

/* The file with that change is refused with N complaints, the first there and with SAYS in it. */
static inline bool config_refused(const char *good, const char *old, const char *new_,
    const char *says, size_t n)
{
	struct config *c = NULL;
	struct sc_diags all = { .n = 0 };
	const struct sc_diag *d = &all.v[0];
	struct sc_buf b;
	unsigned line, column;
	enum sc_err err;
	bool ok;

	if (!config_changed(good, old, new_, &b, &line, &column)) {
		printf("# the good file has no: %s\n", old);
		sc_buf_fini(&b);
		return false;
	}
	err = config_parse(sc_buf_span(&b), FILE_NAME, &all, &c);
	ok = err == SC_SYNTAX && c == NULL && all.n == n && d->line == line &&
	    d->column == column && strstr(d->text, says) != NULL && strcmp(d->file, FILE_NAME) == 0;
	if (!ok)
		printf("# %s: %s, %zu, %s:%u:%u: %s (wanted %u:%u %s)\n", new_, sc_err_name(err),
		    all.n, d->file, d->line, d->column, d->text, line, column, says);
	sc_buf_fini(&b);
	config_free(c);
	return ok;
}

#endif
