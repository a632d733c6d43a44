# The floors of the house: what each layer is made of and which folders it sees. A folder of
# a layer that sees other things than the rest of it is a layer too.

LAYERS := base policy net crypto audit gateway analytics analytics/query analytics/queryd analytics/market cli
# the folders of layer $(1) that are layers themselves
inner = $(filter $(1)/%,$(LAYERS))
layer_sources = $(shell find $(1) -name '*.c' $(patsubst %,-not -path '%/*',$(call inner,$(1)) $(2)) 2>/dev/null)

sees_base    := base
sees_policy  := base policy
sees_net     := base net
sees_crypto  := base policy net/loop net/address net/tls crypto
sees_audit   := base policy net/loop net/address net/tls net/http crypto/limits.h crypto/prim crypto/token crypto/record crypto/tlog crypto/wire crypto/keyc crypto/settings audit
sees_gateway := $(sees_audit) crypto/statement gateway
# who makes what is published: of the gateway only what both share, base/feed
sees_analytics := base net/loop $(patsubst %,analytics/%,log features release recode check lineage views cube shelf viewd)
# who answers from it: a log of its own, and nothing of those who make it
sees_analytics/query := $(sees_audit) analytics/shelf analytics/query
sees_analytics/queryd := $(sees_analytics/query) analytics/queryd
# who reads the answers
sees_analytics/market := base net analytics/market
sees_cli     := $(sees_gateway) $(patsubst %,analytics/%,release recode check lineage views cube shelf query) cli

# A program's folder is not part of its layer's library; keyd, viewd and queryd are a library
# of their own and a main, so that their tests link what the program is made of.
src_base    := $(call layer_sources,base)
src_policy  := $(call layer_sources,policy)
src_net     := $(call layer_sources,net)
src_crypto  := $(call layer_sources,crypto,crypto/keyd)
src_audit   := $(call layer_sources,audit,audit/console)
src_gateway := $(call layer_sources,gateway,gateway/scrimd)
src_analytics := $(call layer_sources,analytics,analytics/viewd)
src_analytics/query := $(call layer_sources,analytics/query)
src_analytics/queryd :=
src_analytics/market := $(filter-out %/main.c,$(call layer_sources,analytics/market))
src_viewd   := $(filter-out %/main.c,$(shell find analytics/viewd -name '*.c' 2>/dev/null))
src_queryd  := $(filter-out %/main.c,$(shell find analytics/queryd -name '*.c' 2>/dev/null))
src_cli     :=
src_keyd    := $(filter-out %/main.c,$(shell find crypto/keyd -name '*.c' 2>/dev/null))

PROGRAM_NAMES := scrimd scrim-keyd scrim-viewd scrim-queryd scrim-market scrim
src_prog_scrimd     := $(shell find gateway/scrimd -name '*.c' 2>/dev/null)
src_prog_scrim-keyd := crypto/keyd/main.c
src_prog_scrim-viewd := analytics/viewd/main.c
src_prog_scrim-market := analytics/market/main.c
src_prog_scrim-queryd := analytics/queryd/main.c
src_prog_scrim      := $(shell find cli -name '*.c' 2>/dev/null)

# Highest layer first, as the linker wants them.
links_scrimd     := gateway audit crypto net policy base
links_scrim-keyd := keyd crypto net policy base
links_scrim-viewd := viewd analytics net base
links_scrim-queryd := queryd analytics/query analytics audit crypto net policy base
links_scrim      := gateway analytics/query analytics audit crypto net policy base
links_scrim-market := analytics/market net base

objs = $(patsubst %.c,$(B)/obj/%.o,$(1))
PROGRAMS := $(PROGRAM_NAMES:%=$(B)/bin/%)
