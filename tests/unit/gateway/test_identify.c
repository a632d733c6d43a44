/*
 * test_identify.c - who is believed, what for, and what keyd is told of it.
 */
#include "served_stage.h"

#include <arpa/inet.h>

/* ---- who ---- */

static void spki(const char *text, uint8_t out[32])
{
	hash_sha256(sc_span_str(text), out);
}

/* Who the request is from, by its principal's name; "" and the answer when from nobody. */
static const char *who(int purpose, const uint8_t *certificate)
{
	static char name[SC_NAME_MAX + 1];
	struct served_request *rq;

	call.peer_spki = certificate;
	name[0] = '\0';
	if ((rq = served_begin(&worker, &call)) == NULL)
		return name;
	if (!served_identify(rq, purpose))
		return name;
	snprintf(name, sizeof(name), "%s", rq->principal->name.s);
	rq->record.outcome = AUDIT_OK;
	served_end(rq);
	return name;
}

static uint8_t purpose_id(const char *name)
{
	uint8_t id = 255;

	if (!policy_purpose(config->policy, sc_span_str(name), &id))
		abort();
	return id;
}

static void test_credentials(void)
{
	static const struct {
		const char *field[2], *value[2];
		const char *certificate; /* its key's text */
		const char *who, *auth;
	} cases[] = {
		{ { "Authorization" }, { "Bearer " AGENT }, NULL, "agent", "api_key" },
		{ { "authorization" }, { "bearer " AGENT }, NULL, "agent", "api_key" },
		{ { "Authorization" }, { "Bearer " SHOP }, NULL, "shop", "api_key" },
		{ { "Scrim-Key" }, { SHOP }, NULL, "shop", "api_key" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Basic eDp5" }, NULL, "shop",
		    "api_key" },
		{ { "Scrim-Key", "Authorization" }, { "wrong", "Bearer " AGENT }, NULL, "",
		    "api_key" },
		{ { "Authorization" }, { "Bearer  " AGENT }, NULL, "", "api_key" },
		{ { "Authorization" }, { "Bearer " AGENT " " }, NULL, "", "api_key" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Bearer eyJhbGciOiJFZERTQSJ9.e30.x" },
		    NULL, "shop", "api_key" },
		{ { "Authorization" }, { "Bearer x" }, NULL, "", "api_key" },
		{ { "Authorization" }, { "Basic " AGENT }, NULL, "", NULL },
		{ { "Authorization" }, { AGENT }, NULL, "", NULL },
		{ { "Authorization" }, { "Bearer " }, NULL, "", NULL },
		{ { "Authorization" }, { "Bearer" }, NULL, "", NULL },
		{ { NULL }, { NULL }, NULL, "", NULL },
		{ { NULL }, { NULL }, "courier", "courier", "certificate" },
		{ { NULL }, { NULL }, "stranger", "", "certificate" },
		{ { NULL }, { NULL }, AGENT, "",
		    "certificate" }, /* a key's digest is no certificate's */
		{ { "Scrim-Key" }, { "courier" }, NULL, "",
		    "api_key" }, /* nor the other way round */
		{ { "Authorization" }, { "Bearer wrong" }, "courier", "", "api_key" },
		{ { "Authorization" }, { "Bearer " AGENT }, "courier", "agent", "api_key" },
		{ { "Authorization" }, { "Basic eDp5" }, "courier", "courier", "certificate" },
		{ { "Scrim-Key" }, { "" }, "courier", "courier", "certificate" },
		{ { "Authorization", "Scrim-Key" }, { "Bearer " AGENT, "" }, NULL, "", NULL },
	};
	struct served_request *rq;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t digest[32];
		char want[64];
		bool known = cases[i].who[0] != '\0';

		request();
		for (size_t k = 0; k < 2 && cases[i].field[k] != NULL; k++)
			field(cases[i].field[k], cases[i].value[k]);
		if (cases[i].certificate != NULL)
			spki(cases[i].certificate, digest);
		CHECK(
		    strcmp(who(purpose_id("service"), cases[i].certificate == NULL ? NULL : digest),
			cases[i].who) == 0);
		CHECK(did.notes == 1);
		snprintf(want, sizeof(want), "\"auth\":\"%s\"",
		    cases[i].auth == NULL ? "" : cases[i].auth);
		CHECK((strstr(did.line, "\"auth\"") != NULL) == (cases[i].auth != NULL));
		CHECK(cases[i].auth == NULL || strstr(did.line, want) != NULL);
		CHECK(metric(METRIC_REFUSED_AUTH) == !known && metrics_in_all() == !known);
		CHECK((did.record.asking.principal != NULL) == known &&
		    (did.record.role != NULL) == known);
		CHECK(did.record.kind == (known ? AUDIT_REQUEST : AUDIT_DENIAL));
		if (!known)
			CHECK(problem(401, "credential",
			    cases[i].auth == NULL ?
				"send an API key (Authorization: Bearer ...) or a client certificate" :
				"this credential is not known here"));
	}
	/* whatever was wanted of us, from nobody it is a denial */
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	rq->record.kind = AUDIT_SEAL;
	CHECK(!served_identify(rq, 0) && did.record.kind == AUDIT_DENIAL);
	request();
	field("Scrim-Key", AGENT);
	CHECK(strcmp(who(purpose_id("service"), NULL), "agent") == 0);
	CHECK(strcmp(did.record.asking.principal->s, "agent") == 0 &&
	    strcmp(did.record.role->s, "support") == 0);
	request();
	field("Scrim-Key", SHOP);
	CHECK(strcmp(who(purpose_id("service"), NULL), "shop") == 0);
	CHECK(strcmp(did.record.role->s, "shop") == 0);
}

