/*
 * engine.c - dispatch: what each op is called, what it may do, and the way of
 * a request that has to wait for keys.
 */
#include "crypto/keyd/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/weak.h"
#include "crypto/keyd/key_request.h"

#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 4       /* rounds of fetching before a request is refused */
#define PENDING_MAX 65536 /* requests that wait for the store */

/* A row for each op: the policy's operations it may be asked under. */
static const struct op {
	uint16_t op;
	uint16_t allowed; /* bits 1 << POLICY_..; 0: the policy is not asked */
	op_fn *run;
} ops[] = {
	{ WIRE_SEAL, 1 << POLICY_WRITE, op_seal },
	{ WIRE_OPEN, 1 << POLICY_READ | 1 << POLICY_SHARE | 1 << POLICY_EXPORT, op_open },
	{ WIRE_INDEX, 1 << POLICY_SEARCH, op_index },
	{ WIRE_PSEUDONYM, 1 << POLICY_WRITE, op_pseudonym },
	{ WIRE_ERASE_SUBJECT, 1 << POLICY_DELETE, op_erase },
	{ WIRE_MERGE, 1 << POLICY_MERGE, op_merge },
	{ WIRE_SIGN_HEAD, 0, op_head },
	{ WIRE_PROVE_LOG, 0, op_prove_log },
	{ WIRE_STATUS, 0, op_status },
	{ WIRE_OPERATE, 0, op_operate },
};

static const struct op *find_op(uint16_t op)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].op == op)
			return &ops[i];
	return NULL;
}

/* ---- who asks ---- */

static bool are_named(const struct engine *e, uint8_t role, uint8_t purpose)
{
	return policy_role_name(e->policy, role) != NULL &&
	    policy_purpose_name(e->policy, purpose) != NULL;
}

/* A share names as what its recipient reads, and nothing else does. */
static bool recipient_fits(const struct engine *e, const struct asking *a)
{
	if (a->op == POLICY_SHARE)
		return are_named(e, a->recipient_role, a->recipient_purpose);
	return a->recipient_role == ASKING_UNSET && a->recipient_purpose == ASKING_UNSET;
}

static bool may_be_asked(const struct op *op, uint8_t as)
{
	if (op->op == WIRE_INDEX && as == POLICY_WRITE && WEAK("index-alone"))
		return true;
	return (op->allowed >> as & 1) != 0;
}

static struct sessions *sessions_of(struct engine *e, struct peer *p)
{
	return WEAK("session-anywhere") ? &e->shared : &p->sessions;
}

/*
 * A year's key is made in the year before, so that nobody waits for it when the year begins: here
 * it is the next one's. No key is made that the log does not tell of.
 */
static enum sc_err begin_year(struct engine *e, uint64_t ms)
{
	const struct year_key *y;
	enum sc_err err;

	if (ms < e->year_ends_ms)
		return SC_OK;
	err = tlog_failed(e->p.log) ?
	    SC_LIMIT :
	    keyring_make_years(e->p.keyring, ms, keylog_made_year, e->p.keylog);
	if (err == SC_OK)
		e->year_ends_ms = key_year_end(ms);
	y = keyring_year(e->p.keyring, key_year_of(ms));
	return y != NULL && y->state == KEY_ACTIVE ? SC_OK : err != SC_OK ? err : SC_LIMIT;
}

/* keyd's own view of the question: what it cannot name it refuses. */
static enum sc_err check_asking(struct engine *e, struct peer *p, const struct op *op,
    struct asking *a)
{
	enum sc_err err;

	if (strcmp(a->tenant->s, e->p.tenant->s) != 0)
		return SC_AUTH;
	a->now_ms = clock_unix_ms();
	a->counted_ms = people_time(e->p.people);
	if ((err = begin_year(e, a->counted_ms)) != SC_OK)
		return err;
	a->node = p->gateway == NULL ? NULL : &p->node;
	if (op->allowed == 0) {
		/* nobody came for it: the gateway asks for itself */
		if (a->node != NULL) {
			a->principal = a->node;
			a->auth = ASKING_ASSERTED;
		}
		a->role = a->purpose = a->op = ASKING_UNSET;
		return SC_OK;
	}
	/* before its numbers are looked up: they are another file's */
	if (memcmp(a->policy_hash, e->hash, ASKING_HASH) != 0)
		return SC_STALE;
	/* told by the gateway, and not to be believed: keyd can check none yet */
	a->approvals_checked = WEAK("approvals-believed") ? a->approvals : 0;
	if (a->op >= POLICY_OP_COUNT || !may_be_asked(op, a->op))
		return SC_AUTH;
	if (!are_named(e, a->role, a->purpose) || !recipient_fits(e, a))
		return SC_AUTH;
	return callers_judge(e->callers, p->gateway, sessions_of(e, p), a);
}

