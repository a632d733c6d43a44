/*
 * opts.c - command lines: one table of options gives parsing and help.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { OPT_FLAG, OPT_TEXT, OPT_NUMBER, OPT_DURATION, OPT_SHARE };

/* A row for each option; one that says something else elsewhere has two. */
struct opt {
	const char *name; /* without the dashes */
	enum kind kind;
	size_t at;        /* of its field: a bool, const char *, uint64_t or double */
	const char *meta; /* what follows it, as in FILE */
	uint64_t of;      /* the subcommands that have it, by their bits */
	const char *help;
};
#define FLAG(field) OPT_FLAG, offsetof(struct cli_call, field), NULL
#define TEXT(field, meta) OPT_TEXT, offsetof(struct cli_call, field), meta
#define NUMBER(field, meta) OPT_NUMBER, offsetof(struct cli_call, field), meta
#define DURATION(field) OPT_DURATION, offsetof(struct cli_call, field), "TIME"
#define SHARE(field) OPT_SHARE, offsetof(struct cli_call, field), "SHARE"

#define REMOTE \
	(CLI_REWRITE | CLI_VALUES | CLI_ERASE | CLI_BIND | CLI_BINDING | CLI_COMPLETE | CLI_POOL | \
	    CLI_ROUTE | CLI_LABEL | CLI_CONSENT | CLI_CONSENT_SET | CLI_COLLECT | \
	    CLI_COLLECT_WHY | CLI_COLLECT_SNAPSHOT | CLI_VIEWS_PUBLISH)
#define OF_VIEWD \
	(CLI_COLLECT | CLI_COLLECT_WHY | CLI_COLLECT_SAY | CLI_COLLECT_DROP | \
	    CLI_COLLECT_REBUILD | CLI_COLLECT_SNAPSHOT | CLI_VIEWS_RELEASE)
#define OF_TABLE (CLI_VIEWS_RELEASE | CLI_VIEWS_CHECK | CLI_VIEWS_RISK)
#define OF_SHELF (CLI_VIEWS_PUBLISH | CLI_VIEWS_LIST)
#define OF_KEYS (CLI_KEYS_ROTATE | CLI_KEYS_DESTROY | CLI_KEYS_DESTROY_YEAR | CLI_KEYS_CERTIFICATE)
#define OF_CHECK (CLI_KEYS_CHECK | CLI_KEYS_DORMANT | CLI_KEYS_ERASURES | CLI_DOCTOR)
#define OF_BACKUP (CLI_KEYS_BACKUP | CLI_KEYS_RESTORE | CLI_KEYS_DRILL)
#define OF_GRANTS (CLI_VIEWS_GRANT | CLI_VIEWS_REVOKE | CLI_VIEWS_GRANTS)
#define OF_PROOF (CLI_VERIFY | CLI_TRUST)
#define OF_LOGS (OF_PROOF | CLI_READERS)
#define ONE_LOG (CLI_SHOW | CLI_STATS | CLI_PROVE)

