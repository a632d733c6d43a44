/*
 * place.c - masks of postal addresses and regions.
 *
 * Of a Chinese address the administrative prefix is shown, at most as far as
 * the town: province, city, district, town, each at most once and in that
 * order. Where the prefix ends is decided so that doubt hides more: a road,
 * a digit, a residential compound ("小区") or anything unknown ends it.
 * An address without such a prefix is hidden entirely.
 */
#include "policy/mask/text.h"

enum level { LEVEL_NONE, LEVEL_PROVINCE, LEVEL_CITY, LEVEL_DISTRICT, LEVEL_TOWN };

#define TOKEN_MAX 10 /* characters of one administrative name */

static const char *const provinces[] = { "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁",
	"吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南",
	"广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西",
	"西藏", "宁夏", "新疆", "香港", "澳门", NULL };

static const char *const province_ends[] = { "壮族自治区", "回族自治区", "维吾尔自治区", "自治区",
	"特别行政区", "省", "市", NULL };

/* "区" here is a place where one lives or works, not a district. */
static const char *const no_district[] = { "小", "社", "园", "校", "厂", "库", "片", "景", "营",
	"院", "住", "宅", "生活", "街", "工业", NULL };

/* Words of streets and buildings: the prefix has ended. */
static const char *const no_place[] = { "路", "街", "巷", "弄", "号", "栋", "幢", "楼", "室", "村",
	"苑", "里", "座", "层", "组", "广场", "大厦", "大道", NULL };

/* Is one of WORDS what stands just before I? */
static bool behind(const struct mask_text *t, size_t start, size_t i, const char *const *words)
{
	for (size_t back = 1; back <= 2 && i >= start + back; back++)
		if (mask_text_any(t, i - back, words) == back)
			return true;
	return false;
}

static size_t skip_space(const struct mask_text *t, size_t i)
{
	while (i < t->n &&
	    (t->c[i].cp == ' ' || t->c[i].cp == ',' || t->c[i].cp == '-' || t->c[i].cp == '/'))
		i++;
	return i;
}

/* The end of the province's name at I, or I when there is none. */
static size_t province_end(const struct mask_text *t, size_t i)
{
	size_t n = mask_text_any(t, i, provinces);

	return n == 0 ? i : i + n + mask_text_any(t, i + n, province_ends);
}

static const struct {
	enum level level;
	const char *ends[7];
} levels[] = {
	{ LEVEL_CITY, { "自治州", "地区", "市辖区", "市", "盟", NULL } },
	{ LEVEL_DISTRICT, { "新区", "自治县", "自治旗", "区", "县", "旗", NULL } },
	{ LEVEL_TOWN, { "街道", "镇", "乡", NULL } },
};

/* Is the character at I, in a name that began at START, the end of a name of some level? */
static enum level level_at(const struct mask_text *t, size_t start, size_t i, size_t *end)
{
	if (mask_text_at(t, i, "市场") > 0 || mask_text_at(t, i, "区域") > 0)
		return LEVEL_NONE;
	for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
		size_t n = mask_text_any(t, i, levels[k].ends);

		if (n == 0)
			continue;
		*end = i + n;
		return levels[k].level == LEVEL_DISTRICT && behind(t, start, i, no_district) ?
		    LEVEL_NONE :
		    levels[k].level;
	}
	return LEVEL_NONE;
}

/*
 * The next administrative name at START, whose level is above LAST; its end.
 * START itself when there is none.
 */
static size_t next_name(const struct mask_text *t, size_t start, enum level last, enum level *found)
{
	size_t i, end = start;

	if (mask_text_at(t, start, "市辖区") > 0 && last < LEVEL_DISTRICT) {
		*found = LEVEL_CITY;
		return start + 3;
	}
	for (i = start + 1; i < t->n && i < start + TOKEN_MAX; i++) {
		enum level level;

		if (!mask_cjk(t->c[i - 1].cp) || !mask_cjk(t->c[i].cp))
			return start;
		level = level_at(t, start, i, &end);
		/* a city below a city is a district: 昆山市 under 苏州市 */
		if (level == LEVEL_CITY && last == LEVEL_CITY)
			level = LEVEL_DISTRICT;
		if (level != LEVEL_NONE) {
			*found = level;
			return level > last ? end : start;
		}
		if (behind(t, start, i, no_district) && t->c[i].cp == 0x533A)
			return start; /* 小区 */
		if (mask_text_any(t, i, no_place) > 0)
			return start;
	}
	return start;
}

/* Where the prefix as far as DEEPEST ends; 0 when there is none. */
static size_t prefix_end(const struct mask_text *t, enum level deepest)
{
	size_t start = mask_text_at(t, 0, "中国"), at, end;
	enum level last = LEVEL_NONE, found = LEVEL_NONE;

	start = skip_space(t, start);
	end = province_end(t, start);
	if (end != start)
		last = LEVEL_PROVINCE;
	while (end < t->n && last < deepest) {
		start = skip_space(t, last == LEVEL_NONE ? start : end);
		at = next_name(t, start, last, &found);
		if (at == start || found > deepest)
			break;
		if (last == LEVEL_NONE && found != LEVEL_CITY)
			break; /* must begin with a province or a city */
		end = at;
		last = found;
	}
	return last == LEVEL_NONE ? 0 : end;
}

static bool has_cjk(const struct mask_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (mask_cjk(t->c[i].cp))
			return true;
	return false;
}

bool mask_hide_address(struct mask_text *t)
{
	if (!has_cjk(t))
		return false;
	mask_text_show(t, 0, prefix_end(t, LEVEL_TOWN));
	return true;
}

bool mask_coarse_address(struct mask_text *t)
{
	size_t end = prefix_end(t, LEVEL_CITY);

	mask_text_show(t, 0, end);
	t->n = end;
	return end > 0;
}

/* A region is given as it is, when it is nothing but the names of one. */
bool mask_coarse_region(struct mask_text *t)
{
	enum level found = LEVEL_NONE;

	mask_text_show(t, 0, t->n);
	/* from the province down, or one name alone: 玉田县 */
	return prefix_end(t, LEVEL_TOWN) == t->n || next_name(t, 0, LEVEL_NONE, &found) == t->n;
}
