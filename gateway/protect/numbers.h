/*
 * numbers.h - asking for the virtual numbers of a window. Private to protect/.
 */
#ifndef GATEWAY_PROTECT_NUMBERS_H
#define GATEWAY_PROTECT_NUMBERS_H

#include "base/err.h"
#include "policy/decide/decide.h"

#include <stddef.h>

struct protect_job;

/* Kind of a result that is a whole field, encoded already. */
#define NUMBERS_AS_OBJECT 0xFF

/* Is something of a number shown to whom A is said of? Then a virtual one can stand for it. */
static inline bool numbers_shows(enum policy_action a)
{
	return a == ACTION_REVEAL || a == ACTION_MASK || a == ACTION_GENERALISE;
}

/*
 * form.ask of tokens; and of values in clear, which are sealed first. A result's
 * value is what will stand there, and its action what that is.
 */
SC_CHECKED enum sc_err numbers_ask(struct protect_job *job, size_t n);
SC_CHECKED enum sc_err numbers_ask_from_clear(struct protect_job *job, size_t n);

#endif
