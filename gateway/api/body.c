/*
 * body.c - JSON bodies of API calls as trees.
 */
#include "gateway/api/body.h"
#include "base/buf.h"
#include "gateway/codec/json.h"

#include <malloc.h>
#include <stdlib.h>

/* A tree's node costs thirty times the bytes of the shortest value. */
#define VALUES_MAX (64u << 10)

static void wiping_free(void *p)
{
	if (p != NULL)
		sc_wipe(p, malloc_usable_size(p));
	free(p);
}

void api_body_setup(void)
{
	cJSON_Hooks hooks = { .malloc_fn = malloc, .free_fn = wiping_free };

	cJSON_InitHooks(&hooks);
}

/* How many values a tree of TEXT has at most. TEXT is JSON already. */
static size_t count_values(struct sc_span text)
{
	size_t n = 1;
	bool inside = false;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else if (!inside)
			n += c == ',' || c == '[' || c == '{';
	}
	return n;
}

enum sc_err api_body_parse(struct sc_span body, struct sc_diag *diag, cJSON **out)
{
	struct json_spans none;
	enum sc_err err;

	*out = NULL;
	json_spans_init(&none);
	err = json_scan(NULL, body.p, body.n, &none, diag);
	json_spans_fini(&none);
	if (err != SC_OK)
		return err == SC_LIMIT ? SC_SYNTAX : err;
	if (count_values(body) > VALUES_MAX) {
		sc_diag_set(diag, "the body has more values than any batch needs");
		diag->offset = 0;
		return SC_SYNTAX;
	}
	/* cJSON's strings end at a NUL: such a value would be cut without a word */
	if (memmem(body.p, body.n, "\\u0000", 6) != NULL) {
		sc_diag_set(diag, "NUL characters are not accepted here");
		diag->offset = 0;
		return SC_SYNTAX;
	}
	*out = cJSON_ParseWithLength((const char *)body.p, body.n);
	if (*out != NULL)
		return SC_OK;
	sc_diag_set(diag, "the body is nested too deeply, or memory is short");
	diag->offset = 0;
	return SC_SYNTAX;
}

bool api_body_string(const cJSON *object, const char *name, struct sc_span *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*out = sc_span(NULL, 0);
	if (!cJSON_IsString(item))
		return false;
	*out = sc_span_str(item->valuestring);
	return true;
}
