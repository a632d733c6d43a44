/*
 * bench_codec.c - the scanner's speed on one core, by order shape.
 *
 *	bench_codec [SECONDS]
 *
 * Each shape of ../shared/data/orders/dev, document by document: without free
 * text (only the declared fields), with every string given to detect_scan(),
 * and with the string skipper of the byte table. Where the corpus is not, an
 * order of our own is repeated instead. Then an order as a form, brackets and Chinese
 * behind percents, and as XML in an envelope. Thread CPU time, best round of many.
 */
#include "../unit/gateway/orders.h"
#include "decoded.h"
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"
#include "policy/detect/detect.h"

#include <time.h>

/* The documents of one shape, and what a round over them works with. */
struct load {
	struct sc_buf text;
	struct codec_paths *paths, *every;
	struct codec_fields spans;
	struct detect_hits hits;
	struct codec_map map;
	struct sc_buf scratch;
	size_t found; /* so that no work can be left out */
};

typedef void round_fn(struct load *l, struct sc_span doc);

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void refused(void)
{
	fprintf(stderr, "bench_codec: a document was refused\n");
	exit(1);
}

static void round_scan(struct load *l, struct sc_span doc)
{
	if (json_scan(l->paths, doc.p, doc.n, &l->spans, NULL) != SC_OK)
		refused();
	l->found += l->spans.n;
}

static void round_plain(struct load *l, struct sc_span doc)
{
	if (json_scan_plain(l->paths, doc.p, doc.n, &l->spans, NULL) != SC_OK)
		refused();
	l->found += l->spans.n;
}

static void round_detect(struct load *l, struct sc_span doc)
{
	struct sc_span text;

	if (json_scan(l->every, doc.p, doc.n, &l->spans, NULL) != SC_OK)
		refused();
	for (size_t i = 0; i < l->spans.n; i++) {
		const struct codec_field *s = &l->spans.v[i];

		if (s->kind != CODEC_TEXT)
			continue;
		if (decoded(sc_span(doc.p + s->start, s->end - s->start), &l->scratch, &l->map,
			&text) != SC_OK ||
		    detect_scan(text, &l->hits) != SC_OK)
			refused();
		l->found += l->hits.n;
	}
}

/* Bytes a second of the best round in SECONDS. */
static double best(struct load *l, round_fn *fn, double seconds)
{
	double end = now() + seconds, fastest = 1e9;
	struct sc_span line;

	while (now() < end) {
		double began = now(), took;
		size_t from = 0;

		while (codec_ndjson.next(sc_buf_span(&l->text), true, &from, &line))
			fn(l, line);
		took = now() - began;
		fastest = took < fastest ? took : fastest;
	}
	return (double)l->text.n / fastest;
}

/* ORDER again and again, as C reads it. */
static void one_order(const struct codec *c, const char *order, const struct codec_selector *sel,
    size_t n_sel, double seconds)
{
	struct load l = { 0 };
	double end = now() + seconds, fastest = 1e9;

	sc_buf_init(&l.text, 1 << 16);
	if (sc_buf_put_str(&l.text, order) != SC_OK || codec_pad(&l.text) != SC_OK ||
	    codec_paths_new(sel, n_sel, NULL, &l.paths) != SC_OK)
		exit(1);
	while (now() < end) {
		double began = now(), took;

		for (size_t i = 0; i < 1000; i++)
			if (c->scan(l.paths, sc_buf_span(&l.text), &l.spans, NULL) != SC_OK)
				refused();
		took = (now() - began) / 1000;
		fastest = took < fastest ? took : fastest;
	}
	printf("%-8s %5zu bytes  fields %5.0f MB/s, %.2f us\n", c->name, l.text.n,
	    (double)l.text.n / fastest / 1e6, fastest * 1e6);
	codec_paths_free(l.paths);
	codec_fields_fini(&l.spans);
	sc_buf_fini(&l.text);
}

