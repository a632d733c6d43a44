/*
 * test_xml.c - XML: whatever its author calls a member is found, every time it stands there, and
 * what two parsers read differently is refused.
 */
#include "padded.h"
#include "gateway/codec/xml.h"
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
	err = codec_xml.scan(p, sc_span(doc, n), &fields, &diag);
	/* what was taken, not what went astray */
	for (size_t i = 0; i < fields.n; i++)
		if ((fields.v[i].action & CODEC_FINDING) != 0)
			fields.v[i].action = codec_paths_finding(p, fields.v[i].action).action;
	codec_paths_free(p);
	free(doc);
	return err;
}

/* The raw values that AT finds in BODY, a | behind each; "!" for one that went astray, "-" for none. */
static const char *found(const char *at, const char *body)
{
	sc_buf_clear(&buf);
	if (scan_bytes(at, body, strlen(body)) != SC_OK)
		return "refused";
	for (size_t i = 0; i < fields.n; i++) {
		const struct codec_field *f = &fields.v[i];

		if (f->kind == CODEC_NULL && f->start != f->end)
			abort();
		if (sc_buf_put(&buf, body + f->start, f->end - f->start) != SC_OK ||
		    sc_buf_put_str(&buf, f->kind == CODEC_NULL ? "-" : "") != SC_OK ||
		    sc_buf_put_str(&buf, f->action == 1 ? "|" : "!|") != SC_OK)
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
		printf("# %s in %s: \"%s\", not \"%s\" (%s)\n", at, body, got, want, diag.text);
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

/* ---- where values stand ------------------------------------------------------------------ */

static void members(void)
{
	static const struct row rows[] = {
		{ "$.o.phone", "<o><phone>1</phone></o>", "1|" },
		{ "$.o.phone", "<?xml version='1.0'?>\n<o>\n <phone>1</phone>\n <x>2</x>\n</o>\n",
		    "1|" },
		{ "$.o.phone", "\xEF\xBB\xBF<o><phone>1</phone></o>", "1|" },
		{ "$.o.phone", "<o><phone>1</phone><x/><phone>2</phone></o>", "1|2|" },
		{ "$.o.phone", "<o><phone/><phone></phone><phone> </phone></o>", "-|-|-|" },
		{ "$.o.phone", "<o><Phone>1</Phone><phones>2</phones></o>", "1|" },
		{ "$.o.phone", "<o><phone >1</phone ><!-- <phone>2</phone> --></o>", "1|" },
		{ "$.o.phone", "<o><?a <phone>2</phone>?><phone>1</phone></o>", "1|" },
		{ "$.o.phone", "<o><![CDATA[<phone>2</phone>]]><phone>1</phone></o>",
		    "<![CDATA[<phone>2</phone>]]>!|1|" },
		{ "$.o.phone", "<o a='<'><phone>1</phone></o>", "refused" },
		{ "$.o.phone", "<o a='>/' b=\"/>\"><phone>1</phone></o>", "1|" },
		{ "$..phone", "<a><phone>1</phone><b><c><phone>2</phone></c></b></a>", "1|2|" },
		{ "$.a.b", "<a><b><c>1</c><d><e>2</e>3</d></b><x>4</x></a>", "1|2|3|" },
		{ "$", "<a>1<b>2</b>3</a>", "1|2|3|" },
		{ "$.a", "<a>1<b>2</b>3</a>", "1|2|3|" },
		{ "$.a.*", "<a><b>2</b><c>3</c></a>", "2|3|" },
		{ "$.\xE5\x90\x8D", "<\xE5\x90\x8D>\xE4\xBD\xA0</\xE5\x90\x8D>", "\xE4\xBD\xA0|" },
		/* what stands where a path goes on */
		{ "$.o.phone.x", "<o><phone>1</phone></o>", "1!|" },
		{ "$.o.phone", "<o>1</o>", "1!|" },
		{ "$.o.phone", "<o><x>1</x></o>", "" },
		{ "$[0]", "<o>1</o>", "1!|" },
	};

	ROWS(rows);
}

static void prefixes(void)
{
	static const struct row rows[] = {
		{ "$.Envelope.Body.Order.Phone",
		    "<s:Envelope xmlns:s='u:s'><s:Body><Order xmlns='u:o'><Phone>1</Phone></Order>"
		    "</s:Body></s:Envelope>",
		    "1|" },
		{ "$.Envelope.Body.Order.Phone",
		    "<SOAP-ENV:Envelope xmlns:SOAP-ENV='u:s'><SOAP-ENV:Body><a:Order xmlns:a='u:o'>"
		    "<a:Phone>1</a:Phone></a:Order></SOAP-ENV:Body></SOAP-ENV:Envelope>",
		    "1|" },
		{ "$.o.p", "<o xmlns:a='u:a' xmlns:b='u:b'><a:p>1</a:p><b:p>2</b:p><p>3</p></o>",
		    "1|2|3|" },
		{ "$.o.p", "<o><a:p>1</a:p></o>", "refused" },
		{ "$.o['@p']", "<o xmlns:a='u:a' xmlns:b='u:b' a:p='1' b:p='2' p='3'/>", "1|2|3|" },
		{ "$.o['@p']", "<o xmlns:a='u:a' xmlns:b='u:a' a:p='1' b:p='2'/>", "refused" },
		{ "$", "<o xmlns='u:o' xmlns:p='u:p'>1</o>", "1|" },
		{ "$..['@p']", "<o xmlns:p='u:p'>1</o>", "" },
	};

	ROWS(rows);
}

static void attributes(void)
{
	static const struct row rows[] = {
		{ "$.Request.Body.Order['@d_tel']",
		    "<Request service='OrderService'><Body><Order d_contact='Ann' d_tel = '1' "
		    "j_tel=\"2\"/></Body></Request>",
		    "1|" },
		{ "$.o.tel", "<o tel='1'><tel>2</tel></o>", "1|2|" },
		{ "$.o['@tel']", "<o tel='1'><tel>2</tel></o>", "1|" },
		{ "$..tel", "<o tel='1'><p a='x' tel='2'/></o>", "1|2|" },
		{ "$.o.tel", "<o><tel type='m' x=''>2</tel></o>", "m||2|" },
		{ "$.o.tel", "<o tel=\"it's\"/>", "it's|" },
		{ "$.o.tel", "<o\ttel\n=\r\n'1'\n></o>", "1|" },
		{ "$.o.tel", "<o tel='1' tel='2'/>", "refused" },
		{ "$.o.tel.x", "<o tel='1'/>", "1!|" },
		/* what parsers read of it is taken by its own name */
		{ "$.o.tel",
		    "<o xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
		    "<tel xsi:type='xsd:string' xml:space='preserve' type='m'>1</tel>"
		    "<tel xsi:nil='true'/></o>",
		    "m|1|-|" },
		{ "$.o.tel['@type']", "<o xmlns:xsi='u:x'><tel xsi:type='t' type='m'></tel></o>",
		    "t|m|" },
		{ "$..type", "<o xmlns:xsi='u:x'><tel xsi:type='t' type='m'></tel></o>", "m|" },
		{ "$", "<o xmlns:xsi='u:x' xsi:tel='1'></o>", "1|" },
	};

	ROWS(rows);
}

static void lists(void)
{
	static const char one[] = "<os><o><p>1</p></o></os>";
	static const char two[] = "<os><o><p>1</p></o><o><p>2</p></o><x><p>3</p></x></os>";
	static const struct row rows[] = {
		{ "$.os.o.p", one, "1|" },
		{ "$.os.o[*].p", one, "1|" },
		{ "$.os.o.p", two, "1|2|" },
		{ "$.os.o[*].p", two, "1|2|" },
		{ "$.os.o[0].p", two, "1|2|" },
		{ "$.os.o[3:].p[*]", two, "1|2|" },
		{ "$.os[*].o[*].p[*]", two, "1|2|" },
		{ "$..o[*].p", two, "1|2|" },
		{ "$..o[*]", two, "1|2|" },
		{ "$.os.*.p", two, "1|2|3|" },
		{ "$.os.*[*].p", two, "1|2|3|" },
		{ "$.os['o','x'][*].p", two, "1|2|3|" },
		{ "$.os['o',0].p", two, "1|2|" },
		{ "$[*].o.p", two, "1|2|" },
		{ "$..[*]", one, "1|" },
		{ "$.os.o[*].p.q", two, "1!|2!|" },
		{ "$.os.o[?@.p=='1'].p", two, "" },
	};

	ROWS(rows);
}

/* Without elements for lists, rules that differ in them alone are of one place. */
static void arrays_are_others(void)
{
	static const struct codec_selector sel[] = { { "$.a[*].b", 1, 2, CODEC_STRICT } };
	struct codec_paths *p = paths_of(sel, 1);
	uint8_t *json = padded("{\"a\":{\"b\":1},\"c\":2}", 19);
	uint8_t *xml = padded("<a><b>1</b></a>", 15);

	CHECK(codec_json.scan(p, sc_span(json, 19), &fields, NULL) == SC_OK && fields.n == 1 &&
	    (fields.v[0].action & CODEC_FINDING) != 0);
	CHECK(codec_xml.scan(p, sc_span(xml, 15), &fields, NULL) == SC_OK && fields.n == 1 &&
	    fields.v[0].action == 1);
	free(json);
	free(xml);
	codec_paths_free(p);
}

static void texts(void)
{
	static const char ways[] =
	    "<p><a>1</a><a>&lt;</a><a>\r</a><a>\r1</a><a b=' ' c='\n' d='&#9;'/></p>";
	static const struct row rows[] = {
		{ "$.p", "<p> 1 </p>", " 1 |" },
		{ "$.p", "<p>1&amp;2</p>", "1&amp;2|" },
		{ "$.p", "<p><![CDATA[1]]></p>", "<![CDATA[1]]>|" },
		{ "$.p", "<p>0<![CDATA[<1>]]>2<![CDATA[]]></p>", "0<![CDATA[<1>]]>2<![CDATA[]]>|" },
		{ "$.p", "<p><![CDATA[ ]]></p>", "<![CDATA[ ]]>|" },
		{ "$.p", "<p>&#32;</p>", "&#32;|" },
		{ "$.p", "<p><!-- 1 --></p>", "-|" },
		{ "$.p", "<p><!-- 1 -->2</p>", "2|" },
		{ "$.p", "<p>1<!-- 1 --> </p>", "1|" },
		{ "$.p", "<p>1<!-- 1 --><b/><!-- 1 -->2</p>", "1|-|2|" },
		{ "$.p", "<p>1<b/>2<?x?></p>", "1|-|2|" },
		{ "$.p", "<p>1<!---->2</p>", "refused" },
		{ "$.p", "<p>1<?x?>2</p>", "refused" },
		{ "$.p", "<p>1<!-- --> <!-- -->2</p>", "refused" },
		{ "$.p", "<p><b>1</b>1<!-- --><![CDATA[2]]></p>", "refused" },
		{ "$.q", "<p>1<!-- -->2</p>", "refused" },
	};

	ROWS(rows);
	CHECK(scan_bytes(ALL, ways, sizeof(ways) - 1) == SC_OK && fields.n == 7);
	CHECK(!fields.v[0].escaped && fields.v[1].escaped && fields.v[2].kind == CODEC_NULL &&
	    fields.v[3].escaped && !fields.v[4].escaped && fields.v[5].escaped &&
	    fields.v[6].escaped);
}

/* ---- what is refused ---------------------------------------------------------------------- */

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
		H("", 0),
		H(" \n", 2),
		H("1", 0),
		H("{\"phone\":\"1\"}", 0),
		H("<a>", 3),
		H("<a></b>", 5),
		H("<a/><b/>", 4),
		H("<a/>1", 4),
		H("<a/>\0", 4),
		H("<a>\0</a>", 3),
		H("<a>\x01</a>", 3),
		H("<a>\xC0\xAF</a>", 3),
		H("<a>\xED\xA0\x80</a>", 3),
		H("<a>\xEF\xBF\xBF</a>", 3),
		H("<a>\xFF</a>", 3),
		H("<a>]]></a>", 5),
		H("<a>&</a>", 4),
		H("<a>&nbsp;</a>", 3),
		H("<a>&#0;</a>", 3),
		H("<a>&#x1F;</a>", 3),
		H("<a>&#xD800;</a>", 3),
		H("<a>&#55;&#x110000;</a>", 8),
		H("<a b=1/>", 5),
		H("<a b/>", 4),
		H("<a b='1'c='2'/>", 8),
		H("<a><!-- -- --></a>", 10),
		H(" <?xml version='1.0'?><a/>", 1),
		/* declarations, and what entities come from */
		H("<!DOCTYPE a><a/>", 11),
		H("<!DOCTYPE a SYSTEM 'http://127.0.0.1/x'><a/>", 39),
		H("<!DOCTYPE a [<!ENTITY b '1'>]><a>&b;</a>", 12),
		H("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'>%b;]><a/>",
		    33),
		H("<?xml version='1.1'?><a/>", 0),
		H("<?xml version='1.0' encoding='UTF-16'?><a/>", 0),
		H("<?xml version='1.0' encoding='GBK'?><a/>", 0),
		H("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 0),
		H("<?xml version='1.0' encoding='UTF-7'?><a>+ADw-b+AD4-1</a>", 0),
		H("<?xml version='1.0' encoding='us-ascii'?><a>\xC3\xA9</a>", 44),
		H("\xFF\xFE<\0a\0/\0>\0", 3),
		H("\xFE\xFF\0<\0a\0/\0>", 2),
		H("<\0a\0/\0>\0", 1),
		H("\0<\0a\0/\0>", 0),
		H("<a xmlns:b=''/>", 0),
		H("<a xmlns:xmlns='u'/>", 0),
		H("<a:b:c xmlns:a='u'/>", 4),
		H("<x><a>1<!-- -->2</a></x>", 15),
	};
	static const char *const fine[] = { "<?xml version='1.0' encoding='utf-8'?><a/>",
		"<?xml version=\"1.0\" encoding=\"UTF8\" standalone=\"yes\"?>\r\n<a/>\r\n",
		"<?xml version='1.0' encoding='US-ASCII'?><a>&#233;</a>", "\n<a/>",
		"<a>&lt;&gt;&amp;&quot;&apos;&#x4F60;</a>", "<a>\xF0\x9F\x98\x80</a>",
		"<?xml-stylesheet href='x'?><a/><!-- end -->" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool right = scan_bytes(ALL, rows[i].body, rows[i].n) == SC_SYNTAX &&
		    diag.offset == rows[i].offset && diag.text[0] != '\0' && fields.n == 0;

		if (!right)
			printf("# %s: offset %zu, not %zu (%s)\n", rows[i].body, diag.offset,
			    rows[i].offset, diag.text);
		CHECK(right);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (strcmp(found(ALL, fine[i]), "refused") == 0) {
			printf("# %s: %s\n", fine[i], diag.text);
			CHECK(false);
		}
}

static void depth(void)
{
	static char body[8 * (XML_DEPTH_MAX + 1) + 1];

	for (size_t n = XML_DEPTH_MAX; n <= XML_DEPTH_MAX + 1; n++) {
		for (size_t i = 0; i < n; i++) {
			memcpy(body + 3 * i, "<a>", 3);
			memcpy(body + 3 * n + 4 * i, "</a>", 4);
		}
		CHECK(scan_bytes(ALL, body, 7 * n) == (n > XML_DEPTH_MAX ? SC_LIMIT : SC_OK));
		CHECK(fields.n == (n > XML_DEPTH_MAX ? 0 : 1));
	}
	/* nor by what never ends */
	CHECK(scan_bytes(ALL, body, 3 * (XML_DEPTH_MAX + 1)) == SC_LIMIT);
}

/* What expat would go through once for each attribute. */
static void namespaces(void)
{
	static char body[XML_NAMESPACE_MAX + 64];

	for (int n = XML_NAMESPACE_MAX; n <= XML_NAMESPACE_MAX + 1; n++) {
		int len = snprintf(body, sizeof(body), "<a><b xmlns:c = '%0*d'/></a>", n, 0);

		CHECK(scan_bytes(ALL, body, (size_t)len) ==
		    (n > XML_NAMESPACE_MAX ? SC_LIMIT : SC_OK));
		CHECK(n <= XML_NAMESPACE_MAX || (diag.offset == 6 && fields.n == 0));
	}
	CHECK(scan_bytes(ALL, "<a>xmlns</a>", 12) == SC_OK && fields.n == 1);
	CHECK(scan_bytes(ALL, "<a>xmlns=</a>", 13) == SC_OK && fields.n == 1);
	CHECK(scan_bytes(ALL, "<a>xmlns='</a>", 14) == SC_OK && fields.n == 1);
}

/* ---- whose they are -------------------------------------------------------------------- */

/* The actions of the fields of BODY, by SEL; a point is "p". */
static const char *actions(const struct codec_selector *sel, size_t n_sel, const char *body)
{
	struct codec_paths *p = paths_of(sel, n_sel);
	uint8_t *doc = padded(body, strlen(body));

	CHECK(codec_xml.scan(p, sc_span(doc, strlen(body)), &fields, &diag) == SC_OK);
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
		CHECK(i == 0 || fields.v[i].start >= fields.v[i - 1].end);
	}
	CHECK(sc_buf_put(&buf, "", 1) == SC_OK);
	codec_paths_free(p);
	free(doc);
	return (const char *)buf.p;
}

static void people(void)
{
	static const struct codec_selector each[] = {
		{ "$.os.o[*].id", 3, 0, CODEC_POINT },
		{ "$.os.o[*].id", 4, 0, CODEC_POINT | CODEC_EACH },
		{ "$.os.o[*].p", 2, 4, CODEC_STRICT },
	};
	static const struct codec_selector except[] = {
		{ "$.a[*]", 1, 4, CODEC_STRICT },
		{ "$.a['@type']", 1, 0, CODEC_EXCEPT },
	};
	static const struct codec_selector who[] = {
		{ "$.o['@id']", 3, 0, CODEC_POINT },
		{ "$.o", 2, 4, CODEC_STRICT },
	};

	CHECK(
	    strcmp(actions(each, 3, "<os><o id='a'><p>1</p></o><o><p>2</p><id>b</id></o><o/></os>"),
		"begin p0 2 begin 2 p0 begin p0 ") == 0);
	CHECK(strcmp(actions(except, 2, "<a type='m'>1<b type='n'>2</b></a>"), "1 1 1 ") == 0);
	CHECK(strcmp(actions(who, 2, "<o id='a' p='1'><id>2</id></o>"), "p2 2 2 ") == 0);
}

/* ---- values ---------------------------------------------------------------------------- */

static bool encodes(struct sc_span value, const char *want)
{
	sc_buf_clear(&buf);
	return codec_xml.encode(value, &buf) == SC_OK && sc_span_is(sc_buf_span(&buf), want);
}

/* What RAW is between BEFORE and what ends it; NULL: malformed. */
static const char *decoded(char before, const char *raw)
{
	char doc[256];

	snprintf(doc, sizeof(doc), "%c%s", before, raw);
	sc_buf_clear(&buf);
	if (codec_xml.decode(S(doc + 1), &buf, NULL) != SC_OK)
		return buf.n == 0 ? NULL : "something is left";
	CHECK(sc_buf_put(&buf, "", 1) == SC_OK);
	return (const char *)buf.p;
}

static void values(void)
{
	static const char *const bad[] = { "&", "&;", "&#;", "&#x;", "&#xg;", "&#0;", "&#xD800;",
		"&#x110000;", "&#xFFFF;", "&#99999999999;", "&nbsp;", "&AMP;", "<b>", "<![CDATA[",
		"<![CDATA[]]", "\xFF" };

	CHECK(encodes(S("Ann Example"), "Ann Example") && encodes(S(""), ""));
	CHECK(
	    encodes(S("<a> & \"b\" 'c' ]]>"), "&lt;a&gt; &amp; &quot;b&quot; &#39;c&#39; ]]&gt;"));
	CHECK(encodes(S("\t\n\r"), "&#9;&#10;&#13;") && encodes(S("\xE4\xBD\xA0"), "\xE4\xBD\xA0"));
	sc_buf_clear(&buf);
	CHECK(codec_xml.encode(sc_span("a\0b", 3), &buf) == SC_SYNTAX);
	CHECK(codec_xml.encode(S("\x0B"), &buf) == SC_SYNTAX);
	CHECK(codec_xml.encode(S("\xEF\xBF\xBE"), &buf) == SC_SYNTAX);
	CHECK(codec_xml.encode(S("\xED\xA0\x80"), &buf) == SC_SYNTAX && buf.n == 0);
	CHECK(codec_xml.encode_field(CODEC_NULL, S("x"), &buf) == SC_OK && buf.n == 0);
	CHECK(codec_xml.encode_field(CODEC_NUMBER, S("1.50"), &buf) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), "1.50"));
	CHECK(codec_xml.encode_object == NULL && codec_xml.quotes == 0);

	CHECK(strcmp(decoded('>', "a&lt;&#98;&#x4f60;&apos;"), "a<b\xE4\xBD\xA0'") == 0);
	CHECK(strcmp(decoded('>', "1<![CDATA[&lt;<2>]]]]>3<![CDATA[]]>"), "1&lt;<2>]]3") == 0);
	CHECK(strcmp(decoded('>', "a\r\nb\rc\nd\t<![CDATA[\r\n]]>&#13;"), "a\nb\nc\nd\t\n\r") == 0);
	CHECK(strcmp(decoded('"', "a\r\nb\rc\nd\t&#10;&#9;"), "a b c d \n\t") == 0);
	CHECK(strcmp(decoded('\'', "\n"), " ") == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(decoded('>', bad[i]) == NULL);
}

