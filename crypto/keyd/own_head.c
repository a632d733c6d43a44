/*
 * own_head.c - keeping the own log's head, and holding the log against it.
 */
#include "crypto/keyd/own_head.h"

#include "base/log.h"
#include "base/weak.h"
#include "crypto/prim/vault.h"
#include "crypto/rows/signed_heads.h"
#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void own_head_sign(void *arg, struct tlog *log, const struct tlog_head *head)
{
	struct own_head *o = arg;
	struct sc_diag d;
	struct sc_buf note;

	/* the log's thread may come here before the start has looked at it */
	if (!atomic_load(&o->checked) && own_head_check(o, log, &d) != SC_OK)
		return;
	sc_buf_init(&note, NOTE_MAX);
	if (signed_heads_keep(o->store, head->origin, head->size, head->root) != SC_OK ||
	    note_sign_head(&o->signer, head->origin, head->size, head->root, &note) != SC_OK ||
	    tlog_signed(log, sc_buf_span(&note)) != SC_OK)
		log_event(LOG_ERROR, "keyd.head_unsigned", LOG_END);
	sc_buf_fini(&note);
	vault_sweep();
}

/* The root that the tree of SIZE in DIR had when it had only N entries. */
static enum sc_err root_at(const char *dir, uint64_t size, uint64_t n, struct merkle_hash *root,
    struct sc_diag *d)
{
	struct merkle_frontier edge;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum sc_err err;

	if (fd < 0) {
		sc_diag_set(d, "cannot open the log's folder");
		return SC_IO;
	}
	if ((err = tile_frontier(fd, size, n, &edge, d)) == SC_OK)
		merkle_root(&edge, root);
	close(fd);
	return err;
}

static enum sc_err hold_against(const struct signed_head *kept, struct tlog *log, const char *dir,
    struct sc_diag *d)
{
	struct merkle_hash root;
	struct tlog_status s;
	enum sc_err err;

	snprintf(d->file, sizeof(d->file), "%.255s", dir);
	tlog_status(log, &s);
	if (s.published < kept->size) {
		sc_diag_set(d,
		    "keyd's own log has %llu entries, but %llu were signed: an older "
		    "copy was put back, or files were lost. Put the newest copy there; if it "
		    "is lost, see --start-anew",
		    (unsigned long long)s.published, (unsigned long long)kept->size);
		return SC_CORRUPT;
	}
	if ((err = root_at(dir, s.published, kept->size, &root, d)) != SC_OK)
		return err;
	if (memcmp(root.b, kept->root, sizeof(root.b)) == 0)
		return SC_OK;
	sc_diag_set(d,
	    "keyd's own log is not the one whose %llu entries were signed. Put the "
	    "newest copy there; if it is lost, see --start-anew",
	    (unsigned long long)kept->size);
	return SC_CORRUPT;
}

enum sc_err own_head_check(struct own_head *o, struct tlog *log, struct sc_diag *d)
{
	struct signed_head kept;
	enum sc_err err;

	if ((err = signed_heads_read(o->store, o->origin, &kept)) != SC_OK ||
	    (kept.size > 0 && !WEAK("own-log-put-back") &&
		(err = hold_against(&kept, log, o->dir, d)) != SC_OK))
		return err;
	atomic_store(&o->checked, true);
	return SC_OK;
}
