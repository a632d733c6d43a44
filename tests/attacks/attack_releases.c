/*
 * attack_releases.c - somebody who has released views, and knows how they are made.
 *
 *	attack_releases intersect	half a year of weekly releases, intersected
 *	attack_releases downcode	generalised cells of one release, undone
 *
 * Exits with 0 when the attack succeeded: it found somebody; it undid two cells of a hundred
 * more than whoever guesses by how frequent values are.
 */
#include "analytics/lineage/lineage.h"
#include "unit/analytics/downcode.h"
#include "unit/analytics/intersect.h"
#include "unit/analytics/recode_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 400u
#define WEEKS 26u
#define K 5

static unsigned age[PEOPLE], orders[PEOPLE];

/* Everybody's week: some order, for the others another week has passed. */
static void live(void)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		const bool bought = rig_any(12) == 0;

		age[i] = bought ? 0 : age[i] + (age[i] < 50);
		orders[i] += bought && orders[i] < 50;
	}
}

static void fill(struct recode_rig *rig, unsigned week)
{
	rig_init(rig);
	rig_grid(rig, (struct hierarchy_grid){ .max = 50, .step = 1 });
	rig_grid(rig, (struct hierarchy_grid){ .max = 50, .step = 1 });
	rig_sensitive(rig, "a;b;c;d", (struct recode_rule){ .distinct = 2 });
	rig->set.k = K;
	rig->set.key[0] = (uint8_t)week;
	for (size_t i = 0; i < PEOPLE; i++) {
		char text[64];

		snprintf(text, sizeof(text), "%u;%u;%c", age[i], orders[i], "abcd"[i % 4]);
		rig_row(rig, text, i);
	}
}

static bool intersect(void)
{
	static const unsigned as_it_is[] = { 0, 1, 2, 3 };
	struct intersect x = { .n = 0 };
	struct lineage *l = NULL;
	struct intersect_victims v;

	rig_seed(1);
	if (lineage_open("/nonexistent/lineage", NULL, &l) != SC_OK)
		return false;
	for (unsigned week = 0; week < WEEKS; week++) {
		struct lineage_figures figures;
		struct recode_rig rig;
		struct sc_diag d = { 0 };
		enum sc_err err;

		live();
		fill(&rig, week);
		err = rig_recode(&rig, NULL, &d); /* fills the table */
		recode_result_free(rig.result);
		rig.result = NULL;
		if (err == SC_OK)
			err = lineage_recode(l, "weekly", week, &rig.table, &rig.set, 2, &d,
			    &rig.result, &figures);
		if (err != SC_OK ||
		    lineage_note(l, "weekly", week, &rig.table, rig.result) != SC_OK) {
			fprintf(stderr, "attack_releases: %s\n", d.text);
			exit(2);
		}
		intersect_add(&x, &rig.table, rig.result, as_it_is);
		rig_fini(&rig);
	}
	v = intersect_run(&x, 0, WEEKS, K, 2);
	printf("# %zu people, %zu found by their records, %zu by values\n", v.people, v.records,
	    v.values);
	intersect_fini(&x);
	lineage_close(l);
	return v.records > 0 || v.values > 0;
}

/* Five columns that hang together, as people's do: 27 values below 9 nodes below 3. */
static void fill_alike(struct recode_rig *rig)
{
	char tree[1024];
	size_t at = 0;

	for (unsigned i = 0; i < 27; i++)
		at += (size_t)snprintf(tree + at, sizeof(tree) - at, "v%u;a%u;b%u;*\n", i, i / 3,
		    i / 9);
	rig_init(rig);
	for (size_t c = 0; c < 5; c++)
		rig_tree(rig, tree);
	rig->set.profile = RECODE_FAST;
	for (uint64_t i = 0; i < 12000; i++) {
		const unsigned kind = (unsigned)rig_any(1 + rig_any(9));
		char text[128];

		at = 0;
		for (size_t c = 0; c < 5; c++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "v%u%s",
			    rig_any(3) > 0 ?
				(unsigned)(kind * (c + 1) % 9 * 3 + rig_any(1 + rig_any(3))) :
				(unsigned)rig_any(1 + rig_any(27)),
			    c < 4 ? ";" : "");
		rig_row(rig, text, i);
	}
}

static bool downcode(void)
{
	static const uint32_t ks[] = { 10, 25, 50 };
	uint64_t cells = 0, by_rate = 0, by_cover = 0, by_cut = 0;
	struct recode_rig rig;
	struct sc_diag d = { 0 };

	rig_seed(2);
	fill_alike(&rig);
	for (size_t i = 0; i < 3; i++) {
		struct downcode_score s;

		rig.set.k = ks[i];
		if (rig_recode(&rig, NULL, &d) != SC_OK)
			exit(2);
		s = downcode_run(&rig.table, rig.result, ks[i]);
		printf("# k %u: of %llu cells %llu by frequency, %llu by cover, %llu by cut\n",
		    ks[i], (unsigned long long)s.cells, (unsigned long long)s.by_rate,
		    (unsigned long long)s.by_cover, (unsigned long long)s.by_cut);
		cells += s.cells;
		by_rate += s.by_rate;
		by_cover += s.by_cover;
		by_cut += s.by_cut;
	}
	rig_fini(&rig);
	const uint64_t best = by_cover > by_cut ? by_cover : by_cut;

	return best > by_rate + cells * 2 / 100;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "intersect") == 0)
		return intersect() ? 0 : 1;
	if (argc == 2 && strcmp(argv[1], "downcode") == 0)
		return downcode() ? 0 : 1;
	fprintf(stderr, "usage: attack_releases intersect|downcode\n");
	return 2;
}
