/*
 * wycheproof.h - published test vectors for the primitives' tests.
 *
 * The vectors stand beside the project, not in it. Where their folder is
 * absent a test says so loudly; where it is there, a missing file or too few
 * cases is a failure.
 */
#ifndef TESTS_UNIT_CRYPTO_WYCHEPROOF_H
#define TESTS_UNIT_CRYPTO_WYCHEPROOF_H

#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "base/span.h"
#include "tap.h"

#define WYCHEPROOF_DIR "../shared/vectors/wycheproof"

/* Bytes on the heap; p is never NULL. */
struct bytes {
	uint8_t *p;
	size_t n;
};

static inline struct sc_span bytes_span(struct bytes b)
{
	return sc_span(b.p, b.n);
}

static inline bool wycheproof_there(void)
{
	struct stat st;

	return stat(WYCHEPROOF_DIR, &st) == 0;
}

/* The file, parsed; the caller's to cJSON_Delete(). NULL when it cannot be read. */
static inline cJSON *wycheproof_load(const char *name)
{
	char path[256], *text = NULL;
	cJSON *root = NULL;
	FILE *f;
	long n;

	snprintf(path, sizeof(path), "%s/%s_test.json", WYCHEPROOF_DIR, name);
	if ((f = fopen(path, "rb")) == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) > 0 && fseek(f, 0, SEEK_SET) == 0 &&
	    (text = malloc((size_t)n)) != NULL && fread(text, 1, (size_t)n, f) == (size_t)n)
		root = cJSON_ParseWithLength(text, (size_t)n);
	free(text);
	fclose(f);
	return root;
}

static inline struct bytes bytes_from_hex(const char *hex)
{
	struct bytes b;
	unsigned v;

	b.n = hex == NULL ? 0 : strlen(hex) / 2;
	b.p = malloc(b.n + 1);
	for (size_t i = 0; i < b.n; i++) {
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			abort();
		b.p[i] = (uint8_t)v;
	}
	return b;
}

/* The hex string ITEM.NAME. */
static inline struct bytes bytes_of(const cJSON *item, const char *name)
{
	return bytes_from_hex(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, name)));
}

static inline int int_of(const cJSON *item, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, name);

	return cJSON_IsNumber(v) ? v->valueint : -1;
}

/* 'v' valid, 'i' invalid, 'a' acceptable. */
static inline char result_of(const cJSON *item)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "result"));

	return s == NULL ? '?' : s[0];
}

/* Call FN for every case of the file, with its group; false if there is no file. */
static inline bool wycheproof_each(const char *name, void (*fn)(const cJSON *, const cJSON *))
{
	cJSON *root = wycheproof_load(name);
	const cJSON *group, *test;

	if (root == NULL)
		return false;
	cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(root, "testGroups"))
	    cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(group, "tests"))
		fn(group, test);
	cJSON_Delete(root);
	return true;
}

#endif
