#!/bin/bash
# A marker in every personal field is found in no log, metric, error, setting or
# temporary file, whatever goes wrong meanwhile; nor in what is released of orders, nor
# what an analyst compared with, or called it, in anything that queryd keeps.
. "$(dirname "$0")/../lib/query.sh"

M=ZQmarkerXK
PHONE=07700900739	# in whatever form it is dialled
world_new
export SCRIM_TEST_WORLD=$W
jq --arg up "http://127.0.0.1:$PEER_PORT" --arg carrier "http://127.0.0.1:$CARRIER_PORT" -n '[ { name: "orders", match: { path: "/orders" }, upstream: $up,
	subject: "$.buyer.id", purpose: "order_processing",
	request: [ { at: "$.receiver.name", class: "name", "do": "seal" }, { at: "$.receiver.mobile", class: "phone", "do": "seal" },
		{ at: "$.receiver.email", class: "email", "do": "seal" }, { at: "$.receiver.address", class: "address", "do": "seal" },
		{ at: "$.receiver.id", class: "resident_id", "do": "seal" }, { at: "$.receiver.card", class: "bank_card", "do": "seal" },
		{ at: "$.remark", "do": "scan" } ],
	response: [ { at: "$..name", class: "name", "do": "policy" }, { at: "$..mobile", class: "phone", "do": "policy" },
		{ at: "$..email", class: "email", "do": "policy" }, { at: "$..address", class: "address", "do": "policy" } ] },
	{ name: "forms", match: { path: "/forms" }, upstream: $up, subject: "$.buyer", purpose: "order_processing",
		request: [ { at: "$..name", class: "name", "do": "seal" }, { at: "$..phone", class: "phone", "do": "seal" }, { at: "$.note", "do": "scan" } ] },
	(("labels", "few") | { name: ., match: { path: "/\(.)" }, upstream: $carrier, subject: "$.buyer.id", order: "$.order", purpose: "order_processing",
		from: ["order_system"], to: { role: "carrier", purpose: "delivery" },
		request: [ { at: "$.receiver.name", class: "name", "do": "policy" },
			{ at: "$.receiver.mobile", class: "phone", "do": "virtual_number", pool: ., as: "object" } ] }) ]' | world_routes -
jq '.views = { drafts: "made", published: "views" } | .phone = { home: "44", pools: [ { name: "labels", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960001" } ] },
	{ name: "few", mode: "AXN", dial: ["44"], numbers: [ { number: "+441632960002" } ] } ] }' "$W/scrim.json" >"$W/one.json" &&
	mv "$W/one.json" "$W/scrim.json"
sed -i 's/"demo",/"local",/' "$W/scrim.json" "$W/keyd.json" # whose a view of anybody's table is
start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault"
start_peer carrier carrier "$CARRIER_PORT"
world_up

cat >"$W/tmp.order" <<END
{"buyer":{"id":"buyer-1"},"receiver":{"name":"$M Person","mobile":"$PHONE","email":"$M@example.com","address":"1 $M Street",
"id":"$M-id","card":"$M-card"},"remark":"call $PHONE or $M@example.com"}
END
tr -d '\n' <"$W/tmp.order" >"$W/order.json" && rm "$W/tmp.order"
mkdir "$W/errors"
n=0
post() { # ROLE URL DATA-FILE [curl args]: the status; answers that are no success are kept
	local role=$1 url=$2 data=$3 code
	shift 3
	n=$((n + 1))
	code=$(world_curl "$role" -o "$W/tmp.answer" -w '%{http_code}' -H "Content-Type: ${TYPE:-application/json}" \
		--data-binary @"$data" "$@" "$url")
	case $code in 2*) ;; *) mv "$W/tmp.answer" "$W/errors/$n" 2>/dev/null ;; esac
	echo "$code"
}

