/*
 * identify.c - who asks, why, and what for, by the request's head.
 */
#include "gateway/serve/served.h"

#include "base/clock.h"
#include "gateway/serve/credential.h"
#include "crypto/prim/hash.h"

#include <string.h>
#include <strings.h>

/* The client's network, never its address. */
static struct audit_prefix peer_prefix(const struct sockaddr_storage *peer)
{
	struct audit_prefix p = { 0 };

	if (peer->ss_family == AF_INET) {
		p.family = 4;
		memcpy(p.bytes, &((const struct sockaddr_in *)peer)->sin_addr, 3);
	} else if (peer->ss_family == AF_INET6) {
		p.family = 6;
		memcpy(p.bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, 6);
	}
	return p;
}

/* The key in F, of credential_find(). */
static struct sc_span presented_key(const struct http_field *f)
{
	if (f == NULL || sc_span_caseeq(f->name, "Scrim-Key"))
		return f == NULL ? sc_span(NULL, 0) : f->value;
	if (f->value.n > 7 && strncasecmp((const char *)f->value.p, "Bearer ", 7) == 0)
		return sc_span_from(f->value, 7);
	return sc_span(NULL, 0);
}

/* Whose the socket is that it came by, as at the start; NULL: of nobody in particular. */
static const struct sc_name *socket_owner(const struct served_request *rq)
{
	const struct worker_shared *shared = rq->worker->shared;
	unsigned i = rq->call->listener;

	if (shared->listener_principals == NULL || i >= shared->n_listeners ||
	    shared->listener_principals[i].s[0] == '\0')
		return NULL;
	return &shared->listener_principals[i];
}

/* Whose API key that is. What is longer than any can be proved with is nobody's. */
static const struct policy_principal *find_by_key(struct served_request *rq, struct sc_span key)
{
	const struct policy_principals *all = &rq->gen->config->principals;
	const struct policy_principal *who;

	if (key.n > sizeof(rq->key))
		return NULL;
	hash_sha256(key, rq->proof.digest);
	who = policy_principal_find(all->v, all->n, POLICY_AUTH_API_KEY, rq->proof.digest,
	    clock_unix_ms());
	if (who == NULL)
		return NULL;
	memcpy(rq->key, key.p, key.n);
	rq->proof.key = sc_span(rq->key, key.n);
	rq->record.asking.proof = &rq->proof;
	return who;
}

static const struct policy_principal *find_principal(struct served_request *rq, struct sc_span key,
    enum audit_auth *how)
{
	const struct config *c = rq->gen->config;
	const struct sc_name *owner = socket_owner(rq);

	*how = AUDIT_AUTH_NONE;
	/* who can open it is who it is for, whatever else is said there */
	if (owner != NULL) {
		*how = AUDIT_AUTH_PEER;
		return policy_principal_of_socket(c->principals.v, c->principals.n, owner);
	}
	if (key.n != 0) {
		*how = AUDIT_AUTH_API_KEY;
		return find_by_key(rq, key);
	}
	if (rq->call->peer_spki != NULL) {
		*how = AUDIT_AUTH_CERTIFICATE;
		return policy_principal_find(c->principals.v, c->principals.n, POLICY_AUTH_CERT,
		    rq->call->peer_spki, clock_unix_ms());
	}
	return NULL;
}

/* An optional header that says why; false when it was refused and answered. */
static bool take_words(struct served_request *rq, const char *header, struct policy_reason *out)
{
	struct sc_span text = http_head_find(rq->call->head, header);
	struct sc_diag diag = { .text = "" };

	return text.n == 0 || policy_reason_parse(text, out, &diag) == SC_OK ||
	    served_refuse(rq, 400, "bad-reason", diag.text);
}

static bool take_purpose(struct served_request *rq, int fallback)
{
	struct sc_span text = http_head_find(rq->call->head, "Scrim-Purpose");
	const struct policy *policy = rq->gen->config->policy;
	uint8_t *purpose = &rq->record.asking.purpose;

	if (text.n == 0 && fallback < 0)
		return served_refuse(rq, 400, "purpose-missing",
		    "say what for: send a Scrim-Purpose header");
	if (text.n == 0)
		*purpose = (uint8_t)fallback;
	else if (!policy_purpose(policy, text, purpose))
		return served_refuse(rq, 400, "purpose-unknown",
		    "the policy has no purpose of that name");
	/* a denial tells for what, too */
	rq->record.purpose = policy_purpose_name(policy, *purpose);
	if (!policy_principal_may(rq->principal, *purpose)) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
		return served_refuse(rq, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose");
	}
	return true;
}

