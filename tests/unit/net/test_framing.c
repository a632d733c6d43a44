/*
 * test_framing.c - the framing table: malformed requests are refused and the
 * connection closed, legal ones are served, and one never becomes two.
 */
#include "unit/net/framing_rows.h"
#include "unit/net/netkit.h"

#include "tap.h"

#include <stdatomic.h>

static atomic_int heads, ends, smuggled;

static void on_head(struct http_call *call)
{
	atomic_fetch_add(&heads, 1);
	if (sc_span_is(call->head->path, "/SMUGGLED"))
		atomic_fetch_add(&smuggled, 1);
}

static void on_end(struct http_call *call, struct sc_span body)
{
	char text[32];

	atomic_fetch_add(&ends, 1);
	snprintf(text, sizeof(text), "b=%zu", body.n);
	http_call_respond(call, 200, NULL, 0, sc_span_str(text));
}

static const struct http_handler handler = { .on_head = on_head, .on_end = on_end };
static struct kit_server server;

static void row_bad(const struct framing_row *r)
{
	struct kit_text t = { 0 };
	char *bytes = malloc(FRAMING_BYTES_MAX);
	size_t n = framing_print(r, bytes);
	int status = 0;

	memcpy(bytes + n, framing_after, sizeof(framing_after) - 1);
	atomic_store(&ends, 0);
	CHECK(kit_ask_closed(server.port, bytes, n + sizeof(framing_after) - 1, &t));
	if (t.n != 0)
		sscanf(t.s, "HTTP/1.1 %d ", &status);
	CHECK(status >= 400 && status < 500);
	CHECK(kit_count(&t, "HTTP/1.1 4") == 1 && kit_count(&t, "HTTP/1.1 2") == 0);
	CHECK(kit_count(&t, "urn:scrim:problem:") == 1);
	CHECK(kit_count(&t, "Connection: close") == 1);
	CHECK(atomic_load(&ends) == 0);
	CHECK(atomic_load(&smuggled) == 0);
	free(bytes);
	kit_text_free(&t);
}

/* Legal: served with its body, and the connection is of further use. */
static void row_ok(const struct framing_row *r)
{
	struct kit_text t = { 0 };
	int fd = kit_connect(server.port);

	atomic_store(&ends, 0);
	kit_send(fd, r->bytes, r->n);
	if (r->then != NULL) {
		NEED(kit_recv_until(fd, &t, "HTTP/1.1 100 Continue\r\n\r\n"));
		kit_send_str(fd, r->then);
	}
	while (kit_count(&t, "b=5") < r->serves && kit_recv(fd, &t, KIT_WAIT_MS) == 1)
		;
	CHECK(kit_count(&t, "HTTP/1.1 200 ") == r->serves);
	CHECK(kit_count(&t, "b=5") == r->serves);
	CHECK((size_t)atomic_load(&ends) == r->serves);
	kit_send_str(fd, "GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(kit_recv_closed(fd, &t));
	CHECK(kit_count(&t, "b=0") == 1);
	close(fd);
	kit_text_free(&t);
}

static size_t row_at;

static void run_row(void)
{
	if (framing_rows[row_at].serves != 0)
		row_ok(&framing_rows[row_at]);
	else
		row_bad(&framing_rows[row_at]);
}

/* Every malformed head again, a byte at a time: the answer may not depend on how it is cut. */
static void bytewise(void)
{
	for (size_t i = 0; i < FRAMING_ROWS; i++) {
		const struct framing_row *r = &framing_rows[i];
		struct kit_text t = { 0 };
		int fd;

		if (r->serves != 0 || r->bytes == NULL)
			continue;
		fd = kit_connect(server.port);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		atomic_store(&ends, 0);
		for (size_t k = 0; k < r->n; k++)
			kit_send(fd, r->bytes + k, 1);
		shutdown(fd, SHUT_WR);
		CHECK(kit_recv_closed(fd, &t));
		CHECK(kit_count(&t, "HTTP/1.1 4") == 1);
		CHECK(atomic_load(&ends) == 0);
		close(fd);
		kit_text_free(&t);
	}
}

int main(void)
{
	char name[128];

	kit_start(&server, &handler, NULL, NULL, NULL);
	for (row_at = 0; row_at < FRAMING_ROWS; row_at++) {
		snprintf(name, sizeof(name), "%s: %s",
		    framing_rows[row_at].serves != 0 ? "served" : "refused and closed",
		    framing_rows[row_at].name);
		RUN(run_row, name);
	}
	RUN(bytewise, "the malformed ones are refused when they come a byte at a time, too");
	kit_stop(&server);
	return tap_done();
}
