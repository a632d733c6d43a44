/*
 * service.c - beginning and end of collecting, and what is asked of it without a disk.
 */
#include "gateway/collect/service_private.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- life -------------------------------------------------------------------------- */

static enum sc_err make_tables(struct collect_service *s)
{
	enum sc_err err;

	s->words = calloc(s->settings->n_sites + 1, sizeof(*s->words));
	s->pages = calloc(s->settings->n_sites + 1, sizeof(*s->pages));
	s->frames = calloc(COLLECT_FRAMES_MAX, sizeof(*s->frames));
	if (s->words == NULL || s->pages == NULL || s->frames == NULL)
		return SC_NOMEM;
	if ((err = known_new(COLLECT_KNOWN, &s->known)) != SC_OK)
		return err;
	return consents_new(s->settings, &s->tenant, &s->consents);
}

static enum sc_err read_lists(struct collect_service *s, struct sc_diag *d)
{
	const struct collect_settings *set = s->settings;
	enum sc_err err;

	if ((err = collect_bots_new(set->bots_file, d, &s->bots)) != SC_OK)
		return err;
	return set->datacentre_file == NULL ?
	    SC_OK :
	    collect_networks_new(set->datacentre_file, d, &s->networks);
}

static enum sc_err load_store(struct collect_service *s, const char *url, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = store_open(url, &collect_tables, d, &s->store)) != SC_OK)
		return err;
	if ((err = door_keys_load(&s->keys, s->store, s->tenant.s, clock_unix_ms() / 1000)) !=
		SC_OK ||
	    (err = keeper_load(s)) != SC_OK ||
	    (err = consents_load(s->consents, s->store)) != SC_OK)
		sc_diag_set(d, "the store of consents cannot be read");
	return err;
}

/*
 * PATH: what is called NAME in the settings' folder, which is made. Fails with
 * SC_LIMIT, SC_IO.
 */
static enum sc_err folder(const struct collect_service *s, const char *name, char path[static 4096],
    struct sc_diag *d)
{
	const char *dir = s->settings->spool;

	if (snprintf(path, 4096, "%s/%s", dir, name) >= 4096)
		return SC_LIMIT;
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return SC_OK;
	snprintf(d->file, sizeof(d->file), "%s", dir);
	sc_diag_set(d, "cannot make the spool's folder: %s", strerror(errno));
	return SC_IO;
}

static enum sc_err open_disks(struct collect_service *s, const char *url, struct sc_diag *d)
{
	char frames[4096], rules[4096];
	const struct spool_options o = {
		.dir = frames,
		.socket = s->settings->feed,
		.max = s->settings->spool_max,
		.on_durable = flow_durable,
		.arg = s,
	};
	struct spool_stats now;
	enum sc_err err;

	if ((err = folder(s, "feed", frames, d)) != SC_OK ||
	    (err = folder(s, "rules", rules, d)) != SC_OK ||
	    (err = load_store(s, url, d)) != SC_OK ||
	    (err = traffic_new(s->settings, rules, COLLECT_RULE_BYTES, d, &s->traffic)) != SC_OK ||
	    (err = spool_open(&o, d, &s->spool)) != SC_OK)
		return err;
	spool_count(s->spool, &now);
	s->put = now.put;
	s->durable = now.durable;
	return SC_OK;
}

/* The keeper sleeps by the steady clock. */
static void init_wake(struct collect_service *s)
{
	pthread_condattr_t steady;

	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &steady);
	pthread_condattr_destroy(&steady);
}

