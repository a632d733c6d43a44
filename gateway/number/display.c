/*
 * display.c - how a virtual number stands on a label: a template and what fills it.
 */
#include "gateway/number/number.h"

#include "gateway/number/country.h"

#include <string.h>
#include <time.h>

size_t phone_calling_code(const char *e164)
{
	return strlen(phone_country_of(e164 + 1, strlen(e164 + 1))->code);
}

static enum sc_err put_number(const struct phone_display *d, struct sc_buf *out)
{
	return sc_buf_put_str(out, d->x);
}

/* As it is dialled at home; E.164 when it is another country's. */
static enum sc_err put_national(const struct phone_display *d, struct sc_buf *out)
{
	const struct phone_country *c = phone_country_of(d->x + 1, strlen(d->x + 1));
	size_t code = strlen(c->code);

	if (code == 0 || strcmp(c->code, d->home) != 0)
		return put_number(d, out);
	/* mobile numbers of China, and all of North America, have no prefix at home */
	if (c->trunk != '0' || (strcmp(c->code, "86") == 0 && strlen(d->x + 1) == 13))
		return sc_buf_put_str(out, d->x + 1 + code);
	return sc_buf_printf(out, "%c%s", c->trunk, d->x + 1 + code);
}

static enum sc_err put_ext(const struct phone_display *d, struct sc_buf *out)
{
	if (d->ext == PHONE_NO_EXT)
		return SC_OK;
	return sc_buf_printf(out, "%0*u", (int)d->ext_digits, (unsigned)d->ext);
}

static enum sc_err put_masked(const struct phone_display *d, struct sc_buf *out)
{
	return sc_buf_put_span(out, d->masked);
}

/* The last day on which it still leads somewhere, if only for a second. */
static enum sc_err put_until(const struct phone_display *d, struct sc_buf *out)
{
	time_t last = (time_t)(d->until == 0 ? 0 : d->until - 1);
	struct tm tm;
	char day[16];

	if (gmtime_r(&last, &tm) == NULL || strftime(day, sizeof(day), "%Y-%m-%d", &tm) == 0)
		return SC_SYNTAX;
	return sc_buf_put_str(out, day);
}

static const struct {
	const char *name; /* with its braces */
	enum sc_err (*put)(const struct phone_display *d, struct sc_buf *out);
} parts[] = {
	{ "{number}", put_number },
	{ "{national}", put_national },
	{ "{ext}", put_ext },
	{ "{masked}", put_masked },
	{ "{until}", put_until },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* Which of them stands at the start of S; PARTS: none. */
static size_t part_at(const char *s)
{
	size_t i = 0;

	while (i < PARTS && strncmp(s, parts[i].name, strlen(parts[i].name)) != 0)
		i++;
	return i;
}

enum sc_err phone_display_print(const char *template, const struct phone_display *d,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	while (err == SC_OK && *template != '\0') {
		size_t i = part_at(template), n = 1 + strcspn(template + 1, "{");

		if (i == PARTS) {
			err = sc_buf_put(out, template, n);
			template += n;
		} else {
			err = parts[i].put(d, out);
			template += strlen(parts[i].name);
		}
	}
	return err;
}

bool phone_display_ok(const char *template)
{
	while (*template != '\0') {
		size_t i = part_at(template);

		if (i == PARTS && (*template == '{' || *template == '}'))
			return false;
		template += i == PARTS ? 1 : strlen(parts[i].name);
	}
	return true;
}
