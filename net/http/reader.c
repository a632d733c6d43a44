/*
 * reader.c - reading one message after another into a fixed buffer.
 */
#include "net/http/reader.h"

#include <stdlib.h>
#include <string.h>

/* A body gathered in place moves out when less than this is left to read into. */
#define ROOM_MIN 1024
/* The largest body there is a size_t and a padding for. */
#define BIG_MAX (SIZE_MAX / 4)

void reader_init(struct reader *r, struct http_shared *shared)
{
	memset(r, 0, sizeof(*r));
	r->shared = shared;
	sc_buf_init(&r->big, BIG_MAX);
}

static void big_release(struct reader *r)
{
	sc_buf_fini(&r->big);
	if (r->paid != 0)
		http_shared_give(r->shared, r->paid);
	r->paid = 0;
	r->in_big = false;
}

static void block_release(struct reader *r)
{
	if (r->block == NULL)
		return;
	sc_wipe(r->block->in, r->high);
	free(r->block);
	r->block = NULL;
}

void reader_fini(struct reader *r)
{
	big_release(r);
	block_release(r);
}

enum sc_err reader_wake(struct reader *r)
{
	if (r->block != NULL)
		return SC_OK;
	if ((r->block = malloc(sizeof(*r->block))) == NULL)
		return SC_NOMEM;
	r->fill = r->high = r->pos = r->scan = 0;
	return SC_OK;
}

void reader_hibernate(struct reader *r)
{
	if (r->fill == 0)
		block_release(r);
}

uint8_t *reader_room(const struct reader *r, size_t *n)
{
	/* the padding's place is free for parked bytes once the body is done */
	size_t end = r->done ? READER_BYTES : READER_BYTES - HTTP_BODY_PAD;

	*n = r->fill < end ? end - r->fill : 0;
	return r->block->in + r->fill;
}

static void fill_set(struct reader *r, size_t fill)
{
	r->fill = fill;
	if (fill > r->high)
		r->high = fill;
}

void reader_added(struct reader *r, size_t n)
{
	fill_set(r, r->fill + n);
}

/* ---- heads ---- */

enum http_scan reader_head(struct reader *r, struct sc_span *block, bool *too_long)
{
	enum http_scan scan;

	*too_long = false;
	if (r->block == NULL)
		return HTTP_SCAN_MORE;
	scan = http_head_scan(r->block->in, r->fill, &r->scan, &r->head_len, too_long);
	if (scan == HTTP_SCAN_DONE) {
		*block = sc_span(r->block->in, r->head_len);
		r->pos = r->head_len;
	}
	return scan;
}

void reader_drop_head(struct reader *r)
{
	size_t left = r->fill - r->head_len;

	memmove(r->block->in, r->block->in + r->head_len, left);
	r->fill = left;
	r->pos = r->scan = r->head_len = 0;
}

/* ---- bodies ---- */

void reader_body_start(struct reader *r, const struct http_head *h, enum reader_mode mode,
    uint64_t cap)
{
	r->started = true;
	r->done = false;
	r->framing = h->framing;
	r->left = h->framing == HTTP_LENGTH ? h->content_length : 0;
	r->mode = mode;
	r->cap = cap;
	r->total = 0;
	r->body_n = 0;
	if (h->framing == HTTP_CHUNKED)
		chunked_init(&r->chunked);
}

void reader_body_discard(struct reader *r)
{
	r->mode = READER_DISCARD;
	r->cap = UINT64_MAX;
	r->body_n = 0;
	big_release(r);
}

/* Grow `big` for N bytes and the padding, paying for what is allocated. */
static bool big_reserve(struct reader *r, size_t n)
{
	size_t need = r->big.n + n + HTTP_BODY_PAD;
	size_t cap = r->big.cap < 64 * 1024 ? 64 * 1024 : r->big.cap;

	if (need <= r->big.cap)
		return true;
	while (cap < need)
		cap *= 2;
	if (!http_shared_take(r->shared, cap - r->paid))
		return false;
	r->paid = cap;
	return sc_buf_reserve(&r->big, cap - r->big.n) == SC_OK;
}

static enum reader_result gather(struct reader *r, struct sc_span data)
{
	uint8_t *to = r->block->in + r->head_len + r->body_n;

	if (!r->in_big) {
		/* it lies at or behind its place: the decoder only ever shrinks */
		if (to != data.p)
			memmove(to, data.p, data.n);
		r->body_n += data.n;
		return READER_MORE;
	}
	if (!big_reserve(r, data.n) || sc_buf_put_span(&r->big, data) != SC_OK)
		return READER_NO_MEMORY;
	return READER_MORE;
}

