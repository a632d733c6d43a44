/*
 * tables.h - what is kept of virtual numbers, and how it is asked for. Private
 * to gateway/phone/; all SQL is in tables.c.
 */
#ifndef GATEWAY_PHONE_TABLES_H
#define GATEWAY_PHONE_TABLES_H

#include "base/store/store.h"

/* Statements by number; parameters and columns stand beside each in tables.c. */
enum phone_statement {
	META_GET,
	META_PUT,
	BINDING_LOAD,
	BINDING_ADD,
	BINDING_CHANGE,
	BINDING_SUBJECT,
	BINDING_EXPIRE,
	BINDING_END,
	BINDING_FORGET,
	IDEM_LOAD,
	IDEM_PUT,
	IDEM_FORGET,
	ORDER_ADD,
	ORDER_FORGET,
	BINDING_THERE,
	BINDING_BY_ID,
	BINDINGS_OF_ORDER,
	BINDINGS_OF_SUBJECT,
	CALLER_LOAD,
	CALLER_PUT,
	CALLER_FORGET,
	PARTY_PUT,
	LAST_CALL_PUT,
	CALL_ADD,
	CALL_FIND,
	CALL_STEP,
	CALL_SETTLE,
	CALL_RAISE,
	CALL_REPEAT,
	CALLS_OPEN,
	CALLS_FORGET,
	OPTOUT_LOAD,
	OPTOUT_PUT,
	OPTOUT_FORGET,
	HOOK_ADD,
	HOOK_NEXT,
	HOOK_LATER,
	HOOK_DONE,
	HOOK_DROP,
	HOOKS_FORGET,
	HOOKS_COUNT,
	PHONE_STATEMENTS
};

extern const struct store_tables phone_tables;

#endif
