#!/bin/bash
# A method that nobody here knows is refused at every surface (501, RFC 9110 §15.6.2), and one that a path
# does not take says which it takes (405 and Allow, §15.5.6). Neither reaches an upstream.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
WORLD_PHONE='{ "home": "44", "pools": [{ "name": "nobody", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "numbers": [{ "number": "+441632960001" }] }] }'
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[
	{ name: "list", match: { path: "/orders", method: "GET" }, upstream: $up, purpose: "order_processing" },
	{ name: "make", match: { path: "/orders", method: "POST" }, upstream: $up, purpose: "order_processing" },
	{ name: "files", match: { path: "/files/*", method: "PROPFIND" }, upstream: $up, purpose: "order_processing" },
	{ name: "rest", match: { path: "/free/*" }, upstream: $up, purpose: "order_processing" } ]' | world_routes -
collect_world
start_peer orders order_system "$PEER_PORT" --requests "$W/arrived"
world_up

ask() { # METHOD PATH: "STATUS ALLOW"
	curl -s --max-time 10 -o "$W/answer" -D "$W/head" -X "$1" -H "Scrim-Key: $(cat "$W/keys/order_system.key")" "$PLAIN$2"
	echo "$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$W/head") $(tr -d '\r' <"$W/head" | sed -n 's/^[Aa]llow: //p')"
}

# SURFACE PATH METHOD-IT-DOES-NOT-TAKE ALLOW
while read -r surface path method allow; do
	for unknown in TRACE PROPFIND FOO GETX A-B; do
		is "$surface: $unknown" "$(ask $unknown "$path")" "501 "
	done
	ok "$surface: and says why" eval 'jq -e ".type == \"urn:scrim:problem:method-unknown\" and .status == 501" "$W/answer" >/dev/null'
	[ "$method" = - ] || is "$surface: $method" "$(ask "$method" "$path")" "405 ${allow//,/, }"
done <<-END
	proxy /orders DELETE GET,POST
	proxy-of-any-method /free/x -
	no-route /nowhere -
	api /v1/reveal GET POST
	subjects /v1/subjects/c1 DELETE POST,PUT,GET,HEAD
	bindings /v1/bindings/x PUT GET,HEAD,PATCH,DELETE
	pools /v1/pools POST GET,HEAD
	telephony /v1/telephony/twiml/acme/voice GET POST
	collect /v1/batch GET POST,OPTIONS
	script /collect.js POST GET,HEAD
	health /healthz POST GET,HEAD
	ready /readyz DELETE GET,HEAD
	metrics /metrics POST GET,HEAD
END
is "none of it came upstream" "$(wc -l <"$W/arrived")" 0
is "a method that a route names passes, and no other route's" "$(ask PROPFIND /files/x | cut -d' ' -f1) $(ask GET /files/x)" "201 405 PROPFIND"
is "and arrives once" "$(cat "$W/arrived")" "PROPFIND /files/x"

for path in /healthz /metrics /v1/pools /collect.js; do
	curl -s --max-time 10 -I -o "$W/head" -w '%{http_code}' -H "Scrim-Key: $(cat "$W/keys/order_system.key")" "$PLAIN$path" >"$W/status"
	is "HEAD of $path is answered as GET is" "$(cat "$W/status") $(tr -d '\r' <"$W/head" | grep -ci '^content-length: [1-9]')" "$(ask GET "$path" | cut -d' ' -f1) 1"
done
# a route that takes all there is takes no path of ours
jq '.routes += [.routes[3] + { name: "all", match: { path: "/*" } }]' "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
: >"$W/arrived"
kill -HUP "${PROC_PID[scrimd]}"
ok "a route of all paths has what is nobody's" await 10 eval '[ "$(ask POST /nowhere)" = "201 " ]'
is "and no other method of ours" "$(ask DELETE /v1/reveal) $(ask POST /healthz) $(ask PUT /v1/pools)" "405 POST 405 GET, HEAD 405 GET, HEAD"
is "none of which arrives" "$(grep -vc nowhere "$W/arrived")" 0

for method in TRACE TRACK CONNECT; do
	jq --arg m $method '.routes[2].match.method = $m' "$W/scrim.json" >"$W/bad.json"
	no "no route may name $method" "$BIN/scrim" config check "$W/bad.json"
done
tap_done
