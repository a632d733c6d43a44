#!/bin/bash
# An older database, epoch file or log is put back, each alone, and a bit of a box is another: what
# keyd, /readyz, scrim keys status, scrim keys check and scrim doctor say, and with which numbers;
# and taking the log as it is, which is done once.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
world_owner
jq -n '[]' | world_routes -
D=$W/run/keyd
J='Content-Type: application/json'
export SCRIM_CONFIG=$W/scrim.json
seal() { # FIRST LAST: their tokens are kept in $W/token.N
	jq -cn --argjson a "$1" --argjson b "$2" '{ items: [ range($a; $b + 1) | { class: "name", value: "Ann \(.)", subject: "c\(.)" } ] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/some" || return 1
	local n=$1 t
	while read -r t; do
		echo "$t" >"$W/token.$((n++))"
	done <"$W/some"
	[ "$n" = $(($2 + 1)) ]
}
fares() { # N: what its token says
	world_curl support -H "$J" -H 'Scrim-Purpose: service' -d "{\"items\":[{\"token\":\"$(cat "$W/token.$1")\"}]}" "$URL/v1/reveal" |
		jq -r '.items[0].status'
}
erase() {
	[ "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person' -H "$J" -o /dev/null \
		-w '%{http_code}' -d "{\"subject\":\"c$1\"}" "$URL/v1/subjects/erase")" = 200 ]
}
# what the gateway saw goes along: here keyd finds by itself what there is to find
keep() { rm -rf "${W:?}/kept.$1" && cp -a "$D" "$W/kept.$1" && cp "$W/run/log/keyd.seen" "$W/seen.$1"; }
all_of() { find "$D" -mindepth 1 -delete && cp -a "$W/kept.$1/." "$D/" && cp "$W/seen.$1" "$W/run/log/keyd.seen"; }
from() { # MOMENT WHAT
	cp "$W/seen.$1" "$W/run/log/keyd.seen"
	rm -rf "${D:?}/$2" && cp -a "$W/kept.$1/$2" "$D/"
}
store() { "$BIN/scrim" keys status --json | jq -r "$1"; }
readyz() { curl -s "$PLAIN/readyz" | jq -r "$1"; }
doctor() { "$BIN/scrim" doctor --json | jq -r --arg c "$1" ".checks[] | select(.check == \$c) | $2"; }
said() { sed -n '/^scrim-keyd: /p' "$W/log/keyd.err"; }
up() {
	: >"$W/log/keyd.err"
	start_keyd
	stop scrimd
	start_scrimd
	await 20 ready
}
refused() { # WORDS...
	: >"$W/log/keyd.err"
	timeout 20 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo 2>"$W/log/keyd.err" && return 1
	local w
	for w in "$@"; do
		grep '^scrim-keyd: ' "$W/log/keyd.err" | grep -q "$w" || { said | sed 's/^/# /'; return 1; }
	done
}

world_up
ok "people of the beginning" seal 1 90
stop keyd
keep first # epoch 0
up
ok "two leave" eval 'erase 1 && erase 2'
stop keyd
keep second # epoch 2
up
ok "more come" seal 91 95
stop keyd
keep third # epoch 2

# ---- an older database, of the same epoch -----------------------------------------------------
from second keyd.db
ok "an older database of one epoch: it starts" up
ok "keyd says it, with the number of entries" grep -qE '^scrim-keyd: an older database was put back: it lacks [1-9][0-9]* commits\. [1-9][0-9]* entries of the log were read' "$W/log/keyd.err"
is "/readyz is red before anybody asked" "$(readyz '"\(.keyd_store) \(.ready)"')" "false true"
entries=$(sed -n 's/.* \([0-9]*\) entries of the log were read.*/\1/p' "$W/log/keyd.err")
is "keys status too, with the same number" "$(store '"\(.store.ok) \(.store.older.entries)"')" "false $entries"
ok "with what it lacks" test "$(store .store.older.commits)" -gt 0
is "the doctor's row is bad" "$(doctor people .result)" bad
ok "and has the number" eval 'doctor people .seen | grep -q "older database was put back: .* $entries entries"'
ok "and what to do" eval 'doctor people .do | grep -q "scrim keys restore"'
is "who was there opens" "$(fares 50)" ok
is "who came since is unknown, not gone" "$(fares 93)" unknown_key
is "who left stays gone" "$(fares 1)" gone
ok "somebody new is sealed for" seal 96 96
is "and opens" "$(fares 96)" ok
is "and took nobody's place" "$(fares 93)" unknown_key
stop keyd

# ---- an older epoch file, an older database of another epoch, an older log ----------------------
all_of third
from first keyd.epoch
ok "an older epoch file: refused in words" refused "epoch 2" "0 and 1" "an older keyd.epoch"
is "/readyz says that keyd is away" "$(readyz .keys)" false
no "keys status says so" "$BIN/scrim" keys status
"$BIN/scrim" keys check --demo --json >"$W/check" 2>"$W/check.err"
ok "keys check names it" eval 'jq -r ".parts[] | select(.result == \"bad\") | .part + .seen" "$W/check" | grep -q "^epoch file.*older"'
all_of third
from first keyd.db
ok "a database of another epoch: refused in words" refused "epoch 0" "2 and 3" "an older database, whose keys are destroyed"
all_of third
from second log
ok "an older log: refused in words, with both numbers" refused "has [1-9][0-9]* entries, but [1-9][0-9]* were \(signed\|carried out\)\|[1-9][0-9]* entries, and [1-9][0-9]* were carried out" "start-anew"
"$BIN/scrim" keys check --demo --json >"$W/check" 2>"$W/check.err"
ok "keys check names it" eval 'jq -r ".parts[] | select(.result == \"bad\") | .part" "$W/check" | grep -q "^log"'

# ---- taking the log as it is, once ----------------------------------------------------------------
anew() { keyd_anew --start-anew; }
ok "the way out" anew
no "once: then there is nothing to start anew from" anew
ok "in words" grep -q "nothing to start anew from" "$W/log/anew"
ok "keyd starts" up
is "who came since is there" "$(fares 93)" ok
is "who left is not" "$(fares 2)" gone
is "it is recorded, before and after" "$("$BIN/scrim" audit show --keyd --json | grep -c '"act":"store.start_anew"')" 2
stop keyd
from second log
ok "the same older log once more is refused once more" refused "entries" "start-anew"
all_of third
no "nor is there anything where nothing was put back" anew
ok "which changed nothing" up
is "nothing is recorded" "$("$BIN/scrim" audit show --keyd --json | grep -c '"act":"store.start_anew"')" 0
stop keyd

# ---- a bit of a box ------------------------------------------------------------------------------------
if python3 -c 'import sqlite3' 2>/dev/null; then
	all_of third
	python3 - "$D/keyd.db" <<-'END'
		import sqlite3, sys
		d = sqlite3.connect(sys.argv[1])
		box = bytearray(d.execute("SELECT box FROM node WHERE n = 1").fetchone()[0])
		box[1000] ^= 4
		d.execute("UPDATE node SET box = ? WHERE n = 1", (bytes(box),))
		d.commit()
	END
	ok "one bit of the second leaf is another: it starts" up
	is "those of the first leaf open" "$(fares 3) $(fares 80)" "ok ok"
	is "who left is gone" "$(fares 1)" gone
	is "those of the second do not, and are not gone" "$(fares 81) $(fares 90)" "broken_key broken_key"
	is "/readyz is red, and ready" "$(readyz '"\(.keyd_store) \(.ready)"')" "false true"
	is "keys status counts them" "$(store '"\(.store.ok) \(.store.broken >= 1)"')" "false true"
	is "the doctor's row is bad" "$(doctor people .result)" bad
	"$BIN/scrim" keys check --demo --json >"$W/check" 2>"$W/check.err"
	ok "keys check names the box" eval 'jq -r ".parts[] | select(.result == \"bad\") | .part + \" \" + .seen" "$W/check" | grep -q "^boxes .*1"'
	jq -r '.parts[] | select(.result == "bad") | "# \(.part): \(.seen)"' "$W/check"
else
	skip "a bit of a box" "python3's sqlite3 is missing"
fi
tap_done
