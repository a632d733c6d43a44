/*
 * layout.c - collecting what the configurations say is whose, and giving it.
 */
#include "cli/layout.h"

#include "base/program.h"
#include "base/text/doc.h"
#include "cli/owner.h"
#include "crypto/settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CLAIMS_MAX 256

enum kind { FOLDER, MET, SHOWN, KEY_FILE };

struct claim {
	enum kind kind;
	unsigned user;
	char path[FILE_PATH_MAX];
};

struct layout {
	const struct user *users;
	char base[FILE_PATH_MAX], run[FILE_PATH_MAX];
	struct claim *v;
	size_t n;
	bool full;
};

/* ---- what is whose -------------------------------------------------------------------------- */

/* With a scheme, its place; NULL and no place are nothing. */
static void claim(struct layout *l, unsigned user, enum kind kind, const char *path)
{
	static const char *const schemes[] = { "unix:", "sqlite:" };

	for (size_t i = 0; path != NULL && i < 2; i++)
		if (strncmp(path, schemes[i], strlen(schemes[i])) == 0)
			path += strlen(schemes[i]);
	if (path == NULL || path[0] == '\0')
		return;
	if (l->n == CLAIMS_MAX) {
		l->full = true;
		return;
	}
	l->v[l->n].user = user;
	l->v[l->n].kind = kind;
	file_path(l->v[l->n++].path, "%s", path);
}

/* The folder that PATH stands in. */
static void claim_above(struct layout *l, unsigned user, enum kind kind, const char *path)
{
	char copy[FILE_PATH_MAX];
	char *slash;

	if (path == NULL)
		return;
	file_path(copy, "%s", path);
	slash = strrchr(copy, '/');
	if (slash == NULL)
		file_path(copy, "%s", l->base);
	else
		*slash = '\0';
	claim(l, user, kind, copy);
}

static void claim_keyd(struct layout *l, const struct settings *s)
{
	claim_above(l, USER_KEYD, FOLDER, s->store);
	claim_above(l, USER_KEYD, FOLDER, s->epoch);
	claim_above(l, USER_KEYD, FOLDER, s->epoch_twin);
	claim_above(l, USER_KEYD, FOLDER, s->backup_keys);
	claim_above(l, USER_KEYD, FOLDER, s->operator_);
	if (settings_credential(s->root) == NULL)
		claim_above(l, USER_KEYD, FOLDER, s->root);
	claim(l, USER_KEYD, FOLDER, s->log);
	claim(l, USER_KEYD, FOLDER, s->mirror);
	claim(l, USER_KEYD, KEY_FILE, s->listen.key);
	claim_above(l, USER_KEYD, MET, s->socket);
}

static void claim_phone(struct layout *l, const struct phone_settings *p)
{
	for (size_t i = 0; i < p->n_vendors; i++)
		for (size_t k = 0; k < 2; k++)
			claim(l, USER_SCRIMD, KEY_FILE, p->vendors[i].key_files[k]);
	for (size_t i = 0; i < p->n_hooks; i++)
		claim(l, USER_SCRIMD, KEY_FILE, p->hooks[i].secret_file);
	claim(l, USER_SCRIMD, KEY_FILE, p->event_secret_file);
}

static void claim_scrimd(struct layout *l, const struct config *c)
{
	claim_above(l, USER_SCRIMD, FOLDER, c->store);
	claim_above(l, USER_SCRIMD, FOLDER, c->log_dir); /* beside it is what it saw of others */
	claim(l, USER_SCRIMD, FOLDER, c->log_dir);
	for (size_t i = 0; i < c->n_logs; i++)
		claim(l, USER_SCRIMD, FOLDER, c->logs[i].dir);
	for (size_t i = 0; i < c->n_listeners; i++) {
		claim(l, USER_SCRIMD, KEY_FILE, c->listeners[i].tls_key);
		if (strncmp(c->listeners[i].address, "unix:", 5) == 0)
			claim_above(l, USER_SCRIMD, MET, c->listeners[i].address);
	}
	claim(l, USER_SCRIMD, KEY_FILE, c->keyd_far.key);
	claim(l, USER_SCRIMD, SHOWN, c->views.published);
	if (c->collect != NULL) {
		claim_above(l, USER_SCRIMD, FOLDER, c->collect->store);
		claim(l, USER_SCRIMD, FOLDER, c->collect->spool);
	}
	if (c->phone != NULL)
		claim_phone(l, c->phone);
}

