/*
 * confine.h - what a witness can still do: write in its own folder, and answer who connects.
 */
#ifndef AUDIT_WITNESS_CONFINE_H
#define AUDIT_WITNESS_CONFINE_H

#include "audit/witness/settings.h"

/* Landlock, when keys are read and the folder is open. Fails with SC_IO. */
SC_CHECKED enum sc_err witness_confine_files(const struct witness_settings *s, struct sc_diag *d);
/* seccomp, when it listens. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err witness_confine(struct sc_diag *d);

#endif
