/*
 * witness_rig.c - logs that witnesses of the tests are told of.
 */
#include "unit/audit/witness_rig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/witness/key.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/submission.h"

static struct sign_secret log_secret[2];
struct note_signer logs[2];
struct witness_log_settings log_settings[2];

static enum sc_err leaf_hash(void *arg, unsigned level, uint64_t index, struct merkle_hash *out)
{
	const struct tree *t = arg;
	struct merkle_hash l, r;
	uint8_t leaf[2];

	if (level == 0) {
		leaf[0] = index < 20 ? 0 : t->fill;
		leaf[1] = (uint8_t)index;
		merkle_leaf(sc_span(leaf, 2), out);
		return SC_OK;
	}
	if (leaf_hash(arg, level - 1, 2 * index, &l) != SC_OK ||
	    leaf_hash(arg, level - 1, 2 * index + 1, &r) != SC_OK)
		return SC_BUG;
	merkle_node(&l, &r, out);
	return SC_OK;
}

void root_of(struct tree *t, uint64_t size, struct merkle_hash *out)
{
	struct merkle_frontier f;

	if (merkle_frontier_load(size, leaf_hash, t, &f) != SC_OK)
		abort();
	merkle_root(&f, out);
}

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

void make_log(unsigned i, const char *origin)
{
	uint8_t seed[SIGN_SEED_BYTES];
	struct sign_public pk;

	memset(seed, (int)i + 1, sizeof(seed));
	sign_keypair_from_seed(seed, &pk, &log_secret[i]);
	if (note_key_make(origin, NOTE_ED25519, pk.b, &logs[i].key) != SC_OK)
		abort();
	logs[i].sign = sign;
	logs[i].arg = &log_secret[i];
	log_settings[i].origin = origin;
	log_settings[i].key = logs[i].key;
}

void body_of(unsigned i, struct tree *t, uint64_t old, uint64_t size, struct sc_buf *out)
{
	struct submission s = { .old = old };
	struct merkle_proof p = { .n = 0 };
	struct merkle_hash root;
	struct sc_buf note;

	root_of(t, size, &root);
	if (old <= size && merkle_prove_consistency(old, size, leaf_hash, t, &p) != SC_OK)
		abort();
	memcpy(s.proof, p.h, p.n * sizeof(p.h[0]));
	s.n_proof = p.n;
	sc_buf_init(&note, NOTE_MAX);
	sc_buf_init(out, SUBMISSION_MAX);
	if (note_sign_head(&logs[i], logs[i].key.name, size, root.b, &note) != SC_OK)
		abort();
	s.checkpoint = sc_buf_span(&note);
	if (submission_print(&s, out) != SC_OK)
		abort();
	sc_buf_fini(&note);
}

void make_witness_key(const char *path, const char *name)
{
	struct sc_buf b;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	sc_buf_init(&b, 1024);
	if (fd < 0 || witness_key_make(name, &b) != SC_OK || write(fd, b.p, b.n) != (ssize_t)b.n)
		abort();
	close(fd);
	sc_buf_fini(&b);
}
