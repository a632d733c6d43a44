/*
 * tls.c - TLS contexts: what a listener presents and a client trusts.
 */
#include "net/tls/tls.h"

#include "net/tls/context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * TLS 1.2 keeps forward secrecy and AEAD only. The order puts AES first: it is
 * what the processors this runs on do in hardware.
 */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"

/* Fill D with what OpenSSL says about FILE, and forget its errors. */
static void tls_diag(struct sc_diag *d, const char *what, const char *file)
{
	unsigned long e = ERR_peek_last_error(), first = ERR_peek_error();
	const char *reason = e == 0 ? NULL : ERR_reason_error_string(e);

	if (ERR_SYSTEM_ERROR(first)) /* of which the last only says "system lib" */
		reason = strerrordesc_np(ERR_GET_REASON(first));

	sc_diag_set(d, "%s%s%s: %s", what, file == NULL ? "" : " ", file == NULL ? "" : file,
	    reason == NULL ? "failed" : reason);
	ERR_clear_error();
}

/* A file that cannot be read is SC_IO; one that cannot be understood SC_SYNTAX. */
static enum sc_err tls_file_err(const char *file)
{
	FILE *f = fopen(file, "re");

	if (f == NULL)
		return SC_IO;
	fclose(f);
	return SC_SYNTAX;
}

static enum sc_err tls_load_pair(SSL_CTX *ctx, const char *cert, const char *key,
    struct sc_diag *diag)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
		tls_diag(diag, "certificate", cert);
		return tls_file_err(cert);
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		tls_diag(diag, "private key", key);
		return tls_file_err(key);
	}
	if (SSL_CTX_check_private_key(ctx) != 1) {
		tls_diag(diag, "the private key does not fit the certificate:", key);
		return SC_SYNTAX;
	}
	return SC_OK;
}

static SSL_CTX *tls_ctx_new(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
		SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (SSL_CTX_set_cipher_list(ctx, TLS12_CIPHERS) != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/*
 * In the place of OpenSSL's own check of the chain. That the other end has the key, its signature
 * over the handshake proves in any case.
 */
static int tls_known_key(X509_STORE_CTX *chain, void *arg)
{
	const struct tls_pins *pins = arg;
	uint8_t spki[TLS_SPKI_BYTES];
	X509 *leaf = X509_STORE_CTX_get0_cert(chain);
	bool ok = leaf != NULL && tls_spki(leaf, spki) && pins->knows(pins->arg, spki);

	X509_STORE_CTX_set_error(chain, ok ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
	return ok;
}

static void tls_pin(SSL_CTX *ctx, const struct tls_pins *pins)
{
	struct tls_pins *kept = NULL;

	/* OpenSSL hands it back without const; it is not written */
	memcpy(&kept, &pins, sizeof(kept));
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_cert_verify_callback(ctx, tls_known_key, kept);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	/* a resumed session would skip the look at the other end's key */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* few and long-lived: what an idle one needs not it gives back */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
}

static enum sc_err tls_server_fill(SSL_CTX *ctx, const struct tls_options *o, struct sc_diag *diag)
{
	static const unsigned char id[] = "scrim";
	int verify = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
	STACK_OF(X509_NAME) * names;
	enum sc_err err;

	if ((err = tls_load_pair(ctx, o->cert, o->key, diag)) != SC_OK)
		return err;
	/* tickets only: no session is kept here, so idle clients cost nothing */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_early_data(ctx, 0);
	if (SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1) != 1)
		return SC_NOMEM;
	if (o->pins != NULL)
		tls_pin(ctx, o->pins);
	if (o->ca == NULL)
		return SC_OK;
	if (SSL_CTX_load_verify_file(ctx, o->ca) != 1 ||
	    (names = SSL_load_client_CA_file(o->ca)) == NULL) {
		tls_diag(diag, "client CA", o->ca);
		return tls_file_err(o->ca);
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	if (o->require_client_cert)
		verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ctx, verify, NULL);
	return SC_OK;
}

static enum sc_err tls_client_fill(SSL_CTX *ctx, const struct tls_options *o, struct sc_diag *diag)
{
	int ok = o->pins != NULL ? 1 :
	    o->ca == NULL        ? SSL_CTX_set_default_verify_paths(ctx) :
				   SSL_CTX_load_verify_file(ctx, o->ca);

	if (ok != 1) {
		tls_diag(diag, "CA", o->ca);
		return o->ca == NULL ? SC_IO : tls_file_err(o->ca);
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	/* sessions are kept per origin by who connects, not by OpenSSL */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	if (o->pins != NULL)
		tls_pin(ctx, o->pins);
	if (o->cert != NULL)
		return tls_load_pair(ctx, o->cert, o->key, diag);
	return SC_OK;
}

typedef enum sc_err tls_fill_fn(SSL_CTX *ctx, const struct tls_options *o, struct sc_diag *diag);

static enum sc_err tls_context_new(const SSL_METHOD *method, tls_fill_fn *fill,
    const struct tls_options *o, struct sc_diag *diag, struct tls_context **out)
{
	struct tls_context *t = calloc(1, sizeof(*t));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	ERR_clear_error();
	if (t == NULL || (t->ctx = tls_ctx_new(method)) == NULL ||
	    (t->socket = tls_socket_method()) == NULL || (err = fill(t->ctx, o, diag)) != SC_OK) {
		tls_context_free(t);
		return err;
	}
	t->pinned = o->pins != NULL;
	*out = t;
	return SC_OK;
}

enum sc_err tls_server_new(const struct tls_options *o, struct sc_diag *diag,
    struct tls_context **out)
{
	return tls_context_new(TLS_server_method(), tls_server_fill, o, diag, out);
}

enum sc_err tls_client_new(const struct tls_options *o, struct sc_diag *diag,
    struct tls_context **out)
{
	return tls_context_new(TLS_client_method(), tls_client_fill, o, diag, out);
}

void tls_context_free(struct tls_context *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	free(t);
}
