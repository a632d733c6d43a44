/*
 * tool_backup.c - scrim-keyd --backup TARGET [--since FILE | --full].
 */
#include "crypto/keyd/tool.h"

enum sc_err tool_backup(struct tool_run *r, struct sc_diags *all)
{
	const struct backup_order order = { .settings = &r->settings,
		.root = r->root,
		.target = r->options->backup,
		.since = r->options->since,
		.whole = r->options->full,
		.watch = r->watch };
	struct backup_taken b;
	enum sc_err err = backup_take(&order, &all->v[0], &b);
	const struct tool_fact facts[] = { { "backup", b.name, 0 },
		{ "kind", b.header.whole ? "whole" : "since the one before", 0 },
		{ "why", b.why, 0 }, { "people", NULL, b.header.people },
		{ "boxes", NULL, b.end.rows[BACKUP_BOXES] }, { "bytes", NULL, b.bytes },
		{ "epoch", NULL, b.header.epoch }, { "at", tool_time, b.header.at_ms },
		{ "tries", NULL, b.tries }, { "keys destroyed", NULL, b.destroyed },
		{ "ms", NULL, b.ms } };
	enum sc_err told = SC_OK;

	/* it may be there though the store cannot remember it */
	if (err == SC_OK || b.name[0] != '\0')
		told = tool_tell(r, facts, sizeof(facts) / sizeof(facts[0]));
	return err != SC_OK ? err : told;
}
