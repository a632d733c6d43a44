/*
 * test_urlencoded.c - forms: whatever one of their readers would take a name for is found, every
 * time it stands there, and what they read differently is refused.
 */
#include "padded.h"
#include "gateway/codec/urlencoded.h"
#include "tap.h"

#define S(text) sc_span_str(text)
#define ALL "$"

static struct codec_fields fields;
static struct sc_diag diag;
static struct sc_buf buf;

static struct codec_paths *paths_of(const struct codec_selector *sel, size_t n)
{
	struct codec_paths *p = NULL;

	if (codec_paths_new(sel, n, NULL, &p) != SC_OK)
		abort();
	return p;
}

/* What the strict selector AT finds in the N bytes of BODY, in fields; both in blocks of their size. */
static enum sc_err scan_bytes(const char *at, const char *body, size_t n)
{
	const struct codec_selector sel = { at, 1, 0, CODEC_STRICT };
	struct codec_paths *p = paths_of(&sel, 1);
	uint8_t *doc = padded(body, n);
	enum sc_err err;

	diag = (struct sc_diag){ .offset = 99999 };
	err = codec_form.scan(p, sc_span(doc, n), &fields, &diag);
	/* what was taken, not what went astray */
	for (size_t i = 0; i < fields.n; i++)
		if ((fields.v[i].action & CODEC_FINDING) != 0)
			fields.v[i].action = codec_paths_finding(p, fields.v[i].action).action;
	codec_paths_free(p);
	free(doc);
	return err;
}

/* The raw values that AT finds in BODY, a blank behind each; "!" for one that went astray. */
static const char *found(const char *at, const char *body)
{
	sc_buf_clear(&buf);
	if (scan_bytes(at, body, strlen(body)) != SC_OK)
		return "refused";
	for (size_t i = 0; i < fields.n; i++) {
		const struct codec_field *f = &fields.v[i];

		if (sc_buf_put(&buf, body + f->start, f->end - f->start) != SC_OK ||
		    sc_buf_put_str(&buf, f->action == 1 ? " " : "! ") != SC_OK)
			abort();
	}
	if (sc_buf_put(&buf, "", 1) != SC_OK)
		abort();
	return (const char *)buf.p;
}

static void finds(const char *at, const char *body, const char *want)
{
	const char *got = found(at, body);

	if (strcmp(got, want) != 0) {
		printf("# %s in %s: \"%s\", not \"%s\"\n", at, body, got, want);
		CHECK(false);
	}
}

struct row {
	const char *at, *body, *want;
};

static void check_rows(const struct row *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		finds(v[i].at, v[i].body, v[i].want);
}
#define ROWS(v) check_rows(v, sizeof(v) / sizeof((v)[0]))

static void plain_names(void)
{
	static const struct row rows[] = {
		{ "$.phone", "phone=1", "1 " },
		{ "$.phone", "a=0&phone=1&b=2", "1 " },
		{ "$.phone", "phone=1&phone=2&x=3&phone=", "1 2  " },
		{ "$.phone", "ph%6fne=1&%70hone=2", "1 2 " },
		{ "$.phone", "Phone=1&phon=2&phone2=3", "1 " },
		{ "$.phone", "phone=a=b&x=phone=1", "a=b " },
		{ "$.phone", "phone=%7e+~", "%7e+~ " },
		{ "$..phone", "phone=1", "1 " },
		{ "$['first name']", "first+name=1&first%20name=2", "1 2 " },
		{ "$['\xC3\xA9']", "%C3%A9=1&\xC3\xA9=2&\xC3%a9=3&%c3\xA9=4", "1 2 3 4 " },
		{ ALL, "a=1&b=2&=3", "1 2 3 " },
		{ "$.*", "a=1&b[c]=2&=3", "1 2 3 " },
		{ "$.phone", "phone", " " },
		{ "$.phone", "phone&phone=1", " 1 " },
		{ ALL, "", "" },
		{ ALL, "&&a=1&&&b=2&", "1 2 " },
		{ ALL, "=", " " },
		{ ALL, "a==", "= " },
	};

	ROWS(rows);
	CHECK(scan_bytes(ALL, "a&b=&c=d", 8) == SC_OK && fields.n == 3);
	CHECK(fields.v[0].kind == CODEC_NULL && fields.v[0].start == 1 && fields.v[0].end == 1);
	CHECK(fields.v[1].kind == CODEC_TEXT && fields.v[1].start == 4 && fields.v[1].end == 4);
	CHECK(fields.v[2].kind == CODEC_TEXT && !fields.v[2].escaped);
	CHECK(scan_bytes(ALL, "a=+&b=%41&c%41=x&d=\xC3\xA9", 21) == SC_OK && fields.n == 4);
	CHECK(fields.v[0].escaped && fields.v[1].escaped && !fields.v[2].escaped &&
	    !fields.v[3].escaped);
	CHECK(scan_bytes(ALL, "a=x+yz&b=xy%7a&c=xyz", 20) == SC_OK && fields.n == 3);
	CHECK(fields.v[0].escaped && fields.v[1].escaped && !fields.v[2].escaped);
}