static void maps(void)
{
	static const char doc[] = ">a&lt;b<![CDATA[cd]]>e\r\nf";
	struct codec_map map;
	uint32_t from, to;

	codec_map_init(&map);
	sc_buf_clear(&buf);
	NEED(codec_xml.decode(S(doc + 1), &buf, &map) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&buf), "a<bcde\nf") && map.n == 8);
	codec_map_range(&map, 1, 2, &from, &to);
	CHECK(from == 1 && to == 5);
	codec_map_range(&map, 3, 4, &from, &to);
	CHECK(from == 15 && to == 16);
	codec_map_range(&map, 6, 7, &from, &to);
	CHECK(from == 21 && to == 23);
	codec_map_range(&map, 0, 8, &from, &to);
	CHECK(from == 0 && to == strlen(doc) - 1);
	codec_map_fini(&map);
}

/* Of RAW, a text, what stands for the decoded [START, END) becomes "&": as an element's text. */
static bool part_is(const char *raw, uint32_t start, uint32_t end, const char *want)
{
	struct codec_map map;
	uint32_t from, to;
	bool within = false, right;
	char doc[256];

	snprintf(doc, sizeof(doc), "<a b=']]>'><!-- <![CDATA[ -->%s</a>", raw);
	raw = strstr(doc, "-->") + 3;
	codec_map_init(&map);
	sc_buf_clear(&buf);
	CHECK(codec_xml.decode(sc_span(raw, strlen(raw) - 4), &buf, &map) == SC_OK);
	codec_map_range(&map, start, end, &from, &to);
	sc_buf_clear(&buf);
	right = sc_buf_put(&buf, raw, from) == SC_OK &&
	    codec_xml.encode_part(sc_span(doc, (size_t)(raw - doc) + from),
		sc_span(raw + from, to - from), &within, S("&"), &buf) == SC_OK &&
	    sc_buf_put(&buf, raw + to, strlen(raw) - 4 - to) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), want);
	if (!right)
		printf("# %s: %.*s\n", raw, (int)buf.n, (const char *)buf.p);
	codec_map_fini(&map);
	return right;
}

