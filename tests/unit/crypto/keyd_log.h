/* keyd_log.h - what stands in the log of a fixture's keyd. */
#ifndef TESTS_UNIT_CRYPTO_KEYD_LOG_H
#define TESTS_UNIT_CRYPTO_KEYD_LOG_H

#include "unit/crypto/keyd_fixture.h"

#include "crypto/tlog/tile.h"

/*
 * How many entries have all of the texts PART .. NULL. keyd must be stopped: then
 * all is in the tree.
 */
static inline unsigned entries_with(const struct fixture *f, const char *const part[],
    size_t n_part)
{
	char path[256];
	struct sc_diag d = { .text = "" };
	struct sc_buf bundle;
	struct sc_span e;
	unsigned found = 0;
	uint64_t size = 0;
	FILE *in;
	int fd;

	fixture_path(f, "run/keyd/log/state", path);
	if ((in = fopen(path, "r")) == NULL || fscanf(in, "%*[^\n]\n%*[^\n]\n%lu", &size) != 1)
		return 0;
	fclose(in);
	fixture_path(f, "run/keyd/log", path);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	for (uint64_t n = 0; n * 256 < size; n++) {
		size_t at = 0;

		sc_buf_clear(&bundle);
		if (tile_read(fd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size), &bundle,
			&d) != SC_OK)
			break;
		while (tile_entry_next(sc_buf_span(&bundle), &at, &e)) {
			size_t i = 0;

			while (i < n_part && memmem(e.p, e.n, part[i], strlen(part[i])) != NULL)
				i++;
			found += i == n_part;
		}
	}
	sc_buf_fini(&bundle);
	close(fd);
	return found;
}

#define LOGGED(f, ...) \
	entries_with(f, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

#endif
