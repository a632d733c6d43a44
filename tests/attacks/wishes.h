/* wishes.h - what code of the attacker's own asks for in a process that it got into. */
#ifndef TESTS_ATTACKS_WISHES_H
#define TESTS_ATTACKS_WISHES_H

/*
 * Try WISH with WHAT: read, write or list a path; connect to a socket; run a shell; fork; listen at
 * a port; sniff with a raw socket; look up a name; begin a thread. The program's exit status:
 * WISH_GOT when it came true.
 */
#define WISH_GOT 42
int wish_try(const char *wish, const char *what);

#endif
