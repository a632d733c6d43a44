#!/bin/bash
# What an upstream answers keeps its status, whatever its body is: a 2xx turned into
# a 502 makes a shop send its order again, and a final 4xx makes it try for ever. What
# cannot be protected of the body is withheld, told in one line, counted and recorded.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"body_max":"100KiB","first_byte":"2s"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	[{ at: "$..phone", class: "phone", do: "policy" }] as $out |
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/orders" }, response: $out, request: [{ at: "$.phone", class: "phone", do: "seal" }] },
	  $r + { name: "loose", match: { path: "/loose" }, response: $out, unmatched_body: "stream" },
	  $r + { name: "plain", match: { path: "/plain" } },
	  $r + { name: "strict", match: { path: "/strict" }, response: [{ at: "$.phone", class: "phone", do: "seal", number: "refuse" }] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --requests "$W/requests" --answer-file "$W/reply"
world_up
J='Content-Type: application/json'
ORDER='{"phone":"07700 900123"}'
: >"$W/requests"

reply() { printf "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }
said() { wc -l <"$W/log/scrimd.err"; }
metric() { curl -s "$PLAIN/metrics" | awk '$1 == "scrim_answers_withheld_total" { print $2 }'; }
sent=0 withheld=0
asked() { # WHAT STATUS [METHOD [PATH]]: that is the status; head in $W/head, body in $W/answer
	local got
	sent=$((sent + 1))
	rm -f "$W/answer"
	got=$(world_curl order_system -o "$W/answer" -D "$W/head" -w '%{http_code}' -X "${3:-POST}" -H "$J" -d "$ORDER" "$URL${4:-/orders}" || echo " rc $?")
	is "$1: $2" "$got" "$2"
}
field() { grep -i "^$1:" "$W/head" | tr -d '\r' | cut -d' ' -f2-; }
problem() { # STATUS: the body is our own
	[ "$(field content-type)" = application/problem+json ] &&
		jq -e --argjson s "$1" '.type == "urn:scrim:problem:body-withheld" and .status == $s and (.request_id | length) == 16 and .detail and .title' "$W/answer"
}
# withheld WHAT STATUS CAUSE [OFFSET [ROUTE]]: of the answer in $W/reply
withheld() {
	local lines
	lines=$(said)
	asked "$1" "$2" POST "/${5:-orders}"
	withheld=$((withheld + 1))
	ok "$1: a problem document in its place" problem "$2"
	no "$1: nothing of the body" grep -qE '900124|<html|SECRET' "$W/answer"
	is "$1: one line" "$(($(said) - lines))" 1
	tail -1 "$W/log/scrimd.err" >"$W/line"
	ok "$1: route, status, cause, offset" jq -e --arg r "${5:-shop}" --argjson s "$2" --arg c "$3" --argjson o "${4:-null}" \
		'.event == "gateway.answer_withheld" and .route == $r and .status == $s and .cause == $c and .offset == $o and .request' "$W/line"
	is "$1: the document says where, too" "$(jq .offset "$W/answer")" "${4:-null}"
	is "$1: the same request id" "$(jq -r .request_id "$W/answer")" "$(jq -r .request "$W/line")"
	is "$1: counted" "$(metric)" $withheld
	is "$1: sent once" "$(wc -l <"$W/requests")" $sent
}
H='Content-Type: text/html\r\n'

# ---- the upstream says no, in its own words ----
for row in '404 Not Found' '401 Unauthorized' '403 Forbidden' '409 Conflict' '413 Content Too Large' '422 Unprocessable Content' \
	'429 Too Many Requests' '500 Internal Server Error' '502 Bad Gateway' '503 Service Unavailable' '302 Found' '303 See Other'; do
	reply "HTTP/1.1 $row\r\n${H}Content-Length: 15\r\nRetry-After: 7\r\nWWW-Authenticate: Basic realm=x\r\nLocation: /orders/7\r\nAllow: GET\r\nSet-Cookie: a=b\r\nX-Own: 1\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nCache-Control: max-age=99\r\nExpires: 0\r\nAge: 1\r\nPragma: x\r\nContent-Language: de\r\nContent-Location: /x\r\nContent-Disposition: inline\r\nDigest: x\r\nRepr-Digest: x\r\nContent-Digest: x\r\nContent-MD5: x\r\nAccept-Ranges: bytes\r\n\r\n<html>SECRET</html"
	withheld "a page: ${row%% *}" "${row%% *}" type
	for f in retry-after:7 'www-authenticate:Basic realm=x' location:/orders/7 allow:GET set-cookie:a=b x-own:1 'cache-control:private, no-store'; do
		is "a page: ${row%% *}: ${f%%:*} stays" "$(field "${f%%:*}")" "${f#*:}"
	done
	is "a page: ${row%% *}: nothing else speaks of the body" "$(grep -ciE '^(etag|last-modified|expires|age|pragma|accept-ranges|digest|repr-digest|content-(language|location|disposition|digest|md5|encoding)):' "$W/head")" 0
done

# ---- the upstream has taken the order ----
for row in '200 OK' '201 Created' '202 Accepted'; do
	s=${row%% *}
	reply "HTTP/1.1 $row\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nSECRET."
	withheld "$s as text" "$s" type
	reply "HTTP/1.1 $row\r\n${H}Content-Length: 24\r\n\r\n{\"phone\":\"07700 900124\"}"
	withheld "$s, JSON as html" "$s" type
	reply "HTTP/1.1 $row\r\nContent-Length: 24\r\n\r\n{\"phone\":\"07700 900124\"}"
	withheld "$s, JSON as nothing" "$s" type
	reply "HTTP/1.1 $row\r\nContent-Type: image/svg+xml\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n"
	withheld "$s as a picture, chunked" "$s" type
	reply "HTTP/1.1 $row\r\nContent-Type: text/xml\r\nContent-Length: 16\r\n\r\n<!DOCTYPE a><a/>"
	withheld "$s, XML with a DOCTYPE" "$s" malformed 11
	reply "HTTP/1.1 $row\r\n$H\r\nSECRET."
	withheld "$s until the connection closes" "$s" type
	reply "HTTP/1.1 $row\r\n$J\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nSECRET."
	withheld "$s, packed and broken" "$s" malformed
	reply "HTTP/1.1 $row\r\n$J\r\nContent-Encoding: br\r\nContent-Length: 7\r\n\r\nSECRET."
	withheld "$s, encoded" "$s" type
	is "$s, encoded: not said to be" "$(field content-encoding)" ""
	reply "HTTP/1.1 $row\r\n$J; charset=gbk\r\nContent-Length: 2\r\n\r\n{}"
	withheld "$s, another charset" "$s" type
	reply "HTTP/1.1 $row\r\n$J\r\nContent-Length: 11\r\n\r\nWarning: {}"
	withheld "$s, a warning before the JSON" "$s" malformed 0
	reply "HTTP/1.1 $row\r\n$J\r\nContent-Length: 10\r\n\r\n{\"a\":NaN }"
	withheld "$s, NaN" "$s" malformed 5
	reply "HTTP/1.1 $row\r\n$J\r\nContent-Length: 5\r\n\r\n\xef\xbb\xbf{}"
	withheld "$s, a byte order mark" "$s" malformed 0
	reply "HTTP/1.1 $row\r\nContent-Type: application/x-ndjson\r\nContent-Length: 6\r\n\r\n{}\n{x\n"
	withheld "$s, a broken line" "$s" malformed 4
done
reply 'HTTP/1.1 205 Reset Content\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSECRET.'
asked "205: stays" 205 POST /orders
is "205: without a body" "$(stat -c %s "$W/answer")" 0
withheld=$((withheld + 1))
is "205: counted" "$(metric)" $withheld
reply 'HTTP/1.1 206 Partial Content\r\nContent-Type: application/json\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\n{}'
withheld "a part of a document" 206 type
is "a part of a document: not said to be" "$(field content-range)" ""
reply 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"phone\":1}'
withheld "a value that its rule refuses" 201 unfit-value 9 strict

# ---- too large: the status has arrived ----
big() { # BYTES TYPE: a JSON text of so many bytes
	{ printf 'HTTP/1.1 201 Created\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n["' "$2" "$1"; head -c $(($1 - 4)) /dev/zero | tr '\0' x; printf '"]'; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
}
big 102400 application/json
asked "as large as body_max passes" 201 POST /orders
is "whole" "$(stat -c %s "$W/answer")" 102400
is "and is not counted" "$(metric)" $withheld
big 102401 application/json
withheld "one byte more" 201 too-large
{ printf 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n["'; head -c 200000 /dev/zero | tr '\0' x; printf '"]'; } >"$W/reply"
withheld "much more, without saying so before" 201 too-large
big 300000 text/plain
withheld "a large text" 201 type
{ printf 'HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n\r\n'; head -c 300000 /dev/zero; } >"$W/reply"
withheld "a large text until the connection closes" 201 type
reply 'HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nSECRET.'
withheld "a text that is broken off" 201 type

# ---- an empty body holds nothing ----
passes() { # WHAT STATUS
	local lines
	lines=$(said)
	asked "$1" "$2"
	is "$1: empty" "$(stat -c %s "$W/answer" 2>/dev/null || echo 0)" 0
	is "$1: its type stays" "$(field content-type)" text/html
	is "$1: not withheld" "$(metric)" $withheld
	is "$1: no word" "$(said)" "$lines"
}
for s in '200 OK' '201 Created' '404 Not Found' '503 Service Unavailable'; do
	reply "HTTP/1.1 $s\r\n${H}Content-Length: 0\r\n\r\n"
	passes "${s%% *}, no byte" "${s%% *}"
	reply "HTTP/1.1 $s\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	passes "${s%% *}, no chunk" "${s%% *}"
	reply "HTTP/1.1 $s\r\n$H\r\n"
	passes "${s%% *}, closed at once" "${s%% *}"
done
reply "HTTP/1.1 204 No Content\r\n$H\r\n"
passes "204" 204
reply "HTTP/1.1 304 Not Modified\r\n$H\r\n"
passes "304" 304
for form in 'Content-Length: 0\r\n\r\n' 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' '\r\n'; do
	reply "HTTP/1.1 201 Created\r\n$J\r\n$form"
	asked "no byte where JSON was announced passes" 201 POST /orders
	is "and is not counted" "$(metric)" $withheld
done

# ---- what passes, passes ----
reply "HTTP/1.1 409 Conflict\r\n$J\r\nETag: \"1\"\r\nContent-Length: 24\r\n\r\n{\"phone\":\"07700 900124\"}"
asked "a 409 in JSON is protected" 409 POST /orders
ok "and passes" jq -e '.phone | strings' "$W/answer"
is "and no version of its own" "$(field etag)" ""
reply 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSECRET.'
asked "a route that streams what is no JSON" 200 POST /loose
is "streams it" "$(cat "$W/answer")" SECRET.
reply 'HTTP/1.1 200 OK\r\nContent-Type: text/json\r\nContent-Length: 4\r\n\r\n\"ab\"'
withheld "but not what might be taken for JSON" 200 type null loose
reply 'HTTP/1.1 418 Teapot\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSECRET.'
asked "a route without rules passes all" 418 POST /plain
is "as it is" "$(cat "$W/answer")" SECRET.

# ---- what is the gateway's own failure stays one ----
failed() { # WHAT STATUS NAME
	asked "$1" "$2"
	is "$1: by its name" "$(jq -r .type "$W/answer")" "urn:scrim:problem:$3"
	is "$1: not withheld" "$(metric)" $withheld
}
reply "HTTP/1.1 201 Created\r\n$J\r\nContent-Length: 99\r\n\r\n{}"
failed "JSON broken off" 502 upstream-answer
reply 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'
failed "a status that is none" 502 upstream-answer
reply ''
failed "not a byte" 502 upstream-answer

# ---- a request without a byte ----
rm -f "$W/reply"
for args in '-H Content-Length:0' "-H Transfer-Encoding:chunked --data-binary @/dev/null"; do
	# shellcheck disable=SC2086
	is "a request without a byte has nothing to protect ($args)" "$(world_curl order_system -o "$W/answer" -w '%{http_code}' -X POST -H "$J" $args "$URL/orders")" 201
	sent=$((sent + 1))
	is "and arrives, empty" "$(tail -1 "$W/orders.ndjson")" ""
done
is "a request that is no JSON is refused" "$(world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Content-Type: text/plain' -d x "$URL/orders")" 415
is "every order was sent exactly once" "$(wc -l <"$W/requests")" $sent

# ---- keyd goes while the upstream works ----
world_curl shop -H "$J" -d '{"items":[{"class":"phone","value":"07700 900124"}]}' "$URL/v1/seal" | jq -r '.items[0].token' >"$W/token"
printf 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{"phone":"%s"}' $(($(wc -c <"$W/token") - 1 + 12)) "$(cat "$W/token")" >"$W/reply"
stop keyd
asked "keyd is away, the order taken: 201" 201 POST /loose
ok "its body is withheld" problem 201
ok "and the cause is told" jq -e '.cause == "keys-unavailable" and .status == 201' <(tail -1 "$W/log/scrimd.err")
sed -i 's/201 Created/200 OK/' "$W/reply"
asked "reading can be asked again: 503" 503 GET /loose
is "and is told so" "$(jq -r .type "$W/answer")" urn:scrim:problem:keys-unavailable
start_keyd
await 10 ready

sleep 1.2
ok "the log verifies" logs_verified --config "$W/scrim.json"
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/records"
record() { jq -c ".entry | select(.outcome.status == $1 and .outcome.why == \"$2\") | [.kind, .outcome.result, .where.route]" "$W/records" | sort -u; }
is "the record of a withheld answer has the upstream's status" "$(record 429 'answer withheld, not to be read')" '["request","ok","shop"]'
is "of a 403 too, and it is no denial of ours" "$(record 403 'answer withheld, not to be read')" '["request","ok","shop"]'
is "malformed" "$(record 201 'answer withheld, malformed')" '["request","ok","shop"]'
is "unfit" "$(record 201 'answer withheld, unfit value')" '["request","ok","strict"]'
is "too large" "$(record 201 'answer withheld, too large')" '["request","ok","shop"]'
is "keyd away" "$(record 201 'answer withheld, key service away')" '["request","ok","loose"]'
is "the gateway's own failure says which" "$(record 502 upstream-answer)" '["request","failed","shop"]'
no "no value in what was said and recorded" grep -rqE '90012[34]|SECRET' "$W/log/scrimd.err" "$W/log/keyd.err" "$W/records"
tap_done
