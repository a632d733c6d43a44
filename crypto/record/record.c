/*
 * record.c - the canonical JSON of a record: always this order, nothing that is
 * not said, no spaces, no floats, whole numbers below 2^53 or as hex text.
 *
 *	v	1, the version of this form
 *	at	Unix milliseconds
 *	kind	request denial seal reveal export rewrite erase search admin start stop reload head
 *		people query
 *	req	request id, 16 hex digits; joins the two logs
 *	act	what was done, for admin and calls: "keys.rotate", "phone.connect"
 *	tenant
 *	who	{ principal, role, auth: api_key | certificate | peer | signature | signed }
 *	why	{ purpose, basis, reason, ticket }
 *	what	{ op, tier, shown: [tier], classes: {name: count or {action: count}}, records,
 *		subjects: [hex], subjects_total, unnamed, parts, subjects_root: hex, whose: hex,
 *		keys: [16 hex digits], store: { gen, high, lease }, binding: hex,
 *		consent: [{ purpose, word, version, source, method, text: hex,
 *		evidence: hex, said }], release: { dataset, number, manifest: hex,
 *		question: hex, tables: [name] } }
 *	decision { action, rules: [name], policy: hash hex, approvals, consents: [purpose] }
 *	where	{ route, recipient, recipient_role, recipient_purpose, node, net: "192.0.2.0/24" }
 *	outcome	{ result: ok | partial | refused | failed, status, why, and the counts sealed
 *		indexed revealed masked generalised tokenised dropped denied gone bad unknown
 *		broken dormant queued pseudonymised foreign adopted claimed limit (sealed with a
 *		nonce: the day's different values were given) unowned (sealed for nobody, under a
 *		class's key), rows bytes ms cut, keyd }
 *	head	{ origin, size, root hex }
 *
 * An object without a member is left out as a whole.
 */
#include "crypto/record/record.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text/jsonw.h"
#include "policy/decide/decide.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[AUDIT_KIND_COUNT] = { "request", "denial", "seal", "reveal",
	"export", "rewrite", "erase", "search", "admin", "start", "stop", "reload", "head",
	"people", "query", "change", "drift" };
static const char *const auths[AUDIT_AUTH_COUNT] = { NULL, "api_key", "certificate", "peer",
	"signature", "asserted", "proved", "signed" };
static const char *const outcomes[AUDIT_OUTCOME_COUNT] = { "", "ok", "partial", "refused",
	"failed" };

const char *audit_kind_name(unsigned kind)
{
	return kind < AUDIT_KIND_COUNT ? kinds[kind] : NULL;
}

const char *audit_outcome_name(unsigned outcome)
{
	return outcome < AUDIT_OUTCOME_COUNT ? outcomes[outcome] : NULL;
}

void audit_record_init(struct audit_record *r, enum audit_kind kind)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->at_ms = clock_unix_ms();
	r->tier = r->action = AUDIT_UNSET;
	r->asking.role = r->asking.purpose = r->asking.op = ASKING_UNSET;
	r->keyd_index = AUDIT_NONE;
}

void audit_counts_add(struct audit_counts *to, const struct audit_counts *from)
{
#define ADD(name) to->name += from->name;
	AUDIT_COUNTS(ADD)
#undef ADD
}

/*
 * The writer with the first contract breach, and objects that begin with their
 * first member, so that empty ones never appear.
 */
struct out {
	struct jsonw j;
	struct sc_span pending; /* object whose brace is not written yet */
	bool open;
};

/* A member's or object's name, whose length the compiler knows. */
#define K(name) sc_span(name, sizeof(name) - 1)

static void open_pending(struct out *o)
{
	jsonw_key_span(&o->j, o->pending);
	jsonw_object(&o->j);
	o->pending.p = NULL;
	o->open = true;
}

/* This and the next few are inline so that names are copied as constants. */
static inline void key(struct out *o, struct sc_span k)
{
	if (o->pending.p != NULL)
		open_pending(o);
	jsonw_key_span(&o->j, k);
}

