/*
 * query_prompt.h - `scrim query` without a statement: a prompt, or statements of a pipe.
 */
#ifndef CLI_QUERY_PROMPT_H
#define CLI_QUERY_PROMPT_H

#include "cli/query_session.h"

/* Until the input ends, or \q. The worst code of those that S's questions had. */
int query_prompt(struct query_session *s);

#endif
