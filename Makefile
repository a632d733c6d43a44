# Scrim. `make help` lists what can be asked for.
#
# Every layer is compiled against a folder of links to the layers it may use
# (build/<variant>/inc/<layer>/), so an upward include does not compile.

CC      ?= gcc
SAN     ?=
WEAK    ?=
VARIANT ?= $(if $(WEAK),weak,$(if $(SAN),san-$(subst $(comma),-,$(SAN)),release))
comma   := ,
B       := build/$(VARIANT)
Q       := $(if $(V),,@)

include mk/deps.mk
include mk/layers.mk

PKGS    := libssl libcrypto libsodium sqlite3 libcjson zlib libseccomp
WARN    := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wundef -Wformat=2 -Wimplicit-fallthrough
HARDEN  := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
OPT     ?= -O2
CFLAGS  += -std=c11 -D_GNU_SOURCE $(OPT) -g $(WARN) $(HARDEN) -pthread \
           $(if $(WERROR),-Werror) $(if $(filter weak,$(VARIANT)),-DSCRIM_WEAKENED) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
CFLAGS  += $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS += -pie -Wl,-z,relro,-z,now -pthread $(if $(SAN),-fsanitize=$(SAN))
# The cube's attacker solves linear programs; what does not use them is not linked with it.
CFLAGS  += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags clp 2>/dev/null))
LIBS    := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -Wl,--as-needed -lClp -lexpat -Wl,--no-as-needed -lm
libs_scrim := $(shell pkg-config --libs libcurl libqrencode libedit libpq 2>/dev/null)

.PHONY: all
.DEFAULT_GOAL := all
all: $(PROGRAMS) ## build every program into build/bin
	$(Q)mkdir -p build; [ "$(VARIANT)" != release ] || ln -sfn $(VARIANT)/bin build/bin

# ---- objects, layer libraries, programs --------------------------------------
# The links are relative: a tree that was copied builds against itself.
$(B)/inc/.links: mk/layers.mk
	$(Q)rm -rf $(B)/inc; for l in $(LAYERS); do mkdir -p $(B)/inc/$$l; done
	$(Q)$(foreach l,$(LAYERS),$(foreach d,$(sees_$(l)),mkdir -p $(B)/inc/$(l)/$(dir $(d)) && ln -sfnr $(d) $(B)/inc/$(l)/$(d) &&)) true
	$(Q)touch $@

define layer_rules
$(B)/obj/$(1)/%.o: $(1)/%.c $(B)/inc/.links
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	$$(Q)$$(CC) $$(CFLAGS) -I$(B)/inc/$(1) -MMD -MP -c $$< -o $$@
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$(l))))

define library_rules
$(B)/lib/$(1).a: $$(call objs,$$(src_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS) keyd viewd queryd,$(eval $(call library_rules,$(l))))

define program_rules
$(B)/bin/$(1): $$(call objs,$$(src_prog_$(1))) $$(foreach l,$$(links_$(1)),$(B)/lib/$$(l).a)
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(libs_$(1)) $$(LIBS)
endef
$(foreach p,$(PROGRAM_NAMES),$(eval $(call program_rules,$(p))))

# a database is written by the command alone
$(B)/obj/cli/%.o: CFLAGS += $(shell pkg-config --cflags libpq 2>/dev/null)

include mk/tests.mk
include mk/more.mk

.PHONY: clean help
clean: ## remove everything that was built
	rm -rf build
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
