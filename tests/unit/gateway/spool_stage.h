/*
 * spool_stage.h - what the tests of the spool share: numbered events, a look at
 * its files, and a viewd that does what the test says, call by call.
 */
#ifndef TESTS_UNIT_GATEWAY_SPOOL_STAGE_H
#define TESTS_UNIT_GATEWAY_SPOOL_STAGE_H

#include "gateway/spool/spool.h"

#include <stdatomic.h>

struct stage_told {
	_Atomic uint64_t durable, fallen, times;
	_Atomic bool failed;
};
/* The spool's on_durable, of a struct stage_told. */
void stage_on_durable(void *told, uint64_t next, bool ok);

/* Events FROM+1.. as ids, N of them, put at once. What spool_put() said. */
enum sc_err stage_put(struct spool *s, uint64_t from, size_t n);
/* Put them and wait until all is durable. */
bool stage_put_when_room(struct spool *s, uint64_t from, size_t n);
bool stage_put_durable(struct spool *s, uint64_t from, size_t n);
bool stage_wait(const _Atomic uint64_t *v, uint64_t least);

/* Remove all of PATH, if it is there. */
void stage_empty(const char *path);
/* A spool in WHERE, or NULL, said; TOLD (may be NULL) hears what is durable. */
struct spool *stage_spool(const char *where, const char *socket, uint64_t max,
    struct stage_told *told);
/* Open and close it: what came of that, D, and how many frames there are. */
enum sc_err stage_opens(const char *where, struct sc_diag *d, uint64_t *put);

/* All that DIR's segments hold, in order: ids FROM+1..., without a gap, each once. *END: behind the last. */
bool stage_holds(const char *dir, uint64_t *from, uint64_t *end);
/* Bytes of all files in DIR; how many segments there are. */
uint64_t stage_bytes(const char *dir, size_t *segments);

/* ---- the other side ------------------------------------------------------------------ */

struct stage_peer {
	int listener, fd;
	uint64_t spool, next; /* as the gateway said, and what the peer has */
};
bool peer_listen(struct stage_peer *p, const char *path);
void peer_close(struct stage_peer *p); /* connection and listener */
/* Take a connection and its HELLO. */
bool peer_meet(struct stage_peer *p);
bool peer_say(struct stage_peer *p, const struct feed_frame *f);
bool peer_say_at(struct stage_peer *p, uint64_t next);
/* A packet: its BATCH and N events with the ids that follow NEXT, which goes on. 0: none came, or not so. */
size_t peer_take(struct stage_peer *p, int wait_ms);
/* Take and acknowledge until NEXT is END. */
bool peer_take_until(struct stage_peer *p, uint64_t end);
/* The gateway has hung up. */
bool peer_alone(struct stage_peer *p);

#endif
