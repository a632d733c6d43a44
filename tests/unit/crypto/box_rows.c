/*
 * box_rows.c - rows of boxes in memory.
 */
#include "unit/crypto/box_rows.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

struct box_rows *box_rows_new(bool keep)
{
	struct box_rows *r = must(calloc(1, sizeof(*r)));

	r->keep = keep;
	return r;
}

static void free_from(struct box_version *v)
{
	while (v != NULL) {
		struct box_version *older = v->older;

		free(v);
		v = older;
	}
}

void box_rows_free(struct box_rows *r)
{
	for (size_t i = 0; i < BOX_BUCKETS; i++)
		while (r->bucket[i] != NULL) {
			struct box_row *row = r->bucket[i];

			r->bucket[i] = row->next;
			free_from(row->newest);
			free(row);
		}
	free(r);
}

static struct box_row *find(struct box_rows *r, uint64_t place)
{
	struct box_row **at = &r->bucket[place * 0x9e3779b97f4a7c15u >> 48];

	while (*at != NULL && (*at)->place != place)
		at = &(*at)->next;
	if (*at == NULL) {
		*at = must(calloc(1, sizeof(**at)));
		(*at)->place = place;
	}
	return *at;
}

uint8_t *box_rows_at(struct box_rows *r, uint64_t place)
{
	struct box_version *v = find(r, place)->newest;

	return v != NULL && v->there ? v->box : NULL;
}

static enum sc_err on_read(void *arg, uint64_t place, uint8_t box[TREE_BOX], bool *there)
{
	struct box_rows *r = arg;
	const uint8_t *at = box_rows_at(r, place);

	r->reads++;
	*there = at != NULL;
	if (at != NULL)
		memcpy(box, at, TREE_BOX);
	return SC_OK;
}

static struct box_version *add(struct box_rows *r, uint64_t place)
{
	struct box_row *row = find(r, place);
	struct box_version *v = must(calloc(1, sizeof(*v)));

	v->older = row->newest;
	v->row = row;
	v->group = r->group;
	row->newest = r->group = v;
	return v;
}

/* Is it this one's turn to fail? */
static bool fails(struct box_rows *r)
{
	return r->fail_at != 0 && --r->fail_at == 0;
}

static enum sc_err on_write(void *arg, uint64_t place, const uint8_t box[TREE_BOX])
{
	struct box_rows *r = arg;
	struct box_version *v;

	r->writes++;
	if (fails(r))
		return SC_IO;
	v = add(r, place);
	v->there = true;
	memcpy(v->box, box, TREE_BOX);
	return SC_OK;
}

static enum sc_err on_remove(void *arg, uint64_t place)
{
	struct box_rows *r = arg;

	r->removes++;
	if (fails(r))
		return SC_IO;
	add(r, place);
	return SC_OK;
}

struct tree_rows box_rows_of(struct box_rows *r)
{
	return (struct tree_rows){ on_read, on_write, on_remove, r };
}

void box_rows_commit(struct box_rows *r)
{
	for (struct box_version *v = r->group; v != NULL && !r->keep; v = v->group) {
		free_from(v->older);
		v->older = NULL;
	}
	r->group = NULL;
}

void box_rows_rollback(struct box_rows *r)
{
	while (r->group != NULL) {
		struct box_version *v = r->group;

		r->group = v->group;
		v->row->newest = v->older;
		free(v);
	}
}
