/*
 * label_room.c - in which letters a name and an address fit on a label.
 *
 * The browser lays the page out; here it is only estimated, wide rather than
 * narrow: what does not fit would be cut off, and a parcel with half an address
 * does not arrive.
 */
#include "cli/label.h"

#include "base/text/utf8.h"
#include "cli/label_page.h"

#define NAME_WIDTH 125

/* Width of a character, in twentieths of the letters' size. */
static size_t width_of(uint32_t cp)
{
	if (cp >= 0x1100)
		return 20;
	return cp >= 'A' && cp <= 'Z' ? 14 : 11;
}

/* Width of TEXT as far as its line goes; *REST is what follows the line. */
static size_t line_width(struct sc_span text, struct sc_span *rest)
{
	size_t width = 0, len;
	uint32_t cp;

	while ((len = utf8_decode(text, &cp)) != 0) {
		text = sc_span_from(text, len);
		if (cp == '\n')
			break;
		width += width_of(cp);
	}
	*rest = text;
	return width;
}

/* How wide and high the room for an address is, for each size of letters. */
static const struct {
	size_t width, lines;
	const char *size; /* a class of the page */
} rooms[] = { { 276, 5, "large" }, { 326, 6, "mid" }, { 390, 7, "long" }, { 486, 9, "longest" } };
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

static bool fits(struct sc_span address, size_t room)
{
	size_t lines = 0;

	while (address.n > 0 && lines <= rooms[room].lines)
		lines += 1 + line_width(address, &address) / rooms[room].width;
	return lines <= rooms[room].lines;
}

const char *label_address_size(struct sc_span address)
{
	for (size_t i = 0; i < ROOMS; i++)
		if (fits(address, i))
			return rooms[i].size;
	return NULL;
}

bool label_name_long(struct sc_span name)
{
	struct sc_span rest;

	return line_width(name, &rest) > NAME_WIDTH;
}
