/*
 * text.h - what stands in a text message: words that stop it, an extension that
 * addresses it, and digits that would tell a number.
 *
 * Whoever hides a number from software can write it in words: this is for those
 * who write it as one does.
 */
#ifndef GATEWAY_NUMBER_TEXT_H
#define GATEWAY_NUMBER_TEXT_H

#include "base/buf.h"

#define PHONE_TEXT_MAX 1600     /* bytes of a message */
#define PHONE_TEXT_DIGITS_MIN 7 /* so many in a run may be a number */
#define PHONE_TEXT_SEPARATORS 2 /* so many characters between two of them */

enum phone_text_word { PHONE_TEXT_NONE, PHONE_TEXT_STOP, PHONE_TEXT_START };

/* Is all of BODY, but for spaces around it, a word by which texts are stopped or begun again? */
enum phone_text_word phone_text_word(struct sc_span body);

/*
 * Take an extension off the front of *BODY: 1 to 6 digits that nothing but a
 * space or a mark follows, or nothing at all. False, and *BODY as it was, when
 * there is none.
 */
bool phone_text_take_ext(struct sc_span *body, uint32_t *ext, uint8_t *digits);

/*
 * Append BODY to OUT with a star for each digit of every run of at least
 * PHONE_TEXT_DIGITS_MIN decimal digits, of any script, also when up to
 * PHONE_TEXT_SEPARATORS spaces or marks stand between two of them; what is not
 * seen (Unicode Cf, variation selectors) is no separator. Bytes that are no UTF-8
 * become U+FFFD. *FOUND: there was such a run. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err phone_text_redact(struct sc_span body, struct sc_buf *out, bool *found);

#endif
