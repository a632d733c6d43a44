/*
 * box.c - one box of the tree of keys, sealed and opened.
 *
 * A box takes 5 us, nearly all of it the CMAC over its 240 blocks. Finding out
 * what can be found once is done once: the HKDF's salt, OpenSSL's
 * ciphers, all of the associated datum but the place.
 */
#include "crypto/keytree/box.h"

#include "base/bytes.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/siv.h"
#include "crypto/prim/vault.h"

#include <string.h>

#define TENANT_MAX 255

_Static_assert(TREE_BOX == SIV_BYTES + TREE_PLAIN, "a box is its text and a SIV");

struct box_sealer {
	struct siv_ctx *siv;
	struct hmac_key salt; /* HKDF's empty one: no secret */
	uint8_t ad[1 + TENANT_MAX + STORE_ID_BYTES + sizeof(uint64_t)];
	size_t n_ad;
};

enum sc_err box_sealer_new(struct sc_span tenant, const uint8_t store_id[static STORE_ID_BYTES],
    struct box_sealer **out)
{
	struct box_sealer *s;
	enum sc_err err;

	*out = NULL;
	if (tenant.n > TENANT_MAX)
		return SC_LIMIT;
	if ((s = vault_alloc(sizeof(*s))) == NULL)
		return SC_NOMEM;
	if ((err = siv_ctx_new(&s->siv)) != SC_OK) {
		box_sealer_free(s);
		return err;
	}
	hmac_key_init(&s->salt, NULL, 0);
	s->ad[0] = (uint8_t)tenant.n;
	if (tenant.n != 0)
		memcpy(s->ad + 1, tenant.p, tenant.n);
	memcpy(s->ad + 1 + tenant.n, store_id, STORE_ID_BYTES);
	s->n_ad = 1 + tenant.n + STORE_ID_BYTES + sizeof(uint64_t);
	*out = s;
	return SC_OK;
}

void box_sealer_free(struct box_sealer *s)
{
	if (s == NULL)
		return;
	siv_ctx_free(s->siv);
	vault_free(s);
}

/* Be ready for the box at PLACE, whose key is KEY. */
static enum sc_err use(struct box_sealer *s, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES])
{
	static const struct sc_span info = SC_LIT("scrim1|node");
	uint8_t derived[SIV_KEY_BYTES];
	enum sc_err err;

	sc_be64_store(s->ad + s->n_ad - sizeof(place), place);
	err = hkdf_sha256_with(&s->salt, sc_span(key, TREE_SECRET_BYTES), info, derived,
	    sizeof(derived));
	if (err == SC_OK)
		err = siv_set_key(s->siv, derived);
	sc_wipe(derived, sizeof(derived));
	return err;
}

enum sc_err box_seal(struct box_sealer *s, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t plain[static TREE_PLAIN],
    uint8_t box[static TREE_BOX])
{
	const struct sc_span ad = sc_span(s->ad, s->n_ad);
	enum sc_err err = use(s, place, key);

	return err != SC_OK ? err : siv_seal(s->siv, &ad, 1, sc_span(plain, TREE_PLAIN), box);
}

enum sc_err box_open(struct box_sealer *s, uint64_t place,
    const uint8_t key[static TREE_SECRET_BYTES], const uint8_t box[static TREE_BOX],
    uint8_t plain[static TREE_PLAIN], bool *ok)
{
	const struct sc_span ad = sc_span(s->ad, s->n_ad);
	enum sc_err err = use(s, place, key);

	*ok = false;
	return err != SC_OK ? err : siv_open(s->siv, &ad, 1, sc_span(box, TREE_BOX), plain, ok);
}