/* NAME of the document's ROOT, which stands in the file at PATH. */
static void claim_said(struct layout *l, enum kind kind, bool above, const char *path,
    const struct doc_node *root, const char *name)
{
	const char *text = doc_find_text(root, name);
	char at[FILE_PATH_MAX];

	if (text == NULL)
		return;
	if (strncmp(text, "unix:", 5) == 0)
		text += 5;
	file_beside(path, text, at);
	if (above)
		claim_above(l, USER_SCRIMD, kind, at);
	else
		claim(l, USER_SCRIMD, kind, at);
}

/* Of what viewd and queryd say: what is wrong with their files is theirs to tell. */
static void claim_others(struct layout *l, const struct layout_files *f)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag unheard = { .line = 0 };
	const struct doc_node *listen;
	struct doc doc;

	if (file_exists(f->viewd) && doc_load_file(&arena, f->viewd, &unheard, &doc) == SC_OK) {
		claim_said(l, FOLDER, false, f->viewd, doc.root, "data");
		claim_said(l, FOLDER, false, f->viewd, doc.root, "drafts");
		claim_said(l, MET, true, f->viewd, doc.root, "feed");
		claim_said(l, MET, true, f->viewd, doc.root, "operator");
	}
	sc_arena_fini(&arena);
	if (file_exists(f->queryd) && doc_load_file(&arena, f->queryd, &unheard, &doc) == SC_OK) {
		claim_said(l, FOLDER, false, f->queryd, doc.root, "log");
		claim_said(l, FOLDER, true, f->queryd, doc.root, "grants");
		listen = doc_find(doc.root, "listen");
		claim_said(l, KEY_FILE, false, f->queryd, doc_find(listen, "tls"), "key");
	}
	sc_arena_fini(&arena);
}

/* ---- giving it ------------------------------------------------------------------------------ */

/* Is A what B is, or above it? */
static bool holds(const char *a, const char *b)
{
	const size_t n = strlen(a);

	return strncmp(a, b, n) == 0 && (b[n] == '\0' || b[n] == '/');
}

/* There `scrim up` keeps its own files, as root: nobody else may put anything in their place. */
static int check_run(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if ((l->v[i].kind == FOLDER || l->v[i].kind == MET) && holds(l->v[i].path, l->run))
			return cli_fail(CLI_NO,
			    "%s would be %s's, and `scrim up` keeps files of root's there: name "
			    "a folder below it (docs/OPERATIONS.md, \"Users\"), or say --one-user: "
			    "all run as root then, and neither is protected from the other",
			    l->v[i].path, l->users[l->v[i].user].of);
	return CLI_GO_ON;
}

/* Whoever has a folder can move and replace all that is in it, whosever that is. */
static int check_apart(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->n; k++) {
			const struct claim *a = &l->v[i], *b = &l->v[k];

			if (a->user == b->user || !(a->kind == FOLDER || a->kind == MET) ||
			    !holds(a->path, b->path))
				continue;
			return cli_fail(CLI_NO,
			    "%s is in a folder of %s's and is %s's: whoever is one would have "
			    "the other's. Name a folder for each in scrim.json and keyd.json "
			    "(docs/OPERATIONS.md, \"Users\"), or say --one-user: all run as root "
			    "then, and neither is protected from the other",
			    b->path, l->users[a->user].of, l->users[b->user].of);
		}
	return CLI_GO_ON;
}

/* Folders above others go first: what is below is given with them. */
static int by_kind_and_length(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	const size_t n = strlen(x->path), m = strlen(y->path);

	return n != m ? (n < m ? -1 : 1) : (x->kind > y->kind) - (x->kind < y->kind);
}

static enum sc_err give(const struct layout *l, const struct claim *c, struct sc_diag *d)
{
	const struct user *u = &l->users[c->user];

	switch (c->kind) {
	case SHOWN: return owner_shown(l->base, c->path, u, d);
	case KEY_FILE: return owner_file(l->base, c->path, u, d);
	default: return owner_folder(l->base, c->path, u, c->kind == MET, d);
	}
}

static int give_all(struct layout *l)
{
	struct sc_diag d = { .line = 0 };
	int rc = check_run(l);

	if (rc == CLI_GO_ON)
		rc = check_apart(l);
	qsort(l->v, l->n, sizeof(*l->v), by_kind_and_length);
	for (size_t i = 0; i < l->n && rc == CLI_GO_ON; i++)
		if (give(l, &l->v[i], &d) != SC_OK)
			rc = cli_fail_diag(CLI_NO, &d);
	return rc;
}

