/*
 * seen.h - the newest head of somebody else's log that we saw, and whether what is shown next
 * extends it: a log that was put back, rewritten, or is another can not.
 *
 *	scrim.log/seen@v1
 *	scrim/demo/keyd+f72e2b37+AeuR...        the key of its heads (note.h), which stays
 *	scrim/demo/keyd                         the newest head, signed, as it was shown: whoever
 *	...                                     finds another log can prove it by this
 *
 * Pure: no files.
 */
#ifndef CRYPTO_TLOG_SEEN_H
#define CRYPTO_TLOG_SEEN_H

#include "crypto/tlog/merkle.h"
#include "crypto/tlog/note.h"

#define SEEN_MAX (32 + NOTE_VKEY_MAX + NOTE_MAX)

struct seen_log {
	bool any; /* else nothing was seen yet */
	struct note_key key;
	struct note_head head;
	size_t n;
	uint8_t note[NOTE_MAX];
};

enum seen_word {
	SEEN_UNPROVED, /* nothing was shown, or nothing that can be read */
	SEEN_WELL,
	SEEN_FORGOTTEN,   /* what was seen is not known any more: judged by who keeps it */
	SEEN_ROLLED_BACK, /* it has fewer entries, or no head at all */
	SEEN_FORKED,      /* it has other entries than it had */
	SEEN_OTHER_KEY,   /* its heads are signed by another key, or by none */
	SEEN_OTHER_LOG,   /* it has another name */
	SEEN_WORDS
};
/* "rolled-back" and so on. */
const char *seen_word_name(enum seen_word w);

/* What is shown: spans are borrowed. */
struct seen_shown {
	struct sc_span note; /* its newest head, signed; empty: it has none */
	struct sc_span vkey;
	const struct merkle_proof *proof; /* RFC 6962 §2.1.2, from the head that was seen */
};

/*
 * Does SHOWN extend SEEN? With SEEN_WELL *NEXT, which may be SEEN, is what is seen from now on.
 * Of a log that was never seen any head by its own key does, but there has to be one.
 */
enum seen_word seen_judge(const struct seen_log *seen, const struct seen_shown *shown,
    struct seen_log *next);

/* S->any. */
SC_CHECKED enum sc_err seen_print(const struct seen_log *s, struct sc_buf *out);
/* Fails with SC_SYNTAX for all but what seen_print() writes, SC_AUTH for a head by no such key. */
SC_CHECKED enum sc_err seen_parse(struct sc_span text, struct seen_log *out);

#endif