static void group(struct out *o, struct sc_span name)
{
	if (o->open)
		jsonw_object_end(&o->j);
	o->open = false;
	o->pending = name;
}

static void breach(struct out *o)
{
	if (o->j.err == SC_OK)
		o->j.err = SC_BUG;
}

/* Which alphabets a byte belongs to. */
enum { WORD = 1, SENTENCE = 2, ORIGIN = 4 };

static const uint8_t alphabets[256] = {
	['0' ... '9'] = WORD | SENTENCE | ORIGIN,
	['A' ... 'Z'] = WORD | SENTENCE | ORIGIN,
	['a' ... 'z'] = WORD | SENTENCE | ORIGIN,
	['.'] = WORD | SENTENCE | ORIGIN,
	['_'] = WORD | SENTENCE | ORIGIN,
	['-'] = WORD | SENTENCE | ORIGIN,
	[' '] = SENTENCE,
	['\''] = SENTENCE,
	['('] = SENTENCE,
	[')'] = SENTENCE,
	[','] = SENTENCE,
	['/'] = SENTENCE | ORIGIN,
	[':'] = SENTENCE | ORIGIN,
	[';'] = SENTENCE,
};

/* Text that somebody vouches for is held against a narrow alphabet all the same. */
static bool plain(const char *s, uint8_t alphabet, size_t *n)
{
	size_t i;

	for (i = 0; i <= 127 && s[i] != '\0'; i++)
		if ((alphabets[(uint8_t)s[i]] & alphabet) == 0)
			return false;
	*n = i;
	return i > 0 && i <= 127;
}

static inline void put_text(struct out *o, struct sc_span k, const char *s, uint8_t alphabet)
{
	size_t n = 0;

	if (s == NULL)
		return;
	if (!plain(s, alphabet, &n)) {
		breach(o);
		return;
	}
	key(o, k);
	jsonw_plain(&o->j, s, n);
}

static inline void put_name(struct out *o, struct sc_span k, const struct sc_name *n)
{
	if (n != NULL && n->s[0] != '\0')
		put_text(o, k, n->s, WORD);
}

static inline void put_u64(struct out *o, struct sc_span k, uint64_t v)
{
	key(o, k);
	jsonw_u64(&o->j, v);
}

static inline void put_nonzero(struct out *o, struct sc_span k, uint64_t v)
{
	if (v != 0)
		put_u64(o, k, v);
}

static inline void put_hex(struct out *o, struct sc_span k, const uint8_t *p, size_t n)
{
	if (p == NULL)
		return;
	key(o, k);
	jsonw_hex(&o->j, p, n);
}

static void put_reason(struct out *o, struct sc_span k, const struct policy_reason *r)
{
	if (r == NULL || r->s[0] == '\0')
		return;
	key(o, k);
	jsonw_str(&o->j, r->s);
}

/* A value of an enumeration; UNSET says nothing. */
static inline void put_choice(struct out *o, struct sc_span k, unsigned v, const char *name)
{
	if (v == AUDIT_UNSET)
		return;
	if (name == NULL)
		breach(o);
	else
		put_text(o, k, name, WORD);
}

/* Was something else done with values of C than the whole record says? */
static bool is_mixed(const struct audit_record *r, const struct audit_class *c)
{
	return c->by != NULL && r->action < ACTION_COUNT && c->by[r->action] != c->n;
}

static void put_actions(struct out *o, const struct audit_class *c)
{
	jsonw_object(&o->j);
	for (unsigned a = 0; a < ACTION_COUNT; a++)
		if (c->by[a] != 0)
			jsonw_ku64(&o->j, policy_action_name(a), c->by[a]);
	jsonw_object_end(&o->j);
}

