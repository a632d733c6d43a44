#!/bin/bash
# Forms in parts, as browsers and curl post them: sealed on their way to the upstream, restored on
# their way back, a photograph beside them untouched; what two readers would cut differently goes
# no further.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def rules($do): [ { at: "$..phone", class: "phone", do: $do }, { at: "$.receivers[*].name", class: "name", do: $do },
		{ at: "$.remark", do: "scan" } ];
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/form" }, subject: "$.buyer.id", request: rules("seal") },
	  $r + { name: "back", match: { path: "/back" }, purpose: "delivery", response: (rules("policy") + [ { at: "$.x7", class: "phone", do: "policy" } ]) } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply"
world_up
TYPE='multipart/form-data; boundary=AaB03x'
T='sct1-[A-Za-z0-9_-]+'

part() { # HEAD-BEHIND-THE-NAME-FIELD [more lines of the head], the content from stdin
	printf -- '--AaB03x\r\nContent-Disposition: form-data; %s\r\n' "$1"
	shift
	[ $# = 0 ] || printf '%s\r\n' "$@"
	printf '\r\n'
	cat
	printf '\r\n'
}
end() { printf -- '--AaB03x--\r\n'; }
posted() { # FILE [curl args]: the status
	local file=$1
	shift
	rm -f "$W/reply" "$W/answer"
	: >"$W/orders.ndjson"
	world_curl order_system -o "$W/answer" -w '%{http_code}' -H "Content-Type: $TYPE" "$@" --data-binary @"$file" "$URL/form"
}
back() { # FILE: as an answer of the upstream, read through the gateway
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' "$TYPE" "$(stat -c %s "$1")"; cat "$1"; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
	world_curl order_system "$URL/back"
}
# what the peer keeps has blanks for its line ends
kept() { head -c -1 "$W/orders.ndjson"; }
one_line() { tr '\r\n' '  ' <"$1"; }

head -c 3000 /dev/urandom >"$W/photo"
photo() { part 'name="photo"; filename="me.png"' 'Content-Type: image/png' <"$W/photo"; }
{
	printf b-1 | part 'name="buyer[id]"'
	printf '07700 900123' | part 'name="phone"' 'Content-Type: text/plain; charset=UTF-8'
	photo
	printf '{"to": {"phone":"07700\\u0020900124"}, "n":1.10}' | part 'name="order"' 'Content-Type: application/json'
	printf 'Ann Example' | part 'name="receivers[0][name]"'
	printf 'first line\r\ncall 07700 900125, please\r\n' | part 'name="remark"'
	printf '+44 7700 900126' | part 'name="x7"'
	printf '' | part 'name="empty"'
	end
} >"$W/sent"
is "a form in parts is taken" "$(posted "$W/sent")" 201
is "five values are sealed, one of them undeclared" "$(kept | grep -aoE "$T" | wc -l)" 5
mapfile -t tokens < <(kept | grep -aoE "$T")
LC_ALL=C sed "s/07700 900123/${tokens[0]}/; s/07700\\\\u0020900124/${tokens[1]}/; s/Ann Example/${tokens[2]}/
	s/07700 900125/${tokens[3]}/; s/+44 7700 900126/${tokens[4]}/" "$W/sent" >"$W/sealed"
ok "the rest to the byte, a photograph too" cmp <(kept) <(one_line "$W/sealed")
no "no value is left" grep -aqE '9001|Ann' "$W/orders.ndjson"
back "$W/sealed" >"$W/restored"
LC_ALL=C sed 's/07700\\u0020900124/07700 900124/' "$W/sent" >"$W/want"
ok "and restored, line ends and photograph as they were" cmp "$W/restored" "$W/want"

for value in - -- 'x
-'; do
	{ printf '%s' "$value" | part 'name="receivers[0][name]"'; end; } >"$W/sent"
	posted "$W/sent" >/dev/null
	{ kept | grep -aoE "$T" | tr -d '\n' | part 'name="receivers[0][name]"'; end; } >"$W/sealed"
	back "$W/sealed" >"$W/restored"
	ok "a value that only begins like a boundary comes back" cmp "$W/restored" "$W/sent"
done

is "as curl posts it" "$(rm -f "$W/reply"; : >"$W/orders.ndjson"
	world_curl order_system -o "$W/answer" -w '%{http_code}' -F 'phone=07700900123' -F "photo=@$W/photo;type=image/png" -F 'order={"phone":"07700900124","x7":"07700900125"};type=application/json' "$URL/form")" 201
