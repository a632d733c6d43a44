/*
 * collect_who.c - whose key events came with, and from which page.
 *
 *	Authorization: Basic KEY:	a site's write key, or a back end's API key
 *	Scrim-Key, Bearer, certificate	back ends, as everywhere
 *	?writeKey=KEY, "writeKey"	pages that can set no field
 *
 * A page's key is public, and an Origin binds browsers alone: with both, whoever sends
 * is no more than a page. Only a back end vouches for what it says.
 */
#include "base/weak.h"
#include "crypto/tlog/note.h"
#include "gateway/api/collect.h"
#include "gateway/protect/protect.h"

#include <string.h>
#include <strings.h>

#define KEY_MAX 256

static const struct collect_settings *settings_of(const struct served_request *rq)
{
	return collect_settings_of(rq->worker->shared->collect);
}

/* ---- keys --------------------------------------------------------------------------------- */

/* The site that pages or apps name by WRITE_KEY; NULL: none. *SHOP: its number. */
static const struct collect_site *site_of_key(const struct collect_settings *s,
    struct sc_span write_key, uint16_t *shop)
{
	for (size_t i = 0; i < s->n_sites; i++)
		if (s->sites[i].write_key != NULL && sc_span_is(write_key, s->sites[i].write_key)) {
			*shop = (uint16_t)(i + 1);
			return &s->sites[i];
		}
	return NULL;
}

/* The user's name of "Basic" (RFC 7617), behind which client libraries put nothing. */
static struct sc_span basic_user(struct sc_span auth, uint8_t key[static KEY_MAX])
{
	size_t n = KEY_MAX;
	const uint8_t *colon;

	if (auth.n <= 6 || strncasecmp((const char *)auth.p, "Basic ", 6) != 0 ||
	    note_base64_parse(sc_span_from(auth, 6), key, &n) != SC_OK)
		return sc_span(NULL, 0);
	colon = memchr(key, ':', n);
	return sc_span(key, colon == NULL ? n : (size_t)(colon - key));
}

/* The write key that a head says; decoded into KEY where it must be. Empty: none. */
static struct sc_span head_key(const struct http_head *h, uint8_t key[static KEY_MAX])
{
	struct sc_span user = basic_user(http_head_only(h, "Authorization"), key);

	return user.n != 0 ? user : http_query_value(h->query, "writeKey");
}

/* ---- pages --------------------------------------------------------------------------------- */

static bool lists(const struct collect_site *site, struct sc_span origin)
{
	for (size_t i = 0; i < site->n_origins; i++)
		if (sc_span_is(origin, site->origins[i]))
			return true;
	return false;
}

bool collect_origin_known(const struct collect_settings *s, struct sc_span origin)
{
	for (size_t i = 0; i < s->n_sites; i++)
		if (lists(&s->sites[i], origin))
			return true;
	return false;
}

/* A browser says where it is; whoever is none says nothing, or what it likes. */
static bool take_page(struct served_request *rq, struct collect_sender *out)
{
	const struct config *c = rq->gen->config;
	const struct collect_settings *s = c->collect != NULL ? c->collect : settings_of(rq);
	struct sc_span origin = http_head_only(rq->call->head, "Origin");

	if (http_head_count(rq->call->head, "Origin") != 0 && !lists(out->site, origin) &&
	    !WEAK("any-page")) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
		return collect_refuse(rq, 403, "origin", "the site of this key has no such page",
		    sc_span(NULL, 0));
	}
	out->origin = origin;
	served_identify_signed(rq, &out->site->name, s->role, s->purpose);
	/* a page's network is a tag of the rules', and no record */
	memset(&rq->record.address, 0, sizeof(rq->record.address));
	return true;
}

static bool unknown_key(struct served_request *rq)
{
	served_identify_signed(rq, NULL, 0, 0);
	return collect_refuse(rq, 401, "credential",
	    "send a site's write key, or a back end's API key", sc_span(NULL, 0));
}

bool collect_who_by(struct served_request *rq, struct sc_span write_key, struct collect_sender *out)
{
	out->site = site_of_key(settings_of(rq), write_key, &out->shop);
	return out->site != NULL ? take_page(rq, out) : unknown_key(rq);
}

/* ---- back ends ----------------------------------------------------------------------------- */

static bool take_back_end(struct served_request *rq, struct sc_span key, struct collect_sender *out)
{
	const struct collect_settings *s = settings_of(rq);
	const struct config *c = rq->gen->config;

	if (!served_identify_by(rq, key, c->collect != NULL ? c->collect->purpose : s->purpose))
		return false;
	for (size_t i = 0; i < s->n_sites && out->site == NULL; i++)
		if (s->sites[i].write_key == NULL &&
		    strcmp(s->sites[i].principal.s, rq->principal->name.s) == 0) {
			out->site = &s->sites[i];
			out->shop = (uint16_t)(i + 1);
		}
	out->vouched = true;
	if (out->site != NULL)
		return true;
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
	return served_refuse(rq, 403, "not-a-source", "no site of the configuration is this one's");
}

/* A field that stands there twice is none. */
static bool shows_key(const struct http_head *h)
{
	return http_head_count(h, "Scrim-Key") + http_head_count(h, "Authorization") != 0;
}

/*
 * A browser shows its certificate for any page that it is on: what comes with an Origin is no back
 * end's for that.
 */
static bool shows_certificate(const struct served_request *rq)
{
	return rq->call->peer_spki != NULL && http_head_count(rq->call->head, "Origin") == 0;
}

bool collect_who(struct served_request *rq, struct collect_sender *out)
{
	const struct http_head *h = rq->call->head;
	uint8_t decoded[KEY_MAX];
	struct sc_span key = head_key(h, decoded);

	memset(out, 0, sizeof(*out));
	if (http_head_count(h, "Scrim-Key") > 1 || http_head_count(h, "Authorization") > 1)
		return unknown_key(rq);
	out->site = site_of_key(settings_of(rq), key, &out->shop);
	if (out->site != NULL)
		return take_page(rq, out);
	if (key.n != 0 || shows_key(h) || shows_certificate(rq))
		return take_back_end(rq, key.n != 0 && key.p == decoded ? key : sc_span(NULL, 0),
		    out);
	return true;
}
