/*
 * audit_person.c - a person's handles of all years, and the years that have none any more.
 *
 * A year whose key was destroyed is not one in which nobody saw them: it is said, not left out.
 */
#include "cli/audit_person.h"

#include "base/civil.h"
#include "cli/operate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

static int take_year(struct audit_person *p, const struct doc_node *year)
{
	const char *handle = doc_find_text(year, "handle");
	const struct doc_node *number = doc_find(year, "year");
	const size_t n = strlen(p->handles);

	if (number == NULL || number->kind != DOC_NUMBER)
		return cli_fail(CLI_NO, "keyd's answer is malformed");
	if (handle == NULL)
		p->gone[p->n_gone++] = (unsigned)strtoul(number->text, NULL, 10);
	else if (strlen(handle) >= AUDIT_HANDLE_TEXT)
		return cli_fail(CLI_NO, "keyd's answer is malformed");
	else
		snprintf(p->handles + n, sizeof(p->handles) - n, "%s%s", n == 0 ? "" : ",", handle);
	return CLI_GO_ON;
}

int audit_person_ask(const struct cli_call *c, struct audit_person *out)
{
	struct operate_answer a = { .text = { 0 } };
	const struct doc_node *years;
	size_t n = 0;
	int rc = operate_ask(c, WIRE_KEYS_HANDLES, c->person, &a);

	memset(out, 0, sizeof(*out));
	years = rc == CLI_GO_ON ? doc_find(a.doc.root, "years") : NULL;
	for (const struct doc_node *y = years == NULL ? NULL : years->first;
	     y != NULL && rc == CLI_GO_ON; y = y->next)
		rc = n++ == AUDIT_YEARS_MAX ? cli_fail(CLI_NO, "keyd's answer is malformed") :
					      take_year(out, y);
	if (rc == CLI_GO_ON && out->handles[0] == '\0')
		rc = cli_fail(CLI_NO, "keyd's answer is malformed");
	operate_fini(&a);
	return rc;
}

/* When YEAR begins, Unix ms. */
static uint64_t begin_ms(unsigned year)
{
	return (uint64_t)civil_days((struct civil_date){ year, 1, 1 }) * DAY_MS;
}

bool audit_person_tell(const struct cli_call *c, const struct audit_person *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n_gone; i++) {
		const unsigned year = p->gone[i];

		if ((c->filter.from_ms != 0 && begin_ms(year + 1) <= c->filter.from_ms) ||
		    (c->filter.until_ms != 0 && begin_ms(year) >= c->filter.until_ms))
			continue;
		(void)cli_fail(CLI_NO,
		    "nobody can say any more of whom the entries of %u are: that year's key was "
		    "destroyed",
		    year);
		any = true;
	}
	return any;
}
