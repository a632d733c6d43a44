#!/bin/bash
# What people report of gateways like this one, each with its right value: streams that are
# silent for long, what an upstream is told of how it was called, old clients, probes,
# refusals that say their cause, values that some reader cannot carry.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"answer_idle":"1s","total":"2s","stream_idle":"60s"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "plain", match: { path: "/plain/*" } },
	  $r + { name: "orders", match: { path: "/orders/*" }, subject: "$.buyer",
		request: [{ at: "$.name", class: "name", do: "seal" }],
		response: [{ at: "$.name", class: "name", do: "policy" }] },
	  $r + { name: "label", match: { path: "/label/*" }, from: ["order_system"], to: { role: "carrier", purpose: "delivery" } } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault" --answer-file "$W/reply" --heads "$W/heads"
world_up
J='Content-Type: application/json'
KEY="Authorization: Bearer $(cat "$W/keys/order_system.key")"

reload() { # JQ-EDIT
	local before
	before=$(grep -c '"gateway.reloaded"' "$W/log/scrimd.err")
	jq "$1" "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
	kill -HUP "${PROC_PID[scrimd]}"
	await 5 eval '[ "$(grep -c gateway.reloaded "$W/log/scrimd.err")" -gt '"$before"' ]' || bail "no reload"
}
reply() { printf "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }

# ---- events that come when they happen: http-party/node-http-proxy#921, openhab/openhab-cloud#623 ----
echo events >"$W/fault"
start events "$W/log/events.err" curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/events"
ok "a stream may be silent for longer than an answer, and last longer" await 20 grep -q second "$W/events"
stop events
echo trickle >"$W/fault"
no "limits.answer_idle: one that has an end is broken off" \
	curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/trickle"
is "behind what came of it" "$(grep -c . "$W/events") $(grep -c first "$W/events")" "1 1"
echo events >"$W/fault"
reload '.limits.stream_idle = "1s"'
no "limits.stream_idle: then it is broken off" \
	curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/events"
is "behind what came" "$(grep -c . "$W/events") $(grep -c first "$W/events")" "1 1"
reload '.limits |= (.stream_idle = "60s" | del(.total, .answer_idle))'
is "where rules could not read it it is withheld, and nobody waits for its end" \
	"$(world_curl order_system -o "$W/answer" -w '%{http_code}' "$PLAIN/orders/events") $(jq -r .type "$W/answer")" "200 urn:scrim:problem:body-withheld"
: >"$W/fault"

# ---- the public name: openlinker-project/openlinker#1416, odoo/odoo#6633 ----
told() { # CURL-ARGS... : what the upstream heard of how it was called
	world_curl order_system -o "$W/answer" "$@"
	tail -1 "$W/heads" | tr '\t' '\n' | sed -n 's/ *$//; s/^X-Forwarded-\([A-Z][a-z]*\): /\1=/p; s/^Forwarded: /Forwarded=/p' | sort | paste -sd' '
}
F=(-H 'X-Forwarded-Proto: gopher' -H 'X-Forwarded-Host: evil.example' -H 'X-Forwarded-For: 192.0.2.1')
is "an upstream is told scheme and name" "$(told -H 'Host: shop.example' "$URL/plain/1")" "Host=shop.example Proto=https"
is "also of a document" "$(told -H 'Host: shop.example' -H "$J" -d '{"buyer":"c1","name":"Ann Example"}' "$URL/orders/1")" "Host=shop.example Proto=https"
is "anew, whatever a caller says" "$(told -H 'Host: shop.example' "${F[@]}" "$URL/plain/1")" "For=192.0.2.1 Host=shop.example Proto=https"
is "without TLS, too" "$(told -H 'Host: shop.example' "$PLAIN/plain/1")" "Host=shop.example Proto=http"
is "but for what somebody in front said" "$(told -H 'Host: shop.example' "${F[@]}" "$PLAIN/plain/1")" "For=192.0.2.1 Host=evil.example Proto=gopher"
is "a recipient is told nothing of it, nor who called" "$(told "${F[@]}" -H 'Forwarded: for=192.0.2.1' "$URL/label/1")" ""
reload '.routes[0].forwarded = "pass" | .routes[2].forwarded = "tell"'
is "forwarded: pass" "$(told "${F[@]}" "$URL/plain/1")" "For=192.0.2.1 Host=evil.example Proto=gopher"
is "forwarded: tell, on a route to somebody" "$(told -H 'Host: shop.example' "$URL/label/1")" "Host=shop.example Proto=https"
reload '.routes |= map(del(.forwarded))'

location() { # PATH, of an upstream that says it made something at its own address
	reply "HTTP/1.1 201 Created\r\nLocation: http://127.0.0.1:$PEER_PORT/orders/7\r\nContent-Type: $2\r\nContent-Length: 2\r\n\r\n{}"
	world_curl order_system -o "$W/answer" -w '%header{location}' -H "$J" -d '{"buyer":"c1","name":"Ann Example"}' "$URL$1"
}
is "a place at the upstream's own address is its path" "$(location /orders/1 application/json)" "/orders/7"
is "where the body is withheld" "$(location /orders/1 text/html)" "/orders/7"
is "and where nothing is looked at" "$(location /plain/1 text/html)" "/orders/7"
is "somebody else's is their own" "$(location /label/1 application/json)" "http://127.0.0.1:$PEER_PORT/orders/7"
reply 'HTTP/1.1 302 Found\r\nLocation: https://shop.example/x\r\nContent-Length: 0\r\n\r\n'
is "another host's stays" "$(world_curl order_system -o "$W/answer" -w '%header{location}' "$URL/plain/1")" "https://shop.example/x"
rm "$W/reply"

# ---- an answer that is none: woocommerce/wc-api-php#107, GSA/api.data.gov#461 ----
fails() { # ANSWER: "STATUS TYPE of the answer, STATUS CAUSE of the line in the log"
	reply "$1"
	world_curl order_system -o "$W/answer" "$URL/plain/1"
	echo "$(jq -r '"\(.status) \(.type)"' "$W/answer" | sed 's/urn:scrim:problem://'), $(tail -1 "$W/log/scrimd.err" |
		jq -r 'select(.event == "gateway.upstream_failed" and .route == "plain" and .level == "warn") | "\(.status) \(.cause)"')"
}
is "a head that is too large is called so" "$(fails "HTTP/1.1 200 OK\r\nSet-Cookie: $(printf '%017000d' 0)\r\n\r\n")" "502 upstream-head, null head-too-large"
is "and of too many fields" "$(fails "HTTP/1.1 200 OK\r\n$(printf 'A: b\\r\\n%.0s' {1..105})\r\n")" "502 upstream-head, null head-too-large"
is "what is no HTTP" "$(fails 'HTTP/1.1 999 Odd\r\n\r\n')" "502 upstream-answer, null not-http"
is "says why" "$(jq -r .detail "$W/answer")" "the upstream's answer is not HTTP/1.1 (a malformed status); it may have taken the request"
is "what is broken off had a status" "$(fails 'HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n12345678')" "502 upstream-answer, 201 broken-off"
is "a chunk that is none, too" "$(fails 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' >/dev/null; jq -rs 'map(select(.event == "gateway.upstream_failed")) | last | "\(.status) \(.cause)"' "$W/log/scrimd.err")" "200 not-http"
no "nothing that it said is in the log" grep -q 12345678 "$W/log/scrimd.err"
rm "$W/reply"

