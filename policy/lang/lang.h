/*
 * lang.h - what a policy file may say: the shape that makes a model of it,
 * refusing all that it does not understand.
 */
#ifndef POLICY_LANG_LANG_H
#define POLICY_LANG_LANG_H

#include "base/text/shape.h"
#include "policy/lang/model.h"

/*
 * Fills a zeroed struct lang_model, to which the context's ARG must point: a
 * file's names are understood as those that stand in it.
 */
extern const struct shape lang_policy;

#endif
