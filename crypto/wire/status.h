/*
 * status.h - what keyd says of one item: the only word of the wire's that those who
 * ask through keyc read too.
 */
#ifndef CRYPTO_WIRE_STATUS_H
#define CRYPTO_WIRE_STATUS_H

enum wire_status {
	WIRE_OK,
	WIRE_DENIED,    /* keyd's policy says no */
	WIRE_GONE,      /* the key was destroyed or never was */
	WIRE_BAD_TOKEN, /* not a token, or not authentic */
	WIRE_TOO_LARGE,
	WIRE_QUOTA, /* allowed, but not for so many people today */
	WIRE_UNKNOWN_CLASS,
	WIRE_BAD_VALUE, /* to index: nothing of it has a normal form */
	WIRE_STATUS_COUNT
};

#endif
