#!/bin/bash
# Whoever reads an upstream's log, or is the upstream, waits for callers who send a key of Scrim's
# along by mistake: their own a second time, or a colleague's, in a field, a cookie or an address.
# weakness: key-upstream
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg up "http://127.0.0.1:$PEER_PORT" \
	'[ { name: "all", match: { path: "/*" }, upstream: $up, purpose: "order_processing" } ]' | world_routes -
start_peer echo echo "$PEER_PORT" --heads "$W/heads"
world_up
own=$(cat "$W/keys/shop.key")
other=$(cat "$W/keys/privacy_officer.key")

sent() { # curl's arguments: what the upstream got of it holds a key
	: >"$W/heads"
	curl -s --max-time 10 -o "$W/answer" "$@" || return 1
	grep -qF -e "$own" -e "$other" "$W/heads" "$W/answer"
}
by_key=(-H "Scrim-Key: $own")
attack "a colleague's key beside one's own" sent "${by_key[@]}" -H "Authorization: Bearer $other" "$PLAIN/x"
attack "one's own a second time" sent "${by_key[@]}" -H "Authorization: Bearer $own" "$PLAIN/x"
attack "in a field of another name" sent "${by_key[@]}" -H "X-Api-Key: $other" "$PLAIN/x"
attack "in a cookie" sent "${by_key[@]}" -b "theme=dark; key=$other" "$PLAIN/x"
attack "in a query" sent -H "Authorization: Bearer $own" "$PLAIN/x?a=b&key=$own"
attack "in a path" sent "${by_key[@]}" "$PLAIN/of/$other/x"
no "the field that counts never goes on" sent "${by_key[@]}" "$PLAIN/x"
no "nor Authorization where it counts" sent -H "Authorization: Bearer $own" "$PLAIN/x"
no "nor Scrim-Key in the spelling of CGI" sent "${by_key[@]}" -H "Scrim_Key: x$own" "$PLAIN/x"
no "nor twice" sent "${by_key[@]}" "${by_key[@]}" "$PLAIN/x"

# what is the upstream's own goes there as it is
: >"$W/heads"
curl -s -o "$W/answer" "${by_key[@]}" -H "Authorization: Bearer of-the-upstream" -b a=b "$PLAIN/x?key=of-the-upstream"
ok "a foreign Authorization passes as it is" grep -qF "Authorization: Bearer of-the-upstream" "$W/heads"
ok "and says so once" test "$(grep -c . "$W/heads")" = 1
no "no log holds a key" grep -rqF -e "$own" -e "$other" "$W/run" "$W/log"
is "a second field is told" "$(curl -s "${by_key[@]}" "${by_key[@]}" "$PLAIN/x" | jq -r '"\(.status) \(.type)"')" \
	"400 urn:scrim:problem:credential-repeated"
no "which quotes none" grep -qF "$other" "$W/answer"
tap_done
