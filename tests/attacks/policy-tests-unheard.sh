#!/bin/bash
# A policy that says in its own tests what it must do, and does another thing: somebody
# opened a rule too far. It must not decide anything, in either daemon.
# weakness: policy-tests-unheard
. "$(dirname "$0")/../lib/attack.sh"

world_new
start_peer orders order_system "$PEER_PORT"
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
keyd_init
cp "$W/policy.json" "$W/policy.good"
# an agent sees masks, says the file's own test; this rule lets him see all
grep -v '^[[:space:]]*//' "$W/policy.good" |
	jq '(.rules[] | select(.id == "support-masked")) |= (.effect = "reveal" | del(.mask, .else))' >"$W/policy.bad"
ok "there is a policy opened too far" grep -q '"reveal"' "$W/policy.bad"

cp "$W/policy.bad" "$W/policy.json"
attack "config check passes it" "$BIN/scrim" config check "$W/scrim.json"
start_keyd
attack "keyd decides by it" await 3 test -S "$W/run/keyd.sock"
start_scrimd
attack "scrimd decides by it" await 3 port_open "$PLAIN_PORT"
stop scrimd
stop keyd

# a reload leaves the old one in force
cp "$W/policy.good" "$W/policy.json"
world_up
seal() { world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal"; }
seal | jq '{ items: [ { token: .items[0].token } ] }' >"$W/ask"
cp "$W/policy.bad" "$W/policy.json"
kill -HUP "${PROC_PID[keyd]}" "${PROC_PID[scrimd]}"
sleep 1
sees_all() { world_curl support -H 'Scrim-Purpose: service' -d @"$W/ask" "$URL/v1/reveal" | jq -e '.items[0].action == "reveal"' >/dev/null; }
attack "support sees the whole phone after a reload" sees_all
ok "both daemons still answer" await 5 ready
tap_done
