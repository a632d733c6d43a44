/*
 * tables.h - what keyd keeps in its store, and how it asks for it.
 */
#ifndef CRYPTO_KEYD_TABLES_H
#define CRYPTO_KEYD_TABLES_H

#include "base/store/store.h"

/* Statements by number; parameters and columns stand beside each in tables.c. */
enum keyd_statement {
	KEYRING_LOAD,
	KEYRING_ADD,
	SUBJECT_BY_ID,
	SUBJECT_BY_HANDLE,
	SUBJECT_ADD,
	SUBJECT_ERASE,
	SUBJECT_COUNT,
	HEAD_FIND,
	HEAD_OTHERS,
	HEAD_KEEP,
	HEAD_FORGET,
	KEYD_STATEMENTS
};

extern const struct store_tables keyd_tables;

#endif
