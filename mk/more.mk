# What is asked for less often: the demo, the bench, fuzzing, lint, installing.

.PHONY: demo run bench gate deep sanitised fuzz mutants lint headers format install test-telephony test-collect test-pages

demo: deps ## the whole story on made-up orders; checks itself
	$(Q)began=$$(date +%s); MAKE='$(MAKE)' bash tests/demo/build.sh all tools && \
	  BUILD_SECONDS=$$(( $$(date +%s) - began )) VARIANT=$(VARIANT) bash tests/demo/demo.sh
run: deps ## the same, and it stays up until you press Ctrl-C
	$(Q)began=$$(date +%s); MAKE='$(MAKE)' bash tests/demo/build.sh all tools && \
	  BUILD_SECONDS=$$(( $$(date +%s) - began )) VARIANT=$(VARIANT) bash tests/demo/demo.sh --stay

bench: deps-heavy ## held against nginx, into build/bench.json (SHORT=1: one minute)
	$(Q)$(MAKE) --no-print-directory -s all tools
	$(Q)VARIANT=$(VARIANT) bash tests/bench/bench.sh
	$(Q)VARIANT=$(VARIANT) bash tests/bench/phone.sh
	$(Q)VARIANT=$(VARIANT) bash tests/bench/keys.sh
	$(Q)VARIANT=$(VARIANT) bash tests/bench/logs.sh

# Always the release build: budgets mean nothing for another one.
gate: deps-heavy ## instructions a request, held against tests/bench/budget.txt (UPDATE=1)
	$(Q)$(MAKE) --no-print-directory -s CC=gcc SAN= WEAK= OPT=-O2 VARIANT=release \
	  all tools build/release/tools/gate_preload.so
	$(Q)VARIANT=release UPDATE=$(UPDATE) bash tests/bench/gate.sh
$(B)/tools/gate_preload.so: tests/bench/preload/gate_preload.c
	@mkdir -p $(@D)
	@echo "  TOOL  $@"
	$(Q)$(CC) $(CFLAGS) -fPIC -shared -o $@ $<

# One build has clang's warnings, both sanitisers and what libFuzzer asks for; a variant that
# begins with "san-" is one whose daemons' words are looked through (tests/lib/world.sh). An empty
# span is {NULL, 0}, and nothing added to nothing is no fault to us; gcc's has what else that finds.
SAN_CLANG := CC=clang VARIANT=san-clang SAN='fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow' \
             FUZZ_MAIN= FUZZ_LINK=-fsanitize=fuzzer
# The same code on more data is not run again where every access is looked at.
SAN_SKIPS := test_(recode_adult|cube|cube_shop|lineage_retail)
sanitised: deps-heavy ## units and live daemons, with addresses and undefined behaviour looked at
	$(Q)$(MAKE) --no-print-directory $(SAN_CLANG) WERROR=1 all unit tools
	$(Q)NO_SCENARIOS=1 VARIANT=san-clang FILE_TIMEOUT=600 tests/run \
	  $$(find build/san-clang/unit -type f -perm -u+x -name 'test_*' ! -name '*.d' ! -name '*.o' | grep -vwE '$(SAN_SKIPS)' | sort) \
	  $(patsubst %,tests/scenario/%.sh,json_suite keyd_down upstream_faults marker lifecycle)

FUZZ_SECONDS ?= 20
fuzz: deps-heavy ## libFuzzer on every parser, FUZZ_SECONDS each (20)
	$(Q)$(MAKE) --no-print-directory $(SAN_CLANG) replay
	$(Q)bash tests/fuzz/run.sh build/san-clang/fuzz $(FUZZ_SECONDS)

deep: deps-heavy ## what takes hours; results go to docs/DEEP.md (STEPS= chooses)
	$(Q)bash tests/lib/deep.sh $(STEPS)

mutants: deps ## plant bugs, see that the tests notice (N=20, FILE=, ONLY=, SEED=, LIST=1)
	$(Q)N='$(N)' FILE='$(FILE)' ONLY='$(ONLY)' SEED='$(SEED)' LIST='$(LIST)' BUG='$(BUG)' QUICK='$(QUICK)' \
	  JOBS='$(JOBS)' CC='$(CC)' MUTANT_CFLAGS='$(CFLAGS)' python3 tests/mutants/run.py

lint: deps-heavy headers all ## house style, cppcheck, clang-tidy (DEEP=1: every path, ten minutes more)
	$(Q)bash tests/lib/style.sh
	$(Q)python3 tests/lib/house.py -o $(B)/obj
	$(Q)DEEP='$(DEEP)' bash tests/lib/lint.sh $(B)

