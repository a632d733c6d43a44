/*
 * people_maker.h - a store of keys with people in it, made without a keyd: for tests, and
 * for benches that want millions.
 */
#ifndef TESTS_UNIT_CRYPTO_PEOPLE_MAKER_H
#define TESTS_UNIT_CRYPTO_PEOPLE_MAKER_H

#include "crypto/keyring/keyring.h"
#include "crypto/keystore/keystore.h"

#define MAKER_ORIGIN "demo/keyd"

struct maker {
	char dir[200], url[256], db[256], epoch[256], log[256];
	struct keystore_place place;
	struct sc_secret *root;
	struct keystore *ks;
	struct keyring *kr;
};

/* Where all of it is in DIR; nothing is opened. */
void maker_at(struct maker *m, const char *dir);
/* Make (INIT) or open keyd.db and keyd.epoch in DIR, under a root key that is always the same. */
bool maker_open(struct maker *m, const char *dir, bool init, struct sc_diag *d);
/* The root key again, for who opens it beside; the caller's to free. */
struct sc_secret *maker_root(void);
void maker_close(struct maker *m);

/* N people with a key each, in jobs of at most 4,000; WEEK 0: nothing was sealed for them. */
bool maker_add(struct maker *m, uint64_t n, uint32_t week);
/* Forget whoever has SLOT. */
bool maker_erase(struct maker *m, uint64_t slot);
/* keyd's log is carried out as far as APPLIED. */
bool maker_applied(struct maker *m, uint64_t applied);
void maker_handle(uint64_t person, uint8_t handle[static HANDLE_BYTES]);

#endif
