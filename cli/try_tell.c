/*
 * try_tell.c - what was found, for a terminal.
 */
#include "cli/drift_line.h"
#include "cli/text_table.h"
#include "cli/try.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (64u << 20)
#define COLUMNS 6
#define WHAT_MAX 1024 /* bytes of a list in one cell; a longer one is cut */

#define N_OF(n) (n), (n) == 1 ? "" : "s"

static struct text_cell cell(const char *text)
{
	return (struct text_cell){ sc_span_str(text), false };
}

/* Append to the list in OUT, which has SIZE bytes. */
__attribute__((format(printf, 3, 4))) static void add(char *out, size_t size, const char *fmt, ...)
{
	const size_t n = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(out + n, size - n, fmt, ap) >= (int)(size - n))
		out[n] = '\0';
	va_end(ap);
}

/* ---- tables ---------------------------------------------------------------------------------------- */

/* Row I of T's into ROW, with the texts in TEXTS; false: it has none. */
#define TEXTS 4
typedef bool row_fn(const struct trial *t, size_t i, char texts[TEXTS][WHAT_MAX],
    struct text_cell row[COLUMNS]);

static enum sc_err put_table(const struct trial *t, const struct text_cell *names, size_t columns,
    size_t n, row_fn *fn, struct sc_buf *out)
{
	struct text_table table = { .n_columns = 0 };
	struct text_cell row[COLUMNS];
	char texts[TEXTS][WHAT_MAX];
	enum sc_err err;

	text_table_measure(&table, names, columns);
	for (size_t i = 0; i < n; i++)
		if (fn(t, i, texts, row))
			text_table_measure(&table, row, columns);
	err = text_table_print(&table, names, columns, out);
	for (size_t i = 0; i < n && err == SC_OK; i++)
		if (fn(t, i, texts, row))
			err = text_table_print(&table, row, columns, out);
	return err;
}

/* ---- rules ----------------------------------------------------------------------------------------- */

static void list_became(const struct trial *t, const struct try_rule *r, char out[WHAT_MAX])
{
	for (size_t i = 0; i < r->n_became; i++) {
		const struct try_became *b = &r->became[i];

		if (i != 0)
			add(out, WHAT_MAX, ", ");
		if (r->n_became != 1 || b->n != r->n)
			add(out, WHAT_MAX, "%" PRIu64 " ", b->n);
		add(out, WHAT_MAX, "%s", try_what_said[b->what]);
		if (b->class_id != CLASS_NONE)
			add(out, WHAT_MAX, " as %s", try_class(t, b->class_id));
	}
	if (r->n == 0)
		add(out, WHAT_MAX,
		    r->others == 0 ? "it matches nothing" : "other rules have its places");
}

static bool rule_row(const struct trial *t, size_t i, char texts[TEXTS][WHAT_MAX],
    struct text_cell row[COLUMNS])
{
	const struct field_rule *rule = &t->rules->v[i];
	const struct try_rule *r = &t->of[i];

	for (size_t k = 0; k < TEXTS; k++)
		texts[k][0] = '\0';
	add(texts[0], WHAT_MAX, "%" PRIu64, r->n);
	list_became(t, r, texts[1]);
	/* the one place that is meant is told already */
	for (size_t k = 0; k < r->n_where && (r->n_where > 1 || strcmp(r->where[0], rule->at) != 0);
	     k++)
		add(texts[2], WHAT_MAX, "%s%s", k == 0 ? "" : ", ", r->where[k]);
	add(texts[3], WHAT_MAX, "%u", rule->line);
	row[0] = (struct text_cell){ sc_span_str(texts[3]), true };
	row[1] = (struct text_cell){ sc_span_str(texts[0]), true };
	row[2] = cell(rule->at);
	row[3] = cell(rule->form->name);
	row[4] = cell(texts[1]);
	row[5] = cell(texts[2]);
	return true;
}

static enum sc_err put_rules(const struct trial *t, struct sc_buf *out)
{
	static const struct text_cell names[COLUMNS] = { { SC_LIT("line"), true },
		{ SC_LIT("places"), true }, { SC_LIT("at"), false }, { SC_LIT("do"), false },
		{ SC_LIT("what becomes of them"), false }, { SC_LIT("such as"), false } };

	if (t->rules->n == 0)
		return sc_buf_put_str(out,
		    "there are no rules for this side: all of it passes as it is\n");
	return put_table(t, names, COLUMNS, t->rules->n, rule_row, out);
}

/* ---- whose ----------------------------------------------------------------------------------------- */

static const char *where_said(const struct subject_place *p)
{
	switch (p->where) {
	case SUBJECT_PATH: return "of the path";
	case SUBJECT_QUERY: return "of the query";
	case SUBJECT_HEADER: return "of the head";
	case SUBJECT_BODY: break;
	}
	return p->order ? "as keyd knows the order" : p->guest ? "as an order's guest" : "";
}

