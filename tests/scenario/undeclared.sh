#!/bin/bash
# What no rule speaks of does not pass unseen: the README's own route, given an order of an
# application's next version, lets none of its new fields through; `scrim drift` tells of them,
# and the line that it prints declares one.
. "$(dirname "$0")/../lib/world.sh"

world_new
# the README's example, as it stands there
sed -n '/"routes": \[/,/\] } \] }/p' "$ROOT/README.md" | sed '1s/.*"routes": //; $s/ }$//' |
	jq --arg orders "http://127.0.0.1:$PEER_PORT" 'map(.upstream = $orders)' >"$W/readme.json" || bail "README has no routes"
jq --arg orders "http://127.0.0.1:$PEER_PORT" '. + (.[0] as $r | [
	$r + { name: "strict", match: { path: "/strict" }, undeclared: "refuse" },
	$r + { name: "told", match: { path: "/told" }, undeclared: "report" },
	$r + { name: "open", match: { path: "/open" }, undeclared: "pass" },
	$r + { name: "parts", match: { path: "/parts" }, undeclared: { found: "pass", named: "seal" } } ])' "$W/readme.json" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up

put() { # PATH BODY: the status
	world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$PLAIN/$1"
}
stored() { tail -1 "$W/orders.ndjson"; }
drift() { "$BIN/scrim" drift --config "$W/scrim.json" "$@"; }

ORDER='{ "id": "A-1", "total": 12.50, "buyer": { "id": "c1" }, "receiver": { "mobile": "07700 900123" }, "remark": "ring 07700 900124",
  "backup_mobile": "07700900125", "contact": { "name": "Ann Example", "mail": "ann@example.com" }, "收货人": "王小明",
  "extra": [ { "name": "delivery_phone", "value": "07700 900126" } ], "note": "or write to ben@example.com", "lines": [ { "name": "Blue mug", "qty": 2 } ] }'
SECRETS='900123|900124|900125|900126|Ann Example|ann@|王小明|ben@'
is "an order with fields that nobody declared is taken" "$(put orders "$ORDER")" 201
no "none of them reaches the order system" grep -qE "$SECRETS" "$W/orders.ndjson"
is "what has the form of a value is sealed" "$(stored | jq -r '[.backup_mobile, .contact.mail, .extra[0].value] | map(startswith("sct1-")) | all')" true
is "in a text, that part of it" "$(stored | jq -r .note | sed 's/sct1-[^ ]*/TOKEN/')" "or write to TOKEN"
is "what is only called like one is masked" "$(stored | jq -r '[.contact.name, ."收货人"] | join(" ")')" "A** E****** 王**"
is "and all else is as it was" "$(stored | jq -c '[.id, .total, .buyer.id, .lines, .extra[0].name]')" \
	'["A-1",12.5,"c1",[{"name":"Blue mug","qty":2}],"delivery_phone"]'
is "they are counted" "$(world_curl shop "$URL/metrics" | awk '/^scrim_undeclared_values_total/ { print $2 }')" 6

# ---- what is told of them
drifted() { drift --json | jq -e 'length == 6' >/dev/null; }
ok "each place is told at once" await 10 drifted
is "where, as what, how it was seen, what became of it" "$(drift --json | jq -c 'map(select(.place == "$.backup_mobile") | [.route, .class, .by, .did, .times])')" \
	'[["checkout","phone","form","seal",1]]'
is "a name of another script is told, too" "$(drift --json | jq -c 'map(select(.class == "name") | [.place, .did]) | sort')" \
	'[["$.contact.name","mask"],["$['"'收货人'"']","mask"]]'
drift >"$W/drift"
ok "a person reads it" grep -qE '^since +last +route +place +class +seen by +became +times$' "$W/drift"
no "no value is told, nor anywhere in the logs" grep -rqaE "$SECRETS" "$W/drift" "$W/run" "$W/log"
line=$(grep -F '$.contact.mail' "$W/drift" | tail -1)
is "with the line that declares it" "$(jq -c . <<<"${line%,}")" '{"at":"$.contact.mail","class":"email","do":"seal"}'
is "of one route alone" "$(drift --json --route told | jq length)" 0
for _ in 1 2 3; do put orders "$ORDER" >/dev/null; done
sleep 0.3
is "the same again is no entry each" "$(drift --json | jq 'map(.times) | add')" 6

# ---- what else a route may say
is "refused, where the route says so" "$(put strict '{"receiver":{"mobile":"07700 900123"},"cc":"ann@example.com"}'; jq -r '.type' "$W/answer")" \
	"422urn:scrim:problem:undeclared-field"
ok "with the place, and not the value" grep -q '\$.cc: no rule speaks of this field' "$W/answer"
no "which is nowhere" grep -q 'ann@' "$W/answer"
is "or told alone" "$(put told '{"cc":"cy@example.com"}'; stored | jq -r .cc)" "201cy@example.com"
told() { drift --json --route told | jq -e '.[0].did == "report"' >/dev/null; }
ok "as what passed" await 10 told
is "or not looked at" "$(put open '{"cc":"di@example.com"}'; stored | jq -r .cc)" "201di@example.com"
is "or by name alone" "$(put parts '{"cc":"ed@example.com","first_name":"Ed"}'; stored | jq -r '[.cc, (.first_name | startswith("sct1-"))] | join(" ")')" \
	"201ed@example.com true"

# ---- declared, it drifts no more; what was not told yet is told at the end
jq --argjson line "${line%,}" '.routes[0].request += [ $line, { at: "$.contact.name", do: "pass" } ]' "$W/scrim.json" >"$W/new" && mv "$W/new" "$W/scrim.json"
stop scrimd
is "at the end all was told" "$(drift --json --route checkout | jq 'map(.times) | add')" 24
start_scrimd
await 20 ready || bail "scrimd did not come up again"
put orders "$ORDER" >/dev/null
is "declared, it is sealed as such" "$(stored | jq -r '[(.contact.mail | startswith("sct1-")), .contact.name] | join(" ")')" "true Ann Example"
again() { [ "$(drift --json --route checkout | jq 'map(.times) | add')" = 28 ]; }
ok "and neither is told again" await 10 again
ok "the log's figures have them" eval '"$BIN/scrim" audit stats --config "$W/scrim.json" | grep -qE "kind +drift +[0-9]"'
jq '.routes[0] |= (del(.request) | .undeclared = "scan")' "$W/scrim.json" >"$W/other.json"
no "a route without rules cannot ask for it" "$BIN/scrim" config check "$W/other.json" 2>"$W/why"
ok "which is said" grep -q '"undeclared" is about what the rules of a request do not speak of' "$W/why"
jq '.routes[0].undeclared = "mask"' "$W/scrim.json" >"$W/other.json"
no "nor any route for what there is not" "$BIN/scrim" config check "$W/other.json" 2>"$W/why"
ok "and what there is is said" grep -q 'must be "scan", "seal", "report", "refuse" or "pass"' "$W/why"
tap_done
