/*
 * keyc.c - the connection to keyd: hello, one packet a turn, and again after a loss.
 */
#include "crypto/keyc/internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 1000
#define HELLO_MS 2000     /* keyd must say hello within this ... */
#define HELLO_FAR_MS 8000 /* ... from another host */
#define PACKETS_A_TURN 64

static void lose(struct keyc *kc);

/* ---- sending ---- */

static void flush(struct keyc *kc)
{
	bool full;

	loop_timer_clear(kc->loop, &kc->kick);
	if (wire_link_send(&kc->link, &kc->out, &kc->sent, &full) != SC_OK ||
	    loop_change(kc->loop, &kc->io, wire_link_events(&kc->link, false, full)) != SC_OK)
		lose(kc);
}

static void on_turn(struct loop_turn *t)
{
	struct keyc *kc = loop_owner(t, struct keyc, turn);

	if (kc->met && kc->out.n > 0)
		flush(kc);
}

static void on_kick(struct loop_timer *t)
{
	(void)t; /* it only keeps the loop from sleeping; the turn hook sends */
}

void keyc_kick(struct keyc *kc)
{
	if (!loop_timer_is_set(&kc->kick))
		loop_timer_set(kc->loop, &kc->kick, 0);
}

/* ---- receiving ---- */

/* For other threads. */
static void tell(struct keyc *kc)
{
	atomic_store_explicit(&kc->serves, keyc_usable(kc), memory_order_relaxed);
}

static enum sc_err hello_answer(struct keyc *kc, const struct wire_frame *f)
{
	struct wire_hello h;

	if (f->op != (WIRE_HELLO | WIRE_REPLY) || wire_hello_decode(f->body, true, &h) != SC_OK)
		return SC_SYNTAX;
	if (h.version != WIRE_VERSION) {
		log_event(LOG_ERROR, "keyc.other_version", LOG_U64("keyd", h.version), LOG_END);
		return SC_SYNTAX;
	}
	memcpy(kc->policy_hash, h.policy_hash, HASH_BYTES);
	kc->trouble = h.trouble;
	/* what it knew of callers may have changed with it */
	keyc_forget_sessions(kc);
	if (kc->ready)
		return SC_OK; /* keyd has another policy now, or another trouble */
	kc->ready = true;
	tell(kc);
	kc->told_stranger = false;
	kc->backoff_ms = BACKOFF_MIN_MS;
	loop_timer_clear(kc->loop, &kc->retry);
	log_event(LOG_INFO, "keyc.ready", LOG_END);
	if (kc->examine != NULL)
		kc->examine(kc->examine_arg);
	return SC_OK;
}

static enum sc_err take_packet(struct keyc *kc, struct sc_span packet)
{
	struct wire_frame f;
	enum sc_err err;

	while (packet.n > 0 && kc->connected) {
		if ((err = wire_frame_decode(&packet, &f)) != SC_OK ||
		    (err = kc->ready && f.op != (WIRE_HELLO | WIRE_REPLY) ?
			    keyc_answer(kc, &f) :
			    hello_answer(kc, &f)) != SC_OK)
			return err;
	}
	return SC_OK;
}

/* Both ends prove who they are before a word is said. */
static void meet(struct keyc *kc)
{
	enum sc_err err = wire_link_meet(&kc->link);

	if (err == SC_AGAIN) {
		if (loop_change(kc->loop, &kc->io, wire_link_events(&kc->link, false, true)) !=
		    SC_OK)
			lose(kc);
		return;
	}
	if (err == SC_OK && loop_change(kc->loop, &kc->io, EPOLLIN) == SC_OK) {
		kc->met = true;
		return;
	}
	if (!kc->told_stranger)
		log_event(LOG_ERROR, "keyc.not_met",
		    LOG_STR("why", "keyd does not answer there, is another, or does not know us"),
		    LOG_END);
	kc->told_stranger = true;
	lose(kc);
}

static void read_all(struct keyc *kc)
{
	enum sc_err err = SC_OK;
	size_t n;

	for (int i = 0; i < PACKETS_A_TURN && kc->connected && err == SC_OK; i++) {
		if ((err = wire_link_receive(&kc->link, kc->in, &n)) != SC_OK)
			break;
		kc->heard = true;
		err = take_packet(kc, sc_span(kc->in, n));
		sc_wipe(kc->in, n);
		if (err != SC_OK)
			log_event(LOG_ERROR, "keyc.bad_answer", LOG_ERR("err", err), LOG_END);
	}
	if (kc->connected && err != SC_OK && err != SC_AGAIN)
		lose(kc);
	else if (kc->connected && wire_link_waits(&kc->link))
		loop_timer_set(kc->loop, &kc->again, 0);
}

