/*
 * test_whose.c - a real keyd: a token belongs to its person, sealed again, opened,
 * refused or adopted.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

static struct fixture fx;

static char *ann, *bob, *nobodys, *number; /* phone tokens: of two people, of the class */

#define ANN "07700 900123"
#define BOB "07700 900456"
#define NOBODYS "07700 900789"

static void make_tokens(void)
{
	ann = fixture_seal(&fx, CLASS_PHONE, 0, "ann", ANN);
	bob = fixture_seal(&fx, CLASS_PHONE, 0, "bob", BOB);
	nobodys = fixture_seal(&fx, CLASS_PHONE, 0, NULL, NOBODYS);
	number = fixture_seal(&fx, CLASS_PHONE, TOKEN_NUMBER, NULL, "7700900321");
	NEED(ann && bob && nobodys && number);
}

static struct answer *seal_one(uint8_t class_id, uint8_t flags, const char *subject,
    const char *value)
{
	const struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	const struct keyc_item it = item_of(class_id, flags, subject, value);
	struct answer *a = fixture_ask(&fx, keyc_seal, &c, &it, 1);

	if (a->err != SC_OK || a->n != 1)
		abort();
	return a;
}

static struct answer *open_one(uint8_t flags, const char *subject, const char *token)
{
	const struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	const struct keyc_item it = item_of(0, flags, subject, token);
	struct answer *a = fixture_ask(&fx, keyc_open, &c, &it, 1);

	if (a->err != SC_OK || a->n != 1)
		abort();
	return a;
}

/* TOKEN under SUBJECT is closed to whoever says that it is theirs, and STATUS is why. */
static void stays_closed(uint8_t flags, const char *subject, const char *token,
    enum wire_status status)
{
	struct answer *a = open_one(flags, subject, token);

	CHECK(a->r[0].status == status && a->r[0].action == ACTION_DENY && a->r[0].len == 0);
	answer_free(a);
}

static void opens(uint8_t flags, const char *subject, const char *token, const char *value)
{
	struct answer *a = open_one(flags, subject, token);

	CHECK(a->r[0].status == WIRE_OK && strcmp(a->r[0].text, value) == 0);
	answer_free(a);
}

/* TOKEN sealed for SUBJECT is another token, of SUBJECT's, and opens to no more than TOKEN's text. */
static void becomes_text(uint8_t flags, const char *subject, const char *token)
{
	struct answer *a = seal_one(CLASS_PHONE, flags, subject, token);

	CHECK(a->r[0].status == WIRE_OK && a->r[0].action == ACTION_TOKENISE);
	CHECK(a->r[0].kind == (TOKEN_STRING | KEYC_RESEALED));
	CHECK(strcmp(a->r[0].text, token) != 0);
	opens(0, subject, a->r[0].text, token);
	answer_free(a);
}

static void stays_as_it_is(uint8_t flags, const char *subject, const char *token)
{
	struct answer *a = seal_one(CLASS_PHONE, flags, subject, token);

	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_STRING);
	CHECK(strcmp(a->r[0].text, token) == 0);
	answer_free(a);
}

/* A row for each: whose the token is, and what the item says. */
static void test_sealing(void)
{
	stays_as_it_is(0, "ann", ann);
	stays_as_it_is(KEYC_REFUSE, "ann", ann);
	stays_as_it_is(KEYC_ADOPT | KEYC_REFUSE, "bob", bob);
	becomes_text(0, "bob", ann);
	becomes_text(0, "ann", bob);
	becomes_text(KEYC_ADOPT, "ann", bob);
	becomes_text(0, "ann", nobodys);
	/* somebody of whom nothing was sealed before */
	becomes_text(0, "mallory", ann);
	/* who names nobody seals as ever */
	stays_as_it_is(0, NULL, ann);
	stays_as_it_is(KEYC_REFUSE | KEYC_ADOPT, NULL, ann);
	stays_as_it_is(KEYC_REFUSE | KEYC_ADOPT, NULL, nobodys);
}

static void test_refusing(void)
{
	static const struct {
		uint8_t class_id, flags;
		const char *subject;
		char **token;
	} rows[] = {
		{ CLASS_PHONE, KEYC_REFUSE, "bob", &ann },
		{ CLASS_PHONE, KEYC_REFUSE, "ann", &nobodys },
		{ CLASS_PHONE, KEYC_REFUSE | KEYC_ADOPT, "ann", &bob },
		/* of another class than the field's it is no less somebody else's */
		{ CLASS_NAME, KEYC_REFUSE, "bob", &ann },
		{ CLASS_NAME, KEYC_REFUSE, "ann", &nobodys },
	};
	struct answer *a;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = seal_one(rows[i].class_id, rows[i].flags, rows[i].subject, *rows[i].token);
		CHECK(a->r[0].status == WIRE_FOREIGN && a->r[0].len == 0);
		answer_free(a);
	}
	/* and one of their own, of another class, is a text as ever */
	a = seal_one(CLASS_NAME, KEYC_REFUSE, "ann", ann);
	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_STRING);
	opens(0, "ann", a->r[0].text, ann);
	answer_free(a);
}

