/*
 * feed.h - all that may ever pass from the gateway to analytics: frames of one
 * size, whose every field is a number.
 *
 * A frame is FEED_FRAME_BYTES long, big-endian, its layout a row of fields in
 * feed.c; no frame has room for a text. Identifiers are pseudonyms under a
 * dataset key of keyd's, products and events are hashes under a key of the
 * gateway's: analytics can compare them and no more. The same frames lie in the
 * gateway's spool, travel over the feed's socket, and lie in the event log.
 *
 *	frame	type u8 | version u8 | fields of the type | zeros | CRC-32C u32
 */
#ifndef BASE_FEED_FEED_H
#define BASE_FEED_FEED_H

#include "base/err.h"
#include "base/feed/rule.h"

#include <stdbool.h>
#include <stdint.h>

#define FEED_FRAME_BYTES 64
#define FEED_VERSION 1
#define FEED_MS_MAX (((uint64_t)1 << 42) - 1) /* of every moment: in the year 2109 */
#define FEED_OFFSET_MIN (-48)                 /* of a clock from UTC: twelve hours behind, */
#define FEED_OFFSET_MAX 56                    /* fourteen before */

enum feed_type {
	/* what is kept */
	FEED_EVENT = 1,
	FEED_CONSENT,
	FEED_LINK,
	FEED_ATTRIBUTE,
	FEED_VERDICT,
	FEED_ERASE,
	FEED_COUNT,
	FEED_SNAPSHOT,
	FEED_COMMIT, /* in files alone, never sent: what stands before it is whole */
	FEED_KEPT_END,
	/* how it is handed over (link.h) */
	FEED_HELLO = 32,
	FEED_AT,
	FEED_BATCH,
	/* what an operator asks and hears (operator.h) */
	FEED_ASK = 48,
	FEED_TALLY,
	FEED_PROGRESS,
	FEED_END,
};

/* What happened. Names: feed_kind_names. */
enum feed_kind {
	FEED_PAGE = 1, /* a page or a list was looked at */
	FEED_PRODUCT,  /* a product was */
	FEED_SEARCH,
	FEED_CART_ADD,
	FEED_CART_REMOVE,
	FEED_CHECKOUT,
	FEED_PURCHASE, /* an order as a whole; its PRICE is the total */
	FEED_ITEM,     /* a line of an order */
	FEED_REFUND,
	FEED_EXPOSURE, /* a message or a promotion was shown */
	FEED_OUTCOME,  /* it was opened, clicked, left */
	FEED_LOGIN,
	FEED_KIND_END,
};
extern const char *const feed_kind_names[]; /* by number; [0] is ""; NULL at the end */

enum feed_flag {
	FEED_VOUCHED =
	    1, /* from the tap on orders or a back end's key: a person's, not a page's word */
	FEED_LATE = 2,      /* older than the window of duplicates when it came */
	FEED_CLOCK_OFF = 4, /* its clock and ours differ by more than fifteen minutes */
	FEED_MOBILE = 8,
	FEED_APP = 16,
	FEED_DATACENTRE = 32, /* from a network of the operator's list */
	FEED_FLAGS_END = 64,
};

/* 0 is "none" or "not said" in every field but ID and KIND, which every event has. */
struct feed_event {
	uint64_t
	    id; /* of the message; an order's own for what comes of orders, so that tap and back end are one */
	uint64_t person;   /* pseudonym of the account, vouched for; 0: a visit */
	uint64_t device;   /* pseudonym of the anonymous id */
	uint64_t at_ms;    /* Unix time, by the sender's clock set right */
	int32_t late_s;    /* how long after that it came */
	uint32_t product;  /* keyed hash */
	uint32_t price;    /* in steps of the configuration, per order or line */
	uint16_t category; /* number in the configuration, from 1; 0: another */
	uint16_t campaign; /* likewise */
	uint16_t shop;   /* the site or back end it came by, number in the configuration, from 1 */
	uint8_t kind;    /* enum feed_kind */
	uint8_t channel; /* number in the configuration, from 1 */
	int8_t offset;   /* of the shop's clock from UTC then, in quarters of an hour */
	uint8_t flags;   /* enum feed_flag */
	uint8_t quantity;
	uint8_t arm;    /* of a campaign */
	uint8_t page;   /* page type or query group, number in the configuration, from 1 */
	uint8_t family; /* of the browser: enum feed_family */
};

