#!/bin/bash
# What a gateway may be shown, and a role may merge, is counted by people: whoever makes many
# people one has them all for the price of one.
# weakness: merges-by-who-stays
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq '.gateways[0].people_per_day = { all: 3, T2: 3, T3: 3 } | .gateways[0].erasures_per_day = 3' "$W/keyd.json" >"$W/tmp/keyd.json" && mv "$W/tmp/keyd.json" "$W/keyd.json"
sed -i '/"id": "guests-register"/,/}/s/"subjects_per_day": 10000/"subjects_per_day": 2/' "$W/policy.json"
grep -q '"subjects_per_day": 2 ' "$W/policy.json" || bail "the policy's merges have another limit"
world_routes - <<<'[]'
world_up

J='Content-Type: application/json'
jq -nc '{ items: [ range(20) | { class: "address", value: "\(. + 1) Example Street", subject: "c-\(.)" } ] }' |
	world_curl order_system -H "$J" --data-binary @- "$PLAIN/v1/seal" | jq -c '{ items: [ .items[] | { token } ] }' >"$W/tokens"
opened() {
	world_curl order_system -H "$J" -H 'Scrim-Purpose: delivery' -d @"$W/tokens" "$PLAIN/v1/reveal" | jq '[ .items[] | select(.status == "ok") ] | length'
}
is "three of twenty people are shown in a day" "$(opened)" 3
for i in $(seq 19); do
	world_curl order_system -H "$J" -H 'Scrim-Purpose: order_processing' -d "{\"from\":\"c-$i\"}" "$PLAIN/v1/subjects/c-0/merge"
done >"$W/merges"
more() { [ "$(opened)" -gt 5 ]; }
attack "many more, made one of those three" more
# by somebody who has no such limit: the officer makes five people one, and erases that one
jq -nc '{ items: [ range(6) | { class: "address", value: "\(. + 1) Example Road", subject: "e-\(.)" } ] }' |
	world_curl order_system -H "$J" --data-binary @- "$PLAIN/v1/seal" >"$W/sealed"
for i in 1 2 3 4 5; do
	world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d "{\"from\":\"e-$i\"}" "$PLAIN/v1/subjects/e-0/merge"
done >"$W/merges"
is "of many who are one no more are erased than of many" "$(world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d '{"subject":"e-0"}' "$PLAIN/v1/subjects/erase" -o "$W/answer" -w '%{http_code}')" 429
tap_done