enum sc_err collect_service_new(const struct collect_settings *settings,
    const struct sc_name *tenant, const char *url, struct sc_diag *d, struct collect_service **out)
{
	struct collect_service *s = calloc(1, sizeof(*s));
	enum sc_err err;

	*out = NULL;
	if (s == NULL)
		return SC_NOMEM;
	s->settings = settings;
	s->tenant = *tenant;
	s->waits_tail = &s->waits;
	s->pages_at_ms = clock_mono_ms();
	pthread_mutex_init(&s->lock, NULL);
	init_wake(s);
	names_init(&s->names);
	orders_init(s);
	if ((err = make_tables(s)) != SC_OK || (err = read_lists(s, d)) != SC_OK ||
	    (err = open_disks(s, url, d)) != SC_OK || (err = keeper_start(s)) != SC_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	collect_service_free(s);
	return err;
}

/* What is counted goes along; the spool commits what waits, and tells whoever waits for it. */
static void close_disks(struct collect_service *s)
{
	keeper_stop(s);
	orders_stop(s);
	store_close(s->store); /* whoever waits for a row is told, and may put a frame yet */
	if (s->spool != NULL) {
		pthread_mutex_lock(&s->lock);
		if (flow_counts(s) != SC_OK)
			log_event(LOG_WARN, "collect.counts_lost", LOG_END);
		pthread_mutex_unlock(&s->lock);
	}
	spool_close(s->spool);
	if (s->traffic != NULL && traffic_tend(s->traffic, clock_unix_ms()) != SC_OK)
		log_event(LOG_WARN, "collect.rule_log_behind", LOG_END);
	traffic_free(s->traffic);
}

void collect_service_free(struct collect_service *s)
{
	if (s == NULL)
		return;
	close_disks(s);
	consents_free(s->consents);
	known_free(s->known);
	collect_bots_free(s->bots);
	collect_networks_free(s->networks);
	names_fini(&s->names);
	free(s->words);
	free(s->pages);
	free(s->frames);
	sc_wipe(&s->keys, sizeof(s->keys));
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void collect_service_bind(struct collect_service *s, struct worker *w)
{
	orders_bind(s, w);
}

void collect_service_idle(struct collect_service *s, unsigned max_ms)
{
	const struct timespec turn = { .tv_nsec = 5000000 };
	uint64_t until = clock_mono_ms() + max_ms;
	size_t n;

	do {
		pthread_mutex_lock(&s->lock);
		n = s->orders.n;
		pthread_mutex_unlock(&s->lock);
		if (n != 0)
			nanosleep(&turn, NULL);
	} while (n != 0 && clock_mono_ms() < until);
}

void collect_service_settle(struct collect_service *s)
{
	keeper_stop(s);
	pages_record(s);
}

/* ---- questions ----------------------------------------------------------------------- */

const struct collect_settings *collect_settings_of(const struct collect_service *s)
{
	return s->settings;
}

struct store *collect_store(struct collect_service *s)
{
	return s->store;
}

void collect_words(struct collect_service *s, const uint8_t handle[static HANDLE_BYTES],
    struct consent_word out[static FEED_PURPOSES_MAX])
{
	pthread_mutex_lock(&s->lock);
	for (uint8_t i = 0; i < FEED_PURPOSES_MAX; i++)
		consents_word(s->consents, handle, (uint8_t)(i + 1), &out[i]);
	pthread_mutex_unlock(&s->lock);
}

uint32_t collect_granted(struct collect_service *s, const uint8_t handle[static HANDLE_BYTES])
{
	uint32_t granted;

	pthread_mutex_lock(&s->lock);
	granted = consents_granted(s->consents, handle);
	pthread_mutex_unlock(&s->lock);
	return granted;
}

uint64_t collect_event_id(const struct collect_service *s, uint16_t shop, struct sc_span message)
{
	return door_message(&s->keys, shop, message, 0);
}

uint64_t collect_order_id(const struct collect_service *s, struct sc_span order)
{
	return door_order(&s->keys, order, FEED_PURCHASE, 0);
}

void collect_count(struct collect_service *s, struct collect_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->stats;
	traffic_count(s->traffic, &out->traffic);
	spool_count(s->spool, &out->spool);
	out->tap_waiting = s->orders.n;
	pthread_mutex_unlock(&s->lock);
}

const struct collect_dropped *collect_names(struct collect_service *s)
{
	return &s->names.dropped;
}

size_t collect_dropped_names(struct collect_service *s, struct collect_name *out, size_t max)
{
	return names_most(&s->names, out, max);
}

/* ---- where from ------------------------------------------------------------------------ */

const struct collect_bots *collect_bots_known(const struct collect_service *s)
{
	return s->bots;
}

/* The tag of the network that ADDRESS (4 or 16 bytes) is in: /24, /48. */
static uint64_t prefix_tag(struct collect_service *s, struct sc_span address)
{
	uint64_t tag;

	pthread_mutex_lock(&s->lock);
	tag = door_tag(&s->keys, "n", sc_span(address.p, address.n == 4 ? 3 : 6));
	pthread_mutex_unlock(&s->lock);
	return tag;
}

/* The 4 or 16 bytes of SENDER; an IPv4 address that was mapped is one. */
static struct sc_span address_of(const struct sockaddr_storage *sender)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct in6_addr *six = &((const struct sockaddr_in6 *)sender)->sin6_addr;

	if (sender->ss_family == AF_INET)
		return sc_span(&((const struct sockaddr_in *)sender)->sin_addr, 4);
	if (sender->ss_family != AF_INET6)
		return sc_span(NULL, 0);
	if (memcmp(six, mapped, sizeof(mapped)) == 0)
		return sc_span(six->s6_addr + sizeof(mapped), 4);
	return sc_span(six, 16);
}

/* Loopback, link-local and private networks (RFC 1918, 4193, 6598, 3927): a proxy of our own. */
static bool is_ours(struct sc_span a)
{
	static const struct {
		uint8_t n, bits, bytes[2];
	} nets[] = {
		{ 4, 8, { 10 } },
		{ 4, 8, { 127 } },
		{ 4, 12, { 172, 16 } },
		{ 4, 16, { 192, 168 } },
		{ 4, 16, { 169, 254 } },
		{ 4, 10, { 100, 64 } },
		{ 16, 7, { 0xfc } },
		{ 16, 10, { 0xfe, 0x80 } },
	};
	static const uint8_t loopback[16] = { [15] = 1 };

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		uint16_t mask = (uint16_t)(0xffffu << (16 - nets[i].bits));
		uint16_t want = (uint16_t)(nets[i].bytes[0] << 8 | nets[i].bytes[1]);

		if (a.n == nets[i].n && (((unsigned)a.p[0] << 8 | a.p[1]) & mask) == want)
			return true;
	}
	return a.n == 16 && memcmp(a.p, loopback, 16) == 0;
}

uint64_t collect_sender(struct collect_service *s, const struct sockaddr_storage *sender,
    struct collect_visit *v)
{
	struct sc_span address = address_of(sender);

	v->datacentre = false;
	if (address.n == 0 || is_ours(address))
		return 0;
	v->datacentre = s->networks != NULL && collect_networks_has(s->networks, address);
	return prefix_tag(s, address);
}
