/*
 * name.c - masks of people's names.
 *
 * Han, kana, hangul: the surname is shown (two characters for the compound
 * ones), the rest hidden, separators kept. Scripts with spaces: the first
 * letter of each word. A single character is hidden: it would be the name.
 */
#include "policy/mask/text.h"

#define NAME_CHARS_MAX 48
#define WORDS_SHOWN 4 /* whose first letter is shown */

static const char *const compound[] = { "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤",
	"南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政",
	"濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒",
	"鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "巫马", "公西", "颛孙", "壤驷", "公良",
	"漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐", "段干", "百里", "呼延",
	"东郭", "南门", "羊舌", "微生", "左丘", "东门", "西门", "第五", "纳兰", "完颜", "耶律",
	"歐陽", "諸葛", "司馬", "東方", "慕容", "上官", NULL };

static bool separator(uint32_t cp)
{
	return cp == ' ' || cp == '.' || cp == '-' || cp == '\'' || cp == ',' || cp == '(' ||
	    cp == ')' || cp == 0xB7 || cp == 0x2019 || cp == 0x2022 || cp == 0x2027 ||
	    cp == 0x30FB || cp == 0x2010 || cp == '&' || cp == '/';
}

/* Characters that no name has: it is something else, and hidden wholly. */
static bool foreign(uint32_t cp)
{
	return cp < 0xC0 && !separator(cp) && !mask_latin(cp) && cp != '*';
}

static size_t surname_length(const struct mask_text *t, size_t first, size_t letters)
{
	if (letters < 2)
		return 0;
	return letters > 2 && mask_text_any(t, first, compound) == 2 ? 2 : 1;
}

/* The first letter of each of the first words that have more than one. */
static void show_initials(struct mask_text *t)
{
	size_t words = 0;

	for (size_t i = 0; i + 1 < t->n; i++) {
		bool starts = !separator(t->c[i].cp) && (i == 0 || separator(t->c[i - 1].cp));

		if (!starts)
			continue;
		if (words++ < WORDS_SHOWN && !separator(t->c[i + 1].cp))
			t->c[i].hide = false;
	}
}

bool mask_hide_name(struct mask_text *t)
{
	size_t letters = 0, first = t->n;

	if (t->n > NAME_CHARS_MAX)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (foreign(t->c[i].cp))
			return false;
		if (separator(t->c[i].cp)) {
			t->c[i].hide = false;
			continue;
		}
		if (first == t->n)
			first = i;
		letters++;
	}
	if (letters == 0)
		return false;
	if (!mask_cjk(t->c[first].cp)) {
		show_initials(t);
		return true;
	}
	mask_text_show(t, first, first + surname_length(t, first, letters));
	return true;
}
