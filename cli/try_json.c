/*
 * try_json.c - what was found, for programs.
 */
#include "cli/drift_line.h"
#include "cli/try.h"

#define OUT_MAX (64u << 20)

static void put_rule(const struct trial *t, size_t i, struct jsonw *w)
{
	const struct field_rule *rule = &t->rules->v[i];
	const struct try_rule *r = &t->of[i];

	jsonw_object(w);
	jsonw_ku64(w, "line", rule->line);
	jsonw_kstr(w, "at", rule->at);
	jsonw_kstr(w, "do", rule->form->name);
	if (rule->class_id != CLASS_NONE)
		jsonw_kstr(w, "class", try_class(t, rule->class_id));
	jsonw_ku64(w, "places", r->n);
	jsonw_ku64(w, "others", r->others);
	jsonw_key(w, "where");
	jsonw_array(w);
	for (size_t k = 0; k < r->n_where; k++)
		jsonw_str(w, r->where[k]);
	jsonw_array_end(w);
	jsonw_key(w, "becomes");
	jsonw_array(w);
	for (size_t k = 0; k < r->n_became; k++) {
		jsonw_object(w);
		jsonw_kstr(w, "what", try_what_names[r->became[k].what]);
		if (r->became[k].class_id != CLASS_NONE)
			jsonw_kstr(w, "class", try_class(t, r->became[k].class_id));
		jsonw_ku64(w, "n", r->became[k].n);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static void put_rules(const struct trial *t, struct jsonw *w)
{
	jsonw_key(w, "rules");
	jsonw_array(w);
	for (size_t i = 0; i < t->rules->n; i++)
		put_rule(t, i, w);
	jsonw_array_end(w);
}

static void put_whose(const struct trial *t, struct jsonw *w)
{
	jsonw_key(w, "subject");
	jsonw_object(w);
	jsonw_ku64(w, "said", t->n_subject);
	jsonw_ku64(w, "by_order", t->n_remembered);
	jsonw_ku64(w, "elsewhere", t->n_elsewhere);
	jsonw_ku64(w, "none", t->n_bad);
	jsonw_ku64(w, "of_rules", t->n_people);
	jsonw_object_end(w);
	jsonw_ku64(w, "order", t->n_order);
	jsonw_ku64(w, "nobodys", t->n_nobodys);
}

struct readers {
	const struct trial *t;
	struct jsonw *w;
};

static void put_reader(void *arg, const struct try_reader *r)
{
	struct readers *s = arg;
	const struct policy *p = s->t->policy;

	jsonw_object(s->w);
	jsonw_kstr(s->w, "class", try_class(s->t, r->class_id));
	jsonw_kstr(s->w, "role", policy_role_name(p, r->role)->s);
	jsonw_kstr(s->w, "purpose", policy_purpose_name(p, r->purpose)->s);
	jsonw_kstr(s->w, "gives", policy_action_name(r->gives));
	if (r->else_gives != r->gives) {
		jsonw_kstr(s->w, "else", policy_action_name(r->else_gives));
		jsonw_kstr(s->w, "why", r->why);
	}
	jsonw_object_end(s->w);
}

static void put_readers(const struct trial *t, struct jsonw *w)
{
	struct readers s = { t, w };

	jsonw_key(w, "readers");
	jsonw_array(w);
	try_readers(t, put_reader, &s);
	jsonw_array_end(w);
}

static void put_seen(const struct trial *t, const struct try_seen *seen, struct jsonw *w)
{
	static const char *const bys[] = { [UNDECLARED_FORM] = "form",
		[UNDECLARED_TEXT] = "text",
		[UNDECLARED_NAME] = "name" };
	static const char *const dids[] = { [UNDECLARED_PASS] = "pass",
		[UNDECLARED_REPORT] = "report",
		[UNDECLARED_MASK] = "mask",
		[UNDECLARED_SEAL] = "seal",
		[UNDECLARED_REFUSE] = "refuse" };
	const struct undeclared_seen *s = &seen->what;

	jsonw_object(w);
	jsonw_kstr(w, "place", s->path);
	jsonw_kstr(w, "class", try_class(t, s->class_id));
	jsonw_kstr(w, "by", bys[s->by]);
	jsonw_kstr(w, "did", dids[s->did]);
	jsonw_ku64(w, "times", seen->n);
	if (w->err == SC_OK && drift_line_leads(s->path)) {
		jsonw_key(w, "declare");
		w->err = drift_line(s->path, try_class(t, s->class_id), s->by == UNDECLARED_TEXT,
		    w->out);
		w->comma = true;
	}
	jsonw_object_end(w);
}

static void put_undeclared(const struct trial *t, struct jsonw *w)
{
	jsonw_key(w, "undeclared");
	jsonw_array(w);
	for (size_t i = 0; i < t->n_seen; i++)
		put_seen(t, &t->seen[i], w);
	jsonw_array_end(w);
	jsonw_ku64(w, "undeclared_values", t->n_undeclared);
	jsonw_ku64(w, "undeclared_passing", t->n_passing);
}

static void put_refusals(const struct trial *t, struct jsonw *w)
{
	jsonw_ku64(w, "refused", t->n_refused);
	jsonw_key(w, "refusals");
	jsonw_array(w);
	for (size_t i = 0; i < t->n_refused && i < TRY_REFUSALS; i++) {
		const struct try_refusal *r = &t->refusals[i];

		jsonw_object(w);
		jsonw_kstr(w, "file", r->file);
		jsonw_ku64(w, "document", r->document);
		jsonw_kstr(w, "why", r->name);
		jsonw_ku64(w, "offset", r->offset);
		if (r->place[0] != '\0')
			jsonw_kstr(w, "place", r->place);
		jsonw_kstr(w, "text", r->text);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

int try_tell_json(const struct trial *t)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);

	sc_buf_init(&out, OUT_MAX);
	jsonw_object(&w);
	jsonw_key(&w, "ok");
	jsonw_bool(&w, try_ok(t));
	jsonw_kstr(&w, "route", t->route->name.s);
	jsonw_kstr(&w, "side", t->answer ? "response" : "request");
	jsonw_kstr(&w, "role", policy_role_name(t->policy, t->writer.role)->s);
	jsonw_kstr(&w, "purpose", policy_purpose_name(t->policy, t->writer.purpose)->s);
	jsonw_ku64(&w, "documents", t->n);
	put_rules(t, &w);
	put_whose(t, &w);
	put_readers(t, &w);
	put_undeclared(t, &w);
	put_refusals(t, &w);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}
