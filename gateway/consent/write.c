/*
 * write.c - words, links and erasures on their way into the registry.
 *
 *	consents_say() ---> store's thread: its row ---> consents_settled()
 *	under the lock      unless the same was said     under the lock
 *
 * Jobs run in the order in which the image was told, so what is the same is told
 * from the newest row, and not from an image that is ahead of the disk.
 */
#include "gateway/consent/private.h"
#include "gateway/consent/tables.h"
#include "net/loop/loop.h"

#include <string.h>

/* ---- a word's row --------------------------------------------------------------------- */

/* One row of `consent`; what is all zero is empty. */
struct consent_row {
	const struct consents *of;
	const struct consent_said *said;
	uint64_t seq;
	uint64_t newest_ms; /* of the newest row of its purpose that was seen: when ... */
	uint64_t same_ms;   /* ... and the same if it says the same, else 0 */
};

static struct store_value digest(const uint8_t *sha256)
{
	static const uint8_t none[32];

	return store_blob(sha256, memcmp(sha256, none, sizeof(none)) == 0 ? 0 : sizeof(none));
}

static struct store_value purpose_name(const struct consents *c, uint8_t purpose)
{
	return store_text(c->settings->words->purposes.v[purpose - 1]);
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct consent_row *r = arg;
	const struct feed_consent *word = &r->said->word;

	(void)i;
	v[0] = store_text(r->of->tenant.s);
	v[1] = store_number(r->seq);
	v[2] = store_blob(r->said->who.handle, HANDLE_BYTES);
	v[3] = store_number(r->said->who.pseudonym);
	v[4] = store_number(word->kind);
	v[5] = purpose_name(r->of, word->purpose);
	v[6] = store_number(word->word);
	v[7] = store_number(word->version);
	v[8] = store_number(word->verified);
	v[9] = store_number(word->at_ms);
	v[10] = store_number(r->said->said_ms);
	v[11] = store_text(r->said->source.s);
	v[12] = store_text(r->said->method.s);
	v[13] = digest(r->said->text_sha256);
	v[14] = digest(r->said->evidence_sha256);
	return true;
}

static enum sc_err add_row(struct store_tx *tx, struct consents *c, const struct consent_said *said)
{
	struct consent_row r = { .of = c, .said = said, .seq = c->next_seq++ };
	const struct store_batch add = { CONSENT_ADD, 1, bind_row, NULL, &r };

	return store_ask(tx, &add);
}

static bool bind_handle(void *arg, size_t i, struct store_value *v)
{
	const struct consent_row *r = arg;

	(void)i;
	v[0] = store_text(r->of->tenant.s);
	v[1] = store_blob(r->said->who.handle, HANDLE_BYTES);
	return true;
}

static bool says_same(const struct consent_said *said, const struct store_value *v)
{
	return v[1].number == said->word.word && v[2].number == said->word.version &&
	    v[3].number == said->word.verified && (uint64_t)v[5].number == said->said_ms &&
	    sc_span_is(v[6].bytes, said->source.s) && sc_span_is(v[7].bytes, said->method.s) &&
	    sc_span_eq(v[8].bytes, digest(said->text_sha256).bytes) &&
	    sc_span_eq(v[9].bytes, digest(said->evidence_sha256).bytes);
}

/* A stranger's no became a row after words that are newer, so times decide, not the order. */
static enum sc_err compare(void *arg, size_t i, const struct store_value *v)
{
	struct consent_row *r = arg;
	uint64_t at_ms = (uint64_t)v[4].number;

	(void)i;
	if (at_ms < r->newest_ms ||
	    !sc_span_eq(v[0].bytes, purpose_name(r->of, r->said->word.purpose).bytes))
		return SC_OK;
	r->newest_ms = at_ms;
	r->same_ms = says_same(r->said, v) ? at_ms : 0;
	return SC_OK;
}

static enum sc_err write_word(struct store_job *j, struct store_tx *tx)
{
	struct consents_write *w = loop_owner(j, struct consents_write, job);
	struct consent_row r = { .of = w->of, .said = &w->said };
	const struct store_batch look = { CONSENT_OF, 1, bind_handle, compare, &r };
	enum sc_err err = store_ask(tx, &look);

	w->same_ms = r.same_ms;
	return err != SC_OK || r.same_ms != 0 ? err : add_row(tx, w->of, &w->said);
}

static enum sc_err refuse_memory(struct store_job *j, struct store_tx *tx)
{
	(void)j;
	(void)tx;
	return SC_NOMEM;
}

