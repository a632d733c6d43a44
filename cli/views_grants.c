/*
 * views_grants.c - `scrim views grant|revoke|grants`: who may ask which dataset.
 *
 * A key is made here, told once, and kept as its SHA-256 alone. The file is written anew, whole
 * or not at all; scrim-queryd looks at it before each question.
 */
#include "analytics/query/grants.h"
#include "base/clock.h"
#include "base/text/doc.h"
#include "base/text/hex.h"
#include "cli/cli.h"
#include "cli/queryd_file.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/random.h"
#include "gateway/config/config.h"
#include "policy/decide/decide.h"
#include "policy/lang/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define KEY_BYTES 24
#define FILE_MAX (4u << 20)

struct granting {
	const struct cli_call *call;
	char path[FILE_PATH_MAX];
	int lock; /* who writes holds it */
	struct query_grants old;
	struct sc_buf text;
};

/* ---- the file ---------------------------------------------------------------------------- */

static int find_file(struct granting *g)
{
	struct queryd_file f;
	int rc;

	if (g->call->grant.file != NULL) {
		file_path(g->path, "%s", g->call->grant.file);
		return CLI_GO_ON;
	}
	if ((rc = queryd_file_read(g->call, &f)) != CLI_GO_ON)
		return rc;
	if (f.grants[0] == '\0')
		return cli_fail(CLI_NO, "%s says no \"grants\"", f.path);
	memcpy(g->path, f.grants, sizeof(g->path));
	return CLI_GO_ON;
}

/* Two who write at once would lose one's rows. */
static int lock_file(struct granting *g)
{
	char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
	const char *slash = strrchr(g->path, '/');
	struct sc_diag d = { .line = 0 };

	/* a folder of its own is what queryd wants for it */
	if (slash != NULL && slash != g->path) {
		file_path(folder, "%.*s", (int)(slash - g->path), g->path);
		if (file_folder(folder, &d) != SC_OK)
			return cli_fail_diag(CLI_NO, &d);
	}
	file_path(path, "%.4000s.lock", g->path);
	g->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (g->lock < 0 || flock(g->lock, LOCK_EX) != 0)
		return cli_fail(CLI_NO, "%s: %s", path, strerror(errno));
	return CLI_GO_ON;
}

static int open_grants(const struct cli_call *c, bool writes, struct granting *g)
{
	struct sc_diags all = { .n = 0 };
	int rc;

	*g = (struct granting){ .call = c, .lock = -1 };
	sc_buf_init(&g->text, FILE_MAX);
	if ((rc = find_file(g)) != CLI_GO_ON || (writes && (rc = lock_file(g)) != CLI_GO_ON))
		return rc;
	if (!file_exists(g->path))
		return CLI_GO_ON;
	return query_grants_load(g->path, &all, &g->old) == SC_OK ? CLI_GO_ON :
								    cli_fail_diags(CLI_NO, &all);
}

static int close_grants(struct granting *g, int rc)
{
	query_grants_fini(&g->old);
	sc_buf_fini(&g->text);
	if (g->lock >= 0)
		close(g->lock);
	return rc == CLI_GO_ON ? CLI_DONE : rc;
}

static void print_grant(struct jsonw *w, const struct query_grant *r)
{
	jsonw_object(w);
	jsonw_kstr(w, "principal", r->principal.s);
	jsonw_kstr(w, "role", r->role.s);
	jsonw_key(w, "key_sha256");
	jsonw_hex(w, r->key, GRANT_KEY_BYTES);
	jsonw_kstr(w, "dataset", r->every ? "*" : r->dataset.s);
	jsonw_key(w, "purposes");
	jsonw_array(w);
	for (size_t i = 0; i < r->n_purposes; i++)
		jsonw_str(w, r->purposes[i].s);
	jsonw_array_end(w);
	jsonw_kstr(w, "until", r->until);
}

