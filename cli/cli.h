/*
 * cli.h - what every subcommand shares: exit codes, options, how to speak.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text/jsonw.h"

#include <stdio.h>

struct config;
struct settings;

enum cli_exit {
	CLI_DONE = 0,
	CLI_NO = 1, /* the answer is no, or it went wrong */
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3, /* a service does not answer */
	CLI_REFUSED = 4,     /* by policy, or the key is not accepted */
	CLI_GO_ON = -1,      /* of cli_parse(): there is work to do */
};

struct cli_command {
	const char *name;
	const char *sub; /* "status" of `scrim keys status`; NULL: none */
	int (*run)(const struct cli_command *cmd, int argc, char **argv);
	const char *line; /* one line of help */
};

enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_NUMBER };

/* A row of a subcommand's options; the last has a NULL name. */
struct cli_opt {
	const char *name; /* without the dashes */
	enum cli_kind kind;
	void *out;        /* bool, const char * or uint64_t */
	const char *meta; /* what follows it, as in FILE */
	const char *help;
};
#define CLI_OPT_END \
	{ \
		NULL, CLI_FLAG, NULL, NULL, NULL \
	}

struct cli_args {
	const char *meta; /* what may follow the options */
	size_t min, max;  /* how many of them */
	char **v;         /* out: those given */
	size_t n;
};

/* Options that most subcommands have. */
struct cli_common {
	bool json;
	const char *config;
	const char *server, *ca, *key;
};
#define CLI_OPT_JSON(c) \
	{ \
		"json", CLI_FLAG, &(c)->json, NULL, "answer in JSON" \
	}
#define CLI_OPT_CONFIG(c) \
	{ \
		"config", CLI_TEXT, &(c)->config, "FILE", \
		    "configuration (else $SCRIM_CONFIG, else scrim.json)" \
	}
#define CLI_OPT_SERVER(c) \
	{ "server", CLI_TEXT, &(c)->server, "URL", \
		"scrimd to talk to (else the configuration's first listener)" }, \
	    { "ca", CLI_TEXT, &(c)->ca, "FILE", \
		    "certificate authority that --server is verified against" }, \
	{ \
		"key", CLI_TEXT, &(c)->key, "FILE", "file that holds the API key" \
	}

/*
 * Fill the options' and ARGS' places (NULL: options only) from the command
 * line (argv[0] is the first word after the subcommand). CLI_GO_ON, or the code
 * to exit with: the help was printed, or what is wrong.
 */
int cli_parse(const struct cli_command *cmd, const struct cli_opt *opts, struct cli_args *args,
    int argc, char **argv);

/* One line on standard error: what is wrong and what to do. Returns CODE. */
int cli_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a diagnosis, with its file, line and column; or for each of several. */
int cli_fail_diag(int code, const struct sc_diag *d);
int cli_fail_diags(int code, const struct sc_diags *all);
/* The same for ERR, with what D says of it, or words of our own when D says nothing. CLI_NO. */
int cli_fail_err(enum sc_err err, struct sc_diag *d);
/* What to say of ERR when there is no diagnosis. */
const char *cli_err_text(enum sc_err err);

/* --config, $SCRIM_CONFIG or scrim.json. */
const char *cli_config_path(const struct cli_common *c);
/* Load it, or say why not. CLI_GO_ON and *OUT to config_free(), or a code. */
int cli_config(const struct cli_common *c, struct config **out);
/* keyd's configuration at PATH, the same way; OUT is then the caller's to settings_fini(). */
int cli_settings(const char *path, struct settings *out);

/* Write and flush standard output; CLI_NO (said) when it cannot be written. */
int cli_out(struct sc_span text);
/* The same for the JSON that W wrote, as a line; its buffer is released. */
int cli_out_json(struct jsonw *w);

/* A number with its name, for people and as a member of a JSON object. */
struct cli_figure {
	const char *name;
	uint64_t n;
};
void cli_put_figures(struct jsonw *w, const struct cli_figure *f, size_t n);

/* Handlers, a file each. */
int cli_up(const struct cli_command *, int, char **);
int cli_down(const struct cli_command *, int, char **);
int cli_rewrite(const struct cli_command *, int, char **);
int cli_values(const struct cli_command *, int, char **);
int cli_keys_init(const struct cli_command *, int, char **);
int cli_keys_status(const struct cli_command *, int, char **);
int cli_keys_erase(const struct cli_command *, int, char **);
int cli_config_check(const struct cli_command *, int, char **);
int cli_audit_verify(const struct cli_command *, int, char **);
int cli_audit_show(const struct cli_command *, int, char **);
int cli_audit_stats(const struct cli_command *, int, char **);
int cli_audit_prove(const struct cli_command *, int, char **);
int cli_audit_reconcile(const struct cli_command *, int, char **);

#endif