/* Two credentials are nobody's: which of them counts is not guessed. Always false. */
static bool refuse_credentials(struct served_request *rq, const char *detail)
{
	metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
	rq->record.kind = AUDIT_DENIAL;
	return served_refuse(rq, 400, "credential-repeated", detail);
}

bool served_identify(struct served_request *rq, int fallback_purpose)
{
	return served_identify_by(rq, sc_span(NULL, 0), fallback_purpose);
}

bool served_identify_by(struct served_request *rq, struct sc_span key, int fallback_purpose)
{
	const struct policy *policy = rq->gen->config->policy;
	const struct http_field *field;

	rq->record.address = peer_prefix(rq->call->peer);
	if (!credential_find(rq->call->head, &field))
		return refuse_credentials(rq,
		    "Scrim-Key or Authorization stands there twice: send one of each");
	rq->principal =
	    find_principal(rq, key.n != 0 ? key : presented_key(field), &rq->record.auth);
	if (rq->principal == NULL) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
		rq->record.kind = AUDIT_DENIAL;
		return served_refuse(rq, 401, "credential",
		    rq->record.auth == AUDIT_AUTH_NONE ?
			"send an API key (Authorization: Bearer ...) or a client certificate" :
			"this credential is not known here");
	}
	rq->record.asking.principal = &rq->principal->name;
	rq->record.asking.role = rq->principal->role;
	rq->record.role = policy_role_name(policy, rq->principal->role);
	/* a key that stood elsewhere was for the door, and goes no further */
	if (key.n == 0 &&
	    credential_stray(rq, rq->record.auth == AUDIT_AUTH_API_KEY ? field : NULL))
		return refuse_credentials(rq,
		    "a key of Scrim's stands in a second place, from where it would go on: send it "
		    "once, as Scrim-Key or Authorization");
	if (!take_words(rq, "Scrim-Reason", &rq->reason) ||
	    !take_words(rq, "Scrim-Ticket", &rq->ticket))
		return false;
	rq->record.asking.reason = rq->reason.s[0] != '\0' ? &rq->reason : NULL;
	rq->record.asking.ticket = rq->ticket.s[0] != '\0' ? &rq->ticket : NULL;
	return take_purpose(rq, fallback_purpose);
}

void served_identify_signed(struct served_request *rq, const struct sc_name *name, uint8_t role,
    uint8_t purpose)
{
	const struct policy *policy = rq->gen->config->policy;

	rq->record.address = peer_prefix(rq->call->peer);
	if (name == NULL) {
		metric_add(&rq->worker->shared->metrics, METRIC_REFUSED_AUTH, 1);
		rq->record.kind = AUDIT_DENIAL;
		return;
	}
	rq->record.auth = AUDIT_AUTH_SIGNATURE;
	rq->record.asking.principal = name;
	rq->record.asking.role = role;
	rq->record.role = policy_role_name(policy, role);
	rq->record.asking.purpose = purpose;
	rq->record.purpose = policy_purpose_name(policy, purpose);
}

/* By whom the answer to a share is read: a route's recipient, or (a switch) the caller itself. */
static void name_recipient(const struct config_route *r, struct asking *a)
{
	if (r != NULL && r->has_to)
		asking_share(a, r->to_role, r->to_purpose, &r->recipient);
	else
		asking_share(a, a->role, a->purpose, NULL);
}

void served_ask(struct served_request *rq, uint8_t op)
{
	struct asking *a = &rq->record.asking;

	a->op = op;
	a->records = 1;
	asking_share(a, ASKING_UNSET, ASKING_UNSET, NULL);
	if (op == POLICY_SHARE)
		name_recipient(rq->route == NULL ? NULL : rq->route->config, a);
	rq->record.recipient_role = policy_role_name(rq->gen->config->policy, a->recipient_role);
	rq->record.recipient_purpose =
	    policy_purpose_name(rq->gen->config->policy, a->recipient_purpose);
	rq->reader = *a;
}

void served_ask_back(struct served_request *rq)
{
	rq->reader = rq->record.asking;
	rq->reader.op = POLICY_READ;
	rq->reader.records = 1;
	asking_share(&rq->reader, ASKING_UNSET, ASKING_UNSET, NULL);
}
