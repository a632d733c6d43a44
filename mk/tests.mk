# Tests: a TAP executable per tests/unit/<layer>/test_<module>.c, linked with
# its layer and those below only; a replay of each fuzz target's corpus; then
# the scenarios, which are shell stories with real processes.

below_base    := base
below_policy  := policy base
below_net     := net base
below_crypto  := keyd crypto net policy base
below_audit   := audit crypto net policy base
below_gateway := gateway audit crypto net policy base
below_analytics := viewd analytics net base
below_query   := queryd analytics/query analytics audit crypto net policy base
below_market  := analytics/market net base
# what a test sees, where that is not the layer of its own name
at_query  := analytics/queryd
at_market := analytics/market
seen_by = $(B)/inc/$(or $(at_$(1)),$(1))

UNIT_LAYERS := base policy net crypto audit gateway analytics query market
UNIT_SRC    := $(foreach l,$(UNIT_LAYERS),$(wildcard tests/unit/$(l)/test_*.c))
UNIT_BIN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

# What the tests of a layer share: fixtures with a header, linked where they are used.
define fixture_rules
$(B)/unit/lib$(1).a: $(patsubst tests/%.c,$(B)/%.o,$(fixtures_$(1)))
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
$(B)/unit/$(1)/%.o: tests/unit/$(1)/%.c $(B)/inc/.links
	@mkdir -p $$(@D)
	@echo "  TEST  $$@"
	$$(Q)$$(CC) $$(CFLAGS) -I$(call seen_by,$(1)) -Itests -MMD -MP -MF $$@.d -c $$< -o $$@