/* A second credential, or a key of ours where it would go on: which one counts is not guessed. */
static void test_second(void)
{
	static const struct {
		const char *field[3], *value[3], *target;
		const char *who; /* of whom it is; "": of nobody, since it was refused */
	} cases[] = {
		{ { "Scrim-Key", "Scrim-Key" }, { SHOP, SHOP }, "/", "" },
		{ { "Scrim-Key", "scrim-key" }, { SHOP, "" }, "/", "" },
		{ { "Authorization", "authorization" }, { "Bearer " SHOP, "Basic eDp5" }, "/", "" },
		{ { "Scrim-Key", "Authorization", "Authorization" }, { SHOP, "Basic eDp5", "x" },
		    "/", "" },
		/* whosever it is, and whichever the scheme */
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Bearer " AGENT }, "/", "" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Bearer " SHOP }, "/", "" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, AGENT }, "/", "" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Token " AGENT }, "/", "" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Basic a2V5LWFnZW50LW9mLXRlc3RzOg==" },
		    "/", "" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "basic eDprZXktc2hvcC1vZi1hLXRlc3Q=" },
		    "/", "" },
		{ { "Scrim-Key", "Cookie" }, { SHOP, "a=b; session=" AGENT "; c=d" }, "/", "" },
		{ { "Scrim-Key", "Cookie" }, { SHOP, "a=\"" AGENT "\"" }, "/", "" },
		{ { "Scrim-Key", "Cookie" }, { SHOP, "a=key%2Dagent-of-tests" }, "/", "" },
		{ { "Scrim-Key", "X-Api-Key" }, { SHOP, AGENT }, "/", "" },
		{ { "Scrim-Key", AGENT }, { SHOP, "x" }, "/", "" },
		{ { "Scrim-Key", "Scrim-Reason" }, { SHOP, "with " AGENT }, "/", "" },
		{ { "Scrim-Key", "X" }, { SHOP, "x" SHOP "x" }, "/", "" },
		{ { "Scrim-Key", "X" }, { SHOP, "some words here " AGENT }, "/", "" },
		{ { "Scrim-Key", "X" }, { SHOP, "some words here and fifteen, " AGENT "," }, "/",
		    "" },
		{ { "Scrim-Key", "X" }, { SHOP, "key-agent-of-te%73ts" }, "/", "" },
		{ { "Scrim-Key" }, { SHOP }, "/x?key=" AGENT, "" },
		{ { "Scrim-Key" }, { SHOP }, "/x?a=b&" AGENT, "" },
		{ { "Scrim-Key" }, { SHOP }, "/x?k=key%2dag%65nt-of-tests&b=c", "" },
		{ { "Scrim-Key" }, { SHOP }, "/x/" AGENT "/y", "" },
		{ { "Scrim-Key" }, { SHOP }, "/x?callback=/y?key=" AGENT, "" },
		{ { "Authorization" }, { "Bearer " SHOP }, "/x?key=" SHOP, "" },
		/* other people's words, and what only looks like a key */
		{ { "Authorization", "Cookie" }, { "Bearer " SHOP, "session=0123456789abcdef" },
		    "/x?key=" AGENT "s&y=agent", "shop" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Basic !" }, "/%zz%", "shop" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "" }, "/", "shop" },
		{ { "Scrim-Key", "Authorization" }, { SHOP, "Bearer" }, "/", "shop" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool fine = cases[i].who[0] != '\0';

		request();
		for (size_t k = 0; k < 3 && cases[i].field[k] != NULL; k++)
			field(cases[i].field[k], cases[i].value[k]);
		head.target = sc_span_str(cases[i].target);
		if (strcmp(who(purpose_id("order_processing"), NULL), cases[i].who) != 0) {
			printf("# case %zu\n", i);
			CHECK(false);
		}
		CHECK(metric(METRIC_REFUSED_AUTH) == !fine);
		CHECK(fine ||
		    (did.status == 400 && did.record.kind == AUDIT_DENIAL &&
			strstr(did.body, "problem:credential-repeated\"") != NULL));
		CHECK(strstr(did.line, AGENT) == NULL && strstr(did.line, SHOP) == NULL);
		CHECK(strstr(did.body, AGENT) == NULL && strstr(did.body, SHOP) == NULL);
	}
}

