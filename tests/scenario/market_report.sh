#!/bin/bash
# market_report.sh - marketing's page of a made-up shop, asked for as queryd will answer: it is there
# whole or not at all, within its size, and a hostile server gets nothing out of it.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/market.sh"

market_have || { skip "the page" "no python3 with sqlite3: what answers cannot be played"; tap_done; }
market_shop small --rise 9:41:2.5
ok "what it answers from is released" market_release
market_serve
ok "the page is written" market_report "$W/out"
is "with all its files" "$(cd "$W/out" && echo *)" \
	"bands.csv categories.csv cohorts.csv heat.csv hours.csv portraits.csv report.html report.json segments.csv terminal.txt traits.csv weekdays.csv"
ok "what the terminal shows is kept" cmp -s "$W/tmp/said" "$W/out/terminal.txt"
ok "it is at most 150 KB" [ "$(stat -c %s "$W/out/report.html")" -le 153600 ]
no "it has no script, and fetches nothing" grep -qiE '<script|https?://|url\(|@import| on[a-z]+=' "$W/out/report.html"
ok "a policy in its head forbids both" grep -q "default-src 'none'" "$W/out/report.html"
is "every number has an id, a unit, a source, both languages" \
	"$(jq '[.numbers[] | select((.id and .unit and .source and .en and .zh and .rho == 0) | not)] | length' "$W/out/report.json")" 0
is "five findings, each with a verdict" "$(jq '[.findings[] | select(.verdict and .en and .zh)] | length' "$W/out/report.json")" 5
is "the planted trend is found two weeks after it began, and no other" \
	"$(jq -r '[.numbers[] | select(.verdict == "sure" and (.id | endswith(".change_of_share"))) | .id] | join(" ")' "$W/out/report.json")" \
	"category.Category 9.change_of_share"
cp "$W/out/report.json" "$W/tmp/first"
ok "asked again" market_report "$W/out"
is "it says the same" "$(jq -c 'del(.questions)' "$W/out/report.json")" "$(jq -c 'del(.questions)' "$W/tmp/first")"
ok "in Chinese alone" market_report "$W/zh" --lang zh
ok "the terminal too" grep -q 营销周报 "$W/zh/terminal.txt"
no "and nothing of the English" grep -q 'Marketing report' "$W/zh/report.html"
ok "an earlier week" market_report "$W/earlier" --week 2026-W40
is "is that week" "$(jq -r .week "$W/earlier/report.json")" 2026-W40
no "in which the trend had not begun" grep -q ',1,' "$W/earlier/categories.csv"

# ---- what is refused ----
refused() { # WHAT SAID args...: nothing is written, and it is said why
	local name=$1 said=$2
	shift 2
	rm -rf "$W/no"
	no "$name: no page" market_report "$W/no" "$@"
	ok "$name: it is said" grep -q -- "$said" "$W/tmp/wrong"
	no "$name: nothing is written" [ -e "$W/no/report.html" ]
}
refused "a week that is not published" "is not published" --week 2031-W01
refused "what is no week" "is not published" --week 2026-W60
refused "a purpose that was not granted" "not granted" --purpose service
refused "no such cube" "nothing of the name" --cube other
echo wrong_key >"$W/tmp/other" && chmod 600 "$W/tmp/other"
refused "an unknown key" "does not know the key" --key "$W/tmp/other"
chmod 644 "$W/tmp/other"
refused "a key that others may read" "key" --key "$W/tmp/other"
refused "no server" "cannot be reached" --server http://127.0.0.1:1
ok "without the view there is a page" market_report "$W/part" --view other
ok "which says why it is not there" grep -q "nothing of the name is published" "$W/part/report.html"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$W/tls.key" -out "$W/tls.crt" \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
market_serve "$W/tls.crt" "$W/tls.key"
secure=https://127.0.0.1:$(cat "$W/tmp/port")
ok "over TLS, by who signed it" market_report "$W/tls" --server "$secure" --ca "$W/tls.crt"
refused "a certificate of nobody's" "cannot be reached" --server "$secure"
for what in garbage deep short huge; do
	market_serve --hostile $what
	refused "a server that answers $what" "answer"
done
no "nobody's number is in a message" grep -qE '[0-9]{6}' "$W/tmp/wrong"
tap_done
