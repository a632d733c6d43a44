/*
 * keys.h - a perfect hash from the member names in use to their symbols.
 *
 * At configuration time a way is searched in which no two names share a
 * slot, so that finding a key of a document costs one probe and, for nearly
 * all, two word compares, whatever keys an attacker sends.
 *
 * A key is found in letters of either case: {"Phone": ..} is what a rule on $.phone is about, for
 * whoever reads the document may not look at case. Of ASCII letters alone: others have more than
 * one way to be the same. The words are compared with the bit set that case is; what differs in it
 * and is no letter (_ and DEL) shares a slot, and is told apart behind that.
 *
 * The hash names a slot and a bucket; the slot is moved by what the bucket says,
 * which is what is searched for. A seed alone would need a table of the square of
 * the names: 300 of them had 16384 slots.
 */
#ifndef GATEWAY_CODEC_KEYS_H
#define GATEWAY_CODEC_KEYS_H

#include "base/err.h"
#include "base/span.h"

#include <endian.h>
#include <string.h>

struct key_name {
	uint64_t head, tail; /* see key_words() */
	const uint8_t *p;    /* into the owner's names */
	uint32_t n;
	uint16_t symbol;
	uint16_t next; /* another that has the same slot; 0: none */
};

#define KEY_CASE UINT64_C(0x2020202020202020) /* the bit that makes a letter small */

struct key_table {
	struct key_name *names; /* names[0] is nobody */
	uint16_t *slots;        /* into names; 0 is empty */
	uint16_t *moves;        /* of each bucket */
	uint64_t seed;
	uint64_t mask;    /* slots - 1 */
	unsigned buckets; /* a bucket is the hash shifted by this */
	uint32_t longest;
};

/*
 * Make T find NAMES[0..N-1], which are distinct, as the symbols 1 to N; their
 * bytes are borrowed for the table's life. Fails with SC_NOMEM; SC_LIMIT.
 */
SC_CHECKED enum sc_err key_table_init(struct key_table *t, const struct sc_span *names, size_t n);
void key_table_fini(struct key_table *t);

/* Before 0, behind 0, or 0: A and B are the same in letters of either case. */
int key_compare(struct sc_span a, struct sc_span b);

static inline uint64_t key_load(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

/*
 * The first and last 8 bytes, of letters without their case; what a shorter key lacks is the same
 * for all. P has 8 readable bytes.
 */
static inline void key_words(const uint8_t *p, size_t n, uint64_t *head, uint64_t *tail)
{
	*head = key_load(p);
	if (n < 8) {
		*head &= ((uint64_t)1 << 8 * n) - 1;
		*tail = 0;
	} else {
		*tail = key_load(p + n - 8) | KEY_CASE;
	}
	*head |= KEY_CASE;
}

/* Of the upper half all bits are good. */
static inline uint64_t key_hash(const uint8_t *p, size_t n, uint64_t head, uint64_t tail,
    uint64_t seed)
{
	uint64_t h = (head ^ seed) * 0x9E3779B97F4A7C15u;

	/* names that differ only in the middle must not share every slot */
	for (size_t i = 8; i + 8 < n; i += 8)
		h = (h ^ h >> 29 ^ (key_load(p + i) | KEY_CASE)) * 0xBF58476D1CE4E5B9u;
	/*
	 * A product carries only upwards, and the last character stands in the top
	 * byte: it must also enter lower down, or address_1 and address_2 would
	 * share a slot whatever the seed. (33 and not 32: at 8 characters head and
	 * tail are the same bytes, and would cancel.)
	 */
	h = (h ^ h >> 32 ^ tail ^ tail >> 33 ^ n) * 0x94D049BB133111EBu;
	return h;
}

/* The slot of a name whose hash is H. */
static inline uint64_t key_slot(const struct key_table *t, uint64_t h)
{
	return (h >> 32 ^ t->moves[h >> t->buckets]) & t->mask;
}

/* The same of what has the slot of NAMES[I], and is not it byte by byte. */
uint16_t key_find_case(const struct key_table *t, const struct key_name *k, const uint8_t *p,
    size_t n);

/*
 * The symbol of the key P[0..N-1], 0 when it is no name in use: of one that it is byte by byte
 * before one that it is in other letters. At least 8 bytes are readable at P.
 */
static inline __attribute__((always_inline)) uint16_t key_find(const struct key_table *t,
    const uint8_t *p, size_t n)
{
	const struct key_name *k;
	uint64_t head, tail;

	if (n > t->longest)
		return 0;
	key_words(p, n, &head, &tail);
	k = &t->names[t->slots[key_slot(t, key_hash(p, n, head, tail, t->seed))]];
	if (k->head != head || k->tail != tail || k->n != n)
		return 0;
	return memcmp(k->p, p, n) == 0 ? k->symbol : key_find_case(t, k, p, n);
}

#endif
