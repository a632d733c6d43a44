/*
 * members.c - the members of an event that are looked at. All others are dropped
 * here: their names are counted, unless every client library sends them.
 */
#include "gateway/take/private.h"

#include <string.h>

#define NAME_MAX_BYTES 40
#define DIGITS_MAX \
	4 /* between two letters: more could be somebody's number, however it is grouped */

/* ---- names that are dropped ------------------------------------------------------------ */

/* Only what looks like a member that somebody wrote into a program; a key can be a person's. */
static bool name_ok(struct sc_span name)
{
	size_t digits = 0;

	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i], letter = c | 0x20;
		bool is_letter = letter >= 'a' && letter <= 'z';
		bool digit = c >= '0' && c <= '9';

		digits = is_letter ? 0 : digits + digit;
		if (digits > DIGITS_MAX || !(digit || is_letter || strchr("_.$ -", c) != NULL))
			return false;
	}
	return name.n >= 1 && name.n <= NAME_MAX_BYTES;
}

void take_drop(const struct take *t, struct sc_span name)
{
	if (t->dropped != NULL)
		t->dropped->count(t->dropped->arg, name_ok(name) ? name : sc_span_str("?"));
}

/* A member that is looked at, or that is known and dropped without a word. */
struct sent_name {
	const char *name;
	uint8_t n;  /* bytes of it */
	uint8_t at; /* which of the nodes it is; SENT_DROPPED */
};
#define SENT_DROPPED 0xff
#define SENT_NAME(text, number) \
	{ \
		text, sizeof(text) - 1, number \
	}

/* ---- the tables ----------------------------------------------------------------------- */

static const struct sent_name event_names[] = {
	SENT_NAME("type", SENT_TYPE),
	SENT_NAME("event", SENT_EVENT),
	SENT_NAME("name", SENT_NAMED),
	SENT_NAME("category", SENT_CATEGORY),
	SENT_NAME("messageId", SENT_MESSAGE),
	SENT_NAME("anonymousId", SENT_ANONYMOUS),
	SENT_NAME("userId", SENT_USER),
	SENT_NAME("previousId", SENT_PREVIOUS),
	SENT_NAME("groupId", SENT_GROUP),
	SENT_NAME("timestamp", SENT_TIMESTAMP),
	SENT_NAME("originalTimestamp", SENT_ORIGINAL),
	SENT_NAME("sentAt", SENT_AT),
	SENT_NAME("properties", SENT_PROPERTIES),
	SENT_NAME("traits", SENT_TRAITS),
	SENT_NAME("context", SENT_CONTEXT),
	SENT_NAME("c", SENT_VERSION),
	SENT_NAME("i", SENT_INPUTS),
	SENT_NAME("w", SENT_WEBDRIVER),
	SENT_NAME("g", SENT_GPC),
	SENT_NAME("word", SENT_WORD),
	SENT_NAME("writeKey", SENT_DROPPED),
	SENT_NAME("integrations", SENT_DROPPED),
	SENT_NAME("_metadata", SENT_DROPPED),
	SENT_NAME("channel", SENT_DROPPED),
	SENT_NAME("receivedAt", SENT_DROPPED),
	SENT_NAME("version", SENT_DROPPED),
	SENT_NAME("batch", SENT_BATCH),
};

static const struct sent_name property_names[] = {
	SENT_NAME("product_id", SENT_PRODUCT), SENT_NAME("sku", SENT_SKU),
	SENT_NAME("item_id", SENT_SKU), /* GA4's */
	SENT_NAME("price", SENT_PRICE), SENT_NAME("value", SENT_VALUE),
	SENT_NAME("total", SENT_TOTAL), SENT_NAME("revenue", SENT_REVENUE),
	SENT_NAME("quantity", SENT_QUANTITY), SENT_NAME("category", SENT_OF_CATEGORY),
	SENT_NAME("item_category", SENT_OF_CATEGORY), SENT_NAME("products", SENT_PRODUCTS),
	SENT_NAME("items", SENT_PRODUCTS), SENT_NAME("order_id", SENT_ORDER),
	SENT_NAME("transaction_id", SENT_ORDER), SENT_NAME("query", SENT_QUERY),
	SENT_NAME("search_term", SENT_QUERY), SENT_NAME("campaign", SENT_CAMPAIGN),
	SENT_NAME("campaign_id", SENT_CAMPAIGN), SENT_NAME("promotion_id", SENT_PROMOTION),
	SENT_NAME("arm", SENT_ARM), SENT_NAME("path", SENT_PATH), SENT_NAME("url", SENT_URL),
	SENT_NAME("referrer", SENT_REFERRER), SENT_NAME("currency", SENT_DROPPED),
	SENT_NAME("title", SENT_DROPPED),
	SENT_NAME("search", SENT_DROPPED), /* of a page: its query string */
};

