#!/bin/bash
# weakness: route-for-anybody
# A key that may read nothing sends a stolen token through the carrier's route,
# so that a label is printed on somebody's account.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg printer "http://127.0.0.1:$CARRIER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.receiver.address", class: "address", do: "seal" } ] },
	  { name: "carrier", match: { path: "/waybill" }, upstream: $printer, purpose: "order_processing",
	    from: ["order_system"], to: { role: "carrier", purpose: "delivery" },
	    request: [ { at: "$.receiver.address", class: "address", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label order_system "$CARRIER_PORT"
world_up

JSON='Content-Type: application/json'
status() { # ROLE PATH BODY
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$3" "$PLAIN$2"
}
is "an order is stored" "$(status shop /orders '{"buyer":{"id":"c1"},"receiver":{"address":"1 Example Street"}}')" 201
token=$(grep -o 'sct1-[^"]*' "$W/orders.ndjson" | head -1)
stolen='{"receiver":{"address":"'$token'"}}'
is "the order system has the label printed" "$(status order_system /waybill "$stolen")" 201
ok "with the address on it" grep -q "1 Example Street" "$W/label.ndjson"

# What a label shows is the policy's: "send" lets nobody of these have a value printed, so
# what comes through at all comes empty, and is an order to a carrier all the same.
label_by() {
	local before
	before=$(wc -l <"$W/label.ndjson")
	status "$1" /waybill "$stolen" >"$W/status"
	[ "$(wc -l <"$W/label.ndjson")" -gt "$before" ]
}
for role in marketing analyst auditor operator support shop; do
	attack "$role has a label printed" label_by "$role"
done
[ "${VARIANT:-release}" = weak ] || {
	is "it is refused as what it is" "$(status marketing /waybill "$stolen"; jq -r .type "$W/answer")" \
		"403urn:scrim:problem:role-not-allowed"
	sleep 1.5
	ok "and stands in the log as a denial, with role and purpose" \
		grep -rqE '"denial".*"role":"marketing".*"purpose":"order_processing"|"role":"marketing".*"denial"' "$W/run/log"
}
tap_done
