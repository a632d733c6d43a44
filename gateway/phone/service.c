/*
 * service.c - beginning and end of the service, its clocks, and what is asked of
 * it without a disk.
 *
 * Wall time is never before what an earlier start saw; steady time goes on from
 * the start whatever is done to the clock. The book takes whichever of them
 * closes more.
 */
#include "gateway/phone/service.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/phone/service_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- life -------------------------------------------------------------------------- */

static enum sc_err make(struct phone_service *s)
{
	const struct phone_settings *set = s->settings;
	enum sc_err err;

	s->counts = calloc(set->n_pools + 1, sizeof(*s->counts));
	s->trends = calloc(set->n_pools + 1, sizeof(*s->trends));
	if (s->counts == NULL || s->trends == NULL)
		return SC_NOMEM;
	if ((err = book_new(set, &s->book)) != SC_OK)
		return err;
	return guard_new(set, &s->guard);
}

static enum sc_err load_secret(struct phone_service *s, struct sc_diag *d)
{
	const char *path = s->settings->event_secret_file;
	enum sc_err err = SC_OK;

	if (path != NULL)
		err = webhook_secret_load(path, d, &s->event_secret);
	s->has_event_secret = path != NULL && err == SC_OK;
	return err;
}

enum sc_err phone_service_new(const struct phone_settings *settings, const struct sc_name *tenant,
    const char *url, struct sc_diag *d, struct phone_service **out)
{
	struct phone_service *s = calloc(1, sizeof(*s));
	enum sc_err err;

	*out = NULL;
	if (s == NULL)
		return SC_NOMEM;
	s->settings = settings;
	s->tenant = *tenant;
	atomic_init(&s->store_ok, true);
	pthread_mutex_init(&s->lock, NULL);
	if ((err = make(s)) != SC_OK || (err = load_secret(s, d)) != SC_OK ||
	    (err = store_open(url, &phone_tables, d, &s->store)) != SC_OK ||
	    (err = phone_load(s, d)) != SC_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	phone_service_free(s);
	return err;
}

/* What was not told is, after the next start. */
static void free_untold(struct phone_service *s)
{
	struct phone_untold *u;

	while ((u = s->untold) != NULL) {
		s->untold = u->next;
		free(u);
	}
}

void phone_service_free(struct phone_service *s)
{
	if (s == NULL)
		return;
	if (s->started_wall != 0)
		phone_clock_put(s, true);
	store_close(s->store);
	free_untold(s);
	book_free(s->book);
	guard_free(s->guard);
	free(s->counts);
	free(s->trends);
	idem_fini(&s->idem);
	optout_fini(&s->optouts);
	hmac_key_fini(&s->salt);
	webhook_secret_fini(&s->event_secret);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void phone_service_tell(struct phone_service *s, struct phone_hooks *h)
{
	s->hooks = h;
}

/* ---- clocks ------------------------------------------------------------------------ */

struct phone_now phone_service_now(const struct phone_service *s)
{
	uint64_t wall = clock_unix_ms() / 1000;
	struct phone_now now = {
		.wall = wall < s->floor_wall ? s->floor_wall : wall,
		.steady = s->started_wall + (clock_mono_ms() - s->started_mono_ms) / 1000,
	};

	return now;
}

uint64_t phone_now_s(const struct phone_service *s)
{
	return phone_service_now(s).wall;
}

uint64_t phone_latest_s(const struct phone_service *s)
{
	const struct phone_now now = phone_service_now(s);

	return now.wall > now.steady ? now.wall : now.steady;
}

/* ---- names and hashes ---------------------------------------------------------------- */

void phone_keyed(const struct phone_service *s, const char *label, struct sc_span a,
    struct sc_span b, uint8_t out[static 32])
{
	uint8_t lengths[16];
	const struct sc_span parts[] = { { (const uint8_t *)label, strlen(label) + 1 },
		{ lengths, sizeof(lengths) }, a, b };

	sc_be64_store(lengths, a.n);
	sc_be64_store(lengths + 8, b.n);
	hmac_sha256(&s->salt, parts, sizeof(parts) / sizeof(parts[0]), out);
}

static void keyed16(const struct phone_service *s, const char *label, struct sc_span a,
    uint8_t out[static 16])
{
	uint8_t whole[HASH_BYTES];

	phone_keyed(s, label, a, sc_span(NULL, 0), whole);
	memcpy(out, whole, 16);
}

void phone_order_key(const struct phone_service *s, struct sc_span order_ref,
    uint8_t out[static 16])
{
	keyed16(s, "order", order_ref, out);
}

void phone_subject_key(const struct phone_service *s, struct sc_span subject,
    uint8_t out[static 16])
{
	memset(out, 0, 16);
	if (subject.n != 0)
		keyed16(s, "subject", subject, out);
}

void phone_key_said(const struct phone_service *s, struct sc_span key, struct idem_said *out)
{
	out->said = key.n != 0;
	if (out->said)
		keyed16(s, "key", key, out->key);
}

void phone_content_digest(const struct phone_service *s, const char *what,
    const struct sc_span *parts, size_t n, uint8_t out[static IDEM_BYTES])
{
	uint8_t digests[CONTENT_PARTS_MAX][HASH_BYTES];

	for (size_t i = 0; i < n; i++)
		hash_sha256(parts[i], digests[i]);
	keyed16(s, what, sc_span(digests, n * HASH_BYTES), out);
}

struct store_value phone_tenant(const struct phone_service *s)
{
	return store_text(s->tenant.s);
}

struct store_value phone_id_value(const uint8_t id[static PHONE_ID_BYTES])
{
	return store_blob(id, PHONE_ID_BYTES);
}

/* ---- questions ----------------------------------------------------------------------- */

const struct phone_settings *phone_settings_of(const struct phone_service *s)
{
	return s->settings;
}

uint16_t phone_pool_find(const struct phone_service *s, struct sc_span name)
{
	for (size_t i = 0; i < s->settings->n_pools; i++)
		if (sc_span_is(name, s->settings->pools[i].name.s))
			return (uint16_t)i;
	return PHONE_NO_POOL;
}

uint32_t phone_line_find(const struct phone_service *s, struct sc_span e164)
{
	return book_line(s->book, e164);
}

bool phone_store_ok(const struct phone_service *s)
{
	return atomic_load_explicit(&s->store_ok, memory_order_relaxed);
}

void phone_view(const struct phone_service *s, uint32_t at, struct phone_binding *out)
{
	book_view(s->book, at, out);
	out->a = out->b = sc_span(NULL, 0);
}

bool phone_find(struct phone_service *s, const uint8_t id[static PHONE_ID_BYTES],
    struct phone_binding *out)
{
	uint32_t at;

	pthread_mutex_lock(&s->lock);
	if ((at = book_find(s->book, id)) != BOOK_NONE)
		phone_view(s, at, out);
	pthread_mutex_unlock(&s->lock);
	return at != BOOK_NONE;
}

void phone_pool_stats(struct phone_service *s, uint16_t pool, struct book_stats *out)
{
	struct phone_now now = phone_service_now(s);

	pthread_mutex_lock(&s->lock);
	book_pool_stats(s->book, &now, pool, out);
	pthread_mutex_unlock(&s->lock);
}

void phone_line_stats(struct phone_service *s, uint32_t line, struct book_stats *out)
{
	pthread_mutex_lock(&s->lock);
	book_line_stats(s->book, line, out);
	pthread_mutex_unlock(&s->lock);
}

void phone_pool_counts(struct phone_service *s, uint16_t pool, struct phone_counts *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->counts[pool];
	pthread_mutex_unlock(&s->lock);
}

/* ---- how pools go ---------------------------------------------------------------------- */

/* Minutes in which nothing happened are zeros. */
static struct pool_trend *trend_now(struct phone_service *s, uint16_t pool)
{
	struct pool_trend *t = &s->trends[pool];
	uint64_t minute = phone_service_now(s).steady / 60;

	if (minute - t->minute > TREND_MINUTES)
		t->minute = minute - TREND_MINUTES;
	while (t->minute < minute)
		t->taken[++t->minute % TREND_MINUTES] = 0;
	return t;
}

void phone_trend_note(struct phone_service *s, uint16_t pool, int32_t n)
{
	struct pool_trend *t = trend_now(s, pool);

	t->taken[t->minute % TREND_MINUTES] += n;
}

int64_t phone_pool_growth(struct phone_service *s, uint16_t pool)
{
	const struct pool_trend *t;
	int64_t sum = 0;

	pthread_mutex_lock(&s->lock);
	t = trend_now(s, pool);
	for (size_t i = 0; i < TREND_MINUTES; i++)
		sum += t->taken[i];
	pthread_mutex_unlock(&s->lock);
	return sum;
}
