/*
 * siv.c - AES-256-SIV (RFC 5297) over OpenSSL's AES in CBC and ECB.
 *
 * Giving OpenSSL a key or an IV is what costs, so both happen once a key:
 * CMAC (RFC 4493) runs in a CBC context that is never reset. CBC xors each
 * block with the output before it; to begin a new message at zero, its first
 * block is xored with the last output here, and the two cancel. CTR encrypts
 * counter blocks in an ECB context and xors by hand.
 */
#include "crypto/prim/siv.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "crypto/prim/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { BLOCK = 16, CHUNK = 16 * BLOCK };

/*
 * Where values are worked on, wiped once at the end of each operation.
 * First a CMAC under way: what has not been through cbc yet, never empty at its
 * end. Then key stream.
 */
struct scratch {
	uint8_t t[BLOCK];
	uint8_t buf[CHUNK + BLOCK]; /* room to pad past a full chunk's worth */
	size_t n;
	size_t high; /* bytes of buf to be wiped */
	bool begun;
};

struct siv_ctx {
	EVP_CIPHER_CTX *cbc;     /* under the CMAC key */
	EVP_CIPHER_CTX *ecb;     /* under the CTR key */
	uint8_t chain[BLOCK];    /* what cbc will xor into its next block */
	uint8_t whole[BLOCK];    /* RFC 4493 K1: the last block was full */
	uint8_t padded[BLOCK];   /* RFC 4493 K2: it was not */
	uint8_t zero_mac[BLOCK]; /* CMAC(<zero>), where S2V begins */
	struct scratch scratch;
	bool keyed;
};

static void forget(struct siv_ctx *c)
{
	sc_wipe(&c->scratch, offsetof(struct scratch, buf) + c->scratch.high);
	c->scratch.high = 0;
}

static void xor_block(uint8_t *d, const uint8_t *s)
{
	uint64_t a[2], b[2];

	memcpy(a, d, BLOCK);
	memcpy(b, s, BLOCK);
	a[0] ^= b[0];
	a[1] ^= b[1];
	memcpy(d, a, BLOCK);
}

/* RFC 5297 §2.3: multiply by x in GF(2^128), without a branch on the value. */
static void dbl(uint8_t b[static BLOCK])
{
	uint64_t hi = sc_be64_load(b), lo = sc_be64_load(b + 8);
	uint64_t carry = 0 - (hi >> 63);

	sc_be64_store(b, hi << 1 | lo >> 63);
	sc_be64_store(b + 8, lo << 1 ^ (carry & 0x87));
}

/*
 * Run whole blocks in place through CTX. EVP_EncryptUpdate() does the same, but
 * for a few blocks its care for partial ones costs more than the cipher.
 */
static bool run(EVP_CIPHER_CTX *ctx, uint8_t *p, size_t n)
{
	return EVP_Cipher(ctx, p, p, (unsigned int)n) > 0;
}

/* Take what is in scratch through cbc, a whole number of blocks. */
static bool mac_flush(struct siv_ctx *c)
{
	struct scratch *m = &c->scratch;

	m->high = m->n > m->high ? m->n : m->high;
	if (!m->begun)
		xor_block(m->buf, c->chain);
	m->begun = true;
	if (!run(c->cbc, m->buf, m->n))
		return false;
	memcpy(c->chain, m->buf + m->n - BLOCK, BLOCK);
	m->n = 0;
	return true;
}

static void mac_begin(struct siv_ctx *c)
{
	c->scratch.n = 0;
	c->scratch.begun = false;
}

static bool mac_put(struct siv_ctx *c, const uint8_t *p, size_t n)
{
	struct scratch *m = &c->scratch;
	size_t take;

	while (n != 0) {
		/* the last block waits: it is treated differently */
		if (m->n == CHUNK && !mac_flush(c))
			return false;
		take = n < CHUNK - m->n ? n : CHUNK - m->n;
		memcpy(m->buf + m->n, p, take);
		m->n += take;
		p += take;
		n -= take;
	}
	return true;
}

