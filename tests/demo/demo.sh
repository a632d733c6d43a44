#!/bin/bash
# demo.sh - what Scrim is, on one screen, by doing it: one customer's order
# passes through, the order system keeps tokens, the carrier gets a label, others
# get what policy lets them have, and the failures are tried and refused.
#
#	tests/demo/demo.sh		tells the story, checks itself, cleans up
#	tests/demo/demo.sh --stay	starts everything in run/ (DEMO_DIR) and stays
#
# Any surprise (a value in clear where none may be, a check that does not hold)
# is named and makes the exit status 1.
set -u
cd "$(dirname "$0")/../.." || exit 2
export LC_ALL=C.UTF-8
. tests/lib/procs.sh
. tests/demo/screen.sh
. tests/demo/stay.sh
. tests/demo/theft.sh
. tests/demo/collect.sh
. tests/demo/analysts.sh

ROOT=$PWD
BUILD=$ROOT/build/${VARIANT:-release}
BIN=$BUILD/bin TOOLS=$BUILD/tools
. tests/demo/apart.sh
. tests/demo/witness.sh
STAY=
[ "${1:-}" = --stay ] && STAY=1
ORDERS=${ORDERS:-1000}
umask 077
apart_begin

if [ -n "$STAY" ]; then D=${DEMO_DIR:-$ROOT/run} && mkdir -p "$D"; else D=$(mktemp -d "${TMPDIR:-/tmp}/scrim-demo.XXXXXX"); fi
C=$D/scrim.json
finish() {
	"$BIN/scrim" down --config "$C" >/dev/null 2>&1
	stop_all
	[ -n "$STAY" ] || rm -rf "$D"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
give_up() { echo "demo: $*" >&2; tail -n 5 "$D"/run/*.log "$D"/out/*.err 2>/dev/null >&2; exit 1; }
mkdir -p "$D/in" "$D/out" "$D/behind"
apart_folder || give_up "the programs could not be laid where others can run them"

# ---- set up: ports, routes, keys, daemons ----------------------------------------
free_port && HTTPS=$PORT
free_port && ORDER_PORT=$PORT
free_port && CARRIER_PORT=$PORT
[ -n "$STAY" ] && ! port_open 8443 && HTTPS=8443
URL=https://127.0.0.1:$HTTPS

configure() {
	jq --argjson port "$HTTPS" --argjson orders "$ORDER_PORT" --argjson carrier "$CARRIER_PORT" '
	{ tenant: "demo", policy: "policy.json", keyd: "unix:run/meet/keyd.sock", store: "sqlite:run/scrimd/scrim.db", log: "run/scrimd/log",
	  listen: [ { address: "127.0.0.1:\($port)", tls: { cert: "keys/tls.crt", key: "keys/tls.key" } },
		{ address: "unix:run/scrimd/telephony.sock", principal: "telephony" } ],
	  principals: [],
	  phone: { home: "44", pools: [ { name: "labels", mode: "AXE", ttl: "15d", after: "0s", dial: ["44"],
		numbers: [ { number: "+441632960001", count: 3 } ] } ] },
	  rule_sets, routes: [ .routes[] | .upstream = "http://127.0.0.1:\({ ORDERS: $orders, CARRIER: $carrier }[.upstream])" ] }' tests/demo/routes.json >"$C"
}

if [ ! -e "$C" ]; then
	configure && collect_configure && analysts_configure || give_up "the configuration could not be written"
else
	HTTPS=$(jq -r '.listen[0].address | split(":")[1]' "$C") URL=https://127.0.0.1:$HTTPS
	ORDER_PORT=$(jq -r '.routes[0].upstream | split(":")[2]' "$C")
	CARRIER_PORT=$(jq -r '.routes[] | select(.name == "carrier") | .upstream | split(":")[2]' "$C")
fi

start_behind() {
	start orders "$D/out/orders.err" "$TOOLS/demo_peer" --role order_system --port "$ORDER_PORT" --store "$D/behind/orders.ndjson"
	start carrier "$D/out/carrier.err" "$TOOLS/demo_peer" --role carrier --port "$CARRIER_PORT" --store "$D/behind/labels.ndjson"
	await 5 port_open "$ORDER_PORT" && await 5 port_open "$CARRIER_PORT" || give_up "the order system or the carrier did not start"
}
# What is written here is for its own user, but what the daemons of other users are to read.
shown() { chmod 644 "$C" "$D"/{words,views,viewd,queryd}.json; }
up() { shown && "$BIN/scrim" up --config "$C" --demo --detach $UP_AS >"$D/out/up.txt" 2>"$D/out/up.err" || give_up "scrim up failed: $(tail -1 "$D/out/up.err")"; }

start_behind
witness_prepare || give_up "the witness has no key"
up
witness_begin || give_up "the witness did not start"
echo "packages ok · built in ${BUILD_SECONDS:-0} s · example keys made · scrim-keyd, scrim-viewd and scrimd are up ($URL)"
echo

thousands() { echo "$1" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta'; }

# ask ROLE args...: curl as that role. Roles have a key each in keys/.
ask() {
	local role=$1
	shift
	curl -s --max-time 20 --cacert "$D/keys/tls.crt" -H "Authorization: Bearer $(cat "$D/keys/$role.key")" "$@"
}

[ -z "$STAY" ] || stay

# ---- 1,000 orders of four shapes, over TLS -----------------------------------------
each=$((ORDERS / 4))
: >"$D/in/truth.ndjson"
for shape in taobao shopify waybill crm; do
	"$TOOLS/gen_orders" --shape $shape --count $each --seed 2026 --truth "$D/in/$shape.truth" >"$D/in/$shape.ndjson"
	cat "$D/in/$shape.truth" >>"$D/in/truth.ndjson"
done
send_all() {
	local shape f first=1
	for shape in taobao shopify waybill crm; do
		mkdir -p "$D/in/$shape" "$D/out/$shape"
		split -a 4 -d -l 1 "$D/in/$shape.ndjson" "$D/in/$shape/"
		for f in "$D/in/$shape"/*; do
			[ $first = 1 ] || echo next
			first=0
			printf 'url = "%s/%s"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' \
				"$URL" $shape "$(cat "$D/keys/shop.key")"
			printf 'data-binary = "@%s"\noutput = "%s/%s"\nwrite-out = "%%{http_code}\\n"\ncacert = "%s/keys/tls.crt"\nmax-time = 30\nsilent\n' \
				"$f" "$D/out/$shape" "${f##*/}" "$D"
		done
	done >"$D/in/curl.conf"
	curl --parallel --parallel-max 16 --no-progress-meter -K "$D/in/curl.conf" >"$D/out/status" 2>"$D/out/curl.err"
}
consents_said
send_all
stored=$(grep -c '^201$' "$D/out/status")
[ "$stored" = $((each * 4)) ] || surprise "of $((each * 4)) orders only $stored were stored: $(sort "$D/out/status" | uniq -c | tr -s ' \n' ' ')"