/* The old rows that KEEP says, and MORE: that is the file. */
static int write_grants(struct granting *g,
    bool (*keep)(const struct granting *g, const struct query_grant *r),
    const struct query_grant *more)
{
	struct jsonw w = jsonw(&g->text);
	struct sc_diag d = { .line = 0 };
	enum sc_err err;

	jsonw_object(&w);
	jsonw_key(&w, "grants");
	jsonw_array(&w);
	for (size_t i = 0; i <= g->old.n; i++) {
		const struct query_grant *r = i < g->old.n ? &g->old.v[i] : more;

		if (r == NULL || (i < g->old.n && !keep(g, r)))
			continue;
		print_grant(&w, r);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	if ((err = w.err) == SC_OK && (err = sc_buf_put_str(&g->text, "\n")) == SC_OK)
		err = file_write(g->path, 0600, true, sc_buf_span(&g->text), &d);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

/* ---- grant ------------------------------------------------------------------------------- */

static int take_name(const char *text, const char *what, struct sc_name *out)
{
	if (text == NULL)
		return cli_fail(CLI_USAGE, "%s must be given", what);
	return sc_name_parse(sc_span_str(text), out) == SC_OK ?
	    CLI_GO_ON :
	    cli_fail(CLI_USAGE, "%s must be a name: letters, digits, '.', '_' and '-'", what);
}

static int take_purposes(const char *text, struct query_grant *r)
{
	static struct sc_name names[GRANT_PURPOSES_MAX];
	int rc = text == NULL ? cli_fail(CLI_USAGE, "--purposes must be given") : CLI_GO_ON;
	char one[SC_NAME_MAX + 2];

	r->purposes = names;
	while (rc == CLI_GO_ON) {
		const size_t n = strcspn(text, ",");

		if (r->n_purposes == GRANT_PURPOSES_MAX)
			return cli_fail(CLI_USAGE, "at most %d purposes", GRANT_PURPOSES_MAX);
		snprintf(one, sizeof(one), "%.*s", (int)(n > SC_NAME_MAX ? SC_NAME_MAX + 1 : n),
		    text);
		rc = take_name(one, "each of --purposes", &names[r->n_purposes++]);
		if (text[n] == '\0')
			break;
		text += n + 1;
	}
	return rc;
}

/* Names that the policy does not know would be granted to no purpose. Where there is one. */
static int check_names(const struct cli_call *c, const struct query_grant *r)
{
	struct sc_diags all = { .n = 0 };
	struct config *cfg = NULL;
	uint8_t id;
	int rc = CLI_GO_ON;

	if (!file_exists(cli_config_path(c)))
		return CLI_GO_ON;
	if (config_load(cli_config_path(c), &all, &cfg) != SC_OK)
		return cli_fail_diags(CLI_NO, &all);
	if (!policy_role(cfg->policy, sc_span_str(r->role.s), &id))
		rc = cli_fail(CLI_USAGE, "the policy has no role \"%s\"", r->role.s);
	for (size_t i = 0; i < r->n_purposes && rc == CLI_GO_ON; i++)
		if (!policy_purpose(cfg->policy, sc_span_str(r->purposes[i].s), &id))
			rc = cli_fail(CLI_USAGE, "the policy has no purpose \"%s\"",
			    r->purposes[i].s);
	config_free(cfg);
	return rc;
}

static int read_grant(const struct cli_call *c, struct query_grant *r)
{
	int rc;

	if ((rc = take_name(c->words[0], "PRINCIPAL", &r->principal)) != CLI_GO_ON ||
	    (rc = take_name(c->grant.role == NULL ? "analyst" : c->grant.role, "--role",
		 &r->role)) != CLI_GO_ON ||
	    (rc = take_purposes(c->grant.purposes, r)) != CLI_GO_ON)
		return rc;
	r->every = c->grant.dataset != NULL && strcmp(c->grant.dataset, "*") == 0;
	if (!r->every && (rc = take_name(c->grant.dataset, "--dataset", &r->dataset)) != CLI_GO_ON)
		return rc;
	r->until = c->grant.until;
	if (r->until == NULL || !lang_time_parse(sc_span_str(r->until), &r->until_ms))
		return cli_fail(CLI_USAGE, "--until must be a moment such as 2027-01-01T00:00:00Z");
	if (r->until_ms <= clock_unix_ms())
		return cli_fail(CLI_USAGE, "--until is over already");
	return check_names(c, r);
}

static bool keep_all(const struct granting *g, const struct query_grant *r)
{
	(void)g;
	(void)r;
	return true;
}

/* A key of hexadecimal digits, and its digest. */
static void make_key(char out[2 * KEY_BYTES + 1], uint8_t digest[static GRANT_KEY_BYTES])
{
	uint8_t raw[KEY_BYTES];

	random_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	hash_sha256(sc_span(out, 2 * KEY_BYTES), digest);
	sc_wipe(raw, sizeof(raw));
}

static int tell_key(const struct cli_call *c, const struct query_grant *r, const char *key)
{
	struct sc_buf text;
	struct jsonw w = jsonw(&text);

	if (!c->json) {
		if (c->grant.key_out == NULL)
			printf("%s\n", key);
		return cli_flush(CLI_GO_ON);
	}
	sc_buf_init(&text, 65536);
	print_grant(&w, r);
	if (c->grant.key_out == NULL)
		jsonw_kstr(&w, "key", key);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

int cli_views_grant(const struct cli_call *c)
{
	struct query_grant r = { .every = false };
	struct sc_diag d = { .line = 0 };
	char key[2 * KEY_BYTES + 1];
	struct granting g;
	int rc;

	if ((rc = read_grant(c, &r)) != CLI_GO_ON)
		return rc;
	make_key(key, r.key);
	rc = open_grants(c, true, &g);
	/* the key first: one that opens nothing is no harm, a grant that nobody has a key to is */
	if (rc == CLI_GO_ON && c->grant.key_out != NULL &&
	    file_write(c->grant.key_out, 0600, false, sc_span(key, 2 * KEY_BYTES), &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	if (rc == CLI_GO_ON && (rc = write_grants(&g, keep_all, &r)) == CLI_GO_ON)
		rc = tell_key(c, &r, key);
	sc_wipe(key, sizeof(key));
	return close_grants(&g, rc);
}

/* ---- revoke ------------------------------------------------------------------------------ */

static bool keep_others(const struct granting *g, const struct query_grant *r)
{
	const char *dataset = g->call->grant.dataset;

	return strcmp(r->principal.s, g->call->words[0]) != 0 ||
	    (dataset != NULL && strcmp(r->every ? "*" : r->dataset.s, dataset) != 0);
}

int cli_views_revoke(const struct cli_call *c)
{
	struct granting g;
	size_t n = 0;
	int rc = open_grants(c, true, &g);

	for (size_t i = 0; i < g.old.n; i++)
		n += !keep_others(&g, &g.old.v[i]);
	if (rc == CLI_GO_ON && n == 0)
		rc = cli_fail(CLI_NO, "nothing of the kind is granted");
	if (rc == CLI_GO_ON && (rc = write_grants(&g, keep_others, NULL)) == CLI_GO_ON) {
		printf(c->json ? "{\"revoked\":%zu}\n" : "%zu taken back\n", n);
		rc = cli_flush(CLI_GO_ON);
	}
	return close_grants(&g, rc);
}

/* ---- list -------------------------------------------------------------------------------- */

static void list_one(const struct query_grant *r, uint64_t now)
{
	printf("%s (%s): %s for ", r->principal.s, r->role.s, r->every ? "*" : r->dataset.s);
	for (size_t i = 0; i < r->n_purposes; i++)
		printf("%s%s", i == 0 ? "" : ", ", r->purposes[i].s);
	printf(", until %s%s\n", r->until, now < r->until_ms ? "" : " (over)");
}

int cli_views_grants(const struct cli_call *c)
{
	const uint64_t now = clock_unix_ms();
	struct sc_buf text;
	struct jsonw w = jsonw(&text);
	struct granting g;
	int rc = open_grants(c, false, &g);

	sc_buf_init(&text, FILE_MAX);
	jsonw_array(&w);
	for (size_t i = 0; i < g.old.n; i++) {
		const struct query_grant *r = &g.old.v[i];

		if (c->n_words > 0 && strcmp(r->principal.s, c->words[0]) != 0)
			continue;
		if (!c->json && rc == CLI_GO_ON)
			list_one(r, now);
		print_grant(&w, r);
		jsonw_key(&w, "over");
		jsonw_bool(&w, now >= r->until_ms);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out_json(&w);
	else
		sc_buf_fini(&text);
	return close_grants(&g, cli_flush(rc));
}
