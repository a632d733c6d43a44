/*
 * cached.c - the fields of RFC 9110 and 9111, and of what stands in front of shops, that speak of
 * keeping an answer.
 */
#include "gateway/proxy/cached.h"

#include <string.h>
#include <strings.h>

/* Who reads, and for what: by these the same path has another answer (identify.c). */
#define READERS "Authorization, Scrim-Key, Scrim-Purpose, Scrim-Reason, Scrim-Ticket"

static bool any_of(struct sc_span name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (sc_span_caseeq(name, *names))
			return true;
	return false;
}

/* RFC 9213 §2: each cache may have a field of its own, as CDN-Cache-Control. */
static bool is_cache_control(struct sc_span name)
{
	static const char end[] = "Cache-Control";
	const size_t n = sizeof(end) - 1;

	return name.n >= n && strncasecmp((const char *)name.p + name.n - n, end, n) == 0;
}

bool cached_says(struct sc_span name)
{
	static const char *const names[] = { "ETag", "Last-Modified", "Accept-Ranges", "Expires",
		"Age", "Pragma", "Surrogate-Control", "Edge-Control", "X-Accel-Expires",
		"No-Vary-Search", NULL };

	return any_of(name, names) || is_cache_control(name);
}

bool cached_asks(enum http_method method, struct sc_span name)
{
	static const char *const parts[] = { "Range", "If-Range", NULL };
	static const char *const conditions[] = { "If-None-Match", "If-Modified-Since", "If-Match",
		"If-Unmodified-Since", NULL };

	return any_of(name, parts) ||
	    ((method == HTTP_GET || method == HTTP_HEAD) && any_of(name, conditions));
}

/* Does it differ by everything already (RFC 9110 §12.5.5)? */
static bool varies_by_all(const struct http_field *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sc_span_caseeq(v[i].name, "Vary") && sc_span_is(v[i].value, "*"))
			return true;
	return false;
}

size_t cached_nowhere(struct http_field *v, size_t n)
{
	static const struct http_field control = { SC_LIT("Cache-Control"),
		SC_LIT("private, no-store") };
	static const struct http_field vary = { SC_LIT("Vary"), SC_LIT(READERS) };
	const bool by_all = varies_by_all(v, n);

	v[n++] = control;
	if (!by_all)
		v[n++] = vary;
	return n;
}
