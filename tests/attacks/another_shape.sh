#!/bin/bash
# weakness: shape-passes
# A phone is sent past the rule that seals it: in a string that holds JSON, in a
# list, in a patch, and out again in an answer of another shape.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	def fields(do): [ { at: "$.receiver.name", class: "name", do: do }, { at: "$.receiver.mobile", class: "phone", do: do } ];
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    undeclared: "pass", request: fields("seal") },
	  { name: "told", match: { path: "/told" }, upstream: $orders, purpose: "order_processing", unmatched: "report", undeclared: "pass",
	    request: fields("seal") },
	  { name: "read", match: { path: "/read" }, upstream: $echo, purpose: "order_processing", response: fields("policy") } ]' |
	world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer echo echo "$CARRIER_PORT"
world_up

CLEAR='7700 ?900[0-9]*'
send() { # PATH BODY [TYPE]
	world_curl "${AS:-order_system}" -o "$W/answer" -w '%{http_code}' -H "Content-Type: ${3:-application/json}" -d "$2" "$PLAIN$1"
}
stored() { # BODY [TYPE]: it is stored in clear
	: >"$W/orders.ndjson"
	send /orders "$@" >"$W/status"
	grep -qE "$CLEAR" "$W/orders.ndjson"
}
seen() { # BODY: marketing reads it in an answer
	AS=marketing send /read "$1" >"$W/status"
	grep -qE "$CLEAR" "$W/answer"
}
counted() { curl -s "$PLAIN/metrics" | sed -n 's/^scrim_unmatched_documents_total //p'; }

is "an order as declared is sealed" "$(send /orders '{"buyer":{"id":"c1"},"receiver":{"name":"Ann","mobile":"07700900123"}}')" 201
no "without its phone in clear" grep -qE "$CLEAR" "$W/orders.ndjson"
is "a part of one passes" "$(send /orders '{"buyer":{"id":"c1"},"status":"paid","receiver":null}')" 201
before=$(counted)
attack "a phone passes in a string that holds JSON" stored '{"receiver":"{\"mobile\":\"07700900123\"}"}'
attack "a phone passes in place of the object" stored '{"receiver":7700900123}'
attack "a phone passes in a list of receivers" stored '{"receiver":[{"mobile":"07700900123"}]}'
attack "a phone passes in a list of orders" stored '[{"receiver":{"mobile":"07700900123"}}]'
attack "a phone passes in a JSON Patch" stored '[{"op":"add","path":"/receiver/mobile","value":"07700900123"}]' application/json-patch+json
attack "a phone passes in one line of many" stored $'{"receiver":{"mobile":"07700900124"}}\n[{"receiver":{"mobile":"07700900123"}}]\n' application/x-ndjson
attack "marketing reads a phone in an answer that is a list" seen '[{"receiver":{"mobile":"07700900123"}}]'
attack "marketing reads a phone in an answer with a list in it" seen '{"receiver":[{"mobile":"07700900123"}]}'
[ "${VARIANT:-release}" = weak ] || {
	is "each was counted" "$(($(counted) - before))" 8
	is "a refusal says which rule" "$(send /orders '[{"receiver":{"mobile":"07700900123"}}]'; jq -r '"\(.type) \(.offset)"' "$W/answer")" \
		"422urn:scrim:problem:unmatched-shape 24"
	ok "by its path" grep -q 'where $.receiver.name goes on' "$W/answer"
	no "and not what stood there" grep -qE "$CLEAR" "$W/answer"
	printf '%s\n' '{"receiver":"x 07700900123"}' '{"receiver":{"mobile":null}}' >"$W/lines"
	is "a line to be rewritten is refused by itself" "$(world_curl order_system --data-binary @"$W/lines" "$PLAIN/v1/rewrite/orders" |
		jq -rc '.scrim_error.problem // "passed"' | tr '\n' ' ')" "unmatched-shape passed "
	is "where the owner says so it passes" "$(send /told '{"receiver":["07700900123"]}')" 201
	ok "and is told" grep -q '"gateway.unmatched_document","route":"told","rule_line":' "$W/log/scrimd.err"
	is "and counted" "$(($(counted) - before))" 11
	no "nothing of it is in what scrimd said" grep -qE "$CLEAR" "$W/log/scrimd.err"
}
tap_done