static void brackets(void)
{
	static const struct row rows[] = {
		{ "$.address.phone", "address[phone]=1", "1 " },
		{ "$.address.phone", "address%5Bphone%5d=1&address[phone%5D=2", "1 2 " },
		{ "$['address[phone]']", "address[phone]=1&address[name]=2", "1 " },
		{ "$..phone", "a[b][phone]=1&phone=2&a[phone]=3&phones=4", "1 2 3 " },
		{ "$.address", "address[phone]=1&address[a][b]=2", "1 2 " },
		{ "$.items[0].name", "items[0][name]=1", "1 " },
		{ "$.items[*].name", "items[0][name]=1&items[12][name]=2&items[x][name]=3",
		    "1 2 3 " },
		{ "$.items[7].name", "items[07][name]=1&items[8][name]=2", "1 " },
		{ "$.items['7'].name", "items[7][name]=1", "1 " },
		{ "$.items[*].name", "items[0].name=1&items[1].x=2", "1 " },
		{ "$.a[*].b.c", "a[0].b.c=1", "1 " },
		{ "$.a[0].b", "a[0].b.c=1", "1 " },
		{ "$.note[*]", "note[]=1&note[]=2&note[3]=3", "1 2 3 " },
		{ "$.note[*]", "note[%20]=1", "1 " },
		{ "$.note[1]", "note[]=1", "1 " },
		{ "$.note[*].id", "note[][id]=1&note[][x]=2", "1 " },
		{ "$.phone", "phone[]=1&phone[a]=2", "1 2 " },
		/* what stands where a path goes on */
		{ "$.address.phone", "address=1", "1! " },
		{ "$.address.phone", "address[]=1&address[0]=2", "1! 2! " },
		{ "$.items[0].name", "items[x][name]=1", "1! " },
	};

	ROWS(rows);
}

/* PHP's parse_str(), and who trims. */
static void other_readings(void)
{
	static const struct row rows[] = {
		{ "$.phone", "+phone=1&%20%20phone=2", "1 2 " },
		{ "$.phone", "phone+=1&phone%20=2", "1 2 " },
		{ "$.user_phone", "user.phone=1&user+phone=2&+user.phone=3&user_phone=4",
		    "1 2 3 4 " },
		{ "$.user_phone_", "user.phone+=1", "1 " },
		{ "$['user.phone']", "user.phone=1&user_phone=2", "1 " },
		{ "$.user_data.phone", "user.data[phone]=1&+user+data[phone]=2", "1 2 " },
		{ "$.address.phone", "address[+phone]=1&address[phone+]=2", "1 2 " },
		{ "$['first name']", "first_name=1", "" },
	};

	ROWS(rows);
}

struct hostile {
	const char *body;
	size_t n, offset;
};
#define H(body, offset) \
	{ \
		body, sizeof(body) - 1, offset \
	}