static enum sc_err put_subject(const struct trial *t, struct sc_buf *out)
{
	const struct subject_places *s = &t->route->subject;
	enum sc_err err = sc_buf_put_str(out, "\nwhose it is: ");

	if (s->n == 0 && err == SC_OK)
		err = sc_buf_put_str(out, "the route has no \"subject\"");
	for (size_t i = 0; i < s->n && err == SC_OK; i++)
		err = sc_buf_printf(out, "%s%s%s%s", i == 0 ? "" : ", else ", s->v[i].name,
		    where_said(&s->v[i])[0] == '\0' ? "" : " ", where_said(&s->v[i]));
	if (err == SC_OK && s->n != 0)
		err = sc_buf_printf(out, ": said by %" PRIu64 " of %" PRIu64 " document%s",
		    t->n_subject, N_OF(t->n));
	if (err == SC_OK && t->n_remembered != 0)
		err = sc_buf_printf(out, ", by its order of %" PRIu64, t->n_remembered);
	if (err == SC_OK && t->n_elsewhere != 0)
		err = sc_buf_printf(out, ", beside the body of %" PRIu64, t->n_elsewhere);
	if (err == SC_OK && t->n_bad != 0)
		err = sc_buf_printf(out, ", of %" PRIu64 " it is no one person's id", t->n_bad);
	if (err == SC_OK && t->n_people != 0)
		err = sc_buf_printf(out, "; rules name %" PRIu64 " more", t->n_people);
	return err == SC_OK ? sc_buf_put_str(out, "\n") : err;
}

static enum sc_err put_whose(const struct trial *t, struct sc_buf *out)
{
	enum sc_err err = put_subject(t, out);

	if (err == SC_OK && t->route->order != NULL && !t->answer)
		err = sc_buf_printf(out,
		    "the order: %s: said by %" PRIu64 " of %" PRIu64 " document%s\n",
		    t->route->order, t->n_order, N_OF(t->n));
	if (err == SC_OK && t->n_nobodys != 0)
		err = sc_buf_printf(out,
		    "%" PRIu64
		    " value%s would be nobody's: sealed, and out of reach of any erasure\n",
		    N_OF(t->n_nobodys));
	return err;
}

/* ---- who reads it ---------------------------------------------------------------------------------- */

struct readers {
	const struct trial *t;
	struct sc_buf *out;
	struct try_reader last;
	bool any;
	enum sc_err err;
};

static const char *action_said(uint8_t action)
{
	return action == ACTION_DENY  ? "nothing" :
	    action == ACTION_TOKENISE ? "the token" :
	    action == ACTION_DROP     ? "null" :
					policy_action_name(action);
}

static void put_reader(void *arg, const struct try_reader *r)
{
	struct readers *s = arg;
	const struct trial *t = s->t;
	const bool same = s->any && s->last.class_id == r->class_id && s->last.role == r->role;

	if (s->err == SC_OK && !s->any)
		s->err = sc_buf_put_str(s->out,
		    "\nwho reads what is sealed (nobody else is given anything):\n");
	if (s->err == SC_OK && same)
		s->err = sc_buf_put_str(s->out, "; ");
	if (s->err == SC_OK && !same)
		s->err = sc_buf_printf(s->out, "%s  %-12s %-16s ", s->any ? "\n" : "",
		    try_class(t, r->class_id), policy_role_name(t->policy, r->role)->s);
	if (s->err == SC_OK)
		s->err = sc_buf_printf(s->out, "%s: %s",
		    policy_purpose_name(t->policy, r->purpose)->s, action_said(r->gives));
	if (s->err == SC_OK && r->else_gives != r->gives)
		s->err =
		    sc_buf_printf(s->out, " (else %s: %s)", action_said(r->else_gives), r->why);
	s->any = true;
	s->last = *r;
}

static enum sc_err put_readers(const struct trial *t, struct sc_buf *out)
{
	struct readers s = { .t = t, .out = out };

	try_readers(t, put_reader, &s);
	return s.err == SC_OK && s.any ? sc_buf_put_str(out, "\n") : s.err;
}

/* ---- what nobody declared --------------------------------------------------------------------------- */

static const char *const did_said[] = { [UNDECLARED_PASS] = "passes, unseen",
	[UNDECLARED_REPORT] = "passes, and is told",
	[UNDECLARED_MASK] = "masked",
	[UNDECLARED_SEAL] = "sealed",
	[UNDECLARED_REFUSE] = "refused" };

static bool seen_row(const struct trial *t, size_t i, char texts[TEXTS][WHAT_MAX],
    struct text_cell row[COLUMNS])
{
	static const char *const bys[] = { [UNDECLARED_FORM] = "its form",
		[UNDECLARED_TEXT] = "in a text",
		[UNDECLARED_NAME] = "its name" };
	const struct undeclared_seen *s = &t->seen[i].what;

