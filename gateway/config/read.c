/*
 * read.c - typed reading of one JSON item of the configuration.
 *
 * What a message quotes is at most 40 bytes of the file, and never text that
 * could be a credential.
 */
#include "gateway/config/read.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct config_cell {
	struct config_cell *next;
	max_align_t data[];
};

void *config_alloc(struct config_box *box, size_t n)
{
	struct config_cell *c;

	if (n > SIZE_MAX / 2)
		return NULL;
	c = calloc(1, sizeof(*c) + (n == 0 ? 1 : n));
	if (c == NULL)
		return NULL;
	c->next = box->cells;
	box->cells = c;
	return c->data;
}

char *config_copy(struct config_box *box, struct sc_span s)
{
	char *p = config_alloc(box, s.n + 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

void config_box_free(struct config_box *box)
{
	struct config_cell *c, *next;

	if (box == NULL)
		return;
	for (c = box->cells; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	policy_free(box->policy);
	free(box);
}

enum sc_err config_refuse(struct config_reader *r, const cJSON *it, const char *fmt, ...)
{
	char text[sizeof(r->d->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return jsonc_error(r->doc, it, r->d, "%s", text);
}

enum sc_err config_keys(struct config_reader *r, const cJSON *it, const char *what,
    const char *const allowed[])
{
	if (!cJSON_IsObject(it))
		return config_refuse(r, it, "%s must be an object { }", what);
	return jsonc_check_keys(r->doc, it, allowed, r->d);
}

const cJSON *config_get(const cJSON *obj, const char *key)
{
	return jsonc_find(obj, key);
}

enum sc_err config_need(struct config_reader *r, const cJSON *obj, const char *what,
    const char *key, const cJSON **out)
{
	*out = config_get(obj, key);
	if (*out == NULL)
		return config_refuse(r, obj, "%s needs \"%s\"", what, key);
	return SC_OK;
}

enum sc_err config_list(struct config_reader *r, const cJSON *it, size_t max, size_t *n)
{
	const cJSON *e;

	*n = 0;
	if (!cJSON_IsArray(it))
		return config_refuse(r, it, "\"%s\" must be a list [ ]", it->string);
	cJSON_ArrayForEach(e, it) if (++*n > max) return config_refuse(r, e,
	    "\"%s\" has more than %zu entries", it->string, max);
	return SC_OK;
}

/* What a message calls IT: its key, or the list it stands in. */
static const char *item_label(const cJSON *it)
{
	return it->string == NULL ? "this entry" : it->string;
}

enum sc_err config_text(struct config_reader *r, const cJSON *it, size_t max, struct sc_span *out)
{
	if (!cJSON_IsString(it))
		return config_refuse(r, it, "\"%s\" must be text in quotes", item_label(it));
	*out = sc_span_str(it->valuestring);
	if (out->n == 0)
		return config_refuse(r, it, "\"%s\" must not be empty", item_label(it));
	if (out->n > max)
		return config_refuse(r, it, "\"%s\" is longer than %zu bytes", item_label(it), max);
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] < 0x20 || out->p[i] == 0x7f)
			return config_refuse(r, it, "\"%s\" has a control character in it",
			    item_label(it));
	return SC_OK;
}

enum sc_err config_name(struct config_reader *r, const cJSON *it, struct sc_name *out)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, 4096, &s)) != SC_OK)
		return err;
	if (sc_name_parse(s, out) != SC_OK)
		return config_refuse(r, it,
		    "\"%s\" must be 1 to %d letters, "
		    "digits, '.', '_' or '-'",
		    item_label(it), SC_NAME_MAX);
	return SC_OK;
}

enum sc_err config_bool(struct config_reader *r, const cJSON *it, bool *out)
{
	if (!cJSON_IsBool(it))
		return config_refuse(r, it, "\"%s\" must be true or false", item_label(it));
	*out = cJSON_IsTrue(it);
	return SC_OK;
}

enum sc_err config_count(struct config_reader *r, const cJSON *it, uint32_t min, uint32_t max,
    uint32_t *out)
{
	double v = cJSON_IsNumber(it) ? it->valuedouble : -1;

	if (v != floor(v) || v < min || v > max)
		return config_refuse(r, it, "\"%s\" must be a whole number from %u to %u",
		    item_label(it), min, max);
	*out = (uint32_t)v;
	return SC_OK;
}

enum sc_err config_size(struct config_reader *r, const cJSON *it, size_t max, size_t *out)
{
	uint64_t v = 0;

