/*
 * codec.h - body formats, a row each: what a format's documents are, where
 * their fields stand, and how a value is written in their place.
 *
 * Nothing is built, copied or normalised: a scan gives ranges of bytes, so what
 * is not replaced survives byte for byte. Everything outside this folder speaks
 * of fields, and asks the row for the rest.
 *
 * A new format is one file with its row, and its line in codec.c.
 */
#ifndef GATEWAY_CODEC_CODEC_H
#define GATEWAY_CODEC_CODEC_H

#include "base/buf.h"
#include "base/diag.h"
#include "gateway/codec/paths.h"

#include <stdbool.h>
#include <stdint.h>

#define CODEC_PAD 64 /* readable bytes required behind a document */

enum codec_kind {
	CODEC_TEXT, /* the range is the text without what delimits it */
	CODEC_NUMBER,
	CODEC_LITERAL, /* true, false */
	CODEC_NULL,
	CODEC_BEGIN, /* no scalar: where an object or array begins that CODEC_EACH is told of */
};

struct codec_field {
	uint32_t start, end; /* bytes of the document, [start, end) */
	uint16_t action;     /* of the selector that won */
	/*
	 * In how many strings that are JSON themselves it stands (inside.h); of a text there, how
	 * many bytes of the document its delimiters are.
	 */
	uint16_t before, after;
	uint8_t kind; /* enum codec_kind */
	uint8_t nest;
	bool escaped; /* it is not its own bytes: codec_decode() it */
};

struct codec_nest; /* what is needed inside of a string: inside.h */
struct codec_held; /* of a codec's own: an object whose filters were looked at */

/* Growable; readers look at v and n. Reuse one: a scan empties it first. */
struct codec_fields {
	struct codec_field *v;
	size_t n, cap;
	struct codec_held *held;
	size_t n_held, cap_held;
	struct codec_nest *nest; /* NULL until a scan goes into a string */
};

void codec_fields_init(struct codec_fields *f);
void codec_fields_fini(struct codec_fields *f); /* usable again afterwards */
/* Room for one more. False when there is no memory. */
bool codec_fields_grow(struct codec_fields *f);

/* Where each decoded byte came from; see codec_map_range(). */
struct codec_map {
	uint32_t *at; /* n + 1 raw offsets, the last is the raw length; or unused */
	size_t n, cap;
	bool identity; /* the text is the raw bytes */
};

void codec_map_init(struct codec_map *m);
void codec_map_fini(struct codec_map *m); /* usable again afterwards */
/* M is that of a text that is its own N raw bytes. */
void codec_map_identity(struct codec_map *m, size_t n);
/* Room for N offsets. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err codec_map_reserve(struct codec_map *m, size_t n);
/*
 * The raw range [*RAW_START, *RAW_END) behind decoded bytes [START, END), whole
 * escapes always included. END is at most the length of the text.
 */
void codec_map_range(const struct codec_map *map, uint32_t start, uint32_t end, uint32_t *raw_start,
    uint32_t *raw_end);

/* Does a body of some media type belong to a codec? */
enum codec_fit {
	CODEC_OTHER,
	CODEC_DOUBTFUL, /* somebody may read it as this format, but we cannot be sure */
	CODEC_FITS,
};

/* A text, a number or a member's name, wherever it stands in a document. */
struct codec_piece {
	uint32_t start, end; /* bytes of the document, [start, end), without delimiters */
	uint8_t kind;        /* CODEC_TEXT or CODEC_NUMBER */
	bool name;           /* the member's name: it can be read, and not be replaced */
	bool escaped;        /* as of a field */
	/*
	 * In how many objects and arrays it stands: a member's value is what follows its name at
	 * the same depth or deeper. LOW is the least there was since the piece before. DEPTH is
	 * kept from piece to piece: it is 0 at a record's beginning.
	 */
	uint32_t depth, low;
	uint16_t before, after; /* as of a field, where pieces.h gave it */
	uint8_t nest;
};

/* A member of an object of ours. */
struct codec_member {
	const char *name; /* nothing in it needs an escape */
	enum codec_kind kind;
	struct sc_span value; /* as encode_field() takes it */
};

struct codec {
	const char *name;
	const char *malformed; /* the problem's name when a body is none: "malformed-json" */
	unsigned quotes;       /* bytes that delimit a CODEC_TEXT field on each side */
	bool plain;            /* letters, digits and -_.@ stand in a text as they are */
	bool divisible;        /* a part of a text is read as it is in the whole (inside.h) */