jq -r '.pii[] | .v | select(length >= 7)' "$D/in/truth.ndjson" | sort -u >"$D/in/values"
values=$(jq '[.pii[] | select(.m != "t")] | length' "$D/in/truth.ndjson" | awk '{ n += $1 } END { print n }')
sealed=$(grep -o 'sct1-' "$D/behind/orders.ndjson" | wc -l)
[ "$sealed" -ge "$values" ] || surprise "$values declared values went in, but only $sealed tokens were stored"
in_clear=$(grep -cF -f "$D/in/values" "$D/behind/orders.ndjson")
[ "$in_clear" = 0 ] || surprise "$in_clear stored orders hold a value in clear"

# ---- the customer whom everything below is about: an order and a parcel ---------------
# A line for each document that is written without escapes: line, customer, phone, text.
plainly() { # FILE FILTER
	jq -rR "select(test(\"\\\\\\\\u\") | not) | input_line_number as \$line | fromjson | $2 | [\$line] + . | @tsv" "$1" 2>/dev/null
}
plainly "$D/in/waybill.ndjson" 'select(.receiver.mobile | type == "string") | [.customerOrderNo, .receiver.mobile]' >"$D/in/parcels"
IFS=$'\t' read -r o w customer phone < <(plainly "$D/in/taobao.ndjson" '.trade_fullinfo_get_response.trade? |
	select(. != null and (.buyer_message | tostring | startswith("请打 ")) and (.receiver_mobile | type == "string")) |
	[.buyer_open_uid, .receiver_mobile]' | awk -F '\t' -v OFS='\t' 'FNR == NR { parcel[$2, $3] = $1; next }
	($2, $3) in parcel { print $1, parcel[$2, $3], $2, $3; exit }' "$D/in/parcels" -)
[ -n "${customer:-}" ] || give_up "no customer with an order and a parcel to show"
sed -n "${o}p" "$D/in/taobao.ndjson" >"$D/in/shown.json"
sed -n "${w}p" "$D/in/waybill.ndjson" >"$D/in/waybill.json"
stored_as() { jq -r .stored "$D/out/$1/$(printf %04d $(($2 - 1)))"; } # SHAPE LINE
sed -n "$(stored_as taobao "$o")p" "$D/behind/orders.ndjson" >"$D/out/shown.json"
# what is theirs among all that is stored
grep -wF "$customer" "$D/behind/orders.ndjson" >"$D/out/their.ndjson"
grep -oE 'sct1-[0-9a-z]+' "$D/out/their.ndjson" >"$D/out/their"

# ---- 1 and 2: what was sent, what was stored ----------------------------------------
picture() { # FILE: the raw literals of four fields, as the bytes say
	grep -oE '"(tid|receiver_name|receiver_mobile|buyer_message)": ?("([^"\\]|\\.)*"|[0-9]+)' "$1" |
		sed -E 's/sct1-[0-9a-z]*([0-9a-z]{5})/sct1-…\1/g; s/^("[a-z_]*"): ?/\1 /' |
		awk '{ k = $1; sub(/^[^ ]+ /, ""); printf "%-18s %s\n", k ":", $0 }'
}
picture "$D/in/shown.json" | panel "$D/out/p1" "1 A shop sent this order"
picture "$D/out/shown.json" | sed '/"tid"/s/$/  (untouched)/' | panel "$D/out/p2" "2 The order system stored this"
name=$(jq -r '.. | .receiver_name? // empty' "$D/in/shown.json")
echo " One customer, $name, all the way through: $(wc -l <"$D/out/their.ndjson") documents, $(wc -l <"$D/out/their") sealed values"
echo
show_panels "$D/out/p1" "$D/out/p2"
strip() { grep -oE '"(tid|status|created|payment|buyer_open_uid|oid|num)": ?[^,}]*' "$1"; }
[ "$(strip "$D/in/shown.json")" = "$(strip "$D/out/shown.json")" ] || surprise "what is not personal was changed"
token=$(grep -oE '"receiver_mobile": ?"sct1-[0-9a-z]+' "$D/out/shown.json" | head -1 | grep -o 'sct1-.*')
[ -n "$token" ] || surprise "the customer's phone was not sealed"

# ---- 3: their parcel goes out ---------------------------------------------------------
curl -s "http://127.0.0.1:$ORDER_PORT/orders/$(stored_as waybill "$w")" >"$D/out/waybill.json"
[ "$(jq -r .receiver.mobile "$D/out/waybill.json")" = "$token" ] || surprise "their parcel has another token for the same phone"
code=$(ask order_system -o "$D/out/label.txt" -w '%{http_code}' -H 'Content-Type: application/json' \
	--data-binary @"$D/out/waybill.json" "$URL/carrier/waybill")
[ "$code" = 201 ] || surprise "the carrier route answered $code: $(head -c 200 "$D/out/label.txt")"
tail -1 "$D/behind/labels.ndjson" >"$D/out/label.json"
field() { jq -r ".receiver.$2 // empty" "$1"; }
jq -r '.receiver | "\"name\":    \"\(.contact)\"", "\"phone\":   \"\(.mobile.display? // "")\"", "  until  \(.mobile.expires_at? // 0 | strftime("%Y-%m-%d"))",
	"  masked \"\(.mobile.masked? // "")\"", "\"address\": \"\(.address)\""' "$D/out/label.json" |
	panel "$D/out/p3" "3 The carrier received this"
[ "$(field "$D/out/label.json" address)" = "$(field "$D/in/waybill.json" address)" ] || surprise "the carrier cannot read the address"
for f in contact mobile; do
	case "$(field "$D/out/label.json" "$f$([ $f = contact ] || echo .masked)")" in
	"$(field "$D/in/waybill.json" $f)") surprise "the carrier got the $f in clear" ;;
	*'*'*) ;;
	*) surprise "the carrier's $f is not masked" ;;
	esac
