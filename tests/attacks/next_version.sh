#!/bin/bash
# weakness: undeclared-passes
# An application's next version sends fields that nobody has declared: values pass the route's
# rules at other places, under other names, in texts.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '[ { name: "orders", match: { path: "/orders" }, upstream: $orders,
	purpose: "order_processing", subject: "$.buyer.id", request: [ { at: "$.mobile", class: "phone", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
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
tap_done