is "is sealed too, what is undeclared in JSON with it" "$(kept | grep -aoE "$T" | wc -l)$(grep -acE '90012[345]' "$W/orders.ndjson")" 30
end >"$W/none"
is "a form without a field passes" "$(posted "$W/none")" 201
printf 1 | part 'name="a"' >"$W/gz.plain"
end >>"$W/gz.plain"
gzip -nc "$W/gz.plain" >"$W/gz"
is "packed by gzip, too" "$(posted "$W/gz" -H 'Content-Encoding: gzip')" 201

refused() { # WHAT, the body from stdin
	local what=$1
	cat >"$W/bad"
	is "$what" "$(posted "$W/bad")$(jq -r .type "$W/answer")" 400urn:scrim:problem:malformed-multipart
	no "$what: what stood there is not said" grep -q 0770 "$W/answer"
	is "$what: goes no further" "$(stat -c %s "$W/orders.ndjson")" 0
}
value() { printf 07700900123; }
refused "no end" < <(value | part 'name="phone"')
refused "something behind the end" < <(value | part 'name="phone"'; end; value)
refused "something before the first" < <(printf 'x\r\n'; value | part 'name="phone"'; end)
refused "a boundary behind a bare LF" < <(printf '1\n--AaB03x\nContent-Disposition: form-data; name="phone"\n\n07700900123' | part 'name="a"'; end)
TYPE="multipart/form-data; boundary=other" refused "another boundary than the type's" < <(value | part 'name="phone"'; end)
TYPE=multipart/form-data refused "no boundary in the type" < <(value | part 'name="phone"'; end)
refused "a name twice" < <(value | part 'name="a"; name="phone"'; end)
refused "a name in another way" < <(value | part "name=\"a\"; name*=utf-8''phone"; end)
refused "a backslash in a name" < <(value | part 'name="a\"; name=phone"'; end)
refused "a folded head" < <(value | part 'name="a"' ' ; name="phone"'; end)
refused "base64" < <(value | base64 | part 'name="phone"' 'Content-Transfer-Encoding: base64'; end)
refused "another charset" < <(value | part 'name="phone"' 'Content-Type: text/plain; charset=gbk'; end)
refused "parts in a part" < <(value | part 'name="phone"' 'Content-Type: multipart/mixed; boundary=b'; end)
refused "broken JSON" < <(printf '{"phone":"07700900123"' | part 'name="order"' 'Content-Type: application/json'; end)
refused "a file where a rule goes" < <(value | part 'name="phone"; filename="x"'; end)
refused "a file where the person is to be named" < <(value | part 'name="phone"'; printf b-1 | part 'name="buyer[id]"; filename="x"'; end)
# who may name a boundary may have sealed what divides there
printf 'Ann\r\n--AaB03x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' | part 'name="receivers[0][name]"' | sed '1s/AaB03x/zz/' >"$W/bent"
printf -- '--zz--\r\n' >>"$W/bent"
is "a value that would divide another body is sealed" "$(TYPE='multipart/form-data; boundary=zz' posted "$W/bent")" 201
kept | grep -aoE "$T" | tr -d '\n' | part 'name="receivers[0][name]"' >"$W/bad"
end >>"$W/bad"
{ printf '' | part 'name="receivers[0][name]"'; end; } >"$W/want"
ok "and never written there: nothing is" cmp <(back "$W/bad") "$W/want"
is "another shape than the rules describe" "$(value | part 'name="receivers"' >"$W/bad"; end >>"$W/bad"; posted "$W/bad")$(jq -r .type "$W/answer")" 422urn:scrim:problem:unmatched-shape
is "parts that are no form's" "$(TYPE="multipart/mixed; boundary=AaB03x" posted "$W/sent")" 415
value | part 'name="phone"' >"$W/bad"
is "an answer that is none is withheld" "$(back "$W/bad" | jq -r .type)" urn:scrim:problem:body-withheld
is "and one with another boundary" "$(TYPE='multipart/form-data; boundary=b' back "$W/sealed" | jq -cr '[.type, .offset]')" '["urn:scrim:problem:body-withheld",0]'
no "no value stands in what the gateway wrote" grep -rqE '90012[345]|Ann Example' "$W/log" "$W/run"
tap_done