/* Move a body that does not fit in place to `big`. */
static enum reader_result spill(struct reader *r)
{
	r->in_big = true;
	if (!big_reserve(r, r->body_n) ||
	    sc_buf_put(&r->big, r->block->in + r->head_len, r->body_n) != SC_OK)
		return READER_NO_MEMORY;
	r->body_n = 0;
	return READER_MORE;
}

/* All input is consumed: make the room behind what is kept available again. */
static enum reader_result recycle(struct reader *r)
{
	size_t keep = r->head_len + r->body_n;

	if (r->mode == READER_BUFFER && !r->in_big &&
	    READER_BYTES - HTTP_BODY_PAD - keep < ROOM_MIN) {
		enum reader_result res = spill(r);

		if (res != READER_MORE)
			return res;
		keep = r->head_len;
	}
	r->fill = r->pos = keep;
	return READER_MORE;
}

/* Zero the padding, parking what was already read of the next message behind it. */
static enum reader_result finish(struct reader *r)
{
	size_t end = r->head_len + r->body_n + HTTP_BODY_PAD;
	size_t parked = r->fill - r->pos;
	uint8_t *in = r->block->in;

	r->done = true;
	if (r->mode != READER_BUFFER)
		return READER_DONE;
	if (r->in_big) {
		if (!big_reserve(r, 0))
			return READER_NO_MEMORY;
		memset(r->big.p + r->big.n, 0, HTTP_BODY_PAD);
		return READER_DONE;
	}
	if (r->pos < end) {
		memmove(in + end, in + r->pos, parked);
		r->pos = end;
		fill_set(r, end + parked);
	}
	memset(in + end - HTTP_BODY_PAD, 0, HTTP_BODY_PAD);
	return READER_DONE;
}

/* The next piece of body among the unread bytes, framing taken off. */
static enum chunked_result decode(struct reader *r, struct sc_span *in, struct sc_span *data)
{
	size_t n;

	switch (r->framing) {
	case HTTP_NO_BODY: return CHUNKED_DONE;
	case HTTP_CHUNKED: return chunked_next(&r->chunked, in, data);
	case HTTP_LENGTH:
		if (r->left == 0)
			return CHUNKED_DONE;
		n = in->n < r->left ? in->n : (size_t)r->left;
		r->left -= n;
		break;
	case HTTP_UNTIL_CLOSE:
	default: n = in->n; break;
	}
	*data = sc_span(in->p, n);
	*in = sc_span_from(*in, n);
	return n == 0 ? CHUNKED_MORE : CHUNKED_DATA;
}

enum reader_result reader_body_next(struct reader *r, struct sc_span *data)
{
	enum reader_result res;

	*data = sc_span(NULL, 0);
	if (r->done)
		return READER_DONE;
	if (r->framing == HTTP_LENGTH && r->total == 0 && r->left > r->cap)
		return READER_TOO_LARGE;
	for (;;) {
		struct sc_span in = sc_span(r->block->in + r->pos, r->fill - r->pos);
		enum chunked_result step = decode(r, &in, data);

		r->pos = r->fill - in.n;
		switch (step) {
		case CHUNKED_MORE: return recycle(r);
		case CHUNKED_BAD: return READER_BAD;
		case CHUNKED_DONE: return finish(r);
		case CHUNKED_DATA: break;
		}
		r->total += data->n;
		if (r->total > r->cap)
			return READER_TOO_LARGE;
		if (r->mode == READER_STREAM)
			return READER_DATA;
		if (r->mode == READER_BUFFER && (res = gather(r, *data)) != READER_MORE)
			return res;
	}
}

enum reader_result reader_body_eof(struct reader *r)
{
	if (r->done)
		return READER_DONE;
	if (r->framing == HTTP_UNTIL_CLOSE)
		return finish(r);
	return READER_BAD;
}

struct sc_span reader_body(const struct reader *r)
{
	if (r->mode != READER_BUFFER)
		return sc_span(NULL, 0);
	if (r->in_big)
		return sc_buf_span(&r->big);
	return sc_span(r->block->in + r->head_len, r->body_n);
}

void reader_next_message(struct reader *r)
{
	size_t parked = r->fill - r->pos;
	uint8_t *in = r->block->in;

	big_release(r);
	if (parked != 0)
		memmove(in, in + r->pos, parked);
	if (r->high > parked)
		sc_wipe(in + parked, r->high - parked);
	r->fill = r->high = parked;
	r->pos = r->scan = r->head_len = r->body_n = 0;
	r->started = r->done = false;
}
