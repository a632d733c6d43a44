/*
 * metrics.h - what the gateway counts, for Prometheus.
 *
 * Names and label values are literals in metrics.c: no counter can carry a
 * value, a route or a person.
 */
#ifndef GATEWAY_SERVE_METRICS_H
#define GATEWAY_SERVE_METRICS_H

#include "base/buf.h"
#include "crypto/tlog/writer.h"

#include <stdatomic.h>

enum metric {
	METRIC_PROXIED,      /* requests that reached an upstream */
	METRIC_API,          /* /v1 requests */
	METRIC_REFUSED_AUTH, /* no or unknown credential, or not its purpose or role */
	METRIC_REFUSED_POLICY,
	METRIC_REFUSED_BODY, /* malformed, unfit, too large, wrong type */
	METRIC_NO_ROUTE,
	METRIC_KEYS_AWAY,        /* 503: keyd does not answer */
	METRIC_RETURN_QUEUED,    /* 503: somebody's return waits its turn */
	METRIC_LOG_AWAY,         /* 503: a log cannot be written */
	METRIC_NUMBERS_AWAY,     /* 503: no virtual number, or nowhere to write it down */
	METRIC_COLLECT_AWAY,     /* 503: what is collected cannot be kept */
	METRIC_COLLECT_FULL,     /* 429: nor is there room for it */
	METRIC_UPSTREAM_FAILED,  /* 502, 504 */
	METRIC_ANSWERS_WITHHELD, /* an upstream's status without its body */
	METRIC_VALUES_SEALED,
	METRIC_VALUES_OPENED,
	METRIC_VALUES_MASKED,
	METRIC_VALUES_PUT_BACK, /* as the tokens that a recipient's answer had them from */
	METRIC_VALUES_WITHHELD,
	METRIC_VALUES_PAST_LIMIT,
	METRIC_KEYS_UNKNOWN,
	METRIC_KEYS_BROKEN,
	METRIC_NO_SUBJECT,      /* documents sealed under class keys for lack of a subject */
	METRIC_FOREIGN,         /* tokens of somebody else than the document's subject */
	METRIC_UNMATCHED,       /* documents of another shape than the rules describe */
	METRIC_UNDECLARED,      /* personal values at places that no rule speaks of */
	METRIC_CLEAR,           /* values in clear at rules' places of answers */
	METRIC_OBSERVED,        /* bodies that passed as they were, where rules are observed ... */
	METRIC_OBSERVED_UNREAD, /* ... of which so many were not read, ... */
	METRIC_OBSERVED_REFUSALS, /* ... so many would not have passed, ... */
	METRIC_OBSERVED_VALUES,   /* ... and so many values would have been changed */
	METRIC_UNHEARD,           /* bodies that found no room in the tap's spool */
	METRIC_WEBHOOK_FIRST_KEY, /* genuine, by which of the vendor's keys */
	METRIC_WEBHOOK_SECOND_KEY,
	METRIC_WEBHOOK_BENT, /* a known signature over other fields */
	METRIC_RELOADS,
	/* calls and texts to virtual numbers, in the order of enum phone_answer */
	METRIC_CALL_CONNECT,
	METRIC_CALL_COLLECT,
	METRIC_CALL_NOBODY,
	METRIC_CALL_LATE,
	METRIC_CALL_ONE_WAY,
	METRIC_CALL_BUSY,
	METRIC_CALL_BLOCKED,
	METRIC_CALL_WITHHELD,
	METRIC_CALL_REPLAYED,
	METRIC_CALL_DOWN,
	METRIC_COUNT
};

struct metrics {
	atomic_uint_fast64_t v[METRIC_COUNT];
};

static inline void metric_add(struct metrics *m, enum metric which, uint64_t n)
{
	if (n != 0)
		atomic_fetch_add_explicit(&m->v[which], n, memory_order_relaxed);
}

/* Append everything in the Prometheus text format 0.0.4. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err metrics_print(struct metrics *m, struct tlog *log, struct sc_buf *out);

#endif
