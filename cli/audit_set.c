/*
 * audit_set.c - which logs there are to judge, by the configuration or by their folders, and the
 * auditor's own file, which nobody else may write.
 */
#include "cli/audit_set.h"

#include "crypto/settings/settings.h"
#include "gateway/config/config.h"
#include "gateway/serve/kept_logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- logs ------------------------------------------------------------------------------- */

/* One more, called LABEL, in DIR; NULL (said): there are too many. */
static struct audit_log *add(struct audit_set *s, const char *label, const char *dir)
{
	struct audit_set_paths *p = &s->paths[s->n];
	struct audit_log *l = &s->logs[s->n];

	if (s->n == AUDIT_LOGS_MAX) {
		cli_fail(CLI_USAGE, "more than %d logs", AUDIT_LOGS_MAX);
		return NULL;
	}
	s->n++;
	file_path(p->label, "%s", label);
	file_path(p->dir, "%s", dir);
	l->label = p->label;
	l->dir = p->dir;
	return l;
}

static void expect(struct audit_set *s, struct audit_log *l, const char *tenant, const char *name)
{
	struct audit_set_paths *p = &s->paths[l - s->logs];

	snprintf(p->origin, sizeof(p->origin), tenant == NULL ? "%s%s" : "%s/%s",
	    tenant == NULL ? "" : tenant, name);
	l->origin = p->origin;
}

/* keyd's: where keyd.json says, if it can be read from here, or --keyd-log. */
static int add_keyd(const struct cli_call *c, struct audit_set *s)
{
	struct settings settings = { .n_gateways = 0 };
	char path[FILE_PATH_MAX];
	struct audit_log *l;
	int rc = CLI_GO_ON;

	file_beside(cli_config_path(c), "keyd.json", path);
	if (access(path, R_OK) == 0 && (rc = cli_settings(path, &settings)) != CLI_GO_ON)
		goto out;
	l = add(s, "keyd",
	    c->keyd_log != NULL      ? c->keyd_log :
		settings.log != NULL ? settings.log :
				       "");
	if (l == NULL)
		rc = CLI_USAGE;
	else if (settings.origin != NULL)
		expect(s, l, NULL, settings.origin);
	if (l != NULL)
		l->keyd = true;
out:
	settings_fini(&settings);
	return rc;
}

/* The logs that scrimd looks after, by what it keeps of them. */
static int add_kept(const struct config *config, struct audit_set *s)
{
	char heads[FILE_PATH_MAX], checkpoint[FILE_PATH_MAX];

	kept_logs_folder(config->log_dir, heads, sizeof(heads));
	for (size_t i = 0; i < config->n_logs; i++) {
		const struct config_log *kept = &config->logs[i];
		struct audit_set_paths *p = &s->paths[s->n];
		struct audit_log *l;

		/* one that was never there and of which nothing was signed is none yet */
		file_path(checkpoint, "%s/%s.checkpoint", heads, kept->name.s);
		if (!file_exists(kept->dir) && !file_exists(checkpoint))
			continue;
		if ((l = add(s, kept->name.s, kept->dir)) == NULL)
			return CLI_USAGE;
		file_path(p->checkpoint, "%s", checkpoint);
		file_path(p->vkey, "%s/%s.vkey", heads, kept->name.s);
		l->checkpoint = p->checkpoint;
		l->vkey = p->vkey;
		expect(s, l, config->tenant.s, kept->name.s);
	}
	return CLI_GO_ON;
}

static int add_configured(const struct cli_call *c, struct audit_set *s)
{
	struct config *config = NULL;
	struct audit_log *l;
	int rc = cli_config(c, &config);

	if (rc != CLI_GO_ON)
		return rc;
	if ((l = add(s, "scrimd", config->log_dir)) == NULL)
		rc = CLI_USAGE;
	else {
		expect(s, l, config->tenant.s, config->node.s);
		if ((rc = add_kept(config, s)) == CLI_GO_ON)
			rc = add_keyd(c, s);
	}
	config_free(config);
	return rc;
}

static int add_named(const struct cli_call *c, struct audit_set *s)
{
	struct audit_log *l;

	if ((l = add(s, c->keyd_log == NULL ? c->log : "scrimd", c->log)) == NULL)
		return CLI_USAGE;
	/* one log and its key: no other log is meant */
	if (c->keyd_log == NULL && s->pin.name[0] != '\0')
		expect(s, l, NULL, s->pin.name);
	if (c->keyd_log != NULL) {
		if ((l = add(s, "keyd", c->keyd_log)) == NULL)
			return CLI_USAGE;
		l->keyd = true;
	}
	return CLI_GO_ON;
}

static int add_also(const char *also, struct audit_set *s)
{
	char dir[FILE_PATH_MAX];

	while (also != NULL && also[0] != '\0') {
		const size_t n = strcspn(also, ",");

		file_path(dir, "%.*s", (int)n, also);
		if (dir[0] != '\0' && add(s, dir, dir) == NULL)
			return CLI_USAGE;
		also += also[n] == ',' ? n + 1 : n;
	}
	return CLI_GO_ON;
}

/* ---- what the auditor brought ----------------------------------------------------------- */