static const struct opt opts[] = {
	{ "config", TEXT(config, "FILE"), ~(CLI_WITNESS_INIT | CLI_WITNESS_RUN),
	    "configuration (else $SCRIM_CONFIG, else scrim.json)" },
	{ "demo", FLAG(demo), CLI_UP, "make what is missing: throw-away keys, certificates" },
	{ "one-user", FLAG(one_user), CLI_UP,
	    "as root: run all daemons as root, where neither is protected from the other" },
	{ "detach", FLAG(detach), CLI_UP, "return when they are up, and leave them running" },
	{ "keyd-config", TEXT(keyd_config, "FILE"),
	    CLI_INIT | CLI_STATUS | OF_BACKUP | OF_KEYS | OF_CHECK | CLI_KEYS_SIGNER | CLI_SHOW,
	    "keyd's configuration (else keyd.json beside the other)" },
	{ "demo", FLAG(demo), CLI_INIT, "a root key for the demo only" },
	{ "demo", FLAG(demo), OF_BACKUP | CLI_KEYS_CHECK, "the root key is the demo's" },
	{ "before", TEXT(dormant.before, "DAY"), CLI_KEYS_DORMANT,
	    "nothing was sealed for them since that day's week, such as 2026-01-31" },
	{ "cancel", TEXT(erasures.cancel, "HANDLE"), CLI_KEYS_ERASURES,
	    "of whom: their keys open again, which is recorded; all: of everybody who waits" },
	{ "reason", TEXT(erasures.reason, "TEXT"), CLI_KEYS_ERASURES, "why, with --cancel" },
	{ "list", FLAG(dormant.list), CLI_KEYS_DORMANT, "their key ids, a line each" },
	{ "since", TEXT(backup.since, "FILE"), CLI_KEYS_BACKUP,
	    "what changed since this one (else the folder's newest)" },
	{ "full", FLAG(backup.full), CLI_KEYS_BACKUP, "a whole one: a new chain begins" },
	{ "mirror", TEXT(backup.mirror, "DIR"), CLI_KEYS_RESTORE,
	    "of the second disk's mirror, instead of backups: all that was answered" },
	{ "without-log", FLAG(backup.without_log), CLI_KEYS_RESTORE,
	    "keyd's log is lost: whoever was erased since comes back; recorded" },
	{ "vkey", TEXT(vkey, "FILE"), CLI_KEYS_RESTORE | CLI_KEYS_DRILL,
	    "the key of keyd's log, which must have signed it" },
	{ "scratch", TEXT(backup.scratch, "DIR"), CLI_KEYS_DRILL,
	    "where there is room for a restore (else beside the backup)" },
	{ "server", TEXT(server, "URL"), REMOTE,
	    "scrimd to talk to (else the configuration's first listener)" },
	{ "ca", TEXT(ca, "FILE"), REMOTE,
	    "certificate authority that --server is verified against" },
	{ "key", TEXT(key, "FILE"), REMOTE, "file that holds the API key" },
	{ "sign", TEXT(sign, "FILE"), CLI_SIGN,
	    "the caller's own signing key (keys signer): each batch, or line restored, is signed" },
	{ "sign", TEXT(sign, "FILE"), CLI_KEYS_ANEW, "your own signing key (keys signer)" },
	{ "out", TEXT(out, "FILE"), CLI_KEYS_SIGNER,
	    "where the key goes; for nobody else to read" },
	{ "out", TEXT(out, "FILE"), CLI_KEYS_ANEW, "where the statement goes" },
	{ "route", TEXT(route, "NAME"), CLI_REWRITE, "the route whose rules are used" },
	{ "response", FLAG(response), CLI_REWRITE, "its response rules (else its request rules)" },
	{ "restore", FLAG(restore), CLI_REWRITE, "open all tokens, as policy allows; recorded" },
	{ "hits", TEXT(hits, "FILE"), CLI_REWRITE, "write what was found where, a line per line" },
	{ "name", TEXT(label, "LABEL"), CLI_REWRITE, "what \"f\" says in the hits" },
	{ "class", TEXT(class, "NAME"), CLI_VALUES, "what the values are, such as phone" },
	{ "subject", TEXT(subject, "ID"), CLI_VALUES,
	    "whose they are (seal: the person's key is used)" },
	{ "purpose", TEXT(purpose, "NAME"), REMOTE, "what it is for" },
	{ "reason", TEXT(reason, "TEXT"), REMOTE | CLI_KEYS_ANEW,
	    "why, in words (recorded; no personal data)" },
	{ "ticket", TEXT(ticket, "ID"), REMOTE | CLI_KEYS_ANEW, "the ticket it belongs to" },
	{ "log", TEXT(log, "DIR"), OF_LOGS, "the log in this folder, without a configuration" },
	{ "keyd-log", TEXT(keyd_log, "DIR"), OF_LOGS, "keyd's log, where keyd.json is not here" },
	{ "also", TEXT(also, "DIR,DIR"), OF_LOGS, "logs of further gateways of the same keyd" },
	{ "trust", TEXT(trust, "FILE"), OF_PROOF,
	    "your file of keys and heads (else $SCRIM_TRUST, else ~/.config/scrim/trust)" },
	{ "replace", FLAG(replace), CLI_TRUST,
	    "forget what it says of these logs: they were begun anew, or keyd was" },
	{ "log", TEXT(log, "DIR"), ONE_LOG | CLI_DRIFT, "a log's folder, by itself" },
	{ "log", TEXT(log, "DIR"), CLI_RECONCILE, "scrimd's log" },
	{ "keyd-log", TEXT(keyd_log, "DIR"), CLI_RECONCILE, "keyd's log" },
	{ "keyd", FLAG(keyd), ONE_LOG, "keyd's log, not scrimd's" },
	{ "grace-ms", NUMBER(grace_ms, "MS"), CLI_RECONCILE,
	    "newer ones may still be on their way (60000)" },
	{ "request-ms", NUMBER(request_ms, "MS"), CLI_RECONCILE,
	    "how long a request takes at most that a crash may have lost (5000)" },
	{ "also", TEXT(also, "DIR,DIR"), CLI_RECONCILE,
	    "logs of further gateways of the same keyd" },
	{ "kind", TEXT(filter.kind, "KIND"), CLI_SHOW, "reveal, seal, denial ..." },
	{ "principal", TEXT(filter.principal, "NAME"), CLI_SHOW, "who" },
	{ "role", TEXT(filter.role, "NAME"), CLI_SHOW, "in which role" },
	{ "purpose", TEXT(filter.purpose, "NAME"), CLI_SHOW, "what for" },
	{ "type", TEXT(type, "TYPE"), CLI_TRY,
	    "the samples' media type, such as application/x-www-form-urlencoded (JSON, "
	    "NDJSON, XML)" },
	{ "side", TEXT(side, "SIDE"), CLI_TRY,
	    "request (as is usual), or response: answers, by the rules for those" },
	{ "role", TEXT(filter.role, "NAME"), CLI_TRY,
	    "who calls (of a request: else whoever may do most of what its rules say)" },
	{ "purpose", TEXT(purpose, "NAME"), CLI_TRY, "what for (the route's)" },
	{ "route", TEXT(route, "NAME"), CLI_SUGGEST, "what it is to be called (orders)" },
	{ "route", TEXT(route, "NAME"), CLI_DRIFT, "of this route alone" },
	{ "route", TEXT(filter.route, "NAME"), CLI_SHOW, "through which route" },
	{ "op", TEXT(filter.op, "OP"), CLI_SHOW, "read, write, share, export ..." },
	{ "outcome", TEXT(filter.outcome, "NAME"), CLI_SHOW, "ok, partial, refused or failed" },
	{ "subject", TEXT(filter.subject, "HANDLE"), CLI_SHOW,
	    "about whom (32 hexadecimal digits; several, with commas between them)" },
	{ "person", TEXT(person, "ID"), CLI_SHOW,
	    "about this person: keyd's operator asks it what each year's records call them" },
	{ "request", TEXT(request, "ID"), CLI_SHOW, "one request" },
	{ "since", NUMBER(filter.since, "INDEX"), CLI_SHOW, "from this entry on" },
	{ "limit", NUMBER(filter.limit, "N"), CLI_SHOW, "stop after so many" },
	{ "follow", FLAG(follow), CLI_SHOW, "stay, and show what is added" },
	{ "from-ms", NUMBER(filter.from_ms, "MS"), CLI_SHOW, "Unix milliseconds" },
	{ "until-ms", NUMBER(filter.until_ms, "MS"), CLI_SHOW, "Unix milliseconds, exclusive" },
	{ "out", TEXT(out, "FILE"), CLI_PROVE, "where the receipt goes" },
	{ "check", TEXT(check, "FILE"), CLI_PROVE,
	    "check this receipt for the entry on standard input" },
	{ "vkey", TEXT(vkey, "FILE"), CLI_PROVE,
	    "the key that must have signed it (with --check)" },
	{ "vkey", TEXT(vkey, "FILE"), OF_PROOF,
	    "a key of yours that must have signed: that of any log of this keyd" },
	{ "pool", TEXT(phone.pool, "NAME"), CLI_BIND, "the pool that gives the number" },
	{ "order", TEXT(phone.order, "REF"), CLI_BIND, "the order it is for" },
	{ "order", TEXT(phone.order, "REF"), CLI_BINDING, "all bindings of this order" },
	{ "order", TEXT(phone.order, "REF"), CLI_COMPLETE,
	    "the order that arrived; must be given" },
	{ "subject", TEXT(subject, "ID"), CLI_BIND, "whose number it is (erasure ends it)" },
	{ "b", TEXT(phone.b, "NUMBER"), CLI_BIND, "the other person, of a pair" },
	{ "ttl", DURATION(phone.ttl_s), CLI_BIND, "how long it lives, as in 15d (the pool's)" },
	{ "caller", TEXT(phone.caller, "NUMBER"), CLI_ROUTE, "who calls (none: withheld)" },
	{ "kind", TEXT(phone.kind, "KIND"), CLI_ROUTE, "INVITE, or MESSAGE" },
	{ "call", TEXT(phone.call, "ID"), CLI_ROUTE, "the call's id, which has one answer" },
	{ "socket", TEXT(socket, "PATH"), CLI_ROUTE, "the telephony peer's Unix socket" },
	{ "cert", TEXT(cert, "FILE"), CLI_ROUTE, "or its certificate" },
	{ "cert-key", TEXT(cert_key, "FILE"), CLI_ROUTE, "and that one's key" },
	{ "pool", TEXT(phone.pool, "NAME"), CLI_SIMULATE,
	    "numbers, digits, TTL and cooldown of this pool of the configuration" },
	{ "x", NUMBER(simulate.lines, "N"), CLI_SIMULATE,
	    "numbers in the pool (as many as --fill asks for)" },
	{ "fill", SHARE(simulate.fill), CLI_SIMULATE, "share of slots that should be taken (50%)" },
	{ "ext-digits", NUMBER(simulate.ext_digits, "D"), CLI_SIMULATE,
	    "digits of an extension, 3 to 6 (4)" },
	{ "orders-per-day", NUMBER(simulate.orders_day, "N"), CLI_SIMULATE, "in the mean (10000)" },
	{ "days", NUMBER(simulate.days, "N"), CLI_SIMULATE, "how long (365)" },
	{ "ttl", DURATION(simulate.ttl_s), CLI_SIMULATE, "how long a binding lives (15d)" },
	{ "cooldown", DURATION(simulate.cooldown_s), CLI_SIMULATE,
	    "how long its slot then rests (7d)" },
	{ "calls", SHARE(simulate.calls), CLI_SIMULATE, "calls of each parcel (1.2)" },
	{ "late", SHARE(simulate.late), CLI_SIMULATE, "calls within the cooldown (1%)" },
	{ "late-after-cooldown", SHARE(simulate.after), CLI_SIMULATE,
	    "calls when the slot may be another's (0.1%)" },
	{ "misdial", SHARE(simulate.misdial), CLI_SIMULATE,
	    "calls with one wrong digit of the extension (1%)" },
	{ "reused-labels", SHARE(simulate.reused), CLI_SIMULATE,
	    "calls from an old label, up to 180 days later (0.1%)" },
	{ "even", FLAG(simulate.even), CLI_SIMULATE,
	    "orders at equal intervals (else at random ones)" },
	{ "seed", NUMBER(simulate.seed, "N"), CLI_SIMULATE, "another year (1)" },
	{ "order", TEXT(phone.order, "REF"), CLI_LABEL,
	    "the number of this order, as scrimd has it" },
	{ "id", TEXT(phone.id, "ID"), CLI_LABEL, "the number of this binding, as scrimd has it" },
	{ "lang", TEXT(phone.lang, "zh|en"), CLI_LABEL, "the label's language (zh)" },
	{ "home", TEXT(phone.home, "CODE"), CLI_LABEL,
	    "calling code of a number written without one (zh: 86)" },
	{ "out", TEXT(out, "FILE"), CLI_LABEL, "where the page goes (standard output)" },
	{ "device", FLAG(consent.device), CLI_CONSENT | CLI_CONSENT_SET,
	    "the id is a device's (else a customer's)" },
	{ "to", TEXT(consent.to, "PURPOSE"), CLI_CONSENT_SET, "what is consented to, or not" },
	{ "word", TEXT(consent.word, "WORD"), CLI_CONSENT_SET, "grant, refuse or withdraw" },
	{ "text-version", NUMBER(consent.version, "N"), CLI_CONSENT_SET,
	    "which text it was said to; a grant needs it" },
	{ "text", TEXT(consent.text, "FILE"), CLI_CONSENT_SET,
	    "that text: its SHA-256 is kept, and not the text" },
	{ "at", TEXT(consent.at, "TIME"), CLI_CONSENT_SET,
	    "when, such as 2026-11-21T10:00:00+08:00" },
	{ "source", TEXT(consent.source, "NAME"), CLI_CONSENT_SET, "where (else the API key's)" },
	{ "method", TEXT(consent.method, "NAME"), CLI_CONSENT_SET, "how, such as checkbox" },
	{ "evidence", TEXT(consent.evidence, "FILE"), CLI_CONSENT_SET,
	    "what proves it: its SHA-256 is kept, and not the file" },
	{ "viewd", TEXT(viewd, "PATH"), OF_VIEWD,
	    "scrim-viewd's operator socket (else viewd.json beside the configuration says)" },
	{ "message", TEXT(message, "ID"), CLI_COLLECT_WHY, "the message that a shop sent so" },
	{ "site", TEXT(site, "NAME"), CLI_COLLECT_WHY, "and by which site or back end" },
	{ "order", TEXT(phone.order, "ID"), CLI_COLLECT_WHY,
	    "the order that the tap or a back end told of" },
	{ "limit", NUMBER(filter.limit, "N"), CLI_COLLECT_WHY,
	    "of a rule: the newest so many (20)" },
	{ "because", TEXT(because, "WORD"), CLI_COLLECT_SAY,
	    "why: mistake, known_partner, complaint, test or attack" },
	{ "quarantined", FLAG(quarantined), CLI_COLLECT_DROP, "all that is set aside" },
	{ "yes", FLAG(yes), CLI_COLLECT_DROP | CLI_KEYS_DESTROY | CLI_KEYS_DESTROY_YEAR,
	    "it is meant" },
	{ "out", TEXT(out, "FILE"), CLI_KEYS_DESTROY,
	    "where the certificate goes (standard output)" },
	{ "vkey", TEXT(vkey, "FILE"), CLI_KEYS_CERTIFICATE,
	    "the key that must have signed it (else the one in the folder of keyd's log)" },
	{ "spec", TEXT(views.spec, "FILE"), OF_TABLE, "what each column is, and the rules" },
	{ "dataset", TEXT(views.dataset, "NAME"), OF_TABLE,
	    "which one of the spec, where it has several" },
	{ "out", TEXT(views.out, "DIR"), CLI_VIEWS_RELEASE,
	    "the shelf: the release becomes DIR/DATASET/NUMBER" },
	{ "number", NUMBER(views.number, "N"), CLI_VIEWS_RELEASE,
	    "its number (else the next one there)" },
	{ "lineage", TEXT(views.lineage, "FILE"), CLI_VIEWS_RELEASE,
	    "who was released together with whom before; private" },
	{ "seed", TEXT(views.seed, "FILE"), CLI_VIEWS_RELEASE,
	    "secret bytes that ties fall by (else drawn), to make it again" },
	{ "original", TEXT(views.original, "FILE"), CLI_VIEWS_CHECK,
	    "the table that it was made of (with --spec)" },
	{ "vkey", TEXT(vkey, "FILE"), CLI_VIEWS_CHECK,
	    "the log's key that must have signed its receipt" },
	{ "drafts", TEXT(views.drafts, "DIR"), CLI_VIEWS_PUBLISH,
	    "where the release was made (else the configuration's views.drafts)" },
	{ "views", TEXT(views.published, "DIR"), OF_SHELF,
	    "where it is published (else the configuration's views.published)" },
	{ "to", TEXT(views.to, "URL"), CLI_VIEWS_PUBLISH,
	    "then load it into this database, postgresql://... (password: PGPASSFILE)" },
	{ "log", TEXT(log, "DIR"), OF_SHELF, "scrimd's log (else the configuration's)" },
	{ "vkey", TEXT(vkey, "FILE"), OF_SHELF,
	    "the key that must have signed it (else the one in its folder)" },
	{ "server", TEXT(server, "URL"), CLI_QUERY,
	    "scrim-queryd to talk to (else queryd.json beside the configuration says)" },
	{ "ca", TEXT(ca, "FILE"), CLI_QUERY, "certificate authority that it is verified against" },
	{ "key", TEXT(key, "FILE"), CLI_QUERY, "file that holds the key" },
	{ "purpose", TEXT(purpose, "NAME"), CLI_QUERY, "what for (else the only one granted)" },
	{ "release", NUMBER(query.release, "N"), CLI_QUERY, "which release (the newest)" },
	{ "format", TEXT(query.format, "FORMAT"), CLI_QUERY, "table, csv or json (table)" },
	{ "grants", TEXT(grant.file, "FILE"), OF_GRANTS,
	    "the grants (else queryd.json beside the configuration says)" },
	{ "dataset", TEXT(grant.dataset, "NAME"), CLI_VIEWS_GRANT,
	    "what may be asked; * is every one; must be given" },
	{ "dataset", TEXT(grant.dataset, "NAME"), CLI_VIEWS_REVOKE, "of this one only" },
	{ "purposes", TEXT(grant.purposes, "A,B"), CLI_VIEWS_GRANT, "what for; must be given" },
	{ "until", TEXT(grant.until, "TIME"), CLI_VIEWS_GRANT,
	    "when it ends, such as 2027-01-01T00:00:00Z; must be given" },
	{ "role", TEXT(grant.role, "NAME"), CLI_VIEWS_GRANT, "analyst or marketing (analyst)" },
	{ "key-out", TEXT(grant.key_out, "FILE"), CLI_VIEWS_GRANT,
	    "write the key there (0600) instead of printing it" },
	{ "json", FLAG(json), CLI_REWRITE, "tell the counts in JSON on standard error" },
	{ "json", FLAG(json), ~(CLI_REWRITE | CLI_INIT | CLI_LABEL | CLI_READERS | CLI_WITNESS_RUN),
	    "answer in JSON" },
	{ .name = NULL },
};

