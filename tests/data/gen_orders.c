/*
 * gen_orders.c - makes up orders for the tests and the demo.
 *
 *	gen_orders --shape taobao|shopify|waybill|crm --count N [--seed S]
 *	           [--truth FILE] [--name NAME] [--customers N] > orders.ndjson
 *
 * One document a line; the same arguments always make the same bytes. --truth
 * writes a line per document: {"f":NAME,"l":LINE,"pii":[{"p":pointer,"t":type,
 * "v":value,"r":[start,end],"m":"f"|"n"|"t"}],"dec":[]}, where r is the raw
 * byte range, and m says string field, JSON number or inside free text.
 * Customers come back: --customers is how many there are (default N/4 + 1).
 */
#include "gen_shapes.h"

#include <stdlib.h>
#include <string.h>

struct options {
	const struct gen_shape *shape;
	const char *truth, *name;
	unsigned long count, seed, customers;
};

static int usage(void)
{
	fprintf(stderr,
	    "usage: gen_orders --shape taobao|shopify|waybill|crm --count N [--seed S]\n"
	    "                  [--truth FILE] [--name NAME] [--customers N]\n");
	return 2;
}

static bool parse_number(const char *s, unsigned long *out)
{
	char *end;

	*out = strtoul(s, &end, 10);
	return s[0] >= '0' && s[0] <= '9' && *end == '\0' && *out < 100000000;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->seed = 1;
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *v = argv[i + 1];
		bool ok = true;

		if (strcmp(argv[i], "--shape") == 0)
			ok = (o->shape = gen_shape_find(v)) != NULL;
		else if (strcmp(argv[i], "--count") == 0)
			ok = parse_number(v, &o->count);
		else if (strcmp(argv[i], "--seed") == 0)
			ok = parse_number(v, &o->seed);
		else if (strcmp(argv[i], "--customers") == 0)
			ok = parse_number(v, &o->customers);
		else if (strcmp(argv[i], "--truth") == 0)
			o->truth = v;
		else if (strcmp(argv[i], "--name") == 0)
			o->name = v;
		else
			ok = false;
		if (!ok)
			return false;
	}
	if (argc % 2 == 0 || o->shape == NULL || o->count == 0)
		return false;
	if (o->customers == 0)
		o->customers = o->count / 4 + 1;
	if (o->name == NULL)
		o->name = o->shape->name;
	return true;
}

int main(int argc, char **argv)
{
	struct gen_out g = { 0 };
	struct options o;
	struct gen_rng r;
	struct gen_person p;
	FILE *truth = NULL;
	int bad;

	if (!parse_options(argc, argv, &o))
		return usage();
	if (o.truth != NULL && (truth = fopen(o.truth, "w")) == NULL) {
		perror(o.truth);
		return 1;
	}
	r.s = o.seed * 7919u + (unsigned char)o.shape->name[0];
	for (unsigned long i = 1; i <= o.count; i++) {
		gen_person(o.seed, gen_below(&r, (unsigned)o.customers), o.shape->western, &p);
		gen_out_reset(&g, gen_style_pick(&r));
		o.shape->write(&g, &r, &p);
		printf("%s\n", g.doc.p);
		if (truth != NULL)
			fprintf(truth, "{\"f\":\"%s\",\"l\":%lu,\"pii\":[%s],\"dec\":[]}\n", o.name,
			    i, g.truth.n > 0 ? g.truth.p : "");
	}
	gen_out_fini(&g);
	bad = fflush(stdout) != 0 || ferror(stdout);
	if (truth != NULL && fclose(truth) != 0)
		bad = 1;
	if (bad)
		fprintf(stderr, "gen_orders: the output could not be written\n");
	return bad;
}
