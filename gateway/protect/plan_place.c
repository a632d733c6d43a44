/*
 * plan_place.c - going through a document's pieces up to an offset.
 *
 * true, false and null are no pieces: behind a name they are that member's.
 */
#include "gateway/protect/plan_place.h"

#include "gateway/protect/undeclared_names.h"
#include "gateway/protect/undeclared_path.h"

#include <string.h>

void plan_place_begin(struct plan_place_walk *k, struct plan *p, const struct plan_terms *t,
    struct sc_span doc)
{
	memset(k, 0, sizeof(*k));
	k->m = (struct planner){ .p = p, .t = t, .doc = doc };
	k->w.pieces.fields = &p->fields;
}

/* The piece behind W's, if one begins at or before AT. */
static bool comes(struct plan_place_walk *k, size_t at)
{
	if (!k->have && !k->over) {
		k->next = k->w.piece;
		k->have = codec_pieces_next(&k->w.pieces, k->m.t->codec, k->m.doc, &k->next);
		k->over = !k->have;
	}
	return k->have && k->next.start <= at;
}

void plan_place_find(struct plan_place_walk *k, size_t at, char out[static PLAN_PLACE_MAX])
{
	struct undeclared_walk *w = &k->w;
	enum sc_err err = SC_OK;

	while (err == SC_OK && comes(k, at)) {
		w->piece = k->next;
		w->have = true;
		k->have = false;
		undeclared_enter(w);
		if (w->piece.name)
			err = undeclared_take_name(&k->m, w);
	}
	if (err == SC_OK && w->have && (w->piece.name || at <= w->piece.end))
		undeclared_path(&k->m, w, out);
	else
		memcpy(out, "$..", sizeof("$.."));
}
