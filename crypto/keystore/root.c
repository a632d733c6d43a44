/*
 * root.c - reading and making the root key file.
 */
#include "crypto/keystore/root.h"

#include "base/private_file.h"
#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "crypto/prim/random.h"
#include "crypto/tlog/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

static enum sc_err parse(struct shape_ctx *c, struct sc_span json, const char *path,
    bool allow_demo, struct sc_secret **out)
{
	struct root_file f = { .version = 0 };
	enum sc_err err = shape_load(c, json, path, &root_shape, &f);

	if (err == SC_OK && f.demo && !allow_demo) {
		shape_wrong(c, doc_find(c->doc.root, "demo"),
		    "this is a demo key: use it with --demo only");
		err = SC_AUTH;
	}
	if (err == SC_OK)
		err = sc_secret_new_take(f.key, ROOT_BYTES, out);
	sc_wipe(&f, sizeof(f));
	return err;
}

enum sc_err root_load(const char *path, bool allow_demo, struct sc_diag *d, struct sc_secret **out)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct sc_buf text;
	enum sc_err err;

	*out = NULL;
	sc_buf_init(&text, FILE_MAX);
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if (!allow_demo &&
	    (strstr(path, "/keys-example/") != NULL || strncmp(path, "keys-example/", 13) == 0)) {
		sc_diag_set(d, "the example keys are known to everyone: use them with --demo only");
		err = SC_AUTH;
		goto out;
	}
	if ((err = private_file_read(path, "root key", &text, d)) != SC_OK) {
		if (access(path, F_OK) != 0)
			sc_diag_set(d,
			    "there is no root key; "
			    "`scrim keys init` makes one, for a store that is new");
		goto out;
	}
	err = parse(&c, sc_buf_span(&text), path, allow_demo, out);
	if (all.n > 0)
		*d = all.v[0];
out:
	sc_arena_fini(&arena);
	sc_buf_fini(&text);
	return err;
}

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

enum sc_err root_make(const char *path, bool demo, struct sc_diag *d)
{
	struct sc_buf text;
	enum sc_err err;
	int fd = -1;

	sc_buf_init(&text, FILE_MAX);
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if ((err = print(demo, &text)) != SC_OK)
		goto out;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) != 0) {
		sc_diag_set(d, "cannot make the root key: %s", strerror(errno));
		err = SC_IO;
	}
out:
	if (fd >= 0)
		close(fd);
	sc_buf_fini(&text);
	return err;
}
