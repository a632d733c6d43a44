/*
 * problem.c - writing error answers.
 */
#include "net/http/problem.h"

#include "net/http/head.h"
#include "base/bytes.h"
#include "base/text/jsonw.h"

#include <stdio.h>

enum sc_err http_problem_print(const struct http_problem *p, size_t offset, uint64_t request_id,
    struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	uint8_t id[8];
	char type[96];

	sc_be64_store(id, request_id);
	snprintf(type, sizeof(type), "urn:scrim:problem:%s", p->name);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", type);
	jsonw_kstr(&w, "title", p->title != NULL ? p->title : http_status_text(p->status));
	jsonw_ku64(&w, "status", p->status);
	if (p->detail != NULL)
		jsonw_kstr(&w, "detail", p->detail);
	if (offset != SIZE_MAX)
		jsonw_ku64(&w, "offset", offset);
	jsonw_key(&w, "request_id");
	jsonw_hex(&w, id, sizeof(id));
	jsonw_object_end(&w);
	return w.err;
}