/* Base64 has two characters that end words elsewhere. */
static void test_second_base64(void)
{
	struct policy_principal *p = &config->principals.v[0];
	static const char key[] = "ab/cd+ef/gh+ij/kl==";
	uint8_t was[32];
	static const char *const values[] = { "ab/cd+ef/gh+ij/kl==", "k=ab/cd+ef/gh+ij/kl==",
		"k=ab/cd+ef/gh+ij/kl==; b=c", "k=ab%2Fcd%2Bef%2fgh%2bij/kl%3D%3D&x=y",
		"\"ab/cd+ef/gh+ij/kl==\"" };

	NEED(p->auth == POLICY_AUTH_API_KEY);
	memcpy(was, p->digest, sizeof(was));
	hash_sha256(sc_span_str(key), p->digest);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		request();
		field("Scrim-Key", SHOP);
		field("X", values[i]);
		head.target = sc_span_str("/");
		(void)who(purpose_id("order_processing"), NULL);
		CHECK(did.status == 400);
	}
	memcpy(p->digest, was, sizeof(was));
	/* longer than any key */
	{
		char text[4097];

		memset(text, 'a', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		request();
		field("Scrim-Key", SHOP);
		field("X", text);
		CHECK(strcmp(who(purpose_id("order_processing"), NULL), "shop") == 0);
	}
}