done
grep -qF "$phone" "$D/out/label.json" && surprise "the customer's phone is on the label"
x=$(field "$D/out/label.json" mobile.number) ext=$(field "$D/out/label.json" mobile.extension)
case "$x $(field "$D/out/label.json" mobile.display)" in "+44163296000"[1-3]" $x-$ext") ;; *) surprise "no virtual number is on the label" ;; esac

# ---- 4: others ask for the same token -------------------------------------------------
jq -n --arg t "$token" '{ items: [ { token: $t } ] }' >"$D/in/reveal.json"
reveal() { # ROLE PURPOSE OUT
	ask "$1" -o "$3" -w '%{http_code}' -H 'Content-Type: application/json' -H "Scrim-Purpose: $2" \
		-H 'Scrim-Reason: delivery question' -H 'Scrim-Ticket: 88' --data-binary @"$D/in/reveal.json" "$URL/v1/reveal"
}
support_code=$(reveal support service "$D/out/support.json")
marketing_code=$(reveal marketing campaign "$D/out/marketing.json")
nobody_code=$(curl -s --cacert "$D/keys/tls.crt" -o "$D/out/nobody.json" -w '%{http_code}' -H 'Content-Type: application/json' \
	-H 'Scrim-Purpose: service' --data-binary @"$D/in/reveal.json" "$URL/v1/reveal")
