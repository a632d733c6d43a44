#!/bin/bash
# weakness: answer-unsearched
# A recipient's API says what it was told: in the fields of the same names, in others, inside
# a text, as a member's name, spelled with escapes, in a header. Whoever ordered the label
# reads it there, unless the answer is searched for what was opened for this request.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg carrier "http://127.0.0.1:$CARRIER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.receiver.address", class: "address", do: "seal" }, { at: "$.receiver.name", class: "name", do: "seal" },
		       { at: "$.receiver.region", class: "region", do: "seal" } ] },
	  { name: "carrier", match: { path: "/waybill" }, upstream: $carrier, purpose: "order_processing",
	    from: ["order_system"], to: { role: "carrier", purpose: "delivery" },
	    request: [ { at: "$.receiver.address", class: "address", do: "policy" }, { at: "$.receiver.name", class: "name", do: "policy" },
		       { at: "$.receiver.region", class: "region", do: "policy" } ] },
	  { name: "searched", match: { path: "/searched" }, upstream: $carrier, purpose: "order_processing", undeclared: "scan",
	    from: ["order_system"], to: { role: "carrier", purpose: "delivery" }, request: [ { at: "$.receiver.address", class: "address", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer carrier echo "$CARRIER_PORT" --answer-file "$W/say"
world_up

JSON='Content-Type: application/json'
ADDRESS="1 Example Street, Leeds"
status() { # ROLE PATH BODY
	world_curl "$1" -D "$W/head" -o "$W/answer" -w '%{http_code}' -H "$JSON" -d "$3" "$PLAIN$2"
}
is "an order is stored" "$(status shop /orders "$(jq -nc --arg a "$ADDRESS" '{buyer:{id:"c1"},receiver:{name:"Ann Example",address:$a,region:"Yorkshire"}}')")" 201
order=$(jq -c '{receiver}' "$W/orders.ndjson")
token=$(jq -r .receiver.address "$W/orders.ndjson")

# Each answer beside what the caller must not find in it, by letters of either case.
finds() { # REGEXP: sends the waybill, and reads the answer
	status order_system /waybill "$order" >"$W/status"
	cat "$W/head" "$W/answer" | grep -qiE "$1"
}
says() { # TYPE BODY [HEADER]
	local body
	body=$(printf %s "$2")
	printf 'HTTP/1.1 201 Created\r\nContent-Type: %s\r\n%sContent-Length: %s\r\n\r\n%s' "$1" "${3:+$3
}" "$(printf %s "$body" | wc -c)" "$body" | sed 's/^\(X-[^\r]*\)$/\1\r/' >"$W/say"
}
PART="1 example street"

rm -f "$W/say"
ok "the carrier is told the address" eval 'status order_system /waybill "$order" >/dev/null; grep -q "$ADDRESS" "$W/carrier.ndjson"'
attack "the echo itself" finds "$PART"
is "which comes with the status it had" "$(cat "$W/status")" 200
says application/json "$(jq -nc --arg a "$ADDRESS" '{label:1,printed_for:$a}')"
attack "a field of another name" finds "$PART"
says application/json "$(jq -nc --arg a "$ADDRESS" '{note:("Leave it at " + ($a | ascii_upcase) + ", please")}')"
attack "within a text, in capitals" finds "$PART"
says application/json "$(jq -nc --arg a "$ADDRESS" '{stops:{($a):3}}')"
attack "as a member's name" finds "$PART"
says application/json '{"note":"1\u0020Example\u0020Street, Leeds"}'
decoded() { status order_system /waybill "$order" >"$W/status"; jq -r '.. | strings' "$W/answer" | grep -qi "$PART"; }
attack "spelled with escapes" decoded
says application/json '{"track":"https://maps.example/?q=1%20Example%20Street%2C%20Leeds"}'
attack "in a link" finds "1%20example"
says application/json '{"ok":true}' "X-Delivered-To: $ADDRESS"
attack "in a header" finds "$PART"
says application/json '{"address":"2 Another Road, York"}'
attack "an address that nobody sent, where there was one" finds "another road"
says text/plain "Delivered to $ADDRESS"
attack "in what is no document" finds "$PART"

[ "${VARIANT:-release}" = weak ] || {
	says application/json "$(jq -nc --arg a "$ADDRESS" '{id:7, printed_for:$a, receiver:{address:$a, name:"A** E******"}, note:("at " + $a + "!"), hub:"Yorkshire"}')"
	is "what was opened is the token it was, of which the caller sees what it may, wherever it stands" "$(status order_system /waybill "$order") $(jq -c '[.id, .printed_for, .note, .hub]' "$W/answer")" \
		'201 [7,"****","at ****!","Yorkshire"]'
	is "and where it is declared, as what the caller may see of it" "$(jq -r '.receiver.address' "$W/answer" | grep -c '\*')" 1
	says application/json "$(jq -nc --arg a "$ADDRESS" '{inner:({at:$a} | tojson)}')"
	is "in JSON in a string, too, written as that wants it" "$(status order_system /waybill "$order") $(jq -r '.inner | fromjson | .at' "$W/answer")" "201 ****"
	says application/json '{"id":7,"tracking":"T-1"}'
	is "an answer that has nothing of it stays as it is" "$(status order_system /waybill "$order") $(cat "$W/answer")" '201 {"id":7,"tracking":"T-1"}'
	says application/json '{"id":7,"driver":{"mobile":"+447700900129"},"note":"ring +447700900128","contact_name":"Dan Driver"}'
	is "where the route is searched, so is the answer: by what the caller may see" "$(status order_system /searched "$order") $(jq -c '[.id, .driver.mobile, .contact_name]' "$W/answer") $(grep -cE '90012[89]|Driver' "$W/answer")" \
		'201 [7,"+44******0129","D** D*****"] 0'
	told() { "$BIN/scrim" drift --config "$W/scrim.json" --route searched --json | jq -r 'map(.place) | sort | join(" ")'; }
	ok "and it is told where" await 10 eval '[ "$(told)" = "$.contact_name \$.driver.mobile \$.note" ]'
	ok "what was put back is counted" eval 'curl -s "$PLAIN/metrics" | grep -q "^scrim_values_total{action=\"put_back\"} [1-9]"'
	no "no log has the address" grep -rqaiE "$PART" "$W/run" "$W/log"
}
tap_done
