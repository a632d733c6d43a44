#!/bin/bash
# What a log tells of somebody who got nothing: who, what for, in whose words, and what said no. And a
# search is a search in both logs, beside a sealing by the same caller.
. "$(dirname "$0")/../lib/world.sh"

world_new
PRINCIPALS=$(jq -c 'map(if .name == "support-1" then .purposes = ["service"] else . end)' <<<"$PRINCIPALS")
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "parcels", match: { path: "/parcels" }, upstream: $up, purpose: "delivery", from: ["order_system"],
	to: { role: "carrier", purpose: "delivery", name: "carrier" }, request: [ { at: "$.name", class: "name", do: "policy" } ] } ]' | world_routes -
world_up

told() { "$BIN/scrim" audit show --log "$1" --json | jq -se "[ .[] | (.entry // .) | select($2) ] | length > 0" >/dev/null; }
why='.why.reason == "order 4711 is late" and .why.ticket == "T-88"'
say=(-H 'Scrim-Reason: order 4711 is late' -H 'Scrim-Ticket: T-88')
status() { world_curl "$1" -o "$W/answer" -w '%{http_code}' "${say[@]}" "${@:2}"; }

world_curl shop -d '{"items":[{"class":"name","value":"A Person","subject":"c1"},{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal" |
	jq '{ items: [ .items[] | { token } ] }' >"$W/ask"

is "a purpose that is not theirs" "$(status support -H 'Scrim-Purpose: audit' -d @"$W/ask" "$URL/v1/reveal")" 403
is "a route that is not theirs" "$(status marketing -d '{"name":"x"}' "$URL/parcels")" 403
is "values that policy denies" "$(status marketing -H 'Scrim-Purpose: campaign' -d @"$W/ask" "$URL/v1/reveal")" 200
ok "stay closed" jq -e '[.items[].status] | all(. == "denied")' "$W/answer"
is "a search" "$(status support -H 'Scrim-Purpose: service' -d '{"items":[{"class":"phone","value":"07700 900123"}]}' "$URL/v1/index")" 200

ours() { told "$W/run/log" "$1"; }
ok "a denial by purpose keeps who, what for and why" await 10 ours ".outcome.status == 403 and .outcome.why == \"purpose-not-allowed\" and .who.principal == \"support-1\" and .why.purpose == \"audit\" and $why"
ok "and one by role, at which route" await 10 ours ".kind == \"denial\" and .outcome.why == \"role-not-allowed\" and .who.role == \"marketing\" and .where.route == \"parcels\" and .why.purpose == \"delivery\" and $why"
ok "values that stayed closed are counted, with why" await 10 ours ".kind == \"reveal\" and .who.role == \"marketing\" and .outcome.denied == 2 and .why.purpose == \"campaign\" and $why"
for log in run/log run/keyd/log; do
	ok "$log: the search is one" await 10 told "$W/$log" '.kind == "search" and .who.principal == "support-1" and .what.op == "search" and .outcome.indexed == 1'
	ok "$log: the sealing is none" told "$W/$log" '.kind == "seal" and .who.principal == "shop-1" and .what.op == "write" and .outcome.sealed == 2'
done
tap_done
