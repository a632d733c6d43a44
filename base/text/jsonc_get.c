/*
 * jsonc_get.c - typed members of a JSON object, with complaints a person can act on.
 */
#include "base/text/jsonc.h"

const cJSON *jsonc_find(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

enum sc_err jsonc_check_keys(const struct jsonc *doc, const cJSON *object,
    const char *const allowed[], struct sc_diag *d)
{
	const cJSON *m;
	size_t i;

	if (!cJSON_IsObject(object))
		return jsonc_error(doc, object, d, "expected an object { … }");
	cJSON_ArrayForEach(m, object)
	{
		for (i = 0; allowed[i] != NULL; i++)
			if (strcmp(m->string, allowed[i]) == 0)
				break;
		if (allowed[i] != NULL)
			continue;
		jsonc_locate_key(doc, m, d);
		sc_diag_set(d, "unknown key \"%.60s\"", m->string);
		return SC_SYNTAX;
	}
	return SC_OK;
}

/* The member, or NULL; SC_SYNTAX when it is missing and may not be. */
static enum sc_err member(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const cJSON **out)
{
	*out = NULL;
	if (!cJSON_IsObject(object))
		return jsonc_error(doc, object, d, "expected an object { … }");
	*out = jsonc_find(object, key);
	if (*out == NULL && need == JSONC_REQUIRED)
		return jsonc_error(doc, object, d, "\"%s\" is missing here", key);
	return SC_OK;
}

static const char *called(const cJSON *item)
{
	return item->string != NULL ? item->string : "this";
}

enum sc_err jsonc_item_string(const struct jsonc *doc, const cJSON *item, struct sc_diag *d,
    const char **out)
{
	*out = NULL;
	if (!cJSON_IsString(item))
		return jsonc_error(doc, item, d, "%.60s must be a string", called(item));
	*out = item->valuestring;
	return SC_OK;
}

enum sc_err jsonc_item_name(const struct jsonc *doc, const cJSON *item, struct sc_diag *d,
    struct sc_name *out)
{
	const char *s;
	enum sc_err err;

	out->s[0] = '\0';
	if ((err = jsonc_item_string(doc, item, d, &s)) != SC_OK)
		return err;
	if (sc_name_parse(sc_span_str(s), out) != SC_OK)
		return jsonc_error(doc, item, d,
		    "%.60s must be a name: 1 to %d of "
		    "A-Z a-z 0-9 . _ -",
		    called(item), SC_NAME_MAX);
	return SC_OK;
}

/* Decimal digits at S, nothing else before END; false on overflow. */
static bool digits_u64(struct sc_span s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t digit = (uint8_t)(s.p[i] - '0');

		if (digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*out = v;
	return true;
}

/* The number's own text: cJSON has only a double of it. */
static struct sc_span number_text(const struct jsonc *doc, const cJSON *item)
{
	struct sc_span rest;
	size_t n = 0, offset;

	if (!jsonc_offset(doc, item, &offset))
		return sc_span(NULL, 0);
	rest = sc_span_from(jsonc_text(doc), offset);
	while (n < rest.n && strchr("+-.0123456789eE", rest.p[n]) != NULL && rest.p[n] != '\0')
		n++;
	return sc_span(rest.p, n);
}

enum sc_err jsonc_item_u64(const struct jsonc *doc, const cJSON *item, uint64_t min, uint64_t max,
    struct sc_diag *d, uint64_t *out)
{
	uint64_t v;

	if (!cJSON_IsNumber(item) || !digits_u64(number_text(doc, item), &v))
		return jsonc_error(doc, item, d, "%.60s must be a whole number", called(item));
	if (v < min || v > max)
		return jsonc_error(doc, item, d, "%.60s must be between %llu and %llu",
		    called(item), (unsigned long long)min, (unsigned long long)max);
	*out = v;
	return SC_OK;
}

enum sc_err jsonc_string(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const char **out)
{
	const cJSON *m;
	enum sc_err err;

	*out = NULL;
	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	return jsonc_item_string(doc, m, d, out);
}

enum sc_err jsonc_name(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, struct sc_name *out)
{
	const cJSON *m;
	enum sc_err err;

	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	return jsonc_item_name(doc, m, d, out);
}

enum sc_err jsonc_u64(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min, uint64_t max, struct sc_diag *d, uint64_t *out)
{
	const cJSON *m;
	enum sc_err err;

	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	return jsonc_item_u64(doc, m, min, max, d, out);
}

enum sc_err jsonc_bool(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, bool *out)
{
	const cJSON *m;
	enum sc_err err;

	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	if (!cJSON_IsBool(m))
		return jsonc_error(doc, m, d, "%s must be true or false", key);
	*out = cJSON_IsTrue(m);
	return SC_OK;
}

enum sc_err jsonc_array(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const cJSON **out)
{
	enum sc_err err;

	if ((err = member(doc, object, key, need, d, out)) != SC_OK)
		return err;
	if (*out != NULL && !cJSON_IsArray(*out)) {
		err = jsonc_error(doc, *out, d, "%s must be an array [ … ]", key);
		*out = NULL;
	}
	return err;
}

enum sc_err jsonc_object(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, struct sc_diag *d, const cJSON **out)
{
	enum sc_err err;

	if ((err = member(doc, object, key, need, d, out)) != SC_OK)
		return err;
	if (*out != NULL && !cJSON_IsObject(*out)) {
		err = jsonc_error(doc, *out, d, "%s must be an object { … }", key);
		*out = NULL;
	}
	return err;
}

/* ---- numbers with a unit ------------------------------------------------ */

struct unit {
	const char *name;
	uint64_t factor;
};

static bool parse_unit(struct sc_span text, const struct unit *units, uint64_t *out)
{
	struct sc_span unit;
	uint64_t v;
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	if (!digits_u64(sc_span(text.p, n), &v))
		return false;
	unit = sc_span_from(text, n);
	for (; units->name != NULL; units++)
		if (sc_span_is(unit, units->name))
			return !__builtin_mul_overflow(v, units->factor, out);
	return false;
}

bool jsonc_duration_parse(struct sc_span text, uint64_t *ms)
{
	static const struct unit units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
		{ NULL, 0 },
	};

	return parse_unit(text, units, ms);
}

bool jsonc_size_parse(struct sc_span text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "KiB", (uint64_t)1 << 10 },
		{ "MiB", (uint64_t)1 << 20 },
		{ "GiB", (uint64_t)1 << 30 },
		{ "TiB", (uint64_t)1 << 40 },
		{ NULL, 0 },
	};

	return parse_unit(text, units, bytes);
}

