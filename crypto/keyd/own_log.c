/*
 * own_log.c - opening keyd's own log.
 */
#include "crypto/keyd/own_log.h"

#include "base/clock.h"
#include "crypto/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_MS 60000

/* The public key, for whoever wants to verify the log. */
static enum sc_err write_vkey(const char *dir, const struct sc_buf *vkey, struct sc_diag *d)
{
	char path[SETTINGS_PATH_MAX + 8];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/vkey", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	ok = fd >= 0 && write(fd, vkey->p, vkey->n) == (ssize_t)vkey->n && write(fd, "\n", 1) == 1;
	if (fd >= 0)
		close(fd);
	if (ok)
		return SC_OK;
	sc_diag_set(d, "cannot write the log's vkey: %s", strerror(errno));
	return SC_IO;
}

/* What the log says of a file of its own, with whose log it is and what to do. */
static enum sc_err say_damaged(const char *dir, struct sc_diag *d, enum sc_err err)
{
	const struct sc_diag was = *d;

	if (err != SC_CORRUPT && err != SC_AUTH && err != SC_SYNTAX)
		return err;
	snprintf(d->file, sizeof(d->file), "%.150s/%.100s", dir, was.file);
	sc_diag_set(d,
	    "%.100s: keyd's own log is damaged or another's. Put the newest copy of its folder "
	    "there; if it is lost, move the folder away and see --start-anew",
	    was.text);
	return err;
}

enum sc_err own_log_open(struct own_head *h, struct keyring *kr, bool check, struct sc_diag *d,
    struct tlog **out)
{
	struct tlog_options o = { .dir = h->dir,
		.origin = h->origin,
		.sign = own_head_sign,
		.sign_arg = h };
	struct sc_buf vkey;
	enum sc_err err;

	*out = NULL;
	sc_buf_init(&vkey, NOTE_VKEY_MAX);
	if ((err = keyring_signer(kr, h->origin, &h->signer)) != SC_OK ||
	    (err = note_key_print(&h->signer.key, &vkey)) != SC_OK ||
	    (err = write_vkey(h->dir, &vkey, d)) != SC_OK ||
	    (err = sc_buf_put(&vkey, "", 1)) != SC_OK)
		goto out;
	o.vkey = (const char *)vkey.p;
	if ((err = tlog_open(&o, d, out)) != SC_OK)
		err = say_damaged(h->dir, d, err);
	else if (check)
		err = own_head_check(h, *out, d);
out:
	sc_buf_fini(&vkey);
	return err;
}

enum sc_err own_log_settle(struct tlog *log, struct sc_diag *d, uint64_t *size)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t until = clock_mono_ms() + SETTLE_MS;
	struct tlog_status s;

	for (;;) {
		tlog_status(log, &s);
		*size = s.published;
		if (s.published >= s.durable)
			return SC_OK;
		if (s.failed || clock_mono_ms() >= until)
			break;
		nanosleep(&pause, NULL);
	}
	if (s.failed)
		*d = s.why;
	else
		sc_diag_set(d, "keyd's own log does not get from its journal into its tree");
	return SC_IO;
}

enum sc_err own_log_durable(struct tlog *log, struct sc_diag *d)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	const uint64_t size = tlog_next(log), until = clock_mono_ms() + SETTLE_MS;
	struct tlog_status s;

	while (tlog_durable(log) < size && !tlog_failed(log) && clock_mono_ms() < until)
		nanosleep(&pause, NULL);
	if (tlog_durable(log) >= size)
		return SC_OK;
	tlog_status(log, &s);
	if (s.failed)
		*d = s.why;
	else
		sc_diag_set(d, "keyd's own log does not get onto the disk");
	return SC_IO;
}
