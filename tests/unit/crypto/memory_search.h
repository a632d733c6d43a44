/*
 * memory_search.h - where in a process's memory given bytes lie: inside what is locked and
 * left out of dumps, or outside.
 *
 * All mappings are read through /proc/PID/mem, also those that the process itself may not
 * touch. A key is looked for by each 16 bytes of it.
 */
#ifndef TESTS_UNIT_CRYPTO_MEMORY_SEARCH_H
#define TESTS_UNIT_CRYPTO_MEMORY_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SEARCH_PIECE 16

struct search_needle {
	char name[32];
	uint8_t b[SEARCH_PIECE];
	unsigned inside, outside; /* how often it was found */
	uint32_t next;            /* of the same beginning; as FIRST has it */
};

struct memory_search {
	struct search_needle *v;
	size_t n, cap;
	uint32_t *first; /* of each beginning of two bytes, one more than its place in V; 0: none */
	size_t bytes;    /* that were read */
};

/* Aborts without memory. */
void search_init(struct memory_search *s);
void search_fini(struct memory_search *s);
/* N bytes (a multiple of SEARCH_PIECE) of a key. */
void search_add(struct memory_search *s, const char *name, const void *key, size_t n);
/*
 * Look for all of them in PID, which stands still; earlier counts are forgotten. SAY: print where
 * those outside were. False: its memory cannot be read.
 */
bool search_run(struct memory_search *s, pid_t pid, bool say);
/* How often all whose name begins with PREFIX were found. */
unsigned search_inside(const struct memory_search *s, const char *prefix);
unsigned search_outside(const struct memory_search *s, const char *prefix);

#endif