endef
$(foreach l,$(UNIT_LAYERS),$(eval fixtures_$(l) := $(filter-out tests/unit/$(l)/test_%,$(wildcard tests/unit/$(l)/*.c))))
$(foreach l,$(UNIT_LAYERS),$(if $(fixtures_$(l)),$(eval parts_$(l) := $(B)/unit/lib$(l).a)$(eval $(call fixture_rules,$(l)))))

define unit_rules
$(B)/unit/$(1)/%: tests/unit/$(1)/%.c tests/tap.h $$(parts_$(1)) $(foreach l,$(below_$(1)),$(B)/lib/$(l).a)
	@mkdir -p $$(@D)
	@echo "  TEST  $$@"
	$$(Q)$$(CC) $$(CFLAGS) -I$(call seen_by,$(1)) -Itests $$(LDFLAGS) -MMD -MP -MF $$@.d -o $$@ $$< $$(EXTRA) $$(parts_$(1)) $(foreach l,$(below_$(1)),$(B)/lib/$(l).a) $$(LIBS)
endef
$(foreach l,$(UNIT_LAYERS),$(eval $(call unit_rules,$(l))))

# A test that starts a daemon tests the one that was just built.
UNIT_WITH_KEYD := $(patsubst tests/unit/%.c,$(B)/unit/%,$(shell grep -lE 'keyd_(fixture|log)\.h' $(UNIT_SRC)))
$(UNIT_WITH_KEYD): $(B)/bin/scrim-keyd
UNIT_WITH_VIEWD := $(patsubst tests/unit/%.c,$(B)/unit/%,$(shell grep -lE 'view_rig\.h' $(UNIT_SRC)))
$(UNIT_WITH_VIEWD): $(B)/bin/scrim-viewd

# The test disk (tests/disk/disk.h): a library to preload, or linked into a test
# whose own calls it is to watch; and what plays its record back.
DISK_OBJ := $(patsubst tests/disk/%.c,$(B)/disk/%.o,$(wildcard tests/disk/*.c))
$(B)/disk/%.o: tests/disk/%.c $(wildcard tests/disk/*.h)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CFLAGS) -U_FORTIFY_SOURCE -Itests -c $< -o $@
$(B)/tools/testdisk.so: tests/disk/calls.c tests/disk/watch.c $(wildcard tests/disk/*.h)
	@mkdir -p $(@D)
	@echo "  TOOL  $@"
	$(Q)$(CC) $(filter-out -fPIE,$(CFLAGS)) -U_FORTIFY_SOURCE -DDISK_PRELOAD -fPIC -shared -Itests -o $@ $(filter %.c,$^)
UNIT_WITH_DISK := $(filter $(B)/unit/%,$(foreach u,$(UNIT_BIN),$(if $(findstring /test_disk_,$(u)),$(u))))
$(UNIT_WITH_DISK): EXTRA += $(DISK_OBJ)
$(UNIT_WITH_DISK): $(DISK_OBJ) $(B)/tools/testdisk.so

# The test clock: a library to preload into a daemon whose wall clock a test sets.
$(B)/tools/testclock.so: tests/clock/testclock.c
	@mkdir -p $(@D)
	@echo "  TOOL  $@"
	$(Q)$(CC) $(filter-out -fPIE,$(CFLAGS)) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $<
UNIT_WITH_CLOCK := $(patsubst tests/unit/%.c,$(B)/unit/%,$(shell grep -lE 'testclock\.so' $(UNIT_SRC)))
$(UNIT_WITH_CLOCK): $(B)/tools/testclock.so

# A test that puts its own functions in the place of the gateway's: they come first.
OVERRIDES := test_collect_service test_collect_orders test_served test_identify test_access_log test_proxy test_phone_twiml_render test_phone_twiml test_phone_twiml_heard
$(OVERRIDES:%=$(B)/unit/gateway/%): EXTRA = -Wl,-z,muldefs

# A fuzz target sees what the gateway sees, or analytics where it is of that layer. Without
# libFuzzer it is linked with a main() that feeds it its corpus (tests/fuzz/corpus/<name>/).
FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN  := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_MAIN ?= tests/fuzz/replay.c
FUZZ_ANALYTICS := fuzz_hierarchy fuzz_manifest fuzz_lineage fuzz_csv fuzz_cube_text
FUZZ_QUERY := fuzz_query
FUZZ_MARKET := fuzz_market_answer
# what nobody but keyd sees
FUZZ_CRYPTO := fuzz_root fuzz_backup fuzz_keytree fuzz_mirror fuzz_link
define fuzz_rules
$(B)/fuzz/$(1): tests/fuzz/$(1).c $(FUZZ_MAIN) $(foreach l,$(below_$(2)),$(B)/lib/$(l).a)
	@mkdir -p $$(@D)
	@echo "  FUZZ  $$@"
	$$(Q)$$(CC) $$(CFLAGS) -Wno-missing-prototypes -I$(call seen_by,$(2)) -Itests $$(LDFLAGS) $$(FUZZ_LINK) -MMD -MP -MF $$@.d -o $$@ $$< $$(FUZZ_MAIN) $(foreach l,$(below_$(2)),$(B)/lib/$(l).a) $$(LIBS)
endef
$(foreach f,$(notdir $(FUZZ_BIN)),$(eval $(call fuzz_rules,$(f),$(or $(if $(filter $(FUZZ_ANALYTICS),$(f)),analytics),$(if $(filter $(FUZZ_QUERY),$(f)),query),$(if $(filter $(FUZZ_MARKET),$(f)),market),$(if $(filter $(FUZZ_CRYPTO),$(f)),crypto),gateway))))

# The tests' own programs: the order maker, the checker, the demo's other side.
TOOL_BIN := $(addprefix $(B)/tools/,gen_orders check_rewrite demo_peer framing_client hacked_gateway run_code key_hunter disk session_elsewhere feed_sender fake_viewd gen_year page_samples shelf_maker log_writer fake_publisher run_in_queryd run_in_scrimd attack_releases keys_proof form_read xml_read)
TOOL_gen_orders    := $(wildcard tests/data/gen_*.c)
TOOL_check_rewrite := tests/data/check_rewrite.c tests/data/walk.c
TOOL_demo_peer     := $(wildcard tests/demo/demo_*.c)
TOOL_framing_client := tests/demo/framing_client.c
TOOL_hacked_gateway := tests/attacks/hacked_gateway.c
TOOL_session_elsewhere := tests/attacks/session_elsewhere.c
TOOL_run_code       := tests/attacks/run_code.c
TOOL_key_hunter     := tests/attacks/key_hunter.c tests/unit/crypto/known_keys.c tests/unit/crypto/memory_search.c
TOOL_fake_viewd     := tests/collect/fake_viewd.c
TOOL_disk           := tests/disk/tool/disk.c tests/disk/control.c
TOOL_page_samples   := $(wildcard tests/page/*.c)
TOOL_feed_sender    := tests/feed/feed_sender.c
TOOL_gen_year       := tests/demo/gen_year.c
TOOL_shelf_maker    := tests/views/shelf_maker.c
TOOL_log_writer     := tests/views/log_writer.c
TOOL_form_read      := tests/forms/form_read.c
TOOL_xml_read       := tests/xml/xml_read.c
TOOL_WITH_LIBS      := hacked_gateway run_in_scrimd session_elsewhere run_code key_hunter feed_sender fake_viewd gen_year log_writer form_read xml_read
TOOL_ANALYTICS      := page_samples shelf_maker attack_releases
TOOL_attack_releases := tests/attacks/attack_releases.c $(addprefix tests/unit/analytics/,intersect.c downcode.c recode_rig.c)
TOOL_fake_publisher := tests/query/fake_publisher.c
TOOL_run_in_queryd  := tests/attacks/run_in_queryd.c tests/attacks/wishes.c
TOOL_run_in_scrimd  := tests/attacks/run_in_scrimd.c tests/attacks/wishes.c gateway/scrimd/confine.c gateway/scrimd/process.c
TOOL_QUERY          := fake_publisher run_in_queryd
# what keyd keeps, by the attacker and by the disk
TOOL_CRYPTO := keys_proof
TOOL_keys_proof := $(wildcard tests/keys/*.c) $(addprefix tests/unit/crypto/,keyd_fixture.c owner.c) tests/disk/rebuild.c tests/disk/control.c
define tool_rules
$(B)/tools/$(1): $$(TOOL_$(1)) $$(wildcard tests/data/*.h tests/demo/*.h tests/disk/*.h) tests/unit/net/framing_rows.h
	@mkdir -p $$(@D)
	@echo "  TOOL  $$@"
	$$(Q)$$(CC) $$(CFLAGS) -Itests $$(LDFLAGS) -o $$@ $$(TOOL_$(1)) $$(LIBS)
endef
$(foreach t,$(filter-out $(TOOL_WITH_LIBS) $(TOOL_ANALYTICS) $(TOOL_QUERY) $(TOOL_CRYPTO),$(notdir $(TOOL_BIN))),$(eval $(call tool_rules,$(t))))

# Those that speak our own protocols, and those of analytics: with the libraries $(2), seeing $(3).
define lib_tool_rules
$(B)/tools/$(1): $$(TOOL_$(1)) $(foreach l,$(2),$(B)/lib/$(l).a)
	@mkdir -p $$(@D)
	@echo "  TOOL  $$@"
	$$(Q)$$(CC) $$(CFLAGS) $(foreach l,$(3),-I$(B)/inc/$(l)) -Itests $$(LDFLAGS) -MMD -MP -MF $$@.d -o $$@ $$(TOOL_$(1)) $(foreach l,$(2),$(B)/lib/$(l).a) $$(LIBS)
endef
$(foreach t,$(TOOL_WITH_LIBS),$(eval $(call lib_tool_rules,$(t),keyd $(below_gateway),gateway crypto)))
$(foreach t,$(TOOL_ANALYTICS),$(eval $(call lib_tool_rules,$(t),$(below_analytics),analytics)))
$(foreach t,$(TOOL_QUERY),$(eval $(call lib_tool_rules,$(t),$(below_query),analytics/queryd)))
$(foreach t,$(TOOL_CRYPTO),$(eval $(call lib_tool_rules,$(t),$(below_crypto),crypto)))

# One that releases a view and reads it as the page does.
$(B)/tools/release_rfm: tests/market/release_rfm.c $(B)/lib/analytics/market.a $(B)/lib/analytics.a $(B)/lib/base.a
	@mkdir -p $(@D)
	@echo "  TOOL  $@"
	$(Q)$(CC) $(CFLAGS) -I$(B)/inc/analytics -I$(B)/inc/analytics/market $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(filter %.a,$^) $(LIBS)

# Small programs that print what one part costs; see docs/PERFORMANCE.md.
BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
# Of the analytics layer are those in BENCH_ANALYTICS, of crypto those in BENCH_CRYPTO, of the gateway the others.
BENCH_ANALYTICS := bench_fold bench_eventlog bench_recode bench_attack bench_cube
BENCH_CRYPTO := bench_keys bench_backup bench_tree bench_start
define bench_rules
$(B)/bench/$(1): tests/bench/$(1).c $(foreach l,$(below_$(2)),$(B)/lib/$(l).a)
	@mkdir -p $$(@D)
	@echo "  TOOL  $$@"
	$$(Q)$$(CC) $$(CFLAGS) -I$(call seen_by,$(2)) -Itests $$(LDFLAGS) -MMD -MP -MF $$@.d -o $$@ $$< $$(EXTRA) $(foreach l,$(below_$(2)),$(B)/lib/$(l).a) $$(LIBS)
endef
# made-up shops are the unit tests' too
$(B)/bench/bench_attack: EXTRA = $(B)/unit/libanalytics.a
# a store full of people
MANY_PEOPLE := tests/bench/people/many_people.c
COUNT_WRITES := tests/bench/people/count_writes.c tests/bench/people/erasure_cost.c
$(B)/bench/bench_keys: EXTRA = $(MANY_PEOPLE) $(COUNT_WRITES)
$(B)/bench/bench_backup $(B)/bench/bench_start: EXTRA = $(MANY_PEOPLE) $(B)/unit/libcrypto.a
$(B)/bench/bench_keys $(B)/bench/bench_backup $(B)/bench/bench_start: $(MANY_PEOPLE) $(MANY_PEOPLE:.c=.h)
$(B)/bench/bench_keys: $(COUNT_WRITES) $(COUNT_WRITES:.c=.h)
$(B)/bench/bench_backup $(B)/bench/bench_start: $(B)/unit/libcrypto.a
$(B)/bench/bench_start: $(B)/bin/scrim-keyd
$(B)/bench/bench_attack: $(B)/unit/libanalytics.a
$(foreach b,$(notdir $(BENCH_BIN)),$(eval $(call bench_rules,$(b),$(or $(if $(filter $(BENCH_ANALYTICS),$(b)),analytics),$(if $(filter $(BENCH_CRYPTO),$(b)),crypto),gateway))))

.PHONY: test unit tools replay scenario attacks
tools: $(TOOL_BIN) $(B)/tools/release_rfm $(BENCH_BIN) $(B)/tools/testdisk.so $(B)/tools/testclock.so
unit: $(UNIT_BIN)
replay: $(FUZZ_BIN)
test: deps ## build, then run every unit test, corpus replay and scenario
	$(Q)$(MAKE) --no-print-directory all unit replay tools
	$(Q)VARIANT=$(VARIANT) tests/run $(UNIT_BIN) $(FUZZ_BIN)
attacks: all tools ## every attack fails here, and succeeds on the weakened build
	$(Q)$(MAKE) --no-print-directory WEAK=1 all tools
	$(Q)NO_SCENARIOS=1 VARIANT=$(VARIANT) tests/run tests/attacks/*.sh
	$(Q)NO_SCENARIOS=1 VARIANT=weak tests/run tests/attacks/*.sh
scenario: all tools ## the scenarios only; ONLY=name* chooses
	$(Q)VARIANT=$(VARIANT) ONLY='$(ONLY)' tests/run