/* Who comes by a socket of its own is its owner, whatever else is said. */
static void test_socket(void)
{
	static const struct sc_name owners[] = { { "" }, { "switch" }, { "agent" }, { "gone" } };
	static const struct {
		unsigned listener;
		const char *key, *who;
	} cases[] = {
		{ 1, NULL, "switch" },
		{ 1, AGENT, "" }, /* a key has no business there, and would go on */
		{ 1, "wrong", "switch" },
		/* an owner with a credential of another kind, and one a reload took away */
		{ 2, NULL, "" },
		{ 2, AGENT, "" },
		{ 3, AGENT, "" },
		/* nobody's own, and one that the start did not know */
		{ 0, NULL, "" },
		{ 0, AGENT, "agent" },
		{ 4, NULL, "" },
		{ 4, AGENT, "agent" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool owned = cases[i].listener >= 1 && cases[i].listener <= 3;

		request();
		shared.listener_principals = owners;
		shared.n_listeners = 4;
		call.listener = cases[i].listener;
		if (cases[i].key != NULL)
			field("Scrim-Key", cases[i].key);
		CHECK(strcmp(who(purpose_id("service"), NULL), cases[i].who) == 0);
		CHECK((strstr(did.line, "\"auth\":\"peer\"") != NULL) == owned);
	}
	shared.listener_principals = NULL;
	request();
	call.listener = 1;
	CHECK(strcmp(who(purpose_id("service"), NULL), "") == 0);
}

static void test_signed(void)
{
	static const struct sc_name vendor = { "rented" };
	const struct policy *policy = config->policy;
	struct served_request *rq;
	uint8_t role;

	request();
	peer.ss_family = AF_INET;
	/* what else is said of who asks says nothing */
	field("Scrim-Key", AGENT);
	NEED((rq = served_begin(&worker, &call)) != NULL);
	NEED(policy_role(policy, (struct sc_span)SC_LIT("telephony"), &role));
	served_identify_signed(rq, &vendor, role, purpose_id("delivery"));
	CHECK(rq->principal == NULL && rq->record.asking.principal == &vendor);
	CHECK(rq->record.asking.role == role && strcmp(rq->record.role->s, "telephony") == 0);
	CHECK(rq->record.asking.purpose == purpose_id("delivery") &&
	    strcmp(rq->record.purpose->s, "delivery") == 0);
	CHECK(rq->record.kind == AUDIT_REQUEST && metrics_in_all() == 0);
	CHECK(rq->record.address.family == 4);
	rq->record.outcome = AUDIT_OK;
	served_end(rq);
	CHECK(strstr(did.line, "\"auth\":\"signature\"") != NULL);

	request();
	peer.ss_family = AF_INET;
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_identify_signed(rq, NULL, role, purpose_id("delivery"));
	CHECK(rq->record.asking.principal == NULL && rq->record.role == NULL &&
	    rq->record.purpose == NULL);
	CHECK(rq->record.kind == AUDIT_DENIAL && rq->record.address.family == 4);
	CHECK(metric(METRIC_REFUSED_AUTH) == 1 && metrics_in_all() == 1);
	rq->record.outcome = AUDIT_REFUSED;
	served_end(rq);
	CHECK(strstr(did.line, "\"auth\"") == NULL);
}

static void test_purpose(void)
{
	static const struct {
		const char *key, *said;
		const char *fallback; /* NULL: none */
		const char *got;      /* NULL: refused */
		unsigned status;
		const char *name, *detail;
	} cases[] = {
		{ SHOP, NULL, "order_processing", "order_processing", 0, NULL, NULL },
		{ SHOP, "", "order_processing", "order_processing", 0, NULL, NULL },
		{ SHOP, "delivery", "order_processing", "delivery", 0, NULL, NULL },
		{ SHOP, "delivery", NULL, "delivery", 0, NULL, NULL },
		{ SHOP, NULL, NULL, NULL, 400, "purpose-missing",
		    "say what for: send a Scrim-Purpose header" },
		{ SHOP, "fun", "order_processing", NULL, 400, "purpose-unknown",
		    "the policy has no purpose of that name" },
		{ AGENT, "service", NULL, "service", 0, NULL, NULL },
		{ AGENT, NULL, "service", "service", 0, NULL, NULL },
		{ AGENT, "delivery", "service", NULL, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose" },
		{ AGENT, NULL, "delivery", NULL, 403, "purpose-not-allowed",
		    "this credential may not act for that purpose" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request();
		field("Scrim-Key", cases[i].key);
		if (cases[i].said != NULL)
			field("Scrim-Purpose", cases[i].said);
		(void)who(cases[i].fallback == NULL ? -1 : purpose_id(cases[i].fallback), NULL);
		CHECK(did.notes == 1);
		CHECK(metric(METRIC_REFUSED_AUTH) == (cases[i].status == 403) &&
		    metrics_in_all() == (cases[i].status == 403));
		if (cases[i].got != NULL) {
			NEED(did.record.purpose != NULL && did.responses == 0);
			CHECK(strcmp(did.record.purpose->s, cases[i].got) == 0);
		} else {
			CHECK(problem(cases[i].status, cases[i].name, cases[i].detail));
			CHECK((did.record.purpose != NULL) == (cases[i].status == 403) &&
			    did.record.asking.principal != NULL);
			CHECK(strcmp(did.record.why, cases[i].name) == 0);
		}
	}
	/* purpose 0 is one like any other */
	request();
	field("Scrim-Key", SHOP);
	CHECK(strcmp(who(0, NULL), "shop") == 0 &&
	    did.record.purpose == policy_purpose_name(config->policy, 0));
}

static void test_words(void)
{
	struct served_request *rq;

	request();
	field("Scrim-Key", SHOP);
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == NULL && rq->record.asking.ticket == NULL);
	served_end(rq);
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Reason", "delivery question");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == &rq->reason &&
	    strcmp(rq->reason.s, "delivery question") == 0);
	CHECK(rq->record.asking.ticket == NULL);
	served_end(rq);
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Ticket", "T-17");
	field("Scrim-Reason", "");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.ticket == &rq->ticket && strcmp(rq->ticket.s, "T-17") == 0);
	CHECK(rq->record.asking.reason == NULL);
	served_end(rq);
	/* one letter is a reason */
	request();
	field("Scrim-Key", SHOP);
	field("Scrim-Reason", "r");
	field("Scrim-Ticket", "t");
	NEED((rq = served_begin(&worker, &call)) != NULL && served_identify(rq, 0));
	CHECK(rq->record.asking.reason == &rq->reason && rq->record.asking.ticket == &rq->ticket);
	served_end(rq);
	for (unsigned i = 0; i < 2; i++) {
		request();
		field("Scrim-Key", SHOP);
		field(i == 0 ? "Scrim-Reason" : "Scrim-Ticket", "she is at 07700 900123");
		field(i == 0 ? "Scrim-Ticket" : "Scrim-Reason", "fine");
		NEED((rq = served_begin(&worker, &call)) != NULL && !served_identify(rq, 0));
		CHECK(
		    did.status == 400 && strstr(did.body, "urn:scrim:problem:bad-reason") != NULL);
		CHECK(strstr(did.body, "900123") == NULL && strstr(did.line, "900123") == NULL);
		CHECK(strstr(did.body, "\"detail\":\"\"") == NULL && did.responses == 1 &&
		    did.notes == 1);
		CHECK(did.record.asking.reason == NULL && did.record.asking.ticket == NULL &&
		    did.record.purpose == NULL);
	}
}

