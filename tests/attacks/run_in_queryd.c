/*
 * run_in_queryd.c - what code of the attacker's own could do in queryd's process: this is such
 * code, under all that queryd gives up before it serves, by its own settings.
 *
 *	run_in_queryd CONFIG WISH WHAT		(wishes.h)
 */
#include "analytics/queryd/confine.h"
#include "attacks/wishes.h"
#include "base/sandbox.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct sc_diags all = { .n = 0 };
	struct queryd_settings s;

	if (argc != 4 || queryd_settings_load(argv[1], &all, &s) != SC_OK ||
	    sandbox_process(&all.v[0]) != SC_OK || queryd_confine_files(&s, &all.v[0]) != SC_OK ||
	    queryd_confine(&all.v[0]) != SC_OK) {
		fprintf(stderr, "run_in_queryd: %s\n", all.v[0].text);
		return 1;
	}
	return wish_try(argv[2], argv[3]);
}
