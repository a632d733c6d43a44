/*
 * cli.h - what every subcommand shares: exit codes, options, how to speak.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "audit/review/review.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text/jsonw.h"
#include "gateway/book/simulate.h"

#include <stdio.h>

struct config;
struct settings;

enum cli_exit {
	CLI_DONE = 0,
	CLI_NO = 1, /* the answer is no, or it went wrong */
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3, /* a service does not answer */
	CLI_REFUSED = 4,     /* by policy, or the key is not accepted */
	/* of `audit verify`; the worse, the greater. `audit reconcile` has INCOMPLETE, too */
	CLI_UNPINNED = 5,
	CLI_INCOMPLETE = 6,
	CLI_BROKEN = 7,
	CLI_GO_ON = -1, /* of what a subcommand consists of: there is work to do */
};

/* Which options a subcommand has: those with its bit. */
#define CLI_BIT(n) (UINT64_C(1) << (n))
#define CLI_UP CLI_BIT(0)
#define CLI_DOWN CLI_BIT(1)
#define CLI_REWRITE CLI_BIT(2)
#define CLI_VALUES CLI_BIT(3)
#define CLI_INIT CLI_BIT(4)
#define CLI_STATUS CLI_BIT(5)
#define CLI_ERASE CLI_BIT(6)
#define CLI_CHECK CLI_BIT(7)
#define CLI_VERIFY CLI_BIT(8)
#define CLI_SHOW CLI_BIT(9)
#define CLI_STATS CLI_BIT(10)
#define CLI_PROVE CLI_BIT(11)
#define CLI_RECONCILE CLI_BIT(12)
#define CLI_BIND CLI_BIT(13)
#define CLI_BINDING CLI_BIT(14) /* one binding, or those of an order */
#define CLI_COMPLETE CLI_BIT(15)
#define CLI_POOL CLI_BIT(16)
#define CLI_ROUTE CLI_BIT(17)
#define CLI_SIMULATE CLI_BIT(18)
#define CLI_LABEL CLI_BIT(19)
#define CLI_CONSENT CLI_BIT(20) /* somebody's words of consent */
#define CLI_CONSENT_SET CLI_BIT(21)
#define CLI_TRUST CLI_BIT(22)
#define CLI_READERS CLI_BIT(23)
#define CLI_COLLECT CLI_BIT(24) /* how collecting is */
#define CLI_COLLECT_WHY CLI_BIT(25)
#define CLI_COLLECT_SAY CLI_BIT(26) /* an operator's word */
#define CLI_COLLECT_DROP CLI_BIT(27)
#define CLI_COLLECT_REBUILD CLI_BIT(28)
#define CLI_COLLECT_SNAPSHOT CLI_BIT(29)
#define CLI_VIEWS_RELEASE CLI_BIT(30)
#define CLI_VIEWS_CHECK CLI_BIT(31)
#define CLI_VIEWS_RISK CLI_BIT(32)
#define CLI_VIEWS_DIFF CLI_BIT(33)
#define CLI_VIEWS_PUBLISH CLI_BIT(34)
#define CLI_VIEWS_GRANT CLI_BIT(35)
#define CLI_VIEWS_REVOKE CLI_BIT(36)
#define CLI_VIEWS_GRANTS CLI_BIT(37)
#define CLI_VIEWS_LIST CLI_BIT(38)
#define CLI_QUERY CLI_BIT(39)
#define CLI_KEYS_BACKUP CLI_BIT(42)
#define CLI_KEYS_RESTORE CLI_BIT(43)
#define CLI_KEYS_DRILL CLI_BIT(44)
#define CLI_KEYS_ROTATE CLI_BIT(40)
#define CLI_KEYS_DESTROY CLI_BIT(41)
#define CLI_KEYS_CERTIFICATE CLI_BIT(48)
#define CLI_KEYS_DESTROY_YEAR CLI_BIT(49)
#define CLI_KEYS_CHECK CLI_BIT(45)
#define CLI_KEYS_DORMANT CLI_BIT(46)
#define CLI_DOCTOR CLI_BIT(47)
#define CLI_SIGN CLI_BIT(55) /* what is asked may be signed */
#define CLI_KEYS_SIGNER CLI_BIT(56)
#define CLI_KEYS_ERASURES CLI_BIT(57)
#define CLI_WITNESS_INIT CLI_BIT(58)
#define CLI_WITNESS_RUN CLI_BIT(59)
#define CLI_KEYS_ANEW CLI_BIT(60)
#define CLI_DRIFT CLI_BIT(50)
#define CLI_SUGGEST CLI_BIT(51)
#define CLI_TRY CLI_BIT(52)

