/*
 * phone_hooks.c - who is told of events.
 */
#include "gateway/config/phone.h"

#include "gateway/number/event.h"

#include <string.h>

#define URL_MAX 512

_Static_assert(PHONE_EVENT_COUNT <= 64, "struct phone_hook has 64 bits of them");

/* All, and by their first word: behind those by name. */
static const char *const groups[] = { "*", "binding.*", "call.*", "pool.*", "guess.*" };
#define ALL_EVENTS PHONE_EVENT_COUNT /* the first of them */

static const char *event_word(const void *arg, unsigned i)
{
	(void)arg;
	if (i < PHONE_EVENT_COUNT)
		return phone_event_names[i];
	i -= PHONE_EVENT_COUNT;
	return i < sizeof(groups) / sizeof(groups[0]) ? groups[i] : NULL;
}
static const struct shape_words events = { "event", .name = event_word };

/* The events that word I of the above means. */
static uint64_t events_of(unsigned i)
{
	uint64_t set = 0;
	const char *group;

	if (i < PHONE_EVENT_COUNT)
		return (uint64_t)1 << i;
	group = groups[i - PHONE_EVENT_COUNT];
	for (unsigned e = 0; e < PHONE_EVENT_COUNT; e++)
		if (strncmp(phone_event_names[e], group, strlen(group) - 1) == 0)
			set |= (uint64_t)1 << e;
	return set;
}

static bool read_events(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	uint64_t *set = field;
	unsigned i;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n == 0)
		return shape_must(c, node, "be a list of events, such as [\"binding.*\"]");
	*set = 0;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		if (shape_find_word(c, e, &i))
			*set |= events_of(i);
		else
			ok = false;
	return ok;
}

static void begin_hook(struct shape_ctx *c, void *into)
{
	(void)c;
	((struct phone_hook *)into)->events = events_of(ALL_EVENTS);
}

static bool check_hook(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct phone_hook *h = into;

	return h->ca == NULL || strncmp(h->url, "https://", 8) == 0 ||
	    shape_wrong(c, doc_find(object, "ca"), "\"ca\" needs an https:// URL");
}

#define AT(field) SHAPE_AT(struct phone_hook, field)
static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "url", config_read_public_url, AT(url), .need = true, .min = 1, .max = URL_MAX },
	{ "ca", shape_path, AT(ca), .max = CONFIG_PATH_MAX },
	{ "secret", shape_path, AT(secret_file), .need = true, .max = CONFIG_PATH_MAX },
	{ "events", read_events, AT(events), .words = &events },
	{ .key = NULL },
};
const struct shape config_hook_shape = { "hook", rows, sizeof(struct phone_hook),
	.begin = begin_hook, .check = check_hook };
