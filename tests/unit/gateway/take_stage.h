/*
 * take_stage.h - a body as it is taken apart for a site of tests/data/collect.json.
 */
#ifndef TESTS_UNIT_GATEWAY_TAKE_STAGE_H
#define TESTS_UNIT_GATEWAY_TAKE_STAGE_H

#include "config_file.h"
#include "gateway/take/take.h"

enum { WEB, IOS, ERP };        /* its sites */
#define TAKE_NOW 1795687205000 /* when bodies come: 2026-11-26 10:00:05 UTC */

struct take_stage {
	struct config *config;
	struct collect_settings settings; /* the configuration's, to change */
	struct collect_visit visit;
	struct sc_arena arena;
	struct collect_taken v[COLLECT_EVENTS_MAX];
	uint32_t index[COLLECT_EVENTS_MAX];
	size_t n;
	struct sc_diag d;
	char dropped[1024]; /* names, each with a blank behind it */
};
static struct take_stage on;

static inline void take_stage_count(void *arg, struct sc_span name)
{
	size_t n = strlen(on.dropped);

	(void)arg;
	snprintf(on.dropped + n, sizeof(on.dropped) - n, "%.*s ", SC_SPAN_ARG(name));
}

/* As site SITE is served. */
static inline void take_stage_at(int site)
{
	on.visit = (struct collect_visit){ .site = &on.settings.sites[site],
		.shop = (uint16_t)(site + 1),
		.received_ms = TAKE_NOW,
		.vouched = site == ERP };
}

static inline bool take_stage_open(void)
{
	struct sc_diags all = { .n = 0 };

	if (!read_text("tests/data/collect.json", good, sizeof(good)) ||
	    config_parse(sc_span_str(good), FILE_NAME, &all, &on.config) != SC_OK)
		return false;
	on.settings = *on.config->collect;
	take_stage_at(WEB);
	return true;
}

static inline void take_stage_close(void)
{
	sc_arena_fini(&on.arena);
	config_free(on.config);
}

static inline enum sc_err take_span(struct sc_span body)
{
	const struct collect_dropped dropped = { take_stage_count, NULL };

	sc_arena_fini(&on.arena);
	on.arena = (struct sc_arena){ .left = 0 };
	on.dropped[0] = '\0';
	return collect_take(&on.settings, &on.visit, &on.arena, body, &dropped, &on.d, on.v,
	    on.index, &on.n);
}

/* TEXT, in which ' stands for ". What is taken borrows from it until the next. */
static inline enum sc_err take(const char *text)
{
	static char body[65536];

	snprintf(body, sizeof(body), "%s", text);
	for (char *p = body; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return take_span(sc_span_str(body));
}

/* A file of the fuzzer's corpus: what client libraries send. */
static inline enum sc_err take_file(const char *name)
{
	static char body[65536];
	char path[256];

	snprintf(path, sizeof(path), "tests/fuzz/corpus/take/%s", name);
	return read_text(path, body, sizeof(body)) ? take_span(sc_span_str(body)) : SC_BUG;
}

static inline bool span_is(struct sc_span s, const char *text)
{
	return sc_span_is(s, text);
}

#endif
