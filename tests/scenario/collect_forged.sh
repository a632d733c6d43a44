#!/bin/bash
# Whoever has a page's key, which is everybody, or a back end's key of its own: what they may not
# say is not believed, what they may not ask is not answered, and no answer tells of others.
# timeout: 240
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "orders", match: { path: "/orders" }, upstream: $up, subject: "$.buyer.id", purpose: "order_processing",
	request: [ { at: "$.id", "do": "collect" }, { at: "$.buyer.id", "do": "collect" }, { at: "$.total", "do": "collect" } ] } ]' | world_routes -
# a second back end, with a site and a key of its own
COLLECT_MORE='{ "orders": [ { "route": "orders", "site": "erp", "order": "$.id", "customer": "$.buyer.id", "total": "$.total" } ] }' collect_world
jq '.collect.sites += [{ name: "crm", principal: "order_system-1", events: ["login"], zone: "UTC" }]' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
# a third that shows a certificate, as browsers do too
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$W/keys/till.pem" -out "$W/keys/till.crt" -subj /CN=till 2>/dev/null
spki=$(openssl x509 -in "$W/keys/till.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
jq --arg spki "$spki" '.listen[0].tls.client_ca = "keys/till.crt" | .principals += [{ name: "till", role: "shop", cert_spki_sha256: $spki }] |
	.collect.sites += [{ name: "till", principal: "till", events: "*", zone: "UTC" }]' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
start_peer orders order_system "$PEER_PORT"
viewd_config
start_viewd
world_up

granted() { world_curl shop -H 'Scrim-Purpose: order_processing' "$URL/v1/$1/consents" | jq -c '.consents.analytics.granted'; }
may_read() { world_curl "$1" -o /dev/null -w '%{http_code}' -H "Scrim-Purpose: $3" "$URL/v1/$2/consents"; }
say() { # ROLE WHOSE BODY
	world_curl "$1" -o "$W/tmp/said" -w '%{http_code}' -X PUT -H 'Content-Type: application/json' -d "$3" "$URL/v1/$2/consents"
}
YES='{"purpose":"analytics","word":"grant","version":3,"method":"checkbox","source":"shop-web"}'
n=0
web() { # MEMBERS of one event: as a page of the shop's
	n=$((n + 1))
	page_post /v1/t "{\"messageId\":\"m-$n\",\"timestamp\":\"$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)\",$1}" -u "$WEB_KEY:" "${@:2}"
}

is "an account consents" "$(say shop subjects/u-1 "$YES")" 200
is "to its back end" "$(granted subjects/u-1)" true

# ---- what a page forges ----
is "a page's word for an account" "$(web '"type":"consent","word":"withdraw","userId":"u-1","anonymousId":"d-1"')" 200
is "is none" "$(granted subjects/u-1)" true
is "nor is one under the account's id as a device's" "$(web '"type":"consent","word":"withdraw","anonymousId":"u-1"')" 200
is "none either" "$(granted subjects/u-1)" true
is "a page's yes for an account" "$(web '"type":"consent","word":"grant","c":3,"userId":"u-2","anonymousId":"d-2"')" 200
is "is none" "$(granted subjects/u-2)" false
links() { spooled 3; }
for how in '"type":"identify","userId":"u-1","traits":{"birthday":"1990-01-01"}' '"type":"alias","userId":"u-1","previousId":"d-1"' \
	'"type":"track","event":"Signed In","userId":"u-1"' '"type":"group","groupId":"g","userId":"u-1"'; do
	web "$how,\"c\":3,\"anonymousId\":\"d-1\"" >"$W/tmp/status"
done
is "no link and no trait of a page's" "$(links) $(spooled 4)" "0 0"
frames() { cat "$W"/run/spool/feed/*.spool | od -An -v -t x1 -w64 | tr -d ' ' | grep "^$1"; }
persons() { frames 0101 | cut -c21-36 | sort -u; } # type, version, id, person
web '"type":"track","event":"Order Completed","userId":"u-1","anonymousId":"d-1","c":3,"properties":{"order_id":"O-1","revenue":999999,"products":[{"product_id":"x","price":9}]}' >"$W/tmp/status"
web '"type":"track","event":"Product Viewed","userId":"u-1","anonymousId":"d-1","c":3,"properties":{"product_id":"x"}' >"$W/tmp/status"
is "nothing of a page's names an account" "$(persons)" 0000000000000000
is "a back end's order does" "$(erp_post "{\"batch\":[{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"b-1\",\"userId\":\"u-1\",\"properties\":{\"order_id\":\"O-1\",\"revenue\":10}}]}" | jq -c .accepted)" 1
is "whatever number a page forged before" "$(persons | wc -l)" 2

# ---- pages, and who says to be one ----
origins() { for o; do FROM=$o web '"type":"page","anonymousId":"d-1"'; done | fold -w3 | sort | uniq -c | tr -s ' '; }
is "no other page has the key" "$(origins null https://shop.example. https://SHOP.example https://shop.example:443 https://shop.example:8443 http://shop.example \
	https://x.shop.example https://shop.example.evil.example https://shop.example/ 'https://shop.example https://evil.example' 'https://evil.example, https://shop.example')" " 11 403"
is "nor has none" "$(FROM='' web '"type":"page","anonymousId":"d-1"' -H 'Origin;')" 403
preflight() { curl -s -o /dev/null -D - -X OPTIONS -H "Origin: $1" -H 'Access-Control-Request-Method: POST' "$PLAIN/v1/t" | tr -d '\r' | grep -ci '^access-control-allow'; }
is "nor is told that it may" "$(for o in null https://shop.example. https://x.shop.example http://shop.example '*'; do preflight $o; done | tr '\n' ' ')" "0 0 0 0 0 "
is "no credentials go along" "$(curl -s -o /dev/null -D - -X OPTIONS -H "Origin: $ORIGIN" -H 'Access-Control-Request-Method: PUT' "$PLAIN/v1/t" | grep -ciE 'allow-credentials|PUT|DELETE')" 0
head_of() { web "$1" -D "$W/tmp/head" "${@:2}" >/dev/null; grep -viE '^(date|scrim-request-id):' "$W/tmp/head"; cat "$W/tmp/answer"; }
in=$(head_of '"type":"track","event":"Product Viewed","anonymousId":"d-3","c":3,"properties":{"product_id":"x"}')
is "which varies by page" "$(grep -ciE '^vary: origin' <<<"$in")" 1
for what in 'no consent|"type":"track","event":"Product Viewed","anonymousId":"d-4"' 'a robot|"type":"track","event":"Product Viewed","anonymousId":"d-5","c":3,"w":true' \
	'a known device|"type":"track","event":"Product Viewed","anonymousId":"d-3","c":3' 'what is not declared|"type":"track","event":"nothing"' 'a withdrawal|"type":"consent","word":"withdraw","anonymousId":"d-3"' \
	'another|"type":"consent","word":"withdraw","anonymousId":"d-3"' 'no event|"x":1' 'an old one|"type":"page","anonymousId":"d-6","originalTimestamp":"2001-01-01T00:00:00Z"'; do
	is "${what%%|*}: the same head and bytes" "$(head_of "${what#*|}")" "$in"
done
before=$(events)
is "a member said twice is no event" "$(web '"type":"page","anonymousId":"d-7","c":3,"anonymousId":"d-8"')" 200
is "of either" "$(events)" "$before"
is "nor is what is nested without end" "$(page_post /v1/t "{\"type\":\"page\",\"a\":$(printf '[%.0s' {1..30000})$(printf ']%.0s' {1..30000})}" -u "$WEB_KEY:")" 400
is "1,025 events" "$(page_post /v1/batch "{\"batch\":[$(printf '{},%.0s' {1..1024}){}]}" -u "$WEB_KEY:")" 400
head -c 400000000 /dev/zero | gzip -9 >"$W/tmp/bomb"
is "a bomb" "$(page_post /v1/batch "@$W/tmp/bomb" -u "$WEB_KEY:")" 413
printf '%s' '{"batch":[]}' | gzip -c >"$W/tmp/two"
is "two in one" "$(cat "$W/tmp/two" "$W/tmp/two" >"$W/tmp/both"; page_post /v1/batch "@$W/tmp/both" -u "$WEB_KEY:")" 400
is "a page's key shows no operator's answer" "$(curl -s -o /dev/null -w '%{http_code}' -u "$WEB_KEY:" "$PLAIN/v1/collect/status")" 401
is "and no person's" "$(curl -s -o /dev/null -w '%{http_code}' -u "$WEB_KEY:" "$PLAIN/v1/subjects/u-1/consents")" 401

till() { curl -s --cacert "$W/keys/tls.crt" --cert "$W/keys/till.crt" --key "$W/keys/till.pem" -H 'Content-Type: text/plain' -d "$1" "${@:2}" "$URL/v1/batch"; }
is "a back end may show a certificate" "$(till '{"batch":[]}')" '{"accepted":0,"refused":[]}'
LINK='"batch":[{"type":"identify","userId":"u-1","anonymousId":"d-1"}]'
is "with which a page in a browser is none" "$(till "{$LINK}" -H 'Origin: https://evil.example' | jq .status)$(till "{$LINK}" -H "Origin: $ORIGIN" | jq .status)" 401401
is "but the page that its key says" "$(till "{\"writeKey\":\"$WEB_KEY\",$LINK}" -H "Origin: $ORIGIN")" '{"success":true}'
is "and so links nobody" "$(links)" 0

# ---- a back end with a key of its own ----
crm() { world_curl order_system -d "$1" "$URL/v1/batch"; }
is "another back end is its own site" "$(crm '{"batch":[{"type":"track","event":"Product Viewed","messageId":"c-1","userId":"u-1","properties":{"product_id":"x"}}]}' | jq -c '.refused')" '[{"i":0,"reason":"undeclared"}]'
is "whatever write key stands in its body" "$(crm "{\"writeKey\":\"$WEB_KEY\",\"batch\":[{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"c-2\",\"userId\":\"u-1\"}]}" | jq -c '.refused[0].reason')" '"undeclared"'
is "with a page's key it is a page" "$(curl -s --cacert "$W/keys/tls.crt" -H "Scrim-Key: $(cat "$W/keys/shop.key")" -u "$WEB_KEY:" -d '{"batch":[{"type":"identify","userId":"u-1","anonymousId":"d-1"}]}' "$URL/v1/batch")" '{"success":true}'
is "and links nobody" "$(links)" 0
is "known and unknown, consented or not: it is told the same" "$(for u in u-1 u-2 u-999; do crm "{\"batch\":[{\"type\":\"identify\",\"userId\":\"$u\",\"traits\":{\"birthday\":\"1990-01-01\"}}]}"; echo; done | sort -u)" '{"accepted":1,"refused":[]}'
for who in order_system shop support marketing analyst carrier; do
	is "$who reads nobody's consents" "$(may_read $who subjects/u-1 analytics) $(may_read $who devices/d-1 analytics)" "403 403"
	is "nor asks as an operator" "$(for p in status 'number?site=web&message=m-1'; do world_curl $who -o /dev/null -w '%{http_code} ' "$URL/v1/collect/$p"; done)$(world_curl $who -o /dev/null -w '%{http_code}' -X POST "$URL/v1/collect/snapshot")" "403 403 403"
done
for who in carrier marketing analyst; do
	is "$who nowhere" "$(for p in order_processing delivery service campaign audit operations; do may_read $who subjects/u-1 $p; done)" 403403403403403403
done
for who in support marketing analyst auditor; do
	is "$who says nothing for anybody" "$(say $who subjects/u-1 '{"purpose":"analytics","word":"withdraw"}')" 403
	is "and sends nothing" "$(world_curl $who -o /dev/null -w '%{http_code}' -d '{"batch":[]}' "$URL/v1/batch")" 403
done
is "the account's yes stands" "$(granted subjects/u-1)" true

# ---- and no number is anywhere ----
curl -s -o /dev/null -u "$WEB_KEY:" "$PLAIN/v1/t" -d '{"type":"202-555-0143"}'
for i in 1 2 3 4; do
	web '"type":"track","event":"202-555-0143","202-555-0143":1,"anonymousId":"202-555-0143","c":3,"properties":{"202-555-0143":1,"campaign":"202-555-0143","category":"202-555-0143","product_id":"202-555-0143"}' \
		-H 'X-202-555-0143: 202-555-0143' >"$W/tmp/status"
	web '"type":"track","event":"Product Viewed","messageId":"202-555-0143","anonymousId":"202-555-0143","c":3,"properties":{"product_id":"202-555-0143","202-555-0143":1}' >"$W/tmp/status"
	(printf '\037\213\010\030\0\0\0\0\0\003202-555-0143\000202-555-0143\0'; printf '{"type":"page","anonymousId":"d-9"}' | gzip -nc | tail -c +11) >"$W/tmp/named.gz"
	page_post "/v1/p?202-555-0143=202-555-0143" "@$W/tmp/named.gz" -u "$WEB_KEY:" >>"$W/tmp/gz"
done
is "a packed body may have a name" "$(cat "$W/tmp/gz")" 200200200200
world_curl operator "$URL/v1/collect/status" >"$W/log/status"
ok "names that were dropped are told" jq -e '.dropped | length > 0' "$W/log/status"
curl -s "$PLAIN/metrics" >"$W/log/metrics"
await 10 fed
memory_of viewd >"$W/tmp/memory"
stop viewd
world_down
for log in '' --keyd; do "$BIN/scrim" audit show --config "$W/scrim.json" $log --json; done >"$W/log/audit"
no "a telephone number is in none of it" grep -rlaF 202-555-0143 "$W/log" "$W/run" "$W/tmp/memory"
tap_done
