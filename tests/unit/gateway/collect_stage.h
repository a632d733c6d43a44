/*
 * collect_stage.h - the service of collecting with a real store, registry, rules and
 * spool in a folder of its own; keyd and the worker's loop are stood in for. A test
 * includes this once, and is linked before the gateway.
 */
#ifndef TESTS_COLLECT_STAGE_H
#define TESTS_COLLECT_STAGE_H

#include "base/bytes.h"
#include "crypto/prim/hash.h"
#include "gateway/collect/service_private.h"
#include "gateway/protect/plan.h"
#include "gateway/protect/tap.h"
#include "tap.h"

#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define STAGE_NOW 1795687205000u /* 2026-11-26 10:00:05 UTC */
#define STAGE_TEXT 3             /* the version of the text */

/* ---- keyd --------------------------------------------------------------------------- */

static struct {
	bool away;
	uint8_t policy[HASH_BYTES];
	unsigned calls;
	size_t n; /* items of the last call */
	struct keyc_item items[64];
	struct keyc_call *call;
	struct asking asking;
	bool cancelled;
} keyd;

bool keyc_ready(const struct keyc *kc)
{
	(void)kc;
	return !keyd.away;
}

const uint8_t *keyc_policy_hash(const struct keyc *kc)
{
	(void)kc;
	return keyd.away ? NULL : keyd.policy;
}

enum sc_err keyc_pseudonym(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	keyd.calls++;
	keyd.n = n;
	memcpy(keyd.items, items, (n < 64 ? n : 64) * sizeof(*items));
	keyd.call = call;
	keyd.asking = *a;
	call->priv.kc = kc;
	return SC_OK;
}

void keyc_cancel(struct keyc_call *call)
{
	keyd.cancelled = true;
	keyd.call = NULL;
	call->priv.kc = NULL;
}

/* Who TEXT is, as this keyd has it. */
static inline struct collect_handle who_is(uint8_t kind, const char *text)
{
	struct collect_handle h;
	uint8_t hash[HASH_BYTES];

	hash_sha256(sc_span_str(text), hash);
	hash[0] = kind;
	memcpy(h.handle, hash, HANDLE_BYTES);
	h.pseudonym = sc_be64_load(hash + HANDLE_BYTES) | 1;
	return h;
}

/* It answers what it was asked; all items with STATUS. */
static inline void keyd_answers(enum sc_err err, enum wire_status status)
{
	struct wire_result results[64];
	uint8_t values[64][HANDLE_BYTES + KEYC_PSEUDONYM_BYTES];
	struct keyc_reply reply = { .err = err, .results = results, .n = keyd.n };
	struct keyc_call *call = keyd.call;

	memset(results, 0, sizeof(results));
	for (size_t i = 0; i < keyd.n; i++) {
		char text[COLLECT_ID_MAX + 1] = "";
		struct collect_handle h;

		memcpy(text, keyd.items[i].value.p, keyd.items[i].value.n);
		h = who_is(keyd.items[i].flags, text);
		memcpy(values[i], h.handle, HANDLE_BYTES);
		sc_be64_store(values[i] + HANDLE_BYTES, h.pseudonym);
		results[i].status = (uint8_t)status;
		if (status == WIRE_OK)
			results[i].value = sc_span(values[i], sizeof(values[i]));
	}
	keyd.call = NULL;
	call->priv.kc = NULL;
	call->done(call, &reply);
}

/* ---- the worker's loop ------------------------------------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct worker_post *first, **last;
} posts = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &posts.first };

void worker_post(struct worker *w, struct worker_post *p)
{
	(void)w;
	pthread_mutex_lock(&posts.lock);
	p->next = NULL;
	*posts.last = p;
	posts.last = &p->next;
	pthread_cond_signal(&posts.came);
	pthread_mutex_unlock(&posts.lock);
}

/* One turn: what was posted, or what is within five seconds. False: nothing was. */
static inline bool turn(void)
{
	struct timespec until;
	struct worker_post *p;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	pthread_mutex_lock(&posts.lock);
	while (posts.first == NULL && pthread_cond_timedwait(&posts.came, &posts.lock, &until) == 0)
		continue;
	if ((p = posts.first) != NULL && (posts.first = p->next) == NULL)
		posts.last = &posts.first;
	pthread_mutex_unlock(&posts.lock);
	if (p != NULL)
		p->on_loop(p);
	return p != NULL;
}

