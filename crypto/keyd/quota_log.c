/*
 * quota_log.c - records of openings, back into quota books.
 *
 * A record that also masked some values counts all its subjects as shown:
 * rather one too many than one too few.
 */
#include "crypto/keyd/quota_log.h"

#include "base/bytes.h"
#include "crypto/tlog/tile.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <unistd.h>

#define DAY_MS 86400000u

static const cJSON *member(const cJSON *o, const char *outer, const char *inner)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, outer);

	return inner == NULL ? x : cJSON_GetObjectItemCaseSensitive(x, inner);
}

static uint32_t number(const cJSON *x)
{
	return cJSON_IsNumber(x) && x->valuedouble > 0 && x->valuedouble < UINT32_MAX ?
	    (uint32_t)x->valuedouble :
	    0;
}

/* The first 8 bytes of a handle in hex: what a subject counts as. */
static bool handle_id(const char *hex, uint64_t *id)
{
	unsigned i;

	*id = 0;
	for (i = 0; i < 16; i++) {
		char c = hex[i];

		if (c >= '0' && c <= '9')
			*id = *id << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*id = *id << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

static enum sc_err count_subjects(struct quota_book *b, const cJSON *root)
{
	const cJSON *list = member(root, "what", "subjects"), *one;
	uint32_t total = number(member(root, "what", "subjects_total")), n = 0;
	uint64_t id;
	enum sc_err err;

	cJSON_ArrayForEach(one, list)
	{
		n++;
		if (!cJSON_IsString(one) || !handle_id(one->valuestring, &id))
			return SC_CORRUPT;
		if ((err = quota_add(b, id)) != SC_OK)
			return err;
	}
	if (total > n)
		quota_add_unnamed(b, total - n);
	return SC_OK;
}

/* *EARLIER: the record is of a day before. */
static enum sc_err count_entry(struct quota *q, struct sc_span entry, uint64_t now_ms,
    bool *earlier)
{
	cJSON *root = cJSON_ParseWithLength((const char *)entry.p, entry.n);
	const cJSON *at = member(root, "at", NULL), *principal = member(root, "who", "principal");
	struct quota_book *b;
	struct sc_name name;
	enum sc_err err = SC_OK;

	*earlier = cJSON_IsNumber(at) && at->valuedouble < (double)(now_ms - now_ms % DAY_MS);
	if (root == NULL || *earlier || !cJSON_IsString(principal) ||
	    number(member(root, "outcome", "revealed")) == 0)
		goto out;
	if ((err = sc_name_parse(sc_span_str(principal->valuestring), &name)) == SC_OK &&
	    (err = quota_book(q, &name, now_ms, &b)) == SC_OK)
		err = count_subjects(b, root);
out:
	cJSON_Delete(root);
	return err;
}

static enum sc_err count_bundle(struct quota *q, struct sc_span bundle, uint64_t now_ms,
    bool *earlier)
{
	struct sc_span entry;
	size_t at = 0;
	bool old;
	enum sc_err err = SC_OK;

	/* entries are in order of time but for a clock that was set back */
	*earlier = false;
	while (err == SC_OK && tile_entry_next(bundle, &at, &entry)) {
		err = count_entry(q, entry, now_ms, &old);
		*earlier |= old;
	}
	return err;
}

enum sc_err quota_restore(struct quota *q, const char *dir, uint64_t size, uint64_t now_ms,
    bool *cut, struct sc_diag *d)
{
	uint64_t n = (size + TILE_WIDTH - 1) / TILE_WIDTH, read = 0;
	struct sc_buf bundle;
	bool earlier = false;
	enum sc_err err = SC_OK;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*cut = false;
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	if (fd < 0) {
		sc_diag_set(d, "cannot open the log's folder");
		err = SC_IO;
	}
	while (err == SC_OK && n > 0 && !earlier) {
		if (read >= QUOTA_LOG_ENTRIES) {
			*cut = true;
			break;
		}
		n--;
		sc_buf_clear(&bundle);
		if ((err = tile_read(fd, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size),
			 &bundle, d)) == SC_OK)
			err = count_bundle(q, sc_buf_span(&bundle), now_ms, &earlier);
		read += TILE_WIDTH;
	}
	if (fd >= 0)
		close(fd);
	sc_buf_fini(&bundle);
	return err;
}