struct cli_call;
struct cli_command {
	const char *name; /* a word, or two with a space */
	int (*run)(const struct cli_call *call);
	uint64_t options; /* bits as above */
	const char *line; /* one line of help */
	const char *meta; /* what may follow the options; NULL: nothing */
	size_t min, max;  /* how many of them */
};

/* A command line that was read. Options not given, or not the command's, are NULL, 0 or false. */
struct cli_call {
	const struct cli_command *cmd;
	char **words; /* what followed the options */
	size_t n_words;
	bool json, demo, one_user, detach, follow, keyd, response, restore;
	const char *config, *keyd_config;
	const char *person; /* audit show */
	const char *server, *ca, *key;
	const char *sign;                      /* the caller's signing key */
	const char *purpose, *reason, *ticket; /* why something is asked of scrimd */
	const char *class, *subject;
	const char *route, *hits, *label;
	const char *type, *side; /* try: a media type; request or response */
	const char *log, *keyd_log, *vkey, *out, *check, *request;
	const char *also, *trust; /* further logs' folders; the auditor's file */
	bool replace;
	struct audit_filter filter;
	uint64_t grace_ms, request_ms;
	const char *socket, *cert, *cert_key; /* how a telephony peer is known */
	struct cli_phone {
		const char *pool, *order, *id, *b, *caller, *kind, *call, *lang, *home;
		uint64_t ttl_s; /* 0: the pool's */
	} phone;
	struct cli_consent {
		bool device; /* the id is a device's */
		const char *to, *word, *at, *source, *method, *text, *evidence;
		uint64_t version; /* of the text; 0: the one that is asked now */
	} consent;
	struct phone_simulation simulate;
	const char *viewd; /* its operator socket */
	struct cli_query {
		const char *format;
		uint64_t release; /* 0: the newest */
	} query;
	struct cli_grant {
		const char *file, *dataset, *purposes, *until, *role, *key_out;
	} grant;
	struct cli_backup {
		bool full, without_log;
		const char *since, *scratch, *mirror;
	} backup;
	const char *message, *site, *because;
	bool quarantined, yes;
	struct cli_dormant {
		const char *before; /* a day */
		bool list;
	} dormant;
	struct cli_erasures {
		const char *cancel, *reason;
	} erasures;
	struct cli_views {
		const char *drafts, *published; /* shelves */
		const char *to;                 /* a database */
		const char *spec, *dataset, *out, *lineage, *seed, *original;
		uint64_t number; /* 0: the next */
	} views;
};
/* What is simulated when nothing else is said; what is 0 is the pool's. */
extern const struct phone_simulation cli_simulation;

/*
 * Fill CALL from the command line (argv[0] is the first word after the
 * subcommand). CLI_GO_ON, or the code to exit with: the help was printed, or
 * what is wrong.
 */
int cli_parse(struct cli_call *call, int argc, char **argv);

/* One line on standard error: what is wrong and what to do. Returns CODE. */
int cli_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a diagnosis, with its file, line and column; or for each of several. */
int cli_fail_diag(int code, const struct sc_diag *d);
int cli_fail_diags(int code, const struct sc_diags *all);
/* The same for ERR, with what D says of it, or words of our own when D says nothing. CLI_NO. */
int cli_fail_err(enum sc_err err, struct sc_diag *d);
/* What to say of ERR when there is no diagnosis. */
const char *cli_err_text(enum sc_err err);

