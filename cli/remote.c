/*
 * remote.c - asking scrimd over HTTP: where it is, who asks, and why.
 *
 * Loopback needs no authority: the configuration names the very certificate
 * that scrimd shows, so its public key is pinned and nothing else accepted.
 */
#include "cli/remote.h"

#include "cli/file.h"
#include "crypto/prim/hash.h"
#include "gateway/config/config.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MAX 1024
#define PIN_SIZE 64

struct remote {
	CURL *h;
	struct curl_slist *headers;
	struct curl_slist *fixed; /* the last of them that every request has; NULL: not known yet */
	char *base;               /* "https://127.0.0.1:8443" */
	char pin[PIN_SIZE];       /* "sha256//BASE64"; "" without */
	const char *ca;
	char *socket; /* NULL without, as are the next two */
	const char *cert, *cert_key;
	const char *service, *accept;
	volatile int *stop;
	struct sc_buf key;
};

/* "sha256//" and the base64 of the SHA-256 of the certificate's public key. */
static int pin_of(const char *path, char pin[PIN_SIZE])
{
	uint8_t digest[32], *der = NULL;
	FILE *f = fopen(path, "re");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);
	int n = x == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	if (n > 0) {
		hash_sha256(sc_span(der, (size_t)n), digest);
		memcpy(pin, "sha256//", sizeof("sha256//"));
		EVP_EncodeBlock((unsigned char *)pin + 8, digest, 32);
	}
	OPENSSL_free(der);
	X509_free(x);
	if (f != NULL)
		fclose(f);
	return n > 0 ? CLI_GO_ON : cli_fail(CLI_NO, "%s: the certificate cannot be read", path);
}

/* The URL of a listener; one that listens everywhere is asked on loopback. */
static char *url_of(const struct config_listener *l)
{
	const struct sockaddr_in *v4 = (const void *)&l->addr;
	const struct sockaddr_in6 *v6 = (const void *)&l->addr;
	bool six = l->addr.ss_family == AF_INET6;
	char ip[INET6_ADDRSTRLEN] = "127.0.0.1", *out = NULL;

	if (six && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		snprintf(ip, sizeof(ip), "::1");
	else if (six)
		inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof(ip));
	else if (v4->sin_addr.s_addr != INADDR_ANY)
		inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof(ip));
	if (asprintf(&out, six ? "%s://[%s]:%u" : "%s://%s:%u",
		l->tls_cert == NULL ? "http" : "https", ip,
		ntohs(six ? v6->sin6_port : v4->sin_port)) < 0)
		return NULL;
	return out;
}

static int set_base(struct remote *r, const char *url)
{
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return cli_fail(CLI_USAGE, "--server must begin with https:// or http://");
	if ((r->base = strdup(url)) == NULL)
		return cli_fail(CLI_NO, "out of memory");
	for (size_t n = strlen(r->base); n > 0 && r->base[n - 1] == '/'; n--)
		r->base[n - 1] = '\0';
	return CLI_GO_ON;
}

static int find_server(struct remote *r, const struct cli_call *c)
{
	const struct config_listener *l;
	struct config *cfg = NULL;
	int rc = CLI_GO_ON;

	r->cert = c->cert;
	r->cert_key = c->cert_key;
	if (c->socket != NULL) {
		r->socket = strdup(c->socket);
		r->base = r->socket == NULL ? NULL : strdup("http://scrimd");
	} else if (c->server != NULL) {
		r->ca = c->ca;
		return set_base(r, c->server);
	} else {
		if ((rc = cli_config(c, &cfg)) != CLI_GO_ON)
			return rc;
		if ((l = config_first_address(cfg)) == NULL)
			rc = cli_fail(CLI_USAGE, "%s listens on Unix sockets only: give --server",
			    cfg->file);
		else if ((r->base = url_of(l)) != NULL && l->tls_cert != NULL)
			rc = pin_of(l->tls_cert, r->pin);
		config_free(cfg);
	}
	if (rc == CLI_GO_ON && r->base == NULL)
		rc = cli_fail(CLI_NO, "out of memory");
	return rc;
}

