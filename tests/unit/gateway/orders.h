/*
 * orders.h - reading the order corpus (../shared/data/orders/dev): gzipped
 * NDJSON, and its paths.json turned into selectors.
 */
#ifndef TESTS_ORDERS_H
#define TESTS_ORDERS_H

#include "gateway/codec/paths.h"
#include "base/buf.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define ORDERS "../shared/data/orders/dev"

static const char *const order_shapes[4] = { "taobao", "shopify", "waybill", "crm" };

static inline bool orders_there(void)
{
	return access(ORDERS "/paths.json", R_OK) == 0;
}

/* All of the gzipped file ORDERS/NAME, CODEC_PAD zeros behind it. */
static inline bool orders_read(const char *name, struct sc_buf *out)
{
	char path[256];
	uint8_t *to;
	gzFile f;
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", ORDERS, name);
	if ((f = gzopen(path, "rb")) == NULL)
		return false;
	for (;;) {
		if (sc_buf_grow(out, 1 << 20, &to) != SC_OK)
			break;
		n = gzread(f, to, 1 << 20);
		sc_buf_truncate(out, out->n - (1 << 20) + (size_t)(n < 0 ? 0 : n));
		if (n <= 0)
			break;
	}
	gzclose(f);
	return n == 0;
}

/* One selector in the making. */
struct order_path {
	char text[256];
	uint16_t action;
};

/* A pointer such as a/b, a * for any part, as $['a']['b']. */
static inline void order_selector(const char *pointer, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "$");
	char part[128];

	while (*pointer == '/' && n < size) {
		size_t len = strcspn(++pointer, "/");

		snprintf(part, sizeof(part), "%.*s", (int)len, pointer);
		if (strcmp(part, "*") == 0)
			n += (size_t)snprintf(out + n, size - n, "[*]");
		else
			n += (size_t)snprintf(out + n, size - n, "['%s']", part);
		pointer += len;
	}
}

enum { ORDER_FIELD = 1, ORDER_TEXT = 2 };

/* The selectors of SHAPE: fields as ORDER_FIELD, free text as ORDER_TEXT. */
static inline struct codec_paths *orders_paths(const char *shape)
{
	static struct order_path path[256];
	static struct codec_selector sel[256];
	struct codec_paths *out = NULL;
	struct sc_diag d = { 0 };
	struct sc_buf text;
	const cJSON *one, *it;
	cJSON *all;
	size_t n = 0;

	sc_buf_init(&text, 1 << 24);
	if (!orders_read("paths.json", &text))
		return NULL;
	all = cJSON_ParseWithLength((const char *)text.p, text.n);
	one = cJSON_GetObjectItem(all, shape);
	cJSON_ArrayForEach(it, cJSON_GetObjectItem(one, "fields"))
	{
		order_selector(it->string, path[n].text, sizeof(path[n].text));
		path[n++].action = ORDER_FIELD;
	}
	cJSON_ArrayForEach(it, cJSON_GetObjectItem(one, "free_text"))
	{
		order_selector(it->valuestring, path[n].text, sizeof(path[n].text));
		path[n++].action = ORDER_TEXT;
	}
	for (size_t i = 0; i < n; i++)
		sel[i] = (struct codec_selector){ path[i].text, path[i].action, 0, 0 };
	if (codec_paths_new(sel, n, &d, &out) != SC_OK)
		printf("# %s\n", d.text);
	cJSON_Delete(all);
	sc_buf_fini(&text);
	return out;
}

#endif
