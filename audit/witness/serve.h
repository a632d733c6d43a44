/*
 * serve.h - the witness's HTTP side (c2sp.org/tlog-witness), one thread:
 *
 *	POST /add-checkpoint               a submission
 *	GET  /<SHA-256 of origin>/checkpoint   what was cosigned last of that log
 *	GET  /healthz                      it answers
 */
#ifndef AUDIT_WITNESS_SERVE_H
#define AUDIT_WITNESS_SERVE_H

#include "audit/witness/settings.h"

/* Listening: WHERE is the address, with the port that was taken. VKEY is the witness's. */
typedef void witness_up_fn(const char *vkey, uint16_t port);

/*
 * Serve by S until SIGTERM or SIGINT. UP is told once, when it listens. Fails as witness_open(),
 * tls_server_new() and http_server_listen() do; ALL tells why.
 */
SC_CHECKED enum sc_err witness_serve(const struct witness_settings *s, witness_up_fn *up,
    struct sc_diags *all);

#endif
