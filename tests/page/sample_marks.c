/*
 * sample_marks.c - a page with every part and every plot, as a marketing page uses them.
 */
#include "page/samples.h"

static const struct page_link links[] = {
	{ "who", "Who they are", "客户是谁" },
	{ "want", "What they want", "想要什么" },
	{ "when", "When and where", "何时何处" },
	{ "stay", "Who stays", "谁会留下" },
	{ "did", "What campaigns did", "活动效果" },
	{ "read", "How to read it", "如何阅读" },
};

static const int64_t weeks[26] = { 9800, 9900, 10050, 11900, 14000, 14100, 13500, 10100, 10100,
	10150, 10200, 10250, 10380, 10490, 10430, 10540, 10640, 10700, 10680, 10620, 10790, 10900,
	11000, 10880, 11100, 14256 };

static void tiles(struct page *p)
{
	static const struct {
		const char *en, *zh, *figure;
	} rows[] = {
		{ "Visitors", "访客", "14,256" },
		{ "Buyers", "购买人数", "1,690" },
		{ "Orders", "订单数", "1,813" },
		{ "Revenue", "销售额", "¥318,572" },
	};

	page_tiles(p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_tile(p, rows[i].en, rows[i].zh, rows[i].figure, "▲ 40 % on the 4 weeks before",
		    "▲ 40 % 对比前 4 周");
		plot_spark(p, (struct plot_name){ "26 weeks", "26 周" }, weeks, 26, 150, 38);
		page_close(p);
	}
	page_tile(p, "Buyers who had bought before", "老客占购买人数", "74 %",
	    "+0.1 points in 4 weeks: no change", "+0.1 个百分点（4 周）：无变化");
	plot_meter(p, (struct plot_name){ "Share of buyers, in percent", "占购买人数的百分比" }, 74,
	    100);
	page_close(p);
	page_close(p);
	page_note(p, PAGE_FROM_CUBE,
	    "weekly cube 44, groups under 10 folded. Dots are this week, lines 26 weeks.",
	    "第 44 期周立方，小于 10 人的组已并入。圆点为本周，线为 26 周。");
}

static void findings(struct page *p)
{
	page_findings(p);
	page_finding(p, PAGE_SURE,
	    "3,897 champions and loyal customers, 10 % of people, make 56 % of revenue; 889 good "
	    "customers have gone quiet for 13 weeks.",
	    "3,897 位核心与忠诚客户占 10 % 的人数、56 % 的销售额；"
	    "889 位好客户已 13 周未购买。");
	page_finding(p, PAGE_LIKELY, "Saturday and Sunday sell a quarter more than other days.",
	    "周六、周日比平日多卖四分之一。");
	page_finding(p, PAGE_CANNOT_TELL,
	    "No category is rising or falling more than chance would.", "没有品类的涨跌超出偶然。");
	page_finding(p, PAGE_NOT_AN_EFFECT,
	    "The October reminder looks like +154 %, but it went to people who had been busier.",
	    "十月提醒看似 +154 %，但收件人本来就更活跃。");
	page_finding(p, PAGE_NOT_MEASURED, "Campaigns.", "活动。");
	page_close(p);
}

static void segments(struct page *p)
{
	static const struct page_column columns[] = {
		{ "Segment", "分群", PAGE_WORDS },
		{ "People, change in 4 weeks", "人数，4 周变化", PAGE_FIGURES },
		{ "people, revenue", "人数、销售额", PAGE_PICTURE },
		{ "Share of revenue", "销售额占比", PAGE_FIGURES },
		{ "What to do", "建议", PAGE_REMARK },
	};
	static const struct {
		const char *en, *zh, *rule_en, *rule_zh, *do_en, *do_zh;
		int64_t people, share;
	} rows[] = {
		{ "Champions", "核心客", "4+ orders, last within 8 weeks, ¥2,000+",
		    "4 单以上，8 周内购买，累计 ¥2,000 以上", "Early access; no discount needed",
		    "优先体验，无需折扣", 262, 12 },
		{ "Loyal", "忠诚客", "3+ orders, last within 13 weeks", "3 单以上，13 周内购买",
		    "Next-best category on Friday evening", "周五晚推荐关联品类", 3635, 45 },
		{ "Only looking", "只看未买", "no order in 40 weeks", "40 周内无订单",
		    "Do not message: views cost nothing", "不打扰", 21070, 0 },
	};

	page_table(p, "Segments", "分群", columns, 5);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct plot_slim slims[] = { { rows[i].people, 21070 },
			{ rows[i].share, 45 } };

		page_row(p);
		page_cell_say(p, rows[i].en, rows[i].zh);
		page_small(p, rows[i].rule_en, rows[i].rule_zh);
		page_cell_number(p, rows[i].people);
		page_small(p, "+25", NULL);
		page_cell(p);
		plot_slims(p, slims, 2);
		page_cell(p);
		page_textf(p, "%lld %%", (long long)rows[i].share);
		page_cell_say(p, rows[i].do_en, rows[i].do_zh);
	}
	page_close(p);
}

