#!/bin/bash
# Whoever wants values of a version of a class's key that was destroyed, with a certificate, has a
# backup from before restored: the version was still the one that seals then.
# weakness: destroyed-returns
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_routes - <<<'[]'
world_up
J='Content-Type: application/json'
scrim() { "$BIN/scrim" keys "$@" --config "$W/scrim.json"; }
sealed() { # its token
	world_curl shop -H "$J" -d "{\"items\":[{\"class\":\"name\",\"value\":\"Ann\"$1}]}" "$URL/v1/seal" | jq -r '.items[0].token'
}
fares() { # TOKEN
	world_curl support -H "$J" -H 'Scrim-Purpose: service' -d "{\"items\":[{\"token\":\"$1\"}]}" "$URL/v1/reveal" |
		jq -r '.items[0].status'
}
OLD=$(sealed '')
PERSON=$(sealed ',"subject":"ann"')
mkdir "$W/backup"
scrim backup "$W/backup" --demo >"$W/out" 2>&1
scrim rotate class name >"$W/out"
ok "the version is destroyed" scrim destroy name a --yes --out "$W/certificate"
is "what it sealed is gone" "$(fares "$OLD")" gone

world_down
mkdir "$W/old"
mv "$W"/run/keyd/keyd.* "$W/old/"
scrim restore "$W/backup" --demo --json >"$W/restored" 2>"$W/log/restore"
is "a backup from before is restored" "$?" 0
start_keyd
start_scrimd
await 20 ready
opens() { [ "$(fares "$OLD")" = ok ]; }
attack "what the destroyed version sealed" opens
is "what was sealed for a person opens" "$(fares "$PERSON")" ok
is "and what is sealed now" "$(fares "$(sealed '')")" ok
if [ "${VARIANT:-release}" != weak ]; then
	is "the restore tells of it" "$(jq '.["keys destroyed"]' "$W/restored")" 1
	scrim status >"$W/out"
	ok "as does the status" grep -Eq '^class +name +a +destroyed' "$W/out"
	stop keyd
	start_keyd
	ok "keyd starts again" await 20 ready
	is "and it is gone for good" "$(fares "$OLD")" gone
fi
tap_done
