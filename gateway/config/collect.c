/*
 * collect.c - events for analysis: the section as a whole.
 */
#include "gateway/config/collect.h"

#include "base/feed/rule.h"
#include "crypto/prim/hash.h"

#include <string.h>
#include <unistd.h>

#define SPOOL_MIN ((uint64_t)1 << 20)
#define SPOOL_MAX ((uint64_t)1 << 40)

/* ---- files --------------------------------------------------------------------------- */

/* The path behind "unix:". */
static bool read_feed(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **feed = field;

	if (!config_read_socket(c, node, feed))
		return false;
	*feed += strlen("unix:");
	return true;
}

/* What is collected and what it is called are one thing: a change of either is known. */
static bool hash_all(struct shape_ctx *c, const struct doc_node *section, const char *words)
{
	uint8_t *out = ((struct config *)c->arg)->collect_hash;
	struct hash_sha256 h;
	struct doc doc;
	struct sc_diag d;

	if (doc_load_file(c->arena, words, &d, &doc) != SC_OK)
		return true; /* which was told */
	hash_sha256_init(&h);
	hash_sha256_update(&h, sc_span(c->doc.text.p + section->at, section->end - section->at));
	hash_sha256_update(&h, doc.text);
	hash_sha256_final(&h, out);
	return true;
}

static bool read_words_file(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct collect_settings *s = field;
	const char *path;
	enum sc_err err;

	if (!shape_path(c, node, &path))
		return false;
	if (access(path, R_OK) != 0)
		return shape_wrong(c, node, "the words %.120s cannot be read", path);
	err = feed_words_load(path, c->all, &s->words);
	if (err == SC_NOMEM)
		c->err = err;
	return err == SC_OK && hash_all(c, doc_find(c->doc.root, "collect"), path);
}

/* ---- purposes -------------------------------------------------------------------------- */

/* Purpose WORD of the words, as the policy numbers it. */
static bool find_purpose(struct shape_ctx *c, const struct doc_node *words, const char *word,
    uint8_t *out)
{
	const struct sc_name *name;
	const struct policy *policy = ((const struct config *)c->arg)->policy;

	for (unsigned i = 0; i <= UINT8_MAX; i++)
		if ((name = policy_purpose_name(policy, (uint8_t)i)) == NULL)
			break;
		else if (strcmp(name->s, word) == 0) {
			*out = (uint8_t)i;
			return true;
		}
	return shape_wrong(c, words, "the policy has no purpose %.60s, which the words name", word);
}

/* All that one can consent to is a purpose of the policy, and the first is the section's. */
static bool check_purposes(struct shape_ctx *c, const struct doc_node *object,
    struct collect_settings *s)
{
	const struct feed_list *list = &s->words->purposes;
	bool ok = true;

	for (size_t i = 0; i < list->n; i++)
		ok &= find_purpose(c, doc_find(object, "words"), list->v[i], &s->purposes[i]);
	return ok &&
	    (s->purposes[0] == s->purpose ||
		shape_wrong(c, doc_find(object, "purpose"),
		    "the first purpose of the words is what collecting is for: there it is %.60s",
		    list->v[0]));
}

/* ---- rules ----------------------------------------------------------------------------- */

static const struct shape_row rule_rows[] = {
	{ "threshold", shape_count, SHAPE_AT(struct collect_rule_setting, threshold), .need = true,
	    .min = 1, .max = 1000000 },
	{ .key = NULL },
};
static const struct shape rule_shape = { .what = "rule", .rows = rule_rows };

/* What is of the form, or comes again, is no rule that could be off. */
static const char *rule_name(const void *arg, unsigned i)
{
	(void)arg;
	if (i >= FEED_RULE_END)
		return NULL;
	return i < FEED_SAME_CONTENT || feed_rules[i].name == NULL ? "" : feed_rules[i].name;
}
static const struct shape_words rule_words = { "rule", .name = rule_name };

/* A node whose text is the key of MEMBER, at its place. */
static struct doc_node key_of(const struct doc_node *member)
{
	return (struct doc_node){
		.kind = DOC_TEXT,
		.at = member->key_at,
		.end = member->key_at,
		.key_at = member->key_at,
		.text = member->key,
	};
}

/* What M says of a rule: "off", or its threshold. */
static bool read_rule(struct shape_ctx *c, const struct doc_node *m, struct collect_rule_setting *r)
{
	r->off = m->kind == DOC_TEXT && strcmp(m->text, "off") == 0;
	if (r->off)
		return true;
	if (m->kind != DOC_OBJECT)
		return shape_must(c, m, "be \"off\" or { \"threshold\": N }");
	return shape_fill(c, c->row->shape, m, r);
}

