#!/bin/bash
# A document that names two people is nobody's, and a token in it of anybody: whoever can add a
# second name, such as a field before the one that a proxy sets, has stolen tokens opened.
# weakness: two-subjects-are-none
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	def store: { upstream: $orders, purpose: "order_processing", request: [ { at: "$.address", class: "address", do: "seal" } ] };
	def sent: { upstream: $echo, purpose: "order_processing", from: ["order_system"], to: { role: "carrier", purpose: "delivery" }, request: [ { at: "$.address", class: "address", do: "policy" } ] };
	[ (store + { name: "orders", match: { path: "/orders" }, subject: "header.Buyer", foreign: "refuse" }),
	  (sent + { name: "by-field", match: { path: "/field" }, subject: "header.Buyer" }),
	  (sent + { name: "by-query", match: { path: "/query" }, subject: "query.buyer" }),
	  (sent + { name: "by-body", match: { path: "/body" }, subject: "$.buyer.id" }),
	  (sent + { name: "guests", match: { path: "/guests" }, subject: ["$.buyer.id", { guest: "$.order" }] }),
	  (sent + { name: "each", match: { path: "/each" }, subject: "$.shop", request: [ { at: "$.orders[*].address", class: "address", do: "policy", subject: "$.orders[*].buyer" } ] }) ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

put() { # ROLE PATH BODY args...: the status
	local role=$1 path=$2 body=$3
	shift 3
	world_curl "$role" -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$body" "$@" "$PLAIN$path"
}
put shop /orders '{"address":"1 Example Street"}' -H 'Buyer: ann' >"$W/status"
token=$(tail -n 1 "$W/orders.ndjson" | jq -r .address)
opens() { # PATH BODY args...
	: >"$W/label.ndjson"
	put order_system "$@" >"$W/status"
	grep -q '1 Example Street' "$W/label.ndjson"
}
doc="{\"address\":\"$token\"}"
ok "Ann's token opens for Ann" opens /field "$doc" -H 'Buyer: ann'
no "and not for Mallory" opens /field "$doc" -H 'Buyer: mallory'
attack "with a second field" opens /field "$doc" -H 'Buyer: mallory' -H 'Buyer: x'
attack "a second parameter" opens '/query?buyer=mallory&buyer=mallory' "$doc"
attack "a parameter that two readers could read differently" opens '/query?buyer=mal+lory' "$doc"
attack "a second member" opens /body "{\"buyer\":{\"id\":\"mallory\",\"id\":\"x\"},\"address\":\"$token\"}"
attack "true for an id" opens /body "{\"buyer\":{\"id\":true},\"address\":\"$token\"}"
attack "an account that is called as a guest is" opens /guests "{\"buyer\":{\"id\":\"guest:zz\"},\"address\":\"$token\"}"
attack "two people in an element" opens /each "{\"shop\":\"s\",\"orders\":[{\"buyer\":\"mallory\",\"address\":\"$token\",\"buyer\":\"x\"}]}"
kept() { [ "$(put shop /orders "$doc" -H 'Buyer: mallory' -H 'Buyer: x')" = 201 ] && tail -n 1 "$W/orders.ndjson" | grep -qF "$token"; }
attack "Ann's token stands in an order of two, where tokens of others are refused" kept
is "an order in clear of two is refused too" "$(put shop /orders '{"address":"2 Example Street"}' -H 'Buyer: mallory' -H 'Buyer: x')" "$([ "${VARIANT:-release}" = weak ] && echo 201 || echo 422)"
is "what has nothing of anybody passes" "$(put shop /orders '{"x":1}' -H 'Buyer: mallory' -H 'Buyer: x')" 201
tap_done
