/*
 * tables.h - what keyd keeps in its store, and how it asks for it.
 *
 * A store is one tenant's: in PostgreSQL each has a schema of its own, so no
 * statement names the tenant.
 */
#ifndef CRYPTO_ROWS_TABLES_H
#define CRYPTO_ROWS_TABLES_H

#include "base/store/store.h"

/* Statements by number; parameters and columns stand beside each in tables.c. */
enum keyd_statement {
	KEYRING_LOAD,
	KEYRING_ADD,
	KEYRING_SET,
	KEYRING_STATE,
	KEYRING_REMOVE,
	KEYRING_USED,
	KEYRING_PUT,
	STORE_FIND,
	STORE_MAKE,
	STORE_KEEP,
	WRITER_FIND,
	WRITER_KEEP,
	WRITER_ALL,
	WRITER_FORGET,
	NODE_FIND,
	NODE_KEEP,
	NODE_REMOVE,
	NODE_RANGE,
	PERSON_FIND,
	PERSON_ADD,
	PERSON_ERASE,
	PERSON_RANGE,
	TOUCHED_ADD,
	TOUCHED_SINCE,
	TOUCHED_FORGET,
	LOST_ADD,
	LOST_ALL,
	WEEK_FIND,
	WEEK_KEEP,
	WEEK_ERASE,
	WEEK_BEFORE,
	WEEK_SINCE,
	WEEK_COUNTS,
	WEEK_NEWEST,
	WEEK_NO_LATER,
	RETURN_ADD,
	RETURN_NEXT,
	RETURN_REMOVE,
	RETURN_COUNT,
	SEEN_ADD,
	SEEN_DAY,
	SEEN_ALL,
	SEEN_DAYS,
	SEEN_FORGET,
	QUOTA_ADD,
	QUOTA_FIND,
	QUOTA_DAY,
	QUOTA_ALL,
	QUOTA_FORGET,
	MARK_KEEP,
	MARK_DAY,
	MARK_DAYS,
	MARK_FORGET,
	BACKUP_ADD,
	BACKUP_ALL,
	BACKUP_TELL,
	DRILL_ADD,
	DRILL_ALL,
	DRILL_TELL,
	HEAD_FIND,
	HEAD_OTHERS,
	HEAD_ALL,
	HEAD_KEEP,
	HEAD_FORGET,
	KEYD_STATEMENTS
};

extern const struct store_tables keyd_tables;

#endif