static void test_forged(void)
{
	char *t = strdup(ann);
	struct answer *a;

	NEED(t != NULL);
	t[strlen(t) - 3] = t[strlen(t) - 3] == 'a' ? 'b' : 'a';
	/* what nobody sealed is nobody's: a text to seal, and bad to open */
	a = seal_one(CLASS_PHONE, KEYC_REFUSE, "bob", t);
	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_STRING);
	answer_free(a);
	stays_closed(0, "bob", t, WIRE_BAD_TOKEN);
	stays_closed(0, "ann", t, WIRE_BAD_TOKEN);
	free(t);
}

static void test_adopting(void)
{
	struct answer *a = seal_one(CLASS_PHONE, KEYC_ADOPT, "ann", nobodys), *b;

	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_STRING);
	CHECK(strcmp(a->r[0].text, nobodys) != 0);
	opens(0, "ann", a->r[0].text, NOBODYS);
	stays_closed(0, "bob", a->r[0].text, WIRE_FOREIGN);
	/* it is the token that the value itself gets */
	b = seal_one(CLASS_PHONE, 0, "ann", NOBODYS);
	CHECK(strcmp(a->r[0].text, b->r[0].text) == 0);
	answer_free(a);
	answer_free(b);
	/* it is still the number that it was, whatever now stood there */
	a = seal_one(CLASS_PHONE, KEYC_ADOPT, "ann", number);
	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_NUMBER);
	b = open_one(0, "ann", a->r[0].text);
	CHECK(b->r[0].kind == TOKEN_NUMBER && strcmp(b->r[0].text, "7700900321") == 0);
	answer_free(a);
	answer_free(b);
	/* as a name it is none to adopt */
	a = seal_one(CLASS_NAME, KEYC_ADOPT, "ann", nobodys);
	CHECK(a->r[0].status == WIRE_OK && a->r[0].kind == TOKEN_STRING);
	opens(0, "ann", a->r[0].text, nobodys);
	answer_free(a);
}

static void test_opening(void)
{
	opens(0, "ann", ann, ANN);
	opens(KEYC_ADOPT, "ann", ann, ANN);
	opens(KEYC_ADOPT, "ann", nobodys, NOBODYS);
	opens(0, NULL, ann, ANN);
	opens(0, NULL, nobodys, NOBODYS);
	stays_closed(0, "bob", ann, WIRE_FOREIGN);
	stays_closed(KEYC_ADOPT, "bob", ann, WIRE_FOREIGN);
	stays_closed(0, "ann", nobodys, WIRE_FOREIGN);
	stays_closed(0, "nobody-ever", ann, WIRE_FOREIGN);
	/* no flag that is not an opening's */
	{
		const struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
		const struct keyc_item it = item_of(0, KEYC_REFUSE, "ann", ann);
		struct answer *a = fixture_ask(&fx, keyc_open, &c, &it, 1);

		CHECK(a->err == SC_BUG);
		answer_free(a);
	}
}

/* A waybill of sender and receiver, each item naming one of them. */
static void test_several(void)
{
	const struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	const struct keyc_item it[] = {
		item_of(0, 0, "ann", ann),
		item_of(0, 0, "bob", bob),
		item_of(0, 0, "ann", bob),
		item_of(0, 0, NULL, bob),
	};
	struct answer *a = fixture_ask(&fx, keyc_open, &c, it, 4);

	NEED(a->err == SC_OK && a->n == 4);
	CHECK(strcmp(a->r[0].text, ANN) == 0 && strcmp(a->r[1].text, BOB) == 0);
	CHECK(a->r[2].status == WIRE_FOREIGN && strcmp(a->r[3].text, BOB) == 0);
	/* whose value was asked for in vain is in the record as well */
	CHECK(a->n_subjects == 2);
	answer_free(a);
}

/* The keys of neither are at hand: the questions wait for the store, and come to the same. */
static void test_after_restart(void)
{
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	becomes_text(0, "bob", ann);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	stays_closed(0, "bob", ann, WIRE_FOREIGN);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	stays_as_it_is(0, "ann", ann);
}

static void test_log(void)
{
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"op\":\"read\"", "\"foreign\":1") == 7);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", "\"revealed\":3,\"foreign\":1") == 1);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"foreign\":") >= 1);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"adopted\":") >= 1);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", "\"adopted\":") == 0);
	free(ann), free(bob), free(nobodys), free(number);
}

int main(void)
{
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	make_tokens();
	RUN(test_sealing, "a token of somebody else is sealed as text, an own one stays");
	RUN(test_refusing, "or is refused, where the item says so");
	RUN(test_forged, "what nobody sealed is nobody's");
	RUN(test_adopting, "a class's token becomes a person's where the item says so");
	RUN(test_opening, "a token of somebody else stays closed");
	RUN(test_several, "each item of a question has its own person");
	RUN(test_after_restart, "also where the keys have to be waited for");
	RUN(test_log, "and the log counts it");
	fixture_remove(&fx);
	return tap_done();
}
