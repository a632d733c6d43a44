/*
 * ask.c - requests: a call becomes one frame, or several when it is larger
 * than a packet.
 *
 * Each frame names a subject once, however many items are about it.
 */
#include "crypto/keyc/internal.h"

/* Bytes of a frame that are not subjects and items, at most. */
#define FRAME_REST (WIRE_HEAD + WIRE_ASKING_MAX + 4)
#define RECENT_SUBJECTS 8 /* how far back an equal subject is looked for */

/* What one part holds: items [first, end) and the subjects they are about. */
struct part {
	size_t first, end;
	size_t n_subjects;
};

static uint16_t find_subject(const struct keyc *kc, size_t n, struct sc_span s)
{
	size_t oldest = n > RECENT_SUBJECTS ? n - RECENT_SUBJECTS : 0;

	for (size_t i = n; i > oldest; i--)
		if (sc_span_eq(kc->subjects[i - 1], s))
			return (uint16_t)(i - 1);
	return WIRE_NO_SUBJECT;
}

static size_t order_bytes(const struct keyc_order *o)
{
	return o == NULL ? 0 : 2 + o->id.n + 1 + 2 + o->person.n;
}

/* Take items from FIRST on until the packet, of which REST bytes are used, is full. */
static void plan_part(struct keyc *kc, const struct keyc_item *items, size_t n, size_t first,
    size_t rest, struct part *p)
{
	size_t bytes = rest, more, i;

	p->first = first;
	p->n_subjects = 0;
	for (i = first; i < n; i++) {
		uint16_t at = WIRE_NO_SUBJECT;
		bool fresh = false;

		more = WIRE_ITEM_HEAD + items[i].value.n;
		if (items[i].subject.n > 0) {
			at = find_subject(kc, p->n_subjects, items[i].subject);
			if ((fresh = at == WIRE_NO_SUBJECT))
				more += 2 + items[i].subject.n;
		} else if (items[i].of_order) {
			at = WIRE_OF_ORDER;
		}
		if (i > first && bytes + more > WIRE_PACKET_MAX)
			break;
		if (fresh) {
			at = (uint16_t)p->n_subjects++;
			kc->subjects[at] = items[i].subject;
		}
		kc->subject_of[i - first] = at;
		bytes += more;
	}
	p->end = i;
}

static enum sc_err encode_order(struct sc_buf *b, const struct keyc_order *o)
{
	const struct wire_order order = { .id = o->id,
		.flags = (o->says ? WIRE_ORDER_SAYS : 0) | (o->required ? WIRE_ORDER_REQUIRED : 0),
		.person = o->person };

	return wire_order_encode(b, &order);
}

static enum sc_err encode_part(struct keyc *kc, const struct asking *a,
    const struct keyc_item *items, const struct keyc_order *order, const struct part *p)
{
	struct sc_buf *b = &kc->out;
	enum sc_err err;

	if ((err = wire_asking_encode(b, a)) != SC_OK ||
	    (err = sc_buf_put_be16(b, (uint16_t)p->n_subjects)) != SC_OK)
		return err;
	for (size_t i = 0; i < p->n_subjects; i++)
		if ((err = sc_buf_put_field16(b, kc->subjects[i])) != SC_OK)
			return err;
	if ((err = sc_buf_put_be16(b, (uint16_t)(p->end - p->first))) != SC_OK)
		return err;
	for (size_t i = p->first; i < p->end; i++) {
		const struct wire_item it = { .class_id = items[i].class_id,
			.flags = items[i].flags,
			.subject = kc->subject_of[i - p->first],
			.value = items[i].value };

		if ((err = wire_item_encode(b, &it)) != SC_OK)
			return err;
	}
	return order == NULL ? SC_OK : encode_order(b, order);
}

