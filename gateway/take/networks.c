/*
 * networks.c - networks of a file, an address with the length of its prefix a line: is
 * somebody in one of them?
 *
 * All are ranges of 16-byte numbers, IPv4 as RFC 4291 maps it; sorted and joined, so that one
 * search tells.
 */
#include "gateway/take/take.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NETWORKS_MAX 500000
#define LINE_BYTES 96
#define ADDRESS_BYTES 16

struct network_range {
	uint8_t first[ADDRESS_BYTES], last[ADDRESS_BYTES];
};

struct collect_networks {
	struct network_range *v; /* ascending, none touching the next */
	size_t n, cap;
};

/* ADDRESS of 4 or 16 bytes as 16; false: it has another length. */
static bool mapped(struct sc_span address, uint8_t out[static ADDRESS_BYTES])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (address.n == ADDRESS_BYTES) {
		memcpy(out, address.p, ADDRESS_BYTES);
		return true;
	}
	if (address.n != 4)
		return false;
	memcpy(out, prefix, sizeof(prefix));
	memcpy(out + sizeof(prefix), address.p, 4);
	return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* TEXT's first address and how many bits of the sixteen bytes count. */
static bool parse_network(char *text, uint8_t first[static ADDRESS_BYTES], unsigned *bits)
{
	char *slash = strchr(text, '/');
	bool six = strchr(text, ':') != NULL;
	unsigned width = six ? 128 : 32;
	uint8_t address[ADDRESS_BYTES];
	uint64_t length = width;

	if (slash != NULL) {
		*slash = '\0';
		if (!sc_span_u64(sc_span_str(slash + 1), &length) || length > width)
			return false;
	}
	if (inet_pton(six ? AF_INET6 : AF_INET, text, address) != 1)
		return false;
	*bits = 128 - width + (unsigned)length;
	return mapped(sc_span(address, width / 8), first);
}

/* From the first address of BITS to the last; false: bits behind the prefix are set. */
static bool make_range(const uint8_t first[static ADDRESS_BYTES], unsigned bits,
    struct network_range *out)
{
	for (unsigned i = 0; i < ADDRESS_BYTES; i++) {
		unsigned own = bits >= 8 * (i + 1) ? 8 : bits <= 8 * i ? 0 : bits - 8 * i;
		uint8_t rest = (uint8_t)(0xff >> own);

		if ((first[i] & rest) != 0)
			return false;
		out->first[i] = first[i];
		out->last[i] = first[i] | rest;
	}
	return true;
}

static enum sc_err add_line(struct collect_networks *n, char *line)
{
	uint8_t first[ADDRESS_BYTES];
	struct network_range *v;
	unsigned bits;
	size_t cap;

	line[strcspn(line, "#;\r\n")] = '\0';
	for (size_t i = strlen(line); i > 0 && (line[i - 1] == ' ' || line[i - 1] == '\t'); i--)
		line[i - 1] = '\0';
	if (line[0] == '\0')
		return SC_OK;
	if (n->n == NETWORKS_MAX)
		return SC_LIMIT;
	if (n->n == n->cap) {
		cap = n->cap == 0 ? 256 : 2 * n->cap;
		if ((v = reallocarray(n->v, cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		n->v = v;
		n->cap = cap;
	}
	return parse_network(line, first, &bits) && make_range(first, bits, &n->v[n->n++]) ?
	    SC_OK :
	    SC_SYNTAX;
}

static enum sc_err read_file(struct collect_networks *n, const char *file, struct sc_diag *d)
{
	FILE *f = fopen(file, "re");
	char line[LINE_BYTES];
	enum sc_err err = SC_OK;

	snprintf(d->file, sizeof(d->file), "%s", file);
	if (f == NULL) {
		sc_diag_set(d, "cannot be read: %s", strerrordesc_np(errno));
		return SC_IO;
	}
	d->column = 1;
	for (; err == SC_OK && fgets(line, sizeof(line), f) != NULL; d->line++)
		err = strlen(line) == LINE_BYTES - 1 ? SC_SYNTAX : add_line(n, line);
	if (err == SC_OK && ferror(f) != 0)
		err = SC_IO;
	fclose(f);
	if (err != SC_OK)
		sc_diag_set(d,
		    err == SC_LIMIT ? "more than %d networks" :
				      "a line is a network such as 192.0.2.0/24 or 2001:db8::/32",
		    NETWORKS_MAX);
	return err;
}

static int by_first(const void *a, const void *b)
{
	const struct network_range *x = a, *y = b;

	return memcmp(x->first, y->first, ADDRESS_BYTES);
}

/* One that begins within another is part of it: what is left ascends at both ends. */
static void join(struct collect_networks *n)
{
	size_t kept = 0;

	qsort(n->v, n->n, sizeof(*n->v), by_first);
	for (size_t i = 0; i < n->n; i++) {
		struct network_range *last = kept == 0 ? NULL : &n->v[kept - 1];

		if (last == NULL || memcmp(n->v[i].first, last->last, ADDRESS_BYTES) > 0)
			n->v[kept++] = n->v[i];
		else if (memcmp(n->v[i].last, last->last, ADDRESS_BYTES) > 0)
			memcpy(last->last, n->v[i].last, ADDRESS_BYTES);
	}
	n->n = kept;
}

enum sc_err collect_networks_new(const char *file, struct sc_diag *d, struct collect_networks **out)
{
	struct collect_networks *n = calloc(1, sizeof(*n));
	enum sc_err err = n == NULL ? SC_NOMEM : read_file(n, file, d);

	*out = NULL;
	if (err != SC_OK) {
		collect_networks_free(n);
		return err;
	}
	if (n->n > 0)
		join(n);
	*out = n;
	return SC_OK;
}

void collect_networks_free(struct collect_networks *n)
{
	if (n == NULL)
		return;
	free(n->v);
	free(n);
}

/* ---- asking ------------------------------------------------------------------------------------ */

bool collect_networks_has(const struct collect_networks *n, struct sc_span address)
{
	uint8_t a[ADDRESS_BYTES];
	size_t low = 0, high = n->n;

	if (!mapped(address, a))
		return false;
	while (low < high) { /* the first that begins behind A */
		size_t mid = low + (high - low) / 2;

		if (memcmp(n->v[mid].first, a, ADDRESS_BYTES) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && memcmp(a, n->v[low - 1].last, ADDRESS_BYTES) <= 0;
}
