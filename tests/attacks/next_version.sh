#!/bin/bash
# weakness: undeclared-passes
# An application's next version sends fields that nobody has declared: values pass the route's
# rules at other places, under other names, in texts.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '[ { name: "orders", match: { path: "/orders" }, upstream: $orders,
	purpose: "order_processing", subject: "$.buyer.id", request: [ { at: "$.mobile", class: "phone", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --heads "$W/heads"
world_up

stored() { # BODY: something personal of it is stored in clear
	: >"$W/orders.ndjson"
	world_curl shop -o /dev/null -H 'Content-Type: application/json' -d "$1" "$PLAIN/orders"
	grep -qE '900123|Ann Example|ann@|王小明' "$W/orders.ndjson"
}
no "a declared phone is stored in clear" stored '{"mobile":"07700 900123"}'
token=$(jq -r .mobile "$W/orders.ndjson")
attack "a second phone" stored '{"backup_mobile":"07700900123"}'
attack "a phone as a number" stored '{"contactPhone":7700900123}'
attack "an address under a name that says nothing" stored '{"x":{"y":[["ann@example.com"]]}}'
attack "a phone with an escape in it" stored '{"x":"07700\u0020900123"}'
attack "a phone in a remark" stored '{"note":"or ring 07700 900123"}'
attack "a name" stored '{"recipient":{"name":"Ann Example"}}'
attack "a name in Chinese, under a Chinese name" stored '{"收货人":"王小明"}'
attack "a name as a form's field" stored '{"fields":[{"key":"full_name","value":"Ann Example"}]}'
attack "a name in a list beneath its member" stored '{"names":{"full_name":["x","Ann Example"]}}'
attack "a name beside a token" stored "{\"full_name\":\"$token Ann Example\"}"
beside() { # TARGET FIELD: the same, of what the upstream got with an order
	: >"$W/heads"
	world_curl shop -o /dev/null -H 'Content-Type: application/json' -H "$2" -d '{"mobile":"x"}' "$PLAIN/$1"
	grep -qE '900123|Ann(%20|\+| )Example|ann(@|%40)' "$W/heads"
}
attack "a phone in the query" beside 'orders?back=07700900123' 'X-Nothing: 1'
attack "an address in the query, percent-encoded" beside 'orders?m=ann%40example.com' 'X-Nothing: 1'
attack "the body's name in the query" beside 'orders?mobile=Ann%20Example' 'X-Nothing: 1'
attack "a phone in a field" beside orders 'X-Back: 07700900123'
attack "a name in a field" beside orders 'Receiver-Name: Ann Example'
tap_done
