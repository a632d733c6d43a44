#!/bin/bash
# Events come in by every door as their senders send them; a page is told the same
# bytes whatever becomes of them, and nothing of anybody is found anywhere.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

M=ZQcollectXK
world_new
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "orders", match: { path: "/orders" }, upstream: $up, subject: "$.buyer.id", purpose: "order_processing",
	request: [ { at: "$.receiver.name", class: "name", "do": "seal" }, { at: "$.id", "do": "collect" }, { at: "$.buyer.id", "do": "collect" },
		{ at: "$.receiver.address", class: "address", "do": "seal", tag: true }, { at: "$.total", "do": "collect" }, { at: "$.items[*].sku", "do": "collect" } ] } ]' | world_routes -
COLLECT_MORE='{ "orders": [ { "route": "orders", "site": "erp", "order": "$.id", "customer": "$.buyer.id", "total": "$.total", "product": "$.items[*].sku", "address": "$.receiver.address" } ] }' collect_world
start_peer orders order_system "$PEER_PORT"
viewd_config
start_viewd
world_up

# no two events of one kind and product in one millisecond: they would be one
now_ms() { sleep 0.002; date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
event() { # ID DEVICE MORE: a page's event with marks in all that is dropped
	printf '{"type":"track","event":"Product Viewed","messageId":"%s","anonymousId":"%s","userId":"%s-user","timestamp":"%s",
"properties":{"product_id":"sku-1","email":"%s@example.com","%s":1,"query":"%s","path":"/p/%s","url":"https://shop.example/p/?q=%s"},
"traits":{"email":"%s@example.com"},"context":{"ip":"203.0.113.9","userAgent":"%s","page":{"title":"%s","path":"/p/1","referrer":"https://www.google.example/%s"},"traits":{"name":"%s"}}%s}' \
		"$1" "$2" "$M" "$(now_ms)" "$M" "$M" "$M" "$M" "$M" "$M" "$M" "$M" "$M" "$M" "$3" | tr -d '\n'
}
batch() { # events...: with the page's own consent
	local IFS=,
	printf '{"writeKey":"%s","c":3,"sentAt":"%s","batch":[%s]}' "$WEB_KEY" "$(now_iso)" "$*"
}

# ---- pages ----
is "a batch with its key in the body" "$(page_post /v1/b "$(batch "$(event pm-1 dev-1)" "$(event pm-2 dev-1)")")" 200
is "and what it is told" "$(cat "$W/tmp/answer")" '{"success":true}'
cp "$W/tmp/answer" "$W/tmp/in"
is "the same events again" "$(page_post /v1/b "$(batch "$(event pm-1 dev-1)")")" 200
ok "are answered alike" cmp -s "$W/tmp/answer" "$W/tmp/in"
is "without consent" "$(page_post /v1/t "$(event pm-3 dev-2)" -u "$WEB_KEY:")" 200
ok "the same bytes" cmp -s "$W/tmp/answer" "$W/tmp/in"
is "a robot's" "$(page_post /v1/t "$(event pm-4 dev-3 ',"c":3,"w":true')" -u "$WEB_KEY:" -A 'Googlebot/2.1')" 200
ok "the same bytes" cmp -s "$W/tmp/answer" "$W/tmp/in"
is "a browser that says no" "$(page_post /v1/t "$(event pm-5 dev-1 ',"c":3')" -u "$WEB_KEY:" -H 'Sec-GPC: 1')" 200
is "or no in the older way" "$(page_post /v1/t "$(event pm-6 dev-1 ',"c":3')" -u "$WEB_KEY:" -H 'DNT: 1')" 200
is "what is no event" "$(page_post /v1/t '{"x":1}' -u "$WEB_KEY:")" 200
ok "the same bytes" cmp -s "$W/tmp/answer" "$W/tmp/in"
is "two events went on" "$(events) $(metric 'scrim_collect_events_total{became="in"}')" "2 2"
is "four had no consent, or took it back" "$(metric 'scrim_collect_refused_total{why="no_consent"}')" 3
is "a grant was told once" "$(spooled 2)" 1
is "by a beacon, the key in the query" "$(page_post "/beacon/v1/batch?writeKey=$WEB_KEY" "{\"batch\":[$(event pm-7 dev-1 ',"c":3')]}" -H "Cookie: rl_trait=$M" -H "Referer: https://shop.example/?$M" -H "anonymousid: $M")" 200
is "gzip by what it is, not by what it is called" "$(batch "$(event pm-8 dev-1)" | gzip -c >"$W/tmp/gz"; page_post /v1/batch "@$W/tmp/gz" -H 'Content-Type: application/x-www-form-urlencoded')" 200
is "lines" "$(printf '%s\n%s\n' "$(event pm-9 dev-1 ',"c":3')" "$(event pm-10 dev-1 ',"c":3')" >"$W/tmp/lines"; page_post /v1/collect "@$W/tmp/lines" -u "$WEB_KEY:")" 200
is "four more" "$(events)" 6
is "an app of the shop's own" "$(FROM='' page_post /v1/t "$(event a-1 dev-9 ',"c":3')" -u "$APP_KEY:" -A 'okhttp/4.9')" 200
is "is heard" "$(events)" 7
is "a page takes its yes back" "$(page_post /v1/batch "{\"writeKey\":\"$WEB_KEY\",\"batch\":[{\"type\":\"consent\",\"word\":\"withdraw\",\"anonymousId\":\"dev-1\",\"messageId\":\"w-1\"}]}")" 200
is "and is heard no more" "$(page_post /v1/t "$(event pm-11 dev-1)" -u "$WEB_KEY:"; events)" 2007

