/*
 * stream.c - a connected socket, plain or TLS.
 *
 * OpenSSL's own socket BIO uses write(), which raises SIGPIPE. Rather than
 * change the process's signal handling from a library, TLS goes through a BIO
 * of our own that uses send(MSG_NOSIGNAL).
 */
#include "net/tls/stream.h"

#include "net/loop/sys.h"
#include "net/tls/context.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the BIO ---- */

static bool again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int sock_write(BIO *b, const char *p, int n)
{
	ssize_t r = sys_send((int)(intptr_t)BIO_get_data(b), p, (size_t)n);

	BIO_clear_retry_flags(b);
	if (r < 0 && again())
		BIO_set_retry_write(b);
	return (int)r;
}

static int sock_read(BIO *b, char *p, int n)
{
	ssize_t r = sys_recv((int)(intptr_t)BIO_get_data(b), p, (size_t)n);

	BIO_clear_retry_flags(b);
	if (r < 0 && again())
		BIO_set_retry_read(b);
	else if (r == 0)
		BIO_set_flags(b, BIO_FLAGS_IN_EOF);
	return (int)r;
}

static long sock_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP: return 1;
	case BIO_CTRL_EOF: return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0;
	default: return 0;
	}
}

BIO_METHOD *tls_socket_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK | 100, "scrim socket");

	if (m != NULL && BIO_meth_set_write(m, sock_write) == 1 &&
	    BIO_meth_set_read(m, sock_read) == 1 && BIO_meth_set_ctrl(m, sock_ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* ---- making one ---- */

static enum sc_err stream_init(struct net_stream *s, int fd, struct tls_context *t)
{
	BIO *bio;

	*s = (struct net_stream){ .fd = fd, .established = t == NULL };
	if (t == NULL)
		return SC_OK;
	ERR_clear_error();
	if ((s->tls = SSL_new(t->ctx)) == NULL || (bio = BIO_new(t->socket)) == NULL)
		return SC_NOMEM;
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(s->tls, bio, bio);
	return SC_OK;
}

enum sc_err stream_init_accept(struct net_stream *s, int fd, struct tls_context *t)
{
	enum sc_err err = stream_init(s, fd, t);

	if (err == SC_OK && t != NULL)
		SSL_set_accept_state(s->tls);
	return err;
}

/* Bind the connection to HOST: the name asked for is the name that must be proved. */
static bool stream_expect(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true; /* an address: no SNI */
	ERR_clear_error();
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* the macro SSL_set_tlsext_host_name() would cast const away */
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		(void *)(uintptr_t)host) == 1;
}

enum sc_err stream_init_connect(struct net_stream *s, int fd, struct tls_context *t,
    const char *host, void *session)
{
	enum sc_err err = stream_init(s, fd, t);

	if (err != SC_OK || t == NULL)
		return err;
	SSL_set_connect_state(s->tls);
	if (host == NULL && !t->pinned)
		return SC_BUG;
	if (host != NULL && !stream_expect(s->tls, host))
		return SC_NOMEM;
	if (session != NULL)
		SSL_set_session(s->tls, session);
	return SC_OK;
}

/* ---- bytes ---- */

/* What an SSL_* call that returned R means. */
static enum stream_io stream_result(struct net_stream *s, int r)
{
	switch (SSL_get_error(s->tls, r)) {
	case SSL_ERROR_WANT_READ: return STREAM_WANT_READ;
	case SSL_ERROR_WANT_WRITE: return STREAM_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN: return STREAM_EOF;
	default:
		s->broken = true;
		ERR_clear_error();
		return STREAM_FAILED;
	}
}

enum stream_io stream_handshake(struct net_stream *s)
{
	int r;

	if (s->established)
		return STREAM_OK;
	ERR_clear_error();
	if ((r = SSL_do_handshake(s->tls)) != 1)
		return stream_result(s, r);
	s->established = true;
	return STREAM_OK;
}

enum stream_io stream_read(struct net_stream *s, uint8_t *p, size_t n, size_t *got)
{
	ssize_t r;

	*got = 0;
	if (s->tls == NULL) {
		do
			r = sys_recv(s->fd, p, n);
		while (r < 0 && errno == EINTR);
		if (r < 0)
			return again() ? STREAM_WANT_READ : STREAM_FAILED;
		*got = (size_t)r;
		return r == 0 ? STREAM_EOF : STREAM_OK;
	}
	ERR_clear_error();
	r = SSL_read_ex(s->tls, p, n, got);
	return r == 1 ? STREAM_OK : stream_result(s, (int)r);
}

enum stream_io stream_write(struct net_stream *s, const uint8_t *p, size_t n, size_t *put)
{
	ssize_t r;

	*put = 0;
	if (s->tls == NULL) {
		do
			r = sys_send(s->fd, p, n);
		while (r < 0 && errno == EINTR);
		if (r < 0)
			return again() ? STREAM_WANT_WRITE : STREAM_FAILED;
		*put = (size_t)r;
		return STREAM_OK;
	}
	ERR_clear_error();
	r = SSL_write_ex(s->tls, p, n, put);
	return r == 1 ? STREAM_OK : stream_result(s, (int)r);
}

bool stream_pending(const struct net_stream *s)
{
	return s->tls != NULL && SSL_has_pending(s->tls) == 1;
}

/* ---- leaving ---- */

void stream_shutdown(struct net_stream *s)
{
	if (s->fd < 0)
		return;
	if (s->tls != NULL && !s->broken && s->established) {
		ERR_clear_error();
		SSL_shutdown(s->tls);
		ERR_clear_error();
	}
	shutdown(s->fd, SHUT_WR);
}

void stream_close(struct net_stream *s)
{
	if (s->fd < 0)
		return;
	if (s->tls != NULL) {
		if (!s->broken && s->established) {
			ERR_clear_error();
			SSL_shutdown(s->tls);
		}
		SSL_free(s->tls);
		ERR_clear_error();
	}
	close(s->fd);
	*s = (struct net_stream){ .fd = -1 };
}

void stream_hibernate(struct net_stream *s)
{
	if (s->tls != NULL && s->established && SSL_has_pending(s->tls) == 0)
		SSL_free_buffers(s->tls);
}

/* ---- who is there ---- */

bool tls_spki(const X509 *cert, uint8_t out[static TLS_SPKI_BYTES])
{
	const X509_PUBKEY *key = X509_get_X509_PUBKEY(cert);
	unsigned char *der = NULL;
	unsigned int n = 0;
	int der_n;
	bool ok;

	if (key == NULL)
		return false;
	if ((der_n = i2d_X509_PUBKEY(key, &der)) <= 0)
		return false;
	ok = EVP_Digest(der, (size_t)der_n, out, &n, EVP_sha256(), NULL) == 1;
	OPENSSL_free(der);
	return ok && n == TLS_SPKI_BYTES;
}

bool stream_peer_spki(const struct net_stream *s, uint8_t out[static TLS_SPKI_BYTES])
{
	const X509 *cert;

	if (s->tls == NULL || SSL_get_verify_result(s->tls) != X509_V_OK)
		return false;
	cert = SSL_get0_peer_certificate(s->tls);
	return cert != NULL && tls_spki(cert, out);
}

void *stream_session(const struct net_stream *s)
{
	SSL_SESSION *session;

	if (s->tls == NULL || !s->established)
		return NULL;
	if ((session = SSL_get1_session(s->tls)) == NULL)
		return NULL;
	if (SSL_SESSION_is_resumable(session) == 1)
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

void tls_session_free(void *session)
{
	SSL_SESSION_free(session);
}
