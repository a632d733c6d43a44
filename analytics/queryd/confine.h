/*
 * confine.h - the system calls that queryd needs once it serves: no connection to anybody,
 * no program, no process.
 */
#ifndef ANALYTICS_QUERYD_CONFINE_H
#define ANALYTICS_QUERYD_CONFINE_H

#include "base/diag.h"
#include "base/err.h"

/* In all threads, when they run. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err queryd_confine(struct sc_diag *d);

#endif
