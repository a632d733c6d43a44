/*
 * phone_rig.c - the service of virtual numbers with a real store in a temporary
 * folder, a clock of the test's own, and calls that wait until they are durable.
 */
#include "phone_rig.h"

#include "crypto/token/token.h"
#include "gateway/phone/service_private.h"
#include "policy/words/class.h"

#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- the clocks -------------------------------------------------------------------------- */

_Atomic int64_t rig_wall_ms, rig_mono_ms;
static _Atomic int64_t noon_ms;

static int64_t real_ms(clockid_t id)
{
	struct timespec t;

	syscall(SYS_clock_gettime, id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Stands in for the system's, in this program. */
int clock_gettime(clockid_t id, struct timespec *t)
{
	int64_t ms = real_ms(id);

	if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, id, t);
	ms += id == CLOCK_REALTIME ? noon_ms + rig_wall_ms : rig_mono_ms;
	t->tv_sec = ms / 1000;
	t->tv_nsec = ms % 1000 * 1000000;
	return 0;
}

void rig_pass(uint64_t seconds)
{
	rig_wall_ms += (int64_t)seconds * 1000;
	rig_mono_ms += (int64_t)seconds * 1000;
}

/* ---- the settings -------------------------------------------------------------------------- */

void rig_init(struct phone_rig *r)
{
	memset(r, 0, sizeof(*r));
	signal(SIGXFSZ, SIG_IGN);
	snprintf(r->dir, sizeof(r->dir), "/tmp/scrim-rig.XXXXXX");
	if (mkdtemp(r->dir) == NULL)
		exit(1);
	snprintf(r->url, sizeof(r->url), "sqlite:%s/numbers.db", r->dir);
	r->dial[0] = "44";
	r->settings.home = "44";
	r->settings.pools = r->pools;
	r->settings.lines = r->lines;
	r->settings.guard = (struct phone_guard_settings){ 3, 10, 30, 30, 3600 };
	noon_ms = (int64_t)RIG_NOON * 1000 - real_ms(CLOCK_REALTIME);
	rig_wall_ms = rig_mono_ms = 0;
}

uint16_t rig_pool(struct phone_rig *r, enum phone_mode mode, uint8_t digits, size_t n_lines)
{
	uint16_t pool = (uint16_t)r->settings.n_pools++;
	struct phone_pool *p = &r->pools[pool];

	*p = (struct phone_pool){
		.mode = (uint8_t)mode,
		.ext_digits = digits,
		.callback = true,
		.voice = true,
		.sms = true,
		.next = PHONE_NO_POOL,
		.ttl_s = RIG_DAY,
		.ttl_max_s = 90 * RIG_DAY,
		.after_s = 3600,
		.cooldown_s = 2 * RIG_DAY,
		.callback_s = RIG_DAY,
		.max_call_s = 1800,
		.max_parallel = 2,
		.max_calls_day = 50,
		.watermarks = { 70, 85, 95 },
		.dial = r->dial,
		.n_dial = 1,
		.display = "{number}",
	};
	snprintf(p->name.s, sizeof(p->name.s), "pool%u", (unsigned)pool);
	for (size_t i = 0; i < n_lines; i++) {
		struct phone_line *l = &r->lines[r->settings.n_lines];

		*l = (struct phone_line){ .pool = pool };
		snprintf(l->e164, sizeof(l->e164), "+441632960%03u",
		    (unsigned)r->settings.n_lines++ % 1000);
	}
	return pool;
}

/* ---- life -------------------------------------------------------------------------------------- */

bool rig_open(struct phone_rig *r)
{
	static const struct sc_name tenant = { "demo" };
	struct sc_diag d = { .text = "" };

	if (phone_service_new(&r->settings, &tenant, r->url, &d, &r->s) == SC_OK)
		return true;
	printf("# %s\n", d.text);
	return false;
}

void rig_close(struct phone_rig *r)
{
	phone_service_free(r->s);
	r->s = NULL;
}

static void path_of(const struct phone_rig *r, const char *suffix, char out[static 128])
{
	snprintf(out, 128, "%s/numbers.db%s", r->dir, suffix);
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char block[65536];
	size_t n;

	while (in != NULL && out != NULL && (n = fread(block, 1, sizeof(block), in)) != 0)
		fwrite(block, 1, n, out);
	if (in != NULL)
		fclose(in);
	if (out != NULL)
		fclose(out);
}

void rig_copy(const struct phone_rig *r, struct phone_rig *out)
{
	char from[128], to[128];

	*out = *r;
	out->s = NULL;
	snprintf(out->dir, sizeof(out->dir), "/tmp/scrim-rig.XXXXXX");
	if (mkdtemp(out->dir) == NULL)
		exit(1);
	snprintf(out->url, sizeof(out->url), "sqlite:%s/numbers.db", out->dir);
	out->settings.pools = out->pools;
	out->settings.lines = out->lines;
	for (size_t i = 0; i < out->settings.n_pools; i++)
		out->pools[i].dial = out->dial;
	/* the journal last: what it says of pages is newer than they are */
	for (size_t i = 0; i < 2; i++) {
		path_of(r, i == 0 ? "" : "-wal", from);
		path_of(out, i == 0 ? "" : "-wal", to);
		copy_file(from, to);
	}
}

void rig_fini(struct phone_rig *r)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[128];

	rig_close(r);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		path_of(r, suffixes[i], path);
		unlink(path);
	}
	rmdir(r->dir);
}