static void grid(struct page *p)
{
	static const struct plot_name rows[] = { { "0–2 weeks", "0–2 周" }, { "2–4", NULL },
		{ "4–8", NULL }, { "8–13", NULL }, { "13–26", NULL }, { "26+", NULL } };
	static const struct plot_name cols[] = { { "1", NULL }, { "2", NULL }, { "3", NULL },
		{ "4", NULL }, { "5", NULL }, { "6+", NULL } };
	static const int64_t v[36] = { 719, 580, 347, 246, 186, 512, 505, 370, 241, 175, 86, 251,
		1012, 686, 413, 230, 155, 268, 1194, 680, 376, 194, 101, 116, 3265, 1383, 518, 208,
		69, 41, 2482, 350, 46, PLOT_NOTHING, PLOT_NOTHING, PLOT_NOTHING };

	plot_heat(p,
	    (struct plot_name){ "Customers by last order and number of orders",
		"按最近一单和订单数的客户分布" },
	    &(struct plot_heat){ .rows = rows,
		.cols = cols,
		.n_rows = 6,
		.n_cols = 6,
		.v = v,
		.numbers = true,
		.rows_are = { "last order", "最近一单" },
		.cols_are = { "orders in 40 weeks", "40 周内订单数" } });
}

static void hours(struct page *p)
{
	static const struct plot_name rows[] = { { "App", NULL }, { "Mini program", "小程序" },
		{ "H5", NULL }, { "PC", NULL } };
	static const struct plot_name cols[24] = { { "0", 0 }, { "1", 0 }, { "2", 0 }, { "3", 0 },
		{ "4", 0 }, { "5", 0 }, { "6", 0 }, { "7", 0 }, { "8", 0 }, { "9", 0 }, { "10", 0 },
		{ "11", 0 }, { "12", 0 }, { "13", 0 }, { "14", 0 }, { "15", 0 }, { "16", 0 },
		{ "17", 0 }, { "18", 0 }, { "19", 0 }, { "20", 0 }, { "21", 0 }, { "22", 0 },
		{ "23", 0 } };
	static const size_t framed[] = { 21, 21, 21, 21 };
	int64_t v[96];

	for (int64_t r = 0; r < 4; r++) {
		for (int64_t h = 0; h < 24; h++)
			v[r * 24 + h] =
			    (h < 7 ? 120 - h * 15 : 60 + h * 22 - (h - 21 > 0 ? 160 : 0)) * (4 - r);
	}
	plot_heat(p, (struct plot_name){ "Visitors by hour and channel", "各时段与渠道的访客" },
	    &(struct plot_heat){ rows, cols, 4, 24, v, false, framed, { NULL, NULL },
		{ NULL, NULL } });
}

static void cohorts(struct page *p)
{
	static const struct plot_name rows[] = { { "Jan", "1 月" }, { "Feb", "2 月" },
		{ "Mar", "3 月" }, { "Apr", "4 月" } };
	static const struct plot_name cols[] = { { "1", 0 }, { "2", 0 }, { "3", 0 }, { "4", 0 } };
	static const int64_t v[] = { 19, 22, 24, 32, 17, 18, 18, PLOT_OUTSIDE, 17, 27, PLOT_OUTSIDE,
		PLOT_OUTSIDE, 15, PLOT_OUTSIDE, PLOT_OUTSIDE, PLOT_OUTSIDE };

	plot_heat(p, (struct plot_name){ "Monthly cohorts", "月度同期群" },
	    &(struct plot_heat){ rows, cols, 4, 4, v, true, NULL, { "first order", "首单" },
		{ "bought again in month …, percent", "之后第几个月复购，百分比" } });
}

