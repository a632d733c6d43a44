#!/bin/bash
# A gateway that was taken over tells keyd of approvals that nobody gave.
# weakness: approvals-believed
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up

jq -nc '{items:[range(20)|{class:"phone",value:"07700 900\(.+100)",subject:"c\(.)"}]}' |
	world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
is "there are tokens to steal" "$(grep -c '^sct1-' "$W/tokens")" 20

export_as() { # APPROVALS
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --keys "$W/keys" --role order_system \
		--purpose order_processing --op export --reason migration \
		--approvals "$1" open <"$W/tokens"
}
is "an export without approval is refused" "$(export_as 0 | grep -c '^denied')" 20
stolen() { export_as "$1" | grep -q '^ok reveal'; }
attack "what is given with an approval only, for one approval told" stolen 1
attack "the same, for as many as a frame can tell" stolen 255
tap_done
