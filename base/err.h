/*
 * err.h - the one error dialect: a code tells the caller what it may do.
 *
 * "No" is an answer, not an error, and never has a code here. Where and why
 * something failed goes into a struct sc_diag that the caller prints.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define SC_CHECKED __attribute__((warn_unused_result))

enum sc_err {
	SC_OK = 0,
	SC_AGAIN,   /* not now: ask again later */
	SC_NOMEM,   /* no memory: give this one up */
	SC_LIMIT,   /* a ceiling was reached: refuse this one */
	SC_SYNTAX,  /* malformed bytes from outside: refuse them */
	SC_AUTH,    /* does not verify, or not allowed */
	SC_CORRUPT, /* our own file does not verify: stop serving it */
	SC_IO,      /* the system said no; errno may tell */
	SC_STALE,   /* what was asked rests on something that changed: look again first */
	SC_BUG,     /* impossible: a caller broke the contract */
};

/* The code's name, such as "SC_LIMIT"; a static string. */
const char *sc_err_name(enum sc_err err);

#endif