# ---- back ends ----
sent="{\"batch\":[{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"b-1\",\"userId\":\"u-1\",\"properties\":{\"product_id\":\"sku-1\"}},
{\"type\":\"track\",\"event\":\"$M\",\"messageId\":\"b-2\",\"userId\":\"u-1\"},{\"type\":\"identify\",\"userId\":\"u-1\",\"anonymousId\":\"dev-4\",\"traits\":{\"birthday\":\"1990-01-01\",\"$M\":\"$M\"}},[1]]}"
is "a back end is told of the form, and of nothing else" "$(erp_post "$sent")" '{"accepted":2,"refused":[{"i":1,"reason":"undeclared"},{"i":3,"reason":"bad_form"}]}'
is "its account never consented" "$(events)" 7
is "but who is linked to whom is told, for the sake of a no" "$(spooled 3)" 1
is "its key as the name in Basic" "$(curl -s -u "$(cat "$W/keys/shop.key"):" -d '{"batch":[]}' "$PLAIN/v1/batch")" '{"accepted":0,"refused":[]}'
await 5 eval '[ "$("$BIN/scrim" audit show --config "$W/scrim.json" --json | grep -c collect.batch)" = 2 ]'
is "each batch is a record" "$("$BIN/scrim" audit show --config "$W/scrim.json" --json | jq -r '.entry | select(.act == "collect.batch") | .who.principal' | sort | uniq -c | tr -s ' ')" " 2 shop-1"

# ---- orders ----
order="{\"id\":\"O-1\",\"buyer\":{\"id\":\"u-1\"},\"receiver\":{\"name\":\"$M\",\"address\":\"1 $M Street\"},\"total\":\"99.50\",\"items\":[{\"sku\":\"$M-a\"},{\"sku\":\"b\"}]}"
is "an order passes" "$(world_curl order_system -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "$order" "$URL/orders")" 201
heard() { [ "$(metric 'scrim_collect_orders_total{became="heard"}')" = 1 ]; }
await 5 heard
ok "and is heard" heard
is "its buyer did not consent either" "$(events)" 7

# ---- who is not let in ----
is "no key" "$(page_post /v1/t "$(event n-1 dev-1)")" 401
is "a key of nobody" "$(page_post /v1/t "$(event n-1 dev-1)" -u "$M:")" 401
is "a key said twice" "$(page_post /v1/t "$(event n-1 dev-1)" -u "$WEB_KEY:" -H "Scrim-Key: $WEB_KEY" -H "Scrim-Key: $WEB_KEY")" 401
is "another page" "$(FROM=https://other.example page_post /v1/t "$(event n-1 dev-1)" -u "$WEB_KEY:")" 403
is "two pages at once" "$(page_post /v1/t "$(event n-1 dev-1)" -u "$WEB_KEY:" -H "Origin: $ORIGIN")" 403
is "a back end that is no site" "$(world_curl support -o /dev/null -w '%{http_code}' -d '{"batch":[]}' "$URL/v1/batch")" 403
is "no operator" "$(world_curl shop -o /dev/null -w '%{http_code}' "$URL/v1/collect/status")" 403
is "no JSON" "$(page_post /v1/t "{\"$M" -u "$WEB_KEY:")" 400
is "which the page may read" "$(page_post /v1/t '{' -u "$WEB_KEY:" -D "$W/tmp/head" >/dev/null; grep -ci '^access-control-allow-origin: https://shop.example' "$W/tmp/head")" 1
head -c 520000 /dev/zero | tr '\0' ' ' >"$W/tmp/long"
is "more than 500 KiB" "$(page_post /v1/batch "@$W/tmp/long" -u "$WEB_KEY:")" 413
is "and packed" "$(gzip -c "$W/tmp/long" >"$W/tmp/gz"; page_post /v1/batch "@$W/tmp/gz" -u "$WEB_KEY:")" 413
is "an event over 32 KiB" "$(page_post /v1/t "{\"type\":\"track\",\"event\":\"x\",\"a\":\"$(head -c 33000 /dev/zero | tr '\0' a)\"}" -u "$WEB_KEY:")" 400
preflight() { curl -s -o /dev/null -w '%{http_code}' -X OPTIONS -H "Origin: $1" -H 'Access-Control-Request-Method: POST' "$PLAIN$2"; }
is "browsers ask beforehand" "$(preflight "$ORIGIN" /v1/t) $(preflight "$ORIGIN" /sourceConfig/) $(preflight https://other.example /v1/t)" "204 204 403"
is "the script" "$(curl -s "$PLAIN/collect.js" | wc -c)" "$(awk '/^const unsigned/ { exit } /^    "/ { gsub(/^    "|";?$/, ""); gsub(/\\"/, "\""); n += length($0) } END { print n }' "$ROOT/gateway/collect/script.c")"
ok "is small" [ "$(curl -s "$PLAIN/collect.js" | wc -c)" -le 2048 ]
ok "and made of what stands beside it" cmp -s <(awk -f "$ROOT/gateway/collect/minify.awk" "$ROOT/gateway/collect/collect.js") "$ROOT/gateway/collect/script.c"

# ---- operators ----
number() { world_curl operator "$URL/v1/collect/number?site=web&message=$1" | jq -r .event; }
in_spool() { cat "$W"/run/spool/feed/*.spool | od -An -v -t x1 -w64 | tr -d ' ' | grep -q "^0101$1"; }
ok "an operator is told a message's number" in_spool "$(number pm-1)"
no "what was refused has none there" in_spool "$(number pm-3)"
is "one message or one order" "$(world_curl operator -o /dev/null -w '%{http_code}' "$URL/v1/collect/number?order=O-1&site=web&message=pm-1")" 400
world_curl operator "$URL/v1/collect/status" >"$W/tmp/status"
echo "# $(cat "$W/tmp/status")"
ok "and what came" jq -e '.in == 7 and .refused.no_consent == 9 and .spool.put >= 7' "$W/tmp/status"
before=$(spooled 8) # the day's own, where its hour has come
is "a snapshot" "$(world_curl operator -o /dev/null -w '%{http_code}' -X POST "$URL/v1/collect/snapshot")" 202
snapped() { [ "$(spooled 8)" -gt "$before" ]; }
await 10 snapped
ok "is told analytics" snapped
is "an erasure" "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -X POST "$URL/v1/subjects/u-1/erase" | jq -r .status)" erased
is "too" "$(spooled 6)" 1

# ---- and nothing of anybody is anywhere ----
await 10 fed
ok "analytics has all of it" fed
memory_of viewd >"$W/tmp/memory"
ok "its memory can be looked at" grep -qaF run/operator.sock "$W/tmp/memory"
for marker in $M dev-1 dev-4 u-1 pm-1 O-1 sku-1 203.0.113.9; do
	no "$marker is not in it" grep -qaF -- "$marker" "$W/tmp/memory"
done
stop viewd
curl -s "$PLAIN/metrics" >"$W/log/metrics"
stop scrimd
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/log/scrimd.audit"
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/log/keyd.audit"
is "pages are a record by the site" "$(jq -r '.entry | select(.act == "collect.pages") | .who.principal' "$W/log/scrimd.audit" | sort | tr '\n' ' ')" "app web "
for marker in $M dev-1 dev-4 u-1 pm-1 O-1 sku-1 203.0.113.9; do
	no "$marker is in no log, store, spool or metric" grep -rqaF -- "$marker" "$W/log" "$W/run/log" "$W/run/keyd/log" "$W/run/spool" "$W/run/view" "$W"/run/collect.db*
done
tap_done
