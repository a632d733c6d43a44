#!/bin/bash
# Somebody with the key of a role that stores, for which equal values are equal tokens, tries
# the numbers of one person until one of them is the token that he has.
# weakness: seal-unlimited
. "$(dirname "$0")/../lib/attack.sh"

TRUE=400 # which of 500 guesses is the right one
world_new
world_routes - <<<'[]'
world_up

store() { # SUBJECT: the order system stores their number; the token
	world_curl order_system -d "{\"items\":[{\"class\":\"phone\",\"value\":\"07700 900$TRUE\",\"subject\":\"$1\"}]}" \
		"$URL/v1/seal" | jq -r '.items[0].token'
}
guess() { # SUBJECT FROM TO PRINCIPAL: a connection of its own, behind the gateway's back
	seq -f "$1"$'\t07700 900%03g' "$2" "$3" | "$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" \
		--policy "$W/policy.json" --role shop --purpose order_processing --keys "$W/keys" --class phone seal | cut -d' ' -f3
}

# up to 32 different values compare, and what there was costs nothing
token=$(store few)
is "the shop's token of the same number is the order system's" "$(guess few $TRUE $TRUE shop-1)" "$token"
guess few 0 30 shop-1 >"$W/once"
is "31 values more are the same twice" "$(guess few 0 30 shop-2 | grep -cxFf "$W/once")" 31
is "and the first is what it was" "$(guess few $TRUE $TRUE shop-2)" "$token"

token=$(store victim)
through() {
	jq -nc '{items:[range(500)|{class:"phone",value:"07700 900\(1000 + . | tostring | .[1:])",subject:"victim"}]}' |
		world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
	grep -qxF "$token" "$W/tokens"
}
attack "a person's number, with the shop's key" through
is "every guess was sealed, none refused" "$(grep -c '^sct1-' "$W/tokens")" 500
attack "the same again, all of it sealed before" through

token=$(store victim-2)
five() { # names and connections
	for from in 0 100 200 300 400; do guess victim-2 $from $((from + 99)) "shop-$from"; done | grep -qxF "$token"
}
attack "the same in five connections under five names" five

token=$(store victim-3)
guess victim-3 0 19 shop-1 >/dev/null
world_down
start_keyd && start_scrimd
ok "everything starts again" await 20 ready
rest() { { guess victim-3 20 199 shop-1; guess victim-3 200 499 shop-2; } | grep -qxF "$token"; }
attack "the same with a restart between the guesses" rest
world_down
start_keyd && start_scrimd
ok "and again" await 20 ready
attack "and with another, when it was too many" rest

world_down
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json 2>/dev/null | jq -c .entry >"$W/entries"
said() { grep -qE '"kind":"seal".*"principal":"shop-1".*"subjects":\["[0-9a-f]{32}".*"limit":[0-9]+' "$W/entries"; }
[ "${VARIANT:-release}" = weak ] || ok "keyd's log says of whom, and how many were too many" said
tap_done
