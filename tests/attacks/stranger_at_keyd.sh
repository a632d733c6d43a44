#!/bin/bash
# A process of another user on keyd's machine asks for values itself.
# weakness: any-peer
. "$(dirname "$0")/../lib/attack.sh"

if [ "$(id -u)" != 0 ] || ! setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	skip "a stranger at keyd's socket" "only root can be somebody else here"
	tap_done
	exit
fi
world_new
jq -n '[]' | world_routes -
# a second gateway's user is expected too, so the socket is open to connect to
jq '.gateways += [ .gateways[0] + { node: "other", uid: 61002 } ]' "$W/keyd.json" >"$W/two.json" && mv "$W/two.json" "$W/keyd.json"
world_up
world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal" |
	jq -r '.items[0].token' >"$W/tokens"
# what a stranger needs of the file system is theirs already
D=$(mktemp -d "${TMPDIR:-/tmp}/scrim-stranger.XXXXXX") && chmod 755 "$D"
cp "$TOOLS/hacked_gateway" "$W/policy.json" "$W/keys/support_lead.key" "$D/" && chmod 755 "$D"/*
chmod 711 "$W" "$W/run"
as() { # UID
	setpriv --reuid "$1" --clear-groups "$D/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$D/policy.json" --node other --keys "$D" \
		--role support_lead --purpose service --reason "called back" open <"$W/tokens"
}
for f in "$D/policy.json" "$W/run/keyd.sock"; do
	setpriv --reuid 61002 --clear-groups test -r "$f" && continue
	skip "a stranger at keyd's socket" "the folder of the test is closed to others"
	rm -rf "$D"
	tap_done
	exit
done
ok "the gateway's own user is answered" grep -qF "07700 900123" <(as 61002)
attack "a value, as a user who is no peer" grep -qF "07700 900123" <(as 65534 2>/dev/null)
rm -rf "$D"
tap_done
