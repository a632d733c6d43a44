/*
 * log_end.c - the log's newest word on the store, and whether it was a clean stop.
 */
#include "crypto/keystore/log_end.h"

#include "crypto/keystore/log_fact.h"
#include "crypto/tlog/tile.h"

#include <string.h>

#define STOP_ENTRIES \
	8 /* at the end, among which a clean stop is looked for: it takes two or three */

/* Each entry of bundle N, from FROM on. */
static enum sc_err read_bundle(const struct log_reader *r, uint64_t n, uint64_t from,
    log_entry_fn *fn, void *arg)
{
	uint64_t index = n * TILE_WIDTH;
	struct sc_span entry;
	size_t at = 0;
	enum sc_err err;

	sc_buf_clear(r->bundle);
	if ((err = tile_read(r->dir, TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, r->size),
		 r->bundle, r->d)) != SC_OK)
		return err;
	for (; tile_entry_next(sc_buf_span(r->bundle), &at, &entry); index++)
		if (index >= from && (err = fn(arg, index, entry)) != SC_OK) {
			sc_diag_set(r->d, "entry %llu of keyd's log cannot be carried out (%s)",
			    (unsigned long long)index, sc_err_name(err));
			return err;
		}
	return SC_OK;
}

static uint64_t bundles(const struct log_reader *r)
{
	return (r->size + TILE_WIDTH - 1) / TILE_WIDTH;
}

enum sc_err log_read_from(const struct log_reader *r, uint64_t from, log_entry_fn *fn, void *arg)
{
	enum sc_err err = SC_OK;

	for (uint64_t n = from / TILE_WIDTH; n < bundles(r) && err == SC_OK; n++)
		err = read_bundle(r, n, from, fn, arg);
	return err;
}

/* ---- how far the store had come ---- */

struct progress {
	struct store_progress *told;
	bool sure; /* by whoever gives out slots */
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * A record of sealings tells the lease that the last commit had, and a later one may stand before
 * it: it adds to what is known, and ends no search.
 */
static enum sc_err note_progress(void *arg, uint64_t index, struct sc_span entry)
{
	struct progress *p = arg;
	struct log_fact f;
	enum sc_err err;

	(void)index;
	if ((err = log_fact_read(NULL, entry, &f)) != SC_OK ||
	    (f.kind != FACT_PROGRESS && f.kind != FACT_NEWS))
		return err;
	p->told->gen = larger(p->told->gen, f.progress.gen);
	p->told->high = larger(p->told->high, f.progress.high);
	p->told->lease = larger(p->told->lease, f.progress.lease);
	p->sure = p->sure || f.kind == FACT_PROGRESS;
	return SC_OK;
}

/* It is told each second, so this ends soon. */
static enum sc_err find_progress(const struct log_reader *r, uint64_t from,
    struct store_progress *told)
{
	struct progress p = { .told = told };
	uint64_t n = bundles(r), first = from / TILE_WIDTH;
	enum sc_err err = SC_OK;

	while (err == SC_OK && n > first && !p.sure)
		err = read_bundle(r, --n, from, note_progress, &p);
	return err;
}

/* ---- a clean stop ---- */

static enum sc_err note_stop(void *arg, uint64_t index, struct sc_span entry)
{
	struct log_end *end = arg;
	struct log_fact f;
	enum sc_err err;

	(void)index;
	/* an entry that was carried out long ago is no stop, whatever it is */
	if ((err = log_fact_read(NULL, entry, &f)) != SC_OK)
		f.kind = FACT_NONE;
	if (f.kind == FACT_PROGRESS) {
		end->last = f.progress;
		return SC_OK;
	}
	end->stopped = f.kind == FACT_STOP;
	memset(&end->last, 0, sizeof(end->last));
	return err == SC_NOMEM ? err : SC_OK;
}

enum sc_err log_end_read(const struct log_reader *r, uint64_t from, struct log_end *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = find_progress(r, from, &out->told)) != SC_OK)
		return err;
	err = log_read_from(r, r->size > STOP_ENTRIES ? r->size - STOP_ENTRIES : 0, note_stop, out);
	/* where that cannot be read it was no clean stop, and that is all */
	out->stopped = err == SC_OK && out->stopped && out->last.gen > 0;
	return err == SC_NOMEM ? err : SC_OK;
}
