/*
 * fold_kit.c - frames made by hand or by lot.
 */
#include "fold_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
	if (ok)
		return;
	printf("Bail out! a fold failed, or a kit is full\n");
	exit(1);
}

static bool find(void *arg, uint64_t id, struct feed_event *out)
{
	const struct fold_kit *k = arg;

	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].type == FEED_EVENT && k->v[i].u.event.id == id) {
			*out = k->v[i].u.event;
			return true;
		}
	return false;
}

void kit_init(struct fold_kit *k)
{
	*k = (struct fold_kit){
		.words = { .text_version = 2,
		    .price_step = 100,
		    .price_bands = { 10, 20, 40, 80, 160, UINT32_MAX, UINT32_MAX } }
	};
	k->settings =
	    (struct fold_settings){ .purpose = 1, .words = &k->words, .find = find, .find_arg = k };
}

static struct feed_frame *add(struct fold_kit *k, uint8_t type)
{
	must(k->n < KIT_FRAMES);
	k->v[k->n] = (struct feed_frame){ .type = type };
	return &k->v[k->n++];
}

struct feed_event *kit_event(struct fold_kit *k, uint8_t kind, uint64_t person, uint64_t device,
    uint64_t at_ms)
{
	struct feed_event *e = &add(k, FEED_EVENT)->u.event;

	*e = (struct feed_event){ .id = 1000 + k->n,
		.person = person,
		.device = device,
		.at_ms = at_ms,
		.kind = kind,
		.flags = FEED_VOUCHED };
	return e;
}

struct feed_consent *kit_word(struct fold_kit *k, uint8_t kind, uint64_t who, uint8_t word,
    uint64_t at_ms)
{
	struct feed_consent *c = &add(k, FEED_CONSENT)->u.consent;

	*c = (struct feed_consent){ .who = who,
		.at_ms = at_ms,
		.version = 2,
		.kind = kind,
		.purpose = 1,
		.word = word,
		.verified = true };
	return c;
}

struct feed_link *kit_link(struct fold_kit *k, uint64_t device, uint64_t person, uint64_t from_ms,
    uint64_t to_ms)
{
	struct feed_link *l = &add(k, FEED_LINK)->u.link;

	*l = (struct feed_link){ device, person, from_ms, to_ms };
	return l;
}

struct feed_attribute *kit_attribute(struct fold_kit *k, uint64_t person, uint8_t attribute,
    uint8_t value, uint64_t at_ms)
{
	struct feed_attribute *a = &add(k, FEED_ATTRIBUTE)->u.attribute;

	*a = (struct feed_attribute){ person, at_ms, attribute, value };
	return a;
}

struct feed_verdict *kit_verdict(struct fold_kit *k, uint64_t event, uint8_t rule, uint8_t action,
    uint64_t at_ms)
{
	struct feed_verdict *v = &add(k, FEED_VERDICT)->u.verdict;

	*v = (struct feed_verdict){ .event = event,
		.at_ms = at_ms,
		.action = action,
		.scope = event == 0 ? FEED_OF_RULE : FEED_OF_EVENT,
		.rule = rule };
	return v;
}

void kit_erase(struct fold_kit *k, uint8_t kind, uint64_t who)
{
	add(k, FEED_ERASE)->u.erase = (struct feed_erase){ who, kind };
}

/* ---- folds ----------------------------------------------------------------------- */

struct fold *kit_fold_new(const struct fold_kit *k)
{
	struct fold *f;

	must(fold_new(&k->settings, &f) == SC_OK);
	return f;
}

void kit_fold_into(const struct fold_kit *k, struct fold *f)
{
	fold_begin(f);
	for (size_t i = 0; i < k->n; i++)
		must(fold_words(f, &k->v[i]) == SC_OK);
	for (size_t i = 0; i < k->n; i++)
		must(fold_event(f, &k->v[i]) == SC_OK);
	must(fold_end(f) == SC_OK);
}

struct fold *kit_fold(const struct fold_kit *k)
{
	struct fold *f = kit_fold_new(k);

	kit_fold_into(k, f);
	return f;
}

void kit_take(const struct fold_kit *k, struct fold *f, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		must(fold_take(f, &k->v[i]) == SC_OK);
}

/* ---- by lot ------------------------------------------------------------------------ */

static uint64_t lot;

void kit_seed(uint64_t seed)
{
	lot = seed * 0x9e3779b97f4a7c15u + 1;
}

uint32_t kit_any(uint32_t n)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return (uint32_t)((lot >> 11) % n);
}

void kit_shuffle(struct fold_kit *k)
{
	for (size_t i = k->n; i > 1; i--) {
		const size_t j = kit_any((uint32_t)i);
		const struct feed_frame f = k->v[i - 1];

		k->v[i - 1] = k->v[j];
		k->v[j] = f;
	}
}
