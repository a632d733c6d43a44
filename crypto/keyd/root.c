/*
 * root.c - reading and making the root key file.
 */
#include "crypto/keyd/root.h"

#include "base/text/jsonc.h"
#include "base/text/jsonw.h"
#include "crypto/prim/random.h"
#include "crypto/tlog/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 4096

static const char *const keys[] = { "scrim_root", "kind", "key", "demo", NULL };

/* Read a file that only its owner may read. */
static enum sc_err read_private(const char *path, struct sc_buf *out, struct sc_diag *d)
{
	uint8_t *p;
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum sc_err err = SC_IO;

	if (fd < 0 || fstat(fd, &st) != 0) {
		sc_diag_set(d, "cannot open the root key: %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		sc_diag_set(d, "the root key's mode must be 0600 or 0400, not %04o",
		    (unsigned)st.st_mode & 07777);
		err = SC_AUTH;
		goto out;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		sc_diag_set(d, "the root key belongs to another user");
		err = SC_AUTH;
		goto out;
	}
	if ((err = sc_buf_grow(out, FILE_MAX, &p)) != SC_OK)
		goto out;
	n = read(fd, p, FILE_MAX);
	sc_buf_truncate(out, n < 0 ? 0 : (size_t)n);
	if (n <= 0 || n == FILE_MAX) {
		sc_diag_set(d, "cannot read the root key");
		err = SC_IO;
	}
out:
	if (fd >= 0)
		close(fd);
	return err;
}

static enum sc_err parse(const struct jsonc *doc, bool allow_demo, struct sc_diag *d,
    struct sc_secret **out)
{
	const cJSON *root = jsonc_root(doc);
	uint8_t key[ROOT_BYTES + 1];
	size_t n = sizeof(key);
	const char *kind, *text;
	uint64_t version = 0;
	bool demo = false;
	enum sc_err err;

	if ((err = jsonc_check_keys(doc, root, keys, d)) != SC_OK ||
	    (err = jsonc_u64(doc, root, "scrim_root", JSONC_REQUIRED, 1, 1, d, &version)) !=
		SC_OK ||
	    (err = jsonc_string(doc, root, "kind", JSONC_REQUIRED, d, &kind)) != SC_OK ||
	    (err = jsonc_string(doc, root, "key", JSONC_REQUIRED, d, &text)) != SC_OK ||
	    (err = jsonc_bool(doc, root, "demo", JSONC_OPTIONAL, d, &demo)) != SC_OK)
		return err;
	if (strcmp(kind, "file") != 0)
		return jsonc_error(doc, jsonc_find(root, "kind"), d,
		    "this version knows root keys of kind \"file\" only");
	if (demo && !allow_demo) {
		jsonc_locate(doc, jsonc_find(root, "demo"), d);
		sc_diag_set(d, "this is a demo key: use it with --demo only");
		return SC_AUTH;
	}
	if (note_base64_parse(sc_span_str(text), key, &n) != SC_OK || n != ROOT_BYTES)
		err = jsonc_error(doc, jsonc_find(root, "key"), d,
		    "the key must be base64 of %d bytes", ROOT_BYTES);
	else
		err = sc_secret_new_take(key, ROOT_BYTES, out);
	sc_wipe(key, sizeof(key));
	return err;
}

enum sc_err root_load(const char *path, bool allow_demo, struct sc_diag *d, struct sc_secret **out)
{
	struct jsonc *doc = NULL;
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
	if ((err = read_private(path, &text, d)) != SC_OK ||
	    (err = jsonc_load(sc_buf_span(&text), path, d, &doc)) != SC_OK ||
	    (err = parse(doc, allow_demo, d, out)) != SC_OK)
		goto out;
out:
	jsonc_free(doc);
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
