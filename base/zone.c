/*
 * zone.c - TZif files of versions 1 to 4 (RFC 8536, RFC 9636): what a zone's clocks
 * showed at each moment.
 *
 * A file is a list of moments at which the offset changed, and a rule for what
 * comes after them, in the text of POSIX's TZ. Leap seconds are refused: no clock
 * of ours counts them.
 *
 *	header | block of 32-bit times | header | block of 64-bit times | "\n" rule "\n"
 *	block	times | types by time | types | names | leap seconds | flags
 */
#include "base/zone.h"

#include "base/bytes.h"
#include "base/zone_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo"
#define NAME_MAX_BYTES 64
#define FILE_MAX_BYTES 65536
#define HEADER_BYTES 44
#define TYPE_BYTES 6

struct zone {
	size_t n;
	int64_t *at;    /* ascending */
	int32_t *after; /* seconds east of UTC from then on */
	int32_t before; /* the first of them */
	bool ruled;     /* RULE says what comes behind the last */
	struct zone_rule rule;
};

/* ---- a file --------------------------------------------------------------------- */

/* What a header says (RFC 8536 §3.1). */
struct tzif_block {
	uint32_t isut, isstd, leap, times, types, chars;
	size_t time_bytes; /* 4 or 8 */
	const uint8_t *data;
};

static enum sc_err bad_file(struct sc_diag *d, const char *why)
{
	sc_diag_set(d, "this is no file of a time zone: %s", why);
	return SC_SYNTAX;
}

/* Read the header at the start of *REST, and step behind its block. */
static bool take_block(struct sc_span *rest, size_t time_bytes, struct tzif_block *b)
{
	const uint8_t *p = rest->p;
	uint64_t n;

	if (rest->n < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return false;
	*b = (struct tzif_block){
		.isut = sc_be32_load(p + 20),
		.isstd = sc_be32_load(p + 24),
		.leap = sc_be32_load(p + 28),
		.times = sc_be32_load(p + 32),
		.types = sc_be32_load(p + 36),
		.chars = sc_be32_load(p + 40),
		.time_bytes = time_bytes,
		.data = p + HEADER_BYTES,
	};
	n = (uint64_t)b->times * (time_bytes + 1) + (uint64_t)b->types * TYPE_BYTES + b->chars +
	    (uint64_t)b->leap * (time_bytes + 4) + b->isstd + b->isut;
	if (n > rest->n - HEADER_BYTES)
		return false;
	*rest = sc_span_from(*rest, HEADER_BYTES + (size_t)n);
	return true;
}

static int64_t time_at(const struct tzif_block *b, size_t i)
{
	const uint8_t *p = b->data + i * b->time_bytes;

	return b->time_bytes == 8 ? (int64_t)sc_be64_load(p) : (int32_t)sc_be32_load(p);
}

/* The offset of type I; false: it is none. */
static bool offset_of(const struct tzif_block *b, uint8_t i, int32_t *out)
{
	const uint8_t *types = b->data + (size_t)b->times * (b->time_bytes + 1);

	if (i >= b->types)
		return false;
	*out = (int32_t)sc_be32_load(types + (size_t)i * TYPE_BYTES);
	return *out > -ZONE_OFFSET_MAX_S && *out < ZONE_OFFSET_MAX_S;
}

static enum sc_err take_times(struct zone *z, const struct tzif_block *b, struct sc_diag *d)
{
	const uint8_t *types = b->data + (size_t)b->times * b->time_bytes;

	if (b->leap != 0)
		return bad_file(d, "it counts leap seconds");
	if (!offset_of(b, 0, &z->before))
		return bad_file(d, "it has no offset");
	z->at = calloc(b->times + 1, sizeof(*z->at));
	z->after = calloc(b->times + 1, sizeof(*z->after));
	if (z->at == NULL || z->after == NULL)
		return SC_NOMEM;
	for (z->n = 0; z->n < b->times; z->n++) {
		z->at[z->n] = time_at(b, z->n);
		if (!offset_of(b, types[z->n], &z->after[z->n]) ||
		    (z->n > 0 && z->at[z->n] <= z->at[z->n - 1]))
			return bad_file(d, "its times are not in order, or lead to no offset");
	}
	return SC_OK;
}

/* "\n" and the rule and "\n"; an empty rule: it goes on as it was. */
static enum sc_err take_footer(struct zone *z, struct sc_span rest, struct sc_diag *d)
{
	const uint8_t *end;

	if (rest.n < 2 || rest.p[0] != '\n' || (end = memchr(rest.p + 1, '\n', rest.n - 1)) == NULL)
		return bad_file(d, "its last line is missing");
	if (end == rest.p + 1)
		return SC_OK;
	z->ruled = true;
	return zone_rule_parse(sc_span(rest.p + 1, (size_t)(end - rest.p) - 1), &z->rule) ?
	    SC_OK :
	    bad_file(d, "its rule for the future is none");
}

static enum sc_err parse(struct zone *z, struct sc_span text, struct sc_diag *d)
{
	struct tzif_block b;
	uint8_t version = text.n > 4 ? text.p[4] : 0;
	enum sc_err err;

	if (text.n > FILE_MAX_BYTES || !take_block(&text, 4, &b) ||
	    (version != 0 && !take_block(&text, 8, &b)))
		return bad_file(d, "its header, or its length");
	err = take_times(z, &b, d);
	return err == SC_OK && version != 0 ? take_footer(z, text, d) : err;
}

enum sc_err zone_parse(struct sc_span tzif, struct sc_diag *d, struct zone **out)
{
	struct zone *z = calloc(1, sizeof(*z));
	enum sc_err err = z == NULL ? SC_NOMEM : parse(z, tzif, d);

	*out = NULL;
	if (err == SC_OK)
		*out = z;
	else
		zone_free(z);
	return err;
}

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->after);
	free(z);
}

