/*
 * load.c - the book as it was kept: what a start reads.
 *
 * Rows of numbers that the configuration no longer has stay where they are and
 * are counted, so that putting a number back brings its bindings back. What
 * contradicts itself is no store of ours, and nothing is served from it.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/prim/random.h"
#include "gateway/phone/service_private.h"

#include <stdlib.h>
#include <string.h>

#define SALT_BYTES 32

/* ---- the deployment's own ------------------------------------------------------------ */

enum meta { META_SALT, META_CLOCK, META_TOLD, META_COUNT };
static const char *const meta_names[META_COUNT] = { "salt", "clock", "told" };

struct meta_values {
	bool found[META_COUNT];
	uint8_t salt[SALT_BYTES], times[META_COUNT][8];
};

static bool bind_meta(void *arg, size_t i, struct store_value *v)
{
	struct meta_values *m = arg;

	v[0] = store_text(meta_names[i]);
	v[1] = i == META_SALT ? store_blob(m->salt, sizeof(m->salt)) :
				store_blob(m->times[i], sizeof(m->times[i]));
	return true;
}

static enum sc_err take_meta(void *arg, size_t i, const struct store_value *v)
{
	struct meta_values *m = arg;
	uint8_t *to = i == META_SALT ? m->salt : m->times[i];

	if (v[0].bytes.n != (i == META_SALT ? sizeof(m->salt) : sizeof(m->times[i])))
		return SC_CORRUPT;
	memcpy(to, v[0].bytes.p, v[0].bytes.n);
	m->found[i] = true;
	return SC_OK;
}

static enum sc_err load_meta(struct phone_service *s)
{
	struct meta_values m = { .found = { false } };
	struct store_job get = { .ask = { META_GET, META_COUNT, bind_meta, take_meta, &m } };
	struct store_job put = { .ask = { META_PUT, META_COUNT, bind_meta, NULL, &m } };
	uint64_t seen;
	enum sc_err err;

	if ((err = store_run(s->store, &get)) != SC_OK)
		return err;
	if (!m.found[META_SALT])
		random_bytes(m.salt, sizeof(m.salt));
	if (!m.found[META_TOLD])
		memcpy(m.times[META_TOLD], m.times[META_CLOCK], sizeof(m.times[0]));
	if (!m.found[META_SALT] || !m.found[META_TOLD])
		err = store_run(s->store, &put);
	hmac_key_init(&s->salt, m.salt, sizeof(m.salt));
	sc_wipe(m.salt, sizeof(m.salt));
	seen = sc_be64_load(m.times[META_CLOCK]);
	s->started_mono_ms = clock_mono_ms();
	s->started_wall = clock_unix_ms() / 1000;
	if (s->started_wall < seen) {
		log_event(LOG_WARN, "phone.clock_behind",
		    LOG_U64("seconds", seen - s->started_wall), LOG_END);
		s->started_wall = seen;
	}
	s->floor_wall = seen;
	s->told_until = sc_be64_load(m.times[META_TOLD]);
	return err;
}

struct clock_write {
	struct phone_write write;
	enum meta which;
	uint8_t at[8];
};

static bool bind_clock(void *arg, size_t i, struct store_value *v)
{
	struct clock_write *c = arg;

	(void)i;
	v[0] = store_text(meta_names[c->which]);
	v[1] = store_blob(c->at, sizeof(c->at));
	return true;
}

/*
 * Steady time: a wall clock that was ahead for a moment must not end every
 * binding and every cooldown at the next start.
 */
void phone_clock_put(struct phone_service *s, bool wait)
{
	struct clock_write here = { .which = META_CLOCK };
	struct clock_write *c = wait ? &here : calloc(1, sizeof(*c));

	if (c == NULL)
		return;
	*c = here;
	sc_be64_store(c->at, phone_service_now(s).steady);
	c->write.job.ask = (struct store_batch){ META_PUT, 1, bind_clock, NULL, c };
	c->write.done = phone_write_done_free;
	if (!wait)
		phone_write_submit(s, NULL, &c->write);
	else if (store_run(s->store, &c->write.job) != SC_OK)
		log_event(LOG_WARN, "phone.clock_not_kept", LOG_END);
}

enum sc_err phone_told_put(struct store_tx *tx, uint64_t until)
{
	struct clock_write c = { .which = META_TOLD };
	const struct store_batch put = { META_PUT, 1, bind_clock, NULL, &c };

	sc_be64_store(c.at, until);
	return store_ask(tx, &put);
}

/* ---- bindings -------------------------------------------------------------------------- */

struct loading {
	struct phone_service *s;
	uint8_t id[PHONE_ID_BYTES]; /* of the row before */
	uint32_t at;                /* BOOK_NONE: it was left out */
	uint64_t loaded, left_out;
};

static bool bind_tenant(void *arg, size_t i, struct store_value *v)
{
	const struct loading *l = arg;

	(void)i;
	v[0] = phone_tenant(l->s);
	return true;
}

enum {
	COL_ID,
	COL_POOL,
	COL_MODE,
	COL_X,
	COL_EXT,
	COL_A,
	COL_B,
	COL_A_PARTY,
	COL_B_PARTY,
	COL_DIRECTIONS,
	COL_CHANNELS,
	COL_MADE_AT,
	COL_EXPIRES_AT,
	COL_ENDED_AT,
	COL_LAST_CALL_AT,
	COL_VERSION,
	COL_ORDER
};