# ---- old clients and probes: envoyproxy/envoy#10769, alibaba/tengine#1073 ----
raw() { # BYTES: what comes back until the other side closes, or is done with two answers
	exec 3<>"/dev/tcp/127.0.0.1/$PLAIN_PORT"
	printf "$1" >&3
	timeout 20 cat <&3 | tr -d '\r'
	exec 3>&-
}
is "HTTP/1.0 and keep-alive: it is said, and so" \
	"$(raw 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n' | grep -oE 'HTTP/1.1 .*|^Connection.*' | paste -sd' ')" \
	"HTTP/1.1 200 OK Connection: keep-alive HTTP/1.1 200 OK Connection: close"
is "a probe that names no host" "$(raw 'GET /healthz HTTP/1.0\r\n\r\n' | head -1)" "HTTP/1.1 200 OK"
is "is HTTP/1.0: later ones must" "$(raw 'GET /healthz HTTP/1.1\r\n\r\n' | head -1)" "HTTP/1.1 400 Bad Request"
is "an upstream hears no name then, and its own in Host" \
	"$(raw "GET /plain/1 HTTP/1.0\r\n$KEY\r\n\r\n" | head -1) $(tail -1 "$W/heads" | tr '\t' '\n' | sed -n 's/ *$//; s/^X-Forwarded-//p; s/^Host: /Host=/p' | paste -sd' ')" \
	"HTTP/1.1 200 OK Host=127.0.0.1:$PEER_PORT Proto: http"

