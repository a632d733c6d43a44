#!/bin/bash
# What a request says beside its body is looked at as the body is: the query, by the request's own
# rules, and header fields; what is a program's own stays, byte for byte.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	def route($name; $more): { name: $name, match: { path: "/\($name)" }, upstream: $orders, purpose: "order_processing",
		subject: "$.buyer.id", request: [ { at: "$.mobile", class: "phone", do: "seal" } ] } + $more;
	[ route("ruled"; { undeclared: "pass", request: [ { at: ["query.q", "header.X-Note", "$.mobile"], class: "name", do: "seal" },
		{ at: "query.text", do: "scan" }, { at: "query.secret", do: "drop" }, { at: "header.Cookie", do: "mask", class: "name" } ] }),
	  route("mine"; { subject: ["query.customer", "header.X-Customer"] }), route("orders"; {}), route("open"; { undeclared: "pass" }), route("strict"; { undeclared: "refuse" }), route("any"; { unmatched_body: "stream" }) ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --heads "$W/heads"
world_up

send() { # TARGET [curl options]: the status
	local target=$1
	shift
	world_curl shop -o "$W/answer" -w '%{http_code}' -H "Content-Type: ${TYPE:-application/json}" "$@" "$PLAIN/$target"
}
head -c 200000 /dev/zero | tr '\0' a >"$W/csv"
BODY='{"buyer":{"id":"c1"},"mobile":"07700 900123"}'
target() { tail -1 "$W/heads" | cut -d ' ' -f 2; }
field() { tail -1 "$W/heads" | tr '\t' '\n' | sed -n "s/^$1: *//Ip" | sed 's/ *$//'; }

is "a query without anything personal stays as it was" "$(send 'orders?page=2&sort=-a%7Eb&q=%E5%BA%97&x' -d "$BODY"; target)" \
	'201/orders?page=2&sort=-a%7Eb&q=%E5%BA%97&x'
is "a phone in it is taken" "$(send 'orders?page=2&back=%2B447700900124&from=a' -d "$BODY")" 201
ok "and sealed, beside the rest" grep -qE '^/orders\?page=2&back=sct1-[0-9a-z]+&from=a$' <<<"$(target)"
is "a name of the body's rules is sealed in the query, whatever it holds" "$(send 'orders?mobile=none+yet' -d "$BODY"; target | sed 's/sct1-.*/TOKEN/')" \
	'201/orders?mobile=TOKEN'
is "what is called personal is masked" "$(send 'orders?recipient_name=Ann+Lee' -d "$BODY"; target)" '201/orders?recipient_name=A**+L**'
is "without a body, too" "$(send 'orders?email=ann%40example.com' -X GET; target | sed 's/sct1-.*/TOKEN/')" '404/orders?email=TOKEN'
is "a query that is none is refused" "$(send 'orders?a=%zz' -d "$BODY"; jq -r .type "$W/answer")" "400urn:scrim:problem:malformed-query"

is "a field with a phone is taken" "$(send orders -H 'X-Back: +447700900125' -H 'X-Trace: 12' -H 'X-Receiver-Name: Ann Lee' -d "$BODY")" 201
ok "and sealed" grep -qE '^sct1-' <<<"$(field x-back)"
is "another stays" "$(field x-trace)" 12
is "one that is called personal is masked" "$(field x-receiver-name)" "A** L**"
is "signatures stay" "$(send orders -H 'X-Shop-Signature: 447700900129' -H 'X-Hook-Hmac: +447700900129' -d "$BODY"; field x-shop-signature; field x-hook-hmac)" \
	$'201447700900129\n+447700900129'
is "beside a body that streams" "$(TYPE=text/csv send 'any?back=%2B447700900126' --data-binary @"$W/csv"; target | sed 's/sct1-.*/TOKEN/')" \
	'201/any?back=TOKEN'
no "none of it reaches the order system" grep -qE '90012[3-6]|ann.*example|Ann' "$W/heads"

is "rules speak of parameters and fields" "$(send 'ruled?q=Ann+Lee&r=%2B447700900124&text=a+b%40example.com&secret=x' -H 'x-note: Bea' -H 'Cookie: Cy Fox' -d '{"mobile":"m"}'; target | sed 's/sct1-[0-9a-z]*/TOKEN/g')" \
	'201/ruled?q=TOKEN&r=%2B447700900124&text=a+TOKEN&secret='
is "also of a field that is left alone else" "$(field cookie)" "C* F**"
ok "by its name in any case" grep -qE '^sct1-' <<<"$(field x-note)"
is "who it is about stands as it did" "$(send 'mine?customer=ann%40example.com&b=bea%40example.com' -H 'X-Customer: cy@example.com' -d '{"mobile":"m"}'; target | sed 's/sct1-[0-9a-z]*/TOKEN/g'; field x-customer)" \
	$'201/mine?customer=ann%40example.com&b=TOKEN\ncy@example.com'
is "a route that refuses, refuses" "$(send 'strict?back=%2B447700900124' -d '{"buyer":{"id":"c1"}}'; jq -r .type "$W/answer")" "422urn:scrim:problem:undeclared-field"
ok "and names the place" grep -q 'query.back' "$W/answer"
is "one that looks at nothing passes it" "$(send 'open?back=%2B447700900124' -d "$BODY"; target)" '201/open?back=%2B447700900124'
told() { "$BIN/scrim" drift --config "$W/scrim.json" --route orders --json | jq -r 'map(.place) | sort | unique | join(" ")'; }
ok "what was found is told by its place" await 10 eval '[ "$(told)" = "header.x-back header.x-receiver-name query.back query.email query.recipient_name" ]'

# ---- what a configuration may say
check() { jq "$1" "$W/scrim.json" >"$W/other.json" && "$BIN/scrim" config check "$W/other.json" 2>"$W/why"; }
no "an answer has no query" check '.routes[0].response = [ { at: "query.a", do: "mask", class: "name" } ]'
ok "which is said" grep -q '"at" of an answer is a JSONPath into its body' "$W/why"
no "a field's name is a field's" check '.routes[0].request += [ { at: "header.a b", do: "seal", class: "name" } ]'
ok "which is said, too" grep -q 'must name a parameter or a header field, such as "header.X-Phone"' "$W/why"
no "what is about the body is not about a parameter" check '.routes[0].request += [ { at: "query.a", do: "policy", class: "name" } ]'
ok "nor is a place in it" grep -q '"do": "policy" is about the body' "$W/why"
tap_done
