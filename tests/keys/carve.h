/*
 * carve.h - the attacker who has all the files and the root key: looks at every place of
 * every file for boxes, from every epoch's key that can still be read downwards.
 *
 * Nothing is asked of rows, page lists or the tree: a place of a file is a box when it
 * opens as one, wherever it lies (pages in use, free pages, the journal, behind
 * the end of what counts). What the attacker is spared is told in carve.c.
 */
#ifndef TESTS_KEYS_CARVE_H
#define TESTS_KEYS_CARVE_H

#include "crypto/keytree/tree.h"

#include <stddef.h>

struct carve_from {
	const char *folder; /* looked through with all below it */
	const char *root;   /* the root key's file */
	const char *tenant;
	uint8_t store_id[STORE_ID_BYTES];
	bool everywhere;     /* every byte, not only where pages and their copies lie */
	const char *scratch; /* a folder for what it writes */
};

struct carved_key {
	uint8_t secret[TREE_SECRET_BYTES], handle[HANDLE_BYTES];
};

struct carve_found {
	struct carved_key *v;
	size_t n, room;
	size_t epochs, places, boxes; /* keys of epochs, places looked at, boxes opened */
};

/* False: something cannot be read. OUT is the caller's, to carve_free(). */
bool carve_files(const struct carve_from *from, struct carve_found *out);
void carve_free(struct carve_found *f);

/* The id of the store in DB (with its journal), by a copy in SCRATCH. */
bool carve_store_id(const char *db, const char *scratch, uint8_t out[static STORE_ID_BYTES]);

/* Keys that stand ready to try tokens with. */
struct carve_ring;
struct carve_ring *carve_ring_new(const struct carve_found *f);
void carve_ring_free(struct carve_ring *r);
/* Does one of them open TOKEN? Which, or SIZE_MAX. */
size_t carve_opens(const struct carve_ring *r, const char *tenant, const char *token);

#endif
