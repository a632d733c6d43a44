/*
 * check.c - `scrim config check`: everything a daemon would refuse, before it
 * starts. All complaints are told, not only the first, once the file parses.
 */
#include "base/text/jsonw.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/keydfile.h"
#include "crypto/prim/hash.h"
#include "gateway/codec/paths.h"
#include "gateway/config/config.h"
#include "gateway/protect/rules.h"

#include <libgen.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
	const struct config *c;
	size_t wrong, rules;
};

__attribute__((format(printf, 2, 3))) static void complain(struct check *k, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_fail(CLI_NO, "%s: %s", k->c->file, text);
	k->wrong++;
}

/* ---- selectors ---------------------------------------------------------- */

/* Does TEXT compile by itself? If not, where it stands in the file. */
static bool check_selector(struct check *k, const struct config_route *rt, const char *text,
    unsigned line, unsigned column)
{
	struct codec_selector sel = { text, 1, 0, 0 };
	struct codec_paths *paths = NULL;
	struct sc_diag d = { .line = 0 };

	if (codec_paths_new(&sel, 1, &d, &paths) == SC_OK) {
		codec_paths_free(paths);
		return true;
	}
	cli_fail(CLI_NO, "%s:%u:%u: route \"%s\": %s", k->c->file, line, column + d.column,
	    rt->name.s, d.text);
	k->wrong++;
	return false;
}

/* One side of a route: each selector, then all together as scrimd does it. */
static void check_rules(struct check *k, const struct config_route *rt,
    const struct config_rules *rules, const char *subject)
{
	struct protect_rules *all = NULL;
	struct sc_diag d = { .line = 0 };
	bool ok = true;

	for (size_t i = 0; i < rules->n; i++)
		ok &= check_selector(k, rt, rules->v[i].at, rules->v[i].line, rules->v[i].column);
	k->rules += rules->n;
	if (ok && rules_new(rules->v, rules->n, subject, UNMATCHED_REFUSE, &d, &all) != SC_OK)
		complain(k, "route \"%s\": its selectors together: %s", rt->name.s, d.text);
	rules_free(all);
}

/* ---- files -------------------------------------------------------------- */

static void check_folder_of(struct check *k, const char *path, const char *what)
{
	char *copy = strdup(path);
	const char *dir = copy == NULL ? "." : dirname(copy);

	if (access(dir, W_OK | X_OK) != 0)
		complain(k,
		    "%s: the folder %s is not there or cannot be "
		    "written (`scrim up` makes run/)",
		    what, dir);
	free(copy);
}

/* The pair is held together as scrimd will do it. */
static void check_tls(struct check *k, const struct config_listener *l)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		complain(k, "OpenSSL does not start");
	else if (SSL_CTX_use_certificate_chain_file(ctx, l->tls_cert) != 1)
		complain(k, "%s: no certificate can be read from it", l->tls_cert);
	else if (SSL_CTX_use_PrivateKey_file(ctx, l->tls_key, SSL_FILETYPE_PEM) != 1)
		complain(k,
		    "%s: not the private key of %s, or it cannot be "
		    "read",
		    l->tls_key, l->tls_cert);
	else if (SSL_CTX_check_private_key(ctx) != 1)
		complain(k, "%s is not the key of %s", l->tls_key, l->tls_cert);
	if (ctx != NULL && l->tls_client_ca != NULL &&
	    SSL_CTX_load_verify_file(ctx, l->tls_client_ca) != 1)
		complain(k, "%s: no certificate authority can be read from it", l->tls_client_ca);
	SSL_CTX_free(ctx);
}

static void check_ca(struct check *k, const struct config_route *rt)
{
	SSL_CTX *ctx;

	if (rt->upstream.ca == NULL)
		return;
	ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL || SSL_CTX_load_verify_file(ctx, rt->upstream.ca) != 1)
		complain(k,
		    "route \"%s\": no certificate authority can be "
		    "read from %s",
		    rt->name.s, rt->upstream.ca);
	SSL_CTX_free(ctx);
}

