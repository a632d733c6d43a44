/*
 * shape.h - the one way from a document to a struct: rows of keys.
 *
 * A shape says what an object may hold, a row for each key: the reader that
 * takes its value, the field it goes to, its range, whether it must be there.
 * Nothing else is understood, so nothing is ignored.
 *
 *	static const struct shape_row rows[] = {
 *		{ "name", shape_name, SHAPE_AT(struct shop, name), .need = true },
 *		{ "floors", shape_count, SHAPE_AT(struct shop, floors), .min = 1, .max = 9 },
 *		{ "open", shape_word, SHAPE_AT(struct shop, open), .words = &days },
 *		{ "tills", shape_list, SHAPE_LIST(struct shop, tills, n), .shape = &till },
 *		{ .key = NULL },
 *	};
 *	static const struct shape shop = { "shop", rows, .check = check_shop };
 *
 * Rows are read in their own order and not the file's, so that a row may rest
 * on those before it. Reading goes on after a complaint: all of them are told
 * at once, each at its line and column, with the nearest names there are. What
 * has no kind here is a reader of the caller's, in the same column.
 */
#ifndef BASE_TEXT_SHAPE_H
#define BASE_TEXT_SHAPE_H

#include "base/text/doc.h"

struct shape;
struct shape_row;

/* One filling: what the caller gives, and the document. */
/* A file or folder that a document named, as it is reached. */
struct shape_named {
	const struct shape_named *next; /* the one that was named before it */
	const char *path;
};

struct shape_ctx {
	struct sc_arena *arena;          /* what is kept lives here, the document too */
	struct sc_diags *all;            /* what is wrong, by place; may be NULL */
	void *arg;                       /* the caller's, for its readers and names */
	struct doc doc;                  /* set by shape_load() */
	const struct shape_row *row;     /* the one that is being read */
	enum sc_err err;                 /* what ends the reading at once: SC_NOMEM */
	const struct shape_named *named; /* by shape_path, in the arena; the last first */
};

/*
 * Take NODE's value, as c->row says, into FIELD. False when it is wrong, which was then told
 * with shape_wrong() or the like, or when there is no memory.
 */
typedef bool shape_reader(struct shape_ctx *c, const struct doc_node *node, void *field);

/* The words that may stand somewhere: their number is what is kept. */
struct shape_words {
	const char *what;        /* "role", in messages */
	const char *const *list; /* ended by NULL; "" is a number without a word */
	const char *(*name)(const void *arg, unsigned i); /* or asked for, the same way */
};

struct shape_row {
	const char *key; /* NULL: after the last */
	shape_reader *read;
	size_t at, size; /* of the field: SHAPE_AT(), SHAPE_LIST() or SHAPE_HERE */
	size_t count_at; /* of the size_t that says how many, of a list */
	bool need;       /* must be there */
	bool once;       /* in a list, no two objects have the same here */
	uint64_t usual;  /* what a number is when it is not there; 0: leave the field as it was */
	uint64_t min, max;
	const struct shape *shape;       /* of the object, or of each in a list */
	const struct shape_words *words; /* of a word or a set of them */
};
#define SHAPE_AT(type, field) .at = offsetof(type, field), .size = sizeof(((type *)0)->field)
#define SHAPE_LIST(type, field, n) SHAPE_AT(type, field), .count_at = offsetof(type, n)
#define SHAPE_HERE .at = 0 /* the reader gets the whole struct; a nested shape fills it too */

struct shape {
	const char *what; /* "route", in messages; two of them are "routes" */
	const struct shape_row *rows;
	size_t size; /* of the struct, when it stands in a list */
	/* before the rows: what holds when a key is not there (may be NULL) */
	void (*begin)(struct shape_ctx *c, void *into);
	/* after them, when none was wrong: what they must add up to (may be NULL) */
	bool (*check)(struct shape_ctx *c, const struct doc_node *object, void *into);
	/* what two structs of a list may not both have, its key if it has one; NULL: they differ */
	const char *(*twin)(const void *a, const void *b);
};

/*
 * Parse TEXT, which FILE (may be NULL) names in messages, and fill INTO. Fails
 * like doc_load(), and with SC_SYNTAX when anything in it is wrong.
 */
SC_CHECKED enum sc_err shape_load(struct shape_ctx *c, struct sc_span text, const char *file,
    const struct shape *shape, void *into);
/* The same from the file at PATH. Also SC_IO. */
SC_CHECKED enum sc_err shape_load_file(struct shape_ctx *c, const char *path,
    const struct shape *shape, void *into);

/* Fill INTO from NODE. False when anything was wrong. */
bool shape_fill(struct shape_ctx *c, const struct shape *shape, const struct doc_node *node,
    void *into);

/* ---- readers -------------------------------------------------------------------- */

shape_reader shape_about; /* text that only people read; nothing is kept */
shape_reader shape_text;  /* const char *: MIN (at least 1) to MAX bytes, no control characters */
shape_reader shape_path;  /* const char *: the same, joined to the file's folder */
shape_reader shape_name;  /* struct sc_name */
shape_reader shape_bool;  /* bool */
shape_reader shape_true;  /* bool, for what is left out when it is not meant */
shape_reader shape_count; /* an integer of any size: digits, MIN to MAX */
shape_reader shape_bytes; /* the same, or text such as "64KiB"; at least 1 */
shape_reader shape_duration; /* the same in milliseconds, as "10s" or "15d" alone; at least 1 */
shape_reader shape_seconds;  /* the same in seconds, MIN to MAX, never "ms" */
shape_reader shape_digest;   /* bytes as hexadecimal digits, never quoted: they may be a key */
shape_reader shape_word;     /* an integer: the number of one of the row's words */
shape_reader shape_set;      /* bits in 8, 32 or N times 64: a word, a list of words, or "*" */
shape_reader shape_object;   /* a struct, of the row's shape; with SHAPE_HERE the same struct */
shape_reader shape_list;     /* T * and its count: MIN to MAX objects of the row's shape */
shape_reader shape_each;     /* a list of objects that all fill the same struct */

/* ---- for readers of the caller's --------------------------------------------------- */

/* Tell what is wrong with NODE, at its value, or at that offset. Always false. */
#define shape_wrong(c, node, ...) shape_wrong_at(c, (node)->at, __VA_ARGS__)
bool shape_wrong_at(struct shape_ctx *c, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "KEY must FMT", or "this must FMT" where there is no key. Always false. */
bool shape_must(struct shape_ctx *c, const struct doc_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Take NODE's value as ROW says instead of c->row. */
bool shape_read(struct shape_ctx *c, const struct shape_row *row, const struct doc_node *node,
    void *field);
/* The number of the word that NODE is; false when it is none, which was told. */
bool shape_find_word(struct shape_ctx *c, const struct doc_node *node, unsigned *out);
/* N zero bytes in C's arena, or NULL, which ends the reading. */
void *shape_alloc(struct shape_ctx *c, size_t n);
/* PREFIX and NAME, which is joined to the file's folder unless it is absolute; or NULL. */
char *shape_beside(struct shape_ctx *c, const char *prefix, const char *name);
/* Put V into an integer of SIZE bytes. */
void shape_store(void *field, size_t size, uint64_t v);

#endif
