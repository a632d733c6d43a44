/*
 * consents.c - what the registry of consent answers: may this enter, what was granted?
 *
 *	an event of			its own word		linked
 *	a device			the device's		its accounts'
 *	a person (and a device)		the person's		that device's, all devices'
 *
 * A page's own grant stands for its device's word as long as it takes to ask, and
 * for no person's. Links count one step far: who else uses a device
 * of an account says nothing for the account.
 */
#include "gateway/consent/private.h"

#include <stdlib.h>

#define CHUNK 16
/* More linked to one identifier are no person's: not looked at, and nothing enters. */
#define LINKED_MAX 1024

enum sc_err consents_new(const struct collect_settings *s, const struct sc_name *tenant,
    struct consents **out)
{
	struct consents *c = calloc(1, sizeof(*c));
	enum sc_err err;

	*out = NULL;
	if (c == NULL)
		return SC_NOMEM;
	if ((err = strangers_new(&c->strangers)) != SC_OK) {
		free(c);
		return err;
	}
	c->settings = s;
	c->tenant = *tenant;
	c->next_seq = 1;
	*out = c;
	return SC_OK;
}

void consents_free(struct consents *c)
{
	if (c == NULL)
		return;
	image_fini(&c->image);
	strangers_free(c->strangers);
	free(c);
}

/* What the identifier said of PURPOSE; of a device also before anybody knew it. */
static struct consent_words words_of(const struct consents *c, const uint8_t *handle,
    uint8_t purpose)
{
	struct consent_word stranger = strangers_word(c->strangers, handle, purpose);
	struct consent_words words = { .verified = { .word = 0 } };
	uint32_t who = image_find(&c->image, handle);

	if (who != 0)
		words = image_words(&c->image, who, purpose);
	consent_hear(&words, &stranger);
	return words;
}

void consents_word(const struct consents *c, const uint8_t handle[static HANDLE_BYTES],
    uint8_t purpose, struct consent_word *out)
{
	struct consent_words words = words_of(c, handle, purpose);

	*out = *consent_counting(&words);
}

/* What is asked about one identifier, OWN being its word. */
struct consents_ask {
	const struct consents *c;
	struct consent_word own, linked[CHUNK];
	size_t n, seen;
	uint8_t purpose;
	bool enters;
};

/* The rule holds for all that is linked when it holds for each part. */
static void ask_rule(struct consents_ask *a)
{
	a->enters = a->enters &&
	    consent_enters(&a->own, a->linked, a->n, a->c->settings->words->text_version);
	a->n = 0;
}

static void add_linked(struct consents_ask *a, const struct consent_word *w)
{
	if (a->n == CHUNK)
		ask_rule(a);
	a->linked[a->n++] = *w;
}

/* All that is linked to WHO, which is the END of its links. */
static void add_links(struct consents_ask *a, uint32_t who, enum consents_end end)
{
	const struct consents_image *m = &a->c->image;
	uint32_t link = image_who(m, who)->links;

	for (; link != 0 && a->seen < LINKED_MAX; a->seen++) {
		const struct consents_link *l = image_link(m, link);
		struct consent_word w = image_word(m, l->who[1 - end], a->purpose);

		add_linked(a, &w);
		link = l->next[end];
	}
	a->enters = a->enters && link == 0;
}

static bool person_enters(const struct consents *c, const uint8_t *handle, uint8_t purpose,
    const struct collect_handle *device)
{
	struct consents_ask a = { .c = c, .purpose = purpose, .enters = true };
	uint32_t who = image_find(&c->image, handle);
	struct consent_word w;

	if (who == 0)
		return false;
	a.own = image_word(&c->image, who, purpose);
	add_links(&a, who, CONSENTS_PERSON);
	if (device != NULL) {
		consents_word(c, device->handle, purpose, &w);
		w.kind = FEED_DEVICE;
		add_linked(&a, &w);
	}
	ask_rule(&a);
	return a.enters;
}

static bool device_enters(const struct consents *c, const uint8_t *handle, uint8_t purpose,
    uint32_t asserted)
{
	struct consents_ask a = { .c = c, .purpose = purpose, .enters = true };
	struct consent_words words = words_of(c, handle, purpose);
	uint32_t who = image_find(&c->image, handle);

	if (asserted != 0)
		words.asserted =
		    (struct consent_word){ UINT64_MAX, asserted, FEED_GRANT, false, FEED_DEVICE };
	a.own = *consent_counting(&words);
	if (who != 0)
		add_links(&a, who, CONSENTS_DEVICE);
	ask_rule(&a);
	return a.enters;
}

bool consents_enter(const struct consents *c, const struct collect_handle *device,
    const struct collect_handle *person, uint32_t asserted)
{
	const uint8_t purpose = 1; /* the words' first */

	if (person != NULL)
		return person_enters(c, person->handle, purpose, device);
	return device != NULL && device_enters(c, device->handle, purpose, asserted);
}

uint32_t consents_granted(const struct consents *c, const uint8_t handle[static HANDLE_BYTES])
{
	uint32_t granted = 0;

	for (size_t i = 0; i < c->settings->words->purposes.n; i++)
		if (person_enters(c, handle, (uint8_t)(i + 1), NULL))
			granted |= UINT32_C(1) << i;
	return granted;
}