/* Two parts of one text: where the second stands depends on what became of the first. */
static bool two_parts_are(const char *before, const char *between, const char *want)
{
	bool within = false;

	sc_buf_clear(&buf);
	return codec_xml.encode_part(S(before), S("x"), &within, S("1"), &buf) == SC_OK &&
	    sc_buf_put_str(&buf, between) == SC_OK &&
	    codec_xml.encode_part(S(between), S("x"), &within, S("2"), &buf) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), want);
}

static void parts(void)
{
	CHECK(two_parts_are("<a><![CDATA[", " ", "]]>1<![CDATA[ ]]>2<![CDATA["));
	CHECK(two_parts_are("<a><![CDATA[", "]]>", "]]>1<![CDATA[]]>2"));
	CHECK(two_parts_are("<a>", "<![CDATA[", "1<![CDATA[]]>2<![CDATA["));
	CHECK(two_parts_are("<a>", "</a><a>", "1</a><a>2"));
	CHECK(part_is("abc", 1, 2, "a&amp;c"));
	CHECK(part_is("a<![CDATA[b]]>c", 0, 1, "&amp;<![CDATA[b]]>c"));
	CHECK(part_is("<![CDATA[abc]]>", 1, 2, "<![CDATA[a]]>&amp;<![CDATA[c]]>"));
	CHECK(part_is("<![CDATA[abc]]>d", 1, 3, "<![CDATA[a]]>&amp;d"));
	CHECK(part_is("<![CDATA[abc]]>d", 1, 4, "<![CDATA[a]]>&amp;"));
	CHECK(part_is("a<![CDATA[bc]]>d", 0, 2, "&amp;<![CDATA[c]]>d"));
	CHECK(part_is("<![CDATA[ab]]><![CDATA[cd]]>", 1, 3, "<![CDATA[a]]>&amp;<![CDATA[d]]>"));
	CHECK(part_is("<![CDATA[a]]>b", 1, 2, "<![CDATA[a]]>&amp;"));
	CHECK(part_is("<![CDATA[<![CDATA[b]]>", 9, 10, "<![CDATA[<![CDATA[]]>&amp;"));
}

