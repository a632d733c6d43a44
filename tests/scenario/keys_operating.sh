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
	timeout 60 "$BIN/scrim" keys "$what" --config "$W/scrim.json" "$@"
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
await 20 keys status >"$W/out" 2>&1 || bail "keyd does not start on the test disk"
no "no gateway uses a keyd that has shown no head of its log" eval 'start_scrimd; await 5 ready'
stop scrimd
first=$(printf 'c1\tAnn c1\n' | "$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" \
	--keys "$W/keys" --role shop --purpose order_processing --class name --op write seal 2>/dev/null | cut -d' ' -f3)
mkdir "$W/backup"
keys backup --json "$W/backup" >"$W/out" 2>&1
is "a backup is taken of a keyd that has not signed anything yet" "$?" 0 || sed 's/^/# /' "$W/out"
stop keyd KILL
no "it died before its first checkpoint" test -e "$W/run/keyd/log/checkpoint"
unset SCRIM_DISK
away first
keys restore --json "$W/backup" >"$W/out" 2>&1
is "its log is there all the same: a restore takes it" "$?" 0
sed 's/^/# /' "$W/out"
up
is "who came before opens" "$(fares "$first")" ok

# ---- a drill leaves a mark ----

row() { # CHECK: its result and what was seen
	timeout 60 "$BIN/scrim" doctor --config "$W/scrim.json" --json >"$W/doctor"
	jq -r --arg c "$1" '.checks[] | select(.check == $c) | "\(.result) \(.seen)"' "$W/doctor"
}
status() { keys status --json | jq -r "$1"; }
says() { keys status >"$W/status" 2>&1 && grep -q "$1" "$W/status"; }
shown() { timeout 60 "$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json | jq -c --arg a "$1" '.. | objects | select(.act? == $a)'; }
rm -rf "$W/backup"
mkdir "$W/backup"
ok "a drill that was never made is warned of" grep -q '^warn none was ever made' <(row drill)
ok "by keys status too" says 'No drill was ever made'
keys backup "$W/backup" >"$W/out" 2>&1
keys drill --json "$W/backup" >"$W/out" 2>"$W/err"
is "a drill beside keyd is remembered" "$(jq -r .remembered "$W/out")" yes
world_down
up
told() { [ "$(status .backups.drills)" = 1 ]; }
ok "keyd knows of it" await 10 told
ok "it was just now" grep -q '^ok the last was 0 days ago' <(row drill)
no "keys status complains no more" says 'drill was'
sleep 1.5
is "its log tells of it" "$(shown keys.drill | jq -r .outcome.result)" ok
world_down
python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("UPDATE drill SET at = at - 91 * 86400000"); d.commit()' "$W/run/keyd/keyd.db"
up
await 10 told
ok "after 90 days it is warned of again" grep -q '^warn the last is 91 days old' <(row drill)
ok "by keys status too" says 'The last drill was 91 days ago'
is "it is not told of twice" "$(shown keys.drill | wc -l)" 1
mv "$W/run/keyd/keyd.db" "$W/tmp/db"
keys drill --json "$W/backup" >"$W/out" 2>"$W/err"
is "a drill where no store is is good too" "$?" 0
no "and says that it is not remembered" test "$(jq -r .remembered "$W/out")" = yes
mv "$W/tmp/db" "$W/run/keyd/keyd.db"

# ---- a month's key after its time ----

months() { od -An -c -j "$((4096 * $1))" -N 4 "$W/keys/backup.keys" | tr -d ' \n'; }
is "this month's key is alive" "$(months 0)" SCB1
alive() { [ "$(status '.backup_keys | "\(.result) \(.live)"')" = "ok $1" ]; }
ok "keyd counts it" await 10 alive 1
cp "$W/keys/backup.keys" "$W/tmp/backup.keys"
age() { # as if it were of two years ago: the root is not needed to see that
	python3 - "$W/keys/backup.keys" <<-'END'
		import struct, sys
		with open(sys.argv[1], "r+b") as f:
		    f.seek(4); m = struct.unpack(">I", f.read(4))[0]
		    f.seek(4); f.write(struct.pack(">I", m - 24))
	END
}
world_down
age
start_keyd
destroyed() { [ "$(months 0)" = SCBD ]; }
ok "keyd destroys it by itself, of the file alone" await 10 destroyed
start_scrimd
await 20 ready
died=$(date -u -d "$(date -u +%Y-%m-01) -24 months" +%Y-%m)
await 10 alive 0
ok "doctor tells of it" grep -q "^ok 0 alive, destroyed last: that of $died" <(row "backup keys")
sleep 1.5
is "keyd's log tells of it once, with the month" "$(shown keys.backup-key | jq -r .outcome.why)" "destroyed, of month $died"
ok "nothing of the key is left" test "$(cmp -l "$W/tmp/backup.keys" "$W/keys/backup.keys" | wc -l)" -gt 4000
stop scrimd
stop keyd
start_keyd
sleep 3
start_scrimd
await 20 ready
is "nor is it told of again" "$(shown keys.backup-key | wc -l)" 1
ok "a drill says what became of it" refused 'destroyed by its horizon' keys drill "$W/backup"
world_down
away dead
ok "so does a restore" refused 'destroyed by its horizon, on 20' keys restore "$W/backup"
ok "and what to do" grep -q 'restore a newer one' "$W/out"
is "which leaves nothing" "$(find "$W/run/keyd" -name 'keyd.*' | wc -l)" 0
back dead
up
keys backup "$W/backup" --full >"$W/out" 2>&1
is "the next backup has a key of its own" "$? $(months 1)" "0 SCB1"

# what it may not touch it tells of, and goes on
world_down
age
chmod 644 "$W/keys/backup.keys"
up
failed() { [ "$(status .backup_keys.result)" = failed ]; }
ok "a file that others can touch is left, and told" await 10 failed
ok "in doctor's row, with what to do" grep -q '^bad .*chmod 600' <(row "backup keys")
sleep 3
is "once, not again and again" "$(grep -c keyd.backup_keys_kept "$W/log/keyd.err")" 1
is "keyd serves all the same" "$(fares "$(seal c2)")" ok
chmod 600 "$W/keys/backup.keys"
world_down
tap_done
