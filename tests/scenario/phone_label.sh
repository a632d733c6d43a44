#!/bin/bash
# A label bears a virtual number and never the real one: from the order to the
# waybill, the same again for the same order, also after a crash; refused, or the
# hotline, when none is left; ended with its order.
. "$(dirname "$0")/../lib/world.sh"

REAL=07700900739
OTHER=07700900740
world_new
export SCRIM_TEST_WORLD=$W
jq -n --arg store "http://127.0.0.1:$PEER_PORT" --arg carrier "http://127.0.0.1:$CARRIER_PORT" '
	def way($name; $to; $rules): { name: $name, match: { path: "/\($name)" }, upstream: $to, purpose: "order_processing",
		subject: "$.buyer.id", request: $rules };
	def out($name; $pool; $more): way($name; $carrier; [
		{ at: "$.receiver.name", class: "name", "do": "policy" },
		({ at: "$.receiver.mobile", class: "phone", "do": "virtual_number", pool: $pool } + $more),
		({ at: "$.sender.mobile", class: "phone", "do": "virtual_number", pool: $pool } + $more) ])
		+ { order: "$.orderNo", from: ["order_system"], to: { role: "carrier", purpose: "delivery" } };
	[ way("orders"; $store; [ { at: "$..name", class: "name", "do": "seal" }, { at: "$..mobile", class: "phone", "do": "seal" } ]),
	  out("waybill"; "labels"; { ttl: "15d" }), out("objects"; "labels"; { as: "object" }),
	  out("few"; "few"; {}), out("fewer"; "fewer"; {}),
	  (out("guests"; "labels"; {}) | .subject = "$.orderNo" | .order = "$['\''orderNo'\'']") ]' | world_routes -
jq '.listen += [ { address: "unix:run/telephony.sock", principal: "pbx" } ] | .principals += [ { name: "pbx", role: "telephony", socket: true } ] |
	.phone = { home: "44", pools: [
	{ name: "labels", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960001" }, { number: "+441632960002" } ] },
	{ name: "few", mode: "AXN", dial: ["44"], numbers: [ { number: "+441632960010" } ] },
	{ name: "fewer", mode: "AXN", dial: ["44"], hotline: "+441632960900", numbers: [ { number: "+441632960020" } ] } ] }' \
	"$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
ok "the configuration is in order" "$BIN/scrim" config check "$W/scrim.json"
start_peer store order_system "$PEER_PORT"
start_peer carrier carrier "$CARRIER_PORT"
world_up

JSON='Content-Type: application/json'
order() { # ORDER BUYER SENDER-PHONE RECEIVER-PHONE
	jq -cn --arg o "$1" --arg b "$2" --arg s "$3" --arg r "$4" \
		'{ orderNo: $o, buyer: { id: $b }, sender: { name: "Shop", mobile: $s }, receiver: { name: "Ann Example", mobile: $r } }'
}
send() { # PATH BODY: the status
	world_curl order_system -o "$W/answer" -D "$W/head" -w '%{http_code}' -H "$JSON" -d "$2" "$PLAIN$1"
}
got() { tail -n 1 "$W/carrier.ndjson" | jq -r "$1"; } # what the carrier received last
received() { wc -l <"$W/carrier.ndjson"; }
goes_in() { # ORDER...: what was stored of it is $STORED
	is "order $1 goes in" "$(send /orders "$(order "$@")")" 201
	STORED=$(tail -n 1 "$W/store.ndjson")
}

# ---- from the order to the waybill ----
goes_in A-1 b1 $OTHER $REAL
first=$STORED
no "and is stored without a number" grep -qE "$REAL|$OTHER" "$W/store.ndjson"
is "its waybill goes out" "$(send /waybill "$first")" 201
number=$(got .receiver.mobile)
ok "a virtual number with an extension is on it" eval '[[ $number =~ ^\+44163296000[12]-[0-9]{4}$ ]]'
ok "and another for the sender" eval '[[ $(got .sender.mobile) =~ ^\+44163296000[12]-[0-9]{4}$ && $(got .sender.mobile) != "$number" ]]'
is "the name is masked as ever" "$(got .receiver.name | sed 's/\*\**/*/g')" "A* E*"
is "the same waybill again has the same number" "$(send /waybill "$first") $(got .receiver.mobile)" "201 $number"
is "as an object: number and extension" "$(send /objects "$first") $(got '.receiver.mobile | "\(.number)-\(.extension) \(.display)"')" "201 $number $number"
is "with the masked real number" "$(got .receiver.mobile.masked | sed 's/[^*0-9]//g; s/\*\**/*/g')" "077*0739"
ok "and until when" eval '[ $(($(got .receiver.mobile.expires_at) - $(date +%s))) -gt $((14 * 86400)) ]'
is "a phone in clear is the same person's" "$(send /waybill "$(order A-1 b1 $OTHER $REAL)") $(got .receiver.mobile)" "201 $number"
goes_in A-2 b1 $OTHER $REAL
is "another order has another number" "$(send /waybill "$STORED")" 201
other_number=$(got .receiver.mobile)
no "which is not the first" test "$other_number" = "$number"
is "a guest's order is the person too" "$(send /guests "$(order G-1 '' $OTHER $REAL)")" 201
ok "and has a number" eval '[[ $(got .receiver.mobile) =~ ^\+44163296000[12]-[0-9]{4}$ ]]'
is "/v1/rewrite gives the caller the same" "$(world_curl order_system -H 'Content-Type: application/x-ndjson' -d "$first" "$PLAIN/v1/rewrite/waybill" |
	jq -r .receiver.mobile)" "$number"

