/*
 * samples.h - made-up tokens for the tests of tokens.
 */
#ifndef TESTS_UNIT_CRYPTO_SAMPLES_H
#define TESTS_UNIT_CRYPTO_SAMPLES_H

#include "crypto/token/token.h"
#include "policy/words/class.h"
#include "tap.h"

/* The same numbers in every run. */
static inline unsigned draw(unsigned below)
{
	static unsigned seed = 1;

	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % below;
}

/* Well-formed parts of a VALUE_N-byte value, over static bytes. */
static inline struct token_parts parts_of(uint8_t flags, size_t value_n)
{
	static uint8_t bytes[16 + 16 + 512];
	struct token_parts t = { .flags = flags,
		.class_id = (uint8_t)draw(256),
		.tier = (uint8_t)draw(6) };

	if ((flags & TOKEN_EMAIL_SHAPE) != 0) {
		t.class_id = CLASS_EMAIL;
		t.domain = sc_span_str(TOKEN_DOMAIN);
	}

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)draw(256);
	for (int i = 0; i < 8; i++)
		t.key_id = t.key_id << 8 | draw(256);
	t.nonce = sc_span(bytes, (flags & TOKEN_RANDOM) != 0 ? 16 : 0);
	t.siv_ct = sc_span(bytes + 16, 16 + token_padded(t.class_id, value_n));
	return t;
}

static inline bool valid_flags(unsigned flags)
{
	return flags < 0x20 && (flags & 3) != 3;
}

/* The text of an ordinary token of FLAGS as a C string. */
static inline void sample(uint8_t flags, size_t value_n, char *out)
{
	struct token_parts t = parts_of(flags, value_n);
	struct sc_buf text;

	sc_buf_init(&text, TOKEN_TEXT_MAX);
	CHECK(token_print(&t, &text) == SC_OK);
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	sc_buf_fini(&text);
}

#endif