static bool mac_final(struct siv_ctx *c, uint8_t out[static BLOCK])
{
	struct scratch *m = &c->scratch;
	size_t tail = m->n % BLOCK;
	bool ok;

	if (tail != 0 || m->n == 0) {
		memset(m->buf + m->n, 0, BLOCK);
		m->buf[m->n] = 0x80;
		m->n += BLOCK - tail;
		xor_block(m->buf + m->n - BLOCK, c->padded);
	} else {
		xor_block(m->buf + m->n - BLOCK, c->whole);
	}
	ok = mac_flush(c);
	memcpy(out, c->chain, BLOCK);
	return ok;
}

/* RFC 5297 §2.4 over the associated data and then the plaintext. */
static bool s2v(struct siv_ctx *c, const struct sc_span ads[], size_t n_ads, struct sc_span plain,
    uint8_t v[static BLOCK])
{
	uint8_t d[BLOCK], *t = c->scratch.t;
	bool ok = true;

	memcpy(d, c->zero_mac, BLOCK);
	for (size_t i = 0; i < n_ads && ok; i++) {
		mac_begin(c);
		ok = mac_put(c, ads[i].p, ads[i].n) && mac_final(c, t);
		dbl(d);
		xor_block(d, t);
	}
	mac_begin(c);
	if (plain.n >= BLOCK) { /* T = plain xorend D */
		memcpy(t, plain.p + plain.n - BLOCK, BLOCK);
		ok = ok && mac_put(c, plain.p, plain.n - BLOCK);
	} else { /* T = dbl(D) xor pad(plain) */
		memset(t, 0, BLOCK);
		if (plain.n != 0)
			memcpy(t, plain.p, plain.n);
		t[plain.n] = 0x80;
		dbl(d);
	}
	xor_block(t, d);
	return ok && mac_put(c, t, BLOCK) && mac_final(c, v);
}

/* OUT = IN xor STREAM, N bytes; OUT may be IN. */
static void xor_stream(uint8_t *out, const uint8_t *in, const uint8_t *stream, size_t n)
{
	uint64_t a, b;

	for (; n >= sizeof(a); out += sizeof(a), in += sizeof(a), stream += sizeof(a)) {
		memcpy(&a, in, sizeof(a));
		memcpy(&b, stream, sizeof(b));
		a ^= b;
		memcpy(out, &a, sizeof(a));
		n -= sizeof(a);
	}
	for (; n != 0; n--)
		*out++ = *in++ ^ *stream++;
}

/*
 * RFC 5297 §2.5: out = in xor AES-CTR from V with bits 31 and 63 cleared.
 * Those leave room for 2^31 blocks, so that only the last word ever counts.
 */
static bool ctr(struct siv_ctx *c, const uint8_t v[static BLOCK], const uint8_t *in, size_t n,
    uint8_t *out)
{
	uint8_t q[BLOCK], *stream = c->scratch.buf;
	uint32_t count;
	size_t part, len;
	bool ok = true;

	memcpy(q, v, BLOCK);
	q[8] &= 0x7f;
	q[12] &= 0x7f;
	count = sc_be32_load(q + 12);
	for (; n != 0 && ok; n -= part, in += part, out += part) {
		part = n < CHUNK ? n : CHUNK;
		len = (part + BLOCK - 1) / BLOCK * BLOCK;
		for (size_t i = 0; i < len; i += BLOCK) {
			memcpy(stream + i, q, BLOCK - 4);
			sc_be32_store(stream + i + BLOCK - 4, count++);
		}
		c->scratch.high = len > c->scratch.high ? len : c->scratch.high;
		ok = run(c->ecb, stream, len);
		xor_stream(out, in, stream, part);
	}
	return ok;
}

enum sc_err siv_ctx_new(struct siv_ctx **out)
{
	EVP_CIPHER *cbc = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	EVP_CIPHER *ecb = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
	struct siv_ctx *c = vault_alloc(sizeof(*c));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (c == NULL || cbc == NULL || ecb == NULL)
		goto out;
	if ((c->cbc = EVP_CIPHER_CTX_new()) == NULL || (c->ecb = EVP_CIPHER_CTX_new()) == NULL)
		goto out;
	if (EVP_EncryptInit_ex2(c->cbc, cbc, NULL, NULL, NULL) != 1 ||
	    EVP_EncryptInit_ex2(c->ecb, ecb, NULL, NULL, NULL) != 1)
		goto out;
	*out = c;
	c = NULL;
	err = SC_OK;
out:
	siv_ctx_free(c);
	EVP_CIPHER_free(cbc); /* the contexts hold references of their own */
	EVP_CIPHER_free(ecb);
	return err;
}