static enum sc_err check_items(const struct keyc_item *items, size_t n, size_t value_max)
{
	if (n == 0)
		return SC_BUG;
	if (n > CRYPTO_ITEMS_MAX)
		return SC_LIMIT;
	for (size_t i = 0; i < n; i++)
		if (items[i].value.n > value_max || items[i].subject.n > CRYPTO_SUBJECT_MAX)
			return SC_LIMIT;
	return SC_OK;
}

/* The call is under way; its frames leave at the end of the turn. */
static void begin_call(struct keyc *kc, struct keyc_call *call, uint32_t parts, size_t n_items,
    struct keyc_gather *g)
{
	call->priv.id = kc->next_id++;
	call->priv.parts = parts;
	call->priv.n_items = (uint32_t)n_items;
	call->priv.record = WIRE_NO_RECORD;
	call->priv.named = false;
	call->priv.err = SC_OK;
	call->priv.gather = g;
	keyc_call_add(kc, call);
	keyc_kick(kc);
}

static uint64_t part_id(const struct keyc *kc, uint32_t part)
{
	return kc->next_id << KEYC_PART_BITS | part;
}

static enum sc_err ask_items(struct keyc *kc, struct keyc_call *call, uint16_t op,
    const struct asking *a, const struct keyc_item *items, size_t n, size_t value_max)
{
	const struct keyc_order *order = op == WIRE_SEAL || op == WIRE_OPEN ? call->order : NULL;
	struct keyc_gather *g = NULL;
	struct part p = { 0, 0, 0 };
	struct asking proved;
	size_t start, at;
	uint32_t parts = 0;
	enum sc_err err;

	if ((err = check_items(items, n, value_max)) != SC_OK)
		return err;
	if (order != NULL &&
	    (order->id.n > CRYPTO_SUBJECT_MAX || order->person.n > CRYPTO_SUBJECT_MAX))
		return SC_LIMIT;
	if (!keyc_usable(kc))
		return SC_AGAIN;
	err = keyc_prove(kc, a, &proved);
	start = kc->out.n;
	if (err != SC_OK)
		goto out;
	do {
		plan_part(kc, items, n, p.end, FRAME_REST + order_bytes(order), &p);
		if ((err = wire_frame_begin(&kc->out, op, part_id(kc, parts), &at)) != SC_OK ||
		    (err = encode_part(kc, &proved, items, order, &p)) != SC_OK)
			goto out;
		wire_frame_end(&kc->out, at, 0);
		/* a statement is about one frame, and good once */
		if (p.end < n && a->statement.n > 0) {
			sc_buf_truncate(&kc->out, start);
			return SC_LIMIT;
		}
		if (p.end < n && g == NULL && (err = keyc_gather_new(n, (uint32_t)n, &g)) != SC_OK)
			goto out;
		if (g != NULL) {
			g->next[parts] = (uint32_t)p.first;
			g->end[parts] = (uint32_t)p.end;
			g->n_parts = parts + 1;
		}
		parts++;
	} while (p.end < n);
	begin_call(kc, call, parts, n, g);
	g = NULL;
out:
	if (err != SC_OK)
		sc_buf_truncate(&kc->out, start);
	keyc_gather_free(g);
	/* so much waits already that this one must */
	return err == SC_LIMIT ? SC_AGAIN : err;
}

enum sc_err keyc_seal(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	return ask_items(kc, call, WIRE_SEAL, a, items, n, WIRE_TEXT_MAX);
}

enum sc_err keyc_open(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	return ask_items(kc, call, WIRE_OPEN, a, items, n, WIRE_TEXT_MAX);
}

enum sc_err keyc_index(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	return ask_items(kc, call, WIRE_INDEX, a, items, n, CRYPTO_VALUE_MAX);
}

enum sc_err keyc_pseudonym(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	return ask_items(kc, call, WIRE_PSEUDONYM, a, items, n, CRYPTO_VALUE_MAX);
}

/* ---- requests without items ---- */

typedef enum sc_err rest_fn(struct sc_buf *b, const void *arg);

