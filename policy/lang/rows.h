/*
 * rows.h - what the shapes of a policy file share. Private to policy/lang.
 */
#ifndef POLICY_LANG_ROWS_H
#define POLICY_LANG_ROWS_H

#include "base/text/shape.h"
#include "policy/lang/model.h"

/* The sections that are lists of objects. */
extern const struct shape lang_rule;
extern const struct shape lang_case;

/* Words of the language, and names that the file gives. */
extern const struct shape_words lang_ops, lang_actions, lang_tiers, lang_carried_tiers;
extern const struct shape_words lang_roles, lang_purposes, lang_classes, lang_rules, lang_groups;

/* Pairs of groups that are kept apart beside those that always are. */
shape_reader lang_read_apart;
/* Put each of ROLES into GROUP; false at NODE when that breaks a separation of duty. */
bool lang_duty_join(struct shape_ctx *c, uint64_t roles, uint8_t group,
    const struct doc_node *node);

#endif
