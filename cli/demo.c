/*
 * demo.c - the files a first start needs, made beside the configuration.
 *
 * Nothing that exists is changed, with one exception: an empty list of
 * principals becomes a file of them (demo_callers.c), so that a configuration
 * written by hand can be tried without computing hashes. Comments in it stay.
 */
#include "cli/demo.h"

#include "cli/daemon.h"
#include "cli/demo_private.h"
#include "cli/file.h"

#include <stdio.h>
#include <string.h>

/* The nodes of the configuration's own text. */
static enum sc_err read_text(struct demo *m)
{
	sc_arena_fini(&m->arena);
	return doc_load(&m->arena, sc_buf_span(&m->text), m->path, m->d, &m->doc);
}

/* Append what was shipped as NAME of the source tree: installed, or still there. */
static enum sc_err read_shipped(const char *name, struct sc_buf *out, struct sc_diag *d)
{
	static const char *const places[] = { "../share/scrim", "../../..", "../.." };
	char below[64], path[FILE_PATH_MAX];

	for (size_t i = 0; i < 3; i++) {
		snprintf(below, sizeof(below), "%s/%s", places[i], name);
		if (proc_beside(below, path))
			return file_read(path, out, d);
	}
	sc_diag_set(d, "the shipped %s is not found", name);
	return SC_IO;
}

enum sc_err demo_replace(struct demo *m, const char *key, const struct sc_span text)
{
	const struct doc_node *node = doc_find(m->doc.root, key);
	struct sc_buf b;
	enum sc_err err;

	if (node == NULL) {
		sc_diag_set(m->d, "the shipped example has no \"%s\"", key);
		return SC_SYNTAX;
	}
	sc_buf_init(&b, DOC_BYTES_MAX);
	if ((err = sc_buf_put(&b, m->text.p, node->at)) == SC_OK &&
	    (err = sc_buf_put_span(&b, text)) == SC_OK)
		err = sc_buf_put_span(&b, sc_span_from(sc_buf_span(&m->text), node->end));
	sc_buf_fini(&m->text);
	m->text = b;
	return err == SC_OK ? read_text(m) : err;
}

/* The configuration, or the shipped example with a policy beside it and principals of its own. */
static enum sc_err load_config(struct demo *m)
{
	enum sc_err err;

	if (file_exists(m->path)) {
		err = file_read(m->path, &m->text, m->d);
		return err == SC_OK ? read_text(m) : err;
	}
	if ((err = read_shipped("keys-example/scrim.json", &m->text, m->d)) != SC_OK ||
	    (err = read_text(m)) != SC_OK ||
	    (err = demo_replace(m, "policy", sc_span_str("\"policy.json\""))) != SC_OK ||
	    (err = demo_replace(m, "principals", sc_span_str("[]"))) != SC_OK)
		return err;
	return file_write(m->path, 0644, true, sc_buf_span(&m->text), m->d);
}

static enum sc_err make_policy(struct demo *m, char path[static FILE_PATH_MAX])
{
	const char *name = doc_find_text(m->doc.root, "policy");
	struct sc_buf b;
	enum sc_err err;

	path[0] = '\0';
	if (name != NULL)
		file_beside(m->path, name, path);
	if (name == NULL || file_exists(path))
		return SC_OK;
	sc_buf_init(&b, DOC_BYTES_MAX);
	if ((err = read_shipped("policy/default.json", &b, m->d)) == SC_OK)
		err = file_write(path, 0644, false, sc_buf_span(&b), m->d);
	sc_buf_fini(&b);
	return err;
}

static enum sc_err make_certificates(struct demo *m)
{
	const struct doc_node *listen = doc_find(m->doc.root, "listen");
	char cert_path[FILE_PATH_MAX], key_path[FILE_PATH_MAX];
	enum sc_err err = SC_OK;

	for (const struct doc_node *l = listen == NULL ? NULL : listen->first;
	     l != NULL && err == SC_OK; l = l->next) {
		const struct doc_node *tls = doc_find(l, "tls");
		const char *cert = doc_find_text(tls, "cert");
		const char *key = doc_find_text(tls, "key");

		if (cert == NULL || key == NULL)
			continue;
		file_beside(m->path, cert, cert_path);
		file_beside(m->path, key, key_path);
		if (!file_exists(cert_path) && !file_exists(key_path))
			err = demo_certificate(cert_path, key_path, m->d);
	}
	return err;
}

struct sc_span demo_quoted(const struct demo *m, const struct doc_node *object, const char *key)
{
	const struct doc_node *node = doc_find(object, key);

	return node == NULL || node->kind != DOC_TEXT ?
	    sc_span(NULL, 0) :
	    sc_span(m->text.p + node->at, node->end - node->at);
}

/* Logs that scrimd looks after: keyd must know their names too. */
static enum sc_err print_logs(const struct demo *m, struct sc_buf *out)
{
	const struct doc_node *logs = doc_find(m->doc.root, "logs");
	enum sc_err err = sc_buf_put_str(out, "\"logs\":[");
	bool first = true;

