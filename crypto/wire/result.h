/*
 * result.h - what keyd is asked of a head and says of one item: what of the wire's
 * those who ask through keyc fill and read too.
 */
#ifndef CRYPTO_WIRE_RESULT_H
#define CRYPTO_WIRE_RESULT_H

#include "base/span.h"

#define WIRE_NO_RECORD UINT64_MAX

enum wire_status {
	WIRE_OK,
	WIRE_DENIED,    /* keyd's policy says no */
	WIRE_GONE,      /* the key was destroyed */
	WIRE_BAD_TOKEN, /* not a token, or not authentic */
	WIRE_TOO_LARGE,
	WIRE_QUOTA, /* allowed, but not for so many people today */
	WIRE_UNKNOWN_CLASS,
	WIRE_BAD_VALUE, /* to index: nothing of it has a normal form; for a pseudonym: empty */
	WIRE_UNKNOWN_KEY, /* the key may have been given out by a store that was newer than this one */
	WIRE_BROKEN_KEY, /* there is one, and it does not open: the store is damaged */
	WIRE_FOREIGN,    /* a token, but not of the person whom the item names */
	WIRE_DORMANT,    /* nothing of theirs was sealed lately, or nobody can say when */
	WIRE_QUEUED,     /* something was, and the day's ceiling of returning people is reached */
	WIRE_UNSIGNED,   /* keyd's policy wants the caller's own signature, and none was good */
	WIRE_UNKNOWN_ORDER, /* nobody is known whose the order is, and it must be somebody's */
	WIRE_LEAVING, /* an erasure: it waits, and nothing of theirs opens; its value: until when */
	WIRE_STATUS_COUNT
};

/* Whose identifier a pseudonym is made of: flags of its item. */
enum wire_identifier { WIRE_ACCOUNT = 1, WIRE_DEVICE, WIRE_IDENTIFIER_END };

struct wire_result {
	uint8_t status; /* enum wire_status; value is empty unless WIRE_OK */
	uint8_t action; /* what keyd did: MASK, GENERALISE, TOKENISE, DROP, REVEAL */
	uint8_t class_id;
	uint8_t
	    kind; /* 0 JSON string, 1 number, 2 literal; of what was sealed, WIRE_PAST_LIMIT too */
	struct sc_span value;
};

/* A log's head, to be signed. */
struct wire_head {
	struct sc_span origin; /* C2SP tlog-checkpoint origin line */
	uint64_t size;
	const uint8_t *root; /* 32 bytes */
	const uint8_t
	    *proof; /* n_proof * 32 bytes: RFC 6962 §2.1.2, from the last head keyd signed */
	uint8_t n_proof;
};

/*
 * Flags of a SEAL item beside TOKEN_*. INDEXED: the value's blind index is wanted too. It
 * is made of what is sealed there and of nothing else, so nobody can ask for one of a value
 * that is not sealed, counted and told of in the log.
 */
enum { WIRE_INDEXED = 0x80 };

/* In a sealed result's kind: the day's different values were given, so this one has a nonce. */
enum { WIRE_PAST_LIMIT = 0x40 };

/*
 * The value of such an item's result: the token, and behind a blank the index of the newest
 * version; where others still open, behind another blank that of the oldest, which stays the
 * same when the class is rotated, so that people can be known by it.
 */
struct wire_indexed {
	struct sc_span token, newest, oldest; /* both empty: the value has no normal form */
	bool given;                           /* false: policy, or a ceiling, gives no index */
};

static inline struct sc_span wire_word(struct sc_span *text)
{
	size_t n = 0;
	struct sc_span word;

	while (n < text->n && text->p[n] != ' ')
		n++;
	word = sc_span(text->p, n);
	*text = sc_span_from(*text, n + 1);
	return word;
}

static inline struct wire_indexed wire_indexed(struct sc_span value)
{
	struct wire_indexed x;
	size_t all = value.n;

	x.token = wire_word(&value);
	x.given = x.token.n < all;
	x.newest = wire_word(&value);
	x.oldest = value.n == 0 ? x.newest : wire_word(&value);
	return x;
}

/*
 * What becomes of a token that is not of the person whom a SEAL or OPEN item names: beside
 * TOKEN_FLAGS. FOREIGN_REFUSE (SEAL): it is WIRE_FOREIGN, and not sealed again as text. ADOPT: one
 * under a class key is theirs; to seal, its value goes under their key.
 */
enum { WIRE_FOREIGN_REFUSE = 0x20, WIRE_ADOPT = 0x40 };

/* In a SEAL result's kind: the value was a foreign token, and was sealed as text. */
enum { WIRE_RESEALED = 0x80 };

#endif
