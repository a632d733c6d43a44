/*
 * phone_pools.c - pools of virtual numbers, and the ladder between them.
 *
 * Pools are read as the file has them; then their numbers are spelt out, and the
 * names of the next pool become places in the list.
 */
#include "gateway/config/phone.h"

#include <stddef.h>
#include <string.h>

#define CODES_MAX 64
#define DAY_S 86400u
#define PREFIX_MAX 15 /* digits of what may be dialled */

/* A pool as the file has it. */
struct pool_text {
	struct phone_pool pool;
	struct number_ranges numbers;
	struct sc_name next;
	uint8_t channels; /* bits by channel_names */
};
struct pool_texts {
	struct pool_text *v;
	size_t n;
};

static const char *pool_name(const void *config, unsigned i)
{
	const struct phone_settings *s = ((const struct config *)config)->phone;

	return i < s->n_pools ? s->pools[i].name.s : NULL;
}
const struct shape_words config_pools = { "pool", .name = pool_name };

/* ---- readers ----------------------------------------------------------------------- */

static bool read_code(struct shape_ctx *c, const struct doc_node *node, const char **out)
{
	const struct shape_row row = { .max = PREFIX_MAX, .read = shape_text };

	if (!shape_read(c, &row, node, out))
		return false;
	return ((*out)[strspn(*out, "0123456789")] == '\0' && (*out)[0] != '0') ||
	    shape_must(c, node, "be digits without a plus, such as \"44\" or \"447700\"");
}

/* What may be dialled: calling codes, or more of a number's first digits. */
static bool read_dial(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct pool_text *t = field;
	const char **v;
	bool ok = true;

	if (node->kind != DOC_LIST || node->n == 0 || node->n > CODES_MAX)
		return shape_must(c, node,
		    "be a list of 1 to %d calling codes that may be dialled, such as [\"44\"]",
		    CODES_MAX);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	t->pool.dial = v;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next)
		ok &= read_code(c, e, &v[t->pool.n_dial++]);
	return ok;
}

static bool read_watermarks(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const size_t n = sizeof(((struct phone_pool *)0)->watermarks);
	const struct shape_row row = { .read = shape_count, .size = 1, .min = 1, .max = 100 };
	uint8_t *marks = field;
	size_t i = 0;

	if (node->kind != DOC_LIST || node->n != n)
		return shape_must(c, node, "be %zu per cents of a pool, such as [70, 85, 95]", n);
	for (const struct doc_node *e = node->first; e != NULL; e = e->next, i++) {
		if (!shape_read(c, &row, e, &marks[i]))
			return false;
		if (i > 0 && marks[i] <= marks[i - 1])
			return shape_wrong(c, e, "watermarks ascend: %u does not go behind %u",
			    marks[i], marks[i - 1]);
	}
	return true;
}

bool config_read_display(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char **display = field;

	if (!shape_text(c, node, display))
		return false;
	return phone_display_ok(*display) ||
	    shape_must(c, node,
		"have nothing in braces but {number}, {national}, {ext}, {masked} and {until}");
}

/* ---- a pool by itself ---------------------------------------------------------------- */

bool config_check_display(struct shape_ctx *c, const struct doc_node *node, const char *display,
    bool axe)
{
	if (strstr(display, "{number}") == NULL && strstr(display, "{national}") == NULL)
		return shape_must(c, node, "say {number} or {national}: that is what one calls");
	if ((strstr(display, "{ext}") != NULL) != axe)
		return shape_must(c, node,
		    axe ? "say {ext}: without the extension nobody is reached" :
			  "not say {ext}: only pools of mode AXE have extensions");
	return true;
}

