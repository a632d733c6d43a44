/*
 * fuzz_webhook.c - what comes with a webhook: no bytes are taken for a signature but
 * those that we make, no secret is taken that is none, and no answer puts a
 * retry off for longer than a day.
 *
 * The input is lines: a secret, an id, a timestamp, signatures; the rest is the body.
 */
#include "gateway/phone/hooks_private.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1614265330u

static struct sc_span take_line(struct sc_span *rest)
{
	const uint8_t *end = rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);
	struct sc_span line = sc_span(rest->p, end == NULL ? rest->n : (size_t)(end - rest->p));

	*rest = sc_span_from(*rest, line.n + (end != NULL));
	return line;
}

/* What we sign we take, for as long as it is fresh; with a byte more we do not. */
static void check_signed(const struct webhook_secret *s, struct sc_span id, struct sc_span body)
{
	char made[WEBHOOK_SIGNATURE_MAX], now[24];
	struct sc_span signature, time = sc_span(now, 0);
	bool plain = id.n > 0 && id.n <= 256 && memchr(id.p, '.', id.n) == NULL;

	time.n = (size_t)snprintf(now, sizeof(now), "%u", NOW);
	webhook_sign(s, id, NOW, body, made);
	signature = sc_span_str(made);
	if (signature.n != 48 * s->n - 1)
		abort();
	if (webhook_verify(s, id, time, signature, body, NOW) != plain ||
	    webhook_verify(s, id, time, signature, body, NOW + WEBHOOK_TOLERANCE_S) != plain ||
	    webhook_verify(s, id, time, signature, body, NOW + WEBHOOK_TOLERANCE_S + 1))
		abort();
	made[signature.n - 2] ^= 1;
	if (s->n == 1 && webhook_verify(s, id, time, signature, body, NOW))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span rest = sc_span(data, size), secret = take_line(&rest), id, time, signatures;
	struct webhook_secret s, own;

	id = take_line(&rest);
	time = take_line(&rest);
	signatures = take_line(&rest);
	if (hook_retry_after(id, NOW) > HOOK_DAY_S || hook_retry_after(time, NOW) > HOOK_DAY_S)
		abort();
	if (webhook_secret_parse((struct sc_span)SC_LIT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
		&own) != SC_OK)
		abort();
	check_signed(&own, id, rest);
	if (webhook_secret_parse(secret, &s) == SC_OK) {
		if (s.n == 0 || s.n > WEBHOOK_SECRETS_MAX)
			abort();
		check_signed(&s, id, rest);
		(void)webhook_verify(&s, id, time, signatures, rest, NOW);
	} else if (s.n != 0) {
		abort();
	}
	webhook_secret_fini(&s);
	webhook_secret_fini(&own);
	return 0;
}
