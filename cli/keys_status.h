/*
 * keys_status.h - asking keyd how it is, by the socket that scrimd uses.
 */
#ifndef CLI_KEYS_STATUS_H
#define CLI_KEYS_STATUS_H

#include "base/buf.h"
#include "gateway/config/config.h"

#define KEYS_DRILL_DAYS 90 /* a drill that is older is complained of */

/*
 * keyd's JSON, appended to OUT. Fails with SC_AGAIN (it does not answer, or takes
 * nobody like this user), SC_AUTH (it has another policy or tenant), SC_NOMEM.
 */
SC_CHECKED enum sc_err keys_status_ask(const struct config *c, struct sc_buf *out);

#endif