void siv_ctx_free(struct siv_ctx *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->cbc); /* wipes the key schedules */
	EVP_CIPHER_CTX_free(c->ecb);
	vault_free(c);
}

enum sc_err siv_set_key(struct siv_ctx *c, const uint8_t key[static SIV_KEY_BYTES])
{
	static const uint8_t zero[BLOCK];
	bool ok;

	c->keyed = false;
	if (EVP_EncryptInit_ex2(c->cbc, NULL, key, zero, NULL) != 1 ||
	    EVP_EncryptInit_ex2(c->ecb, NULL, key + SIV_KEY_BYTES / 2, NULL, NULL) != 1)
		return SC_BUG;
	memset(c->whole, 0, BLOCK);
	if (!run(c->cbc, c->whole, BLOCK)) /* RFC 4493 §2.3: L */
		return SC_BUG;
	memcpy(c->chain, c->whole, BLOCK);
	dbl(c->whole);
	memcpy(c->padded, c->whole, BLOCK);
	dbl(c->padded);
	mac_begin(c);
	ok = mac_put(c, zero, BLOCK) && mac_final(c, c->zero_mac);
	forget(c);
	c->keyed = ok;
	return ok ? SC_OK : SC_BUG;
}

void siv_clear(struct siv_ctx *c)
{
	static const uint8_t none[SIV_KEY_BYTES];

	/* overwrites both schedules; should it fail, nothing uses them any more */
	(void)EVP_EncryptInit_ex2(c->cbc, NULL, none, none, NULL);
	(void)EVP_EncryptInit_ex2(c->ecb, NULL, none, NULL, NULL);
	sc_wipe(c->chain, BLOCK);
	sc_wipe(c->whole, BLOCK);
	sc_wipe(c->padded, BLOCK);
	sc_wipe(c->zero_mac, BLOCK);
	c->keyed = false;
}

enum sc_err siv_seal(struct siv_ctx *c, const struct sc_span ads[], size_t n_ads,
    struct sc_span plain, uint8_t *out)
{
	uint8_t v[BLOCK];
	bool ok;

	if (n_ads > SIV_ADS_MAX || plain.n > SIV_PLAIN_MAX)
		return SC_LIMIT;
	if (!c->keyed)
		return SC_BUG;
	ok = s2v(c, ads, n_ads, plain, v) && ctr(c, v, plain.p, plain.n, out + SIV_BYTES);
	forget(c);
	if (!ok)
		return SC_BUG;
	memcpy(out, v, SIV_BYTES);
	return SC_OK;
}

enum sc_err siv_open(struct siv_ctx *c, const struct sc_span ads[], size_t n_ads,
    struct sc_span siv_ct, uint8_t *out, bool *ok)
{
	uint8_t v[BLOCK], want[BLOCK];
	enum sc_err err = SC_OK;
	size_t n;

	*ok = false;
	if (siv_ct.n < SIV_BYTES)
		return SC_OK;
	n = siv_ct.n - SIV_BYTES;
	if (n_ads > SIV_ADS_MAX || n > SIV_PLAIN_MAX) {
		err = SC_LIMIT;
	} else {
		memcpy(v, siv_ct.p, SIV_BYTES);
		if (!c->keyed || !ctr(c, v, siv_ct.p + SIV_BYTES, n, out) ||
		    !s2v(c, ads, n_ads, sc_span(out, n), want))
			err = SC_BUG;
		else
			*ok = CRYPTO_memcmp(v, want, SIV_BYTES) == 0;
		forget(c);
		sc_wipe(want, sizeof(want)); /* would forge, if it leaked */
	}
	if (!*ok)
		sc_wipe(out, n);
	return err;
}
