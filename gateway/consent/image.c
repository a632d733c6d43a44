/*
 * image.c - who, words and links in slabs, found by handle.
 *
 * Handles are keyed hashes that keyd makes: nobody outside can choose two that
 * meet, so their first bytes are the hash.
 */
#include "gateway/consent/image.h"

#include <stdlib.h>
#include <string.h>

#define SLAB_FIRST 64
#define SLAB_MAX (UINT32_C(1) << 30)
#define PLACES_FIRST 256

void image_fini(struct consents_image *m)
{
	free(m->places);
	free(m->who.v);
	free(m->words.v);
	free(m->links.v);
	memset(m, 0, sizeof(*m));
}

/* ---- slabs ---------------------------------------------------------------------------- */

struct consents_who *image_who(const struct consents_image *m, uint32_t who)
{
	return (struct consents_who *)m->who.v + who;
}

static struct consents_said_word *word_at(const struct consents_image *m, uint32_t word)
{
	return (struct consents_said_word *)m->words.v + word;
}

struct consents_link *image_link(const struct consents_image *m, uint32_t link)
{
	return (struct consents_link *)m->links.v + link;
}

/* Room for one of SIZE bytes more. */
static bool slab_room(struct consents_slab *s, size_t size)
{
	uint32_t cap = s->cap == 0 ? SLAB_FIRST : s->cap * 2;
	void *v;

	if (s->n < s->cap)
		return true;
	if (cap > SLAB_MAX || (v = reallocarray(s->v, cap, size)) == NULL)
		return false;
	s->v = v;
	s->cap = cap;
	if (s->n == 0)
		memset(s->v, 0, size * ++s->n);
	return true;
}

static uint32_t new_word(struct consents_image *m)
{
	uint32_t word = m->words.free;

	if (word != 0) {
		m->words.free = word_at(m, word)->next;
		return word;
	}
	return slab_room(&m->words, sizeof(struct consents_said_word)) ? m->words.n++ : 0;
}

static uint32_t new_link(struct consents_image *m)
{
	uint32_t link = m->links.free;

	if (link != 0) {
		m->links.free = image_link(m, link)->next[CONSENTS_DEVICE];
		return link;
	}
	return slab_room(&m->links, sizeof(struct consents_link)) ? m->links.n++ : 0;
}

/* ---- who ------------------------------------------------------------------------------ */

/* Where it stands, or the empty place where it belongs. There is always one. */
static uint32_t *place(const struct consents_image *m, const uint8_t *handle)
{
	uint64_t hash;
	uint32_t i;

	memcpy(&hash, handle, sizeof(hash));
	for (i = (uint32_t)hash & (m->n_places - 1); m->places[i] != 0;
	     i = (i + 1) & (m->n_places - 1))
		if (memcmp(image_who(m, m->places[i])->handle, handle, HANDLE_BYTES) == 0)
			break;
	return &m->places[i];
}

static bool places_grow(struct consents_image *m)
{
	struct consents_image next = *m;

	next.n_places = m->n_places == 0 ? PLACES_FIRST : m->n_places * 2;
	if ((next.places = calloc(next.n_places, sizeof(next.places[0]))) == NULL)
		return false;
	for (uint32_t i = 1; i < m->who.n; i++)
		*place(&next, image_who(m, i)->handle) = i;
	free(m->places);
	*m = next;
	return true;
}

uint32_t image_find(const struct consents_image *m, const uint8_t handle[static HANDLE_BYTES])
{
	return m->n_places == 0 ? 0 : *place(m, handle);
}

uint32_t image_add(struct consents_image *m, const uint8_t handle[static HANDLE_BYTES],
    uint8_t kind)
{
	uint32_t who = image_find(m, handle);

	if (who != 0)
		return who;
	if (!slab_room(&m->who, sizeof(struct consents_who)) ||
	    (2 * (m->who.n + 1) > m->n_places && !places_grow(m)))
		return 0;
	who = m->who.n++;
	*image_who(m, who) = (struct consents_who){ .kind = kind };
	memcpy(image_who(m, who)->handle, handle, HANDLE_BYTES);
	*place(m, handle) = who;
	return who;
}

/* ---- words ---------------------------------------------------------------------------- */

static struct consents_said_word *find_word(const struct consents_image *m, uint32_t who,
    uint8_t purpose, bool verified)
{
	for (uint32_t i = image_who(m, who)->words; i != 0; i = word_at(m, i)->next)
		if (word_at(m, i)->purpose == purpose && word_at(m, i)->word.verified == verified)
			return word_at(m, i);
	return NULL;
}

