#!/bin/bash
# An answer that was made for one reader is kept by nobody for another: on a route with rules for its
# answers no validator, digest or age of the upstream's comes through, a reader's conditions and ranges
# do not go out, and a writer's conditions do. A HEAD has the fields of GET and no length that is a lie.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/orders/*" }, response: [{ at: "$..phone", class: "phone", do: "policy" }] },
	  $r + { name: "mirrored", match: { path: "/mirrored/*" }, request: [{ at: "$.phone", class: "phone", do: "seal" }], response: "mirror" },
	  $r + { name: "loose", match: { path: "/loose/*" }, response: [{ at: "$..phone", class: "phone", do: "policy" }], unmatched_body: "stream" },
	  $r + { name: "plain", match: { path: "/plain/*" } } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --heads "$W/heads" --answer-file "$W/reply"
world_up

reply() { printf "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }
asked() { # PATH [curl options]: the status
	local path=$1
	shift
	world_curl order_system -o "$W/answer" -D "$W/head" -w '%{http_code}' "$@" "$PLAIN/$path"
}
field() { tr -d '\r' <"$W/head" | sed -n "s/^$1: *//Ip" | paste -sd '|'; }
went() { tail -1 "$W/heads" | tr '\t' '\n' | grep -oiE '^(if-[a-z-]+|range)' | tr 'A-Z' 'a-z' | sort | paste -sd ' '; }
KEPT='ETag: "1"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nCache-Control: public, max-age=99\r\nCDN-Cache-Control: max-age=99\r\nSurrogate-Control: max-age=99\r\nX-Accel-Expires: 99\r\nExpires: Fri, 01 Jan 2027 00:00:00 GMT\r\nAge: 1\r\nPragma: x\r\nAccept-Ranges: bytes\r\nDigest: x\r\nRepr-Digest: x\r\nContent-Digest: x\r\nContent-MD5: x\r\nVary: Origin\r\nX-Own: 1\r\n'
J='Content-Type: application/json\r\n'
OURS='private, no-store / Origin|Authorization, Scrim-Key, Scrim-Purpose, Scrim-Reason, Scrim-Ticket / 1 / 0'
said() { echo "$(field cache-control) / $(field vary) / $(field x-own) / $(grep -ciE '^(etag|last-modified|(cdn-|surrogate-)control|cdn-cache-control|x-accel-expires|expires|age|pragma|accept-ranges|digest|repr-digest|content-(digest|md5)):' "$W/head")"; }

for route in orders mirrored loose; do
	reply "HTTP/1.1 200 OK\r\n$J${KEPT}Content-Length: 24\r\n\r\n{\"phone\":\"07700 900124\"}"
	is "$route: an answer that is rewritten" "$(asked $route/1)" 200
	no "$route: it was" grep -q 900124 "$W/answer"
	is "$route: is kept by nobody" "$(said)" "$OURS"
	reply "HTTP/1.1 200 OK\r\n$J${KEPT}Content-Length: 7\r\n\r\n{\"a\":1}"
	is "$route: nor is one with nothing to rewrite" "$(asked $route/2; cat "$W/answer"; said)" "200{\"a\":1}$OURS"
	reply "HTTP/1.1 304 Not Modified\r\n$KEPT\r\n"
	is "$route: nor one without a body" "$(asked $route/3; said)" "304$OURS"
	reply "HTTP/1.1 200 OK\r\n$J${KEPT}Content-Length: 24\r\n\r\n"
	is "$route: HEAD says the same, and no length" "$(asked $route/4 -I; said; field content-type; field content-length)" "200$OURS"$'\napplication/json'
done
reply "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${KEPT}Content-Length: 7\r\n\r\nSECRET."
is "nor is one that is withheld" "$(asked orders/5; said)" "200$OURS"
ok "its body is ours" grep -q body-withheld "$W/answer"
is "what has no document in it passes with all that it had" "$(asked loose/5; field etag; field cache-control; cat "$W/answer")" $'200"1"\npublic, max-age=99\nSECRET.'
reply "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Disposition: inline; filename=ann\r\n${KEPT}Content-Length: 7\r\n\r\n"
is "its HEAD speaks of it as little" "$(asked orders/5 -I; said; field content-type; field content-disposition)" "200$OURS"$'\napplication/problem+json'
reply "HTTP/1.1 200 OK\r\n${J}Vary: *\r\nContent-Length: 2\r\n\r\n{}"
is "what differs by everything goes on doing so" "$(asked orders/6; field vary)" '200*'
reply "HTTP/1.1 200 OK\r\n$J${KEPT}Content-Length: 24\r\n\r\n{\"phone\":\"07700 900124\"}"
is "a route without rules passes all of it" "$(asked plain/1; said)" "200public, max-age=99 / Origin / 1 / 13"
reply "HTTP/1.1 200 OK\r\n$J${KEPT}Content-Length: 24\r\n\r\n"
is "its HEAD has the length of GET" "$(asked plain/1 -I; field content-length; field etag)" $'20024\n"1"'

# ---- conditions
reply "HTTP/1.1 200 OK\r\n${J}Content-Length: 2\r\n\r\n{}"
IF=(-H 'If-None-Match: "1"' -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' -H 'If-Match: "1"' -H 'If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT' -H 'If-Range: "1"' -H 'Range: bytes=0-1')
ALL='if-match if-modified-since if-none-match if-range if-unmodified-since range'
is "a reader asks for all of it, on no condition" "$(asked orders/7 "${IF[@]}"; went)" 200
is "so does who mirrors" "$(asked mirrored/7 "${IF[@]}"; went)" 200
is "where answers pass as they are conditions do, too" "$(asked plain/7 "${IF[@]}"; went)" "200$ALL"
is "a writer's conditions go out" "$(asked mirrored/7 -X PUT -H 'Content-Type: application/json' -d '{}' "${IF[@]}"; went)" \
	"200if-match if-modified-since if-none-match if-unmodified-since"
reply "HTTP/1.1 412 Precondition Failed\r\n${J}Content-Length: 2\r\n\r\n{}"
is "and what comes of them comes back" "$(asked orders/7 -X PUT -H 'If-Match: "0"')" 412
reply "HTTP/1.1 200 OK\r\n${J}Content-Length: 2\r\n\r\n{}"
ok "a HEAD leaves the connection as it was" eval '[ "$(curl -s -o /dev/null -o /dev/null -w "%{num_connects} " -H "Authorization: Bearer $(cat "$W/keys/order_system.key")" -I "$PLAIN/plain/1" "$PLAIN/orders/1")" = "1 0 " ]'
tap_done
