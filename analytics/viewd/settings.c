/*
 * settings.c - viewd.json, as rows of keys.
 */
#include "analytics/viewd/settings.h"

#include "base/feed/rule.h"
#include "base/text/shape.h"

#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define CHAMPION_USUAL 200000 /* hundredths */
#define CHAMPION_MAX UINT32_MAX
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

static bool read_place(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **path = field;

	return shape_path(c, node, field) &&
	    (strlen(*path) <= c->row->max ||
		shape_must(c, node, "be a path of at most %llu bytes with its folder",
		    (unsigned long long)c->row->max));
}

/* A rule that judges; what is refused for its form has no verdict that could be left out. */
static const char *rule_name(const void *arg, unsigned i)
{
	(void)arg;
	if (i >= FEED_RULE_END)
		return NULL;
	return feed_rules[i].does == FEED_RULE_SETS_ASIDE ? feed_rules[i].name : "";
}
static const struct shape_words rule_words = { .what = "rule", .name = rule_name };

static const struct shape_row uid_rows[] = {
	{ "uid", shape_count, .size = sizeof(uid_t), .need = true, .max = UINT32_MAX - 1 },
	{ .key = NULL },
};
static const struct shape uid_shape = { .what = "user", .rows = uid_rows, .size = sizeof(uid_t) };

#define AT(field) SHAPE_AT(struct view_settings, field)
#define PLACE(field, most) read_place, AT(field), .need = true, .max = (most)
#define DAYS(field, days) shape_count, AT(field), .usual = (days), .min = 1, .max = 36500
#define UIDS(field, n) \
	shape_list, SHAPE_LIST(struct view_settings, field, n), .shape = &uid_shape, .min = 1, \
								.max = VIEW_UIDS_MAX

/* A dataset is a folder on the shelf. */
static bool read_dataset(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct sc_name name;
	const char **out = field;

	if (!shape_text(c, node, out))
		return false;
	return sc_name_parse(sc_span_str(*out), &name) == SC_OK ||
	    shape_must(c, node, "be a name: letters, digits, \".\", \"_\" and \"-\"");
}

static const struct shape_row cube_rows[] = {
	{ "dataset", read_dataset, AT(cube_dataset), .need = true, .max = SC_NAME_MAX },
	{ "champion", shape_count, AT(champion), .usual = CHAMPION_USUAL, .max = CHAMPION_MAX },
	{ .key = NULL },
};
static const struct shape cube_shape = { .what = "cube", .rows = cube_rows };

static bool check(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct view_settings *s = into;

	return s->drafts != NULL || (s->views == NULL && s->cube_dataset == NULL) ||
	    shape_wrong(c, object, "\"drafts\" must say where views and the cube go");
}

static const struct shape_row rows[] = {
	{ "$schema", shape_about, SHAPE_HERE },
	{ "tenant", shape_name, AT(tenant), .need = true },
	{ "feed", PLACE(feed, SOCKET_PATH_MAX) },
	{ "operator", PLACE(operator_, SOCKET_PATH_MAX) },
	{ "data", PLACE(data, VIEW_PATH_MAX - 1) },
	{ "words", PLACE(words, VIEW_PATH_MAX - 1) },
	{ "purpose", shape_text, AT(purpose), .max = SC_NAME_MAX },
	{ "peers", UIDS(peers, n_peers) },
	{ "operators", UIDS(operators, n_operators) },
	{ "keep_days", DAYS(keep_days, 400) },
	{ "keep_device_days", DAYS(keep_device_days, 90) },
	{ "keep_aside_days", DAYS(keep_aside_days, 30) },
	{ "rules_off", shape_set, AT(rules_off), .words = &rule_words },
	{ "join_devices", shape_bool, AT(join_devices) },
	{ "live", shape_bool, AT(live), .usual = 1 },
	{ "drafts", read_place, AT(drafts), .max = VIEW_PATH_MAX - 1 },
	{ "views", read_place, AT(views), .max = VIEW_PATH_MAX - 1 },
	{ "cube", shape_object, SHAPE_HERE, .shape = &cube_shape },
	{ .key = NULL },
};
const struct shape view_settings_shape = { .what = "file", .rows = rows, .check = check };

enum sc_err view_settings_load(const char *path, struct sc_diags *all, struct view_settings *out)
{
	struct shape_ctx c = { .arena = &out->arena, .all = all };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shape_load_file(&c, path, &view_settings_shape, out)) != SC_OK)
		view_settings_fini(out);
	return err;
}

void view_settings_fini(struct view_settings *s)
{
	sc_arena_fini(&s->arena);
	memset(s, 0, sizeof(*s));
}

bool view_uid_is_among(uid_t uid, const uid_t *v, size_t n, bool root)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == uid)
			return true;
	return n == 0 && (uid == geteuid() || (root && uid == 0));
}
