#!/bin/bash
# Whatever is away, an event that was answered is kept, one that was not comes again,
# and no order waits for either.
# timeout: 400
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "orders", match: { path: "/orders" }, upstream: $up, subject: "$.buyer.id", purpose: "order_processing",
	request: [ { at: "$.receiver.name", class: "name", "do": "seal" }, { at: "$.id", "do": "collect" }, { at: "$.buyer.id", "do": "collect" } ] },
	{ name: "plain", match: { path: "/plain" }, upstream: $up, purpose: "order_processing", request: [ { at: "$.id", "do": "collect" }, { at: "$.buyer.id", "do": "collect" } ] } ]' | world_routes -
# pages' robots are not what is looked at here
COLLECT_MORE='{ "spool_max": "1MiB", "orders": [ { "route": "orders", "site": "erp", "order": "$.id", "customer": "$.buyer.id" }, { "route": "plain", "site": "erp", "order": "$.id", "customer": "$.buyer.id" } ],
	"rules": { "no_input": "off", "cadence": "off", "no_hints": "off" } }' collect_world
start_peer orders order_system "$PEER_PORT"
world_up

T=$(now_iso)
batch() { # FIRST N: N events of as many products, numbered from FIRST
	local i
	printf '{"writeKey":"%s","c":3,"sentAt":"%s","batch":[' "$WEB_KEY" "$T"
	for ((i = $1; i < $1 + $2; i++)); do
		[ "$i" = "$1" ] || printf ,
		printf '{"type":"track","event":"Product Viewed","messageId":"m-%d","anonymousId":"dev-%d","timestamp":"%s","properties":{"product_id":"sku-%d"}}' "$i" $((i / 20)) "$T" "$i"
	done
	printf ']}'
}
order() { # ID [PATH]: the status
	world_curl order_system -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"id\":\"$1\",\"buyer\":{\"id\":\"u-$1\"},\"receiver\":{\"name\":\"Ann Example\"}}" "$URL${2:-/orders}"
}

# ---- killed at random, by clients that send again until they are told 200 ----
client() { # FIRST: 150 batches of 20, from number FIRST on; sends each until it is taken
	local i code
	for ((i = $1; i < $1 + 3000; i += 20)); do
		while code=$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' -A "$AGENT" --data-binary "$(batch "$i" 20)" "$PLAIN/v1/batch"); [ "$code" != 200 ]; do sleep 0.05; done
	done
	echo done >"$W/tmp/client.$1"
}
client 0 & client 3000 &
kills=0
while [ ! -e "$W/tmp/client.0" ] || [ ! -e "$W/tmp/client.3000" ]; do
	[ "$kills" -lt 12 ] || { sleep 0.2; continue; }
	sleep "0.$((RANDOM % 9 + 1))"
	stop scrimd KILL
	start_scrimd
	kills=$((kills + 1))
	await 20 ready
done
wait
echo "# killed $kills times"
ok "killed at random: every event is there" [ "$(events)" = 6000 ]

# ---- keyd away ----
stop keyd
is "without keyd a page is told to come again" "$(page_post /v1/batch "$(batch 7000 20)")" 503
is "and so is a back end" "$(erp_post "$(batch 7000 20)" -o /dev/null -w '%{http_code}')" 503
ok "when" grep -qi '^retry-after: [0-9]' <(curl -s -D - -o /dev/null --data-binary "$(batch 7000 20)" "$PLAIN/v1/batch")
is "an order that needs no key passes" "$(order K-1 /plain)" 201
waits() { [ "$(metric scrim_collect_orders_waiting)" = 1 ]; }
await 5 waits
ok "and waits to be collected" waits
start_keyd
await 20 ready
over() { [ "$(metric scrim_collect_orders_waiting)" = 0 ]; }
await 10 over
ok "until keyd is back" over
is "and counted, not dropped" "$(metric 'scrim_collect_orders_total{became="heard"}') $(metric 'scrim_collect_orders_total{became="dropped"}')" "1 0"
is "the batch that was told to come again is taken" "$(page_post /v1/batch "$(batch 7000 20)")" 200
is "for the first time" "$(events)" 6020

# ---- spool full: viewd takes nothing, so it stays so ----
code=200 i=10000
while [ "$code" = 200 ] && [ "$i" -lt 40000 ]; do
	code=$(page_post /v1/batch "$(batch "$i" 100)")
	i=$((i + 100))
done
code=200
while [ "$code" = 200 ]; do
	code=$(page_post /v1/batch "$(batch "$i" 1)")
	i=$((i + 1))
done
is "a full spool is told" "$code" 429
ok "with a time" grep -qi '^retry-after: [0-9]' <(curl -s -D - -o /dev/null --data-binary "$(batch 50000 20)" "$PLAIN/v1/batch")
before=$(events)
is "orders pass" "$(order F-1) $(order F-2)" "201 201"
is "nothing is taken of what was refused" "$(events)" "$before"
is "a no finds room" "$(page_post /v1/batch "{\"writeKey\":\"$WEB_KEY\",\"batch\":[{\"type\":\"consent\",\"word\":\"withdraw\",\"anonymousId\":\"dev-1\",\"messageId\":\"w-1\"}]}")" 200
ok "the ceiling holds" [ "$(du -sb "$W/run/spool/feed" | cut -f1)" -le 1048576 ]
is "and is counted" "$(curl -s "$PLAIN/metrics" | grep -c '^scrim_unavailable_total{why="collect_full"} [1-9]')" 1
tap_done
