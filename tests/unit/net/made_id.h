/*
 * made_id.h - keys and certificates made for one run of a test, in a folder of its own.
 */
#ifndef UNIT_NET_MADE_ID_H
#define UNIT_NET_MADE_ID_H

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void made_die(const char *what)
{
	fprintf(stderr, "cannot make: %s\n", what);
	exit(1);
}

static char made_dir[] = "/tmp/scrim-test-XXXXXX";

static inline const char *path(const char *name)
{
	static char paths[16][128];
	static unsigned at;

	at = (at + 1) % 16;
	snprintf(paths[at], sizeof(paths[at]), "%s/%s", made_dir, name);
	return paths[at];
}

struct id {
	EVP_PKEY *key;
	X509 *cert;
};

static inline void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	if ((e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value)) == NULL ||
	    X509_add_ext(cert, e, -1) != 1)
		made_die("certificate extension");
	X509_EXTENSION_free(e);
}

/* Make an identity signed by CA (NULL: itself, and a CA) and write NAME.pem, NAME.key. */
static inline struct id make_id(const char *name, const struct id *ca, const char *san)
{
	struct id id = { EVP_EC_gen("P-256"), X509_new() };
	X509 *issuer = ca == NULL ? id.cert : ca->cert;
	char file[64];
	FILE *f;

	X509_set_version(id.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(id.cert), 1 + (long)strlen(name) * 7 + name[0]);
	X509_gmtime_adj(X509_getm_notBefore(id.cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(id.cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(id.cert), "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(id.cert, X509_get_subject_name(issuer));
	X509_set_pubkey(id.cert, id.key);
	if (ca == NULL)
		extend(id.cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
	if (san != NULL)
		extend(id.cert, issuer, NID_subject_alt_name, san);
	if (X509_sign(id.cert, ca == NULL ? id.key : ca->key, EVP_sha256()) == 0)
		made_die("X509_sign");
	snprintf(file, sizeof(file), "%s.pem", name);
	if ((f = fopen(path(file), "w")) == NULL || PEM_write_X509(f, id.cert) != 1)
		made_die("certificate file");
	fclose(f);
	snprintf(file, sizeof(file), "%s.key", name);
	if ((f = fopen(path(file), "w")) == NULL ||
	    PEM_write_PrivateKey(f, id.key, NULL, NULL, 0, NULL, NULL) != 1)
		made_die("key file");
	fclose(f);
	return id;
}

static inline void forget_id(const char *name, struct id *id)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.pem", name);
	unlink(path(file));
	snprintf(file, sizeof(file), "%s.key", name);
	unlink(path(file));
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
}

#endif
