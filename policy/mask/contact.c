/*
 * contact.c - masks of e-mail and IP addresses.
 */
#include "policy/mask/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- e-mail ----------------------------------------------------------------- */

/* The place of the one @ between a local part and a dotted domain; 0: none. */
static size_t find_at(const struct mask_text *t)
{
	size_t at = 0, dots = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint32_t cp = t->c[i].cp;

		if (cp == ' ' || cp == '<' || cp == '>' || cp == ',' || cp == ';' || cp == '"' ||
		    cp == '(' || cp == ')' || cp == ':' || cp == '/')
			return 0;
		if (cp == '@') {
			if (at != 0 || i == 0)
				return 0;
			at = i;
		} else if (at != 0 && cp == '.') {
			if (i == at + 1 || i == t->n - 1)
				return 0;
			dots++;
		} else if (at != 0 && !mask_alnum(cp) && cp != '-' && cp < 0x80) {
			return 0;
		}
	}
	return dots > 0 ? at : 0;
}

bool mask_hide_email(struct mask_text *t)
{
	size_t at = find_at(t);

	if (at == 0)
		return false;
	mask_text_show(t, at, t->n);
	mask_text_show(t, 0, at > 1);
	return true;
}

/* One star for all of the local part. */
bool mask_coarse_email(struct mask_text *t)
{
	size_t at = find_at(t);

	if (at == 0)
		return false;
	mask_text_omit(t, 0, at - 1);
	mask_text_show(t, at, t->n);
	return true;
}

/* ---- IP ------------------------------------------------------------------------ */

/* What an address shows: two decimal parts, or three hexadecimal ones. */
struct ip {
	bool v6;
	char part[3][5];
};

/* Digits of BASE at *I into PART, at most MAX of them; "*" stands for them. */
static bool take_part(const struct mask_text *t, size_t *i, bool hex, size_t max, char part[5])
{
	size_t n = 0;

	if (*i < t->n && t->c[*i].cp == '*') {
		(*i)++;
		part[0] = '*';
		part[1] = '\0';
		return true;
	}
	while (*i < t->n && n < max) {
		uint32_t cp = t->c[*i].cp;

		if (!(cp >= '0' && cp <= '9') && !(hex && ((cp | 32) >= 'a' && (cp | 32) <= 'f')))
			break;
		part[n++] = (char)cp;
		(*i)++;
	}
	part[n] = '\0';
	return n > 0;
}

/* All N parts written out with SEP between them, the first ones not stars. */
static bool read_parts(const struct mask_text *t, bool v6, struct ip *ip)
{
	size_t count = v6 ? 8 : 4, shown = v6 ? 3 : 2, i = 0;
	char part[5];

	ip->v6 = v6;
	for (size_t k = 0; k < count; k++) {
		if (k > 0 && (i == t->n || t->c[i++].cp != (v6 ? ':' : '.')))
			return false;
		if (!take_part(t, &i, v6, v6 ? 4 : 3, part))
			return false;
		if (!v6 && part[0] != '*' &&
		    (strtol(part, NULL, 10) > 255 || (part[0] == '0' && part[1] != '\0')))
			return false;
		if (k < shown && part[0] == '*')
			return false;
		if (k < shown)
			memcpy(ip->part[k], part, sizeof(part));
	}
	return i == t->n;
}

/* RFC 4291 §2.2, with the "::" spelled out. */
static bool read_short_v6(const struct mask_text *t, struct ip *ip)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t b[16];
	bool ok;

	if (t->n >= sizeof(text))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (t->c[i].cp >= 0x80)
			return false;
		text[i] = (char)t->c[i].cp;
	}
	text[t->n] = '\0';
	ok = inet_pton(AF_INET6, text, b) == 1;
	ip->v6 = true;
	for (size_t k = 0; ok && k < 3; k++)
		snprintf(ip->part[k], sizeof(ip->part[k]), "%x",
		    (unsigned)(b[2 * k] << 8 | b[2 * k + 1]));
	sc_wipe(text, sizeof(text));
	sc_wipe(b, sizeof(b));
	return ok;
}

static bool read_ip(const struct mask_text *t, struct ip *ip)
{
	return read_parts(t, false, ip) || read_parts(t, true, ip) || read_short_v6(t, ip);
}

/* What T shows, and behind it what of a version 4 or 6 address is left. */
static bool say_ip(struct mask_text *t, const char *end4, const char *end6)
{
	struct ip ip;
	bool ok = read_ip(t, &ip);

	if (ok && ip.v6)
		mask_text_say(t, "%s:%s:%s%s", ip.part[0], ip.part[1], ip.part[2], end6);
	else if (ok)
		mask_text_say(t, "%s.%s%s", ip.part[0], ip.part[1], end4);
	sc_wipe(&ip, sizeof(ip));
	return ok;
}

bool mask_hide_ip(struct mask_text *t)
{
	return say_ip(t, ".*.*", ":*:*:*:*:*");
}

bool mask_coarse_ip(struct mask_text *t)
{
	return say_ip(t, ".0.0/16", "::/48");
}
