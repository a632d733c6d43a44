/*
 * consents.h - words of consent as back ends say them and are told of them: what the files
 * gateway/api/consents*.c share.
 *
 *	consents.c        a request, from its head to its answer
 *	consents_take.c   what a body says
 *	consents_print.c  what counts now, and what was said
 */
#ifndef GATEWAY_API_CONSENTS_H
#define GATEWAY_API_CONSENTS_H

#include "base/store/store.h"
#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "crypto/record/record.h"
#include "gateway/collect/service.h"

/*
 * The words in BODY into V, which has room for AUDIT_CONSENTS_MAX, and *N; their who, at_ms
 * and verified are the caller's, as is a source that was not said (""). Fails with
 * SC_SYNTAX: no JSON (D has the offset, and *JSON is false), or none of ours (D says what
 * is wrong); SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err consents_take(struct feed_words *words, struct sc_span body,
    struct consent_said *v, size_t *n, bool *json, struct sc_diag *d);
/* The same for the record: what V points to lives as long. */
void consents_record(const struct feed_words *words, const struct consent_said *v, size_t n,
    struct audit_consent *out);

/*
 * Members "text_version" and "consents": what counts now of whom WHO stands for, of KIND
 * (enum feed_who).
 */
void consents_print_counting(struct jsonw *w, struct collect_service *s,
    const struct collect_handle *who, uint8_t kind);

/* One reading of what was said, oldest first, as the elements of a list. */
struct consents_history {
	struct store_job job;
	struct sc_name tenant;
	uint8_t handle[HANDLE_BYTES];
	struct sc_buf text;
	struct jsonw w;
};
/* H's tenant and handle are set; the caller sets job.done, and submits it. */
void consents_history_init(struct consents_history *h);
void consents_history_fini(struct consents_history *h);

#endif
