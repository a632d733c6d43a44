#!/bin/bash
# weakness: token-domain
# A customer sends their own e-mail token back with another domain written into it, so
# that the order system sends its mail, tokens and all, to a server of theirs.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.buyer.email", class: "email", do: "seal", shape: "email" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up

order() { # EMAIL
	world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
		-d '{"buyer":{"id":"c1","email":"'"$1"'"}}' "$PLAIN/orders"
}
stored() { tail -1 "$W/orders.ndjson" | grep -o 'sct1-[^"]*'; }
is "an order is stored" "$(order ann@example.com)" 201
token=$(stored)
ok "its address is one" grep -qE '^.{64}@[0-9a-z]{37}\.scrim\.example\.com$' <<<"$token"

is "it comes back with another domain" "$(order "${token/scrim.example.com/scrim.example.net}")" 201
theirs() { [[ $(stored) == *.scrim.example.net ]]; }
attack "mail goes where the order says" theirs
[ "${VARIANT:-release}" = weak ] || is "it is the token that it was" "$(stored)" "$token"
tap_done
