/*
 * keyd_log.c - going through the log of a keyd that has stopped.
 */
#include "unit/crypto/keyd_log.h"

#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* *LAST: the place of the newest of them. */
static unsigned look(const struct fixture *f, const char *const part[], size_t n_part,
    uint64_t *last)
{
	char path[256];
	struct sc_diag d = { .text = "" };
	struct sc_buf bundle;
	struct sc_span e;
	unsigned found = 0;
	uint64_t size = 0, index = 0;
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
			if (i == n_part)
				*last = index;
			found += i == n_part;
			index++;
		}
	}
	sc_buf_fini(&bundle);
	close(fd);
	return found;
}

unsigned entries_with(const struct fixture *f, const char *const part[], size_t n_part)
{
	uint64_t last;

	return look(f, part, n_part, &last);
}

uint64_t entry_with(const struct fixture *f, const char *const part[], size_t n_part)
{
	uint64_t last = UINT64_MAX;

	(void)look(f, part, n_part, &last);
	return last;
}