static void on_again(struct loop_timer *t)
{
	struct keyc *kc = loop_owner(t, struct keyc, again);

	if (kc->met)
		read_all(kc);
}

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct keyc *kc = loop_owner(io, struct keyc, io);

	if (!kc->met) {
		meet(kc);
		if (!kc->met)
			return;
	}
	read_all(kc);
	if (!kc->connected)
		return;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
		lose(kc);
	else if ((events & EPOLLOUT) != 0 || kc->link.reads_to_send)
		flush(kc);
}

/* ---- connecting ---- */

static void disconnect(struct keyc *kc)
{
	if (kc->io.fd >= 0) {
		loop_remove(kc->loop, &kc->io);
		kc->io.fd = -1;
	}
	wire_link_close(&kc->link);
	loop_timer_clear(kc->loop, &kc->again);
	kc->connected = kc->met = kc->ready = kc->admitted = false;
	tell(kc);
	keyc_forget_sessions(kc);
	sc_buf_clear(&kc->out);
	kc->sent = 0;
}

static void try_later(struct keyc *kc)
{
	loop_timer_set(kc->loop, &kc->retry, kc->backoff_ms);
	kc->backoff_ms *= 2;
	if (kc->backoff_ms > BACKOFF_MAX_MS)
		kc->backoff_ms = BACKOFF_MAX_MS;
}

/* keyd is gone: everything under way ends with SC_AGAIN, nothing is sent again. */
static void lose(struct keyc *kc)
{
	if (kc->ready)
		log_event(LOG_WARN, "keyc.lost", LOG_U64("calls", kc->n_calls), LOG_END);
	disconnect(kc);
	try_later(kc);
	for (unsigned i = 0; i < KEYC_BUCKETS; i++)
		while (kc->calls[i] != NULL)
			keyc_call_fail(kc, kc->calls[i], SC_AGAIN);
}

static enum sc_err say_hello(struct keyc *kc)
{
	const struct wire_hello h = { .version = WIRE_VERSION, .node = kc->node };
	size_t at;
	enum sc_err err;

	if ((err = wire_frame_begin(&kc->out, WIRE_HELLO, 0, &at)) != SC_OK ||
	    (err = wire_hello_encode(&kc->out, false, &h)) != SC_OK)
		return err;
	wire_frame_end(&kc->out, at, 0);
	keyc_kick(kc);
	return SC_OK;
}

static void dial(struct keyc *kc)
{
	enum sc_err err = keyc_way_dial(&kc->way, &kc->link);

	kc->io.fd = kc->link.stream.fd;
	if (err != SC_OK ||
	    loop_add(kc->loop, &kc->io, kc->link.streams ? EPOLLIN | EPOLLOUT : EPOLLIN) != SC_OK)
		goto fail;
	kc->connected = true;
	kc->met = !kc->link.streams;
	if (say_hello(kc) != SC_OK)
		goto fail;
	loop_timer_set(kc->loop, &kc->retry, kc->link.streams ? HELLO_FAR_MS : HELLO_MS);
	return;
fail:
	disconnect(kc);
	try_later(kc);
}

/* Time to dial again, or keyd has not said hello in time. */
static void on_retry(struct loop_timer *t)
{
	struct keyc *kc = loop_owner(t, struct keyc, retry);

	if (kc->connected)
		lose(kc);
	else
		dial(kc);
}

/*
 * A keyd that is there but does nothing is as good as gone: whoever waits is
 * told, and keyc_ready() is false until it says hello again.
 */
static void on_silence(struct loop_timer *t)
{
	struct keyc *kc = loop_owner(t, struct keyc, silence);

	if (kc->n_calls == 0)
		return;
	if (!kc->heard) {
		log_event(LOG_ERROR, "keyc.silent", LOG_U64("calls", kc->n_calls), LOG_END);
		lose(kc);
		return;
	}
	kc->heard = false;
	loop_timer_set(kc->loop, &kc->silence, KEYC_SILENCE_MS);
}

/* ---- life ---- */

