/*
 * tape.c - the rule log read as one tape by a snapshot, beside events that go on coming.
 */
#include "gateway/traffic/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Under the lock: what there is now, each day with a descriptor of its own. */
static enum sc_err tape_note(struct traffic_log *l, struct traffic_tape *t)
{
	for (size_t i = 0; i < l->n_days; i++) {
		struct traffic_tape_day *day = &t->v[t->n_days];

		if (l->days[i].n == 0)
			continue;
		day->n = (size_t)l->days[i].n;
		day->at = t->n;
		day->day = l->days[i].day;
		day->map = NULL;
		if ((day->fd = dup(l->days[i].fd)) < 0)
			return SC_IO;
		t->n += day->n;
		t->n_days++;
	}
	return SC_OK;
}

static enum sc_err tape_map(struct traffic_tape_day *day)
{
	void *p = mmap(NULL, day->n * TRAFFIC_RECORD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
	    day->fd, 0);

	if (p == MAP_FAILED)
		return SC_IO;
	day->map = p;
	return SC_OK;
}

static enum sc_err tape_check(struct traffic_tape *t)
{
	struct traffic_record r;

	for (size_t d = 0; d < t->n_days; d++)
		for (size_t i = 0; i < t->v[d].n; i++) {
			if (!traffic_record_decode(t->v[d].map + i * TRAFFIC_RECORD_BYTES, &r))
				return SC_CORRUPT;
			t->said[t->v[d].at + i] = r.said;
		}
	return SC_OK;
}

enum sc_err traffic_tape_open(struct traffic_log *l, struct traffic_tape *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = traffic_log_write(l)) != SC_OK)
		return err;
	(void)pthread_mutex_lock(&l->lock);
	err = tape_note(l, out);
	(void)pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; err == SC_OK && i < out->n_days; i++)
		err = tape_map(&out->v[i]);
	if (err != SC_OK)
		return err;
	out->said = calloc(out->n + 1, 1);
	out->note = calloc(out->n + 1, 1);
	if (out->said == NULL || out->note == NULL)
		return SC_NOMEM;
	return tape_check(out);
}

void traffic_tape_close(struct traffic_tape *t)
{
	for (size_t i = 0; i < t->n_days; i++) {
		if (t->v[i].map != NULL)
			(void)munmap(t->v[i].map, t->v[i].n * TRAFFIC_RECORD_BYTES);
		(void)close(t->v[i].fd);
	}
	free(t->said);
	free(t->note);
	memset(t, 0, sizeof(*t));
}

/* Record I's day. */
static const struct traffic_tape_day *day_of(const struct traffic_tape *t, size_t i)
{
	size_t d = 0;

	while (d + 1 < t->n_days && t->v[d + 1].at <= i)
		d++;
	return &t->v[d];
}

void traffic_tape_get(const struct traffic_tape *t, size_t i, struct traffic_record *out)
{
	const struct traffic_tape_day *day = day_of(t, i);

	traffic_record_read(day->map + (i - day->at) * TRAFFIC_RECORD_BYTES, out);
}

void traffic_tape_keep(struct traffic_tape *t)
{
	for (size_t d = 0; d < t->n_days; d++)
		for (size_t i = 0; i < t->v[d].n; i++) {
			uint8_t *said = t->v[d].map + i * TRAFFIC_RECORD_BYTES + TRAFFIC_AT_SAID;

			if (*said != t->said[t->v[d].at + i])
				*said = t->said[t->v[d].at + i];
		}
}
