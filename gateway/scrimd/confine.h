/*
 * confine.h - the system calls that scrimd needs once it serves: it calls others, by addresses and
 * by names, and starts no program, no process, and no listener.
 */
#ifndef GATEWAY_SCRIMD_CONFINE_H
#define GATEWAY_SCRIMD_CONFINE_H

#include "base/diag.h"
#include "base/err.h"

/*
 * Names of upstreams are looked for in /etc/hosts and asked for by DNS, whatever nsswitch.conf
 * says: what else it may name are libraries that are loaded when a name is asked for, and no memory
 * becomes executable then. Before the first name.
 */
void confine_names(void);
/* In all threads, when they run and all listen. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err confine_calls(struct sc_diag *d);

#endif