/* What a keyd is examined by, and what tells of it: not even a signature is taken from another. */
static bool is_always_asked(uint16_t op)
{
	return op == WIRE_PROVE_LOG || op == WIRE_STATUS;
}

static enum sc_err ask_one(struct keyc *kc, struct keyc_call *call, uint16_t op,
    const struct asking *a, rest_fn *rest, const void *arg)
{
	struct asking proved;
	size_t start, at;
	enum sc_err err;

	if (!kc->ready || (!is_always_asked(op) && !keyc_usable(kc)))
		return SC_AGAIN;
	if ((err = keyc_prove(kc, a, &proved)) != SC_OK)
		return err;
	start = kc->out.n;
	if ((err = wire_frame_begin(&kc->out, op, part_id(kc, 0), &at)) != SC_OK ||
	    (err = wire_asking_encode(&kc->out, &proved)) != SC_OK ||
	    (err = rest(&kc->out, arg)) != SC_OK) {
		sc_buf_truncate(&kc->out, start);
		return err;
	}
	wire_frame_end(&kc->out, at, 0);
	begin_call(kc, call, 1, 0, NULL);
	return SC_OK;
}

static enum sc_err rest_subject(struct sc_buf *b, const void *arg)
{
	const struct sc_span *subject = arg;

	return sc_buf_put_field16(b, *subject);
}

enum sc_err keyc_erase_subject(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    struct sc_span subject)
{
	if (subject.n == 0)
		return SC_BUG;
	if (subject.n > CRYPTO_SUBJECT_MAX)
		return SC_LIMIT;
	return ask_one(kc, call, WIRE_ERASE_SUBJECT, a, rest_subject, &subject);
}

struct merging {
	struct sc_span from, into;
};

static enum sc_err rest_merge(struct sc_buf *b, const void *arg)
{
	const struct merging *m = arg;
	enum sc_err err = sc_buf_put_field16(b, m->from);

	return err != SC_OK ? err : sc_buf_put_field16(b, m->into);
}

enum sc_err keyc_merge_subjects(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    struct sc_span from, struct sc_span into)
{
	const struct merging m = { from, into };

	if (from.n == 0 || into.n == 0 || sc_span_eq(from, into))
		return SC_BUG;
	if (from.n > CRYPTO_SUBJECT_MAX || into.n > CRYPTO_SUBJECT_MAX)
		return SC_LIMIT;
	return ask_one(kc, call, WIRE_MERGE, a, rest_merge, &m);
}

static enum sc_err rest_head(struct sc_buf *b, const void *arg)
{
	return wire_head_encode(b, arg);
}

enum sc_err keyc_sign_head(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct wire_head *head)
{
	return ask_one(kc, call, WIRE_SIGN_HEAD, a, rest_head, head);
}

static enum sc_err rest_old(struct sc_buf *b, const void *arg)
{
	return sc_buf_put_be64(b, *(const uint64_t *)arg);
}

enum sc_err keyc_prove_log(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    uint64_t old)
{
	return ask_one(kc, call, WIRE_PROVE_LOG, a, rest_old, &old);
}

static enum sc_err rest_nothing(struct sc_buf *b, const void *arg)
{
	(void)b, (void)arg;
	return SC_OK;
}

enum sc_err keyc_status(struct keyc *kc, struct keyc_call *call, const struct asking *a)
{
	return ask_one(kc, call, WIRE_STATUS, a, rest_nothing, NULL);
}

struct operating {
	uint8_t verb;
	struct sc_span words;
};

static enum sc_err rest_operate(struct sc_buf *b, const void *arg)
{
	const struct operating *o = arg;
	enum sc_err err = sc_buf_put(b, &o->verb, 1);

	return err != SC_OK ? err : sc_buf_put_field16(b, o->words);
}

enum sc_err keyc_operate(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    uint8_t verb, struct sc_span words)
{
	const struct operating o = { verb, words };

	return ask_one(kc, call, WIRE_OPERATE, a, rest_operate, &o);
}
