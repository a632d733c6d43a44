/*
 * fuzz_paths.c - any lines as selectors; what compiles is walked.
 */
#include "gateway/codec/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static void walk(const struct codec_paths *paths)
{
	static const char doc[] = "{\"a\":[1,{\"b\":\"x\",\"\":null}],\"b\":{\"a\":"
				  "{\"a\":{\"c\":true}}},\"\\u00e9\":[[2]],\"n\":["
				  "{\"v\":1,\"k\":\"p\"},{\"k\":7.0,\"v\":{\"k\":\"p\",\"v\":2}}]}";
	uint8_t padded[sizeof(doc) + CODEC_PAD] = { 0 };
	struct codec_fields s;

	memcpy(padded, doc, sizeof(doc) - 1);
	codec_fields_init(&s);
	must(json_scan(paths, padded, sizeof(doc) - 1, &s, NULL) == SC_OK);
	must(s.n <= 11 + 12); /* scalars, and what begins */
	for (size_t i = 0; i < s.n; i++) {
		struct codec_finding f = { s.v[i].action, CODEC_NONE, 0 };

		if (s.v[i].action >= CODEC_FINDING)
			f = codec_paths_finding(paths, s.v[i].action);
		must(f.action < 8 || f.action == CODEC_NONE);
		must(f.astray < 8 || f.astray == CODEC_NONE);
		must(f.points < 1 << 8);
		must(s.v[i].kind != CODEC_BEGIN || (f.points != 0 && s.v[i].start == s.v[i].end));
		must(i == 0 || s.v[i].start >= s.v[i - 1].start);
	}
	codec_fields_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_selector sel[8];
	struct codec_paths *paths = NULL;
	struct sc_diag d = { 0 };
	char *text;
	size_t n = 0;
	enum sc_err err;

	if (size > 512)
		return 0;
	if ((text = calloc(1, size + 1)) == NULL)
		return 0;
	if (size != 0)
		memcpy(text, data, size);
	for (char *p = text, *lf; n < 8; p = lf + 1) {
		sel[n] = (struct codec_selector){ p, (uint16_t)n, (uint16_t)(n % 3),
			(uint8_t)(p[0] == '$' ? n % 8 : 0) };
		/* every second point is one of elements */
		if (sel[n].how == (CODEC_POINT | CODEC_PARTIAL))
			sel[n].how |= CODEC_EACH;
		/* a line that begins with an exclamation mark is an exception of the one before */
		if (p[0] == '!') {
			sel[n] = (struct codec_selector){ p + 1, (uint16_t)(n == 0 ? 0 : n - 1), 0,
				CODEC_EXCEPT };
		}
		n++;
		if ((lf = strchr(p, '\n')) == NULL)
			break;
		*lf = '\0';
	}
	err = codec_paths_new(sel, n, &d, &paths);
	if (err == SC_OK) {
		must(codec_paths_states(paths) <= CODEC_STATES_MAX);
		walk(paths);
	} else {
		must(paths == NULL && d.text[0] != '\0');
	}
	codec_paths_free(paths);
	free(text);
	return 0;
}
