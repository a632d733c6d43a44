/*
 * phone_rig.h - the service of virtual numbers with a real store in a temporary
 * folder, a clock of the test's own, and calls that wait until they are durable.
 */
#ifndef TESTS_PHONE_RIG_H
#define TESTS_PHONE_RIG_H

#include "gateway/phone/service.h"

#define RIG_NOON 1800000000u /* when stories begin */
#define RIG_DAY (24u * 3600)

struct phone_rig {
	char dir[64], url[96];
	struct phone_settings settings;
	struct phone_pool pools[4];
	struct phone_line lines[16];
	const char *dial[1];
	struct phone_service *s;
};

/* What is added to the wall clock, and to the one that nobody sets, in milliseconds. */
extern _Atomic int64_t rig_wall_ms, rig_mono_ms;
void rig_pass(uint64_t seconds); /* both go on */

/* A temporary folder and no pools; the clocks at noon. Exits when there is no folder. */
void rig_init(struct phone_rig *r);
uint16_t rig_pool(struct phone_rig *r, enum phone_mode mode, uint8_t digits, size_t n_lines);
bool rig_open(struct phone_rig *r); /* false: it does not open */
void rig_close(struct phone_rig *r);
/* The store's files as they are now, as after a crash, into another rig of the same settings. */
void rig_copy(const struct phone_rig *r, struct phone_rig *out);
/* What the store's file says to a statement, also while the service has it: a number, or -1. */
int64_t rig_sql(const struct phone_rig *r, const char *statement);
/* Run statements on the file of a rig that is closed. */
void rig_alter(const struct phone_rig *r, const char *statements);
void rig_fini(struct phone_rig *r); /* closes, and removes the folder */
/* The disk takes no byte more than is there, or as many as it likes again. */
void rig_disk_full(const struct phone_rig *r, bool full);

/* The token text of the person N (valid for eight more calls), and the blind index. */
const char *rig_token(uint32_t n);
uint64_t rig_party(uint32_t n);

/* ORDER wants a number for A (and B of a pair): a day, everything open. */
struct phone_want rig_want(uint16_t pool, const char *order, uint32_t a, uint32_t b);
/* The same as phone_bind() and so on, waited for. SC_OK: durable. */
enum sc_err rig_bind(struct phone_rig *r, struct phone_want *v, size_t n);
/* Two writes, the second asked for before the first is over; what became of each. */
enum sc_err rig_bind_both(struct phone_rig *r, struct phone_want *one, struct phone_want *two,
    enum sc_err *err_two);
enum sc_err rig_change(struct phone_rig *r, struct phone_patch *p);
enum sc_err rig_end(struct phone_rig *r, struct phone_ending *e);
enum sc_err rig_read(struct phone_rig *r, struct phone_list *list);
/* Everything that was handed to the store so far is done. */
void rig_settle(struct phone_rig *r);

/* Bind one; what became of it is in the want. False when it did not become durable. */
bool rig_bind_one(struct phone_rig *r, struct phone_want *want);
/* End by order. How many; -1 when it did not become durable. */
long rig_end_order(struct phone_rig *r, const char *order, bool complete);
/* Who is reached at that number by somebody who was never there? */
enum phone_answer rig_call(struct phone_rig *r, const struct phone_binding *b, uint32_t caller);
/* The bindings of ORDER into LIST (static storage). How many. */
size_t rig_list(struct phone_rig *r, const char *order, struct phone_list *list);

#endif
