#!/bin/bash
# The gateway's own user, on the socket where it seals and opens, has keyd rotate keys, and destroy
# the version that everything so far was sealed under.
# weakness: any-operator-of-keys
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_routes - <<<'[]'
world_up
scrim() { "$BIN/scrim" keys "$@" --config "$W/scrim.json"; }
# the attacker's own file: it calls the gateway's socket the operators'
jq '.operator = .socket' "$W/keyd.json" >"$W/attacker.json"
ok "an operator is told of keys, by the operators' socket" jq -e '.keys | length > 0' <(scrim status --json)
attack "a rotation, asked by the gateway's socket" scrim rotate class phone --keyd-config "$W/attacker.json"
ok "an operator rotates" scrim rotate class phone
attack "a version, destroyed by the gateway's socket" scrim destroy phone a --yes --keyd-config "$W/attacker.json"
ok "the gateway is served as before" world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123"}]}' -o /dev/null "$URL/v1/seal"

# nobody else even finds the socket
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 711 "$W" "$W/run"
	no "the operators' folder is closed to others" setpriv --reuid 65534 --clear-groups test -e "$W/run/keyd/operator.sock"
fi
tap_done