/* ---- a request, and one that waits ---- */

struct parked {
	struct reply_address address;
	struct sc_buf body;
	unsigned tries;
	struct order_person order; /* if it ASKS whose its order is, or knows it */
	bool asks;
};

/* A try, the first or what K's (NULL: the first) is followed by. */
static enum sc_err run(struct engine *e, struct peer *p, uint16_t op, uint64_t req_id,
    struct sc_span body, const struct parked *k);

static void on_keys(void *owner, enum sc_err err)
{
	struct parked *k = owner;
	struct peer *p = reply_peer(&k->address);

	k->address.e->pending--;
	if (p != NULL && err == SC_OK)
		err = run(k->address.e, p, k->address.op, k->address.req_id, sc_buf_span(&k->body),
		    k);
	if (p != NULL && err != SC_OK)
		reply_fail(&k->address, err);
	sc_buf_fini(&k->body);
	free(k);
}

static enum sc_err park(struct key_request *req)
{
	struct parked *k;
	enum sc_err err;

	if (req->tries >= TRIES_MAX || req->e->pending >= PENDING_MAX)
		return SC_LIMIT;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return SC_NOMEM;
	k->address = key_request_address(req);
	k->tries = req->tries;
	k->asks = req->order.wanted || req->order.known != NULL;
	if (k->asks)
		k->order = req->order.wanted ? req->order.ask : *req->order.known;
	sc_buf_init(&k->body, WIRE_PACKET_MAX);
	if ((err = sc_buf_put_span(&k->body, req->body)) != SC_OK) {
		sc_buf_fini(&k->body);
		free(k);
		return err;
	}
	req->e->pending++;
	if (req->order.wanted)
		key_fetch_order(req->fetch, &k->order);
	people_fetch(req->fetch, k, on_keys);
	req->fetch = NULL;
	return SC_OK;
}

/* Fails with SC_SYNTAX only: drop the peer. */
static enum sc_err run(struct engine *e, struct peer *p, uint16_t op, uint64_t req_id,
    struct sc_span body, const struct parked *k)
{
	const struct op *row = find_op(op);
	struct key_request req = { .e = e,
		.peer = p,
		.op = op,
		.req_id = req_id,
		.body = body,
		.tenant = sc_span_str(e->p.tenant->s),
		.tries = k == NULL ? 0 : k->tries + 1,
		.order.known = k != NULL && k->asks ? &k->order : NULL };
	struct sc_reader r = sc_reader(body);
	enum sc_err err;

	if (row == NULL || (err = wire_asking_decode(&r, &req.who)) == SC_SYNTAX)
		return SC_SYNTAX;
	if (err == SC_OK && (err = check_asking(e, p, row, &req.who.asking)) == SC_OK)
		err = row->run(&req, &r);
	else if (err == SC_AUTH)
		turned_away(e->away, TURNED_AWAY_CALLER, &p->node, &req.who.asking);
	keyring_used_end(e->p.keyring, err == SC_OK);
	if (err != SC_OK)
		answer_drop(&req.answer);
	if (err == SC_AGAIN && req.fetch != NULL)
		err = park(&req);
	key_fetch_free(req.fetch);
	if (err == SC_SYNTAX)
		return err;
	if (err != SC_OK)
		reply_error(p, op, req_id, err);
	return SC_OK;
}

uint8_t engine_trouble(const struct engine *e)
{
	struct people_counts c;

	people_count(e->p.people, &c);
	return (tlog_failed(e->p.log) ? WIRE_LOG_FAILED : 0) |
	    (tlog_space_low(e->p.log) ? WIRE_SPACE_LOW : 0) |
	    (e->store_wrong || back_check_wrong(e->p.check) ? WIRE_STORE_WRONG : 0) |
	    (c.waiting > 0 ? WIRE_RETURNS_QUEUED : 0);
}

static enum sc_err say_hello(struct engine *e, struct peer *p, uint64_t req_id)
{
	struct wire_hello h = { .version = WIRE_VERSION, .trouble = engine_trouble(e) };
	size_t at;
	enum sc_err err;

	memcpy(h.policy_hash, e->hash, HASH_BYTES);
	if ((err = wire_frame_begin(&p->out, WIRE_HELLO | WIRE_REPLY, req_id, &at)) != SC_OK ||
	    (err = wire_hello_encode(&p->out, true, &h)) != SC_OK)
		return err;
	wire_frame_end(&p->out, at, 0);
	return SC_OK;
}