static enum sc_err make(struct loop *l, const char *address, const struct keyc_far *far,
    const struct sc_name *node, struct sc_diag *d, struct keyc **out)
{
	struct keyc *kc;
	enum sc_err err;

	*out = NULL;
	if ((kc = calloc(1, sizeof(*kc))) == NULL)
		return SC_NOMEM;
	kc->loop = l;
	kc->io.fd = kc->link.stream.fd = -1;
	kc->io.on_ready = on_ready;
	kc->turn.on_turn = on_turn;
	kc->backoff_ms = BACKOFF_MIN_MS;
	kc->next_id = 1;
	if (node != NULL)
		kc->node = *node;
	loop_timer_init(&kc->retry, on_retry);
	loop_timer_init(&kc->kick, on_kick);
	loop_timer_init(&kc->silence, on_silence);
	loop_timer_init(&kc->again, on_again);
	sc_buf_init(&kc->out, KEYC_OUT_MAX);
	if ((err = keyc_way_init(&kc->way, address, far, d)) != SC_OK)
		goto out;
	err = SC_NOMEM;
	if ((kc->in = malloc(WIRE_PACKET_MAX + 1)) == NULL ||
	    (kc->results = calloc(CRYPTO_ITEMS_MAX, sizeof(*kc->results))) == NULL ||
	    (kc->subjects = calloc(CRYPTO_ITEMS_MAX, sizeof(*kc->subjects))) == NULL ||
	    (kc->subject_of = calloc(CRYPTO_ITEMS_MAX, sizeof(*kc->subject_of))) == NULL)
		goto out;
	loop_turn_add(l, &kc->turn);
	dial(kc);
	*out = kc;
	kc = NULL;
	err = SC_OK;
out:
	keyc_free(kc);
	return err;
}

enum sc_err keyc_new(struct loop *l, const char *address, const struct sc_name *node,
    struct keyc **out)
{
	struct sc_diag d = { .text = "" };

	return make(l, address, NULL, node, &d, out);
}

enum sc_err keyc_new_far(struct loop *l, const struct keyc_far *far, const struct sc_name *node,
    struct sc_diag *d, struct keyc **out)
{
	return make(l, NULL, far, node, d, out);
}

void keyc_free(struct keyc *kc)
{
	if (kc == NULL)
		return;
	for (unsigned i = 0; i < KEYC_BUCKETS; i++)
		while (kc->calls[i] != NULL)
			keyc_cancel(kc->calls[i]);
	disconnect(kc);
	keyc_way_fini(&kc->way);
	loop_timer_clear(kc->loop, &kc->retry);
	loop_timer_clear(kc->loop, &kc->kick);
	loop_timer_clear(kc->loop, &kc->silence);
	loop_turn_remove(kc->loop, &kc->turn);
	sc_buf_fini(&kc->out);
	free(kc->in);
	free(kc->sessions);
	free(kc->results);
	free(kc->subjects);
	free(kc->subject_of);
	free(kc);
}

void keyc_examine(struct keyc *kc, void (*fn)(void *arg), void *arg)
{
	kc->examine = fn;
	kc->examine_arg = arg;
}

void keyc_admit(struct keyc *kc, bool on)
{
	kc->admitted = on;
	tell(kc);
}

bool keyc_usable(const struct keyc *kc)
{
	return kc->ready && (kc->examine == NULL || kc->admitted);
}

bool keyc_serves(const struct keyc *kc)
{
	return atomic_load_explicit(&kc->serves, memory_order_relaxed);
}

bool keyc_ready(const struct keyc *kc)
{
	return kc->ready;
}

const uint8_t *keyc_policy_hash(const struct keyc *kc)
{
	return kc->ready ? kc->policy_hash : NULL;
}

bool keyc_log_ok(const struct keyc *kc)
{
	return kc->ready && (kc->trouble & WIRE_LOG_FAILED) == 0;
}

bool keyc_space_ok(const struct keyc *kc)
{
	return kc->ready && (kc->trouble & WIRE_SPACE_LOW) == 0;
}

bool keyc_store_ok(const struct keyc *kc)
{
	return kc->ready && (kc->trouble & WIRE_STORE_WRONG) == 0;
}

bool keyc_returns_queued(const struct keyc *kc)
{
	return kc->ready && (kc->trouble & WIRE_RETURNS_QUEUED) != 0;
}

size_t keyc_pending(const struct keyc *kc)
{
	return kc->n_calls;
}