static bool check_pool(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct pool_text *t = into;
	struct phone_pool *p = &t->pool;
	const struct doc_node *ext = doc_find(object, "ext_digits");
	const struct doc_node *ttl = doc_find(object, "ttl");
	const struct doc_node *display = doc_find(object, "display");
	bool ok, axe = p->mode == PHONE_AXE;

	p->voice = (t->channels & 1) != 0;
	p->sms = (t->channels & 2) != 0;
	p->next = PHONE_NO_POOL;
	if (display == NULL)
		p->display = axe ? "{number}-{ext}" : "{number}";
	ok = display == NULL || config_check_display(c, display, p->display, axe);
	if (p->ttl_s > p->ttl_max_s)
		ok = shape_wrong(c, ttl != NULL ? ttl : doc_find(object, "ttl_max"),
		    "\"ttl\" is longer than \"ttl_max\"%s",
		    ttl == NULL ? ": it is 15d when nothing is said" : "");
	if (ext != NULL && p->mode != PHONE_AXE)
		ok = shape_wrong(c, ext,
		    "\"ext_digits\" is for mode AXE: in %s the number alone leads to somebody",
		    phone_mode_names[p->mode]);
	return ok;
}

static void begin_pool(struct shape_ctx *c, void *into)
{
	struct pool_text *t = into;

	(void)c;
	t->channels = 3;
	t->pool.loose = true;
	t->pool.callback = true;
	memcpy(t->pool.watermarks, (uint8_t[]){ 70, 85, 95 }, sizeof(t->pool.watermarks));
}

static const char *const channel_names[] = { "voice", "sms", NULL };
static const char *const match_names[] = { "strict", "loose", NULL };
static const char *const digit_names[] = { [PHONE_SMS_REDACT] = "redact",
	[PHONE_SMS_HOLD] = "hold",
	[PHONE_SMS_DISCARD] = "discard",
	NULL };
static const struct shape_words modes = { "mode", .list = phone_mode_names };
static const struct shape_words channels = { "channel", .list = channel_names };
static const struct shape_words matches = { "\"region_match\"", .list = match_names };
static const struct shape_words digits = { "\"sms_digits\"", .list = digit_names };

#define TEXT_AT(field) SHAPE_AT(struct pool_text, field)
#define AT(field) TEXT_AT(pool.field)
static const struct shape_row rows[] = {
	{ "name", shape_name, AT(name), .need = true, .once = true },
	{ "mode", shape_word, AT(mode), .need = true, .words = &modes },
	{ "ext_digits", shape_count, AT(ext_digits), .min = 3, .max = PHONE_EXT_DIGITS_MAX },
	{ "ttl", shape_seconds, AT(ttl_s), .usual = 15 * DAY_S, .min = 60, .max = YEAR_S },
	{ "ttl_max", shape_seconds, AT(ttl_max_s), .usual = 90 * DAY_S, .min = 60, .max = YEAR_S },
	{ "after", shape_seconds, AT(after_s), .usual = 3 * DAY_S, .max = YEAR_S },
	{ "cooldown", shape_seconds, AT(cooldown_s), .usual = 7 * DAY_S,
	    .min = PHONE_COOLDOWN_MIN_S, .max = YEAR_S },
	{ "region_match", shape_word, AT(loose), .words = &matches },
	{ "callback", shape_bool, AT(callback) },
	{ "callback_for", shape_seconds, AT(callback_s), .usual = 3 * DAY_S, .min = 60,
	    .max = YEAR_S },
	{ "channels", shape_set, TEXT_AT(channels), .words = &channels },
	{ "sms_digits", shape_word, AT(sms_digits), .words = &digits },
	{ "next", shape_name, TEXT_AT(next) },
	{ "hotline", config_read_e164, AT(hotline), .max = PHONE_E164_MAX },
	{ "max_call", shape_seconds, AT(max_call_s), .usual = 1800, .min = 60, .max = DAY_S },
	{ "max_parallel", shape_count, AT(max_parallel), .usual = 2, .min = 1, .max = 1000 },
	{ "max_calls_per_day", shape_count, AT(max_calls_day), .usual = 50, .min = 1,
	    .max = 10000 },
	{ "watermarks", read_watermarks, AT(watermarks) },
	{ "dial", read_dial, SHAPE_HERE, .need = true },
	{ "display", config_read_display, AT(display), .max = CONFIG_DISPLAY_MAX },
	{ "numbers", shape_list, SHAPE_LIST(struct pool_text, numbers.v, numbers.n), .need = true,
	    .min = 1, .max = PHONE_LINES_MAX, .shape = &config_number_shape },
	{ .key = NULL },
};
const struct shape config_pool_shape = { "pool", rows, sizeof(struct pool_text),
	.begin = begin_pool, .check = check_pool };

