/*
 * queryd_file.c - queryd.json, as far as the command line needs it.
 */
#include "cli/queryd_file.h"

#include "base/text/doc.h"
#include "cli/beside.h"

#include <stdio.h>
#include <string.h>

static void beside(const struct queryd_file *f, const char *name, char out[static FILE_PATH_MAX])
{
	if (name != NULL)
		file_beside(f->path, name, out);
}

/* One that listens everywhere is asked on loopback. */
static void print_url(struct queryd_file *f, const char *address)
{
	const char *port = strrchr(address, ':');
	const bool any = address[0] == '*';

	if (strncmp(address, "unix:", 5) == 0) {
		beside(f, address + 5, f->socket);
		snprintf(f->url, sizeof(f->url), "http://queryd");
		return;
	}
	snprintf(f->url, sizeof(f->url), "%s://%s%.250s", f->cert[0] == '\0' ? "http" : "https",
	    any ? "127.0.0.1" : "", any && port != NULL ? port : address);
}

static int take(struct queryd_file *f, const struct doc_node *root)
{
	const struct doc_node *listen = doc_find(root, "listen");
	const char *address = doc_find_text(listen, "address");

	if (address == NULL)
		return cli_fail(CLI_NO, "%s says no \"listen\" with an \"address\"", f->path);
	beside(f, doc_find_text(doc_find(listen, "tls"), "cert"), f->cert);
	beside(f, doc_find_text(root, "grants"), f->grants);
	print_url(f, address);
	return CLI_GO_ON;
}

int queryd_file_read(const struct cli_call *c, struct queryd_file *out)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 };
	struct doc doc;
	int rc;

	memset(out, 0, sizeof(*out));
	file_beside(cli_config_path(c), "queryd.json", out->path);
	if (!file_exists(out->path))
		return cli_fail(CLI_USAGE,
		    "there is no queryd.json beside %s; say where it is: --config, --server or "
		    "--grants",
		    cli_config_path(c));
	if (doc_load_file(&arena, out->path, &d, &doc) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else
		rc = take(out, doc.root);
	sc_arena_fini(&arena);
	return rc;
}

/* ---- does it agree? ---------------------------------------------------------------------- */

/* Its own log must be one of those that scrimd has signed. */
static void check_log(const struct beside_file *f, const char *log)
{
	for (size_t i = 0; i < f->c->n_logs; i++)
		if (strcmp(f->c->logs[i].name.s, "queryd") == 0) {
			if (!beside_same_place(log, f->c->logs[i].dir))
				beside_complain(f,
				    "its log is %s, and scrimd has %s signed (logs, \"queryd\")",
				    log, f->c->logs[i].dir);
			return;
		}
	beside_complain(f,
	    "the configuration's \"logs\" do not name \"queryd\": the heads of its "
	    "log would not be signed");
}

static void compare(const struct beside_file *f, const struct doc_node *root)
{
	const char *tenant = doc_find_text(root, "tenant"), *views = doc_find_text(root, "views"),
		   *log = doc_find_text(root, "log"), *vkey = doc_find_text(root, "log_vkey");
	char path[FILE_PATH_MAX], ours[FILE_PATH_MAX];

	if (tenant != NULL && strcmp(tenant, f->c->tenant.s) != 0)
		beside_complain(f, "it is for another tenant");
	if (views != NULL && f->c->views.published != NULL) {
		file_beside(f->path, views, path);
		if (!beside_same_place(path, f->c->views.published))
			beside_complain(f,
			    "it serves %s, and what is published goes to %s (views.published)",
			    path, f->c->views.published);
	}
	if (log != NULL) {
		file_beside(f->path, log, path);
		check_log(f, path);
	}
	if (vkey != NULL) {
		file_beside(f->path, vkey, path);
		file_path(ours, "%s/vkey", f->c->log_dir);
		if (!beside_same_place(path, ours))
			beside_complain(f, "its \"log_vkey\" is %s, and scrimd writes %s", path,
			    ours);
	}
}

void queryd_file_check(const char *path, const struct config *c, struct sc_diags *all)
{
	beside_check(path, c, all, compare);
}
