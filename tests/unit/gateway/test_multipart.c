/*
 * test_multipart.c - multipart/form-data: the parts that a rule names are found, JSON in them too,
 * and what two readers would cut or call differently is refused.
 */
#include "gateway/codec/multipart.h"
#include "gateway/codec/pieces.h"
#include "padded.h"
#include "tap.h"

#define S(text) sc_span_str(text)
#define CRLF "\r\n"
#define M "--AaB03x"
#define NAMED(name) "Content-Disposition: form-data; name=\"" name "\""
#define RAW(head, content) M CRLF head CRLF CRLF content CRLF
#define PART(name, content) RAW(NAMED(name), content)
#define TYPED(name, type, content) RAW(NAMED(name) CRLF "Content-Type: " type, content)
#define JSON(name, content) TYPED(name, "application/json", content)
#define UPLOAD(name, filename, content) \
	RAW(NAMED(name) "; filename=\"" filename "\"" CRLF "Content-Type: image/png", content)
#define END M "--" CRLF

static struct codec_fields fields;
static struct sc_diag diag;
static struct sc_buf buf;

static enum sc_err scan_bytes(const char *at, uint8_t how, const char *body, size_t n)
{
	const bool inside = (how & CODEC_INSIDE) != 0;
	const struct codec_selector sel = { at, inside ? CODEC_POINT_INSIDE : 1, 0, how };
	struct codec_paths *p = NULL;
	uint8_t *doc = padded(body, n);
	enum sc_err err;

	if (codec_paths_new(&sel, 1, NULL, &p) != SC_OK)
		abort();
	diag = (struct sc_diag){ .offset = 99999 };
	err = codec_multipart.scan(p, sc_span(doc, n), &fields, &diag);
	for (size_t i = 0; i < fields.n; i++)
		if ((fields.v[i].action & CODEC_FINDING) != 0)
			fields.v[i].action = codec_paths_finding(p, fields.v[i].action).action;
	codec_paths_free(p);
	free(doc);
	return err;
}

static void finds(const char *at, const char *body, const char *want)
{
	sc_buf_clear(&buf);
	if (scan_bytes(at, CODEC_STRICT, body, strlen(body)) != SC_OK) {
		printf("# refused at %zu: %s\n", diag.offset, diag.text);
		CHECK(false);
		return;
	}
	for (size_t i = 0; i < fields.n; i++) {
		const struct codec_field *f = &fields.v[i];

		if (sc_buf_put(&buf, body + f->start, f->end - f->start) != SC_OK ||
		    sc_buf_put_str(&buf, f->action == 1 ? "|" : "!|") != SC_OK)
			abort();
	}
	if (!sc_span_is(sc_buf_span(&buf), want)) {
		printf("# %s: \"%.*s\", not \"%s\"\n", at, (int)buf.n, (const char *)buf.p, want);
		CHECK(false);
	}
}

static void texts(void)
{
	static const char two[] = PART("phone", "07700 900123") PART("a[phone]", "x\r\ny") END;

	finds("$.phone", two, "07700 900123|");
	finds("$..phone", two, "07700 900123|x\r\ny|");
	finds("$", two, "07700 900123|x\r\ny|");
	finds("$.a.phone", two, "x\r\ny|");
	finds("$.a.phone.x", two, "x\r\ny!|");
	finds("$.note[*]", PART("note[]", "1") PART("note[]", "2") PART("note", "3") END,
	    "1|2|3!|");
	finds("$.phone", PART("phone", "") PART("phone", "-") END, "|-|");
	finds("$.x", PART("x", "\n\r\n\r-\n--A\r\n--AaB03") END, "\n\r\n\r-\n--A\r\n--AaB03|");
	finds("$.x", TYPED("x", "text/plain; charset=\"UTF-8\"", "\xE5\xA7\x93") END,
	    "\xE5\xA7\x93|");
	finds("$.x", RAW("content-disposition:form-data;NAME=x", "1") END, "1|");
	finds("$.x",
	    RAW("Content-Transfer-Encoding: BINARY" CRLF "Content-Length: 2" CRLF NAMED("x"), "12")
		M "--",
	    "12|");
	finds("$.x", END, "");
	finds("$.x", M "--", "");
	finds("$['_charset_']", PART("_charset_", "UTF-8") END, "UTF-8|");
	CHECK(scan_bytes("$", 0, PART("a", "x") END, strlen(PART("a", "x") END)) == SC_OK &&
	    fields.n == 1 && fields.v[0].kind == CODEC_TEXT && fields.v[0].nest == 0 &&
	    !fields.v[0].escaped);
}

