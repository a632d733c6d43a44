/*
 * test_people_list.c - a list of people is as its record says, or what is wrong with it is said.
 */
#include "audit/review/people_list.h"

#include "crypto/tlog/merkle.h"
#include "tap.h"

enum { OWN = 3, IN_PART = 5 };

static struct people_list list;
static const char *said; /* the first thing that was wrong; NULL: nothing was */

static void take(const struct audit_record *r)
{
	struct sc_buf out;
	const char *why;

	sc_buf_init(&out, AUDIT_RECORD_MAX);
	if (audit_record_print(r, &out) != SC_OK ||
	    people_list_entry(&list, sc_buf_span(&out), &why) != SC_OK)
		abort();
	if (said == NULL)
		said = why;
	sc_buf_fini(&out);
}

static void handles(uint8_t (*v)[AUDIT_HANDLE_BYTES], size_t n, uint8_t from)
{
	for (size_t i = 0; i < n; i++)
		memset(v[i], (int)(from + i), AUDIT_HANDLE_BYTES);
}

/* Part WHICH of request REQ's list, of people from FROM on. */
static void part(unsigned which, uint64_t req, uint8_t from)
{
	uint8_t v[IN_PART][AUDIT_HANDLE_BYTES];
	struct audit_record r;

	handles(v, IN_PART, from);
	audit_record_init(&r, AUDIT_PEOPLE);
	r.asking.request_id = req;
	r.parts = which;
	r.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])v;
	r.n_subjects = IN_PART;
	take(&r);
}

/* Request 1's record, whose list is of two parts, people 10 to 14 and 20 to 24. */
static void record(void)
{
	uint8_t v[OWN + 2 * IN_PART][AUDIT_HANDLE_BYTES];
	struct merkle_frontier f = { .size = 0 };
	struct merkle_hash leaf, root;
	struct audit_record r;

	handles(v, OWN, 1);
	handles(v + OWN, IN_PART, 10);
	handles(v + OWN + IN_PART, IN_PART, 20);
	for (size_t i = 0; i < OWN + 2 * IN_PART; i++) {
		merkle_leaf(sc_span(v[i], AUDIT_HANDLE_BYTES), &leaf);
		if (merkle_push(&f, &leaf, NULL, NULL) != SC_OK)
			abort();
	}
	merkle_root(&f, &root);
	audit_record_init(&r, AUDIT_REVEAL);
	r.asking.request_id = 1;
	r.outcome = AUDIT_OK;
	r.parts = 2;
	r.subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])v;
	r.n_subjects = OWN;
	r.subjects_total = OWN + 2 * IN_PART;
	r.subjects_root = root.b;
	take(&r);
}

static void something_else(void)
{
	struct audit_record r;

	audit_record_init(&r, AUDIT_START);
	take(&r);
}

/*
 * What the log has, a letter each: the parts of request 1's list (a, b), others in their place (c:
 * other people, d: another request's, e: the third), something else (x), the record (R).
 */
static void log_of(const char *letters)
{
	for (; *letters != '\0'; letters++)
		switch (*letters) {
		case 'a': part(1, 1, 10); break;
		case 'b': part(2, 1, 20); break;
		case 'c': part(2, 1, 21); break;
		case 'd': part(2, 2, 20); break;
		case 'e': part(3, 1, 20); break;
		case 'x': something_else(); break;
		default: record();
		}
}

static void test_lists(void)
{
	static const char not_before[] = "parts of its list of people are not right before it",
			  alone[] = "a part of a list of people stands without the one before it",
			  other[] = "its list of people is not the one whose root it tells";
	static const struct {
		const char *letters, *says; /* NULL: all is well */
	} cases[] = {
		{ "abR", NULL },
		{ "xabRx", NULL },
		{ "abRabR", NULL },
		{ "aabR", NULL }, /* the first was never answered */
		{ "abxabR", NULL },
		{ "ab", NULL },
		{ "R", not_before },
		{ "aR", not_before },
		{ "abxR", not_before },
		{ "abeR", not_before },
		{ "abRR", not_before },
		{ "bR", alone },
		{ "axbR", alone },
		{ "adR", alone },
		{ "b", alone },
		{ "axb", alone },
		{ "ad", alone },
		{ "acR", other },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		said = NULL;
		log_of(cases[i].letters);
		if (strcmp(said == NULL ? "" : said, cases[i].says == NULL ? "" : cases[i].says) !=
		    0) {
			printf("# %s: %s\n", cases[i].letters, said == NULL ? "well" : said);
			CHECK(false);
		}
		people_list_fini(&list);
	}
}

int main(void)
{
	RUN(test_lists, "a list of people that is not as its record says is told of");
	return tap_done();
}
