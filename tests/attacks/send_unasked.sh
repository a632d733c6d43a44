#!/bin/bash
# weakness: send-unasked
# A route lets a role in to which the policy gives no "send": its key sends a stolen token
# through it, so that the label is printed with what only a carrier may see. And a hacked
# gateway asks keyd the same, as the carrier's sender or as a carrier that sends to itself.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg printer "http://127.0.0.1:$CARRIER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.receiver.address", class: "address", do: "seal" } ] },
	  { name: "carrier", match: { path: "/waybill" }, upstream: $printer, purpose: "order_processing",
	    from: ["order_system", "support", "shop", "marketing"], to: { role: "carrier", purpose: "delivery" },
	    request: [ { at: "$.receiver.address", class: "address", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label order_system "$CARRIER_PORT"
world_up

JSON='Content-Type: application/json'
status() { # ROLE PATH BODY
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$3" "$PLAIN$2"
}
ADDRESS="1 Example Street"
is "an order is stored" "$(status shop /orders '{"buyer":{"id":"c1"},"receiver":{"address":"'"$ADDRESS"'"}}')" 201
token=$(grep -o 'sct1-[^"]*' "$W/orders.ndjson" | head -1)
stolen='{"receiver":{"address":"'$token'"}}'
is "the order system has the label printed" "$(status order_system /waybill "$stolen")" 201
ok "with the address on it" grep -q "$ADDRESS" "$W/label.ndjson"

label_by() { : >"$W/label.ndjson"; status "$1" /waybill "$stolen" >"$W/status"; grep -q "$ADDRESS" "$W/label.ndjson"; }
for role in support shop marketing; do
	attack "$role has a label printed with the address on it" label_by "$role"
done

hacked() { # OPTIONS...
	echo "$token" | "$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --keys "$W/keys" --op share "$@" open >"$W/hacked" 2>&1
	grep -q "$ADDRESS" "$W/hacked"
}
ok "the gateway asks keyd for the order system" hacked --role order_system --purpose order_processing --to-role carrier --to-purpose delivery
attack "a hacked one asks keyd for support" hacked --role support --purpose service --to-role carrier --to-purpose delivery
attack "or for the carrier, which sends to itself" hacked --role carrier --purpose delivery
no "not even then for a recipient to whom nothing is given" hacked --role order_system --purpose order_processing --to-role support --to-purpose service
[ "${VARIANT:-release}" = weak ] || {
	is "such a label goes out without it" "$(: >"$W/label.ndjson"; status support /waybill "$stolen"; jq -c . "$W/label.ndjson")" '201{"receiver":{"address":null}}'
	"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/keyd.log" 2>/dev/null
	ok "keyd's record names both sides" jq -es '[ .[].entry | select(.what.op == "share" and .decision.action == "reveal") ]
		| length > 0 and all(.who.role == "order_system" and .why.purpose == "order_processing"
			and .where.recipient_role == "carrier" and .where.recipient_purpose == "delivery")' "$W/keyd.log"
	sleep 1.5
	"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/scrimd.log" 2>/dev/null
	ok "and so does scrimd's" jq -es 'any(.[].entry; .what.op == "share" and .who.role == "order_system" and .where.recipient == "carrier"
		and .where.recipient_role == "carrier" and .where.recipient_purpose == "delivery")' "$W/scrimd.log"
}
tap_done