/* ---- whether they get along ----------------------------------------------------------------- */

/* Does the keyd that PATH is for know scrimd as user U? */
static int check_gateway(const char *path, const struct config *c, const struct user *u)
{
	const struct settings_gateway *g = NULL;
	struct settings s;
	int rc;

	if ((rc = cli_settings(path, &s)) != CLI_GO_ON)
		return rc;
	for (size_t i = 0; i < s.n_gateways && g == NULL; i++)
		if (strcmp(s.gateways[i].node.s, c->node.s) == 0 &&
		    s.gateways[i].uid != SETTINGS_NO_UID)
			g = &s.gateways[i];
	if (g != NULL && g->uid != u->uid)
		rc = cli_fail(CLI_NO,
		    "%s knows gateway %s as user %u, and scrimd runs as %u (%s): say \"uid\": %u "
		    "there, or --one-user",
		    path, c->node.s, (unsigned)g->uid, (unsigned)u->uid, u->name, (unsigned)u->uid);
	settings_fini(&s);
	return rc;
}

/* In a demo the folder is ours to open; what is in it has modes of its own. */
static void open_base(const struct layout *l, bool demo)
{
	struct stat st;

	if (demo && stat(l->base, &st) == 0 && st.st_uid == 0 && (st.st_mode & 011) != 011)
		(void)chmod(l->base, (st.st_mode & 07777) | 011);
}

static int check_reads(const char *path, const struct user *u)
{
	if (!file_exists(path) || user_reads(u, path))
		return CLI_GO_ON;
	return cli_fail(CLI_NO,
	    "%s cannot be read by user %u (%s), who runs %s: chmod o+r it and o+x the folders "
	    "above it, or have it elsewhere, such as /etc/scrim; or say --one-user: all run as "
	    "root then, and neither is protected from the other",
	    path, (unsigned)u->uid, u->name, u->of);
}

/* What each of them is to read. */
static int check_all(const struct layout *l, const struct layout_files *f, const struct config *c)
{
	const struct user *keyd = &l->users[USER_KEYD], *scrimd = &l->users[USER_SCRIMD];
	const char *theirs[] = { f->config, c->policy_path, f->queryd,
		c->collect == NULL ? f->config : f->viewd };
	int rc = CLI_GO_ON;

	if (c->keyd != NULL && file_exists(f->keyd) &&
	    (rc = check_gateway(f->keyd, c, scrimd)) == CLI_GO_ON &&
	    (rc = check_reads(f->keyd, keyd)) == CLI_GO_ON)
		rc = check_reads(c->policy_path, keyd);
	for (size_t i = 0; i < 4 && rc == CLI_GO_ON; i++)
		rc = check_reads(theirs[i], scrimd);
	return rc;
}

static int claim_all(struct layout *l, const struct layout_files *f, const struct config *c)
{
	struct settings s;
	int rc;

	if (c->keyd != NULL && file_exists(f->keyd)) {
		if ((rc = cli_settings(f->keyd, &s)) != CLI_GO_ON)
			return rc;
		claim_keyd(l, &s);
		settings_fini(&s);
	}
	claim_scrimd(l, c);
	claim_others(l, f);
	if (l->full)
		return cli_fail(CLI_NO, "more than %d folders and keys are named", CLAIMS_MAX);
	return CLI_GO_ON;
}

/* All of one user's: what is missing is made. */
static int make_all(struct layout *l)
{
	struct sc_diag d = { .line = 0 };

	for (size_t i = 0; i < l->n; i++)
		if ((l->v[i].kind == FOLDER || l->v[i].kind == MET) &&
		    program_folders(l->v[i].path, true, &d) != SC_OK)
			return cli_fail_diag(CLI_NO, &d);
	return CLI_GO_ON;
}

int layout_give(const struct layout_files *f, const struct config *c, const struct user *users)
{
	struct layout l = { .users = users, .v = calloc(CLAIMS_MAX, sizeof(*l.v)) };
	int rc;

	if (l.v == NULL)
		return cli_fail(CLI_NO, "there is no memory");
	file_path(l.base, "%s", c->dir);
	file_beside(f->config, "run", l.run);
	if (users != NULL)
		open_base(&l, f->demo);
	if ((rc = claim_all(&l, f, c)) == CLI_GO_ON && users != NULL)
		rc = check_all(&l, f, c);
	if (rc == CLI_GO_ON)
		rc = users == NULL ? make_all(&l) : give_all(&l);
	free(l.v);
	return rc;
}