struct consent_words image_words(const struct consents_image *m, uint32_t who, uint8_t purpose)
{
	const struct consents_said_word *back_end = find_word(m, who, purpose, true);
	const struct consents_said_word *page = find_word(m, who, purpose, false);
	struct consent_words w = { .verified = { .word = 0 } };

	if (back_end != NULL)
		w.verified = back_end->word;
	if (page != NULL)
		w.asserted = page->word;
	return w;
}

struct consent_word image_word(const struct consents_image *m, uint32_t who, uint8_t purpose)
{
	struct consent_words all = image_words(m, who, purpose);
	struct consent_word w = *consent_counting(&all);

	w.kind = image_who(m, who)->kind;
	return w;
}

static enum sc_err add_word(struct consents_image *m, struct consents_who *k, uint8_t purpose,
    const struct consent_word *w)
{
	uint32_t word = new_word(m);

	if (word == 0)
		return SC_NOMEM;
	m->people += k->words == 0 && k->kind == FEED_PERSON;
	*word_at(m, word) =
	    (struct consents_said_word){ .word = *w, .next = k->words, .purpose = purpose };
	k->words = word;
	return SC_OK;
}

enum sc_err image_say(struct consents_image *m, uint32_t who, uint8_t purpose,
    const struct consent_word *w)
{
	struct consents_said_word *s = find_word(m, who, purpose, w->verified);
	struct consent_words all = image_words(m, who, purpose);
	struct consents_who *k = image_who(m, who);

	if (w->at_ms > k->last_ms)
		k->last_ms = w->at_ms;
	if (s == NULL)
		return add_word(m, k, purpose, w);
	if (consent_hear(&all, w))
		s->word = *w;
	return SC_OK;
}

void image_since(struct consents_image *m, uint32_t who, uint8_t purpose,
    const struct consent_word *w, uint64_t since_ms)
{
	struct consents_said_word *s = find_word(m, who, purpose, w->verified);

	if (s != NULL && s->word.at_ms == w->at_ms)
		s->word.at_ms = since_ms;
}

void image_unsay(struct consents_image *m, uint32_t who)
{
	struct consents_who *k = image_who(m, who);

	m->people -= k->words != 0 && k->kind == FEED_PERSON;
	while (k->words != 0) {
		uint32_t word = k->words;

		k->words = word_at(m, word)->next;
		*word_at(m, word) = (struct consents_said_word){ .next = m->words.free };
		m->words.free = word;
	}
	k->gone_ms = k->last_ms;
}

/* ---- links ---------------------------------------------------------------------------- */

/*
 * Along both chains at once, as far as the shorter goes: a back end that gives all its accounts
 * one device makes one of them as long as it likes.
 */
uint32_t image_linked(const struct consents_image *m, uint32_t device, uint32_t person)
{
	uint32_t d = image_who(m, device)->links, p = image_who(m, person)->links;

	while (d != 0 && p != 0) {
		const struct consents_link *of_device = image_link(m, d);
		const struct consents_link *of_person = image_link(m, p);

		if (of_device->who[CONSENTS_PERSON] == person)
			return d;
		if (of_person->who[CONSENTS_DEVICE] == device)
			return p;
		d = of_device->next[CONSENTS_DEVICE];
		p = of_person->next[CONSENTS_PERSON];
	}
	return 0;
}

uint32_t image_join(struct consents_image *m, uint32_t device, uint32_t person, uint64_t from_ms)
{
	uint32_t link = new_link(m);

	if (link == 0)
		return 0;
	*image_link(m, link) = (struct consents_link){ .from_ms = from_ms,
		.who = { device, person },
		.next = { image_who(m, device)->links, image_who(m, person)->links } };
	image_who(m, device)->links = link;
	image_who(m, person)->links = link;
	return link;
}

/* Take LINK out of the chain of its END. */
static void unchain(struct consents_image *m, uint32_t link, enum consents_end end)
{
	uint32_t *p = &image_who(m, image_link(m, link)->who[end])->links;

	while (*p != link)
		p = &image_link(m, *p)->next[end];
	*p = image_link(m, link)->next[end];
}

static void drop_link(struct consents_image *m, uint32_t link)
{
	unchain(m, link, CONSENTS_DEVICE);
	unchain(m, link, CONSENTS_PERSON);
	*image_link(m, link) = (struct consents_link){ .next = { m->links.free, 0 } };
	m->links.free = link;
}

void image_part(struct consents_image *m, uint32_t device, uint32_t person)
{
	uint32_t link = image_linked(m, device, person);

	if (link != 0)
		drop_link(m, link);
}

void image_part_all(struct consents_image *m, uint32_t person)
{
	while (image_who(m, person)->links != 0)
		drop_link(m, image_who(m, person)->links);
}
