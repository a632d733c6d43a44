# phone.sh - a world with virtual numbers and a telephony peer, who comes by a Unix
# socket or with a client certificate. Source it instead of world.sh.
#
#	phone_world [JQ-FILTER...]	world_new, a configuration (each filter changes it), keys
#	bind POOL ORDER A [MEMBERS]	POST /v1/bindings; the item's JSON to $W/bound
#	ask X CALLER CALL [MEMBERS]	POST /v1/route by the socket; the answer to $W/answer, status printed
#	text X FROM MESSAGE BODY [MEMBERS]	POST /v1/sms
#	event TYPE CALL [MEMBERS]	POST /v1/call-events, signed
#	said FILTER			what of $W/answer
. "$(dirname "${BASH_SOURCE[0]}")/world.sh"

# Fictitious, all of them: callers, people, and X.
COURIER=+447700900101 COURIER2=+447700900102 STRANGER=+447700900103 BUYER=+447700900111 BUYER2=+447700900112
X=+441632960001 XB=+441632960101 XN=+441632960201

phone_certificates() {
	local ca=(-CA "$W/keys/ca.crt" -CAkey "$W/keys/ca.key" -CAcreateserial) name
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-keyout "$W/keys/ca.key" -out "$W/keys/ca.crt" -subj /CN=ca 2>/dev/null || bail "no authority"
	for name in switch other; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/keys/$name.key" \
			-out "$W/tmp/$name.csr" -subj "/CN=$name" 2>/dev/null
		openssl x509 -req -in "$W/tmp/$name.csr" "${ca[@]}" -days 30 -out "$W/keys/$name.crt" 2>/dev/null ||
			bail "no certificate"
	done
}

spki_of() { # NAME
	openssl x509 -in "$W/keys/$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1
}

phone_world() {
	world_new
	phone_certificates
	printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"$W/keys/events.secret"
	echo '[]' | world_routes -
	local filter
	jq --arg switch "$(spki_of switch)" --arg other "$(spki_of other)" '
		.listen[0].tls.client_ca = "keys/ca.crt" |
		.listen += [{ address: "unix:run/telephony.sock", principal: "pbx" }] |
		.principals += [ { name: "pbx", role: "telephony", socket: true },
			{ name: "switch", role: "telephony", cert_spki_sha256: $switch },
			{ name: "carrier-cert", role: "carrier", cert_spki_sha256: $other } ] |
		.phone = { home: "44", event_secret: "keys/events.secret", pools: [
			{ name: "label", mode: "AXE", dial: ["44"], max_parallel: 2, numbers: [{ number: "+441632960001" }] },
			{ name: "pair", mode: "AXB", dial: ["44"], numbers: [{ number: "+441632960101", count: 2 }] },
			{ name: "vip", mode: "AXN", dial: ["44"], numbers: [{ number: "+441632960201", count: 2 }] },
			{ name: "held", mode: "AXN", dial: ["44"], sms_digits: "hold", numbers: [{ number: "+441632960301" }] },
			{ name: "strict", mode: "AXN", dial: ["44"], sms_digits: "discard", numbers: [{ number: "+441632960302" }] } ] }' \
		"$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json" || bail "no configuration"
	for filter; do
		jq "$filter" "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json" || bail "no configuration"
	done
}

JSON='Content-Type: application/json'

bind() { # POOL ORDER A [MEMBERS]
	jq -n --arg pool "$1" --arg order "$2" --arg a "$3" --argjson more "${4:-{\}}" \
		'{ pool: $pool, order_ref: $order, a: $a } + $more' |
		world_curl order_system -o "$W/bound" -w '%{http_code}' -H "$JSON" -H 'Scrim-Purpose: delivery' \
			--data-binary @- "$PLAIN/v1/bindings" >"$W/bound.status"
	grep -q '^20' "$W/bound.status" || { cat "$W/bound.status" "$W/bound" >&2; return 1; }
}
bound_ext() { jq -r .ext "$W/bound"; }
bound_id() { jq -r .id "$W/bound"; }
end_binding() { # ID
	world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: delivery' -X DELETE "$PLAIN/v1/bindings/$1"
}

pbx() { # PATH curl-args...
	local path=$1
	shift
	curl -s --max-time 20 --unix-socket "$W/run/telephony.sock" -o "$W/answer" -w '%{http_code}' -H "$JSON" \
		--data-binary @- "$@" "http://pbx$path"
}

route_body() { # X CALLER CALL [MEMBERS]
	jq -n --arg x "$1" --arg caller "$2" --arg call "$3" --argjson more "${4:-{\}}" \
		'{ x: $x, caller: $caller, kind: "INVITE", call: $call } + $more'
}
ask() { route_body "$@" | pbx /v1/route; }
said() { jq -rc "$1" "$W/answer"; }
# What a call is answered: "404 nobody"; with a number, that as well.
answer() { ask "$@" >"$W/status"; said '"\(.sip) \(.answer)\(if .to then " " + .to else "" end)"'; }

text() { # X FROM MESSAGE BODY [MEMBERS]
	jq -n --arg x "$1" --arg from "$2" --arg message "$3" --arg body "$4" --argjson more "${5:-{\}}" \
		'{ x: $x, from: $from, message: $message, body: $body } + $more' | pbx /v1/sms
}
texted() { text "$@" >"$W/status"; said '"\(.action)\(if .to then " \(.to) \(.from) \(.body)" else "" end)"'; }

# A Standard Webhook's signature of standard input.
signature() { # ID TIMESTAMP
	local key
	key=$(sed 's/^whsec_//' "$W/keys/events.secret" | base64 -d | od -An -tx1 -v | tr -d ' \n')
	printf 'v1,%s' "$({ printf '%s.%s.' "$1" "$2"; cat; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)"
}
event() { # TYPE CALL [MEMBERS]
	local at
	at=$(date +%s)
	jq -nc --arg type "$1" --arg call "$2" --argjson more "${3:-{\}}" '{ type: $type, call: $call } + $more' >"$W/event"
	EVENT_ID=msg_$RANDOM$RANDOM
	pbx /v1/call-events -H "webhook-id: $EVENT_ID" -H "webhook-timestamp: $at" \
		-H "webhook-signature: $(signature "$EVENT_ID" "$at" <"$W/event")" <"$W/event"
}
