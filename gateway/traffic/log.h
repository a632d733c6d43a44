/*
 * log.h - the rule log: what rules must remember of each event for fifteen days.
 *
 * Private to gateway/traffic/. A folder with a file a day of arrival, "day-20781",
 * of records and nothing else, appended through a buffer, and begun anew
 * from nothing where none is left. Without a folder the same lies in memory alone.
 *
 *	 0 id         u64	of the message
 *	 8 device     u64
 *	16 person     u64
 *	24 at         u48	Unix milliseconds
 *	30 prefix     u40	of its tag, the lower bits
 *	35 product    u32
 *	39 kind       u8
 *	40 bits       u8	enum traffic_bit
 *	41 raw_days   i8	of the sender's own clock, before (-) or behind the day of AT
 *	42 shop       u16
 *	44 campaign   u16
 *	46 order      u64	of a purchase; of others the fingerprint of its content
 *	54 address    u40	of a purchase by tap; of a page's the fingerprint of its content
 *	59 said       u8	the rule that set it aside, written again when one does; not summed
 *	60 crc32c     u32	over bytes 0 to 58
 */
#ifndef GATEWAY_TRAFFIC_LOG_H
#define GATEWAY_TRAFFIC_LOG_H

#include "base/diag.h"
#include "gateway/traffic/traffic.h"

#include <pthread.h>

enum traffic_bit {
	TRAFFIC_VOUCHED = 1,
	TRAFFIC_CLOCK_OFF = 2,
	TRAFFIC_LATE = 4,
	TRAFFIC_INPUT = 8,     /* there were some */
	TRAFFIC_NO_INPUT = 16, /* there were none; neither bit: not said */
};

#define TRAFFIC_AT_SAID 59
#define TRAFFIC_TAG_MASK 0xffffffffffull /* u40 */

struct traffic_record {
	uint64_t id, device, person, at_ms, prefix, order, address, content;
	uint32_t product;
	int8_t raw_days;
	uint16_t shop, campaign;
	uint8_t kind, bits, said;
};

void traffic_record_encode(const struct traffic_record *in,
    uint8_t out[static TRAFFIC_RECORD_BYTES]);
/* False: the sum is wrong. */
bool traffic_record_decode(const uint8_t in[static TRAFFIC_RECORD_BYTES],
    struct traffic_record *out);
/* The same of a record that is known to be whole. */
void traffic_record_read(const uint8_t in[static TRAFFIC_RECORD_BYTES], struct traffic_record *out);
/* Has an order in it: a purchase, a line, a refund. */
bool traffic_record_orders(uint8_t kind);

#define TRAFFIC_LOG_DAYS (TRAFFIC_DAYS + 2)
#define TRAFFIC_LOG_BUFFER ((size_t)1 << 20)

struct traffic_log_day {
	uint32_t day; /* since 1970, UTC, of arrival */
	int fd;       /* -1: none */
	uint64_t n;   /* records in the file */
	bool unsynced;
};

struct traffic_log {
	pthread_mutex_t lock; /* over all below: events come on one thread, tending on another */
	int dirfd;            /* -1: memory alone */
	struct traffic_log_day days[TRAFFIC_LOG_DAYS]; /* ascending, [0] the oldest */
	size_t n_days;
	uint8_t *buffer;
	size_t used;
	uint32_t buffer_day; /* of arrival of all that is in it */
	bool failed;         /* the disk did, since the last tending */
};

/*
 * Open the folder at DIR; a torn end of the newest file is cut. Fails with SC_IO, SC_NOMEM,
 * SC_CORRUPT (a record in the middle is damaged; D says where).
 */
SC_CHECKED enum sc_err traffic_log_open(struct traffic_log *l, const char *dir, struct sc_diag *d);
/* What is in the buffer is written; of zeros with `days` none is fine. */
void traffic_log_close(struct traffic_log *l);

/* Remember one that came at NOW_MS. A disk that fails is told by the next traffic_log_tend(). */
void traffic_log_add(struct traffic_log *l, const struct traffic_record *r, uint64_t now_ms);
/* Write what is buffered, so that a reader sees it. Fails with SC_IO. */
SC_CHECKED enum sc_err traffic_log_write(struct traffic_log *l);
/* The same, make it durable, forget files of days past TRAFFIC_DAYS. Fails with SC_IO. */
SC_CHECKED enum sc_err traffic_log_tend(struct traffic_log *l, uint64_t now_ms);

/* ---- reading it as one tape ------------------------------------------------------------ */

struct traffic_tape_day {
	uint8_t *map;
	size_t n;  /* records */
	size_t at; /* number of its first */
	uint32_t day;
	int fd; /* its own */
};
struct traffic_tape {
	struct traffic_tape_day v[TRAFFIC_LOG_DAYS];
	size_t n_days, n;
	uint8_t *said; /* a rule each: what is there, and what this snapshot says */
	uint8_t *note; /* bits each, of a rule that is at work */
};

/*
 * All that is in L now, mapped, each record held against its sum. Costs two bytes of memory a
 * record, beside pages that the kernel may drop. Fails with SC_IO, SC_NOMEM, SC_CORRUPT.
 */
SC_CHECKED enum sc_err traffic_tape_open(struct traffic_log *l, struct traffic_tape *out);
void traffic_tape_close(struct traffic_tape *t);
void traffic_tape_get(const struct traffic_tape *t, size_t i, struct traffic_record *out);
/* What T says was said is so for good. */
void traffic_tape_keep(struct traffic_tape *t);

#endif