is "the order goes through" "$(post order_system "$URL/orders" "$W/order.json")" 201
no "and is stored without the marker" grep -qiE "$M|$PHONE" "$W/orders.ndjson"
head -c 150 "$W/order.json" >"$W/cut.json"
is "a cut document is refused" "$(post order_system "$URL/orders" "$W/cut.json")" 400
printf '{"a":"%s' "$M" >"$W/bad.json"
is "a broken one too" "$(post order_system "$URL/orders" "$W/bad.json")" 400
printf '{"receiver":{"name":"%s\001"}}' "$M" >"$W/ctl.json"
is "and one with a raw control character" "$(post order_system "$URL/orders" "$W/ctl.json")" 400
is "somebody without the right is refused" "$(post marketing "$URL/orders" "$W/order.json" | sed 's/4.*/4xx/')" 4xx
post order_system "$URL/nowhere/$M" "$W/order.json" >/dev/null
post order_system "$URL/orders?name=$M" "$W/order.json" >/dev/null
post order_system "$URL/orders" "$W/order.json" -H "X-Person: $M" >/dev/null
post order_system "$URL/v1/seal" "$W/order.json" >/dev/null
jq -n --arg m "$M" '{ items: [ { class: "phone", value: $m, subject: $m }, { class: $m, value: $m },
	{ class: "email", value: ($m + "@example.com") } ] }' >"$W/seal.json"
post order_system "$URL/v1/seal" "$W/seal.json" >/dev/null
post order_system "$URL/v1/mask" "$W/seal.json" >/dev/null
post order_system "$URL/v1/index" "$W/seal.json" >/dev/null
jq -n --arg m "$M" '{ items: [ { token: ("sct1-" + $m) }, { token: $m } ] }' >"$W/open.json"
post support "$URL/v1/reveal" "$W/open.json" -H 'Scrim-Purpose: service' -H 'Scrim-Reason: test' >/dev/null
post support "$URL/v1/reveal" "$W/open.json" -H 'Scrim-Purpose: service' -H "Scrim-Reason: caller says $PHONE" >/dev/null
post support "$URL/v1/reveal" "$W/open.json" -H "Scrim-Purpose: $M" >/dev/null
curl -s --cacert "$W/keys/tls.crt" -H "Authorization: Bearer $M" -o "$W/errors/key" "$URL/orders" >/dev/null
post privacy_officer "$URL/v1/subjects/$M-buyer/erase" /dev/null -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: test' >/dev/null
post order_system "$URL/v1/rewrite/orders?side=request&hits=1" "$W/cut.json" -H 'Content-Type: application/x-ndjson' >/dev/null
# forms: sealed, and malformed with the marker on either side of what is wrong
form() { # BODY: the status
	printf %s "$1" >"$W/form.body"
	TYPE=application/x-www-form-urlencoded post order_system "$URL/forms" "$W/form.body"
}
is "a form goes through" "$(form "buyer=b1&to[name]=$M+Person&to[phone]=$PHONE&note=mail+$M%40example.com")" 201
no "and is stored without the marker" grep -qiE "$M|$PHONE" "$W/orders.ndjson"
is "malformed ones do not" "$(form "to[name]=$M%zz$M") $(form "$M%00=$PHONE") $(form "$M[=$M") $(form "$M;$PHONE") $(form "_charset_=$M")" "400 400 400 400 400"

# XML: sealed, and malformed with the marker in what is wrong and around it
xml() { # BODY: the status
	printf %s "$1" >"$W/xml.body"
	TYPE=application/xml post order_system "$URL/forms" "$W/xml.body"
}
is "XML goes through" "$(xml "<to name='$M Person'><phone>$PHONE</phone><note><![CDATA[mail $M@example.com]]></note></to>")" 201
no "and is stored without the marker, too" grep -qiE "$M|$PHONE" "$W/orders.ndjson"
is "malformed XML does not" "$(xml "<to><$M></to>") $(xml "<to>$M&$M;</to>") $(xml "<!DOCTYPE $M><to/>") $(xml "<to $M='1' $M='2'/>") $(xml "<to>$M<!-- $M -->$M</to>") $(xml "<?xml version='1.0' encoding='$M'?><to/>") $(xml "<$M:to/>")" "400 400 400 400 400 400 400"
# on labels and in bindings: bound, refused, exhausted, listed, changed and ended
jq -c --arg o L-1 '.order = $o' "$W/order.json" >"$W/waybill.json"
is "its waybill goes out" "$(post order_system "$URL/labels" "$W/waybill.json")" 201
ok "with a virtual number" jq -e '.receiver.mobile.number == "+441632960001" and (.receiver.mobile.masked | endswith("739"))' "$W/carrier.ndjson"
is "without an order it does not" "$(post order_system "$URL/labels" "$W/order.json")" 422
jq -c --arg m "$M" '.receiver.mobile = $m * 12' "$W/waybill.json" >"$W/long.json"
is "nor with what is no number" "$(post order_system "$URL/labels" "$W/long.json")" 422
is "one is the last one" "$(post order_system "$URL/few" "$W/waybill.json") $(post order_system "$URL/few" <(jq -c '.order = "L-2"' "$W/waybill.json"))" "201 503"
jq -cn --arg p "$PHONE" --arg m "$M" '{ items: [ { pool: "labels", order_ref: "B-1", a: $p, subject: $m }, { pool: "labels", order_ref: "B-2", a: $m },
	{ pool: $m, order_ref: "B-3", a: $p }, { pool: "few", order_ref: "B-4", a: $p, ($m): $m } ] }' >"$W/bind.json"