/* The binding of a row; its X's pool counts, for numbers move between pools. False: no such X. */
static bool take_row(const struct phone_service *s, const struct store_value *v,
    struct phone_binding *b)
{
	*b = (struct phone_binding){
		.mode = (uint8_t)v[COL_MODE].number,
		.state = BOOK_LIVE,
		.directions = (uint8_t)v[COL_DIRECTIONS].number,
		.channels = (uint8_t)v[COL_CHANNELS].number,
		.line = book_line(s->book, v[COL_X].bytes),
		.ext = v[COL_EXT].number < 0 ? PHONE_NO_EXT : (uint32_t)v[COL_EXT].number,
		.a = v[COL_A].bytes,
		.b = v[COL_B].bytes,
		.a_party = (uint64_t)v[COL_A_PARTY].number,
		.b_party = (uint64_t)v[COL_B_PARTY].number,
		.made_at = (uint64_t)v[COL_MADE_AT].number,
		.expires_at = (uint64_t)v[COL_EXPIRES_AT].number,
		.ended_at = (uint64_t)v[COL_ENDED_AT].number,
		.last_call_at = (uint64_t)v[COL_LAST_CALL_AT].number,
		.version = (uint32_t)v[COL_VERSION].number,
		.refs = 1,
	};
	memcpy(b->id, v[COL_ID].bytes.p, PHONE_ID_BYTES);
	/* what had expired by then was told of */
	if (b->ended_at != 0 || b->expires_at <= s->told_until)
		b->state = BOOK_COOLING;
	if (b->line == PHONE_NO_LINE)
		return false;
	b->pool = s->settings->lines[b->line].pool;
	return b->mode == s->settings->pools[b->pool].mode;
}

static enum sc_err take_binding(void *arg, size_t i, const struct store_value *v)
{
	struct loading *l = arg;
	struct phone_binding b;
	uint8_t order[16];
	enum sc_err err = SC_SYNTAX;

	(void)i;
	if (v[COL_ID].bytes.n != PHONE_ID_BYTES)
		return SC_CORRUPT;
	phone_order_key(l->s, v[COL_ORDER].bytes, order);
	if (memcmp(l->id, v[COL_ID].bytes.p, PHONE_ID_BYTES) == 0)
		return l->at == BOOK_NONE ? SC_OK : book_load_order(l->s->book, l->at, order);
	memcpy(l->id, v[COL_ID].bytes.p, PHONE_ID_BYTES);
	if (take_row(l->s, v, &b))
		err = book_load(l->s->book, &b, order);
	l->at = err == SC_OK ? book_find(l->s->book, b.id) : BOOK_NONE;
	l->loaded += err == SC_OK;
	l->left_out += err == SC_SYNTAX;
	return err == SC_SYNTAX ? SC_OK : err;
}

static enum sc_err take_caller(void *arg, size_t i, const struct store_value *v)
{
	const struct loading *l = arg;
	uint32_t at;

	(void)i;
	if (v[0].bytes.n != PHONE_ID_BYTES)
		return SC_CORRUPT;
	if ((at = book_find(l->s->book, v[0].bytes.p)) == BOOK_NONE)
		return SC_OK;
	return book_load_caller(l->s->book, at, (uint64_t)v[1].number, v[2].bytes,
	    (uint64_t)v[3].number);
}

static enum sc_err take_key(void *arg, size_t i, const struct store_value *v)
{
	const struct loading *l = arg;
	struct idem_said said = { .said = true };

	(void)i;
	if (v[0].bytes.n != IDEM_BYTES || v[1].bytes.n != IDEM_BYTES ||
	    v[2].bytes.n != PHONE_ID_BYTES)
		return SC_CORRUPT;
	memcpy(said.key, v[0].bytes.p, IDEM_BYTES);
	memcpy(said.content, v[1].bytes.p, IDEM_BYTES);
	return idem_put(&l->s->idem, l->s->book, &said, v[2].bytes.p);
}

/* Of a number that is gone nothing is sent. */
static enum sc_err take_optout(void *arg, size_t i, const struct store_value *v)
{
	const struct loading *l = arg;
	uint32_t line = book_line(l->s->book, v[0].bytes);

	(void)i;
	if (line == PHONE_NO_LINE || v[1].number == 0)
		return SC_OK;
	return optout_put(&l->s->optouts, line, (uint64_t)v[1].number);
}

enum sc_err phone_load(struct phone_service *s, struct sc_diag *d)
{
	struct loading l = { .s = s, .at = BOOK_NONE };
	const struct store_batch reads[] = {
		{ BINDING_LOAD, 1, bind_tenant, take_binding, &l },
		{ CALLER_LOAD, 1, bind_tenant, take_caller, &l },
		{ IDEM_LOAD, 1, bind_tenant, take_key, &l },
		{ OPTOUT_LOAD, 1, bind_tenant, take_optout, &l },
	};
	enum sc_err err = load_meta(s);

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]) && err == SC_OK; i++) {
		struct store_job job = { .ask = reads[i] };

		err = store_run(s->store, &job);
	}
	if (err != SC_OK) {
		sc_diag_set(d, "the bindings in the store cannot be used: %s", sc_err_name(err));
		return err;
	}
	if (l.left_out != 0)
		log_event(LOG_WARN, "phone.bindings_left_out", LOG_U64("count", l.left_out),
		    LOG_STR("why", "the configuration does not have their numbers as they were"),
		    LOG_END);
	log_event(LOG_INFO, "phone.loaded", LOG_U64("bindings", l.loaded), LOG_END);
	return SC_OK;
}