/* ---- pieces ------------------------------------------------------------------------------ */

/* Each piece of BODY: "depth/low text", with a : behind a name and a ~ behind what is escaped. */
static void pieces_are(const char *body, const char *want)
{
	uint8_t *doc = padded(body, strlen(body));
	struct codec_piece p = { .kind = 0 };
	size_t from = 0;

	CHECK(codec_xml.scan(NULL, sc_span(doc, strlen(body)), &fields, &diag) == SC_OK);
	sc_buf_clear(&buf);
	while (codec_xml.piece(sc_span(doc, strlen(body)), &from, &p))
		CHECK(p.kind == CODEC_TEXT &&
		    sc_buf_printf(&buf, "%u/%u %.*s%s%s|", p.depth, p.low, (int)(p.end - p.start),
			body + p.start, p.name ? ":" : "", p.escaped ? "~" : "") == SC_OK);
	CHECK(from == strlen(body) && !codec_xml.piece(sc_span(doc, strlen(body)), &from, &p));
	if (!sc_span_is(sc_buf_span(&buf), want)) {
		printf("# %s: %.*s\n", body, (int)buf.n, (const char *)buf.p);
		CHECK(false);
	}
	free(doc);
}

static void pieces(void)
{
	pieces_are("<a/>", "1/0 a:|");
	pieces_are("<a>1</a>", "1/0 a:|1/1 1|");
	pieces_are("\xEF\xBB\xBF<?xml version='1.0'?><a> <b>1</b> <c>\"2\"</c><!-- 3 --></a>",
	    "1/0 a:|2/1 b:|2/2 1|2/2 c:|2/2 \"2\"|");
	pieces_are("<a b='1' c=\"\" d = '&lt;' xmlns='u' xmlns:e='v'>2</a>",
	    "1/0 a:|2/1 b:|2/2 1|2/2 c:|2/2 d:|2/2 &lt;~|2/2 xmlns:|2/2 u|2/2 xmlns:|2/2 v|1/1 2|");
	pieces_are("<a><b><c x='1'/></b><d/>2<e y=''></e>3</a>",
	    "1/0 a:|2/1 b:|3/2 c:|4/3 x:|4/4 1|2/2 d:|1/1 2|2/1 e:|3/2 y:|1/1 3|");
	pieces_are("<a xmlns:s='u'><s:b>1<![CDATA[2]]></s:b></a>",
	    "1/0 a:|2/1 xmlns:|2/2 u|2/2 b:|2/2 1<![CDATA[2]]>~|");
}

