#!/bin/bash
# Whoever has read a caller's handle uses it on a connection of their own.
# weakness: session-anywhere
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up
world_curl shop -d '{"items":[{"class":"address","value":"1 Example Street","subject":"c1"}]}' "$URL/v1/seal" |
	jq -r '.items[0].token' >"$W/tokens"
asks() { # WHERE
	"$TOOLS/session_elsewhere" "$W/run/keyd.sock" "$W/policy.json" "$W/keys/order_system.key" order_system-1 \
		order_system delivery "$1" <"$W/tokens"
}
opened() { asks "$1" | grep -q '^ok 1 Example Street'; }
ok "where the key was proved, its handle opens" opened here
attack "on another connection" opened elsewhere
[ "${VARIANT:-release}" = weak ] || is "there it is to be proved anew" "$(asks elsewhere)" "refused: SC_STALE"
tap_done