# ---- many at once ----
for i in $(seq 60); do order A-1 b1 $OTHER $REAL; done >"$W/same.ndjson"
for i in $(seq 60); do order "C-$i" "c$i" $OTHER $REAL; done >"$W/different.ndjson"
before=$(received)
POST_URL=$PLAIN world_post_lines order_system /waybill "$W/same.ndjson" "$W/status"
is "one order sixty times at once is one number" "$(cut -d' ' -f2 "$W/status" | sort -u) $(tail -n +$((before + 1)) "$W/carrier.ndjson" |
	jq -r .receiver.mobile | sort -u)" "201 $number"
POST_URL=$PLAIN world_post_lines order_system /waybill "$W/different.ndjson" "$W/status"
is "sixty orders have sixty numbers, and as many senders'" "$(cut -d' ' -f2 "$W/status" | sort -u) $(tail -n 60 "$W/carrier.ndjson" |
	jq -r '.receiver.mobile, .sender.mobile' | sort -u | wc -l)" "201 120"

# ---- what is refused, and reaches nobody ----
before=$(received)
is "no order: refused" "$(send /waybill "$(jq -c 'del(.orderNo)' <<<"$first")") $(jq -r '.type | ltrimstr("urn:scrim:problem:")' "$W/answer")" "422 order-missing"
is "two orders: the same" "$(send /waybill "${first/\"orderNo\":\"A-1\"/\"orderNo\":\"A-1\",\"orderNo\":\"A-2\"}")" 422
is "what is no telephone number: refused" "$(send /waybill "$(order A-3 b1 $OTHER "$(printf '%065d' 7)")")" 422
is "nobody else hands out numbers" "$(world_curl support -o /dev/null -w '%{http_code}' -H "$JSON" -d "$first" "$PLAIN/waybill")" 403
is "and none of it reached the carrier" "$(received)" "$before"

# ---- none left ----
one() { order "$@" | jq -c 'del(.sender)'; }
is "the last number goes out" "$(send /few "$(one X-1 b1 '' $REAL)") $(got .receiver.mobile)" "201 +441632960010"
before=$(received)
is "then it is refused" "$(send /few "$(one X-2 b2 '' $OTHER)") $(jq -r '.type | ltrimstr("urn:scrim:problem:")' "$W/answer")" "503 numbers-exhausted"
ok "with a time to come again" eval '[ "$(sed -n "s/^Retry-After: \([0-9]*\).*/\1/Ip" "$W/head")" -ge 1 ]'
is "and nothing of it went out" "$(received)" "$before"
is "who has it already keeps it" "$(send /few "$(one X-1 b1 '' $REAL)") $(got .receiver.mobile)" "201 +441632960010"
is "where there is a hotline" "$(send /fewer "$(one Y-1 b1 '' $REAL)") $(got .receiver.mobile)" "201 +441632960020"
is "it is on the label, with the order" "$(send /fewer "$(one Y-2 b2 '' $OTHER)") $(got .receiver.mobile)" "201 +441632960900 Y-2"

