/*
 * doc.h - JSON as a tree of nodes: configuration, policy, answers, what was sent.
 *
 * One strict pass (RFC 8259 plus // and block comments: grammar, UTF-8, depth,
 * duplicate keys, no \u0000) makes the nodes, each of which knows where its
 * value and its key begin. So each complaint has a line and a column, numbers
 * are exact, and nothing is forgiven. shape.h makes structs of it.
 *
 * The tree, its text and its strings live in the caller's arena.
 */
#ifndef BASE_TEXT_DOC_H
#define BASE_TEXT_DOC_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"

#define DOC_DEPTH_MAX 64
#define DOC_BYTES_MAX ((size_t)4 << 20) /* of a file */

enum doc_kind { DOC_NULL, DOC_BOOL, DOC_NUMBER, DOC_TEXT, DOC_LIST, DOC_OBJECT };

struct doc_node {
	enum doc_kind kind;
	uint32_t at;      /* offset of the value in the text */
	uint32_t end;     /* behind it */
	uint32_t key_at;  /* of its key; AT when it has none */
	bool yes;         /* of a DOC_BOOL */
	bool half;        /* a text with half a surrogate pair in it, kept as WTF-8 */
	uint32_t n;       /* how many it holds, of a list or an object */
	const char *key;  /* NULL: an entry of a list, or the root */
	const char *text; /* of a text, without escapes; of a number, as written */
	const struct doc_node *first, *next; /* what it holds, in the order of the text */
};

struct doc {
	const struct doc_node *root;
	struct sc_span text; /* the exact bytes */
	const char *file;    /* "" when it has none */
	bool sent;           /* doc_load_sent() */
	size_t n;            /* nodes beneath the root */
};

/*
 * Parse TEXT; FILE (may be NULL) is what a diagnosis names. Fails with
 * SC_SYNTAX and SC_LIMIT (4 GiB), D (may be NULL) telling where and why, and
 * SC_NOMEM.
 */
SC_CHECKED enum sc_err doc_load(struct sc_arena *a, struct sc_span text, const char *file,
    struct sc_diag *d, struct doc *out);
/*
 * The same for what somebody sent, who need not be well-meaning: no comments,
 * no byte order mark, SC_LIMIT for more than MAX nodes beneath the root, and
 * offsets instead of lines. TEXT is borrowed. Whoever reads it says what becomes
 * of members of one name (shape.h refuses them) and of half a surrogate pair.
 */
SC_CHECKED enum sc_err doc_load_sent(struct sc_arena *a, struct sc_span text, size_t max,
    struct sc_diag *d, struct doc *out);
/* doc_load() of the file at PATH, of at most DOC_BYTES_MAX bytes. Also SC_IO. */
SC_CHECKED enum sc_err doc_load_file(struct sc_arena *a, const char *path, struct sc_diag *d,
    struct doc *out);

/* The member KEY of OBJECT (exact case); NULL when there is none, or it is no object. */
const struct doc_node *doc_find(const struct doc_node *object, const char *key);
/* The text of that member; NULL when it is missing or no text. */
const char *doc_find_text(const struct doc_node *object, const char *key);

/* What NODE says to a person: a text itself, all else as it is written; nothing for NULL. */
struct sc_span doc_said(const struct doc *doc, const struct doc_node *node);

/* Fill D's file, line, column and offset with a place in the text. */
void doc_locate(const struct doc *doc, size_t offset, struct sc_diag *d);

#endif
