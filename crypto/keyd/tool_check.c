/*
 * tool_check.c - scrim-keyd --check: does all that keyd keeps hold together? Beside a
 * keyd that runs, or without one; nothing is changed.
 */
#include "crypto/keyd/tool.h"

#include "base/clock.h"
#include "crypto/keycheck/key_check.h"

#include <stdio.h>

static const char *const words[] = { [KEY_CHECK_SKIPPED] = "skipped",
	[KEY_CHECK_FINE] = "ok",
	[KEY_CHECK_WARNING] = "warn",
	[KEY_CHECK_WRONG] = "bad" };

static void print(struct jsonw *w, const struct key_check_report *r)
{
	jsonw_kstr(w, "result", words[key_check_worst(r)]);
	jsonw_ku64(w, "people", r->people);
	jsonw_ku64(w, "keys", r->keys);
	jsonw_ku64(w, "boxes", r->boxes);
	jsonw_ku64(w, "epoch", r->epoch);
	jsonw_key(w, "parts");
	jsonw_array(w);
	for (unsigned i = 0; i < KEY_CHECK_PARTS; i++) {
		const struct key_check_finding *f = &r->part[i];

		jsonw_object(w);
		jsonw_kstr(w, "part", key_check_name(i));
		jsonw_kstr(w, "result", words[f->grade]);
		jsonw_kstr(w, "seen", f->text);
		if (f->grade >= KEY_CHECK_WARNING) {
			jsonw_ku64(w, "findings", f->n);
			jsonw_kstr(w, "do", key_check_advice(i));
		}
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static enum sc_err tell_json(struct tool_run *r, const struct key_check_report *report)
{
	struct sc_buf text;
	struct jsonw w;
	enum sc_err err;

	sc_buf_init(&text, 1 << 16);
	w = jsonw(&text);
	jsonw_object(&w);
	print(&w, report);
	jsonw_object_end(&w);
	if ((err = w.err) == SC_OK)
		fprintf(r->out, "%.*s\n", SC_SPAN_ARG(sc_buf_span(&text)));
	sc_buf_fini(&text);
	return err;
}

static void tell_text(struct tool_run *r, const struct key_check_report *report, uint64_t ms)
{
	for (unsigned i = 0; i < KEY_CHECK_PARTS; i++) {
		const struct key_check_finding *f = &report->part[i];

		fprintf(r->out, "%-8s %-12s %s", words[f->grade], key_check_name(i), f->text);
		if (f->n > 1)
			fprintf(r->out, " (%llu in all)", (unsigned long long)f->n);
		fputc('\n', r->out);
		if (f->grade >= KEY_CHECK_WARNING)
			fprintf(r->out, "%22s%s\n", "", key_check_advice(i));
	}
	fprintf(r->out, "%llu people, %llu boxes, in %llu ms\n", (unsigned long long)report->people,
	    (unsigned long long)report->boxes, (unsigned long long)ms);
}

enum sc_err tool_check(struct tool_run *r, struct sc_diags *all)
{
	const struct settings *s = &r->settings;
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	struct key_check_order o = { .log_dir = s->log, .root = r->root, .watch = r->watch };
	const uint64_t began = clock_mono_ms();
	struct key_check_report report;
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", s->store);
	o.place = (struct keystore_place){ .tenant = &s->tenant,
		.store = url,
		.epoch = s->epoch,
		.epoch_twin = s->epoch_twin,
		.node = s->origin };
	if ((err = key_check_run(&o, &all->v[0], &report)) != SC_OK)
		return err;
	tool_quiet(r);
	if (!r->options->json)
		tell_text(r, &report, clock_mono_ms() - began);
	else if ((err = tell_json(r, &report)) != SC_OK)
		return err;
	if (fflush(r->out) != 0)
		return SC_IO;
	if (key_check_worst(&report) < KEY_CHECK_WRONG)
		return SC_OK;
	sc_diag_set(&all->v[0], "what keyd keeps is damaged: see above");
	return SC_CORRUPT;
}