static void refused(void)
{
	static const struct hostile rows[] = {
		H("a=1;phone=2", 3),
		H("a;b=1", 1),
		H("phone=%zz", 6),
		H("phone=%2", 6),
		H("phone=%", 6),
		H("phone%=1", 5),
		H("phone=%u0031", 6),
		H("phone=%00", 6),
		H("phone%00=1", 5),
		H("phone=a\0b", 7),
		H("phone\0=1", 5),
		H("phone=%c0%af", 6),
		H("phone=%ed%a0%80", 6),
		H("phone=%f4%90%80%80", 6),
		H("phone=x%e4%bd&b=1", 7),
		H("phone=\xE4\xBD", 6),
		H("phone=\xE4&\xBD\xA0=1", 6),
		H("%FF=1", 0),
		H("a=b c", 3),
		H("a=b\r\n", 3),
		H("a=\t", 2),
		H("a=\x7f", 2),
		H("{\"phone\":\"1\"}", 0),
		H("a={}", 2),
		H("a=\"1\"", 2),
		H("a=<b>", 2),
		H("a=b>", 3),
		H("a=#b", 2),
		H("a=\\b", 2),
		H("a=^", 2),
		H("a=`", 2),
		H("a=0123456789abcdef0123456789ABCDE|", 33),
		H("a=0123456789abcdef0123456789ABCDEF{", 34),
		H("a=0123456789;bcdef", 12),
		H("?phone=1", 0),
		H("\xEF\xBB\xBFphone=1", 0),
		H("a=1&%EF%BB%BFphone=1", 4),
		H("phone%0a=1", 0),
		H("a=1&%7fphone=1", 4),
		H("[phone]=1", 0),
		H("phone]=1", 0),
		H("phone[=1", 0),
		H("a=1&phone[x=1", 4),
		H("a[b[c]]=1", 0),
		H("a[b]]=1", 0),
		H("a[b]c=1", 0),
		H("a[b]c[d]=1", 0),
		H("a[0].b[1]=1", 0),
		H("a.b[c].d]=1", 0),
		H("a[b%5B=1", 0),
		H("_charset_=gbk&a=1", 10),
		H("a=1&_charset%5F=", 16),
	};
	static const char *const fine[] = { "_charset_=UTF-8&a=%E4%BD%A0", "_charset_=utf-8",
		"a=!'()*,-./:?@$~_[]", "a=%26%3D%3B%22%0D%0A", "a?=1", "a.b.c=1", "a.b[c]=1",
		"a=\xEF\xBB\xBF", "a=%F0%9F%98%80", "_charset=gbk",
		"a=0123456789abcdef0123456789ABCDEF[]:@?=0123456789abcdef" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool right = scan_bytes(ALL, rows[i].body, rows[i].n) == SC_SYNTAX &&
		    diag.offset == rows[i].offset && diag.text[0] != '\0' && fields.n == 0;

		if (!right)
			printf("# %s: offset %zu, not %zu (%s)\n", rows[i].body, diag.offset,
			    rows[i].offset, diag.text);
		CHECK(right);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		CHECK(strcmp(found(ALL, fine[i]), "refused") != 0);
}

/* Each byte as it is, in a name and in a value, wherever among sixteen it stands. */
static void every_byte(void)
{
	static const char bad[] = "\"#;<>\\^`{|}%";
	char body[64];

	for (unsigned c = 1; c < 256; c++)
		for (size_t at = 0; at < 40; at++) {
			bool wrong = c <= ' ' || c >= 0x7f || strchr(bad, (char)c) != NULL;
			enum sc_err err;

			snprintf(body, sizeof(body), "a=%040d", 0);
			memset(body + 2, 'x', 40);
			body[2 + at] = (char)c;
			err = scan_bytes(ALL, body, 42);
			if ((err == SC_SYNTAX) != wrong || (wrong && diag.offset != 2 + at))
				printf("# byte %u at %zu: %d\n", c, at, err);
			CHECK((err == SC_SYNTAX) == wrong && (!wrong || diag.offset == 2 + at));
		}
}

static void long_names(void)
{
	static char body[4 * URLENCODED_NAME_MAX];
	size_t n = URLENCODED_NAME_MAX;

	memset(body, 'a', n + 1);
	CHECK(scan_bytes(ALL, body, n) == SC_OK && fields.n == 1);
	CHECK(scan_bytes(ALL, body, n + 1) == SC_LIMIT && diag.offset == 0);
	for (size_t i = 0; i < n + 1; i++)
		memcpy(body + 3 * i, "%61", 3);
	CHECK(scan_bytes(ALL, body, 3 * n) == SC_OK && fields.n == 1);
	CHECK(scan_bytes(ALL, body, 3 * n + 3) == SC_LIMIT);
}

/* ---- two readings of one name ------------------------------------------------------- */

/* The actions of the fields of BODY, by SEL; a point is "p". */
static const char *actions(const struct codec_selector *sel, size_t n_sel, const char *body)
{
	struct codec_paths *p = paths_of(sel, n_sel);
	uint8_t *doc = padded(body, strlen(body));

	CHECK(codec_form.scan(p, sc_span(doc, strlen(body)), &fields, &diag) == SC_OK);
	sc_buf_clear(&buf);
	for (size_t i = 0; i < fields.n; i++) {
		struct codec_finding f = { .action = fields.v[i].action };

		if ((f.action & CODEC_FINDING) != 0)
			f = codec_paths_finding(p, f.action);
		if (fields.v[i].kind == CODEC_BEGIN)
			CHECK(sc_buf_put_str(&buf, "begin ") == SC_OK);
		else
			CHECK(sc_buf_printf(&buf, "%s%d ", f.points != 0 ? "p" : "",
				  f.action == CODEC_NONE ? 0 : f.action) == SC_OK);
		CHECK(i == 0 || fields.v[i].start >= fields.v[i - 1].start);
	}
	CHECK(sc_buf_put(&buf, "", 1) == SC_OK);
	codec_paths_free(p);
	free(doc);
	return (const char *)buf.p;
}

static void both_readings(void)
{
	static const struct codec_selector scan[] = { { "$.*", 1, 2, 0 },
		{ "$.a.b", 2, 4, CODEC_STRICT } };
	static const struct codec_selector whole[] = { { "$.*", 1, 2, 0 },
		{ "$['a[b]']", 2, 4, CODEC_STRICT } };
	static const struct codec_selector two[] = { { "$['a[b]']", 1, 2, 0 },
		{ "$..b", 2, 4, CODEC_STRICT } };
	static const struct codec_selector who[] = { { "$['a[b]']", 3, 0, CODEC_POINT },
		{ "$.a.b", 2, 4, CODEC_STRICT } };
	static const struct codec_selector whose[] = { { "$.a.b", 3, 0, CODEC_POINT },
		{ "$.a.b", 2, 4, CODEC_STRICT }, { "$['a[b]']", 1, 5, 0 } };

	CHECK(strcmp(actions(scan, 2, "a[b]=1&a[c]=2&c=3"), "2 1 1 ") == 0);
	CHECK(strcmp(actions(whole, 2, "a[b]=1&a[c]=2"), "2 1 ") == 0);
	CHECK(strcmp(actions(two, 2, "a[b]=1&c[b]=2"), "1 2 ") == 0);
	CHECK(strcmp(actions(who, 2, "a[b]=1&a[c]=2"), "p0 2 ") == 0);
	CHECK(strcmp(actions(whose, 3, "a[b]=1"), "p2 ") == 0);
}

/* Elements begin where their number is another than that of the name before. */
static void elements(void)
{
	static const struct codec_selector each[] = {
		{ "$.to[*].id", 3, 0, CODEC_POINT },
		{ "$.to[*].id", 4, 0, CODEC_POINT | CODEC_EACH },
		{ "$.to[*].phone", 2, 4, CODEC_STRICT },
	};

	CHECK(strcmp(actions(each, 3, "to[0][id]=a&to[0][phone]=1&to[1][id]=b&to[1][phone]=2"),
		  "begin p0 2 begin p0 2 ") == 0);
	CHECK(strcmp(actions(each, 3, "to[0][phone]=1&x=1&to[0][id]=a&to[10].id=a"),
		  "begin 2 p0 begin p0 ") == 0);
	CHECK(strcmp(actions(each, 3, "to[][id]=a&to[][phone]=1"), "begin p0 2 ") == 0);
	CHECK(strcmp(actions(each, 3, "to[0][id]=a&to[1][id]=b&to[0][phone]=1"),
		  "begin p0 begin p0 begin 2 ") == 0);
}

/* ---- values ---------------------------------------------------------------------------- */

static bool encodes(struct sc_span value, const char *want)
{
	sc_buf_clear(&buf);
	return codec_form.encode(value, &buf) == SC_OK && sc_span_is(sc_buf_span(&buf), want);
}

static void values(void)
{
	struct codec_map map;
	uint32_t from, to;

	CHECK(encodes(S("Ann Example"), "Ann+Example") && encodes(S(""), ""));
	CHECK(encodes(S("a*-._Z09"), "a*-._Z09"));
	CHECK(encodes(S("!\"#$%&'()+,/:;<=>?@[\\]^`{|}~\n\x7f"),
	    "%21%22%23%24%25%26%27%28%29%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D%7E%0A%7F"));
	CHECK(encodes(S("\xE4\xBD\xA0"), "%E4%BD%A0"));
	sc_buf_clear(&buf);
	CHECK(codec_form.encode(sc_span("a\0b", 3), &buf) == SC_SYNTAX);
	CHECK(codec_form.encode(S("\xED\xA0\x80"), &buf) == SC_SYNTAX && buf.n == 0);
	CHECK(codec_form.encode_field(CODEC_NULL, S("x"), &buf) == SC_OK && buf.n == 0);
	CHECK(codec_form.encode_field(CODEC_NUMBER, S("1e+2"), &buf) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), "1e%2B2"));
	CHECK(codec_form.encode_object == NULL && codec_form.quotes == 0);

	sc_buf_clear(&buf);
	codec_map_init(&map);
	NEED(codec_form.decode(S("a+%e4%BD%a0%21~"), &buf, &map) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&buf), "a \xE4\xBD\xA0!~") && map.n == 7);
	codec_map_range(&map, 2, 5, &from, &to);
	CHECK(from == 2 && to == 11);
	codec_map_range(&map, 5, 7, &from, &to);
	CHECK(from == 11 && to == 15);
	codec_map_fini(&map);
	for (size_t i = 0; i < 4; i++) {
		static const char *const bad[] = { "%", "a%4", "%00", "%ff" };

		sc_buf_clear(&buf);
		CHECK(codec_form.decode(S(bad[i]), &buf, NULL) == SC_SYNTAX && buf.n == 0);
	}
}

