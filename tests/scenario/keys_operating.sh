#!/bin/bash
# Operating keys when things go wrong: killed in the middle, disks that are full, the wrong
# user, files that are half there. Each ends in words that say what to do, and loses nothing.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
J='Content-Type: application/json'
keyd() { timeout 60 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo "$@"; }
keys() { # COMMAND args...
	local what=$1
	shift
	timeout 60 "$BIN/scrim" keys "$what" --config "$W/scrim.json" --demo "$@"
}
seal() { # SUBJECT: prints its token
	world_curl shop -H "$J" -d "{\"items\":[{\"class\":\"name\",\"value\":\"Ann $1\",\"subject\":\"$1\"}]}" "$URL/v1/seal" |
		jq -r '.items[0].token'
}
fares() { # TOKEN: ok, gone, unknown ...
	world_curl support -H "$J" -H 'Scrim-Purpose: service' -d "{\"items\":[{\"token\":\"$1\"}]}" "$URL/v1/reveal" | jq -r '.items[0].status'
}
up() { start_keyd && start_scrimd && await 20 ready; }
away() { mkdir -p "$W/$1" && mv "$W"/run/keyd/keyd.* "$W/$1/"; } # FOLDER
back() { rm -f "$W"/run/keyd/keyd.*; cp -a "$W/$1"/keyd.* "$W/run/keyd/"; }
refused() { # WORDS command...
	local words=$1
	shift
	"$@" >"$W/out" 2>&1 && { sed 's/^/# /' "$W/out"; return 1; }
	grep -qi -- "$words" "$W/out" || { sed 's/^/# /' "$W/out"; return 1; }
}

# ---- killed before the log's first checkpoint ----

keyd_init || bail "keyd could not be initialised"
export SCRIM_DISK=$W/disk
"$TOOLS/disk" new "$SCRIM_DISK" || bail "no test disk"
"$TOOLS/disk" block "$SCRIM_DISK" 'keyd/log/checkpoint*' || bail "the test disk does not block"
ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$TOOLS/testdisk.so SCRIM_DISK_ROOT=$W/run start_keyd
start_scrimd
await 20 ready || bail "keyd does not start on the test disk"
first=$(seal c1)
mkdir "$W/backup"
keys backup --json "$W/backup" >"$W/out" 2>&1
is "a backup is taken of a keyd that has not signed anything yet" "$?" 0 || sed 's/^/# /' "$W/out"
stop scrimd
stop keyd KILL
no "it died before its first checkpoint" test -e "$W/run/keyd/log/checkpoint"
unset SCRIM_DISK
away first
keys restore --json "$W/backup" >"$W/out" 2>&1
is "its log is there all the same: a restore takes it" "$?" 0
sed 's/^/# /' "$W/out"
up
is "who came before opens" "$(fares "$first")" ok
world_down
tap_done
