/*
 * recode.h - local recoding: rows are put into classes of k people or more, each with one
 * published cell per column, losing as little as can be.
 *
 * Top down: a set of rows is cut by one column into parts that may each be published; what
 * is too small borrows just enough from its neighbours. Then single rows move to cheaper
 * classes, classes that are not worth keeping dissolve, and neighbours are pooled and cut
 * anew. Integers throughout; ties fall by a hash under the key of the release, of what the
 * rows hold and never of their order.
 *
 * People are counted, not rows: each of a person's rows but one counts as nobody, so a
 * class has at least as many people as are counted. That one is drawn under the key.
 *
 * Memory, beside the table: 250 bytes a row for up to 8 columns and 350 for more; for each
 * leaf of the largest hierarchy 250 bytes and 8 for each sensitive value that has a rule;
 * and, of one block at a time, a bit for each pair of a class and a leaf. A million rows of
 * 8 columns took 150 MB with their table.
 */
#ifndef ANALYTICS_RELEASE_RECODE_H
#define ANALYTICS_RELEASE_RECODE_H

#include "analytics/release/table.h"

enum recode_profile { RECODE_FAST, RECODE_STANDARD, RECODE_QUALITY };

/* What a sensitive column wants of every class; all zero: nothing. */
struct recode_rule {
	uint32_t distinct;      /* different values, at least */
	uint32_t entropy_milli; /* entropy-l: 2^entropy, at least, in thousandths */
	uint32_t closeness_ppm; /* t: distance of the values from the whole table's, at most */
	bool ordered;           /* t: by the order of the values, not by equality alone */
	uint32_t share_ppm;     /* alpha: the most frequent value's share, at most */
};

struct recode_settings {
	uint32_t k; /* people, at least 1 */
	struct recode_rule rules[RELEASE_SENSITIVE_MAX];
	enum recode_profile profile;
	uint32_t suppression_ppm; /* of the rows, at most */
	uint8_t key[RELEASE_KEY_BYTES];
	/* May be NULL; told rows of TOTAL as they are done. False gives the release up. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

#define RECODE_SUPPRESSED UINT32_MAX

struct recode_class {
	uint16_t lo[RELEASE_COLUMNS_MAX], hi[RELEASE_COLUMNS_MAX]; /* the published cells */
	uint32_t rows;
	uint32_t people; /* as they were counted: at least so many */
};

struct recode_result {
	struct recode_class *classes; /* no two with the same cells */
	size_t n;
	uint32_t *class_of; /* of each row of the table, or RECODE_SUPPRESSED */
	size_t n_rows, n_suppressed;
};

/*
 * Recode T. *OUT is the caller's, to release with recode_result_free(). Fails with SC_LIMIT
 * when the table cannot be released under these rules (D says which, with figures), SC_SYNTAX
 * when the settings make no sense, SC_AGAIN when progress() said no, SC_NOMEM.
 */
SC_CHECKED enum sc_err recode_run(const struct release_table *t, const struct recode_settings *set,
    struct sc_diag *d, struct recode_result **out);

/* Rows that stay together, whatever becomes of them: persons, or the classes of an earlier release. */
struct recode_groups {
	const uint32_t *of; /* of each row: its group, or RECODE_SUPPRESSED: it is held back */
	size_t n;
	/* May these N groups be one class? Joining must not make it worse. NULL: they may. */
	bool (*may)(void *ctx, const uint32_t *groups, size_t n);
	void *ctx;
};

/*
 * Publish T with GROUPS as its classes, none of them divided: what does not keep the rules, or
 * may not, is joined with whom it costs least, and held back where nobody helps. A person has
 * rows in one group alone, so people are counted exactly. Rows that are held back are
 * suppressed, whatever SET's limit. Fails like recode_run(); with SC_LIMIT when no class is left.
 */
SC_CHECKED enum sc_err recode_join(const struct release_table *t, const struct recode_settings *set,
    const struct recode_groups *groups, struct sc_diag *d, struct recode_result **out);

void recode_result_free(struct recode_result *r); /* NULL is fine */

#endif