# ---- keyd away; a crash ----
stop keyd KILL
before=$(received)
is "keyd is down: it waits outside" "$(send /waybill "$first") $(received)" "503 $before"
start_keyd
await 20 ready
stop scrimd KILL
start_scrimd
await 20 ready
is "after a crash the same order has the same number" "$(send /waybill "$first") $(got .receiver.mobile)" "201 $number"

# ---- called ----
COURIER=+447700900101 STRANGER=+447700900103
dial() { # CALLER NUMBER-EXTENSION: what the telephony server is told to do
	jq -n --arg x "${2%-*}" --arg e "${2#*-}" --arg c "$1" --arg id "call-$(date +%s%N)" '{ x: $x, ext: $e, caller: $c, kind: "INVITE", call: $id }' |
		curl -s --max-time 20 --unix-socket "$W/run/telephony.sock" -H "$JSON" --data-binary @- http://scrimd/v1/route |
		jq -r '"\(.action) \(.sip) \(.to // "nobody")"'
}
is "the courier is put through" "$(dial $COURIER "$number")" "connect 200 ${REAL/#0/+44}"
is "and after that the same waybill has the same number" "$(send /waybill "$first") $(got .receiver.mobile)" "201 $number"
is "which in clear it has too" "$(send /waybill "$(order A-1 b1 $OTHER $REAL)") $(got .receiver.mobile)" "201 $number"

# ---- the order ends ----
list() { world_curl order_system -H 'Scrim-Purpose: order_processing' "$PLAIN/v1/bindings?order_ref=$1"; }
is "both are bound to it" "$(list A-1 | jq -c '[ .items[].state ] | sort')" '["live","live"]'
is "the order is cancelled" "$(world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -X DELETE "$PLAIN/v1/bindings?order_ref=A-1")" 200
no "and nothing is bound to it" eval 'list A-1 | grep -q "\"live\""'
is "its number leads nobody anywhere: not the courier" "$(dial $COURIER "$number")" "reject 403 nobody"
is "nor a stranger" "$(dial $STRANGER "$number")" "reject 404 nobody"
is "the other order's is bound as before" "$(list A-2 | jq -c '[ .items[].state ] | unique')" '["live"]'
is "the other order's does" "$(dial $COURIER "$other_number")" "connect 200 ${REAL/#0/+44}"
is "it is delivered, and lives on for the pool's time" "$(world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' \
	-H "$JSON" -d '{"order_ref":"A-2"}' "$PLAIN/v1/bindings/complete") $(dial $COURIER "$other_number" | cut -d' ' -f1)" "200 connect"
is "the person is erased" "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -X POST "$PLAIN/v1/subjects/b1/erase" | jq -r .status)" erased
no "and nobody reaches them any more" eval 'dial $COURIER "$other_number" | grep -q ^connect'
no "nor with a label of before" eval 'send /waybill "$first" >/dev/null; [[ "$(got .receiver.mobile)" == +* ]]'

# ---- and the real numbers are nowhere but where they came from ----
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/keyd.log" 2>/dev/null
ok "the openings for the carrier are on record, and none showed it" jq -es '[ .[].entry | select(.what.op == "share" and .what.classes.phone and .who.role == "order_system" and .where.recipient_role == "carrier" and .where.recipient_purpose == "delivery") ] |
	length > 100 and all(.decision.action != "reveal" and .who.principal == "order_system-1") and any(.decision.action == "mask")' "$W/keyd.log"

world_down
no "no real number was handed to the carrier" grep -qE "$REAL|$OTHER|7700 ?9007(39|40)" "$W/carrier.ndjson"
no "and none is in a log or store" grep -rqaE "$REAL|$OTHER" "$W/run" "$W/log"
tap_done