static int print_usage(const struct cli_command *cmd)
{
	char left[64];

	printf("usage: scrim %s [options]%s%s\n\n  %s\n\n", cmd->name, cmd->meta == NULL ? "" : " ",
	    cmd->meta == NULL ? "" : cmd->meta, cmd->line);
	for (const struct opt *o = opts; o->name != NULL; o++) {
		if ((o->of & cmd->options) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->meta == NULL ? "" : " ",
		    o->meta == NULL ? "" : o->meta);
		printf("  %-28s %s\n", left, o->help);
	}
	printf("  %-28s %s\n", "--help", "this");
	return CLI_DONE;
}

__attribute__((format(printf, 2, 3))) static int wrong(const struct cli_command *cmd,
    const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "scrim %s: ", cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; `scrim %s --help` tells more\n", cmd->name);
	return CLI_USAGE;
}

/* The row of CMD for --NAME or --NAME=VALUE; *VALUE is then what follows the '='. */
static const struct opt *find(const struct cli_command *cmd, const char *arg, char **value)
{
	char *eq = strchr(arg, '=');
	size_t n = eq == NULL ? strlen(arg) : (size_t)(eq - arg);

	*value = eq == NULL ? NULL : eq + 1;
	for (const struct opt *o = opts; o->name != NULL; o++)
		if ((o->of & cmd->options) != 0 && strlen(o->name) == n &&
		    memcmp(o->name, arg, n) == 0)
			return o;
	return NULL;
}

