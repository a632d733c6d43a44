/*
 * run_in_scrimd.c - what code of the attacker's own could do in scrimd's process: this is such
 * code, under all that scrimd gives up before it serves, by its own configuration.
 *
 *	run_in_scrimd CONFIG WISH WHAT		(wishes.h)
 */
#include "attacks/wishes.h"
#include "gateway/scrimd/confine.h"
#include "gateway/scrimd/process.h"
#include "gateway/serve/generation.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct sc_diags all = { .n = 0 };
	struct generation *g;
	int got;

	if (argc != 4 || process_harden(&all.v[0]) != SC_OK ||
	    generation_load(argv[1], &all, &g) != SC_OK) {
		fprintf(stderr, "run_in_scrimd: %s\n", all.v[0].text);
		return 1;
	}
	confine_names();
	if (process_confine(g->config, &all.v[0]) != SC_OK || confine_calls(&all.v[0]) != SC_OK) {
		fprintf(stderr, "run_in_scrimd: %s\n", all.v[0].text);
		got = 1;
	} else {
		got = wish_try(argv[2], argv[3]);
	}
	generation_release(g);
	return got;
}
