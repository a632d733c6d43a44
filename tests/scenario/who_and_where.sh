#!/bin/bash
# Who asks, and which way a document goes: client certificates, NDJSON bodies, a
# verified https upstream, and answers on their way back to different readers.
. "$(dirname "$0")/../lib/world.sh"

world_new

# An authority that signs one client, and a client that nobody signed.
cert() { # NAME SUBJECT [signing args...]
	local name=$1 subject=$2
	shift 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/keys/$name.key.pem" \
		-subj "$subject" -out "$W/tmp/$name.csr" 2>/dev/null &&
		openssl x509 -req -in "$W/tmp/$name.csr" -days 30 -out "$W/keys/$name.crt" "$@" 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$W/keys/ca.key" \
	-out "$W/keys/ca.crt" -subj /CN=clients -addext basicConstraints=critical,CA:TRUE 2>/dev/null
cert courier /CN=courier -CA "$W/keys/ca.crt" -CAkey "$W/keys/ca.key" -CAcreateserial
cert other /CN=other -CA "$W/keys/ca.crt" -CAkey "$W/keys/ca.key" -CAcreateserial
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$W/keys/stranger.key.pem" \
	-out "$W/keys/stranger.crt" -subj /CN=stranger 2>/dev/null
spki=$(openssl x509 -in "$W/keys/courier.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)

jq -n --arg peer "http://127.0.0.1:$PEER_PORT" --arg self "$URL" '
	[{ at: "$.name", class: "name", do: "seal" }, { at: "$..phone", class: "phone", do: "seal" }] as $in |
	[{ at: "$..name", class: "name", do: "policy" }, { at: "$..phone", class: "phone", do: "policy" },
	 { at: "$..note", do: "scan" }] as $out |
	[ { name: "in", match: { path: "/orders" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer", request: $in },
	  { name: "out", match: { path: "/orders/*", method: "GET" }, upstream: $peer, purpose: "service", response: $out },
	  { name: "away", match: { path: "/away" }, upstream: { url: $self, ca: "keys/tls.crt" }, purpose: "order_processing" },
	  { name: "lost", match: { path: "/lost" }, upstream: { url: $self, ca: "keys/ca.crt" }, purpose: "order_processing" } ]' |
	world_routes -
jq --arg spki "$spki" '.listen[0].tls.client_ca = "keys/ca.crt" |
	.principals += [{ name: "courier", role: "carrier", cert_spki_sha256: $spki }]' "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
start_peer orders order_system "$PEER_PORT"
world_up

status() { curl -s --max-time 20 --cacert "$W/keys/tls.crt" -o "$W/answer" -w '%{http_code}' "$@"; }
client() { # NAME args...
	local name=$1
	shift
	status --cert "$W/keys/$name.crt" --key "$W/keys/$name.key.pem" "$@"
}
json='Content-Type: application/json'

# ---- who ----
order='{"buyer":"c1","name":"Ann Example","phone":"07700 900123","note":"or 07700 900124"}'
is "a client certificate is a credential" "$(client courier -H 'Scrim-Purpose: delivery' -H "$json" \
	-d '{"items":[{"class":"phone","value":"07700 900123"}]}' "$URL/v1/seal")" 200
is "a certificate that the authority signed for somebody else is not" "$(client other -H "$json" -d "$order" "$URL/orders")" 401
refused() { client stranger -d "$order" "$URL/orders" >"$W/tmp/status"; }
no "a certificate of another authority does not even connect" refused
is "no credential: 401" "$(status -H "$json" -d "$order" "$URL/orders")" 401
is "Scrim-Key is a credential, too" "$(status -H "Scrim-Key: $(cat "$W/keys/shop.key")" -H 'Authorization: Basic eDp5' \
	-H "$json" -d "$order" "$URL/orders")" 201
is "a purpose the policy does not know: 400" "$(status -H "Scrim-Key: $(cat "$W/keys/shop.key")" -H 'Scrim-Purpose: fun' \
	-H "$json" -d "$order" "$URL/orders")" 400
is "a reason with a phone in it is refused" "$(world_curl support -o "$W/answer" -w '%{http_code}' -H 'Scrim-Purpose: service' \
	-H 'Scrim-Reason: she is at 07700 900123' -H "$json" -d '{"items":[{"token":"x"}]}' "$URL/v1/reveal")" 400
no "and not repeated in the answer" grep -q 900123 "$W/answer"

# ---- NDJSON ----
printf '%s\n' "$order" '{"buyer":"c2","phone":null}' '' "$order" >"$W/lines"
is "NDJSON is protected line by line" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/x-ndjson' \
	--data-binary @"$W/lines" "$URL/orders")" 201
{ cat "$W/lines"; echo '{"phone":'; } >"$W/broken"
is "one broken line refuses the body" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/x-ndjson' \
	--data-binary @"$W/broken" "$URL/orders")" 400
is "and names the byte" "$(jq .offset "$W/answer")" $(($(stat -c %s "$W/broken") - 1))
no "nothing in clear arrived" grep -qE '900123|Ann Example' "$W/orders.ndjson"

# ---- the answer, by reader ----
seen() { world_curl "$1" -H "Scrim-Purpose: $2" ${3:+-H "Scrim-Reason: $3"} "$URL/orders/1" >"$W/answer"; }
seen support service "delivery question"
ok "support sees masks" jq -e '.phone == "077** **0123" and (.name | startswith("A"))' "$W/answer"
seen support_lead service "delivery question"
ok "a support lead sees the value" jq -e '.phone == "07700 900123" and .name == "Ann Example"' "$W/answer"
seen marketing campaign
ok "marketing sees nothing" jq -e '.phone == null and .name == null' "$W/answer"
no "not even in the note" grep -q 90012 "$W/answer"

# ---- https upstreams ----
is "an upstream is reached over verified TLS" "$(world_curl shop -o "$W/answer" -w '%{http_code}' "$URL/away")" 401
is "one that does not verify is not" "$(world_curl shop -o "$W/answer" -w '%{http_code}' "$URL/lost")" 502
ok "and says that nothing was sent" grep -q 'upstream-connect' "$W/answer"

sleep 1.5
ok "both logs verify" logs_verified --config "$W/scrim.json"
no "no value in what the daemons said" grep -rqE '900123|Ann Example' "$W/log" "$W/run/log"
tap_done