static void bench_form(double seconds)
{
	static const char order[] =
	    "id=8201&buyer%5Bid%5D=b-77&receiver[name]=%E7%A4%BA%E4%BE%8B&receiver[mobile]="
	    "07700+900123&receiver[city]=%E7%A4%BA%E4%BE%8B%E5%B8%82&items[0][sku]=A-1&"
	    "items[0][price]=12.50&items[0][num]=2&timestamp=1700000000&sign=0123456789abcdef"
	    "0123456789abcdef&remark=leave+it+at+the+door&paid=true&total=25.00&return_url="
	    "https%3A%2F%2Fshop.example%2Forders%2F8201";
	static const struct codec_selector sel[] = { { "$.receiver", 1, 0, 0 },
		{ "$.items[*].sku", 2, 0, CODEC_STRICT } };

	one_order(&codec_form, order, sel, 2, seconds);
}

static void bench_xml(double seconds)
{
	static const char order[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap="
	    "\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\n<order id=\"8201\" "
	    "paid=\"true\">\n  <buyer id=\"b-77\"/>\n  <receiver><name>"
	    "\xE7\xA4\xBA\xE4\xBE\x8B</name><mobile>07700 900123</mobile><city>"
	    "\xE7\xA4\xBA\xE4\xBE\x8B\xE5\xB8\x82</city></receiver>\n  <items><item><sku>A-1"
	    "</sku><price>12.50</price><num>2</num></item></items>\n  <remark>leave it &amp; go"
	    "</remark>\n  <sign>0123456789abcdef0123456789abcdef</sign>\n  <total>25.00</total>"
	    "\n</order></soap:Body></soap:Envelope>\n";
	static const struct codec_selector sel[] = { { "$..receiver", 1, 0, 0 },
		{ "$..items.item[*].sku", 2, 0, CODEC_STRICT } };

	one_order(&codec_xml, order, sel, 2, seconds);
}

static void load_own(struct load *l)
{
	static const char order[] =
	    "{\"id\":8201,\"receiver\":{\"name\":"
	    "\"\xE7\xA4\xBA\xE4\xBE\x8B\",\"mobile\":\"07700 900123\",\"city\":"
	    "\"\xE7\xA4\xBA\xE4\xBE\x8B\xE5\xB8\x82\"},\"items\":[{\"sku\":\"A-1\","
	    "\"price\":\"12.50\",\"num\":2}],\"remark\":\"leave at the door\","
	    "\"paid\":true,\"total\":25.00}\n";
	static const struct codec_selector sel[] = { { "$.receiver", 1, 0, 0 } };

	while (l->text.n < 4 << 20)
		if (sc_buf_put_str(&l->text, order) != SC_OK)
			exit(1);
	if (codec_paths_new(sel, 1, NULL, &l->paths) != SC_OK)
		exit(1);
}

static void load_shape(struct load *l, const char *shape)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.ndjson.gz", shape);
	if (!orders_read(name, &l->text) || (l->paths = orders_paths(shape)) == NULL)
		exit(1);
}

static void bench(const char *shape, double seconds)
{
	static const struct codec_selector every = { "$", 1, 0, 0 };
	struct load l = { 0 };
	double scan, plain, detect;

	sc_buf_init(&l.text, 1 << 28);
	sc_buf_init(&l.scratch, 1 << 24);
	if (shape == NULL)
		load_own(&l);
	else
		load_shape(&l, shape);
	if (codec_paths_new(&every, 1, NULL, &l.every) != SC_OK || codec_pad(&l.text) != SC_OK)
		exit(1);
	scan = best(&l, round_scan, seconds);
	plain = best(&l, round_plain, seconds);
	detect = best(&l, round_detect, seconds);
	printf("%-8s %5.1f MB  fields %5.2f GB/s  byte table %5.2f GB/s  "
	       "every string scanned %4.0f MB/s  (%zu states)\n",
	    shape == NULL ? "own" : shape, (double)l.text.n / 1e6, scan / 1e9, plain / 1e9,
	    detect / 1e6, codec_paths_states(l.paths));
	codec_paths_free(l.paths);
	codec_paths_free(l.every);
	codec_fields_fini(&l.spans);
	detect_hits_fini(&l.hits);
	codec_map_fini(&l.map);
	sc_buf_fini(&l.text);
	sc_buf_fini(&l.scratch);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1.0;

	if (!orders_there())
		bench(NULL, seconds);
	else
		for (size_t i = 0; i < 4; i++)
			bench(order_shapes[i], seconds);
	bench_form(seconds);
	bench_xml(seconds);
	return 0;
}