/* ---- a word --------------------------------------------------------------------------- */

/* No word of one identifier is older than the one before it, whatever the clock does. */
static void set_time(const struct consents_who *k, uint64_t *at_ms)
{
	if (*at_ms <= k->last_ms)
		*at_ms = k->last_ms + 1;
}

static struct consent_word word_of(const struct feed_consent *w)
{
	return (struct consent_word){ w->at_ms, w->version, w->word, w->verified, w->kind };
}

/*
 * Is a no what counts already, and nothing on its way? A page may say so as often as it
 * likes, under any id that it knows.
 */
static bool says_no(const struct consents *c, uint32_t who, uint8_t purpose)
{
	struct consent_word w = image_word(&c->image, who, purpose);

	return w.word > FEED_GRANT && w.at_ms == image_who(&c->image, who)->last_ms;
}

/* What a page said; true when it is to be kept for good. */
static bool take_page(struct consents *c, struct consents_write *w, uint32_t who)
{
	const struct feed_consent *word = &w->said.word;
	struct consent_word said = word_of(word);

	if (word->word == FEED_GRANT || word->kind != FEED_DEVICE)
		return false;
	if (who != 0)
		return !says_no(c, who, word->purpose);
	strangers_put(c->strangers, w->said.who.handle, word->purpose, &said);
	return false;
}

void consents_say(struct consents *c, struct consents_write *w)
{
	struct feed_consent *word = &w->said.word;
	uint32_t who = image_find(&c->image, w->said.who.handle);
	struct consent_word said;

	w->of = c;
	w->kept = word->verified || take_page(c, w, who);
	if (!w->kept)
		return;
	w->job.run = write_word;
	if ((who = image_add(&c->image, w->said.who.handle, word->kind)) == 0) {
		w->job.run = refuse_memory;
		return;
	}
	set_time(image_who(&c->image, who), &word->at_ms);
	image_who(&c->image, who)->last_ms = word->at_ms;
	said = word_of(word);
	if (word->word != FEED_GRANT && image_say(&c->image, who, word->purpose, &said) != SC_OK)
		w->job.run = refuse_memory;
}

void consents_settled(struct consents *c, struct consents_write *w, enum sc_err err)
{
	const struct feed_consent *word = &w->said.word;
	struct consent_word said = word_of(word);
	uint32_t who = image_find(&c->image, w->said.who.handle);

	if (err != SC_OK || !w->kept || who == 0 ||
	    word->at_ms <= image_who(&c->image, who)->gone_ms)
		return;
	if (w->same_ms != 0) {
		image_since(&c->image, who, word->purpose, &said, w->same_ms);
		said.at_ms = w->same_ms;
	}
	if (image_say(&c->image, who, word->purpose, &said) != SC_OK)
		return; /* no memory for a first grant: unknown is no, until the next start */
}

/* ---- a link --------------------------------------------------------------------------- */

static bool bind_link(void *arg, size_t i, struct store_value *v)
{
	const struct consents_link_write *w = arg;

	(void)i;
	v[0] = store_text(w->of->tenant.s);
	v[1] = store_blob(w->device.handle, HANDLE_BYTES);
	v[2] = store_blob(w->person.handle, HANDLE_BYTES);
	v[3] = store_number(w->link.from_ms);
	v[4] = store_number(w->link.to_ms);
	v[5] = store_number(w->device.pseudonym);
	v[6] = store_number(w->person.pseudonym);
	return true;
}

static bool bind_end(void *arg, size_t i, struct store_value *v)
{
	const struct consents_link_write *w = arg;

	(void)i;
	v[0] = store_number(w->link.to_ms);
	v[1] = store_text(w->of->tenant.s);
	v[2] = store_blob(w->device.handle, HANDLE_BYTES);
	v[3] = store_blob(w->person.handle, HANDLE_BYTES);
	return true;
}

/* The no of a device that was a stranger, as a row. */
static enum sc_err add_kept(struct store_tx *tx, struct consents_link_write *w, size_t i)
{
	const struct consent_word *k = &w->kept[i].word;
	const struct consent_said said = {
		.who = w->device,
		.word = { .who = w->device.pseudonym,
		    .at_ms = k->at_ms,
		    .version = k->version,
		    .kind = FEED_DEVICE,
		    .purpose = w->kept[i].purpose,
		    .word = k->word },
		.source = { "page" },
		.method = { "withdrawal" },
		.said_ms = k->at_ms,
	};

	return add_row(tx, w->of, &said);
}

