/*
 * doctor.h - what `scrim doctor` looks at: a row for each, with what was seen and what
 * to do. Looking changes nothing, and reads no key.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "base/text/doc.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "crypto/settings/settings.h"
#include "gateway/config/config.h"

enum doctor_grade { DOCTOR_SKIPPED, DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD };

/* What a row saw; it is born skipped. */
struct doctor_seen {
	enum doctor_grade grade;
	char text[320];
	const char *todo; /* a literal; NULL: nothing */
};

/* Grade, words and advice; the worst of several stands. */
void doctor_see(struct doctor_seen *s, enum doctor_grade grade, const char *todo, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* What there is to look at; NULL or false: it could not be loaded, or does not answer. */
struct doctor {
	const struct cli_call *call;
	char config_path[FILE_PATH_MAX], keyd_path[FILE_PATH_MAX];
	struct config *config;
	struct settings settings;
	bool has_settings;
	struct sc_diags config_wrong, settings_wrong;
	struct sc_buf text;
	struct sc_arena arena;
	struct doc status; /* keyd's, where HAS_STATUS */
	bool has_status;
};

struct doctor_row {
	const char *name;
	void (*look)(struct doctor *x, struct doctor_seen *s);
};
/* doctor_files.c and doctor_live.c; each ends with a row that has no name. */
extern const struct doctor_row doctor_files[], doctor_live[];

#endif
