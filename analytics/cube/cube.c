/*
 * cube.c - what is kept of each event: sixteen bytes, by the shop's own clock.
 *
 * Memory: 16 bytes an event and, while they are sorted, 16 more; 112 bytes a person, and up to
 * 51 of the table that finds them; 20 a person while rows are made.
 */
#include "analytics/cube/cube_private.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

const char *const cube_segment_names[CUBE_SEGMENTS] = { "champions", "loyal", "promising", "new",
	"at_risk", "asleep", "looking" };

enum sc_err cube_new(const struct cube_settings *s, struct cube **out)
{
	struct cube *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return SC_NOMEM;
	c->settings = *s;
	return SC_OK;
}

void cube_free(struct cube *c)
{
	if (c == NULL)
		return;
	free(c->records);
	table_fini(&c->index);
	free(c->people);
	free(c->week_at);
	free(c->sums);
	free(c->touched);
	free(c);
}

static enum sc_err person_of(struct cube *c, uint64_t who, uint32_t *out)
{
	const uint32_t at = table_find(&c->index, who);
	enum sc_err err;

	if (at != 0) {
		*out = at - 1;
		return SC_OK;
	}
	if (c->n_people == c->cap_people) {
		const size_t cap = sc_grown(c->cap_people);
		struct cube_person *v = reallocarray(c->people, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		c->people = v;
		c->cap_people = cap;
	}
	if (c->n_people >= UINT32_MAX - 1)
		return SC_NOMEM;
	if ((err = table_add(&c->index, who, (uint32_t)c->n_people + 1)) != SC_OK)
		return err;
	memset(&c->people[c->n_people], 0, sizeof(*c->people));
	*out = (uint32_t)c->n_people++;
	return SC_OK;
}

/* An exposure is somebody else's doing, and a refund the shop's: revenue is what was ordered. */
static bool takes(const struct cube *c, const struct feed_event *e)
{
	return e->kind != 0 && e->kind < FEED_KIND_END && e->kind != FEED_EXPOSURE &&
	    e->kind != FEED_REFUND && e->at_ms <= c->settings.last_ms &&
	    (int64_t)(e->at_ms / 1000) + e->offset * 900 >= 0;
}

static unsigned band_of(const struct feed_words *w, uint32_t price)
{
	unsigned band = 1;

	if (price == 0)
		return 0;
	while (band < FEED_BANDS && price > w->price_bands[band - 1])
		band++;
	return band;
}

static uint64_t what_of(const struct feed_words *w, const struct feed_event *e)
{
	const uint64_t second = (uint64_t)((int64_t)(e->at_ms / 1000) + e->offset * 900);
	const uint64_t category = e->category <= w->categories.n ? e->category : 0;
	const uint64_t channel =
	    e->channel <= w->channels.n && e->channel < FEATURE_CHANNELS ? e->channel : 0;

	return second << 29 | (uint64_t)e->kind << 25 | channel << 17 |
	    (uint64_t)band_of(w, e->price) << 13 | category;
}
_Static_assert(FEED_KIND_END <= 16 && FEED_WORDS_MAX < 8192 && CUBE_BANDS <= 16, "fits a record");
_Static_assert(FEED_MS_MAX / 1000 + FEED_OFFSET_MAX * 900 < UINT64_C(1) << 34, "so does a second");

enum sc_err cube_event(struct cube *c, uint64_t person, const struct feed_event *e)
{
	uint32_t at;
	enum sc_err err;

	if (!takes(c, e))
		return SC_OK;
	if ((err = person_of(c, person, &at)) != SC_OK)
		return err;
	if (c->n == c->cap) {
		const size_t cap = sc_grown(c->cap);
		struct cube_record *v = reallocarray(c->records, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		c->records = v;
		c->cap = cap;
	}
	c->records[c->n++] = (struct cube_record){ .what = what_of(c->settings.words, e),
		.person = at,
		.price = e->price };
	if (e->at_ms > c->newest_ms || (e->at_ms == c->newest_ms && e->offset > c->newest_offset)) {
		c->newest_ms = e->at_ms;
		c->newest_offset = e->offset;
	}
	return SC_OK;
}

enum sc_err cube_person(struct cube *c, uint64_t person,
    const uint8_t attributes[static FEED_ATTRIBUTES_MAX])
{
	uint32_t at;
	enum sc_err err = person_of(c, person, &at);

	if (err == SC_OK)
		memcpy(c->people[at].traits, attributes, FEED_ATTRIBUTES_MAX);
	return err;
}