is "bindings are made" "$(post order_system "$URL/v1/bindings" "$W/bind.json" -H 'Scrim-Purpose: order_processing') $(jq -r '.items[0].status' "$W/tmp.answer")" "200 bound"
post order_system "$URL/v1/bindings?order_ref=B-1" /dev/null -X GET -H 'Scrim-Purpose: order_processing' >/dev/null
id=$(jq -r '.items[0].id' "$W/tmp.answer")
jq -cn --arg p "${PHONE/#0/+44}" '{ a: $p }' >"$W/patch.json"
is "one is changed" "$(post order_system "$URL/v1/bindings/$id" "$W/patch.json" -X PATCH -H 'Scrim-Purpose: order_processing')" 200
jq -cn --arg m "$M" '{ a: $m }' >"$W/patch.json"
post order_system "$URL/v1/bindings/$id" "$W/patch.json" -X PATCH -H 'Scrim-Purpose: order_processing' >/dev/null
post order_system "$URL/v1/bindings/$M" "$W/patch.json" -X PATCH -H 'Scrim-Purpose: order_processing' >/dev/null
post order_system "$URL/v1/bindings?order_ref=B-1" /dev/null -X DELETE -H 'Scrim-Purpose: order_processing' >/dev/null
is "a raw request that is no HTTP" "$(printf 'GET /%s HTTP/9.9\r\n\x01%s\r\n\r\n' "$M" "$M" |
	timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"$PLAIN_PORT"'; cat >&3; head -c 4000 <&3 | tee -a "'"$W"'/errors/raw" | head -c 12')" "HTTP/1.1 400"
for fault in early-close half-head garbage short two-lengths bad-chunk 500; do
	echo $fault >"$W/fault"
	post order_system "$URL/orders" "$W/order.json" >/dev/null
done
: >"$W/fault"
stop orders
is "the order system is down" "$(post order_system "$URL/orders" "$W/order.json")" 502

# who analyses: a view of a table of orders, and questions with a marker wherever one can stand
mkdir "$W/grants" "$W/given"
awk -v m="$M" 'BEGIN { print "buyer,name,mobile,address,orders,channel"; for (i = 0; i < 200; i++) printf "%s-%d,%s %d,077009%05d,%d %s Street,%d,%s\n", m, i, m, i, i, i, m, i % 9, i % 3 ? "app" : "pc" }' >"$W/given/orders.csv"
jq -n '{ datasets: [ { name: "weekly", title: "Orders", from: "csv", person: "buyer", k: 10, columns: [
	{ name: "orders", is: "quasi", means: "orders", grid: { min: 0, max: 9, step: 1 } }, { name: "channel", is: "sensitive", l: 2, means: "where" } ] } ] }' >"$W/given/spec.json"
