/*
 * root.c - where the root key may be, and reading and making it.
 */
#include "crypto/keyring/root.h"

#include "base/private_file.h"
#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "crypto/prim/random.h"
#include "crypto/settings/settings.h"
#include "crypto/tlog/note.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 4096

struct root_file {
	uint8_t version, kind;
	uint8_t key[ROOT_BYTES + 1]; /* one more, so that a longer one is noticed */
	bool demo;
};

static bool read_key(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	size_t n = c->row->size;

	return (node->kind == DOC_TEXT &&
		   note_base64_parse(sc_span_str(node->text), field, &n) == SC_OK &&
		   n == ROOT_BYTES) ||
	    shape_must(c, node, "be base64 of %d bytes", ROOT_BYTES);
}

static const char *const kind_names[] = { "file", NULL };
static const struct shape_words kinds = { "kind of root key", .list = kind_names };

#define AT(field) SHAPE_AT(struct root_file, field)
static const struct shape_row rows[] = {
	{ "scrim_root", shape_count, AT(version), .need = true, .min = 1, .max = 1 },
	{ "kind", shape_word, AT(kind), .need = true, .words = &kinds },
	{ "key", read_key, AT(key), .need = true },
	{ "demo", shape_bool, AT(demo) },
	{ .key = NULL },
};
static const struct shape root_shape = { .what = "root key", .rows = rows };

enum sc_err root_parse(struct sc_span json, const char *path, bool allow_demo, struct sc_diag *d,
    struct sc_secret **out)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct root_file f = { .version = 0 };
	enum sc_err err = shape_load(&c, json, path, &root_shape, &f);

	*out = NULL;
	if (err == SC_OK && f.demo && !allow_demo) {
		shape_wrong(&c, doc_find(c.doc.root, "demo"),
		    "this is a demo key: use it with --demo only");
		err = SC_AUTH;
	}
	if (err == SC_OK)
		err = sc_secret_new_take(f.key, ROOT_BYTES, out);
	sc_wipe(&f, sizeof(f));
	if (all.n > 0)
		*d = all.v[0];
	sc_arena_fini(&arena);
	return err;
}

/* ---- making ---- */

static enum sc_err print(bool demo, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	uint8_t key[ROOT_BYTES];
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, 256);
	random_bytes(key, sizeof(key));
	if ((err = note_base64_print(key, sizeof(key), &text)) != SC_OK)
		goto out;
	jsonw_object(&w);
	jsonw_ku64(&w, "scrim_root", 1);
	jsonw_kstr(&w, "kind", "file");
	jsonw_key(&w, "key");
	jsonw_span(&w, sc_buf_span(&text));
	if (demo) {
		jsonw_key(&w, "demo");
		jsonw_bool(&w, true);
	}
	jsonw_object_end(&w);
	if ((err = w.err) == SC_OK)
		err = sc_buf_put_str(out, "\n");
out:
	sc_wipe(key, sizeof(key));
	sc_buf_fini(&text);
	return err;
}

/* ---- a file ---- */

static const char *whole(const char *root)
{
	return root;
}

static bool file_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static enum sc_err file_read(const char *path, struct sc_buf *text, struct sc_diag *d)
{
	const enum sc_err err = private_file_read(path, "root key", text, d);

	if (err != SC_OK && !file_there(path) && errno == ENOENT)
		sc_diag_set(d, "there is no root key: put back its copy");
	return err;
}

/* FROM gets the name TO, if nothing has it. */
static bool take_name(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	/* some file systems cannot */
	return errno == EINVAL && link(from, to) == 0 && unlink(from) == 0;
}

/* Whole before it has its name: a half of one would stop every later start. */
static enum sc_err file_make(const char *path, bool demo, struct sc_diag *d)
{
	char part[PATH_MAX];
	struct sc_buf text;
	enum sc_err err;
	int fd = -1;

