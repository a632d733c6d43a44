/*
 * config.h - scrim.json as the gateway sees it: checked once, then constant.
 *
 * Everything a daemon would trip over later is refused here, all of it at once
 * and each with the line and column of the text that is wrong: unknown keys, names the policy does
 * not know, addresses that are none, duplicates, actions not built yet. Paths
 * in the file are relative to the file's own folder and come out joined to it.
 *
 * A struct config is built whole, never changed, and freed at once; a reload
 * builds a new one and swaps the pointer.
 */
#ifndef GATEWAY_CONFIG_CONFIG_H
#define GATEWAY_CONFIG_CONFIG_H

#include "base/text/shape.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "base/span.h"
#include "crypto/limits.h"
#include "crypto/tlog/note.h"
#include "gateway/take/settings.h"
#include "gateway/number/settings.h"
#include "gateway/protect/rules.h"
#include "net/http/head.h"
#include "net/http/limits.h"
#include "policy/decide/decide.h"
#include "policy/principal/principal.h"
#include "policy/words/class.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Ceilings; past one the file is refused. */
#define CONFIG_LISTENERS_MAX 16
#define CONFIG_ROUTES_MAX 1024
#define CONFIG_RULES_MAX 1024 /* in one direction of one route */
#define CONFIG_EXCEPT_MAX 64  /* of one rule */
#define CONFIG_SETS_MAX 256
#define CONFIG_THREADS_MAX 256
#define CONFIG_LOGS_MAX 16
#define CONFIG_WITNESSES_MAX 8 /* their lines stand in one note */
#define CONFIG_BODY_CEILING (64u << 20)
#define CONFIG_PATH_MAX 1024 /* of a match or a selector, bytes */

struct config_listener {
	const char *address; /* as written, or "unix:PATH" with PATH joined to dir */
	struct sockaddr_storage addr;
	struct sc_name principal;  /* of a Unix socket: whose it is; "": of nobody in particular */
	const char *tls_cert;      /* PEM chain; NULL: plain HTTP */
	const char *tls_key;       /* PEM; set exactly when tls_cert is */
	const char *tls_client_ca; /* NULL: client certificates are not asked for */
	bool plain;                /* without TLS on an address that others reach */
};

struct doc_node;

struct config_rules {
	struct field_rule *v;
	size_t n;
	const struct doc_node **said; /* the entry that each is of, in the file's text */
	bool mirror;                  /* of an answer: by those of the request */
};

/* Rules with a name, for any route to use. */
struct config_rule_set {
	const char *name;
	struct config_rules rules;
};

struct config_upstream {
	const char *url; /* as written */
	bool tls;        /* https: the certificate is verified against ca */
	const char *ca;  /* PEM; NULL: the system's */
};

enum config_unmatched { CONFIG_UNMATCHED_REFUSE, CONFIG_UNMATCHED_STREAM };
/* What the upstream is told of how the gateway was called (gateway/proxy/forwarded.h). */
enum config_forwarded { CONFIG_FORWARDED_TELL, CONFIG_FORWARDED_PASS, CONFIG_FORWARDED_NONE };

struct config_route {
	struct sc_name name;
	const char
	    *path; /* exact path, or the prefix up to and with its last '/'; {NAME}: one segment */
	size_t path_n;
	bool placed;        /* it has {NAME}s */
	bool prefix;        /* written with a trailing "/" and "*" */
	const char *method; /* NULL: any */
	struct config_upstream upstream;
	struct subject_places subject; /* where the person's id stands; of none: class keys */
	bool subject_elsewhere;        /* some of it not in the body */
	const char *order; /* JSONPath of the order's reference, one place; NULL: none */
	bool observe;      /* rules change and refuse nothing: what they would do is counted */
	bool changes;      /* what is sealed for an order anew and differently is told in the log */
	bool any_role;     /* false: only those set in from[] may call it */
	bool from[256];    /* by policy role id */
	bool has_to;       /* on a request the reader is this recipient */
	uint8_t to_role;
	uint8_t to_purpose;
	struct sc_name recipient; /* `to`'s optional name, else the route's name */
	bool has_purpose;         /* always true when there are rules */
	uint8_t purpose;          /* the caller's, unless Scrim-Purpose says another */
	struct config_rules request;
	struct config_rules query, header; /* of the request's, but not of its body */
	struct config_rules response;
	struct config_rules
	    mirrored; /* what protects the answer of a recipient without those, or "mirror" */
	enum config_unmatched unmatched_body; /* bodies that no codec reads */
	enum config_forwarded forwarded;
	enum protect_unmatched unmatched; /* documents of another shape */
	enum protect_foreign foreign;     /* tokens of somebody else than the subject */
	struct undeclared undeclared;     /* what no rule of the request speaks of */
};

