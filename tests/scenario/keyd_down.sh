#!/bin/bash
# keyd is killed while orders come in: nothing in clear reaches the order system,
# callers are told 503 in problem+json, and the service returns by itself.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
"$TOOLS/gen_orders" --shape shopify --count 600 --seed 5 --truth "$W/truth" >"$W/in"
jq -r '.pii[] | select(.m != "t") | .v | select(length >= 7)' "$W/truth" | sort -u >"$W/values"

(world_post_lines order_system /shopify "$W/in" "$W/status" 16 "$W/tmp") &
LOAD=$!
await 10 test -s "$W/orders.ndjson"
stop keyd KILL
wait $LOAD
is "every order had an answer" "$(wc -l <"$W/status")" 600
is "each was either stored or refused with 503" \
	"$(awk '$2 != 201 && $2 != 503' "$W/status" | wc -l)" 0
ok "some were refused, so the kill was felt" grep -q ' 503$' "$W/status"
is "what was stored is what was answered 201" "$(wc -l <"$W/orders.ndjson")" "$(grep -c ' 201$' "$W/status")"
no "no value in clear reached the order system" grep -qF -f "$W/values" "$W/orders.ndjson"

n=$(awk '$2 == 503 { print $1; exit }' "$W/status")
ok "the refusal is problem+json with its status and a request id" \
	jq -e '.status == 503 and (.type | startswith("urn:scrim:problem:")) and .request_id' "$W/tmp/a$n"
head -1 "$W/in" >"$W/one"
is "with keyd down an order waits outside" "$(world_curl order_system -o "$W/tmp/p" -w '%{http_code} %{content_type}' \
	-H 'Content-Type: application/json' --data-binary @"$W/one" "$URL/shopify")" "503 application/problem+json"
ok "and when to come again" grep -qi '^retry-after: [1-9]' <(world_curl order_system -o /dev/null -D - \
	-H 'Content-Type: application/json' --data-binary @"$W/one" "$URL/shopify")
is "healthz still answers" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/healthz")" 200
is "readyz says no" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 503

before=$(wc -l <"$W/orders.ndjson")
start_keyd
ok "the service returns by itself when keyd does" await 10 ready
takes() { # each worker has its own way to keyd
	[ "$(world_curl order_system -o /dev/null -w '%{http_code}' \
		-H 'Content-Type: application/json' --data-binary @"$W/one" "$URL/shopify")" = 201 ]
}
ok "and takes orders again" await 10 takes
is "exactly one more is stored" "$(wc -l <"$W/orders.ndjson")" $((before + 1))
no "still nothing in clear" grep -qF -f "$W/values" "$W/orders.ndjson"
no "nothing in clear in what the daemons said" grep -rqF -f "$W/values" "$W/log"
tap_done
