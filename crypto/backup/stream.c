/*
 * stream.c - the tables, header and trailer of a backup, both ways.
 */
#include "crypto/backup/stream_int.h"

#include "base/bytes.h"
#include "crypto/rows/tables.h"

#include <string.h>

#define SAID "scrim1|backup-end"

const struct backup_table backup_tables[BACKUP_PARTS] = {
	[BACKUP_KEYRING] = { "nnnnnnnbnnnn", KEYRING_LOAD, KEYRING_PUT },
	[BACKUP_HEADS] = { "tnb", HEAD_ALL, HEAD_KEEP },
	[BACKUP_WRITERS] = { "tnn", WRITER_ALL, WRITER_KEEP },
	[BACKUP_LOST] = { "nnn", LOST_ALL, LOST_ADD },
	[BACKUP_SEEN] = { "ntnn", SEEN_ALL, SEEN_ADD },
	[BACKUP_QUOTA] = { "ntnn", QUOTA_ALL, QUOTA_ADD },
	[BACKUP_LEAVING] = { "nbnnn", LEAVING_ALL, LEAVING_ADD },
	[BACKUP_WEEKS] = { "ni", WEEK_SINCE, WEEK_KEEP },
	[BACKUP_ALIASES] = { "bnn", ALIAS_SINCE, ALIAS_KEEP },
	[BACKUP_BOXES] = { "nb", NODE_RANGE, NODE_KEEP },
	[BACKUP_REMOVED] = { "n", NODE_FIND, NODE_REMOVE },
};

/*
 *	tenant field8 | origin field8 | store id | whole u8 | at u64
 *	epoch, high, lease, people, from_epoch, from_high, gen, applied, head_size: u64 each
 *	head_root | previous | month u32 | key id | sealed | log key
 */
enum sc_err stream_header_print(const struct backup_header *h, struct sc_buf *out)
{
	const uint64_t numbers[] = { h->at_ms, h->epoch, h->high, h->lease, h->people,
		h->from_epoch, h->from_high, h->gen, h->applied, h->head_size };
	const struct sc_span blobs[] = { { h->head_root, HASH_BYTES }, { h->previous, HASH_BYTES },
		{ h->key_id, BACKUP_KEY_ID }, { h->sealed, sizeof(h->sealed) },
		{ h->log_key.b, SIGN_PUBLIC_BYTES } };
	enum sc_err err;

	if ((err = sc_buf_put_field8(out, sc_span_str(h->tenant.s))) != SC_OK ||
	    (err = sc_buf_put_field8(out, sc_span_str(h->origin))) != SC_OK ||
	    (err = sc_buf_put(out, h->store_id, STORE_ID_BYTES)) != SC_OK ||
	    (err = sc_buf_put_be8(out, h->whole)) != SC_OK ||
	    (err = sc_buf_put_be64(out, h->month)) != SC_OK)
		return err;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && err == SC_OK; i++)
		err = sc_buf_put_be64(out, numbers[i]);
	for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]) && err == SC_OK; i++)
		err = sc_buf_put_span(out, blobs[i]);
	return err;
}

static void take(struct sc_reader *r, void *to, size_t n)
{
	const struct sc_span s = sc_read_bytes(r, n);

	if (s.n == n)
		memcpy(to, s.p, n);
}

enum sc_err stream_header_parse(struct sc_span body, struct backup_header *h)
{
	struct sc_reader r = sc_reader(body);
	struct sc_span tenant, origin;
	uint64_t *const numbers[] = { &h->at_ms, &h->epoch, &h->high, &h->lease, &h->people,
		&h->from_epoch, &h->from_high, &h->gen, &h->applied, &h->head_size };
	uint64_t month;
	uint8_t whole;

	memset(h, 0, sizeof(*h));
	tenant = sc_read_field8(&r);
	origin = sc_read_field8(&r);
	take(&r, h->store_id, STORE_ID_BYTES);
	whole = sc_read_u8(&r);
	month = sc_read_u64(&r);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] = sc_read_u64(&r);
	take(&r, h->head_root, HASH_BYTES);
	take(&r, h->previous, HASH_BYTES);
	take(&r, h->key_id, BACKUP_KEY_ID);
	take(&r, h->sealed, sizeof(h->sealed));
	take(&r, h->log_key.b, SIGN_PUBLIC_BYTES);
	if (!sc_reader_done(&r) || whole > 1 || month > UINT32_MAX ||
	    sc_name_parse(tenant, &h->tenant) != SC_OK || !note_name_ok(origin) ||
	    origin.n > NOTE_NAME_MAX || memchr(origin.p, '\0', origin.n) != NULL)
		return SC_SYNTAX;
	memcpy(h->origin, origin.p, origin.n);
	h->whole = whole == 1;
	h->month = (uint32_t)month;
	return SC_OK;
}

void stream_end_print(const struct backup_end *end, uint8_t out[static STREAM_END_BYTES])
{
	for (size_t i = 0; i < STREAM_COUNTED; i++)
		sc_be64_store(out + 8 * i, end->rows[BACKUP_KEYRING + i]);
	memcpy(out + 8 * STREAM_COUNTED, end->hash, HASH_BYTES);
}

void stream_end_parse(const uint8_t in[static STREAM_END_BYTES], struct backup_end *end)
{
	memset(end, 0, sizeof(*end));
	for (size_t i = 0; i < STREAM_COUNTED; i++)
		end->rows[BACKUP_KEYRING + i] = sc_be64_load(in + 8 * i);
	memcpy(end->hash, in + 8 * STREAM_COUNTED, HASH_BYTES);
}

struct sc_span stream_end_said(const uint8_t in[static STREAM_END_BYTES],
    uint8_t out[static STREAM_SAID_MAX])
{
	const size_t n = STREAM_END_BYTES - SIGN_BYTES;

	_Static_assert(sizeof(SAID) + STREAM_END_BYTES <= STREAM_SAID_MAX,
	    "room for what is signed");
	memcpy(out, SAID, sizeof(SAID));
	memcpy(out + sizeof(SAID), in, n);
	return sc_span(out, sizeof(SAID) + n);
}
