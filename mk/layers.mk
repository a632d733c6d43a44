# The floors of the house: what each layer is made of and which folders it sees.

LAYERS := base policy net crypto audit gateway analytics cli

sees_base    := base
sees_policy  := base policy
sees_net     := base net
sees_crypto  := base policy net/loop net/tls crypto
sees_audit   := base policy net/loop net/tls net/http crypto/limits.h crypto/prim crypto/token crypto/record crypto/tlog crypto/wire crypto/keyc crypto/settings audit
sees_gateway := $(sees_audit) gateway
# of the gateway only what both share: base/feed
sees_analytics := base net/loop analytics
sees_cli     := $(sees_gateway) cli

# A program's folder is not part of its layer's library; keyd and viewd are a library of their
# own and a main, so that their tests link what the program is made of.
src_base    := $(shell find base -name '*.c' 2>/dev/null)
src_policy  := $(shell find policy -name '*.c' 2>/dev/null)
src_net     := $(shell find net -name '*.c' 2>/dev/null)
src_crypto  := $(shell find crypto -name '*.c' -not -path 'crypto/keyd/*' 2>/dev/null)
src_audit   := $(shell find audit -name '*.c' -not -path 'audit/console/*' 2>/dev/null)
src_gateway := $(shell find gateway -name '*.c' -not -path 'gateway/scrimd/*' 2>/dev/null)
src_analytics := $(shell find analytics -name '*.c' -not -path 'analytics/viewd/*' 2>/dev/null)
src_viewd   := $(filter-out %/main.c,$(shell find analytics/viewd -name '*.c' 2>/dev/null))
src_cli     :=
src_keyd    := $(filter-out %/main.c,$(shell find crypto/keyd -name '*.c' 2>/dev/null))

PROGRAM_NAMES := scrimd scrim-keyd scrim-viewd scrim
src_prog_scrimd     := $(shell find gateway/scrimd -name '*.c' 2>/dev/null)
src_prog_scrim-keyd := crypto/keyd/main.c
src_prog_scrim-viewd := analytics/viewd/main.c
src_prog_scrim      := $(shell find cli -name '*.c' 2>/dev/null)

# Highest layer first, as the linker wants them.
links_scrimd     := gateway audit crypto net policy base
links_scrim-keyd := keyd crypto net policy base
links_scrim-viewd := viewd analytics net base
links_scrim      := gateway audit crypto net policy base

objs = $(patsubst %.c,$(B)/obj/%.o,$(1))
PROGRAMS := $(PROGRAM_NAMES:%=$(B)/bin/%)
