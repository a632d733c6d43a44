/*
 * ceiling.h - how many people a gateway is shown something of in a day, whoever asks through it.
 *
 * Policy's limits are a caller's; these are what keyd.json writes in a gateway's row, so that
 * one that was taken over goes no faster. Masks count as values do.
 */
#ifndef CRYPTO_KEYD_CEILING_H
#define CRYPTO_KEYD_CEILING_H

#include "crypto/keyd/key_request.h"

/* Is there any for whoever asks by REQ? Without, the two below do nothing below TIER_X. */
bool ceiling_counts(const struct key_request *req);
/*
 * *OVER: SUBJECT, of whom REQ is to be shown a value of TIER, is one more than its gateway may
 * see today. Fails as quota_book() does: then nothing may be shown.
 */
SC_CHECKED enum sc_err ceiling_ask(struct key_request *req, uint8_t tier, uint64_t subject,
    bool *over);
/* It was shown. Fails likewise, and with SC_NOMEM. */
SC_CHECKED enum sc_err ceiling_note(struct key_request *req, uint8_t tier, uint64_t subject);

#endif
