/*
 * bench_attack.c - how long the cube's attacker takes.
 *
 *	bench_attack [PEOPLE [WEEKS [CATEGORIES [SINCE]]]]	a made-up shop (20000, 52, 60, "")
 *	bench_attack FILE [SINCE]	a release.db
 *
 * Its people have no unknown traits, so what is found is what folding at ten leaves.
 */
#include "unit/analytics/attack_rig.h"
#include "unit/analytics/attack_world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <stdio.h>

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct attack_rig r;
	const bool file = argc > 1 && strchr(argv[1], '/') != NULL;
	const struct attack_world w = {
		.people = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000,
		.weeks = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 52,
		.categories = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 60,
		.bands = 8,
		.channels = 4,
		.values = 30,
		.traits = 2,
		.visit_percent = 30,
		.buy_percent = 20,
		.floor = 10,
		.seed = 1,
	};
	const char *since = file ? (argc > 2 ? argv[2] : "") : argc > 4 ? argv[4] : "";
	struct rusage usage;
	enum sc_err err;
	double began;

	attack_rig_init(&r);
	if (file)
		snprintf(r.path, sizeof(r.path), "%s", argv[1]);
	else
		attack_world_write(&w, r.db);
	began = seconds();
	err = attack_rig_run(&r, since);
	getrusage(RUSAGE_SELF, &usage);
	printf("%s: %.2f s, %ld MiB at most; %llu folded cells, %llu differences, %llu programs;"
	       " %llu found, %llu of them in doubt\n",
	    sc_err_name(err), seconds() - began, usage.ru_maxrss / 1024,
	    (unsigned long long)r.out.folded, (unsigned long long)r.out.differences,
	    (unsigned long long)r.out.programs, (unsigned long long)r.out.solved,
	    (unsigned long long)r.out.doubtful);
	if (!file)
		attack_rig_fini(&r);
	return err == SC_OK ? 0 : 1;
}