static const struct sent_name context_names[] = {
	SENT_NAME("page", SENT_PAGE),
	SENT_NAME("campaign", SENT_UTM),
	SENT_NAME("consent", SENT_CONSENT),
	SENT_NAME("consentManagement", SENT_MANAGED),
	SENT_NAME("active", SENT_DROPPED),
	SENT_NAME("app", SENT_DROPPED),
	SENT_NAME("device", SENT_DROPPED),
	SENT_NAME("groupId", SENT_DROPPED),
	SENT_NAME("ip", SENT_DROPPED),
	SENT_NAME("library", SENT_DROPPED),
	SENT_NAME("locale", SENT_DROPPED),
	SENT_NAME("location", SENT_DROPPED),
	SENT_NAME("network", SENT_DROPPED),
	SENT_NAME("os", SENT_DROPPED),
	SENT_NAME("referrer", SENT_DROPPED),
	SENT_NAME("screen", SENT_DROPPED),
	SENT_NAME("sessionId", SENT_DROPPED),
	SENT_NAME("sessionStart", SENT_DROPPED),
	SENT_NAME("timezone", SENT_DROPPED),
	SENT_NAME("traits", SENT_DROPPED),
	SENT_NAME("userAgent", SENT_DROPPED),
	SENT_NAME("userAgentData", SENT_DROPPED),
};

/* ---- reading ---------------------------------------------------------------------------- */

static const struct sent_name *find(const struct sent_name *names, size_t n, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < n; i++)
		if (names[i].n == length && memcmp(names[i].name, key, length) == 0)
			return &names[i];
	return NULL;
}

/* Of two names for one thing the table's first counts; of one name twice, none. */
static bool keep(const struct sent_name *names, size_t n, const struct sent_name *name,
    const struct doc_node *m, const struct doc_node **node)
{
	if (*node != NULL && strcmp((*node)->key, m->key) == 0)
		return false;
	if (*node == NULL || name < find(names, n, (*node)->key))
		*node = m;
	return true;
}

/*
 * The members of OBJECT that NAMES has go into NODES; the rest is counted. False when one of
 * them is there twice, or OBJECT is there and no object.
 */
static bool take_members(const struct take *t, const struct doc_node *object,
    const struct sent_name *names, size_t n, const struct doc_node **nodes)
{
	const struct sent_name *name;

	if (object == NULL || object->kind == DOC_NULL)
		return true;
	if (object->kind != DOC_OBJECT)
		return false;
	for (const struct doc_node *m = object->first; m != NULL; m = m->next) {
		if ((name = find(names, n, m->key)) == NULL)
			take_drop(t, sc_span_str(m->key));
		else if (name->at != SENT_DROPPED && !keep(names, n, name, m, &nodes[name->at]))
			return false;
	}
	return true;
}

#define TAKE_MEMBERS(t, object, names, nodes) \
	take_members(t, object, names, sizeof(names) / sizeof((names)[0]), nodes)

bool take_product(const struct take *t, const struct doc_node *object,
    const struct doc_node **properties)
{
	return object->kind == DOC_OBJECT && TAKE_MEMBERS(t, object, property_names, properties);
}

bool take_top(const struct take *t, const struct doc_node *object, const struct doc_node **nodes)
{
	return object->kind == DOC_OBJECT && TAKE_MEMBERS(t, object, event_names, nodes);
}

bool take_sent(const struct take *t, const struct doc_node *object, struct sent_event *out)
{
	*out = (struct sent_event){ .m = { NULL } };
	return take_top(t, object, out->m) &&
	    TAKE_MEMBERS(t, out->m[SENT_PROPERTIES], property_names, out->p) &&
	    TAKE_MEMBERS(t, out->m[SENT_CONTEXT], context_names, out->c) &&
	    TAKE_MEMBERS(t, out->c[SENT_PAGE], property_names, out->page);
}

/* ---- values ------------------------------------------------------------------------------- */

struct sc_span take_text(const struct take *t, const struct doc_node *node, size_t max)
{
	struct sc_span s = { NULL, 0 };

	if (node == NULL || node->half || (node->kind != DOC_TEXT && node->kind != DOC_NUMBER))
		return s;
	s = doc_said(&t->doc, node);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return sc_span(NULL, 0);
	return s.n <= max ? s : sc_span(NULL, 0);
}

/* What programs send when nobody is there: as ids they would make one person of many. */
static const char *const nobody[] = { "0", "null", "undefined", "none", "nil", "nan", "true",
	"false", "anonymous", "guest", "id", "unknown", "distinct_id", "[object object]",
	"00000000-0000-0000-0000-000000000000" };

struct sc_span take_id(const struct take *t, const struct doc_node *node)
{
	struct sc_span s = take_text(t, node, COLLECT_ID_MAX);

	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (sc_span_caseeq(s, nobody[i]))
			return sc_span(NULL, 0);
	return s;
}

bool take_yes(const struct doc_node *node)
{
	return node != NULL && node->kind == DOC_BOOL && node->yes;
}

uint32_t take_count(const struct doc_node *node, uint32_t max, uint32_t none)
{
	uint64_t v;

	if (node == NULL || (node->kind != DOC_NUMBER && node->kind != DOC_TEXT) ||
	    !sc_span_u64(sc_span_str(node->text), &v))
		return none;
	return v > max ? max : (uint32_t)v;
}
