/*
 * report_promises.c - what a release promised, held against what was found in it.
 */
#include "analytics/views/report_promises.h"

#include <inttypes.h>
#include <stdio.h>

void percent_print(uint64_t ppm, char out[static PERCENT_MAX])
{
	const uint64_t hundredths = ppm / 100 + (ppm % 100 != 0);

	snprintf(out, PERCENT_MAX, "%" PRIu64 ".%02u %%", hundredths / 100,
	    (unsigned)(hundredths % 100));
}

static void print_count(char out[static 48], const char *sign, uint64_t v)
{
	snprintf(out, 48, "%s%" PRIu64, sign, v);
}

static void print_share(char out[static 48], const char *sign, uint64_t ppm)
{
	char percent[PERCENT_MAX];

	percent_print(ppm, percent);
	snprintf(out, 48, "%s%s", sign, percent);
}

static void print_milli(char out[static 48], const char *sign, uint32_t milli)
{
	snprintf(out, 48, "%s%u.%03u", sign, milli / 1000, milli % 1000);
}

/* ---- of the classes ------------------------------------------------------------------- */

static void promise_k(const struct view_report *r, struct view_promise *out)
{
	const uint64_t least = r->checked_min_people < r->measures.min_people ?
	    r->checked_min_people :
	    r->measures.min_people;

	snprintf(out->en, sizeof(out->en),
	    "People who share all published columns, in the smallest class (k)");
	snprintf(out->zh, sizeof(out->zh), "最小等价类中所有公开列都相同的人数（k）");
	print_count(out->wanted, "≥ ", r->k);
	print_count(out->found, "", least);
	out->kept = least >= r->k || r->measures.classes == 0;
}

static void promise_suppressed(const struct view_report *r, struct view_promise *out)
{
	const struct release_measures *m = &r->measures;
	const uint64_t ppm = m->rows == 0 ?
	    0 :
	    (uint64_t)(((unsigned __int128)m->suppressed * RELEASE_PPM + m->rows - 1) / m->rows);
	const bool waiting = r->has_lineage && r->lineage.held_back > 0;

	snprintf(out->en, sizeof(out->en), "Rows left out%s",
	    waiting ? " (those of people who wait for others do not count)" : "");
	snprintf(out->zh, sizeof(out->zh), "未发布的行%s",
	    waiting ? "（等待与他人一同进入者不计入上限）" : "");
	print_share(out->wanted, "≤ ", r->suppression_ppm);
	print_share(out->found, "", ppm);
	out->kept = waiting || ppm <= r->suppression_ppm;
}

/* ---- of a sensitive column ------------------------------------------------------------ */

struct plot_name report_label(const char *name, const char *means, const char *means_zh)
{
	const struct plot_name said = { means, means_zh }, bare = { name, NULL };

	return means == NULL || means[0] == '\0' ? bare : said;
}

static void promise_named(struct view_promise *out, const struct view_report_sensitive *s,
    const char *en, const char *zh)
{
	const struct plot_name label = report_label(s->name, s->means, s->means_zh);

	snprintf(out->en, sizeof(out->en), "%.200s: %s", label.en, en);
	snprintf(out->zh, sizeof(out->zh), "%.200s：%s", label.zh == NULL ? label.en : label.zh,
	    zh);
}

static size_t promise_values(const struct view_report *r, size_t i, struct view_promise *out)
{
	const struct view_report_sensitive *s = &r->sensitive[i];
	const struct release_measures *m = &r->measures;
	size_t n = 0;

	if (s->wants.distinct > 0) {
		const uint32_t least = r->checked_min_distinct[i] < m->sensitive[i].min_distinct ?
		    r->checked_min_distinct[i] :
		    m->sensitive[i].min_distinct;

		promise_named(&out[n], s, "different values in every class (l)",
		    "每个等价类中的不同取值（l）");
		print_count(out[n].wanted, "≥ ", s->wants.distinct);
		print_count(out[n].found, "", least);
		out[n++].kept = least >= s->wants.distinct || m->classes == 0;
	}
	if (s->wants.entropy_milli > 0) {
		const uint32_t least = m->sensitive[i].min_entropy_milli;

		promise_named(&out[n], s, "values as even as so many in every class (entropy l)",
		    "每个等价类取值的有效个数（熵 l）");
		print_milli(out[n].wanted, "≥ ", s->wants.entropy_milli);
		print_milli(out[n].found, "", least);
		out[n++].kept = least >= s->wants.entropy_milli || m->classes == 0;
	}
	return n;
}

static size_t promise_shares(const struct view_report *r, size_t i, struct view_promise *out)
{
	const struct view_report_sensitive *s = &r->sensitive[i];
	const struct measure_sensitive *m = &r->measures.sensitive[i];
	const uint32_t distance = s->wants.ordered ? m->max_ordered_ppm : m->max_equal_ppm;
	size_t n = 0;

	if (s->wants.closeness_ppm > 0) {
		promise_named(&out[n], s,
		    s->wants.ordered ?
			"distance of a class from everybody, by the values' order (t)" :
			"distance of a class from everybody (t)",
		    s->wants.ordered ? "等价类与总体分布的距离，按取值顺序（t）" :
				       "等价类与总体分布的距离（t）");
		print_share(out[n].wanted, "≤ ", s->wants.closeness_ppm);
		print_share(out[n].found, "", distance);
		out[n++].kept = distance <= s->wants.closeness_ppm;
	}
	if (s->wants.share_ppm > 0) {
		promise_named(&out[n], s, "share of one value in a class (alpha)",
		    "单个取值在等价类中的占比（α）");
		print_share(out[n].wanted, "≤ ", s->wants.share_ppm);
		print_share(out[n].found, "", m->max_share_ppm);
		out[n++].kept = m->max_share_ppm <= s->wants.share_ppm;
	}
	return n;
}

/* ---- beside others -------------------------------------------------------------------- */

static void promise_lineage(const struct view_report *r, struct view_promise *out)
{
	snprintf(out->en, sizeof(out->en),
	    "People who stay alike in all releases together, in the smallest group");
	snprintf(out->zh, sizeof(out->zh), "把全部已发布版本放在一起仍不可区分的最小人数");
	print_count(out->wanted, "≥ ", r->k);
	print_count(out->found, "", r->lineage.smallest);
	out->kept = r->lineage.smallest >= r->k || r->measures.classes == 0;
}

size_t view_promises(const struct view_report *r, struct view_promise out[static PROMISES_MAX])
{
	size_t n = 0;

	promise_k(r, &out[n++]);
	promise_suppressed(r, &out[n++]);
	for (size_t i = 0; i < r->n_sensitive && i < RELEASE_SENSITIVE_MAX; i++) {
		n += promise_values(r, i, &out[n]);
		n += promise_shares(r, i, &out[n]);
	}
	if (r->has_lineage)
		promise_lineage(r, &out[n++]);
	return n;
}
