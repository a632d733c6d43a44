#!/bin/bash
# A program that knows docs/FORMATS.md and none of our code opens what the real ones sealed:
# tokens of every kind, of people and of classes, exactly, and those of nobody erased.
. "$(dirname "$0")/../lib/world.sh"

PYTHON=
for p in python3 /usr/bin/python3; do "$p" -c 'import sqlite3' 2>/dev/null && PYTHON=$p && break; done
[ -n "$PYTHON" ] || {
	echo "# ======== SKIPPED: no python3 with sqlite3 here, so nothing proves FORMATS.md (make deps-heavy) ========"
	skip "tokens open by the document alone" "python3 with sqlite3 is missing"
	tap_done
}

world_new
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	[ { at: "$.name", class: "name", do: "seal" }, { at: "$.nonce", class: "name", do: "seal", random: true },
	  { at: "$.phone", class: "phone", do: "seal" }, { at: "$.number", class: "phone", do: "seal" },
	  { at: "$.is", class: "customer_id", do: "seal" }, { at: "$.address", class: "address", do: "seal" },
	  { at: "$.zip", class: "postcode", do: "seal" }, { at: "$.born", class: "dob", do: "seal" },
	  { at: "$.id", class: "resident_id", do: "seal" }, { at: "$.card", class: "bank_card", do: "seal" },
	  { at: "$.iban", class: "iban", do: "seal" },
	  { at: "$.email", class: "email", do: "seal", shape: "email" }, { at: "$.mail", class: "email", do: "seal" },
	  { at: "$.mails", class: "email", do: "seal", shape: "email", random: true } ] as $rules
	| [ { name: "people", match: { path: "/people" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer", request: $rules },
	    { name: "nobody", match: { path: "/nobody" }, upstream: $peer, purpose: "order_processing", request: $rules } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up

long=$(printf '17 Saltmarsh Lane, Flat %d; ' $(seq 40))
jq -nc --arg long "$long" --arg mail "$(printf 'a%.0s' $(seq 60))@a-rather-long-domain-name.example.com" '
	[ { name: "A", phone: "+447700900123", number: 447700900123, is: true, address: "1 High Street", zip: "20417", born: "3/4/1908",
	    id: "110101190904267849", card: "4000000000000002", iban: "MT84MALT011000012345MTLCAST001S", email: "a@b.cn", mail: "a@b.cn", mails: "a@b.cn", nonce: "Ann" },
	  { name: "张", phone: "16400001234", number: 1.50, is: false, address: "梧桐里1306号晴川花园23栋6单元663", zip: "SW1A 1AA", born: "1908-04-03",
	    id: "110101190904267", card: "6200 0000 0000 0000 003", iban: "NO9386011117947", email: "maeve.fennimore@example.com", mail: $mail, mails: $mail, nonce: "Ann" },
	  { name: "Bartholomew Featherstonehaugh-Quillfeather", phone: "+44 (0)7700 900123 ext. 2", number: -1e400, is: true, address: $long, zip: "1", born: "3 April 1908",
	    id: "x", card: "x", iban: "x", email: $mail, mail: "Ann\u00e9 \ud83d\ude00 <ann@example.com>", mails: ($mail + "." + $mail), nonce: ("n" * 600) } ][]' |
	sed 's/-1\.7976931348623157e+308/-1e400/' >"$W/in"
for c in 1 2; do
	while IFS= read -r line; do
		printf '%s' "${line/#\{/{\"buyer\":\"c$c\",}"
		echo
	done <"$W/in"
done >"$W/people"
post() { # PATH FILE
	while IFS= read -r line; do
		world_curl shop -o "$W/answer" -w '%{http_code}\n' -H 'Content-Type: application/json' --data-binary "$line" "$PLAIN$1"
	done <"$2"
}
is "documents of two people are stored" "$(post /people "$W/people" | sort | uniq -c | tr -s ' ')" " 6 201"
is "and some of nobody" "$(post /nobody "$W/in" | sort | uniq -c | tr -s ' ')" " 3 201"

# What stands where in clear and stored, one value a line; numbers as they are spelled.
fields() { # FILE
	"$PYTHON" -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
	for k, v in json.loads(line, parse_int=lambda s: ["number", s], parse_float=lambda s: ["number", s]).items():
		if k == "buyer": continue
		if isinstance(v, bool): v = ["literal", "true" if v else "false"]
		print(json.dumps(v if isinstance(v, list) else ["string", v]))' "$1"
}
cat "$W/people" "$W/in" >"$W/clear.ndjson"
fields "$W/clear.ndjson" >"$W/clear"
fields "$W/orders.ndjson" | jq -r '.[1]' >"$W/tokens"
is "all of it is tokens" "$(grep -c '^sct1-' "$W/tokens")" "$(wc -l <"$W/clear")"

world_down
copy() { rm -rf "$W/copy"; mkdir "$W/copy"; cp "$W/run/keyd/keyd.db"* "$W/run/keyd/keyd.epoch" "$W/keys/root.json" "$W/copy/"; }
their_way() { # TENANT
	"$PYTHON" -B "$ROOT/tests/formats/open_token.py" "$W/copy/root.json" "$W/copy/keyd.epoch" "$W/copy/keyd.db" "$1" <"$W/tokens"
}
copy
their_way demo >"$W/opened"
is "the document's program reads the store" $? 0
jq -c '[.kind, .value]' "$W/opened" >"$W/values"
"$PYTHON" -c 'import json, sys
for line in open(sys.argv[1]): print(json.dumps(json.loads(line)))' "$W/values" >"$W/back"
same() { cmp -s "$W/clear" "$W/back" || { diff "$W/clear" "$W/back" | head -6 | sed 's/^/# /'; false; }; }
ok "and opens every token to what it was, kind and all" same
their_way other >"$W/none" 2>&1
is "for another tenant it opens none" "$(cat "$W/none")" "the root key does not open the epoch file"

# Somebody is erased.
start_keyd
start_scrimd
await 20 ready
is "somebody is erased" "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person' \
	-H 'Content-Type: application/json' -o "$W/answer" -w '%{http_code}' -d '{"subject":"c1"}' "$URL/v1/subjects/erase")" 200
world_down
copy
their_way demo >"$W/opened"
n=$(($(wc -l <"$W/in") * 14))
is "their tokens are gone" "$(head -$n "$W/opened" | sort -u)" '{"why": "gone"}'
jq -c '[.kind, .value]' "$W/opened" | tail -n +$((n + 1)) >"$W/values"
"$PYTHON" -c 'import json, sys
for line in open(sys.argv[1]): print(json.dumps(json.loads(line)))' "$W/values" >"$W/back"
tail -n +$((n + 1)) "$W/clear" >"$W/rest" && mv "$W/rest" "$W/clear"
ok "and nobody else's" same
awk '{ c = substr($0, 41, 1); print substr($0, 1, 40) (c == "z" ? "y" : "z") substr($0, 42) }' "$W/tokens" | tail -30 >"$W/bent" && mv "$W/bent" "$W/tokens"
is "a bent one is none" "$(their_way demo | grep -vc '"why"')" 0
tap_done
