/*
 * tables.h - what is kept of consents, links and the door's own keys, and how it
 * is asked for. Private to gateway/collect/; all SQL is in tables.c.
 */
#ifndef GATEWAY_CONSENT_TABLES_H
#define GATEWAY_CONSENT_TABLES_H

#include "base/store/store.h"

/* Statements by number; parameters and columns stand beside each in tables.c. */
enum collect_statement {
	SECRET_GET,
	SECRET_PUT,
	SECRET_FORGET,
	STATE_GET,
	STATE_PUT,
	CONSENT_ADD,
	CONSENT_LOAD,
	CONSENT_OF,
	CONSENT_ANONYMISE,
	LINK_LOAD,
	LINK_PUT,
	LINK_END,
	LINK_FORGET,
	COLLECT_STATEMENT_COUNT,
};

extern const struct store_tables collect_tables;

#endif
