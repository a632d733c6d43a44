/*
 * test_forwarded.c - what an upstream is told of how it was called, and where it says it is.
 */
#include "gateway/proxy/forwarded.h"
#include "tap.h"

#include <stdio.h>

/* "Name: value, ..." of what becomes of the fields in GIVEN, which are written alike. */
static const char *told(enum config_forwarded how, bool tls, const char *host, const char *given)
{
	static char out[1024], text[1024];
	struct http_field v[32];
	size_t n = 0, at = 0;
	char *rest = text, *field;

	snprintf(text, sizeof(text), "%s", given);
	while ((field = strsep(&rest, ",")) != NULL && *field != '\0') {
		char *colon = strchr(field, ':');

		v[n].name = sc_span(field, (size_t)(colon - field));
		v[n++].value = sc_span_str(colon + 1);
	}
	n = forwarded_tell(how, tls, sc_span_str(host), v, n);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%.*s:%.*s", i != 0 ? "," : "",
		    (int)v[i].name.n, (const char *)v[i].name.p, (int)v[i].value.n,
		    (const char *)v[i].value.p);
	return out;
}

static bool is(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		printf("# got  %s\n# want %s\n", got, want);
	return strcmp(got, want) == 0;
}

#define TELL CONFIG_FORWARDED_TELL
#define OURS "X-Forwarded-Proto:https,X-Forwarded-Host:shop.example"

static void set_anew(void)
{
	CHECK(is(told(TELL, true, "shop.example", ""), OURS));
	CHECK(is(told(TELL, true, "shop.example", "Accept:x,F:1,X:2"), "Accept:x,F:1,X:2," OURS));
	CHECK(is(told(TELL, true, "shop.example",
		     "X-Forwarded-Proto:http,x-forwarded-HOST:evil.example,X_Forwarded_Proto:http,"
		     "X-Forwarded_Port:80,Forwarded:proto=http,X-Forwarded-Ssl:off,X-Scheme:http,"
		     "X-Forwarded-Scheme:http,X-Forwarded-Protocol:http,X-Url-Scheme:http,"
		     "X-Forwarded-Server:evil.example,Front-End-Https:off"),
	    OURS));
	/* whoever calls may have been called; and what is named nearly so is something else */
	CHECK(is(
	    told(TELL, true, "shop.example",
		"X-Forwarded-For:192.0.2.1,X-Forwarded-Prot:a,X-Forwarded-Protos:b,X-Real-Ip:c"),
	    "X-Forwarded-For:192.0.2.1,X-Forwarded-Prot:a,X-Forwarded-Protos:b,X-Real-Ip:c," OURS));
	CHECK(is(told(TELL, true, "", ""), "X-Forwarded-Proto:https"));
}

/* Without TLS somebody in front may have ended it. */
static void said_in_front(void)
{
	CHECK(is(told(TELL, false, "a", ""), "X-Forwarded-Proto:http,X-Forwarded-Host:a"));
	CHECK(is(told(TELL, false, "a", "X-Forwarded-Proto:https"),
	    "X-Forwarded-Proto:https,X-Forwarded-Host:a"));
	CHECK(is(told(TELL, false, "a", "X-Forwarded-Host:b,X-Forwarded-For:192.0.2.1"),
	    "X-Forwarded-Host:b,X-Forwarded-For:192.0.2.1,X-Forwarded-Proto:http"));
	CHECK(is(told(TELL, false, "a", "Forwarded:proto=https;host=b"),
	    "Forwarded:proto=https;host=b"));
	CHECK(is(told(TELL, false, "a", "Front-End-Https:on"),
	    "Front-End-Https:on,X-Forwarded-Host:a"));
}

static void passed_or_not(void)
{
	CHECK(is(told(CONFIG_FORWARDED_PASS, true, "a", "X-Forwarded-Proto:http,Accept:x"),
	    "X-Forwarded-Proto:http,Accept:x"));
	CHECK(is(told(CONFIG_FORWARDED_PASS, false, "a", ""), ""));
	CHECK(is(told(CONFIG_FORWARDED_NONE, true, "a",
		     "X-Forwarded-Proto:http,X-Forwarded-For:192.0.2.1,Accept:x,Forwarded:for=x,"
		     "X-Real-IP:192.0.2.1,X_Client_IP:x,True-Client-Ip:x,CF-Connecting-IP:x"),
	    "Accept:x"));
	CHECK(is(told(CONFIG_FORWARDED_NONE, false, "a", ""), ""));
}

/* What becomes of URL as a Location of an upstream at ORIGIN. */
static const char *place(const char *origin, const char *url)
{
	static char out[256];
	struct config_route r = { .upstream = { .url = origin } };
	struct http_field v[] = { { SC_LIT("Link"), sc_span_str(url) },
		{ SC_LIT("location"), sc_span_str(url) },
		{ SC_LIT("Content-Location"), sc_span_str(url) } };

	forwarded_place(&r, v, 3);
	CHECK(sc_span_is(v[0].value, url) && sc_span_eq(v[1].value, v[2].value));
	snprintf(out, sizeof(out), "%.*s", (int)v[1].value.n, (const char *)v[1].value.p);
	r.forwarded = CONFIG_FORWARDED_NONE;
	v[1].value = sc_span_str(url);
	forwarded_place(&r, v, 3);
	CHECK(sc_span_is(v[1].value, url));
	return out;
}

static void own_places(void)
{
	static const struct {
		const char *origin, *url, *want;
	} own[] = {
		{ "http://192.0.2.7:8080", "http://192.0.2.7:8080/orders/7?a=b#c",
		    "/orders/7?a=b#c" },
		{ "http://192.0.2.7:8080/", "https://192.0.2.7:8080/x", "/x" },
		{ "http://erp.example", "HTTP://ERP.Example:80/x", "/x" },
		{ "https://erp.example:443", "https://erp.example", "/" },
		{ "http://[2001:db8::1]:81", "http://[2001:DB8::1]:81/x", "/x" },
	};
	static const char *const others[] = { "/x", "", "x", "//192.0.2.7:8080/x",
		"http://192.0.2.7:8081/x", "http://192.0.2.7/x", "http://192.0.2.7:80800/x",
		"http://192.0.2.70:8080/x", "http://shop.example/x", "http://u@192.0.2.7:8080/x",
		"http://192.0.2.7:8080//evil.example/", "http://192.0.2.7:8080/\\evil.example",
		"http://192.0.2.7:8080?x", "http://", "ftp://192.0.2.7:8080/x",
		"http://192.0.2.7:8080.evil.example/x", "http://192.0.2.7:8080/\t/evil.example",
		"http://192.0.2.7:8080/\t\\evil.example" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		CHECK(is(place(own[i].origin, own[i].url), own[i].want));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(is(place("http://192.0.2.7:8080", others[i]), others[i]));
	CHECK(is(place("http://erp.example:443", "http://erp.example/x"), "http://erp.example/x"));
}

int main(void)
{
	RUN(set_anew, "where TLS ends, scheme and name are told anew, whatever was said of them");
	RUN(said_in_front, "on a plain listener the word of who stands in front stands");
	RUN(passed_or_not, "a route may pass what is said, or tell nothing at all");
	RUN(own_places, "a place at the upstream's own address is its path, and no other place is");
	return tap_done();
}