	sc_buf_init(&text, FILE_MAX);
	if ((err = print(demo, &text)) != SC_OK)
		goto out;
	snprintf(part, sizeof(part), "%s.new", path);
	(void)unlink(part); /* of one that was killed */
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* before any key lies under it: its name too */
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) != 0 ||
	    !take_name(part, path) || !private_file_settle(path)) {
		sc_diag_set(d, "cannot make the root key: %s", strerror(errno));
		if (fd >= 0)
			(void)unlink(part);
		err = SC_IO;
	}
out:
	if (fd >= 0)
		close(fd);
	sc_buf_fini(&text);
	return err;
}

/* ---- a credential of systemd's ---- */

static bool credential_there(const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[1024];
	int n;

	if (folder == NULL)
		return false;
	n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

static enum sc_err credential_read(const char *name, struct sc_buf *text, struct sc_diag *d)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	enum sc_err err;

	if (folder == NULL || folder[0] != '/') {
		sc_diag_set(d,
		    "the root key is a credential of systemd's, and $CREDENTIALS_DIRECTORY is not "
		    "set: start keyd by a unit with LoadCredentialEncrypted=%s",
		    name);
		return SC_IO;
	}
	err = private_file_read_handed(folder, name, "root key", text, d);
	if (err != SC_OK && !credential_there(name))
		sc_diag_set(d,
		    "systemd handed over no such credential: the unit needs "
		    "LoadCredentialEncrypted=%s",
		    name);
	return err;
}

static enum sc_err credential_make(const char *name, bool demo, struct sc_diag *d)
{
	(void)demo;
	sc_diag_set(d,
	    "a credential is made of a root key file: `scrim keys init` with \"root\" as a path, "
	    "then `systemd-creds encrypt --name=%s FILE /etc/credstore.encrypted/%s`",
	    name, name);
	return SC_AUTH;
}

/* ---- which ---- */

/* Another place for the root key is a row here, and a line in settings.c. */
static const struct root_place {
	const char *(*mine)(const char *root); /* what the others are called with; NULL: not mine */
	bool (*there)(const char *name);
	SC_CHECKED enum sc_err (*read)(const char *name, struct sc_buf *text, struct sc_diag *d);
	SC_CHECKED enum sc_err (*make)(const char *name, bool demo, struct sc_diag *d);
} places[] = {
	{ settings_credential, credential_there, credential_read, credential_make },
	{ whole, file_there, file_read, file_make },
};

static const struct root_place *place_of(const char *root, const char **name)
{
	const struct root_place *p = places;

	while ((*name = p->mine(root)) == NULL)
		p++; /* the last takes all */
	return p;
}

bool root_there(const char *root)
{
	const char *name;

	return place_of(root, &name)->there(name);
}

enum sc_err root_load(const char *root, bool allow_demo, struct sc_diag *d, struct sc_secret **out)
{
	const char *name;
	const struct root_place *place = place_of(root, &name);
	struct sc_buf text;
	enum sc_err err;

	*out = NULL;
	snprintf(d->file, sizeof(d->file), "%.255s", root);
	if (!allow_demo &&
	    (strstr(root, "/keys-example/") != NULL || strncmp(root, "keys-example/", 13) == 0)) {
		sc_diag_set(d, "the example keys are known to everyone: use them with --demo only");
		return SC_AUTH;
	}
	sc_buf_init(&text, FILE_MAX);
	if ((err = place->read(name, &text, d)) == SC_OK)
		err = root_parse(sc_buf_span(&text), root, allow_demo, d, out);
	sc_buf_fini(&text);
	if (err == SC_OK)
		d->file[0] = '\0'; /* what fails next is another's fault */
	return err;
}

enum sc_err root_make(const char *root, bool demo, struct sc_diag *d)
{
	const char *name;
	const struct root_place *place = place_of(root, &name);

	snprintf(d->file, sizeof(d->file), "%.255s", root);
	return place->make(name, demo, d);
}
