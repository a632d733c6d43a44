# vendor.sh - plays somebody who rents out numbers: webhooks signed by openssl.
# Source it after world.sh.
#
#	vendor_world			keys, and the phone section with vendors acme and sw, in WORLD_PHONE
#	vendor_send PATH FIELD=VALUE...	POST it as acme; its answer to $W/twiml, its status printed
#	VENDOR=sw vendor_send ...	as the other one
#	vendor_call SID FROM TO [FIELD=VALUE...]	the fields of an inbound call, into FIELDS
#	vendor_bind ORDER NUMBER [POOL] [B]	bind; X and EXT (or DIGITS, of the one bound last) are set
#	vendor_sign KEY URL FIELD=VALUE...	the signature
#	VENDOR_BASE, VENDOR_KEY, VENDOR_HEADERS (curl arguments), VENDOR_SIGNATURE	instead of the usual

ACCOUNT=AC$(printf 'a%.0s' {1..32})
PROJECT=aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa
TWIML=/v1/telephony/twiml
VENDOR_HEADERS=()

vendor_world() {
	printf '%s\n' "0123456789abcdef0123456789abcdef" >"$W/keys/acme.token"
	printf '%s\n' "fedcba9876543210fedcba9876543210" >"$W/keys/acme2.token"
	printf '%s\n' "PSK_sw0123456789abcdef" >"$W/keys/sw.token"
	chmod 600 "$W"/keys/*.token
	WORLD_PHONE=$(jq -n --arg base "$PLAIN" --arg account "$ACCOUNT" --arg project "$PROJECT" '{ home: "44",
		pools: [
			{ name: "labels", mode: "AXE", dial: ["44"], sms_digits: "redact", max_call: "30m", numbers: [ { number: "+441632960001" }, { number: "+441632960002" } ] },
			{ name: "pairs", mode: "AXB", dial: ["44"], numbers: [ { number: "+441632960010" } ] },
			{ name: "theirs", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960020" } ] } ],
		vendors: [
			{ name: "acme", kind: "twilio", account: $account, base: $base, pools: ["labels", "pairs"],
			  keys: [ { file: "keys/acme.token" }, { file: "keys/acme2.token" } ] },
			{ name: "sw", kind: "signalwire", account: $project, base: $base, pools: ["theirs"], language: "zh-CN",
			  retries: true, keys: [ { file: "keys/sw.token" } ] } ] }')
}

vendor_sign() { # KEY URL FIELD=VALUE...
	local key=$1 url=$2
	shift 2
	{
		printf %s "$url"
		[ $# = 0 ] || printf '%s\n' "$@" | LC_ALL=C sort -s -t= -k1,1 | sed 's/=//' | tr -d '\n'
	} | openssl dgst -sha1 -mac HMAC -macopt "key:$key" -binary | base64
}

vendor_send() { # PATH FIELD=VALUE...
	local path=$TWIML/${VENDOR:-acme}/$1 out=${VENDOR_OUT:-$W/twiml} data=() f key header=X-Twilio-Signature
	shift
	[ "${VENDOR:-acme}" != sw ] || header=X-SignalWire-Signature
	key=${VENDOR_KEY:-$(cat "$W/keys/${VENDOR:-acme}.token")}
	for f in "$@"; do data+=(--data-urlencode "$f"); done
	[ $# != 0 ] || data=(--data '')
	curl -s --max-time 20 -o "$out" -w '%{http_code}' -H 'I-Twilio-Idempotency-Token: 1' \
		-H "$header: ${VENDOR_SIGNATURE-$(vendor_sign "$key" "${VENDOR_BASE:-$PLAIN}$path" "$@")}" \
		"${VENDOR_HEADERS[@]}" "${data[@]}" "$PLAIN$path"
}

vendor_call() { # SID FROM TO [FIELD=VALUE...]
	local sid=$1 from=$2 to=$3 account=$ACCOUNT
	shift 3
	[ "${VENDOR:-acme}" != sw ] || account=$PROJECT
	FIELDS=("AccountSid=$account" ApiVersion=2010-04-01 "CallSid=$sid" "CallStatus=${CALL_STATUS:-ringing}"
		"Called=$to" CalledCity= "Caller=$from" "CallToken=%7B%22parentCallInfoToken%22%3A%22$(printf %s "$from$to" | base64 -w0)%22%7D"
		Direction=inbound "From=$from" FromCity=LONDON "To=$to" "$@")
}

# The path of the Gather action, of the Dial action, of the Number's events, in the last answer.
vendor_action() { sed -nE "s|.* action=\"[^\"]*$TWIML/[a-z]*/([^\"]*)\".*|\1|p" "${1:-$W/twiml}"; }
vendor_events() { sed -nE "s|.* statusCallback=\"[^\"]*$TWIML/[a-z]*/([^\"]*)\".*|\1|p" "${1:-$W/twiml}"; }
vendor_dialled() { sed -nE 's|.*<Number[^>]*>([^<]*)</Number>.*|\1|p' "${1:-$W/twiml}"; }
# The answer with tokens masked.
vendor_masked() { sed -E 's|/[0-9a-f]{32}"|/TOKEN"|g' "${1:-$W/twiml}"; }

sid() { printf 'CA%032x' "$1"; }
uuid() { printf '00000000-0000-0000-0000-%012x' "$1"; }

vendor_bind() { # ORDER NUMBER [POOL] [B]
	world_curl order_system -o "$W/bound" -H 'Content-Type: application/json' -H 'Scrim-Purpose: order_processing' \
		-d "$(jq -n --arg o "$1" --arg a "$2" --arg p "${3:-labels}" --arg b "${4:-}" \
			'{ items: [ { pool: $p, order_ref: $o, a: $a } + if $b == "" then {} else { b: $b } end ] }')" "$PLAIN/v1/bindings"
	X=$(jq -r '.items[0].x' "$W/bound") EXT=$(jq -r '.items[0].ext // ""' "$W/bound") BOUND=$(jq -r '.items[0].id' "$W/bound")
}

vendor_end() { # ORDER
	world_curl order_system -o "$W/ended" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -X DELETE "$PLAIN/v1/bindings?order_ref=$1"
}

# Ask for the extension and type DIGITS; the answer to that is in $W/twiml.
vendor_type() { # SID FROM TO DIGITS
	local path
	vendor_call "$1" "$2" "$3"
	vendor_send voice "${FIELDS[@]}" >/dev/null
	path=$(vendor_action)
	CALL_STATUS=in-progress vendor_call "$1" "$2" "$3" "Digits=$4"
	vendor_send "$path" "${FIELDS[@]}"
}