/* keyd beside it must have the same tenant and the same policy. */
static void check_keyd(struct check *k)
{
	struct sc_diag d = { .line = 0 };
	struct keyd_file f;
	struct sc_buf b;
	uint8_t digest[32];
	char *path = file_beside(k->c->dir, "keyd.json");
	bool there = path != NULL && file_exists(path);

	free(path);
	if (!there)
		return;
	if (keyd_file_load(k->c->dir, NULL, &d, &f) != SC_OK) {
		cli_fail_diag(CLI_NO, &d);
		k->wrong++;
		return;
	}
	sc_buf_init(&b, 4u << 20);
	if (f.tenant == NULL || strcmp(f.tenant, k->c->tenant.s) != 0)
		complain(k, "%s is for another tenant", f.path);
	if (f.policy == NULL || file_read(f.policy, b.max, &b, &d) != SC_OK)
		complain(k, "%s: its policy cannot be read", f.path);
	else {
		hash_sha256(sc_buf_span(&b), digest);
		if (memcmp(digest, k->c->policy_hash, sizeof(digest)) != 0)
			complain(k,
			    "%s has another policy file than this "
			    "configuration: keyd would refuse every request",
			    f.path);
	}
	sc_buf_fini(&b);
	keyd_file_fini(&f);
}

/* ---- the command -------------------------------------------------------- */

static int report(const struct check *k, bool json)
{
	struct sc_buf b;
	struct jsonw w;
	int rc;

	sc_buf_init(&b, 65536);
	w = jsonw(&b);
	jsonw_object(&w);
	jsonw_key(&w, "ok");
	jsonw_bool(&w, k->wrong == 0);
	jsonw_ku64(&w, "errors", k->wrong);
	jsonw_ku64(&w, "routes", k->c->n_routes);
	jsonw_ku64(&w, "rules", k->rules);
	jsonw_ku64(&w, "principals", k->c->n_principals);
	jsonw_key(&w, "policy_sha256");
	jsonw_hex(&w, k->c->policy_hash, 32);
	jsonw_object_end(&w);
	if (w.err != SC_OK || sc_buf_put_str(&b, "\n") != SC_OK)
		rc = cli_fail(CLI_NO, "out of memory");
	else if (json)
		rc = cli_out(sc_buf_span(&b));
	else if (k->wrong == 0) {
		printf("%s: ok (%zu routes, %zu rules, %zu principals)\n", k->c->file,
		    k->c->n_routes, k->rules, k->c->n_principals);
		rc = CLI_DONE;
	} else
		rc = CLI_DONE;
	sc_buf_fini(&b);
	return rc != CLI_DONE ? rc : k->wrong == 0 ? CLI_DONE : CLI_NO;
}

int cli_config_check(const struct cli_command *cmd, int argc, char **argv)
{
	struct cli_common common = { .json = false };
	const struct cli_opt opts[] = { CLI_OPT_CONFIG(&common), CLI_OPT_JSON(&common),
		CLI_OPT_END };
	struct cli_args args = { .meta = "[FILE]", .min = 0, .max = 1 };
	struct config *c = NULL;
	struct check k = { .wrong = 0 };
	int rc = cli_parse(cmd, opts, &args, argc, argv);

	if (rc != CLI_GO_ON)
		return rc;
	if (args.n == 1)
		common.config = args.v[0];
	if ((rc = cli_config(&common, &c)) != CLI_GO_ON) {
		if (common.json)
			printf("{\"ok\":false,\"errors\":1}\n");
		return rc;
	}
	k.c = c;
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct config_route *rt = &c->routes[i];

		check_rules(&k, rt, &rt->request, rt->subject);
		check_rules(&k, rt, &rt->response, NULL);
		check_ca(&k, rt);
	}
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i].tls_cert != NULL)
			check_tls(&k, &c->listeners[i]);
	check_folder_of(&k, c->log_dir, "log");
	check_folder_of(&k, c->store + strlen("sqlite:"), "store");
	check_folder_of(&k, c->keyd + strlen("unix:"), "keyd");
	check_keyd(&k);
	rc = report(&k, common.json);
	config_free(c);
	return rc;
}