static int take_place(struct remote *r, const struct remote_place *at)
{
	int rc = set_base(r, at->url);

	if (rc == CLI_GO_ON && at->socket != NULL && (r->socket = strdup(at->socket)) == NULL)
		rc = cli_fail(CLI_NO, "out of memory");
	if (rc == CLI_GO_ON && at->cert != NULL)
		rc = pin_of(at->cert, r->pin);
	r->ca = at->ca;
	return rc;
}

static int read_key(struct remote *r, const char *path)
{
	struct sc_diag d = { .line = 0 };

	if (path == NULL)
		return CLI_GO_ON;
	if (file_read(path, &r->key, &d) != SC_OK)
		return cli_fail_diag(CLI_USAGE, &d);
	while (r->key.n > 0 && (r->key.p[r->key.n - 1] == '\n' || r->key.p[r->key.n - 1] == '\r'))
		sc_buf_truncate(&r->key, r->key.n - 1);
	for (size_t i = 0; i < r->key.n; i++)
		if (r->key.p[i] <= ' ' || r->key.p[i] >= 0x7f)
			return cli_fail(CLI_USAGE,
			    "%s does not hold an API key: one line of letters and digits", path);
	return r->key.n > 0 ? CLI_GO_ON : cli_fail(CLI_USAGE, "%s is empty", path);
}

/* "NAME: VALUE"; false without memory. */
static bool add_header(struct remote *r, const char *name, const char *word, struct sc_span value)
{
	struct curl_slist *more = NULL;
	struct sc_buf b;

	sc_buf_init(&b, 8192);
	if (sc_buf_printf(&b, "%s: %s", name, word) == SC_OK &&
	    sc_buf_put_span(&b, value) == SC_OK && sc_buf_put(&b, "", 1) == SC_OK)
		more = curl_slist_append(r->headers, (char *)b.p);
	if (more != NULL)
		r->headers = more;
	sc_buf_fini(&b);
	return more != NULL;
}

int remote_also(struct remote *r, const char *name, struct sc_span value)
{
	if (r->fixed == NULL)
		/* there are some: "Expect" at least */
		for (r->fixed = r->headers; r->fixed->next != NULL;)
			r->fixed = r->fixed->next;
	curl_slist_free_all(r->fixed->next);
	r->fixed->next = NULL;
	return name == NULL || add_header(r, name, "", value) ? CLI_GO_ON :
								cli_fail(CLI_NO, "out of memory");
}

/* Why something is asked goes into a header: one line, and not a long one. */
static bool plain_words(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n <= 1024;
}

static int add_headers(struct remote *r, const struct cli_call *c, const char *content_type)
{
	static const char *const names[] = { "Scrim-Purpose", "Scrim-Reason", "Scrim-Ticket" };
	const char *const why[] = { c->purpose, c->reason, c->ticket };
	bool ok = add_header(r, "Expect", "", sc_span_str("")) &&
	    add_header(r, "Content-Type", content_type, sc_span_str(""));

	if (ok && r->accept != NULL)
		ok = add_header(r, "Accept", r->accept, sc_span_str(""));
	if (ok && r->key.n > 0)
		ok = add_header(r, "Authorization", "Bearer ", sc_buf_span(&r->key));
	for (size_t i = 0; i < 3 && ok; i++) {
		if (!plain_words(sc_span_str(why[i])))
			return cli_fail(CLI_USAGE,
			    "--purpose, --reason and --ticket "
			    "are one line each, without control characters");
		if (why[i] != NULL)
			ok = add_header(r, names[i], "", sc_span_str(why[i]));
	}
	return ok ? CLI_GO_ON : cli_fail(CLI_NO, "out of memory");
}

/* AT says where, or NULL: scrimd is found. */
static int open_remote(const struct cli_call *c, const struct remote_place *at,
    const char *content_type, struct remote **out)
{
	struct remote *r = calloc(1, sizeof(*r));
	int rc;

	*out = NULL;
	if (r == NULL)
		return cli_fail(CLI_NO, "out of memory");
	sc_buf_init(&r->key, KEY_FILE_MAX);
	r->service = at == NULL ? "scrimd" : at->service;
	r->accept = at == NULL ? NULL : at->accept;
	rc = at == NULL ? find_server(r, c) : take_place(r, at);
	if (rc == CLI_GO_ON && (rc = read_key(r, c->key)) == CLI_GO_ON &&
	    (rc = add_headers(r, c, content_type)) == CLI_GO_ON &&
	    (r->h = curl_easy_init()) == NULL)
		rc = cli_fail(CLI_NO, "out of memory");
	if (rc == CLI_GO_ON)
		*out = r;
	else
		remote_close(r);
	return rc;
}