static void pieces(void)
{
	static const char body[] = "&a%41=1+2&b&=x=&c=&d==";
	static const struct codec_piece want[] = {
		{ 1, 5, CODEC_TEXT, true, true, 1, 1, 0, 0, 0 },
		{ 6, 9, CODEC_TEXT, false, true, 1, 1, 0, 0, 0 },
		{ 10, 11, CODEC_TEXT, true, false, 1, 1, 0, 0, 0 },
		{ 12, 12, CODEC_TEXT, true, false, 1, 1, 0, 0, 0 },
		{ 13, 15, CODEC_TEXT, false, false, 1, 1, 0, 0, 0 },
		{ 16, 17, CODEC_TEXT, true, false, 1, 1, 0, 0, 0 },
		{ 19, 20, CODEC_TEXT, true, false, 1, 1, 0, 0, 0 },
		{ 21, 22, CODEC_TEXT, false, false, 1, 1, 0, 0, 0 },
	};
	struct codec_piece p = { .kind = 0 };
	size_t from = 0;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		NEED(codec_form.piece(S(body), &from, &p));
		CHECK(p.start == want[i].start && p.end == want[i].end && p.kind == CODEC_TEXT &&
		    p.name == want[i].name && p.escaped == want[i].escaped);
	}
	CHECK(!codec_form.piece(S(body), &from, &p) && from == strlen(body));
	CHECK(!codec_form.piece(S(body), &from, &p));
	from = 0;
	CHECK(!codec_form.piece(S(""), &from, &p) && !codec_form.piece(S("&&"), &from, &p));
}