static int read_pin(const char *path, struct note_key *pin)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf b;
	int rc = CLI_GO_ON;

	if (path == NULL)
		return CLI_GO_ON;
	sc_buf_init(&b, NOTE_VKEY_MAX + 2);
	if (file_read(path, &b, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else if (note_key_parse(sc_buf_span(&b), pin) != SC_OK || pin->type != NOTE_ED25519)
		rc = cli_fail(CLI_NO, "%s is no key of a log: it should be name+id+base64", path);
	sc_buf_fini(&b);
	return rc;
}

/* --trust, $SCRIM_TRUST, or the auditor's own configuration folder; "" when there is none. */
static void trust_where(const struct cli_call *c, char out[static FILE_PATH_MAX])
{
	const char *env = getenv("SCRIM_TRUST"), *home = getenv("HOME");

	if (c->trust != NULL)
		file_path(out, "%s", c->trust);
	else if (env != NULL && env[0] != '\0')
		file_path(out, "%s", env);
	else if (home != NULL && home[0] == '/')
		file_path(out, "%s/.config/scrim/trust", home);
	else
		out[0] = '\0';
}

/* Whoever may write it decides what is believed. */
static int check_owner(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return cli_fail(CLI_NO, "%s: %s", path, strerror(errno));
	if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022) != 0)
		return cli_fail(CLI_NO,
		    "%s may be written by others, so it is no file of yours: chmod go-w", path);
	return CLI_GO_ON;
}

static int read_trust(const struct cli_call *c, struct audit_set *s)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf b;
	int rc;

	trust_where(c, s->trust_path);
	if (s->trust_path[0] == '\0' || !file_exists(s->trust_path))
		return c->trust == NULL || c->cmd->options == CLI_TRUST ?
		    CLI_GO_ON :
		    cli_fail(CLI_NO, "there is no %s: scrim audit trust makes it", c->trust);
	if ((rc = check_owner(s->trust_path)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&b, TRUST_BYTES_MAX);
	if (file_read(s->trust_path, &b, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else if (trust_parse(sc_buf_span(&b), &s->trust, &d) != SC_OK) {
		snprintf(d.file, sizeof(d.file), "%.255s", s->trust_path);
		rc = cli_fail_diag(CLI_NO, &d);
	}
	s->has_trust = rc == CLI_GO_ON;
	sc_buf_fini(&b);
	return rc;
}

int audit_set_find(const struct cli_call *c, struct audit_set **out)
{
	struct audit_set *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return cli_fail(CLI_NO, "out of memory");
	if ((rc = read_pin(c->vkey, &s->pin)) == CLI_GO_ON && (rc = read_trust(c, s)) == CLI_GO_ON)
		rc = c->log != NULL ? add_named(c, s) : add_configured(c, s);
	if (rc == CLI_GO_ON)
		rc = add_also(c->also, s);
	if (rc == CLI_GO_ON)
		*out = s;
	else
		free(s);
	return rc;
}

static void progress(const char *label, uint64_t entries)
{
	cli_progress("%.200s: %llu entries", label, (unsigned long long)entries);
}

int audit_set_judge(struct audit_set *s, bool trust, bool give_up, enum audit_word *worst)
{
	const struct audit_judging j = { .logs = s->logs,
		.n = s->n,
		.pin = s->pin.name[0] == '\0' ? NULL : &s->pin,
		.trust = trust && s->has_trust ? &s->trust : NULL,
		.progress = progress,
		.give_up = give_up };
	enum sc_err err = audit_judge(&j, worst);

	cli_progress(NULL);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "%s", cli_err_text(err));
}

/* The folders that a new file is to be in, as far as they are missing; writing it tells the rest. */
static void make_folders(const char *path)
{
	char folder[FILE_PATH_MAX];
	struct sc_diag unheard;

	for (const char *end = strchr(path + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
		file_path(folder, "%.*s", (int)(end - path), path);
		if (!file_exists(folder) && file_folder(folder, &unheard) != SC_OK)
			return;
	}
}

int audit_set_keep(struct audit_set *s)
{
	struct sc_diag d = { .line = 0 };
	struct trust_row row;
	struct sc_buf b;
	enum sc_err err = SC_OK;
	int rc = CLI_DONE;

	for (size_t i = 0; i < s->n && err == SC_OK; i++) {
		const struct audit_log *l = &s->logs[i];

		memset(&row, 0, sizeof(row));
		row.key = l->key;
		memcpy(row.head.origin, l->key.name, sizeof(row.head.origin));
		row.head.size = l->report.signed_size;
		memcpy(row.head.root, l->report.signed_root, HASH_BYTES);
		err = trust_put(&s->trust, &row);
	}
	make_folders(s->trust_path);
	sc_buf_init(&b, TRUST_BYTES_MAX);
	if (err != SC_OK || (err = trust_print(&s->trust, &b)) != SC_OK)
		rc = cli_fail(CLI_NO, "%s: %s", s->trust_path, cli_err_text(err));
	else if (file_write(s->trust_path, 0644, true, sc_buf_span(&b), &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	sc_buf_fini(&b);
	return rc;
}