/* ---- the service ---------------------------------------------------------------------------- */

enum { WEB = 1, APP, ERP }; /* its sites, by number */

static const char *const stage_origins[] = { "https://shop.example" };
static const char *const stage_purposes[] = { "analytics", "campaign" };
static const char *const stage_regions[] = { "north", "south" };
static const char *const stage_honeypots[] = { "sku-trap" };
static const char *const stage_cancelled[] = { "void" };
static const char *const stage_categories[] = { "tea", "cups" };
static struct collect_site stage_sites[3];
static struct zone *stage_zone;
static struct feed_words stage_words;
static struct collect_order stage_order;
static struct collect_settings stage_settings;
static char stage_dir[64], stage_spool[80], stage_url[96];
static struct worker *stage_worker;
static struct collect_service *service;

static inline void stage_settings_init(void)
{
	struct sc_diag d;

	stage_sites[0] = (struct collect_site){ .name = { "web" },
		.write_key = "wk_web_0001",
		.origins = stage_origins,
		.n_origins = 1,
		.kinds = ~0u,
		.per_minute = 3 };
	stage_sites[1] = (struct collect_site){ .name = { "app" },
		.write_key = "wk_app_0001",
		.kinds = ~0u,
		.app = true };
	stage_sites[2] =
	    (struct collect_site){ .name = { "erp" }, .principal = { "oms" }, .kinds = ~0u };
	if (stage_zone == NULL && zone_load("+08:00", &d, &stage_zone) != SC_OK)
		abort();
	for (size_t i = 0; i < 3; i++)
		stage_sites[i].zone = stage_zone;
	stage_words = (struct feed_words){ .purposes = { .v = stage_purposes, .n = 2 },
		.categories = { .v = stage_categories, .n = 2 },
		.price_step = 100,
		.text_version = STAGE_TEXT,
		.traits = { { .name = "region",
		    .kind = FEED_WORD_OF_LIST,
		    .words = { .v = stage_regions, .n = 2 } } },
		.n_traits = 1 };
	stage_order = (struct collect_order){ .route = { "orders" },
		.shop = ERP,
		.order = "$.id",
		.customer = "$.buyer",
		.at = "$.at",
		.total = "$.total",
		.status = "$.status",
		.product = "$.items[*].sku",
		.category = "$.items[*].category",
		.price = "$.items[*].price",
		.quantity = "$.items[*].n",
		.address = "$.address",
		.traits = { "$.region" },
		.cancelled = { .v = stage_cancelled, .n = 1 } };
	stage_settings = (struct collect_settings){ .spool = stage_spool,
		.spool_max = 1 << 20,
		.store = stage_url,
		.snapshot_hour = 24, /* never: none comes between by itself */
		.sites = stage_sites,
		.n_sites = 3,
		.words = &stage_words,
		.honeypots = { .v = stage_honeypots, .n = 1 },
		.orders = &stage_order,
		.n_orders = 1 };
}

static inline int stage_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	return at->level == 0 ? 0 : remove(path);
}

