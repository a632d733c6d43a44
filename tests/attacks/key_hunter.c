/*
 * key_hunter.c - looks through a running keyd's memory for every key that its files hold.
 *
 *	key_hunter keyd.json PID SCRATCH
 *
 * Exit status 42: a key, or what is as good as one, lies where it can be swapped out or dumped;
 * 0: all that was found lies in what is locked; 1: nothing was found, or could be looked at.
 */
#include "unit/crypto/known_keys.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct sc_diags all = { .n = 0 };
	struct memory_search s;
	struct settings at;
	int rc = 1;

	if (argc != 4 || settings_load(argv[1], &all, &at) != SC_OK)
		return 1;
	search_init(&s);
	if (known_keys(&at, argv[3], &s, NULL) &&
	    search_run(&s, (pid_t)strtol(argv[2], NULL, 10), true)) {
		printf("%zu pieces looked for in %zu MiB: %u inside, %u outside\n", s.n,
		    s.bytes >> 20, search_inside(&s, ""), search_outside(&s, ""));
		rc = search_outside(&s, "") > 0 ? 42 : search_inside(&s, "") > 0 ? 0 : 1;
	}
	search_fini(&s);
	settings_fini(&at);
	return rc;
}
