/*
 * seen.c - holding a log against its head of before.
 */
#include "crypto/tlog/seen.h"

#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

#define TITLE "scrim.log/seen@v1"

const char *seen_word_name(enum seen_word w)
{
	static const char *const names[SEEN_WORDS] = {
		[SEEN_UNPROVED] = "unproved",
		[SEEN_WELL] = "well",
		[SEEN_FORGOTTEN] = "forgotten",
		[SEEN_ROLLED_BACK] = "rolled-back",
		[SEEN_FORKED] = "forked",
		[SEEN_OTHER_KEY] = "another-key",
		[SEEN_OTHER_LOG] = "another-log",
	};

	return names[w];
}

/* The head in NOTE, which KEY must have signed and whose log must have the key's name. */
static enum seen_word read_head(struct sc_span note, const struct note_key *key,
    struct note_head *head)
{
	struct note *parsed = malloc(sizeof(*parsed));
	enum seen_word word = SEEN_UNPROVED;
	bool found;

	if (parsed == NULL)
		return word;
	if (note_parse(note, parsed) != SC_OK || note_head_parse(parsed->text, head) != SC_OK)
		goto out;
	if (note_verify(parsed, key, &found) != SC_OK || !found)
		word = SEEN_OTHER_KEY;
	else
		word = strcmp(head->origin, key->name) == 0 ? SEEN_WELL : SEEN_OTHER_LOG;
out:
	free(parsed);
	return word;
}

static enum seen_word extends(const struct note_head *old, const struct note_head *now,
    const struct merkle_proof *proof)
{
	struct merkle_hash a, b;

	if (now->size < old->size)
		return SEEN_ROLLED_BACK;
	memcpy(a.b, old->root, HASH_BYTES);
	memcpy(b.b, now->root, HASH_BYTES);
	if (now->size == old->size)
		return memcmp(a.b, b.b, HASH_BYTES) == 0 ? SEEN_WELL : SEEN_FORKED;
	if (old->size == 0)
		return SEEN_WELL;
	return merkle_check_consistency(old->size, now->size, &a, &b, proof->h, proof->n) == SC_OK ?
	    SEEN_WELL :
	    SEEN_FORKED;
}

static enum seen_word same_signer(const struct seen_log *seen, const struct note_key *key)
{
	if (strcmp(seen->key.name, key->name) != 0)
		return SEEN_OTHER_LOG;
	return seen->key.type == key->type && memcmp(seen->key.pub, key->pub, NOTE_PUB_BYTES) == 0 ?
	    SEEN_WELL :
	    SEEN_OTHER_KEY;
}

enum seen_word seen_judge(const struct seen_log *seen, const struct seen_shown *shown,
    struct seen_log *next)
{
	struct note_key key;
	struct note_head head;
	enum seen_word word;

	if (note_key_parse(shown->vkey, &key) != SC_OK || shown->note.n > NOTE_MAX)
		return SEEN_UNPROVED;
	if (seen->any && (word = same_signer(seen, &key)) != SEEN_WELL)
		return word;
	if (shown->note.n == 0)
		return seen->any ? SEEN_ROLLED_BACK : SEEN_UNPROVED;
	if ((word = read_head(shown->note, &key, &head)) != SEEN_WELL ||
	    (seen->any && !WEAK("log-seen-forgotten") &&
		(word = extends(&seen->head, &head, shown->proof)) != SEEN_WELL))
		return word;
	next->any = true;
	next->key = key;
	next->head = head;
	next->n = shown->note.n;
	memcpy(next->note, shown->note.p, shown->note.n);
	return SEEN_WELL;
}

enum sc_err seen_print(const struct seen_log *s, struct sc_buf *out)
{
	enum sc_err err;

	if ((err = sc_buf_put_str(out, TITLE "\n")) != SC_OK ||
	    (err = note_key_print(&s->key, out)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		return err;
	return sc_buf_put(out, s->note, s->n);
}

enum sc_err seen_parse(struct sc_span text, struct seen_log *out)
{
	struct sc_span line;

	out->any = false;
	if (!note_line(&text, &line) || !sc_span_is(line, TITLE))
		return SC_SYNTAX;
	if (!note_line(&text, &line) || note_key_parse(line, &out->key) != SC_OK ||
	    text.n > NOTE_MAX)
		return SC_SYNTAX;
	switch (read_head(text, &out->key, &out->head)) {
	case SEEN_WELL: break;
	case SEEN_OTHER_KEY: return SC_AUTH;
	default: return SC_SYNTAX;
	}
	memcpy(out->note, text.p, out->n = text.n);
	out->any = true;
	return SC_OK;
}