static void weekdays(struct page *p)
{
	static const struct plot_bar v[] = { { "Mon", "周一", -17, NULL },
		{ "Tue", "周二", -13, NULL }, { "Wed", "周三", -11, NULL },
		{ "Thu", "周四", -15, NULL }, { "Fri", "周五", 0, NULL },
		{ "Sat", "周六", 26, "+26" }, { "Sun", "周日", 30, "+30" } };

	plot_columns(p, (struct plot_name){ "Buyers by weekday", "各星期的购买人数" }, v, 7);
}

static void prices(struct page *p)
{
	static const struct plot_name parts[] = { { "<20", NULL }, { "20–50", NULL },
		{ "50–100", NULL }, { "100–200", NULL }, { "200–500", NULL }, { "500–1k", NULL },
		{ "1k+", NULL } };
	static const int64_t a[] = { 9, 22, 21, 23, 20, 4, 1 }, b[] = { 2, 9, 15, 29, 33, 9, 3 };
	const struct plot_stack rows[] = { { "Group 1", "第 1 组", a },
		{ "Group 2", "第 2 组", b } };

	plot_stacks(p,
	    (struct plot_name){ "Price bands, percent of buyers", "价格带，购买人数百分比" }, parts,
	    7, rows, 2);
}

static void categories(struct page *p)
{
	static const struct page_column columns[] = {
		{ "Category", "品类", PAGE_WORDS },
		{ "Visitors", "访客", PAGE_FIGURES },
		{ "12 weeks", "12 周", PAGE_PICTURE },
		{ "Change of share, 95 %", "占比变化，95 %", PAGE_PICTURE },
	};
	static const struct plot_interval change = { NULL, NULL, -3, 2, 8, false, NULL };

	page_table(p, "Categories", "品类", columns, 4);
	for (int64_t i = 0; i < 3; i++) {
		page_row(p);
		page_cell(p);
		page_textf(p, "Category %d", (int)i + 1);
		page_cell_number(p, 10783 / (i + 1));
		page_cell(p);
		plot_spark(p, (struct plot_name){ "12 weeks", "12 周" }, weeks + i, 12, 120, 18);
		page_cell(p);
		plot_range(p, (struct plot_name){ "Change of share, percent", "占比变化，百分比" },
		    &change, -10, 10);
	}
	page_close(p);
}

static void campaigns(struct page *p)
{
	static const struct plot_interval v[] = {
		{ "Autumn voucher, app push", "秋季券，App 推送", 6, 14, 22, false, NULL },
		{ "Spring new arrivals, all", "春季上新，全部", 2, 8, 15, false, NULL },
		{ "… of these, under 30", "……其中 30 岁以下", 10, 21, 33, false, NULL },
		{ "October reminder", "十月提醒", 130, 154, 180, true, "+154 %" },
	};

	plot_intervals(p,
	    (struct plot_name){ "Lift of the number of buyers, percent", "购买人数提升，百分比" },
	    v, 4, -20, 160, " %");
}

static void lines(struct page *p)
{
	static const struct plot_name labels[] = { { "W33", "33 周" }, { "W34", "34 周" },
		{ "W35", "35 周" }, { "W36", "36 周" }, { "W37", "37 周" }, { "W38", "38 周" },
		{ "W39", "39 周" }, { "W40", "40 周" }, { "W41", "41 周" }, { "W42", "42 周" },
		{ "W43", "43 周" }, { "W44", "44 周" } };
	const struct plot_line v[] = { { "Visitors", "访客", weeks + 14 },
		{ "Visitors before", "之前的访客", weeks },
		{ "Again, later", "再之后", weeks + 8 } };

	plot_lines(p, (struct plot_name){ "Visitors by week", "每周访客" }, labels, 12, v, 3);
}

