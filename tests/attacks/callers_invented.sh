#!/bin/bash
# A gateway that was taken over opens values for callers that there are none of, and for one whose
# key never passed through it: a new name whenever a day's people are used up.
# weakness: callers-believed
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up

jq -nc '{items:[range(20)|{class:"address",value:"\(.+1) Example Street",subject:"c\(.)"}]}' |
	world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
is "there are tokens to steal" "$(grep -c '^sct1-' "$W/tokens")" 20

as() { # OPTIONS...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role order_system \
		--purpose delivery "$@" open <"$W/tokens" 2>/dev/null
}
opened() { as "$@" | grep -q '^ok reveal'; }
ok "who passes with a key is answered" opened --keys "$W/keys"
attack "as somebody whom nobody knows" opened --principal nobody-at-all
attack "as the order system, whose key did not pass" opened --principal order_system-1
attack "as the gateway itself" opened --principal scrimd
printf wrong >"$W/wrong.key"
no "nor with a key that is nobody's" opened --principal order_system-1 --key "$W/wrong.key"
tap_done
