/*
 * gen_shapes.h - the four kinds of document that pass through the gateway.
 */
#ifndef TESTS_DATA_GEN_SHAPES_H
#define TESTS_DATA_GEN_SHAPES_H

#include "gen_out.h"
#include "gen_values.h"

struct gen_shape {
	const char *name;
	bool western;
	void (*write)(struct gen_out *g, struct gen_rng *r, const struct gen_person *p);
};

/* NULL when there is no shape of that name. */
const struct gen_shape *gen_shape_find(const char *name);

/* How awkward this document is to be: about half are plain. */
unsigned gen_style_pick(struct gen_rng *r);

#endif