/* The service has the file for itself, so a copy is asked. */
int64_t rig_sql(const struct phone_rig *r, const char *statement)
{
	struct phone_rig copy;
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n = -1;

	rig_copy(r, &copy);
	path_of(&copy, "", path);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, statement, -1, &st, NULL) != SQLITE_OK)
		exit(1);
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	if (sqlite3_finalize(st) != SQLITE_OK)
		exit(1);
	sqlite3_close(db);
	rig_fini(&copy);
	return n;
}

void rig_alter(const struct phone_rig *r, const char *statements)
{
	char path[128];
	sqlite3 *db = NULL;

	path_of(r, "", path);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, statements, NULL, NULL, NULL) != SQLITE_OK)
		exit(1);
	sqlite3_close(db);
}

void rig_disk_full(const struct phone_rig *r, bool full)
{
	struct rlimit limit;
	struct stat st;
	char path[128];

	path_of(r, "-wal", path);
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || stat(path, &st) != 0)
		exit(1);
	/* the journal is written over from its beginning when it was emptied: not one byte */
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(1);
}

/* ---- people --------------------------------------------------------------------------------------- */

const char *rig_token(uint32_t n)
{
	static _Thread_local char texts[8][256];
	static _Thread_local size_t turn;
	char *out = texts[turn++ % 8];
	uint8_t body[32];
	struct token_parts t = { .class_id = CLASS_PHONE, .key_id = 7, .siv_ct = { body, 32 } };
	struct sc_buf text;

	memset(body, 0x5a, sizeof(body));
	memcpy(body, &n, sizeof(n));
	sc_buf_init(&text, 256);
	if (token_print(&t, &text) != SC_OK)
		exit(1);
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	sc_buf_fini(&text);
	return out;
}

uint64_t rig_party(uint32_t n)
{
	return n == 0 ? 0 : UINT64_C(1) << 40 | n;
}

/* ---- calls that are waited for ------------------------------------------------------------------------ */

struct waiting {
	struct phone_write write;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool over;
	enum sc_err err;
};

static void on_done(struct phone_write *wr, enum sc_err err)
{
	struct waiting *w = loop_owner(wr, struct waiting, write);

	pthread_mutex_lock(&w->lock);
	w->over = true;
	w->err = err;
	pthread_cond_signal(&w->told);
	pthread_mutex_unlock(&w->lock);
}

static struct waiting waiting(void)
{
	struct waiting w = { .write.done = on_done,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.told = PTHREAD_COND_INITIALIZER };

	return w;
}

static enum sc_err await(struct waiting *w, enum sc_err begun)
{
	if (begun != SC_OK)
		return begun;
	pthread_mutex_lock(&w->lock);
	while (!w->over)
		pthread_cond_wait(&w->told, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return w->err;
}

enum sc_err rig_bind(struct phone_rig *r, struct phone_want *v, size_t n)
{
	struct waiting w = waiting();