/* How far it is, on a terminal: the line is written over by the next, and wiped by NULL. */
void cli_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --config, $SCRIM_CONFIG or scrim.json. */
const char *cli_config_path(const struct cli_call *c);
/* Load it, or say why not. CLI_GO_ON and *OUT to config_free(), or a code. */
int cli_config(const struct cli_call *c, struct config **out);
/* keyd's configuration at PATH, the same way; OUT is then the caller's to settings_fini(). */
int cli_settings(const char *path, struct settings *out);

/* Flush standard output: RC, or CLI_NO (said) when it cannot be written. */
int cli_flush(int rc);
/* Write TEXT as whole lines, and flush. CLI_DONE or CLI_NO. */
int cli_out(struct sc_span text);
/* The same for the JSON that W wrote; its buffer is released. */
int cli_out_json(struct jsonw *w);

/* Handlers. */
int cli_up(const struct cli_call *);
int cli_down(const struct cli_call *);
int cli_rewrite(const struct cli_call *);
int cli_values(const struct cli_call *);
int cli_keys_init(const struct cli_call *);
int cli_keys_status(const struct cli_call *);
int cli_keys_erase(const struct cli_call *);
int cli_keys_signer(const struct cli_call *);
int cli_keys_anew(const struct cli_call *);
int cli_subjects_merge(const struct cli_call *);
int cli_keys_backup(const struct cli_call *);
int cli_keys_check(const struct cli_call *);
int cli_keys_dormant(const struct cli_call *);
int cli_keys_erasures(const struct cli_call *);
int cli_doctor(const struct cli_call *);
int cli_keys_restore(const struct cli_call *);
int cli_keys_drill(const struct cli_call *);
int cli_keys_rotate(const struct cli_call *);
int cli_keys_destroy(const struct cli_call *);
int cli_keys_destroy_year(const struct cli_call *);
int cli_keys_certificate(const struct cli_call *);
int cli_config_check(const struct cli_call *);
int cli_audit_verify(const struct cli_call *);
int cli_audit_trust(const struct cli_call *);
int cli_audit_readers(const struct cli_call *);
int cli_drift(const struct cli_call *);
int cli_suggest(const struct cli_call *);
int cli_try(const struct cli_call *);
int cli_audit_show(const struct cli_call *);
int cli_audit_stats(const struct cli_call *);
int cli_audit_prove(const struct cli_call *);
int cli_audit_reconcile(const struct cli_call *);
int cli_phone_bind(const struct cli_call *);
int cli_phone_show(const struct cli_call *);
int cli_phone_end(const struct cli_call *);
int cli_phone_complete(const struct cli_call *);
int cli_phone_pool(const struct cli_call *);
int cli_phone_route(const struct cli_call *);
int cli_phone_simulate(const struct cli_call *);
int cli_phone_label(const struct cli_call *);
int cli_consent_show(const struct cli_call *);
int cli_consent_export(const struct cli_call *);
int cli_consent_set(const struct cli_call *);
int cli_collect_status(const struct cli_call *);
int cli_collect_why(const struct cli_call *);
int cli_collect_release(const struct cli_call *);
int cli_collect_condemn(const struct cli_call *);
int cli_collect_drop(const struct cli_call *);
int cli_collect_rebuild(const struct cli_call *);
int cli_collect_snapshot(const struct cli_call *);
int cli_views_release(const struct cli_call *);
int cli_views_check(const struct cli_call *);
int cli_views_risk(const struct cli_call *);
int cli_views_publish(const struct cli_call *);
int cli_views_diff(const struct cli_call *);
int cli_views_list(const struct cli_call *);
int cli_views_grant(const struct cli_call *);
int cli_views_revoke(const struct cli_call *);
int cli_views_grants(const struct cli_call *);
int cli_query(const struct cli_call *);
int cli_witness_init(const struct cli_call *);
int cli_witness_run(const struct cli_call *);

#endif