static void types(void)
{
	enum codec_fit fit;

	CHECK(codec_for(S("application/x-www-form-urlencoded"), &fit) == &codec_form);
	CHECK(codec_for(S("Application/X-WWW-Form-URLEncoded"), &fit) == &codec_form);
	CHECK(
	    codec_for(S("application/www-form-urlencoded"), &fit) == NULL && fit == CODEC_DOUBTFUL);
	CHECK(codec_for(S("multipart/form-data"), &fit) != &codec_form);
	CHECK(codec_for(S("urlencode"), &fit) == NULL && fit == CODEC_OTHER);
}

int main(void)
{
	codec_fields_init(&fields);
	sc_buf_init(&buf, 1 << 16);
	RUN(plain_names, "every occurrence of a name is found, compared decoded");
	RUN(brackets, "brackets lead to members and elements");
	RUN(other_readings, "a declared name is found where PHP, or who trims, would find it");
	RUN(refused, "what is read differently, or sent by nobody, is refused where it stands");
	RUN(every_byte, "each byte as it is, wherever among sixteen it stands");
	RUN(long_names, "a name has a ceiling");
	RUN(both_readings, "a name with brackets counts as a whole and part by part");
	RUN(elements, "an element begins with its number");
	RUN(values, "a value is written as browsers write it, and read as it was");
	RUN(pieces, "every name and value is a piece");
	RUN(types, "which bodies are forms, and which may be");
	codec_fields_fini(&fields);
	sc_buf_fini(&buf);
	return tap_done();
}