/* ---- all of them together ------------------------------------------------------------- */

/* The name of the next pool as its place. */
static bool find_next(struct shape_ctx *c, const struct doc_node *node, struct phone_pool *p)
{
	const struct shape_row row = { .read = shape_word,
		.size = sizeof(p->next),
		.words = &config_pools };
	const struct phone_pool *next;

	if (node == NULL || node->kind != DOC_TEXT) /* which was told */
		return true;
	if (!shape_read(c, &row, node, &p->next))
		return false;
	next = &config_phone_of(c)->pools[p->next];
	return next->mode == p->mode ||
	    shape_wrong(c, node, "pool %s has mode %s and cannot stand in for one of mode %s",
		next->name.s, phone_mode_names[next->mode], phone_mode_names[p->mode]);
}

/* Does walking on from pool I come back to it, and is it the first of that circle? */
static bool leads_back(const struct phone_settings *s, size_t i)
{
	size_t at = i;

	for (size_t n = 0; n < s->n_pools; n++) {
		if (s->pools[at].next >= s->n_pools)
			return false;
		at = s->pools[at].next;
		if (at <= i)
			return at == i;
	}
	return false;
}

static bool check_ladder(struct shape_ctx *c, const struct doc_node *list)
{
	struct phone_settings *s = config_phone_of(c);
	const struct doc_node *e = list->first;
	bool ok = true;

	for (size_t i = 0; i < s->n_pools; i++, e = e->next)
		ok &= find_next(c, doc_find(e, "next"), &s->pools[i]);
	e = list->first;
	for (size_t i = 0; i < s->n_pools; i++, e = e->next)
		if (leads_back(s, i))
			ok = shape_wrong(c, doc_find(e, "next"),
			    "the pools lead from one to the next in a circle, back to %s",
			    s->pools[i].name.s);
	return ok;
}

/* A hotline answers by itself; an X that leads to somebody cannot be one. */
static bool check_hotlines(struct shape_ctx *c, const struct doc_node *list)
{
	const struct phone_settings *s = config_phone_of(c);
	const struct doc_node *e = list->first;
	bool ok = true;

	for (size_t i = 0; i < s->n_pools; i++, e = e->next)
		for (size_t l = 0; s->pools[i].hotline != NULL && l < s->n_lines; l++)
			if (strcmp(s->lines[l].e164, s->pools[i].hotline) == 0)
				ok = shape_wrong(c, doc_find(e, "hotline"),
				    "%s is a number of pool %s, so it cannot be a hotline",
				    s->lines[l].e164, s->pools[s->lines[l].pool].name.s);
	return ok;
}

/* Take them over, also those that something is wrong with: others name them. */
static bool take_pools(struct shape_ctx *c, const struct doc_node *list, struct pool_text *v,
    size_t n)
{
	struct phone_settings *s = config_phone_of(c);
	struct number_ranges *ranges = shape_alloc(c, n * sizeof(*ranges));
	bool ok;

	if (ranges == NULL || (s->pools = shape_alloc(c, n * sizeof(*s->pools))) == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		s->pools[i] = v[i].pool;
		s->pools[i].next = PHONE_NO_POOL;
		ranges[i] = v[i].numbers;
		if (s->pools[i].mode == PHONE_AXE && s->pools[i].ext_digits == 0)
			s->pools[i].ext_digits = 4;
	}
	s->n_pools = n;
	ok = check_ladder(c, list);
	ok &= config_lines_make(c, list, ranges);
	return check_hotlines(c, list) && ok;
}

bool config_read_pools(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct pool_texts texts = { .n = 0 };
	struct shape_row row = *c->row;
	bool ok;

	(void)field;
	row.read = shape_list;
	row.at = offsetof(struct pool_texts, v);
	row.count_at = offsetof(struct pool_texts, n);
	ok = shape_read(c, &row, node, &texts.v);
	if (texts.n == 0 || c->err != SC_OK)
		return false;
	return take_pools(c, node, texts.v, texts.n) && ok;
}