enum sc_err jsonc_duration(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min_ms, uint64_t max_ms, struct sc_diag *d, uint64_t *out)
{
	const cJSON *m;
	enum sc_err err;
	uint64_t v;

	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	if (!cJSON_IsString(m) || !jsonc_duration_parse(sc_span_str(m->valuestring), &v))
		return jsonc_error(doc, m, d,
		    "%s must be a duration such as "
		    "\"30s\", \"5m\" or \"15d\"",
		    key);
	if (v < min_ms || v > max_ms)
		return jsonc_error(doc, m, d,
		    "%s must be between %llums and "
		    "%llums",
		    key, (unsigned long long)min_ms, (unsigned long long)max_ms);
	*out = v;
	return SC_OK;
}

enum sc_err jsonc_size(const struct jsonc *doc, const cJSON *object, const char *key,
    enum jsonc_need need, uint64_t min, uint64_t max, struct sc_diag *d, uint64_t *out)
{
	const cJSON *m;
	enum sc_err err;
	uint64_t v;

	if ((err = member(doc, object, key, need, d, &m)) != SC_OK || m == NULL)
		return err;
	if (!cJSON_IsString(m) || !jsonc_size_parse(sc_span_str(m->valuestring), &v))
		return jsonc_error(doc, m, d,
		    "%s must be a size such as "
		    "\"64KiB\" or \"8MiB\"",
		    key);
	if (v < min || v > max)
		return jsonc_error(doc, m, d,
		    "%s must be between %llu and %llu "
		    "bytes",
		    key, (unsigned long long)min, (unsigned long long)max);
	*out = v;
	return SC_OK;
}
