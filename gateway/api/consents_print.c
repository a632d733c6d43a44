/*
 * consents_print.c - what counts now of one identifier, and all that was said of it.
 *
 *	"text_version":3,
 *	"consents":{"analytics":{"granted":true,"word":"grant","version":3,
 *	                         "at":"...","verified":true}}
 *
 * "granted" is what is asked before anything enters: also whoever is linked must not
 * say no, and the text must be the one that is asked now.
 */
#include "gateway/api/consents.h"
#include "gateway/consent/tables.h"

#include <stdio.h>
#include <time.h>

#define HISTORY_MAX (4u << 20) /* bytes */

static const char *const words_said[] = { "", "grant", "refuse", "withdraw" };

/* RFC 3339, UTC, milliseconds. */
static void print_time(struct jsonw *w, const char *key, uint64_t at_ms)
{
	time_t t = (time_t)(at_ms / 1000);
	char seconds[32], text[40];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(text, sizeof(text), "%s.%03uZ", seconds, (unsigned)(at_ms % 1000));
	jsonw_kstr(w, key, text);
}

static void print_flag(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

static void print_word(struct jsonw *w, const struct consent_word *word)
{
	if (word->word == 0 || word->word > FEED_WITHDRAW)
		return;
	jsonw_kstr(w, "word", words_said[word->word]);
	jsonw_ku64(w, "version", word->version);
	print_time(w, "at", word->at_ms);
	print_flag(w, "verified", word->verified);
}

void consents_print_counting(struct jsonw *w, struct collect_service *s,
    const struct collect_handle *who, uint8_t kind)
{
	const struct feed_words *names = collect_settings_of(s)->words;
	uint32_t granted = kind == FEED_PERSON ? collect_granted(s, who->handle) : 0;
	struct consent_word words[FEED_PURPOSES_MAX];

	collect_words(s, who->handle, words);
	jsonw_ku64(w, "text_version", names->text_version);
	jsonw_key(w, "consents");
	jsonw_object(w);
	for (size_t i = 0; i < names->purposes.n; i++) {
		jsonw_key(w, names->purposes.v[i]);
		jsonw_object(w);
		print_flag(w, "granted",
		    kind == FEED_PERSON ? (granted >> i & 1) != 0 :
					  consent_enters(&words[i], NULL, 0, names->text_version));
		print_word(w, &words[i]);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

/* ---- what was said -------------------------------------------------------------------- */

static bool bind_handle(void *arg, size_t i, struct store_value *v)
{
	const struct consents_history *h = arg;

	(void)i;
	v[0] = store_text(h->tenant.s);
	v[1] = store_blob(h->handle, HANDLE_BYTES);
	return true;
}

static void print_digest(struct jsonw *w, const char *key, struct sc_span sha256)
{
	if (sha256.n == 0)
		return;
	jsonw_key(w, key);
	jsonw_hex(w, sha256.p, sha256.n);
}

static void print_text(struct jsonw *w, const char *key, struct sc_span text)
{
	jsonw_key(w, key);
	jsonw_span(w, text);
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct consents_history *h = arg;
	struct consent_word word = { (uint64_t)v[4].number, (uint32_t)v[2].number,
		(uint8_t)v[1].number, v[3].number != 0, 0 };
	struct jsonw *w = &h->w;

	(void)i;
	jsonw_object(w);
	print_text(w, "purpose", v[0].bytes);
	print_word(w, &word);
	if (v[5].number != 0)
		print_time(w, "time", (uint64_t)v[5].number);
	print_text(w, "source", v[6].bytes);
	print_text(w, "method", v[7].bytes);
	print_digest(w, "text_sha256", v[8].bytes);
	print_digest(w, "evidence_sha256", v[9].bytes);
	jsonw_object_end(w);
	return w->err;
}

void consents_history_init(struct consents_history *h)
{
	sc_buf_init(&h->text, HISTORY_MAX);
	h->w = jsonw(&h->text);
	h->job.ask = (struct store_batch){ CONSENT_OF, 1, bind_handle, take_row, h };
}

void consents_history_fini(struct consents_history *h)
{
	sc_buf_fini(&h->text);
}
