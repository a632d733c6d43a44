/*
 * label.h - virtual numbers for what leaves with a parcel: what a rule says of
 * them, and who gives them out.
 *
 * Who gives them out is handed in from above as a struct of functions: the
 * enforcement point knows neither pools nor a store.
 */
#ifndef GATEWAY_PROTECT_LABEL_H
#define GATEWAY_PROTECT_LABEL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define LABEL_ORDER_MAX 128 /* bytes of an order's reference */
#define LABEL_WANTS_MAX 512 /* of one ask */
#define LABEL_VALUE_MAX 64  /* bytes of a value in clear: no telephone number is longer ... */
#define LABEL_TOKEN_MAX 216 /* ... nor its token's text */
#define LABEL_EXTENSION_MAX 6

struct phone_service;
struct worker;

/* What the configuration says of the number that stands in a field's place. */
struct label_rule {
	const char *pool;    /* NULL: the rule is of another form */
	uint32_t ttl_s;      /* 0: the pool's own */
	bool object;         /* number, extension and so on apart, and not one text */
	const char *display; /* NULL: the pool's */
};

enum label_got {
	LABEL_NONE,    /* no pool of the ladder has a number left */
	LABEL_HOTLINE, /* the same, and the pool has said what a label bears then: NUMBER */
	LABEL_NUMBER,
};

/* A number that is wanted for the person of a token, and what it became. */
struct label_want {
	struct label_want *next;
	const struct label_rule *rule;        /* valid as long as somebody waits for it */
	struct sc_span order, subject, token; /* SUBJECT may be empty; TOKEN is text */
	/* became */
	enum label_got got;
	const char *number;                      /* lives as long as the service */
	char extension[LABEL_EXTENSION_MAX + 1]; /* with its zeros; "": none */
	uint64_t expires_at;                     /* Unix seconds */
	uint64_t retry_at;                       /* of NONE: the earliest release; 0: not known */
	/* private to who gives them out */
	uint16_t pool;
	uint32_t ext;
};

/*
 * One ask under way, embedded in a heap object of who asks that lives until
 * done(), with all it points to but the rules. ERR: none of it is durable.
 */
struct label_ask {
	struct label_want *wants; /* N of them, at most LABEL_WANTS_MAX */
	size_t n;
	void (*done)(struct label_ask *, enum sc_err err);
};

struct label_binder {
	/*
	 * Bind each want to its order: the same order and person again are the
	 * same number. done() is called on the caller's own thread when all are durable.
	 * Fails at once, and then done() is not called, with SC_NOMEM, SC_LIMIT (a
	 * text is too long), SC_IO (no such pool). NULL: there are no numbers.
	 */
	enum sc_err (*bind)(const struct label_binder *b, struct label_ask *ask);
	/* Append what is to be read on the parcel for W, which is not NONE. Fails like sc_buf_put(). */
	enum sc_err (*print)(const struct label_binder *b, const struct label_want *w,
	    struct sc_span masked, struct sc_buf *out);
	struct phone_service *service;
	struct worker *worker;
};

#endif
