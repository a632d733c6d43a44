/*
 * keys_versions.h - all versions of all keys, as keyd tells its operators.
 */
#ifndef CLI_KEYS_VERSIONS_H
#define CLI_KEYS_VERSIONS_H

#include "base/text/doc.h"
#include "cli/cli.h"

/* ONE is told each, until it returns another code than CLI_GO_ON; LAST, at the end, the whole answer. */
typedef int keys_version_fn(void *arg, const struct doc *doc, const struct doc_node *key);
int keys_versions_each(const struct cli_call *c, keys_version_fn *one, keys_version_fn *last,
    void *arg);

/* The table for people. CLI_DONE, or a code. */
int keys_versions_table(const struct cli_call *c);
/* Members of W: "keys", and what else is told of them. CLI_GO_ON, or a code. */
int keys_versions_json(const struct cli_call *c, struct jsonw *w);

#endif