enum feed_family {
	FEED_OTHER_BROWSER,
	FEED_CHROME,
	FEED_FIREFOX,
	FEED_SAFARI,
	FEED_EDGE,
	FEED_WEBVIEW,
	FEED_OWN_APP
};

enum feed_who { FEED_PERSON = 1, FEED_DEVICE };
enum feed_word { FEED_GRANT = 1, FEED_REFUSE, FEED_WITHDRAW };

/* What a person, or a page on a device's behalf, said of one purpose. */
struct feed_consent {
	uint64_t who;     /* pseudonym */
	uint64_t at_ms;   /* by the server's clock */
	uint32_t version; /* of the text it was said to */
	uint8_t kind;     /* enum feed_who */
	uint8_t purpose;  /* a purpose of the policy, as a number of the configuration, from 1 */
	uint8_t word;     /* enum feed_word */
	bool verified;    /* told by a back end, not a page */
};

/* A device is an account's between two moments, as a back end says at login. */
struct feed_link {
	uint64_t device, person;
	uint64_t from_ms;
	uint64_t to_ms; /* 0: still */
};

/* A generalised trait: which of the configuration's, and which of its bands or words. */
struct feed_attribute {
	uint64_t person;
	uint64_t at_ms;
	uint8_t attribute; /* from 1 */
	uint8_t value;     /* from 1 */
};

enum feed_action { FEED_QUARANTINE = 1, FEED_RELEASE, FEED_CONDEMN };
enum feed_scope { FEED_OF_EVENT = 1, FEED_OF_RULE };
/* Why an operator says so: a word, since a text could tell of a person. */
enum feed_because {
	FEED_MISTAKE = 1,
	FEED_KNOWN_PARTNER,
	FEED_COMPLAINT,
	FEED_TEST,
	FEED_ATTACK,
	FEED_BECAUSE_END
};
extern const char *const feed_because_names[]; /* by number; [0] is ""; NULL at the end */

/* What a rule, or an operator (who goes before every rule), holds of an event. */
struct feed_verdict {
	uint64_t event; /* of FEED_OF_EVENT */
	uint64_t at_ms;
	uint32_t n, expected,
	    threshold; /* what was counted, what is usual, what is borne; scaled as rule.c says */
	uint32_t operator_uid; /* who of RELEASE and CONDEMN */
	uint8_t action, scope; /* enum feed_action, feed_scope */
	uint8_t rule;          /* enum feed_rule */
	uint8_t rule_version;
	uint8_t because; /* enum feed_because, of an operator's */
};

/* Forget: all that is this person's or this device's leaves the log. */
struct feed_erase {
	uint64_t who;
	uint8_t kind; /* enum feed_who */
};

/* So many events of KIND were refused for REASON on DAY: they are counted and nowhere else. */
struct feed_count {
	uint32_t day; /* since 1970, UTC */
	uint32_t n;
	uint8_t reason; /* enum feed_rule */
	uint8_t kind;   /* enum feed_kind; 0: not known */
};

/* The gateway has judged all until here: make features of it. */
struct feed_snapshot {
	uint64_t number;
	uint64_t at_ms;
};

struct feed_commit {
	uint64_t spool;
	uint64_t
	    next; /* the sequence number of the first frame of that spool that is not in the log */
};

/* ---- handing over ------------------------------------------------------------- */

/*
 * The gateway connects (SOCK_SEQPACKET), says HELLO, and hears AT: from where on
 * that spool's frames are wanted. Then packets of one BATCH frame and its frames,
 * each answered by AT once it is durable. Whatever else comes ends the connection.
 */
#define FEED_PACKET_FRAMES 1024 /* at most, BATCH included */

struct feed_hello {
	uint64_t spool; /* random, made with the spool */
};
struct feed_at {
	uint64_t spool, next;
};
struct feed_batch {
	uint64_t first;
	uint32_t n;
};