int remote_open(const struct cli_call *c, const char *content_type, struct remote **out)
{
	return open_remote(c, NULL, content_type, out);
}

int remote_open_at(const struct cli_call *c, const struct remote_place *at,
    const char *content_type, struct remote **out)
{
	return open_remote(c, at, content_type, out);
}

void remote_stop_by(struct remote *r, volatile int *stop)
{
	r->stop = stop;
}

void remote_close(struct remote *r)
{
	if (r == NULL)
		return;
	for (struct curl_slist *l = r->headers; l != NULL; l = l->next)
		sc_wipe(l->data, strlen(l->data));
	curl_slist_free_all(r->headers);
	curl_easy_cleanup(r->h);
	sc_buf_fini(&r->key);
	free(r->base);
	free(r->socket);
	free(r);
}

static int still_wanted(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const volatile int *stop = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return *stop;
}

static bool set_stop(CURL *h, volatile int *stop)
{
	return stop == NULL ||
	    (curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, still_wanted) == CURLE_OK &&
		curl_easy_setopt(h, CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop) == CURLE_OK &&
		curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L) == CURLE_OK);
}

CURL *remote_handle(struct remote *r, const char *path)
{
	CURL *h = r->h;
	char *url = NULL;
	bool ok;

	curl_easy_reset(h);
	if (asprintf(&url, "%s%s", r->base, path) < 0)
		return NULL;
	ok = set_stop(h, r->stop) && curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PRIVATE, r->service) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_HTTPHEADER, r->headers) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, 5000L) == CURLE_OK;
	free(url);
	if (ok && r->pin[0] != '\0')
		ok = curl_easy_setopt(h, CURLOPT_PINNEDPUBLICKEY, r->pin) == CURLE_OK &&
		    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
		    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
	if (ok && r->ca != NULL)
		ok = curl_easy_setopt(h, CURLOPT_CAINFO, r->ca) == CURLE_OK;
	if (ok && r->socket != NULL)
		ok = curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, r->socket) == CURLE_OK;
	if (ok && r->cert != NULL)
		ok = curl_easy_setopt(h, CURLOPT_SSLCERT, r->cert) == CURLE_OK &&
		    curl_easy_setopt(h, CURLOPT_SSLKEY, r->cert_key) == CURLE_OK;
	return ok ? h : NULL;
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	return sc_buf_put(arg, p, size * n) == SC_OK ? size * n : 0;
}

char *remote_path(const char *prefix, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, (int)strlen(value)), *out = NULL;

	if (escaped != NULL && asprintf(&out, "%s%s", prefix, escaped) < 0)
		out = NULL;
	curl_free(escaped);
	return out;
}

static bool set_body(CURL *h, struct sc_span body)
{
	return curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.n == 0 ? "" : (const char *)body.p) ==
	    CURLE_OK;
}

int remote_ask(struct remote *r, const char *method, const char *path, struct sc_span body,
    struct sc_buf *out)
{
	bool sends = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
	CURL *h = remote_handle(r, path);
	CURLcode rc;

	if (h == NULL || (sends && !set_body(h, body)) ||
	    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_WRITEDATA, out) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, 120000L) != CURLE_OK)
		return cli_fail(CLI_NO, "out of memory");
	rc = curl_easy_perform(h); /* before OUT is looked at */
	return remote_result(h, rc, sc_buf_span(out));
}

long remote_status(struct remote *r, const char *path, struct sc_buf *out)
{
	CURL *h = remote_handle(r, path);
	long status = 0;

	sc_buf_clear(out);
	if (h == NULL || curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_WRITEDATA, out) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, 2000L) != CURLE_OK)
		return 0;
	if (curl_easy_perform(h) == CURLE_OK)
		curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	return status;
}
