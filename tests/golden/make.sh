#!/bin/bash
# make.sh - makes the golden files anew, with the programs as they are (make all tools).
. "$(dirname "$0")/../lib/world.sh"
. "$(dirname "$0")/golden.sh"

world_new
golden_policy >"$W/policy.json"
sed -i "s/\"asserts\": \[[^]]*\]/\"asserts\": []/" "$W/keyd.json" # its policy has none of those roles
golden_routes | world_routes -
start_peer in order_system "$PEER_PORT"
start_peer out echo "$CARRIER_PORT"
world_up

one='"name":"Ann Example","phone":"+447700900123","address":"1 High Street","region":"青禾省","postcode":"20417","email":"ann@example.com",
"resident_id":"110101190904267849","passport":"X0000000","bank_card":"4000000000000002","iban":"MT84MALT011000012345MTLCAST001S","ip":"2001:db8::1",
"license_plate":"青A·00000","wechat":"demo_user","qq":"10000","dob":"1908-04-03","geo":-0.1278,"customer_id":716500000001,"order_id":"A-1","loyalty_no":"7",
"nonce":"Ann Example","address_like":"ann@example.com","long":"'$(printf '17 Saltmarsh Lane, Flat %d; ' $(seq 12))'","true":true'
one=${one//$'\n'/}
{
	printf '{"buyer":"c-1",%s}\n' "$one"
	printf '{"buyer":"c-2",%s}\n' "${one/Ann Example/张伟}"
	printf '{%s}\n' "$one"
	printf '{"buyer":"c-3",%s}\n' "$one"
} >"$W/clear.ndjson"
while IFS= read -r line; do
	case $line in '{"buyer"'*) path=/people ;; *) path=/classes ;; esac
	code=$(world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary "$line" "$PLAIN$path")
	[ "$code" = 201 ] || { cat "$W/answer"; bail "it was not sealed: $code"; }
done <"$W/clear.ndjson"
code=$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: golden files' -H 'Content-Type: application/json' \
	-o "$W/answer" -w '%{http_code}' -d '{"subject":"c-3"}' "$URL/v1/subjects/erase")
[ "$code" = 200 ] || { cat "$W/answer"; bail "nobody was erased: $code"; }
# and for the logs: who sees, who may not, who is unknown
head -1 "$W/in.ndjson" >"$W/asked"
for who in support shop; do
	world_curl $who -o "$W/answer" -H 'Content-Type: application/json' -H "Scrim-Reason: golden files, \"quoted\"" --data-binary @"$W/asked" "$PLAIN/out"
done
curl -s -o "$W/answer" -H 'Scrim-Key: sk_nobody' "$PLAIN/out"
await 20 eval '"$BIN/scrim" audit trust --config "$W/scrim.json" --trust "$W/trust" >/dev/null 2>&1'
world_down
logs=(--log "$W/run/log")
keyd_logs=(--log "$W/run/keyd/log")
"$BIN/scrim" audit show "${logs[@]}" --json >"$GOLDEN/scrimd.entries"
"$BIN/scrim" audit show "${keyd_logs[@]}" --kind people --json >"$GOLDEN/keyd.entries"
"$BIN/scrim" audit show "${keyd_logs[@]}" --json >>"$GOLDEN/keyd.entries"
grep '"kind":"reveal"' "$GOLDEN/keyd.entries" | head -1 >"$W/proven"
sed 's/^{"index":[0-9]*,"entry":\(.*\)}$/\1/' "$W/proven" >"$GOLDEN/receipt.entry"
"$BIN/scrim" audit prove "${keyd_logs[@]}" --out "$GOLDEN/receipt" "$(jq .index "$W/proven")" || bail "no receipt"
"$BIN/scrim" audit verify "${logs[@]}" --keyd-log "$W/run/keyd/log" --trust "$W/trust" || bail "the logs do not verify"
cp "$W/trust" "$GOLDEN/trust"
(cd "$W/run" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c log keyd/log | gzip -9n) >"$GOLDEN/logs.tar.gz"

python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))' "$W/run/keyd/keyd.db" "$W/tmp/keyd.db" || bail "python3 with sqlite3 is needed"
gzip -9n "$W/tmp/keyd.db" || bail "the store was not packed"
cp "$W/keys/root.json" "$W/run/keyd/keyd.epoch" "$W/tmp/keyd.db.gz" "$W/policy.json" "$W/clear.ndjson" "$GOLDEN/"
cp "$W/in.ndjson" "$GOLDEN/sealed.ndjson"
chmod 644 "$GOLDEN"/trust "$GOLDEN"/receipt* "$GOLDEN"/*.entries "$GOLDEN"/logs.tar.gz "$GOLDEN"/*.json "$GOLDEN"/*.ndjson "$GOLDEN"/keyd.*
ls -l "$GOLDEN"