	/* TYPE: a media type without parameters, or empty. */
	enum codec_fit (*takes)(struct sc_span type);
	/* Does BODY begin as TYPE, its whole Content-Type, says? NULL: no type says how. */
	bool (*begins)(struct sc_span type, struct sc_span body);
	/*
	 * Check the record DOC, which has CODEC_PAD readable bytes behind it, the
	 * first of them 0 or what ends a record, and put the fields that PATHS
	 * (may be NULL: check only) selects into OUT, ascending. Fails with
	 * SC_SYNTAX, SC_LIMIT, SC_NOMEM; D then has the offset and why, without
	 * quoting the document, and OUT is empty.
	 */
	enum sc_err (*scan)(const struct codec_paths *paths, struct sc_span doc,
	    struct codec_fields *out, struct sc_diag *d);
	/*
	 * Append what RAW, an escaped text, stands for, and tell MAP (may be
	 * NULL) where it came from. RAW is where it stands: the byte before it may be
	 * looked at. Fails with SC_SYNTAX, and like sc_buf_put(); OUT is then as before.
	 */
	enum sc_err (*decode)(struct sc_span raw, struct sc_buf *out, struct codec_map *map);
	/*
	 * Append VALUE as the inside of a text. Fails with SC_SYNTAX when the
	 * format cannot hold it there, and like sc_buf_put(); OUT, the document up to
	 * there, is then as before.
	 */
	enum sc_err (*encode)(struct sc_span value, struct sc_buf *out);
	/*
	 * Append a whole field of KIND with its delimiters: a text, a number or
	 * literal as it was written, or the absence of a value. Fails as encode().
	 */
	enum sc_err (*encode_field)(enum codec_kind kind, struct sc_span value, struct sc_buf *out);
	/*
	 * Append VALUE, which takes the place of GONE, a part of a text. BEFORE is what was kept
	 * of the document since the last place that was written; *WITHIN, false at first and
	 * behind a whole field, is what the codec remembers of it. Fails as encode(). NULL: a
	 * part is written like all of a text.
	 */
	enum sc_err (*encode_part)(struct sc_span before, struct sc_span gone, bool *within,
	    struct sc_span value, struct sc_buf *out);
	/*
	 * Append a whole field that is an object of N members. Fails as encode().
	 * NULL: the format has none.
	 */
	enum sc_err (*encode_object)(const struct codec_member *v, size_t n, struct sc_buf *out);
	/*
	 * The next piece of the record DOC, as scan() had it and found it well-formed, from *FROM
	 * on, *FROM behind it; false when none is left. OUT is the piece before, zero at first.
	 */
	bool (*piece)(struct sc_span doc, size_t *from, struct codec_piece *out);
	/*
	 * The next record of BODY from *FROM on, *FROM behind it and its end;
	 * false when none is left. Bytes after the last end are a record only
	 * when FINAL (no more will come). NULL: a body is one record.
	 */
	bool (*next)(struct sc_span body, bool final, size_t *from, struct sc_span *record);
};

extern const struct codec codec_json, codec_ndjson, codec_form, codec_multipart, codec_xml;

/* The codec that reads bodies of TYPE, or NULL; *FIT (may be NULL) says how sure that is. */
const struct codec *codec_for(struct sc_span type, enum codec_fit *fit);

/*
 * Append what F, a field of DOC, stands for to OUT, as decode() does, in strings in strings too.
 */
SC_CHECKED enum sc_err codec_decode(const struct codec *c, struct sc_span doc,
    const struct codec_field *f, struct sc_buf *out, struct codec_map *map);
/* encode() of VALUE for a text that stands in NEST strings; encode_field() in its turn. */
SC_CHECKED enum sc_err codec_encode(const struct codec *c, unsigned nest, struct sc_span value,
    struct sc_buf *out);
SC_CHECKED enum sc_err codec_encode_field(const struct codec *c, unsigned nest,
    enum codec_kind kind, struct sc_span value, struct sc_buf *out);
/* FIELD, which encode_field() or encode_object() of codec_at(C, NEST) has made, to stand in NEST. */
SC_CHECKED enum sc_err codec_encode_made(const struct codec *c, unsigned nest, struct sc_span field,
    struct sc_buf *out);
/* The codec whose fields stand in NEST strings of a document of C's: inside of any is JSON. */
static inline const struct codec *codec_at(const struct codec *c, unsigned nest)
{
	return nest == 0 ? c : &codec_json;
}

/*
 * The text of field F of DOC: borrowed from DOC where it is its own bytes, else
 * decoded into SCRATCH, which is cleared first. MAP may be NULL. Fails as
 * decode().
 */
SC_CHECKED enum sc_err codec_text(const struct codec *c, struct sc_span doc,
    const struct codec_field *f, struct sc_buf *scratch, struct codec_map *map,
    struct sc_span *text);

/* How many records BODY has; blank ones are none. */
size_t codec_count(const struct codec *c, struct sc_span body);
/* True when RECORD has nothing but space, tab and CR: to be passed unchanged. */
bool codec_blank(struct sc_span record);

/*
 * Make sure that CODEC_PAD zero bytes stand after what B holds, outside of
 * B->n. They stay until the next change of B. Fails like sc_buf_reserve().
 */
SC_CHECKED enum sc_err codec_pad(struct sc_buf *b);

#endif