/* Which of the gateways in keyd's file NODE is; their number: none. */
static unsigned row_of(const struct engine *e, const struct sc_name *node)
{
	unsigned i = 0;

	while (i < e->p.n_gateways && strcmp(e->p.gateways[i].node.s, node->s) != 0)
		i++;
	return i;
}

/* A gateway says which it is, once; who operates is none. */
static bool join(struct engine *e, struct peer *p, const struct sc_name *node)
{
	if (p->operates)
		return true;
	if (p->helloed && strcmp(p->node.s, node->s) != 0)
		return false;
	p->node = *node;
	p->row = row_of(e, node);
	p->gateway = callers_gateway(e->callers, node, p->uid, p->far ? p->spki : NULL);
	if (p->gateway != NULL || WEAK("any-operator-of-keys"))
		return true;
	log_event(LOG_WARN, "keyd.node_refused", LOG_NAME("node", node), LOG_U64("uid", p->uid),
	    LOG_END);
	turned_away(e->away, TURNED_AWAY_GATEWAY, node, NULL);
	return false;
}

static enum sc_err hello(struct engine *e, struct peer *p, const struct wire_frame *f)
{
	struct wire_hello h;

	if (wire_hello_decode(f->body, false, &h) != SC_OK || !join(e, p, &h.node) ||
	    say_hello(e, p, f->req_id) != SC_OK)
		return SC_SYNTAX;
	p->helloed = true;
	return SC_OK;
}

/* Nothing is answered: what a wrong key was shown for, or too many are, is refused when it asks. */
static enum sc_err prove(struct engine *e, struct peer *p, const struct wire_frame *f)
{
	const struct policy_principal *who;
	struct wire_proof proof;

	if (p->gateway == NULL || wire_proof_decode(f->body, &proof) != SC_OK)
		return SC_SYNTAX;
	if ((who = callers_by_key(e->callers, proof.key, &p->node)) == NULL) {
		log_event(LOG_WARN, "keyd.key_refused", LOG_NAME("node", &p->node), LOG_END);
		turned_away(e->away, TURNED_AWAY_KEY, &p->node, NULL);
	}
	if (sessions_put(sessions_of(e, p), proof.handle, who, clock_mono_ms()) != SC_OK)
		log_event(LOG_WARN, "keyd.session_refused", LOG_NAME("node", &p->node), LOG_END);
	return SC_OK;
}

void engine_greet(struct engine *e, struct peer *p)
{
	if (p->helloed && say_hello(e, p, 0) != SC_OK)
		p->broken = true; /* it would go on believing the old hash */
}

/* Who operates keys asks for no values, and who asks for values operates nothing. */
static bool is_theirs(const struct peer *p, uint16_t op)
{
	if (op == WIRE_OPERATE)
		return p->operates || WEAK("any-operator-of-keys");
	return !p->operates || op == WIRE_HELLO || op == WIRE_STATUS;
}

enum sc_err engine_frame(struct engine *e, struct peer *p, const struct wire_frame *f)
{
	if (f->flags != 0 || !is_theirs(p, f->op))
		return SC_SYNTAX;
	if (f->op == WIRE_HELLO)
		return hello(e, p, f);
	if (!p->helloed)
		return SC_SYNTAX;
	return f->op == WIRE_PROVE ? prove(e, p, f) : run(e, p, f->op, f->req_id, f->body, NULL);
}

void engine_rest(struct engine *e)
{
	if (!e->siv_set)
		return;
	siv_clear(e->siv);
	e->siv_set = false;
}

size_t engine_pending(const struct engine *e)
{
	return e->pending + people_pending(e->p.people) + erase_waiting(e) + merge_waiting(e) +
	    operate_waiting(e) + staying_waiting(e);
}

bool engine_counting(const struct engine *e)
{
	return quota_rows_busy(e->rows) || marks_busy(e->marks);
}

/* ---- life ---- */

enum sc_err engine_new(const struct engine_parts *parts, struct sc_diag *d, struct engine **out)
{
	const struct quota_rows_parts rows = { .loop = parts->loop,
		.inbox = parts->inbox,
		.log = parts->log,
		.origin = parts->origin,
		.clock = people_clock(parts->people) };
	struct engine *e;
	enum sc_err err;

