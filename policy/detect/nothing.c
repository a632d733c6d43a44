/*
 * nothing.c - most texts of a document hold nothing, which can be seen without looking closely.
 */
#include "policy/detect/detect.h"
#include "policy/detect/digits.h"

#include <string.h>

#define MOMENT_MAX 35 /* 2024-02-29T23:59:59.123456789+08:00 */

/*
 * Is it "2024-02-29T23:59:59" and so on? The digits of a date and a time, with what belongs between
 * them: any digit fits where a digit is (d), and behind the seconds nothing but a fraction and a
 * zone.
 */
static bool is_moment(struct sc_span s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	size_t n = sizeof(form) - 1, i;

	if (s.n < n || s.n > MOMENT_MAX)
		return false;
	for (i = 0; i < n; i++) {
		bool fits = form[i] == 'd' ? ascii_digit(s.p[i]) :
		    form[i] == 'T'         ? s.p[i] == 'T' || s.p[i] == ' ' :
					     s.p[i] == (uint8_t)form[i];

		if (!fits)
			return false;
	}
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && ascii_digit(s.p[i]) && i < n + 10;)
			i++;
	if (i < s.n && s.p[i] == 'Z')
		return i + 1 == s.n;
	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		return s.n - i == 6 && s.p[i + 3] == ':' && ascii_digit(s.p[i + 1]) &&
		    ascii_digit(s.p[i + 2]) && ascii_digit(s.p[i + 4]) && ascii_digit(s.p[i + 5]);
	return i == s.n;
}

bool detect_nothing(struct sc_span text)
{
	size_t digits = 0;

	if (text.n == 0)
		return true;
	for (size_t i = 0; i < text.n && digits < DETECT_DIGITS_MIN; i++)
		digits += ascii_digit(text.p[i]);
	if (digits >= DETECT_DIGITS_MIN)
		return is_moment(text);
	return memchr(text.p, '@', text.n) == NULL;
}
