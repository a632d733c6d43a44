/*
 * check.c - `scrim config check`: everything a daemon would refuse, before it
 * starts, of scrim.json, the other daemons' files beside it and the policy, told at once.
 */
#include "base/text/doc.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/queryd_file.h"
#include "cli/viewd_file.h"
#include "crypto/prim/hash.h"
#include "crypto/settings/settings.h"
#include "gateway/codec/paths.h"
#include "gateway/take/take.h"
#include "gateway/config/config.h"
#include "gateway/twiml/keys.h"
#include "gateway/twiml/vendor.h"
#include "gateway/phone/webhook.h"
#include "gateway/protect/rules.h"
#include "net/tls/tls.h"

#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct check {
	const struct config *c; /* NULL: it did not load */
	struct sc_diags all;
	size_t rules;
};

/* Something is wrong with what FILE says, or with what it names. */
__attribute__((format(printf, 3, 4))) static struct sc_diag *complain(struct check *k,
    const char *file, const char *fmt, ...)
{
	/* behind all that has a place in its text */
	struct sc_diag *d = sc_diags_add(&k->all, file, SIZE_MAX);
	va_list ap;

	if (d == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return d;
}

/* The same of what D says, with its line. */
static void complain_of(struct check *k, const struct sc_diag *d)
{
	struct sc_diag *told = complain(k, d->file, "%s", d->text);

	if (told != NULL) {
		told->line = d->line;
		told->column = d->column;
	}
}

/* ---- selectors ---------------------------------------------------------- */

/* Does AT compile by itself? If not, where it stands in the file. */
static bool check_selector(struct check *k, const struct config_route *rt, const char *at,
    unsigned line, unsigned column)
{
	struct codec_selector sel = { at, 1, 0, 0 };
	struct codec_paths *paths = NULL;
	struct sc_diag d = { .line = 0 }, *told;

	if (codec_paths_new(&sel, 1, &d, &paths) == SC_OK) {
		codec_paths_free(paths);
		return true;
	}
	told = complain(k, k->c->file, "route \"%s\": %s", rt->name.s, d.text);
	if (told != NULL) {
		told->line = line;
		told->column = column + d.column;
	}
	return false;
}

/* The selectors of a rule: its own, and where it does not apply. */
static bool check_rule(struct check *k, const struct config_route *rt, const struct field_rule *r)
{
	bool ok = check_selector(k, rt, r->at, r->line, r->column);

	for (size_t i = 0; i < r->n_except; i++)
		ok &=
		    check_selector(k, rt, r->except[i].at, r->except[i].line, r->except[i].column);
	return ok;
}

/* One side of a route: each selector, then all together as scrimd does it. */
static void check_rules(struct check *k, const struct config_route *rt,
    const struct config_rules *rules, struct protect_points points)
{
	struct protect_rules *all = NULL;
	struct sc_diag d = { .line = 0 };
	bool ok = true;

	for (size_t i = 0; i < rules->n; i++)
		ok &= check_rule(k, rt, &rules->v[i]);
	k->rules += rules->n;
	if (ok && rules_new(rules->v, rules->n, points, UNMATCHED_REFUSE, &d, &all) != SC_OK)
		complain(k, k->c->file, "route \"%s\": its selectors together: %s", rt->name.s,
		    d.text);
	rules_free(all);
}

/* A recipient is handed what some caller may send; where none may, the route can do nothing. */
static void check_send(struct check *k, const struct config_route *rt)
{
	const unsigned n = policy_role_count(k->c->policy);

	for (unsigned role = 0; role < n; role++)
		if ((rt->any_role || rt->from[role]) &&
		    policy_role_sends(k->c->policy, (uint8_t)role))
			return;
	complain(k, k->c->file,
	    "route \"%s\": none of the roles that may call it may send: its recipient gets nothing "
	    "until a rule of the policy permits one of them \"send\"",
	    rt->name.s);
}

/* ---- files -------------------------------------------------------------- */

static void check_folder_of(struct check *k, const char *path, const char *what)
{
	char copy[FILE_PATH_MAX];
	const char *dir;

	file_path(copy, "%s", path);
	dir = dirname(copy);
	if (access(dir, W_OK | X_OK) != 0)
		complain(k, k->c->file,
		    "%s: the folder %s is not there or cannot be written (`scrim up` makes it)",
		    what, dir);
}

/* What scrimd will make of a listener's files, and of an upstream's. */
static void check_tls(struct check *k, const struct config_listener *l)
{
	const struct tls_options o = { .cert = l->tls_cert,
		.key = l->tls_key,
		.ca = l->tls_client_ca };
	struct tls_context *t = NULL;
	struct sc_diag d = { .line = 0 };

	if (tls_server_new(&o, &d, &t) != SC_OK)
		complain(k, k->c->file, "listener %s: %s", l->address, d.text);
	tls_context_free(t);
}

/* A pair that scrimd is known by at a keyd on another host. */
static void check_keyd_far(struct check *k, const struct config_keyd_far *far)
{
	const struct tls_options o = { .cert = far->cert, .key = far->key };
	struct tls_context *t = NULL;
	struct sc_diag d = { .line = 0 };

	if (tls_server_new(&o, &d, &t) != SC_OK)
		complain(k, k->c->file, "keyd: %s", d.text);
	tls_context_free(t);
}

static void check_ca(struct check *k, const char *what, const struct sc_name *name, const char *ca)
{
	const struct tls_options o = { .ca = ca };
	struct tls_context *t = NULL;
	struct sc_diag d = { .line = 0 };

	if (o.ca != NULL && tls_client_new(&o, &d, &t) != SC_OK)
		complain(k, k->c->file, "%s \"%s\": %s", what, name->s, d.text);
	tls_context_free(t);
}

/* Of those of witnesses, by their keys' names. */
static void check_witnesses(struct check *k)
{
	struct tls_context *t = NULL;
	struct sc_diag d = { .line = 0 };

	for (size_t i = 0; i < k->c->n_witnesses; i++) {
		const struct config_witness *w = &k->c->witnesses[i];
		const struct tls_options o = { .ca = w->ca };

		if (o.ca != NULL && tls_client_new(&o, &d, &t) != SC_OK)
			complain(k, k->c->file, "witness \"%s\": %s", w->key.name, d.text);
		tls_context_free(t);
		t = NULL;
	}
}

static void check_secret(struct check *k, const char *path)
{
	struct webhook_secret secret;
	struct sc_diag d = { .line = 0 };

	if (webhook_secret_load(path, &d, &secret) != SC_OK)
		complain(k, path, "%s", d.text);
	webhook_secret_fini(&secret);
}

/* Each key by itself, so that all are told that are not there. */
static void check_vendor(struct check *k, const struct phone_vendor *v)
{
	enum twiml_key_kind kind = twiml_vendor_key(twiml_vendor_find(v->kind), v);
	struct phone_vendor one = *v;
	struct twiml_keys keys;
	struct sc_diag d;

	memset(one.key_files, 0, sizeof(one.key_files));
	for (size_t i = 0; i < TWIML_KEYS; i++) {
		d = (struct sc_diag){ .line = 0 };
		one.key_files[0] = v->key_files[i];
		if (twiml_keys_load(&one, kind, &d, &keys) == SC_OK)
			twiml_keys_fini(&keys);
		else
			complain(k, d.file, "%s", d.text);
	}
}

/* What is named by the section about virtual numbers. */
static void check_phone(struct check *k, const struct phone_settings *p)
{
	for (size_t i = 0; i < p->n_vendors; i++)
		check_vendor(k, &p->vendors[i]);
	for (size_t i = 0; i < p->n_hooks; i++) {
		check_secret(k, p->hooks[i].secret_file);
		check_ca(k, "hook", &p->hooks[i].name, p->hooks[i].ca);
	}
	if (p->event_secret_file != NULL)
		check_secret(k, p->event_secret_file);
}

/* The lists that collecting makes tables of. */
static void check_lists(struct check *k, const struct collect_settings *s)
{
	struct collect_bots *bots = NULL;
	struct collect_networks *networks = NULL;
	struct sc_diag d = { .line = 0 };

	if (collect_bots_new(s->bots_file, &d, &bots) != SC_OK)
		complain_of(k, &d);
	d = (struct sc_diag){ .line = 0 };
	if (s->datacentre_file != NULL &&
	    collect_networks_new(s->datacentre_file, &d, &networks) != SC_OK)
		complain_of(k, &d);
	collect_bots_free(bots);
	collect_networks_free(networks);
}

/* Where events wait, and where they go. */
static void check_collect(struct check *k, const struct collect_settings *s)
{
	check_lists(k, s);
	if (file_exists(s->spool) && access(s->spool, W_OK | X_OK) != 0)
		complain(k, s->spool, "the spool's folder cannot be written by this user");
	check_folder_of(k, s->spool, "collect.spool");
	check_folder_of(k, s->store + strlen("sqlite:"), "collect.store");
	check_folder_of(k, s->feed, "collect.feed");
}

static bool names_log(const struct settings *s, const struct sc_name *name)
{
	for (size_t i = 0; i < s->n_logs; i++)
		if (strcmp(s->logs[i].s, name->s) == 0)
			return true;
	return false;
}

/*
 * The root key may not be there yet, and may be another user's; open to others it may never be,
 * unless it is one that everybody knows.
 */
static void check_root(struct check *k, const struct settings *s)
{
	struct stat st;

	if (!s->demo && settings_credential(s->root) == NULL && stat(s->root, &st) == 0 &&
	    (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0))
		complain(k, s->root, "the root key's mode must be 0600 or 0400, not %04o",
		    (unsigned)st.st_mode & 07777);
}

/* keyd must have the same tenant and policy, and know the logs that others write. */
static void compare_keyd(struct check *k, const char *path, const struct settings *s)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf b;
	uint8_t digest[32];

	sc_buf_init(&b, DOC_BYTES_MAX);
	if (strcmp(s->tenant.s, k->c->tenant.s) != 0)
		complain(k, path, "it is for another tenant");
	if (file_read(s->policy, &b, &d) != SC_OK)
		complain(k, path, "its policy %s cannot be read", s->policy);
	else {
		hash_sha256(sc_buf_span(&b), digest);
		if (memcmp(digest, k->c->policy_hash, sizeof(digest)) != 0)
			complain(k, path,
			    "it has another policy file: keyd would refuse all that scrimd asks");
	}
	sc_buf_fini(&b);
	for (size_t i = 0; i < k->c->n_logs; i++)
		if (!names_log(s, &k->c->logs[i].name))
			complain(k, path,
			    "its \"logs\" do not name \"%s\": keyd would not sign that log's heads",
			    k->c->logs[i].name.s);
}

