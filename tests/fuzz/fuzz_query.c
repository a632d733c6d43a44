/*
 * fuzz_query.c - any bytes as a statement: refused with a reason, or answered without the
 * canary that stands in the same file, in bounded steps.
 */
#include "analytics/query/query.h"

#include "unit/query/release_rig.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct query_file *file;
static bool said; /* the canary stands in the statement */

static void begin(void)
{
	static struct release_rig rig;
	struct sc_diag d = { .text = "" };

	must(query_init() == SC_OK, "memory is counted");
	release_rig_init(&rig);
	must(query_file_open(&rig.release, &d, &file) == SC_OK, d.text);
	/* it is open: its place may go */
	release_rig_fini(&rig);
}

static enum sc_err on_columns(void *arg, const char *const *names, size_t n)
{
	(void)arg;
	(void)names;
	(void)n;
	return SC_OK;
}

static enum sc_err on_row(void *arg, const struct query_value *v, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n && !said; i++)
		if (v[i].integer == RIG_CANARY_NUMBER ||
		    (v[i].type == QUERY_TEXT && v[i].text.n >= strlen(RIG_CANARY) &&
			memmem(v[i].text.p, v[i].text.n, RIG_CANARY, strlen(RIG_CANARY)) != NULL))
			abort();
	return SC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct query_limits small = { 20000, 100, 1 << 16, 4 << 20, 4096, 1000 };
	const struct query_sink sink = { .columns = on_columns, .row = on_row };
	const struct sc_span sql = sc_span(data, size);
	struct sc_diag d = { .text = "" };
	uint8_t sum[SHELF_SHA_BYTES];
	struct query_done done;
	enum sc_err err;

	if (file == NULL)
		begin();
	said = size > 0 && memmem(data, size, "canary", 6) != NULL;
	err = query_run(file, sql, &small, &sink, &d, &done);
	if (done.steps > small.steps + 100 || (err != SC_OK && d.text[0] == '\0') ||
	    query_fingerprint(file, sql, sum) != SC_OK)
		abort();
	return 0;
}
