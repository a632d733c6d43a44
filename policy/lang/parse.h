/*
 * parse.h - a policy file to a model, refusing all that it does not understand.
 */
#ifndef POLICY_LANG_PARSE_H
#define POLICY_LANG_PARSE_H

#include "base/text/jsonc.h"
#include "policy/lang/model.h"

/*
 * Fill the zeroed *M from DOC. M's arrays are the caller's to release with
 * lang_model_fini(), on failure too. Fails with SC_SYNTAX or SC_LIMIT, D
 * (never NULL) saying where and why, and SC_NOMEM.
 */
SC_CHECKED enum sc_err lang_parse(const struct jsonc *doc, struct sc_diag *d, struct lang_model *m);
void lang_model_fini(struct lang_model *m);

/* ---- between the files of policy/lang only ------------------------------ */

struct lang_ctx {
	const struct jsonc *doc;
	struct sc_diag *d;
	struct lang_model *m;
};

/* One key of an object and what to do with it. INTO is the object being filled. */
struct lang_word {
	const char *key;
	enum sc_err (*parse)(struct lang_ctx *c, const cJSON *item, void *into);
};

/* Run the handler of each member of OBJECT; a key without one is refused as an unknown WHAT. */
SC_CHECKED enum sc_err lang_words(struct lang_ctx *c, const cJSON *object,
    const struct lang_word *words, const char *what, void *into);

/* A name, a list of names, or "*". */
SC_CHECKED enum sc_err lang_pick_roles(struct lang_ctx *c, const cJSON *item,
    struct lang_pick *out);
SC_CHECKED enum sc_err lang_pick_purposes(struct lang_ctx *c, const cJSON *item,
    struct lang_pick *out);
SC_CHECKED enum sc_err lang_pick_classes(struct lang_ctx *c, const cJSON *item,
    struct lang_pick *out);
SC_CHECKED enum sc_err lang_pick_tiers(struct lang_ctx *c, const cJSON *item,
    struct lang_pick *out);
SC_CHECKED enum sc_err lang_pick_ops(struct lang_ctx *c, const cJSON *item, struct lang_pick *out);
/* Every role, purpose, class, tier and operation that there is. */
void lang_pick_all(const struct lang_model *m, struct lang_pick *out);

/* One action, tier or role by name. */
SC_CHECKED enum sc_err lang_action(struct lang_ctx *c, const cJSON *item, uint8_t *out);
SC_CHECKED enum sc_err lang_tier(struct lang_ctx *c, const cJSON *item, uint8_t *out);
SC_CHECKED enum sc_err lang_role(struct lang_ctx *c, const cJSON *item, uint8_t *out);

/* The sections. */
SC_CHECKED enum sc_err lang_parse_rules(struct lang_ctx *c, const cJSON *list);
SC_CHECKED enum sc_err lang_parse_tests(struct lang_ctx *c, const cJSON *list);
SC_CHECKED enum sc_err lang_parse_groups(struct lang_ctx *c, const cJSON *item, uint8_t *groups);
SC_CHECKED enum sc_err lang_parse_apart(struct lang_ctx *c, const cJSON *list);

/* Put a role (or each of ROLES) into GROUP; SC_SYNTAX at ITEM when that breaks a separation of duty. */
SC_CHECKED enum sc_err lang_duty_join(struct lang_ctx *c, uint64_t roles, uint8_t group,
    const cJSON *item);

#endif
