/*
 * seen.c - a table of small buckets, each a ring.
 */
#include "gateway/twiml/seen.h"

#include "base/bytes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192u
#define WAYS 8u /* together 65536 requests: 2 MiB */

struct seen_entry {
	uint8_t signature[SEEN_BYTES], parse[SEEN_BYTES];
};

struct bucket {
	struct seen_entry v[WAYS];
	uint8_t n, next;
};

struct twiml_seen {
	pthread_mutex_t lock;
	struct bucket buckets[BUCKETS];
};

enum sc_err seen_new(struct twiml_seen **out)
{
	struct twiml_seen *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return SC_NOMEM;
	pthread_mutex_init(&s->lock, NULL);
	return SC_OK;
}

void seen_free(struct twiml_seen *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static enum seen_as note(struct bucket *b, const uint8_t *signature, const uint8_t *parse)
{
	struct seen_entry *e;

	for (size_t i = 0; i < b->n; i++)
		if (memcmp(b->v[i].signature, signature, SEEN_BYTES) == 0)
			return memcmp(b->v[i].parse, parse, SEEN_BYTES) == 0 ? SEEN_SAME :
									       SEEN_OTHER;
	e = &b->v[b->next];
	b->next = (uint8_t)((b->next + 1) % WAYS);
	if (b->n < WAYS)
		b->n++;
	memcpy(e->signature, signature, SEEN_BYTES);
	memcpy(e->parse, parse, SEEN_BYTES);
	return SEEN_NEW;
}

enum seen_as seen_note(struct twiml_seen *s, const uint8_t signature[static SEEN_BYTES],
    const uint8_t parse[static SEEN_BYTES])
{
	struct bucket *b = &s->buckets[sc_be32_load(signature) % BUCKETS];
	enum seen_as as;

	pthread_mutex_lock(&s->lock);
	as = note(b, signature, parse);
	pthread_mutex_unlock(&s->lock);
	return as;
}
