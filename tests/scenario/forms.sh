#!/bin/bash
# Forms as real systems post them, sealed on their way to the upstream and restored on their
# way back: what no rule names stays to the byte, and what two readers would read differently
# goes no further.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def rules($do): [ { at: "$..phone", class: "phone", do: $do }, { at: "$.To", class: "phone", do: $do },
		{ at: "$.shipping.name", class: "name", do: $do }, { at: "$.shipping.address.line1", class: "address", do: $do },
		{ at: "$.receivers[*].name", class: "name", do: $do }, { at: "$.buyer_nick", class: "name", do: $do },
		{ at: "$.msgData", do: "scan" }, { at: "$.Body", do: "scan" } ];
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/form" }, subject: "$.buyer.id", request: rules("seal") },
	  $r + { name: "back", match: { path: "/back" }, purpose: "delivery", response: rules("policy") } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply" --heads "$W/heads"
world_up
F='Content-Type: application/x-www-form-urlencoded'

posted() { # BODY [curl args]: the status; what the upstream has of it in $W/stored
	local body=$1
	shift
	rm -f "$W/reply" "$W/answer"
	: >"$W/heads"
	printf %s "$body" | world_curl order_system -o "$W/answer" -w '%{http_code}' -H "$F" "$@" --data-binary @- "$URL/form"
	sed 's/.*\t//' "$W/heads" | tr -d '\n' >"$W/stored"
}
back() { # what was stored, as a form, read through the gateway
	{ printf 'HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n' "$F" "$(stat -c %s "$W/stored")"; cat "$W/stored"; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
	world_curl order_system "$URL/back"
}
T='sct1-[A-Za-z0-9_-]+'
goes() { # WHAT BODY STORED: a body of it, and the pattern of what is stored
	is "$1: taken" "$(posted "$2")" 201
	ok "$1: sealed, the rest to the byte" grep -qxE "$3" "$W/stored"
	is "$1: restored" "$(back)" "${4:-$2}"
}

goes "a plain form" 'buyer[id]=b-1&phone=07700+900123&x=%7e+~%20*&empty=&flag' \
	"buyer\[id\]=b-1&phone=$T&x=%7e\+~%20\*&empty=&flag"
# SF Express: the order as JSON in a field, signed beside it
goes "JSON in a field" 'partnerID=P1&requestID=4f&serviceCode=EXP_RECE_CREATE_ORDER&timestamp=1700000000&msgDigest=a%2Bb%3D%3D&msgData=%7B%22contact%22%3A%22Ann%22%2C%22tel%22%3A%2207700+900123%22%7D' \
	"partnerID=P1&requestID=4f&serviceCode=EXP_RECE_CREATE_ORDER&timestamp=1700000000&msgDigest=a%2Bb%3D%3D&msgData=%7B%22contact%22%3A%22Ann%22%2C%22tel%22%3A%22$T%22%7D"
# Taobao TOP: flat, in Chinese
goes "a flat call" 'method=taobao.trade.fullinfo.get&app_key=1&v=2.0&buyer_nick=%E7%A4%BA%E4%BE%8B&sign=ABC' \
	"method=taobao\.trade\.fullinfo\.get&app_key=1&v=2\.0&buyer_nick=$T&sign=ABC"
# Stripe: brackets, as they are and encoded
goes "nested by brackets" 'shipping[name]=Ann+Example&shipping[address][line1]=1+High+Street&shipping[phone]=07700900123&metadata[k]=v' \
	"shipping\[name\]=$T&shipping\[address\]\[line1\]=$T&shipping\[phone\]=$T&metadata\[k\]=v"
goes "the same, encoded" 'shipping%5Bname%5D=Ann+Example&receivers%5B0%5D%5Bname%5D=Bob&receivers%5B%5D%5Bname%5D=Eve' \
	"shipping%5Bname%5D=$T&receivers%5B0%5D%5Bname%5D=$T&receivers%5B%5D%5Bname%5D=$T"
# Twilio
goes "a message" 'To=%2B447700900123&From=%2B15550100&Body=call+07700+900123+now' \
	"To=$T&From=%2B15550100&Body=call\+$T\+now"
# a value comes back as browsers write it
goes "written otherwise" 'phone=07700%20900123&phone=%30%37700900124&note=%7e' "phone=$T&phone=$T&note=%7e" \
	'phone=07700+900123&phone=07700900124&note=%7e'
goes "names that readers change" 'buyer.nick=Ann&+phone=07700900125&ph%6fne=07700900126' "buyer\.nick=$T&\+phone=$T&ph%6fne=$T"

is "an object's token is restored in JSON, too" "$(posted 'phone=07700+900123'
	jq -Rc '{ phone: (. / "=")[1] }' "$W/stored" >"$W/json"
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$W/json")"; cat "$W/json"; } >"$W/reply"
	world_curl order_system "$URL/back")" '201{"phone":"07700 900123"}'
is "nothing is nothing" "$(posted '')" 201

refused() { # WHAT BODY OFFSET [curl args]
	local what=$1 body=$2 offset=$3
	shift 3
	is "$what" "$(posted "$body" "$@")" 400
	is "$what: where" "$(jq -c '[.type, .offset]' "$W/answer")" "[\"urn:scrim:problem:malformed-form\",$offset]"
	no "$what: what stood there is not said" grep -q 0770 "$W/answer"
	is "$what: goes no further" "$(stat -c %s "$W/heads")" 0
}
refused "a semicolon" 'a=1;phone=07700900123' 3
refused "a bad percent" 'phone=07700900123%2' 17
refused "a NUL in a name" 'phone%00=07700900123' 5
refused "another charset, in the form" 'phone=07700900123&_charset_=GBK' 28
refused "JSON that says it is a form" '{"phone":"07700900123"}' 0
refused "brackets that do not close" 'phone[=07700900123' 0
is "another charset, in the field" "$(posted 'phone=1' -H 'Content-Type: application/x-www-form-urlencoded; charset=gbk')" 415
is "another shape than the rules describe" "$(posted 'shipping=07700900123')$(jq -r .type "$W/answer")" 422urn:scrim:problem:unmatched-shape
is "what nearly is a form" "$(posted 'phone=1' -H 'Content-Type: application/www-form-urlencoded')" 415
printf 'phone=%%zz' >"$W/stored"
ok "an answer that is none is withheld" eval 'back | jq -e ".type == \"urn:scrim:problem:body-withheld\" and .offset == 6" >/dev/null'
no "no value stands in what the gateway wrote" grep -rqE '900123|High.Street' "$W/log" "$W/run"
tap_done