	*out = NULL;
	if ((e = calloc(1, sizeof(*e))) == NULL)
		return SC_NOMEM;
	e->p = *parts;
	e->started_ms = clock_unix_ms();
	e->store_wrong = parts->replayed != NULL && parts->replayed->order == ORDER_STORE_BEHIND;
	sc_buf_init(&e->token, TOKEN_BYTES_MAX + 64);
	sc_buf_init(&e->plain, CRYPTO_VALUE_MAX);
	if ((err = siv_ctx_new(&e->siv)) != SC_OK ||
	    (err = quota_rows_new(&rows, &e->rows)) != SC_OK ||
	    (err = marks_new(parts->loop, parts->inbox, rows.clock, &e->marks)) != SC_OK ||
	    (err = signed_used_new(e->started_ms, &e->signed_)) != SC_OK ||
	    (err = turned_away_new(parts->loop, parts->keylog, &e->away)) != SC_OK ||
	    (err = keyring_signer(parts->keyring, parts->origin, &e->signer)) != SC_OK) {
		sc_diag_set(d, "the engine cannot start (%s)", sc_err_name(err));
		goto out;
	}
	e->quota = quota_rows_books(e->rows, QUOTA_SHOWN);
	e->searches = quota_rows_books(e->rows, QUOTA_SEARCHED);
	e->indexes = quota_rows_books(e->rows, QUOTA_INDEXED);
	e->nobodys = quota_rows_books(e->rows, QUOTA_NOBODYS);
	e->merged = quota_rows_books(e->rows, QUOTA_MERGED);
	e->erased = quota_rows_books(e->rows, QUOTA_ERASED);
	*out = e;
	e = NULL;
out:
	engine_free(e);
	return err;
}

void engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	erase_forget(e);
	merge_forget(e);
	operate_forget(e);
	unowned_free(e->unowned);
	staying_forget(e);
	turned_away_free(e->away);
	quota_rows_free(e->rows);
	marks_free(e->marks);
	signed_used_free(e->signed_);
	siv_ctx_free(e->siv);
	sc_buf_fini(&e->token);
	sc_buf_fini(&e->plain);
	sessions_fini(&e->shared);
	policy_free(e->policy);
	callers_free(e->callers);
	free(e);
}

enum sc_err engine_restore(struct engine *e, const char *dir, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = quota_rows_start(e->rows, dir, d)) != SC_OK)
		return err;
	if ((err = unowned_new(e->rows, e->p.inbox->store, &e->unowned)) != SC_OK) {
		sc_diag_set(d, "what was sealed for nobody cannot be counted (%s)",
		    sc_err_name(err));
		return err;
	}
	keylog_unowned(e->p.keylog, unowned_add, e->unowned);
	return marks_start(e->marks, d);
}

void engine_tell(struct engine *e)
{
	keylog_tell(e->p.keylog);
	turned_away_tell(e->away);
}

enum sc_err engine_keep(struct engine *e)
{
	enum sc_err err = quota_rows_keep(e->rows);
	enum sc_err marks = marks_keep(e->marks);

	return err != SC_OK ? err : marks;
}

enum sc_err engine_policy(struct engine *e, struct policy *p, struct callers *c)
{
	uint8_t hash[HASH_BYTES];
	enum sc_err err;

	/* a new class wants a key, and no key is made that the log does not tell of */
	if (tlog_failed(e->p.log))
		return SC_LIMIT;
	if ((err = begin_year(e, people_time(e->p.people))) != SC_OK)
		return err;
	hash_sha256(policy_text(p), hash);
	turned_away_tell(e->away); /* by the names of the old one */
	keylog_policy(e->p.keylog, p, hash);
	if ((err = keyring_add_classes(e->p.keyring, p, keylog_made_key, e->p.keylog)) != SC_OK) {
		if (e->policy != NULL)
			keylog_policy(e->p.keylog, e->policy, e->hash);
		return err;
	}
	policy_free(e->policy);
	callers_free(e->callers);
	e->policy = p;
	e->callers = c;
	sessions_fini(&e->shared);
	/* the shortest: sealing a dummy makes nobody young for any rule without being counted */
	people_window(e->p.people, policy_shortest_weeks(p));
	memcpy(e->hash, hash, HASH_BYTES);
	return SC_OK;
}

void engine_rejoin(struct engine *e, struct peer *p)
{
	sessions_fini(&p->sessions);
	if (p->gateway != NULL && !join(e, p, &p->node))
		p->broken = true;
}

bool engine_admits(const struct engine *e, uint32_t uid)
{
	return callers_has_uid(e->callers, uid);
}

bool engine_admits_key(const struct engine *e, const uint8_t spki[static 32])
{
	return callers_has_key(e->callers, spki);
}
