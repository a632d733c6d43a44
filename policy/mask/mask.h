/*
 * mask.h - what a person sees in place of a value: typed masks and typed
 * generalisations.
 *
 * A value is parsed as its class first. What does not parse is masked whole,
 * as "****" whatever its length. Masks count characters, never bytes, so
 * half a character is never shown; full-width digits and letters are digits
 * and letters. An empty value stays empty (it hides nothing), and what is
 * already masked is given back as it is.
 *
 *	class		mask				generalised
 *	name		張**  欧阳*  J*** S****		whole
 *	phone		138****5678  +44******0123	whole
 *	address		as far as the town; the rest *	as far as the city
 *	region		whole				as it is, when it is no address
 *	postcode	2 shown				2 shown
 *	email		z*******@163.com		*@163.com
 *	resident_id	1****************X		whole
 *	passport	E*****678			whole
 *	bank_card	622202*********3440		issuer: 622202****
 *	iban		DE89 **** … 00			country: DE****
 *	ip		192.168.*.*			192.168.0.0/16, 2001:db8:1::/48
 *	license_plate	京A1***5			京****
 *	dob		1990-**-**			1990
 *	geo		31.23,121.47			31.2,121.5
 *	wechat, qq	z*********8  12*****89		whole
 *	customer_id, order_id	last 2 of at least 6	whole
 *	a file's class	whole				whole
 */
#ifndef POLICY_MASK_MASK_H
#define POLICY_MASK_MASK_H

#include "base/buf.h"
#include "policy/words/class.h"

#define MASK_CHARS_MAX 512 /* characters of a value; longer ones are masked whole */

/* How a rule wants it masked: its class's own form, wholly, or keep(F,B). */
enum mask_kind { MASK_HOUSE = 0, MASK_WHOLE, MASK_KEEP };
struct mask_form {
	uint8_t kind;        /* enum mask_kind */
	uint8_t front, back; /* MASK_KEEP: letters and digits shown at each end */
};

/* "house", "whole" or "keep(3,4)" (at most 8 shown in all); false otherwise. */
bool mask_form_parse(struct sc_span text, struct mask_form *out);

/*
 * Append to OUT the masked form of VALUE (UTF-8, decoded), a value of class
 * CLASS_ID, in the form that a verdict asks for (policy_verdict.mask).
 * Fails with SC_LIMIT or SC_NOMEM; OUT is then as before.
 */
SC_CHECKED enum sc_err mask_value_as(struct mask_form form, uint8_t class_id, struct sc_span value,
    struct sc_buf *out);

/*
 * Append a coarser value to OUT, by the table above, else "****".
 * Fails like mask_value_as().
 */
SC_CHECKED enum sc_err mask_generalise(uint8_t class_id, struct sc_span value, struct sc_buf *out);

#endif
