/*
 * beside.h - a file of another daemon, beside scrimd's configuration: do the two agree?
 *
 * What such a file says by itself is its daemon's to tell; here it is held against the
 * configuration, as far as it can be read.
 */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H

#include "base/diag.h"
#include "base/text/doc.h"
#include "gateway/config/config.h"

struct beside_file {
	const char *path;
	const struct config *c;
	struct sc_diags *all;
};

/* Add to what is wrong with the file; NULL: too much is. It has no place yet. */
struct sc_diag *beside_complain(const struct beside_file *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Neither need be there yet; a folder that is not is complained of elsewhere. */
bool beside_same_place(const char *a, const char *b);

/* Read PATH and COMPARE its members with C; ALL gets what is wrong, also that it is none. */
typedef void beside_fn(const struct beside_file *f, const struct doc_node *root);
void beside_check(const char *path, const struct config *c, struct sc_diags *all,
    beside_fn *compare);

#endif
