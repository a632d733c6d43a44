/*
 * door_keys.c - the door's own keys, and what is hashed under them.
 *
 *	message	"m" | shop u16 | line u16 | the message's id
 *	order	"o" | kind u8  | line u16 | the order's id
 *	product	"p" | the product's id
 *	tag	"n" or "a" | the network, the address's tag
 */
#include "gateway/collect/door_keys.h"

#include "base/bytes.h"
#include "crypto/prim/random.h"
#include "gateway/consent/tables.h"
#include "gateway/take/take.h"
#include "net/loop/loop.h"

#include <sodium.h>
#include <string.h>

_Static_assert(DOOR_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash's key");
_Static_assert(DOOR_KEY_BYTES == crypto_shorthash_siphashx24_BYTES, "and its long form");

#define HEAD_BYTES 8

static uint64_t hash(const uint8_t key[static DOOR_KEY_BYTES], const uint8_t *head, size_t n_head,
    struct sc_span text)
{
	uint8_t in[HEAD_BYTES + COLLECT_ID_MAX], out[crypto_shorthash_BYTES];
	size_t n = text.n < COLLECT_ID_MAX ? text.n : COLLECT_ID_MAX;
	uint64_t h;

	memcpy(in, head, n_head);
	if (n != 0)
		memcpy(in + n_head, text.p, n);
	crypto_shorthash(out, in, n_head + n, key);
	sodium_memzero(in, n_head + n);
	h = sc_be64_load(out);
	return h == 0 ? 1 : h;
}

uint64_t door_message(const struct door_keys *k, uint16_t shop, struct sc_span message,
    unsigned line)
{
	const uint8_t head[] = { 'm', (uint8_t)(shop >> 8), (uint8_t)shop, (uint8_t)(line >> 8),
		(uint8_t)line };

	return hash(k->event, head, sizeof(head), message);
}

uint64_t door_order(const struct door_keys *k, struct sc_span order, uint8_t kind, unsigned line)
{
	const uint8_t head[] = { 'o', kind, (uint8_t)(line >> 8), (uint8_t)line };

	return hash(k->event, head, sizeof(head), order);
}

uint32_t door_product(const struct door_keys *k, struct sc_span product)
{
	static const uint8_t head[] = { 'p' };
	uint32_t h = (uint32_t)hash(k->event, head, sizeof(head), product);

	return h == 0 ? 1 : h;
}

uint64_t door_tag(const struct door_keys *k, const char *what, struct sc_span of)
{
	return hash(k->tag, (const uint8_t *)what, strlen(what), of);
}

void door_tap_key(const struct door_keys *k, uint8_t out[static DOOR_KEY_BYTES])
{
	static const uint8_t label[] = "tap";

	crypto_shorthash_siphashx24(out, label, sizeof(label), k->tag);
}

/* ---- kept --------------------------------------------------------------------------- */

static const char event_name[] = "event", tag_name[] = "tag";

struct keys_job {
	struct store_job job;
	struct door_keys *keys;
	const char *tenant, *name; /* NAME: of what is asked for just now */
	uint64_t now_s;
	uint8_t value[DOOR_KEY_BYTES];
	uint64_t from_s, before_s;
	unsigned n; /* rows seen */
};

static bool bind_name(void *arg, size_t i, struct store_value *v)
{
	const struct keys_job *j = arg;

	(void)i;
	v[0] = store_text(j->tenant);
	v[1] = store_text(j->name);
	return true;
}

/* The newest stands first; of the others only when the second began matters. */
static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct keys_job *j = arg;

	(void)i;
	if (v[1].bytes.n != DOOR_KEY_BYTES || v[0].number < 0)
		return SC_CORRUPT;
	if (j->n++ == 0) {
		j->from_s = (uint64_t)v[0].number;
		memcpy(j->value, v[1].bytes.p, DOOR_KEY_BYTES);
	}
	return SC_OK;
}

static bool bind_new(void *arg, size_t i, struct store_value *v)
{
	const struct keys_job *j = arg;

	bind_name(arg, i, v);
	v[2] = store_number(j->from_s);
	v[3] = store_blob(j->value, DOOR_KEY_BYTES);
	return true;
}

static bool bind_before(void *arg, size_t i, struct store_value *v)
{
	const struct keys_job *j = arg;

	bind_name(arg, i, v);
	v[2] = store_number(j->before_s);
	return true;
}

/* The newest key called NAME, or a new one where there is none that began after AFTER_S. */
static enum sc_err get_key(struct keys_job *j, struct store_tx *tx, const char *name,
    uint64_t after_s, uint8_t out[static DOOR_KEY_BYTES])
{
	const struct store_batch get = { SECRET_GET, 1, bind_name, take_row, j };
	const struct store_batch put = { SECRET_PUT, 1, bind_new, NULL, j };
	enum sc_err err;

	j->name = name;
	j->n = 0;
	if ((err = store_ask(tx, &get)) != SC_OK)
		return err;
	if (j->n == 0 || (after_s != 0 && j->from_s <= after_s)) {
		random_bytes(j->value, sizeof(j->value));
		j->from_s = j->now_s;
		if ((err = store_ask(tx, &put)) != SC_OK)
			return err;
	}
	memcpy(out, j->value, DOOR_KEY_BYTES);
	return SC_OK;
}

static enum sc_err run(struct store_job *job, struct store_tx *tx)
{
	static const uint64_t days = (uint64_t)DOOR_TAG_DAYS * 86400;
	struct keys_job *j = loop_owner(job, struct keys_job, job);
	const struct store_batch forget = { SECRET_FORGET, 1, bind_before, NULL, j };
	enum sc_err err;

	if ((err = get_key(j, tx, event_name, 0, j->keys->event)) != SC_OK ||
	    (err = get_key(j, tx, tag_name, j->now_s > days ? j->now_s - days : 0, j->keys->tag)) !=
		SC_OK)
		return err;
	j->keys->tag_from_s = j->from_s;
	j->before_s = j->now_s > 2 * days ? j->now_s - 2 * days : 0;
	return store_ask(tx, &forget);
}

enum sc_err door_keys_load(struct door_keys *k, struct store *store, const char *tenant,
    uint64_t now_s)
{
	struct keys_job j = { .job.run = run, .keys = k, .tenant = tenant, .now_s = now_s };
	enum sc_err err = store_run(store, &j.job);

	sodium_memzero(j.value, sizeof(j.value));
	return err;
}
