/*
 * settings.h - what the configuration says of virtual numbers: pools, the
 * numbers that were rented, who rents them out, and who is told of events.
 *
 * Pure data, checked when it is read (gateway/config/phone.c), then constant.
 */
#ifndef GATEWAY_NUMBER_SETTINGS_H
#define GATEWAY_NUMBER_SETTINGS_H

#include "base/name.h"
#include "gateway/number/number.h"

#include <stdbool.h>

#define PHONE_POOLS_MAX 256
#define PHONE_LINES_MAX 65536
#define PHONE_VENDORS_MAX 16
#define PHONE_HOOKS_MAX 16
#define PHONE_NO_POOL UINT16_MAX
#define PHONE_COOLDOWN_MIN_S (24u * 3600)

enum phone_mode {
	PHONE_AXE, /* X and an extension lead to A: labels */
	PHONE_AXB, /* X joins A and B */
	PHONE_AXN, /* X leads to A, whoever calls */
	PHONE_MODE_COUNT
};
extern const char *const phone_mode_names[]; /* "AXE", "AXB", "AXN", NULL */

enum phone_line_state { PHONE_LINE_ACTIVE, PHONE_LINE_DRAINING, PHONE_LINE_SUSPENDED };
/* What becomes of texts that hold digits like a telephone number's. */
enum phone_sms_digits { PHONE_SMS_REDACT, PHONE_SMS_HOLD, PHONE_SMS_DISCARD };

/* A number that was rented: an X. */
struct phone_line {
	char e164[PHONE_E164_MAX + 1];
	struct sc_name region; /* "" when not said */
	uint16_t pool;
	uint8_t state; /* enum phone_line_state */
};

struct phone_pool {
	struct sc_name name;
	uint8_t mode;       /* enum phone_mode */
	uint8_t ext_digits; /* 3 to 6; AXE only */
	bool loose;         /* a number of another region rather than none */
	bool callback;      /* a buyer who calls X reaches the last caller */
	bool voice, sms;
	uint8_t sms_digits;  /* enum phone_sms_digits */
	uint16_t next;       /* the pool to walk to when this one is exhausted, or PHONE_NO_POOL */
	const char *hotline; /* what a label bears when there is none left; NULL: it fails */
	uint32_t ttl_s, ttl_max_s; /* of a binding */
	uint32_t after_s;          /* how long it lives on after completion */
	uint32_t cooldown_s;       /* at least PHONE_COOLDOWN_MIN_S */
	uint32_t callback_s;       /* how long a last caller is remembered */
	uint32_t max_call_s;       /* of one call */
	uint16_t max_parallel;     /* calls of one binding at a time */
	uint16_t max_calls_day;    /* calls of one binding in 24 hours */
	uint8_t watermarks[3];     /* per cent of slots that are not free */
	const char *const *dial;   /* calling codes that may be dialled ("86"); at least one */
	size_t n_dial;
	const char *display; /* see phone_display_print() */
};

/* How many wrong extensions are borne, each within an hour. */
struct phone_guard_settings {
	uint32_t caller_line; /* of one caller at one X; 3 */
	uint32_t caller;      /* of one caller in all; 10 */
	uint32_t line;        /* at one X, all callers; 30, then known callers only */
	uint32_t pool;        /* in a pool, all callers; 30 an X, then known callers only */
	uint32_t block_s;     /* how long a caller is refused; 3600 */
};

/* Each has a row in gateway/twiml/vendor.c. Ended by NULL. */
extern const char *const phone_vendor_kinds[];

/* Who rents out numbers and calls our webhooks. */
struct phone_vendor {
	struct sc_name name;
	const char *kind;         /* one of phone_vendor_kinds */
	const char *account;      /* AccountSid, exactly */
	const char *base;         /* public URL, without a path: "https://gw.example" */
	const char *key_files[2]; /* 0600; the second may be NULL */
	uint64_t key_until[2];    /* Unix seconds; 0: no end */
	bool sha256;              /* the newer signature */
	bool retries;             /* answer the vendor's own second delivery alike */
	uint8_t role;             /* under which it asks: telephony's */
	uint8_t purpose;
	bool pools[PHONE_POOLS_MAX]; /* which are this vendor's, by index */
	const char *language;        /* of what is said: "zh-CN", "en-GB" */
};

/* Who is told of events, as Standard Webhooks. */
struct phone_hook {
	struct sc_name name;
	const char *url;
	const char *ca;          /* PEM; NULL: the system's */
	const char *secret_file; /* 0600, "whsec_..." */
	uint64_t events;         /* bits by enum phone_event; all when not said */
};

struct phone_settings {
	const char *home; /* calling code of numbers written without one: "86" */
	struct phone_pool *pools;
	size_t n_pools;
	struct phone_line *lines; /* of all pools, in the order of the file */
	size_t n_lines;
	struct phone_guard_settings guard;
	struct phone_vendor *vendors;
	size_t n_vendors;
	struct phone_hook *hooks;
	size_t n_hooks;
	const char *event_secret_file; /* signs /v1/call-events; NULL: they are refused */
};

#endif
