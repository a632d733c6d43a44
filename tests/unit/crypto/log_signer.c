/*
 * log_signer.c - the key, and a signer that holds each head against the last one.
 */
#include "unit/crypto/log_signer.h"

#include "crypto/prim/sign.h"

struct note_signer signer;
char vkey[NOTE_VKEY_MAX + 1];
static struct sign_secret secret;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

void make_key(void)
{
	uint8_t seed[SIGN_SEED_BYTES] = { 1, 2, 3 };
	struct sign_public pk;
	struct sc_buf text;

	sign_keypair_from_seed(seed, &pk, &secret);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	if (note_key_make("test.example/log", NOTE_ED25519, pk.b, &signer.key) != SC_OK ||
	    note_key_print(&signer.key, &text) != SC_OK)
		abort();
	memcpy(vkey, text.p, text.n);
	sc_buf_fini(&text);
	signer.sign = sign;
	signer.arg = &secret;
}

void sign_now(void *arg, struct tlog *w, const struct tlog_head *head)
{
	struct merkle_hash root, proof[CRYPTO_PROOF_MAX];
	struct heads *h = arg;
	struct sc_buf text;

	if (h->mute)
		return;
	memcpy(root.b, head->root, 32);
	memcpy(proof, head->proof, head->n_proof * sizeof(proof[0]));
	if (head->old_size != h->size) {
		tlog_sign_from(w, h->size);
		return;
	}
	if (merkle_check_consistency(h->size, head->size, &h->root, &root, proof, head->n_proof) !=
	    SC_OK) {
		h->refused++;
		return;
	}
	sc_buf_init(&text, NOTE_MAX);
	if (note_sign_head(&signer, head->origin, head->size, head->root, &text) != SC_OK)
		abort();
	if (h->bent)
		text.p[text.n - 6] ^= 1;
	else {
		h->size = head->size;
		h->root = root;
	}
	h->n++;
	if (tlog_signed(w, sc_buf_span(&text)) != SC_OK)
		abort();
	sc_buf_fini(&text);
}