static void types(void)
{
	static const char *const fits[] = { "application/xml", "text/xml", "Text/XML",
		"application/soap+xml", "application/vnd.ebay+XML", "application/atom+xml" };
	static const char *const doubtful[] = { "image/svg+xml", "application/xhtml+xml",
		"application/x-xml", "text/xml-external-parsed-entity", "application/xml-dtd",
		"text/xml,application/json", "xml" };
	static const char *const other[] = { "text/html", "text/plain",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };
	enum codec_fit fit;

	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++)
		CHECK(codec_for(S(fits[i]), &fit) == &codec_xml && fit == CODEC_FITS);
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
		CHECK(codec_for(S(doubtful[i]), &fit) == NULL && fit == CODEC_DOUBTFUL);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(codec_for(S(other[i]), &fit) == NULL && fit == CODEC_OTHER);
}

int main(void)
{
	codec_fields_init(&fields);
	sc_buf_init(&buf, 1 << 16);
	RUN(members, "every element of a name is found, and whatever is beneath it");
	RUN(prefixes, "whatever prefixes its author chose");
	RUN(attributes, "an attribute is a member, and what parsers read of it stays");
	RUN(lists, "one element, or many, and however a path says so");
	RUN(arrays_are_others, "where there are arrays an element of one is not what it stands in");
	RUN(texts, "a text is all between two tags, and is never cut by a comment");
	RUN(refused, "what is read differently, or is no document, is refused where it stands");
	RUN(depth, "depth has a ceiling");
	RUN(namespaces, "so has a namespace's name");
	RUN(people, "whose a value is, element by element, and but for exceptions");
	RUN(values, "a value is written so that every parser reads it, and read as they do");
	RUN(maps, "each character is where it came from");
	RUN(parts, "a part of a CDATA section stands beside it");
	RUN(pieces, "every name, value and text is a piece");
	RUN(types, "which bodies are XML, and which may be");
	codec_fields_fini(&fields);
	sc_buf_fini(&buf);
	return tap_done();
}
