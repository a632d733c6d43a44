/*
 * token.c - binding a path of ours to its call.
 */
#include "gateway/twiml/token.h"

#include "base/text/hex.h"

#include <sodium.h>
#include <stdio.h>

void twiml_token(const struct phone_service *s, const struct sc_name *vendor, enum twiml_hook hook,
    unsigned step, struct sc_span sid, char out[static TWIML_TOKEN_MAX + 1])
{
	char place[SC_NAME_MAX + 32];
	uint8_t mac[32];
	int n = snprintf(place, sizeof(place), "%s/%s/%u", vendor->s, twiml_hook_word(hook), step);

	phone_keyed(s, "twiml.path", sc_span(place, (size_t)n), sid, mac);
	for (size_t i = 0; i < TWIML_TOKEN_MAX / 8; i++)
		hex_u32(sc_be32_load(mac + 4 * i), (uint8_t *)out + 8 * i);
	out[TWIML_TOKEN_MAX] = '\0';
}

bool twiml_token_ok(const struct phone_service *s, const struct sc_name *vendor,
    const struct twiml_path *p, struct sc_span sid)
{
	char want[TWIML_TOKEN_MAX + 1];

	twiml_token(s, vendor, p->hook, p->step, sid, want);
	return p->token.n == TWIML_TOKEN_MAX &&
	    sodium_memcmp(want, p->token.p, TWIML_TOKEN_MAX) == 0;
}