/* ---- what an operator asks and hears --------------------------------------------- */

/* One ASK on a SOCK_SEQPACKET connection; the answer is frames, END the last. */
enum feed_question {
	FEED_STATUS = 1, /* TALLYs */
	FEED_WHY_EVENT,  /* the EVENT, its VERDICTs */
	FEED_WHY_RULE,   /* its VERDICTs, the newest first, at most MAX; TALLYs */
	FEED_DO_RELEASE, /* of EVENT, or of RULE where EVENT is 0 */
	FEED_DO_CONDEMN,
	FEED_DO_DROP,    /* for good, what is quarantined: EVENT, or RULE's, or all */
	FEED_DO_REBUILD, /* PROGRESSes */
	FEED_DO_DRAFT,   /* what the calendar owes */
	FEED_QUESTION_END,
};
struct feed_ask {
	uint64_t event;
	uint32_t max;
	uint8_t question; /* enum feed_question */
	uint8_t rule;
	uint8_t because;
};

/* What is counted. Names: feed_tally_names. */
enum feed_tally_of {
	FEED_N_EVENTS = 1,  /* kept, by kind (A) */
	FEED_N_QUARANTINED, /* by rule (A) */
	FEED_N_REFUSED,     /* by reason (A) and kind (B) */
	FEED_N_RELEASED,    /* by rule (A) */
	FEED_N_CONDEMNED,   /* by rule (A) */
	FEED_N_DUPLICATES,
	FEED_N_LATE,
	FEED_N_PEOPLE,      /* with features, at the last snapshot */
	FEED_N_VISITS,      /* devices without an account */
	FEED_N_UNCONSENTED, /* events that stay out of features for want of consent */
	FEED_N_ERASED,
	FEED_N_BYTES,
	FEED_N_SNAPSHOT,    /* the last one's number */
	FEED_N_SNAPSHOT_AT, /* its time, Unix milliseconds */
	FEED_N_DIGEST,      /* the first 8 bytes of its features' SHA-256 */
	FEED_N_LIVE,        /* people with features now */
	FEED_N_STALE,       /* people who wait for the next snapshot */
	FEED_N_LIVE_BYTES,  /* of memory that those features take */
	FEED_N_DRAFTED, /* a release: its number; A 0: the cube, else a view by its place in the spec */
	FEED_N_WITHHELD, /* likewise, and why it was not made: enum sc_err */
	FEED_TALLY_END,
};
extern const char *const feed_tally_names[]; /* by number; [0] is ""; NULL at the end */

struct feed_tally {
	uint64_t value;
	uint8_t of; /* enum feed_tally_of */
	uint8_t a, b;
};
struct feed_progress {
	uint64_t done, total;
};
struct feed_end {
	uint8_t err; /* enum sc_err */
};

/* ---- a frame ------------------------------------------------------------------ */

struct feed_frame {
	uint8_t type; /* enum feed_type */
	union {
		struct feed_event event;
		struct feed_consent consent;
		struct feed_link link;
		struct feed_attribute attribute;
		struct feed_verdict verdict;
		struct feed_erase erase;
		struct feed_count count;
		struct feed_snapshot snapshot;
		struct feed_commit commit;
		struct feed_hello hello;
		struct feed_at at;
		struct feed_batch batch;
		struct feed_ask ask;
		struct feed_tally tally;
		struct feed_progress progress;
		struct feed_end end;
	} u;
};

/* F as bytes. Fails with SC_BUG: no such type, a number out of its range. */
SC_CHECKED enum sc_err feed_encode(const struct feed_frame *f,
    uint8_t out[static FEED_FRAME_BYTES]);
/*
 * Back: every byte is accounted for. Fails with SC_SYNTAX: another version, no
 * such type, a number out of its range, bytes that should be zero; SC_CORRUPT:
 * the sum is wrong.
 */
SC_CHECKED enum sc_err feed_decode(const uint8_t in[static FEED_FRAME_BYTES],
    struct feed_frame *out);

#endif
