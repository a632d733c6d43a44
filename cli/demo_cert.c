/*
 * demo_cert.c - a TLS pair for the demo, with OpenSSL's library calls.
 */
#include "cli/demo.h"

#include "cli/file.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define YEAR_SECONDS (365L * 24 * 3600)

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

static bool add_name(X509_NAME *n, const char *field, const char *text)
{
	return X509_NAME_add_entry_by_txt(n, field, MBSTRING_ASC, (const unsigned char *)text, -1,
		   -1, 0) == 1;
}

static bool fill(X509 *x, EVP_PKEY *key)
{
	X509_NAME *n = X509_get_subject_name(x);
	uint64_t serial = 0;

	if (RAND_bytes((unsigned char *)&serial, sizeof(serial)) != 1)
		return false;
	return X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), YEAR_SECONDS) != NULL &&
	    X509_set_pubkey(x, key) == 1 && add_name(n, "O", "Scrim demo, not secret") &&
	    add_name(n, "CN", "localhost") && X509_set_issuer_name(x, n) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_extension(x, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
	    add_extension(x, NID_ext_key_usage, "serverAuth") &&
	    add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
	    X509_sign(x, key, EVP_sha256()) > 0;
}

static enum sc_err write_bio(BIO *b, const char *path, mode_t mode, struct sc_diag *d)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);

	return file_write(path, mode, false, sc_span(p, (size_t)n), d);
}

enum sc_err demo_certificate(const char *cert_path, const char *key_path, struct sc_diag *d)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *cert = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_secmem());
	enum sc_err err = SC_NOMEM;

	sc_diag_set(d, "OpenSSL cannot make a certificate");
	if (key == NULL || x == NULL || cert == NULL || secret == NULL || !fill(x, key) ||
	    PEM_write_bio_X509(cert, x) != 1 ||
	    PEM_write_bio_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) != 1)
		goto out;
	if ((err = write_bio(secret, key_path, 0600, d)) != SC_OK)
		goto out;
	err = write_bio(cert, cert_path, 0644, d);
out:
	BIO_free(cert);
	BIO_free(secret);
	X509_free(x);
	EVP_PKEY_free(key);
	return err;
}