	if (cJSON_IsNumber(it) && it->valuedouble >= 1 && it->valuedouble <= (double)max &&
	    it->valuedouble == floor(it->valuedouble))
		v = (uint64_t)it->valuedouble;
	else if (!cJSON_IsString(it) || !jsonc_size_parse(sc_span_str(it->valuestring), &v) ||
	    v == 0 || v > max)
		return config_refuse(r, it,
		    "\"%s\" must be bytes such as "
		    "65536 or \"8MiB\", at most %zu",
		    item_label(it), max);
	*out = (size_t)v;
	return SC_OK;
}

enum sc_err config_duration(struct config_reader *r, const cJSON *it, uint32_t max_ms,
    uint32_t *out)
{
	uint64_t v = 0;

	if (!cJSON_IsString(it) || !jsonc_duration_parse(sc_span_str(it->valuestring), &v) ||
	    v == 0 || v > max_ms)
		return config_refuse(r, it,
		    "\"%s\" must be a time such as "
		    "\"500ms\", \"10s\" or \"5m\", at most %u s",
		    item_label(it), max_ms / 1000);
	*out = (uint32_t)v;
	return SC_OK;
}

enum sc_err config_join(struct config_reader *r, const char *prefix, struct sc_span text,
    char **out)
{
	const char *dir = text.p[0] == '/' ? "" : r->c->dir;
	const char *slash = dir[0] == '\0' || strcmp(dir, "/") == 0 ? "" : "/";
	size_t n = strlen(prefix) + strlen(dir) + text.n + 2;

	if (strcmp(dir, ".") == 0) /* plain names stay plain */
		dir = slash = "";
	if ((*out = config_alloc(r->box, n)) == NULL)
		return SC_NOMEM;
	snprintf(*out, n, "%s%s%s%.*s", prefix, dir, slash, SC_SPAN_ARG(text));
	return SC_OK;
}

enum sc_err config_path(struct config_reader *r, const cJSON *it, char **out)
{
	struct sc_span s;
	enum sc_err err;

	if ((err = config_text(r, it, CONFIG_PATH_MAX, &s)) != SC_OK)
		return err;
	return config_join(r, "", s, out);
}

static bool parse_hex(struct sc_span text, uint8_t *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t nibble[2];

	if (text.n != n * 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < 2; j++) {
			int ch = tolower(text.p[i * 2 + j]);
			const char *at = ch == 0 ? NULL : strchr(digits, ch);

			if (at == NULL)
				return false;
			nibble[j] = (uint8_t)(at - digits);
		}
		out[i] = (uint8_t)(nibble[0] << 4 | nibble[1]);
	}
	return true;
}

enum sc_err config_digest(struct config_reader *r, const cJSON *it, const char *key,
    uint8_t out[static 32])
{
	if (!cJSON_IsString(it) || !parse_hex(sc_span_str(it->valuestring), out, 32))
		return config_refuse(r, it,
		    "\"%s\" must be a SHA-256 as 64 "
		    "hexadecimal digits",
		    key);
	return SC_OK;
}

/* The message for a name that the policy file does not have. */
static enum sc_err refuse_unknown(struct config_reader *r, const cJSON *it, const char *what)
{
	return config_refuse(r, it, "the policy has no %s called \"%.40s\"", what, it->valuestring);
}

enum sc_err config_role(struct config_reader *r, const cJSON *it, uint8_t *id)
{
	struct sc_name n;
	enum sc_err err;

	if ((err = config_name(r, it, &n)) != SC_OK)
		return err;
	return policy_role(r->box->policy, sc_span_str(n.s), id) ? SC_OK :
								   refuse_unknown(r, it, "role");
}

enum sc_err config_purpose(struct config_reader *r, const cJSON *it, uint8_t *id)
{
	struct sc_name n;
	enum sc_err err;

	if ((err = config_name(r, it, &n)) != SC_OK)
		return err;
	return policy_purpose(r->box->policy, sc_span_str(n.s), id) ?
	    SC_OK :
	    refuse_unknown(r, it, "purpose");
}

enum sc_err config_class(struct config_reader *r, const cJSON *it, uint8_t *id)
{
	struct sc_name n;
	enum sc_err err;

	if ((err = config_name(r, it, &n)) != SC_OK)
		return err;
	return policy_class(r->box->policy, sc_span_str(n.s), id) ? SC_OK :
								    refuse_unknown(r, it, "class");
}