static void test_address(void)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&peer;

	request();
	v4->sin_family = AF_INET;
	inet_pton(AF_INET, "192.0.2.77", &v4->sin_addr);
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\":\"192.0.2.0/24\"") != NULL);
	request();
	v6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8:1:2:3:4:5:6", &v6->sin6_addr);
	field("Scrim-Key", SHOP);
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\":\"2001:db8:1::/48\"") != NULL);
	CHECK(did.record.address.bytes[5] == 1);
	request();
	peer.ss_family = AF_UNIX;
	(void)who(0, NULL);
	CHECK(strstr(did.line, "\"net\"") == NULL);
}

/* ---- what keyd is told ---- */

static void test_contexts(void)
{
	struct served_route route = { .config = NULL };
	uint8_t hash[HASH_BYTES];
	struct served_request *rq;

	request();
	field("Scrim-Key", AGENT);
	field("Scrim-Reason", "delivery question");
	field("Scrim-Ticket", "T-17");
	NEED((rq = served_begin(&worker, &call)) != NULL &&
	    served_identify(rq, purpose_id("service")));
	memset(&rq->reader, 0xA5, sizeof(rq->reader));
	served_ask(rq, POLICY_READ);
	CHECK(strcmp(rq->reader.tenant->s, "demo") == 0 &&
	    strcmp(rq->reader.principal->s, "agent") == 0);
	CHECK(
	    rq->reader.role == rq->principal->role && rq->reader.purpose == purpose_id("service"));
	CHECK(rq->reader.op == POLICY_READ && rq->reader.request_id == 0x0123456789abcdef);
	CHECK(
	    rq->reader.route == NULL && rq->reader.recipient == NULL && rq->reader.approvals == 0);
	CHECK(rq->reader.reason == &rq->reason && rq->reader.ticket == &rq->ticket);
	CHECK(rq->reader.records == 1);
	hash_sha256(policy_text(config->policy), hash);
	CHECK(memcmp(rq->reader.policy_hash, hash, 32) == 0);
	CHECK(memcmp(&rq->record.asking, &rq->reader, sizeof(rq->reader)) == 0);

	/* on a route: its recipient only where it hands something to him */
	route.config = config_route_find(config, sc_span_str("away"));
	NEED(route.config != NULL && route.config->has_to);
	rq->route = &route;
	served_ask(rq, POLICY_READ);
	CHECK(rq->reader.role == rq->principal->role && rq->reader.recipient == NULL &&
	    rq->record.asking.recipient == NULL);
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->record.asking.role == rq->principal->role &&
	    rq->record.asking.purpose == purpose_id("service"));
	CHECK(rq->reader.op == POLICY_SHARE && rq->reader.role == rq->principal->role &&
	    rq->reader.purpose == purpose_id("service"));
	CHECK(rq->reader.recipient_role == route.config->to_role &&
	    rq->reader.recipient_role != rq->reader.role &&
	    rq->reader.recipient_purpose == purpose_id("delivery"));
	CHECK(strcmp(rq->record.recipient_role->s, "carrier") == 0 &&
	    strcmp(rq->record.recipient_purpose->s, "delivery") == 0);
	CHECK(rq->reader.recipient == &route.config->recipient &&
	    rq->record.asking.recipient == &route.config->recipient);
	CHECK(rq->record.asking.op == POLICY_SHARE);

	/* what comes back is the caller's to read, and the record goes on telling of the share */
	served_ask_back(rq);
	CHECK(rq->reader.op == POLICY_READ && rq->reader.role == rq->principal->role &&
	    rq->reader.purpose == purpose_id("service") && rq->reader.recipient == NULL &&
	    rq->reader.recipient_role == ASKING_UNSET &&
	    rq->reader.recipient_purpose == ASKING_UNSET);
	CHECK(rq->record.asking.op == POLICY_SHARE &&
	    rq->record.asking.recipient == &route.config->recipient);

	/* a route without one, and no route at all */
	rq->record.asking.recipient = NULL;
	route.config = config_route_find(config, sc_span_str("in"));
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->reader.role == rq->principal->role && rq->record.asking.recipient == NULL &&
	    rq->reader.op == POLICY_SHARE && rq->reader.recipient_role == rq->reader.role &&
	    rq->reader.recipient_purpose == rq->reader.purpose);
	rq->route = NULL;
	served_ask(rq, POLICY_SHARE);
	CHECK(rq->reader.role == rq->principal->role && rq->record.asking.recipient == NULL);
	served_end(rq);
}

int main(void)
{
	if (!stage_begin())
		return 1;
	RUN(test_credentials, "who asks is who holds the key, or else the certificate");
	RUN(test_second, "a second credential is refused, and nothing of it told");
	RUN(test_second_base64, "also keys with the signs of base64");
	RUN(test_socket, "who comes by a socket of its own is its owner, and nobody else is");
	RUN(test_signed, "a vendor is who its signature says, and nobody's signature is a denial");
	RUN(test_purpose, "what for is what is said, or what the route says, and must be allowed");
	RUN(test_words, "reasons and tickets are optional, and hold no personal data");
	RUN(test_address, "of the address the network is recorded, never more");
	RUN(test_contexts, "keyd is told who stores, and who reads");
	return stage_over();
}