seen=$(jq -r '.items[0] | .value // .status' "$D/out/support.json")
record=$(jq -r '.record // empty' "$D/out/support.json")
request=$(jq -r '.request_id // empty' "$D/out/support.json")
denial=$(jq -r '.request_id // empty' "$D/out/marketing.json")
[ -z "$denial" ] || sleep 0.2	# scrimd's own log is at most 50 ms behind for a denial
denial=$("$BIN/scrim" audit show --config "$C" --request "${denial:-0}" --limit 1 --json 2>>"$D/out/audit.err" | jq -r .index)
[ -n "$denial" ] || surprise "the denial is in no log"
# A card number of some order wants the caller's own signature, whatever gateway brings the question.
card=$(grep -ohE '"credit_card_number": ?"sct1-[0-9a-z]+' "$D/behind/orders.ndjson" | head -1 | grep -o 'sct1-.*')
finance() { # OUT args...
	"$BIN/scrim" reveal --config "$C" --ca "$D/keys/tls.crt" --key "$D/keys/finance.key" --purpose settlement --ticket 88 --json \
		"${@:2}" "$card" >"$1" 2>>"$D/out/finance.err"
}
finance "$D/out/unsigned.json"
finance "$D/out/signed.json" --sign "$D/keys/finance.sign"
of_card() { jq -r '.items[0] | .value // .status' "$1" 2>/dev/null; }
denied=$(jq -r '.items[0].status // .type // "?" | sub("urn:scrim:problem:"; "")' "$D/out/marketing.json")
{
	printf 'support agent, purpose service       %-16s %s\n' "$seen" "entry ${record:-?}"
	printf 'marketing, purpose campaign          %-16s %s\n' "$denied" "entry ${denial:-?}"
	printf 'no credential                        %s\n' "$nobody_code"
	printf 'finance, for a card number           %s\n' "$(of_card "$D/out/unsigned.json")"
	printf 'finance, by their own signature      %-16s %s\n' "$(of_card "$D/out/signed.json")" "entry $(jq -r '.record // "?"' "$D/out/signed.json")"
} | panel "$D/out/p4" "4 Others asked for that phone, or for a card"
[ "$(of_card "$D/out/unsigned.json")" = unsigned ] || surprise "without a signature the card number was answered '$(of_card "$D/out/unsigned.json")'"
grep -qF "\"$(of_card "$D/out/signed.json")\"" "$D"/in/*.truth || surprise "finance's signature opened '$(of_card "$D/out/signed.json")'"
show_panels "$D/out/p3" "$D/out/p4"
[ "$support_code" = 200 ] && [ -n "$record" ] || surprise "the support agent's look was answered $support_code without a record"
case "$seen" in "$phone") surprise "the support agent saw the whole number" ;; *'*'*) ;; *) surprise "the support agent got '$seen'" ;; esac
[ "$nobody_code" = 401 ] || surprise "no credential was answered $nobody_code"
case "$marketing_code" in 200 | 403) ;; *) surprise "marketing was answered $marketing_code" ;; esac
jq -e '[.items[]? | select(.status == "ok")] | length == 0' "$D/out/marketing.json" >/dev/null || surprise "marketing was told something"

# ---- 5: the record of that reveal --------------------------------------------------------
scrim() { "$BIN/scrim" "$@"; }
sleep 1.5	# heads are signed once a second
scrim audit show --config "$C" --keyd --since "${record:-0}" --limit 1 --json >"$D/out/entry.json" 2>>"$D/out/audit.err"
sed 's/^{"index":[0-9]*,"entry":\(.*\)}$/\1/' "$D/out/entry.json" >"$D/out/entry.bytes"
scrim audit prove --config "$C" --keyd --out "$D/out/receipt" "${record:-0}" 2>>"$D/out/audit.err"
await 30 witness_cosigned || surprise "the logs are not cosigned by the witness"
scrim audit trust --config "$C" --trust "$D/trust" >"$D/out/trust.txt" 2>>"$D/out/audit.err" || surprise "the logs cannot be trusted"
scrim audit verify --config "$C" --trust "$D/trust" --json >"$D/out/verify.json" 2>>"$D/out/audit.err" || surprise "the logs do not verify"
grep -q "$request" "$D/out/entry.json" || surprise "entry ${record:-?} of keyd's log is not that of the reveal"
proven() { scrim audit prove --check "$D/out/receipt" --vkey "$D/run/keyd/log/vkey" <"$D/out/entry.bytes"; }
jq -r '.entry | "who   \(.who.principal) (role \(.who.role))",
	"why   \(.why.purpose), \"\(.why.reason)\", ticket \(.why.ticket)",
	"what  \(.what.classes | to_entries | map("\(.value) \(.key)") | join(", ")) of person \(.what.subjects[0][:8])…, \(
		{ mask: "masked", reveal: "in clear" }[.decision.action] // .decision.action)"' "$D/out/entry.json" >"$D/out/lines"
jq -e '.entry.who.role == "support" and .entry.why.purpose == "service" and .entry.decision.action == "mask"' "$D/out/entry.json" >/dev/null ||
	surprise "the record does not tell what happened"
check "proof leaf ${record:-?} → root signed by keyd  " proven
echo "$CHECKED" >>"$D/out/lines"
panel "$D/out/p5" "5 The record of that reveal" <"$D/out/lines"

# ---- 6: the number on the label is called ---------------------------------------------------------
# What the telephony server is told to do about CALLER, who dials EXT behind the label's number.
dial() { # CALLER EXT
	jq -n --arg x "$x" --arg ext "$2" --arg caller "$1" --arg call "demo-$(date +%s%N)" \
		'{ x: $x, ext: $ext, caller: $caller, kind: "INVITE", call: $call }' |
		curl -s --max-time 10 --unix-socket "$D/run/scrimd/telephony.sock" -H 'Content-Type: application/json' --data-binary @- \
			http://scrimd/v1/route >"$D/out/call.json"
}
told() { jq -r "$1" "$D/out/call.json"; }
courier=+447700900999 stranger=+447700900998
# four extensions that lead to nobody
mapfile -t wrong_ext < <(jq -r '[ .. | .extension? // empty ] as $bound | [ range(2000; 2100) | tostring ] - $bound | .[0:4][]' "$D/out/label.json")

rings() { dial $courier "$ext" && [ "$(told '"\(.action) \(.to) \(.display)"')" = "connect $phone $x" ]; }
misses() { dial $courier "${wrong_ext[0]}" && [ "$(told '"\(.action) \(.sip) \(.to)"')" = "reject 404 null" ]; }
guesses() {
	local e
	for e in "${wrong_ext[@]}"; do dial $stranger "$e"; done
	[ "$(told .sip)" = 603 ] && dial $stranger "$ext" && [ "$(told .sip)" = 603 ]
}
others_ask() {
	[ "$(ask order_system -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H 'Scrim-Purpose: delivery' \
		--data-binary "{\"x\":\"$x\",\"ext\":\"$ext\",\"caller\":\"$courier\",\"kind\":\"INVITE\",\"call\":\"demo-other\"}" "$URL/v1/route")" = 403 ]
}
delivered() {
	ask order_system -H 'Scrim-Purpose: order_processing' -H 'Content-Type: application/json' -o "$D/out/complete.json" \
		--data-binary "$(jq -c '{ order_ref: .waybillNo }' "$D/in/waybill.json")" "$URL/v1/bindings/complete"
	dial $courier "$ext" && [ "$(told .sip)" = 403 ] && dial +447700900997 "$ext" && [ "$(told .sip)" = 404 ]
}
: >"$D/out/lines"
called() { # WHO WHAT COMMAND...
	local text
	text=$(printf '%-36s %-19s ' "$1" "$2")
	shift 2
	check "$text" "$@"
	echo "$CHECKED" >>"$D/out/lines"
}
called "the courier dials it" "the buyer is called" rings
called "the courier misdials" "nobody is called" misses
called "a stranger tries extensions" "blocked after three" guesses
called "the order system asks whose it is" "refused" others_ask
called "the courier, after delivery" "nobody is called" delivered
panel "$D/out/p6" "6 The label's number is called" <"$D/out/lines"
show_panels "$D/out/p5" "$D/out/p6" | paint

# ---- 8 and 9: what analysis is told -----------------------------------------------------------
collect_story
analysts_story

# ---- 7: and when things go wrong -----------------------------------------------------------
# One byte of the log is changed, in a copy: the check names the entry.
cp -r "$D/run/keyd/log" "$D/out/forged"
forge() {
	local f at
	# in each tile that has the entry: which of them is under the signature may be changing
	for f in $(grep -rlaF "$request" "$D/out/forged/tile/entries"); do
		at=$(grep -abo "$request" "$f" | head -1 | cut -d: -f1)
		# the role that is told of: "support" becomes "supporz"
		at=$(grep -abo '"role":"support"' "$f" | awk -F: -v from="$at" '$1 > from { print $1; exit }')
		printf 'z' | dd of="$f" bs=1 seek=$((at + 14)) conv=notrunc 2>/dev/null
		cmp -s "$f" "$D/run/keyd/log/${f#"$D/out/forged/"}" && return 1
	done
	! scrim audit verify --log "$D/out/forged" >"$D/out/forged.txt" 2>&1
}

# The customer is erased: every token of theirs is gone, nobody else's is.
jq -Rn '{ items: [ inputs | { token: . } ] }' "$D/out/their" >"$D/in/their.json"
theirs() { # OUT STATUS: how many of their tokens are that to who may see most, or want a signature first
	ask privacy_officer -o "$1" -H 'Content-Type: application/json' -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: was it erased' \
		--data-binary @"$D/in/their.json" "$URL/v1/reveal"
	jq --arg s "$2" '[ .items[].status | select(. == $s or . == "unsigned") ] | length' "$1"
}
their=$(wc -l <"$D/out/their")
alive_before=$(theirs "$D/out/before.json" ok)
ask privacy_officer -o "$D/out/erased.json" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: erasure request' -X POST "$URL/v1/subjects/$customer/erase"
after=$(theirs "$D/out/after.json" gone)
reveal support service "$D/out/again.json" >/dev/null
jq --arg t "$(grep -ohE '"receiver_mobile": ?"sct1-[0-9a-z]+' "$D/behind/orders.ndjson" | grep -o 'sct1-.*' | grep -vxF -f "$D/out/their" | head -1)" \
	-n '{ items: [ { token: $t } ] }' >"$D/in/reveal.json"
reveal support service "$D/out/others.json" >/dev/null
first_status() { jq -r '.items[0].status' "$1"; }
gone() {
	[ "$their" -gt 0 ] && [ "$alive_before" = "$their" ] && [ "$after" = "$their" ] &&
		[ "$(first_status "$D/out/again.json")" = gone ] && [ "$(first_status "$D/out/others.json")" = ok ]
}
scrim audit show --config "$C" --keyd --kind erase --json >"$D/out/erasure.json" 2>>"$D/out/audit.err"
[ "$(jq -r '.entry.what.subjects[0]' "$D/out/erasure.json" | tail -1)" = "$(jq -r '.entry.what.subjects[0]' "$D/out/entry.json")" ] ||
	surprise "who was erased is not whom the support agent looked at"

# keyd is stopped: an order waits outside, nothing in clear reaches the store.
before=$(wc -l <"$D/behind/orders.ndjson")
scrim down --config "$C" >/dev/null 2>&1
start_as "${SCRIMD_USER:-}" scrimd "$D/out/scrimd.err" scrimd --config "$C"
await 10 curl -s --cacert "$D/keys/tls.crt" -o /dev/null "$URL/healthz"
waiting=$(ask shop -o "$D/out/503.json" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$D/in/shown.json" "$URL/taobao")
stop scrimd
waits() { [ "$waiting" = 503 ] && [ "$(wc -l <"$D/behind/orders.ndjson")" = "$before" ]; }

# One side is stolen, then the other, then both.
steal

: >"$D/out/lines"
wrong() { # TEXT WHAT COMMAND...
	local text
	text=$(printf '%-21s %-32s ' "$1" "$2")
	shift 2
	check "$text" "$@"
	echo "$CHECKED" >>"$D/out/lines"
}
wrong "key service stopped" "orders wait, nothing in clear" waits
named=
forge && named=$(grep -oE 'entry [0-9]+' "$D/out/forged.txt" | head -1)
wrong "one log byte changed" "verify names ${named:-nothing}" test -n "$named"
wrong "this customer erased" "$their tokens gone for good" gone
wrong "gateway disk stolen" "$(opened_of gateway) tokens opened" stolen_gateway
wrong "key disk stolen" "$KEY_TOKENS tokens, $KEY_VALUES values on it" stolen_keys
wrong "both stolen together" "$(opened_of both) tokens opened" stolen_both
panel "$D/out/p10" "10 And when things go wrong" <"$D/out/lines"
show_panels "$D/out/p9" "$D/out/p10" | paint
echo " $their of $(thousands "$N_TOKENS") tokens are the erased customer's: nobody opens those, whoever has both disks."
echo

# ---- the sum --------------------------------------------------------------------------------
in_logs=$(grep -rlaF -f "$D/in/values" "$D/run" 2>/dev/null | wc -l)
[ "$in_logs" = 0 ] || surprise "$in_logs logs and files hold a value in clear"
echo " marketing's page says:$(grep -m 1 Sure "$D/out/report.txt" | sed 's/.*Sure  *\([^(]*[^ (]\).*/ \1/' | cut -c1-110)"
echo
echo "$(thousands "$stored") orders · $(thousands "$sealed") values sealed · searched for in clear: $in_clear found downstream, $in_logs in logs and files"
echo "next:  make run   ·   docs/OPERATIONS.md (keys of your own, backup)   ·   docs/ARCHITECTURE.md"
if [ "$surprises" != 0 ]; then
	echo "${RED}$surprises surprises; the folder is kept: $D${PLAIN_TEXT}" >&2
	STAY=1
	exit 1
fi