	return await(&w, phone_bind(r->s, NULL, &w.write, v, n));
}

/* The store's thread stands still between the two. */
struct standstill {
	struct store_job job;
	sem_t go;
};

static enum sc_err stand_still(struct store_job *j, struct store_tx *tx)
{
	(void)tx;
	while (sem_wait(&loop_owner(j, struct standstill, job)->go) != 0)
		;
	return SC_OK;
}

enum sc_err rig_bind_both(struct phone_rig *r, struct phone_want *one, struct phone_want *two,
    enum sc_err *err_two)
{
	struct waiting w1 = waiting(), w2 = waiting();
	struct standstill still = { .job.run = stand_still };
	enum sc_err begun_one, begun_two, err;

	sem_init(&still.go, 0, 0);
	store_submit(r->s->store, &still.job);
	begun_one = phone_bind(r->s, NULL, &w1.write, one, 1);
	begun_two = phone_bind(r->s, NULL, &w2.write, two, 1);
	sem_post(&still.go);
	err = await(&w1, begun_one);
	*err_two = await(&w2, begun_two);
	/* nothing of it is under way any more when another write has been answered */
	rig_settle(r);
	sem_destroy(&still.go);
	return err;
}

enum sc_err rig_change(struct phone_rig *r, struct phone_patch *p)
{
	struct waiting w = waiting();

	return await(&w, phone_change(r->s, NULL, &w.write, p));
}

enum sc_err rig_end(struct phone_rig *r, struct phone_ending *e)
{
	struct waiting w = waiting();

	return await(&w, phone_end(r->s, NULL, &w.write, e));
}

enum sc_err rig_read(struct phone_rig *r, struct phone_list *list)
{
	struct waiting w = waiting();

	return await(&w, phone_read(r->s, NULL, &w.write, list));
}

void rig_settle(struct phone_rig *r)
{
	struct phone_ending none = { .which.order_ref = SC_LIT("nobody's order") };

	if (rig_end(r, &none) == SC_NOMEM)
		exit(1);
}

/* ---- in short --------------------------------------------------------------------------------------------- */

struct phone_want rig_want(uint16_t pool, const char *order, uint32_t a, uint32_t b)
{
	struct phone_want want = {
		.pool = pool,
		.line = PHONE_NO_LINE,
		.ext = PHONE_NO_EXT,
		.order_ref = sc_span_str(order),
		.a = sc_span_str(rig_token(a)),
		.a_party = rig_party(a),
		.b_party = rig_party(b),
		.expires_at = (uint64_t)(RIG_NOON + rig_wall_ms / 1000 + RIG_DAY),
		.ttl_s = RIG_DAY,
		.directions = PHONE_TO_A | PHONE_TO_B,
		.channels = PHONE_VOICE | PHONE_SMS,
	};

	if (b != 0)
		want.b = sc_span_str(rig_token(b));
	return want;
}

bool rig_bind_one(struct phone_rig *r, struct phone_want *want)
{
	return rig_bind(r, want, 1) == SC_OK;
}

long rig_end_order(struct phone_rig *r, const char *order, bool complete)
{
	struct phone_ending e = { .which.order_ref = sc_span_str(order), .complete = complete };

	return rig_end(r, &e) == SC_OK ? (long)e.n : -1;
}

enum phone_answer rig_call(struct phone_rig *r, const struct phone_binding *b, uint32_t caller)
{
	const struct phone_asked q = { b->line, b->ext, rig_party(caller), PHONE_VOICE, false };
	struct phone_decision d;

	phone_decide(r->s, &q, &d);
	return d.answer;
}

size_t rig_list(struct phone_rig *r, const char *order, struct phone_list *list)
{
	static struct phone_listed room[PHONE_LIST_MAX];

	*list = (struct phone_list){ .which.order_ref = sc_span_str(order), .v = room };
	return rig_read(r, list) == SC_OK ? list->n : SIZE_MAX;
}
