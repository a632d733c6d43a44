/*
 * demo.h - what `scrim up --demo` makes beside a configuration when it is
 * missing: throw-away keys that no real data should ever meet.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#include <sys/types.h>

/*
 * Make, each only when it is missing: the configuration at PATH and the policy
 * it names (copies of the shipped ones), the TLS pairs of its listeners,
 * keyd.json beside it, viewd.json where it collects events, and, when its list of
 * principals is empty, an API key per role in keys/ROLE.key with the principals in
 * principals.json, which both configurations then name. In keyd.json the gateway runs as user
 * GATEWAY.
 * Fails with SC_IO, SC_SYNTAX, SC_NOMEM, SC_LIMIT; D says what and where.
 */
SC_CHECKED enum sc_err demo_prepare(const char *path, uid_t gateway, struct sc_diag *d);

/*
 * A self-signed certificate for localhost, 127.0.0.1 and ::1, good for a year,
 * and its key (P-256), as PEM files; the key's mode is 0600.
 */
SC_CHECKED enum sc_err demo_certificate(const char *cert_path, const char *key_path,
    struct sc_diag *d);

#endif
