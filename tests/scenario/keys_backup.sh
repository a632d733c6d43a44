#!/bin/bash
# Keys backed up while customers come in and are erased, restored elsewhere: every token that
# was answered before a backup began opens, nobody who was erased comes back, and whoever came later is
# unknown, not gone. What is not whole, in order and in time is refused.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

ROUNDS=${BACKUP_ROUNDS:-1}
world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'
keys() { # COMMAND args...
	local what=$1
	shift
	"$BIN/scrim" keys "$what" --config "$W/scrim.json" --demo "$@"
}

mkdir "$W/given" "$W/backup"
seal_batch() { # NUMBER
	jq -cn --argjson b "$1" '{ items: [ range(64) | { class: "name", value: "Ann \($b)-\(.)", subject: "c\($b)-\(.)" } ] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" >"$W/given/$1.part" &&
		jq -e '[.items[].status] | all(. == "ok")' "$W/given/$1.part" >/dev/null && mv "$W/given/$1.part" "$W/given/$1"
}
WHY=(-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person')
erase() { # SUBJECT
	[ "$(world_curl privacy_officer "${WHY[@]}" -H "$J" -o "$W/erase.out" -w '%{http_code}' \
		-d "{\"subject\":\"$1\"}" "$URL/v1/subjects/erase")" = 200 ]
}
# Of each fifth batch the first is erased.
erase_first() { erase "c$1-0" && echo "$1" >>"$W/erased"; } # NUMBER
: >"$W/erased"
(
	b=0
	until [ -e "$W/enough" ]; do
		seal_batch $((b += 1)) || echo "batch $b" >>"$W/failed"
		[ $((b % 5)) != 0 ] || erase_first "$b" || echo "erase $b" >>"$W/failed"
	done
) &
LOAD=$!
given() { [ "$(find "$W/given" -type f ! -name '*.part' | wc -l)" -ge "$1" ]; }
await 60 given 20
ok "customers come in" given 20

n=20
for round in $(seq 1 "$ROUNDS"); do
	for kind in whole since since; do
		find "$W/given" -type f ! -name '*.part' -printf '%f\n' >"$W/before"
		keys backup --json "$W/backup" >"$W/out" 2>"$W/err"
		is "round $round: a backup is taken" "$?" 0
		find "$W/given" -type f ! -name '*.part' -printf '%f\n' | sort -n | tail -n 1 >"$W/newest"
		ok "it is of the kind it should be ($kind)" grep -q -- "-$kind.backup" "$W/out"
		n=$((n + 15))
		await 30 given $n
	done
done
touch "$W/enough"
wait $LOAD
ok "somebody is erased behind the last backup" erase c1-1
jq -n '{ items: [ { class: "name", value: "Late Ann", subject: "late" } ] }' |
	world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" >"$W/late"
ok "and somebody who came behind it" erase late
becomes() { # FROM INTO
	[ "$(world_curl order_system -H 'Scrim-Purpose: order_processing' -H "$J" -o "$W/merge.out" -w '%{http_code}' -d "{\"from\":\"$1\"}" \
		"$URL/v1/subjects/$2/merge")" = 200 ] && grep -q merged "$W/merge.out"
}
ok "two people become one, and a third" eval 'becomes c1-2 c1-3 && becomes c1-3 c1-4'
no "no customer was turned away for it" test -e "$W/failed"
is "three files, and nothing else" "$(find "$W/backup" -type f | wc -l)" $((3 * ROUNDS))

# A drill beside the keyd that runs.
keys drill --json "$W/backup" --scratch "$W/tmp" >"$W/out" 2>"$W/err"
is "a drill" "$?" 0
ok "it opened a sample" jq -e '.sampled > 0 and .people >= .sampled' "$W/out" -r
is "and left nothing" "$(find "$W/tmp" -name '.scrim-drill*' | wc -l)" 0

# One that is killed, a full disk, a pipe.
keys backup "$W/backup" --full >"$W/out" 2>&1 &
PID=$!
kill -9 $PID 2>/dev/null
wait $PID 2>/dev/null
is "a killed backup leaves nothing that counts" "$(find "$W/backup" -name 'keys-*' | wc -l)" $((3 * ROUNDS))
keys backup - 2>"$W/err" >"$W/piped"
is "a backup into a pipe" "$?" 0
mkfifo "$W/stuck"
sleep 600 <"$W/stuck" &
STUCK=$!
"$BIN/scrim-keyd" --config "$W/keyd.json" --demo --backup - 2>"$W/err" >"$W/stuck" &
PID=$!
sleep 1
kill "$PID"
gone() { ! kill -0 "$PID" 2>/dev/null; }
ok "one that nobody reads is stopped" await 5 gone
kill "$STUCK"
wait "$STUCK" 2>/dev/null
ok "and says so" grep -q 'stopped' "$W/err"
keys backup - 2>"$W/err" >/dev/full
is "a full disk is told" "$?" 1
ok "in words" grep -q 'no room\|nothing of it counts' "$W/err"

# Every increment by itself is refused, and so are files in the wrong order.
mapfile -t files < <(find "$W/backup" -name 'keys-*' | sort)
refused() { # WORDS args...
	local words=$1
	shift
	keys restore "$@" >"$W/out" 2>&1 && return 1
	grep -q "$words" "$W/out" || { sed 's/^/# /' "$W/out"; return 1; }
}
ok "a restore goes where nothing is" refused 'already' "$W/backup"
world_down
start_keyd
start_scrimd
await 20 ready
sleep 1
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/shown"
is "keyd's log tells of the backups" "$(grep -c '"keys.backup"' "$W/shown")" $((3 * ROUNDS + 1))
world_down
mkdir "$W/old"
mv "$W"/run/keyd/keyd.* "$W/old/"
ok "a link that is missing is told" refused 'is missing' "${files[0]}" "${files[2]}"
ok "links out of order are told" refused 'out of order' "${files[0]}" "${files[2]}" "${files[1]}"
head -c 5000 "${files[0]}" >"$W/cut"
ok "one that is cut is told" refused 'cut' "$W/cut"
mv "$W/keys/backup.keys" "$W/backup.keys"
ok "without the backup keys nothing opens" refused 'backup keys' "$W/backup"
mv "$W/backup.keys" "$W/keys/backup.keys"
mv "$W/run/keyd/log" "$W/log.away"
ok "without the log a restore is refused" refused 'who was erased' "$W/backup"
rm -rf "$W/run/keyd/log"
mv "$W/log.away" "$W/run/keyd/log"
is "nothing was left of those" "$(find "$W/run/keyd" -name 'keyd.db*' | wc -l)" 0

keys restore --json "$W/backup" >"$W/out" 2>"$W/err"
is "the restore" "$?" 0 || sed 's/^/# /' "$W/err"
ok "the log told of who was erased since" jq -e '.["erased by replay"] >= 1' "$W/out"
start_keyd
start_scrimd
ok "both start on it" await 20 ready
opens() { # BATCH: how each of its tokens fares, a line each
	jq '{ items: [ .items[] | { token } ] }' "$W/given/$1" |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[].status'
}
while read -r batch; do
	opens "$batch" | sed "s/^/$batch /"
done <"$W/before" | awk '{ print NR, $0 }' >"$W/fared"
erased=$((1 + $(grep -cxFf "$W/erased" "$W/before")))
is "every token answered before the last backup opens, but of those erased" \
	"$(grep -c ' ok$' "$W/fared")" $((64 * $(wc -l <"$W/before") - erased))
is "those erased before it are gone" "$(grep -c ' gone$' "$W/fared")" "$erased"
# One was under way when the last backup ended.
find "$W/given" -type f ! -name '*.part' -printf '%f\n' | awk -v newest="$(cat "$W/newest")" '$1 > newest + 1' >"$W/later"
ok "some came later" test -s "$W/later"
: >"$W/later.fared"
while read -r batch; do
	opens "$batch" | sed "s/^/$batch /" >>"$W/later.fared"
done <"$W/later"
no "nobody who came later opens" grep -q ' ok$' "$W/later.fared"
erased=$(grep -cxFf "$W/erased" "$W/later")
is "they are unknown" "$(grep -c ' unknown_key$' "$W/later.fared")" $(($(wc -l <"$W/later.fared") - erased))
is "but for those erased since, who are gone" "$(grep -c ' gone$' "$W/later.fared")" "$erased"
is "who came later and was erased is gone" "$(jq '{ items: [ .items[] | { token } ] }' "$W/late" |
	world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[0].status')" gone
is "it takes new customers" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" \
	-d '{"items":[{"class":"name","value":"Ann","subject":"new"}]}' "$URL/v1/seal")" 200
fares() { sed -n "$1p" <(opens 1); } # NUMBER in the first batch
is "whom a merge behind the backup made one are one" "$(erase c1-4; fares 3; fares 4; fares 5)" "$(printf 'gone\ngone\ngone')"
is "and nobody else" "$(fares 6)" ok
sleep 1.5
ok "both logs verify" logs_verified --config "$W/scrim.json"
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/shown"
ok "the log tells of the restore" grep -q '"keys.restore"' "$W/shown"
world_down

# Half of a restore is not opened.
: >"$W/run/keyd/keyd.db.restoring"
"$BIN/scrim-keyd" --config "$W/keyd.json" --demo >"$W/out" 2>&1 && cat "$W/out"
ok "a store that is marked is refused" grep -q 'restore was begun' "$W/out"

# A month's key after its time.
rm "$W/run/keyd/keyd.db.restoring"
tap_done