# Every header compiles alone, seeing only what its layer may see.
headers: $(B)/inc/.links
	$(Q)bad=0; $(foreach l,$(LAYERS),for h in $$(find $(l) -name '*.h' $(patsubst %,-not -path '%/*',$(call inner,$(l)))); do \
	  $(CC) $(CFLAGS) -I$(B)/inc/$(l) -fsyntax-only -x c $$h -Wno-unused -Wno-pragma-once-outside-header \
	    || { echo "  does not compile alone: $$h"; bad=1; }; done;) exit $$bad

format: deps-heavy ## write the house style into the tree (FILES= for some of it)
	$(Q)clang-format -i $(or $(FILES),$(shell git ls-files -co --exclude-standard '*.[ch]'))

# The vendor's own package, as it is; without the registry its part is skipped, loudly.
# The last that runs on Debian 12's Node 18.
TWILIO_NPM := twilio@5.13.1
build/npm/node_modules/twilio/package.json:
	@echo "  NPM   $(TWILIO_NPM)"
	$(Q)mkdir -p build/npm; timeout 120 npm install --prefix build/npm --no-audit --no-fund --ignore-scripts \
	  --silent $(TWILIO_NPM) || echo "  NPM   the registry cannot be reached"
test-telephony: deps-telephony build/npm/node_modules/twilio/package.json ## webhooks, by the vendors' own packages
	$(Q)$(MAKE) --no-print-directory -s all tools
	$(Q)NODE_PATH=$(CURDIR)/build/npm/node_modules NO_SCENARIOS=1 VARIANT=$(VARIANT) tests/run tests/telephony/*.sh

# Client libraries of two vendors, and a browser to run them and collect.js in.
COLLECT_NPM := @segment/analytics-node@3.1.0 @segment/analytics-next@1.84.3 @rudderstack/analytics-js@3.34.1 \
               @rudderstack/rudder-sdk-node@3.0.13 playwright-core@1.55.0
build/npm-collect/node_modules/playwright-core/package.json:
	@echo "  NPM   $(COLLECT_NPM)"
	$(Q)mkdir -p build/npm-collect; timeout 200 npm install --prefix build/npm-collect --no-audit --no-fund --ignore-scripts \
	  --silent $(COLLECT_NPM) || echo "  NPM   the registry cannot be reached"
test-collect: deps-collect build/npm-collect/node_modules/playwright-core/package.json ## collect.js in a browser, client libraries as they are
	$(Q)$(MAKE) --no-print-directory -s all tools
	$(Q)NODE_PATH=$(CURDIR)/build/npm-collect/node_modules NO_SCENARIOS=1 VARIANT=$(VARIANT) tests/run tests/collect/*.sh

# Pages in a browser, looked at by axe-core (SHOTS=folder keeps pictures of them).
PAGE_NPM := axe-core@4.10.3 playwright-core@1.55.0
build/npm-page/node_modules/axe-core/package.json:
	@echo "  NPM   $(PAGE_NPM)"
	$(Q)mkdir -p build/npm-page; timeout 200 npm install --prefix build/npm-page --no-audit --no-fund --ignore-scripts \
	  --silent $(PAGE_NPM) || echo "  NPM   the registry cannot be reached"
test-pages: deps-collect build/npm-page/node_modules/axe-core/package.json ## reports in a browser: no request, axe-core, print
	$(Q)$(MAKE) --no-print-directory -s all tools
	$(Q)SHOTS='$(SHOTS)' NODE_PATH=$(CURDIR)/build/npm-page/node_modules NO_SCENARIOS=1 VARIANT=$(VARIANT) tests/run tests/page/*.sh tests/market/*.sh

# The file is kept, so that a build needs no step for it; tests/scenario/collect_door.sh holds it against this one.
.PHONY: script
script: ## collect.js as it travels, into gateway/collect/script.c
	$(Q)awk -f gateway/collect/minify.awk gateway/collect/collect.js >gateway/collect/script.c

PREFIX ?= /usr/local
install: all ## into $(DESTDIR)$(PREFIX): programs, policy, units, manual pages
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(B)/bin/scrim $(B)/bin/scrim-market $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/bin/scrimd $(B)/bin/scrim-keyd $(B)/bin/scrim-viewd $(B)/bin/scrim-queryd $(DESTDIR)$(PREFIX)/sbin/
	$(Q)for f in policy/default.json keys-example/scrim.json keys-example/words.json; do \
	  install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/scrim/$$f; done
	$(Q)for f in $(wildcard dist/systemd/*.service); do \
	  install -d $(DESTDIR)$(PREFIX)/share/scrim/systemd; \
	  sed 's|/usr/local/|$(PREFIX)/|' $$f >$(DESTDIR)$(PREFIX)/share/scrim/systemd/$${f##*/}; done
	$(Q)for m in $(wildcard docs/man/*.[158]); do s=$${m##*.}; \
	  install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$$s/$${m##*/}; done
