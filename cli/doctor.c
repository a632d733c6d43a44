/*
 * doctor.c - `scrim doctor`: is this machine's Scrim as it should be? A row for each
 * check: ok, warn, bad or skipped, what was seen, and what to do.
 *
 * It works when nothing runs (what cannot be asked is skipped), as root and as keyd's
 * own user. 0: nothing is bad; 1: something is.
 */
#include "cli/doctor.h"

#include "cli/keys_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = { "skipped", "ok", "warn", "bad" };

/* ---- what there is ---- */

static void find(struct doctor *x, const struct cli_call *c)
{
	x->call = c;
	sc_buf_init(&x->text, 1u << 20);
	file_path(x->config_path, "%s", cli_config_path(c));
	if (c->keyd_config != NULL)
		file_path(x->keyd_path, "%s", c->keyd_config);
	else
		file_beside(x->config_path, "keyd.json", x->keyd_path);
	if (config_load(x->config_path, &x->config_wrong, &x->config) != SC_OK)
		x->config = NULL;
	x->has_settings = file_exists(x->keyd_path) &&
	    settings_load(x->keyd_path, &x->settings_wrong, &x->settings) == SC_OK;
	x->has_status = x->config != NULL && keys_status_ask(x->config, &x->text) == SC_OK &&
	    doc_load(&x->arena, sc_buf_span(&x->text), NULL, NULL, &x->status) == SC_OK;
}

static void forget(struct doctor *x)
{
	sc_arena_fini(&x->arena);
	sc_buf_fini(&x->text);
	if (x->has_settings)
		settings_fini(&x->settings);
	config_free(x->config);
}

/* ---- telling ---- */

struct telling {
	struct jsonw *w; /* NULL: as lines */
	unsigned n[4];
};

static void tell(struct telling *t, const char *name, const struct doctor_seen *s)
{
	t->n[s->grade]++;
	if (t->w == NULL) {
		printf("%-8s %-18s %s\n", words[s->grade], name, s->text);
		if (s->todo != NULL && s->grade >= DOCTOR_WARN)
			printf("%28s%s\n", "", s->todo);
		return;
	}
	jsonw_object(t->w);
	jsonw_kstr(t->w, "check", name);
	jsonw_kstr(t->w, "result", words[s->grade]);
	jsonw_kstr(t->w, "seen", s->text);
	if (s->todo != NULL && s->grade >= DOCTOR_WARN)
		jsonw_kstr(t->w, "do", s->todo);
	jsonw_object_end(t->w);
}

static void look(struct doctor *x, const struct doctor_row *rows, struct telling *t)
{
	for (; rows->name != NULL; rows++) {
		struct doctor_seen s = { .grade = DOCTOR_SKIPPED };

		rows->look(x, &s);
		tell(t, rows->name, &s);
	}
}

static int sum_up(const struct telling *t)
{
	if (t->w == NULL)
		printf("%u ok, %u warn, %u bad, %u skipped\n", t->n[DOCTOR_OK], t->n[DOCTOR_WARN],
		    t->n[DOCTOR_BAD], t->n[DOCTOR_SKIPPED]);
	return t->n[DOCTOR_BAD] > 0 ? CLI_NO : CLI_DONE;
}

int cli_doctor(const struct cli_call *c)
{
	struct doctor *x = calloc(1, sizeof(*x));
	struct telling t = { .w = NULL };
	struct sc_buf out;
	struct jsonw w;
	int rc;

	if (x == NULL)
		return cli_fail(CLI_NO, "there is no memory");
	sc_buf_init(&out, 1u << 20);
	w = jsonw(&out);
	if (c->json)
		t.w = &w;
	find(x, c);
	jsonw_object(&w);
	jsonw_key(&w, "checks");
	jsonw_array(&w);
	look(x, doctor_files, &t);
	look(x, doctor_live, &t);
	jsonw_array_end(&w);
	jsonw_kstr(&w, "result",
	    words[t.n[DOCTOR_BAD] > 0    ? DOCTOR_BAD :
		    t.n[DOCTOR_WARN] > 0 ? DOCTOR_WARN :
					   DOCTOR_OK]);
	jsonw_object_end(&w);
	rc = sum_up(&t);
	forget(x);
	free(x);
	if (c->json) {
		int told = cli_out_json(&w);

		return told == CLI_DONE ? rc : told;
	}
	sc_buf_fini(&out);
	return cli_flush(rc);
}