static void json(void)
{
	static const char order[] =
	    JSON("order", "{ \"phone\": \"1\\u0032\", \"n\": [7, {\"phone\":null}] }")
		TYPED("more", "application/vnd.shop+json;charset=utf-8", "[{\"phone\":\"\"}]") END;

	finds("$.order.phone", order, "1\\u0032|");
	finds("$..phone", order, "1\\u0032|null||");
	finds("$.order.n[0]", order, "7|");
	finds("$.more[*].phone", order, "|");
	finds("$.order", order, "1\\u0032|7|null|");
	finds("$.order.n.x", order, "7!|null!|");
	CHECK(scan_bytes("$.order.phone", 0, order, strlen(order)) == SC_OK && fields.n == 1);
	CHECK(fields.v[0].nest == 1 && fields.v[0].before == 1 && fields.v[0].after == 1 &&
	    fields.v[0].escaped);
	sc_buf_clear(&buf);
	CHECK(codec_decode(&codec_multipart, S(order), &fields.v[0], &buf, NULL) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), "12"));
	/* a browser calls a Blob so; a text that looks like JSON is one where a rule says so */
	finds("$.o.phone",
	    RAW(NAMED("o") "; filename=\"blob\"" CRLF "Content-Type: application/json",
		"{\"phone\":1}") END,
	    "1|");
	finds("$.o.phone", PART("o", "{\"phone\":1}") END, "{\"phone\":1}!|");
}

static void files(void)
{
	static const char body[] = PART("a", "1")
	    UPLOAD("photo[]", "Ann \xE4\xBD\xA0.png", "\x89PNG\xFF\r\n--Aa\n") PART("b", "2") END;
	static const char nul[] = UPLOAD("f", "x", "a\0b") END;

	finds("$.b", body, "2|");
	finds("$.photo_of", body, "");
	CHECK(scan_bytes("$.b", 0, nul, sizeof(nul) - 1) == SC_OK && fields.n == 0);
	CHECK(scan_bytes("$.photo[0]", 0, body, strlen(body)) == SC_SYNTAX && fields.n == 0);
	CHECK(diag.offset == (size_t)(strstr(body, "\x89PNG") - body));
	CHECK(scan_bytes("$.photo[0].x", CODEC_STRICT, body, strlen(body)) == SC_SYNTAX);
	CHECK(scan_bytes("$..*", 0, body, strlen(body)) == SC_SYNTAX);
	CHECK(scan_bytes("$.photo[*]", CODEC_INSIDE | CODEC_POINT, body, strlen(body)) != SC_OK);
}