static void put_classes(struct out *o, const struct audit_record *r)
{
	if (r->n_classes == 0)
		return;
	key(o, K("classes"));
	jsonw_object(&o->j);
	for (size_t i = 0; i < r->n_classes; i++) {
		const struct audit_class *c = &r->classes[i];
		const char *name = c->name != NULL ? c->name->s : class_name(c->id);
		char number[16];
		size_t len;

		if (name == NULL) { /* of a policy that is not at hand */
			snprintf(number, sizeof(number), "class-%u", c->id);
			name = number;
		}
		if (!plain(name, WORD, &len)) {
			breach(o);
		} else if (is_mixed(r, c)) {
			jsonw_key(&o->j, name);
			put_actions(o, c);
		} else {
			jsonw_ku64(&o->j, name, c->n);
		}
	}
	jsonw_object_end(&o->j);
}

static void put_subjects(struct out *o, const struct audit_record *r)
{
	if (r->n_subjects > 0) {
		key(o, K("subjects"));
		jsonw_array(&o->j);
		for (size_t i = 0; i < r->n_subjects; i++)
			jsonw_hex(&o->j, r->subjects[i], AUDIT_HANDLE_BYTES);
		jsonw_array_end(&o->j);
	}
	put_nonzero(o, K("subjects_total"), r->subjects_total);
	put_nonzero(o, K("unnamed"), r->unnamed);
	put_nonzero(o, K("parts"), r->parts);
	put_hex(o, K("subjects_root"), r->subjects_root, 32);
	put_hex(o, K("whose"), r->n_whose == 0 ? NULL : r->whose, r->n_whose);
}

static void put_keys(struct out *o, const struct audit_record *r)
{
	uint8_t id[8];

	if (r->n_keys == 0)
		return;
	key(o, K("keys"));
	jsonw_array(&o->j);
	for (size_t i = 0; i < r->n_keys; i++) {
		sc_be64_store(id, r->keys[i]);
		jsonw_hex(&o->j, id, sizeof(id));
	}
	jsonw_array_end(&o->j);
}

static void put_store(struct out *o, const struct audit_store *s)
{
	if (s == NULL)
		return;
	if (s->gen > AUDIT_NUMBER_MAX || s->high > AUDIT_NUMBER_MAX ||
	    s->lease > AUDIT_NUMBER_MAX) {
		breach(o);
		return;
	}
	key(o, K("store"));
	jsonw_object(&o->j);
	put_u64(o, K("gen"), s->gen);
	put_u64(o, K("high"), s->high);
	put_u64(o, K("lease"), s->lease);
	jsonw_object_end(&o->j);
}

/* Words of consent; what proves them is told by its hash alone. */
static void put_said(struct out *o, const struct audit_record *r)
{
	if (r->n_said == 0)
		return;
	key(o, K("consent"));
	jsonw_array(&o->j);
	for (size_t i = 0; i < r->n_said; i++) {
		const struct audit_consent *c = &r->said[i];

		jsonw_object(&o->j);
		put_text(o, K("purpose"), c->purpose, WORD);
		put_text(o, K("word"), c->word, WORD);
		put_u64(o, K("version"), c->version);
		put_name(o, K("source"), c->source);
		put_name(o, K("method"), c->method);
		put_hex(o, K("text"), c->text, 32);
		put_hex(o, K("evidence"), c->evidence, 32);
		put_nonzero(o, K("said"), c->said_ms);
		jsonw_object_end(&o->j);
	}
	jsonw_array_end(&o->j);
}

static void put_tables(struct out *o, const struct audit_release *r)
{
	if (r->n_tables == 0)
		return;
	key(o, K("tables"));
	jsonw_array(&o->j);
	for (size_t i = 0, n; i < r->n_tables; i++) {
		if (!plain(r->tables[i], WORD, &n))
			breach(o);
		else
			jsonw_plain(&o->j, r->tables[i], n);
	}
	jsonw_array_end(&o->j);
}

static void put_release(struct out *o, const struct audit_record *r)
{
	const struct audit_release *v = r->release;

	if (v == NULL)
		return;
	if (v->dataset->s[0] == '\0' || v->number > AUDIT_NUMBER_MAX) {
		breach(o);
		return;
	}
	key(o, K("release"));
	jsonw_object(&o->j);
	put_name(o, K("dataset"), v->dataset);
	put_u64(o, K("number"), v->number);
	put_hex(o, K("manifest"), v->manifest, 32);
	put_hex(o, K("question"), v->question, 32);
	put_tables(o, v);
	jsonw_object_end(&o->j);
}