cp "$W/given/spec.json" "$W/given/tells.json"
jq '.datasets[0].columns += [ { name: "name", is: "sensitive", means: "who" } ]' "$W/given/spec.json" >"$W/given/tells.json"
jq '.datasets[0].columns[0].grid.max = 3' "$W/given/spec.json" >"$W/given/outside.json"
release() { "$BIN/scrim" views release "$W/given/orders.csv" --spec "$W/given/$1.json" --out "$W/made" "${@:2}" >>"$W/log/release.out" 2>&1; }
is "a view of orders is made" "$(release spec --lineage "$W/given/lineage" || tail -3 "$W/log/release.out"; ls "$W/made/weekly/1" | tr '\n' ' ')" "manifest.json release.db report.html report.json "
no "not one with names" release tells
no "nor one with a value that has no place" release outside
ok "the view is published" "$BIN/scrim" views publish weekly --config "$W/scrim.json" --key "$W/keys/privacy_officer.key" --purpose audit
grant ana
free_port && Q=http://127.0.0.1:$PORT
jq -n --arg at "127.0.0.1:$PORT" '{ tenant: "local", listen: { address: $at }, views: "views", log: "run/queryd", grants: "grants/grants.json", log_vkey: "run/log/vkey", limits: { time: "1s" } }' >"$W/queryd.json"
start_queryd
is "an analyst's question is answered" "$(ask ana "SELECT '$M' AS $M, count(*) FROM weekly /* $M */ WHERE channel <> '$M' -- $M")" 200
said=
for sql in "SELECT $M FROM weekly" "SELECT 1 FROM $M" "SELECT '$M" "SELECT '$M'; SELECT '$M'" "SELECT $M(1)" "ATTACH '$M' AS $M" \
	"SELECT count('$M') AS $M FROM weekly a, weekly b, weekly c, weekly d, weekly e"; do
	said+=" $(ask ana "$sql" --max-time 15)"
done
is "questions that are none are refused" "${said# }" "400 400 400 403 400 403 422"
is "as is a question of no shape" "$(post_query ana '{"'$M'":1}') $(post_query ana "$M") $(post_query ana '{"dataset":"'$M'","sql":"SELECT 1","purpose":"'$M'"}')" "400 400 403"
echo "$M" >"$W/given/stranger.key"
for auth in "Bearer $M" "Basic $M" "$M"; do
	is "nobody's key" "$(curl -s -o "$W/errors/key.${auth%% *}" -w '%{http_code}' -H "Authorization: $auth" "$Q/v1/datasets/$M/manifest")" 401
done
post_query ana '{}' -H "X-Person: $M" -H "Accept: $M" -H "Content-Type: $M" -A "$M" >/dev/null
printf 'GET /%s HTTP/9.9\r\n\x01%s\r\n\r\n' "$M" "$M" | timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"$PORT"'; cat >&3; cat <&3 >"'"$W"'/errors/queryd.raw"'
curl -s "$Q/metrics" >"$W/metrics.queryd"
ok "what was asked is recorded" shows 'map(tostring | select(test("ana"))) | length >= 9'

mapfile -t daemons < <(printf '%s\n' "${PROC_PID[keyd]}" "${PROC_PID[scrimd]}" "${PROC_PID[queryd]}")
for p in "${daemons[@]}"; do
	tr '\0' '\n' <"/proc/$p/environ" >"$W/proc.$p"
	tr '\0' '\n' <"/proc/$p/cmdline" >>"$W/proc.$p"
	cat "/proc/$p/comm" "/proc/$p/limits" >>"$W/proc.$p"
	is "process $(cat "/proc/$p/comm") leaves no core" \
		"$(awk '/^Max core file size/ { print $5 }' "/proc/$p/limits")" 0
done
curl -s "$PLAIN/metrics" >"$W/metrics"
ok "metrics are there to be searched" grep -q '^scrim' "$W/metrics"
stop keyd KILL
is "keyd is down" "$(post order_system "$URL/orders" "$W/order.json")" 503
start_keyd
await 10 ready
stop queryd
world_down

search() { grep -rliaE "$M|${PHONE#0}" "$@" 2>/dev/null; }
ok "the search itself works" search "$W/order.json"
for place in log run tmp errors metrics metrics.queryd made views grants; do
	no "the marker is not in $place" search "$W/$place"
done
no "the marker is not in the environment or arguments of a daemon" search "$W"/proc.*
no "nor in the daemons' other files" search "$W/scrim.json" "$W/keyd.json" "$W/queryd.json" "$W/keys"
no "nor as base64 or hexadecimal in logs and stores" \
	grep -rlaE "$(printf %s "$M" | base64 | cut -c1-10)|$(printf %s "$M" | od -An -tx1 | tr -d ' \n')" "$W/log" "$W/run" "$W/tmp" "$W/made" "$W/views"
tap_done