/* An unknown option is named only when it cannot be a value by mistake. */
static int unknown(const struct cli_command *cmd, const char *arg)
{
	size_t n = strspn(arg, "abcdefghijklmnopqrstuvwxyz-");

	if (strncmp(arg, "--", 2) == 0 && n <= 24 && arg[n] == '\0')
		return wrong(cmd, "there is no option %s", arg);
	return wrong(cmd, "there is no such option (put -- before values that begin with a dash)");
}

/* A whole number; *END is what follows it. */
static bool whole(const char *text, uint64_t *out, char **end)
{
	errno = 0;
	*out = strtoull(text, end, 10);
	return *text >= '0' && *text <= '9' && errno == 0;
}

static bool set_number(void *field, const char *value)
{
	char *end;

	return whole(value, field, &end) && *end == '\0';
}

/* "15d", "36h", "90m" or "900s", in seconds; at most about a century. A bare 15 may be meant as days. */
static bool set_duration(void *field, const char *value)
{
	static const char units[] = "smhd";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
	uint64_t n;
	char *end;
	const char *unit;

	if (!whole(value, &n, &end) || n > UINT32_MAX)
		return false;
	unit = *end == '\0' ? NULL : strchr(units, *end);
	if (unit == NULL || end[1] != '\0' || n * seconds[unit - units] > UINT32_MAX)
		return false;
	*(uint64_t *)field = n * seconds[unit - units];
	return true;
}

