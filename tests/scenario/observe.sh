#!/bin/bash
# A route that observes changes and refuses nothing because of its rules: what they would do is counted,
# what nobody declared is told, and it is said everywhere that such a route protects nothing.
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"body_max":"100KiB"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def route($name; $more): { name: $name, match: { path: "/\($name)/*" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer.id",
		request: [ { at: "$.receiver.phone", class: "phone", do: "seal" } ], response: [ { at: "$..phone", class: "phone", do: "policy" } ], undeclared: "refuse" } + $more;
	[ route("watched"; { observe: true }), route("ruled"; {}) ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --heads "$W/heads" --answer-file "$W/reply"
world_up

J='Content-Type: application/json'
reply() { printf "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }
send() { # PATH [curl options]: the status; what came back in $W/answer, what arrived in $W/arrived
	local path=$1
	shift
	: >"$W/orders.ndjson"
	world_curl order_system -o "$W/answer" -D "$W/head" -w '%{http_code}' "$@" "$PLAIN/$path"
	cp "$W/orders.ndjson" "$W/arrived"
}
counts() { curl -s "$PLAIN/metrics" | awk -F'[" ]' '/^scrim_observed_total/ { printf "%s %s ", $2, $NF }'; }
field() { tr -d '\r' <"$W/head" | sed -n "s/^$1: *//Ip"; }

is "a document with everything passes as it is" "$(send watched/1 -H "$J" -d '{ "buyer":{"id":"c1"},"receiver":{"phone":"07700 900123"},"tel":"+447700900124"}')" 201
is "byte for byte" "$(cat "$W/arrived")" '{ "buyer":{"id":"c1"},"receiver":{"phone":"07700 900123"},"tel":"+447700900124"}'
is "and is counted: it would have been refused" "$(counts)" "document 2 unread 0 refusal 1 value 0 "
is "where rules are enforced it is" "$(send ruled/1 -H "$J" -d '{"buyer":{"id":"c1"},"tel":"+447700900124"}')" 422
is "one that would have been sealed" "$(send watched/1 -H "$J" -d '{"receiver":{"phone":"07700 900123"}}'; cat "$W/arrived")" '201{"receiver":{"phone":"07700 900123"}}'
is "is counted by its values" "$(counts)" "document 4 unread 0 refusal 1 value 1 "
is "what is malformed passes" "$(send watched/1 -H "$J" -d '{"receiver":'; cat "$W/arrived")" '201{"receiver":'
is "so does another shape" "$(send watched/1 -H "$J" -d '{"receiver":"07700 900123"}'; cat "$W/arrived")" '201{"receiver":"07700 900123"}'
is "both would not" "$(counts)" "document 8 unread 0 refusal 3 value 1 "
is "what is no document passes" "$(send watched/1 -H 'Content-Type: text/plain' -d 'call 07700 900123'; cat "$W/arrived")" '201call 07700 900123'
head -c 150000 /dev/zero | tr '\0' ' ' >"$W/large"
is "so does what is too large to be looked at" "$(send watched/1 -H "$J" --data-binary @"$W/large"; stat -c %s "$W/arrived")" "201150001"
printf '{"receiver":{"phone":"07700 900123"}}' | gzip >"$W/packed"
is "what is packed is looked at" "$(send watched/1 -H "$J" -H 'Content-Encoding: gzip' --data-binary @"$W/packed"; counts)" "201document 14 unread 2 refusal 3 value 2 "
is "and goes on packed" "$(head -c "$(stat -c %s "$W/packed")" "$W/arrived" | cmp - "$W/packed" && tail -1 "$W/heads" | grep -ci gzip)" 1
head -c 20 "$W/packed" >"$W/torn"
is "torn, too" "$(send watched/1 -H "$J" -H 'Content-Encoding: gzip' --data-binary @"$W/torn"; counts)" "201document 16 unread 3 refusal 3 value 2 "
is "the query and fields pass" "$(send 'watched/1?tel=%2B447700900125&p=%zz' -H 'X-Back: +447700900126' -H "$J" -d '{}'; tail -1 "$W/heads" | cut -d ' ' -f 2; tail -1 "$W/heads" | grep -c 'X-Back: +447700900126\|x-back: +447700900126')" \
	$'201/watched/1?tel=%2B447700900125&p=%zz\n1'

reply "HTTP/1.1 200 OK\r\n$J\r\nETag: \"1\"\r\nCache-Control: max-age=9\r\nContent-Length: 24\r\n\r\n{\"phone\":\"07700 900127\"}"
before=$(counts)
is "an answer passes as it is, too" "$(send watched/1 -H 'If-None-Match: "2"' -H 'Range: bytes=0-1'; cat "$W/answer"; field etag; field cache-control)" $'200{"phone":"07700 900127"}"1"\nmax-age=9'
ok "and is counted" [ "$(counts)" != "$before" ]
is "asked for as it was" "$(tail -1 "$W/heads" | tr '\t' '\n' | grep -ciE '^(if-none-match|range)')" 2
reply 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSECRET.'
is "none is withheld" "$(send watched/1; cat "$W/answer")" 200SECRET.
reply "HTTP/1.1 200 OK\r\n$J\r\nContent-Length: 4\r\n\r\nNaN "
is "whatever it is" "$(send watched/1; cat "$W/answer")" '200NaN '
no "nothing was sealed, opened, masked or withheld" grep -qE '^scrim_(values_total\{.*|answers_withheld_total) [1-9]' <(curl -s "$PLAIN/metrics")
rm -f "$W/reply"
stop keyd
is "nobody is asked for a key" "$(send watched/1 -H "$J" -d '{"receiver":{"phone":"07700 900123"}}')" 201
start_keyd
await 20 ready

# ---- it is loud
told() { "$BIN/scrim" drift --config "$W/scrim.json" --route watched --json | jq -r 'map("\(.place) \(.did)") | sort | join(", ")'; }
ok "what nobody declared, and what is in clear, is told as what passed" await 10 eval '[ "$(told)" = "$..phone report, \$.tel report, header.x-back report" ]'
ok "a line for what would have been refused" jq -es 'map(select(.event == "gateway.observed_refusal" and .route == "watched") | .cause) | (index("undeclared-field") and index("malformed-json"))' "$W/log/scrimd.err"
ok "a line at the start" jq -es 'map(select(.event == "gateway.route_protects_nothing") | .route) == ["watched"]' "$W/log/scrimd.err"
is "a metric" "$(curl -s "$PLAIN/metrics" | awk '$1 == "scrim_observing_routes" { print $2 }')" 1
is "the configuration's check" "$("$BIN/scrim" config check "$W/scrim.json" | grep -c '^route "watched" OBSERVES')" 1
is "also to programs" "$("$BIN/scrim" config check "$W/scrim.json" --json | jq -c .observing)" '["watched"]'
is "the doctor" "$("$BIN/scrim" doctor --config "$W/scrim.json" --json | jq -c '.. | objects | select(.check? == "configuration") | [.result, (.seen | test("watched observes"))]')" '["warn",true]'
sleep 1.2
ok "the log verifies" logs_verified --config "$W/scrim.json"
"$BIN/scrim" audit show --config "$W/scrim.json" --json | jq -c '.entry | select(.kind == "request" and .where.route == "watched")' >"$W/records"
is "its records say that nothing was done" "$(jq -r '.outcome.why' "$W/records" | sort -u)" "observed, nothing was protected"
is "and nothing as done" "$(jq -c '[.what.classes, .outcome.sealed, .outcome.masked] | select(any(. != null))' "$W/records" | wc -l)" 0
no "no value in any log" grep -rqsaE '90012[0-9]' "$W/run" "$W/log"

# ---- what has no sense beside it
check() { jq "$1" "$W/scrim.json" >"$W/other.json" && "$BIN/scrim" config check "$W/other.json" 2>"$W/why"; }
no "a recipient" check '.routes[0] += { from: ["order_system"], to: { role: "carrier", purpose: "delivery" } } | del(.routes[0].undeclared)'
ok "which is told" grep -q '"observe" does not go with "to"' "$W/why"
no "changes" check '.routes[0] += { changes: true, order: "$.no" }'
ok "which are told" grep -q 'it seals nothing' "$W/why"
no "no rules" check '.routes[0] |= del(.request, .response, .undeclared, .subject)'
ok "which is told, too" grep -q '"observe" is about rules' "$W/why"
tap_done
