/*
 * log_entries.c - reading the tiles of keyd's log for records of erasures.
 */
#include "keys/log_entries.h"

#include "crypto/tlog/tile.h"

static void keep(struct log_entries *e, uint64_t index, struct sc_span entry)
{
	if (memmem(entry.p, entry.n, "\"kind\":\"erase\"", 14) == NULL)
		return;
	if (e->n == e->room) {
		e->room = e->room * 2 + 64;
		if ((e->v = realloc(e->v, e->room * sizeof(e->v[0]))) == NULL)
			abort();
	}
	e->v[e->n].index = index;
	if ((e->v[e->n++].text = strndup((const char *)entry.p, entry.n)) == NULL)
		abort();
}

static uint64_t size_of(const struct fixture *fx)
{
	char path[256];
	unsigned long size = 0;
	FILE *in;

	fixture_path(fx, "run/keyd/log/state", path);
	if ((in = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(in, "%*[^\n]\n%*[^\n]\n%lu", &size) != 1)
		size = 0;
	fclose(in);
	return size;
}

bool log_entries_read(const struct fixture *fx, struct log_entries *out)
{
	char path[256];
	struct sc_diag d = { .text = "" };
	struct sc_buf bundle;
	struct sc_span entry;
	int fd;

	memset(out, 0, sizeof(*out));
	out->size = size_of(fx);
	fixture_path(fx, "run/keyd/log", path);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return false;
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	for (uint64_t n = 0; n * TILE_WIDTH < out->size; n++) {
		uint64_t index = n * TILE_WIDTH;
		size_t at = 0;

		sc_buf_clear(&bundle);
		if (tile_read(fd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, out->size), &bundle,
			&d) != SC_OK)
			break;
		while (tile_entry_next(sc_buf_span(&bundle), &at, &entry))
			keep(out, index++, entry);
	}
	sc_buf_fini(&bundle);
	close(fd);
	return true;
}

void log_entries_free(struct log_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].text);
	free(e->v);
}

const struct log_entry *log_entries_intent(const struct log_entries *e, uint64_t request)
{
	char want[48];

	snprintf(want, sizeof(want), "\"req\":\"%016llx\"", (unsigned long long)request);
	for (size_t i = 0; i < e->n; i++)
		if (strstr(e->v[i].text, want) != NULL)
			return &e->v[i];
	return NULL;
}

bool log_entry_names(const struct log_entry *e, const char *token)
{
	struct token_parts t;
	struct sc_buf scratch;
	char hex[24];
	const char *keys = strstr(e->text, "\"keys\":[");
	bool named = false;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	if (keys != NULL && token_parse(sc_span_str(token), &scratch, &t) == SC_OK) {
		snprintf(hex, sizeof(hex), "\"%016llx\"", (unsigned long long)t.key_id);
		keys = strstr(keys, hex);
		named = keys != NULL;
	}
	sc_buf_fini(&scratch);
	return named;
}
