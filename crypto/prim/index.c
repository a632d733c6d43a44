/*
 * index.c - blind index entries from normalised values.
 */
#include "crypto/prim/index.h"

#include "crypto/prim/crockford.h"
#include "policy/words/class.h"

#include <string.h>

static const struct {
	char name[3];
	uint8_t digits;
} kinds[INDEX_KIND_COUNT] = {
	[INDEX_L4] = { "l4", 3 },
	[INDEX_PF] = { "pf", 8 },
	[INDEX_NF] = { "nf", 5 },
	[INDEX_EF] = { "ef", 8 },
	[INDEX_WF] = { "wf", 8 },
};

static unsigned kinds_of(uint8_t class_id)
{
	switch (class_id) {
	case CLASS_PHONE: return 1u << INDEX_L4 | 1u << INDEX_PF;
	case CLASS_NAME: return 1u << INDEX_NF;
	case CLASS_EMAIL: return 1u << INDEX_EF;
	default: return 1u << INDEX_WF;
	}
}

/* The first digits of HMAC(kind, normal form), both behind their lengths. */
static void entry_digits(const struct hmac_key *key, enum index_kind kind, struct sc_span normal,
    char out[static 8])
{
	uint8_t head[5] = { 2, (uint8_t)kinds[kind].name[0], (uint8_t)kinds[kind].name[1],
		(uint8_t)(normal.n >> 8), (uint8_t)normal.n };
	struct sc_span parts[2] = { { head, sizeof(head) }, normal };
	uint8_t mac[HASH_BYTES];

	hmac_sha256(key, parts, 2, mac);
	crockford_encode(mac, 5, out);
	sc_wipe(mac, sizeof(mac));
}

enum sc_err index_print(const struct hmac_key *key, char epoch, enum index_kind kind,
    struct sc_span value, struct sc_buf *out)
{
	char entry[INDEX_ENTRY_MAX], *at = entry;
	struct sc_buf normal;
	enum sc_err err;

	if (epoch == '\0' || strchr(crockford_digits, epoch) == NULL)
		return SC_BUG;
	sc_buf_init(&normal, INDEX_VALUE_MAX);
	if ((err = index_normalise(kind, value, &normal)) != SC_OK || normal.n == 0)
		goto out;
	if (out->n == 0 || out->p[out->n - 1] != '.')
		*at++ = '.';
	*at++ = kinds[kind].name[0];
	*at++ = kinds[kind].name[1];
	*at++ = epoch;
	entry_digits(key, kind, sc_buf_span(&normal), at);
	at += kinds[kind].digits;
	*at++ = '.';
	err = sc_buf_put(out, entry, (size_t)(at - entry));
out:
	sc_buf_fini(&normal);
	return err;
}

enum sc_err index_print_class(const struct hmac_key *key, char epoch, uint8_t class_id,
    struct sc_span value, struct sc_buf *out)
{
	unsigned want = kinds_of(class_id);
	size_t before = out->n;
	enum sc_err err;

	for (unsigned kind = 0; kind < INDEX_KIND_COUNT; kind++) {
		if ((want & 1u << kind) == 0)
			continue;
		if ((err = index_print(key, epoch, (enum index_kind)kind, value, out)) != SC_OK) {
			sc_buf_truncate(out, before);
			return err;
		}
	}
	return SC_OK;
}
