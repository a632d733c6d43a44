/*
 * server_int.h - the server and its doors. Private to server.c and doors.c.
 */
#ifndef CRYPTO_KEYD_SERVER_INT_H
#define CRYPTO_KEYD_SERVER_INT_H

#include "crypto/keyd/far_door.h"
#include "crypto/keyd/server.h"

/* A socket that is listened at. */
struct server_door {
	struct loop_io io;
	struct server *of;
	const char *path; /* NULL: there is none */
	bool operates;    /* for keyd's own user and root alone */
};

#define DOORS 2

struct server {
	struct loop *loop;
	const struct settings *settings;
	struct server_door doors[DOORS];
	void (*on_ready)(struct loop_io *io, uint32_t events); /* of a peer's descriptor ... */
	void (*on_wait)(struct loop_timer *t);                 /* ... and timer */
	struct far_door *far; /* NULL: nobody comes from other hosts */
	struct loop_io far_io;
	struct tls_pins pins;
	struct engine *engine;
	struct tlog *log;
	struct loop_turn turn;
	struct loop_wake durable;
	struct loop_timer deadline;
	bool started, draining;
	bool gathering;         /* this turn's records wait for its end */
	uint8_t trouble;        /* as every peer was told */
	struct loop_timer look; /* at it, also when nobody asks anything */
	uint64_t next_id;
	uint8_t *in;
	struct peer peers[SERVER_PEERS_MAX + SERVER_OPERATORS];
	size_t n_peers; /* none behind these was ever used: a turn looks at no more */
};

void doors_init(struct server *s); /* before all else */
/* Listen at all doors that ST names. Fails with SC_IO, SC_LIMIT, SC_SYNTAX, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err doors_open(struct server *s, struct sc_diag *d);
/* Let in from now on whoever comes. Fails as loop_add(). */
SC_CHECKED enum sc_err doors_watch(struct server *s);
void doors_unwatch(struct server *s); /* harmless twice */
void doors_close(struct server *s);

#endif
