/*
 * config.c - scrim.json, section by section.
 *
 * The sections are a table of rows, read in the table's order and not the
 * file's: the policy comes first, because the rest uses its names.
 */
#include "gateway/config/config.h"

#include "crypto/prim/hash.h"
#include "gateway/config/read.h"

#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

static enum sc_err read_tenant(struct config_reader *r, const cJSON *it)
{
	return config_name(r, it, &r->c->tenant);
}

static enum sc_err read_policy(struct config_reader *r, const cJSON *it)
{
	enum sc_err err;

	if ((err = config_path(r, it, &r->c->policy_path)) != SC_OK)
		return err;
	if (access(r->c->policy_path, R_OK) != 0)
		return config_refuse(r, it, "the policy %.120s cannot be read", r->c->policy_path);
	err = policy_load_file(r->c->policy_path, r->d, &r->box->policy);
	if (err != SC_OK)
		return err;
	r->c->policy = r->box->policy;
	hash_sha256(policy_text(r->c->policy), r->c->policy_hash);
	return SC_OK;
}

/* SCHEME:PATH, where SCHEME is the only one there is; PATH joined to dir. */
static enum sc_err read_place(struct config_reader *r, const cJSON *it, const char *scheme,
    const char *example, char **out)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, CONFIG_PATH_MAX, &s)) != SC_OK)
		return err;
	if (!sc_span_starts(s, scheme) || s.n == strlen(scheme))
		return config_refuse(r, it,
		    "\"%s\" must be %sPATH, such as "
		    "\"%s\"",
		    it->string, scheme, example);
	return config_join(r, scheme, sc_span_from(s, strlen(scheme)), out);
}

static enum sc_err read_keyd(struct config_reader *r, const cJSON *it)
{
	enum sc_err err;

	err = read_place(r, it, "unix:", "unix:run/keyd.sock", &r->c->keyd);
	if (err != SC_OK)
		return err;
	if (strlen(r->c->keyd) - 5 >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return config_refuse(r, it,
		    "the socket's whole path is longer "
		    "than the %zu bytes that the system allows",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	return SC_OK;
}

static enum sc_err read_store(struct config_reader *r, const cJSON *it)
{
	return read_place(r, it, "sqlite:", "sqlite:run/scrim.db", &r->c->store);
}

static enum sc_err read_log(struct config_reader *r, const cJSON *it)
{
	return config_path(r, it, &r->c->log_dir);
}

static enum sc_err read_threads(struct config_reader *r, const cJSON *it)
{
	uint32_t n;
	enum sc_err err = config_count(r, it, 1, CONFIG_THREADS_MAX, &n);

	if (err == SC_OK)
		r->c->threads = n;
	return err;
}

static const struct section {
	const char *key;
	bool required;
	enum sc_err (*read)(struct config_reader *, const cJSON *);
} sections[] = {
	{ "tenant", true, read_tenant },
	{ "policy", true, read_policy },
	{ "listen", true, config_read_listen },
	{ "keyd", true, read_keyd },
	{ "store", true, read_store },
	{ "log", true, read_log },
	{ "threads", false, read_threads },
	{ "limits", false, config_read_limits },
	{ "principals", true, config_read_principals },
	{ "routes", true, config_read_routes },
};
#define N_SECTIONS (sizeof(sections) / sizeof(sections[0]))

static enum sc_err read_sections(struct config_reader *r)
{
	const char *allowed[N_SECTIONS + 2] = { NULL };
	const cJSON *root = jsonc_root(r->doc), *it;
	enum sc_err err;

	for (size_t i = 0; i < N_SECTIONS; i++)
		allowed[i] = sections[i].key;
	allowed[N_SECTIONS] = "$schema"; /* for editors */
	err = config_keys(r, root, "the configuration", allowed);
	for (size_t i = 0; i < N_SECTIONS && err == SC_OK; i++) {
		if ((it = config_get(root, sections[i].key)) != NULL)
			err = sections[i].read(r, it);
		else if (sections[i].required)
			err = config_refuse(r, root, "the configuration needs \"%s\"",
			    sections[i].key);
	}
	return err;
}

static enum sc_err start_box(const char *filename, struct config_box **out)
{
	struct config_box *box = calloc(1, sizeof(*box));
	const char *slash = strrchr(filename, '/');
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct config *c;

	if ((*out = box) == NULL)
		return SC_NOMEM;
	c = &box->c;
	c->threads = cores < 1         ? 1 :
	    cores > CONFIG_THREADS_MAX ? CONFIG_THREADS_MAX :
					 (unsigned)cores;
	config_limits_default(&c->limits);
	c->file = config_copy(box, sc_span_str(filename));
	if (slash == NULL)
		c->dir = config_copy(box, sc_span_str("."));
	else if (slash == filename)
		c->dir = config_copy(box, sc_span_str("/"));
	else
		c->dir = config_copy(box, sc_span(filename, (size_t)(slash - filename)));
	return c->file == NULL || c->dir == NULL ? SC_NOMEM : SC_OK;
}

/* Read DOC, which is freed here whatever happens. */
static enum sc_err read_document(struct jsonc *doc, const char *filename, struct sc_diag *d,
    struct config **out)
{
	struct config_reader r = { .doc = doc, .d = d };
	enum sc_err err;

	if ((err = start_box(filename, &r.box)) != SC_OK)
		goto out;
	r.c = &r.box->c;
	if ((err = read_sections(&r)) != SC_OK)
		goto out;
	*out = r.c;
	r.box = NULL;
out:
	if (err == SC_NOMEM)
		sc_diag_set(d, "out of memory");
	config_box_free(r.box);
	jsonc_free(doc);
	return err;
}

enum sc_err config_parse(struct sc_span text, const char *filename, struct sc_diag *d,
    struct config **out)
{
	struct sc_diag own = { .line = 0 };
	struct jsonc *doc;
	enum sc_err err;

	*out = NULL;
	if (d == NULL)
		d = &own;
	if ((err = jsonc_load(text, filename, d, &doc)) != SC_OK)
		return err;
	return read_document(doc, filename, d, out);
}

enum sc_err config_load(const char *path, struct sc_diag *d, struct config **out)
{
	struct sc_diag own = { .line = 0 };
	struct jsonc *doc;
	enum sc_err err;

	*out = NULL;
	if (d == NULL)
		d = &own;
	if ((err = jsonc_load_file(path, d, &doc)) != SC_OK)
		return err;
	return read_document(doc, path, d, out);
}

void config_free(struct config *c)
{
	config_box_free((struct config_box *)(void *)c);
}