	for (const struct doc_node *n = logs == NULL ? NULL : logs->first; n != NULL; n = n->next) {
		const struct sc_span name = demo_quoted(m, n, "name");

		if (err == SC_OK && name.n != 0)
			err = sc_buf_printf(out, "%s{\"name\":%.*s}", first ? "" : ",",
			    SC_SPAN_ARG(name));
		first = false;
	}
	return err == SC_OK ? sc_buf_put_str(out, "],") : err;
}

/* keyd's own configuration, for the same tenant, socket, policy and logs. */
static enum sc_err make_keyd(struct demo *m)
{
	struct sc_span tenant = demo_quoted(m, m->doc.root, "tenant");
	struct sc_span policy = demo_quoted(m, m->doc.root, "policy");
	struct sc_span socket = demo_quoted(m, m->doc.root, "keyd");
	char path[FILE_PATH_MAX];
	struct sc_buf b;
	enum sc_err err;

	file_beside(m->path, "keyd.json", path);
	if (file_exists(path) || tenant.n == 0 || policy.n == 0 ||
	    !sc_span_starts(socket, "\"unix:"))
		return SC_OK;
	sc_buf_init(&b, DOC_BYTES_MAX);
	if ((err = sc_buf_put_str(&b, "{")) == SC_OK && (err = print_logs(m, &b)) == SC_OK)
		err = demo_print_callers(m, &b);
	if (err == SC_OK)
		err = sc_buf_printf(&b,
		    "\"tenant\":%.*s,\"socket\":\"%.*s,\"store\":\"run/keyd/keyd.db\","
		    "\"log\":\"run/keyd/log\",\"root\":\"keys/keyd/root.json\",\"policy\":%.*s,"
		    "\"operator\":\"run/keyd/operator.sock\","
		    "\"demo\":true}\n",
		    SC_SPAN_ARG(tenant), SC_SPAN_ARG(sc_span_from(socket, 6)), SC_SPAN_ARG(policy));
	if (err == SC_OK)
		err = file_write(path, 0644, false, sc_buf_span(&b), m->d);
	sc_buf_fini(&b);
	return err;
}

/* The lists that collecting counts by, which scrimd and viewd must both have. */
static enum sc_err make_words(struct demo *m)
{
	const char *name = doc_find_text(doc_find(m->doc.root, "collect"), "words");
	char path[FILE_PATH_MAX] = "";
	struct sc_buf b;
	enum sc_err err;

	if (name != NULL)
		file_beside(m->path, name, path);
	if (name == NULL || file_exists(path))
		return SC_OK;
	sc_buf_init(&b, DOC_BYTES_MAX);
	if ((err = read_shipped("keys-example/words.json", &b, m->d)) == SC_OK)
		err = file_write(path, 0644, false, sc_buf_span(&b), m->d);
	sc_buf_fini(&b);
	return err;
}

/* viewd's, where events are collected: the same feed and words. */
static enum sc_err make_viewd(struct demo *m)
{
	const struct doc_node *collect = doc_find(m->doc.root, "collect");
	struct sc_span tenant = demo_quoted(m, m->doc.root, "tenant");
	struct sc_span feed = demo_quoted(m, collect, "feed"),
		       words = demo_quoted(m, collect, "words");
	char path[FILE_PATH_MAX];
	struct sc_buf b;
	enum sc_err err;

	file_beside(m->path, "viewd.json", path);
	if (file_exists(path) || tenant.n == 0 || words.n == 0 || !sc_span_starts(feed, "\"unix:"))
		return SC_OK;
	sc_buf_init(&b, 16384);
	err = sc_buf_printf(&b,
	    "{\"tenant\":%.*s,\"feed\":\"%.*s,\"operator\":\"run/viewd/operator.sock\","
	    "\"data\":\"run/viewd/data\",\"words\":%.*s}\n",
	    SC_SPAN_ARG(tenant), SC_SPAN_ARG(sc_span_from(feed, 6)), SC_SPAN_ARG(words));
	if (err == SC_OK)
		err = file_write(path, 0644, false, sc_buf_span(&b), m->d);
	sc_buf_fini(&b);
	return err;
}

static enum sc_err make_folders(struct demo *m)
{
	static const char *const names[] = { "keys", "keys/keyd", "run", "run/keyd" };
	char path[FILE_PATH_MAX];
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < 4 && err == SC_OK; i++) {
		file_beside(m->path, names[i], path);
		err = file_folder(path, m->d);
	}
	return err;
}

enum sc_err demo_prepare(const char *path, uid_t gateway, struct sc_diag *d)
{
	struct demo m = { .path = path, .gateway = gateway, .d = d };
	char policy[FILE_PATH_MAX];
	enum sc_err err;

	sc_buf_init(&m.text, DOC_BYTES_MAX);
	if ((err = make_folders(&m)) == SC_OK && (err = load_config(&m)) == SC_OK &&
	    (err = make_policy(&m, policy)) == SC_OK && (err = make_certificates(&m)) == SC_OK &&
	    (err = demo_principals(&m, policy)) == SC_OK && (err = make_keyd(&m)) == SC_OK &&
	    (err = make_words(&m)) == SC_OK)
		err = make_viewd(&m);
	if (err == SC_NOMEM)
		sc_diag_set(d, "out of memory");
	sc_arena_fini(&m.arena);
	sc_buf_fini(&m.text);
	return err;
}
