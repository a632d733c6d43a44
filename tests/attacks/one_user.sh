#!/bin/bash
# A gateway that was taken over, where root started everything by `scrim up`: what its user reads is
# what the thief has. keyd's root key and store, which open everything together, must not be among it.
# weakness: users-not-parted
. "$(dirname "$0")/../lib/attack.sh"

if [ "$(id -u)" != 0 ] || ! setpriv --reuid 61003 --regid 61003 --clear-groups true 2>/dev/null; then
	skip "keyd's files to scrimd's user" "only root can be two others here"
	tap_done
	exit
fi
world_new
D=$W/own
mkdir -m 711 "$D" && chmod 711 "$W"
free_port
jq -n --arg at "127.0.0.1:$PORT" '{ tenant: "demo", policy: "policy.json", keyd: "unix:run/meet/keyd.sock", store: "sqlite:run/scrimd/scrim.db",
	log: "run/scrimd/log", threads: 1, listen: [ { address: $at, tls: { cert: "keys/tls.crt", key: "keys/tls.key" } } ], principals: [], routes: [] }' >"$D/scrim.json"
chmod 644 "$D/scrim.json"
"$BIN/scrim" up --config "$D/scrim.json" --demo --detach >"$W/log/up" 2>&1 || { cat "$W/log/up" "$D"/run/*.log; bail "scrim up does not start"; }

thief() { # command...: as whoever scrimd runs as
	local user
	user=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(cat "$D/run/scrimd.pid")/status")
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@" 2>/dev/null
}
takes() { [ "$(thief head -c 1 "$D/$1" | wc -c)" = 1 ]; }
ok "the thief has what is scrimd's" takes keys/tls.key
attack "keyd's root key" takes keys/keyd/root.json
attack "keyd's store" takes run/keyd/keyd.db
attack "another store in its place" thief mkdir "$D/run/keyd.mine"
attack "keyd's memory" eval 'thief head -c 1 "/proc/$(cat "$D/run/scrim-keyd.pid")/maps" | grep -q .'
"$BIN/scrim" down --config "$D/scrim.json" >/dev/null 2>&1
tap_done
