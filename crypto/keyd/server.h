/*
 * server.h - the sockets of keyd: who may connect, packets in, packets out.
 */
#ifndef CRYPTO_KEYD_SERVER_H
#define CRYPTO_KEYD_SERVER_H

#include "crypto/keyd/engine.h"
#include "crypto/settings/settings.h"

#define SERVER_PEERS_MAX 64
/* Places that only operators get: whoever takes all others does not lock them out. */
#define SERVER_OPERATORS 8
/* Of the first, from other hosts; and of those, who have yet to prove who they are. */
#define SERVER_FAR_MAX 32
#define SERVER_UNMET_MAX 8

struct server;

/*
 * Listen at st->socket, for those who ask, and at st->operator_, where it is given, for
 * operators: keyd's own user and root. Stale ones are replaced. ST is borrowed.
 * Fails with SC_IO, SC_LIMIT, SC_NOMEM; D says why.
 */
SC_CHECKED enum sc_err server_open(struct loop *l, const struct settings *st, struct sc_diag *d,
    struct server **out);
void server_close(struct server *s); /* NULL is fine */

/* Start to serve with E; replies wait for LOG. */
SC_CHECKED enum sc_err server_start(struct server *s, struct engine *e, struct tlog *log);
/* Policy and callers are others: who is still a gateway begins anew, and is told. */
void server_rejoin(struct server *s);

/* Accept and read no more; the loop stops when all is answered, at the latest after MS. */
void server_drain(struct server *s, uint64_t ms);

/* engine_parts.find; ARG is the server. */
struct peer *server_find(void *arg, uint64_t id);

#endif
