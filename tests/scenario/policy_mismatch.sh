#!/bin/bash
# The two daemons decide by different policies for a while: whoever asks meanwhile
# is told to come again, never that it was forbidden; and it ends by itself.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
"$TOOLS/gen_orders" --shape shopify --count 1 --seed 7 --truth "$W/truth" >"$W/one"

post() { # prints the status; headers in $W/head, the body in $W/body
	world_curl order_system -D "$W/head" -o "$W/body" -w '%{http_code}' \
		-H 'Content-Type: application/json' "$@"
}
order() { post --data-binary @"$W/one" "$URL/shopify"; }
seal() { post -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
token=$(seal >/dev/null; jq -r '.items[0].token' "$W/body")
reveal() { post -H 'Scrim-Purpose: delivery' -d "{\"items\":[{\"token\":\"$token\"}]}" "$URL/v1/reveal"; }
told_to_retry() {
	grep -qi '^retry-after: [1-9]' "$W/head" &&
		jq -e '.type == "urn:scrim:problem:policy-mismatch" and .status == 503' "$W/body" >/dev/null
}
reload() { kill -HUP "${PROC_PID[$1]}"; }
says() { curl -s "$PLAIN/readyz" | jq -e "$1" >/dev/null; }

is "with one policy an order passes" "$(order)" 201
is "and a value is revealed" "$(reveal)" 200

printf '\n' >>"$W/policy.json"
reload keyd
ok "readyz notices that the policies differ" await 10 says '.policy == false and .keys and .keyd_log and (.ready | not)'
for what in order seal reveal; do
	is "$what: 503 while keyd is ahead" "$($what)" 503
	ok "$what: told that it is a mismatch, and to come again" told_to_retry
done
is "readyz is 503" "$(curl -s -D "$W/head" -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 503
ok "also with Retry-After" grep -qi '^retry-after: [1-9]' "$W/head"
is "nothing was passed on meanwhile" "$(wc -l <"$W/orders.ndjson")" 1
reload scrimd
ok "both have the new one: ready" await 10 ready
is "an order passes again" "$(order)" 201
is "and a value is revealed" "$(reveal)" 200

printf '\n' >>"$W/policy.json"
reload scrimd
ok "readyz notices it the other way round too" await 10 says '.policy == false'
is "503 while scrimd is ahead" "$(reveal)" 503
ok "told that it is a mismatch, and to come again" told_to_retry
reload keyd
ok "both have it" await 10 ready
is "and a value is revealed" "$(reveal)" 200
no "nobody was told that keyd refuses" grep -rq key-service-refused "$W/log" "$W/run"
tap_done