static bool read_rules(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row name = { .read = shape_word, .size = 1, .words = &rule_words };
	struct collect_rule_setting *rules = field;
	struct doc_node key;
	uint8_t i;
	bool ok = true;

	if (node->kind != DOC_OBJECT)
		return shape_must(c, node, "be an object { }");
	for (const struct doc_node *m = node->first; m != NULL; m = m->next) {
		key = key_of(m);
		ok &= shape_read(c, &name, &key, &i) && read_rule(c, m, &rules[i]);
	}
	return ok;
}

/* ---- operators -------------------------------------------------------------------------- */

static bool is_principal(const struct config *config, const struct sc_name *name)
{
	return policy_principal_named(config->principals.v, config->principals.n, name) != NULL;
}

static bool read_operators(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row name = { .read = shape_name };
	struct collect_settings *s = field;
	struct sc_name *one;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n == 0 || node->n > c->row->max)
		return shape_must(c, node, "be a list of principals, such as [\"privacy\"]");
	if ((s->operators = shape_alloc(c, node->n * sizeof(*s->operators))) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		one = &s->operators[s->n_operators++];
		if (!shape_read(c, &name, e, one))
			ok = false;
		else if (!is_principal(c->arg, one))
			ok = shape_wrong(c, e, "there is no principal %s", one->s);
	}
	return ok;
}

/* ---- the section -------------------------------------------------------------------------- */

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct collect_settings *s = into;
	const char *own = ((const struct config *)c->arg)->store;
	const struct doc_node *max = doc_find(object, "spool_max");

	if (max != NULL && s->spool_max < SPOOL_MIN)
		return shape_wrong(c, max, "less than \"1MiB\" would be full at once");
	if (own != NULL && strcmp(own, s->store) == 0)
		return shape_wrong(c, doc_find(object, "store"),
		    "this is the store of virtual numbers: collecting has one of its own");
	return check_purposes(c, object, s);
}

#define AT(field) SHAPE_AT(struct collect_settings, field)
#define LIST(field) SHAPE_LIST(struct collect_settings, field, n_##field)
static const struct shape_row rows[] = {
	{ "words", read_words_file, SHAPE_HERE, .need = true, .max = CONFIG_PATH_MAX },
	{ "feed", read_feed, AT(feed), .need = true, .max = CONFIG_PATH_MAX },
	{ "store", config_read_store, AT(store), .need = true, .max = CONFIG_PATH_MAX },
	{ "spool", shape_path, AT(spool), .need = true, .max = CONFIG_PATH_MAX },
	{ "spool_max", shape_bytes, AT(spool_max), .usual = (uint64_t)256 << 20, .max = SPOOL_MAX },
	{ "purpose", config_read_known, AT(purpose), .need = true, .words = &config_purposes },
	{ "role", config_read_known, AT(role), .need = true, .words = &config_roles },
	{ "snapshot_hour", shape_count, AT(snapshot_hour), .usual = 4, .max = 23 },
	{ "operators", read_operators, SHAPE_HERE, .max = SC_PRINCIPALS_MAX },
	{ "sites", shape_list, LIST(sites), .need = true, .min = 1, .max = COLLECT_SITES_MAX,
	    .shape = &config_site_shape },
	{ "names", config_read_names, LIST(aliases), .max = CONFIG_MATCHES_MAX,
	    .words = &config_kinds },
	{ "pages", config_read_matches, LIST(pages), .max = CONFIG_MATCHES_MAX,
	    .words = &config_pages },
	{ "referrers", config_read_matches, LIST(referrers), .max = CONFIG_MATCHES_MAX,
	    .words = &config_channels },
	{ "queries", config_read_matches, LIST(queries), .max = CONFIG_MATCHES_MAX,
	    .words = &config_queries },
	{ "consents", config_read_matches, LIST(consents), .max = CONFIG_MATCHES_MAX,
	    .words = &config_consents },
	{ "traits", config_read_traits, AT(trait_members), .words = &config_traits },
	{ "honeypots", config_read_words, AT(honeypots), .min = 1, .max = CONFIG_HONEYPOTS_MAX },
	{ "orders", shape_list, LIST(orders), .max = CONFIG_ORDERS_MAX,
	    .shape = &config_order_shape },
	{ "bots", shape_path, AT(bots_file), .max = CONFIG_PATH_MAX },
	{ "datacentres", shape_path, AT(datacentre_file), .max = CONFIG_PATH_MAX },
	{ "rules", read_rules, AT(rules), .shape = &rule_shape },
	{ .key = NULL },
};
const struct shape config_collect_shape = { .what = "collect section",
	.rows = rows,
	.check = check };

bool config_read_collect(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct collect_settings **s = field;

	if ((*s = shape_alloc(c, sizeof(**s))) == NULL)
		return false;
	return shape_fill(c, c->row->shape, node, *s);
}

void config_free_collect(struct collect_settings *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_sites; i++)
		zone_free(s->sites[i].zone);
	feed_words_free(s->words);
}