/* All that is in its folder. */
static inline void stage_clear(void)
{
	if (nftw(stage_dir, stage_remove, 8, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

static inline bool stage_start(void)
{
	static const struct sc_name tenant = { "demo" };
	struct sc_diag d = { .text = "" };

	if (collect_service_new(&stage_settings, &tenant, stage_url, &d, &service) == SC_OK)
		return true;
	printf("# %s: %s\n", d.file, d.text);
	return false;
}

static inline void stage_stop(void)
{
	collect_service_free(service);
	service = NULL;
}

/* All anew. */
static inline void stage_fresh(void)
{
	stage_stop();
	if (stage_dir[0] == '\0') {
		snprintf(stage_dir, sizeof(stage_dir), "/tmp/scrim-collect.XXXXXX");
		if (mkdtemp(stage_dir) == NULL)
			abort();
		snprintf(stage_spool, sizeof(stage_spool), "%s/spool", stage_dir);
		snprintf(stage_url, sizeof(stage_url), "sqlite:%s/collect.db", stage_dir);
		stage_worker = calloc(1, sizeof(*stage_worker));
	}
	stage_clear();
	stage_settings_init();
	memset(&keyd, 0, sizeof(keyd));
	stage_worker->keyc = (struct keyc *)(void *)&keyd;
	if (!stage_start())
		abort();
}

static inline void stage_end(void)
{
	stage_stop();
	stage_clear();
	rmdir(stage_dir);
	zone_free(stage_zone);
	free(stage_worker);
}

/* ---- one batch ------------------------------------------------------------------------------- */

#define STAGE_BATCH 16

static struct {
	struct collect_batch b;
	struct collect_taken taken[STAGE_BATCH];
	uint8_t fate[STAGE_BATCH], why[STAGE_BATCH];
	unsigned done;
	enum sc_err err;
} sent;

static inline void on_sent(struct collect_batch *b, enum sc_err err)
{
	(void)b;
	sent.done++;
	sent.err = err;
}

/* A new batch of SITE. */
static inline void batch_begin(uint16_t site)
{
	memset(&sent, 0, sizeof(sent));
	memset(sent.fate, 0xff, sizeof(sent.fate));
	sent.b = (struct collect_batch){ .done = on_sent,
		.visit = { .site = &stage_sites[site - 1],
		    .shop = site,
		    .received_ms = STAGE_NOW,
		    .vouched = site == ERP },
		.taken = sent.taken,
		.fate = sent.fate,
		.why = sent.why };
}

/* One thing more. */
static inline struct collect_taken *put(uint8_t kind, const char *message, const char *device,
    const char *account)
{
	struct collect_taken *t = &sent.taken[sent.b.n++];

	*t = (struct collect_taken){ .event = { .kind = kind,
					 .at_ms = STAGE_NOW - 1000 - sent.b.n,
					 .shop = sent.b.visit.shop,
					 .flags = sent.b.visit.vouched ? FEED_VOUCHED : 0 },
		.message = sc_span_str(message),
		.device = sc_span_str(device),
		.account = sc_span_str(account),
		.account_vouched = account != NULL && sent.b.visit.vouched,
		.inputs = 3 };
	t->raw_ms = t->event.at_ms;
	t->product = sc_span_str(message);
	return t;
}

/* Off it goes; keyd answers if it is asked. How it ended. */
static inline enum sc_err batch_send(void)
{
	enum sc_err err = collect_take_in(service, stage_worker, &sent.b);

	if (err != SC_OK)
		return err;
	if (keyd.call != NULL)
		keyd_answers(SC_OK, WIRE_OK);
	while (sent.done == 0 && turn())
		continue;
	return sent.done == 1 ? sent.err : SC_BUG;
}

/* ---- what is in the spool ---------------------------------------------------------------------- */

static struct feed_frame spooled[512];
static size_t n_spooled;

static inline void read_segment(const char *path)
{
	uint8_t bytes[FEED_FRAME_BYTES];
	FILE *f = fopen(path, "r");
	struct feed_frame frame;

	if (f == NULL || fread(bytes, 1, sizeof(bytes), f) != sizeof(bytes)) /* its head */
		abort();
	while (fread(bytes, 1, sizeof(bytes), f) == sizeof(bytes))
		if (feed_decode(bytes, &frame) == SC_OK && frame.type != FEED_COMMIT &&
		    n_spooled < 512)
			spooled[n_spooled++] = frame;
	fclose(f);
}

static inline void read_spool(void)
{
	char dir[128], path[512];
	struct dirent **names;
	int n;

	n_spooled = 0;
	snprintf(dir, sizeof(dir), "%s/feed", stage_spool);
	if ((n = scandir(dir, &names, NULL, alphasort)) < 0)
		abort();
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (strstr(names[i]->d_name, ".spool") != NULL)
			read_segment(path);
		free(names[i]);
	}
	free(names);
}

/* How many of TYPE there are; the last of them in *LAST (may be NULL). */
static inline unsigned count_of(enum feed_type type, struct feed_frame *last)
{
	unsigned n = 0;

	read_spool();
	for (size_t i = 0; i < n_spooled; i++)
		if (spooled[i].type == type) {
			n++;
			if (last != NULL)
				*last = spooled[i];
		}
	return n;
}

#endif
