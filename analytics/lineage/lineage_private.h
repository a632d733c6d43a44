/*
 * lineage_private.h - what is remembered, and how the parts of the room share it.
 *
 * People with one history are a part: in every release that is remembered they were in the same
 * class, or none of them was in it. What is kept of each person is the number of their part, and
 * of each part its class in each release. lineage_file.c keeps it, lineage_note.c adds a release
 * and forgets the oldest, lineage_atoms.c says which people of a table may be published together,
 * lineage_recode.c makes classes of them, and lineage_check.c holds all of it against sets.
 */
#ifndef ANALYTICS_LINEAGE_LINEAGE_PRIVATE_H
#define ANALYTICS_LINEAGE_LINEAGE_PRIVATE_H

#include "analytics/lineage/lineage.h"
#include "base/buf.h"
#include "base/name.h"

#define LINEAGE_RELEASES_MAX (LINEAGE_WINDOW * LINEAGE_LIVE)
#define LINEAGE_STRIDE (LINEAGE_RELEASES_MAX + 1) /* one more while it is noted */
#define LINEAGE_ABSENT UINT32_MAX                 /* in no class */
#define LINEAGE_NEW UINT32_MAX                    /* of no part */
#define LINEAGE_WORDS (RELEASE_SENSITIVE_MAX * RELEASE_VALUES_MAX / 64)

/* A sensitive value as it was published: labels have other numbers in every table. */
struct lineage_value {
	uint64_t hash; /* of its text */
	uint8_t column;
};

struct lineage_release {
	uint64_t number, when; /* of its dataset; in the order of noting */
	uint32_t n_classes;
	uint16_t n_values, words;
	uint8_t dataset;
	struct lineage_value *values;
	uint64_t *masks; /* of class C at [c * words]: bit I is values[i] */
};

struct lineage_member {
	uint64_t person;
	uint32_t part;
};

struct lineage {
	char *path;
	struct sc_name datasets[LINEAGE_LIVE];           /* "": free */
	struct lineage_release releases[LINEAGE_STRIDE]; /* in the order of noting */
	size_t n_releases;
	uint64_t noted;                 /* so far, ever */
	struct lineage_member *members; /* by person */
	size_t n_members;
	uint32_t *classes; /* of part P in release R at [p * STRIDE + r] */
	uint32_t *erased;  /* of each part: people who are nobody's any more, but were published */
	size_t n_parts;
	uint64_t *leaving; /* ascending; for the next release */
	size_t n_leaving;
};

/* The number of DATASET; LINEAGE_LIVE: it is not known. */
size_t lineage_dataset(const struct lineage *l, const char *dataset);
/* Its newest release; n_releases: none. */
size_t lineage_newest(const struct lineage *l, size_t dataset);
void lineage_release_fini(struct lineage_release *r);
uint64_t lineage_value_hash(struct sc_span text);

/* All of L as bytes, and back: L is empty. Fail with SC_NOMEM, SC_LIMIT; SC_CORRUPT: D says why. */
SC_CHECKED enum sc_err lineage_encode(const struct lineage *l, struct sc_buf *out);
SC_CHECKED enum sc_err lineage_decode(struct lineage *l, struct sc_span bytes, struct sc_diag *d);
void lineage_clear(struct lineage *l); /* but for its path */

/* ---- who may be published together ------------------------------------------------------- */

/* Somebody of a table. */
struct atom_person {
	uint64_t person;
	uint32_t part;      /* LINEAGE_NEW */
	uint32_t row, rows; /* in atoms.rows */
	uint32_t group;     /* or RECODE_SUPPRESSED */
	bool leaving;
};

struct atoms {
	const struct lineage *l;
	const struct release_table *t;
	const struct recode_settings *set;
	uint32_t m;
	struct atom_person *people; /* ascending */
	size_t n_people;
	uint32_t *rows;    /* of T, each person's together */
	uint32_t *order;   /* people, each part's together, those who are new last */
	uint32_t *part_of; /* of each group */
	size_t n_groups;
};

/* The groups of T's people, and those who wait. Fails like recode_run(). */
SC_CHECKED enum sc_err atoms_make(struct atoms *a);
void atoms_fini(struct atoms *a);
/* The values of sensitive column S that must stay possible. */
uint32_t atoms_wanted(const struct release_table *t, size_t s, uint32_t m);

#endif
