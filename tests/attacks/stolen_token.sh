#!/bin/bash
# weakness: token-of-another
# Whoever reads the order table has tokens and no key. Mallory is a customer too: she types
# Ann's tokens into an order of her own, as name, telephone and address, and in her remark,
# and has it shipped: the label is printed with what Ann's tokens open to.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	[ ["$.receiver.name", "name"], ["$.receiver.mobile", "phone"], ["$.receiver.address", "address"] ] as $fields
	| def rules($do): [ $fields[] | { at: .[0], class: .[1], do: $do } ];
	  def orders($name): { name: $name, match: { path: "/\($name)" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
		request: (rules("seal") + [ { at: "$.remark", do: "scan" } ]) };
	  def waybill($name): { name: $name, match: { path: "/\($name)" }, upstream: $echo, purpose: "order_processing",
		from: ["order_system"], to: { role: "carrier", purpose: "delivery" }, order: "$.order",
		request: (rules("policy") + [ { at: "$.remark", do: "scan" } ]) };
	[ orders("orders"), (orders("strict") | .foreign = "refuse"), (orders("adopting") | .foreign = "adopt"),
	  # a label of which nobody says whose it is: what is sealed must hold by itself
	  waybill("plain"), (waybill("waybill") | .subject = "$.buyer.id"),
	  (waybill("labels") | .subject = "$.buyer.id"
	    | .request = [ { at: "$.receiver.mobile", class: "phone", do: "virtual_number", pool: "labels" } ]) ]' | world_routes -
jq '.phone = { home: "44", pools: [ { name: "labels", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960001" } ] } ] }' \
	"$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

JSON='Content-Type: application/json'
status() { # ROLE PATH BODY
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$3" "$PLAIN$2"
}
stored() { tail -1 "$W/orders.ndjson"; } # the newest order, as the order system has it
printed() { tail -n 1 "$W/label.ndjson"; } # the newest label, as the carrier has it
PRIVATE='Ann Example|07700 ?900123|1 Example Street|900123'

order() { # BUYER NAME MOBILE ADDRESS REMARK
	jq -cn --arg b "$1" --arg n "$2" --arg m "$3" --arg a "$4" --arg r "$5" \
		'{ order: "o-\($b)", buyer: { id: $b }, receiver: { name: $n, mobile: $m, address: $a }, remark: $r }'
}
is "Ann orders" "$(status shop /orders "$(order ann 'Ann Example' '07700 900123' '1 Example Street' 'call 07700 900123 first')")" 201
stored >"$W/ann"
no "of which the order system has no word" grep -qE "$PRIVATE" "$W/ann"
token() { jq -r "$1" "$W/ann"; }
name=$(token .receiver.name) mobile=$(token .receiver.mobile) address=$(token .receiver.address)
remark=$(token .remark)
is "and her parcel is labelled" "$(status order_system /waybill "$(cat "$W/ann")")" 200
ok "with her address" grep -q "1 Example Street" "$W/label.ndjson"
is "also behind a virtual number" "$(status order_system /labels "$(cat "$W/ann")"; jq -r .receiver.mobile "$W/answer" | cut -d- -f1)" "200+441632960001"

# ---- hers, with Ann's tokens ----
is "Mallory's order is taken: none is lost" "$(status shop /orders "$(order mallory "$name" "$mobile" "$address" "$remark")")" 201
stored >"$W/mallory"
shipped() { # PATH FILE: is anything of Ann's on the label?
	status order_system "$1" "$(cat "$2")" >"$W/status"
	grep -q '^200$' "$W/status" && printed | grep -qE "$PRIVATE"
}
attack "Mallory has Ann's tokens in her own order, shipped" shipped /waybill "$W/mallory"
attack "and where the label does not say whose it is" shipped /plain "$W/mallory"
in_store() { jq -r '.receiver[], .remark' "$W/mallory" | grep -qF "$1"; }
for t in "$name" "$mobile" "$address" "$(grep -o 'sct1-[a-z0-9]*' <<<"$remark" | head -1)"; do
	attack "one of Ann's tokens stands in Mallory's order" in_store "$t"
done
# past the order route: the order system itself is told that Ann's tokens are Mallory's
order mallory "$name" "$mobile" "$address" "$remark" >"$W/planted"
attack "a planted waybill in Mallory's name is printed with what is Ann's" shipped /waybill "$W/planted"
reaches() {
	status order_system /labels "$(cat "$W/planted")" >"$W/status"
	printed | jq -r .receiver.mobile | grep -q '^+441632960001'
}
attack "a virtual number on Mallory's label reaches Ann" reaches
in_strict() { [ "$(status shop /strict "$(order mallory "$name" "$mobile" "$address" none)")" = 201 ]; }
attack "a strict route takes the order" in_strict
adopted() { status shop /adopting "$(order mallory "$name" "$mobile" "$address" "$remark")" >"$W/status"; stored >"$W/mallory"; shipped /plain "$W/mallory"; }
attack "a route that adopts gives somebody else's tokens away" adopted

[ "${VARIANT:-release}" = weak ] || {
	is "a strict one names the field, and nothing that stood there" \
		"$(status shop /strict "$(order mallory Mallory "$mobile" '2 Test Road' none)"; jq -r '"\(.type) \(.detail)"' "$W/answer" | cut -c1-75)" \
		'422urn:scrim:problem:foreign-token $.receiver.mobile: a token of somebody else'
	no "the token least of all" grep -q "$mobile" "$W/answer"
	is "it takes her own tokens from her other order" "$(status shop /orders "$(order mallory Mallory '07700 900456' '2 Test Road' none)"
		stored >"$W/own"; status shop /strict "$(cat "$W/own")")" 201201
	ok "as they are" cmp -s <(jq -S .receiver "$W/own") <(stored | jq -S .receiver)
	is "and has them shipped" "$(status order_system /waybill "$(stored)"; printed | jq -r .receiver.address)" "2002 Test Road"
	sleep 1.5
	ok "keyd's log counts what was somebody else's" grep -rq '"foreign":' "$W/run/keyd/log"
	ok "and so do the metrics" eval 'world_curl operator "$PLAIN/metrics" | grep -qE "^scrim_foreign_tokens_total [1-9]"'
}
tap_done
