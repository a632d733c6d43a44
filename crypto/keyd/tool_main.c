/*
 * tool_main.c - which of the tools is asked for: one, and no more.
 */
#include "crypto/keyd/tool.h"

#include <stddef.h>

static const struct tool_row {
	enum { TEXT, LIST, FLAG } kind;
	size_t at; /* of what must be given */
	enum sc_err (*run)(struct tool_run *r, struct sc_diags *all);
} rows[] = {
	{ TEXT, offsetof(struct tool_options, backup), tool_backup },
	{ TEXT, offsetof(struct tool_options, drill), tool_drill },
	{ LIST, offsetof(struct tool_options, restore), tool_restore },
	{ TEXT, offsetof(struct tool_options, mirror), tool_restore },
	{ FLAG, offsetof(struct tool_options, check), tool_check },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool is_asked(const struct tool_options *o, const struct tool_row *row)
{
	const void *at = (const char *)o + row->at;

	if (row->kind == TEXT)
		return *(const char *const *)at != NULL;
	return row->kind == LIST ? ((const struct program_texts *)at)->n > 0 : *(const bool *)at;
}

bool tool_wanted(const struct tool_options *o)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_asked(o, &rows[i]))
			return true;
	return false;
}

int tool_main(const struct program *p, const struct tool_options *o)
{
	const struct tool_row *row = NULL;
	struct sc_diags all = { .n = 0 };
	struct tool_run r;
	size_t asked = 0;
	enum sc_err err;

	for (size_t i = 0; i < ROWS; i++)
		if (is_asked(o, &rows[i])) {
			row = &rows[i];
			asked++;
		}
	if (asked != 1)
		return program_misused(p);
	if ((err = tool_open(&r, o, &all)) == SC_OK)
		err = row->run(&r, &all);
	tool_close(&r);
	if (err != SC_OK)
		program_say(p, &all, err);
	return err == SC_OK ? 0 : 1;
}