# ---- why a request was refused: nodejs/llhttp#411, elysiajs/eden#23 ----
why() { raw "$1" | tail -1 | jq -r .detail | sed 's/.*reads it: //'; }
is "a small letter" "$(why 'patch /x HTTP/1.1\r\nHost: a\r\n\r\n')" "a method that is not of capital letters and '-', 20 at most."
is "UTF-8 as it is" "$(why 'GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n')" "a byte in the target that must be percent-encoded."
is "two hosts" "$(why 'GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')" "more than one Host."
is "a line without a colon" "$(why 'GET /x HTTP/1.1\r\nHost: a\r\nb\r\n\r\n')" "a field line without a colon."
is "a proxy's way of asking" "$(why 'GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n')" "a target that does not begin with '/'."

# ---- whose it is, where an id has become an object or a list: stripe/stripe-dotnet#286 ----
erase() { # ID: what the erasure found
	world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d "{\"subject\":\"$1\"}" "$URL/v1/subjects/erase" | jq -r .status
}
for buyer in '{"id":"7001","tier":"gold"}' '["silver","gold"]' '{}' '[]' 'null'; do
	is "$buyer: nobody" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" -d "{\"buyer\":$buyer,\"name\":\"Ann Example\"}" "$URL/orders/1")" 201
done
is "nothing beneath the place is a person" "$(erase gold) $(erase silver) $(erase 7001)" "unknown unknown unknown"
is "whom the place names is one" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" -d '{"buyer":7001,"name":"Ann Example"}' "$URL/orders/1") $(erase 7001)" "201 erased"
for at in '$' '$..id' '$.buyer.*' '$.buyers[*].id'; do
	jq --arg at "$at" '.routes[1].subject = $at' "$W/scrim.json" >"$W/wrong.json"
	no "a subject at $at, which may be several, is refused" "$BIN/scrim" config check "$W/wrong.json" 2>/dev/null
done

# ---- values that some reader cannot carry: elizaOS/eliza#18079, hartwork/jawanndenn#44, Tencent/BqLog#69 ----
export SCRIM_CONFIG=$W/scrim.json
sealed() { # JSON-STRING: what the upstream has of it
	world_curl shop -o "$W/answer" -H "$J" -d "{\"buyer\":\"c1\",\"name\":\"$1\"}" "$URL/orders/1"
	tail -1 "$W/orders.ndjson" | grep -o 'sct1-[0-9a-z]*'
}
opened() { # TOKEN: the value as /v1/reveal writes it
	world_curl support_lead -H "$J" -H 'Scrim-Purpose: service' -H 'Scrim-Reason: asked by the person' -d "{\"items\":[{\"token\":\"$1\"}]}" "$URL/v1/reveal" |
		grep -o '"value":"[^"]*"'
}
shown() { "$BIN/scrim" reveal --key "$W/keys/support_lead.key" --purpose service --reason 'asked by the person' "$@" >"$W/out" 2>"$W/err"; }
half=$(sealed 'Ann \ud83d')
nul=$(sealed 'a\u0000b')
whole=$(sealed 'Ann \ud83d\ude00')
is "half a surrogate pair is opened as it was sealed" "$(opened "$half")" '"value":"Ann \ud83d"'
is "a NUL, too" "$(opened "$nul")" '"value":"a\u0000b"'
is "a whole pair is a character" "$(opened "$whole")" '"value":"Ann 😀"'
no "the command does not show another value for it" shown "$half"
is "nor anything" "$(cat "$W/out")" ""
ok "and says why" grep -q 'value 1 holds half a surrogate pair' "$W/err"
ok "those beside it are shown" eval '! shown "$whole" "$half" "$whole" && [ "$(grep -c "Ann 😀" "$W/out") $(wc -l <"$W/out")" = "2 3" ]'
no "nor the part of it before a NUL" shown "$nul"
is "of which nothing is shown" "$(cat "$W/out")" ""
ok "and why is said" grep -q 'u0000' "$W/err"
ok "--json has both" eval 'shown --json "$half" && grep -qF "Ann \\ud83d" "$W/out" && ! shown --json "$nul" && grep -qF "a\\u0000b" "$W/out"'

tap_done