/* "0.1%" or "0.001". */
static bool set_share(void *field, const char *value)
{
	char *end;
	double n = strtod(value, &end);

	if (*value < '0' || *value > '9' || strspn(value, "0123456789.") != (size_t)(end - value))
		return false;
	*(double *)field = *end == '%' ? n / 100 : n;
	return *end == '\0' || (*end == '%' && end[1] == '\0');
}

static bool set_text(void *field, const char *value)
{
	*(const char **)field = value;
	return true;
}

static const struct {
	bool (*set)(void *field, const char *value);
	const char *needs;
} kinds[] = {
	[OPT_TEXT] = { set_text, "a text" },
	[OPT_NUMBER] = { set_number, "a whole number" },
	[OPT_DURATION] = { set_duration, "a time such as 15d, 36h, 90m or 900s" },
	[OPT_SHARE] = { set_share, "a share such as 0.1% or 0.001" },
};

static int set(struct cli_call *call, const struct opt *o, const char *value)
{
	return kinds[o->kind].set((char *)call + o->at, value) ?
	    CLI_GO_ON :
	    wrong(call->cmd, "--%s needs %s", o->name, kinds[o->kind].needs);
}

/* The option at ARGV[*I], with its value, which may be the word after it. */
static int take(struct cli_call *call, int argc, char **argv, int *i)
{
	const struct opt *o;
	char *value;

	if (argv[*i][1] != '-' || (o = find(call->cmd, argv[*i] + 2, &value)) == NULL)
		return unknown(call->cmd, argv[*i]);
	if (o->kind == OPT_FLAG) {
		if (value != NULL)
			return wrong(call->cmd, "--%s takes no value", o->name);
		*(bool *)((char *)call + o->at) = true;
		return CLI_GO_ON;
	}
	if (value == NULL && *i + 1 == argc)
		return wrong(call->cmd, "--%s needs %s", o->name, o->meta);
	return set(call, o, value == NULL ? argv[++*i] : value);
}

int cli_parse(struct cli_call *call, int argc, char **argv)
{
	const struct cli_command *cmd = call->cmd;
	bool only_words = false;
	int rc;

	call->words = argv;
	for (int i = 0; i < argc; i++) {
		if (only_words || argv[i][0] != '-' || argv[i][1] == '\0')
			argv[call->n_words++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return print_usage(cmd);
		else if ((rc = take(call, argc, argv, &i)) != CLI_GO_ON)
			return rc;
	}
	if (cmd->meta == NULL)
		return call->n_words == 0 ? CLI_GO_ON : wrong(cmd, "it takes options only");
	if (call->n_words < cmd->min)
		return wrong(cmd, "%s is missing", cmd->meta);
	return call->n_words <= cmd->max ? CLI_GO_ON : wrong(cmd, "there is one word too many");
}
