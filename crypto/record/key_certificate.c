/*
 * key_certificate.c - the lines of a certificate, in one order and one spelling: what
 * parses prints the same.
 */
#include "crypto/record/key_certificate.h"

#include "base/text/hex.h"
#include "crypto/prim/crockford.h"
#include "crypto/tlog/note.h"

#include <string.h>
#include <time.h>

#define FIRST_LINE "scrim-key-destroyed/1"
#define TIME_BYTES 20
#define FOREVER UINT64_C(253402300800) /* the year 10000 */

static bool print_time(uint64_t at_s, char out[static TIME_BYTES + 1])
{
	const time_t t = (time_t)at_s;
	struct tm tm;

	return at_s < FOREVER && gmtime_r(&t, &tm) != NULL &&
	    strftime(out, TIME_BYTES + 1, "%Y-%m-%dT%H:%M:%SZ", &tm) == TIME_BYTES;
}

enum sc_err key_certificate_print(const struct key_certificate *c, struct sc_buf *out)
{
	char at[TIME_BYTES + 1], key[17], store[2][17];

	if (!print_time(c->at_s, at))
		return SC_BUG;
	hex_u64(c->key, key);
	hex_u64(sc_be64_load(c->store), store[0]);
	hex_u64(sc_be64_load(c->store + 8), store[1]);
	return sc_buf_printf(out,
	    FIRST_LINE "\ntenant %s\nstore %s%s\nclass %s\nversion %c\nkey %s\nepoch %llu\n"
		       "time %s\nrecord %llu\n",
	    c->tenant.s, store[0], store[1], c->class.s, c->version, key,
	    (unsigned long long)c->epoch, at, (unsigned long long)c->record);
}

/* ---- reading ---- */

static bool take_tenant(struct sc_span s, struct key_certificate *c)
{
	return sc_name_parse(s, &c->tenant) == SC_OK;
}

static bool take_store(struct sc_span s, struct key_certificate *c)
{
	return hex_parse(s, c->store, sizeof(c->store));
}

static bool take_class(struct sc_span s, struct key_certificate *c)
{
	return sc_name_parse(s, &c->class) == SC_OK;
}

static bool take_version(struct sc_span s, struct key_certificate *c)
{
	c->version = s.n == 1 ? (char)s.p[0] : '\0';
	return c->version != '\0' && strchr(crockford_digits, c->version) != NULL;
}

static bool take_key(struct sc_span s, struct key_certificate *c)
{
	uint8_t id[8];

	if (!hex_parse(s, id, sizeof(id)))
		return false;
	c->key = sc_be64_load(id);
	return true;
}

static bool take_epoch(struct sc_span s, struct key_certificate *c)
{
	return note_number(s, &c->epoch);
}

static bool take_time(struct sc_span s, struct key_certificate *c)
{
	char text[TIME_BYTES + 1], again[TIME_BYTES + 1];
	struct tm tm;
	time_t t;
	const char *end;

	if (s.n != TIME_BYTES)
		return false;
	memcpy(text, s.p, TIME_BYTES);
	text[TIME_BYTES] = '\0';
	memset(&tm, 0, sizeof(tm));
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0' || (t = timegm(&tm)) < 0)
		return false;
	c->at_s = (uint64_t)t;
	return print_time(c->at_s, again) && memcmp(text, again, TIME_BYTES) == 0;
}

static bool take_record(struct sc_span s, struct key_certificate *c)
{
	return note_number(s, &c->record);
}

static const struct {
	const char *name; /* with its blank */
	bool (*take)(struct sc_span s, struct key_certificate *c);
} lines[] = {
	{ "tenant ", take_tenant },
	{ "store ", take_store },
	{ "class ", take_class },
	{ "version ", take_version },
	{ "key ", take_key },
	{ "epoch ", take_epoch },
	{ "time ", take_time },
	{ "record ", take_record },
};

enum sc_err key_certificate_parse(struct sc_span text, struct key_certificate *out)
{
	const struct sc_span whole = text;
	struct sc_buf again;
	struct sc_span line;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if (!note_line(&text, &line) || !sc_span_is(line, FIRST_LINE))
		return SC_SYNTAX;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!note_line(&text, &line) || !sc_span_starts(line, lines[i].name) ||
		    !lines[i].take(sc_span_from(line, strlen(lines[i].name)), out))
			return SC_SYNTAX;
	if (text.n != 0)
		return SC_SYNTAX;
	/* hexadecimal digits have two cases, the last line may lack its end: one spelling only */
	sc_buf_init(&again, KEY_CERTIFICATE_MAX);
	if ((err = key_certificate_print(out, &again)) == SC_OK &&
	    !sc_span_eq(sc_buf_span(&again), whole))
		err = SC_SYNTAX;
	sc_buf_fini(&again);
	return err;
}