static void put_place(struct out *o, const struct audit_place *v)
{
	if (v == NULL)
		return;
	key(o, K("place"));
	jsonw_str(&o->j, v->path);
	put_text(o, K("by"), v->by, WORD);
	put_text(o, K("did"), v->did, WORD);
}

/* What the person had granted, as it was told: names of purposes. */
static void put_consents(struct out *o, const struct audit_record *r)
{
	const struct sc_name *name;

	if (r->policy == NULL || r->asking.consents == 0)
		return;
	key(o, K("consents"));
	jsonw_array(&o->j);
	for (uint8_t i = 0; (name = policy_purpose_name(r->policy, i)) != NULL; i++)
		if (r->asking.consents >> i & 1)
			jsonw_plain(&o->j, name->s, strlen(name->s));
	jsonw_array_end(&o->j);
}

static void put_decision(struct out *o, const struct audit_record *r)
{
	group(o, K("decision"));
	put_choice(o, K("action"), r->action, policy_action_name(r->action));
	if (r->rules[0] != NULL) {
		key(o, K("rules"));
		jsonw_array(&o->j);
		for (size_t i = 0; i < AUDIT_RULES_MAX && r->rules[i] != NULL; i++) {
			size_t n;

			if (!plain(r->rules[i], WORD, &n))
				breach(o);
			else
				jsonw_plain(&o->j, r->rules[i], n);
		}
		jsonw_array_end(&o->j);
	}
	put_hex(o, K("policy"), r->asking.policy_hash, ASKING_HASH);
	put_nonzero(o, K("approvals"), r->asking.approvals);
	put_consents(o, r);
}

/* One byte in decimal, as inet_ntop() would, without its price: once a request. */
static char *put_byte(char *at, uint8_t v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	return at;
}

static void put_prefix(struct out *o, const struct audit_prefix *a)
{
	char text[INET6_ADDRSTRLEN + 4], *at = text;
	uint8_t full[16] = { 0 };

	if (a->family == 4) {
		for (int i = 0; i < 3; i++) {
			at = put_byte(at, a->bytes[i]);
			*at++ = '.';
		}
		memcpy(at, "0/24", 5);
	} else if (a->family == 6) {
		memcpy(full, a->bytes, 6);
		if (inet_ntop(AF_INET6, full, text, INET6_ADDRSTRLEN) == NULL)
			return;
		strcat(text, "/48");
	} else {
		return;
	}
	key(o, K("net"));
	jsonw_str(&o->j, text);
}

static void put_answer(struct out *o, const struct audit_answer *a)
{
	if (a == NULL)
		return;
	put_u64(o, K("rows"), a->rows);
	put_u64(o, K("bytes"), a->bytes);
	put_u64(o, K("ms"), a->ms);
	if (!a->cut)
		return;
	key(o, K("cut"));
	jsonw_bool(&o->j, true);
}

static void put_outcome(struct out *o, const struct audit_record *r)
{
	const struct audit_counts *c = &r->counts;

	group(o, K("outcome"));
	if ((unsigned)r->outcome >= AUDIT_OUTCOME_COUNT)
		breach(o);
	else if (r->outcome != AUDIT_OUTCOME_NONE)
		put_text(o, K("result"), outcomes[r->outcome], WORD);
	put_nonzero(o, K("status"), r->status);
	put_text(o, K("why"), r->why, SENTENCE);
#define PUT(name) put_nonzero(o, K(#name), c->name);
	AUDIT_COUNTS(PUT)
#undef PUT
	put_answer(o, r->answer);
	if (r->keyd_index != AUDIT_NONE)
		put_u64(o, K("keyd"), r->keyd_index);
}

static void put_head(struct out *o, const struct audit_record *r)
{
	group(o, K("head"));
	if (r->head_origin == NULL)
		return;
	put_text(o, K("origin"), r->head_origin, ORIGIN);
	put_u64(o, K("size"), r->head_size);
	put_hex(o, K("root"), r->head_root, 32);
}

