/*
 * load.c - the registry of consent as it was kept: what a start reads.
 *
 * Words on purposes that the configuration has no more stay where they are; so
 * do those of people who were erased, under no name. What is no row of ours
 * is no registry, and nothing is served from it.
 */
#include "gateway/consent/private.h"
#include "gateway/consent/tables.h"

static bool bind_tenant(void *arg, size_t i, struct store_value *v)
{
	const struct consents *c = arg;

	(void)i;
	v[0] = store_text(c->tenant.s);
	return true;
}

static bool in_range(const struct store_value *v, int64_t min, int64_t max)
{
	return v->kind == STORE_NUMBER && v->number >= min && v->number <= max;
}

static uint32_t load_who(struct consents *c, const struct store_value *handle, uint8_t kind)
{
	return image_add(&c->image, handle->bytes.p, kind);
}

static enum sc_err load_word(struct consents *c, const struct store_value *v)
{
	unsigned purpose = feed_list_find(&c->settings->words->purposes, v[3].bytes);
	const struct consent_word w = { .at_ms = (uint64_t)v[7].number,
		.version = (uint32_t)v[5].number,
		.word = (uint8_t)v[4].number,
		.verified = v[6].number != 0,
		.kind = (uint8_t)v[2].number };
	uint32_t who = load_who(c, &v[1], (uint8_t)v[2].number);

	if (who == 0)
		return SC_NOMEM;
	return purpose == 0 ? SC_OK : image_say(&c->image, who, (uint8_t)purpose, &w);
}

static enum sc_err take_word(void *arg, size_t i, const struct store_value *v)
{
	struct consents *c = arg;

	(void)i;
	if (!in_range(&v[0], 1, INT64_MAX) || !in_range(&v[2], FEED_PERSON, FEED_DEVICE) ||
	    !in_range(&v[4], FEED_GRANT, FEED_WITHDRAW) || !in_range(&v[5], 0, UINT32_MAX) ||
	    !in_range(&v[6], 0, 1) || !in_range(&v[7], 0, INT64_MAX) ||
	    (v[1].bytes.n != 0 && v[1].bytes.n != HANDLE_BYTES))
		return SC_CORRUPT;
	c->next_seq = (uint64_t)v[0].number + 1;
	return v[1].bytes.n == 0 ? SC_OK : load_word(c, v);
}

/* A device that was linked once is known for ever: a page's no of it is kept. */
static enum sc_err take_link(void *arg, size_t i, const struct store_value *v)
{
	struct consents *c = arg;
	uint32_t device, person, link;

	(void)i;
	if (v[0].bytes.n != HANDLE_BYTES || v[1].bytes.n != HANDLE_BYTES ||
	    !in_range(&v[2], 0, INT64_MAX) || !in_range(&v[3], 0, INT64_MAX))
		return SC_CORRUPT;
	if ((device = load_who(c, &v[0], FEED_DEVICE)) == 0)
		return SC_NOMEM;
	if (v[3].number != 0)
		return SC_OK;
	if ((person = load_who(c, &v[1], FEED_PERSON)) == 0)
		return SC_NOMEM;
	if (image_linked(&c->image, device, person) != 0)
		return SC_OK;
	link = image_join(&c->image, device, person, (uint64_t)v[2].number);
	if (link != 0)
		image_link(&c->image, link)->durable = true;
	return link == 0 ? SC_NOMEM : SC_OK;
}

enum sc_err consents_load(struct consents *c, struct store *store)
{
	struct store_job words = { .ask = { CONSENT_LOAD, 1, bind_tenant, take_word, c } };
	struct store_job links = { .ask = { LINK_LOAD, 1, bind_tenant, take_link, c } };
	enum sc_err err = store_run(store, &words);

	return err == SC_OK ? store_run(store, &links) : err;
}
