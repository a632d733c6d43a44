#!/bin/bash
# scrim keys check beside a keyd that runs and without one: each damage planted is told in
# its own part, with what to do, and an exit code; and scrim keys dormant counts.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${SCRIM_BIN:-$ROOT/build/${VARIANT:-release}/bin}
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/procs.sh"
command -v jq >/dev/null || { skip "the check" "jq is missing"; tap_done; exit; }
python3 -c 'import sqlite3' 2>/dev/null || { skip "the check" "python3's sqlite3 is missing"; tap_done; exit; }

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-check.XXXXXX") || bail "no temporary folder"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	stop_all
	[ -n "${KEEP_WORLD:-}" ] || rm -rf "$W"
}
trap end EXIT
trap 'exit 130' INT TERM
export SCRIM_CONFIG=$W/scrim.json
scrim() { "$BIN/scrim" "$@" 2>>"$W/err"; }

free_port
cat >"$W/scrim.json" <<-END
	{ "tenant": "demo", "policy": "policy.json", "keyd": "unix:run/keyd.sock",
	  "store": "sqlite:run/scrim.db", "log": "run/log", "threads": 1,
	  "listen": [{ "address": "127.0.0.1:$PORT", "tls": { "cert": "keys/tls.crt", "key": "keys/tls.key" } }],
	  "principals": [],
	  "routes": [{ "name": "orders", "match": { "path": "/orders" }, "upstream": "http://127.0.0.1:9",
	    "purpose": "order_processing", "subject": "$.buyer",
	    "request": [{ "at": "$.phone", "class": "phone", "do": "seal" }] }] }
END
scrim up --demo --detach --one-user >"$W/up" || { cat "$W/err" "$W/run/"*.log; bail "scrim up does not start"; }
OMS="--key $W/keys/order_system.key --purpose order_processing"
for c in 1 2 3 4 5; do
	# shellcheck disable=SC2086
	scrim seal $OMS --class phone --subject "c$c" "0770090012$c" >/dev/null
done
check() { # WANTED: the exit code
	scrim keys check --demo --json >"$W/said"
	[ $? = "$1" ]
}
part() { jq -r --arg p "$1" '.parts[] | select(.part == $p) | .result' "$W/said"; }
ok "beside a keyd that runs all is as it should be" check 0
is "five people" "$(jq -r .people "$W/said")" 5
for p in database "epoch file" boxes people weeks orders "lost slots" keyring log; do
	is "ok: $p" "$(part "$p")" ok
done
is "a backup that was never taken is warned of" "$(part backups)" warn
# shellcheck disable=SC2086
OFFICER="--key $W/keys/privacy_officer.key --purpose audit --reason erasure --ticket 88"
# shellcheck disable=SC2086
ok "one is erased" scrim keys erase-subject $OFFICER c3
ok "and all is as it should be" check 0
is "four people" "$(jq -r .people "$W/said")" 4

sleep 2 # weeks are written each second
scrim keys dormant --before "$(date -u -d '+30 days' +%F)" >"$W/dormant"
ok "those sealed for until then are counted" grep -q '^4 keys' "$W/dormant"
is "as many ids are listed" "$(scrim keys dormant --list --before "$(date -u -d '+30 days' +%F)" | grep -c '^[0-9a-f]\{16\}$')" 4
scrim keys dormant --before 2020-01-31 >"$W/dormant"
ok "nobody slept since 2020" grep -q '^0 keys' "$W/dormant"
scrim keys dormant --before 2020-02-31 >/dev/null
is "a day that is none is wrong usage" $? 2

checked() { [ "$(scrim keys status --json | jq -r ".check.result // \"none\"")" != none ]; }
await 20 checked
is "keyd has checked by itself, and warns of the backup" "$(scrim keys status --json | jq -r '"\(.check.result) \(.backups.taken)"')" "warn 0"
scrim down >/dev/null
ok "without keyd too" check 0
DB=$(find "$W/run" -name keyd.db)
EPOCH=$(find "$W/run" -name keyd.epoch)
mkdir "$W/kept"
cp -a "$(dirname "$DB")/." "$W/kept/"
again() {
	find "$(dirname "$DB")" -maxdepth 1 -type f -delete
	cp -a "$W/kept/." "$(dirname "$DB")/"
}
plant() { # PART SQL
	again
	python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.executescript(sys.argv[2])' "$DB" "$2"
	ok "$2: found" check 1
	is "$2: in its part" "$(part "$1")" bad
	ok "$2: with what to do" test -n "$(jq -r --arg p "$1" '.parts[] | select(.part == $p) | .do // empty' "$W/said")"
}
plant boxes "UPDATE node SET box = zeroblob(3856) WHERE n = 0"
plant boxes "DELETE FROM node WHERE n = 0"
plant people "DELETE FROM person WHERE slot = 1"
plant people "UPDATE store SET people = 7"
plant weeks "INSERT INTO week VALUES(2, 2900)"
plant orders "INSERT INTO alias VALUES(zeroblob(16), 2, 1)"
plant "lost slots" "INSERT INTO lost VALUES(0, 1, 1)"
plant keyring "UPDATE keyring SET wrapped = zeroblob(length(wrapped)) WHERE id = (SELECT max(id) FROM keyring)"
plant backups "INSERT INTO backup VALUES(1, 99, 1, 1, 1, zeroblob(32))"
again
dd if=/dev/zero of="$EPOCH" bs=4096 count=1 conv=notrunc status=none
ok "an epoch block of zeros: found" check 1
is "in its part" "$(part "epoch file")" bad
again
rm "$EPOCH"
ok "without the epoch file it cannot begin" check 1
ok "and says what to do" grep -q 'restore' "$W/err"
again
ok "and put back all is as it should be" check 0
scrim keys check --demo >"$W/text"
ok "as text" grep -q '^ok  *boxes' "$W/text"
tap_done
