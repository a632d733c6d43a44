#!/bin/bash
# A gateway that was taken over says it asks for a caller whom keyd cannot check, and opens as
# many people as there are.
# weakness: no-ceiling
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq '.gateways[0] |= (.asserts += ["order_system"] | .people_per_day = { T2: 20 })' "$W/keyd.json" >"$W/x" && mv "$W/x" "$W/keyd.json"
PRINCIPALS=$(jq -c '. + [ { name: "till", role: "order_system", asserted: true } ]' <<<"$PRINCIPALS")
jq -n '[]' | world_routes -
world_up

jq -nc '{items:[range(60)|{class:"address",value:"\(.+1) Example Street",subject:"c\(.)"}]}' |
	world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
is "there are tokens to steal" "$(grep -c '^sct1-' "$W/tokens")" 60

opens() { # FIRST STEP
	awk -v a="$1" -v s="$2" 'NR % s == a % s' "$W/tokens" >"$W/some"
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --principal till \
		--role order_system --purpose delivery open <"$W/some" 2>/dev/null | grep -c '^ok reveal'
}
more_than() { [ "$(opens "$2" "$3")" -gt "$1" ]; }
ok "it is shown those that its row allows" more_than 0 1 4
attack "and everybody" more_than 20 1 2
attack "on another connection" more_than 20 1 2
stop scrimd; stop keyd
world_up
attack "after a start" more_than 20 1 2
tap_done
