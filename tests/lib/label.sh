# label.sh - an order is stored, a carrier's label is printed from it, and its token is stolen.

LABEL_ADDRESS="1 Example Street"

# ROLES, a list in JSON, may use the carrier's route. Afterwards $token is the order's, and
# $W/label.ndjson holds what was printed.
label_world() { # ROLES
	world_new
	jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg printer "http://127.0.0.1:$CARRIER_PORT" --argjson roles "$1" '
		[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
		    request: [ { at: "$.receiver.address", class: "address", do: "seal" } ] },
		  { name: "carrier", match: { path: "/waybill" }, upstream: $printer, purpose: "order_processing",
		    from: $roles, to: { role: "carrier", purpose: "delivery" },
		    request: [ { at: "$.receiver.address", class: "address", do: "policy" } ] } ]' | world_routes -
	start_peer orders order_system "$PEER_PORT"
	start_peer label order_system "$CARRIER_PORT"
	world_up
	is "an order is stored" "$(label_send shop /orders '{"buyer":{"id":"c1"},"receiver":{"address":"'"$LABEL_ADDRESS"'"}}')" 201
	token=$(grep -o 'sct1-[^"]*' "$W/orders.ndjson" | head -1)
	is "the order system has the label printed" "$(label_print order_system)" 201
	ok "with the address on it" grep -q "$LABEL_ADDRESS" "$W/label.ndjson"
}

# The status; the answer is in $W/answer.
label_send() { # ROLE PATH BODY
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$3" "$PLAIN$2"
}

label_print() { label_send "$1" /waybill '{"receiver":{"address":"'"$token"'"}}'; } # ROLE
