/*
 * fuzz_backup.c - no bytes crash the reading of a backup, none reach past what was given, and
 * who is refused is told why.
 */
#include <stdlib.h>

#include "crypto/backup/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t n;
};

static enum sc_err get(void *arg, uint8_t *p, size_t n, size_t *got)
{
	struct input *in = arg;

	*got = n < in->n ? n : in->n;
	if (*got > 0)
		memcpy(p, in->p, *got);
	in->p += *got;
	in->n -= *got;
	return SC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const struct backup_source source = { get, &in };
	struct store_value v[BACKUP_COLUMNS];
	enum backup_part part = BACKUP_HEADER;
	struct backup_reader *r = NULL;
	struct sc_diag d = { .line = 0 };
	struct backup_header h;
	uint64_t sum = 0, bytes = 0;
	enum sc_err err = backup_reader_new(&source, &d, &h, &r);

	while (err == SC_OK && (err = backup_reader_row(r, &d, &part, v)) == SC_OK &&
	    part != BACKUP_TRAILER)
		for (const char *kind = backup_tables[part].columns; *kind != '\0'; kind++) {
			const struct store_value *c = &v[kind - backup_tables[part].columns];

			for (size_t i = 0; c->kind != STORE_NUMBER && i < c->bytes.n; i++)
				sum += c->bytes.p[i];
			bytes += c->kind == STORE_NUMBER ? 4 : c->bytes.n;
		}
	/* whoever is refused is told why; nobody is given more than there was */
	if (bytes > size || (err != SC_OK && d.text[0] == '\0'))
		abort();
	backup_reader_free(r);
	return sum == UINT64_MAX;
}
