#!/bin/bash
# An erasure that waits: nothing of the person opens, a new order has a new key, an operator can take it back,
# and when its time has come it is done: across crashes, restarts, restores and clocks.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
clock_new
mkdir "$W/second" "$W/backup"
jq '. + { erasure_grace_hours: 48, mirror: "second", log: "keylog" } | .gateways[0].erasures_per_day = 5' "$W/keyd.json" >"$W/keyd.tmp" && mv "$W/keyd.tmp" "$W/keyd.json"
echo '[]' | world_routes -
world_up
J='Content-Type: application/json'
WHY=(-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person')

seal() { # WHO
	jq -cn --arg s "$1" '{ items: [{ class: "name", value: "Ann Example", subject: $s }] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" | jq -r '.items[0].token'
}
state() { # TOKEN: ok or gone
	jq -cn --arg t "$1" '{ items: [{ token: $t }] }' |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[0].status'
}
is_state() { [ "$(state "$1")" = "$2" ]; }
erase() { world_curl privacy_officer "${WHY[@]}" -H "$J" -o "$W/erase.out" -w '%{http_code}' -d "{\"subject\":\"$1\"}" "$URL/v1/subjects/erase"; }
erasures() { "$BIN/scrim" keys erasures --config "$W/scrim.json" "$@" 2>"$W/err"; }
cancel() { erasures --cancel "$1" --reason "$2" >"$W/out"; }
waiting() { erasures --json | jq -s '[.[].erasures[]] | length'; }
handle() { erasures --json | jq -r --argjson r "$1" '.erasures[] | select(.record == $r).handle'; }
entry() { jq .record "$W/erase.out"; }
again() { # [SIGNAL]
	stop keyd "$@"
	start_keyd
	await 20 ready
}
day() { # it is as many days later
	clock_ahead "$1"
	clock_runs "$1"
	sleep 2.5
}

ann=$(seal ann) bob=$(seal bob) cat=$(seal cat) dan=$(seal dan) eve=$(seal eve) fay=$(seal fay)
is "an erasure waits" "$(erase ann)" 202
is "and says so" "$(jq -r .status "$W/erase.out")" waits
ok "with the time it waits until" eval '[ $(($(jq .until "$W/erase.out") - $(date +%s))) -gt 169000 ]'
is "nothing of theirs opens" "$(state "$ann")" gone
is "of others all does" "$(state "$bob")" ok
ANN=$(handle "$(entry)")
is "it is listed" "$(waiting)" 1
is "asked again there is no key" "$(erase ann && jq -r .status "$W/erase.out")" "200unknown"
new=$(seal ann)
is "a new order has another key" "$(state "$new")" ok
is "and what was before stays closed" "$(state "$ann")" gone

again KILL
is "a crash keeps it" "$(waiting) $(state "$ann") $(state "$new")" "1 gone ok"
again
is "a restart too" "$(waiting) $(state "$ann") $(state "$new")" "1 gone ok"

no "nobody takes it back without a reason" erasures --cancel "$ANN"
no "nor who gives a person's data as one" cancel "$ANN" 'call 07700 900123'
no "nor of somebody whom there is none of" cancel 00000000000000000000000000000000 'by mistake'
ok "an operator takes it back" cancel "$ANN" 'asked for by mistake'
is "all of theirs opens" "$(state "$ann") $(state "$new") $(waiting)" "ok ok 0"
ok "keyd's log tells of both" eval 'grep -rqa "erasure.waits" "$W/keylog" && grep -rqa "erasure.cancel" "$W/keylog" && grep -rqa "asked for by mistake" "$W/keylog"'
again KILL
is "which a crash keeps" "$(state "$ann") $(waiting)" "ok 0"

# Of four, two are restored from a backup and a mirror while they wait.
is "another waits" "$(erase bob)" 202
is "and one who is taken back behind the backup" "$(erase eve)" 202
EVE=$(handle "$(entry)")
keys() { "$BIN/scrim" keys "$1" --config "$W/scrim.json" --demo "${@:2}" >"$W/out"; }
ok "a backup is taken" keys backup "$W/backup"
ok "that one stays" cancel "$EVE" 'a word of theirs'
is "one more waits, behind it" "$(erase cat)" 202
stop keyd
rm -f "$W"/run/keyd/keyd.*
mv "$W/second" "$W/mirror"
mkdir "$W/second"
ok "the backup is restored" keys restore "$W/backup"
start_keyd
await 20 ready
is "both wait, by backup and log" "$(waiting) $(state "$bob") $(state "$cat") $(state "$dan") $(state "$eve")" "2 gone gone ok ok"
is "a third waits" "$(erase dan)" 202
DAN=$(handle "$(entry)")
stop keyd KILL
rm -f "$W"/run/keyd/keyd.*
ok "the mirror is restored" keys restore --mirror "$W/second"
start_keyd
await 20 ready
is "all three wait" "$(waiting) $(state "$bob") $(state "$cat") $(state "$dan")" "3 gone gone gone"
is "and count among the day's, whatever was restored" "$(erase fay) $(state "$fay")" "429 ok"

# a clock that is set ahead is no time that goes by
clock_ahead 30
sleep 2.5
is "nobody goes before their time" "$(waiting)" 3
clock_ahead 0
day 1
is "nor after half of it" "$(waiting)" 3
ok "one is taken back" cancel "$DAN" 'a word of theirs'
day 3
ok "then it is done" await 10 eval '[ "$(waiting)" = 0 ]'
is "to those who waited" "$(state "$bob") $(state "$cat") $(state "$dan")" "gone gone ok"
done_in_log() { [ "$("$BIN/scrim" audit show --json --config "$W/scrim.json" --log "$W/keylog" 2>/dev/null | grep -c 'waited since entry')" = 2 ]; }
ok "and is recorded with the entry that told of it" await 10 done_in_log
again KILL
is "and stays done" "$(waiting) $(state "$bob") $(state "$dan") $(state "$ann")" "0 gone ok ok"
ok "what keyd keeps holds together" keys check
tap_done