static enum sc_err write_link(struct store_job *j, struct store_tx *tx)
{
	struct consents_link_write *w = loop_owner(j, struct consents_link_write, job);
	const struct store_batch put = { LINK_PUT, 1, bind_link, NULL, w };
	const struct store_batch end = { LINK_END, 1, bind_end, NULL, w };
	bool ends = w->link.to_ms != 0;
	enum sc_err err = ends ? store_ask(tx, &end) : SC_OK;

	if (err == SC_OK && !(ends && w->open))
		err = store_ask(tx, &put);
	for (size_t i = 0; i < w->n_kept && err == SC_OK; i++)
		err = add_kept(tx, w, i);
	return err;
}

/* DEVICE is known from now on: what it said as a stranger is kept. */
static enum sc_err keep_word(struct consents *c, struct consents_link_write *w, uint32_t device,
    uint8_t purpose)
{
	struct consent_word word = strangers_word(c->strangers, w->device.handle, purpose);
	enum sc_err err;

	if (word.word == 0)
		return SC_OK;
	if ((err = image_say(&c->image, device, purpose, &word)) != SC_OK)
		return err;
	w->kept[w->n_kept++] = (struct consents_kept){ word, purpose };
	strangers_drop(c->strangers, w->device.handle, purpose);
	return SC_OK;
}

/* Of a link that holds: it ends, or holds as it did. */
static void say_again(struct consents_link *l, struct consents_link_write *w)
{
	if (w->link.to_ms == 0)
		w->link.from_ms = l->from_ms;
	if (w->link.to_ms == 0 && l->durable) {
		w->job.run = NULL;
		return;
	}
	l->said = w->said;
	l->durable = false;
}

static enum sc_err join(struct consents *c, struct consents_link_write *w)
{
	uint32_t device = image_add(&c->image, w->device.handle, FEED_DEVICE);
	uint32_t person = image_add(&c->image, w->person.handle, FEED_PERSON), link;
	enum sc_err err = device == 0 || person == 0 ? SC_NOMEM : SC_OK;

	for (uint8_t p = 1; p <= FEED_PURPOSES_MAX && err == SC_OK; p++)
		err = keep_word(c, w, device, p);
	if (err != SC_OK)
		return err;
	link = image_linked(&c->image, device, person);
	w->open = link != 0;
	if (link == 0 && w->link.to_ms != 0)
		return SC_OK;
	if (link == 0 && (link = image_join(&c->image, device, person, w->link.from_ms)) == 0)
		return SC_NOMEM;
	say_again(image_link(&c->image, link), w);
	return SC_OK;
}

void consents_link(struct consents *c, struct consents_link_write *w)
{
	w->of = c;
	w->n_kept = 0;
	w->said = ++c->links_said;
	w->job.run = write_link;
	if (join(c, w) != SC_OK)
		w->job.run = refuse_memory;
}

void consents_link_settled(struct consents *c, struct consents_link_write *w, enum sc_err err)
{
	uint32_t device = image_find(&c->image, w->device.handle);
	uint32_t person = image_find(&c->image, w->person.handle);
	uint32_t link = device == 0 || person == 0 ? 0 : image_linked(&c->image, device, person);

	if (err != SC_OK || link == 0 || image_link(&c->image, link)->said != w->said)
		return;
	if (w->link.to_ms == 0)
		image_link(&c->image, link)->durable = true;
	else
		image_part(&c->image, device, person);
}

/* ---- an erasure ----------------------------------------------------------------------- */

static bool bind_person(void *arg, size_t i, struct store_value *v)
{
	const struct consents_erase_write *w = arg;

	(void)i;
	v[0] = store_text(w->of->tenant.s);
	v[1] = store_blob(w->person.handle, HANDLE_BYTES);
	return true;
}

static enum sc_err forget(struct store_job *j, struct store_tx *tx)
{
	struct consents_erase_write *w = loop_owner(j, struct consents_erase_write, job);
	const struct store_batch words = { CONSENT_ANONYMISE, 1, bind_person, NULL, w };
	const struct store_batch links = { LINK_FORGET, 1, bind_person, NULL, w };
	enum sc_err err = store_ask(tx, &words);

	return err == SC_OK ? store_ask(tx, &links) : err;
}

void consents_erase(struct consents *c, struct consents_erase_write *w)
{
	uint32_t who = image_find(&c->image, w->person.handle);

	w->of = c;
	w->job.run = forget;
	w->job.erase_traces = true;
	if (who == 0)
		return;
	image_unsay(&c->image, who);
	image_part_all(&c->image, who);
}