struct config_limits {
	struct http_limits http; /* as the file says, else as limits.c does */
	uint32_t drain_ms;       /* after SIGTERM; 30 s */
	uint32_t items_max;      /* of one /v1 batch; 4096 (also the ceiling) */
};

/* A log that another process writes, and whose heads scrimd has signed. */
struct config_log {
	struct sc_name name;
	const char *dir;
};

/* Who is told of the heads of our log and keyd's (c2sp.org/tlog-witness). */
struct config_witness {
	const char *url;     /* its submission prefix */
	struct note_key key; /* of type NOTE_COSIGNATURE */
	const char *ca;      /* PEM; NULL: the system's */
};

/* Shelves of anonymised releases (analytics/shelf/shelf.h); NULL: not said. */
struct config_views {
	const char *drafts, *published;
};

/* A keyd on another host, and what scrimd is known by there. */
struct config_keyd_far {
	const char *address;    /* "ADDRESS:PORT", a number; NULL: keyd is on this host */
	const char *cert, *key; /* PEM */
	uint8_t spki[32];       /* SHA-256 of keyd's SubjectPublicKeyInfo */
};

struct config {
	const char *file;                /* the path given to config_load() */
	const char *dir;                 /* its folder, "." at least */
	const struct shape_named *named; /* every file and folder that it names */
	struct sc_name tenant;
	struct sc_name node;               /* which gateway of the tenant's this is; "scrimd" */
	struct config_listener *listeners; /* at least one */
	size_t n_listeners;
	const char *keyd; /* "unix:PATH", PATH joined to dir; NULL: it is far */
	struct config_keyd_far keyd_far;
	const char *policy_path;
	struct policy *policy;   /* loaded; freed with the config */
	uint8_t policy_hash[32]; /* SHA-256 of the policy file's bytes */
	const char *store;       /* "sqlite:PATH", PATH joined to dir; NULL: not said */
	const char *log_dir;
	struct config_log *logs;
	size_t n_logs;
	struct config_witness *witnesses;
	size_t n_witnesses;
	struct config_views views;
	unsigned threads; /* as set, else the cores there are */
	struct config_limits limits;
	struct policy_principals principals;
	struct policy_names anew_signers; /* whose word it takes that keyd's log begins anew */
	struct config_rule_set *sets;
	size_t n_sets;
	struct config_route *routes;
	size_t n_routes;
	uint8_t phone_hash[HASH_BYTES]; /* SHA-256 of the section's text; zeros: there is none */
	struct phone_settings *phone;   /* NULL: no virtual numbers; set only with a store */
	uint8_t collect_hash
	    [HASH_BYTES]; /* of the section's text and its words; zeros: there is none */
	struct collect_settings *collect; /* NULL: nothing is collected */
	struct sc_arena arena;            /* all that the above points to */
};

/* Every key that the file may have. */
extern const struct shape config_shape;

/*
 * Read and check PATH, load the policy it names, and make *OUT: the caller's,
 * to release with config_free(). Other files it names are not opened (see
 * `scrim config check`), and the rules' JSONPaths are parsed, but not compiled.
 * Fails with SC_IO, SC_SYNTAX, SC_LIMIT or SC_NOMEM; *OUT is then NULL, and
 * ALL (may be NULL; else empty) tells what is wrong in both files, and where.
 */
SC_CHECKED enum sc_err config_load(const char *path, struct sc_diags *all, struct config **out);

/*
 * The same from TEXT that was already read; FILENAME is used for messages
 * and its folder for relative paths.
 */
SC_CHECKED enum sc_err config_parse(struct sc_span text, const char *filename, struct sc_diags *all,
    struct config **out);

void config_free(struct config *c); /* NULL is fine */

/*
 * The route for a request, or NULL. PATH is the request target without its
 * query. An exact path goes before one with placeholders, that before a prefix, a longer
 * prefix before a shorter one, and a route with a method before one without, which takes
 * those of RFC 9110 and PATCH alone.
 */
const struct config_route *config_route_match(const struct config *c, struct sc_span method,
    struct sc_span path);
/* The methods that routes take at PATH, where no route takes any: added to OUT. */
void config_route_methods(const struct config *c, struct sc_span path, struct http_allow *out);
/* The segment of PATH, which ROUTE fits, where {NAME} stands in it; as it stands, empty: no such name. */
struct sc_span config_route_segment(const struct config_route *route, struct sc_span path,
    const char *name);
const struct config_route *config_route_find(const struct config *c, struct sc_span name);

/* The first listener that is a network address, or NULL: for those who call from near. */
const struct config_listener *config_first_address(const struct config *c);

/* May a caller of this role use the route? (The policy decides as well.) */
bool config_route_takes(const struct config_route *r, uint8_t role);

#endif