/* ---- by name ---------------------------------------------------------------------- */

/* "+08:00", "-03:30", "UTC": OFFSET_S is what it says. */
static bool fixed_offset(const char *name, int32_t *offset_s)
{
	unsigned h, m;
	int end = 0;

	*offset_s = 0;
	if (strcmp(name, "UTC") == 0)
		return true;
	if (strlen(name) != 6 || strspn(name + 1, "0123456789:") != 5 || name[3] != ':' ||
	    sscanf(name + 1, "%2u:%2u%n", &h, &m, &end) != 2 || end != 5 || h > 18 || m > 59 ||
	    (name[0] != '+' && name[0] != '-'))
		return false;
	*offset_s = (int32_t)(h * 3600 + m * 60) * (name[0] == '-' ? -1 : 1);
	return true;
}

/* A path beneath the folder: letters and digits between single slashes, no dots. */
static bool name_ok(const char *name)
{
	size_t n =
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

	return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0' && name[0] != '/' &&
	    name[n - 1] != '/' && strstr(name, "//") == NULL;
}

static enum sc_err read_file(const char *name, uint8_t *out, size_t max, size_t *n)
{
	char path[sizeof(FOLDER) + NAME_MAX_BYTES + 1];
	ssize_t r = 1;
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
		return errno == ENOENT || errno == ENOTDIR ? SC_SYNTAX : SC_IO;
	for (*n = 0; r > 0 && *n<max; *n += r> 0 ? (size_t)r : 0)
		r = read(fd, out + *n, max - *n);
	if (r < 0 && errno == EISDIR)
		r = 0;
	close(fd);
	return r < 0 ? SC_IO : SC_OK;
}

/* A zone that always was and will be OFFSET_S east of UTC. */
static enum sc_err make_fixed(int32_t offset_s, struct zone **out)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return SC_NOMEM;
	(*out)->before = offset_s;
	return SC_OK;
}

enum sc_err zone_load(const char *name, struct sc_diag *d, struct zone **out)
{
	int32_t offset_s;
	uint8_t *text;
	size_t n = 0;
	enum sc_err err = SC_SYNTAX;

	*out = NULL;
	if (fixed_offset(name, &offset_s))
		return make_fixed(offset_s, out);
	if ((text = malloc(FILE_MAX_BYTES + 1)) == NULL)
		return SC_NOMEM;
	if (name_ok(name))
		err = read_file(name, text, FILE_MAX_BYTES + 1, &n);
	if (err != SC_OK)
		sc_diag_set(d,
		    "there is no time zone of that name in " FOLDER " (the package tzdata): "
		    "\"Asia/Shanghai\" is one, \"+08:00\" needs no file");
	else
		err = zone_parse(sc_span(text, n), d, out);
	free(text);
	return err;
}

/* ---- asking ------------------------------------------------------------------------- */

int32_t zone_offset_s(const struct zone *z, int64_t unix_s)
{
	size_t low = 0, high = z->n;

	while (low < high) { /* the first change behind UNIX_S */
		size_t mid = low + (high - low) / 2;

		if (z->at[mid] <= unix_s)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->n && z->ruled)
		return zone_rule_offset_s(&z->rule, unix_s);
	return low == 0 ? z->before : z->after[low - 1];
}
