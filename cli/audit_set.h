/*
 * audit_set.h - the logs that are judged together, and what the auditor brought to judge them by.
 */
#ifndef CLI_AUDIT_SET_H
#define CLI_AUDIT_SET_H

#include "audit/review/judge.h"
#include "cli/cli.h"
#include "cli/file.h"

struct audit_set_paths {
	char label[FILE_PATH_MAX], dir[FILE_PATH_MAX], checkpoint[FILE_PATH_MAX],
	    vkey[FILE_PATH_MAX], origin[NOTE_NAME_MAX + 1];
};

struct audit_set {
	size_t n;
	struct audit_log logs[AUDIT_LOGS_MAX];
	struct audit_set_paths paths[AUDIT_LOGS_MAX];
	struct note_key pin; /* --vkey; name "": none */
	char trust_path[FILE_PATH_MAX];
	struct trust trust;
	bool has_trust; /* the file is there */
};

/*
 * Those of the configuration, or of --log, --keyd-log and --also, with --vkey and the auditor's
 * file. CLI_GO_ON and *OUT to free(), or a code (said).
 */
int audit_set_find(const struct cli_call *c, struct audit_set **out);
/* Judge them; CLI_GO_ON, or a code. TRUST: hold them against the file. */
int audit_set_judge(struct audit_set *s, bool trust, bool give_up, enum audit_word *worst);
/* Put the keys and signed heads of all logs into the file. CLI_DONE or CLI_NO (said). */
int audit_set_keep(struct audit_set *s);

#endif
