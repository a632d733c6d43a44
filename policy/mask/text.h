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
	uint8_t len;
	bool hide;
};

struct mask_text {
	struct sc_span raw;
	size_t n;
	struct mask_char c[MASK_CHARS_MAX];
};

/*
 * Read RAW into T, all characters hidden. False when it is not UTF-8, too
 * long, or holds control or invisible formatting characters.
 */
bool mask_text_read(struct sc_span raw, struct mask_text *t);
/* Append T: shown characters as they came, a star for each hidden one. */
SC_CHECKED enum sc_err mask_text_print(const struct mask_text *t, struct sc_buf *out);

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

/*
 * The forms of each class. A hide function shows what may be shown and
 * returns true, or returns false when T is no such value. A write function
 * appends another text instead, or leaves OUT alone and says *OK = false.
 */
bool mask_hide_name(struct mask_text *t);
bool mask_hide_phone(struct mask_text *t);
bool mask_hide_address(struct mask_text *t);
bool mask_hide_postcode(struct mask_text *t);
bool mask_hide_email(struct mask_text *t);
bool mask_hide_resident_id(struct mask_text *t);
bool mask_hide_passport(struct mask_text *t);
bool mask_hide_bank_card(struct mask_text *t);
bool mask_hide_iban(struct mask_text *t);
bool mask_hide_plate(struct mask_text *t);
bool mask_hide_wechat(struct mask_text *t);
bool mask_hide_qq(struct mask_text *t);
bool mask_hide_dob(struct mask_text *t);
bool mask_hide_own_id(struct mask_text *t);

enum sc_err mask_write_ip(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_write_geo(const struct mask_text *t, struct sc_buf *out, bool *ok);

enum sc_err mask_coarse_address(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_region(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_postcode(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_email(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_bank_card(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_iban(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_plate(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_dob(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_geo(const struct mask_text *t, struct sc_buf *out, bool *ok);
enum sc_err mask_coarse_ip(const struct mask_text *t, struct sc_buf *out, bool *ok);

#endif
