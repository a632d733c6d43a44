/*
 * keys.c - reading vendors' keys.
 */
#include "gateway/phone/twiml/keys.h"

#include "base/buf.h"
#include "crypto/tlog/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX 512

static enum sc_err refuse(struct sc_diag *d, const char *path, enum sc_err err, const char *why)
{
	if (d != NULL) {
		*d = (struct sc_diag){ .line = 0 };
		snprintf(d->file, sizeof(d->file), "%s", path);
		sc_diag_set(d, "%s", why);
	}
	return err;
}

/* Is it a file that only we can read? */
static const char *unfit_file(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "the vendor's key is no regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "the vendor's key belongs to somebody else; chown it";
	if ((st->st_mode & 077) != 0)
		return "others can read the vendor's key: chmod 600";
	return NULL;
}

/* All of FD, at most SIZE bytes; -1 when it cannot be read or is longer. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, out + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || n + (size_t)got == size)
			return -1;
		if (got == 0)
			return (ssize_t)n;
		n += (size_t)got;
	}
}

/* The one line in TEXT, without its end; empty when it is no key's. */
static struct sc_span key_line(const char *text, size_t n)
{
	if (n != 0 && text[n - 1] == '\n')
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return sc_span(text, 0);
	return sc_span(text, n);
}

/* The line of the file at PATH into TEXT, and its length in *N. */
static enum sc_err read_key(const char *path, struct sc_diag *d, char text[static KEY_MAX],
    struct sc_span *line)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = "the vendor's key cannot be read";
	enum sc_err err = SC_IO;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return refuse(d, path, SC_IO, why);
	if (fstat(fd, &st) != 0)
		goto out;
	err = SC_SYNTAX;
	if ((why = unfit_file(&st)) != NULL)
		goto out;
	n = read_all(fd, text, KEY_MAX);
	*line = n < 0 ? sc_span(NULL, 0) : key_line(text, (size_t)n);
	why = "a vendor's key is one line of 1 to 510 characters without blanks";
	err = line->n == 0 ? SC_SYNTAX : SC_OK;
out:
	close(fd);
	return err == SC_OK ? SC_OK : refuse(d, path, err, why);
}

/* What LINE means for KIND; false when it is no such key. */
static bool take_key(struct sc_span line, enum twiml_key_kind kind, struct twiml_key *out)
{
	uint8_t raw[KEY_MAX];
	size_t n = sizeof(raw);

	if (kind == TWIML_KEY_SHA1)
		hmac_sha1_key_init(&out->u.sha1, line.p, line.n);
	else if (kind == TWIML_KEY_SHA256)
		hmac_key_init(&out->u.sha256, line.p, line.n);
	else if (note_base64_parse(line, raw, &n) != SC_OK || n != SIGN_PUBLIC_BYTES)
		return false;
	else
		memcpy(out->u.ed25519.b, raw, SIGN_PUBLIC_BYTES);
	out->there = true;
	return true;
}

enum sc_err twiml_keys_load(const struct phone_vendor *v, enum twiml_key_kind kind,
    struct sc_diag *d, struct twiml_keys *out)
{
	char text[KEY_MAX];
	enum sc_err err = SC_OK;

	*out = (struct twiml_keys){ .vendor = v->name, .kind = kind };
	for (size_t i = 0; i < TWIML_KEYS && err == SC_OK; i++) {
		struct sc_span line;

		if (v->key_files[i] == NULL)
			continue;
		out->v[i].until = v->key_until[i];
		err = read_key(v->key_files[i], d, text, &line);
		if (err == SC_OK && !take_key(line, kind, &out->v[i]))
			err = refuse(d, v->key_files[i], SC_SYNTAX,
			    "a public key of this vendor is 32 bytes in base64");
	}
	sc_wipe(text, sizeof(text));
	if (err != SC_OK)
		twiml_keys_fini(out);
	return err;
}

void twiml_keys_fini(struct twiml_keys *k)
{
	sc_wipe(k, sizeof(*k));
}