/* keyd.json beside the configuration, when it is there. */
static void check_keyd(struct check *k, const char *config)
{
	char path[FILE_PATH_MAX];
	struct settings s = { .n_gateways = 0 };

	file_beside(config, "keyd.json", path);
	if (file_exists(path) && settings_load(path, &k->all, &s) == SC_OK) {
		check_root(k, &s);
		if (k->c != NULL)
			compare_keyd(k, path, &s);
	}
	settings_fini(&s);
}

/* And viewd.json, where events are collected. */
static void check_viewd(struct check *k, const char *config)
{
	char path[FILE_PATH_MAX];

	file_beside(config, "viewd.json", path);
	if (k->c != NULL && k->c->collect != NULL && file_exists(path))
		viewd_file_check(path, k->c, &k->all);
}

/* And queryd.json. */
static void check_queryd(struct check *k, const char *config)
{
	char path[FILE_PATH_MAX];

	file_beside(config, "queryd.json", path);
	if (k->c != NULL && file_exists(path))
		queryd_file_check(path, k->c, &k->all);
}

/* ---- the command -------------------------------------------------------- */

static void print_errors(const struct sc_diags *all, struct jsonw *w)
{
	jsonw_key(w, "errors");
	jsonw_array(w);
	for (size_t i = 0; i < all->n; i++) {
		jsonw_object(w);
		jsonw_kstr(w, "file", all->v[i].file);
		jsonw_ku64(w, "line", all->v[i].line);
		jsonw_ku64(w, "column", all->v[i].column);
		jsonw_kstr(w, "text", all->v[i].text);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_ku64(w, "more", all->more);
}

static int report_json(const struct check *k)
{
	struct sc_buf b;
	struct jsonw w = jsonw(&b);
	int rc;

	sc_buf_init(&b, 65536);
	jsonw_object(&w);
	jsonw_key(&w, "ok");
	jsonw_bool(&w, k->all.n == 0);
	print_errors(&k->all, &w);
	if (k->c != NULL) {
		jsonw_ku64(&w, "routes", k->c->n_routes);
		jsonw_ku64(&w, "rules", k->rules);
		jsonw_ku64(&w, "principals", k->c->principals.n);
		jsonw_key(&w, "observing");
		jsonw_array(&w);
		for (size_t i = 0; i < k->c->n_routes; i++)
			if (k->c->routes[i].observe)
				jsonw_str(&w, k->c->routes[i].name.s);
		jsonw_array_end(&w);
		jsonw_key(&w, "policy_sha256");
		jsonw_hex(&w, k->c->policy_hash, 32);
	}
	jsonw_object_end(&w);
	rc = cli_out_json(&w);
	return rc != CLI_DONE || k->all.n == 0 ? rc : CLI_NO;
}

static int report(const struct check *k)
{
	if (k->all.n > 0)
		return cli_fail_diags(CLI_NO, &k->all);
	printf("%s: ok (%zu routes, %zu rules, %zu principals)\n", k->c->file, k->c->n_routes,
	    k->rules, k->c->principals.n);
	for (size_t i = 0; i < k->c->n_routes; i++)
		if (k->c->routes[i].observe)
			printf("route \"%s\" OBSERVES: nothing that passes it is protected\n",
			    k->c->routes[i].name.s);
	return CLI_DONE;
}

/* What a configuration that loads names, and what scrimd makes of it. */
static void check_config(struct check *k)
{
	const struct config *c = k->c;

	for (size_t i = 0; i < c->n_routes; i++) {
		const struct config_route *rt = &c->routes[i];

		check_rules(k, rt, &rt->request,
		    (struct protect_points){ &rt->subject, rt->order, rt->changes });
		check_rules(k, rt, &rt->response,
		    (struct protect_points){ .subject = &rt->subject });
		if (rt->has_to)
			check_send(k, rt);
		check_ca(k, "route", &rt->name, rt->upstream.ca);
	}
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i].tls_cert != NULL)
			check_tls(k, &c->listeners[i]);
	check_folder_of(k, c->log_dir, "log");
	if (c->store != NULL)
		check_folder_of(k, c->store + strlen("sqlite:"), "store");
	if (c->phone != NULL)
		check_phone(k, c->phone);
	if (c->collect != NULL)
		check_collect(k, c->collect);
	check_witnesses(k);
	if (c->keyd != NULL)
		check_folder_of(k, c->keyd + strlen("unix:"), "keyd");
	else
		check_keyd_far(k, &c->keyd_far);
}

int cli_config_check(const struct cli_call *c)
{
	const char *path = c->n_words == 1 ? c->words[0] : cli_config_path(c);
	struct check k = { .rules = 0 };
	struct config *config = NULL;
	enum sc_err err = config_load(path, &k.all, &config);
	int rc;

	if (err != SC_OK && k.all.n == 0)
		complain(&k, path, "%s", cli_err_text(err));
	if ((k.c = config) != NULL)
		check_config(&k);
	check_keyd(&k, path);
	check_viewd(&k, path);
	check_queryd(&k, path);
	rc = c->json ? report_json(&k) : report(&k);
	config_free(config);
	return rc;
}