#define BAD_HEAD(head) RAW(head, "1") END
static void refused(void)
{
	static const char *const bad[] = {
		"",
		"x" CRLF PART("a", "1") END,
		CRLF PART("a", "1") END,
		M,
		M CRLF,
		M CRLF END,
		M "\n" NAMED("a") "\n\n1\n" M "--\n",
		PART("a", "1"),
		PART("a", "1") M,
		PART("a", "1") M "-",
		PART("a", "1") END "x",
		PART("a", "1") END CRLF,
		PART("a", "1") M " " CRLF,
		PART("a", "1") M "--  " CRLF,
		"-- a" CRLF NAMED("a") CRLF CRLF "1" CRLF "-- a--",
		"--" CRLF NAMED("a") CRLF CRLF "1" CRLF "----",
		/* where another reader would divide */
		PART("a", "1\n" M CRLF NAMED("phone") CRLF CRLF "2") END,
		PART("a", "1\r" M) END,
		PART("a", "1" CRLF M "y") END,
		PART("a", "1 " M) END,
		M CRLF NAMED("a") CRLF CRLF M "--",
		M CRLF NAMED("a") CRLF M "--",
		UPLOAD("a", M, "1") END,
		/* heads */
		BAD_HEAD("Content-Type: text/plain"),
		BAD_HEAD("Content-Disposition: attachment; name=\"a\""),
		BAD_HEAD("Content-Disposition: form-data"),
		BAD_HEAD("Content-Disposition: form-data;"),
		BAD_HEAD("Content-Disposition: form-data; filename=\"a\""),
		BAD_HEAD("Content-Disposition: form-data; name=\"a\"; name=\"b\""),
		BAD_HEAD(NAMED("a") "; filename=b; FileName=c"),
		BAD_HEAD(NAMED("a") "; filename=b; filename*=utf-8''c"),
		BAD_HEAD("Content-Disposition: form-data; name*=utf-8''a"),
		BAD_HEAD("Content-Disposition: form-data; name=\"a"),
		BAD_HEAD("Content-Disposition: form-data; name=\"a\\\"\""),
		BAD_HEAD("Content-Disposition: form-data; name=\"a\\b\""),
		BAD_HEAD("Content-Disposition: form-data; name=\"a\"b"),
		BAD_HEAD("Content-Disposition: form-data; name = a"),
		BAD_HEAD("Content-Disposition: form-data; name="),
		BAD_HEAD("Content-Disposition : form-data; name=a"),
		BAD_HEAD("Content-Disposition: (x) form-data; name=a"),
		BAD_HEAD(NAMED("a%22b")),
		BAD_HEAD(NAMED("a%0d")),
		BAD_HEAD(NAMED("=?utf-8?Q?phone?=")),
		BAD_HEAD("Content-Disposition: form-data; name='phone'"),
		BAD_HEAD(NAMED("a[b")),
		BAD_HEAD(NAMED("\xff")),
		BAD_HEAD(NAMED("a") CRLF NAMED("a")),
		BAD_HEAD(NAMED("a") CRLF " ; filename=x"),
		BAD_HEAD("Content-Disposition: form-data;" CRLF "\tname=a"),
		BAD_HEAD(NAMED("a") "\nContent-Type: text/plain"),
		BAD_HEAD(NAMED("a") CRLF "X-Phone: 1"),
		BAD_HEAD(NAMED("a") CRLF "Content-Transfer-Encoding: base64"),
		BAD_HEAD(NAMED("a") CRLF "Content-Transfer-Encoding: quoted-printable"),
		BAD_HEAD(NAMED("a") CRLF "Content-Length: 2"),
		BAD_HEAD(NAMED("a") CRLF "Content-Type: text/plain; charset=gbk"),
		BAD_HEAD(NAMED("a") CRLF "Content-Type: multipart/mixed; boundary=b"),
		BAD_HEAD(NAMED("a") CRLF "Content-Type: text/plain" CRLF "content-type: text/html"),
		/* contents */
		PART("_charset_", "GBK") END,
		PART("a", "\xC0\xAF") END,
		JSON("a", "{\"a\":1") END,
		JSON("a", "\"07700 900123\"") END,
		JSON("a", "") END,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (scan_bytes("$.q", 0, bad[i], strlen(bad[i])) != SC_SYNTAX || fields.n != 0 ||
		    diag.offset > strlen(bad[i]) || diag.text[0] == '\0') {
			printf("# taken: %s\n", bad[i]);
			CHECK(false);
		}
	CHECK(scan_bytes("$.q", 0, PART("a", "x\0") END, sizeof(PART("a", "x\0") END) - 1) ==
	    SC_SYNTAX);
	CHECK(scan_bytes("$", 0, JSON("a", "{]") END, strlen(JSON("a", "{]") END)) == SC_SYNTAX &&
	    diag.offset == (size_t)(strstr(JSON("a", "{]"), "{]") - JSON("a", "{]")) + 1);
}

static void many(void)
{
	for (unsigned n = MULTIPART_PARTS_MAX; n <= MULTIPART_PARTS_MAX + 1; n++) {
		sc_buf_clear(&buf);
		for (unsigned i = 0; i < n; i++)
			NEED(sc_buf_put_str(&buf, PART("a", "")) == SC_OK);
		NEED(sc_buf_put(&buf, END, sizeof(END)) == SC_OK);
		CHECK(scan_bytes("$", 0, (const char *)buf.p, buf.n - 1) ==
		    (n > MULTIPART_PARTS_MAX ? SC_LIMIT : SC_OK));
	}
}

static void boundaries(void)
{
	static const char body[] = PART("a", "1") END;
	static const char *const same[] = { "multipart/form-data; boundary=AaB03x",
		"multipart/form-data;charset=utf-8;BOUNDARY=\"AaB03x\"" };
	static const char *const other[] = { "multipart/form-data", "multipart/form-data; boundary",
		"multipart/form-data; boundary=AaB03", "multipart/form-data; boundary=AaB03xy",
		"multipart/form-data; boundary=aab03x", "multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=AaB03x; boundary=AaB03x",
		"multipart/form-data; boundary=x; boundary=AaB03x",
		"multipart/form-data; boundary*=AaB03x", "multipart/form-data; boundary*0=AaB03x",
		"multipart/form-data; x=1; boundary=AaB03x",
		"multipart/form-data; boundary=AaB03x, b",
		"multipart/form-data; boundary=AaB03x;" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CHECK(codec_multipart.begins(S(same[i]), S(body)));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		CHECK(!codec_multipart.begins(S(other[i]), S(body)));
	CHECK(codec_multipart.begins(S(same[0]), S(END)));
	CHECK(!codec_multipart.begins(S(same[0]), S("\r\n" PART("a", "1") END)));
}

/* VALUE where HEAD ends; what must not stand there is not written. */
static bool written(const char *head, const char *value)
{
	enum sc_err err;
	size_t n;

	sc_buf_clear(&buf);
	if (sc_buf_put_str(&buf, head) != SC_OK)
		abort();
	n = buf.n;
	err = codec_multipart.encode(S(value), &buf);
	CHECK(err == SC_OK ? buf.n == n + strlen(value) : err == SC_SYNTAX && buf.n == n);
	return err == SC_OK;
}

static void writing(void)
{
	static const char head[] = M CRLF NAMED("a") CRLF CRLF;
	static const char dash[] = M CRLF NAMED("a") CRLF CRLF "x" CRLF "-";

	CHECK(written(head, "07700 900123") && written(head, "a\r\nb") && written(head, ""));
	CHECK(written(head, "-- Ann\r\n--x") && written(head, "x\r\n"));
	CHECK(!written(head, "x\r\n" M "--"));
	CHECK(!written(head, M));
	CHECK(!written(head, "x " M));
	/* what stands around may make one of it */
	CHECK(!written(head, "x\r\n--") && !written(head, "x\n--AaB03"));
	CHECK(!written(dash, "-AaB03x\r\n") && !written(dash, "-") && !written(dash, ""));
	CHECK(written(dash, "5"));
	/* whose boundary is not known */
	CHECK(written("", "Ann") && !written("", M) && !written("", "--"));
	CHECK(!written(head, "\xff"));
	CHECK(codec_multipart.encode(sc_span("a\0", 2), &buf) == SC_SYNTAX);
	sc_buf_clear(&buf);
	CHECK(codec_multipart.encode_field(CODEC_NULL, S("x"), &buf) == SC_OK && buf.n == 0);
	CHECK(codec_encode_field(&codec_multipart, 1, CODEC_TEXT, S("a\"\n" M), &buf) == SC_SYNTAX);
	CHECK(codec_encode_field(&codec_multipart, 1, CODEC_TEXT, S("a\"\n"), &buf) == SC_OK &&
	    sc_span_is(sc_buf_span(&buf), "\"a\\\"\\n\""));
}

/* Each piece, and a mark of what it is. */
static void pieces(void)
{
	static const char body[] = PART("a", "1") PART("empty", "") UPLOAD("f", "Ann.png", "\xff")
	    RAW("Content-Disposition: form-data; filename=b; name=g", "file") JSON("j",
		"{\"k\":[\"v\",5]}") PART("t", "[\"w\"]")
		RAW(NAMED("o") "; filename=\"blob\"" CRLF "Content-Type: application/json", "[1]")
		    PART("", "end") END;
	struct codec_pieces it = { .fields = &fields };
	struct codec_piece p = { .kind = 0 };
	uint32_t at = 0;

	NEED(scan_bytes("$.q", 0, body, strlen(body)) == SC_OK);
	sc_buf_clear(&buf);
	while (codec_pieces_next(&it, &codec_multipart, S(body), &p)) {
		NEED(p.start >= at && p.end >= p.start);
		at = p.end;
		NEED(sc_buf_printf(&buf, "%.*s%s%u ", (int)(p.end - p.start), body + p.start,
			 p.name                     ? ":" :
			     p.kind == CODEC_NUMBER ? "#" :
						      "=",
			 p.depth) == SC_OK);
	}
	CHECK(sc_span_is(sc_buf_span(&buf),
	    "a:1 1=1 empty:1 f:1 Ann.png:1 b:1 g:1 j:1 k:2 v=3 5#3 t:1 w=2 o:1 1#2 :1 end=1 "));
	it = (struct codec_pieces){ .fields = &fields };
	CHECK(!codec_pieces_next(&it, &codec_multipart, S(END), &p));
}

static void types(void)
{
	enum codec_fit fit;

	CHECK(codec_for(S("Multipart/Form-Data"), &fit) == &codec_multipart);
	CHECK(codec_for(S("multipart/mixed"), &fit) == NULL && fit == CODEC_DOUBTFUL);
	CHECK(codec_for(S("multipart/form-data,"), &fit) == NULL && fit == CODEC_DOUBTFUL);
	CHECK(codec_for(S("image/png"), &fit) == NULL && fit == CODEC_OTHER);
}

int main(void)
{
	codec_fields_init(&fields);
	sc_buf_init(&buf, 1 << 20);
	RUN(types, "which types are read, and which may be read by somebody");
	RUN(texts, "a text is found by its part's name");
	RUN(json, "a part of JSON is the member's value");
	RUN(files, "a file is left alone, and no rule goes there");
	RUN(refused, "what readers cut or call differently is refused");
	RUN(many, "parts are so many, and no more");
	RUN(boundaries, "the boundary is the one that the Content-Type names");
	RUN(writing, "no value divides a body");
	RUN(pieces, "names, filenames and values are told in their order");
	codec_fields_fini(&fields);
	sc_buf_fini(&buf);
	return tap_done();
}