static void put_shown(struct out *o, uint8_t tiers)
{
	if (tiers == 0)
		return;
	key(o, K("shown"));
	jsonw_array(&o->j);
	for (unsigned i = 0; i < TIER_X; i++)
		if ((tiers >> i & 1) != 0)
			jsonw_str(&o->j, policy_tier_name(i));
	jsonw_array_end(&o->j);
}

/* That it counts on, where that is not the one that it was written on. */
static void put_day(struct out *o, const struct audit_record *r)
{
	const uint64_t day = r->asking.counted_ms / AUDIT_DAY_MS;

	if (day != 0 && day != r->at_ms / AUDIT_DAY_MS)
		put_u64(o, K("day"), day);
}

static void put_all(struct out *o, const struct audit_record *r)
{
	uint8_t id[8];

	sc_be64_store(id, r->asking.request_id);
	jsonw_object(&o->j);
	put_u64(o, K("v"), 1);
	put_u64(o, K("at"), r->at_ms);
	put_day(o, r);
	put_text(o, K("kind"), audit_kind_name(r->kind), WORD);
	put_hex(o, K("req"), r->asking.request_id == 0 ? NULL : id, sizeof(id));
	put_text(o, K("act"), r->act, WORD);
	put_name(o, K("tenant"), r->asking.tenant);
	group(o, K("who"));
	put_name(o, K("principal"), r->asking.principal);
	put_name(o, K("role"), r->role);
	if ((unsigned)r->auth < AUDIT_AUTH_COUNT)
		put_text(o, K("auth"), auths[r->auth], WORD);
	group(o, K("why"));
	put_name(o, K("purpose"), r->purpose);
	put_name(o, K("basis"), r->basis);
	put_reason(o, K("reason"), r->asking.reason);
	put_reason(o, K("ticket"), r->asking.ticket);
	group(o, K("what"));
	put_choice(o, K("op"), r->asking.op, policy_op_name(r->asking.op));
	put_choice(o, K("tier"), r->tier, policy_tier_name(r->tier));
	put_shown(o, r->shown);
	put_classes(o, r);
	put_nonzero(o, K("records"), r->asking.records);
	put_subjects(o, r);
	put_keys(o, r);
	put_store(o, r->store);
	put_hex(o, K("binding"), r->binding, AUDIT_BINDING_BYTES);
	put_said(o, r);
	put_release(o, r);
	put_place(o, r->place);
	put_decision(o, r);
	group(o, K("where"));
	put_name(o, K("route"), r->asking.route);
	put_name(o, K("recipient"), r->asking.recipient);
	put_name(o, K("recipient_role"), r->recipient_role);
	put_name(o, K("recipient_purpose"), r->recipient_purpose);
	put_name(o, K("node"), r->node);
	put_prefix(o, &r->address);
	put_outcome(o, r);
	put_head(o, r);
	group(o, sc_span(NULL, 0));
	jsonw_object_end(&o->j);
}

enum sc_err audit_record_print(const struct audit_record *r, struct sc_buf *out)
{
	struct out o = { .j = jsonw(out) };
	size_t from = out->n;

	if (r->n_classes > AUDIT_CLASSES_MAX ||
	    r->n_subjects > (r->kind == AUDIT_PEOPLE ? AUDIT_PART_MAX : AUDIT_HANDLES_MAX) ||
	    r->n_said > AUDIT_CONSENTS_MAX || r->n_whose > AUDIT_WHOSE_MAX ||
	    r->n_keys > AUDIT_KEYS_MAX)
		return SC_LIMIT;
	if ((unsigned)r->kind >= AUDIT_KIND_COUNT || (unsigned)r->auth >= AUDIT_AUTH_COUNT)
		return SC_BUG;
	put_all(&o, r);
	if (o.j.err == SC_OK && out->n - from > AUDIT_RECORD_MAX)
		o.j.err = SC_LIMIT;
	if (o.j.err != SC_OK)
		sc_buf_truncate(out, from);
	return o.j.err;
}
