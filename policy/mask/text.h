/*
 * text.h - a value as characters, each of which is shown or hidden.
 * Private to policy/mask.
 */
#ifndef POLICY_MASK_TEXT_H
#define POLICY_MASK_TEXT_H

#include "base/buf.h"
#include "policy/mask/mask.h"

struct mask_char {
	uint32_t cp; /* full-width forms folded to ASCII */
	uint32_t at; /* its bytes in the raw value */
	uint8_t len; /* 0: left out */
	bool hide;
};

struct mask_text {
	struct sc_span raw;
	size_t n;
	char said[64]; /* what is written in its place, when not "" */
	struct mask_char c[MASK_CHARS_MAX];
};

/*
 * Read RAW into T, all characters hidden. False when it is not UTF-8, too
 * long, or holds control or invisible formatting characters.
 */
bool mask_text_read(struct sc_span raw, struct mask_text *t);
/* Append T: shown characters as they came, a star for each hidden one. */
SC_CHECKED enum sc_err mask_text_print(const struct mask_text *t, struct sc_buf *out);
/* Show, or leave out, the characters from FROM to before TO. */
void mask_text_show(struct mask_text *t, size_t from, size_t to);
void mask_text_omit(struct mask_text *t, size_t from, size_t to);
/* Add to what is written in its place. */
void mask_text_say(struct mask_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A digit, or a star that stands for one in a value masked before. */
static inline bool mask_digit(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || cp == '*';
}

static inline bool mask_latin(uint32_t cp)
{
	return (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
}

static inline bool mask_alnum(uint32_t cp)
{
	return mask_digit(cp) || mask_latin(cp);
}

/* Han, kana, hangul: scripts whose names are written without spaces. */
bool mask_cjk(uint32_t cp);

/* Does T, from I on, read as the UTF-8 string S? Its length in characters, or 0. */
size_t mask_text_at(const struct mask_text *t, size_t i, const char *s);
/* The same for the first of WORDS (ended by NULL) that stands there. */
size_t mask_text_any(const struct mask_text *t, size_t i, const char *const *words);

/*
 * The forms of each class, and the coarser ones: show of T, hidden as it was
 * read, what may be shown. False when it is no such value.
 */
typedef bool mask_fn(struct mask_text *t);

mask_fn mask_hide_name, mask_hide_phone, mask_hide_address, mask_hide_postcode;
mask_fn mask_hide_email, mask_hide_resident_id, mask_hide_passport, mask_hide_bank_card;
mask_fn mask_hide_iban, mask_hide_ip, mask_hide_plate, mask_hide_wechat, mask_hide_qq;
mask_fn mask_hide_dob, mask_hide_geo, mask_hide_own_id;

mask_fn mask_coarse_address, mask_coarse_region, mask_coarse_email, mask_coarse_bank_card;
mask_fn mask_coarse_iban, mask_coarse_ip, mask_coarse_plate, mask_coarse_dob, mask_coarse_geo;

#endif