	snprintf(texts[0], WHAT_MAX, "%" PRIu64, t->seen[i].n);
	row[0] = (struct text_cell){ sc_span_str(texts[0]), true };
	row[1] = cell(s->path);
	row[2] = cell(try_class(t, s->class_id));
	row[3] = cell(bys[s->by]);
	row[4] = cell(did_said[s->did]);
	return true;
}

static bool was_said(const struct trial *t, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(t->seen[j].what.path, t->seen[i].what.path) == 0)
			return true;
	return false;
}

static enum sc_err put_lines(const struct trial *t, struct sc_buf *out)
{
	enum sc_err err = SC_OK;
	bool any = false;

	for (size_t i = 0; i < t->n_seen && err == SC_OK; i++) {
		const struct undeclared_seen *s = &t->seen[i].what;

		if (!drift_line_leads(s->path) || was_said(t, i))
			continue;
		if (!any)
			err = sc_buf_printf(out,
			    "\nin \"request\" of route \"%s\"; {\"at\": ..., \"do\": \"pass\"} "
			    "for what is nobody's:\n",
			    t->route->name.s);
		any = true;
		if (err == SC_OK && (err = sc_buf_put_str(out, "  ")) == SC_OK)
			err = drift_line(s->path, try_class(t, s->class_id),
			    s->by == UNDECLARED_TEXT, out);
		if (err == SC_OK)
			err = sc_buf_put_str(out, ",\n");
	}
	return err;
}

static enum sc_err put_undeclared(const struct trial *t, struct sc_buf *out)
{
	static const struct text_cell names[] = { { SC_LIT("values"), true },
		{ SC_LIT("place"), false }, { SC_LIT("class"), false },
		{ SC_LIT("seen by"), false }, { SC_LIT("what becomes of it"), false } };
	uint64_t told = 0;
	enum sc_err err;

	if (t->n_seen == 0)
		return SC_OK;
	err = sc_buf_put_str(out, "\nno rule speaks of what looks personal here:\n");
	if (err == SC_OK)
		err =
		    put_table(t, names, sizeof(names) / sizeof(names[0]), t->n_seen, seen_row, out);
	for (size_t i = 0; i < t->n_seen; i++)
		told += t->seen[i].n;
	if (err == SC_OK && told < t->n_undeclared)
		err = sc_buf_printf(out, "and %" PRIu64 " more at further places\n",
		    t->n_undeclared - told);
	return err == SC_OK ? put_lines(t, out) : err;
}

/* ---- documents that are refused ------------------------------------------------------------------ */

static enum sc_err put_refusals(const struct trial *t, struct sc_buf *out)
{
	enum sc_err err = t->n_refused == 0 ? SC_OK : sc_buf_put_str(out, "\n");

	for (size_t i = 0; i < t->n_refused && i < TRY_REFUSALS && err == SC_OK; i++) {
		const struct try_refusal *r = &t->refusals[i];

		err = sc_buf_printf(out, "%s, document %" PRIu64 ": %s: %s at byte %zu%s%s: %s\n",
		    strcmp(r->file, "-") == 0 ? "standard input" : r->file, r->document,
		    t->answer ? "withheld" : "refused", r->name, r->offset,
		    r->place[0] == '\0' ? "" : ", ", r->place, r->text);
	}
	return err;
}

static enum sc_err put_summary(const struct trial *t, struct sc_buf *out)
{
	return sc_buf_printf(out,
	    "\n%" PRIu64 " document%s: %" PRIu64 " would be %s; %" PRIu64
	    " undeclared value%s would pass\n",
	    N_OF(t->n), t->n_refused, t->answer ? "withheld" : "refused", N_OF(t->n_passing));
}

static enum sc_err put_head(const struct trial *t, struct sc_buf *out)
{
	enum sc_err err = sc_buf_printf(out, "%s of route %s: from %s, for %s",
	    t->answer ? "answers" : "requests", t->route->name.s,
	    policy_role_name(t->policy, t->writer.role)->s,
	    policy_purpose_name(t->policy, t->writer.purpose)->s);

	if (err == SC_OK && t->reader.op == POLICY_SHARE)
		err = sc_buf_printf(out, ", to %s, for %s",
		    policy_role_name(t->policy, t->reader.recipient_role)->s,
		    policy_purpose_name(t->policy, t->reader.recipient_purpose)->s);
	return err == SC_OK ? sc_buf_put_str(out, "\n\n") : err;
}

int try_tell(const struct trial *t)
{
	static enum sc_err (*const parts[])(const struct trial *t, struct sc_buf *out) = { put_head,
		put_rules, put_whose, put_readers, put_undeclared, put_refusals, put_summary };
	struct sc_buf out;
	enum sc_err err = SC_OK;

	sc_buf_init(&out, OUT_MAX);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == SC_OK; i++)
		err = parts[i](t, &out);
	if (err == SC_OK)
		fwrite(out.p, 1, out.n, stdout);
	sc_buf_fini(&out);
	return err == SC_OK ? cli_flush(CLI_DONE) : cli_fail(CLI_NO, "%s", cli_err_text(err));
}
