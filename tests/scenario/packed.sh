#!/bin/bash
# Bodies packed by gzip where there are rules: read, protected, and passed on unpacked, either
# way. What is torn, goes on behind its end, or becomes too much goes no further.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
WORLD_LIMITS='{"body_max":"100KiB"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	[ { at: "$.phone", class: "phone", do: "seal" } ] as $in | [ { at: "$.phone", class: "phone", do: "policy" } ] as $out |
	{ upstream: $peer, purpose: "delivery" } as $r |
	[ $r + { name: "shop", match: { path: "/in" }, request: $in },
	  $r + { name: "back", match: { path: "/out" }, response: $out },
	  $r + { name: "plain", match: { path: "/plain" } } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply" --heads "$W/heads"
world_up
J='Content-Type: application/json'
F='Content-Type: application/x-www-form-urlencoded'
GZ='Content-Encoding: gzip'

posted() { # PATH FILE [curl args]: the status; the upstream's head in $W/head, its body in $W/stored
	local path=$1 file=$2
	shift 2
	rm -f "$W/reply" "$W/answer"
	: >"$W/heads"
	world_curl order_system -o "$W/answer" -w '%{http_code}' "$@" --data-binary @"$file" "$URL$path"
	sed 's/.*\t//' "$W/heads" | tr -d '\n' >"$W/stored"
	tr '\t' '\n' <"$W/heads" | sed '$d' >"$W/head"
}
printf '{"phone":"07700 900123","n":1.10}' >"$W/order"
gzip -nc "$W/order" >"$W/order.gz"
printf 'phone=07700+900123&x=%%7e' | gzip -nc >"$W/form.gz"

is "a packed order is taken" "$(posted /in "$W/order.gz" -H "$J" -H "$GZ")" 201
ok "and sealed, the rest to the byte" grep -qxE '\{"phone":"sct1-[A-Za-z0-9_-]+","n":1\.10\}' "$W/stored"
no "the upstream is not told that it was packed" grep -qi '^content-encoding' "$W/head"
is "but how long it is" "$(awk 'tolower($1) == "content-length:" { print $2 + 0 }' "$W/head")" "$(stat -c %s "$W/stored")"
cp "$W/stored" "$W/sealed"
printf '<o><phone>07700 900123</phone></o>' | gzip -nc >"$W/xml.gz"
is "packed XML" "$(posted /in "$W/xml.gz" -H 'Content-Type: text/xml' -H "$GZ")" 201
ok "is sealed as well" grep -qxE '<o><phone>sct1-[A-Za-z0-9_-]+</phone></o>' "$W/stored"
is "a packed form, by the other name" "$(posted /in "$W/form.gz" -H "$F" -H 'Content-Encoding: X-GZip')" 201
ok "is sealed too" grep -qxE 'phone=sct1-[A-Za-z0-9_-]+&x=%7e' "$W/stored"
is "without rules it passes as it is" "$(posted /plain "$W/order.gz" -H "$J" -H "$GZ")" 201
ok "and is said to be packed" grep -qi '^content-encoding: gzip' "$W/head"

refused() { # WHAT FILE STATUS PROBLEM
	is "$1" "$(posted /in "$2" -H "$J" -H "$GZ")$(jq -r .type "$W/answer")" "$3urn:scrim:problem:$4"
	is "$1: goes no further" "$(stat -c %s "$W/heads")" 0
}
{ head -c 20 "$W/order.gz"; tail -c +23 "$W/order.gz"; } >"$W/torn"
refused "a torn one" "$W/torn" 400 malformed-gzip
cat "$W/order.gz" "$W/order.gz" >"$W/two"
refused "two of them" "$W/two" 400 malformed-gzip
refused "what is none" "$W/order" 400 malformed-gzip
{ printf '{"x":"'; head -c 102400 /dev/urandom | base64 -w0 | head -c 102393; printf '"}'; } | gzip -nc >"$W/large"
refused "one byte too many" "$W/large" 413 too-large
head -c 50000000 /dev/zero | gzip -nc >"$W/bomb"
refused "a bomb" "$W/bomb" 413 too-large
{ printf '{"x":"'; head -c 102400 /dev/urandom | base64 -w0 | head -c 102392; printf '"}'; } | gzip -nc >"$W/full"
is "as large as body_max passes" "$(posted /in "$W/full" -H "$J" -H "$GZ")" 201
gzip -nc <<<'{"phone":' >"$W/bad"
refused "a broken document in it" "$W/bad" 400 malformed-json

back() { # FILE: an answer of it, packed; its head in $W/head
	{ printf 'HTTP/1.1 200 OK\r\n%s\r\n%s\r\nContent-Length: %d\r\n\r\n' "$J" "$GZ" "$(stat -c %s "$1")"; cat "$1"; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
	world_curl order_system -D "$W/head" "$URL/out"
}
gzip -nc "$W/sealed" >"$W/sealed.gz"
is "a packed answer is restored" "$(back "$W/sealed.gz")" "$(cat "$W/order")"
no "and is not said to be packed" grep -qi '^content-encoding' "$W/head"
head -c -1 "$W/sealed.gz" >"$W/torn"
ok "a torn one is withheld" eval 'back "$W/torn" | jq -e ".type == \"urn:scrim:problem:body-withheld\" and .status == 200" >/dev/null'
ok "a bomb too" eval 'back "$W/bomb" | jq -e ".type == \"urn:scrim:problem:body-withheld\" and .status == 200" >/dev/null'
ok "which is told as what they are" [ "$(grep answer_withheld "$W/log/scrimd.err" | jq -r .cause | tr '\n' ' ')" = "malformed too-large " ]
tap_done
