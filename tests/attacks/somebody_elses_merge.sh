#!/bin/bash
# weakness: merge-by-anybody
# A key without the right makes another person's tokens its own account's, so that they are
# erased with it, and no erasure of theirs reaches them any more.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.who",
	    request: [ { at: "$.name", class: "name", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'
is "a customer orders" "$(world_curl shop -o /dev/null -w '%{http_code}' -H "$J" -d '{"who":"victim","name":"Ann Example"}' "$URL/orders")" 201

merged_by() { # ROLE PURPOSE
	world_curl "$1" -H "Scrim-Purpose: $2" -H "$J" -d '{"from":"victim"}' "$URL/v1/subjects/mallory-$1/merge" | grep -q '"status":"merged"'
}
attack "a support agent takes a customer" merged_by support service
erases() { world_curl privacy_officer -H 'Scrim-Purpose: audit' -H "$J" -d '{"subject":"victim"}' "$URL/v1/subjects/erase" | grep -q '"unknown"'; }
attack "and the customer's own erasure finds nobody" erases
tap_done
