/*
 * inside.h - JSON that stands in a string of another document, as applications send it when what
 * they were given had to fit into one field.
 *
 * The string is decoded and scanned from the state at which it stands, as if it were an object or
 * array there. What is found is told in bytes of the document itself, so that nothing around it is
 * written anew; what takes its place is escaped once for each string around it.
 *
 * Only where a rule says so is a string more than a text: a remark in which somebody has written
 * JSON is a remark.
 */
#ifndef GATEWAY_CODEC_INSIDE_H
#define GATEWAY_CODEC_INSIDE_H

#include "gateway/codec/codec.h"

#define CODEC_NEST_MAX 4 /* strings around a field */

/* The text of a string, and what is in it. */
struct codec_nest {
	struct sc_buf text;
	struct codec_map map;
	struct codec_fields fields; /* in bytes of the text */
};

/* A document, and how what stands in its texts is read. */
struct codec_around {
	struct sc_span doc;
	/* what a text stands for, as the document's codec has it */
	enum sc_err (*decode)(struct sc_span raw, struct sc_buf *out, struct codec_map *map);
	/* json_scan_at(), which comes here itself */
	enum sc_err (*scan)(const struct codec_paths *paths, uint16_t state, unsigned depth,
	    struct sc_span doc, struct codec_fields *out, struct sc_diag *d);
	bool json; /* its texts are JSON by themselves, whatever a rule says */
};

/*
 * The text F of A's document stands at STATE of PATHS, which says INSIDE, in DEPTH other strings:
 * put the fields in it into OUT, or F itself where it is no object or array of JSON or is too deep.
 * False: no memory.
 */
SC_CHECKED bool codec_inside(const struct codec_around *a, const struct codec_paths *paths,
    uint16_t state, unsigned depth, const struct codec_field *f, struct codec_fields *out);

/*
 * The text of F, of A's document, into NEST, to be scanned. Fails with SC_SYNTAX where it cannot be
 * read or begins with no bracket, SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err codec_nest_read(struct codec_nest *nest, const struct codec_around *a,
    const struct codec_field *f);
/* The same of any F of C's document, which may stand in strings itself. */
SC_CHECKED enum sc_err codec_nest_read_field(struct codec_nest *nest, const struct codec *c,
    struct sc_span doc, const struct codec_field *f);
/*
 * IN, a field of NEST's text, as a field of DOC, in whose F that text stands. False when it cannot
 * be told: a delimiter has more than 65535 bytes.
 */
bool codec_nest_out(const struct codec_nest *nest, struct sc_span doc, const struct codec_field *f,
    const struct codec_field *in, struct codec_field *out);

/* F's, made where there is none. NULL: no memory. */
struct codec_nest *codec_nest_of(struct codec_fields *f);

#endif