static void bars(struct page *p)
{
	static const struct plot_bar v[] = { { "Mini program", "小程序", 5200, NULL },
		{ "App", NULL, 3120, "60 %" },
		{ "A channel with a name that is much longer than there is room for it",
		    "名字非常非常长、根本放不下的一个渠道名称在这里", 400, NULL },
		{ "PC", NULL, 0, NULL } };

	plot_bars(p, (struct plot_name){ "Visitors by channel", "各渠道的访客" }, v, 4, 5200);
}

static void card(struct page *p, const char *en, const char *zh, void (*draw)(struct page *p))
{
	page_card(p, en, zh);
	draw(p);
	page_close(p);
}

static void sections(struct page *p)
{
	page_section(p, links[0]);
	page_lead(p, "Groups by simple rules that anyone can repeat.", "分群规则简单，可复现。");
	page_cards(p, PAGE_WHOLE);
	page_card(p, NULL, NULL);
	segments(p);
	page_close(p);
	page_close(p);
	page_cards(p, PAGE_HALVES);
	card(p, "Last order and number of orders", "最近一单与订单数", grid);
	card(p, "Visitors by channel", "各渠道的访客", bars);
	page_close(p);
	page_note(p, PAGE_FROM_RELEASE, "released view 44, k 10, l 2",
	    "第 44 期发布视图，k 10，l 2");
	page_close(p);
	page_section(p, links[1]);
	page_cards(p, PAGE_WIDE_LEFT);
	card(p, "Top categories", "主要品类", categories);
	card(p, "Price bands, ¥", "价格带，¥", prices);
	page_close(p);
	page_close(p);
	page_section(p, links[2]);
	page_cards(p, PAGE_WIDER_LEFT);
	card(p, "Visitors by hour and channel", "各时段与渠道的访客", hours);
	card(p, "Buyers by weekday, % against average", "各星期的购买人数，相对平均 %", weekdays);
	page_close(p);
	page_close(p);
	page_section(p, links[3]);
	page_cards(p, PAGE_HALVES);
	card(p, "Monthly cohorts", "月度同期群", cohorts);
	page_card(p, "In words", "用文字说");
	page_paragraph(p, "Between 11 and 21 people in 100 buy again in the month after.",
	    "每 100 人中有 11 到 21 人次月再购。");
	page_close(p);
	page_close(p);
	page_close(p);
	page_section(p, links[4]);
	page_cards(p, PAGE_WHOLE);
	card(p, "Lift of buyers", "购买人数提升", campaigns);
	card(p, "Visitors by week", "每周访客", lines);
	page_close(p);
	page_note(p, PAGE_FROM_NOISE, "noisy count, paid from the budget", "加噪计数，计入预算");
	page_close(p);
}

enum sc_err sample_marks(struct sc_buf *out, enum page_language languages)
{
	struct page p;

	page_begin(&p, out, languages, "Marketing report, week 44", "营销周报，第 44 周");
	page_under(&p,
	    "28 October – 3 November 2024. About the 39,082 of 50,000 customers who agreed to "
	    "analysis. Made from anonymous data only: no person can be looked up from this page.",
	    "2024 年 10 月 28 日 – 11 月 3 日。基于 50,000 位客户中同意分析的 39,082 位。全部来自匿名数据，无法从本页查到任何个人。");
	page_under(&p, "release 44 · checked · signed", "第 44 期发布 · 已校验 · 已签名");
	page_body(&p);
	page_nav(&p, links, sizeof(links) / sizeof(links[0]));
	findings(&p);
	tiles(&p);
	sections(&p);
	page_section(&p, links[5]);
	page_banner(&p, PAGE_KEPT, "All of its rules hold in the file that was published.",
	    "已发布的文件满足全部规则。");
	page_cards(&p, PAGE_HALVES);
	page_card(&p, "Facts", "事实");
	page_facts(&p);
	page_fact(&p, "Release", "发布");
	page_number(&p, 44);
	page_fact(&p, "SHA-256", NULL);
	page_code(&p, "0f2b3d9a5566aa0f2b3d9a5566aa0f2b3d9a5566aa0f2b3d9a5566aa00112233");
	page_close(&p);
	page_close(&p);
	page_close(&p);
	page_close(&p);
	return page_end(&p);
}
